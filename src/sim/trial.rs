//! One trial from the first event to the horizon.

use super::contract::Cause;
use super::effects::Context;
use super::engine::Engine;
use super::event::{What, phase};
use super::journal::{Entry, Journal};
use super::lifecycle::By;
use super::program::Program;
use super::scratch::Scratch;
use super::talks::pick;
use crate::draws::TrialKey;
use crate::model::ids::{ActorId, MeasureId, TruceId};
use crate::model::measure::Start;
use crate::model::path::Path;
use crate::units::Tick;

/// More events than this at one tick stop the run.
const MAX_AT_ONE_TICK: u64 = 1_000;

/// A trial that does not come to an end, and what repeats in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runaway {
    /// When it was stopped.
    pub at: Tick,
    /// Events so far.
    pub events: u64,
    /// The sources that repeat, most frequent first, with their number of events.
    pub sources: Vec<(String, u64)>,
}

/// A thread's working memory: cleared, not rebuilt, between trials.
#[derive(Debug, Default)]
pub struct Workspace {
    engine: Engine,
    scratch: Scratch,
    journal: bool,
}

impl Workspace {
    /// An empty one.
    #[must_use]
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// Whether trials keep a journal.
    pub fn keep_journal(&mut self, on: bool) {
        self.journal = on;
    }

    /// The journal of the last trial, if one was kept.
    #[must_use]
    pub fn journal(&self) -> Option<&Journal> {
        self.engine.journal.as_ref()
    }

    /// How often foreseen payoffs were found in the memo, and how often not.
    #[must_use]
    pub fn memo(&self) -> (u64, u64) {
        (self.scratch.hits, self.scratch.misses)
    }
}

/// Runs one trial. The same program, inputs and key give the same path, alone or among others.
///
/// # Errors
/// The trial exceeds `max_events`, or 1,000 events at one tick.
pub fn run_trial<'w>(
    program: &Program,
    inputs: &[f64],
    key: TrialKey,
    work: &'w mut Workspace,
) -> Result<&'w Path, Runaway> {
    let Workspace { engine, scratch, journal } = work;
    engine.sketch = false;
    engine.clear(program, inputs, key);
    let mut binned = std::mem::take(&mut engine.binned);
    program.binned(inputs, &mut binned);
    scratch.binned.clone_from(&binned);
    if program.model.actors.iter().any(|a| !a.terms.is_empty()) {
        super::engine::draw_up(program, &binned, &mut scratch.binned_dists);
        scratch.input_keys = super::scratch::InputKeys::of(program, &binned);
    }
    super::outlook::weigh(program, inputs, &mut scratch.weights);
    scratch.last = None;
    engine.binned = binned;
    engine.journal = journal.then(Journal::default);
    engine.begin(program, scratch);
    engine.run(program, scratch)?;
    engine.close_books(program);
    Ok(&engine.path)
}

impl Engine {
    /// Sets the starting state and the calendar.
    fn begin(&mut self, p: &Program, scratch: &mut Scratch) {
        let m = &p.model;
        for (k, actor) in m.actors.iter().enumerate() {
            if actor.types.len() > 1 {
                let shares: Vec<f64> = actor.nature.iter().map(|v| v.of(&self.inputs)).collect();
                let u = self.key.uniform(p.wiring.actors[k].kind, 0);
                #[allow(clippy::cast_possible_truncation, reason = "few types")]
                let own = pick(&shares, u) as u8;
                self.world.types[k] = own;
            }
        }
        if let Some(journal) = &mut self.journal {
            journal.types.clone_from(&self.world.types);
        }
        for (k, actor) in m.actors.iter().enumerate() {
            let own = usize::from(self.world.types[k]);
            let inputs = &self.inputs;
            self.path.weights[k].extend(actor.terms.iter().map(|term| {
                let factor = term.by_type.get(own).copied().unwrap_or(1.0);
                term.kind.sign() * term.weight.of(inputs) * factor
            }));
        }
        self.start_measures(p);
        for (k, truce) in m.truces.iter().enumerate() {
            let id = TruceId::at(k);
            let handle =
                self.schedule(p, truce.ends, phase::EFFECT, 20_000 + k, What::TruceEnds(id));
            self.world.truces[k].handle = handle;
            for &eve in &truce.eves {
                self.plan_eve(p, eve, truce.ends);
            }
        }
        self.plan_meetings(p);
        self.plan_reviews(p);
        self.pending_answers(p);
        for (k, fire) in m.fires.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "few fires")]
            self.schedule(p, fire.on, phase::CLOCK, 40_000 + k, What::Fire(k as u16));
        }
        for (k, actor) in m.actors.iter().enumerate() {
            if let Some(plan) = &actor.plan {
                for (step, (on, _)) in plan.steps.iter().enumerate() {
                    #[allow(clippy::cast_possible_truncation, reason = "few steps")]
                    let what = What::Plan(ActorId::at(k), step as u16);
                    self.schedule(p, *on, phase::DECISION, k, what);
                }
            }
        }
        self.open_accounts(p, scratch);
    }

    fn start_measures(&mut self, p: &Program) {
        for (k, measure) in p.model.measures.iter().enumerate() {
            let id = MeasureId::at(k);
            match measure.start {
                Start::Idle => {}
                Start::InForce(level) => {
                    self.world.measures[k].level = level;
                    self.world.measures[k].count = 1;
                }
                Start::Announced { level, on, ordered } => {
                    self.set_pending(p, id, level, on, ordered);
                }
                Start::Suspended { level, until } => {
                    let handle = self.schedule(p, until, phase::EFFECT, k, What::Resumes(id));
                    self.world.measures[k].level = level;
                    self.world.measures[k].count = 1;
                    self.world.measures[k].suspended =
                        Some(super::world::Suspension { until, handle, level, pending: None });
                }
            }
        }
    }

    /// Acts of history still unanswered: their lag is drawn given that it exceeds the time passed.
    fn pending_answers(&mut self, p: &Program) {
        for act in &p.model.unanswered {
            let (a, b) = (act.who.index(), act.to.index());
            let react = p.model.actor(act.who).reacts.iter().find(|r| r.to == act.to);
            let Some(react) = react else { continue };
            if self.react_pending[a][b].is_some() {
                continue;
            }
            let age = (Tick::ZERO - act.since).days();
            let ordinal = u64::from(self.react_count[a][b]);
            self.react_count[a][b] += 1;
            let address = p.wiring.actors[a].react[b];
            let wait = self.span_beyond(p, react.lag, age, address, ordinal);
            self.react_weight[a][b] = p.model.measure(act.measure).weight.max(react.min_weight);
            self.react_pending[a][b] = Some(act.since);
            self.schedule(p, wait, phase::DECISION, a, What::React(act.who, act.to));
        }
    }

    /// Takes events off the calendar until the horizon or `ends`.
    fn run(&mut self, p: &Program, scratch: &mut Scratch) -> Result<(), Runaway> {
        let mut at_tick = 0;
        let mut last = Tick::BEFORE_ALL;
        while !self.stopped {
            let Some((at, _, what)) = self.queue.pop() else { break };
            if at > p.model.horizon {
                break;
            }
            at_tick = if at == last { at_tick + 1 } else { 0 };
            last = at;
            self.world.now = at;
            let counted = !matches!(what, What::Wake | What::Learn(_) | What::Window(..));
            if counted {
                self.path.events += 1;
                self.fingerprint(what);
            }
            if self.path.events > p.model.max_events || at_tick > MAX_AT_ONE_TICK {
                return Err(self.runaway(p, at));
            }
            // Most events of a scenario without deciders are rings: they skip the long match.
            match what {
                What::Clock(id) => self.rings(p, scratch, id),
                _ => self.handle(p, scratch, what),
            }
            if self.dirty != 0 || self.timed_now {
                self.settle(p, scratch);
            }
        }
        Ok(())
    }

    /// One event.
    pub(crate) fn handle(&mut self, p: &Program, scratch: &mut Scratch, what: What) {
        match what {
            What::Clock(id) => self.rings(p, scratch, id),
            What::AfterClock(id) => self.after_rings(p, scratch, id),
            What::Fire(k) => {
                self.note(|| Entry::FiredByBranch(k));
                let effects = &p.model.fires[usize::from(k)].effects;
                self.apply(p, scratch, effects, Context::nobody(u64::from(k)));
            }
            What::Meeting(id) => self.meeting(p, scratch, id),
            What::Answer(slot) => self.answer(p, scratch, usize::from(slot)),
            What::OfferLapses(slot) => {
                if let Some(offer) = self.offers.get_mut(usize::from(slot)) {
                    offer.alive = false;
                }
            }
            What::Prolong(slot, serial) => self.prolong(p, scratch, usize::from(slot), serial),
            What::DealEnds(slot, serial) => self.deal_ends(p, usize::from(slot), serial),
            What::TruceEnds(id) => self.truce_ends(p, id),
            What::Struck(legal) => {
                for k in 0..p.model.measures.len() {
                    if p.model.measures[k].legal == Some(legal) {
                        self.withdraw(p, MeasureId::at(k), By::Court);
                    }
                }
            }
            What::Dated(id) => self.dated(p, id),
            What::Resumes(id) => self.resumes(p, id),
            What::Expires(id) => self.expires(p, id),
            What::Stock(id) => self.stock_event(p, id),
            What::Inflow(id, slot) => self.inflow_event(p, id, slot as usize),
            What::React(actor, by) => {
                let (a, b) = (actor.index(), by.index());
                let weight = self.react_weight[a][b];
                self.react_weight[a][b] = 0.0;
                self.decide(p, scratch, actor, Cause::React(by, weight), None);
                self.react_pending[a][b] = None;
            }
            What::Eve(eve, k) => self.eve(p, scratch, eve, usize::from(k)),
            What::AfterEve(eve, actor) => {
                self.decide(p, scratch, actor, Cause::AfterEve(eve), None);
            }
            What::Review(actor) => self.review(p, scratch, actor),
            What::Asked(actor) => {
                self.asked_pending[actor.index()] = None;
                self.decide(p, scratch, actor, Cause::Asked, None);
            }
            What::Plan(actor, step) => self.plan_step(p, scratch, actor, usize::from(step)),
            What::Learn(slot) => self.lesson(p, usize::from(slot)),
            What::Window(actor, slot) => self.window(p, actor, usize::from(slot)),
            What::Wake => {
                self.wake = None;
                self.timed_now = true;
            }
        }
    }

    /// Mixes an event into the trial's fingerprint.
    #[allow(clippy::cast_sign_loss, reason = "bits are hashed, not read")]
    fn fingerprint(&mut self, what: What) {
        let (kind, id) = source_of(what);
        let word = (self.world.now.0 as u64) ^ (kind as u64) << 56 ^ (id as u64) << 40;
        let mixed = (self.path.fingerprint ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.path.fingerprint = mixed ^ (mixed >> 32);
    }

    fn runaway(&self, p: &Program, at: Tick) -> Runaway {
        let mut sources: Vec<(String, u64)> = Vec::new();
        let m = &p.model;
        for (clock, state) in m.clocks.iter().zip(&self.clocks) {
            sources.push((format!("clock `{}`", clock.name), u64::from(state.fires)));
        }
        for (action, &n) in m.moves.iter().zip(&self.move_count) {
            sources.push((format!("move `{}`", action.name), u64::from(n)));
        }
        for (actor, &n) in m.actors.iter().zip(&self.review_count) {
            sources.push((format!("reviews of `{}`", actor.name), u64::from(n)));
        }
        for (measure, state) in m.measures.iter().zip(&self.world.measures) {
            let n = u64::from(state.announced);
            sources.push((format!("measure `{}`", measure.name), n));
        }
        sources.retain(|(_, n)| *n > 2);
        sources.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        sources.truncate(3);
        Runaway { at, events: self.path.events, sources }
    }

    /// Closes the books: flows run to the horizon and on through the tail with end states frozen.
    fn close_books(&mut self, p: &Program) {
        let m = &p.model;
        let end = if self.stopped { self.world.now } else { m.horizon };
        self.path.end = end;
        self.path.stopped = self.stopped;
        self.world.now = end;
        let tail = Tick::from_days(m.tail.of(&self.inputs).max(0.0));
        self.ledger.advance(m.horizon + tail);
        self.path.tracks.clone_from(&self.world.tracks);
        self.path.acts.clone_from(&self.world.acts);
        self.path.features.resize_with(m.actors.len(), Vec::new);
        for (a, features) in self.path.features.iter_mut().enumerate() {
            features.clear();
            features.extend_from_slice(&self.ledger.features[p.terms_of(ActorId::at(a))]);
        }
        self.path.prices.clone_from(&self.ledger.prices);
    }
}

/// Kind and number of an event's source, for fingerprints.
fn source_of(what: What) -> (u8, u16) {
    match what {
        What::Clock(id) => (1, id.0),
        What::AfterClock(id) => (2, id.0),
        What::Fire(k) => (3, k),
        What::Meeting(id) => (4, id.0),
        What::Answer(k) => (5, k),
        What::OfferLapses(k) => (6, k),
        What::Prolong(k, _) => (7, k),
        What::DealEnds(k, _) => (8, k),
        What::TruceEnds(id) => (9, id.0),
        What::Struck(k) => (10, k),
        What::Dated(id) => (11, id.0),
        What::Resumes(id) => (12, id.0),
        What::Expires(id) => (13, id.0),
        What::Stock(id) => (14, id.0),
        What::Inflow(id, _) => (15, id.0),
        What::React(id, _) => (16, id.0),
        What::Eve(id, _) => (17, id.0),
        What::AfterEve(_, id) => (18, id.0),
        What::Review(id) => (19, id.0),
        What::Asked(id) => (20, id.0),
        What::Plan(id, _) => (21, id.0),
        What::Learn(k) => (22, k),
        What::Window(id, _) => (23, id.0),
        What::Wake => (24, 0),
    }
}
