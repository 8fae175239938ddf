//! Effects carried out: the one match over the closed list.

use super::engine::Engine;
use super::journal::Entry;
use super::judge::{Judge, holds};
use super::lifecycle::By;
use super::program::{Program, bit};
use super::scratch::Scratch;
use crate::math;
use crate::model::condition::Condition;
use crate::model::effect::Effect;
use crate::model::ids::{ActorId, CoalitionId, CounterId, GaugeId};
use crate::model::value::{Term, Value};
use crate::units::Tick;

/// Whose effects, and under what ordinal their draws are addressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// The actor at hand.
    pub(crate) actor: Option<ActorId>,
    /// End of the deal that carries them.
    pub(crate) deal_end: Option<Tick>,
    /// Counts the activations of their source.
    pub(crate) ordinal: u64,
    /// Who is responsible for what they do to measures.
    pub(crate) by: By,
}

impl Context {
    /// Nobody's effects: clocks, meetings, branches.
    #[inline]
    pub(crate) fn nobody(ordinal: u64) -> Context {
        Context { actor: None, deal_end: None, ordinal, by: By::Court }
    }

    /// An actor's move.
    pub(crate) fn mover(actor: ActorId, ordinal: u64) -> Context {
        Context { actor: Some(actor), deal_end: None, ordinal, by: By::Owner }
    }
}

/// Days for which an answer to a request to join is awaited.
const ASK_DAYS: f64 = 30.0;

impl Engine {
    /// Carries out a list of effects in order. Returns how many of them did something.
    #[inline]
    pub(crate) fn apply(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        effects: &[Effect],
        context: Context,
    ) -> u32 {
        self.apply_list(program, scratch, effects, &context)
    }

    /// The effects of counters, chance and condition stand here, where they are a few instructions;
    /// all others would make each call of this recursion dear.
    fn apply_list(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        effects: &[Effect],
        context: &Context,
    ) -> u32 {
        let mut done = 0;
        for effect in effects {
            done += match effect {
                Effect::Add(counter, n) => u32::from(self.add(p, *counter, *n)),
                Effect::If { condition, then, otherwise } => {
                    let list = if self.finds(p, context, condition) { then } else { otherwise };
                    u32::from(self.apply_list(p, scratch, list, context) > 0)
                }
                Effect::Chance { address, p: chance, then, otherwise } => {
                    let chance = chance.of(&self.inputs);
                    // A sketch takes the likelier side: no new draws in what deciders foresee.
                    let happens = if self.sketch {
                        chance >= 0.5
                    } else {
                        self.key.uniform(*address, context.ordinal) < chance
                    };
                    let list = if happens { then } else { otherwise };
                    u32::from(self.apply_list(p, scratch, list, context) > 0)
                }
                _ => u32::from(self.apply_one(p, scratch, effect, context)),
            };
        }
        done
    }

    /// Whether a condition inside a list of effects holds now.
    #[inline]
    fn finds(&self, p: &Program, context: &Context, condition: &Condition) -> bool {
        match context.actor {
            None => holds(p, &self.world, &self.inputs, Judge::PUBLIC, condition),
            Some(actor) => holds(p, &self.world, &self.inputs, Judge::of(actor), condition),
        }
    }

    #[inline(never)]
    pub(crate) fn apply_one(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        effect: &Effect,
        context: &Context,
    ) -> bool {
        match effect {
            Effect::Announce { measure, level, timing, ordered } => {
                self.announce(p, *measure, *level, *timing, *ordered)
            }
            Effect::Enact(m, level) => self.enact(p, *m, *level),
            Effect::Start(m, level) => self.start(p, *m, *level),
            Effect::Postpone(m, term) => self.postpone(p, *m, *term, context.deal_end, context.by),
            Effect::Reschedule(m, lag) => self.reschedule(p, *m, *lag),
            Effect::Suspend(m, term) => self.suspend(p, *m, *term, context.deal_end, context.by),
            Effect::KeepSuspended(m, term) => {
                let until = match term {
                    Term::Until(at) => *at,
                    Term::Lasts => context.deal_end.unwrap_or(self.world.now),
                    Term::Span(lag) => {
                        let from = self.world.measure(*m).suspended.map_or(Tick::ZERO, |s| s.until);
                        from + self.span(p, *lag, p.wiring.term[m.index()], context.ordinal)
                    }
                };
                self.suspend_until(p, *m, until)
            }
            Effect::Withdraw(m) => self.withdraw(p, *m, context.by),
            Effect::Strike(legal, wind_down) => {
                if self.world.barred >> (legal % 64) & 1 == 1 {
                    return false;
                }
                self.world.barred |= 1 << (legal % 64);
                let wait = self.span(p, *wind_down, p.wiring.tie, context.ordinal);
                let at = self.world.now + wait;
                self.world.falls.push((*legal, at));
                self.schedule(
                    p,
                    at,
                    super::event::phase::STOP,
                    usize::from(*legal),
                    super::event::What::Struck(*legal),
                );
                true
            }
            Effect::Restore(legal) => {
                self.world.barred &= !(1 << (legal % 64));
                true
            }
            Effect::SetLevel(m, level) => self.set_level(p, *m, *level),
            Effect::Repeat(m) => self.repeat(p, *m),
            Effect::Channel(id, state) => {
                let changed = self.world.channels[id.index()] != *state;
                if changed {
                    self.world.channels[id.index()] = *state;
                    self.dirty |= bit::channel(id.index());
                    let (id, state) = (*id, *state);
                    self.note(|| Entry::Channel(id, state));
                }
                changed
            }
            Effect::Call(meeting, lag) => {
                let state = self.world.meetings[meeting.index()];
                if state.status == 2
                    || (state.status != 1 && !p.model.meetings[meeting.index()].again)
                {
                    return false;
                }
                let ordinal = u64::from(state.planned);
                let address = p.wiring.call.child(u64::from(meeting.0));
                let at = self.world.now + self.span(p, *lag, address, ordinal);
                self.plan_meeting(p, *meeting, at);
                true
            }
            Effect::Cancel(meeting) => self.cancel_meeting(p, scratch, *meeting),
            Effect::MoveMeeting(meeting, lag) => {
                let state = self.world.meetings[meeting.index()];
                if state.status != 2 {
                    return false;
                }
                let address = p.wiring.call.child(u64::from(meeting.0));
                let at = state.at + self.span(p, *lag, address, u64::from(state.planned));
                self.plan_meeting(p, *meeting, at);
                true
            }
            Effect::Offer(package) => match context.actor {
                Some(actor) => self.offer(p, actor, *package),
                None => false,
            },
            Effect::EndDeal(package) => self.break_off(p, context.actor, *package),
            Effect::Extend(truce, lag) => {
                let state = self.world.truces[truce.index()];
                if !state.alive {
                    return false;
                }
                let until = state.ends + self.span(p, *lag, p.wiring.tie, context.ordinal);
                self.prolong_truce(p, *truce, until)
            }
            Effect::Add(counter, n) => self.add(p, *counter, *n),
            Effect::Push(gauge, by) => self.push(p, *gauge, *by),
            Effect::Signal => true,
            Effect::Commit(m, x) => {
                let x = x.of(&self.inputs);
                let state = &mut self.world.measures[m.index()];
                if state.strength <= 0.0 {
                    return false;
                }
                state.strength = (state.strength + x).min(2.0);
                if self.sketch {
                    self.marks.touch(m.index());
                }
                true
            }
            // Nobody foresees what a type will turn out to be.
            Effect::Reveal(_) if self.sketch => true,
            Effect::Reveal(actor) => {
                let own = usize::from(self.world.types[actor.index()]);
                let belief = &mut self.world.beliefs[actor.index()];
                for (k, weight) in belief.iter_mut().enumerate() {
                    *weight = if k == own { 0.0 } else { -50.0 };
                }
                self.dirty |= bit::BELIEF;
                true
            }
            Effect::Join(id) => self.membership(p, context.actor, *id, true),
            Effect::Leave(id) => self.membership(p, context.actor, *id, false),
            Effect::Punish(id) => {
                self.world.coalitions[id.index()].punished = true;
                true
            }
            Effect::Ask(actor, lag) => {
                self.ask(p, *actor, *lag);
                true
            }
            Effect::AskMembers(id) => {
                let until = self.world.now + Tick::from_days(ASK_DAYS);
                self.world.coalitions[id.index()].asked_until = until;
                self.dirty |= bit::COALITION;
                let inside = self.world.coalitions[id.index()].inside;
                for (k, (member, _)) in p.model.coalitions[id.index()].members.iter().enumerate() {
                    if inside >> k & 1 == 0 {
                        let lag = p.model.actor(*member).reacts.first().map(|r| r.lag);
                        let at_once = crate::model::value::Lag::Days(Value::Const(0.0));
                        self.ask(p, *member, lag.unwrap_or(at_once));
                    }
                }
                true
            }
            Effect::Chance { .. } | Effect::If { .. } => {
                self.apply_list(p, scratch, std::slice::from_ref(effect), context) > 0
            }
        }
    }

    /// Adds to a counter, clamped at its bounds.
    #[inline]
    fn add(&mut self, program: &Program, id: CounterId, n: i32) -> bool {
        let bounds = &program.model.counters[id.index()];
        let counter = &mut self.world.counters[id.index()];
        let value = counter.saturating_add(n).clamp(bounds.low, bounds.high);
        if value == *counter {
            return false;
        }
        *counter = value;
        self.dirty |= bit::counter(id.index());
        true
    }

    /// Pushes a gauge, clamped at its bounds.
    pub(crate) fn push(&mut self, program: &Program, id: GaugeId, by: Value) -> bool {
        let gauge = &program.model.gauges[id.index()];
        let now = self.world.gauge(&program.model, id);
        let value = (now + by.of(&self.inputs)).clamp(gauge.low, gauge.high);
        let state = &mut self.world.gauges[id.index()];
        state.value = value;
        state.at = self.world.now;
        self.dirty |= bit::gauge(id.index());
        !math::same(value, now)
    }

    fn membership(
        &mut self,
        program: &Program,
        actor: Option<ActorId>,
        id: CoalitionId,
        join: bool,
    ) -> bool {
        let Some(actor) = actor else { return false };
        let members = &program.model.coalitions[id.index()].members;
        let Some(k) = members.iter().position(|(m, _)| *m == actor) else { return false };
        let state = &mut self.world.coalitions[id.index()];
        if (state.inside >> k & 1 == 1) == join {
            return false;
        }
        state.inside ^= 1 << k;
        self.dirty |= bit::COALITION;
        self.note(|| Entry::Joined(actor, id, join));
        true
    }
}
