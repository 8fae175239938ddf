//! Scripted: a dated plan, and hold at all other times.
//!
//! On the day of a step P(m) = 1 for the first legal move m of the step that was not yet made since
//! the step's moment. A move that is illegal at its turn is passed over; if no move of the step is
//! left that is legal, the actor holds, and the illegal share counts.
//!
//! A plan needs occasions at its dates: the scenario takes them from [`Rule::steps`].

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::ids::{ActorId, MoveId};
use crate::model::lookup::Lookup;
use crate::sim::contract::{Choice, Occasion, Rule};
use crate::sim::scratch::Scratch;
use crate::syntax::{Items, Name, OneOrMany, When};
use crate::units::{MINUTES_PER_DAY, Tick};
use serde::Deserialize;
use std::sync::Arc;

/// A dated plan as written: its steps.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct ScriptedSpec(Items<StepSpec>);

/// A step as written: `(on: "2025-10-31", do: ["enact"])`.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct StepSpec {
    /// When.
    on: When,
    /// Moves in order.
    #[serde(rename = "do")]
    moves: OneOrMany<Name>,
}

/// A compiled plan.
#[derive(Debug, Clone, PartialEq)]
struct Scripted {
    /// Moment and moves, by moment. A written move of several actors is all of its rows.
    steps: Vec<(Tick, Vec<MoveId>)>,
}

impl ScriptedSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "A dated plan: the named moves on their days, hold otherwise.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Scripted([(on: \"2025-10-31\", do: [\"enact\"])])";

    /// Compiles it. Dates outside the run are E025, a step without moves E027.
    pub(super) fn build(
        &self,
        _span: Span,
        lookup: &mut Lookup,
        _users: &[ActorId],
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Rule>> {
        let mut steps: Vec<(Tick, Vec<MoveId>)> = Vec::with_capacity(self.0.0.len());
        let mut whole = true;
        for step in &self.0 {
            let on = lookup.dated(&step.on, step.span, out);
            let rows: Vec<_> = step.moves.iter().map(|m| lookup.move_rows_of(m, out)).collect();
            whole &= rows.iter().all(Option::is_some);
            let moves: Vec<MoveId> = rows.into_iter().flatten().flatten().collect();
            if step.moves.0.is_empty() {
                out.push(
                    Diagnostic::error("E027", "the step does nothing")
                        .at(step.span)
                        .help("name its moves, or leave the step out: hold is the default"),
                );
                whole = false;
            }
            steps.push((on, moves));
        }
        steps.sort_by_key(|(on, _)| *on);
        whole.then(|| Arc::new(Scripted { steps }) as Arc<dyn Rule>)
    }
}

impl Scripted {
    fn choose(
        &self,
        now: Tick,
        menu: &[MoveId],
        made: impl Fn(MoveId) -> Tick,
        own: impl Fn(MoveId) -> bool,
        out: &mut Choice,
    ) {
        out.hold(menu.len());
        let today = |on: Tick| on <= now && now - on < Tick(MINUTES_PER_DAY);
        let mut illegal = false;
        for (on, moves) in self.steps.iter().filter(|(on, _)| today(*on)) {
            for &m in moves.iter().filter(|m| own(**m) && made(**m) < *on) {
                if let Some(at) = menu.iter().position(|legal| *legal == m) {
                    out.probabilities[0] = 0.0;
                    out.probabilities[at + 1] = 1.0;
                    return;
                }
                illegal = true;
            }
        }
        if illegal {
            out.illegal = 1.0;
        }
    }
}

impl Rule for Scripted {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        _as_type: u8,
        _scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        let made = |m: MoveId| at.world.last_move[m.index()];
        let own = |m: MoveId| at.program.model.action(m).by == at.actor;
        self.choose(at.world.now, at.menu, made, own, out);
    }

    fn kind(&self) -> &'static str {
        "scripted"
    }

    fn steps(&self) -> &[(Tick, Vec<MoveId>)] {
        &self.steps
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_step_makes_its_moves_one_after_the_other_on_its_day() {
        let plan = Scripted {
            steps: vec![
                (Tick(1440), vec![MoveId(0), MoveId(1)]),
                (Tick(4320), vec![MoveId(2), MoveId(3)]),
            ],
        };
        let at = |now: i64, menu: &[u16], last: [i64; 4]| {
            let menu: Vec<MoveId> = menu.iter().map(|m| MoveId(*m)).collect();
            let mut out = Choice::default();
            let made = |m: MoveId| Tick(last[m.index()]);
            plan.choose(Tick(now), &menu, made, |m| m != MoveId(3), &mut out);
            (out.probabilities, out.illegal)
        };
        let never = [i64::MIN; 4];
        assert_eq!(at(1439, &[0, 1], never), (vec![1.0, 0.0, 0.0], 0.0));
        assert_eq!(at(1440, &[0, 1], never), (vec![0.0, 1.0, 0.0], 0.0));
        assert_eq!(at(1440, &[0, 1], [1440, i64::MIN, 0, 0]), (vec![0.0, 0.0, 1.0], 0.0));
        assert_eq!(at(1500, &[0, 1], [1440, 1440, 0, 0]), (vec![1.0, 0.0, 0.0], 0.0));
        // Passed over where illegal, and counted where nothing else is left.
        assert_eq!(at(1440, &[1], never), (vec![0.0, 1.0], 0.0));
        assert_eq!(at(4320, &[0], never), (vec![1.0, 0.0], 1.0));
        // Another actor's row of a shared plan is no illegal move.
        assert_eq!(at(4320, &[0], [0, 0, 4320, i64::MIN]), (vec![1.0, 0.0], 0.0));
        // The day is over.
        assert_eq!(at(2880, &[0, 1], never), (vec![1.0, 0.0, 0.0], 0.0));
    }
}
