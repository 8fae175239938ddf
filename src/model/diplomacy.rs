//! Channels, meetings, packages, truces, coalitions and eves.

use super::condition::Condition;
use super::effect::Effects;
use super::ids::{
    ActorId, ChannelId, GaugeId, MeasureId, MeetingId, PackageId, TrackerId, TruceId,
};
use super::value::{Lag, Term, Value};
use crate::units::Tick;

/// A line between actors.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Written name.
    pub name: String,
    /// Who speaks over it; empty: everybody.
    pub between: Vec<ActorId>,
    /// 0 open, 1 strained, 2 closed at the start.
    pub start: u8,
    /// Probability that a private offer or meeting on it becomes public.
    pub leak: Value,
    /// What a leak does.
    pub leaked: Effects,
    /// Closed while this holds, whatever else.
    pub closes: Option<Condition>,
}

/// When a meeting sits.
#[derive(Debug, Clone, PartialEq)]
pub enum MeetingDate {
    /// Not planned until called.
    OnCall,
    /// At a moment.
    On(Tick),
    /// On a day drawn uniformly from this range of days (00:00 of the first and of the last).
    Between(Tick, Tick),
    /// So long after any of the events.
    After(Box<[TrackerId]>, Lag),
}

/// A dated event of talks.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Its channel, if it uses one.
    pub channel: Option<ChannelId>,
    /// Who sits.
    pub parties: Vec<ActorId>,
    /// When.
    pub date: MeetingDate,
    /// Sits only if this holds on the day, else it is called off.
    pub needs: Condition,
    /// Packages that can be proposed, in order.
    pub agenda: Vec<PackageId>,
    /// Who proposes first.
    pub first: Option<ActorId>,
    /// Number of proposals at most.
    pub rounds: u8,
    /// Effects once it was held.
    pub then: Effects,
    /// Effects if it had an agenda and no agreement.
    pub failed: Effects,
    /// Effects if it was called off.
    pub cancelled: Effects,
    /// Eves to schedule before it.
    pub eves: Vec<super::ids::EveId>,
    /// Whether it can be planned again after it was held or called off.
    pub again: bool,
}

/// One term of a package.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// Ended.
    Drop(MeasureId),
    /// Moved.
    Postpone(MeasureId, Term),
    /// Suspended.
    Suspend(MeasureId, Term),
    /// Stays suspended.
    KeepSuspended(MeasureId, Term),
    /// Starts now.
    Start(MeasureId),
    /// Set to a level.
    SetLevel(MeasureId, u8),
    /// A duty: no new or higher use of the measure while the deal lives.
    NoNew(MeasureId),
    /// A truce of the file is prolonged to the end of the deal.
    Prolong(TruceId),
}

impl Clause {
    /// The measure the clause names.
    #[must_use]
    pub fn measure(&self) -> Option<MeasureId> {
        match self {
            Clause::Drop(m)
            | Clause::Postpone(m, _)
            | Clause::Suspend(m, _)
            | Clause::KeepSuspended(m, _)
            | Clause::Start(m)
            | Clause::SetLevel(m, _)
            | Clause::NoNew(m) => Some(*m),
            Clause::Prolong(_) => None,
        }
    }

    /// Whether the clause forbids new use of its measure while the deal lives.
    #[must_use]
    pub fn is_duty(&self) -> bool {
        matches!(
            self,
            Clause::Drop(_)
                | Clause::Postpone(..)
                | Clause::Suspend(..)
                | Clause::KeepSuspended(..)
                | Clause::NoNew(_)
        )
    }
}

/// A set of terms that parties can agree on.
#[derive(Debug, Clone)]
pub struct Package {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Who must consent.
    pub parties: Vec<ActorId>,
    /// Offered only while this holds.
    pub guard: Condition,
    /// How long it lives.
    pub lasts: Lag,
    /// Terms, in order.
    pub clauses: Vec<Clause>,
    /// Escalation weight of signing (negative calms).
    pub weight: f64,
    /// Price of breaking it, once, payoff units.
    pub breach_once: Value,
    /// Gauges a breach pushes.
    pub breach_push: Vec<(GaugeId, Value)>,
    /// Days in which the other side may end it at no price after a breach.
    pub breach_frees: Value,
    /// Days by which it is prolonged if both sides want it; `None`: it ends.
    pub renewal: Option<Lag>,
    /// Days before its end at which the parties are asked to prolong.
    pub renew_before: Value,
    /// Whether it replaced a truce of the file when signed, so that the truce is ended by it.
    pub effects: Effects,
}

/// A truce that stands at the start.
#[derive(Debug, Clone)]
pub struct Truce {
    /// Written name.
    pub name: String,
    /// Who made it.
    pub parties: Vec<ActorId>,
    /// When it ends.
    pub ends: Tick,
    /// Measures it keeps suspended.
    pub holds: Vec<MeasureId>,
    /// The package the parties are asked to sign on its eve.
    pub renewal: Option<PackageId>,
    /// Eves to schedule before its end.
    pub eves: Vec<super::ids::EveId>,
}

/// Countries that side together.
#[derive(Debug, Clone)]
pub struct Coalition {
    /// Written name.
    pub name: String,
    /// Who leads.
    pub lead: Option<ActorId>,
    /// The measure it is against: when that ends, the coalition dissolves.
    pub against: Box<[MeasureId]>,
    /// Members that can join and their weights.
    pub members: Vec<(ActorId, Value)>,
}

/// What an eve precedes.
#[derive(Debug, Clone, PartialEq)]
pub enum EveTarget {
    /// The pending date of a measure.
    Measure(MeasureId),
    /// A meeting.
    Meeting(MeetingId),
    /// The end of a truce.
    Truce(TruceId),
}

/// A decision so many days before a dated event.
#[derive(Debug, Clone)]
pub struct Eve {
    /// The event.
    pub of: EveTarget,
    /// Written name of the event.
    pub name: String,
    /// How long before.
    pub before: Lag,
    /// Who decides, in order, each seeing the one before.
    pub decides: Vec<ActorId>,
    /// Who may answer after them, before the date.
    pub then: Vec<ActorId>,
}

/// A public number that moves push and that fades.
#[derive(Debug, Clone)]
pub struct Gauge {
    /// Written name.
    pub name: String,
    /// Value at the start.
    pub start: Value,
    /// Bounds.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// Days in which the distance to rest halves; infinite for a gauge that stays.
    pub half_life: f64,
    /// Where it fades to.
    pub rest: f64,
}

/// A bounded integer.
#[derive(Debug, Clone)]
pub struct Counter {
    /// Written name.
    pub name: String,
    /// Value at the start.
    pub start: i32,
    /// Lower bound.
    pub low: i32,
    /// Upper bound.
    pub high: i32,
}
