//! Interpolation through Chebyshev points of the second kind (Berrut & Trefethen 2004).
//!
//! The points include both ends of the range, so a range that starts at no change keeps no change
//! exact. Smooth functions converge faster than any power of the number of points.

use crate::math;

/// Points and weights over one range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chebyshev {
    points: Vec<f64>,
}

impl Chebyshev {
    /// `count` points over `low..=high`; one point if the range is empty or `count` is 1.
    #[must_use]
    pub(super) fn new(low: f64, high: f64, count: usize) -> Chebyshev {
        if count <= 1 || math::same(low, high) {
            return Chebyshev { points: vec![low] };
        }
        #[allow(clippy::cast_precision_loss, reason = "few points")]
        let angle = |k: usize| std::f64::consts::PI * k as f64 / (count - 1) as f64;
        let mut points: Vec<f64> = (0..count)
            .map(|k| 0.5 * (low + high) - 0.5 * (high - low) * math::cos(angle(k)))
            .collect();
        points[0] = low;
        points[count - 1] = high;
        Chebyshev { points }
    }

    /// Every `step`-th point, as a grid of its own: the points of second kind of such a number are among
    /// these.
    #[must_use]
    pub(super) fn every(&self, step: usize) -> Chebyshev {
        Chebyshev { points: self.points.iter().copied().step_by(step.max(1)).collect() }
    }

    /// The points, rising.
    #[must_use]
    pub(super) fn points(&self) -> &[f64] {
        &self.points
    }

    /// How much each point's value counts at `x`; sums to 1, and to a single 1 on a point.
    pub(super) fn weights(&self, x: f64, weights: &mut Vec<f64>) {
        weights.clear();
        if let Some(hit) = self.points.iter().position(|&point| (x - point).abs() < 1e-13) {
            weights.resize(self.points.len(), 0.0);
            weights[hit] = 1.0;
            return;
        }
        let last = self.points.len() - 1;
        let mut total = 0.0;
        for (k, point) in self.points.iter().enumerate() {
            let end = if k == 0 || k == last { 0.5 } else { 1.0 };
            let weight = if k % 2 == 0 { end } else { -end } / (x - point);
            total += weight;
            weights.push(weight);
        }
        weights.iter_mut().for_each(|weight| *weight /= total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_exact_and_smooth_functions_nearly() {
        let grid = Chebyshev::new(-1.0, 3.0, 7);
        let mut weights = Vec::new();
        for k in 0..50 {
            let x = -1.0 + 4.0 * f64::from(k) / 49.0;
            grid.weights(x, &mut weights);
            let value = |f: &dyn Fn(f64) -> f64| -> f64 {
                grid.points().iter().zip(&weights).map(|(p, w)| w * f(*p)).sum()
            };
            let cubic = |t: f64| 1.0 - 2.0 * t + 0.5 * t * t * t;
            assert!((value(&cubic) - cubic(x)).abs() < 1e-12);
            assert!((value(&math::exp) - math::exp(x)).abs() < 2e-2);
        }
        assert_eq!(Chebyshev::new(2.0, 2.0, 5).points(), [2.0]);
    }
}
