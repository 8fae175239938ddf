//! Exact sums of paired differences between a branch and the one it is compared with.
//!
//! The branches of a trial share their luck (common random numbers), so the difference is taken trial
//! by trial. Pairs count only where both branches have a value, and for times only where it happened
//! in both.

use super::tally::{Class, Scale, Sums, class};
use crate::sim::contract::MetricKind;

/// Sums over the paired trials of one metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pairs {
    kind: MetricKind,
    /// Trials paired.
    pub(crate) n: u64,
    /// Yes in the branch only, yes in the other only.
    pub(crate) apart: (u64, u64),
    pub(crate) difference: Sums,
    pub(crate) ours: Sums,
    pub(crate) theirs: Sums,
}

impl Pairs {
    /// Empty sums on scales that fit the first chunk of both branches.
    pub(crate) fn new(kind: MetricKind, ours: &[f64], theirs: &[f64]) -> Pairs {
        let both: Vec<f64> = ours.iter().chain(theirs).copied().collect();
        let scale = Scale::of(&both);
        let sums = Sums::new(scale);
        Pairs { kind, n: 0, apart: (0, 0), difference: sums, ours: sums, theirs: sums }
    }

    pub(crate) fn push(&mut self, ours: f64, theirs: f64) {
        if [ours, theirs].iter().any(|&v| class(self.kind, v) != Class::Value) {
            return;
        }
        self.n += 1;
        if self.kind == MetricKind::Probability {
            match (ours > 0.5, theirs > 0.5) {
                (true, false) => self.apart.0 += 1,
                (false, true) => self.apart.1 += 1,
                _ => {}
            }
        }
        self.difference.push(ours - theirs);
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    pub(crate) fn kind(&self) -> MetricKind {
        self.kind
    }

    /// `(s_a² + s_b²) / s_d²`: how many times more independent trials would be needed; none where the
    /// difference is the same in all trials.
    pub(crate) fn variance_factor(&self) -> Option<f64> {
        let sd = |sums: &Sums| sums.mean_sd().1.unwrap_or(0.0);
        let (d, a, b) = (sd(&self.difference), sd(&self.ours), sd(&self.theirs));
        (d > 0.0).then(|| (a * a + b * b) / (d * d))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn equal_branches_differ_nowhere() {
        let values = [1.0, 0.0, 1.0, 1.0];
        let mut pairs = Pairs::new(MetricKind::Probability, &values, &values);
        values.iter().for_each(|&v| pairs.push(v, v));
        assert_eq!((pairs.n, pairs.apart), (4, (0, 0)));
        assert_eq!(pairs.difference.mean_sd(), (Some(0.0), Some(0.0)));
        assert_eq!(pairs.variance_factor(), None);
    }

    #[test]
    fn times_are_paired_where_both_happened() {
        let (ours, theirs) = ([1.0, f64::INFINITY, 6.0, 5.0], [2.0, 3.0, f64::NAN, 1.0]);
        let mut pairs = Pairs::new(MetricKind::Time, &ours, &theirs);
        ours.iter().zip(&theirs).for_each(|(&a, &b)| pairs.push(a, b));
        assert_eq!(pairs.n, 2);
        assert!(close(pairs.difference.mean_sd().0.unwrap(), 1.5, 1e-9));
    }

    #[test]
    fn factor_of_independent_pairs_is_one() {
        // All four combinations once: no correlation.
        let mut pairs = Pairs::new(MetricKind::Probability, &[1.0], &[1.0]);
        for (a, b) in [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)] {
            pairs.push(a, b);
        }
        assert!(close(pairs.variance_factor().unwrap(), 1.0, 1e-9));
    }
}
