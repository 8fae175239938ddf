//! What a metric says across the branches, as one sentence computed from the numbers.
//!
//! A difference is named only where its interval lies on one side of zero.

use super::number;
use super::plain;
use crate::sim::contract::MetricKind;
use crate::study::{Difference, Estimate, Share};

/// A branch as sentences name it, with its estimate of the metric at hand.
#[derive(Debug, Clone, Copy)]
pub struct Under<'a> {
    /// Written name.
    pub name: &'a str,
    /// What a reader sees.
    pub title: &'a str,
    /// The estimate.
    pub estimate: &'a Estimate,
}

/// The finding about one metric; `all` begins with the branch that others are compared with, and
/// `differences` are those of this metric.
#[must_use]
pub fn sentence(all: &[Under<'_>], differences: &[&Difference]) -> String {
    let Some(base) = all.first() else { return String::new() };
    let what = measure(&base.estimate.title, &base.estimate.unit);
    let mut out = format!("{what}: {}", figure(base.estimate));
    if all.len() == 1 && base.name == "baseline" {
        out.push('.');
        return out;
    }
    out.push_str(&format!(" under {}", plain::line(base.title)));
    if base.estimate.kind == MetricKind::Category || all.len() == 1 {
        out.push('.');
        return out;
    }
    let largest = differences.iter().filter(|d| d.is_clear()).max_by(|a, b| {
        a.mean.map(f64::abs).unwrap_or(0.0).total_cmp(&b.mean.map(f64::abs).unwrap_or(0.0))
    });
    let farthest = largest.and_then(|d| all.iter().find(|under| under.name == d.branch));
    match farthest {
        Some(under) => {
            out.push_str(&format!(
                "; {} under {}.",
                brief(under.estimate),
                plain::line(under.title)
            ));
        }
        None => {
            out.push_str("; no other branch differs from it by more than the Monte Carlo error.");
        }
    }
    out
}

/// A figure with its interval, in words.
fn figure(estimate: &Estimate) -> String {
    if estimate.n == 0 {
        return "no case in any trial".to_owned();
    }
    match estimate.kind {
        MetricKind::Probability => match (estimate.mean, estimate.high, estimate.low) {
            (Some(0.0), Some(high), _) => format!(
                "in none of {} trials (95% bound {})",
                number::count(estimate.n),
                number::percent(high)
            ),
            (Some(p), _, Some(low)) if p >= 1.0 => format!(
                "in all {} trials (95% bound {})",
                number::count(estimate.n),
                number::percent(low)
            ),
            (Some(p), Some(high), Some(low)) => {
                let show = |p: f64| number::percent_between(p, low, high);
                format!("{} of trials (95% interval {} to {})", show(p), show(low), show(high))
            }
            _ => "no case".to_owned(),
        },
        MetricKind::Number => {
            let error = estimate.se.unwrap_or(0.0);
            let show = |v: f64| with_unit(&number::by_error(v, error), &estimate.unit);
            let mean = estimate.mean.map_or_else(|| "no value".to_owned(), show);
            match (estimate.low, estimate.high, Share::of(0, estimate.n)) {
                (None, None, Some(bound)) if estimate.n > 1 => format!(
                    "{mean} in all {} trials (another value in fewer than {})",
                    number::count(estimate.n),
                    number::percent(bound.high)
                ),
                (Some(low), Some(high), _) => {
                    format!("{mean} on average (95% interval {} to {})", show(low), show(high))
                }
                _ => format!("{mean} in the only trial with a value"),
            }
        }
        MetricKind::Time | MetricKind::Category => brief(estimate),
    }
}

/// A figure without its interval.
#[must_use]
pub fn brief(estimate: &Estimate) -> String {
    if estimate.n == 0 {
        return "no case".to_owned();
    }
    match estimate.kind {
        MetricKind::Probability => match estimate.mean {
            Some(0.0) => format!("0 of {} trials", number::count(estimate.n)),
            Some(p) => share(estimate, p),
            None => "no case".to_owned(),
        },
        MetricKind::Number => estimate.mean.map_or_else(
            || "no value".to_owned(),
            |mean| with_unit(&number::by_error(mean, estimate.se.unwrap_or(0.0)), &estimate.unit),
        ),
        MetricKind::Time => {
            let never = estimate.never.map_or(0.0, |never| never.share);
            let day = estimate.quantile(0.5).map(|day| number::short(day, 3));
            match (day, never > 0.0) {
                (Some(day), false) => format!("median day {day}"),
                (Some(day), true) => {
                    format!("median day {day}, never in {}", number::percent(never))
                }
                (None, _) => format!("never in {} of trials", number::percent(never)),
            }
        }
        MetricKind::Category => {
            let mut shares: Vec<_> = estimate.shares.iter().collect();
            shares.sort_by(|a, b| b.1.share.total_cmp(&a.1.share));
            let parts = shares.iter().take(2).filter(|(_, s)| s.share > 0.0);
            let parts: Vec<String> = parts
                .map(|(label, s)| format!("{} {}", plain::line(label), number::percent(s.share)))
                .collect();
            parts.join(", ")
        }
    }
}

/// A number and its unit; a percent sign stands close, a currency before.
#[must_use]
pub fn with_unit(number: &str, unit: &str) -> String {
    let unit = plain::line(unit);
    if let Some(rest) = unit.strip_prefix("USD") {
        return format!("USD {number}{rest}");
    }
    match unit.chars().next() {
        None => number.to_owned(),
        Some('%') => format!("{number}{unit}"),
        Some(_) => format!("{number} {unit}"),
    }
}

/// What is measured, without the unit where the title ends with it: the figure carries it.
#[must_use]
pub fn measure(title: &str, unit: &str) -> String {
    let title = plain::line(title);
    let bare = title.strip_suffix(unit).filter(|_| !unit.is_empty());
    let bare = bare.and_then(|rest| rest.trim_end().strip_suffix(','));
    bare.map_or_else(|| title.clone().into_owned(), str::to_owned)
}

/// A probability with the digits that its interval allows.
#[must_use]
pub fn share(estimate: &Estimate, value: f64) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => number::percent_within(value, 0.5 * (high - low)),
        _ => number::percent(value),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn estimate(kind: MetricKind, n: u64) -> Estimate {
        Estimate {
            id: "m".into(),
            title: "The tariff takes effect".into(),
            kind,
            unit: String::new(),
            n,
            mean: None,
            se: None,
            low: None,
            high: None,
            sd: None,
            quantiles: Vec::new(),
            never: None,
            shares: Vec::new(),
            bin_width: None,
            cut: 0,
        }
    }

    fn probability(hits: u64) -> Estimate {
        let share = Share::of(hits, 1000).unwrap();
        Estimate {
            mean: Some(share.share),
            se: Some(0.01),
            low: Some(share.low),
            high: Some(share.high),
            ..estimate(MetricKind::Probability, 1000)
        }
    }

    #[test]
    fn a_probability_without_events_has_a_bound() {
        let none = probability(0);
        let said = sentence(&[Under { name: "baseline", title: "baseline", estimate: &none }], &[]);
        assert_eq!(said, "The tariff takes effect: in none of 1,000 trials (95% bound 0.38%).");
    }

    #[test]
    fn a_constant_has_a_bound_and_no_interval() {
        let constant = Estimate {
            mean: Some(4.0),
            se: Some(0.0),
            sd: Some(0.0),
            ..estimate(MetricKind::Number, 1000)
        };
        let said = figure(&constant);
        assert_eq!(said, "4.000 in all 1,000 trials (another value in fewer than 0.38%)");
        let once = figure(&Estimate { n: 1, se: None, sd: None, ..constant });
        assert_eq!(once, "4.000 in the only trial with a value");
    }

    #[test]
    fn units_stand_where_they_belong_and_once() {
        assert_eq!(with_unit("7.3", "USD bn"), "USD 7.3 bn");
        assert_eq!(with_unit("41", "%"), "41%");
        assert_eq!(with_unit("12", "days"), "12 days");
        assert_eq!(measure("US loss, USD bn", "USD bn"), "US loss");
        assert_eq!(measure("Highest tariff, %", "%"), "Highest tariff");
        assert_eq!(measure("Truce", ""), "Truce");
    }

    #[test]
    fn only_clear_differences_are_named() {
        let (base, other) = (probability(310), probability(40));
        let all = [
            Under { name: "baseline", title: "baseline", estimate: &base },
            Under { name: "drop", title: "Washington drops it", estimate: &other },
        ];
        let mut difference = Difference {
            branch: "drop".into(),
            against: "baseline".into(),
            metric: "m".into(),
            n: 1000,
            mean: Some(-0.27),
            se: Some(0.01),
            low: Some(-0.29),
            high: Some(-0.25),
            variance_factor: Some(2.0),
        };
        let said = sentence(&all, &[&difference]);
        assert!(said.contains("31% of trials (95% interval 28% to 34%) under baseline"), "{said}");
        assert!(said.ends_with("; 4.0% under Washington drops it."), "{said}");
        difference.high = Some(0.01);
        assert!(sentence(&all, &[&difference]).contains("no other branch differs"));
    }
}
