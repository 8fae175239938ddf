//! Conditions that can never hold.
//!
//! A condition is judged from what it says alone: two demands on one measure that no state meets, dates
//! that exclude each other, bounds that a counter or gauge cannot reach. What depends on the course of
//! events is left to the probe trials.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::model::condition::{Condition, Number, StatusSet};
use crate::model::ids::MeasureId;
use crate::model::value::Value;
use crate::scenario::compile::Compiled;
use crate::units::Tick;
use std::collections::BTreeMap;

/// E026 for every condition of the file that can never hold.
pub(in crate::scenario) fn contradictions(compiled: &Compiled, out: &mut Diagnostics) {
    let (model, lookup) = (&compiled.model, &compiled.lookup);
    let members = lookup.facts.iter().flat_map(|facts| &facts.members);
    let measures = members.map(|id| id.index() + 1).max().unwrap_or(0);
    // Where an element was left out for a mistake of its own, ids no longer tell what is meant.
    if model.measures.len() != measures || model.gauges.len() != lookup.gauges.len() {
        return;
    }
    for guard in &compiled.guards {
        if let Some(why) = never(&guard.condition, model) {
            out.push(
                Diagnostic::error(
                    "E026",
                    format!("the condition of {} can never hold", guard.what),
                )
                .at(guard.span)
                .label(why)
                .help("loosen one of its parts, or remove the element"),
            );
        }
    }
}

/// Why a condition can never hold, if that can be told.
fn never(condition: &Condition, model: &Model) -> Option<String> {
    match condition {
        Condition::Any(parts) => {
            let mut reasons = parts.iter().map(|part| never(part, model));
            if parts.is_empty() {
                return Some("`Any` of nothing".to_owned());
            }
            let first = reasons.next()??;
            reasons.all(|reason| reason.is_some()).then_some(first)
        }
        other => {
            let mut facts = Facts::default();
            gather(other, true, &mut facts);
            facts.conflict(model)
        }
    }
}

/// Whether a condition always holds, if that can be told.
fn always(condition: &Condition) -> bool {
    match condition {
        Condition::Always => true,
        Condition::All(parts) => parts.iter().all(always),
        Condition::Any(parts) => parts.iter().any(always),
        _ => false,
    }
}

/// The parts of a conjunction: each condition with whether it must hold or must not.
#[derive(Default)]
struct Facts<'a> {
    all: Vec<(&'a Condition, bool)>,
}

/// Takes a conjunction apart.
fn gather<'a>(condition: &'a Condition, holds: bool, facts: &mut Facts<'a>) {
    match (condition, holds) {
        (Condition::All(parts), true) | (Condition::Any(parts), false) => {
            for part in parts {
                gather(part, holds, facts);
            }
        }
        (Condition::Not(part), _) => gather(part, !holds, facts),
        _ => facts.all.push((condition, holds)),
    }
}

/// The states a measure can be in: idle, pending, in force, in force with a change pending, suspended.
const STATES: [StatusSet; 5] = [
    StatusSet::IDLE,
    StatusSet::PENDING,
    StatusSet::IN_FORCE,
    StatusSet(StatusSet::IN_FORCE.0 | StatusSet::PENDING.0),
    StatusSet::SUSPENDED,
];

impl Facts<'_> {
    /// Two facts that exclude each other, or one that is impossible by itself.
    fn conflict(&self, model: &Model) -> Option<String> {
        self.impossible(model)
            .or_else(|| self.opposites())
            .or_else(|| self.measures(model))
            .or_else(|| self.dates())
            .or_else(|| self.numbers())
            .or_else(|| self.words())
    }

    fn impossible(&self, model: &Model) -> Option<String> {
        for (condition, holds) in &self.all {
            if !holds {
                if always(condition) {
                    return Some("the opposite of what always holds".to_owned());
                }
                if let Condition::Counter(id, n) = condition
                    && model.counters.get(id.index()).is_some_and(|c| *n <= c.low)
                {
                    return Some(format!("the counter is never below {n}"));
                }
                continue;
            }
            let why = match condition {
                Condition::Any(_) => never(condition, model),
                Condition::Before(at) if *at <= Tick::ZERO => {
                    Some("that date is over when the run starts".to_owned())
                }
                Condition::After(at, strict)
                    if *at > model.horizon || (*strict && *at == model.horizon) =>
                {
                    Some("the run ends before that date".to_owned())
                }
                Condition::Counter(id, n) => {
                    let high = model.counters.get(id.index()).map_or(i32::MAX, |c| c.high);
                    (*n > high).then(|| format!("the counter reaches {high} at most"))
                }
                Condition::Sum(parts, n) => {
                    let most: i64 = parts
                        .iter()
                        .filter_map(|(id, k)| {
                            let counter = model.counters.get(id.index())?;
                            let (low, high) = (i64::from(counter.low), i64::from(counter.high));
                            let k = i64::from(*k);
                            Some((k * low).max(k * high))
                        })
                        .sum();
                    (i64::from(*n) > most).then(|| format!("the sum reaches {most} at most"))
                }
                Condition::Above(number, Value::Const(x)) => bounds(number, model)
                    .filter(|(_, high)| x >= high)
                    .map(|(_, high)| format!("it reaches {high} at most")),
                Condition::Below(number, Value::Const(x)) => bounds(number, model)
                    .filter(|(low, _)| x <= low)
                    .map(|(low, _)| format!("it is never below {low}")),
                _ => None,
            };
            if why.is_some() {
                return why;
            }
        }
        None
    }

    fn opposites(&self) -> Option<String> {
        for (k, (a, holds)) in self.all.iter().enumerate() {
            if self.all[..k].iter().any(|(b, other)| a == b && holds != other) {
                return Some("asks for something and for its opposite".to_owned());
            }
        }
        None
    }

    /// Demands on the state and level of one measure.
    fn measures(&self, model: &Model) -> Option<String> {
        let mut demands: BTreeMap<MeasureId, Vec<(&Condition, bool)>> = BTreeMap::new();
        for (condition, holds) in &self.all {
            // A condition on a measure with steps holds if any step meets it, so only single ones bind.
            if let Condition::Is(ids, _)
            | Condition::Level(ids, _)
            | Condition::LevelAtLeast(ids, _) = condition
                && let [id] = ids.as_ref()
            {
                demands.entry(*id).or_default().push((condition, *holds));
            }
        }
        for (id, demands) in demands {
            let Some(measure) = model.measures.get(id.index()) else { continue };
            let levels = u8::try_from(measure.levels.len()).unwrap_or(u8::MAX);
            let met = |state: StatusSet, level: u8| {
                demands.iter().all(|(condition, holds)| {
                    let true_now = match condition {
                        Condition::Is(_, set) => state.meets(*set),
                        Condition::Level(_, wanted) => level == *wanted,
                        Condition::LevelAtLeast(_, wanted) => level >= *wanted,
                        _ => true,
                    };
                    true_now == *holds
                })
            };
            let possible = STATES.iter().any(|state| {
                if state.meets(StatusSet::IN_FORCE) {
                    (1..=levels).any(|level| met(*state, level))
                } else {
                    met(*state, 0)
                }
            });
            if !possible {
                return Some(format!("no state of `{}` meets all of this", measure.name));
            }
        }
        None
    }

    fn dates(&self) -> Option<String> {
        let mut latest = Tick::NEVER;
        let mut earliest = Tick::BEFORE_ALL;
        for (condition, holds) in &self.all {
            match (condition, holds) {
                (Condition::Before(at), true) => latest = latest.min(*at),
                (Condition::Before(at), false) => earliest = earliest.max(*at),
                (Condition::After(at, _), true) => earliest = earliest.max(*at),
                (Condition::After(at, _), false) => latest = latest.min(*at + Tick(1)),
                _ => {}
            }
        }
        (earliest >= latest).then(|| "the dates exclude each other".to_owned())
    }

    /// Bounds on one counter or number.
    fn numbers(&self) -> Option<String> {
        let plain = self.all.iter().filter(|(_, holds)| *holds);
        for (condition, _) in plain {
            let Condition::Above(number, Value::Const(low)) = condition else { continue };
            for (other, holds) in &self.all {
                if let (Condition::Below(same, Value::Const(high)), true) = (other, *holds)
                    && same == number
                    && high <= low
                {
                    return Some(format!("above {low} and below {high}"));
                }
            }
        }
        for (condition, holds) in &self.all {
            let (Condition::Counter(id, least), true) = (condition, holds) else { continue };
            for (other, holds) in &self.all {
                if let (Condition::Counter(same, below), false) = (other, *holds)
                    && same == id
                    && below <= least
                {
                    return Some(format!("at least {least} and below {below}"));
                }
            }
        }
        None
    }

    /// States of one channel or meeting, and regimes.
    fn words(&self) -> Option<String> {
        let mut channels = BTreeMap::new();
        let mut meetings = BTreeMap::new();
        for (condition, holds) in &self.all {
            let flip = |bits: u8, full: u8| if *holds { bits } else { full & !bits };
            match condition {
                Condition::Channel(id, bits) => {
                    *channels.entry(*id).or_insert(7_u8) &= flip(*bits, 7);
                }
                Condition::Meeting(id, bits) => {
                    *meetings.entry(*id).or_insert(15_u8) &= flip(*bits, 15);
                }
                _ => {}
            }
        }
        let none = |bits: &u8| *bits == 0;
        (channels.values().any(none) || meetings.values().any(none))
            .then(|| "no state meets all of this".to_owned())
    }
}

/// Bounds of a number that has them.
fn bounds(number: &Number, model: &Model) -> Option<(f64, f64)> {
    Some(match number {
        Number::Gauge(id) => {
            let gauge = model.gauges.get(id.index())?;
            (gauge.low, gauge.high)
        }
        Number::Counter(id) => {
            let counter = model.counters.get(id.index())?;
            (f64::from(counter.low), f64::from(counter.high))
        }
        Number::Coalition(_) | Number::Belief(..) => (0.0, 1.0),
        Number::Stock(_) => (0.0, f64::INFINITY),
        Number::Series(_) => return None,
    })
}
