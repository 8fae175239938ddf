//! What a decider sees: the public world rounded to the scenario's grid, and what a deal is worth in it.
//!
//! A sketch is a copy of the public world rounded to the scenario's grid (times to whole days, gauges,
//! stocks, beliefs; inputs at the medians of their bins). How it is followed: `announced`. A statement
//! without an order counts in proportion to the believed chance that it is carried out. Events are
//! followed for the declared horizon; then states are frozen and flows count to `until` + `tail`.
//!
//! Payoffs are linear in the weights, so what is kept are *features*: discounted years of each flow
//! and sums of each once term, for every actor whose payoff is asked for. They are pure functions of
//! the rounded state and the inputs they read, whether remembered or not.
//!
//! Not followed in a sketch: clocks and shocks (their laws are the same on all sides of a
//! comparison), later meetings, and answers beyond those that a look-ahead asks for.

use super::announced::Sheet;
use super::effects::Context;
use super::engine::Engine;
use super::event::{What, phase};
use super::ledger::Days;
use super::program::{Program, bit};
use super::relevance::Asked;
use super::scratch::{Key, Scratch};
use super::world::World;
use crate::math;
use crate::model::ids::{ActorId, GaugeId, MeasureId, MoveId, PackageId, StockId};
use crate::units::{MINUTES_PER_DAY, Tick};

/// Days over which discounting is worked out ahead; beyond them it is worked out where it is asked for.
const DAYS: usize = 2_000;

/// Public beliefs about an actor's types, with log-odds rounded to the grid; 1 for a single type.
pub(crate) fn seen_beliefs(program: &Program, world: &World, actor: ActorId, out: &mut Vec<f64>) {
    let weights = &world.beliefs[actor.index()];
    out.clear();
    let Some(&base) = weights.first() else {
        out.push(1.0);
        return;
    };
    let grid = program.model.grid.log_odds;
    let seen = |w: f64| if grid > 0.0 { ((w - base) / grid).round() * grid } else { w - base };
    out.extend(weights.iter().map(|w| seen(*w)));
    math::softmax(out);
}

/// Payoff weights under a trial's inputs, of all valued actors and types: of terms, then of fines.
pub(crate) fn weigh(program: &Program, inputs: &[f64], out: &mut Vec<f64>) {
    out.clear();
    for (actor, valued) in program.model.actors.iter().zip(&program.wiring.relevance.valued) {
        if !valued {
            continue;
        }
        for t in 0..actor.types.len().max(1) {
            out.extend(actor.terms.iter().map(|term| {
                let factor = term.by_type.get(t).copied().unwrap_or(1.0);
                term.kind.sign() * term.weight.of(inputs) * factor
            }));
            out.extend(program.wiring.relevance.fines.iter().map(|fine| -fine.of(inputs)));
        }
    }
}

/// Payoff weights of a valued actor as a hypothetical type: by term, then by fine.
pub(crate) fn weights_of<'a>(
    program: &Program,
    all: &'a [f64],
    actor: ActorId,
    as_type: usize,
) -> &'a [f64] {
    let n = program.model.actor(actor).terms.len() + program.wiring.relevance.fines.len();
    &all[program.wiring.relevance.weights[actor.index()] + as_type * n..][..n]
}

/// Payoff of a valued actor's weights on a row of features.
#[must_use]
pub(crate) fn payoff(program: &Program, row: &[f64], actor: ActorId, weights: &[f64]) -> f64 {
    let own = &row[program.wiring.relevance.places[actor.index()]..];
    own.iter().zip(weights).map(|(x, w)| x * w).sum()
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
        self.agenda.clear();
        self.sequence = 0;
        self.inputs.clear();
        self.inputs.extend_from_slice(binned);
        self.dists = std::rc::Rc::clone(&scratch.binned_dists);
        self.input_keys = scratch.input_keys;
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
            state.expires = state.expires.map(|at| day(at).max(now).min(far));
            state.expiry = None;
            state.first_date = None;
            state.strength = (state.strength * 10.0).round() / 10.0;
        }
        w.counters.clone_from(&from.counters);
        w.gauges.clear();
        for k in 0..m.gauges.len() {
            let value = from.gauge(m, GaugeId::at(k));
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
            stock.change_at = if math::same(stock.inflow, stock.target) {
                Tick::BEFORE_ALL
            } else {
                day(stock.change_at).max(now)
            };
            stock.inflow = (stock.inflow * 20.0).round() / 20.0;
            stock.handle = None;
            stock.lost = 0.0;
            stock.hulten = 0.0;
            stock.out = stock.level <= 0.0;
        }
        w.barred = from.barred;
        w.falls.clear();
        w.falls.extend(from.falls.iter().map(|(legal, at)| (*legal, day(*at).max(now))));
        // Types are private; beliefs are seen with rounded log-odds.
        w.types.clear();
        w.types.resize(from.types.len(), 0);
        w.beliefs.resize_with(from.beliefs.len(), Vec::new);
        for (seen, weights) in w.beliefs.iter_mut().zip(&from.beliefs) {
            let base = weights.first().copied().unwrap_or(0.0);
            let round = |x: f64| {
                if grid.log_odds > 0.0 { (x / grid.log_odds).round() * grid.log_odds } else { x }
            };
            seen.clear();
            seen.extend(weights.iter().map(|w| round(w - base)));
        }
        w.tracks.clone_from(&from.tracks);
        for track in &mut w.tracks {
            track.last = day(track.last);
            track.first = day(track.first);
        }
        if p.wiring.relevance.guards.deps & bit::ACT != 0 {
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
        self.inflows.clear();
        self.offers.clear();
        self.deal_serial = 0;
        self.dirty = 0;
        self.timed_now = false;
        self.stale_rates = true;
        self.supply_moved = false;
        self.followed = 0;
        self.open_ledger(p, scratch, now);
        // What flows in under the controls at hand is seen as it would be worked out in the sketch.
        for k in 0..m.stocks.len() {
            if p.wiring.relevance.stocks >> (k % 64) & 1 == 0 {
                continue;
            }
            let (target, _) = self.supply(p, k);
            let stock = &mut self.world.stocks[k];
            stock.target = target;
            if stock.change_at == Tick::BEFORE_ALL {
                stock.inflow = target;
            }
        }
        self.schedule_world(p);
        self.marks.open(p, &self.world.measures);
    }

    fn open_ledger(&mut self, p: &Program, scratch: &mut Scratch, now: Tick) {
        let m = &p.model;
        for list in [&mut self.ledger.features, &mut self.ledger.rates] {
            list.clear();
            list.resize(p.terms(), 0.0);
        }
        self.ledger.prices.clear();
        let fines = p.wiring.relevance.fines.len();
        self.ledger.prices.resize(m.actors.len() * fines, 0.0);
        self.ledger.at = now;
        self.ledger.origin = now;
        self.ledger.discount = m.discount.of(&self.inputs);
        if !scratch.days.is_for(self.ledger.discount) {
            scratch.days = std::rc::Rc::new(Days::new(self.ledger.discount, DAYS));
        }
        self.ledger.days = std::rc::Rc::clone(&scratch.days);
        // Trade effects count against the same start as the trial's, which cancels in every
        // comparison.
        let regions = m.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
        for list in [
            &mut self.income,
            &mut self.revenue,
            &mut self.prices,
            &mut self.start_income,
            &mut self.start_revenue,
            &mut self.start_prices,
        ] {
            list.clear();
            list.resize(regions, 0.0);
        }
    }

    /// Dated consequences of the world at hand.
    fn schedule_world(&mut self, p: &Program) {
        for k in 0..self.world.measures.len() {
            let (id, state) = (MeasureId::at(k), self.world.measures[k]);
            if let Some(pending) = state.pending {
                self.schedule(p, pending.at, phase::EFFECT, k, What::Dated(id));
            }
            if let Some(suspension) = state.suspended {
                self.schedule(p, suspension.until, phase::EFFECT, k, What::Resumes(id));
            }
            if let Some(at) = state.expires {
                self.schedule(p, at, phase::EFFECT, k, What::Expires(id));
            }
        }
        for k in 0..self.world.falls.len() {
            let (legal, at) = self.world.falls[k];
            self.schedule(p, at, phase::STOP, usize::from(legal), What::Struck(legal));
        }
    }

    /// Identity of a loaded sketch: everything its future depends on. Where nobody is asked again
    /// (not `deep`), what only guards of moves read plays no part: the menu stands in the key.
    pub(crate) fn situation(&mut self, p: &Program, tag: u64, deep: bool) -> Key {
        let relevance = &p.wiring.relevance;
        self.identity(p, tag, deep, if deep { &relevance.guards } else { &relevance.table })
    }

    fn identity(&mut self, p: &Program, tag: u64, deep: bool, asked: &Asked) -> Key {
        self.marks.refresh(&self.world.measures);
        let (w, relevance) = (&self.world, &p.wiring.relevance);
        let deps = asked.deps;
        let mut key = Key::new(p.wiring.tag ^ tag ^ u64::from(deep) << 50);
        key.int(w.now.0);
        key.join(self.marks.all());
        if deps & bit::COUNTERS != 0 {
            w.counters.iter().for_each(|c| key.int(i64::from(*c)));
        }
        if deps & bit::GAUGES != 0 {
            for gauge in &w.gauges {
                key.float(gauge.value);
                key.int(gauge.at.0);
            }
        }
        if deps & bit::CHANNELS != 0 {
            w.channels.iter().for_each(|c| key.add(u64::from(*c)));
        }
        for meeting in &w.meetings {
            key.add(u64::from(meeting.status));
            if meeting.status == 2 {
                key.int(meeting.at.0);
            }
        }
        for deal in &w.deals {
            let breaker = deal.breaker.map_or(0, |a| u64::from(a.0) + 1);
            key.add(u64::from(deal.package.0) | u64::from(deal.alive) << 20 | breaker << 21);
            key.int(deal.ends.0);
            key.int(if deal.free_until > w.now { deal.free_until.0 } else { 0 });
        }
        for truce in &w.truces {
            key.int(if truce.alive { truce.ends.0 } else { -1 });
        }
        for coalition in &w.coalitions {
            key.add(u64::from(coalition.inside));
            if deps & bit::COALITION != 0 {
                key.int(coalition.asked_until.0);
            }
        }
        self.hash_stocks(&mut key, relevance.stocks);
        self.hash_courts(&mut key);
        for id in &asked.trackers {
            let track = w.tracks[id.index()];
            key.add(u64::from(track.count > 0));
            key.int(track.last.0);
        }
        if deps & bit::ACT != 0 {
            for act in &w.acts {
                key.int(act.at.0);
                key.add(act.by_move.map_or(0, |m| u64::from(m.0) + 1));
            }
        }
        if deep {
            for (k, last) in w.last_move.iter().enumerate() {
                if *last != Tick::BEFORE_ALL {
                    key.add(k as u64 | 1 << 30);
                    key.int(last.0);
                }
            }
        }
        for chunk in w.wins.chunks(64) {
            key.add(chunk.iter().fold(0, |bits, won| bits << 1 | u64::from(*won)));
        }
        if relevance.wide_flows || deps & (bit::REGIME | bit::SERIES | bit::BELIEF) != 0 {
            self.hash_wide(&mut key);
        }
        key.join(self.input_keys.all);
        key
    }

    /// Identity of a sketch after a move: its situation, and what the move has brought at once.
    pub(crate) fn outcome(&mut self, p: &Program, deep: bool) -> Key {
        let relevance = &p.wiring.relevance;
        let asked = if deep { &relevance.guards } else { &relevance.bargains };
        let mut key = self.identity(p, 13, deep, asked);
        self.ledger.features.iter().for_each(|x| key.float(*x));
        self.ledger.prices.iter().for_each(|x| key.float(*x));
        key
    }

    /// Marks a pending change as ordered, or as a mere statement.
    pub(crate) fn order(&mut self, k: usize, ordered: bool) {
        if let Some(pending) = &mut self.world.measures[k].pending {
            pending.ordered = ordered;
            self.marks.touch(k);
        }
    }

    /// Nothing accrued yet, counted from now.
    pub(crate) fn zero_ledger(&mut self) {
        self.ledger.features.fill(0.0);
        self.ledger.prices.fill(0.0);
        self.ledger.at = self.world.now;
        self.ledger.origin = self.world.now;
    }

    /// Appends the features of valued actors as they stand in the ledger.
    pub(crate) fn collect(&self, p: &Program, out: &mut Vec<f64>) {
        for (a, valued) in p.wiring.relevance.valued.iter().enumerate() {
            if *valued {
                out.extend_from_slice(&self.ledger.features[p.terms_of(ActorId::at(a))]);
                let fines = p.wiring.relevance.fines.len();
                out.extend_from_slice(&self.ledger.prices[a * fines..(a + 1) * fines]);
            }
        }
    }
}

impl Engine {
    /// Appends what flows at this moment to valued actors, in the places of the features.
    pub(crate) fn collect_rates(&self, p: &Program, out: &mut Vec<f64>) {
        for (a, valued) in p.wiring.relevance.valued.iter().enumerate() {
            if *valued {
                out.extend_from_slice(&self.ledger.rates[p.terms_of(ActorId::at(a))]);
                out.resize(out.len() + p.wiring.relevance.fines.len(), 0.0);
            }
        }
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
    /// Nowhere.
    pub(crate) const NONE: Reach = Reach { events: Tick::ZERO, flows: Tick::ZERO };

    pub(crate) fn of(p: &Program, sketch: &Engine, days: f64) -> Reach {
        let tail = day(Tick::from_days(p.model.tail.of(&sketch.inputs).max(0.0)));
        let flows = day(p.model.horizon) + tail;
        Reach { events: (sketch.world.now + Tick::from_days(days)).min(flows), flows }
    }
}

/// Believed chance by measure that a mere statement is carried out, by the beliefs about its owner's
/// type: `beliefs` by actor and type.
pub(crate) fn believed(p: &Program, inputs: &[f64], beliefs: &[Vec<f64>], out: &mut Vec<f64>) {
    out.clear();
    out.resize(p.model.measures.len(), 0.0);
    for &k in &p.wiring.relevance.stated {
        let measure = &p.model.measures[k];
        let chances = measure.believed.iter().zip(&beliefs[measure.owner.index()]);
        out[k] = chances.map(|(q, belief)| belief * q.of(inputs)).sum();
    }
}

/// [`seen_beliefs`] of all actors.
pub(crate) fn all_beliefs(p: &Program, world: &World, out: &mut Vec<Vec<f64>>) {
    out.resize_with(p.model.actors.len(), Vec::new);
    for (k, list) in out.iter_mut().enumerate() {
        seen_beliefs(p, world, ActorId::at(k), list);
    }
}

impl Engine {
    /// Copies what a sketch needs from another.
    pub(crate) fn copy_sketch(&mut self, from: &Engine) {
        self.sketch = true;
        self.world.clone_from(&from.world);
        self.move_count.clone_from(&from.move_count);
        self.offers.clear();
        self.deal_serial = from.deal_serial;
        self.copy_books(from);
    }

    /// Copies what following a sketch changes or reads, where flows read no more than usual.
    pub(crate) fn copy_course(&mut self, from: &Engine) {
        self.sketch = true;
        let (w, of) = (&mut self.world, &from.world);
        w.now = of.now;
        w.measures.clone_from(&of.measures);
        w.coalitions.clone_from(&of.coalitions);
        w.stocks.clone_from(&of.stocks);
        w.barred = of.barred;
        w.falls.clone_from(&of.falls);
        w.wins.clone_from(&of.wins);
        // Counted, but read by nobody on the way.
        w.tracks.resize(of.tracks.len(), crate::model::path::Track::NONE);
        w.acts.clear();
        self.copy_books(from);
    }

    /// Calendar and ledger of a sketch.
    fn copy_books(&mut self, from: &Engine) {
        self.agenda.clone_from(&from.agenda);
        self.sequence = from.sequence;
        self.marks.clone_from(&from.marks);
        self.inputs.clone_from(&from.inputs);
        self.input_keys = from.input_keys;
        self.dists = std::rc::Rc::clone(&from.dists);
        self.ledger.clone_from(&from.ledger);
        self.inflows.clone_from(&from.inflows);
        self.eves.resize_with(from.eves.len(), Vec::new);
        self.eve_silence.resize(from.eve_silence.len(), None);
        // Worked out anew where they are asked for.
        for list in [&mut self.income, &mut self.revenue, &mut self.prices] {
            list.resize(from.income.len(), 0.0);
        }
        for list in [&mut self.start_income, &mut self.start_revenue, &mut self.start_prices] {
            list.clear();
            list.resize(from.income.len(), 0.0);
        }
        self.dirty = from.dirty;
        self.stale_rates = from.stale_rates;
        self.supply_moved = from.supply_moved;
        self.followed = from.followed;
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
        let reach = Reach::of(p, &sketch, horizon);
        let mut after = scratch.sketches.pop().unwrap_or_default();
        after.copy_sketch(&sketch);
        after.try_package(p, scratch, package);
        let mut sheet = Sheet::default();
        let signed = sheet.project(p, scratch, &mut after, reach, None);
        let away = sheet.project(p, scratch, &mut sketch, reach, None);
        scratch.sketches.push(after);
        scratch.sketches.push(sketch);
        let (mut chances, mut beliefs) = (Vec::new(), Vec::new());
        all_beliefs(p, &self.world, &mut beliefs);
        believed(p, &self.binned, &beliefs, &mut chances);
        let (mut deal, mut walk) = (Vec::new(), Vec::new());
        sheet.mix(p, signed, &chances, &mut deal);
        sheet.mix(p, away, &chances, &mut walk);
        (deal, walk)
    }
}
