//! What is recorded of a trial: events by pattern, conditions, series, regimes.

use super::condition::Condition;
use super::ids::{
    ActorId, ClockId, CoalitionId, CounterId, GaugeId, MeasureId, MeetingId, MoveId, PackageId,
    StockId, TrackerId, TruceId, WatchId,
};

/// A kind of event whose occurrences are counted.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// A level takes effect, or resumes.
    Effective(MeasureId),
    /// A change is announced.
    Announced(MeasureId),
    /// Suspended.
    Suspended(MeasureId),
    /// Withdrawn (dropped, lifted, lapsed by decision of the owner).
    Dropped(MeasureId),
    /// A statement's date passed without an order.
    Lapsed(MeasureId),
    /// The first announced date passes, whatever the state.
    DateOf(MeasureId),
    /// A meeting was held.
    Held(MeetingId),
    /// A meeting with an agenda was held without agreement.
    HeldWithoutDeal(MeetingId),
    /// A meeting was called off.
    Cancelled(MeetingId),
    /// A package (any for `None`) was signed.
    Signed(Option<PackageId>),
    /// A deal on a package (any for `None`) was breached.
    Breached(Option<PackageId>),
    /// A deal on a package (any for `None`) ended.
    Ended(Option<PackageId>),
    /// A truce of the file ended.
    TruceEnded(TruceId),
    /// A clock rang, and its chance, if any, came true.
    Fired(ClockId),
    /// A stock (any for `None`) was used up.
    StockOut(Option<StockId>),
    /// An actor paid an audience cost.
    PaidAudience(ActorId),
    /// A move was made.
    Move(MoveId),
    /// An offer of a package was made public.
    Leaked,
    /// A condition became true.
    Becomes(WatchId),
}

/// A condition followed through the trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// The condition.
    pub condition: Condition,
    /// Trackers of `Becomes` on it.
    pub becomes: Vec<TrackerId>,
}

/// How a series moves between its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Stays at the last value.
    Step,
    /// Moves along a slope.
    Linear,
    /// Fades to `rest` with a half-life in days.
    Fade {
        /// Where it fades to.
        rest: f64,
        /// Half-life in days.
        half_life: f64,
    },
}

/// What a series shows.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesKind {
    /// Trade-weighted tariff of the first actor on the second, %.
    Tariff(ActorId, ActorId),
    /// Statutory sum of the rates, without coverage, %.
    Statutory(ActorId, ActorId),
    /// Sum of weights of measures in force plus half of announced ones.
    Rung,
    /// Position of the regime, worst is 0.
    Regime,
    /// Level of a stock in days.
    Stock(StockId),
    /// Real-income loss of an actor, USD bn a year, positive is a loss.
    Loss(ActorId),
    /// Change of real income of an actor, % of its GDP.
    Income(ActorId),
    /// Something read off the full trade model.
    Trade(crate::economy::Reading),
    /// Tariff revenue change of an actor, USD bn a year.
    Revenue(ActorId),
    /// Change of consumer prices of an actor, %.
    Prices(ActorId),
    /// Cumulated lost output for want of inputs (all stocks for `None`), USD bn, Leontief.
    LostOutput(Option<StockId>),
    /// Cumulated lost output, Hulten bound, USD bn.
    HultenOutput(Option<StockId>),
    /// Public belief that the actor is of the type at this position.
    Belief(ActorId, u8),
    /// Size of a coalition, 0-1.
    Coalition(CoalitionId),
    /// A gauge.
    Gauge(GaugeId),
    /// A signed sum of counters.
    Counters(Box<[(CounterId, i32)]>),
}

/// A recorded series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// What it shows.
    pub kind: SeriesKind,
    /// How it moves between points.
    pub shape: Shape,
    /// Observed values up to `as_of`: date and value, for the chart's left side.
    pub history: Vec<(crate::units::Date, f64)>,
}

/// A named state of the world; the first that holds counts, worst first.
#[derive(Debug, Clone, PartialEq)]
pub struct Regime {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Holds while.
    pub condition: Condition,
}
