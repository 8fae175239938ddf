//! Random: chance among the legal moves.
//!
//! P(hold) = `hold`, and P(move) = (1 - hold) × weight / sum of the weights of legal moves. Without
//! `hold` holding is one more option of weight 1. A move without a weight of its own has weight 1.

use super::on_menu;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::ids::{ActorId, MoveId};
use crate::model::lookup::{Dim, Lookup};
use crate::model::value::Value;
use crate::sim::contract::{Choice, Occasion, Rule};
use crate::sim::scratch::Scratch;
use crate::syntax::{Entries, Num};
use serde::Deserialize;
use std::sync::Arc;

/// A random rule as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomSpec {
    /// Probability of holding.
    #[serde(default)]
    hold: Option<Num>,
    /// Weights by move.
    #[serde(default)]
    weights: Entries<Num>,
}

/// A compiled random rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Random {
    hold: Option<Value>,
    weights: Box<[(Box<[MoveId]>, Value)]>,
}

impl RandomSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Chance among the legal moves, by weights.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Random(hold: 0.7, weights: {\"enact\": 2})";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        lookup: &mut Lookup,
        _users: &[ActorId],
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Rule>> {
        let hold = match &self.hold {
            Some(num) => Some(lookup.number(num, Dim::Share, out)?),
            None => None,
        };
        let mut weights = Vec::with_capacity(self.weights.0.len());
        let mut whole = true;
        for (name, num) in &self.weights {
            if name.value == "hold" && !lookup.move_rows.contains_key("hold") {
                out.push(
                    Diagnostic::error("E022", "`hold` is a probability, not a weight")
                        .at(name.span)
                        .help("write Random(hold: 0.7)"),
                );
                whole = false;
                continue;
            }
            let weight = lookup.number(num, Dim::NotNegative, out);
            match (lookup.move_rows_of(name, out), weight) {
                (Some(rows), Some(weight)) => weights.push((rows.into_boxed_slice(), weight)),
                _ => whole = false,
            }
        }
        whole.then(|| Arc::new(Random { hold, weights: weights.into() }) as Arc<dyn Rule>)
    }
}

impl Random {
    /// Holding and every legal move equally likely: what probe trials decide by.
    #[must_use]
    pub fn uniform() -> Random {
        Random::default()
    }

    fn choose(&self, menu: &[MoveId], inputs: &[f64], out: &mut Choice) {
        out.hold(menu.len());
        for p in &mut out.probabilities[1..] {
            *p = 1.0;
        }
        for (rows, weight) in &self.weights {
            if let Some(at) = on_menu(rows, menu) {
                out.probabilities[at + 1] = weight.of(inputs).max(0.0);
            }
        }
        let total: f64 = out.probabilities[1..].iter().sum();
        let hold = match self.hold {
            Some(hold) => hold.of(inputs).clamp(0.0, 1.0),
            None => 1.0 / (1.0 + total),
        };
        if total > 0.0 {
            for p in &mut out.probabilities[1..] {
                *p *= (1.0 - hold) / total;
            }
        }
        super::rest_holds(out);
    }
}

impl Rule for Random {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        _as_type: u8,
        _scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        self.choose(at.menu, at.inputs, out);
    }

    fn kind(&self) -> &'static str {
        "random"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    fn chances(rule: &Random, menu: &[u16]) -> Vec<f64> {
        let menu: Vec<MoveId> = menu.iter().map(|m| MoveId(*m)).collect();
        let mut out = Choice::default();
        rule.choose(&menu, &[], &mut out);
        assert!(close(out.probabilities.iter().sum(), 1.0, 1e-12));
        out.probabilities
    }

    #[test]
    fn uniform_is_over_hold_and_the_menu() {
        assert_eq!(chances(&Random::uniform(), &[3, 5, 8]), [0.25; 4]);
        assert_eq!(chances(&Random::uniform(), &[]), [1.0]);
    }

    #[test]
    fn weights_share_what_holding_leaves() {
        let rule = Random {
            hold: Some(Value::Const(0.5)),
            weights: Box::new([
                (Box::new([MoveId(1), MoveId(2)]), Value::Const(3.0)),
                (Box::new([MoveId(9)]), Value::Const(100.0)),
            ]),
        };
        assert_eq!(chances(&rule, &[0, 2]), [0.5, 0.125, 0.375]);
        assert_eq!(chances(&rule, &[]), [1.0]);
    }

    #[test]
    fn weights_of_zero_are_never_chosen() {
        let rule =
            Random { hold: None, weights: Box::new([(Box::new([MoveId(1)]), Value::Const(0.0))]) };
        assert_eq!(chances(&rule, &[1]), [1.0, 0.0]);
        assert_eq!(chances(&rule, &[0, 1]), [0.5, 0.5, 0.0]);
    }
}
