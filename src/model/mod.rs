//! The compiled scenario: nouns with dense ids, immutable and shared by all threads.
//!
//! `scenario` makes one [`Model`] per branch from what was written; `sim` runs trials on it and leaves
//! a [`path::Path`] each. Nothing here is text to be parsed: names stay only for stories and files.

pub mod actor;
pub mod bridge;
pub mod clock;
pub mod condition;
pub mod diplomacy;
pub mod effect;
pub mod ids;
pub mod lookup;
pub mod measure;
pub mod observe;
pub mod path;
pub mod reads;
pub mod stock;
pub mod value;
pub mod written;

use crate::stats::dist::Dist;
use crate::units::{Epoch, Tick};
use std::sync::Arc;

pub use crate::sim::contract::{Instrument, Metric, Rule};

/// An uncertain number of the file: one value per trial, the same in every branch that does not set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Written name.
    pub name: String,
    /// Unit as written.
    pub unit: String,
    /// Its distribution; a constant for a set input.
    pub dist: Dist,
    /// Where the number comes from.
    pub source: Option<String>,
    /// High, Medium or Low.
    pub confidence: Option<String>,
    /// When it was observed.
    pub observed: Option<String>,
    /// Address of its draw.
    pub address: crate::draws::Address,
    /// Whether payoffs are linear in it, so that decisions need not round it: weights and precisions.
    pub weight: bool,
    /// Medians of its five equally likely bins, ascending: what calculating deciders see.
    pub bins: Vec<f64>,
}

/// How events of equal time and phase are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// By the order of the file.
    File,
    /// By an addressed draw, to show whether an answer depends on ties.
    Random,
}

/// What deciders see is rounded to this grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Days.
    pub days: f64,
    /// Gauge units.
    pub gauge: f64,
    /// Days of stock.
    pub stock: f64,
    /// Log-odds of beliefs.
    pub log_odds: f64,
}

impl Default for Grid {
    fn default() -> Grid {
        Grid { days: 1.0, gauge: 0.1, stock: 5.0, log_odds: 0.25 }
    }
}

/// A rule with its written name.
#[derive(Debug, Clone)]
pub struct NamedRule {
    /// Written name.
    pub name: String,
    /// How it decides.
    pub rule: Arc<dyn Rule>,
}

/// A metric with its written name.
#[derive(Debug, Clone)]
pub struct NamedMetric {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Unit; empty for probabilities.
    pub unit: String,
    /// Which end is the worse one, as the file says it.
    pub worse: Option<crate::sim::contract::Worse>,
    /// How it is read off a path.
    pub metric: Arc<dyn Metric>,
}

/// An act of history that is still unanswered at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Unanswered {
    /// Who owes an answer.
    pub who: ids::ActorId,
    /// Who acted.
    pub to: ids::ActorId,
    /// Measure that was the act.
    pub measure: ids::MeasureId,
    /// When: before tick 0.
    pub since: Tick,
}

/// What branches fire: effects at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Fire {
    /// Name.
    pub name: String,
    /// When.
    pub on: Tick,
    /// What.
    pub effects: effect::Effects,
}

/// The economy a model uses.
#[derive(Clone)]
pub struct EconomyLink {
    /// The trade model.
    pub economy: Arc<dyn crate::economy::Economy>,
    /// Horizon in years at which effects are reported.
    pub horizon: value::Value,
    /// Long-run trade elasticity, or a factor on it; see the economy.
    pub elasticity: value::Value,
}

impl std::fmt::Debug for EconomyLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EconomyLink").field("horizon", &self.horizon).finish_non_exhaustive()
    }
}

/// A scenario under one branch, compiled.
#[derive(Debug, Clone)]
pub struct Model {
    /// Scenario's name: the file's stem.
    pub scenario: String,
    /// What a reader sees.
    pub title: String,
    /// Branch name.
    pub branch: String,
    /// What a reader sees of the branch.
    pub branch_title: String,
    /// Time axis.
    pub epoch: Epoch,
    /// Events up to here are run.
    pub horizon: Tick,
    /// Unit of payoffs.
    pub unit: String,
    /// Yearly discount rate of payoffs.
    pub discount: value::Value,
    /// Days beyond the horizon that payoffs count, with end states frozen.
    pub tail: value::Value,
    /// More events than this in one trial stop the run.
    pub max_events: u64,
    /// Tie rule.
    pub ties: Ties,
    /// What deciders see is rounded to this.
    pub grid: Grid,
    /// A trial stops when this holds.
    pub ends: Option<ids::WatchId>,
    /// The trade model, if the scenario uses one.
    pub economy: Option<EconomyLink>,
    /// Uncertain numbers.
    pub inputs: Vec<Input>,
    /// Laws, named and written in place.
    pub laws: Vec<value::Law>,
    /// Actors.
    pub actors: Vec<actor::Actor>,
    /// Moves.
    pub moves: Vec<actor::Move>,
    /// Measures and steps.
    pub measures: Vec<measure::Measure>,
    /// Written names of measures with their steps.
    pub groups: Vec<measure::MeasureGroup>,
    /// Names of the legal bases.
    pub legal: Vec<String>,
    /// Counters.
    pub counters: Vec<diplomacy::Counter>,
    /// Gauges.
    pub gauges: Vec<diplomacy::Gauge>,
    /// Channels.
    pub channels: Vec<diplomacy::Channel>,
    /// Meetings.
    pub meetings: Vec<diplomacy::Meeting>,
    /// Packages.
    pub packages: Vec<diplomacy::Package>,
    /// Truces that stand at the start.
    pub truces: Vec<diplomacy::Truce>,
    /// Coalitions.
    pub coalitions: Vec<diplomacy::Coalition>,
    /// Stocks.
    pub stocks: Vec<stock::Stock>,
    /// Clocks and shocks.
    pub clocks: Vec<clock::Clock>,
    /// Eves.
    pub eves: Vec<diplomacy::Eve>,
    /// Rules.
    pub rules: Vec<NamedRule>,
    /// Regimes, worst first; the last always holds. Empty where the file has none.
    pub regimes: Vec<observe::Regime>,
    /// Recorded series.
    pub series: Vec<observe::Series>,
    /// Watched conditions.
    pub watches: Vec<observe::Watch>,
    /// Event patterns.
    pub trackers: Vec<observe::Pattern>,
    /// Metrics, in file order.
    pub metrics: Vec<NamedMetric>,
    /// Past acts still unanswered.
    pub unanswered: Vec<Unanswered>,
    /// Effects fired at moments by a branch.
    pub fires: Vec<Fire>,
}

impl Model {
    /// Title of an actor.
    #[must_use]
    pub fn actor(&self, id: ids::ActorId) -> &actor::Actor {
        &self.actors[id.index()]
    }

    /// A measure or step.
    #[must_use]
    pub fn measure(&self, id: ids::MeasureId) -> &measure::Measure {
        &self.measures[id.index()]
    }

    /// A move.
    #[must_use]
    pub fn action(&self, id: ids::MoveId) -> &actor::Move {
        &self.moves[id.index()]
    }
}
