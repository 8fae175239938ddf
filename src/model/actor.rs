//! Actors: who decides, what each type wants, when it is asked, and the moves it has.

use super::condition::Condition;
use super::effect::Effects;
use super::ids::{ActorId, ClockId, CoalitionId, MeasureId, MoveId, RuleId, StockId};
use super::value::{Lag, Value};
use crate::units::Tick;

/// A decider.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Position of its region in the trade base, if it has one.
    pub region: Option<usize>,
    /// Gross domestic product, USD bn a year.
    pub gdp: f64,
    /// Names of the private types; one nameless type where the file gives none.
    pub types: Vec<String>,
    /// What the others believe at the start: probability by type.
    pub prior: Vec<Value>,
    /// From what a trial draws the type: probability by type. Equal to `prior` unless the file says so.
    pub nature: Vec<Value>,
    /// Payoff terms.
    pub terms: Vec<PayoffTerm>,
    /// Whose acts it answers, and how fast.
    pub reacts: Vec<React>,
    /// Decisions without outer cause.
    pub reviews: Option<Reviews>,
    /// How it decides.
    pub rule: RuleId,
    /// How it values deals.
    pub values: Values,
    /// Steps a branch forces.
    pub plan: Option<Plan>,
    /// Its moves, in file order.
    pub moves: Vec<MoveId>,
}

/// An actor answers acts of another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct React {
    /// Whose acts.
    pub to: ActorId,
    /// From seeing the act to deciding.
    pub lag: Lag,
    /// Smallest escalation weight it answers.
    pub min_weight: f64,
    /// Days after which an act without answer counts as unanswered by the public: 0.9 quantile of the lag.
    pub window: f64,
}

/// Decisions without outer cause.
#[derive(Debug, Clone, PartialEq)]
pub enum Reviews {
    /// Every so many days; the first is uniform within the period.
    Every(Value),
    /// Gaps drawn from a law.
    Gaps(Lag),
    /// At these moments.
    Dates(Vec<Tick>),
}

/// How an actor values deals (model: "What a scenario means", section 5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Values {
    /// How far events are followed, in days.
    pub horizon: f64,
    /// Precision of consent, in 1/payoff unit.
    pub precision: Value,
    /// What a deal must be worth beyond walking away, in payoff units.
    pub hurdle: Value,
    /// A gauge that lowers the hurdle: hurdle - factor × gauge.
    pub trust: Option<(super::ids::GaugeId, f64)>,
}

/// Steps that a branch forces on an actor.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Moment, moves in order.
    pub steps: Vec<(Tick, Vec<MoveId>)>,
    /// Whether the others know the plan (then its acts carry no news).
    pub known: bool,
    /// The rule that goes on between and after the steps; `None`: hold but for the steps.
    pub then: Option<RuleId>,
}

/// What a payoff term counts.
#[derive(Debug, Clone, PartialEq)]
pub enum TermKind {
    /// Flow: real-income change, % of own GDP a year.
    Income,
    /// Flow: tariff revenue change, % of own GDP a year.
    Revenue,
    /// Flow while the measure is in force (any step: share of steps in force).
    Leverage(Box<[MeasureId]>),
    /// Flow while in force: lost reputation as a supplier, times 1 + size of the coalition.
    Supplier(Box<[MeasureId]>, Option<CoalitionId>),
    /// Flow while a condition holds.
    LobbyWhile(Condition),
    /// Flow while a stock is used up.
    LobbyStock(StockId),
    /// Once: backing down from a commitment (Fearon 1994). `face` is the share a deal saves.
    Audience {
        /// Share of the cost that a deal saves.
        face: Value,
    },
    /// Once: an act of at least `min_weight` without answer inside the window.
    Unanswered {
        /// Window in days.
        after: Value,
        /// Smallest weight that counts.
        min_weight: f64,
    },
    /// Once: the other side's measure is dropped or suspended, or a purchase started; lost on return.
    Win(Box<[MeasureId]>),
    /// Once at each firing of a clock.
    Stress(ClockId),
    /// Flow: size of a coalition this actor leads or joins.
    Coalition(CoalitionId),
}

impl TermKind {
    /// +1 for gains, -1 for terms that are written as positive costs.
    #[must_use]
    pub fn sign(&self) -> f64 {
        match self {
            TermKind::Income
            | TermKind::Revenue
            | TermKind::Leverage(_)
            | TermKind::Win(_)
            | TermKind::Coalition(_) => 1.0,
            TermKind::Supplier(..)
            | TermKind::LobbyWhile(_)
            | TermKind::LobbyStock(_)
            | TermKind::Audience { .. }
            | TermKind::Unanswered { .. }
            | TermKind::Stress(_) => -1.0,
        }
    }
}

/// One term of an actor's payoff: weight × by-type factor × what is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct PayoffTerm {
    /// Name in metrics and stories.
    pub name: String,
    /// What is counted.
    pub kind: TermKind,
    /// Weight, payoff units (a year, for flows).
    pub weight: Value,
    /// Factor by type position.
    pub by_type: Vec<f64>,
}

/// Who sees a move, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// Everybody, at once.
    Public,
    /// The parties only.
    Parties,
    /// Everybody, after so many days.
    Delayed(Lag),
    /// Nobody but the mover.
    Never,
}

/// A move of one actor.
#[derive(Debug, Clone)]
pub struct Move {
    /// Written name; `name@actor` where written for each of several.
    pub name: String,
    /// Who can make it.
    pub by: ActorId,
    /// Legal while this holds.
    pub guard: Condition,
    /// What it does.
    pub effects: Effects,
    /// Who sees it.
    pub seen: Seen,
    /// Escalation weight, signed.
    pub weight: f64,
    /// Price by type, payoff units, signed (negative costs).
    pub price: Vec<Value>,
    /// Not again within so many days.
    pub once_per: Option<Value>,
    /// One sentence for the story.
    pub story: String,
    /// Who speaks, for the story.
    pub voice: Option<String>,
    /// Measures that its effects put in force, raise or bring nearer: for duties and breach.
    pub escalates: Box<[MeasureId]>,
}
