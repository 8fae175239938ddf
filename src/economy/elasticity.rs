//! How far trade reacts, by horizon.
//!
//! Trade reacts to a tariff little in the first year and more over a decade: Boehm, Levchenko &
//! Pandalai-Nayar (2023, American Economic Review 113) find 0.76 in the first year and about 2 after
//! seven to ten. The path between is
//!
//! theta(h) = theta(long run) · [ r + (1 - r)(1 - exp(-h / T)) ],   r = 0.38,  T = 3 years,
//!
//! with h the years since the wedges came into force.

use super::EconomyError;
use crate::math;

/// First-year over long-run trade elasticity: 0.76 / 2 (Boehm et al. 2023).
pub const FIRST_YEAR_SHARE: f64 = 0.38;
/// Years in which the gap to the long run falls by a factor e (seven to ten years to converge).
pub const ADJUSTMENT_YEARS: f64 = 3.0;
/// Trade elasticities outside this range belong to no estimate and to no stable solution.
pub const RANGE: (f64, f64) = (0.05, 100.0);

/// Share of the long-run elasticity that is reached `years` after the wedges came into force.
#[must_use]
pub fn reached(years: f64) -> f64 {
    FIRST_YEAR_SHARE + (1.0 - FIRST_YEAR_SHARE) * -math::expm1(-years / ADJUSTMENT_YEARS)
}

/// What the one uncertain number for the trade elasticity means.
#[derive(Debug, Clone, PartialEq)]
pub enum ElasticityBasis {
    /// The level in the first year, the same in all sectors; it grows towards the long run with the
    /// horizon (0.76 gives 0.76 at once and 2 in the long run).
    FirstYear,
    /// The level at the horizon itself, the same in all sectors.
    AtHorizon,
    /// A multiplier on long-run elasticities by sector, which the horizon scales down.
    TimesLongRun(Vec<f64>),
    /// A multiplier on elasticities by sector that hold at the horizon itself.
    TimesAtHorizon(Vec<f64>),
}

impl ElasticityBasis {
    /// Writes the elasticities by sector at a horizon into `theta`.
    ///
    /// # Errors
    /// A negative horizon, or an elasticity that is not a number of [`RANGE`].
    pub fn fill(&self, years: f64, number: f64, theta: &mut [f64]) -> Result<(), EconomyError> {
        if years.is_nan() || years < 0.0 {
            return Err(EconomyError::Horizon { years });
        }
        match self {
            ElasticityBasis::FirstYear => theta.fill(number * reached(years) / FIRST_YEAR_SHARE),
            ElasticityBasis::AtHorizon => theta.fill(number),
            ElasticityBasis::TimesLongRun(set) => {
                let factor = number * reached(years);
                theta.iter_mut().zip(set).for_each(|(t, long)| *t = long * factor);
            }
            ElasticityBasis::TimesAtHorizon(set) => {
                theta.iter_mut().zip(set).for_each(|(t, level)| *t = level * number);
            }
        }
        for &value in theta.iter() {
            if !(RANGE.0..=RANGE.1).contains(&value) {
                return Err(EconomyError::Elasticity { value, low: RANGE.0, high: RANGE.1 });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn path_runs_from_first_year_to_long_run() {
        assert!(close(2.0 * reached(0.0), 0.76, 1e-15));
        assert!(close(2.0 * reached(100.0), 2.0, 1e-12));
        assert!(reached(0.25) < reached(1.0) && reached(1.0) < reached(10.0));
        // Seven to ten years to converge: within 4-6 % of the long run by then.
        assert!(reached(7.0) > 0.93 && reached(10.0) > 0.97);
    }

    #[test]
    fn basis_gives_levels_by_sector() {
        let mut theta = [0.0; 2];
        ElasticityBasis::FirstYear.fill(0.0, 0.76, &mut theta).unwrap();
        assert!(close(theta[1], 0.76, 1e-15));
        ElasticityBasis::AtHorizon.fill(0.25, 4.0, &mut theta).unwrap();
        assert!(close(theta[0], 4.0, 1e-15));
        ElasticityBasis::TimesLongRun(vec![2.0, 5.0]).fill(1e9, 1.1, &mut theta).unwrap();
        assert!(close(theta[0], 2.2, 1e-12) && close(theta[1], 5.5, 1e-12));
        assert!(ElasticityBasis::AtHorizon.fill(1.0, 0.0, &mut theta).is_err());
        assert!(ElasticityBasis::AtHorizon.fill(1.0, f64::NAN, &mut theta).is_err());
        assert!(ElasticityBasis::AtHorizon.fill(f64::NAN, 1.0, &mut theta).is_err());
    }
}
