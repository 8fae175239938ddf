//! What is kept of a metric where there are too many trials for a table.

use super::estimate::QuantileAt;
use super::tally::{Class, class};
use crate::sim::contract::MetricKind;
use crate::stats::histogram::Histogram;
use crate::stats::{interval, quantile};
use crate::units::Tick;

/// So many trials with the largest and with the smallest values are kept.
pub const EXTREMES: usize = 100;

/// A trial with an extreme value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extreme {
    /// Trial number.
    pub trial: u64,
    /// Its value.
    pub value: f64,
}

/// The trials with the smallest and the largest values; of equal ones those with the lowest numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extremes {
    smallest: Vec<Extreme>,
    largest: Vec<Extreme>,
}

impl Extremes {
    /// Trials come in ascending order.
    pub(crate) fn push(&mut self, value: f64, trial: u64) {
        insert(&mut self.smallest, Extreme { trial, value }, |a, b| a < b);
        insert(&mut self.largest, Extreme { trial, value }, |a, b| a > b);
    }

    /// Smallest first.
    pub(crate) fn smallest(&self) -> Vec<Extreme> {
        self.smallest.clone()
    }
}

/// Keeps `list` sorted, the most extreme first.
#[inline]
fn insert(list: &mut Vec<Extreme>, new: Extreme, beyond: impl Fn(f64, f64) -> bool) {
    if let Some(last) = list.last()
        && list.len() == EXTREMES
        && !beyond(new.value, last.value)
    {
        return;
    }
    let at = list.partition_point(|old| !beyond(new.value, old.value));
    list.insert(at, new);
    list.truncate(EXTREMES);
}

/// Histogram and extremes of one metric.
#[derive(Debug, Clone)]
pub struct Digest {
    kind: MetricKind,
    histogram: Option<Histogram>,
    extremes: Extremes,
}

impl Digest {
    /// A digest whose range is fixed by the first chunk; for times it is the run.
    pub(crate) fn new(kind: MetricKind, horizon: Tick, first: &[f64]) -> Digest {
        let histogram = match kind {
            MetricKind::Time => Histogram::new(0.0, horizon.days().max(1.0)),
            MetricKind::Number => {
                let finite = first.iter().copied().filter(|v| v.is_finite()).collect();
                let pilot = quantile::sorted(finite).unwrap_or_default();
                Histogram::for_pilot(&pilot).or_else(|| Histogram::new(0.0, 1.0))
            }
            MetricKind::Probability | MetricKind::Category => None,
        };
        Digest { kind, histogram, extremes: Extremes::default() }
    }

    pub(crate) fn push(&mut self, value: f64, trial: u64) {
        let Some(histogram) = &mut self.histogram else { return };
        match class(self.kind, value) {
            Class::Missing => {}
            // Infinite: ranks after every value.
            Class::Never => {
                histogram.push(value);
            }
            Class::Value => {
                histogram.push(value);
                self.extremes.push(value, trial);
            }
        }
    }

    /// The histogram of a number or time.
    #[must_use]
    pub fn histogram(&self) -> Option<&Histogram> {
        self.histogram.as_ref()
    }

    /// The quantile at `p` with its interval, which is wider by the bins' width than from a table.
    #[must_use]
    pub(crate) fn quantile(&self, p: f64, level: f64) -> QuantileAt {
        let Some(histogram) = &self.histogram else {
            return QuantileAt { p, value: None, interval: (None, None) };
        };
        let n = usize::try_from(histogram.n()).unwrap_or(usize::MAX);
        let finite = |value: f64| value.is_finite().then_some(value);
        #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let at_rank = |rank: usize| {
            let place = rank.checked_sub(1).filter(|&place| place < n)?;
            histogram.quantile(place as f64 / (n - 1).max(1) as f64)
        };
        let (low, high) = interval::order_ranks(n, p, level);
        QuantileAt {
            p,
            value: histogram.quantile(p).and_then(|q| finite(q.value)),
            interval: (
                at_rank(low).and_then(|q| finite(q.value - q.width)),
                at_rank(high).and_then(|q| finite(q.value + q.width)),
            ),
        }
    }

    /// The trials with the smallest values, smallest first.
    #[must_use]
    pub fn smallest(&self) -> &[Extreme] {
        &self.extremes.smallest
    }

    /// The trials with the largest values, largest first.
    #[must_use]
    pub fn largest(&self) -> &[Extreme] {
        &self.extremes.largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_keep_the_lowest_numbers_of_equal_values() {
        let mut extremes = Extremes::default();
        for trial in 0..1000_u64 {
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            extremes.push((trial % 10) as f64, trial);
        }
        assert_eq!(extremes.smallest.len(), EXTREMES);
        assert!(extremes.smallest.iter().enumerate().all(|(k, e)| e.trial == 10 * k as u64));
        assert_eq!(extremes.largest[0], Extreme { trial: 9, value: 9.0 });
    }

    #[test]
    fn never_ranks_last() {
        let mut digest = Digest::new(MetricKind::Time, Tick::from_days(100.0), &[]);
        for trial in 0..1000_u64 {
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            let day = if trial < 600 { trial as f64 / 10.0 } else { f64::INFINITY };
            digest.push(day, trial);
        }
        let median = digest.quantile(0.5, 0.95);
        assert!((median.value.unwrap() - 50.0).abs() < 0.2, "{median:?}");
        let (low, high) = (median.interval.0.unwrap(), median.interval.1.unwrap());
        assert!(low < 49.0 && low > 45.0 && high > 51.0 && high < 55.0, "{median:?}");
        assert_eq!(digest.quantile(0.75, 0.95).value, None);
        assert!(digest.largest().iter().all(|extreme| extreme.value.is_finite()));
    }
}
