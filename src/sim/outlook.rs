//! What a decider foresees: payoff features of the announced world after an act or a deal.
//!
//! A sketch is a copy of the public world rounded to the scenario's grid (times to whole days, gauges,
//! stocks, beliefs; inputs at the medians of their bins). In it every ordered change happens on its
//! date, suspensions end, stocks run down; nobody else moves and no chance is drawn. A statement
//! without an order counts in proportion to the believed chance that it is carried out. Events are
//! followed for the declared horizon; then states are frozen and flows count to `until` + `tail`.
//!
//! Payoffs are linear in the weights, so what is kept are *features*: discounted years of each flow
//! and sums of each once term, for every actor. They are pure functions of the rounded state and the
//! inputs they read, whether remembered or not.
//!
//! Not followed in a sketch: clocks and shocks (their laws are the same on all sides of a
//! comparison), later meetings, and answers beyond those that a look-ahead asks for.

use super::effects::Context;
use super::engine::Engine;
use super::event::{What, phase};
use super::program::{Program, bit};
use super::scratch::{Foreseen, Key, Scratch};
use super::world::World;
use crate::math;
use crate::model::ids::{ActorId, MeasureId, MoveId, PackageId, StockId};
use crate::units::{MINUTES_PER_DAY, Tick};
use std::rc::Rc;

/// The public belief that an actor is of a type, with log-odds rounded to the grid.
#[must_use]
pub fn seen_belief(program: &Program, world: &World, actor: ActorId, position: u8) -> f64 {
    let weights = &world.beliefs[actor.index()];
    let Some(&base) = weights.first() else { return 1.0 };
    let grid = program.model.grid.log_odds;
    let seen = |w: f64| if grid > 0.0 { ((w - base) / grid).round() * grid } else { w - base };
    let top = weights.iter().map(|w| seen(*w)).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = weights.iter().map(|w| math::exp(seen(*w) - top)).sum();
    weights.get(usize::from(position)).map_or(0.0, |w| math::exp(seen(*w) - top) / total)
}

/// Payoff weights of an actor as a hypothetical type, by term.
pub fn weights(program: &Program, inputs: &[f64], actor: ActorId, as_type: u8, out: &mut Vec<f64>) {
    out.clear();
    out.extend(program.model.actor(actor).terms.iter().map(|term| {
        let factor = term.by_type.get(usize::from(as_type)).copied().unwrap_or(1.0);
        term.kind.sign() * term.weight.of(inputs) * factor
    }));
}

/// Number of features of all actors together, and where each actor's start: terms, then prices.
#[must_use]
pub fn layout(program: &Program) -> (usize, Vec<usize>) {
    let mut starts = Vec::with_capacity(program.model.actors.len());
    let mut n = 0;
    for actor in &program.model.actors {
        starts.push(n);
        n += actor.terms.len() + 1;
    }
    (n, starts)
}

/// Payoff of an actor's weights on a row of features.
#[must_use]
pub fn payoff(row: &[f64], start: usize, weights: &[f64]) -> f64 {
    let terms = &row[start..start + weights.len()];
    let price = row[start + weights.len()];
    terms.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() + price
}

/// The nearest moment on a grid of so many minutes.
fn nearest(tick: Tick, grid: i64) -> Tick {
    if tick == Tick::NEVER || tick == Tick::BEFORE_ALL {
        return tick;
    }
    Tick((tick.0 + grid / 2).div_euclid(grid) * grid)
}

fn day(tick: Tick) -> Tick {
    nearest(tick, MINUTES_PER_DAY)
}

impl Engine {
    /// Fills a sketch with the rounded public world of `from` and puts its dated events on the
    /// calendar.
    pub(crate) fn load(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        from: &World,
        binned: &[f64],
        horizon: f64,
    ) {
        let m = &p.model;
        let grid = m.grid;
        let step = Tick::from_days(grid.days).0.max(1);
        let day = |tick: Tick| nearest(tick, step);
        self.sketch = true;
        self.journal = None;
        self.queue.clear();
        self.sequence = 0;
        self.inputs.clear();
        self.inputs.extend_from_slice(binned);
        self.drain.clone_from(&scratch.drain);
        self.dists = std::rc::Rc::clone(&scratch.binned_dists);
        let now = day(from.now);
        // What comes after the last event that is followed is the same however late it comes.
        let far = now + day(Tick::from_days(horizon)) + Tick(step);
        let w = &mut self.world;
        w.now = now;
        w.measures.clone_from(&from.measures);
        for state in &mut w.measures {
            if let Some(pending) = &mut state.pending {
                pending.at = day(pending.at).max(now).min(far);
                pending.handle = None;
            }
            if let Some(suspension) = &mut state.suspended {
                suspension.until = day(suspension.until).max(now).min(far);
                suspension.handle = None;
            }
            state.expiry = None;
            state.first_date = None;
            state.strength = (state.strength * 10.0).round() / 10.0;
        }
        w.counters.clone_from(&from.counters);
        w.gauges.clear();
        for k in 0..m.gauges.len() {
            let value = from.gauge(m, crate::model::ids::GaugeId::at(k));
            let seen =
                if grid.gauge > 0.0 { (value / grid.gauge).round() * grid.gauge } else { value };
            w.gauges.push(super::world::GaugeState { value: seen, at: now });
        }
        w.channels.clone_from(&from.channels);
        w.meetings.clone_from(&from.meetings);
        for meeting in &mut w.meetings {
            meeting.at = day(meeting.at);
            meeting.handle = None;
            meeting.planned = 0;
        }
        w.deals.clear();
        w.deals.extend(from.deals.iter().filter(|d| d.alive).map(|d| {
            let mut deal = *d;
            deal.since = Tick::ZERO;
            deal.ends = day(d.ends).min(far);
            deal.handle = None;
            deal.eve = None;
            deal.serial = 0;
            deal.free_until = day(d.free_until);
            deal
        }));
        w.truces.clone_from(&from.truces);
        for truce in &mut w.truces {
            truce.ends = day(truce.ends);
            truce.handle = None;
        }
        w.coalitions.clone_from(&from.coalitions);
        for coalition in &mut w.coalitions {
            coalition.asked_until =
                if coalition.asked_until >= from.now { Tick::NEVER } else { Tick::BEFORE_ALL };
        }
        w.stocks.clone_from(&from.stocks);
        for (k, stock) in w.stocks.iter_mut().enumerate() {
            let level = from.stock_level(m, binned, StockId::at(k));
            stock.level =
                if grid.stock > 0.0 { (level / grid.stock).round() * grid.stock } else { level };
            stock.at = now;
            stock.inflow = (stock.inflow * 20.0).round() / 20.0;
            stock.target = (stock.target * 20.0).round() / 20.0;
            stock.change_at = if math::same(stock.inflow, stock.target) {
                Tick::BEFORE_ALL
            } else {
                day(stock.change_at).max(now)
            };
            stock.handle = None;
            stock.lost = 0.0;
            stock.hulten = 0.0;
            stock.out = stock.level <= 0.0;
        }
        w.barred = from.barred;
        w.types.clone_from(&from.types);
        w.tracks.clone_from(&from.tracks);
        for track in &mut w.tracks {
            track.last = day(track.last);
            track.first = day(track.first);
        }
        if p.wiring.guard_deps & bit::ACT != 0 {
            w.acts.clone_from(&from.acts);
        } else {
            w.acts.clear();
        }
        w.last_move.clone_from(&from.last_move);
        for (k, last) in w.last_move.iter_mut().enumerate() {
            // All that matters is whether it is too soon to do it again.
            let blocked = m.moves[k].once_per.is_some_and(|span| {
                *last != Tick::BEFORE_ALL && from.now - *last < Tick::from_days(span.of(binned))
            });
            *last = if blocked { now } else { Tick::BEFORE_ALL };
        }
        w.regime = from.regime;
        w.series.clone_from(&from.series);
        w.wins.clone_from(&from.wins);
        self.move_count.clear();
        self.move_count.resize(m.moves.len(), 0);
        self.eves.resize_with(m.eves.len(), Vec::new);
        self.eve_silence.resize(m.eves.len(), None);
        self.inflows.resize_with(m.stocks.len(), Vec::new);
        self.inflows.iter_mut().for_each(Vec::clear);
        self.offers.clear();
        self.deal_serial = 0;
        self.dirty = 0;
        self.timed_now = false;
        self.open_ledger(p, scratch, now);
        self.schedule_world(p);
    }

    fn open_ledger(&mut self, p: &Program, scratch: &mut Scratch, now: Tick) {
        let m = &p.model;
        let n = m.actors.len();
        self.ledger.features.resize_with(n, Vec::new);
        self.ledger.rates.resize_with(n, Vec::new);
        for (a, actor) in m.actors.iter().enumerate() {
            self.ledger.features[a].clear();
            self.ledger.features[a].resize(actor.terms.len(), 0.0);
            self.ledger.rates[a].clear();
            self.ledger.rates[a].resize(actor.terms.len(), 0.0);
        }
        self.ledger.prices.clear();
        self.ledger.prices.resize(n, 0.0);
        self.ledger.at = now;
        self.ledger.origin = now;
        self.ledger.discount = m.discount.of(&self.inputs);
        let regions = m.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
        for list in [
            &mut self.income,
            &mut self.revenue,
            &mut self.prices,
            &mut self.start_income,
            &mut self.start_revenue,
            &mut self.start_prices,
        ] {
            list.resize(regions, 0.0);
        }
        self.start_income.fill(0.0);
        self.start_revenue.fill(0.0);
        self.start_prices.fill(0.0);
        self.sketch_trade(p, scratch);
        self.flows(p);
    }

    /// Dated consequences of the world at hand.
    fn schedule_world(&mut self, p: &Program) {
        for k in 0..self.world.measures.len() {
            let id = MeasureId::at(k);
            if let Some(pending) = self.world.measures[k].pending {
                let handle = self.schedule(p, pending.at, phase::EFFECT, k, What::Dated(id));
                if let Some(pending) = &mut self.world.measures[k].pending {
                    pending.handle = handle;
                }
            }
            if let Some(suspension) = self.world.measures[k].suspended {
                let until = suspension.until;
                let handle = self.schedule(p, until, phase::EFFECT, k, What::Resumes(id));
                if let Some(suspension) = &mut self.world.measures[k].suspended {
                    suspension.handle = handle;
                }
            }
        }
        for k in 0..self.world.stocks.len() {
            let state = self.world.stocks[k];
            if state.change_at > Tick::BEFORE_ALL {
                self.inflows[k].push(state.target);
                let what = What::Inflow(StockId::at(k), 0);
                self.schedule(p, state.change_at, phase::STOCK, k, what);
            }
            self.aim_crossing(p, k);
        }
        self.dirty = 0;
    }

    /// Identity of a loaded sketch: everything its future depends on.
    pub(crate) fn situation(&self, p: &Program, tag: u64) -> Key {
        let w = &self.world;
        let mut key = Key::new(p.wiring.tag ^ tag);
        key.int(w.now.0);
        self.hash_measures(&mut key);
        for counter in &w.counters {
            key.int(i64::from(*counter));
        }
        if p.wiring.guard_deps & (15 << 40) != 0 {
            w.gauges.iter().for_each(|g| key.float(g.value));
        }
        w.channels.iter().for_each(|c| key.add(u64::from(*c)));
        for meeting in &w.meetings {
            key.add(u64::from(meeting.status));
            if meeting.status == 2 {
                key.int(meeting.at.0);
            }
        }
        for deal in &w.deals {
            key.add(u64::from(deal.package.0) | 1 << 20 | u64::from(deal.breaker.is_some()) << 21);
            key.int(deal.ends.0);
        }
        for truce in &w.truces {
            key.int(if truce.alive { truce.ends.0 } else { -1 });
        }
        for coalition in &w.coalitions {
            let asked = u64::from(coalition.asked_until == Tick::NEVER);
            key.add(u64::from(coalition.inside) | asked << 40);
        }
        self.hash_stocks(&mut key, 0);
        key.add(w.barred);
        for id in &p.wiring.guard_trackers {
            let track = w.tracks[id.index()];
            key.add(u64::from(track.count > 0));
            key.int(track.last.0);
        }
        if p.wiring.guard_deps & bit::ACT != 0 {
            for act in &w.acts {
                key.int(act.at.0);
                key.add(act.by_move.map_or(0, |m| u64::from(m.0) + 1));
            }
        }
        for (k, last) in w.last_move.iter().enumerate() {
            if *last != Tick::BEFORE_ALL {
                key.add(k as u64 | 1 << 30);
            }
        }
        self.hash_wins(&mut key);
        for &id in &p.wiring.foresight_inputs {
            key.float(self.inputs[id.index()]);
        }
        key
    }

    /// Follows the sketch's calendar up to a moment.
    pub(crate) fn follow(&mut self, p: &Program, scratch: &mut Scratch, until: Tick) {
        let mut budget = 500;
        while let Some((at, _)) = self.queue.peek() {
            if at > until || budget == 0 {
                break;
            }
            budget -= 1;
            let Some((at, _, what)) = self.queue.pop() else { break };
            self.world.now = at;
            if self.stale(what, at) {
                continue;
            }
            self.handle(p, scratch, what);
            self.settle(p, scratch);
        }
        if until > self.world.now {
            self.world.now = until;
            self.ledger.advance(until);
        }
    }

    /// A sketch leaves replaced events on its calendar; they are recognised here.
    fn stale(&self, what: What, at: Tick) -> bool {
        match what {
            What::Dated(m) => self.world.measure(m).pending.is_none_or(|p| p.at != at),
            What::Resumes(m) => self.world.measure(m).suspended.is_none_or(|s| s.until != at),
            _ => false,
        }
    }

    /// Marks a pending change as ordered, or as a mere statement.
    fn order(&mut self, k: usize, ordered: bool) {
        if let Some(pending) = &mut self.world.measures[k].pending {
            pending.ordered = ordered;
        }
    }

    /// Nothing accrued yet, counted from now.
    pub(crate) fn zero_ledger(&mut self) {
        self.ledger.features.iter_mut().for_each(|list| list.fill(0.0));
        self.ledger.prices.fill(0.0);
        self.ledger.at = self.world.now;
        self.ledger.origin = self.world.now;
    }

    /// Identity of what payoffs from now on depend on when nobody moves.
    fn prospects(&self, p: &Program, inert: u64) -> Key {
        let w = &self.world;
        let mut key = Key::new(p.wiring.tag ^ 3);
        key.int(w.now.0);
        self.hash_measures(&mut key);
        for coalition in &w.coalitions {
            key.add(u64::from(coalition.inside));
        }
        self.hash_stocks(&mut key, inert);
        key.add(w.barred);
        self.hash_wins(&mut key);
        if p.wiring.lobby_deps & !(bit::MEASURES | bit::COALITION | bit::STOCK) != 0 {
            w.counters.iter().for_each(|c| key.int(i64::from(*c)));
            w.gauges.iter().for_each(|g| key.float(g.value));
            w.channels.iter().for_each(|c| key.add(u64::from(*c)));
            w.meetings.iter().for_each(|m| key.add(u64::from(m.status)));
            w.deals.iter().for_each(|d| key.add(u64::from(d.package.0)));
            w.truces.iter().for_each(|t| key.add(u64::from(t.alive)));
        }
        for &id in &p.wiring.foresight_inputs {
            key.float(self.inputs[id.index()]);
        }
        key
    }

    fn hash_measures(&self, key: &mut Key) {
        for (k, state) in self.world.measures.iter().enumerate() {
            if *state == super::world::MeasureState::IDLE {
                continue;
            }
            key.add(k as u64 | u64::from(state.level) << 16 | u64::from(state.count) << 24);
            if let Some(pending) = state.pending {
                key.int(pending.at.0);
                key.add(1 | u64::from(pending.level) << 8 | u64::from(pending.ordered) << 16);
            }
            if let Some(s) = state.suspended {
                key.int(s.until.0);
                let pending = s.pending.map_or(0, |(l, o)| 1 + u64::from(l) * 2 + u64::from(o));
                key.add(2 | u64::from(s.level) << 8 | pending << 16);
            }
            if state.strength > 0.0 {
                key.float(state.strength);
                key.add(u64::from(state.threatened) | u64::from(state.postponed) << 8);
            }
        }
    }

    /// Stocks that cannot run out before events are no longer followed, whatever order measures that
    /// stand or are dated now take effect in: what is left of them plays no part.
    fn inert_stocks(&self, p: &Program, reach: Reach) -> u64 {
        let days = (reach.events - self.world.now).days();
        let mut inert = 0;
        for (k, stock) in self.world.stocks.iter().enumerate() {
            let idle = |m: &usize| self.world.measures[*m] == super::world::MeasureState::IDLE;
            let loose = p.wiring.suppliers[k].iter().filter(|m| !idle(m)).count();
            // The worst that all of them together can do, and what flows in now or is ordered to.
            let worst = if loose == 0 { 0.0 } else { self.drain.get(k).copied().unwrap_or(1.0) };
            let drain = worst.max(1.0 - stock.inflow).max(1.0 - stock.target);
            if !stock.out && stock.level > drain * days {
                inert |= 1 << (k % 64);
            }
        }
        inert
    }

    fn hash_stocks(&self, key: &mut Key, inert: u64) {
        for (k, stock) in self.world.stocks.iter().enumerate() {
            if inert >> (k % 64) & 1 == 1 {
                continue;
            }
            key.add(k as u64 + 77);
            key.float(stock.level);
            key.float(stock.inflow);
            key.float(stock.target);
            key.int(stock.change_at.0);
        }
    }

    fn hash_wins(&self, key: &mut Key) {
        for list in &self.world.wins {
            key.add(list.iter().fold(0, |bits, won| bits << 1 | u64::from(*won)));
        }
    }

    /// Appends the features of all actors as they stand in the ledger.
    pub(crate) fn collect(&self, out: &mut Vec<f64>) {
        for (features, price) in self.ledger.features.iter().zip(&self.ledger.prices) {
            out.extend_from_slice(features);
            out.push(*price);
        }
    }

    /// Trade effects in a sketch: against the same start as the trial's, which cancels in every
    /// comparison.
    fn sketch_trade(&mut self, p: &Program, scratch: &mut Scratch) {
        self.dirty = bit::MEASURES;
        self.settle(p, scratch);
    }
}

/// How far events are followed, and how far flows count, from a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Events up to here.
    pub(crate) events: Tick,
    /// Flows up to here.
    pub(crate) flows: Tick,
}

impl Reach {
    pub(crate) fn of(p: &Program, sketch: &Engine, days: f64) -> Reach {
        let tail = day(Tick::from_days(p.model.tail.of(&sketch.inputs).max(0.0)));
        let flows = day(p.model.horizon) + tail;
        Reach { events: (sketch.world.now + Tick::from_days(days)).min(flows), flows }
    }
}

/// Features of the announced world from a state on, statements lapsing: a pure function of what
/// payoffs depend on in the state, remembered by it.
pub(crate) fn plain(
    p: &Program,
    scratch: &mut Scratch,
    state: &Engine,
    reach: Reach,
) -> Rc<Foreseen> {
    let inert = state.inert_stocks(p, reach);
    let mut key = state.prospects(p, inert);
    key.int((reach.events - state.world.now).0);
    key.int(reach.flows.0);
    scratch.foreseen(key.pair(), |scratch| {
        let mut run = scratch.sketches.pop().unwrap_or_default();
        run.copy_sketch(state);
        run.zero_ledger();
        run.follow(p, scratch, reach.events);
        run.ledger.advance(reach.flows);
        let mut numbers = Vec::with_capacity(layout(p).0);
        run.collect(&mut numbers);
        scratch.sketches.push(run);
        Foreseen { numbers }
    })
}

/// Appends the features from `state` on, what has accrued in it included, with statements in
/// proportion to the believed chance. `own` is a statement known to lapse: its owner holds on the
/// last eve. Several statements add up, each against the world in which it lapses.
pub(crate) fn project(
    p: &Program,
    scratch: &mut Scratch,
    state: &mut Engine,
    reach: Reach,
    believed: &[f64],
    own: Option<MeasureId>,
    out: &mut Vec<f64>,
) {
    let start = out.len();
    state.collect(out);
    let base = plain(p, scratch, state, reach);
    for (sum, x) in out[start..].iter_mut().zip(&base.numbers) {
        *sum += x;
    }
    for (k, &q) in believed.iter().enumerate() {
        let open =
            state.world.measures[k].pending.is_some_and(|x| !x.ordered && x.at <= reach.events);
        if q <= 0.0 || !open || own == Some(MeasureId::at(k)) {
            continue;
        }
        state.order(k, true);
        let carried = plain(p, scratch, state, reach);
        state.order(k, false);
        for (sum, (x, y)) in out[start..].iter_mut().zip(carried.numbers.iter().zip(&base.numbers))
        {
            *sum += q * (x - y);
        }
    }
}

/// Believed chance by measure that a mere statement is carried out, under public beliefs.
pub(crate) fn believed(p: &Program, world: &World, inputs: &[f64], out: &mut Vec<f64>) {
    out.clear();
    out.extend(p.model.measures.iter().map(|measure| {
        if measure.believed.is_empty() {
            return 0.0;
        }
        let owner = measure.owner;
        measure
            .believed
            .iter()
            .enumerate()
            .map(|(t, q)| {
                #[allow(clippy::cast_possible_truncation, reason = "few types")]
                let belief = seen_belief(p, world, owner, t as u8);
                belief * q.of(inputs)
            })
            .sum()
    }));
}

impl Engine {
    /// Copies what a sketch needs from another.
    pub(crate) fn copy_sketch(&mut self, from: &Engine) {
        self.sketch = true;
        self.world.clone_from(&from.world);
        self.queue.clone_from(&from.queue);
        self.sequence = from.sequence;
        self.inputs.clone_from(&from.inputs);
        self.drain.clone_from(&from.drain);
        self.dists = std::rc::Rc::clone(&from.dists);
        self.ledger.clone_from(&from.ledger);
        self.move_count.clone_from(&from.move_count);
        self.inflows.clone_from(&from.inflows);
        self.eves.resize_with(from.eves.len(), Vec::new);
        self.eve_silence.resize(from.eve_silence.len(), None);
        self.income.clone_from(&from.income);
        self.revenue.clone_from(&from.revenue);
        self.prices.clone_from(&from.prices);
        self.start_income.clone_from(&from.start_income);
        self.start_revenue.clone_from(&from.start_revenue);
        self.start_prices.clone_from(&from.start_prices);
        self.offers.clear();
        self.deal_serial = from.deal_serial;
        self.dirty = from.dirty;
        self.timed_now = false;
        self.journal = None;
    }

    /// Carries out a move in a sketch: its effects and its mover's price stays out (it is by type).
    pub(crate) fn try_move(&mut self, p: &Program, scratch: &mut Scratch, id: MoveId) {
        let action = p.model.action(id);
        self.world.last_move[id.index()] = self.world.now;
        self.check_duties(p, action.by, id);
        self.apply(p, scratch, &action.effects, Context::mover(action.by, 0));
        self.settle(p, scratch);
    }

    /// Carries out a package in a sketch.
    pub(crate) fn try_package(&mut self, p: &Program, scratch: &mut Scratch, id: PackageId) {
        self.sign(p, scratch, id);
        self.settle(p, scratch);
    }

    /// Features of all actors with a package and without it, as whoever looks so far ahead foresees
    /// them: two sketches of the same rounded world.
    pub(crate) fn stakes(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        horizon: f64,
        package: PackageId,
    ) -> (Vec<f64>, Vec<f64>) {
        let mut sketch = scratch.sketches.pop().unwrap_or_default();
        sketch.load(p, scratch, &self.world, &self.binned, horizon);
        let mut chances = Vec::new();
        believed(p, &self.world, &self.binned, &mut chances);
        let reach = Reach::of(p, &sketch, horizon);
        let (mut deal, mut walk) = (Vec::new(), Vec::new());
        let mut after = scratch.sketches.pop().unwrap_or_default();
        after.copy_sketch(&sketch);
        after.try_package(p, scratch, package);
        project(p, scratch, &mut after, reach, &chances, None, &mut deal);
        project(p, scratch, &mut sketch, reach, &chances, None, &mut walk);
        scratch.sketches.push(after);
        scratch.sketches.push(sketch);
        (deal, walk)
    }
}
