//! The state of the world in one trial: everything a file can name.
//!
//! Plain data, copied for look-ahead. Calendar handles stand beside what they cancel; in a copy they
//! mean nothing.

use super::queue::Handle;
use crate::math;
use crate::model::Model;
use crate::model::condition::StatusSet;
use crate::model::ids::{ActorId, CoalitionId, GaugeId, MeasureId, PackageId};
use crate::model::path::{Act, Track};
use crate::units::Tick;

/// A dated change of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pending {
    /// Level it leads to, 1..n.
    pub level: u8,
    /// Date.
    pub at: Tick,
    /// Whether a legal act exists.
    pub ordered: bool,
    /// Its event.
    pub handle: Option<Handle>,
}

/// A suspension and what it remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspension {
    /// End.
    pub until: Tick,
    /// Its event.
    pub handle: Option<Handle>,
    /// Level that resumes, 0 if none was in force.
    pub level: u8,
    /// Pending change that resumes: level and whether it was ordered.
    pub pending: Option<(u8, bool)>,
}

/// State of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasureState {
    /// Level in force, 0 idle.
    pub level: u8,
    /// Times in force, for measures that repeat.
    pub count: u16,
    /// Pending change.
    pub pending: Option<Pending>,
    /// Suspension.
    pub suspended: Option<Suspension>,
    /// When it expires, if it does.
    pub expires: Option<Tick>,
    /// Its expiry event.
    pub expiry: Option<Handle>,
    /// How often it was announced: ordinal of its lead.
    pub announced: u32,
    /// First date that was ever pending, for `DateOf`.
    pub first_date: Option<Tick>,
    /// Commitment: strength, 0 for none.
    pub strength: f64,
    /// Commitment: threatened level.
    pub threatened: u8,
    /// A quarter was already paid for postponing.
    pub postponed: bool,
}

impl MeasureState {
    /// Nothing in force, nothing pending.
    pub const IDLE: MeasureState = MeasureState {
        level: 0,
        count: 0,
        pending: None,
        suspended: None,
        expires: None,
        expiry: None,
        announced: 0,
        first_date: None,
        strength: 0.0,
        threatened: 0,
        postponed: false,
    };

    /// The states that hold.
    #[inline]
    #[must_use]
    pub fn status(&self) -> StatusSet {
        if self.suspended.is_some() {
            return StatusSet::SUSPENDED;
        }
        match (self.level > 0, self.pending.is_some()) {
            (false, false) => StatusSet::IDLE,
            (true, false) => StatusSet::IN_FORCE,
            (false, true) => StatusSet::PENDING,
            (true, true) => StatusSet::IN_FORCE.with(StatusSet::PENDING),
        }
    }

    /// Level in force: 0 while idle, pending only or suspended.
    #[inline]
    #[must_use]
    pub fn in_force(&self) -> u8 {
        if self.suspended.is_some() { 0 } else { self.level }
    }
}

/// State of a meeting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeetingState {
    /// 1 not planned, 2 planned, 4 held, 8 called off.
    pub status: u8,
    /// Date while planned.
    pub at: Tick,
    /// Its event.
    pub handle: Option<Handle>,
    /// Times planned.
    pub planned: u32,
}

/// A signed package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deal {
    /// Which package.
    pub package: PackageId,
    /// Whether it lives.
    pub alive: bool,
    /// Signed at.
    pub since: Tick,
    /// Ends at.
    pub ends: Tick,
    /// Its end event.
    pub handle: Option<Handle>,
    /// Its prolongation event.
    pub eve: Option<Handle>,
    /// Distinguishes uses of a slot.
    pub serial: u32,
    /// Until when a party may end it at no price, after a breach by another.
    pub free_until: Tick,
    /// Who broke it, if anybody.
    pub breaker: Option<ActorId>,
}

/// State of a truce of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TruceState {
    /// Whether it lives.
    pub alive: bool,
    /// Ends at.
    pub ends: Tick,
    /// Its event.
    pub handle: Option<Handle>,
}

/// State of a coalition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoalitionState {
    /// Members inside, by position among the coalition's members.
    pub inside: u32,
    /// Joining is legal until then.
    pub asked_until: Tick,
    /// A member was punished since the last decision.
    pub punished: bool,
}

/// State of a stock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockState {
    /// Days of normal use at `at`.
    pub level: f64,
    /// When `level` was right.
    pub at: Tick,
    /// Inflow in days of use per day.
    pub inflow: f64,
    /// Inflow that the controls in force lead to.
    pub target: f64,
    /// When the inflow last ordered to change does so.
    pub change_at: Tick,
    /// Next crossing.
    pub handle: Option<Handle>,
    /// Lost output so far, USD bn, Leontief.
    pub lost: f64,
    /// Lost output so far, USD bn, Hulten bound.
    pub hulten: f64,
    /// Whether it is used up.
    pub out: bool,
}

/// A gauge: value at a moment, fading since.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaugeState {
    /// Value at `at`.
    pub value: f64,
    /// When.
    pub at: Tick,
}

/// The state of one trial.
#[derive(Debug, Default)]
pub struct World {
    /// Now.
    pub now: Tick,
    /// Measures.
    pub measures: Vec<MeasureState>,
    /// Counters.
    pub counters: Vec<i32>,
    /// Gauges.
    pub gauges: Vec<GaugeState>,
    /// Channels: 0 open, 1 strained, 2 closed.
    pub channels: Vec<u8>,
    /// Meetings.
    pub meetings: Vec<MeetingState>,
    /// Signed packages, dead ones included.
    pub deals: Vec<Deal>,
    /// Truces of the file.
    pub truces: Vec<TruceState>,
    /// Coalitions.
    pub coalitions: Vec<CoalitionState>,
    /// Stocks.
    pub stocks: Vec<StockState>,
    /// Legal bases that a court has barred.
    pub barred: u64,
    /// Public beliefs: log-weights by actor and type.
    pub beliefs: Vec<Vec<f64>>,
    /// The trial's types.
    pub types: Vec<u8>,
    /// Occurrences by tracker.
    pub tracks: Vec<Track>,
    /// Acts so far.
    pub acts: Vec<Act>,
    /// When each move was last made.
    pub last_move: Vec<Tick>,
    /// Regime at hand.
    pub regime: u16,
    /// Values of series now (those conditions can read).
    pub series: Vec<f64>,
    /// Whether each `Win` is held, by term of all actors.
    pub wins: Vec<bool>,
}

impl Clone for World {
    fn clone(&self) -> World {
        let mut copy = World::default();
        copy.clone_from(self);
        copy
    }

    // Field by field, so that a copy into used memory allocates nothing: sketches live on it.
    fn clone_from(&mut self, from: &World) {
        self.now.clone_from(&from.now);
        self.measures.clone_from(&from.measures);
        self.counters.clone_from(&from.counters);
        self.gauges.clone_from(&from.gauges);
        self.channels.clone_from(&from.channels);
        self.meetings.clone_from(&from.meetings);
        self.deals.clone_from(&from.deals);
        self.truces.clone_from(&from.truces);
        self.coalitions.clone_from(&from.coalitions);
        self.stocks.clone_from(&from.stocks);
        self.barred.clone_from(&from.barred);
        self.beliefs.clone_from(&from.beliefs);
        self.types.clone_from(&from.types);
        self.tracks.clone_from(&from.tracks);
        self.acts.clone_from(&from.acts);
        self.last_move.clone_from(&from.last_move);
        self.regime.clone_from(&from.regime);
        self.series.clone_from(&from.series);
        self.wins.clone_from(&from.wins);
    }
}

impl World {
    /// The state of a measure.
    #[inline]
    #[must_use]
    pub fn measure(&self, id: MeasureId) -> &MeasureState {
        &self.measures[id.index()]
    }

    /// A gauge's value now.
    #[must_use]
    pub fn gauge(&self, model: &Model, id: GaugeId) -> f64 {
        let (state, gauge) = (&self.gauges[id.index()], &model.gauges[id.index()]);
        if !gauge.half_life.is_finite() || self.now <= state.at {
            return state.value;
        }
        let halves = (self.now - state.at).days() / gauge.half_life;
        gauge.rest + (state.value - gauge.rest) * math::exp(-halves * std::f64::consts::LN_2)
    }

    /// Size of a coalition: sum of the weights of members inside.
    #[must_use]
    pub fn coalition_size(&self, model: &Model, inputs: &[f64], id: CoalitionId) -> f64 {
        let inside = self.coalitions[id.index()].inside;
        let members = model.coalitions[id.index()].members.iter().enumerate();
        members.filter(|(k, _)| inside >> k & 1 == 1).map(|(_, (_, w))| w.of(inputs)).sum()
    }

    /// Public belief about an actor: probability by type.
    #[must_use]
    pub fn belief(&self, actor: ActorId, position: u8) -> f64 {
        let weights = &self.beliefs[actor.index()];
        let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut own, mut total) = (0.0, 0.0);
        for (k, w) in weights.iter().enumerate() {
            let share = math::exp(w - top);
            total += share;
            own = if k == usize::from(position) { share } else { own };
        }
        if usize::from(position) < weights.len() { own / total } else { 0.0 }
    }

    /// Level of a stock now: linear between its events.
    #[must_use]
    pub fn stock_level(
        &self,
        model: &Model,
        inputs: &[f64],
        id: crate::model::ids::StockId,
    ) -> f64 {
        let state = &self.stocks[id.index()];
        let thrift = model.stocks[id.index()].thrift.of(inputs);
        crate::economy::stock::advance(
            state.level,
            state.inflow,
            thrift,
            (self.now - state.at).days(),
        )
    }

    /// Whether a deal lives, between two actors where given.
    #[must_use]
    pub fn in_deal(&self, model: &Model, between: Option<(ActorId, ActorId)>) -> bool {
        self.deals.iter().any(|deal| {
            deal.alive
                && between.is_none_or(|(a, b)| {
                    let parties = &model.packages[deal.package.index()].parties;
                    parties.contains(&a) && parties.contains(&b)
                })
        })
    }
}
