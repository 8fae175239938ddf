//! Which trial of a run to tell: the middle one, the worst, the most surprising.

use crate::sim::contract::{MetricKind, Worse};

/// A trial and its value of a metric; a time that never came is infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Trial number.
    pub trial: u64,
    /// Its value.
    pub value: f64,
}

/// The trial whose value is the median, of equal ones the first; `None` without values.
#[must_use]
pub fn median(candidates: &[Candidate]) -> Option<Candidate> {
    let mut known: Vec<Candidate> =
        candidates.iter().copied().filter(|c| !c.value.is_nan()).collect();
    known.sort_by(|a, b| a.value.total_cmp(&b.value));
    let middle = known.get(known.len().checked_sub(1)? / 2)?.value;
    known.into_iter().filter(|c| crate::math::same(c.value, middle)).min_by_key(|c| c.trial)
}

/// The end of a metric that counts as the worst: the one that is known to be worse, else the largest
/// number, a yes, the earliest time, the first label.
#[must_use]
pub fn tail(kind: MetricKind, worse: Option<Worse>) -> Worse {
    worse.unwrap_or(match kind {
        MetricKind::Number | MetricKind::Probability => Worse::High,
        MetricKind::Time | MetricKind::Category => Worse::Low,
    })
}

/// How the end that was taken is called, and whether it is known to be the worse one.
#[must_use]
pub fn tail_words(kind: MetricKind, worse: Option<Worse>) -> String {
    let end = match (kind, tail(kind, worse)) {
        (MetricKind::Number, Worse::High) => "largest",
        (MetricKind::Number, Worse::Low) => "smallest",
        (MetricKind::Probability, Worse::High) => "a yes",
        (MetricKind::Probability, Worse::Low) => "a no",
        (MetricKind::Time, Worse::High) => "latest",
        (MetricKind::Time, Worse::Low) => "earliest",
        (MetricKind::Category, Worse::High) => "last label",
        (MetricKind::Category, Worse::Low) => "first label",
    };
    match worse {
        Some(_) => end.to_owned(),
        None => format!("{end}, taken for the worst as the file does not say which end is"),
    }
}

/// The trial at an end, of equal ones the first. A time that never came is the latest.
#[must_use]
pub fn extreme(end: Worse, candidates: &[Candidate]) -> Option<Candidate> {
    let known = candidates.iter().copied().filter(|c| !c.value.is_nan());
    let sign = match end {
        Worse::High => 1.0,
        Worse::Low => -1.0,
    };
    known.max_by(|a, b| (sign * a.value).total_cmp(&(sign * b.value)).then(b.trial.cmp(&a.trial)))
}

/// The trial whose choices were least likely, of equal ones the first.
#[must_use]
pub fn surprising(candidates: &[Candidate]) -> Option<Candidate> {
    let known = candidates.iter().copied().filter(|c| !c.value.is_nan());
    known.min_by(|a, b| a.value.total_cmp(&b.value).then(a.trial.cmp(&b.trial)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[f64]) -> Vec<Candidate> {
        values.iter().zip(0..).map(|(&value, trial)| Candidate { trial, value }).collect()
    }

    #[test]
    fn picks_of_a_short_list() {
        let all = list(&[3.0, 9.0, f64::NAN, 1.0, 9.0, 3.0]);
        assert_eq!(median(&all).unwrap().trial, 0);
        assert_eq!(extreme(Worse::High, &all).unwrap().trial, 1);
        assert_eq!(extreme(Worse::Low, &all).unwrap().trial, 3);
        assert_eq!(surprising(&all).unwrap().trial, 3);
        assert_eq!(median(&list(&[f64::NAN])), None);
    }

    #[test]
    fn never_is_the_mildest_time() {
        let all = list(&[f64::INFINITY, 5.0, 40.0]);
        assert_eq!(extreme(tail(MetricKind::Time, None), &all).unwrap().trial, 1);
        assert_eq!(extreme(tail(MetricKind::Time, Some(Worse::High)), &all).unwrap().trial, 0);
        assert_eq!(median(&all).unwrap().trial, 2);
    }

    #[test]
    fn an_assumed_end_is_called_so() {
        assert_eq!(tail_words(MetricKind::Number, Some(Worse::Low)), "smallest");
        let assumed = tail_words(MetricKind::Number, None);
        assert!(assumed.starts_with("largest, taken for the worst"), "{assumed}");
    }
}
