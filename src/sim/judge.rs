//! Conditions judged: the one match over the closed list, and when time alone may change the answer.

use super::contract::Cause;
use super::program::Program;
use super::world::World;
use crate::math;
use crate::model::condition::{ActFilter, Condition, Number};
use crate::model::ids::ActorId;
use crate::model::observe::SeriesKind;
use crate::model::path::Act;
use crate::units::Tick;

/// For whom a condition is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Judge {
    /// The actor at hand.
    pub actor: Option<ActorId>,
    /// Its type, real or hypothetical.
    pub own_type: Option<u8>,
    /// The occasion at hand.
    pub cause: Option<Cause>,
}

impl Judge {
    /// Nobody in particular: regimes, clocks, metrics.
    pub const PUBLIC: Judge = Judge { actor: None, own_type: None, cause: None };

    /// For an actor, outside an occasion.
    #[must_use]
    pub fn of(actor: ActorId) -> Judge {
        Judge { actor: Some(actor), ..Judge::PUBLIC }
    }
}

/// All that a condition is judged by.
struct Bench<'a> {
    program: &'a Program,
    world: &'a World,
    inputs: &'a [f64],
    judge: &'a Judge,
}

/// Whether a condition holds now.
#[inline]
#[must_use]
pub fn holds(
    program: &Program,
    world: &World,
    inputs: &[f64],
    judge: Judge,
    condition: &Condition,
) -> bool {
    match at_a_glance(world, condition) {
        Some(answer) => answer,
        None => judged(&Bench { program, world, inputs, judge: &judge }, condition),
    }
}

/// The answer of conditions that are a comparison or two. Most are, and they do not pay for the frame
/// of the whole match.
#[inline(always)]
fn at_a_glance(world: &World, condition: &Condition) -> Option<bool> {
    match condition {
        Condition::Always => Some(true),
        Condition::Counter(id, n) => Some(world.counters[id.index()] >= *n),
        Condition::Is(ids, set) => Some(ids.iter().any(|m| world.measure(*m).status().meets(*set))),
        Condition::Sum(parts, n) => {
            Some(parts.iter().map(|(id, k)| k * world.counters[id.index()]).sum::<i32>() >= *n)
        }
        Condition::Not(part) => match &**part {
            Condition::Counter(id, n) => Some(world.counters[id.index()] < *n),
            _ => None,
        },
        _ => None,
    }
}

/// A part of a condition.
#[inline]
fn part_holds(bench: &Bench<'_>, part: &Condition) -> bool {
    match at_a_glance(bench.world, part) {
        Some(answer) => answer,
        None => judged(bench, part),
    }
}

fn judged(bench: &Bench<'_>, condition: &Condition) -> bool {
    let Bench { program, world, inputs, judge } = *bench;
    match condition {
        Condition::Always => true,
        Condition::All(parts) => parts.iter().all(|p| part_holds(bench, p)),
        Condition::Any(parts) => parts.iter().any(|p| part_holds(bench, p)),
        Condition::Not(part) => !part_holds(bench, part),
        Condition::Is(..) | Condition::Counter(..) | Condition::Sum(..) => {
            at_a_glance(world, condition) == Some(true)
        }
        Condition::Level(ids, level) => ids.iter().any(|m| world.measure(*m).in_force() == *level),
        Condition::LevelAtLeast(ids, level) => {
            ids.iter().any(|m| world.measure(*m).in_force() >= (*level).max(1))
        }
        Condition::Above(number, bound) => {
            value(program, world, inputs, *number) > bound.of(inputs)
        }
        Condition::Below(number, bound) => {
            value(program, world, inputs, *number) < bound.of(inputs)
        }
        Condition::Channel(id, bits) => {
            let state = channel(program, world, inputs, id.index());
            bits >> state & 1 == 1
        }
        Condition::Meeting(id, bits) => world.meetings[id.index()].status & bits != 0,
        Condition::InDeal(between) => world.in_deal(&program.model, *between),
        Condition::Truce(id) => world.truces[id.index()].alive,
        Condition::Member(id) => judge.actor.is_some_and(|actor| {
            let members = &program.model.coalitions[id.index()].members;
            let inside = world.coalitions[id.index()].inside;
            members.iter().position(|(m, _)| *m == actor).is_some_and(|k| inside >> k & 1 == 1)
        }),
        Condition::Asked(id) => judge.actor.is_some_and(|actor| {
            let state = &world.coalitions[id.index()];
            let members = &program.model.coalitions[id.index()].members;
            world.now <= state.asked_until
                && members
                    .iter()
                    .position(|(m, _)| *m == actor)
                    .is_some_and(|k| state.inside >> k & 1 == 0)
        }),
        Condition::Before(at) => world.now < *at,
        Condition::After(at, strict) => {
            if *strict {
                world.now > *at
            } else {
                world.now >= *at
            }
        }
        Condition::LaterThan(ids, span) => {
            let span = Tick::from_days(span.of(inputs));
            ids.iter().any(|m| {
                let state = world.measure(*m);
                state.suspended.is_none() && state.pending.is_some_and(|p| p.at - world.now > span)
            })
        }
        Condition::Since(ids, span) => {
            let span = Tick::from_days(span.of(inputs));
            ids.iter().any(|t| {
                let track = world.tracks[t.index()];
                track.count > 0 && world.now - track.last <= span
            })
        }
        Condition::Happened(ids) => ids.iter().any(|t| world.tracks[t.index()].count > 0),
        Condition::Count { of, at_least, within } => {
            let since = within
                .map_or(Tick::BEFORE_ALL, |span| world.now - Tick::from_days(span.of(inputs)));
            let recent = world.acts.iter().rev().take_while(|act| act.at >= since);
            recent.filter(|act| counts(of, act)).take(usize::from(*at_least)).count()
                == usize::from(*at_least)
        }
        Condition::StockedOut(stock) => match stock {
            Some(id) => world.stocks[id.index()].out,
            None => world.stocks.iter().any(|s| s.out),
        },
        Condition::OwnStockBelow(bound) => judge.actor.is_some_and(|actor| {
            let bound = bound.of(inputs);
            program.wiring.stock_users[actor.index()].iter().any(|&s| {
                let id = crate::model::ids::StockId::at(s);
                world.stock_level(&program.model, inputs, id) < bound
            })
        }),
        Condition::Regime(id, or_worse) => {
            if *or_worse {
                world.regime <= id.0
            } else {
                world.regime == id.0
            }
        }
        Condition::EveOf(eves) => match judge.cause {
            Some(Cause::Eve(eve) | Cause::AfterEve(eve)) => eves.contains(&eve),
            _ => false,
        },
        Condition::AtMeeting(id) => judge.cause == Some(Cause::Meeting(*id)),
        Condition::ActBy(by, weight) => match judge.cause {
            Some(Cause::React(actor, act)) => by.is_none_or(|by| by == actor) && act >= *weight,
            _ => false,
        },
        Condition::OwnType(position) => judge.own_type == Some(*position),
    }
}

/// State of a channel with its `closes` condition applied.
#[must_use]
pub fn channel(program: &Program, world: &World, inputs: &[f64], id: usize) -> u8 {
    let closed = program.model.channels[id]
        .closes
        .as_ref()
        .is_some_and(|c| holds(program, world, inputs, Judge::PUBLIC, c));
    if closed { 2 } else { world.channels[id] }
}

fn counts(of: &ActFilter, act: &Act) -> bool {
    match of {
        ActFilter::Move(id) => act.by_move == Some(*id),
        ActFilter::By(actor, sign) => {
            act.by == *actor
                && act.by_move.is_some()
                && sign.is_none_or(|up| if up { act.weight > 0.0 } else { act.weight < 0.0 })
        }
    }
}

/// The value of a number now.
#[must_use]
pub fn value(program: &Program, world: &World, inputs: &[f64], number: Number) -> f64 {
    let model = &program.model;
    match number {
        Number::Gauge(id) => world.gauge(model, id),
        Number::Stock(id) => world.stock_level(model, inputs, id),
        Number::Coalition(id) => world.coalition_size(model, inputs, id),
        Number::Series(id) => match &model.series[id.index()].kind {
            SeriesKind::Gauge(gauge) => world.gauge(model, *gauge),
            SeriesKind::Stock(stock) => world.stock_level(model, inputs, *stock),
            _ => world.series[id.index()],
        },
        Number::Counter(id) => f64::from(world.counters[id.index()]),
        Number::Belief(actor, position) => world.belief(actor, position),
    }
}

/// The earliest moment after now at which time alone may change a condition.
#[must_use]
pub fn next_change(
    program: &Program,
    world: &World,
    inputs: &[f64],
    condition: &Condition,
) -> Tick {
    let now = world.now;
    let later = |at: Tick| if at > now { at } else { Tick::NEVER };
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts
            .iter()
            .map(|p| next_change(program, world, inputs, p))
            .min()
            .unwrap_or(Tick::NEVER),
        Condition::Not(part) => next_change(program, world, inputs, part),
        Condition::Before(at) => later(*at),
        Condition::After(at, strict) => later(if *strict { *at + Tick(1) } else { *at }),
        Condition::LaterThan(ids, span) => {
            let span = Tick::from_days(span.of(inputs));
            let dates = ids.iter().filter_map(|m| world.measure(*m).pending);
            dates.map(|p| later(p.at - span)).min().unwrap_or(Tick::NEVER)
        }
        Condition::Since(ids, span) => {
            let span = Tick::from_days(span.of(inputs));
            let tracks = ids.iter().map(|t| world.tracks[t.index()]).filter(|t| t.count > 0);
            tracks.map(|t| later(t.last + span + Tick(1))).min().unwrap_or(Tick::NEVER)
        }
        Condition::Asked(id) => {
            let until = world.coalitions[id.index()].asked_until;
            if until == Tick::BEFORE_ALL { Tick::NEVER } else { later(until + Tick(1)) }
        }
        Condition::Count { of, within: Some(span), .. } => {
            let span = Tick::from_days(span.of(inputs));
            let counted = world.acts.iter().filter(|act| counts(of, act));
            counted.map(|act| later(act.at + span + Tick(1))).min().unwrap_or(Tick::NEVER)
        }
        Condition::Above(number, bound) | Condition::Below(number, bound) => {
            crossing(program, world, inputs, *number, bound.of(inputs))
        }
        Condition::OwnStockBelow(bound) => {
            let bound = bound.of(inputs);
            (0..world.stocks.len())
                .map(|s| {
                    let id = crate::model::ids::StockId::at(s);
                    crossing(program, world, inputs, Number::Stock(id), bound)
                })
                .min()
                .unwrap_or(Tick::NEVER)
        }
        _ => Tick::NEVER,
    }
}

/// When a fading gauge or a draining stock reaches a bound, rounded up to the next minute.
fn crossing(program: &Program, world: &World, inputs: &[f64], number: Number, bound: f64) -> Tick {
    let up = |days: f64| {
        let minutes = Tick::from_days(days);
        world.now + if minutes.days() <= days { minutes + Tick(1) } else { minutes }
    };
    let number = match number {
        Number::Series(id) => match &program.model.series[id.index()].kind {
            SeriesKind::Gauge(gauge) => Number::Gauge(*gauge),
            SeriesKind::Stock(stock) => Number::Stock(*stock),
            _ => return Tick::NEVER,
        },
        other => other,
    };
    match number {
        Number::Gauge(id) => {
            let gauge = &program.model.gauges[id.index()];
            if !gauge.half_life.is_finite() {
                return Tick::NEVER;
            }
            let value = world.gauge(&program.model, id);
            let left = (bound - gauge.rest) / (value - gauge.rest);
            // Reached only on the way from the value to its rest.
            if left > 0.0 && left < 1.0 {
                up(-gauge.half_life * math::ln(left) / std::f64::consts::LN_2)
            } else {
                Tick::NEVER
            }
        }
        Number::Stock(id) => {
            let value = world.stock_level(&program.model, inputs, id);
            let state = &world.stocks[id.index()];
            let thrift = program.model.stocks[id.index()].thrift.of(inputs);
            let slope = state.inflow - crate::economy::stock::use_rate(value, thrift);
            let days = (bound - value) / slope;
            if slope != 0.0 && days > 0.0 && days.is_finite() { up(days) } else { Tick::NEVER }
        }
        _ => Tick::NEVER,
    }
}
