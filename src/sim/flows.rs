//! Which payoffs flow, and whose change may change a rate of flow.
//!
//! A flow is set anew only where a bit that it depends on was touched. Flows are still *counted* up to
//! each moment at which any of them may have changed, so that sums add up in the same order.

use super::program::{bit, deps, timed};
use crate::model::Model;
use crate::model::actor::TermKind;
use crate::model::ids::MeasureId;

/// A term of an actor's payoff that flows, and the bits whose change may change its rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) actor: u16,
    pub(crate) term: u16,
    pub(crate) deps: u64,
}

/// The terms that flow, with what each depends on.
#[allow(clippy::cast_possible_truncation, reason = "actors and terms are limited to u16")]
pub(crate) fn flows(model: &Model) -> Vec<Flow> {
    let measures = |ids: &[MeasureId]| ids.iter().fold(0, |bits, m| bits | bit::measure(m.index()));
    let simple = bit::MEASURES | bit::COALITION | bit::STOCK;
    let mut flows = Vec::new();
    for (a, actor) in model.actors.iter().enumerate() {
        for (k, term) in actor.terms.iter().enumerate() {
            let deps = match &term.kind {
                TermKind::Income | TermKind::Revenue => bit::MEASURES,
                TermKind::Leverage(ids) => measures(ids),
                TermKind::Supplier(ids, _) => measures(ids) | bit::COALITION,
                // Where the answer hangs on more than what is marked at its change, it is asked for
                // at each occasion.
                TermKind::LobbyWhile(condition)
                    if timed(condition, model) || deps(condition) & !simple != 0 =>
                {
                    u64::MAX
                }
                TermKind::LobbyWhile(condition) => match deps(condition) {
                    // Nothing changes it, but it is set once.
                    0 => 1 << 63,
                    bits => bits,
                },
                TermKind::LobbyStock(_) => bit::STOCK,
                TermKind::Coalition(_) => bit::COALITION,
                TermKind::Audience { .. }
                | TermKind::Unanswered { .. }
                | TermKind::Win(_)
                | TermKind::Stress(_) => continue,
            };
            flows.push(Flow { actor: a as u16, term: k as u16, deps });
        }
    }
    flows
}
