//! The machine that carries one world through time: calendar, ledger of payoffs, record.
//!
//! The same machine runs a trial and, as a *sketch*, what a decider foresees: there lags stand at
//! their medians, only dated consequences are followed, and nothing is recorded but payoffs.

use super::event::{What, phase};
use super::journal::{Entry, Journal};
use super::ledger::Ledger;
use super::marks::Marks;
use super::program::{Fact, Program, bit};
use super::queue::{Handle, Queue, order_word};
use super::scratch::InputKeys;
use super::world::{
    CoalitionState, GaugeState, MeasureState, MeetingState, StockState, TruceState, World,
};
use crate::draws::{Address, TrialKey};
use crate::math;
use crate::model::ids::{ActorId, LawId, MeasureId, TrackerId};
use crate::model::path::{Path, Point, Track};
use crate::model::value::Lag;
use crate::stats::dist::Dist;
use crate::units::Tick;

/// State of a clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockState {
    pub(crate) running: Option<Handle>,
    pub(crate) started: Tick,
    pub(crate) age: f64,
    pub(crate) starts: u32,
    pub(crate) fires: u32,
    pub(crate) done: bool,
}

/// A private offer on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfferState {
    pub(crate) by: ActorId,
    pub(crate) package: crate::model::ids::PackageId,
    pub(crate) alive: bool,
    pub(crate) public: bool,
    pub(crate) lapse: Option<Handle>,
}

/// An entry of a sketch's calendar: few at a time, so that a scan finds the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) at: Tick,
    /// Phase, source and sequence: the order within one tick.
    pub(crate) order: u64,
    pub(crate) what: What,
}

/// Something the public is about to learn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lesson {
    pub(crate) actor: u16,
    pub(crate) silence: bool,
    pub(crate) log_likelihoods: Vec<f64>,
}

/// Trade effects by policy, for the policies of one trial under all branches: few, and searched from
/// the last. Sketches, whose inputs are rounded, share a memo across trials instead.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    keys: Vec<(u64, u64)>,
    width: usize,
    numbers: Vec<f64>,
}

impl Policies {
    /// Beyond so many, all are forgotten.
    const MOST: usize = 256;

    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.numbers.clear();
    }

    /// The numbers kept under a key.
    pub(crate) fn find(&self, key: (u64, u64), width: usize) -> Option<&[f64]> {
        let place = self.keys.iter().rposition(|known| *known == key)?;
        debug_assert_eq!(width, self.width);
        self.numbers.get(place * width..(place + 1) * width)
    }

    /// Keeps numbers, as many under each key.
    pub(crate) fn keep(&mut self, key: (u64, u64), numbers: [&[f64]; 4]) {
        let width = numbers.iter().map(|part| part.len()).sum();
        if self.keys.len() >= Policies::MOST || width != self.width {
            self.clear();
            self.width = width;
        }
        self.keys.push(key);
        numbers.into_iter().for_each(|part| self.numbers.extend_from_slice(part));
    }
}

/// The machine.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    pub(crate) world: World,
    pub(crate) queue: Queue<What>,
    pub(crate) sequence: u32,
    pub(crate) path: Path,
    pub(crate) ledger: Ledger,
    pub(crate) journal: Option<Journal>,
    pub(crate) inputs: Vec<f64>,
    /// What calculating deciders take the inputs to be.
    pub(crate) binned: Vec<f64>,
    pub(crate) dists: std::rc::Rc<Vec<Option<Dist>>>,
    pub(crate) key: TrialKey,
    pub(crate) sketch: bool,
    /// In a sketch: identity of the inputs.
    pub(crate) input_keys: InputKeys,
    /// In a sketch: identity of the measures' states.
    pub(crate) marks: Marks,
    /// In a sketch: what is due when.
    pub(crate) agenda: Vec<Due>,
    /// In a sketch: flows at hand are out of date.
    pub(crate) stale_rates: bool,
    /// In a sketch: controls changed, and stocks were not told.
    pub(crate) supply_moved: bool,
    /// In a sketch: stocks that are followed.
    pub(crate) followed: u64,
    pub(crate) dirty: u64,
    pub(crate) timed_now: bool,
    pub(crate) clocks: Vec<ClockState>,
    pub(crate) watch_state: Vec<bool>,
    pub(crate) wake: Option<(Tick, Handle)>,
    pub(crate) eves: Vec<Vec<Handle>>,
    pub(crate) react_pending: Vec<Vec<Option<Tick>>>,
    pub(crate) react_count: Vec<Vec<u32>>,
    pub(crate) react_weight: Vec<Vec<f64>>,
    pub(crate) review_count: Vec<u32>,
    pub(crate) asked_count: Vec<u32>,
    pub(crate) asked_pending: Vec<Option<Tick>>,
    pub(crate) move_count: Vec<u32>,
    /// Ordered changes of stocks' inflows, by slot.
    pub(crate) inflows: Vec<f64>,
    pub(crate) offers: Vec<OfferState>,
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) windows: Vec<Tick>,
    pub(crate) eve_silence: Vec<Option<u16>>,
    pub(crate) occasion_serial: u64,
    pub(crate) deal_serial: u32,
    pub(crate) income: Vec<f64>,
    pub(crate) revenue: Vec<f64>,
    pub(crate) prices: Vec<f64>,
    /// What series read off the full trade model, in the order of its readings.
    pub(crate) more: Vec<f64>,
    /// The same at the start: what losses are counted against.
    pub(crate) start_income: Vec<f64>,
    pub(crate) start_revenue: Vec<f64>,
    pub(crate) start_prices: Vec<f64>,
    /// Trade effects of the trial's policies so far.
    pub(crate) policies: Policies,
    pub(crate) stopped: bool,
    pub(crate) menu: Vec<crate::model::ids::MoveId>,
}

/// The distributions of laws that read inputs, in place where nobody else holds them.
pub(crate) fn draw_up(
    program: &Program,
    inputs: &[f64],
    dists: &mut std::rc::Rc<Vec<Option<Dist>>>,
) {
    let laws = &program.model.laws;
    let list = std::rc::Rc::make_mut(dists);
    list.resize(laws.len(), None);
    for (slot, law) in list.iter_mut().zip(laws) {
        *slot = if law.fixed.is_some() { None } else { Some(law.recipe.dist(inputs, laws)) };
    }
}

fn reset<T: Clone>(list: &mut Vec<T>, n: usize, value: T) {
    list.clear();
    list.resize(n, value);
}

fn reset_lists<T>(list: &mut Vec<Vec<T>>, n: usize) {
    list.iter_mut().for_each(Vec::clear);
    list.resize_with(n, Vec::new);
}

impl Engine {
    /// Brings everything to the state before the first event, without giving memory back.
    pub(crate) fn clear(&mut self, program: &Program, inputs: &[f64], key: TrialKey) {
        let m = &program.model;
        self.queue.clear();
        self.sequence = 0;
        self.key = key;
        if self.inputs != inputs {
            self.policies.clear();
        }
        self.inputs.clear();
        self.inputs.extend_from_slice(inputs);
        draw_up(program, inputs, &mut self.dists);
        self.dirty = 0;
        self.timed_now = false;
        self.wake = None;
        self.stopped = false;
        self.occasion_serial = 0;
        self.deal_serial = 0;
        let w = &mut self.world;
        w.now = Tick::ZERO;
        reset(&mut w.measures, m.measures.len(), MeasureState::IDLE);
        w.counters.clear();
        w.counters.extend(m.counters.iter().map(|c| c.start));
        w.gauges.clear();
        w.gauges.extend(m.gauges.iter().map(|g| GaugeState {
            value: g.start.of(inputs).clamp(g.low, g.high),
            at: Tick::ZERO,
        }));
        w.channels.clear();
        w.channels.extend(m.channels.iter().map(|c| c.start));
        let unplanned = MeetingState { status: 1, at: Tick::NEVER, handle: None, planned: 0 };
        reset(&mut w.meetings, m.meetings.len(), unplanned);
        w.deals.clear();
        w.truces.clear();
        w.truces.extend(m.truces.iter().map(|t| TruceState {
            alive: true,
            ends: t.ends,
            handle: None,
        }));
        let nobody = CoalitionState { inside: 0, asked_until: Tick::BEFORE_ALL, punished: false };
        reset(&mut w.coalitions, m.coalitions.len(), nobody);
        w.stocks.clear();
        w.stocks.extend(m.stocks.iter().map(|s| StockState {
            level: s.start.of(inputs).max(0.0),
            at: Tick::ZERO,
            inflow: 1.0,
            target: 1.0,
            change_at: Tick::BEFORE_ALL,
            handle: None,
            lost: 0.0,
            hulten: 0.0,
            out: false,
        }));
        w.barred = 0;
        w.falls.clear();
        w.types.clear();
        w.types.resize(m.actors.len(), 0);
        w.beliefs.resize_with(m.actors.len(), Vec::new);
        for (belief, actor) in w.beliefs.iter_mut().zip(&m.actors) {
            belief.clear();
            belief.extend(actor.prior.iter().map(|p| math::ln(p.of(inputs).max(1e-300))));
        }
        reset(&mut w.tracks, m.trackers.len(), Track::NONE);
        w.acts.clear();
        reset(&mut w.last_move, m.moves.len(), Tick::BEFORE_ALL);
        w.regime = 0;
        reset(&mut w.series, m.series.len(), 0.0);
        reset(&mut w.wins, program.terms(), false);
        reset(&mut self.ledger.features, program.terms(), 0.0);
        reset(&mut self.ledger.rates, program.terms(), 0.0);
        reset(&mut self.ledger.prices, m.actors.len(), 0.0);
        self.ledger.at = Tick::ZERO;
        self.ledger.origin = Tick::ZERO;
        self.ledger.discount = m.discount.of(inputs);
        self.ledger.policy = None;
        self.ledger.days = std::rc::Rc::default();
        reset(&mut self.clocks, m.clocks.len(), ClockState::default());
        reset(&mut self.watch_state, m.watches.len(), false);
        reset_lists(&mut self.eves, m.eves.len());
        let n = m.actors.len();
        reset_lists(&mut self.react_pending, n);
        reset_lists(&mut self.react_count, n);
        reset_lists(&mut self.react_weight, n);
        for k in 0..n {
            self.react_pending[k].resize(n, None);
            self.react_count[k].resize(n, 0);
            self.react_weight[k].resize(n, 0.0);
        }
        reset(&mut self.review_count, n, 0);
        reset(&mut self.asked_count, n, 0);
        reset(&mut self.asked_pending, n, None);
        reset(&mut self.move_count, m.moves.len(), 0);
        self.inflows.clear();
        self.offers.clear();
        self.lessons.clear();
        self.windows.clear();
        reset(&mut self.eve_silence, m.eves.len(), None);
        let regions = m.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
        reset(&mut self.income, regions, 0.0);
        reset(&mut self.revenue, regions, 0.0);
        reset(&mut self.prices, regions, 0.0);
        let more = m.economy.as_ref().map_or(0, |e| e.economy.more().len());
        reset(&mut self.more, more, 0.0);
        reset(&mut self.start_income, regions, 0.0);
        reset(&mut self.start_revenue, regions, 0.0);
        reset(&mut self.start_prices, regions, 0.0);
        self.clear_path(program);
    }

    fn clear_path(&mut self, program: &Program) {
        let m = &program.model;
        let path = &mut self.path;
        path.end = m.horizon;
        path.horizon = m.horizon;
        path.stopped = false;
        path.events = 0;
        path.fingerprint = 0xCBF2_9CE4_8422_2325;
        reset(&mut path.watch_start, m.watches.len(), false);
        reset_lists(&mut path.watch_changes, m.watches.len());
        reset_lists(&mut path.series, m.series.len());
        path.shapes.clear();
        path.shapes.extend(m.series.iter().map(|s| s.shape));
        path.acts.clear();
        reset_lists(&mut path.weights, m.actors.len());
        path.log_probability = 0.0;
        path.choices = 0;
        path.skipped = 0;
        path.illegal = 0;
    }

    /// The distribution of a law under this trial's inputs.
    #[inline]
    pub(crate) fn dist<'a>(&'a self, program: &'a Program, law: LawId) -> &'a Dist {
        match &self.dists[law.index()] {
            Some(dist) => dist,
            // A law without inputs is fixed when the file is read.
            None => program.model.laws[law.index()].fixed.as_ref().unwrap_or(&Dist::Fixed(0.0)),
        }
    }

    /// A duration: drawn in a trial, the median in a sketch.
    pub(crate) fn span(&self, program: &Program, lag: Lag, address: Address, ordinal: u64) -> Tick {
        let days = match lag {
            Lag::Days(value) => value.of(&self.inputs),
            Lag::Law(id) => {
                let dist = self.dist(program, id);
                if self.sketch {
                    dist.median()
                } else {
                    dist.draw(self.key.uniform(address, ordinal))
                }
            }
        };
        Tick::from_days(days.max(0.0))
    }

    /// A duration that already exceeds `age`: drawn given that.
    pub(crate) fn span_beyond(
        &self,
        program: &Program,
        lag: Lag,
        age: f64,
        address: Address,
        ordinal: u64,
    ) -> Tick {
        let days = match lag {
            Lag::Days(value) => value.of(&self.inputs) - age,
            Lag::Law(id) => {
                let dist = self.dist(program, id);
                let at = if self.sketch {
                    dist.quantile_beyond(0.5, age)
                } else {
                    dist.draw_beyond(self.key.uniform(address, ordinal), age)
                };
                at - age
            }
        };
        Tick::from_days(days.max(0.0))
    }

    /// Puts an event on the calendar, not before now. A sketch follows dated consequences only.
    #[inline(never)]
    pub(crate) fn schedule(
        &mut self,
        program: &Program,
        at: Tick,
        phase: u8,
        source: usize,
        what: What,
    ) -> Option<Handle> {
        self.schedule_inline(program, at, phase, source, what)
    }

    /// The same for the one hot caller, the start of a clock.
    #[inline(always)]
    pub(crate) fn schedule_inline(
        &mut self,
        program: &Program,
        at: Tick,
        phase: u8,
        source: usize,
        what: What,
    ) -> Option<Handle> {
        let at = at.max(self.world.now);
        if self.sketch {
            self.due(at, phase, source, what);
            return None;
        }
        if at > program.model.horizon {
            // Nothing beyond the horizon is ever executed.
            return None;
        }
        self.sequence += 1;
        #[allow(clippy::cast_possible_truncation, reason = "sources are limited to u16")]
        let order = match program.model.ties {
            crate::model::Ties::File => order_word(phase, source as u16, self.sequence),
            crate::model::Ties::Random => self.random_order(program, phase),
        };
        Some(self.queue.push(at, order, what))
    }

    #[cold]
    #[allow(clippy::cast_possible_truncation, reason = "random bits")]
    fn random_order(&self, program: &Program, phase: u8) -> u64 {
        let bits = self.key.bits(program.wiring.tie, u64::from(self.sequence));
        order_word(phase, (bits >> 48) as u16, bits as u32)
    }

    /// Takes an event off the calendar.
    #[inline]
    pub(crate) fn unschedule(&mut self, handle: Option<Handle>) {
        if let Some(handle) = handle {
            self.queue.cancel(handle);
        }
    }

    /// Writes into the journal, if one is kept.
    #[inline]
    pub(crate) fn note(&mut self, entry: impl FnOnce() -> Entry) {
        if let Some(journal) = &mut self.journal {
            journal.entries.push((self.world.now, entry()));
        }
    }

    /// Counts a fact and sets off what waits for it.
    #[inline(always)]
    pub(crate) fn emit(&mut self, program: &Program, fact: Fact, id: usize) {
        let listeners = program.listeners(fact, id);
        if !listeners.is_empty() {
            self.tell(program, listeners);
        }
    }

    #[inline(never)]
    fn tell(&mut self, program: &Program, listeners: &[TrackerId]) {
        for &tracker in listeners {
            let now = self.world.now;
            let track = &mut self.world.tracks[tracker.index()];
            if track.count == 0 {
                track.first = now;
            }
            track.count += 1;
            track.last = now;
            self.dirty |= bit::tracker(tracker.index());
            if self.sketch {
                continue;
            }
            for &clock in &program.wiring.after_clocks[tracker.index()] {
                self.after_clock(program, clock);
            }
            for &meeting in &program.wiring.after_meetings[tracker.index()] {
                if let crate::model::diplomacy::MeetingDate::After(_, lag) =
                    program.model.meetings[meeting.index()].date
                {
                    let ordinal = u64::from(self.world.meetings[meeting.index()].planned);
                    let address = program.wiring.meeting[meeting.index()];
                    let wait = self.span(program, lag, address, ordinal);
                    self.plan_meeting(program, meeting, now + wait);
                }
            }
        }
    }

    /// Records a point of a series.
    pub(crate) fn point(&mut self, series: usize, value: f64, slope: f64) {
        let at = self.world.now;
        self.world.series[series] = value;
        if self.sketch {
            return;
        }
        let points = &mut self.path.series[series];
        match points.last_mut() {
            Some(last) if last.at == at => {
                last.value = value;
                last.slope = slope;
            }
            Some(last) if math::same(last.value, value) && math::same(last.slope, slope) => {
                if !math::same(slope, 0.0) {
                    points.push(Point { at, value, slope });
                }
            }
            _ => points.push(Point { at, value, slope }),
        }
    }

    /// Phase of events that measures and truces make.
    pub(crate) const EFFECT: u8 = phase::EFFECT;
}

/// The number of a level of a measure.
pub(crate) fn number_of(program: &Program, id: MeasureId, level: u8) -> f64 {
    if level == 0 {
        return 0.0;
    }
    program.model.measure(id).levels.get(usize::from(level) - 1).map_or(0.0, |(_, x)| *x)
}
