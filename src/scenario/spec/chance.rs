//! Inputs, laws, clocks and shocks, as written.

use super::element::element;
use crate::model::written::{CondSpec, EffectSpec, EventSpec};
use crate::syntax::{Num, RawNode, Spanned, When, reject, schema};
use serde::{Deserialize, Deserializer};

/// Unit of an input, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
#[allow(missing_docs, reason = "the words say it")]
pub enum UnitWord {
    #[default]
    #[serde(rename = "none")]
    None,
    #[serde(rename = "days")]
    Days,
    #[serde(rename = "share")]
    Share,
    #[serde(rename = "probability")]
    Probability,
    #[serde(rename = "percent")]
    Percent,
    #[serde(rename = "usd_bn")]
    UsdBn,
    #[serde(rename = "per_day")]
    PerDay,
    #[serde(rename = "per_month")]
    PerMonth,
    #[serde(rename = "per_year")]
    PerYear,
    /// The unit of payoffs.
    PctGdp,
    /// One over the unit of payoffs: a precision.
    #[serde(rename = "per_PctGdp")]
    PerPctGdp,
}

impl UnitWord {
    /// The unit as a reader sees it; empty for a bare number.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            UnitWord::None => "",
            UnitWord::Days => "days",
            UnitWord::Share => "share",
            UnitWord::Probability => "probability",
            UnitWord::Percent => "%",
            UnitWord::UsdBn => "USD bn",
            UnitWord::PerDay => "per day",
            UnitWord::PerMonth => "per month",
            UnitWord::PerYear => "per year",
            UnitWord::PctGdp => "% of GDP",
            UnitWord::PerPctGdp => "per % of GDP",
        }
    }
}

element! {
    /// An uncertain number: one value per trial wherever it is named.
    pub struct InputSpec {
        /// A number or a law.
        pub value: Num,
        /// Its unit.
        #[serde(default)]
        pub unit: UnitWord,
        /// Into how many equally likely bins deciders sort it, 1 to 5; else what `grid` says.
        #[serde(default)]
        pub bins: Option<Spanned<u8>>,
    }
}

element! {
    /// A law that is drawn anew at each use.
    pub struct LawRow {
        /// The law.
        pub law: Num,
        /// Its unit: days.
        #[serde(default)]
        pub unit: UnitWord,
    }
}

/// When a clock rings, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum ClockLawSpec {
    /// After a draw from a law, or a number of days.
    Law(Num),
    /// Every so many days of the calendar.
    Every {
        /// Days between.
        period: Num,
        /// First day; by default one period after the start.
        first: Option<Num>,
    },
    /// So long after each occurrence of an event.
    After(EventSpec, Num),
}

/// The forms with parentheses.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
enum ClockForms {
    Every {
        period: Num,
        #[serde(default)]
        first: Option<Num>,
    },
    After(EventSpec, Num),
}

impl<'de> Deserialize<'de> for ClockLawSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClockLawSpec, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        let word = raw.text();
        if !(word.starts_with("Every") || word.starts_with("After")) {
            return raw.parse().map(ClockLawSpec::Law).map_err(reject);
        }
        Ok(match raw.parse().map_err(reject)? {
            ClockForms::Every { period, first } => ClockLawSpec::Every { period, first },
            ClockForms::After(event, lag) => ClockLawSpec::After(event, lag),
        })
    }
}

schema::form!(ClockLawSpec, "ClockLaw", |generator| {
    let forms = [generator.subschema_for::<Num>(), generator.subschema_for::<ClockForms>()];
    schema::either("When a clock rings", forms)
});

/// What happens to a clock's age when its condition stops and starts again, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
pub enum RestartWord {
    /// A new draw at each start.
    #[default]
    Fresh,
    /// The age is kept.
    Resume,
    /// Never again after it rang or was stopped.
    Once,
}

element! {
    /// A clock or shock: a law that runs while a condition holds, then does something.
    pub struct ClockSpec {
        /// When it rings.
        pub law: Spanned<ClockLawSpec>,
        /// Runs while this holds.
        #[serde(default, rename = "while")]
        pub condition: Option<Spanned<CondSpec>>,
        /// What happens on a stop and a new start.
        #[serde(default)]
        pub restart: RestartWord,
        /// Rings at most so often in a trial.
        #[serde(default)]
        pub max: Option<Spanned<u32>>,
        /// Chance of `do` at a ring, else `else`.
        #[serde(default)]
        pub chance: Option<Num>,
        /// What it does.
        #[serde(default, rename = "do")]
        pub effects: Vec<EffectSpec>,
        /// What it does where the chance fails.
        #[serde(default, rename = "else")]
        pub otherwise: Vec<EffectSpec>,
        /// Since when it has been running at the start: a date of history, or days.
        #[serde(default)]
        pub since: Option<Spanned<When>>,
        /// One sentence for the story.
        #[serde(default)]
        pub story: Option<String>,
    }
}
