//! What parts of a model read: inputs of conditions and effects, measures and stocks of conditions.
//!
//! What deciders foresee is remembered by the state and the inputs it reads; leaving one out would
//! make a remembered number depend on which trial came first.

use super::Model;
use super::condition::{Condition, Number};
use super::effect::{Effect, Timing};
use super::ids::{ActorId, InputId, MeasureId, StockId};
use super::observe::SeriesKind;
use super::value::{Lag, Term, Value};

/// Inputs a number reads.
pub fn of_value(value: Value, visit: &mut dyn FnMut(InputId)) {
    if let Value::Input(id) = value {
        visit(id);
    }
}

/// Inputs a duration reads.
pub fn of_lag(model: &Model, lag: Lag, visit: &mut dyn FnMut(InputId)) {
    match lag {
        Lag::Days(value) => of_value(value, visit),
        Lag::Law(id) => model.laws[id.index()].recipe.inputs(&model.laws, visit),
    }
}

/// Inputs a term of effects and clauses reads.
pub fn of_term(model: &Model, term: Term, visit: &mut dyn FnMut(InputId)) {
    if let Term::Span(lag) = term {
        of_lag(model, lag, visit);
    }
}

/// Inputs the bounds and spans of a condition read.
pub fn of_condition(condition: &Condition, visit: &mut dyn FnMut(InputId)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|p| of_condition(p, visit));
        }
        Condition::Not(part) => of_condition(part, visit),
        Condition::Above(_, bound)
        | Condition::Below(_, bound)
        | Condition::LaterThan(_, bound)
        | Condition::Since(_, bound)
        | Condition::OwnStockBelow(bound) => of_value(*bound, visit),
        Condition::Count { within: Some(span), .. } => of_value(*span, visit),
        _ => {}
    }
}

/// Inputs that effects read, those inside them included.
pub fn of_effects(model: &Model, effects: &[Effect], visit: &mut dyn FnMut(InputId)) {
    for effect in effects {
        match effect {
            Effect::Announce { timing: Timing::Lead(lag), .. }
            | Effect::Reschedule(_, lag)
            | Effect::Strike(_, lag)
            | Effect::Call(_, lag)
            | Effect::MoveMeeting(_, lag)
            | Effect::Extend(_, lag)
            | Effect::Ask(_, lag) => of_lag(model, *lag, visit),
            Effect::Postpone(_, term)
            | Effect::Suspend(_, term)
            | Effect::KeepSuspended(_, term) => of_term(model, *term, visit),
            Effect::Push(_, value) | Effect::Commit(_, value) => of_value(*value, visit),
            Effect::Chance { p, then, otherwise, .. } => {
                of_value(*p, visit);
                of_effects(model, then, visit);
                of_effects(model, otherwise, visit);
            }
            Effect::If { condition, then, otherwise } => {
                of_condition(condition, visit);
                of_effects(model, then, visit);
                of_effects(model, otherwise, visit);
            }
            _ => {}
        }
    }
}

/// Conditions inside effects.
pub fn conditions_in<'a>(effects: &'a [Effect], visit: &mut dyn FnMut(&'a Condition)) {
    for effect in effects {
        match effect {
            Effect::Chance { then, otherwise, .. } => {
                conditions_in(then, visit);
                conditions_in(otherwise, visit);
            }
            Effect::If { condition, then, otherwise } => {
                visit(condition);
                conditions_in(then, visit);
                conditions_in(otherwise, visit);
            }
            _ => {}
        }
    }
}

/// Measures whose state a condition asks about.
pub fn measures_in(condition: &Condition, visit: &mut dyn FnMut(MeasureId)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|p| measures_in(p, visit));
        }
        Condition::Not(part) => measures_in(part, visit),
        Condition::Is(ids, _)
        | Condition::Level(ids, _)
        | Condition::LevelAtLeast(ids, _)
        | Condition::LaterThan(ids, _) => ids.iter().for_each(|m| visit(*m)),
        _ => {}
    }
}

/// Stocks that a condition asks about, on behalf of an actor.
pub fn stocks_in(
    model: &Model,
    actor: Option<ActorId>,
    condition: &Condition,
    visit: &mut dyn FnMut(StockId),
) {
    let all = |visit: &mut dyn FnMut(StockId)| {
        (0..model.stocks.len()).for_each(|k| visit(StockId::at(k)));
    };
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|p| stocks_in(model, actor, p, visit));
        }
        Condition::Not(part) => stocks_in(model, actor, part, visit),
        Condition::StockedOut(Some(id)) => visit(*id),
        Condition::StockedOut(None) => all(visit),
        Condition::OwnStockBelow(_) => {
            for (k, stock) in model.stocks.iter().enumerate() {
                if actor.is_none_or(|a| a == stock.user) {
                    visit(StockId::at(k));
                }
            }
        }
        Condition::Above(number, _) | Condition::Below(number, _) => match number {
            Number::Stock(id) => visit(*id),
            Number::Series(id) => match &model.series[id.index()].kind {
                SeriesKind::Stock(id)
                | SeriesKind::LostOutput(Some(id))
                | SeriesKind::HultenOutput(Some(id)) => visit(*id),
                SeriesKind::LostOutput(None) | SeriesKind::HultenOutput(None) => all(visit),
                _ => {}
            },
            _ => {}
        },
        _ => {}
    }
}
