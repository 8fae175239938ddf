//! How actors decide: one file for each kind of decision rule.
//!
//! A rule gives a distribution over the legal menu for a hypothetical type; the kernel makes the one
//! draw. The same distribution serves the beliefs of the others: it is the likelihood of each act.
//! A rule has no memory of its own: what it answers is read off the public record of the trial.

pub mod lookahead;
pub mod random;
pub mod reciprocity;
pub mod scripted;
pub mod table;
#[cfg(test)]
mod tests;

use crate::model::ids::{ActorId, MoveId};
use crate::model::lookup::Lookup;
use crate::registry::registry;
use crate::sim::contract::{Choice, Rule};
use std::sync::Arc;

registry! {
    /// A decision rule as `rules` defines it: `Table([..])`, `Reciprocity(..)`.
    RuleSpec, RuleKind: "rule";
    fn build(&self, lookup: &mut Lookup, users: &[ActorId]) -> Option<Arc<dyn Rule>>;
    kinds {
        Table(table::TableSpec),
        Reciprocity(reciprocity::ReciprocitySpec),
        Scripted(scripted::ScriptedSpec),
        LookAhead(lookahead::LookAheadSpec),
    }
    bare {
        Random(random::RandomSpec),
    }
    later {
        LevelK: "use a LookAhead, Table or Reciprocity rule",
        Equilibrium: "use a LookAhead, Table or Reciprocity rule",
    }
}

/// Position in the menu of the first of these rows that is legal. A written move of several actors
/// has one row for each; only the decider's own can be on its menu.
fn on_menu(rows: &[MoveId], menu: &[MoveId]) -> Option<usize> {
    menu.iter().position(|m| rows.contains(m))
}

/// Gives holding what the moves leave of 1.
fn rest_holds(out: &mut Choice) {
    let moves: f64 = out.probabilities[1..].iter().sum();
    out.probabilities[0] = (1.0 - moves).max(0.0);
}
