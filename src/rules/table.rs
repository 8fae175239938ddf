//! Table: lines of conditions and probabilities, read from the top.
//!
//! P(move) = left × p(move) on the first line whose `if` holds and whose types fit, where left is 1,
//! or on later lines the product of 1 - sum of p over the lines before that end with `next: true`.
//! What is left at the end is hold. The share of a move that is not legal falls to hold and is
//! counted. Numbers that sum to more than 1, which only inputs can, are scaled to 1.
//!
//! The same numbers are the likelihoods by which others judge types: write 0.01 rather than 0 for
//! what is only unlikely.

use super::{on_menu, rest_holds};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::bridge::Scope;
use crate::model::condition::Condition;
use crate::model::ids::{ActorId, MoveId};
use crate::model::lookup::{Dim, Lookup};
use crate::model::value::Value;
use crate::model::written::CondSpec;
use crate::sim::contract::{Choice, Occasion, Rule};
use crate::sim::judge::{self, Judge};
use crate::sim::scratch::Scratch;
use crate::syntax::{Entries, Items, Name, Num, Spanned};
use serde::Deserialize;
use std::sync::Arc;

/// A table as written: its lines.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct TableSpec(Items<LineSpec>);

/// A line as written: `(if: EveOf("tariff"), for_types: ["hawk"], do: {"enact": 0.9}, next: true)`.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct LineSpec {
    /// When the line decides; always if left out.
    #[serde(default = "always", rename = "if")]
    condition: CondSpec,
    /// Types it is for; all if left out.
    #[serde(default)]
    for_types: Vec<Name>,
    /// Probabilities by move; the rest of 1 is hold.
    #[serde(default, rename = "do")]
    moves: Entries<Num>,
    /// Whether the lines below share what is left.
    #[serde(default)]
    next: bool,
}

fn always() -> CondSpec {
    CondSpec::Always
}

/// A compiled line.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    condition: Condition,
    /// Types by actor, as bits; `None` is all.
    types: Option<Box<[(ActorId, u64)]>>,
    /// Rows of each written move, with its probability.
    moves: Box<[(Box<[MoveId]>, Value)]>,
    next: bool,
}

/// A compiled table.
#[derive(Debug, Clone, PartialEq)]
struct Table(Box<[Line]>);

impl TableSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Lines of conditions and probabilities: the first line that fits decides, the rest is hold.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Table([(if: EveOf(\"tariff\"), do: {\"enact\": 0.6, \"postpone\": 0.3}), (do: {\"talk\": 0.1})])";

    /// Compiles it for its users. Unknown names are E020, sums above 1 E024.
    pub(super) fn build(
        &self,
        _span: Span,
        lookup: &mut Lookup,
        users: &[ActorId],
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Rule>> {
        let lines: Vec<Option<Line>> =
            self.0.iter().map(|written| line(written, lookup, users, out)).collect();
        let lines: Option<Vec<Line>> = lines.into_iter().collect();
        Some(Arc::new(Table(lines?.into())))
    }
}

/// Compiles one line.
fn line(
    written: &Spanned<LineSpec>,
    lookup: &mut Lookup,
    users: &[ActorId],
    out: &mut Diagnostics,
) -> Option<Line> {
    let actor = if let [one] = users { Some(*one) } else { None };
    let scope = Scope { actor, rule: true, regime: false };
    let condition = lookup.condition(&written.condition, scope, out);
    let types = types(&written.for_types, lookup, users, out);
    let mut moves = Vec::with_capacity(written.moves.0.len());
    let mut whole = true;
    let mut sum = 0.0;
    for (name, num) in &written.moves {
        let p = lookup.number(num, Dim::Share, out);
        if let Some(Value::Const(x)) = p {
            sum += x;
        }
        // Hold takes the rest anyway; writing it makes a line complete.
        let rows = if name.value == "hold" && !lookup.move_rows.contains_key("hold") {
            Some(Vec::new())
        } else {
            lookup.move_rows_of(name, out)
        };
        match (rows, p) {
            (Some(rows), Some(_)) if rows.is_empty() => {}
            (Some(rows), Some(p)) => moves.push((rows.into_boxed_slice(), p)),
            _ => whole = false,
        }
    }
    if sum > 1.0 + 1e-9 {
        out.push(
            Diagnostic::error("E024", format!("the probabilities of this line sum to {sum}"))
                .at(written.span)
                .label("at most 1; what is left of 1 is hold")
                .help("lower them, or split the line in two with different conditions"),
        );
        whole = false;
    }
    let line =
        Line { condition: condition?, types: types?, moves: moves.into(), next: written.next };
    whole.then_some(line)
}

/// Bits of the named types for each user. A name that no user has is error E020.
#[allow(clippy::type_complexity, reason = "an outer failure and an inner `all types`")]
fn types(
    names: &[Name],
    lookup: &Lookup,
    users: &[ActorId],
    out: &mut Diagnostics,
) -> Option<Option<Box<[(ActorId, u64)]>>> {
    if names.is_empty() {
        return Some(None);
    }
    let mut masks: Vec<(ActorId, u64)> = users.iter().map(|user| (*user, 0)).collect();
    let mut whole = true;
    for name in names {
        let mut known = false;
        for (user, mask) in &mut masks {
            let types = lookup.types.get(user.index()).map_or(&[][..], Vec::as_slice);
            if let Some(k) = types.iter().take(64).position(|t| *t == name.value) {
                *mask |= 1 << k;
                known = true;
            }
        }
        if !known && let Some(user) = users.first() {
            lookup.actor_type(*user, name, out);
            whole = false;
        }
    }
    whole.then(|| Some(masks.into_boxed_slice()))
}

impl Line {
    fn is_for(&self, actor: ActorId, as_type: u8) -> bool {
        self.types.as_ref().is_none_or(|types| {
            types.iter().any(|(who, mask)| *who == actor && mask >> as_type.min(63) & 1 == 1)
        })
    }
}

impl Table {
    /// Reads the lines from the top; `reached` hears the number of each line that decides or shares.
    fn read(
        &self,
        menu: &[MoveId],
        inputs: &[f64],
        fits: impl Fn(&Line) -> bool,
        reached: &mut dyn FnMut(usize),
        out: &mut Choice,
    ) {
        out.hold(menu.len());
        let mut left = 1.0;
        for (k, line) in self.0.iter().enumerate() {
            if !fits(line) {
                continue;
            }
            reached(k);
            let share = |p: &Value| p.of(inputs).max(0.0);
            let total: f64 = line.moves.iter().map(|(_, p)| share(p)).sum();
            let scale = left / total.max(1.0);
            for (rows, p) in &line.moves {
                match on_menu(rows, menu) {
                    Some(at) => out.probabilities[at + 1] += scale * share(p),
                    None => out.illegal += scale * share(p),
                }
            }
            if !line.next {
                break;
            }
            left *= (1.0 - total).max(0.0);
        }
        rest_holds(out);
    }

    fn at(&self, at: &Occasion<'_>, as_type: u8, reached: &mut dyn FnMut(usize), out: &mut Choice) {
        let judge = Judge { actor: Some(at.actor), own_type: Some(as_type), cause: Some(at.cause) };
        let fits = |line: &Line| {
            line.is_for(at.actor, as_type)
                && judge::holds(at.program, at.world, at.inputs, judge, &line.condition)
        };
        self.read(at.menu, at.inputs, fits, reached, out);
    }
}

impl Rule for Table {
    fn distribution(
        &self,
        at: &Occasion<'_>,
        as_type: u8,
        _scratch: &mut Scratch,
        out: &mut Choice,
    ) {
        self.at(at, as_type, &mut |_| {}, out);
    }

    fn kind(&self) -> &'static str {
        "table"
    }

    fn lines(&self) -> usize {
        self.0.len()
    }

    fn reached(&self, at: &Occasion<'_>, as_type: u8, visit: &mut dyn FnMut(usize)) {
        self.at(at, as_type, visit, &mut Choice::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    fn line(condition: Condition, moves: &[(u16, f64)], next: bool) -> Line {
        let moves = moves
            .iter()
            .map(|(m, p)| (vec![MoveId(*m)].into_boxed_slice(), Value::Const(*p)))
            .collect();
        Line { condition, types: None, moves, next }
    }

    fn not() -> Condition {
        Condition::Not(Box::new(Condition::Always))
    }

    fn choice(table: &Table, actor: u16, as_type: u8, menu: &[u16]) -> (Choice, Vec<usize>) {
        let menu: Vec<MoveId> = menu.iter().map(|m| MoveId(*m)).collect();
        let (mut out, mut reached) = (Choice::default(), Vec::new());
        let fits = |line: &Line| {
            line.is_for(ActorId(actor), as_type) && line.condition == Condition::Always
        };
        let mut visit = |k| reached.push(k);
        table.read(&menu, &[0.7, 0.9], fits, &mut visit, &mut out);
        let sum: f64 = out.probabilities.iter().sum();
        assert!(close(sum, 1.0, 1e-12), "{out:?}");
        (out, reached)
    }

    #[test]
    fn the_first_line_that_fits_decides() {
        let table = Table(Box::new([
            line(not(), &[(0, 1.0)], false),
            line(Condition::Always, &[(0, 0.25), (1, 0.5)], false),
            line(Condition::Always, &[(1, 1.0)], false),
        ]));
        let (out, reached) = choice(&table, 0, 0, &[0, 1]);
        assert_eq!(out.probabilities, [0.25, 0.25, 0.5]);
        assert_eq!(reached, [1]);
    }

    #[test]
    fn an_illegal_moves_share_is_hold_and_counted() {
        let table = Table(Box::new([line(Condition::Always, &[(0, 0.25), (1, 0.5)], false)]));
        let (out, _) = choice(&table, 0, 0, &[1, 2]);
        assert_eq!(out.probabilities, [0.5, 0.5, 0.0]);
        assert!(close(out.illegal, 0.25, 0.0));
    }

    #[test]
    fn next_passes_on_what_is_left() {
        let table = Table(Box::new([
            line(Condition::Always, &[(0, 0.5)], true),
            line(Condition::Always, &[(1, 0.5), (0, 0.25)], true),
            line(not(), &[(1, 1.0)], true),
        ]));
        let (out, reached) = choice(&table, 0, 0, &[0, 1]);
        assert_eq!(out.probabilities, [0.125, 0.625, 0.25]);
        assert_eq!(reached, [0, 1]);
    }

    #[test]
    fn a_line_may_be_for_some_types_of_some_actors() {
        let mut hawks = line(Condition::Always, &[(0, 1.0)], false);
        hawks.types = Some(Box::new([(ActorId(0), 0b10), (ActorId(1), 0)]));
        let table = Table(Box::new([hawks]));
        assert_eq!(choice(&table, 0, 1, &[0]).0.probabilities, [0.0, 1.0]);
        assert_eq!(choice(&table, 0, 0, &[0]).0.probabilities, [1.0, 0.0]);
        assert_eq!(choice(&table, 1, 1, &[0]).0.probabilities, [1.0, 0.0]);
        assert_eq!(choice(&table, 7, 1, &[0]).0.probabilities, [1.0, 0.0]);
    }

    #[test]
    fn inputs_above_one_together_are_scaled() {
        use crate::model::ids::InputId;
        let mut both = line(Condition::Always, &[(0, 0.0), (1, 0.0)], true);
        both.moves[0].1 = Value::Input(InputId(0));
        both.moves[1].1 = Value::Input(InputId(1));
        let table = Table(Box::new([both, line(Condition::Always, &[(0, 1.0)], false)]));
        let (out, _) = choice(&table, 0, 0, &[0, 1]);
        assert!(close(out.probabilities[1], 0.7 / 1.6, 1e-12));
        assert!(close(out.probabilities[0], 0.0, 1e-12));
    }
}
