//! Gauges, counters, coalitions, channels, meetings, packages, truces and eves, as written.

use super::actor::Names;
use super::element::element;
use crate::model::written::{ChannelWord, ClauseSpec, CondSpec, EffectSpec, EventSpec};
use crate::syntax::{DateText, Items, Name, Num, RawNode, Spanned, When, reject, schema};
use serde::{Deserialize, Deserializer};

element! {
    /// A public number that moves push and that fades.
    pub struct GaugeSpec {
        /// Value at the start.
        #[serde(default)]
        pub start: Option<Num>,
        /// Days in which the distance to rest halves; without it the gauge stays.
        #[serde(default)]
        pub half_life: Option<Num>,
        /// Bounds.
        pub within: (Num, Num),
        /// Where it fades to; 0 by default.
        #[serde(default)]
        pub rest: Option<Num>,
    }
}

element! {
    /// A bounded integer.
    pub struct CounterSpec {
        /// Value at the start.
        #[serde(default)]
        pub start: Spanned<i32>,
        /// Bounds, both included; 0 to 1,000,000 by default.
        #[serde(default = "counter_bounds")]
        pub within: Spanned<(i32, i32)>,
    }
}

fn counter_bounds() -> Spanned<(i32, i32)> {
    Spanned::synthetic((0, 1_000_000))
}

element! {
    /// Countries that side together.
    pub struct CoalitionSpec {
        /// Who leads.
        #[serde(default)]
        pub lead: Option<Name>,
        /// The measure it is against; when that ends, the coalition dissolves.
        #[serde(default)]
        pub against: Option<Name>,
        /// Who can join, with weights that sum to 1.
        pub members: Vec<(Name, Num)>,
    }
}

element! {
    /// A line between actors.
    pub struct ChannelSpec {
        /// Who speaks over it; by default the principals.
        #[serde(default)]
        pub between: Names,
        /// State at the start.
        #[serde(default = "open")]
        pub start: ChannelWord,
        /// Chance that a private offer or meeting on it becomes public; 0 by default.
        #[serde(default)]
        pub leak: Option<Num>,
        /// What a leak does.
        #[serde(default)]
        pub leaked: Vec<EffectSpec>,
        /// Closed while this holds, whatever else.
        #[serde(default)]
        pub closes: Option<Spanned<CondSpec>>,
    }
}

fn open() -> ChannelWord {
    ChannelWord::Open
}

/// When a meeting sits, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum MeetingWhen {
    /// At a moment.
    On(When),
    /// On a day drawn uniformly from the range.
    Between(DateText, DateText),
    /// So long after an event.
    After(EventSpec, Num),
}

/// The forms with parentheses.
#[derive(Deserialize, schemars::JsonSchema)]
enum MeetingForms {
    Between(DateText, DateText),
    After(EventSpec, Num),
}

impl<'de> Deserialize<'de> for MeetingWhen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MeetingWhen, D::Error> {
        let raw = RawNode::deserialize(deserializer)?;
        if !matches!(raw.first(), Some('B' | 'A')) {
            return raw.parse().map(MeetingWhen::On).map_err(reject);
        }
        Ok(match raw.parse().map_err(reject)? {
            MeetingForms::Between(first, last) => MeetingWhen::Between(first, last),
            MeetingForms::After(event, wait) => MeetingWhen::After(event, wait),
        })
    }
}

schema::form!(MeetingWhen, "MeetingWhen", |generator| {
    let forms = [generator.subschema_for::<When>(), generator.subschema_for::<MeetingForms>()];
    schema::either("When a meeting sits", forms)
});

element! {
    /// A dated event of talks.
    pub struct MeetingSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// Its channel.
        #[serde(default)]
        pub channel: Option<Name>,
        /// Who sits; by default the two ends of the channel, or the principals.
        #[serde(default)]
        pub parties: Names,
        /// When; without it, when called.
        #[serde(default)]
        pub on: Option<Spanned<MeetingWhen>>,
        /// Sits only if this holds on the day, else it is called off.
        #[serde(default)]
        pub needs: Option<Spanned<CondSpec>>,
        /// Packages that can be proposed, in order.
        #[serde(default)]
        pub agenda: Vec<Name>,
        /// Who proposes first.
        #[serde(default)]
        pub offers_first: Option<Name>,
        /// Number of proposals at most; 2 by default.
        #[serde(default)]
        pub rounds: Option<Spanned<u8>>,
        /// Effects once it was held.
        #[serde(default)]
        pub then: Vec<EffectSpec>,
        /// Effects if it had an agenda and no agreement.
        #[serde(default)]
        pub failed: Vec<EffectSpec>,
        /// Effects if it was called off.
        #[serde(default)]
        pub cancelled: Vec<EffectSpec>,
        /// Whether it can be planned again after it was held or called off.
        #[serde(default)]
        pub again: bool,
    }
}

/// What breaking a deal costs, as written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreachSpec {
    /// Price for the breaker, payoff units.
    #[serde(default)]
    pub once: Option<Num>,
    /// Gauges that it pushes.
    #[serde(default)]
    pub push: Vec<(Name, Num)>,
    /// Days in which the other side may end the deal at no price; 14 by default.
    #[serde(default)]
    pub frees: Option<Num>,
}

element! {
    /// A set of terms that parties can agree on.
    pub struct PackageSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// Who must consent; by default the principals.
        #[serde(default)]
        pub parties: Names,
        /// Offered only while this holds.
        #[serde(default)]
        pub when: Option<Spanned<CondSpec>>,
        /// How long it lives: days or a law.
        pub lasts: Num,
        /// Terms, in order.
        pub terms: Items<ClauseSpec>,
        /// Escalation weight of signing (negative calms).
        #[serde(default)]
        pub weight: Option<Num>,
        /// What breaking it costs.
        #[serde(default)]
        pub breach: BreachSpec,
        /// Days by which it is prolonged if all parties want it; without it, it ends.
        #[serde(default)]
        pub renewal: Option<Num>,
        /// Days before its end at which the parties are asked to prolong; 5 by default.
        #[serde(default)]
        pub renew_before: Option<Num>,
        /// Other effects of signing.
        #[serde(default)]
        pub then: Vec<EffectSpec>,
    }
}

element! {
    /// A truce that stands at the start.
    pub struct TruceSpec {
        /// Who made it; by default the principals.
        #[serde(default)]
        pub parties: Names,
        /// When it ends.
        pub ends: Spanned<When>,
        /// Measures that it keeps suspended.
        #[serde(default)]
        pub holds: Vec<Name>,
        /// The package the parties are asked to sign on its eve.
        #[serde(default)]
        pub renewal: Option<Name>,
    }
}

/// A decision so long before a dated event, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EveSpec {
    /// A measure with a date, a meeting or a truce.
    pub of: Name,
    /// How long before: days or a law.
    pub before: Num,
    /// Who decides, in order, each seeing the one before.
    pub decides: Vec<Name>,
    /// Who may answer after them, before the date.
    #[serde(default)]
    pub then: Vec<Name>,
}

/// A past act that is still unanswered, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PendingSpec {
    /// Who owes an answer.
    pub who: Name,
    /// The measure that was the act.
    pub to: Name,
    /// When it was put in force.
    pub since: DateText,
}
