//! Which inputs a result hangs on, from trials that were run anyway.
//!
//! First-order indices from given data: the share of a result's variance that goes away where an input
//! is known, from the means of the result within bins of the input (Plischke, Borgonovo and Smith
//! 2013). Chance alone makes the means of bins differ; that part is taken off, as in the analysis of
//! variance (Kelley 1935). The interval is normal, with the influence function of the index (Janon et
//! al. 2014) and, for indices near zero, the spread that chance alone gives.

use super::interval::Interval;
use super::rank::spearman;
use super::special::normal_quantile;
use crate::math;

/// Bins of an input at most; as many for each distinct value of one with few.
const BINS: usize = 24;
/// Trials in a bin at least.
const TRIALS: usize = 40;

/// A first-order index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstOrder {
    /// Share of the variance; may be a little below zero where there is nothing.
    pub index: f64,
    /// Its interval, not below zero.
    pub interval: Interval,
    /// Bins that it rests on.
    pub bins: usize,
}

/// The bin of each value, and how many there are: one for each distinct value if they are few, else
/// bins of about equal numbers, equal values always together. None of values that are not finite.
#[must_use]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions within a slice, which are exact in f64"
)]
pub fn bins(values: &[f64], most: usize) -> Option<(Vec<usize>, usize)> {
    if values.iter().any(|value| !value.is_finite()) || most == 0 {
        return None;
    }
    let ranks = super::rank::ranks(values)?;
    let mut distinct: Vec<f64> = ranks.clone();
    distinct.sort_unstable_by(f64::total_cmp);
    distinct.dedup_by(|a, b| math::same(*a, *b));
    let n = values.len() as f64;
    let wanted = |rank: f64| ((rank - 0.5) / n * most as f64) as usize;
    let mut bin: Vec<usize> = if distinct.len() <= most {
        ranks.iter().map(|rank| distinct.partition_point(|d| d < rank)).collect()
    } else {
        ranks.iter().map(|&rank| wanted(rank).min(most - 1)).collect()
    };
    // Bins that many equal values left empty are closed up.
    let mut used = vec![false; most];
    bin.iter().for_each(|&b| used[b] = true);
    let mut number = vec![0; most];
    let mut count = 0;
    for (place, used) in used.iter().enumerate() {
        number[place] = count;
        count += usize::from(*used);
    }
    bin.iter_mut().for_each(|b| *b = number[*b]);
    Some((bin, count))
}

/// An input sorted into bins once, for any number of results.
#[derive(Debug, Clone, PartialEq)]
pub struct Binned {
    bin: Vec<usize>,
    count: usize,
}

impl Binned {
    /// The bins of an input; None of values that are not finite or too few of them.
    #[must_use]
    pub fn of(input: &[f64]) -> Option<Binned> {
        let n = input.len();
        if n < 2 * TRIALS {
            return None;
        }
        let (bin, count) = bins(input, (n / TRIALS).clamp(2, BINS))?;
        Some(Binned { bin, count })
    }

    /// The first-order index of the input for `output`; None if the lengths differ, a value is not
    /// finite, or either never varies.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn first_order(&self, output: &[f64], level: f64) -> Option<FirstOrder> {
        let Binned { bin, count } = self;
        let (n, count) = (output.len(), *count);
        if bin.len() != n || output.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let real = n as f64;
        let mean = output.iter().sum::<f64>() / real;
        let total: f64 = output.iter().map(|y| (y - mean) * (y - mean)).sum();
        if count < 2 || total <= 0.0 {
            return None;
        }
        let mut sums = vec![(0.0, 0.0); count];
        for (&b, y) in bin.iter().zip(output) {
            sums[b].0 += y - mean;
            sums[b].1 += 1.0;
        }
        // Means of bins about the mean of all.
        let means: Vec<f64> = sums.iter().map(|(sum, n)| sum / n).collect();
        let between: f64 = sums.iter().zip(&means).map(|((_, n), m)| n * m * m).sum();
        let within = (total - between).max(0.0) / (real - count as f64);
        let spare = (count - 1) as f64;
        let index = (between - spare * within) / total;
        let share = index.max(0.0);
        let variance = total / real;
        let influence: f64 = bin
            .iter()
            .zip(output)
            .map(|(&b, y)| {
                let (y, m) = (y - mean, means[b]);
                let value = (2.0 * y * m - m * m - share * y * y) / variance;
                value * value
            })
            .sum();
        // Of no influence at all, the index is spread by 2 (bins - 1) / n² alone.
        let spread = influence / real / real + 2.0 * spare / (real * real);
        let half = normal_quantile(0.5 + 0.5 * level) * spread.sqrt();
        let interval =
            Interval { low: (index - half).clamp(0.0, 1.0), high: (index + half).clamp(0.0, 1.0) };
        Some(FirstOrder { index, interval, bins: count })
    }
}

impl Binned {
    /// What knowing the input changes in the result, on average: for each trial the mean of its bin less
    /// the mean of all, shrunk by the part that chance alone would give (Kelley 1935). None as for
    /// [`Binned::first_order`]. Effects of independent inputs add up to the additive part of a result
    /// (Sobol' 1993).
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn effect(&self, output: &[f64]) -> Option<Vec<f64>> {
        let index = self.first_order(output, 0.95)?.index.max(0.0);
        let real = output.len() as f64;
        let mean = output.iter().sum::<f64>() / real;
        let total: f64 = output.iter().map(|y| (y - mean) * (y - mean)).sum();
        let mut sums = vec![(0.0, 0.0); self.count];
        for (&b, y) in self.bin.iter().zip(output) {
            sums[b].0 += y - mean;
            sums[b].1 += 1.0;
        }
        let between: f64 = sums.iter().map(|(sum, n)| sum * sum / n).sum();
        let kept = if between > 0.0 { (index * total / between).min(1.0) } else { 0.0 };
        Some(self.bin.iter().map(|&b| kept * sums[b].0 / sums[b].1).collect())
    }
}

/// The first-order index of `input` for `output`; None as for [`Binned`].
#[must_use]
pub fn first_order(input: &[f64], output: &[f64], level: f64) -> Option<FirstOrder> {
    Binned::of(input)?.first_order(output, level)
}

/// Spearman's rank correlation with its interval by Fisher's transform and the variance of Bonett and
/// Wright (2000); None where there is no correlation or fewer than ten pairs.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn correlation(input: &[f64], output: &[f64], level: f64) -> Option<(f64, Interval)> {
    if input.len() < 10 {
        return None;
    }
    let rho = spearman(input, output)?;
    if rho.abs() >= 1.0 {
        return Some((rho, Interval { low: rho, high: rho }));
    }
    let z = 0.5 * math::ln((1.0 + rho) / (1.0 - rho));
    let error = ((1.0 + 0.5 * rho * rho) / (input.len() as f64 - 3.0)).sqrt();
    let half = normal_quantile(0.5 + 0.5 * level) * error;
    let back = |z: f64| {
        let e = math::exp(2.0 * z);
        (e - 1.0) / (e + 1.0)
    };
    Some((rho, Interval { low: back(z - half), high: back(z + half) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sample::uniforms;
    use std::f64::consts::PI;

    fn column(seed: u64, n: u64) -> Vec<f64> {
        uniforms(seed, n).collect()
    }

    #[test]
    fn ishigamis_function() {
        // Ishigami and Homma (1990) with a = 7, b = 0.1: first-order indices 0.3139, 0.4424, 0.
        let n = 20_000;
        let x: Vec<Vec<f64>> =
            (0..3).map(|k| uniforms(k, n).map(|u| PI * (2.0 * u - 1.0)).collect()).collect();
        let y: Vec<f64> = (0..20_000)
            .map(|t| {
                let (a, b, c) = (x[0][t], x[1][t], x[2][t]);
                let (s, q) = (math::sin(a), math::sin(b));
                s + 7.0 * q * q + 0.1 * c * c * c * c * s
            })
            .collect();
        for (k, known) in [0.3139, 0.4424, 0.0].into_iter().enumerate() {
            let got = first_order(&x[k], &y, 0.95).unwrap();
            assert!((got.index - known).abs() < 0.02, "{k}: {got:?}");
        }
    }

    #[test]
    fn intervals_cover_what_is_known() {
        // y = 2a + b + noise: variances 4, 1 and 3 of a twelfth.
        let known = [0.5, 0.125, 0.0];
        let mut covered = [0; 3];
        for seed in 0..300 {
            let n = 1000;
            let x: Vec<Vec<f64>> = (0..3).map(|k| column(50 + 4 * seed + k, n)).collect();
            let noise = column(53 + 4 * seed, n);
            let y: Vec<f64> =
                (0..1000).map(|t| 2.0 * x[0][t] + x[1][t] + 3.0_f64.sqrt() * noise[t]).collect();
            for k in 0..3 {
                let got = first_order(&x[k], &y, 0.95).unwrap();
                covered[k] += u32::from(got.interval.contains(known[k]));
            }
        }
        assert!(covered.iter().all(|&c| (270..=300).contains(&c)), "{covered:?} of 300");
    }

    #[test]
    fn effects_are_what_the_input_adds() {
        // y = 6 x + noise: the effect of x is 6 x - 3.
        let (x, noise) = (column(1, 20_000), column(2, 20_000));
        let y: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| 6.0 * x + e).collect();
        let effect = Binned::of(&x).unwrap().effect(&y).unwrap();
        let worst = effect.iter().zip(&x).map(|(e, x)| (e - 6.0 * x + 3.0).abs());
        // Half a bin of 24, and the error of its mean.
        assert!(worst.fold(0.0, f64::max) < 0.16);
        // Of no influence nearly nothing is left.
        let nothing = Binned::of(&noise).unwrap().effect(&x).unwrap();
        let size = nothing.iter().map(|e| e * e).sum::<f64>() / 20_000.0;
        assert!(size < 1e-4, "{size}");
        assert_eq!(Binned::of(&x).unwrap().effect(&[1.0; 20_000]), None);
    }

    #[test]
    fn chance_alone_gives_nothing_on_average() {
        let mean: f64 = (0..200)
            .map(|seed| {
                first_order(&column(seed, 500), &column(900 + seed, 500), 0.95).unwrap().index
            })
            .sum::<f64>()
            / 200.0;
        assert!(mean.abs() < 0.002, "{mean}");
    }

    #[test]
    fn bins_hold_equal_values_together() {
        assert_eq!(bins(&[5.0, 1.0, 5.0, 3.0], 4).unwrap(), (vec![2, 0, 2, 1], 3));
        let (bin, count) = bins(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0], 4).unwrap();
        assert!(bin[..6].iter().all(|b| *b == 0) && count == 3, "{bin:?}");
        assert_eq!(bins(&[f64::NAN], 2), None);
        assert_eq!(first_order(&[1.0; 500], &column(1, 500), 0.95), None);
        assert_eq!(first_order(&column(1, 500), &[1.0; 500], 0.95), None);
        assert_eq!(first_order(&column(1, 5), &column(2, 5), 0.95), None);
    }

    #[test]
    fn correlations_cover_what_is_known() {
        // Spearman's rho of a normal pair with correlation r is 6 asin(r / 2) / π; r = 0.5: 0.48262.
        let covered = (0..300_u64).filter(|&seed| {
            let normal = |s| uniforms(s, 200).map(super::super::special::normal_quantile);
            let a: Vec<f64> = normal(7000 + 2 * seed).collect();
            let b = a.iter().zip(normal(7001 + 2 * seed));
            let b: Vec<f64> = b.map(|(a, e)| 0.5 * a + 0.75_f64.sqrt() * e).collect();
            correlation(&a, &b, 0.95).unwrap().1.contains(0.482_62)
        });
        let covered = covered.count();
        assert!((273..=297).contains(&covered), "{covered} of 300");
    }
}
