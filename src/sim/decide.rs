//! Occasions: who is asked when, what it chooses, and what the public learns from it.
//!
//! An actor answers a visible act after its lag (one pending answer per actor and source), is asked on
//! eves, reviews and requests. Its rule gives a distribution over the legal menu; the kernel makes the
//! one draw. The public updates its belief about the actor's type by the probability of the act under
//! each type (Bayes), mixed with 2 % over the menu, so that no belief locks. Silence counts only where
//! a choice was known to be due: when the deadline or meeting has passed, or the answer window closed.

use super::contract::{Cause, Choice, Occasion};
use super::effects::Context;
use super::engine::{Engine, Lesson};
use super::event::{What, phase};
use super::journal::Entry;
use super::judge::{Judge, holds};
use super::program::{Fact, Program, bit};
use super::scratch::Scratch;
use super::talks::pick;
use crate::math;
use crate::model::actor::{Reviews, Seen, TermKind};
use crate::model::diplomacy::EveTarget;
use crate::model::effect::{Effect, LevelChoice};
use crate::model::ids::{ActorId, EveId, MeasureId, MoveId};
use crate::model::path::Act;
use crate::model::value::Lag;
use crate::units::Tick;

/// Share of every choice that the public puts down to a slip, spread evenly over the menu.
const SLIP: f64 = 0.02;

impl Engine {
    /// Schedules the decisions before a dated event; a new date replaces the old eves.
    pub(crate) fn plan_eve(&mut self, program: &Program, id: EveId, date: Tick) {
        if self.sketch {
            return;
        }
        self.drop_eve(id);
        let eve = &program.model.eves[id.index()];
        #[allow(clippy::cast_sign_loss, reason = "dates of events are never before tick 0")]
        let ordinal = date.0.max(0) as u64 / 1440;
        let before = self.span(program, eve.before, program.wiring.eve[id.index()], ordinal);
        let at = (date - before).max(self.world.now);
        for k in 0..eve.decides.len() {
            #[allow(clippy::cast_possible_truncation, reason = "few deciders")]
            let what = What::Eve(id, k as u8);
            let source = id.index() * 8 + k;
            if let Some(handle) = self.schedule(program, at, phase::DECISION, source, what) {
                self.eves[id.index()].push(handle);
            }
        }
    }

    /// Takes the decisions before a dated event off the calendar.
    pub(crate) fn drop_eve(&mut self, id: EveId) {
        if self.sketch {
            return;
        }
        while let Some(handle) = self.eves[id.index()].pop() {
            self.queue.cancel(handle);
        }
        self.eve_silence[id.index()] = None;
    }

    /// A decider's turn on an eve.
    pub(crate) fn eve(&mut self, program: &Program, scratch: &mut Scratch, id: EveId, k: usize) {
        let eve = &program.model.eves[id.index()];
        let date = match eve.of {
            EveTarget::Measure(m) => self.world.measure(m).pending.map(|p| p.at),
            EveTarget::Meeting(m) => {
                let state = self.world.meetings[m.index()];
                (state.status == 2).then_some(state.at)
            }
            EveTarget::Truce(t) => {
                let state = self.world.truces[t.index()];
                state.alive.then_some(state.ends)
            }
        };
        let Some(date) = date else { return };
        let actor = eve.decides[k];
        self.decide(program, scratch, actor, Cause::Eve(id), Some(date));
        if k + 1 == eve.decides.len() {
            if let EveTarget::Truce(truce) = eve.of {
                self.renew_truce(program, scratch, truce);
            }
            for &other in &eve.then {
                let react = program.model.actor(other).reacts.iter().find(|r| r.to == actor);
                let Some(react) = react else { continue };
                let address =
                    program.wiring.actors[other.index()].react[actor.index()].named("eve");
                let wait = self.span(program, react.lag, address, self.day_ordinal());
                // Before the date, else on its last day.
                let last = (date - Tick(crate::units::MINUTES_PER_DAY)).max(self.world.now);
                let at = (self.world.now + wait).min(last);
                let source = other.index();
                self.schedule(program, at, phase::DECISION, source, What::AfterEve(id, other));
            }
        }
    }

    /// Gives an actor an occasion after a lag; one pending request per actor, the earliest.
    pub(crate) fn ask(&mut self, program: &Program, actor: ActorId, lag: Lag) {
        if self.sketch {
            return;
        }
        let ordinal = u64::from(self.asked_count[actor.index()]);
        self.asked_count[actor.index()] += 1;
        let wait = self.span(program, lag, program.wiring.actors[actor.index()].asked, ordinal);
        let at = self.world.now + wait;
        if self.asked_pending[actor.index()].is_some_and(|earlier| earlier <= at) {
            return;
        }
        self.asked_pending[actor.index()] = Some(at);
        self.schedule(program, at, phase::DECISION, actor.index(), What::Asked(actor));
    }

    /// Schedules the first review of each actor.
    pub(crate) fn plan_reviews(&mut self, program: &Program) {
        for (k, actor) in program.model.actors.iter().enumerate() {
            let id = ActorId::at(k);
            match &actor.reviews {
                None => {}
                Some(Reviews::Every(period)) => {
                    let days = period.of(&self.inputs);
                    let u = self.key.uniform(program.wiring.actors[k].review, 0);
                    let at = Tick::from_days(u * days);
                    self.schedule(program, at, phase::DECISION, k, What::Review(id));
                }
                Some(Reviews::Gaps(lag)) => {
                    let at = self.span(program, *lag, program.wiring.actors[k].review, 0);
                    self.schedule(program, at, phase::DECISION, k, What::Review(id));
                }
                Some(Reviews::Dates(dates)) => {
                    for &at in dates {
                        self.schedule(program, at, phase::DECISION, k, What::Review(id));
                    }
                }
            }
        }
    }

    /// A review, and the next one.
    pub(crate) fn review(&mut self, program: &Program, scratch: &mut Scratch, actor: ActorId) {
        self.review_count[actor.index()] += 1;
        let ordinal = u64::from(self.review_count[actor.index()]);
        let address = program.wiring.actors[actor.index()].review;
        let wait = match &program.model.actor(actor).reviews {
            Some(Reviews::Every(period)) => Some(Tick::from_days(period.of(&self.inputs))),
            Some(Reviews::Gaps(lag)) => Some(self.span(program, *lag, address, ordinal)),
            _ => None,
        };
        if let Some(wait) = wait {
            let at = self.world.now + wait.max(Tick(1));
            self.schedule(program, at, phase::DECISION, actor.index(), What::Review(actor));
        }
        self.decide(program, scratch, actor, Cause::Review, None);
    }

    /// A pending change of an actor took effect: others may answer that too.
    pub(crate) fn measure_act(&mut self, program: &Program, id: MeasureId) {
        if self.sketch {
            return;
        }
        let measure = program.model.measure(id);
        let (by, weight, at) = (measure.owner, measure.weight, self.world.now);
        self.world.acts.push(Act { at, by, by_move: None, weight });
        self.dirty |= bit::ACT;
        self.act_seen(program, by, weight);
    }

    /// A visible act: those who answer the actor get an occasion, and windows open.
    pub(crate) fn act_seen(&mut self, program: &Program, by: ActorId, weight: f64) {
        for k in 0..program.model.actors.len() {
            let actor = ActorId::at(k);
            if actor != by {
                self.react_to(program, actor, by, weight);
            }
        }
        for (k, actor) in program.model.actors.iter().enumerate() {
            if ActorId::at(k) == by {
                continue;
            }
            for term in &actor.terms {
                if let TermKind::Unanswered { after, min_weight } = term.kind
                    && weight >= min_weight
                    && actor.reacts.iter().any(|r| r.to == by)
                {
                    let slot = self.windows.len();
                    self.windows.push(self.world.now);
                    let at = self.world.now + Tick::from_days(after.of(&self.inputs));
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "acts are bounded by events"
                    )]
                    let what = What::Window(ActorId::at(k), slot as u16);
                    self.schedule(program, at, phase::OBSERVER, k, what);
                }
            }
        }
    }

    /// An actor will answer an act of another; several acts inside one lag share the earliest answer.
    pub(crate) fn react_to(&mut self, program: &Program, actor: ActorId, by: ActorId, weight: f64) {
        if self.sketch {
            return;
        }
        let react = program.model.actor(actor).reacts.iter().find(|r| r.to == by);
        let Some(react) = react.filter(|r| weight >= r.min_weight) else { return };
        let (a, b) = (actor.index(), by.index());
        self.react_weight[a][b] = self.react_weight[a][b].max(weight);
        if self.react_pending[a][b].is_some() {
            return;
        }
        let ordinal = u64::from(self.react_count[a][b]);
        self.react_count[a][b] += 1;
        let wait = self.span(program, react.lag, program.wiring.actors[a].react[b], ordinal);
        let at = self.world.now + wait;
        self.react_pending[a][b] = Some(self.world.now);
        self.schedule(program, at, phase::DECISION, a, What::React(actor, by));
    }

    /// The answer window of an act closes: an actor that did nothing pays for it.
    pub(crate) fn window(&mut self, program: &Program, actor: ActorId, slot: usize) {
        let Some(since) = self.windows.get(slot).copied() else { return };
        let answered = self
            .world
            .acts
            .iter()
            .rev()
            .take_while(|act| act.at >= since)
            .any(|act| act.by == actor && act.by_move.is_some() && act.weight >= 1.0);
        if answered {
            return;
        }
        let present = self.ledger.present(self.world.now);
        for (k, term) in program.model.actor(actor).terms.iter().enumerate() {
            if matches!(term.kind, TermKind::Unanswered { .. }) {
                self.ledger.features[program.term(actor, k)] += present;
            }
        }
        self.note(|| Entry::Unanswered(actor));
    }

    /// Whether a move can be made now: its guard holds, it is not too soon, and it would do something.
    pub(crate) fn legal(&self, program: &Program, id: MoveId) -> bool {
        let action = program.model.action(id);
        if let Some(span) = action.once_per {
            let last = self.world.last_move[id.index()];
            if last != Tick::BEFORE_ALL
                && self.world.now - last < Tick::from_days(span.of(&self.inputs))
            {
                return false;
            }
        }
        holds(program, &self.world, &self.inputs, Judge::of(action.by), &action.guard)
            && action.effects.iter().any(|e| self.offered(program, e))
    }

    /// Whether a verb is offered in the state at hand (the life-cycle table's dashes).
    fn offered(&self, program: &Program, effect: &Effect) -> bool {
        match effect {
            Effect::Announce { measure, level, .. } => {
                let state = self.world.measure(*measure);
                state.suspended.is_none()
                    && !self.barred(program, *measure)
                    && (state.pending.is_some()
                        || self.resolve(program, *measure, *level) != state.level)
            }
            Effect::Enact(m, level) => {
                let state = self.world.measure(*m);
                !self.barred(program, *m)
                    && match state.pending.filter(|_| state.suspended.is_none()) {
                        Some(p) => !p.ordered || p.level != self.resolve(program, *m, *level),
                        None => {
                            state.suspended.is_some()
                                || state.level == 0
                                || (*level != LevelChoice::Given
                                    && state.level != self.resolve(program, *m, *level))
                        }
                    }
            }
            Effect::Start(m, _) => {
                self.world.measure(*m).in_force() == 0 && !self.barred(program, *m)
            }
            Effect::Postpone(m, _) => {
                let state = self.world.measure(*m);
                state.pending.is_some() || state.suspended.is_some()
            }
            Effect::Reschedule(m, _) => self.world.measure(*m).pending.is_some(),
            Effect::Suspend(m, _) => {
                let state = self.world.measure(*m);
                state.suspended.is_none() && (state.level > 0 || state.pending.is_some())
            }
            Effect::KeepSuspended(m, _) => self.world.measure(*m).suspended.is_some(),
            Effect::Withdraw(m) => {
                let state = self.world.measure(*m);
                state.level > 0 || state.pending.is_some() || state.suspended.is_some()
            }
            Effect::SetLevel(m, level) => {
                let state = self.world.measure(*m);
                state.suspended.is_none()
                    && ((state.level > 0 && state.level != *level)
                        || state.pending.is_some_and(|p| p.level != *level))
            }
            Effect::Repeat(m) => {
                !self.barred(program, *m)
                    && (self.world.measure(*m).in_force() == 0 || program.model.measure(*m).repeat)
            }
            Effect::Cancel(m) | Effect::MoveMeeting(m, _) => {
                self.world.meetings[m.index()].status == 2
            }
            Effect::Call(m, _) => {
                let status = self.world.meetings[m.index()].status;
                status == 1 || (status != 2 && program.model.meetings[m.index()].again)
            }
            Effect::Offer(x) => !self.open_packages(program, &[*x]).is_empty(),
            Effect::EndDeal(x) => self.world.deals.iter().any(|d| d.alive && d.package == *x),
            _ => true,
        }
    }

    /// The legal moves of an actor, in file order.
    pub(crate) fn menu(&self, program: &Program, actor: ActorId, out: &mut Vec<MoveId>) {
        out.clear();
        let moves = &program.model.actor(actor).moves;
        out.extend(moves.iter().copied().filter(|id| self.legal(program, *id)));
    }

    /// An actor decides now. `due` is the public date by which a choice was due, if one is known.
    pub(crate) fn decide(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        actor: ActorId,
        cause: Cause,
        due: Option<Tick>,
    ) {
        let who = program.model.actor(actor);
        let planned_rule = match &who.plan {
            Some(plan) => match plan.then {
                Some(rule) => Some(rule),
                None => return,
            },
            None => None,
        };
        let mut menu = std::mem::take(&mut self.menu);
        self.menu(program, actor, &mut menu);
        self.occasion_serial += 1;
        let own = self.world.types[actor.index()];
        let address = program.wiring.actors[actor.index()].decision(cause);
        let ordinal = match (cause, due) {
            (Cause::Eve(_) | Cause::AfterEve(_), Some(date)) => {
                #[allow(clippy::cast_sign_loss, reason = "dates are never before tick 0")]
                let day = date.0.max(0) as u64 / 1440;
                day
            }
            (Cause::React(by, _), _) => u64::from(self.react_count[actor.index()][by.index()]),
            (Cause::Review, _) => u64::from(self.review_count[actor.index()]),
            (Cause::Asked, _) => u64::from(self.asked_count[actor.index()]),
            _ => self.day_ordinal(),
        };
        let written = &program.model.rules[who.rule.index()].rule;
        let rule = planned_rule.map_or(written, |r| &program.model.rules[r.index()].rule);
        let mut choice = std::mem::take(&mut scratch.choice);
        let serial = self.occasion_serial;
        let occasion = Occasion {
            program,
            world: &self.world,
            actor,
            cause,
            menu: &menu,
            inputs: &self.inputs,
            serial,
        };
        if menu.is_empty() {
            choice.hold(0);
        } else {
            rule.distribution(&occasion, own, scratch, &mut choice);
        }
        let u = self.key.uniform(address, ordinal);
        let k = pick(&choice.probabilities, u);
        let chosen = (k > 0).then(|| menu[k - 1]);
        // What the public will learn: judged by the written rule unless the plan is known.
        let types = who.types.len();
        let known = who.plan.as_ref().is_some_and(|p| p.known);
        let mut lesson = None;
        if types > 1 && !known && !menu.is_empty() {
            let mut log_likelihoods = vec![0.0; types];
            let mut other = Choice::default();
            let floor = SLIP / (menu.len() + 1) as f64;
            for (t, log) in log_likelihoods.iter_mut().enumerate() {
                #[allow(clippy::cast_possible_truncation, reason = "few types")]
                written.distribution(&occasion, t as u8, scratch, &mut other);
                let p = other.probabilities.get(k).copied().unwrap_or(0.0);
                *log = math::ln((1.0 - SLIP) * p + floor);
            }
            lesson = Some(log_likelihoods);
        }
        self.path.illegal += u32::from(choice.illegal > 0.0);
        if !menu.is_empty() {
            self.choice_made(choice.probabilities[k]);
        }
        if self.journal.is_some() {
            let beliefs = self.beliefs_held(program, actor);
            let (menu, choice) = (menu.clone(), choice.clone());
            self.note(|| Entry::Decided { actor, cause, menu, choice, chosen, beliefs });
        }
        self.menu = menu;
        scratch.choice = choice;
        match chosen {
            Some(id) => self.make(program, scratch, id, lesson),
            None => self.held(program, actor, cause, due, lesson),
        }
    }

    fn beliefs_held(&self, program: &Program, actor: ActorId) -> Vec<(ActorId, Vec<f64>)> {
        let others = (0..program.model.actors.len()).map(ActorId::at).filter(|a| *a != actor);
        others
            .filter(|a| program.model.actor(*a).types.len() > 1)
            .map(|a| {
                let n = program.model.actor(a).types.len();
                #[allow(clippy::cast_possible_truncation, reason = "few types")]
                let list = (0..n).map(|t| self.world.belief(a, t as u8)).collect();
                (a, list)
            })
            .collect()
    }

    /// An actor makes a move.
    pub(crate) fn make(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        id: MoveId,
        lesson: Option<Vec<f64>>,
    ) {
        let action = program.model.action(id);
        let actor = action.by;
        let now = self.world.now;
        let ordinal = u64::from(self.move_count[id.index()]);
        self.move_count[id.index()] += 1;
        self.world.last_move[id.index()] = now;
        let own = usize::from(self.world.types[actor.index()]);
        let price = action.price.get(own).map_or(0.0, |v| v.of(&self.inputs));
        self.ledger.prices[actor.index()] += price * self.ledger.present(now);
        self.world.acts.push(Act { at: now, by: actor, by_move: Some(id), weight: action.weight });
        self.dirty |= bit::ACT;
        self.emit(program, Fact::Move, id.index());
        self.check_duties(program, actor, id);
        self.apply(program, scratch, &action.effects, Context::mover(actor, ordinal));
        let delay = match action.seen {
            Seen::Public => Some(Tick::ZERO),
            Seen::Delayed(lag) => {
                let address = program.wiring.actors[actor.index()].kind.named(&action.name);
                Some(self.span(program, lag, address, ordinal))
            }
            Seen::Parties | Seen::Never => None,
        };
        match delay {
            Some(Tick::ZERO) => {
                self.act_seen(program, actor, action.weight);
                if let Some(log_likelihoods) = lesson {
                    self.learn(program, actor, &log_likelihoods, false);
                }
            }
            Some(wait) => {
                if action.weight >= 1.0 {
                    // Seen later: those who answer do so from then.
                    self.defer_act(program, actor, now + wait, action.weight);
                }
                if let Some(log_likelihoods) = lesson {
                    self.defer_lesson(program, actor, now + wait, log_likelihoods, false);
                }
            }
            None => {}
        }
    }

    fn defer_act(&mut self, program: &Program, actor: ActorId, at: Tick, weight: f64) {
        for k in 0..program.model.actors.len() {
            let other = ActorId::at(k);
            let react = program.model.actor(other).reacts.iter().find(|r| r.to == actor);
            let Some(react) = react.filter(|r| other != actor && weight >= r.min_weight) else {
                continue;
            };
            let (a, b) = (k, actor.index());
            if self.react_pending[a][b].is_some() {
                continue;
            }
            let ordinal = u64::from(self.react_count[a][b]);
            self.react_count[a][b] += 1;
            let wait = self.span(program, react.lag, program.wiring.actors[a].react[b], ordinal);
            self.react_weight[a][b] = self.react_weight[a][b].max(weight);
            self.react_pending[a][b] = Some(at);
            self.schedule(program, at + wait, phase::DECISION, a, What::React(other, actor));
        }
    }

    fn defer_lesson(
        &mut self,
        program: &Program,
        actor: ActorId,
        at: Tick,
        log_likelihoods: Vec<f64>,
        silence: bool,
    ) -> usize {
        let slot = self.lessons.len();
        self.lessons.push(Lesson { actor: actor.0, silence, log_likelihoods });
        #[allow(clippy::cast_possible_truncation, reason = "lessons are bounded by decisions")]
        let what = What::Learn(slot as u16);
        if at < Tick::NEVER {
            self.schedule(program, at, phase::OBSERVER, actor.index(), what);
        }
        slot
    }

    /// An actor held: the public learns from it only once it knows that a choice was due.
    fn held(
        &mut self,
        program: &Program,
        actor: ActorId,
        cause: Cause,
        due: Option<Tick>,
        lesson: Option<Vec<f64>>,
    ) {
        let Some(log_likelihoods) = lesson else { return };
        match (cause, due) {
            (Cause::Eve(eve), Some(_)) => {
                // Heeded when the date passes; a later hold on the same eve replaces it.
                let slot = self.defer_lesson(program, actor, Tick::NEVER, log_likelihoods, true);
                #[allow(clippy::cast_possible_truncation, reason = "bounded by decisions")]
                let slot = slot as u16;
                self.eve_silence[eve.index()] = Some(slot);
            }
            (Cause::React(by, _), _) => {
                let react = program.model.actor(actor).reacts.iter().find(|r| r.to == by);
                let window = react.map_or(0.0, |r| r.window);
                let seen = self.react_pending[actor.index()][by.index()];
                let closes = seen.unwrap_or(self.world.now) + Tick::from_days(window);
                let at = closes.max(self.world.now);
                self.defer_lesson(program, actor, at, log_likelihoods, true);
            }
            _ => {}
        }
    }

    /// A public date has passed: what was held on its eve is known now.
    pub(crate) fn heed_silence(&mut self, program: &Program, eve: EveId) {
        if self.sketch {
            return;
        }
        if let Some(slot) = self.eve_silence[eve.index()].take() {
            self.lesson(program, usize::from(slot));
        }
    }

    /// The public learns what was put off.
    pub(crate) fn lesson(&mut self, program: &Program, slot: usize) {
        let Some(lesson) = self.lessons.get_mut(slot).map(std::mem::take) else { return };
        self.learn(program, ActorId(lesson.actor), &lesson.log_likelihoods, lesson.silence);
    }

    /// Bayes: adds log-likelihoods to the public log-weights.
    fn learn(&mut self, program: &Program, actor: ActorId, log_likelihoods: &[f64], silence: bool) {
        if log_likelihoods.is_empty() {
            return;
        }
        #[allow(clippy::cast_possible_truncation, reason = "few types")]
        let list = |world: &super::world::World| -> Vec<f64> {
            (0..log_likelihoods.len()).map(|t| world.belief(actor, t as u8)).collect()
        };
        let before = self.journal.is_some().then(|| list(&self.world));
        for (weight, log) in self.world.beliefs[actor.index()].iter_mut().zip(log_likelihoods) {
            *weight += log;
        }
        self.dirty |= bit::BELIEF;
        let _ = program;
        if let Some(before) = before {
            let after = list(&self.world);
            self.note(|| Entry::Learned(actor, before, after, silence));
        }
    }

    /// Steps of a plan that a branch forces; an illegal one is skipped and counted.
    pub(crate) fn plan_step(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        actor: ActorId,
        step: usize,
    ) {
        let Some(plan) = &program.model.actor(actor).plan else { return };
        let Some((_, moves)) = plan.steps.get(step) else { return };
        for &id in moves {
            if self.legal(program, id) {
                let lesson = self.plan_lesson(program, scratch, actor, id, plan.known);
                self.make(program, scratch, id, lesson);
                self.settle(program, scratch);
            } else {
                self.path.skipped += 1;
                self.note(|| Entry::PlanSkipped(actor, id));
            }
        }
    }

    /// A forced act is judged through the actor's written rule unless the plan is known.
    fn plan_lesson(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        actor: ActorId,
        id: MoveId,
        known: bool,
    ) -> Option<Vec<f64>> {
        let who = program.model.actor(actor);
        if known || who.types.len() < 2 {
            return None;
        }
        let mut menu = Vec::new();
        self.menu(program, actor, &mut menu);
        let k = menu.iter().position(|m| *m == id)?;
        self.occasion_serial += 1;
        let occasion = Occasion {
            program,
            world: &self.world,
            actor,
            cause: Cause::Plan,
            menu: &menu,
            inputs: &self.inputs,
            serial: self.occasion_serial,
        };
        let rule = &program.model.rules[who.rule.index()].rule;
        let floor = SLIP / (menu.len() + 1) as f64;
        let mut choice = Choice::default();
        let logs = (0..who.types.len()).map(|t| {
            #[allow(clippy::cast_possible_truncation, reason = "few types")]
            rule.distribution(&occasion, t as u8, scratch, &mut choice);
            math::ln((1.0 - SLIP) * choice.probabilities[k + 1] + floor)
        });
        Some(logs.collect())
    }
}
