//! Actors, their payoffs and moves, firms and stocks, as written.

use super::element::element;
use crate::model::written::{CondSpec, EffectSpec};
use crate::syntax::{Entries, Items, Name, Num, OneOrMany, Spanned, When, schema};
use serde::Deserialize;

/// The part an actor plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
pub enum Part {
    /// One of the sides: party to channels, meetings and packages that name no parties.
    #[default]
    Principal,
    /// A country that answers, and takes no part in the talks unless named.
    Third,
}

element! {
    /// An actor: who decides.
    pub struct ActorSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// Gross domestic product a year.
        #[serde(default)]
        pub gdp: Option<Num>,
        /// Its region in the trade base; by default known from its name.
        #[serde(default)]
        pub region: Option<Name>,
        /// The part it plays.
        #[serde(default)]
        pub decides: Part,
        /// Who speaks for it: names for stories.
        #[serde(default)]
        pub voices: Vec<(Name, String)>,
        /// Private types with the probability that others give them.
        #[serde(default)]
        pub types: Vec<(Name, Num)>,
        /// Probabilities from which a trial draws the type, where they differ from `types`.
        #[serde(default)]
        pub nature: Vec<(Name, Num)>,
        /// Payoff terms.
        #[serde(default)]
        pub payoff: Items<TermSpec>,
        /// Whose acts it answers.
        #[serde(default)]
        pub reacts: Vec<ReactSpec>,
        /// Decisions without outer cause.
        #[serde(default)]
        pub reviews: Option<ReviewsSpec>,
        /// How it decides; without a rule it holds.
        #[serde(default)]
        pub rule: Option<Name>,
        /// How it values deals.
        #[serde(default)]
        pub values: Option<ValuesSpec>,
    }
}

/// Factors by type: `{"hawk": 1.6, "dove": 0.4}`; a type that is not named has 1.
pub type ByType = Entries<Num>;

/// A payoff term as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum TermSpec {
    Income {
        weight: Num,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Revenue {
        weight: Num,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Audience {
        once: Num,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        face: Option<Num>,
        #[serde(default)]
        name: Option<Name>,
    },
    Unanswered {
        once: Num,
        #[serde(default)]
        by_type: ByType,
        after: Num,
        #[serde(default)]
        min_weight: Option<Num>,
        #[serde(default)]
        name: Option<Name>,
    },
    Win {
        once: Num,
        of: Name,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Lobby {
        flow: Num,
        #[serde(rename = "while")]
        condition: CondSpec,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Leverage {
        flow: Num,
        of: Name,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Supplier {
        flow: Num,
        of: Name,
        #[serde(default)]
        coalition: Option<Name>,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Coalition {
        flow: Num,
        of: Name,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
    Stress {
        once: Num,
        shock: Name,
        #[serde(default)]
        by_type: ByType,
        #[serde(default)]
        name: Option<Name>,
    },
}

/// Whose acts an actor answers, and how fast.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactSpec {
    /// An actor, or a coalition: each of its members.
    pub to: Name,
    /// From seeing the act to deciding: days or a law.
    pub after: Num,
    /// Smallest escalation weight that it answers.
    #[serde(default)]
    pub min_weight: Option<Num>,
    /// Days after which silence counts as an answer; by default the 0.9 quantile of the lag.
    #[serde(default)]
    pub window: Option<Num>,
}

/// Decisions without outer cause, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub enum ReviewsSpec {
    /// Every so many days; the first is uniform within the period.
    Every(Num),
    /// Gaps drawn from a law.
    Gaps(Num),
    /// On these days.
    Dates(Vec<Spanned<When>>),
}

/// Under which world a deal is valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
pub enum ValueRule {
    /// Ordered measures take effect on their dates, statements by the believed chance, nothing else.
    #[default]
    AnnouncedWorld,
}

/// How an actor values deals, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuesSpec {
    /// Which world is expected to follow.
    #[serde(default)]
    pub rule: ValueRule,
    /// Days for which events are followed; 90 by default.
    #[serde(default)]
    pub horizon: Option<Num>,
    /// Rollouts by the rules of all; the announced world needs none.
    #[serde(default)]
    pub rollouts: Option<Spanned<u32>>,
    /// Precision of consent, in 1/payoff unit.
    pub precision: Num,
    /// What a deal must be worth beyond walking away; 0 by default.
    #[serde(default)]
    pub hurdle: Option<Num>,
    /// A gauge and a factor: the hurdle falls by factor × gauge.
    #[serde(default)]
    pub trust: Option<(Name, Num)>,
}

element! {
    /// A firm: it is hit and lobbies; it does not decide.
    pub struct FirmSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// Its country.
        pub home: Name,
        /// Output a year.
        #[serde(default)]
        pub output: Option<Num>,
    }
}

element! {
    /// A stock of a critical input, in days of normal use.
    pub struct StockSpec {
        /// What a reader sees.
        #[serde(default)]
        pub name: Option<String>,
        /// The critical input, as export controls name it.
        pub of: Name,
        /// Whose users.
        pub user: Name,
        /// Days of normal use at the start.
        pub start: Num,
        /// Share of use saved once fewer than 30 days are left.
        #[serde(default)]
        pub thrift: Option<Num>,
        /// Output of the users a year.
        #[serde(default)]
        pub output: Option<Num>,
        /// Civil users can be licensed; others get no approval.
        #[serde(default = "yes")]
        pub civil: bool,
        /// Cost share of the input in that output; needed by `HultenOutput`.
        #[serde(default)]
        pub cost_share: Option<Num>,
    }
}

fn yes() -> bool {
    true
}

/// Who can make a move.
#[derive(Debug, Clone, PartialEq)]
pub enum ByWhom {
    /// One actor.
    One(Name),
    /// Each of several: the move is written once for each, as `move@actor`.
    Each(Vec<Name>),
}

/// The forms with parentheses.
#[derive(Deserialize, schemars::JsonSchema)]
enum ByForms {
    Each(Vec<Name>),
}

impl<'de> Deserialize<'de> for ByWhom {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ByWhom, D::Error> {
        let raw = crate::syntax::RawNode::deserialize(deserializer)?;
        if raw.first() == Some('"') {
            return raw.parse().map(ByWhom::One).map_err(crate::syntax::reject);
        }
        let ByForms::Each(names) = raw.parse().map_err(crate::syntax::reject)?;
        Ok(ByWhom::Each(names))
    }
}

schema::form!(ByWhom, "ByWhom", |generator| {
    let each = generator.subschema_for::<ByForms>();
    schema::either("Who can make it", [schema::text("An actor"), each])
});

/// Who sees a move, as written.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, schemars::JsonSchema)]
pub enum SeenSpec {
    /// Everybody, at once.
    #[default]
    Public,
    /// The parties only.
    Parties,
    /// Everybody, after so many days.
    Delayed(Num),
    /// Nobody but the mover.
    Never,
}

/// What a move costs its maker: one number, or one by type with `"all"` for the rest.
#[derive(Debug, Clone, PartialEq)]
pub enum PriceSpec {
    /// The same for all types.
    All(Num),
    /// By type.
    ByType(Entries<Num>),
}

impl<'de> Deserialize<'de> for PriceSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<PriceSpec, D::Error> {
        let raw = crate::syntax::RawNode::deserialize(deserializer)?;
        match raw.first() {
            Some('{') => raw.parse().map(PriceSpec::ByType),
            _ => raw.parse().map(PriceSpec::All),
        }
        .map_err(crate::syntax::reject)
    }
}

schema::form!(PriceSpec, "Price", |generator| {
    let forms = [generator.subschema_for::<Num>(), generator.subschema_for::<Entries<Num>>()];
    schema::either("One number, or one by type", forms)
});

element! {
    /// A move.
    pub struct MoveSpec {
        /// Who can make it.
        pub by: ByWhom,
        /// Who speaks, for the story.
        #[serde(default)]
        pub voice: Option<Name>,
        /// What it does.
        #[serde(rename = "do")]
        pub effects: Spanned<Vec<EffectSpec>>,
        /// Legal while this holds.
        #[serde(default)]
        pub when: Option<Spanned<CondSpec>>,
        /// Escalation weight, signed.
        #[serde(default)]
        pub weight: Option<Num>,
        /// What it costs its maker, payoff units, signed (negative costs).
        #[serde(default)]
        pub price: Option<PriceSpec>,
        /// Who sees it, and when.
        #[serde(default)]
        pub seen: SeenSpec,
        /// Not again within so many days.
        #[serde(default)]
        pub once_per: Option<Num>,
        /// One sentence for the story; `{actor}` is filled in.
        #[serde(default)]
        pub story: Option<String>,
    }
}

/// A list of actors' names, or one.
pub type Names = OneOrMany<Name>;
