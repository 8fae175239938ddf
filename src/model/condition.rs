//! Conditions: one closed list for guards, clocks, rule tables, regimes, metrics and `ends`.
//!
//! Meaning: a condition is a yes-or-no question about the public state at a moment. Time enters
//! through dates, spans and fading gauges; the moments at which a condition may change by time alone
//! are computed, so nothing is polled.

use super::ids::{
    ActorId, ChannelId, CoalitionId, CounterId, EveId, GaugeId, MeasureId, MeetingId, MoveId,
    RegimeId, SeriesId, StockId, TrackerId, TruceId,
};
use super::value::Value;
use crate::units::Tick;

/// Bit set of measure states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusSet(pub u8);

impl StatusSet {
    /// Neither in force nor pending nor suspended.
    pub const IDLE: StatusSet = StatusSet(1);
    /// A dated change is pending, and nothing is suspended.
    pub const PENDING: StatusSet = StatusSet(2);
    /// A level is in force, and nothing is suspended.
    pub const IN_FORCE: StatusSet = StatusSet(4);
    /// Suspended.
    pub const SUSPENDED: StatusSet = StatusSet(8);

    /// Whether the sets share a state.
    #[inline]
    #[must_use]
    pub fn meets(self, other: StatusSet) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: StatusSet) -> StatusSet {
        StatusSet(self.0 | other.0)
    }
}

/// A number that a condition can compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Value of a gauge now.
    Gauge(GaugeId),
    /// Level of a stock in days.
    Stock(StockId),
    /// Size of a coalition, 0-1.
    Coalition(CoalitionId),
    /// Value of a series now.
    Series(SeriesId),
    /// Value of a counter.
    Counter(CounterId),
    /// Public belief that `actor` is of the type at this position.
    Belief(ActorId, u8),
}

/// Which acts are counted.
#[derive(Debug, Clone, PartialEq)]
pub enum ActFilter {
    /// One move.
    Move(MoveId),
    /// Acts of an actor by the sign of their weight: `Some(true)` up, `Some(false)` down, `None` any.
    By(ActorId, Option<bool>),
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Holds at all times.
    Always,
    /// All parts hold.
    All(Box<[Condition]>),
    /// At least one part holds.
    Any(Box<[Condition]>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// Any of the measure's steps is in one of the states.
    Is(Box<[MeasureId]>, StatusSet),
    /// The level in force (0 while idle, pending only or suspended) equals one of the steps' level.
    Level(Box<[MeasureId]>, u8),
    /// The level in force is at least this one (and above 0).
    LevelAtLeast(Box<[MeasureId]>, u8),
    /// The counter is at least so much.
    Counter(CounterId, i32),
    /// A signed sum of counters is at least so much.
    Sum(Box<[(CounterId, i32)]>, i32),
    /// The number is above the bound.
    Above(Number, Value),
    /// The number is below the bound.
    Below(Number, Value),
    /// The channel is in one of the states (bits: open 1, strained 2, closed 4).
    Channel(ChannelId, u8),
    /// The meeting is in one of the states (bits: not planned 1, planned 2, held 4, cancelled 8).
    Meeting(MeetingId, u8),
    /// A package signed in this run is alive (between the two, where named).
    InDeal(Option<(ActorId, ActorId)>),
    /// The truce of the file is alive.
    Truce(TruceId),
    /// The actor at hand is inside the coalition.
    Member(CoalitionId),
    /// The actor at hand was asked to join within the last 30 days, or the coalition's lead asks.
    Asked(CoalitionId),
    /// Earlier than the moment.
    Before(Tick),
    /// From the moment on (`strict`: later than it).
    After(Tick, bool),
    /// The pending date of the measure is further off than so many days.
    LaterThan(Box<[MeasureId]>, Value),
    /// The event happened at most so many days ago.
    Since(Box<[TrackerId]>, Value),
    /// The event happened in this trial.
    Happened(Box<[TrackerId]>),
    /// At least `n` acts of the kind within the last so many days.
    Count {
        /// Which acts.
        of: ActFilter,
        /// How many at least.
        at_least: u16,
        /// Days back; `None` is the whole trial.
        within: Option<Value>,
    },
    /// The stock (any stock for `None`) is used up.
    StockedOut(Option<StockId>),
    /// A stock of the actor at hand is below so many days.
    OwnStockBelow(Value),
    /// The regime at hand is this one, or, with `true`, this one or a worse one.
    Regime(RegimeId, bool),
    /// In rules: the occasion is the eve of one of these.
    EveOf(Box<[EveId]>),
    /// In rules: the occasion is this meeting.
    AtMeeting(MeetingId),
    /// In rules: the occasion answers an act of the actor of at least this weight.
    ActBy(Option<ActorId>, f64),
    /// In rules: the actor at hand is of the type at this position.
    OwnType(u8),
}
