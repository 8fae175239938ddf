//! The trade model: many regions and sectors, input-output links, solved exactly for any policy.
//!
//! Multi-sector Armington/Eaton-Kortum in exact hat algebra (Dekle, Eaton & Kortum 2008; Caliendo &
//! Parro 2015), with export taxes, quotas as endogenous wedges, three deficit closures and one
//! critical input of low substitution (nested as in Baqaee & Farhi). All unknowns, log wages, prices, expenditures and
//! quota wedges, are one fixed point, accelerated by Anderson's method: no loop inside a loop.
//!
//! A solve starts cold, at the base, so its bits depend on nothing but its arguments. What does not
//! converge is tried again more carefully; what still does not is an error that names the place.

mod anderson;
mod decompose;
mod equilibrium;
mod sweep;

pub use decompose::{Parts, decompose};
pub use equilibrium::Equilibrium;

use super::base::{Base, BaseError};
use super::policy::{Deficits, Policy};
use anderson::Anderson;
use sweep::Sweep;

/// A critical input: hard to replace by anything else in production.
#[derive(Debug, Clone, PartialEq)]
pub struct Critical {
    /// The sector that makes it.
    pub sector: usize,
    /// Elasticity of substitution between it and the bundle of all other inputs and labour, by using
    /// sector; 1 is Cobb-Douglas.
    pub sigma: Vec<f64>,
}

/// A base with elasticities: everything a solve needs but the policy.
#[derive(Debug, Clone)]
pub struct Model {
    base: Base,
    theta: Vec<f64>,
    critical: Option<Critical>,
    /// Baseline source shares pi, `[importer][exporter][sector]`.
    share: Vec<f64>,
    /// Labour's share of cost other than the critical input's, `[region][sector]`.
    labour: Vec<f64>,
    /// Input shares of the same, `[region][input][user]` and `[region][user][input]`.
    input: Vec<f64>,
    input_by_user: Vec<f64>,
    /// Baseline cost share of the critical input, `[region][sector]`.
    critical_share: Vec<f64>,
}

/// How exactly to solve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Largest change of any log unknown in a last sweep.
    pub tolerance: f64,
    /// Whether Anderson's acceleration is used; without it the sweep is iterated plainly.
    pub accelerate: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { tolerance: 1e-10, accelerate: true }
    }
}

/// Why no equilibrium was found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// The policy or the elasticities are not valid.
    #[error(transparent)]
    Policy(#[from] BaseError),
    /// Embargoes leave a region without any source of a sector.
    #[error("{region} has no source of {sector} left: exempt one exporter")]
    Unsupplied {
        /// Buying region.
        region: String,
        /// Sector.
        sector: String,
    },
    /// A region would have to pay more than it earns to keep its trade balance.
    #[error(
        "{region} cannot keep its trade balance under this policy: income would not be positive; use \
         scaled or zero deficits"
    )]
    Insolvent {
        /// The region.
        region: String,
    },
    /// The search did not settle even with every safeguard.
    #[error(
        "no equilibrium found after {sweeps} sweeps: {unknown} of {region}{sector} still moves by \
         {residual:.1e}; weaken the policy, or lift embargoes that nearly cut regions apart"
    )]
    NotConverged {
        /// `wage`, `price`, `expenditure` or `quota wedge`.
        unknown: &'static str,
        /// Region of the unknown that moves most.
        region: String,
        /// `, SECTOR` or nothing.
        sector: String,
        /// Its last change in logs.
        residual: f64,
        /// Sweeps made.
        sweeps: usize,
    },
}

/// One way to search: wage step, memory of the acceleration (0: none, and wage steps adapt), sweeps
/// allowed, damping of each sweep.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    wage_step: f64,
    depth: usize,
    sweeps: usize,
    damping: f64,
}

/// From quick to careful.
const ATTEMPTS: [Attempt; 4] = [
    Attempt { wage_step: 0.3, depth: 10, sweeps: 150, damping: 1.0 },
    Attempt { wage_step: 0.1, depth: 10, sweeps: 600, damping: 1.0 },
    Attempt { wage_step: 0.1, depth: 0, sweeps: 4000, damping: 1.0 },
    Attempt { wage_step: 0.03, depth: 0, sweeps: 40_000, damping: 0.3 },
];

/// The wage step by which convergence is judged.
const NORMAL_STEP: f64 = 0.3;

/// Elasticity above which the quick wage step overshoots.
const STEEP: f64 = 20.0;

/// Growth of the residual over the best so far at which past steps mislead.
const RUNAWAY: f64 = 1000.0;

impl Model {
    /// Calibrates a model.
    ///
    /// # Errors
    /// Elasticities that do not fit the base, or a critical input that is all of a sector's cost.
    pub fn new(base: &Base, theta: &[f64], critical: Option<Critical>) -> Result<Model, BaseError> {
        let (regions, sectors) = (base.region_count(), base.sector_count());
        if theta.len() != sectors {
            return Err(BaseError::new(
                "elasticities",
                format!("{} numbers for {sectors} sectors", theta.len()),
                "give one by sector",
            ));
        }
        for (j, &t) in theta.iter().enumerate() {
            if !(t.is_finite() && t > 0.0) {
                return Err(BaseError::new(
                    format!("elasticity of {}", base.sectors()[j]),
                    format!("{t} is not a trade elasticity"),
                    "give a positive number (sigma less 1)",
                ));
            }
        }
        let mut model = Model {
            theta: theta.to_vec(),
            share: base.flows().to_vec(),
            labour: base.value_added_share().to_vec(),
            input: vec![0.0; regions * sectors * sectors],
            input_by_user: vec![0.0; regions * sectors * sectors],
            critical_share: vec![0.0; regions * sectors],
            critical,
            base: base.clone(),
        };
        for n in 0..regions {
            for i in 0..regions {
                for j in 0..sectors {
                    model.share[base.cell(n, i, j)] /= base.expenditure()[n * sectors + j];
                }
            }
        }
        model.fill_inputs()?;
        Ok(model)
    }

    fn fill_inputs(&mut self) -> Result<(), BaseError> {
        let (regions, sectors) = (self.base.region_count(), self.base.sector_count());
        if let Some(critical) = &self.critical {
            let valid = critical.sector < sectors
                && critical.sigma.len() == sectors
                && critical.sigma.iter().all(|s| s.is_finite() && *s > 0.0);
            if !valid {
                return Err(BaseError::new(
                    "critical input",
                    "names no sector of the base or has no elasticity above 0 for each user",
                    "give the sector's index and one sigma by using sector",
                ));
            }
        }
        for n in 0..regions {
            for j in 0..sectors {
                let critical = self.critical.as_ref().map(|c| c.sector);
                let taken = critical.map_or(0.0, |k| self.base.input_share(n, k, j));
                if taken >= 1.0 - 1e-9 {
                    return Err(BaseError::new(
                        format!("{}, {}", self.base.regions()[n], self.base.sectors()[j]),
                        "the critical input is all of the cost",
                        "leave some cost to labour or other inputs",
                    ));
                }
                self.critical_share[n * sectors + j] = taken;
                self.labour[n * sectors + j] /= 1.0 - taken;
                for k in (0..sectors).filter(|&k| Some(k) != critical) {
                    let share = self.base.input_share(n, k, j) / (1.0 - taken);
                    self.input[(n * sectors + k) * sectors + j] = share;
                    self.input_by_user[(n * sectors + j) * sectors + k] = share;
                }
            }
        }
        Ok(())
    }

    /// The base the model is calibrated to.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// Trade elasticities by sector.
    #[must_use]
    pub fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// The critical input, if there is one.
    #[must_use]
    pub fn critical(&self) -> Option<&Critical> {
        self.critical.as_ref()
    }

    /// The world after a policy has had its effect.
    ///
    /// # Errors
    /// A policy that is not valid, leaves somebody without a source, or has no equilibrium that the
    /// solver can find.
    pub fn solve(&self, policy: &Policy, settings: Settings) -> Result<Equilibrium, SolveError> {
        policy.check(&self.base)?;
        let mut sweep = Sweep::new(self, policy);
        if let Some((n, j)) = sweep.unsupplied() {
            return Err(SolveError::Unsupplied {
                region: self.base.regions()[n].clone(),
                sector: self.base.sectors()[j].clone(),
            });
        }
        let mut search = Search::new(sweep.size(), settings);
        let steep = self.theta.iter().any(|&t| t > STEEP);
        let ladder = if steep { &ATTEMPTS[1..] } else { &ATTEMPTS[..] };
        for (rank, attempt) in ladder.iter().enumerate() {
            if search.run(&mut sweep, *attempt) {
                if let Some(n) = sweep.income.iter().position(|&income| income <= 0.0) {
                    return Err(SolveError::Insolvent { region: self.base.regions()[n].clone() });
                }
                return Ok(Equilibrium::read(&sweep, policy, &search, rank));
            }
        }
        Err(self.not_converged(&search))
    }

    /// Makes `count` plain sweeps from the base and returns the largest change in the last one: the
    /// yardstick for what acceleration saves and costs.
    ///
    /// # Errors
    /// A policy that is not valid.
    pub fn plain_sweeps(&self, policy: &Policy, count: usize) -> Result<f64, SolveError> {
        policy.check(&self.base)?;
        let mut sweep = Sweep::new(self, policy);
        let (mut x, mut image) = (vec![0.0; sweep.size()], vec![0.0; sweep.size()]);
        sweep.start(&mut x);
        let mut change = 0.0;
        for _ in 0..count {
            sweep.run(&x, &mut image);
            change = image.iter().zip(&x).fold(0.0, |most, (a, b)| larger(most, (a - b).abs()));
            std::mem::swap(&mut x, &mut image);
        }
        Ok(change)
    }

    fn not_converged(&self, search: &Search) -> SolveError {
        let (regions, sectors) = (self.base.region_count(), self.base.sector_count());
        let flat = regions * sectors;
        let (at, residual) = search.worst();
        let (unknown, n, j) = if at < regions {
            ("wage", at, None)
        } else if at < regions + 2 * flat {
            let place = at - regions;
            let name = if place < flat { "price" } else { "expenditure" };
            (name, place % flat / sectors, Some(place % sectors))
        } else {
            ("quota wedge", 0, None)
        };
        SolveError::NotConverged {
            unknown,
            region: self.base.regions()[n].clone(),
            sector: j.map_or(String::new(), |j| format!(", {}", self.base.sectors()[j])),
            residual,
            sweeps: search.sweeps,
        }
    }

    /// The same model on the base it would have with balanced trade: one solve with unchanged policy
    /// and no deficits (Ossa 2014), after which effects contain no change of transfers.
    ///
    /// # Errors
    /// No such equilibrium is found.
    pub fn balanced(&self, settings: Settings) -> Result<Model, SolveError> {
        let mut policy = Policy::unchanged(&self.base);
        policy.deficits = Deficits::Given(vec![0.0; self.base.region_count()]);
        let world = self.solve(&policy, settings)?;
        let base = world.as_base(self)?;
        Ok(Model::new(&base, &self.theta, self.critical.clone())?)
    }
}

/// The state of a search for the fixed point.
struct Search {
    x: Vec<f64>,
    image: Vec<f64>,
    residual: Vec<f64>,
    best: Vec<f64>,
    memory: Anderson,
    settings: Settings,
    sweeps: usize,
    norm: f64,
}

impl Search {
    fn new(size: usize, settings: Settings) -> Search {
        Search {
            x: vec![0.0; size],
            image: vec![0.0; size],
            residual: vec![f64::INFINITY; size],
            best: vec![0.0; size],
            memory: Anderson::new(size, anderson::MAX_DEPTH),
            settings,
            sweeps: 0,
            norm: f64::INFINITY,
        }
    }

    /// Searches from the base; whether it settled.
    fn run(&mut self, sweep: &mut Sweep<'_>, attempt: Attempt) -> bool {
        sweep.wage_step.fill(attempt.wage_step);
        sweep.start(&mut self.x);
        self.memory.restart(attempt.depth);
        let mut best = f64::INFINITY;
        // Plain sweeps need several times as many.
        let sweeps = if self.settings.accelerate { attempt.sweeps } else { 40 * attempt.sweeps };
        for _ in 0..sweeps {
            sweep.run(&self.x, &mut self.image);
            self.sweeps += 1;
            for ((residual, image), x) in self.residual.iter_mut().zip(&self.image).zip(&self.x) {
                *residual = image - x;
            }
            self.norm = largest(&self.residual);
            if attempt.depth == 0 {
                // Small steps of wages would look like rest.
                self.norm = larger(self.norm, NORMAL_STEP * largest(&sweep.gap));
                sweep.adapt_steps();
            }
            if self.norm.is_nan() || self.norm > RUNAWAY * best {
                if best.is_infinite() {
                    return false;
                }
                // Past steps have misled: back to the best point, without them.
                self.x.copy_from_slice(&self.best);
                self.memory.forget();
                best = f64::INFINITY;
                continue;
            }
            if self.norm <= self.settings.tolerance {
                return true;
            }
            if self.norm < best {
                best = self.norm;
                self.best.copy_from_slice(&self.x);
            }
            if attempt.damping < 1.0 {
                let pairs = self.image.iter_mut().zip(self.residual.iter_mut());
                for ((image, residual), x) in pairs.zip(&self.x) {
                    *residual *= attempt.damping;
                    *image = x + *residual;
                }
            }
            if self.settings.accelerate && attempt.depth > 0 {
                self.memory.step(&mut self.x, &self.image, &self.residual);
            } else {
                self.x.copy_from_slice(&self.image);
            }
        }
        false
    }

    /// The unknown that moves most, and by how much.
    fn worst(&self) -> (usize, f64) {
        let mut worst = (0, 0.0);
        for (at, residual) in self.residual.iter().enumerate() {
            if residual.abs() > worst.1 || residual.is_nan() {
                worst = (at, residual.abs());
            }
        }
        worst
    }
}

/// The largest absolute value; not a number if one is none, which `max` would hide.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| larger(most, value.abs()))
}

fn larger(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

#[cfg(test)]
mod tests;
