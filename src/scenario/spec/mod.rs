//! The whole file as types: what an author may write, section by section.
//!
//! Nothing is resolved here: names are text with a place, quantities are as written. A field that is
//! not known is an error, so that a slip of the pen never passes for a default. What the sections mean
//! stands with their compiled forms in [`crate::model`].

pub mod actor;
pub mod chance;
pub mod change;
pub mod diplomacy;
pub mod economy;
pub mod element;
pub mod measure;
pub mod observe;

use crate::model::written::CondSpec;
use crate::syntax::{DateText, Items, Lenient, Name, Num, Spanned, When};
use serde::Deserialize;

/// How events of equal time and phase are ordered, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
pub enum TiesWord {
    /// By the order of the file.
    #[default]
    File,
    /// By an addressed draw.
    Random,
}

/// To what grid deciders round what they see.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridSpec {
    /// Days; 1 by default.
    #[serde(default)]
    pub days: Option<Num>,
    /// Gauge units; 0.1 by default.
    #[serde(default)]
    pub gauge: Option<Num>,
    /// Days of stock; 5 by default.
    #[serde(default)]
    pub stock: Option<Num>,
    /// Log-odds of beliefs; 0.25 by default.
    #[serde(default)]
    pub log_odds: Option<Num>,
    /// Into how many equally likely bins deciders sort each input, 1 to 5; 5 by default. With 1 they
    /// take every input but weights and precisions at its median.
    #[serde(default)]
    pub bins: Option<Spanned<u8>>,
}

/// A dated act of the past: date, by whom, what, source.
pub type HistoryRow = (DateText, String, String, String);

/// A scenario file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename = "Scenario")]
pub struct Document {
    /// What a reader sees.
    #[serde(default)]
    pub title: Lenient<Spanned<String>>,
    /// The last day of history.
    #[serde(default)]
    pub as_of: Lenient<DateText>,
    /// The end of the run.
    #[serde(default)]
    pub until: Lenient<Spanned<When>>,
    /// Unit of payoffs; "% of GDP" by default.
    #[serde(default)]
    pub unit: Lenient<Name>,
    /// Source of all numbers of the file that name none.
    #[serde(default)]
    pub source: Lenient<Spanned<String>>,
    /// Yearly discount rate of payoffs; 0 by default.
    #[serde(default)]
    pub discount: Lenient<Num>,
    /// Days beyond `until` that payoffs count.
    #[serde(default)]
    pub tail: Lenient<Num>,
    /// More events than this in one trial stop the run; 100,000 by default.
    #[serde(default)]
    pub max_events: Lenient<Spanned<u64>>,
    /// How events of equal time and phase are ordered.
    #[serde(default)]
    pub ties: Lenient<TiesWord>,
    /// A trial stops when this holds.
    #[serde(default)]
    pub ends: Lenient<Spanned<CondSpec>>,
    /// To what grid deciders round.
    #[serde(default)]
    pub grid: Lenient<GridSpec>,
    /// The trade model.
    #[serde(default)]
    pub economy: Lenient<economy::EconomySpec>,
    /// What happened: shown, and drawn to the left of "today".
    #[serde(default)]
    pub history: Lenient<Items<HistoryRow>>,
    /// Laws that are drawn anew at each use.
    #[serde(default)]
    pub laws: Lenient<Items<chance::LawRow>>,
    /// Uncertain numbers.
    #[serde(default)]
    pub inputs: Lenient<Items<chance::InputSpec>>,
    /// Who decides.
    #[serde(default)]
    pub actors: Lenient<Items<actor::ActorSpec>>,
    /// Who is hit.
    #[serde(default)]
    pub firms: Lenient<Items<actor::FirmSpec>>,
    /// Stocks of a critical input.
    #[serde(default)]
    pub stocks: Lenient<Items<actor::StockSpec>>,
    /// What can be in force.
    #[serde(default)]
    pub measures: Lenient<Items<measure::MeasureSpec>>,
    /// Public numbers that fade.
    #[serde(default)]
    pub gauges: Lenient<Items<diplomacy::GaugeSpec>>,
    /// Bounded integers.
    #[serde(default)]
    pub counters: Lenient<Items<diplomacy::CounterSpec>>,
    /// Countries that side together.
    #[serde(default)]
    pub coalitions: Lenient<Items<diplomacy::CoalitionSpec>>,
    /// Lines between actors.
    #[serde(default)]
    pub channels: Lenient<Items<diplomacy::ChannelSpec>>,
    /// Dated talks.
    #[serde(default)]
    pub meetings: Lenient<Items<diplomacy::MeetingSpec>>,
    /// What parties can agree on.
    #[serde(default)]
    pub packages: Lenient<Items<diplomacy::PackageSpec>>,
    /// Truces that stand at the start.
    #[serde(default)]
    pub truces: Lenient<Items<diplomacy::TruceSpec>>,
    /// Acts.
    #[serde(default)]
    pub moves: Lenient<Items<actor::MoveSpec>>,
    /// Decisions before dated events.
    #[serde(default)]
    pub eves: Lenient<Items<diplomacy::EveSpec>>,
    /// Past acts still unanswered.
    #[serde(default)]
    pub pending: Lenient<Items<diplomacy::PendingSpec>>,
    /// How actors decide.
    #[serde(default)]
    pub rules: Lenient<Items<observe::RuleRow>>,
    /// Clocks.
    #[serde(default)]
    pub clocks: Lenient<Items<chance::ClockSpec>>,
    /// Shocks: clocks that nobody winds.
    #[serde(default)]
    pub shocks: Lenient<Items<chance::ClockSpec>>,
    /// Named states of the world, worst first.
    #[serde(default)]
    pub regimes: Lenient<Items<observe::RegimeSpec>>,
    /// Recorded series.
    #[serde(default)]
    pub series: Lenient<Items<observe::SeriesSpec>>,
    /// What is measured.
    #[serde(default)]
    pub metrics: Lenient<Items<observe::MetricRow>>,
    /// Facts printed beside the run.
    #[serde(default)]
    pub expect: Lenient<Items<observe::ExpectSpec>>,
    /// What if.
    #[serde(default)]
    pub branches: Lenient<Items<change::BranchSpec>>,
    /// What a branch sets beside the text: forbidden moves, plans, fired effects, natures.
    #[serde(skip)]
    pub forced: Forced,
}

/// What a branch sets that has no place in the file itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forced {
    /// Moves that are never legal.
    pub forbidden: Vec<Name>,
    /// Moves that alone are legal, by actor.
    pub only: Vec<(Name, Vec<Name>)>,
    /// Types that are drawn for certain.
    pub natures: Vec<(Name, Name)>,
    /// Plans.
    pub plans: Vec<ForcedPlan>,
    /// Effects at moments.
    pub fires: Vec<ForcedFire>,
}

/// A plan that a branch forces on an actor.
#[derive(Debug, Clone, PartialEq)]
pub struct ForcedPlan {
    /// Whose.
    pub actor: Name,
    /// Steps.
    pub steps: Vec<change::PlanStep>,
    /// The rule that goes on between and after the steps.
    pub then: Option<Name>,
    /// Whether the others know it.
    pub known: bool,
}

/// Effects that a branch fires at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ForcedFire {
    /// Its name.
    pub id: Name,
    /// When.
    pub on: Spanned<When>,
    /// What.
    pub effects: Vec<crate::model::written::EffectSpec>,
}

/// The elements of a section; none where it was left out or could not be read.
pub fn rows<T>(section: &Lenient<Items<T>>) -> &[Spanned<T>] {
    section.get().map_or(&[], |items| items.0.as_slice())
}

/// The elements of a section, to be changed.
pub fn rows_mut<T>(section: &mut Lenient<Items<T>>) -> &mut Vec<Spanned<T>> {
    &mut section.0.get_or_insert_with(Items::default).0
}
