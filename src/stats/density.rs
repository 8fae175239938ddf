//! Smooth density of a sample: Gaussian kernels, reflected at the ends that the quantity cannot pass.
//!
//! The bandwidth is Silverman's (1986, equation 3.31). Reflection (section 2.10 there) keeps the mass
//! of kernels near an end inside and the total 1. Samples above 5,000 values are first spread onto
//! 4,096 equal steps by linear binning (Wand 1994), which moves no visible digit.

use super::moments::Moments;
use super::quantile::quantile;
use crate::math::{exp, pow};
use std::f64::consts::PI;

/// Samples up to this size are summed kernel by kernel.
const DIRECT: usize = 5000;
/// Steps onto which larger samples are spread.
const STEPS: usize = 4096;
/// Kernels end here, in bandwidths: beyond, they are below the rounding of their centre.
const REACH: f64 = 8.6;

/// A density on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Standard deviation of the kernels.
    pub bandwidth: f64,
    /// Places in rising order, equally spaced, with the density at each.
    pub points: Vec<(f64, f64)>,
}

/// Silverman's bandwidth for a sorted sample: 0.9 min(sd, interquartile range / 1.34) / n^(1/5).
///
/// Where half of the values are equal the range is 0 and the standard deviation alone decides. None if
/// there are fewer than two values or all are equal.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "lengths of slices are far below 2^53")]
pub fn silverman(sorted: &[f64]) -> Option<f64> {
    let sd = Moments::of(sorted).sd()?;
    let range = (quantile(sorted, 0.75)? - quantile(sorted, 0.25)?) / 1.34;
    let spread = if range > 0.0 { sd.min(range) } else { sd };
    (spread.is_finite() && spread > 0.0).then(|| 0.9 * spread * pow(sorted.len() as f64, -0.2))
}

/// The density of a sorted sample at `size` places, of a quantity that lies within `ends` (either may
/// be infinite). The places cover the sample and three bandwidths more, as far as the ends allow.
///
/// None if the sample has no spread, holds an infinite value or one outside the ends, or `size` is
/// below 2.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "grids and samples are far below 2^53")]
pub fn density(sorted: &[f64], ends: (f64, f64), size: usize) -> Option<Density> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let usable = first.is_finite() && last.is_finite() && first >= ends.0 && last <= ends.1;
    if !usable || size < 2 {
        return None;
    }
    let bandwidth = silverman(sorted)?;
    let low = (first - 3.0 * bandwidth).max(ends.0);
    let high = (last + 3.0 * bandwidth).min(ends.1);
    let centres = if sorted.len() <= DIRECT {
        sorted.iter().map(|&x| (x, 1.0)).collect()
    } else {
        spread(sorted, first, last)
    };
    let scale = 1.0 / (sorted.len() as f64 * bandwidth * (2.0 * PI).sqrt());
    let at = |x: f64| {
        // A kernel's mass beyond an end comes back as if mirrored there.
        let mirrored = [Some(x), mirror(x, ends.0), mirror(x, ends.1)];
        let total: f64 =
            mirrored.into_iter().flatten().map(|x| kernels(&centres, x, bandwidth)).sum();
        scale * total
    };
    let step = (high - low) / (size - 1) as f64;
    let points = (0..size)
        .map(|i| {
            let x = if i + 1 == size { high } else { low + step * i as f64 };
            (x, at(x))
        })
        .collect();
    Some(Density { bandwidth, points })
}

fn mirror(x: f64, end: f64) -> Option<f64> {
    end.is_finite().then_some(2.0 * end - x)
}

/// Sum of the kernels about weighted centres in rising order, without their common factor.
fn kernels(centres: &[(f64, f64)], x: f64, bandwidth: f64) -> f64 {
    let reach = REACH * bandwidth;
    let start = centres.partition_point(|&(centre, _)| centre < x - reach);
    centres[start..]
        .iter()
        .take_while(|&&(centre, _)| centre <= x + reach)
        .map(|&(centre, weight)| {
            let z = (x - centre) / bandwidth;
            weight * exp(-0.5 * z * z)
        })
        .sum()
}

/// Shares each value between the two nearest steps.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places on a grid of 4,096 steps"
)]
fn spread(sorted: &[f64], first: f64, last: f64) -> Vec<(f64, f64)> {
    let step = (last - first) / STEPS as f64;
    let mut weights = vec![0.0; STEPS + 1];
    for &x in sorted {
        let place = ((x - first) / step).clamp(0.0, STEPS as f64);
        let below = (place as usize).min(STEPS - 1);
        let rest = place - below as f64;
        weights[below] += 1.0 - rest;
        weights[below + 1] += rest;
    }
    weights.into_iter().enumerate().map(|(i, w)| (first + step * i as f64, w)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use crate::stats::dist::Dist;
    use crate::stats::sample::uniforms;
    use crate::stats::special::normal_density;

    const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    fn sample(law: &Dist, n: u64) -> Vec<f64> {
        let mut values: Vec<f64> = uniforms(5, n).map(|u| law.draw(u)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    fn mass(density: &Density) -> f64 {
        density.points.windows(2).map(|w| 0.5 * (w[0].1 + w[1].1) * (w[1].0 - w[0].0)).sum()
    }

    #[test]
    fn two_values_by_hand() {
        let got = density(&[0.0, 2.0], FREE, 101).unwrap();
        // sd sqrt(2), quartiles 0.5 and 1.5: 0.9 / 1.34 / 2^0.2.
        assert!(close(got.bandwidth, 0.9 / 1.34 / pow(2.0, 0.2), 1e-14));
        for &(x, height) in &got.points {
            let h = got.bandwidth;
            let wanted = (normal_density(x / h) + normal_density((x - 2.0) / h)) / (2.0 * h);
            assert!(close(height, wanted, 1e-13), "at {x}: {height}, {wanted}");
        }
    }

    #[test]
    fn reflection_keeps_the_mass_inside() {
        let values = sample(&Dist::Exponential { mean: 10.0 }, 4000);
        let got = density(&values, (0.0, f64::INFINITY), 400).unwrap();
        assert!(got.points[0].0 == 0.0);
        assert!((mass(&got) - 1.0).abs() < 2e-3, "{}", mass(&got));
        // Without reflection the density at the end would be about half of its value.
        assert!(got.points[0].1 > 0.08, "{}", got.points[0].1);
        let both = density(&sample(&Dist::Uniform { low: 0.0, high: 1.0 }, 4000), (0.0, 1.0), 200);
        let both = both.unwrap();
        assert!((mass(&both) - 1.0).abs() < 1e-3);
        assert!(both.points.iter().all(|&(_, height)| (height - 1.0).abs() < 0.15));
    }

    #[test]
    fn binning_moves_no_visible_digit() {
        let values = sample(&Dist::Normal { mean: 3.0, sd: 2.0, within: None }, 5001);
        let binned = density(&values, FREE, 60).unwrap();
        let centres: Vec<(f64, f64)> = values.iter().map(|&x| (x, 1.0)).collect();
        let h = binned.bandwidth;
        let scale = 1.0 / (5001.0 * h * (2.0 * PI).sqrt());
        for &(x, height) in &binned.points {
            let direct = scale * kernels(&centres, x, h);
            assert!((height - direct).abs() < 2e-6, "at {x}: {height}, {direct}");
            assert!((height - normal_density((x - 3.0) / 2.0) / 2.0).abs() < 0.02);
        }
    }

    #[test]
    fn samples_without_a_density() {
        assert_eq!(density(&[], FREE, 10), None);
        assert_eq!(density(&[1.0], FREE, 10), None);
        assert_eq!(density(&[1.0, 1.0, 1.0], FREE, 10), None);
        assert_eq!(density(&[1.0, f64::INFINITY], FREE, 10), None);
        assert_eq!(density(&[-1.0, 1.0], (0.0, 5.0), 10), None);
        assert_eq!(density(&[0.0, 1.0], FREE, 1), None);
        // Half of the values equal: the range is 0, and the sd decides.
        assert!(density(&[0.0, 0.0, 0.0, 0.0, 9.0], (0.0, f64::INFINITY), 10).is_some());
    }
}
