//! Numbers of a recorded series: peak, low, mean, end, area, days above a bound.
//!
//! Series are right-continuous: a value that stood only between two events of one minute does not
//! count. Steps, lines and fading gauges are integrated and their crossings solved exactly.

use super::Builder;
use crate::diagnostic::{Diagnostics, Span};
use crate::math;
use crate::model::Model;
use crate::model::ids::SeriesId;
use crate::model::lookup::{Dim, Lookup};
use crate::model::observe::{SeriesKind, Shape};
use crate::model::path::Path;
use crate::sim::contract::{Metric, MetricKind, Worse};
use crate::sim::program::Program;
use crate::syntax::{Name, Num};
use crate::units::DAYS_PER_YEAR;
use serde::Deserialize;
use std::sync::Arc;

/// What is read off a series.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Peak,
    Low,
    Mean,
    End,
    Area,
    DaysAbove(f64),
}

/// A number of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
struct OfSeries(SeriesId, What);

/// Declares the written form of a number that takes a series and nothing else.
macro_rules! of_series {
    ($($(#[$doc:meta])* $spec:ident => $what:ident, $example:literal, $sentence:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
        pub struct $spec(Name);

        impl $spec {
            /// One sentence for lists.
            pub const DOC: &'static str = $sentence;
            /// How it is written.
            pub const EXAMPLE: &'static str = $example;

            /// Compiles it.
            pub(super) fn build(
                &self,
                _span: Span,
                _others: &mut Builder<'_>,
                lookup: &mut Lookup,
                out: &mut Diagnostics,
            ) -> Option<Arc<dyn Metric>> {
                let series = SeriesId::at(lookup.series.find(&self.0, out)?);
                Some(Arc::new(OfSeries(series, What::$what)))
            }
        }
    )*};
}

of_series! {
    /// `Peak(series)` as written.
    PeakSpec => Peak, "Peak(\"us_tariff\")", "Highest value of a series.";
    /// `Low(series)` as written.
    LowSpec => Low, "Low(\"us_tariff\")", "Lowest value of a series.";
    /// `Mean(series)` as written.
    MeanSpec => Mean, "Mean(\"us_tariff\")", "Average of a series over the run's time.";
    /// `End(series)` as written.
    EndSpec => End, "End(\"us_tariff\")", "Value of a series at the end of the run.";
    /// `Area(series)` as written.
    AreaSpec => Area, "Area(\"loss_us\")", "Integral of a series over time, in its unit times years.";
}

/// `DaysAbove(series, bound)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct DaysAboveSpec(Name, Num);

impl DaysAboveSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Days in which a series is above a bound.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "DaysAbove(\"us_tariff\", 100)";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let series = lookup.series.find(&self.0, out).map(SeriesId::at);
        let bound = lookup.constant(&self.1, Dim::Free, out);
        Some(Arc::new(OfSeries(series?, What::DaysAbove(bound?))))
    }
}

/// The larger or smaller end of every stretch, by `better`. A stretch is monotone, so ends suffice.
fn extreme(path: &Path, series: SeriesId, better: fn(f64, f64) -> f64) -> f64 {
    let mut best = f64::NAN;
    let mut last = f64::NAN;
    path.pieces(series, |from, to, a, b| {
        // f64::max and min drop what is not a number, as the first value is.
        if to > from {
            best = better(better(best, a), b);
        }
        last = b;
    });
    better(best, last)
}

/// Days of a stretch from `a` to `b` in which it lies above the bound.
fn above(shape: Shape, days: f64, a: f64, b: f64, bound: f64) -> f64 {
    match (a > bound, b > bound) {
        (true, true) => days,
        (false, false) => 0.0,
        (starts, _) => {
            let until = match shape {
                Shape::Step => days,
                Shape::Linear => days * (bound - a) / (b - a),
                // bound = rest + (a - rest) 2^(-t / half-life), solved for t.
                Shape::Fade { rest, half_life } => {
                    half_life * math::ln((a - rest) / (bound - rest)) / std::f64::consts::LN_2
                }
            };
            let until = until.clamp(0.0, days);
            if starts { until } else { days - until }
        }
    }
}

fn days_above(path: &Path, series: SeriesId, bound: f64) -> f64 {
    let shape = path.shapes[series.index()];
    let mut total = 0.0;
    path.pieces(series, |from, to, a, b| {
        total += above(shape, (to - from).days(), a, b, bound);
    });
    total
}

/// Costs are worse high and stocks low; of revenue, beliefs, gauges and counters it depends on whose
/// view is taken.
fn worse(kind: &SeriesKind) -> Option<Worse> {
    match kind {
        SeriesKind::Tariff(..)
        | SeriesKind::Statutory(..)
        | SeriesKind::Rung
        | SeriesKind::Loss(_)
        | SeriesKind::Prices(_)
        | SeriesKind::LostOutput(_)
        | SeriesKind::HultenOutput(_) => Some(Worse::High),
        // Regimes are listed worst first.
        SeriesKind::Stock(_) | SeriesKind::Regime | SeriesKind::Income(_) => Some(Worse::Low),
        SeriesKind::Trade(_)
        | SeriesKind::Revenue(_)
        | SeriesKind::Belief(..)
        | SeriesKind::Coalition(_)
        | SeriesKind::Gauge(_)
        | SeriesKind::Counters(_) => None,
    }
}

impl Metric for OfSeries {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let OfSeries(series, what) = *self;
        match what {
            What::Peak => extreme(path, series, f64::max),
            What::Low => extreme(path, series, f64::min),
            // 0/0, and no value, in a trial that ended at its start.
            What::Mean => path.integral(series) / path.end.days(),
            What::End => path.value_at(series, path.end),
            What::Area => path.integral(series) / DAYS_PER_YEAR,
            What::DaysAbove(bound) => days_above(path, series, bound),
        }
    }

    fn worse(&self, model: &Model) -> Option<Worse> {
        worse(&model.series[self.0.index()].kind)
    }

    fn unit(&self, model: &Model) -> String {
        let unit = model.series[self.0.index()].unit.as_str();
        match self.1 {
            What::DaysAbove(_) => "days".to_owned(),
            What::Area => match unit.strip_suffix(" a year") {
                Some(amount) => amount.to_owned(),
                None if unit.is_empty() => "years".to_owned(),
                None => format!("{unit} × years"),
            },
            _ => unit.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn crossings_are_solved_exactly() {
        assert!(close(above(Shape::Step, 10.0, 5.0, 5.0, 4.0), 10.0, 0.0));
        assert!(close(above(Shape::Step, 10.0, 5.0, 5.0, 5.0), 0.0, 0.0));
        assert!(close(above(Shape::Linear, 10.0, 0.0, 20.0, 5.0), 7.5, 1e-12));
        assert!(close(above(Shape::Linear, 10.0, 20.0, 0.0, 5.0), 7.5, 1e-12));
        // From 8 towards 0 with a half-life of 3 days: at 2 after 6 days.
        let fade = Shape::Fade { rest: 0.0, half_life: 3.0 };
        assert!(close(above(fade, 9.0, 8.0, 1.0, 2.0), 6.0, 1e-12));
        // From -8 towards 0: above -2 after 6 of 9 days.
        assert!(close(above(fade, 9.0, -8.0, -1.0, -2.0), 3.0, 1e-12));
    }
}
