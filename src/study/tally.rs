//! Exact counts and sums of one metric: the same whatever the order, and mergeable.
//!
//! Sums are integers. A number enters as a multiple of a power of two that is fixed from the first
//! chunk's largest magnitude: 2^-34 of it, so that rounding is below 1e-10 of a typical value, and
//! squares of values up to 16,384 times that magnitude sum over 2^30 trials without overflow. Larger
//! values are cut there and counted. Mean and variance come from the integers by the shifted two-sum
//! identity, so no cancellation takes place.

use crate::sim::contract::MetricKind;

/// The largest magnitude in fixed-point units: 2^48, so that 2^30 squares fit 127 bits.
const LARGEST: f64 = (1_u64 << 48) as f64;

/// Size of a fixed-point unit as a power of two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    unit: f64,
}

impl Scale {
    /// The scale for values like these.
    pub(crate) fn of(first: &[f64]) -> Scale {
        let largest =
            first.iter().filter(|v| v.is_finite()).fold(0.0_f64, |most, v| most.max(v.abs()));
        // A metric that is 0 in the first chunk may still hold rare large values.
        let magnitude = if largest > 0.0 { largest.clamp(1e-200, 1e200) } else { 1_048_576.0 };
        let mut unit = 1.0_f64;
        while unit < magnitude {
            unit *= 2.0;
        }
        while unit > 2.0 * magnitude {
            unit *= 0.5;
        }
        Scale { unit: unit / (1_u64 << 34) as f64 }
    }

    #[allow(clippy::cast_possible_truncation, reason = "cut to 2^48 just before")]
    fn fixed(self, value: f64, cut: &mut u64) -> i128 {
        let scaled = value / self.unit;
        if scaled.abs() > LARGEST {
            *cut += 1;
        }
        scaled.clamp(-LARGEST, LARGEST).round() as i128
    }
}

/// Integer sums of a number and of its square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sums {
    scale: Scale,
    n: u64,
    sum: i128,
    squares: i128,
    cut: u64,
}

impl Sums {
    pub(crate) fn new(scale: Scale) -> Sums {
        Sums { scale, n: 0, sum: 0, squares: 0, cut: 0 }
    }

    pub(crate) fn push(&mut self, value: f64) {
        let fixed = self.scale.fixed(value, &mut self.cut);
        self.n += 1;
        self.sum += fixed;
        self.squares += fixed * fixed;
    }

    /// Mean and standard deviation (n - 1); none without values, no deviation for one.
    #[allow(clippy::cast_precision_loss, reason = "the last steps of an exact computation")]
    pub(crate) fn mean_sd(&self) -> (Option<f64>, Option<f64>) {
        if self.n == 0 {
            return (None, None);
        }
        let n = i128::from(self.n);
        let (whole, rest) = (self.sum.div_euclid(n), self.sum.rem_euclid(n));
        let share = rest as f64 / n as f64;
        let mean = (whole as f64 + share) * self.scale.unit;
        if self.n < 2 {
            return (Some(mean), None);
        }
        // Sum of (x - whole)^2 is exact; the mean is off `whole` by `share`.
        let about = self.squares - whole * (self.sum + rest);
        let spread = (about as f64 - share * rest as f64).max(0.0);
        let sd = (spread / (n - 1) as f64).sqrt() * self.scale.unit;
        (Some(mean), Some(sd))
    }

    /// Values cut to the largest magnitude.
    pub(crate) fn cut(&self) -> u64 {
        self.cut
    }
}

/// Counts and sums of one metric under one branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    kind: MetricKind,
    /// Trials with a value; for times, those where it never happened are among them.
    pub n: u64,
    /// Trials without a value: the condition of a `Given` not met, a division by zero.
    pub missing: u64,
    /// Times: trials in which it never happened.
    pub never: u64,
    /// Probabilities: trials in which it is so.
    pub hits: u64,
    /// Categories: trials by label.
    pub shares: Vec<u64>,
    /// Smallest value, infinite without values.
    pub min: f64,
    /// Largest finite value, minus infinity without values.
    pub max: f64,
    pub(crate) sums: Sums,
}

impl Tally {
    pub(crate) fn new(kind: MetricKind, labels: usize, scale: Scale) -> Tally {
        Tally {
            kind,
            n: 0,
            missing: 0,
            never: 0,
            hits: 0,
            shares: vec![0; labels],
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sums: Sums::new(scale),
        }
    }

    pub(crate) fn push(&mut self, value: f64) {
        match class(self.kind, value) {
            Class::Missing => {
                self.missing += 1;
                return;
            }
            Class::Never => self.never += 1,
            Class::Value => {
                match self.kind {
                    MetricKind::Probability => self.hits += u64::from(value > 0.5),
                    MetricKind::Category => {
                        if let Some(count) = self.shares.get_mut(position(value)) {
                            *count += 1;
                        }
                    }
                    MetricKind::Time | MetricKind::Number => self.sums.push(value),
                }
                self.min = self.min.min(value);
                self.max = self.max.max(value);
            }
        }
        self.n += 1;
    }

    /// Trials in which a number or a time has a finite value.
    #[must_use]
    pub fn finite(&self) -> u64 {
        self.n - self.never
    }

    /// Mean and standard deviation over the finite values.
    #[must_use]
    pub fn mean_sd(&self) -> (Option<f64>, Option<f64>) {
        self.sums.mean_sd()
    }

    /// Values too large for the sums, cut in them: if not 0, mean and deviation are not to be trusted.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.sums.cut()
    }
}

/// What a value is for its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// No value.
    Missing,
    /// A time that never came.
    Never,
    /// A value.
    Value,
}

/// Sorts a metric's number into value, never and missing.
pub(crate) fn class(kind: MetricKind, value: f64) -> Class {
    if value.is_finite() {
        Class::Value
    } else if kind == MetricKind::Time && value == f64::INFINITY {
        Class::Never
    } else {
        Class::Missing
    }
}

/// Position among the labels of a category.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float-to-int casts saturate; positions are small whole numbers"
)]
pub(crate) fn position(value: f64) -> usize {
    value as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use proptest::prelude::*;

    #[test]
    fn sums_of_known_numbers() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let mut sums = Sums::new(Scale::of(&values));
        values.iter().for_each(|&v| sums.push(v));
        let (mean, sd) = sums.mean_sd();
        assert!(close(mean.unwrap(), 5.0, 1e-12));
        assert!(close(sd.unwrap(), (32.0_f64 / 7.0).sqrt(), 1e-9));
    }

    #[test]
    fn no_cancellation_where_the_mean_is_large() {
        let values: Vec<f64> = (0..1000).map(|k| 1e6 + f64::from(k % 2)).collect();
        let mut sums = Sums::new(Scale::of(&values));
        values.iter().for_each(|&v| sums.push(v));
        let (mean, sd) = sums.mean_sd();
        assert!(close(mean.unwrap(), 1e6 + 0.5, 1e-9));
        assert!(close(sd.unwrap(), (250.0_f64 / 999.0).sqrt(), 1e-6));
    }

    #[test]
    fn values_beyond_the_scale_are_counted() {
        let mut sums = Sums::new(Scale::of(&[1.0]));
        sums.push(1e9);
        assert_eq!(sums.cut(), 1);
        let mut rare = Sums::new(Scale::of(&[0.0, 0.0]));
        rare.push(1e6);
        assert_eq!((rare.cut(), rare.mean_sd().0), (0, Some(1e6)));
    }

    #[test]
    fn never_and_missing_are_no_numbers() {
        let mut tally = Tally::new(MetricKind::Time, 0, Scale::of(&[3.0]));
        for value in [3.0, f64::INFINITY, f64::NAN, 5.0] {
            tally.push(value);
        }
        assert_eq!((tally.n, tally.never, tally.missing, tally.finite()), (3, 1, 1, 2));
        assert!(close(tally.mean_sd().0.unwrap(), 4.0, 1e-12));
        let mut number = Tally::new(MetricKind::Number, 0, Scale::of(&[3.0]));
        number.push(f64::INFINITY);
        assert_eq!((number.n, number.missing), (0, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn order_changes_no_bit(mut values in prop::collection::vec(-1e3..1e6_f64, 2..200)) {
            let scale = Scale::of(&values);
            let sum = |values: &[f64]| {
                let mut sums = Sums::new(scale);
                values.iter().for_each(|&v| sums.push(v));
                sums
            };
            let forward = sum(&values);
            values.reverse();
            prop_assert_eq!(forward, sum(&values));
        }
    }
}
