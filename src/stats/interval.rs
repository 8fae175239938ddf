//! Intervals that hold the true value with a stated probability.
//!
//! A probability gets Wilson's interval (1927), or Clopper and Pearson's (1934) on request; both have a
//! width even if nothing or everything was a success. A mean gets Student's. A quantile gets two values
//! of the sample, whose ranks come from the binomial law, whatever the law of the values. The advice
//! for terminating simulations is Law (2015), chapter 9; for proportions Brown and others (2001).
//!
//! `level` is the probability of covering, such as 0.95; it is held within 0 and 1.

use super::moments::Moments;
use super::special::{Tails, beta_quantile, beta_tails, normal_quantile, student_t_quantile};

/// Two ends, which may be infinite where the sample is too small to say more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Nothing is known.
    pub const ALL: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Whether `value` lies within, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half of the width.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }

    fn about(middle: f64, half_width: f64) -> Interval {
        Interval { low: middle - half_width, high: middle + half_width }
    }
}

/// Probability beyond each end.
fn each_side(level: f64) -> f64 {
    0.5 * (1.0 - level.clamp(0.0, 1.0))
}

/// Wilson's interval for a probability after `successes` in `n` independent trials; 0 to 1 of none.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn wilson(successes: u64, n: u64, level: f64) -> Interval {
    if n == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let successes = successes.min(n);
    let (x, n_real) = (successes as f64, n as f64);
    let z = -normal_quantile(each_side(level));
    if z.is_infinite() {
        return Interval { low: 0.0, high: 1.0 };
    }
    let square = z * z;
    let middle = (x + 0.5 * square) / (n_real + square);
    let spread = (x * (n_real - x) / n_real + 0.25 * square).sqrt();
    let half_width = z * spread / (n_real + square);
    Interval {
        // Exact ends, which rounding would miss.
        low: if successes == 0 { 0.0 } else { (middle - half_width).max(0.0) },
        high: if successes == n { 1.0 } else { (middle + half_width).min(1.0) },
    }
}

/// Clopper and Pearson's interval for a probability: it covers with at least `level`, often more.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn clopper_pearson(successes: u64, n: u64, level: f64) -> Interval {
    if n == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let successes = successes.min(n);
    let (x, misses) = (successes as f64, (n - successes) as f64);
    let side = each_side(level);
    Interval {
        low: if successes == 0 {
            0.0
        } else {
            beta_quantile(x, misses + 1.0, Tails::from_lower(side))
        },
        high: if successes == n {
            1.0
        } else {
            beta_quantile(x + 1.0, misses, Tails::from_upper(side))
        },
    }
}

/// Student's interval for the mean of a law from the mean and the standard deviation of `n` values;
/// everything if there are fewer than two.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn mean_t(n: u64, mean: f64, sd: f64, level: f64) -> Interval {
    if n < 2 {
        return Interval::ALL;
    }
    let n = n as f64;
    let t = -student_t_quantile(each_side(level), n - 1.0);
    Interval::about(mean, t * sd / n.sqrt())
}

/// An interval for the quantile at `p` of the law from which the values of `sorted` come.
///
/// Its ends are the values of two different ranks, chosen by the exact binomial law so that it covers
/// with at least `level` for a continuous law. Where the sample is too small for that, an end is
/// infinite. Many equal values may make the ends equal: then the law has an atom there.
#[must_use]
pub fn order_statistic(sorted: &[f64], p: f64, level: f64) -> Interval {
    let (low, high) = order_ranks(sorted.len(), p, level);
    let value = |rank: usize| rank.checked_sub(1).and_then(|place| sorted.get(place));
    Interval {
        low: value(low).copied().unwrap_or(f64::NEG_INFINITY),
        high: value(high).copied().unwrap_or(f64::INFINITY),
    }
}

/// The ranks, counted from 1, whose values bound the quantile at `p` of the law from which `n` values
/// come; 0 and `n + 1` where the sample is too small for a bound. See [`order_statistic`].
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "sizes of samples are far below 2^53")]
pub fn order_ranks(n: usize, p: f64, level: f64) -> (usize, usize) {
    let side = each_side(level);
    // Probability that fewer than `rank` values lie below the quantile, and its complement.
    let fewer = |rank: usize| {
        if rank > n {
            return Tails { lower: 1.0, upper: 0.0 };
        }
        beta_tails(rank as f64, (n - rank + 1) as f64, p.clamp(0.0, 1.0)).swapped()
    };
    // Ranks count from 1. The lower end's rank is the greatest whose value is seldom above the
    // quantile, the upper end's the least whose value is seldom below.
    let low_rank = first_rank(n, |rank| fewer(rank).lower > side) - 1;
    let high_rank = first_rank(n, |rank| fewer(rank).upper <= side);
    (low_rank, high_rank)
}

/// The first rank from 1 on at which `is_so`, which then stays so; `n + 1` if at none.
fn first_rank(n: usize, is_so: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (1, n + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_so(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Student's interval for the mean of `b` less `a`, whose values belong together in pairs; everything
/// if the lengths differ or there are fewer than two pairs.
#[must_use]
pub fn paired_t(a: &[f64], b: &[f64], level: f64) -> Interval {
    if a.len() != b.len() {
        return Interval::ALL;
    }
    let mut differences = Moments::new();
    for (a, b) in a.iter().zip(b) {
        differences.push(b - a);
    }
    let Some(sd) = differences.sd() else { return Interval::ALL };
    mean_t(differences.n, differences.mean, sd, level)
}

/// Welch's interval (1947) for the mean of `b` less that of `a`, from independent samples of unequal
/// variance; everything if one of them has fewer than two values.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn welch_t(a: &Moments, b: &Moments, level: f64) -> Interval {
    let (Some(variance_a), Some(variance_b)) = (a.variance(), b.variance()) else {
        return Interval::ALL;
    };
    let difference = b.mean - a.mean;
    let (part_a, part_b) = (variance_a / a.n as f64, variance_b / b.n as f64);
    let total = part_a + part_b;
    if total <= 0.0 {
        return Interval::about(difference, 0.0);
    }
    let freedom =
        total * total / (part_a * part_a / (a.n - 1) as f64 + part_b * part_b / (b.n - 1) as f64);
    let t = -student_t_quantile(each_side(level), freedom);
    Interval::about(difference, t * total.sqrt())
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
    use crate::math::{close, same};
    use crate::stats::dist::Dist;
    use crate::stats::sample::uniforms;
    use statrs::distribution::{Binomial, DiscreteCDF};

    fn near(got: Interval, low: f64, high: f64, tolerance: f64) {
        assert!(close(got.low, low, tolerance), "low end {} is not {low}", got.low);
        assert!(close(got.high, high, tolerance), "high end {} is not {high}", got.high);
    }

    #[test]
    fn three_in_a_hundred() {
        near(wilson(3, 100, 0.95), 0.010_254_524_024_038_9, 0.084_519_364_290_527_6, 1e-12);
        near(clopper_pearson(3, 100, 0.95), 0.006_229_971_538_306_39, 0.085_176_052_974_28, 1e-12);
    }

    #[test]
    fn none_and_all_have_a_width() {
        // Without events in n the upper end is 1 - (alpha / 2)^(1 / n): 3.7e-3 at 1,000.
        let exact = clopper_pearson(0, 1000, 0.95);
        near(exact, 0.0, 1.0 - crate::math::pow(0.025, 0.001), 1e-13);
        let none = wilson(0, 1000, 0.95);
        assert!(same(none.low, 0.0) && none.high > 0.003 && none.high < 0.004);
        let all = wilson(1000, 1000, 0.95);
        assert!(same(all.high, 1.0) && close(all.low, 1.0 - none.high, 1e-15));
        assert_eq!(clopper_pearson(7, 7, 0.9).high, 1.0);
        assert_eq!(wilson(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn clopper_pearson_of_very_many_trials() {
        let (n, k) = (100_000_000, 1000);
        let exact = clopper_pearson(k, n, 0.95);
        // The ends satisfy their definition.
        let tail = beta_tails(k as f64, (n - k + 1) as f64, exact.low);
        assert!(close(tail.lower / 0.025, 1.0, 1e-8));
        let wilson = wilson(k, n, 0.95);
        assert!((exact.low / wilson.low - 1.0).abs() < 0.005);
        assert!((exact.high / wilson.high - 1.0).abs() < 0.005);
    }

    #[test]
    fn sleep_data_of_student() {
        // Student (1908), extra hours of sleep after two drugs; paired and Welch intervals as in the
        // documentation of R's t.test on the same data (b less a).
        let a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        near(paired_t(&a, &b, 0.95), 0.700_114_2, 2.459_885_8, 1e-7);
        near(welch_t(&Moments::of(&a), &Moments::of(&b), 0.95), -0.205_483_2, 3.365_483_2, 1e-7);
        assert_eq!(paired_t(&a, &b[..9], 0.95), Interval::ALL);
        assert_eq!(paired_t(&a[..1], &b[..1], 0.95), Interval::ALL);
        assert_eq!(mean_t(1, 3.0, 0.0, 0.95), Interval::ALL);
    }

    #[test]
    fn order_statistics_have_binomial_ranks() {
        for n in [5_u32, 6, 9, 25, 100, 999] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            for p in [0.05, 0.5, 0.9] {
                let law = Binomial::new(p, u64::from(n)).unwrap();
                let got = order_statistic(&values, p, 0.95);
                // B counts the values below the quantile: the interval misses if B < low rank or
                // B >= high rank, each with at most 2.5 %, and the next rank inwards would miss more.
                if got.low.is_finite() {
                    let rank = got.low as u64;
                    assert!(law.cdf(rank - 1) <= 0.025);
                    assert!(law.cdf(rank) > 0.025, "{n} {p}: rank {rank} is not the greatest");
                } else {
                    assert!(law.cdf(0) > 0.025);
                }
                if got.high.is_finite() {
                    let rank = got.high as u64;
                    assert!(law.sf(rank - 1) <= 0.025);
                    assert!(rank < 2 || law.sf(rank - 2) > 0.025, "{n} {p}: not the least");
                } else {
                    assert!(law.sf(u64::from(n) - 1) > 0.025);
                }
                assert!(got.low < got.high);
            }
        }
        // The textbook case: six values bracket the median with 96.9 %, five do not reach 95 %.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(order_statistic(&values, 0.5, 0.95), Interval { low: 1.0, high: 6.0 });
        assert_eq!(order_statistic(&values[..5], 0.5, 0.95), Interval::ALL);
        assert_eq!(order_statistic(&[], 0.5, 0.95), Interval::ALL);
    }

    #[test]
    fn intervals_cover_as_often_as_they_say() {
        // 1,000 runs of 1,000 trials: between 929 and 971 of 95 % intervals hold the true value
        // except once in 400 seeds.
        let law = Dist::Erlang { shape: 3, mean: 40.0 };
        let median = law.median();
        let chance = 0.1;
        let mut covered = [0; 5];
        for run in 0..1000 {
            let uniforms: Vec<f64> = uniforms(run, 1000).collect();
            let hits = uniforms.iter().filter(|&&u| u < chance).count() as u64;
            let mut values: Vec<f64> = uniforms.iter().map(|&u| law.draw(u)).collect();
            let moments = Moments::of(&values);
            let mean = mean_t(1000, moments.mean, moments.sd().unwrap(), 0.95);
            let (a, b) = values.split_at(400);
            let welch = welch_t(&Moments::of(a), &Moments::of(b), 0.95);
            values.sort_unstable_by(f64::total_cmp);
            let held = [
                wilson(hits, 1000, 0.95).contains(chance),
                clopper_pearson(hits, 1000, 0.95).contains(chance),
                mean.contains(40.0),
                order_statistic(&values, 0.5, 0.95).contains(median),
                welch.contains(0.0),
            ];
            for (count, held) in covered.iter_mut().zip(held) {
                *count += u32::from(held);
            }
        }
        let [wilson, exact, mean, order, welch] = covered;
        for (name, count) in [("Wilson", wilson), ("mean", mean), ("Welch", welch)] {
            assert!((929..=971).contains(&count), "{name}: {count}");
        }
        // These promise at least the level.
        assert!((929..=985).contains(&exact), "Clopper-Pearson: {exact}");
        assert!((929..=985).contains(&order), "order statistics: {order}");
    }
}
