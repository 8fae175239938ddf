//! Count, mean, spread and extremes of a stream of values, in constant memory.
//!
//! [`Moments`] holds floats and updates them as Welford (1962) does; merging two (Chan and others
//! 1983) depends on order in the last bits, so callers merge in the order of the chunks.
//! [`IntegerMoments`] holds integer sums and merges exactly in any order.

/// Count, mean, sum of squared deviations and extremes of float values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many values.
    pub n: u64,
    /// Their mean; 0 of none.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub m2: f64,
    /// The least; positive infinity of none.
    pub min: f64,
    /// The greatest; negative infinity of none.
    pub max: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Moments { n: 0, mean: 0.0, m2: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Moments {
    /// Of no values.
    #[must_use]
    pub fn new() -> Moments {
        Moments::default()
    }

    /// Of all values of a slice, in its order.
    #[must_use]
    pub fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::new();
        for &value in values {
            moments.push(value);
        }
        moments
    }

    /// Adds one value.
    #[inline]
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn push(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.m2 += before * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds the values of another stream. The last bits depend on the order of merging.
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn merge(&mut self, other: &Moments) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (here, there) = (self.n as f64, other.n as f64);
        let gap = other.mean - self.mean;
        self.n += other.n;
        let total = self.n as f64;
        self.mean += gap * (there / total);
        self.m2 += other.m2 + gap * gap * (here * there / total);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Unbiased variance; None of fewer than two values.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.m2 / (self.n - 1) as f64)
    }

    /// Standard deviation; None of fewer than two values.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

/// Exact count, sum, sum of squares and extremes of whole numbers, such as millionths of a unit.
///
/// Exact for up to 2^32 values below 2^47 in size (140 million units in millionths); sums of larger
/// ones saturate instead of wrapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntegerMoments {
    n: u64,
    sum: i128,
    squares: i128,
    extremes: Option<(i64, i64)>,
}

impl IntegerMoments {
    /// Of no values.
    #[must_use]
    pub fn new() -> IntegerMoments {
        IntegerMoments::default()
    }

    /// Adds one value.
    #[inline]
    pub fn push(&mut self, value: i64) {
        let wide = i128::from(value);
        self.n += 1;
        self.sum = self.sum.saturating_add(wide);
        self.squares = self.squares.saturating_add(wide * wide);
        self.extremes = Some(match self.extremes {
            None => (value, value),
            Some((min, max)) => (min.min(value), max.max(value)),
        });
    }

    /// Adds the values of another stream; any order of merging gives the same.
    pub fn merge(&mut self, other: &IntegerMoments) {
        self.n += other.n;
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
        self.extremes = match (self.extremes, other.extremes) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Their exact sum.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.sum
    }

    /// The least and the greatest; None of no values.
    #[must_use]
    pub fn extremes(&self) -> Option<(i64, i64)> {
        self.extremes
    }

    /// The same as floats, computed from the exact sums with one rounding or two.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "the rounding to f64 is what is wanted")]
    pub fn moments(&self) -> Moments {
        let Some((min, max)) = self.extremes else { return Moments::new() };
        let n = i128::from(self.n);
        // About the whole part of the mean, so that nothing cancels.
        let whole = self.sum.div_euclid(n);
        let rest = self.sum.rem_euclid(n);
        let about_whole = self.squares.saturating_sub(whole.saturating_mul(self.sum + rest));
        let fraction = rest as f64 / n as f64;
        Moments {
            n: self.n,
            mean: whole as f64 + fraction,
            m2: (about_whole as f64 - rest as f64 * fraction).max(0.0),
            min: min as f64,
            max: max as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use proptest::prelude::*;
    use statrs::statistics::Statistics;

    #[test]
    fn of_few_values() {
        assert_eq!(Moments::new().variance(), None);
        let one = Moments::of(&[4.0]);
        assert_eq!((one.n, one.sd()), (1, None));
        let few = Moments::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert!(close(few.mean, 5.0, 1e-15) && close(few.m2, 32.0, 1e-15));
        assert_eq!((few.min, few.max), (2.0, 9.0));
        assert_eq!(IntegerMoments::new().moments(), Moments::new());
    }

    #[test]
    fn large_offsets_do_not_cancel() {
        let far = 1_000_000_000_000_i64;
        let mut exact = IntegerMoments::new();
        let mut floats = Moments::new();
        for value in [4, 7, 13, 16] {
            exact.push(far + value);
            floats.push((far + value) as f64);
        }
        assert!(close(exact.moments().variance().unwrap(), 30.0, 1e-15));
        assert!(close(floats.variance().unwrap(), 30.0, 1e-9));
    }

    proptest! {
        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(-1e3..1e3_f64, 2..100), cut in 0..100_usize) {
            let cut = cut.min(values.len());
            let whole = Moments::of(&values);
            let mut merged = Moments::of(&values[..cut]);
            merged.merge(&Moments::of(&values[cut..]));
            for got in [whole, merged] {
                prop_assert!(close(got.mean, values.as_slice().mean(), 1e-11));
                prop_assert!(close(got.variance().unwrap(), values.as_slice().variance(), 1e-9));
                prop_assert_eq!(got.n, values.len() as u64);
            }
        }

        #[test]
        fn integers_merge_exactly_in_any_order(
            values in prop::collection::vec(-(1_i64 << 47)..(1 << 47), 2..60), cut in 0..60_usize,
        ) {
            let cut = cut.min(values.len());
            let of = |part: &[i64]| {
                let mut moments = IntegerMoments::new();
                for &value in part {
                    moments.push(value);
                }
                moments
            };
            let (mut a, mut b) = (of(&values[cut..]), of(&values[..cut]));
            let right = b;
            b.merge(&a);
            a.merge(&right);
            prop_assert_eq!(a, of(&values));
            prop_assert_eq!(b, of(&values));
            let floats: Vec<f64> = values.iter().map(|&v| v as f64).collect();
            let wanted = Moments::of(&floats);
            prop_assert!(close(a.moments().mean, wanted.mean, 1e-9));
            prop_assert!(close(a.moments().m2, wanted.m2, 1e-9));
        }
    }
}
