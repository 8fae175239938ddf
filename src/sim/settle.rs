//! After each event: what follows from the new state without anybody deciding.
//!
//! In this order: trade effects and stocks, flows of payoffs, series, regimes, watched conditions,
//! clocks. It is repeated until nothing changes, because a watched condition may be an event that
//! starts a clock.

use super::contract::Standing;
use super::engine::Engine;
use super::event::{What, phase};
use super::journal::Entry;
use super::judge::{Judge, holds, next_change};
use super::program::{Fact, Program, bit};
use super::scratch::{Key, Scratch};
use crate::economy::Wedges;
use crate::economy::stock;
use crate::math;
use crate::model::actor::TermKind;
use crate::model::clock::{ClockLaw, Restart};
use crate::model::condition::StatusSet;
use crate::model::ids::{ActorId, ClockId, MeasureId, RegimeId, StockId, WatchId};
use crate::model::observe::SeriesKind;
use crate::units::Tick;

/// Days that goods are in transit: a closure reaches users after it.
const TRANSIT_DAYS: f64 = 30.0;
/// Rounds of settling after one event before it is given up as circular.
const ROUNDS: usize = 8;

impl Engine {
    /// Works out everything at the start, and starts the clocks.
    pub(crate) fn open_accounts(&mut self, p: &Program, scratch: &mut Scratch) {
        self.trade(p, scratch);
        self.start_income.clone_from(&self.income);
        self.start_revenue.clone_from(&self.revenue);
        self.start_prices.clone_from(&self.prices);
        self.start_stocks(p);
        self.flows(p);
        for k in 0..p.model.series.len() {
            self.update_series(p, k);
        }
        self.dirty = 0;
        self.regime(p, true);
        for k in 0..p.model.series.len() {
            if matches!(p.model.series[k].kind, SeriesKind::Regime) {
                self.update_series(p, k);
            }
        }
        for (k, watch) in p.model.watches.iter().enumerate() {
            let now = holds(p, &self.world, &self.inputs, Judge::PUBLIC, &watch.condition);
            self.watch_state[k] = now;
            self.path.watch_start[k] = now;
        }
        for k in 0..p.model.clocks.len() {
            self.clocks[k].age = p.model.clocks[k].age;
            self.check_clock(p, k);
        }
        self.stopped = p.model.ends.is_some_and(|w| self.watch_state[w.index()]);
        self.dirty = 0;
        self.rewake(p);
    }

    /// Brings everything up to date after an event.
    pub(crate) fn settle(&mut self, p: &Program, scratch: &mut Scratch) {
        if self.sketch {
            self.settle_sketch(p);
            return;
        }
        let wiring = &p.wiring;
        let mut timed_touched = false;
        for _ in 0..ROUNDS {
            let mut touched = std::mem::take(&mut self.dirty);
            let timed = std::mem::take(&mut self.timed_now);
            if touched == 0 && !timed {
                break;
            }
            timed_touched |= timed || touched & wiring.timed_deps != 0;
            if touched & wiring.costly_any != 0 || timed {
                self.settle_costly(p, scratch, touched, timed);
            }
            if touched & wiring.series_any != 0 {
                for (k, deps) in wiring.series_deps.iter().enumerate() {
                    if deps & touched != 0 {
                        self.update_series(p, k);
                        touched |= bit::SERIES;
                    }
                }
            }
            if touched & wiring.regime_deps != 0 || (timed && wiring.regime_timed) {
                self.regime(p, false);
                touched |= self.dirty & bit::REGIME;
            }
            if touched & wiring.watch_any != 0 || timed {
                self.watches(p, touched, timed);
            }
            if touched & wiring.clock_any != 0 || timed {
                for (k, deps) in wiring.clock_deps.iter().enumerate() {
                    if deps & touched != 0 || (timed && wiring.clock_timed[k]) {
                        self.check_clock(p, k);
                    }
                }
            }
        }
        if timed_touched {
            self.rewake(p);
        }
    }

    /// What follows for trade, stocks, coalitions and payoffs.
    #[inline(never)]
    fn settle_costly(&mut self, p: &Program, scratch: &mut Scratch, touched: u64, timed: bool) {
        if touched & bit::MEASURES != 0 {
            self.trade(p, scratch);
            if touched & p.wiring.supplier_bits != 0 {
                self.aim_stocks(p);
            }
            self.dissolve(p);
        }
        if p.wiring.has_terms && (touched & p.wiring.flow_deps != 0 || timed) {
            let due = std::mem::take(&mut self.ledger.due);
            self.change_flows(p, touched | due);
        }
    }

    fn watches(&mut self, p: &Program, touched: u64, timed: bool) {
        for k in 0..p.model.watches.len() {
            if p.wiring.watch_deps[k] & touched == 0 && !(timed && p.wiring.watch_timed[k]) {
                continue;
            }
            let now = self.passes(p, &p.wiring.watch_tests[k]);
            if now == self.watch_state[k] {
                continue;
            }
            self.watch_state[k] = now;
            let changes = &mut self.path.watch_changes[k];
            // Twice at one tick is no change.
            if changes.last() == Some(&self.world.now) {
                changes.pop();
            } else {
                changes.push(self.world.now);
            }
            if now {
                self.emit(p, Fact::Becomes, k);
                if p.model.ends == Some(WatchId::at(k)) {
                    self.stopped = true;
                    self.note(|| Entry::Ends);
                }
            }
        }
    }

    /// Puts the next moment at which time alone may change a condition on the calendar.
    fn rewake(&mut self, p: &Program) {
        if !p.wiring.any_timed {
            return;
        }
        let mut at = Tick::NEVER;
        let mut consider = |condition| {
            at = at.min(next_change(p, &self.world, &self.inputs, condition));
        };
        for (k, watch) in p.model.watches.iter().enumerate() {
            if p.wiring.watch_timed[k] {
                consider(&watch.condition);
            }
        }
        for (k, clock) in p.model.clocks.iter().enumerate() {
            if p.wiring.clock_timed[k] {
                consider(&clock.condition);
            }
        }
        if p.wiring.regime_timed {
            p.model.regimes.iter().for_each(|r| consider(&r.condition));
        }
        for actor in &p.model.actors {
            for term in &actor.terms {
                if let TermKind::LobbyWhile(condition) = &term.kind {
                    consider(condition);
                }
            }
        }
        if self.wake.is_some_and(|(when, _)| when == at) {
            return;
        }
        if let Some((_, handle)) = self.wake.take() {
            self.unschedule(Some(handle));
        }
        if at < Tick::NEVER
            && let Some(handle) = self.schedule(p, at, phase::OBSERVER, 0, What::Wake)
        {
            self.wake = Some((at, handle));
        }
    }

    // ---------------------------------------------------------------- trade

    /// Identity of what is in force, with the inputs that trade effects read.
    pub(crate) fn policy_key(&self, p: &Program) -> Key {
        let mut key = Key::new(p.wiring.tag ^ 1);
        for &k in &p.wiring.relevance.trade_measures {
            let state = &self.world.measures[k];
            key.add(u64::from(state.in_force()) << 16 | u64::from(state.count));
        }
        for &id in &p.wiring.relevance.trade_inputs {
            key.float(self.inputs[id.index()]);
        }
        key
    }

    /// How a measure stands, if it is in force.
    fn standing<'a>(&'a self, p: &'a Program, k: usize) -> Option<Standing<'a>> {
        let measure = &p.model.measures[k];
        let state = &self.world.measures[k];
        let position = state.in_force();
        (position > 0).then(|| Standing {
            inputs: &self.inputs,
            position,
            level: measure.levels.get(usize::from(position) - 1).map_or(1.0, |(_, x)| *x),
            count: if measure.repeat { f64::from(state.count.max(1)) } else { 1.0 },
            owner: measure.owner,
            targets: &measure.targets,
            actors: &p.model.actors,
            regions: self.income.len(),
        })
    }

    /// Real income, revenue and prices under what is in force now.
    pub(crate) fn trade(&mut self, p: &Program, scratch: &mut Scratch) {
        let Some(link) = p.model.economy.as_ref().filter(|_| p.wiring.reads_economy) else {
            return;
        };
        let n = self.income.len();
        // A sketch remembers what it needs of a policy itself.
        let key = if self.sketch { (0, 0) } else { self.policy_key(p).pair() };
        if !self.sketch {
            if self.ledger.policy.replace(key) == Some(key) {
                return;
            }
            if let Some(found) = self.policies.find(key, 3 * n + self.more.len()) {
                self.income.copy_from_slice(&found[..n]);
                self.revenue.copy_from_slice(&found[n..2 * n]);
                self.prices.copy_from_slice(&found[2 * n..3 * n]);
                self.more.copy_from_slice(&found[3 * n..]);
                return;
            }
        }
        let mut wedges = Wedges::new();
        let mut direct = vec![0.0; n];
        for k in 0..p.model.measures.len() {
            let Some(at) = self.standing(p, k) else { continue };
            for instrument in &p.model.measures[k].instruments {
                instrument.wedges(&at, &mut wedges);
                for (a, actor) in p.model.actors.iter().enumerate() {
                    if let Some(region) = actor.region
                        && actor.gdp > 0.0
                    {
                        direct[region] +=
                            100.0 * instrument.direct(&at, ActorId::at(a)) / actor.gdp;
                    }
                }
            }
        }
        scratch.markets.economy = p.wiring.tag;
        let horizon = link.horizon.of(&self.inputs);
        let elasticity = link.elasticity.of(&self.inputs);
        // Ranges are checked when the file is read; an economy without answer changes nothing, and
        // nothing of it is remembered.
        let effects = if self.sketch {
            link.economy.effects_with(&wedges, horizon, elasticity, &mut scratch.markets)
        } else {
            link.economy.effects(&wedges, horizon, elasticity)
        };
        let Ok(effects) = effects else {
            self.ledger.policy = None;
            if self.sketch {
                // What a sketch remembers may not hang on what was asked before.
                for list in [&mut self.income, &mut self.revenue, &mut self.prices] {
                    list.fill(0.0);
                }
            }
            return;
        };
        self.income.copy_from_slice(&effects.income);
        self.revenue.copy_from_slice(&effects.revenue);
        self.prices.copy_from_slice(&effects.prices);
        for (income, gain) in self.income.iter_mut().zip(&direct) {
            *income += gain;
        }
        if !self.sketch {
            self.more.copy_from_slice(&effects.more);
            self.policies.keep(key, [&self.income[..], &self.revenue, &self.prices, &self.more]);
        }
    }

    /// Income of an actor against the start, % of its GDP a year.
    fn income_change(&self, p: &Program, actor: usize) -> f64 {
        p.model.actors[actor].region.map_or(0.0, |r| self.income[r] - self.start_income[r])
    }

    fn revenue_change(&self, p: &Program, actor: usize) -> f64 {
        p.model.actors[actor].region.map_or(0.0, |r| self.revenue[r] - self.start_revenue[r])
    }

    // ---------------------------------------------------------------- payoffs

    /// Counts flows up to now and sets what flows from now on.
    pub(crate) fn flows(&mut self, p: &Program) {
        if p.wiring.has_terms {
            self.change_flows(p, u64::MAX);
        }
    }

    /// The same, where only flows that depend on `touched` may have changed.
    fn change_flows(&mut self, p: &Program, touched: u64) {
        self.ledger.advance(self.world.now);
        for k in 0..p.wiring.flows.len() {
            if p.wiring.flows[k].deps & touched != 0 {
                self.set_flow(p, k);
            }
        }
    }

    /// What flows at this moment, by term of the chosen actors.
    pub(crate) fn rates(&mut self, p: &Program, of: &[bool]) {
        for k in 0..p.wiring.flows.len() {
            if of[usize::from(p.wiring.flows[k].actor)] {
                self.set_flow(p, k);
            }
        }
    }

    /// What one flow is at this moment.
    pub(crate) fn set_flow(&mut self, p: &Program, flow: usize) {
        let flow = &p.wiring.flows[flow];
        let (a, k) = (usize::from(flow.actor), usize::from(flow.term));
        let rate = match &p.model.actors[a].terms[k].kind {
            TermKind::Income => self.income_change(p, a),
            TermKind::Revenue => self.revenue_change(p, a),
            TermKind::Leverage(ids) => self.share_in_force(ids),
            TermKind::Supplier(ids, coalition) => {
                let size =
                    coalition.map_or(0.0, |c| self.world.coalition_size(&p.model, &self.inputs, c));
                self.share_in_force(ids) * (1.0 + size)
            }
            TermKind::LobbyWhile(condition) => {
                let judge = Judge::of(ActorId::at(a));
                f64::from(u8::from(holds(p, &self.world, &self.inputs, judge, condition)))
            }
            TermKind::LobbyStock(id) => f64::from(u8::from(self.world.stocks[id.index()].out)),
            TermKind::Coalition(id) => self.world.coalition_size(&p.model, &self.inputs, *id),
            TermKind::Audience { .. }
            | TermKind::Unanswered { .. }
            | TermKind::Win(_)
            | TermKind::Stress(_) => 0.0,
        };
        self.ledger.rates[p.term(ActorId::at(a), k)] = rate;
    }

    fn share_in_force(&self, ids: &[MeasureId]) -> f64 {
        let standing = ids.iter().filter(|m| self.world.measure(**m).in_force() > 0).count();
        standing as f64 / ids.len().max(1) as f64
    }

    // ---------------------------------------------------------------- stocks

    /// What the controls in force let through to a stock's users: inflow, and the longest delay.
    pub(crate) fn supply(&self, p: &Program, k: usize) -> (f64, f64) {
        let stock = &p.model.stocks[k];
        let (mut stopped, mut delay) = (0.0, TRANSIT_DAYS);
        for &m in &p.wiring.suppliers[k] {
            let Some(at) = self.standing(p, m) else { continue };
            for instrument in &p.model.measures[m].instruments {
                if let Some(supply) = instrument.supply(&at, &stock.of, stock.user) {
                    let approval = if stock.civil { supply.approval } else { 0.0 };
                    stopped += supply.share * (1.0 - approval);
                    delay = delay.max(supply.delay);
                }
            }
        }
        ((1.0 - stopped).max(0.0), delay)
    }

    fn start_stocks(&mut self, p: &Program) {
        for k in 0..p.model.stocks.len() {
            let (inflow, _) = self.supply(p, k);
            self.world.stocks[k].inflow = inflow;
            self.world.stocks[k].target = inflow;
            self.aim_crossing(p, k);
        }
    }

    /// A change of controls reaches users later: an opening after its delay, a closure after transit.
    pub(crate) fn aim_stocks(&mut self, p: &Program) {
        for k in 0..p.model.stocks.len() {
            if self.sketch && self.followed >> (k % 64) & 1 == 0 {
                continue;
            }
            let (target, delay) = self.supply(p, k);
            let state = &mut self.world.stocks[k];
            if math::same(target, state.target) {
                continue;
            }
            let wait = if target > state.target { delay } else { TRANSIT_DAYS };
            state.target = target;
            let at = self.world.now + Tick::from_days(wait);
            state.change_at = at;
            let slot = self.inflows.len();
            self.inflows.push(target);
            #[allow(clippy::cast_possible_truncation, reason = "bounded by events")]
            let what = What::Inflow(StockId::at(k), slot as u32);
            self.schedule(p, at, phase::STOCK, k, what);
        }
    }

    /// Brings a stock's level and losses up to now.
    fn advance_stock(&mut self, p: &Program, k: usize) {
        let stock = &p.model.stocks[k];
        let thrift = stock.thrift.of(&self.inputs);
        let state = &mut self.world.stocks[k];
        let days = (self.world.now - state.at).days();
        if days <= 0.0 {
            return;
        }
        if state.out {
            let factor = stock::output_factor(0.0, state.inflow, thrift);
            let output = stock.output.of(&self.inputs);
            state.lost += days * stock::leontief_loss_per_day(output, factor);
            let share = stock.cost_share.of(&self.inputs);
            state.hulten += days * stock::hulten_loss_per_day(output, share, factor);
        }
        state.level = stock::advance(state.level, state.inflow, thrift, days);
        state.at = self.world.now;
    }

    /// Puts a stock's next crossing on the calendar.
    pub(crate) fn aim_crossing(&mut self, p: &Program, k: usize) {
        let thrift = p.model.stocks[k].thrift.of(&self.inputs);
        let state = self.world.stocks[k];
        self.unschedule(state.handle);
        if self.sketch {
            self.agenda.retain(|due| due.what != What::Stock(StockId::at(k)));
        }
        let next = stock::next_event(state.level, state.inflow, thrift);
        self.world.stocks[k].handle = next.and_then(|(days, _)| {
            let at = self.world.now + Tick::from_days(days).max(Tick(1));
            self.schedule(p, at, phase::STOCK, k, What::Stock(StockId::at(k)))
        });
        let out = stock::output_factor(state.level, state.inflow, thrift) < 1.0;
        if out != state.out {
            self.world.stocks[k].out = out;
            self.ledger.due |= bit::STOCK;
            self.note(|| Entry::StockOut(StockId::at(k), out));
            if out {
                self.emit(p, Fact::StockOut, k);
            }
        }
        self.dirty |= bit::STOCK;
    }

    /// A stock crosses its thrift bound, or is used up, exactly now.
    pub(crate) fn stock_event(&mut self, p: &Program, id: StockId) {
        let k = id.index();
        let thrift = p.model.stocks[k].thrift.of(&self.inputs);
        let state = self.world.stocks[k];
        // A crossing that is no longer due finds nothing to do.
        if let Some((days, event)) = stock::next_event(state.level, state.inflow, thrift)
            && (self.world.now - (state.at + Tick::from_days(days).max(Tick(1)))).0.abs() <= 1
        {
            self.advance_stock(p, k);
            self.world.stocks[k].level = event.level();
        } else {
            self.advance_stock(p, k);
        }
        self.world.stocks[k].handle = None;
        self.aim_crossing(p, k);
    }

    /// The inflow of a stock changes.
    pub(crate) fn inflow_event(&mut self, p: &Program, id: StockId, slot: usize) {
        let k = id.index();
        self.advance_stock(p, k);
        if let Some(&inflow) = self.inflows.get(slot) {
            self.world.stocks[k].inflow = inflow;
        }
        self.aim_crossing(p, k);
    }

    /// When what a coalition is against has ended, it dissolves.
    pub(crate) fn dissolve(&mut self, p: &Program) {
        for (k, coalition) in p.model.coalitions.iter().enumerate() {
            if self.world.coalitions[k].inside == 0 || coalition.against.is_empty() {
                continue;
            }
            let ended = coalition
                .against
                .iter()
                .all(|m| self.world.measure(*m).status().meets(StatusSet::IDLE));
            if ended {
                self.world.coalitions[k].inside = 0;
                self.dirty |= bit::COALITION;
            }
        }
    }

    // ---------------------------------------------------------------- series and regimes

    /// Sum over tariffs in force of coverage × rate (or of rates), %.
    fn tariff(&self, p: &Program, by: ActorId, on: ActorId, covered: bool) -> f64 {
        let mut sum = 0.0;
        for (k, measure) in p.model.measures.iter().enumerate() {
            if measure.owner != by || !(measure.targets.is_empty() || measure.targets.contains(&on))
            {
                continue;
            }
            let Some(at) = self.standing(p, k) else { continue };
            for instrument in &measure.instruments {
                if let Some((rate, coverage)) = instrument.tariff(&at) {
                    sum += at.count * if covered { rate * coverage } else { rate };
                }
            }
        }
        sum
    }

    fn update_series(&mut self, p: &Program, k: usize) {
        let m = &p.model;
        let mut slope = 0.0;
        let value = match &m.series[k].kind {
            SeriesKind::Tariff(by, on) => self.tariff(p, *by, *on, true),
            SeriesKind::Statutory(by, on) => self.tariff(p, *by, *on, false),
            SeriesKind::Rung => {
                let weigh = |(measure, state): (
                    &crate::model::measure::Measure,
                    &super::world::MeasureState,
                )| {
                    let times = if measure.repeat { f64::from(state.count.max(1)) } else { 1.0 };
                    if measure.fixed {
                        0.0
                    } else if state.in_force() > 0 {
                        measure.weight * times
                    } else if state.suspended.is_none() && state.pending.is_some() {
                        0.5 * measure.weight
                    } else {
                        0.0
                    }
                };
                m.measures.iter().zip(&self.world.measures).map(weigh).sum()
            }
            SeriesKind::Regime => f64::from(self.world.regime),
            SeriesKind::Stock(id) => {
                let state = &self.world.stocks[id.index()];
                let thrift = m.stocks[id.index()].thrift.of(&self.inputs);
                let level = self.world.stock_level(m, &self.inputs, *id);
                let still = stock::next_event(level, state.inflow, thrift).is_none()
                    && stock::advance(level, state.inflow, thrift, 1.0) <= level;
                slope = if still { 0.0 } else { state.inflow - stock::use_rate(level, thrift) };
                level
            }
            SeriesKind::Loss(a) => {
                -self.income_change(p, a.index()) * m.actors[a.index()].gdp / 100.0
            }
            SeriesKind::Income(a) => self.income_change(p, a.index()),
            SeriesKind::Trade(reading) => {
                let readings = m.economy.as_ref().map_or(&[][..], |e| e.economy.more());
                let at = readings.iter().position(|known| known == reading);
                at.map_or(0.0, |at| self.more[at])
            }
            SeriesKind::Revenue(a) => {
                self.revenue_change(p, a.index()) * m.actors[a.index()].gdp / 100.0
            }
            SeriesKind::Prices(a) => {
                m.actors[a.index()].region.map_or(0.0, |r| self.prices[r] - self.start_prices[r])
            }
            SeriesKind::LostOutput(id) | SeriesKind::HultenOutput(id) => {
                let hulten = matches!(m.series[k].kind, SeriesKind::HultenOutput(_));
                let mut sum = 0.0;
                for s in 0..m.stocks.len() {
                    if id.is_some_and(|id| id.index() != s) {
                        continue;
                    }
                    self.advance_stock(p, s);
                    let state = &self.world.stocks[s];
                    sum += if hulten { state.hulten } else { state.lost };
                    if state.out {
                        let thrift = m.stocks[s].thrift.of(&self.inputs);
                        let factor = stock::output_factor(0.0, state.inflow, thrift);
                        let output = m.stocks[s].output.of(&self.inputs);
                        slope += if hulten {
                            let share = m.stocks[s].cost_share.of(&self.inputs);
                            stock::hulten_loss_per_day(output, share, factor)
                        } else {
                            stock::leontief_loss_per_day(output, factor)
                        };
                    }
                }
                sum
            }
            SeriesKind::Belief(actor, position) => self.world.belief(*actor, *position),
            SeriesKind::Coalition(id) => self.world.coalition_size(m, &self.inputs, *id),
            SeriesKind::Gauge(id) => self.world.gauge(m, *id),
            SeriesKind::Counters(parts) => f64::from(
                parts.iter().map(|(id, n)| n * self.world.counters[id.index()]).sum::<i32>(),
            ),
        };
        self.point(k, value, slope);
    }

    /// The first regime that holds.
    fn regime(&mut self, p: &Program, first: bool) {
        let regimes = &p.model.regimes;
        if regimes.is_empty() {
            return;
        }
        let found = regimes
            .iter()
            .position(|r| holds(p, &self.world, &self.inputs, Judge::PUBLIC, &r.condition))
            .unwrap_or(regimes.len() - 1);
        let id = RegimeId::at(found).0;
        if id != self.world.regime || first {
            self.world.regime = id;
            self.dirty |= bit::REGIME;
            self.note(|| Entry::Regime(id));
        }
    }

    // ---------------------------------------------------------------- clocks

    /// Starts or stops a clock by its condition.
    #[inline(always)]
    pub(crate) fn check_clock(&mut self, p: &Program, k: usize) {
        let clock = &p.model.clocks[k];
        if matches!(clock.law, ClockLaw::After(..)) {
            return;
        }
        let state = &self.clocks[k];
        let runs = state.running.is_some();
        let should =
            !state.done && state.fires < clock.max && self.passes(p, &p.wiring.clock_tests[k]);
        if should != runs {
            if should {
                self.start_clock(p, k);
            } else {
                self.stop_clock(clock.restart, k);
            }
        }
    }

    fn stop_clock(&mut self, restart: Restart, k: usize) {
        self.unschedule(self.clocks[k].running);
        let state = &mut self.clocks[k];
        state.running = None;
        match restart {
            Restart::Fresh => state.age = 0.0,
            Restart::Resume => state.age += (self.world.now - state.started).days(),
            Restart::Once => state.done = true,
        }
    }

    /// The n-th start of a clock always uses draw n.
    #[inline(never)]
    fn start_clock(&mut self, p: &Program, k: usize) {
        let clock = &p.model.clocks[k];
        let state = &self.clocks[k];
        let now = self.world.now;
        let at = match &clock.law {
            ClockLaw::Law(id) => {
                let u = self.key.uniform(clock.address, u64::from(state.starts));
                let dist = self.dist(p, *id);
                let days = if state.age > 0.0 {
                    dist.draw_beyond(u, state.age) - state.age
                } else {
                    dist.draw(u)
                };
                now + Tick::from_days(days.max(0.0))
            }
            ClockLaw::Days(value) => {
                now + Tick::from_days((value.of(&self.inputs) - state.age).max(0.0))
            }
            ClockLaw::Dates(dates) => {
                // A date that has rung is past; at the very start today still counts.
                let first = state.fires == 0 && state.starts == 0;
                let next = dates.iter().find(|d| if first { **d >= now } else { **d > now });
                match next {
                    Some(at) => *at,
                    None => return,
                }
            }
            ClockLaw::Every { period, first } => {
                let first = Tick::from_days(first.of(&self.inputs));
                let period = Tick::from_days(period.of(&self.inputs)).max(Tick(1));
                if first > now || (first == now && state.fires == 0) {
                    first
                } else {
                    let gone = (now - first).0.div_euclid(period.0);
                    first + Tick((gone + 1) * period.0)
                }
            }
            ClockLaw::After(..) => return,
        };
        let what = What::Clock(ClockId::at(k));
        let handle = self.schedule_inline(p, at, phase::CLOCK, k, what);
        let state = &mut self.clocks[k];
        state.starts += 1;
        state.started = now;
        // A clock beyond the horizon has no event, but it runs: its handle stays empty.
        state.running = handle;
        if handle.is_none() {
            state.done = matches!(clock.restart, Restart::Once);
        }
    }

    /// A clock rings.
    pub(crate) fn rings(&mut self, p: &Program, scratch: &mut Scratch, id: ClockId) {
        let k = id.index();
        let clock = &p.model.clocks[k];
        let state = &mut self.clocks[k];
        state.running = None;
        state.age = 0.0;
        state.fires += 1;
        if clock.restart == Restart::Once {
            state.done = true;
        }
        self.strike(p, scratch, id);
        if p.wiring.clock_deps[k] == 0 && !p.wiring.clock_timed[k] {
            self.check_clock(p, k);
        } else {
            self.dirty |= p.wiring.clock_deps[k];
            self.timed_now |= p.wiring.clock_timed[k];
        }
    }

    /// What a ring does: its chance, its effects, its fact.
    #[inline]
    fn strike(&mut self, p: &Program, scratch: &mut Scratch, id: ClockId) {
        let clock = &p.model.clocks[id.index()];
        let ordinal = u64::from(self.clocks[id.index()].fires) - 1;
        let happens = match clock.chance {
            Some(chance) => {
                self.key.uniform(clock.chance_address, ordinal) < chance.of(&self.inputs)
            }
            None => true,
        };
        self.note(|| Entry::Fired(id, happens));
        let (code, otherwise) = &p.wiring.clock_codes[id.index()];
        self.execute(p, scratch, if happens { code } else { otherwise }, ordinal);
        if happens {
            self.stress(p, id);
            self.emit(p, Fact::Fired, id.index());
        }
    }

    /// Once terms of actors that suffer from a clock.
    fn stress(&mut self, p: &Program, id: ClockId) {
        if !p.wiring.has_terms {
            return;
        }
        let present = self.ledger.present(self.world.now);
        for (a, actor) in p.model.actors.iter().enumerate() {
            for (k, term) in actor.terms.iter().enumerate() {
                if term.kind == TermKind::Stress(id) {
                    self.ledger.features[p.term(ActorId::at(a), k)] += present;
                }
            }
        }
    }

    /// An event that an after-clock waits for has happened.
    pub(crate) fn after_clock(&mut self, p: &Program, id: ClockId) {
        let k = id.index();
        let ClockLaw::After(_, lag) = &p.model.clocks[k].law else { return };
        let state = self.clocks[k];
        if state.done || state.starts >= p.model.clocks[k].max {
            return;
        }
        let address = p.model.clocks[k].address;
        let wait = self.span(p, *lag, address, u64::from(state.starts));
        self.clocks[k].starts += 1;
        let at = self.world.now + wait;
        self.schedule(p, at, phase::CLOCK, k, What::AfterClock(id));
    }

    /// An after-clock rings, if its condition holds.
    pub(crate) fn after_rings(&mut self, p: &Program, scratch: &mut Scratch, id: ClockId) {
        let condition = &p.model.clocks[id.index()].condition;
        if holds(p, &self.world, &self.inputs, Judge::PUBLIC, condition) {
            self.clocks[id.index()].fires += 1;
            self.strike(p, scratch, id);
        }
    }
}
