//! The empirical distribution: which share of a sample is at most, or more than, a value.
//!
//! Steps are given at the different values of the sample in rising order; between two of them the
//! share is that of the lower one. Values may be infinite (a time that never comes).

use crate::math::same;

/// Share of `sorted` that is at most `x`; 0 of an empty sample.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "lengths of slices are far below 2^53")]
pub fn share_at_most(sorted: &[f64], x: f64) -> f64 {
    let below = sorted.partition_point(|&value| value <= x);
    below as f64 / sorted.len().max(1) as f64
}

/// Each different value of `sorted` with the share that is at most it.
#[must_use]
pub fn ecdf(sorted: &[f64]) -> Vec<(f64, f64)> {
    steps(sorted, |below, n| below / n)
}

/// Each different value of `sorted` with the share that is more than it.
#[must_use]
pub fn exceedance(sorted: &[f64]) -> Vec<(f64, f64)> {
    steps(sorted, |below, n| (n - below) / n)
}

#[allow(clippy::cast_precision_loss, reason = "lengths of slices are far below 2^53")]
fn steps(sorted: &[f64], share: impl Fn(f64, f64) -> f64) -> Vec<(f64, f64)> {
    let mut below = 0;
    let groups = sorted.chunk_by(|a, b| same(*a, *b));
    groups
        .map(|group| {
            below += group.len();
            (group[0], share(below as f64, sorted.len() as f64))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "shares of small counts are compared exactly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_at_different_values() {
        let values = [1.0, 1.0, 2.0, f64::INFINITY];
        assert_eq!(ecdf(&values), [(1.0, 0.5), (2.0, 0.75), (f64::INFINITY, 1.0)]);
        assert_eq!(exceedance(&values), [(1.0, 0.5), (2.0, 0.25), (f64::INFINITY, 0.0)]);
        assert!(ecdf(&[]).is_empty());
        assert_eq!(share_at_most(&values, 1.5), 0.5);
        assert_eq!(share_at_most(&values, 0.0), 0.0);
        assert_eq!(share_at_most(&[], 0.0), 0.0);
    }

    proptest! {
        #[test]
        fn steps_agree_with_counting(mut values in prop::collection::vec(0..20_i32, 1..80)) {
            values.sort_unstable();
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            for ((x, at_most), (y, more)) in ecdf(&values).into_iter().zip(exceedance(&values)) {
                let count = values.iter().filter(|&&v| v <= x).count();
                prop_assert_eq!(at_most, count as f64 / values.len() as f64);
                prop_assert_eq!(at_most, share_at_most(&values, x));
                prop_assert_eq!(x, y);
                prop_assert!((at_most + more - 1.0).abs() < 1e-15);
            }
        }
    }
}
