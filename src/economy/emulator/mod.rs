//! The full model as a scenario uses it: everything that the scenario can reach, solved ahead.
//!
//! A scenario's measures move few things: a tariff here, a share of a flow there. Cells whose wedges
//! always move together are one [`Lever`]; a [`Reach`] says over what each may move. Where the levers take
//! few values, every policy is solved exactly and looked up by its key. Where they are many or continuous, a
//! surface of solved policies is interpolated; its error is measured against exact solutions
//! and stated. A policy outside of the reach is solved by itself when it is asked for.
//!
//! An answer is a pure function of base, elasticities, closure, reach and policy: solved cold, whoever
//! asks first and on however many threads.

mod store;
mod surface;

use super::base::Base;
use super::first_storey::Memory;
use super::reading::Reading;
use super::solver::Model;
use super::surrogate::unflatten;
use super::trade::Trade;
use super::wedges::{WedgePlace, Wedges};
use super::{Economy, EconomyError, Effects};
use crate::math;
use crate::work::{self, Cancel};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use store::Store;
use surface::{Strengths, Surface};

pub use surface::SurfaceError;

/// With no more policies than this, each is solved exactly.
const EXACT: usize = 300;

/// Cells whose wedges always move together.
#[derive(Debug, Clone, PartialEq)]
pub struct Lever {
    /// The cells, in canonical order; at least one.
    pub places: Vec<WedgePlace>,
    /// Smallest amount on top of what is fixed.
    pub low: f64,
    /// Largest amount.
    pub high: f64,
    /// Amount at the start.
    pub start: f64,
    /// All amounts it can take, rising, if they are few; empty if it moves continuously.
    pub values: Vec<f64>,
}

/// The uncertain number of the elasticity.
#[derive(Debug, Clone, PartialEq)]
pub enum Elasticities {
    /// Anything between two bounds; equal bounds are one number.
    Range(f64, f64),
    /// These alone, rising: any other is taken for the nearest in logarithm.
    Sets(Vec<f64>),
}

/// Over what a scenario can move the economy.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// What always stands.
    pub fixed: Wedges,
    /// What moves.
    pub levers: Vec<Lever>,
    /// The elasticity.
    pub elasticities: Elasticities,
    /// Years since the measures came into force.
    pub horizon_years: f64,
}

/// Where a build may run, and whom it tells how far it is.
pub struct Pace<'a> {
    /// Threads; 0 is one for each core.
    pub threads: usize,
    /// Stops it.
    pub cancel: &'a Cancel,
    /// Called with policies solved and policies to solve, in no fixed order.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// The full model over a scenario's reach.
#[derive(Debug)]
pub struct Emulator {
    trade: Trade,
    reach: Reach,
    readings: Vec<Reading>,
    /// Regions whose welfare is read.
    regions: Vec<usize>,
    lever_of: BTreeMap<WedgePlace, usize>,
    strengths: Strengths,
    /// Whether every policy is solved exactly.
    exact: bool,
    models: Mutex<BTreeMap<u64, Arc<Model>>>,
    store: Store,
    surface: OnceLock<Result<Surface, EconomyError>>,
    /// Policies without an answer, by their key.
    failures: Mutex<BTreeMap<String, String>>,
}

/// A policy to solve, and at which strength of the elasticities.
type Job = (Wedges, f64);

impl Emulator {
    /// Prepares to answer; nothing is solved yet. Welfare is read for `regions`, beside `more`.
    ///
    /// # Errors
    /// An elasticity or horizon out of range.
    pub fn new(
        trade: Trade,
        reach: Reach,
        regions: &[usize],
        more: &[Reading],
    ) -> Result<Emulator, EconomyError> {
        let mut readings: Vec<Reading> = Vec::new();
        readings.extend(regions.iter().map(|&r| Reading::Income(r)));
        readings.extend(regions.iter().map(|&r| Reading::Revenue(r)));
        readings.extend(regions.iter().map(|&r| Reading::Prices(r)));
        readings.extend_from_slice(more);
        let mut theta = vec![0.0; trade.base().sector_count()];
        let ends = match &reach.elasticities {
            Elasticities::Range(low, high) => vec![*low, *high],
            Elasticities::Sets(sets) => sets.clone(),
        };
        for number in ends {
            trade.basis().fill(reach.horizon_years, number, &mut theta)?;
        }
        let log = |number: f64| math::ln(trade.strength(reach.horizon_years, number));
        let strengths = match &reach.elasticities {
            Elasticities::Range(low, high) => Strengths::range(log(*low), log(*high)),
            Elasticities::Sets(sets) => Strengths::sets(sets.iter().map(|x| log(*x)).collect()),
        };
        let mut lever_of = BTreeMap::new();
        for (k, lever) in reach.levers.iter().enumerate() {
            lever.places.iter().for_each(|place| {
                lever_of.insert(*place, k);
            });
        }
        let mut policies = 1_usize;
        for lever in &reach.levers {
            policies = policies.saturating_mul(match lever.values.len() {
                0 if math::same(lever.low, lever.high) => 1,
                0 => usize::MAX,
                n => n,
            });
        }
        Ok(Emulator {
            exact: policies <= EXACT,
            regions: regions.to_vec(),
            trade,
            reach,
            readings,
            lever_of,
            strengths,
            models: Mutex::default(),
            store: Store::default(),
            surface: OnceLock::new(),
            failures: Mutex::default(),
        })
    }

    /// The model that it stands in for.
    #[must_use]
    pub fn trade(&self) -> &Trade {
        &self.trade
    }

    /// Over what it can be asked.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// How many policies [`Emulator::prepare`] solves at most, each at one elasticity.
    #[must_use]
    pub fn cost(&self) -> usize {
        let points = self.strengths.fine().len();
        if self.exact {
            let side = |lever: &Lever| lever.values.len().max(1);
            return points * self.reach.levers.iter().map(side).product::<usize>();
        }
        Surface::cost(self.reach.levers.len(), &self.strengths)
    }

    /// Whether every policy is solved exactly; else a surface is interpolated.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// How far answers are from exact ones; none for exact answers, or before anything was asked.
    #[must_use]
    pub fn error(&self) -> Option<SurfaceError> {
        self.surface.get()?.as_ref().ok().map(Surface::error)
    }

    /// Elasticities at which a policy is solved.
    #[must_use]
    pub fn elasticity_points(&self) -> usize {
        self.strengths.fine().len()
    }

    /// Policies solved so far, each at one elasticity.
    #[must_use]
    pub fn solved(&self) -> usize {
        self.store.len()
    }

    /// Solves ahead what answers are made of; false if it was cancelled. What is kept already is not
    /// solved again.
    ///
    /// # Errors
    /// A policy within reach has no equilibrium.
    pub fn prepare(&self, pace: &Pace<'_>) -> Result<bool, EconomyError> {
        if self.exact {
            return Ok(self.solve_all(&self.exact_jobs(), Some(pace))?.is_some());
        }
        if let Some(done) = self.surface.get() {
            return done.as_ref().map(|_| true).map_err(EconomyError::clone);
        }
        match Surface::build(self, Some(pace)) {
            Ok(None) => Ok(false),
            Ok(Some(surface)) => {
                let _ = self.surface.set(Ok(surface));
                Ok(true)
            }
            Err(error) => {
                let _ = self.surface.set(Err(error.clone()));
                Err(error)
            }
        }
    }

    /// All policies of levers with few values, at all elasticities.
    fn exact_jobs(&self) -> Vec<Job> {
        let mut policies = vec![self.reach.fixed.clone()];
        for lever in &self.reach.levers {
            let values = if lever.values.is_empty() { &[lever.low][..] } else { &lever.values };
            let mut longer = Vec::with_capacity(policies.len() * values.len());
            for policy in &policies {
                for &value in values {
                    let mut next = policy.clone();
                    lever.places.iter().for_each(|place| next.add_at(*place, value));
                    longer.push(next);
                }
            }
            policies = longer;
        }
        let points = self.strengths.fine();
        policies.iter().flat_map(|w| points.iter().map(|s| (w.clone(), *s))).collect()
    }

    /// The policy with given amounts of the levers.
    fn policy(&self, amounts: &[f64]) -> Wedges {
        let mut wedges = self.reach.fixed.clone();
        for (lever, &amount) in self.reach.levers.iter().zip(amounts) {
            lever.places.iter().for_each(|place| wedges.add_at(*place, amount));
        }
        wedges
    }

    /// Amounts of the levers that make a policy; none if they cannot.
    fn amounts(&self, wedges: &Wedges) -> Option<Vec<f64>> {
        let mut amounts = vec![f64::NAN; self.reach.levers.len()];
        let mut met = 0;
        for (place, _) in wedges.iter().chain(self.reach.fixed.iter()) {
            let amount = wedges.at(place) - self.reach.fixed.at(place);
            let Some(&lever) = self.lever_of.get(&place) else {
                if amount.abs() > 1e-12 {
                    return None;
                }
                continue;
            };
            if amounts[lever].is_nan() {
                amounts[lever] = amount;
                met += self.reach.levers[lever].places.len();
            } else if (amounts[lever] - amount).abs() > 1e-12 {
                return None;
            }
        }
        // Cells without a wedge count as 0, and the others of their lever must as well.
        let mut seen = vec![0; if met == 0 { 0 } else { amounts.len() }];
        if met > 0 {
            for (place, _) in wedges.iter() {
                if let Some(&lever) = self.lever_of.get(&place) {
                    seen[lever] += 1;
                }
            }
        }
        for (k, lever) in self.reach.levers.iter().enumerate() {
            if amounts[k].is_nan() {
                amounts[k] = 0.0;
            } else if seen[k] > 0 && seen[k] < lever.places.len() {
                return None;
            }
            let slack = 1e-9 + 1e-9 * lever.high.abs();
            if amounts[k] < lever.low - slack || amounts[k] > lever.high + slack {
                return None;
            }
        }
        Some(amounts)
    }

    /// The readings of a policy at a log strength, solved exactly and kept.
    fn solved_at(&self, wedges: &Wedges, log: f64) -> Result<Arc<[f64]>, EconomyError> {
        if let Some(found) = self.store.get(wedges, log) {
            return Ok(found);
        }
        let model = self.model(log)?;
        let world = self.trade.solve(&model, wedges)?;
        let answer = self.readings.iter().map(|r| r.of(&world, model.base())).collect();
        Ok(self.store.keep(wedges, log, answer))
    }

    fn model(&self, log: f64) -> Result<Arc<Model>, EconomyError> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(&log.to_bits()) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(self.trade.model_at(math::exp(log))?);
        models.insert(log.to_bits(), Arc::clone(&model));
        Ok(model)
    }

    /// Solves jobs, on many threads if there is a pace; none if it was cancelled.
    fn solve_all(
        &self,
        jobs: &[Job],
        pace: Option<&Pace<'_>>,
    ) -> Result<Option<Vec<Arc<[f64]>>>, EconomyError> {
        let one = |k: usize| self.solved_at(&jobs[k].0, jobs[k].1);
        let Some(pace) = pace else {
            return (0..jobs.len()).map(one).collect::<Result<Vec<_>, _>>().map(Some);
        };
        let done = std::sync::atomic::AtomicUsize::new(0);
        let job = |k: usize| {
            let answer = one(k);
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            (pace.progress)(done, jobs.len());
            answer
        };
        match work::map_ordered(pace.threads, jobs.len(), pace.cancel, job) {
            // The first in order, so that the same failure is told on any number of threads.
            Ok(answers) => answers.into_iter().collect::<Option<Result<Vec<_>, _>>>().transpose(),
            Err(error) => Err(EconomyError::Work(error.to_string())),
        }
    }

    /// Readings of a policy at the scenario's horizon; `count` of them.
    fn read(
        &self,
        wedges: &Wedges,
        elasticity: f64,
        count: usize,
    ) -> Result<Vec<f64>, EconomyError> {
        let log = math::ln(self.trade.strength(self.reach.horizon_years, elasticity));
        let log = self.strengths.seen(log);
        if !self.strengths.holds(log) {
            return Ok(self.solved_at(wedges, log)?[..count].to_vec());
        }
        if !self.exact
            && let Some(amounts) = self.amounts(wedges)
        {
            return match self.surface.get_or_init(|| self.lazily()) {
                Ok(surface) => Ok(surface.read(&amounts, log, count)),
                Err(error) => Err(error.clone()),
            };
        }
        let (points, mut weights) = (self.strengths.fine(), Vec::new());
        self.strengths.weights(log, &mut weights);
        let mut sum = vec![0.0; count];
        for (point, weight) in points.iter().zip(&weights) {
            if !math::same(*weight, 0.0) {
                let answer = self.solved_at(wedges, *point)?;
                sum.iter_mut().zip(answer.iter()).for_each(|(s, a)| *s += weight * a);
            }
        }
        Ok(sum)
    }

    fn lazily(&self) -> Result<Surface, EconomyError> {
        match Surface::build(self, None)? {
            Some(surface) => Ok(surface),
            None => Err(EconomyError::Work("was cancelled".to_owned())),
        }
    }

    fn effects_of(
        &self,
        wedges: &Wedges,
        (years, elasticity): (f64, f64),
        count: usize,
    ) -> Result<Effects, EconomyError> {
        if !math::same(years, self.reach.horizon_years) {
            return Err(EconomyError::Horizon { years });
        }
        let found = self.read(wedges, elasticity, count).inspect_err(|error| {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.insert(wedges.key().to_text(), error.to_string());
        })?;
        let n = self.trade.base().region_count();
        // What was not asked for is no number.
        let mut effects = unflatten(&vec![f64::NAN; 3 * n], n);
        let lists = [&mut effects.income, &mut effects.revenue, &mut effects.prices];
        let width = self.regions.len();
        for (list, part) in lists.into_iter().zip(found.chunks(width.max(1))) {
            self.regions.iter().zip(part).for_each(|(&region, x)| list[region] = *x);
        }
        effects.more = found.get(3 * width..).unwrap_or_default().to_vec();
        Ok(effects)
    }

    /// A policy for which no equilibrium was found when it was asked for, and why; the first by its key.
    #[must_use]
    pub fn failure(&self) -> Option<(String, String)> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.iter().next().map(|(key, why)| (key.clone(), why.clone()))
    }

    /// A hash of everything that answers depend on but the policy: the name of a file of answers.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.trade.fingerprint());
        digest.update(format!("{:?} {:?}", self.trade.basis(), self.readings));
        digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// All solved policies as text, for a file.
    #[must_use]
    pub fn save(&self) -> String {
        self.store.save(&self.fingerprint())
    }

    /// Takes in what was saved before: how many policies were good, and how many lines were damaged. Text
    /// of another fingerprint counts as one damaged line.
    pub fn load(&self, text: &str) -> (usize, usize) {
        self.store.load(text, &self.fingerprint(), self.readings.len())
    }
}

impl Economy for Emulator {
    fn base(&self) -> &Base {
        self.trade.base()
    }

    fn effects(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
    ) -> Result<Effects, EconomyError> {
        self.effects_of(wedges, (horizon_years, elasticity), self.readings.len())
    }

    fn effects_with(
        &self,
        wedges: &Wedges,
        horizon_years: f64,
        elasticity: f64,
        _memory: &mut Memory,
    ) -> Result<Effects, EconomyError> {
        // Deciders read income and revenue alone.
        self.effects_of(wedges, (horizon_years, elasticity), 2 * self.regions.len())
    }

    fn more(&self) -> &[Reading] {
        &self.readings[3 * self.regions.len()..]
    }

    fn emulator(&self) -> Option<&Emulator> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
