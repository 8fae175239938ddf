//! The announced world: a sketch followed from event to event, and the payoff features it brings.
//!
//! In it every ordered change happens on its date, suspensions end, stocks run down; nobody else
//! moves and no chance is drawn. Flows change only with what is in force, with coalitions and with
//! stocks that are used up; what flows in such a state is remembered by the state, so that following a
//! sketch costs a few look-ups. Terms that hang on stocks are remembered apart from the others: the
//! rest does not change with every delivery.

use super::engine::{Due, Engine};
use super::event::{What, phase};
use super::outlook::Reach;
use super::program::{Program, bit};
use super::queue::order_word;
use super::relevance::StockTerm;
use super::scratch::{Key, Scratch};
use crate::model::ids::{ActorId, MeasureId, StockId};
use crate::units::Tick;

/// More events than this in one sketch are not followed: a file whose measures answer each other at
/// one moment for ever.
const EVENTS: usize = 500;

impl Engine {
    /// Enters something on a sketch's calendar, if it is a dated consequence.
    pub(crate) fn due(&mut self, at: Tick, phase: u8, source: usize, what: What) {
        match what {
            What::Dated(_) | What::Resumes(_) | What::Expires(_) | What::Struck(_) => {}
            // Of a stock only the next crossing counts.
            What::Stock(_) => self.agenda.retain(|due| due.what != what),
            What::Inflow(..) => {}
            _ => return,
        }
        self.sequence += 1;
        #[allow(clippy::cast_possible_truncation, reason = "sources are limited to u16")]
        let order = order_word(phase, source as u16, self.sequence);
        self.agenda.push(Due { at, order, what });
    }

    /// Whether an entry was replaced or cancelled since it was made.
    fn stale(&self, due: &Due) -> bool {
        let at = due.at;
        match due.what {
            What::Dated(m) => self.world.measure(m).pending.is_none_or(|p| p.at != at),
            What::Resumes(m) => self.world.measure(m).suspended.is_none_or(|s| s.until != at),
            What::Expires(m) => self.world.measure(m).expires != Some(at),
            What::Stock(id) | What::Inflow(id, _) => self.followed >> (id.index() % 64) & 1 == 0,
            _ => false,
        }
    }

    /// What follows at once from a change in a sketch.
    pub(crate) fn settle_sketch(&mut self, p: &Program) {
        let mut touched = std::mem::take(&mut self.dirty);
        if touched & bit::MEASURES != 0 {
            self.dissolve(p);
            touched |= std::mem::take(&mut self.dirty);
            self.supply_moved |= touched & p.wiring.supplier_bits != 0;
        }
        self.stale_rates |= touched & p.wiring.flow_deps != 0;
        self.timed_now = false;
    }

    /// Begins to follow more stocks: their crossings, and the change of inflow that is on its way.
    fn follow_stocks(&mut self, p: &Program, stocks: u64) {
        let new = stocks & !self.followed;
        self.followed = stocks;
        for k in 0..self.world.stocks.len() {
            if new >> (k % 64) & 1 == 0 {
                continue;
            }
            let state = self.world.stocks[k];
            if state.change_at > Tick::BEFORE_ALL {
                #[allow(clippy::cast_possible_truncation, reason = "few changes in a sketch")]
                let slot = self.inflows.len() as u32;
                self.inflows.push(state.target);
                let what = What::Inflow(StockId::at(k), slot);
                self.due(state.change_at, phase::STOCK, k, what);
            }
            self.aim_crossing(p, k);
        }
    }

    /// Follows a sketch up to a moment, with some stocks (bits) in it.
    pub(crate) fn follow(&mut self, p: &Program, scratch: &mut Scratch, until: Tick, stocks: u64) {
        self.follow_for(p, scratch, until, stocks, None);
    }

    /// The same, for all terms or for one that hangs on stocks: then nothing else accrues, and what
    /// plays no part in it is not followed.
    fn follow_for(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        until: Tick,
        stocks: u64,
        only: Option<&StockTerm>,
    ) {
        self.follow_stocks(p, stocks);
        if let Some(term) = only {
            self.ledger.rates.fill(0.0);
            self.stale_rates = true;
            self.agenda.retain(|due| match due.what {
                What::Dated(m) | What::Resumes(m) | What::Expires(m) => {
                    term.measures.contains(&m.index())
                }
                _ => true,
            });
        }
        for _ in 0..EVENTS {
            self.settle_sketch(p);
            if self.supply_moved && stocks != 0 {
                // Aimed at the moment of the change: closures and deliveries take their time from it.
                self.supply_moved = false;
                self.aim_stocks(p);
                self.settle_sketch(p);
            }
            if self.stale_rates {
                match only {
                    Some(term) => {
                        self.stale_rates = false;
                        self.set_flow(p, term.flow);
                    }
                    None => self.sketch_rates(p, scratch),
                }
            }
            let first = self.agenda.iter().enumerate().min_by_key(|(_, due)| (due.at, due.order));
            let Some((k, due)) = first.map(|(k, due)| (k, *due)) else { break };
            if due.at > until {
                break;
            }
            self.agenda.swap_remove(k);
            if self.stale(&due) {
                continue;
            }
            self.ledger.advance(due.at);
            self.world.now = due.at;
            self.handle(p, scratch, due.what);
        }
        if until > self.world.now {
            self.world.now = until;
            self.ledger.advance(until);
        }
    }

    /// What flows in the state at hand, by term: remembered by all that it depends on, but for terms
    /// that hang on stocks, which may read levels: they are asked for anew.
    fn sketch_rates(&mut self, p: &Program, scratch: &mut Scratch) {
        self.stale_rates = false;
        let relevance = &p.wiring.relevance;
        let key = self.flow_key(p).pair();
        if let Some(found) = scratch.rates.get(&key, relevance.width) {
            self.spread_rates(p, found);
        } else {
            if relevance.flows_trade {
                self.sketch_trade(p, scratch);
            }
            self.rates(p, &relevance.valued);
            let mut row = scratch.buffers.pop().unwrap_or_default();
            row.clear();
            for a in (0..relevance.valued.len()).filter(|a| relevance.valued[*a]) {
                row.extend_from_slice(&self.ledger.rates[p.terms_of(ActorId::at(a))]);
                row.resize(row.len() + relevance.fines.len(), 0.0);
            }
            scratch.rates.keep(key, &row);
            scratch.buffers.push(row);
        }
        if self.followed != 0 {
            for term in &relevance.stock_terms {
                self.set_flow(p, term.flow);
            }
        }
    }

    /// Sets the flows of valued actors from a row.
    fn spread_rates(&mut self, p: &Program, row: &[f64]) {
        let relevance = &p.wiring.relevance;
        for a in (0..relevance.valued.len()).filter(|a| relevance.valued[*a]) {
            let terms = p.terms_of(ActorId::at(a));
            let own = &row[relevance.places[a]..][..terms.len()];
            self.ledger.rates[terms].copy_from_slice(own);
        }
    }

    /// Income and revenue of the regions of valued actors under what is in force: a small row, so that
    /// very many policies can be remembered.
    fn sketch_trade(&mut self, p: &Program, scratch: &mut Scratch) {
        self.marks.refresh_flows(p, &self.world.measures);
        let mut key = Key::new(p.wiring.tag ^ 1);
        key.join(self.marks.trade());
        key.join(self.input_keys.flows);
        let key = key.pair();
        let relevance = &p.wiring.relevance;
        let actors = p.model.actors.iter().zip(&relevance.valued);
        let regions = actors.filter_map(|(a, valued)| a.region.filter(|_| *valued));
        let width = 2 * regions.clone().count();
        if let Some(found) = scratch.policies.get(&key, width) {
            for (region, pair) in regions.zip(found.chunks_exact(2)) {
                self.income[region] = pair[0];
                self.revenue[region] = pair[1];
            }
            return;
        }
        self.trade(p, scratch);
        let mut row = scratch.buffers.pop().unwrap_or_default();
        row.clear();
        regions.for_each(|r| row.extend([self.income[r], self.revenue[r]]));
        scratch.policies.keep(key, &row);
        scratch.buffers.push(row);
    }

    /// Identity of everything that flows depend on.
    fn flow_key(&mut self, p: &Program) -> Key {
        self.marks.refresh_flows(p, &self.world.measures);
        if p.wiring.relevance.wide_flows {
            self.marks.refresh(&self.world.measures);
        }
        let (w, relevance) = (&self.world, &p.wiring.relevance);
        let mut key = Key::new(p.wiring.tag ^ 7);
        key.join(self.marks.flows());
        for coalition in &w.coalitions {
            key.add(u64::from(coalition.inside));
        }
        key.join(self.input_keys.flows);
        if relevance.wide_flows {
            key.int(w.now.0);
            key.join(self.marks.all());
            self.hash_wide(&mut key);
            self.hash_stocks(&mut key, relevance.stocks);
        }
        key
    }

    /// State that only few conditions read.
    pub(crate) fn hash_wide(&self, key: &mut Key) {
        let w = &self.world;
        w.counters.iter().for_each(|c| key.int(i64::from(*c)));
        for gauge in &w.gauges {
            key.float(gauge.value);
            key.int(gauge.at.0);
        }
        w.channels.iter().for_each(|c| key.add(u64::from(*c)));
        for meeting in &w.meetings {
            key.add(u64::from(meeting.status));
        }
        w.deals.iter().for_each(|d| key.add(u64::from(d.package.0) << 1 | u64::from(d.alive)));
        w.truces.iter().for_each(|t| key.add(u64::from(t.alive)));
        w.coalitions.iter().for_each(|c| key.int(c.asked_until.0));
        for track in &w.tracks {
            key.add(u64::from(track.count));
            key.int(track.last.0);
        }
        for act in &w.acts {
            key.int(act.at.0);
            key.add(act.by_move.map_or(0, |m| u64::from(m.0) + 1));
        }
        key.add(u64::from(w.regime));
        for belief in w.beliefs.iter().flatten() {
            key.float(*belief);
        }
        w.series.iter().for_each(|x| key.float(*x));
    }

    /// Legal bases that courts have barred, and when what stands on them falls.
    pub(crate) fn hash_courts(&self, key: &mut Key) {
        key.add(self.world.barred);
        for &(legal, at) in &self.world.falls {
            key.add(u64::from(legal) << 1 | 1);
            key.int(at.0);
        }
    }

    /// The chosen stocks (bits) with what is on its way to them.
    pub(crate) fn hash_stocks(&self, key: &mut Key, stocks: u64) {
        for (k, stock) in self.world.stocks.iter().enumerate() {
            if stocks >> (k % 64) & 1 == 0 {
                continue;
            }
            key.add(k as u64 + 77);
            key.float(stock.level);
            key.int(stock.at.0);
            key.float(stock.inflow);
            key.float(stock.target);
            key.int(stock.change_at.0);
            key.add(u64::from(stock.out));
            for due in &self.agenda {
                if let What::Inflow(id, slot) = due.what
                    && id.index() == k
                {
                    key.int(due.at.0);
                    key.float(self.inflows[slot as usize]);
                }
            }
        }
        if stocks != 0 {
            key.add(u64::from(self.supply_moved));
        }
    }

    fn hash_wins(&self, key: &mut Key) {
        let mut bits = 0_u64;
        for (k, won) in self.world.wins.iter().enumerate() {
            bits = bits << 1 | u64::from(*won);
            if k % 64 == 63 {
                key.add(bits);
            }
        }
        key.add(bits);
    }

    /// Identity of what any payoff from now on depends on when nobody moves, measures and stocks apart.
    pub(crate) fn bearings(&self, p: &Program, reach: Reach) -> Key {
        let mut key = Key::new(p.wiring.tag ^ 3);
        key.int(self.world.now.0);
        key.int(reach.events.0);
        for coalition in &self.world.coalitions {
            key.add(u64::from(coalition.inside));
        }
        self.hash_courts(&mut key);
        if p.wiring.relevance.wide_flows {
            self.hash_wide(&mut key);
            self.hash_stocks(&mut key, p.wiring.relevance.stocks);
        }
        key.join(self.input_keys.course);
        key
    }

    /// Identity of what one term that hangs on stocks depends on, given the bearings.
    fn stock_prospects(&self, bearings: Key, term: &StockTerm) -> Key {
        let mut key = bearings;
        key.add(9 ^ (term.term as u64) << 32);
        key.join(self.marks.some(&term.measures));
        self.hash_stocks(&mut key, term.stocks);
        key
    }

    /// Runs a copy of a sketch to the end of what is followed: its ledger then holds what it brings
    /// until then, and what flows on.
    fn play_out(
        &self,
        p: &Program,
        scratch: &mut Scratch,
        reach: Reach,
        only: Option<&StockTerm>,
        read: impl FnOnce(&Engine),
    ) {
        let mut run = scratch.sketches.pop().unwrap_or_default();
        if p.wiring.relevance.wide_flows {
            run.copy_sketch(self);
        } else {
            run.copy_course(self);
        }
        run.zero_ledger();
        run.follow_for(p, scratch, reach.events, only.map_or(0, |t| t.stocks), only);
        read(&run);
        scratch.sketches.push(run);
    }

    /// Discounted years from the end of what is followed to the end of what counts, valued now.
    fn years_beyond(&self, reach: Reach) -> f64 {
        let from = |at: Tick| self.ledger.years_from(self.world.now, at);
        (from(reach.flows) - from(reach.events)).max(0.0)
    }
}

/// Where one looks from, and how far.
#[derive(Clone, Copy)]
struct Sight {
    reach: Reach,
    /// Discounted years from the end of what is followed to the end of what counts.
    beyond: f64,
    bearings: Key,
}

/// Features of the announced world from a state on, stocks apart, statements lapsing: a pure function
/// of what payoffs depend on in the state, remembered by it. Terms that hang on stocks are 0.
///
/// What is remembered ends with the events that are followed; what flows on from there stands beside
/// it, so that one entry serves whatever the tail.
fn plain(p: &Program, scratch: &mut Scratch, state: &Engine, sight: &Sight, out: &mut Vec<f64>) {
    out.clear();
    let width = p.wiring.relevance.width;
    let mut key = sight.bearings;
    state.hash_wins(&mut key);
    key.join(state.marks.all());
    let key = key.pair();
    let beyond = sight.beyond;
    if let Some(found) = scratch.plain.get(&key, 2 * width) {
        let (until, on) = found.split_at(width);
        out.extend(until.iter().zip(on).map(|(x, rate)| x + beyond * rate));
        scratch.hits += 1;
        return;
    }
    scratch.misses += 1;
    state.play_out(p, scratch, sight.reach, None, |run| {
        run.collect(p, out);
        run.collect_rates(p, out);
    });
    for term in &p.wiring.relevance.stock_terms {
        out[term.place] = 0.0;
        out[width + term.place] = 0.0;
    }
    scratch.plain.keep(key, out);
    let (until, on) = out.split_at_mut(width);
    until.iter_mut().zip(on).for_each(|(x, rate)| *x += beyond * *rate);
    out.truncate(width);
}

/// One term that hangs on stocks, from a state on; `n` is its number among them.
fn stock_feature(
    p: &Program,
    scratch: &mut Scratch,
    state: &Engine,
    sight: &Sight,
    (n, term): (usize, &StockTerm),
) -> f64 {
    let key = state.stock_prospects(sight.bearings, term).pair();
    // Most options of a menu leave a stock alone: what was asked last is asked again.
    if scratch.last_stocks.len() <= n {
        scratch.last_stocks.resize(n + 1, ((0, 0), (0.0, 0.0)));
    }
    let (until, on) = if scratch.last_stocks[n].0 == key {
        scratch.hits += 1;
        scratch.last_stocks[n].1
    } else if let Some(&found) = scratch.of_stocks.get(&key) {
        scratch.hits += 1;
        found
    } else {
        scratch.misses += 1;
        let mut found = (0.0, 0.0);
        state.play_out(p, scratch, sight.reach, Some(term), |run| {
            found = (run.ledger.features[term.term], run.ledger.rates[term.term]);
        });
        scratch.of_stocks.keep(key, found);
        found
    };
    scratch.last_stocks[n] = (key, (until, on));
    until + sight.beyond * on
}

/// Rows of features, one after the other, with the statements that some of them are about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    numbers: Vec<f64>,
    lifted: Vec<MeasureId>,
}

/// Payoff features of an option, on a sheet: a row of what it brings, and by open statement a row of
/// what is added if that is carried out, so that a change of beliefs changes no feature.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prospect {
    /// Where its rows start.
    at: usize,
    /// Where its statements start, and how many they are.
    lifts: (usize, usize),
}

impl Sheet {
    /// Appends a prospect's features with statements carried out with the believed chances.
    pub(crate) fn mix(&self, p: &Program, prospect: Prospect, chances: &[f64], out: &mut Vec<f64>) {
        let width = p.wiring.relevance.width;
        let row = |k: usize| &self.numbers[prospect.at + k * width..][..width];
        let start = out.len();
        out.extend_from_slice(row(0));
        let (first, n) = prospect.lifts;
        for (k, m) in self.lifted[first..first + n].iter().enumerate() {
            let q = chances[m.index()];
            if q > 0.0 {
                out[start..].iter_mut().zip(row(k + 1)).for_each(|(x, lift)| *x += q * lift);
            }
        }
    }

    /// Adds features from a state on, valued at its ledger's origin, with what has accrued in it.
    /// `own` is a statement known to lapse on its date, since its owner does not sign on the last eve.
    /// Several statements add up, each against the world in which it lapses.
    pub(crate) fn project(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        state: &mut Engine,
        reach: Reach,
        own: Option<(MeasureId, Tick)>,
    ) -> Prospect {
        let mut prospect = Prospect { at: self.numbers.len(), lifts: (self.lifted.len(), 0) };
        let worth = state.ledger.present(state.world.now);
        let mut base = scratch.buffers.pop().unwrap_or_default();
        brings(p, scratch, state, reach, &mut base);
        state.collect(p, &mut self.numbers);
        let sums = &mut self.numbers[prospect.at..];
        sums.iter_mut().zip(&base).for_each(|(sum, x)| *sum += worth * x);
        let mut carried = scratch.buffers.pop().unwrap_or_default();
        for &k in &p.wiring.relevance.stated {
            let Some(pending) = state.world.measures[k].pending else { continue };
            let lapses = own == Some((MeasureId::at(k), pending.at));
            if lapses || pending.ordered || pending.at > reach.events {
                continue;
            }
            state.order(k, true);
            brings(p, scratch, state, reach, &mut carried);
            state.order(k, false);
            self.numbers.extend(carried.iter().zip(&base).map(|(x, y)| worth * (x - y)));
            self.lifted.push(MeasureId::at(k));
            prospect.lifts.1 += 1;
        }
        scratch.buffers.push(carried);
        scratch.buffers.push(base);
        prospect
    }
}

impl Sheet {
    /// Open statements of a prospect.
    pub(crate) fn statements(&self, prospect: Prospect) -> &[MeasureId] {
        let (first, n) = prospect.lifts;
        &self.lifted[first..first + n]
    }

    /// Adds to the last prospect of this sheet what carrying out a statement brings, given the
    /// prospect that then comes of it, on a sheet of its own.
    pub(crate) fn lift(
        &mut self,
        p: &Program,
        last: &mut Prospect,
        m: MeasureId,
        then: (&Sheet, Prospect),
    ) {
        let width = p.wiring.relevance.width;
        let carried = &then.0.numbers[then.1.at..][..width];
        for (k, x) in carried.iter().enumerate() {
            let base = self.numbers[last.at + k];
            self.numbers.push(x - base);
        }
        self.lifted.push(m);
        last.lifts.1 += 1;
    }
}

/// Features of the announced world from a state on, terms that hang on stocks included.
fn brings(
    p: &Program,
    scratch: &mut Scratch,
    state: &mut Engine,
    reach: Reach,
    out: &mut Vec<f64>,
) {
    state.marks.refresh(&state.world.measures);
    let beyond = state.years_beyond(reach);
    let sight = Sight { reach, beyond, bearings: state.bearings(p, reach) };
    plain(p, scratch, state, &sight, out);
    for (n, term) in p.wiring.relevance.stock_terms.iter().enumerate() {
        out[term.place] = stock_feature(p, scratch, state, &sight, (n, term));
    }
}
