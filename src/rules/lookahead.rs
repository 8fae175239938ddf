//! Look-ahead: logit over what each move is worth some moves ahead.
//!
//! P(hold) is proportional to exp(precision × score), P(move) to habit × exp(precision × score) (logit;
//! `McKelvey` and Palfrey 1998 for trees; with a habit, Matejka and `McKay` 2015), where the score is the payoff, as the type in question, of a tree of `moves` moves: mine, the other
//! side's answer, my next. The other side is of level 1 (`opponent: Level(1)`): it answers by logit
//! against a world in which nobody moves again. Within `horizon` events are followed; after it states
//! are frozen and flows count to `until` + `tail`.
//!
//! `habit` is the weight of a move against holding where both are worth the same: 1 is the plain logit.
//! An actor that decides often, among many moves of no consequence, would else stumble into costly ones
//! by the mere number of occasions. Details: `sim::foresight`, `sim::outlook`.

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::math;
use crate::model::ids::ActorId;
use crate::model::lookup::{Dim, Lookup};
use crate::model::value::Value;
use crate::sim::contract::{Choice, Occasion, Rule};
use crate::sim::foresight::{Gaze, scores};
use crate::sim::scratch::Scratch;
use crate::syntax::{Name, Num, Spanned};
use serde::Deserialize;
use std::sync::Arc;

/// What the other side is taken to be, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub enum Opponent {
    /// Answers by logit against a world of the level below.
    Level(u8),
    /// Decides by a rule of the file.
    Rule(Name),
    /// Plays the equilibrium of the compiled game.
    Equilibrium,
}

/// A look-ahead rule as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookAheadSpec {
    /// Moves in the tree: 1 to 3.
    moves: Spanned<u8>,
    /// How far events are followed.
    horizon: Num,
    /// Precision of the choice, in 1/payoff unit.
    precision: Num,
    /// What the other side is taken to be.
    opponent: Spanned<Opponent>,
    /// Weight of each move against holding where all are worth the same; 1 if left out.
    #[serde(default)]
    habit: Option<Num>,
    /// Moves beside holding that are followed further, at most; 4 if left out.
    #[serde(default)]
    focus: Option<Spanned<u8>>,
}

/// A compiled look-ahead rule.
#[derive(Debug, Clone, PartialEq)]
pub struct LookAhead {
    moves: u8,
    horizon: f64,
    precision: Value,
    habit: Value,
    focus: usize,
}

impl LookAheadSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "Logit over the payoff of a tree of one to three moves with a declared opponent.";
    /// How it is written.
    pub const EXAMPLE: &'static str =
        "LookAhead(moves: 2, horizon: days(90), precision: 30, opponent: Level(1))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        lookup: &mut Lookup,
        _users: &[ActorId],
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Rule>> {
        let mut whole = true;
        if !(1..=3).contains(&self.moves.value) {
            out.push(
                Diagnostic::error("E023", "a look-ahead has one to three moves")
                    .at(self.moves.span)
                    .label("write 1, 2 or 3"),
            );
            whole = false;
        }
        if self.opponent.value != Opponent::Level(1) {
            out.push(
                Diagnostic::error("E031", "this opponent model is not supported yet")
                    .at(self.opponent.span)
                    .help("write opponent: Level(1)"),
            );
            whole = false;
        }
        let focus = self.focus.as_ref().map_or(4, |f| f.value);
        if !(1..=4).contains(&focus) {
            let span = self.focus.as_ref().map_or(self.moves.span, |f| f.span);
            out.push(
                Diagnostic::error("E023", "at most four moves beside holding are followed further")
                    .at(span)
                    .label("write 1 to 4"),
            );
            whole = false;
        }
        let horizon = lookup.constant(&self.horizon, Dim::Days, out)?;
        let precision = lookup.weight(&self.precision, out)?;
        let habit = match &self.habit {
            Some(num) => lookup.weight(num, out)?,
            None => Value::Const(1.0),
        };
        if let Value::Const(x) = habit
            && x <= 0.0
            && let Some(num) = &self.habit
        {
            out.push(
                Diagnostic::error("E023", "a habit must be above 0")
                    .at(num.span)
                    .label("with 0 no move is ever made"),
            );
            whole = false;
        }
        whole.then(|| {
            Arc::new(LookAhead {
                moves: self.moves.value,
                horizon,
                precision,
                habit,
                focus: usize::from(focus),
            }) as Arc<dyn Rule>
        })
    }
}

impl Rule for LookAhead {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        as_type: u8,
        scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        out.hold(at.menu.len());
        let precision = self.precision.of(at.inputs);
        let gaze = Gaze { moves: self.moves, horizon: self.horizon, precision, focus: self.focus };
        let mut list = std::mem::take(&mut out.scores);
        scores(at, scratch, as_type, gaze, &mut list);
        out.probabilities.clear();
        let habit = math::ln(self.habit.of(at.inputs).max(1e-12));
        let weigh = |(k, score): (usize, &f64)| score * precision + if k > 0 { habit } else { 0.0 };
        out.probabilities.extend(list.iter().enumerate().map(weigh));
        math::softmax(&mut out.probabilities);
        out.scores = list;
    }

    fn kind(&self) -> &'static str {
        "look-ahead"
    }

    fn moves_ahead(&self) -> u8 {
        self.moves
    }
}
