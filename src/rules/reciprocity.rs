//! Reciprocity: answers what the others did, in kind and in proportion.
//!
//! The record: acts of the others (`to`, or all) that this actor can see, made at least `after` days
//! ago, of the kind `on`: `Announced` takes moves when they are made; `Effective` takes measures when
//! they take effect, and moves that schedule nothing. An act provokes if its weight is at least
//! `min_weight`, and appeases if its weight is below 0. It is open until this actor makes one of the
//! listed moves. With w the weights of open acts in order of time, the answer should have the weight
//!
//! | kind | answer |
//! | --- | --- |
//! | `TitForTat` | size × last w (Axelrod 1984) |
//! | `Generous` | the same; a provocation is let pass with probability `forgive` (Nowak and Sigmund 1992) |
//! | `Proportional` | size × sum of w |
//! | `Grim` | size × the largest w of a provocation in the whole trial, open or answered, at every occasion (Friedman 1971) |
//!
//! and is the legal one of `moves`, of the same sign, whose weight is nearest; of equally near ones
//! the first. An act that the record cannot show (seen by the parties alone, or after a drawn delay)
//! is known from the occasion it gave. An act that was let pass stays open: a later occasion, such as
//! a review, tempts again.

use super::rest_holds;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::math;
use crate::model::Model;
use crate::model::actor::Seen;
use crate::model::effect::Effect;
use crate::model::ids::{ActorId, MoveId};
use crate::model::lookup::{Dim, Lookup};
use crate::model::path::Act;
use crate::model::value::{Lag, Value};
use crate::sim::contract::{Cause, Choice, Occasion, Rule};
use crate::sim::scratch::Scratch;
use crate::syntax::{Name, Num, Quantity};
use crate::units::Tick;
use serde::Deserialize;
use std::sync::Arc;

/// How acts are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
enum Kind {
    TitForTat,
    Generous,
    Proportional,
    Grim,
}

/// Which moment of an act counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
enum On {
    #[default]
    Announced,
    Effective,
}

/// A reciprocity rule as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReciprocitySpec {
    /// How acts are answered; `Generous` if `forgive` is given, else `TitForTat`.
    #[serde(default)]
    kind: Option<Kind>,
    /// Answers, in order of preference among equals.
    moves: Vec<Name>,
    /// Weight of the answer for one unit of weight; 1 if left out.
    #[serde(default)]
    size: Option<Num>,
    /// Probability that a provocation is let pass at an occasion.
    #[serde(default)]
    forgive: Option<Num>,
    /// Which moment of an act counts.
    #[serde(default)]
    on: On,
    /// Whose acts; all others' if left out.
    #[serde(default)]
    to: Vec<Name>,
    /// Smallest weight of a provocation; 1 if left out.
    #[serde(default)]
    min_weight: Option<Num>,
    /// Days before an act is answered, beyond the actor's own lag; 0 if left out.
    #[serde(default)]
    after: Option<Num>,
}

/// A compiled reciprocity rule.
#[derive(Debug, Clone, PartialEq)]
struct Reciprocity {
    kind: Kind,
    moves: Box<[MoveId]>,
    size: Value,
    forgive: Value,
    on: On,
    to: Option<Box<[ActorId]>>,
    min_weight: f64,
    after: Value,
}

impl ReciprocitySpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "Answers the others' acts in kind: tit for tat, generous, proportional or grim.";
    /// How it is written.
    pub const EXAMPLE: &'static str =
        "Reciprocity(kind: Proportional, moves: [\"enact\", \"talk\"], size: 1.0, on: Effective)";

    /// Compiles it. No move is error E013, a law as `after` E022, `forgive` with an unforgiving kind
    /// E022.
    pub(super) fn build(
        &self,
        span: Span,
        lookup: &mut Lookup,
        _users: &[ActorId],
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Rule>> {
        let kind = match (self.kind, &self.forgive) {
            (Some(kind), _) => kind,
            (None, Some(_)) => Kind::Generous,
            (None, None) => Kind::TitForTat,
        };
        let mut whole = true;
        if let Some(num) = &self.forgive
            && kind != Kind::Generous
        {
            whole = false;
            out.push(
                Diagnostic::error("E022", "only the generous kind forgives")
                    .at(num.span)
                    .help("write kind: Generous, or leave `forgive` out"),
            );
        }
        if self.moves.is_empty() {
            whole = false;
            out.push(
                Diagnostic::error("E013", "the rule has no move to answer with")
                    .at(span)
                    .help("write moves: [\"a_move\"]"),
            );
        }
        let rows: Vec<_> = self.moves.iter().map(|m| lookup.move_rows_of(m, out)).collect();
        whole &= rows.iter().all(Option::is_some);
        let moves: Vec<MoveId> = rows.into_iter().flatten().flatten().collect();
        let to: Vec<_> = self.to.iter().map(|a| lookup.actor(a, out)).collect();
        let to: Option<Vec<ActorId>> = to.into_iter().collect();
        let mut number = |num: Option<&Num>, default: f64, dim: Dim| match num {
            Some(num) => lookup.number(num, dim, out),
            None => Some(Value::Const(default)),
        };
        let size = number(self.size.as_ref(), 1.0, Dim::Positive);
        let forgive = if kind == Kind::Generous { 0.1 } else { 0.0 };
        let forgive = number(self.forgive.as_ref(), forgive, Dim::Share);
        let after = match &self.after {
            Some(num) if is_law(num, lookup) => {
                out.push(
                    Diagnostic::error("E022", "a number of days is wanted here, not a law")
                        .at(num.span)
                        .help("the lag of reactions stands in the actor's `reacts`"),
                );
                None
            }
            Some(num) => lookup.number(num, Dim::Days, out),
            None => Some(Value::Const(0.0)),
        };
        let min_weight = match &self.min_weight {
            Some(num) => lookup.constant(num, Dim::NotNegative, out),
            None => Some(1.0),
        };
        let to = (!self.to.is_empty()).then(|| to.clone().unwrap_or_default().into());
        let rule = Reciprocity {
            kind,
            moves: moves.into(),
            size: size?,
            forgive: forgive?,
            on: self.on,
            to,
            min_weight: min_weight?,
            after: after?,
        };
        whole.then(|| Arc::new(rule) as Arc<dyn Rule>)
    }
}

fn is_law(num: &Num, lookup: &Lookup) -> bool {
    match &num.value {
        Quantity::Law(_) => true,
        Quantity::Input(name) => lookup.laws.get(&name.value).is_some(),
        Quantity::Number { .. } => false,
    }
}

/// Whether a move only schedules a measure: its bite comes later, as an act of its own.
fn schedules(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Announce { .. } | Effect::Enact(..) | Effect::Reschedule(..) => true,
        Effect::Chance { then, otherwise, .. } | Effect::If { then, otherwise, .. } => {
            schedules(then) || schedules(otherwise)
        }
        _ => false,
    })
}

/// What an actor can see of the record of acts.
struct Record<'a> {
    acts: &'a [Act],
    now: Tick,
    /// Whether an act was public by now.
    public: &'a dyn Fn(&Act) -> bool,
    /// Whether a move only schedules a measure.
    schedules: &'a dyn Fn(MoveId) -> bool,
}

impl Reciprocity {
    /// The weight that an answer should have; 0 is none.
    fn target(&self, me: ActorId, cause: Cause, inputs: &[f64], record: &Record<'_>) -> f64 {
        let after = Tick::from_days(self.after.of(inputs).max(0.0));
        let acts = || record.acts.iter().enumerate();
        // An act is answered if it was due at the last answer, ties by order of the record.
        let mine = |act: &Act| act.by == me && act.by_move.is_some_and(|m| self.moves.contains(&m));
        let answered = acts().rev().find(|(_, act)| mine(act)).map(|(k, act)| (act.at, k));
        let counts = |act: &Act| {
            self.answers(me, act.by)
                && (record.public)(act)
                && act.at + after <= record.now
                && match (self.on, act.by_move) {
                    (On::Announced, by_move) => by_move.is_some(),
                    (On::Effective, None) => true,
                    (On::Effective, Some(m)) => !(record.schedules)(m),
                }
        };
        let moves_me = |w: f64| w >= self.min_weight && w > 0.0 || w < 0.0;
        let seen = || acts().filter(|(_, act)| counts(act) && moves_me(act.weight));
        let open =
            || seen().filter(|(k, act)| answered.is_none_or(|last| (act.at + after, *k) > last));
        let harm = match self.kind {
            Kind::TitForTat | Kind::Generous => open().next_back().map(|(_, act)| act.weight),
            Kind::Proportional => {
                let sum: f64 = open().map(|(_, act)| act.weight).sum();
                open().next().map(|_| sum)
            }
            Kind::Grim => {
                let worst = seen().map(|(_, act)| act.weight).fold(0.0, f64::max);
                (worst > 0.0).then_some(worst)
            }
        };
        let hidden = || match cause {
            // What gave this occasion, where the record does not show it.
            Cause::React(by, weight)
                if self.on == On::Announced
                    && self.answers(me, by)
                    && moves_me(weight)
                    && !acts().any(|(_, act)| {
                        act.by == by && math::same(act.weight, weight) && (record.public)(act)
                    }) =>
            {
                weight
            }
            _ => 0.0,
        };
        self.size.of(inputs).max(0.0) * harm.unwrap_or_else(hidden)
    }

    fn answers(&self, me: ActorId, by: ActorId) -> bool {
        by != me && self.to.as_ref().is_none_or(|to| to.contains(&by))
    }

    /// Puts the answer's probability on the nearest legal move.
    fn answer(
        &self,
        target: f64,
        inputs: &[f64],
        menu: &[MoveId],
        weight: impl Fn(MoveId) -> Option<f64>,
        out: &mut Choice,
    ) {
        out.hold(menu.len());
        if target == 0.0 {
            return;
        }
        let forgive = self.forgive.of(inputs).clamp(0.0, 1.0);
        let p = if target > 0.0 { 1.0 - forgive } else { 1.0 };
        let mut best: Option<(f64, usize)> = None;
        let mut illegal = false;
        for &m in &self.moves {
            let Some(weight) = weight(m).filter(|w| w * target > 0.0) else { continue };
            let Some(at) = menu.iter().position(|legal| *legal == m) else {
                illegal = true;
                continue;
            };
            let miss = (weight - target).abs();
            if best.is_none_or(|(least, _)| miss < least) {
                best = Some((miss, at));
            }
        }
        match best {
            Some((_, at)) => out.probabilities[at + 1] = p,
            None if illegal => out.illegal = p,
            None => {}
        }
        rest_holds(out);
    }
}

/// Whether everybody could see an act by now.
fn public(model: &Model, now: Tick, inputs: &[f64], act: &Act) -> bool {
    match act.by_move.map(|m| model.action(m).seen) {
        None | Some(Seen::Public) => true,
        Some(Seen::Delayed(Lag::Days(days))) => act.at + Tick::from_days(days.of(inputs)) <= now,
        Some(Seen::Delayed(Lag::Law(_)) | Seen::Parties | Seen::Never) => false,
    }
}

impl Rule for Reciprocity {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        _as_type: u8,
        _scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        let model = &at.program.model;
        let record = Record {
            acts: &at.world.acts,
            now: at.world.now,
            public: &|act| public(model, at.world.now, at.inputs, act),
            schedules: &|m| schedules(&model.action(m).effects),
        };
        let target = self.target(at.actor, at.cause, at.inputs, &record);
        let weight = |m: MoveId| {
            let action = model.action(m);
            (action.by == at.actor).then_some(action.weight)
        };
        self.answer(target, at.inputs, at.menu, weight, out);
    }

    fn kind(&self) -> &'static str {
        match self.kind {
            Kind::TitForTat => "tit for tat",
            Kind::Generous => "generous tit for tat",
            Kind::Proportional => "proportional reciprocity",
            Kind::Grim => "grim reciprocity",
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;
    use crate::math::close;

    const ME: ActorId = ActorId(0);
    const OTHER: ActorId = ActorId(1);
    const THIRD: ActorId = ActorId(2);
    /// Weights by move: three answers of mine, one appeasement, and the others' moves.
    const WEIGHTS: [f64; 6] = [1.0, 3.0, 3.0, -2.0, 4.0, -1.0];

    fn rule(kind: Kind) -> Reciprocity {
        Reciprocity {
            kind,
            moves: Box::new([MoveId(0), MoveId(1), MoveId(2), MoveId(3)]),
            size: Value::Const(1.0),
            forgive: Value::Const(0.0),
            on: On::Announced,
            to: None,
            min_weight: 1.0,
            after: Value::Const(0.0),
        }
    }

    fn act(day: i64, by: ActorId, by_move: Option<u16>, weight: f64) -> Act {
        Act { at: Tick(day * 1440), by, by_move: by_move.map(MoveId), weight }
    }

    fn target_of(rule: &Reciprocity, acts: &[Act], day: i64, cause: Cause) -> f64 {
        let record = Record {
            acts,
            now: Tick(day * 1440),
            public: &|act| act.by_move != Some(MoveId(99)),
            schedules: &|m| m == MoveId(4),
        };
        rule.target(ME, cause, &[], &record)
    }

    fn target(rule: &Reciprocity, acts: &[Act], day: i64) -> f64 {
        target_of(rule, acts, day, Cause::Review)
    }

    fn answer(rule: &Reciprocity, target: f64, menu: &[u16]) -> Choice {
        let menu: Vec<MoveId> = menu.iter().map(|m| MoveId(*m)).collect();
        let mut out = Choice::default();
        rule.answer(target, &[], &menu, |m| WEIGHTS.get(m.index()).copied(), &mut out);
        assert!(close(out.probabilities.iter().sum(), 1.0, 1e-12));
        out
    }

    #[test]
    fn tit_for_tat_answers_the_last_open_act_once() {
        let tft = rule(Kind::TitForTat);
        let mut acts = vec![act(1, OTHER, Some(4), 4.0), act(2, OTHER, Some(5), 2.0)];
        assert_eq!(target(&tft, &acts, 3), 2.0);
        acts.push(act(3, ME, Some(1), 3.0));
        assert_eq!(target(&tft, &acts, 3), 0.0);
        acts.push(act(3, OTHER, Some(5), -1.0));
        assert_eq!(target(&tft, &acts, 3), -1.0);
        // Acts below the bound, and acts of mine, do not provoke.
        acts.push(act(4, OTHER, Some(5), 0.5));
        acts.push(act(4, ME, Some(5), 2.0));
        assert_eq!(target(&tft, &acts, 4), -1.0);
        assert_eq!(target(&tft, &[], 4), 0.0);
    }

    #[test]
    fn proportional_sums_what_is_open() {
        let mut half = rule(Kind::Proportional);
        half.size = Value::Const(0.5);
        let mut acts = vec![act(1, OTHER, Some(4), 4.0), act(1, THIRD, Some(5), 2.0)];
        assert_eq!(target(&half, &acts, 3), 3.0);
        half.to = Some(Box::new([OTHER]));
        assert_eq!(target(&half, &acts, 3), 2.0);
        acts.push(act(2, ME, Some(0), 1.0));
        assert_eq!(target(&half, &acts, 3), 0.0);
        acts.push(act(3, OTHER, Some(5), -1.0));
        acts.push(act(3, OTHER, Some(5), 3.0));
        assert_eq!(target(&half, &acts, 3), 1.0);
    }

    #[test]
    fn grim_never_stops_once_provoked() {
        let grim = rule(Kind::Grim);
        let calm = [act(1, OTHER, Some(5), -1.0)];
        assert_eq!(target(&grim, &calm, 2), 0.0);
        let acts = [
            act(1, OTHER, Some(4), 4.0),
            act(2, ME, Some(1), 3.0),
            act(3, OTHER, Some(5), -1.0),
            act(9, OTHER, Some(5), 2.0),
        ];
        assert_eq!(target(&grim, &acts, 3), 4.0);
        assert_eq!(target(&grim, &acts, 99), 4.0);
    }

    #[test]
    fn effective_waits_for_what_was_scheduled() {
        let mut tft = rule(Kind::TitForTat);
        let mut acts = vec![act(1, OTHER, Some(4), 4.0)];
        assert_eq!(target(&tft, &acts, 2), 4.0);
        tft.on = On::Effective;
        assert_eq!(target(&tft, &acts, 2), 0.0);
        acts.push(act(5, OTHER, Some(5), 2.0));
        assert_eq!(target(&tft, &acts, 5), 2.0);
        acts.push(act(6, OTHER, None, 3.0));
        assert_eq!(target(&tft, &acts, 6), 3.0);
        tft.on = On::Announced;
        assert_eq!(target(&tft, &acts, 6), 2.0);
    }

    #[test]
    fn an_answer_may_have_to_wait() {
        let mut tft = rule(Kind::TitForTat);
        tft.after = Value::Const(3.0);
        let mut acts = vec![act(1, OTHER, Some(4), 4.0), act(3, OTHER, Some(5), 2.0)];
        assert_eq!(target(&tft, &acts, 3), 0.0);
        assert_eq!(target(&tft, &acts, 4), 4.0);
        acts.push(act(4, ME, Some(1), 3.0));
        // The second act was not due when the first was answered.
        assert_eq!(target(&tft, &acts, 5), 0.0);
        assert_eq!(target(&tft, &acts, 6), 2.0);
    }

    #[test]
    fn what_the_record_hides_is_known_from_the_occasion() {
        let tft = rule(Kind::TitForTat);
        let hidden = [act(1, OTHER, Some(99), 2.0)];
        assert_eq!(target(&tft, &hidden, 2), 0.0);
        assert_eq!(target_of(&tft, &hidden, 2, Cause::React(OTHER, 2.0)), 2.0);
        assert_eq!(target_of(&tft, &[], 2, Cause::React(OTHER, 0.5)), 0.0);
        // An act that the record shows, and that was answered, is not answered again.
        let done = [act(1, OTHER, Some(4), 4.0), act(2, ME, Some(1), 3.0)];
        assert_eq!(target_of(&tft, &done, 3, Cause::React(OTHER, 4.0)), 0.0);
    }

    #[test]
    fn the_answer_is_the_nearest_legal_one_of_the_same_sign() {
        let tft = rule(Kind::TitForTat);
        assert_eq!(answer(&tft, 0.0, &[0, 1]).probabilities, [1.0, 0.0, 0.0]);
        assert_eq!(answer(&tft, 4.0, &[0, 2, 1]).probabilities, [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(answer(&tft, 4.0, &[0, 2]).probabilities, [0.0, 0.0, 1.0]);
        assert_eq!(answer(&tft, 1.9, &[0, 2]).probabilities, [0.0, 1.0, 0.0]);
        assert_eq!(answer(&tft, -9.0, &[0, 3]).probabilities, [0.0, 0.0, 1.0]);
        let out = answer(&tft, 4.0, &[3]);
        assert_eq!(out.probabilities, [1.0, 0.0]);
        assert_eq!(out.illegal, 1.0);
    }

    #[test]
    fn the_generous_let_some_provocations_pass() {
        let mut generous = rule(Kind::Generous);
        generous.forgive = Value::Const(0.25);
        assert_eq!(answer(&generous, 4.0, &[1]).probabilities, [0.25, 0.75]);
        assert_eq!(answer(&generous, -4.0, &[3]).probabilities, [0.0, 1.0]);
    }
}
