//! Which trial of a run to tell: the middle one, the worst, the most surprising.

use crate::sim::contract::MetricKind;

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

/// The trial with the worst value, of equal ones the first: the largest number, the earliest time, a
/// yes, the first label of a category (regimes are listed worst first).
#[must_use]
pub fn worst(kind: MetricKind, candidates: &[Candidate]) -> Option<Candidate> {
    let known = candidates.iter().copied().filter(|c| !c.value.is_nan());
    let sign = match kind {
        MetricKind::Number | MetricKind::Probability => 1.0,
        MetricKind::Time | MetricKind::Category => -1.0,
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
        assert_eq!(worst(MetricKind::Number, &all).unwrap().trial, 1);
        assert_eq!(worst(MetricKind::Category, &all).unwrap().trial, 3);
        assert_eq!(surprising(&all).unwrap().trial, 3);
        assert_eq!(median(&list(&[f64::NAN])), None);
    }

    #[test]
    fn never_is_the_mildest_time() {
        let all = list(&[f64::INFINITY, 5.0, 40.0]);
        assert_eq!(worst(MetricKind::Time, &all).unwrap().trial, 1);
        assert_eq!(median(&all).unwrap().trial, 2);
    }
}
