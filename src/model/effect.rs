//! Effects: the closed list of changes of state that moves, clocks, meetings and deals can make.

use super::condition::Condition;
use super::ids::{
    ActorId, ChannelId, CoalitionId, CounterId, GaugeId, MeasureId, MeetingId, PackageId, TruceId,
};
use super::value::{Lag, Term, Value};
use crate::draws::Address;

/// The level an effect asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelChoice {
    /// The level of the pending change, or the highest.
    Given,
    /// This level, 1..n.
    At(u8),
    /// The level of another measure, cut to the nearest legal one not above.
    Like(MeasureId),
}

/// When an announced change takes effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Timing {
    /// After the measure's own lead.
    OwnLead,
    /// After this lead.
    Lead(Lag),
    /// At a date.
    On(crate::units::Tick),
}

/// A list of effects, executed in order; a condition in it is tested at its place.
pub type Effects = Box<[Effect]>;

/// One change of state. On a measure with steps it acts on each step by that step's own state.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Announces a change of level as a dated statement (or order).
    Announce {
        /// The measure.
        measure: MeasureId,
        /// The level.
        level: LevelChoice,
        /// The date.
        timing: Timing,
        /// Whether a legal act exists, so that it takes effect unless stopped.
        ordered: bool,
    },
    /// Orders a pending change, or puts an idle or suspended measure in force after its lead.
    Enact(MeasureId, LevelChoice),
    /// Puts a measure in force now, without lead.
    Start(MeasureId, LevelChoice),
    /// Moves the pending date, or the end of a suspension, by a span (or to the end of the deal).
    Postpone(MeasureId, Term),
    /// Moves the pending date to a span from now.
    Reschedule(MeasureId, Lag),
    /// Suspends what is pending or in force.
    Suspend(MeasureId, Term),
    /// Keeps a suspension going at least so long.
    KeepSuspended(MeasureId, Term),
    /// Ends it: pending is cleared, level 0.
    Withdraw(MeasureId),
    /// A court lifts every measure on a legal basis after the days of winding down, and bars new ones.
    Strike(u16, Lag),
    /// The legal basis may be used again.
    Restore(u16),
    /// Changes the level in force, or the pending level; nothing if neither.
    SetLevel(MeasureId, u8),
    /// In force: one more of the same; idle: as `Enact`.
    Repeat(MeasureId),
    /// The channel's state becomes 0 open, 1 strained, 2 closed.
    Channel(ChannelId, u8),
    /// Plans a meeting so many days from now, unless it is planned already.
    Call(MeetingId, Lag),
    /// Calls a planned meeting off.
    Cancel(MeetingId),
    /// Moves a planned meeting by a span.
    MoveMeeting(MeetingId, Lag),
    /// Offers a package over an open channel to the other parties.
    Offer(PackageId),
    /// Ends a live deal on the package before its time.
    EndDeal(PackageId),
    /// Prolongs a truce of the file by a span.
    Extend(TruceId, Lag),
    /// Adds to a counter, clamped at its bounds.
    Add(CounterId, i32),
    /// Pushes a gauge, clamped at its bounds.
    Push(GaugeId, Value),
    /// A statement and nothing else.
    Signal,
    /// Adds to the commitment to carry out a pending measure.
    Commit(MeasureId, Value),
    /// Makes an actor's type public.
    Reveal(ActorId),
    /// The actor at hand joins the coalition.
    Join(CoalitionId),
    /// The actor at hand leaves the coalition.
    Leave(CoalitionId),
    /// The next decision of the members carries the fact that one was punished.
    Punish(CoalitionId),
    /// Gives an actor an occasion to decide after a lag.
    Ask(ActorId, Lag),
    /// Asks every outsider of a coalition to join, each after its lag.
    AskMembers(CoalitionId),
    /// One of two lists, by chance.
    Chance {
        /// Where the draw's address comes from.
        address: Address,
        /// Probability of `then`.
        p: Value,
        /// Executed with probability `p`.
        then: Effects,
        /// Executed otherwise.
        otherwise: Effects,
    },
    /// One of two lists, by condition.
    If {
        /// Tested at this place in the list.
        condition: Condition,
        /// Executed where it holds.
        then: Effects,
        /// Executed otherwise.
        otherwise: Effects,
    },
}
