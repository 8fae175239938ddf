//! The full trade model behind the [`Economy`] interface, with its answers kept.
//!
//! A trial asks for the same few policies again and again, so answers are kept by policy. Each is
//! solved cold, so its bits do not depend on what was solved before or on which thread came first:
//! filling the cache from many threads gives what one thread gives.
//!
//! If the trade elasticity is uncertain, a policy is not solved for every draw but at a few Chebyshev
//! points over the range of the elasticity, and interpolated between them in its logarithm; the error
//! of that is measured by [`Trade::interpolation_error`]. A draw outside the range is solved itself.

use super::base::Base;
use super::chebyshev::Chebyshev;
use super::elasticity::{ElasticityBasis, RANGE, reached};
use super::policy::{Deficits, Policy};
use super::solver::{Critical, Equilibrium, Model, Settings, SolveError};
use super::surrogate::{flatten, unflatten};
use super::wedges::{PolicyKey, Wedges};
use super::{BaseError, Economy, EconomyError, Effects};
use crate::math;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// The full model, solved for a policy when first asked.
#[derive(Debug)]
pub struct Trade {
    base: Base,
    basis: ElasticityBasis,
    critical: Option<Critical>,
    deficits: Deficits,
    /// Measured from a base without deficits.
    balanced: bool,
    settings: Settings,
    /// Points in the log of the elasticity number, and a model at each.
    grid: Option<(Chebyshev, Vec<Model>)>,
    /// Ordered by a hash first, so that a search compares numbers, then by the policy.
    kept: RwLock<BTreeMap<(u64, Wedges), Arc<Answer>>>,
}

/// A policy's effects at each point of the grid, flat.
type Answer = Result<Vec<Vec<f64>>, EconomyError>;

impl Trade {
    /// The model on a base, solved at exactly the elasticity asked for.
    ///
    /// # Errors
    /// Elasticities of the basis that do not fit the base.
    pub fn new(base: &Base, basis: ElasticityBasis) -> Result<Trade, BaseError> {
        if let ElasticityBasis::TimesLongRun(set) | ElasticityBasis::TimesAtHorizon(set) = &basis {
            // A model of these elasticities checks them.
            Model::new(base, set, None)?;
        }
        Ok(Trade {
            base: base.clone(),
            basis,
            critical: None,
            deficits: Deficits::Fixed,
            balanced: false,
            settings: Settings::default(),
            grid: None,
            kept: RwLock::new(BTreeMap::new()),
        })
    }

    /// With a critical input of low substitution; forgets kept answers.
    #[must_use]
    pub fn with_critical(mut self, critical: Critical) -> Trade {
        self.critical = Some(critical);
        self.grid = None;
        self.kept = RwLock::default();
        self
    }

    /// With another deficit closure; forgets kept answers.
    #[must_use]
    pub fn with_deficits(mut self, deficits: Deficits) -> Trade {
        self.deficits = deficits;
        self.kept = RwLock::default();
        self
    }

    /// With effects measured from a base without deficits (Ossa 2014); forgets kept answers.
    #[must_use]
    pub fn balanced(mut self) -> Trade {
        self.balanced = true;
        self.grid = None;
        self.kept = RwLock::default();
        self
    }

    /// Prepares to keep answers: at `points` elasticities from `low` to `high`, as they act at the
    /// horizon (one point if they are equal). The cost of a policy is `points` solves, once.
    ///
    /// # Errors
    /// Elasticities or a horizon out of range, or a critical input that does not fit the base.
    pub fn keeping(
        mut self,
        horizon_years: f64,
        low: f64,
        high: f64,
        points: usize,
    ) -> Result<Trade, SolveError> {
        let strength = |number: f64| math::ln(self.strength(horizon_years, number));
        let grid = Chebyshev::new(strength(low), strength(high), points);
        let models = grid
            .points()
            .iter()
            .map(|&log| self.model_at(math::exp(log)))
            .collect::<Result<Vec<Model>, _>>()?;
        self.grid = Some((grid, models));
        self.kept = RwLock::default();
        Ok(self)
    }

    /// What holds trade balances in place, in words.
    #[must_use]
    pub fn closure(&self) -> &'static str {
        match self.deficits {
            _ if self.balanced => "none (trade balanced first)",
            Deficits::Fixed => "fixed in world value added",
            Deficits::Scaled => "scaled with own income",
            Deficits::Given(_) => "as given",
        }
    }

    /// The critical input, if there is one.
    #[must_use]
    pub fn critical(&self) -> Option<&Critical> {
        self.critical.as_ref()
    }

    /// What the elasticity number means.
    #[must_use]
    pub fn basis(&self) -> &ElasticityBasis {
        &self.basis
    }

    /// What the elasticity number is multiplied to at a horizon.
    pub(super) fn strength(&self, years: f64, number: f64) -> f64 {
        match &self.basis {
            ElasticityBasis::FirstYear => number * reached(years) / reached(0.0),
            ElasticityBasis::AtHorizon | ElasticityBasis::TimesAtHorizon(_) => number,
            ElasticityBasis::TimesLongRun(_) => number * reached(years),
        }
    }

    /// The model at a strength.
    pub(super) fn model_at(&self, strength: f64) -> Result<Model, SolveError> {
        let theta: Vec<f64> = match &self.basis {
            ElasticityBasis::FirstYear | ElasticityBasis::AtHorizon => {
                vec![strength; self.base.sector_count()]
            }
            ElasticityBasis::TimesLongRun(set) | ElasticityBasis::TimesAtHorizon(set) => {
                set.iter().map(|t| t * strength).collect()
            }
        };
        let model = Model::new(&self.base, &theta, self.critical.clone())?;
        if self.balanced { model.balanced(self.settings) } else { Ok(model) }
    }

    /// The whole solved world of a policy, for tables and reports: not kept.
    ///
    /// # Errors
    /// See [`Model::solve`].
    pub fn world(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
    ) -> Result<Equilibrium, EconomyError> {
        let mut theta = vec![0.0; self.base.sector_count()];
        self.basis.fill(horizon_years, elasticity, &mut theta)?;
        let model = self.model_at(self.strength(horizon_years, elasticity))?;
        self.solve(&model, wedges)
    }

    pub(super) fn solve(
        &self,
        model: &Model,
        wedges: &Wedges,
    ) -> Result<Equilibrium, EconomyError> {
        let mut policy = Policy::with_wedges(model.base(), wedges)?;
        policy.deficits = self.deficits.clone();
        Ok(model.solve(&policy, self.settings)?)
    }

    /// Effects of a policy at every point of the grid, solved at once.
    fn answer(&self, models: &[Model], wedges: &Wedges) -> Answer {
        models
            .iter()
            .map(|model| Ok(flatten(&effects_of(&self.solve(model, wedges)?, model.base()))))
            .collect()
    }

    /// The kept answer of a policy, or `None` if it has not been asked for.
    #[must_use]
    pub fn kept(&self, wedges: &Wedges) -> bool {
        self.look_up(&(hash(wedges), wedges)).is_some()
    }

    fn look_up(&self, key: &(u64, &Wedges)) -> Option<Arc<Answer>> {
        let kept = self.kept.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A range of the one hash; policies of equal hash are told apart by value.
        kept.range((key.0, Wedges::new())..)
            .take_while(|((hash, _), _)| *hash == key.0)
            .find(|((_, wedges), _)| wedges == key.1)
            .map(|(_, answer)| Arc::clone(answer))
    }

    /// Policies with a kept answer, in order.
    #[must_use]
    pub fn kept_policies(&self) -> Vec<PolicyKey> {
        let kept = self.kept.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut keys: Vec<PolicyKey> = kept.keys().map(|(_, wedges)| wedges.key()).collect();
        keys.sort();
        keys
    }

    /// Largest error of interpolating real income over the elasticity, in percentage points of GDP:
    /// measured half way between the points.
    ///
    /// # Errors
    /// The policy has no equilibrium somewhere in the range.
    pub fn interpolation_error(&self, wedges: &Wedges) -> Result<f64, EconomyError> {
        let Some((grid, models)) = &self.grid else { return Ok(0.0) };
        let values = self.answer(models, wedges)?;
        let mut worst: f64 = 0.0;
        for pair in grid.points().windows(2) {
            let middle = 0.5 * (pair[0] + pair[1]);
            let model = self.model_at(math::exp(middle))?;
            let exact = self.solve(&model, wedges)?;
            let guess = interpolate(grid, &values, middle, self.base.region_count());
            for (a, b) in effects_of(&exact, model.base()).income.iter().zip(&guess.income) {
                worst = worst.max((a - b).abs());
            }
        }
        Ok(worst)
    }

    /// A hash of everything the answers depend on but the policy: the name of a file of answers.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        for code in self.base.regions().iter().chain(self.base.sectors()) {
            digest.update(code);
            digest.update([0]);
        }
        let sectors = self.base.sector_count();
        let mut number = |x: f64| digest.update(x.to_bits().to_le_bytes());
        self.base.flows().iter().copied().for_each(&mut number);
        self.base.tariff().iter().copied().for_each(&mut number);
        self.base.export_tax().iter().copied().for_each(&mut number);
        self.base.value_added_share().iter().copied().for_each(&mut number);
        for n in 0..self.base.region_count() {
            for k in 0..sectors {
                (0..sectors).for_each(|j| number(self.base.input_share(n, k, j)));
            }
        }
        for model in self.grid.iter().flat_map(|(_, models)| models) {
            model.theta().iter().copied().for_each(&mut number);
        }
        number(self.settings.tolerance);
        digest.update(format!("{:?} {:?} {}", self.critical, self.deficits, self.balanced));
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// All kept answers as text, for a file named by the [`Trade::fingerprint`]; the same policies give
    /// the same text.
    #[must_use]
    pub fn save(&self) -> String {
        let mut text = format!("{}\n", self.fingerprint());
        for key in self.kept_policies() {
            let wedges = key.wedges();
            let answer = self.look_up(&(hash(&wedges), &wedges));
            let Some(Ok(points)) = answer.as_deref() else { continue };
            text.push_str(&key.to_text());
            for value in points.iter().flatten() {
                text.push_str(&format!(" {:x}", value.to_bits()));
            }
            text.push('\n');
        }
        text
    }

    /// Takes in answers saved before; returns how many. Text of another fingerprint, and lines that do
    /// not fit, are left out: they will be solved.
    pub fn load(&self, text: &str) -> usize {
        let mut lines = text.lines();
        if lines.next() != Some(self.fingerprint().as_str()) {
            return 0;
        }
        let Some((grid, _)) = &self.grid else { return 0 };
        let regions = self.base.region_count();
        let size = regions * (3 + regions);
        let mut taken = 0;
        for line in lines {
            let mut words = line.split(' ');
            let key = words.next().and_then(PolicyKey::from_text);
            let values: Option<Vec<f64>> =
                words.map(|w| u64::from_str_radix(w, 16).ok().map(f64::from_bits)).collect();
            let (Some(key), Some(values)) = (key, values) else { continue };
            if values.len() != size * grid.points().len() {
                continue;
            }
            self.keep(&key.wedges(), Ok(values.chunks(size).map(<[f64]>::to_vec).collect()));
            taken += 1;
        }
        taken
    }

    fn keep(&self, wedges: &Wedges, answer: Answer) -> Arc<Answer> {
        let mut kept = self.kept.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let entry = kept.entry((hash(wedges), wedges.clone()));
        Arc::clone(entry.or_insert_with(|| Arc::new(answer)))
    }
}

impl Economy for Trade {
    fn base(&self) -> &Base {
        &self.base
    }

    fn effects(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
    ) -> Result<Effects, EconomyError> {
        let strength = self.strength(horizon_years, elasticity);
        let within = |log: f64, grid: &Chebyshev| {
            let (low, high) = (grid.points()[0], grid.points()[grid.points().len() - 1]);
            log > low - 1e-12 && log < high + 1e-12
        };
        if horizon_years.is_nan() || horizon_years < 0.0 {
            return Err(EconomyError::Horizon { years: horizon_years });
        }
        if strength.is_nan() || strength <= 0.0 {
            let (low, high) = RANGE;
            return Err(EconomyError::Elasticity { value: strength, low, high });
        }
        let log = math::ln(strength);
        if let Some((grid, models)) = self.grid.as_ref().filter(|(grid, _)| within(log, grid)) {
            let answer = self
                .look_up(&(hash(wedges), wedges))
                .unwrap_or_else(|| self.keep(wedges, self.answer(models, wedges)));
            return match &*answer {
                Ok(values) => Ok(interpolate(grid, values, log, self.base.region_count())),
                Err(error) => Err(error.clone()),
            };
        }
        let model = self.model_at(strength)?;
        Ok(effects_of(&self.solve(&model, wedges)?, model.base()))
    }
}

fn interpolate(grid: &Chebyshev, values: &[Vec<f64>], log: f64, regions: usize) -> Effects {
    if let [only] = values {
        return unflatten(only, regions);
    }
    let mut weights = Vec::with_capacity(values.len());
    grid.weights(log, &mut weights);
    let mut flat = vec![0.0; values[0].len()];
    for (value, weight) in values.iter().zip(&weights) {
        flat.iter_mut().zip(value).for_each(|(sum, v)| *sum += weight * v);
    }
    unflatten(&flat, regions)
}

/// What a solved world means in the interface's units.
#[must_use]
pub fn effects_of(world: &Equilibrium, base: &Base) -> Effects {
    let regions = base.region_count();
    let mut effects = Effects::none(regions);
    for n in 0..regions {
        let gdp = base.value_added()[n];
        effects.income[n] = 100.0 * (world.real_income_hat[n] - 1.0) * base.income()[n] / gdp;
        let revenue = world.tariff_revenue[n] + world.export_tax_revenue[n];
        let before = base.tariff_revenue()[n] + base.export_tax_revenue()[n];
        effects.revenue[n] = 100.0 * (revenue - before) / gdp;
        effects.prices[n] = 100.0 * (world.cpi_hat[n] - 1.0);
        for i in (0..regions).filter(|&i| i != n) {
            let goods = |value: &dyn Fn(usize) -> f64| -> f64 {
                (0..base.goods()).map(|j| value(base.cell(n, i, j))).sum()
            };
            let old = goods(&|cell| base.flows()[cell] / (1.0 + base.tariff()[cell]));
            if old > 0.0 {
                effects.trade[n * regions + i] = goods(&|cell| world.border_flows[cell]) / old;
            }
        }
    }
    effects
}

/// A hash of a policy (Fowler, Noll & Vo): a place to look, not an identity.
pub(super) fn hash(wedges: &Wedges) -> u64 {
    wedges.words().fold(0xCBF2_9CE4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(23)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::{Sectors, WedgeKind, shipped};
    use crate::math::close;

    fn war(us: f64, cn: f64) -> Wedges {
        let mut wedges = Wedges::new();
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, us);
        wedges.add(1, 0, Sectors::Goods, WedgeKind::Tariff, cn);
        wedges
    }

    fn level() -> Trade {
        Trade::new(shipped::base("hybrid2023").unwrap(), ElasticityBasis::AtHorizon).unwrap()
    }

    #[test]
    fn kept_answers_are_the_solved_ones() {
        let (plain, keeping) = (level(), level().keeping(1.0, 4.0, 4.0, 1).unwrap());
        let wedges = war(1.0, 0.0);
        let exact = plain.effects(&wedges, 1.0, 4.0).unwrap();
        assert!(!keeping.kept(&wedges));
        for _ in 0..2 {
            assert_eq!(keeping.effects(&wedges, 1.0, 4.0).unwrap(), exact);
        }
        assert!(keeping.kept(&wedges) && !keeping.kept(&war(1.0, 0.1)));
        // Table of docs/economics.md: -0.264 % of income.
        let base = plain.base();
        let share = exact.income[0] * base.value_added()[0] / base.income()[0];
        assert!((share + 0.264).abs() < 5e-4, "{share}");
    }

    #[test]
    fn the_cache_does_not_depend_on_who_fills_it() {
        let policies: Vec<Wedges> = (0..8).map(|k| war(0.1 * f64::from(k), 0.05)).collect();
        let one = level().keeping(1.0, 2.0, 2.0, 1).unwrap();
        for wedges in &policies {
            one.effects(wedges, 1.0, 2.0).unwrap();
        }
        for threads in [2, 16] {
            let many = level().keeping(1.0, 2.0, 2.0, 1).unwrap();
            std::thread::scope(|scope| {
                for thread in 0..threads {
                    let (many, policies) = (&many, &policies);
                    scope.spawn(move || {
                        for k in 0..policies.len() {
                            let wedges = &policies[(k + thread) % policies.len()];
                            many.effects(wedges, 1.0, 2.0).unwrap();
                        }
                    });
                }
            });
            assert_eq!(many.save(), one.save());
        }
    }

    #[test]
    fn elasticities_between_the_points_are_interpolated_closely() {
        let trade = level().keeping(1.0, 0.5, 2.0, 6).unwrap();
        let wedges = war(1.0, 0.5);
        let error = trade.interpolation_error(&wedges).unwrap();
        assert!(error > 0.0 && error < 2e-3, "{error}");
        let guess = trade.effects(&wedges, 1.0, 0.76).unwrap();
        let exact = level().effects(&wedges, 1.0, 0.76).unwrap();
        assert!(close(guess.income[1], exact.income[1], 1e-3));
        // Outside the range the model itself answers.
        let outside = trade.effects(&wedges, 1.0, 4.0).unwrap();
        assert_eq!(outside, level().effects(&wedges, 1.0, 4.0).unwrap());
    }

    #[test]
    fn answers_survive_on_disk() {
        let trade = level().keeping(1.0, 1.0, 2.0, 3).unwrap();
        let wedges = war(0.3, 0.1);
        let effects = trade.effects(&wedges, 1.0, 1.5).unwrap();
        let text = trade.save();
        let other = level().keeping(1.0, 1.0, 2.0, 3).unwrap();
        assert_eq!(other.load(&text), 1);
        assert!(other.kept(&wedges));
        assert_eq!(other.effects(&wedges, 1.0, 1.5).unwrap(), effects);
        assert_eq!(other.save(), text);
        // Another elasticity, other answers.
        assert_eq!(level().keeping(1.0, 1.0, 3.0, 3).unwrap().load(&text), 0);
        assert_eq!(other.load(&text.replace("0:", "x:")), 0);
    }

    #[test]
    fn horizons_and_elasticities_out_of_range_are_told() {
        let trade = level();
        assert!(trade.effects(&war(0.1, 0.0), -1.0, 2.0).is_err());
        assert!(trade.effects(&war(0.1, 0.0), 1.0, 0.0).is_err());
        assert!(trade.effects(&war(0.1, 0.0), 1.0, f64::NAN).is_err());
        assert!(trade.effects(&war(-2.0, 0.0), 1.0, 2.0).is_err());
    }
}
