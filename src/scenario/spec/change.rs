//! Branches: named lists of typed changes, as written.

use super::actor::{ActorSpec, FirmSpec, MoveSpec, StockSpec};
use super::chance::{ClockSpec, InputSpec, LawRow};
use super::diplomacy::{
    ChannelSpec, CoalitionSpec, CounterSpec, EveSpec, GaugeSpec, MeetingSpec, PackageSpec,
    PendingSpec, TruceSpec,
};
use super::element::element;
use super::measure::{MeasureSpec, StartSpec};
use super::observe::{MetricRow, RegimeSpec, RuleRow, SeriesSpec};
use crate::model::written::{ChannelWord, ClauseSpec, EffectSpec, LevelText};
use crate::syntax::{Items, Name, Num, RawNode, Spanned, When, reject, schema};
use serde::{Deserialize, Deserializer};

element! {
    /// A branch: what if.
    pub struct BranchSpec {
        /// What a reader sees.
        #[serde(default)]
        pub say: Option<String>,
        /// Changes, in order.
        #[serde(default)]
        pub change: Items<ChangeSpec>,
        /// Says that it is meant to equal the baseline.
        #[serde(default)]
        pub says_same: bool,
    }
}

/// A value at the start, of whatever kind the element has.
#[derive(Debug, Clone, PartialEq)]
pub enum StartValue {
    /// Of a measure.
    Measure(StartSpec),
    /// Of a channel.
    Channel(ChannelWord),
    /// Of a gauge, counter or stock.
    Number(Num),
}

impl<'de> Deserialize<'de> for StartValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StartValue, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        let word: String = raw.text().chars().take_while(char::is_ascii_alphabetic).collect();
        match word.as_str() {
            "Open" | "Strained" | "Closed" => raw.parse().map(StartValue::Channel),
            "Idle" | "InForce" | "InForceAt" | "Announced" | "Suspended" | "SuspendedAt" => {
                raw.parse().map(StartValue::Measure)
            }
            _ => raw.parse().map(StartValue::Number),
        }
        .map_err(reject)
    }
}

schema::form!(StartValue, "StartValue", |generator| {
    let forms = [
        generator.subschema_for::<StartSpec>(),
        generator.subschema_for::<ChannelWord>(),
        generator.subschema_for::<Num>(),
    ];
    schema::either("A value at the start", forms)
});

/// A step of a plan: what an actor does on a day.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// When.
    pub on: Spanned<When>,
    /// Moves, in order.
    #[serde(rename = "do")]
    pub moves: Vec<Name>,
}

/// A typed change of the file.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the forms are described where branches are made")]
#[allow(clippy::large_enum_variant, reason = "a handful of them in a file")]
pub enum ChangeSpec {
    SetInput(Name, Num),
    SetLaw(Name, Num),
    SetRule(Name, Name),
    SetType(Name, Name),
    SetPrior(Name, Vec<(Name, Num)>),
    SetDate(Name, Spanned<When>),
    SetLevel(Name, LevelText),
    SetStart(Name, Spanned<StartValue>),
    SetTerm(Name, Items<ClauseSpec>),
    Plan {
        actor: Name,
        steps: Vec<PlanStep>,
        #[serde(default)]
        then: Option<Name>,
        #[serde(default)]
        known: bool,
    },
    Forbid(Name),
    Only(Name, Vec<Name>),
    Fire {
        id: Name,
        on: Spanned<When>,
        #[serde(rename = "do")]
        effects: Vec<EffectSpec>,
    },
    Add(ElementSpec),
    Remove(Name),
}

/// An element that a branch adds; it comes last in file order.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[allow(missing_docs, reason = "each variant is named after its list")]
#[allow(clippy::large_enum_variant, reason = "a handful of them in a file")]
pub enum ElementSpec {
    Input(InputSpec),
    Law(LawRow),
    Actor(ActorSpec),
    Firm(FirmSpec),
    Stock(StockSpec),
    Measure(MeasureSpec),
    Gauge(GaugeSpec),
    Counter(CounterSpec),
    Coalition(CoalitionSpec),
    Channel(ChannelSpec),
    Meeting(MeetingSpec),
    Package(PackageSpec),
    Truce(TruceSpec),
    Move(MoveSpec),
    Eve(EveSpec),
    Pending(PendingSpec),
    Rule(RuleRow),
    Clock(ClockSpec),
    Shock(ClockSpec),
    Regime(RegimeSpec),
    Series(SeriesSpec),
    Metric(MetricRow),
}
