//! A histogram with bins fixed in advance: quantiles of any number of values in constant memory.
//!
//! Counts are integers, so parts of a study merge exactly, in any order. The range comes from a pilot
//! of the first trials; values outside are counted apart and bounded by the exact extremes. A quantile
//! is known to within the width of its bin, which is given with it. (Sketches such as the t-digest were
//! not taken: their answers depend on the order of merging.)

use super::quantile::quantile;

/// Bins of a histogram: 32 KB of counts.
pub const BINS: usize = 4096;

/// Counts of values in [`BINS`] equal bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    low: f64,
    high: f64,
    counts: Vec<u64>,
    under: u64,
    over: u64,
    min: f64,
    max: f64,
}

/// A quantile read off a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinnedQuantile {
    /// Linear within its bin.
    pub value: f64,
    /// Width of the bin: the exact quantile (the value of that rank) is within this of `value`.
    pub width: f64,
}

impl Histogram {
    /// An empty histogram from `low` to `high`; None unless both are finite and in rising order.
    #[must_use]
    pub fn new(low: f64, high: f64) -> Option<Histogram> {
        let usable = low < high && (high - low).is_finite();
        usable.then(|| Histogram {
            low,
            high,
            counts: vec![0; BINS],
            under: 0,
            over: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        })
    }

    /// An empty histogram whose range fits a sorted pilot sample: its finite extremes and half of
    /// their distance more on both sides, though not past zero if the pilot does not. None of a pilot
    /// without finite values.
    #[must_use]
    pub fn for_pilot(sorted: &[f64]) -> Option<Histogram> {
        let finite: Vec<f64> = sorted.iter().copied().filter(|x| x.is_finite()).collect();
        let (min, max) = (quantile(&finite, 0.0)?, quantile(&finite, 1.0)?);
        let margin = if max > min { 0.5 * (max - min) } else { min.abs().max(1.0) };
        let low = if min >= 0.0 { (min - margin).max(0.0) } else { min - margin };
        let high = if max <= 0.0 { (max + margin).min(0.0) } else { max + margin };
        // A constant 0 would leave no range.
        Histogram::new(low, if high > low { high } else { low + margin })
    }

    /// Counts one value. One that is not a number is not counted: false.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among 4,096 bins"
    )]
    pub fn push(&mut self, value: f64) -> bool {
        if value.is_nan() {
            return false;
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if value < self.low {
            self.under += 1;
        } else if value > self.high {
            self.over += 1;
        } else {
            let place = (value - self.low) / (self.high - self.low) * BINS as f64;
            self.counts[(place as usize).min(BINS - 1)] += 1;
        }
        true
    }

    /// Adds the counts of another histogram; false, and nothing added, if its bins are others.
    #[must_use]
    pub fn merge(&mut self, other: &Histogram) -> bool {
        let same_bins =
            self.low.total_cmp(&other.low).is_eq() && self.high.total_cmp(&other.high).is_eq();
        if !same_bins {
            return false;
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.under += other.under;
        self.over += other.over;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        true
    }

    /// How many values were counted.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.under + self.over + self.counts.iter().sum::<u64>()
    }

    /// How many values lie below and above the range.
    #[must_use]
    pub fn outside(&self) -> (u64, u64) {
        (self.under, self.over)
    }

    /// The least and the greatest value, exact; None of no values.
    #[must_use]
    pub fn extremes(&self) -> Option<(f64, f64)> {
        (self.min <= self.max).then_some((self.min, self.max))
    }

    /// Width of one bin.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "4,096")]
    pub fn bin_width(&self) -> f64 {
        (self.high - self.low) / BINS as f64
    }

    /// Bins in rising order: lower end, upper end, count. Values outside are not among them.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64, u64)> + '_ {
        self.counts.iter().enumerate().map(|(i, &count)| (self.edge(i), self.edge(i + 1), count))
    }

    /// The quantile at `p` with its bin's width; None of no values.
    ///
    /// The value of rank (n - 1) p, rounded to the nearest rank, lies in the bin; values in a bin are
    /// taken as spread evenly. The end bins reach to the exact extremes, which may be infinite.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts are far below 2^53"
    )]
    pub fn quantile(&self, p: f64) -> Option<BinnedQuantile> {
        let last = self.n().checked_sub(1)?;
        let rank = (p.clamp(0.0, 1.0) * last as f64).round() as u64;
        let mut below = self.under;
        if rank < below {
            return Some(BinnedQuantile { value: self.min, width: self.low - self.min });
        }
        for (low, high, count) in self.bins() {
            if rank < below + count {
                let share = ((rank - below) as f64 + 0.5) / count as f64;
                let value = (low + share * (high - low)).max(self.min).min(self.max);
                return Some(BinnedQuantile { value, width: high - low });
            }
            below += count;
        }
        Some(BinnedQuantile { value: self.max, width: self.max - self.high })
    }

    #[allow(clippy::cast_precision_loss, reason = "at most 4,096")]
    fn edge(&self, i: usize) -> f64 {
        self.low + (self.high - self.low) * (i as f64 / BINS as f64)
    }
}

#[cfg(test)]
#[allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "exact ends and small ranks"
)]
mod tests {
    use super::*;
    use crate::stats::dist::Dist;
    use crate::stats::sample::uniforms;
    use proptest::prelude::*;

    #[test]
    fn ranges_that_are_none() {
        assert_eq!(Histogram::new(1.0, 1.0), None);
        assert_eq!(Histogram::new(0.0, f64::INFINITY), None);
        assert_eq!(Histogram::new(f64::NAN, 1.0), None);
        assert_eq!(Histogram::for_pilot(&[f64::INFINITY]), None);
        let mut histogram = Histogram::for_pilot(&[0.0, 0.0]).unwrap();
        assert!(!histogram.push(f64::NAN));
        assert_eq!((histogram.n(), histogram.quantile(0.5)), (0, None));
        assert!(!histogram.merge(&Histogram::new(0.0, 9.0).unwrap()));
    }

    #[test]
    fn pilot_does_not_reach_past_zero() {
        let histogram = Histogram::for_pilot(&[1.0, 2.0, 11.0, f64::INFINITY]).unwrap();
        assert_eq!((histogram.low, histogram.high), (0.0, 16.0));
        let histogram = Histogram::for_pilot(&[-11.0, -1.0]).unwrap();
        assert_eq!((histogram.low, histogram.high), (-16.0, 0.0));
    }

    #[test]
    fn values_outside_are_bounded_by_the_extremes() {
        let mut histogram = Histogram::new(0.0, 1.0).unwrap();
        for value in [-3.0, 0.0, 1.0, 0.5, f64::INFINITY, 7.0] {
            assert!(histogram.push(value));
        }
        assert_eq!(histogram.outside(), (1, 2));
        assert_eq!(histogram.quantile(0.0).unwrap(), BinnedQuantile { value: -3.0, width: 3.0 });
        assert_eq!(histogram.quantile(1.0).unwrap().value, f64::INFINITY);
        assert_eq!(histogram.extremes(), Some((-3.0, f64::INFINITY)));
    }

    #[test]
    fn quantiles_are_within_a_bin_of_the_exact_ones() {
        let law = Dist::Lognormal { median: 20.0, sigma: 0.6, within: None };
        let mut values: Vec<f64> = uniforms(9, 50_000).map(|u| law.draw(u)).collect();
        let mut pilot = values[..1000].to_vec();
        pilot.sort_unstable_by(f64::total_cmp);
        let empty = Histogram::for_pilot(&pilot).unwrap();
        // Counted in parts and merged in either order.
        let count = |part: &[f64]| {
            let mut histogram = empty.clone();
            assert!(part.iter().all(|&value| histogram.push(value)));
            histogram
        };
        let (first, second) = values.split_at(17_000);
        let (mut forward, mut backward) = (count(first), count(second));
        let start = forward.clone();
        assert!(forward.merge(&backward) && backward.merge(&start));
        assert_eq!(forward, backward);
        assert_eq!(forward, count(&values));
        assert_eq!(forward.n(), 50_000);
        values.sort_unstable_by(f64::total_cmp);
        for p in [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] {
            let got = forward.quantile(p).unwrap();
            let exact = values[(p * 49_999.0).round() as usize];
            assert!((got.value - exact).abs() <= got.width, "at {p}: {got:?}, {exact}");
            assert!(got.width <= forward.bin_width() * 1.000_001);
        }
    }

    proptest! {
        #[test]
        fn every_value_is_counted_once(values in prop::collection::vec(-2.0..3.0_f64, 0..300)) {
            let mut histogram = Histogram::new(0.0, 1.0).unwrap();
            for &value in &values {
                histogram.push(value);
            }
            prop_assert_eq!(histogram.n(), values.len() as u64);
            for (low, high, count) in histogram.bins().filter(|bin| bin.2 > 0) {
                // A value on an edge may fall to either side by rounding.
                let near = 1e-12;
                let inside = |x: &&f64| **x >= low - near && **x <= high + near;
                prop_assert!(values.iter().filter(inside).count() as u64 >= count);
            }
        }
    }
}
