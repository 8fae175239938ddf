//! The full record of one trial, for stories and timelines: kept only when asked for.

use super::contract::{Cause, Choice};
use crate::model::ids::{
    ActorId, ChannelId, ClockId, CoalitionId, MeasureId, MeetingId, MoveId, PackageId, StockId,
    TruceId,
};
use crate::units::Tick;

/// One thing that happened, with everything a reader may ask about it.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// An actor decided: menu, scores, probabilities, and what it chose (`None` holds).
    Decided {
        /// Who.
        actor: ActorId,
        /// Why now.
        cause: Cause,
        /// Its legal moves.
        menu: Vec<MoveId>,
        /// Scores and probabilities of holding and of the menu.
        choice: Choice,
        /// What it chose.
        chosen: Option<MoveId>,
        /// Public beliefs about each other actor's types at that moment.
        beliefs: Vec<(ActorId, Vec<f64>)>,
    },
    /// A step of a plan was illegal on its day.
    PlanSkipped(ActorId, MoveId),
    /// A change of a measure was announced (level, date, ordered).
    Announced(MeasureId, u8, Tick, bool),
    /// A pending change was signed: it takes effect unless stopped.
    Ordered(MeasureId, Tick),
    /// A level took effect, or resumed.
    Effective(MeasureId, u8),
    /// One more of the same.
    Repeated(MeasureId, u16),
    /// A pending date was moved from one day to another.
    Moved(MeasureId, Tick, Tick),
    /// Suspended until.
    Suspended(MeasureId, Tick),
    /// Ended by its owner or by a deal; `planned` is the date that was cancelled.
    Withdrawn(MeasureId, Option<Tick>),
    /// A statement's date passed without an order.
    Lapsed(MeasureId),
    /// It expired.
    Expired(MeasureId),
    /// A court lifted it.
    Struck(MeasureId),
    /// A meeting was planned for a day.
    MeetingPlanned(MeetingId, Tick),
    /// A meeting was held.
    MeetingHeld(MeetingId),
    /// A meeting planned for a day was called off.
    MeetingCancelled(MeetingId, Tick),
    /// A proposal at a meeting, or an offer between meetings: by whom, which, and to whom it is open.
    Proposed(ActorId, PackageId, Option<MeetingId>),
    /// An answer: who, which package, yes or no, probability of yes, value of the deal less walking away.
    Answered(ActorId, PackageId, bool, f64, f64),
    /// A package was signed until.
    Signed(PackageId, Tick),
    /// A term of a package had nothing to act on.
    Void(PackageId, MeasureId),
    /// A deal was broken by an actor's move.
    Breached(PackageId, ActorId),
    /// A deal was prolonged until.
    Prolonged(PackageId, Tick),
    /// A deal ended.
    Ended(PackageId),
    /// A truce of the file ended.
    TruceEnded(TruceId),
    /// A private offer became public.
    Leaked(ChannelId),
    /// A channel's state changed.
    Channel(ChannelId, u8),
    /// A clock rang; `false` where its chance failed.
    Fired(ClockId, bool),
    /// A branch's effects were fired.
    FiredByBranch(u16),
    /// An actor joined a coalition, or left it.
    Joined(ActorId, CoalitionId, bool),
    /// Audience cost: payoff units before weights.
    Audience(ActorId, MeasureId, f64),
    /// An act stayed unanswered.
    Unanswered(ActorId),
    /// A belief changed: about whom, by type, before and after, and whether by a silence.
    Learned(ActorId, Vec<f64>, Vec<f64>, bool),
    /// A stock is used up (`true`) or refilled.
    StockOut(StockId, bool),
    /// The regime changed.
    Regime(u16),
    /// The scenario's `ends` holds.
    Ends,
}

/// The full record of one trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    /// Types drawn, by actor.
    pub types: Vec<u8>,
    /// What happened, in order.
    pub entries: Vec<(Tick, Entry)>,
}
