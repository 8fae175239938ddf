//! Numbers of an instrument that may follow the level in force.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::ids::InputId;
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::Standing;
use crate::syntax::{self, Entries, Num, RawNode, reject, schema};
use serde::{Deserialize, Deserializer};

/// A number as written: `pct(24)`, `"input"`, `Level` (the number of the level in force), or
/// `ByLevel({"tight": 0.2, "eased": "approval_eased"})`.
#[derive(Debug, Clone, PartialEq)]
pub enum LevelNumberSpec {
    /// The same at every level.
    Number(Num),
    /// The number of the level in force.
    Level(syntax::Spanned<()>),
    /// One number for each level, by the level's word.
    ByLevel(Entries<Num>, syntax::Spanned<()>),
}

/// The forms with parentheses.
#[derive(Deserialize, schemars::JsonSchema)]
enum NumberForms {
    ByLevel(Entries<Num>),
}

impl<'de> Deserialize<'de> for LevelNumberSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = RawNode::deserialize(deserializer)?;
        let place = syntax::Spanned::new((), node.span());
        if node.text() == "Level" {
            return Ok(LevelNumberSpec::Level(place));
        }
        if node.text().starts_with("ByLevel") {
            let NumberForms::ByLevel(rows) = node.parse().map_err(reject)?;
            return Ok(LevelNumberSpec::ByLevel(rows, place));
        }
        node.parse().map(LevelNumberSpec::Number).map_err(reject)
    }
}

schema::form!(LevelNumberSpec, "LevelNumber", |generator| {
    let forms = [
        schema::word("Level"),
        generator.subschema_for::<NumberForms>(),
        generator.subschema_for::<Num>(),
    ];
    schema::either("A number, that of the level in force, or one for each level", forms)
});

/// A compiled number that may follow the level in force.
#[derive(Debug, Clone, PartialEq)]
pub enum LevelNumber {
    /// The same at every level.
    Same(Value),
    /// The number of the level in force.
    Level,
    /// By position of the level, the first at 0.
    Table(Box<[Value]>),
}

impl LevelNumber {
    /// The number at a standing.
    #[inline]
    #[must_use]
    pub fn of(&self, at: &Standing<'_>) -> f64 {
        match self {
            LevelNumber::Same(value) => value.of(at.inputs),
            LevelNumber::Level => at.level,
            LevelNumber::Table(rows) => {
                // Levels are counted from 1; a position beyond the table cannot be compiled.
                let row = usize::from(at.position).saturating_sub(1).min(rows.len() - 1);
                rows[row].of(at.inputs)
            }
        }
    }

    /// Calls `visit` on every input it reads.
    pub fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        match self {
            LevelNumber::Same(value) => input_of(*value, visit),
            LevelNumber::Level => {}
            LevelNumber::Table(rows) => rows.iter().for_each(|row| input_of(*row, visit)),
        }
    }
}

/// Calls `visit` if the value is an input.
pub(super) fn input_of(value: Value, visit: &mut dyn FnMut(InputId)) {
    if let Value::Input(id) = value {
        visit(id);
    }
}

impl LevelNumberSpec {
    /// Compiles the number for a measure. Levels out of range, unknown to the measure or left out of
    /// the table are errors E023 and E035.
    pub fn build(
        &self,
        measure: &MeasureFacts,
        dim: Dim,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<LevelNumber> {
        match self {
            LevelNumberSpec::Number(num) => lookup.number(num, dim, out).map(LevelNumber::Same),
            LevelNumberSpec::Level(place) => {
                let allowed = |x: f64| match dim {
                    Dim::Share => (0.0..=1.0).contains(&x),
                    Dim::Days | Dim::NotNegative => x >= 0.0,
                    Dim::Positive => x > 0.0,
                    Dim::Free | Dim::Percent | Dim::Money => true,
                };
                if let Some((word, x)) = measure.levels.iter().find(|(_, x)| !allowed(*x)) {
                    out.push(
                        Diagnostic::error("E023", format!("level `{word}` is out of range here"))
                            .at(place.span)
                            .label(format!("would be {x}"))
                            .help("write ByLevel({..}) with a number for each level"),
                    );
                    return None;
                }
                Some(LevelNumber::Level)
            }
            LevelNumberSpec::ByLevel(rows, place) => {
                let mut table: Vec<Option<Value>> = vec![None; measure.levels.len()];
                let mut whole = true;
                for (word, num) in rows {
                    let value = lookup.number(num, dim, out);
                    whole &= value.is_some();
                    match measure.levels.iter().position(|(known, _)| *known == word.value) {
                        Some(row) => table[row] = value,
                        None => {
                            whole = false;
                            out.push(unknown_level(word, measure));
                        }
                    }
                }
                let missing = measure
                    .levels
                    .iter()
                    .filter(|(known, _)| rows.get(known).is_none())
                    .map(|(known, _)| format!("`{known}`"))
                    .collect::<Vec<_>>();
                if !missing.is_empty() || table.is_empty() {
                    out.push(
                        Diagnostic::error("E035", "the table does not cover every level")
                            .at(place.span)
                            .label(format!("missing: {}", missing.join(", ")))
                            .help("give a number for each of the measure's `levels`"),
                    );
                    return None;
                }
                let table: Option<Vec<Value>> = table.into_iter().collect();
                table.filter(|_| whole).map(|rows| LevelNumber::Table(rows.into()))
            }
        }
    }
}

fn unknown_level(word: &syntax::Name, measure: &MeasureFacts) -> Diagnostic {
    let known: Vec<&str> = measure.levels.iter().map(|(n, _)| n.as_str()).collect();
    let error = Diagnostic::error("E035", "the measure has no such level")
        .at(word.span)
        .label("unknown level");
    match syntax::did_you_mean(&word.value, known.iter().copied()) {
        Some(question) => error.help(question),
        None => error.help(format!("its levels: {}", known.join(", "))),
    }
}

/// A constant number where the file leaves the field out, else the compiled one.
pub(super) fn or_constant(
    num: Option<&Num>,
    default: f64,
    dim: Dim,
    lookup: &mut Lookup,
    out: &mut Diagnostics,
) -> Option<Value> {
    match num {
        Some(num) => lookup.number(num, dim, out),
        None => Some(Value::Const(default)),
    }
}

/// A percentage in a phrase: at most two decimals, none where they are 0.
pub(super) fn percent(x: f64) -> String {
    let text = format!("{x:.2}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
