//! Events: entries of the calendar, and their phases within one tick.

use crate::model::ids::{ActorId, ClockId, EveId, MeasureId, MeetingId, StockId, TruceId};

/// Order within one tick (model.md, section 1).
pub mod phase {
    /// Shocks and clocks.
    pub const CLOCK: u8 = 0;
    /// Meetings and deals.
    pub const MEETING: u8 = 1;
    /// Withdrawals, suspensions, cancellations.
    pub const STOP: u8 = 2;
    /// Measures taking effect, resuming or expiring, truce ends.
    pub const EFFECT: u8 = 3;
    /// Stocks.
    pub const STOCK: u8 = 4;
    /// Decisions.
    pub const DECISION: u8 = 5;
    /// Observers; not counted as events.
    pub const OBSERVER: u8 = 6;
}

/// What happens when an entry comes off the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A clock rings.
    Clock(ClockId),
    /// An after-clock rings for one of its events.
    AfterClock(ClockId),
    /// Effects a branch fires.
    Fire(u16),
    /// A meeting sits.
    Meeting(MeetingId),
    /// A private offer is answered.
    Answer(u16),
    /// An offer lapses.
    OfferLapses(u16),
    /// The parties of a deal are asked to prolong it.
    Prolong(u16, u32),
    /// A deal ends.
    DealEnds(u16, u32),
    /// A truce of the file ends.
    TruceEnds(TruceId),
    /// The measures on a struck basis fall.
    Struck(u16),
    /// A pending change reaches its date.
    Dated(MeasureId),
    /// A suspension ends.
    Resumes(MeasureId),
    /// A measure expires.
    Expires(MeasureId),
    /// A stock crosses its thrift bound, or is used up.
    Stock(StockId),
    /// The inflow of a stock changes.
    Inflow(StockId, u32),
    /// An actor answers an act of another.
    React(ActorId, ActorId),
    /// A decision on an eve: eve, position among the deciders.
    Eve(EveId, u8),
    /// An answer after an eve.
    AfterEve(EveId, ActorId),
    /// A review.
    Review(ActorId),
    /// An actor was asked.
    Asked(ActorId),
    /// Steps of a plan: actor, position.
    Plan(ActorId, u16),
    /// The public learns from an act or from a silence.
    Learn(u16),
    /// The answer window of an act closes for an actor.
    Window(ActorId, u16),
    /// A condition may change by time alone.
    Wake,
}
