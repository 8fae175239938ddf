//! A stand-in for the trade model over continuous intensities: a Chebyshev tensor in ln(1 + tau).
//!
//! Built once per combination of discrete measures, by solving the model at the points of a grid; then
//! evaluated in well under a microsecond a number. Its error is not assumed but measured, at points of
//! a low-discrepancy sequence (Halton 1960) that are not on the grid.

use super::chebyshev::Chebyshev;
use super::{EconomyError, Effects};
use crate::math;

/// An interpolated map from intensities to effects.
#[derive(Debug, Clone)]
pub struct Surrogate {
    axes: Vec<Chebyshev>,
    /// Effects at the grid's points, the first axis slowest; each a flat list.
    values: Vec<Vec<f64>>,
    regions: usize,
    error: f64,
}

/// Points at which the error of a surrogate is measured.
const CHECKS: u32 = 16;

impl Surrogate {
    /// Builds the surrogate of `solve` over intensities 0 to `highest` on each axis, with `points` a
    /// side; 7 give an error near 1e-6 up to tariffs of 200 %.
    ///
    /// # Errors
    /// The first error of `solve`.
    pub fn build(
        highest: &[f64],
        points: usize,
        solve: impl Fn(&[f64]) -> Result<Effects, EconomyError>,
    ) -> Result<Surrogate, EconomyError> {
        let axes: Vec<Chebyshev> =
            highest.iter().map(|&top| Chebyshev::new(0.0, math::ln_1p(top), points)).collect();
        let mut surrogate = Surrogate { axes, values: Vec::new(), regions: 0, error: 0.0 };
        let total: usize = surrogate.axes.iter().map(|axis| axis.points().len()).product();
        for at in 0..total {
            let effects = solve(&surrogate.grid_point(at))?;
            surrogate.regions = effects.income.len();
            surrogate.values.push(flatten(&effects));
        }
        for check in 1..=CHECKS {
            let at: Vec<f64> = highest
                .iter()
                .zip([2, 3, 5, 7, 11, 13, 17, 19])
                .map(|(&top, prime)| math::expm1(math::ln_1p(top) * halton(check, prime)))
                .collect();
            let (exact, guess) = (solve(&at)?, surrogate.effects(&at));
            for (a, b) in exact.income.iter().zip(&guess.income) {
                surrogate.error = surrogate.error.max((a - b).abs());
            }
        }
        Ok(surrogate)
    }

    /// Intensities of a grid point.
    fn grid_point(&self, mut at: usize) -> Vec<f64> {
        let mut point = vec![0.0; self.axes.len()];
        for (axis, value) in self.axes.iter().zip(&mut point).rev() {
            let count = axis.points().len();
            *value = math::expm1(axis.points()[at % count]);
            at /= count;
        }
        point
    }

    /// Effects at given intensities, one by axis; meant for those inside the range it was built for.
    #[must_use]
    pub fn effects(&self, intensities: &[f64]) -> Effects {
        let mut combined = vec![1.0];
        let mut weights = Vec::new();
        for (axis, &intensity) in self.axes.iter().zip(intensities) {
            axis.weights(math::ln_1p(intensity), &mut weights);
            combined = combined.iter().flat_map(|c| weights.iter().map(move |w| c * w)).collect();
        }
        let mut flat = vec![0.0; self.values.first().map_or(0, Vec::len)];
        for (value, weight) in self.values.iter().zip(&combined) {
            if !math::same(*weight, 0.0) {
                flat.iter_mut().zip(value).for_each(|(sum, v)| *sum += weight * v);
            }
        }
        unflatten(&flat, self.regions)
    }

    /// Largest error of real income found at the points of check, in percentage points of GDP.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// How many times the model was solved to build the grid.
    #[must_use]
    pub fn solves(&self) -> usize {
        self.values.len()
    }
}

/// All numbers of effects in one list.
pub(super) fn flatten(effects: &Effects) -> Vec<f64> {
    [&effects.income, &effects.revenue, &effects.prices, &effects.trade]
        .into_iter()
        .flatten()
        .copied()
        .collect()
}

/// The reverse of [`flatten`].
pub(super) fn unflatten(flat: &[f64], regions: usize) -> Effects {
    let part = |k: usize| flat[k * regions..(k + 1) * regions].to_vec();
    Effects {
        income: part(0),
        revenue: part(1),
        prices: part(2),
        trade: flat[3 * regions..].to_vec(),
        more: Vec::new(),
    }
}

/// The `index`-th number of the van der Corput sequence in a prime base.
pub(super) fn halton(mut index: u32, prime: u32) -> f64 {
    let (mut result, mut step) = (0.0, 1.0);
    while index > 0 {
        step /= f64::from(prime);
        result += step * f64::from(index % prime);
        index /= prime;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::{Economy, shipped};
    use crate::economy::{ElasticityBasis, FirstStorey, Sectors, Trade, WedgeKind, Wedges};

    fn war(us: f64, cn: f64) -> Wedges {
        let mut wedges = Wedges::new();
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, us);
        wedges.add(1, 0, Sectors::Goods, WedgeKind::Tariff, cn);
        wedges
    }

    #[test]
    fn two_tariffs_to_200_percent_by_49_solves() {
        let base = shipped::base("hybrid2023").unwrap();
        let theta = shipped::elasticities("default", base.sectors()).unwrap();
        let trade = Trade::new(base, ElasticityBasis::TimesAtHorizon(theta)).unwrap();
        let solve = |at: &[f64]| trade.effects(&war(at[0], at[1]), 1.0, 1.0);
        let surrogate = Surrogate::build(&[2.0, 2.0], 7, solve).unwrap();
        assert_eq!(surrogate.solves(), 49);
        // In per cent: 2e-6 as a share.
        assert!(surrogate.error() < 4e-4, "{}", surrogate.error());
        assert!(surrogate.effects(&[0.0, 0.0]).income.iter().all(|x| x.abs() < 1e-7));
    }

    #[test]
    fn the_first_storey_can_be_stood_in_for_too() {
        let base = shipped::base("hybrid2023").unwrap();
        let model = FirstStorey::new(base, ElasticityBasis::AtHorizon).unwrap();
        let surrogate =
            Surrogate::build(&[1.0], 9, |at| model.effects(&war(at[0], 0.0), 1.0, 4.0)).unwrap();
        assert!(surrogate.error() > 0.0 && surrogate.error() < 1e-3, "{}", surrogate.error());
    }
}
