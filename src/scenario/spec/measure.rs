//! Measures as written.

use super::element::element;
use crate::instruments::InstrumentSpec;
use crate::model::written::LevelText;
use crate::syntax::{Entries, Items, Name, Num, OneOrMany, RawNode, Spanned, When, reject, schema};
use serde::{Deserialize, Deserializer};

/// A level in the list of a measure: a number, a word, or a word with its number.
#[derive(Debug, Clone, PartialEq)]
pub enum LevelRow {
    /// A number, known by itself.
    Number(Spanned<f64>),
    /// A word, worth its rank.
    Word(Name),
    /// A word and its number.
    Worth(Name, Spanned<f64>),
}

impl<'de> Deserialize<'de> for LevelRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LevelRow, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        match raw.first() {
            Some('"') => raw.parse().map(LevelRow::Word),
            Some('(') => raw.parse().map(|(word, number)| LevelRow::Worth(word, number)),
            _ => raw.parse().map(LevelRow::Number),
        }
        .map_err(reject)
    }
}

schema::form!(LevelRow, "LevelRow", |generator| {
    let pair = generator.subschema_for::<(Name, f64)>();
    let word = schema::text("A word, worth its rank");
    schema::either("A number, a word, or a word with its number", [schema::number(), word, pair])
});

/// State of a measure at the start, as written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum StartSpec {
    /// Nothing.
    #[default]
    Idle,
    /// In force; a measure with words for levels starts at the first.
    InForce,
    /// In force at a level.
    InForceAt(LevelText),
    /// A change is pending.
    Announced {
        /// Level; by default the highest, or the first word.
        #[serde(default)]
        level: Option<LevelText>,
        /// Date.
        on: Spanned<When>,
        /// Whether a legal act exists, so that it takes effect unless stopped.
        order: bool,
    },
    /// Suspended until a date.
    Suspended(Spanned<When>),
    /// Suspended at a level until a date.
    SuspendedAt(LevelText, Spanned<When>),
}

/// Chance that a mere statement is carried out: one number, or one by type of the owner.
#[derive(Debug, Clone, PartialEq)]
pub enum BelievedSpec {
    /// The same whatever the type.
    All(Num),
    /// By the owner's type.
    ByType(Entries<Num>),
}

impl<'de> Deserialize<'de> for BelievedSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BelievedSpec, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        match raw.first() {
            Some('{') => raw.parse().map(BelievedSpec::ByType),
            _ => raw.parse().map(BelievedSpec::All),
        }
        .map_err(reject)
    }
}

schema::form!(BelievedSpec, "Believed", |generator| {
    let forms = [generator.subschema_for::<Num>(), generator.subschema_for::<Entries<Num>>()];
    schema::either("One number, or one by type of the owner", forms)
});

/// One dated step of a measure: a measure of its own, named `measure.step`.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Its name within the measure.
    pub id: Name,
    /// What a reader sees.
    #[serde(default)]
    pub name: Option<String>,
    /// What it consists of.
    #[serde(default)]
    pub effects: Items<InstrumentSpec>,
    /// State at the start.
    #[serde(default)]
    pub start: Spanned<StartSpec>,
    /// From announcement to effect; by default the measure's.
    #[serde(default)]
    pub lead: Option<Num>,
    /// Escalation weight; by default an equal part of the measure's.
    #[serde(default)]
    pub weight: Option<Num>,
}

element! {
    /// A measure: what an actor can put in force.
    pub struct MeasureSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// Who can put it in force.
        pub by: Name,
        /// At whom it is aimed: actors, or `"World"`.
        #[serde(default)]
        pub on: OneOrMany<Name>,
        /// Levels in rising order; off is implicit.
        #[serde(default)]
        pub levels: Vec<LevelRow>,
        /// What it consists of.
        #[serde(default)]
        pub effects: Items<InstrumentSpec>,
        /// State at the start.
        #[serde(default)]
        pub start: Spanned<StartSpec>,
        /// From announcement or order to effect: days or a law; 0 by default.
        #[serde(default)]
        pub lead: Option<Num>,
        /// Dated steps, each a measure of its own.
        #[serde(default)]
        pub steps: Items<StepSpec>,
        /// Legal basis, for courts.
        #[serde(default)]
        pub legal: Option<Name>,
        /// Escalation weight.
        #[serde(default)]
        pub weight: Option<Num>,
        /// Days in force after which it expires.
        #[serde(default)]
        pub expires: Option<Num>,
        /// Whether repetitions add up.
        #[serde(default)]
        pub repeat: bool,
        /// Whether it stands for older law that nothing in the file changes.
        #[serde(default)]
        pub fixed: bool,
        /// Chance that a mere statement about it is carried out.
        #[serde(default)]
        pub believed: Option<BelievedSpec>,
        /// Measures of others that it answers: once they are gone, stepping back costs no audience.
        #[serde(default)]
        pub answers: OneOrMany<Name>,
    }
}
