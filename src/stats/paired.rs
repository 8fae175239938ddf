//! Comparison of two branches trial by trial, on common random numbers.
//!
//! The variance factor is what the pairing is worth: how many times the trials that independent
//! branches would need for an interval of the same width (Law 2015, section 11.2).

use super::interval::{Interval, mean_t};
use super::moments::Moments;
use crate::math::same;

/// Differences `b - a` of paired values: of a branch `b` less its baseline `a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// How many pairs.
    pub n: u64,
    /// Mean difference.
    pub mean: f64,
    /// Standard deviation of the differences; 0 of one pair.
    pub sd: f64,
    /// Student's interval for the mean difference.
    pub interval: Interval,
    /// Variance of the difference if the branches were independent, over its variance as it is; None
    /// if the difference never varies.
    pub variance_factor: Option<f64>,
    /// How many pairs have different values at all.
    pub changed: u64,
}

/// Compares pairs of values at an interval's `level`; None if the lengths differ or there are no pairs.
#[must_use]
pub fn paired(a: &[f64], b: &[f64], level: f64) -> Option<Paired> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let mut differences = Moments::new();
    let mut changed = 0;
    for (a, b) in a.iter().zip(b) {
        differences.push(b - a);
        changed += u64::from(!same(*a, *b));
    }
    let sd = differences.sd().unwrap_or(0.0);
    let apart = Moments::of(a).variance().unwrap_or(0.0) + Moments::of(b).variance().unwrap_or(0.0);
    Some(Paired {
        n: differences.n,
        mean: differences.mean,
        sd,
        interval: mean_t(differences.n, differences.mean, sd, level),
        variance_factor: (sd > 0.0).then(|| apart / (sd * sd)),
        changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use crate::stats::interval::paired_t;
    use crate::stats::sample::uniforms;

    #[test]
    fn difference_is_second_less_first() {
        let got = paired(&[1.0, 2.0, 3.0], &[2.0, 4.0, 4.5], 0.95).unwrap();
        assert!(close(got.mean, 1.5, 1e-15) && close(got.sd, 0.5, 1e-15));
        assert_eq!((got.n, got.changed), (3, 3));
        // (1 + 1.75) / 0.25
        let variance_b = Moments::of(&[2.0, 4.0, 4.5]).variance().unwrap();
        assert!(close(got.variance_factor.unwrap(), (1.0 + variance_b) / 0.25, 1e-13));
        assert_eq!(got.interval, paired_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 4.5], 0.95));
    }

    #[test]
    fn equal_branches_have_no_factor() {
        let got = paired(&[1.0, 5.0], &[1.0, 5.0], 0.95).unwrap();
        assert_eq!((got.variance_factor, got.changed), (None, 0));
        assert_eq!(paired(&[1.0], &[], 0.95), None);
        assert_eq!(paired(&[], &[], 0.95), None);
        assert_eq!(paired(&[1.0], &[2.0], 0.95).unwrap().interval, Interval::ALL);
    }

    #[test]
    fn common_luck_is_worth_what_theory_says() {
        // b = a + independent noise of a tenth of the variance: factor (1 + 1.1) / 0.1.
        let a: Vec<f64> = uniforms(1, 50_000).collect();
        let noise: Vec<f64> = uniforms(2, 50_000).collect();
        let b: Vec<f64> = a.iter().zip(&noise).map(|(a, e)| a + e * 0.1_f64.sqrt()).collect();
        let factor = paired(&a, &b, 0.95).unwrap().variance_factor.unwrap();
        assert!((factor / 21.0 - 1.0).abs() < 0.05, "{factor}");
        let apart = paired(&a, &noise, 0.95).unwrap().variance_factor.unwrap();
        assert!((apart - 1.0).abs() < 0.05, "{apart}");
    }
}
