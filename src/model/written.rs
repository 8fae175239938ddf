//! Conditions, events and effects as a scenario file writes them. Meaning: [`super::condition`],
//! [`super::observe`], [`super::effect`]; the bridge is [`super::lookup`].

use crate::registry::Info;
use crate::syntax::{Name, Num, OneOrMany, When, reject, schema};
use serde::Deserialize;

/// State of a measure, as written. `Announced` is another word for pending, `Withdrawn` for idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum StatusWord {
    /// Nothing.
    Idle,
    /// A dated change is pending.
    Pending,
    /// The same as `Pending`.
    Announced,
    /// In force.
    InForce,
    /// Suspended.
    Suspended,
    /// The same as `Idle`.
    Withdrawn,
}

/// State of a channel, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum ChannelWord {
    /// Messages pass.
    Open,
    /// Messages pass, offers do not.
    Strained,
    /// Nothing passes.
    Closed,
}

/// State of a meeting, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum MeetingWord {
    /// Not planned.
    Unplanned,
    /// Planned.
    Planned,
    /// Held.
    Held,
    /// Called off.
    Cancelled,
}

/// Sign of an act's weight, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum SignWord {
    /// Escalates.
    Up,
    /// Calms.
    Down,
    /// Either, or neither.
    Any,
}

/// A level: a number, a word of the measure's `levels`, or `LikeLevel("measure")`.
pub type LevelText = crate::syntax::Spanned<LevelSpec>;

/// What a level can be written as.
#[derive(Debug, Clone, PartialEq)]
pub enum LevelSpec {
    /// A number among the measure's levels.
    Number(f64),
    /// A word among the measure's levels.
    Word(String),
    /// The level of another measure, cut to the nearest legal one not above.
    Like(Name),
}

/// The forms with parentheses.
#[derive(Deserialize, schemars::JsonSchema)]
enum LevelForms {
    LikeLevel(Name),
}

impl<'de> Deserialize<'de> for LevelSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<LevelSpec, D::Error> {
        let raw = crate::syntax::RawNode::deserialize(deserializer)?;
        match raw.first() {
            Some('"') => raw.parse().map(LevelSpec::Word).map_err(reject),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                raw.parse().map(LevelSpec::Number).map_err(reject)
            }
            _ => {
                let LevelForms::LikeLevel(name) = raw.parse::<LevelForms>().map_err(reject)?;
                Ok(LevelSpec::Like(name))
            }
        }
    }
}

schema::form!(LevelSpec, "Level", |generator| {
    let forms = generator.subschema_for::<LevelForms>();
    let word = schema::text("A word among the levels of the measure");
    schema::either("A level of a measure", [schema::number(), word, forms])
});

/// How long: a number of days, a law, or `Lasts` (as long as the deal).
#[derive(Debug, Clone, PartialEq)]
pub enum SpanSpec {
    /// A number of days, an input or a law.
    Span(Num),
    /// As long as the deal that carries it.
    Lasts,
}

impl<'de> Deserialize<'de> for SpanSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SpanSpec, D::Error> {
        let raw = crate::syntax::RawNode::deserialize(deserializer)?;
        if raw.text() == "Lasts" {
            return Ok(SpanSpec::Lasts);
        }
        raw.parse::<Num>().map(SpanSpec::Span).map_err(reject)
    }
}

schema::form!(SpanSpec, "Span", |generator| {
    let days = generator.subschema_for::<Num>();
    schema::either("Days, or as long as the deal lasts", [schema::word("Lasts"), days])
});

/// A condition, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum CondSpec {
    Always,
    All(Vec<CondSpec>),
    Any(Vec<CondSpec>),
    Not(Box<CondSpec>),
    Is(Name, OneOrMany<StatusWord>),
    Level(Name, LevelText),
    LevelAtLeast(Name, LevelText),
    Counter(Name, i32),
    Sum(Vec<(Name, i32)>, i32),
    Above(Name, Num),
    Below(Name, Num),
    Channel(Name, OneOrMany<ChannelWord>),
    Meeting(Name, OneOrMany<MeetingWord>),
    InDeal,
    InDealBetween(Name, Name),
    Truce(Name),
    Member(Name),
    Asked(Name),
    Before(When),
    After(When),
    LaterThan(Name, Num),
    Since(Box<EventSpec>, Num),
    Happened(Box<EventSpec>),
    Count {
        #[serde(default)]
        r#move: Option<Name>,
        #[serde(default)]
        by: Option<Name>,
        #[serde(default)]
        sign: Option<SignWord>,
        at_least: u16,
        #[serde(default)]
        within: Option<Num>,
    },
    StockedOut(Name),
    OwnStockBelow(Num),
    Regime(Name),
    RegimeAtLeast(Name),
    EveOf(Name),
    AtMeeting(Name),
    ActBy {
        #[serde(default)]
        by: Option<Name>,
        #[serde(default)]
        min_weight: Option<Num>,
    },
    Belief {
        about: Name,
        is: Name,
        above: Num,
    },
    OwnType(Name),
}

/// An event pattern, as written. `"any"` stands for every package, deal or stock.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum EventSpec {
    Effective(Name),
    Announced(Name),
    Suspended(Name),
    Dropped(Name),
    Lapsed(Name),
    DateOf(Name),
    Held(Name),
    HeldWithoutDeal(Name),
    Cancelled(Name),
    Signed(Name),
    Breached(Name),
    Ended(Name),
    Fired(Name),
    StockOut(Name),
    PaidAudience(Name),
    Move(Name),
    Leaked,
    Becomes(Box<CondSpec>),
    AnyOf(Vec<EventSpec>),
}

/// An effect, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum EffectSpec {
    Announce {
        what: Name,
        #[serde(default)]
        level: Option<LevelText>,
        #[serde(default)]
        on: Option<When>,
        #[serde(default)]
        lead: Option<Num>,
        #[serde(default)]
        order: Option<bool>,
    },
    Enact(Name),
    EnactAt(Name, LevelText),
    Start(Name),
    Postpone(Name, SpanSpec),
    Reschedule(Name, Num),
    Suspend(Name, SpanSpec),
    KeepSuspended(Name, SpanSpec),
    Withdraw(Name),
    Strike {
        legal: Name,
        wind_down: Num,
    },
    Restore(Name),
    SetLevel(Name, LevelText),
    Repeat(Name),
    Open(Name),
    Strain(Name),
    Close(Name),
    Call {
        meeting: Name,
        r#in: Num,
    },
    Cancel(Name),
    MoveMeeting(Name, Num),
    Offer(Name),
    EndDeal(Name),
    Extend(Name, Num),
    Add(Name, i32),
    Push(Name, Num),
    Signal(String),
    Commit(Name, Num),
    Reveal(Name),
    Join(Name),
    Leave(Name),
    Punish(Name),
    Ask {
        who: Name,
        #[serde(default)]
        after: Option<Num>,
    },
    AskMembers(Name),
    Chance {
        p: Num,
        #[serde(rename = "do")]
        then: Vec<EffectSpec>,
        #[serde(default, rename = "else")]
        otherwise: Vec<EffectSpec>,
    },
    If {
        #[serde(rename = "if")]
        condition: CondSpec,
        #[serde(rename = "do")]
        then: Vec<EffectSpec>,
        #[serde(default, rename = "else")]
        otherwise: Vec<EffectSpec>,
    },
}

/// A term of a package, as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each variant is described with its compiled form")]
pub enum ClauseSpec {
    Drop(Name),
    Postpone(Name, SpanSpec),
    Suspend(Name, SpanSpec),
    KeepSuspended(Name),
    Start(Name),
    SetLevel(Name, LevelText),
    NoNew(Name),
    Prolong(Name),
}

/// Every effect, for lists: word, meaning, how it is written.
pub const EFFECTS: &[Info] = &[
    Info {
        name: "Announce",
        doc: "sets a dated change of level; it takes effect unless stopped (`order: false`: a mere statement)",
        example: r#"Announce(what: "m", level: 50, on: "2025-11-01")"#,
    },
    Info {
        name: "Enact",
        doc: "orders a pending change, or puts an idle or suspended measure in force after its lead",
        example: r#"Enact("m")"#,
    },
    Info { name: "EnactAt", doc: "the same at a level", example: r#"EnactAt("m", 25)"# },
    Info {
        name: "Start",
        doc: "puts a measure in force now, without lead",
        example: r#"Start("m")"#,
    },
    Info {
        name: "Postpone",
        doc: "moves a pending date, or the end of a suspension, by a span",
        example: r#"Postpone("m", days(30))"#,
    },
    Info {
        name: "Reschedule",
        doc: "moves a pending date to a span from now",
        example: r#"Reschedule("m", days(3))"#,
    },
    Info {
        name: "Suspend",
        doc: "suspends what is pending or in force",
        example: r#"Suspend("m", days(90))"#,
    },
    Info {
        name: "KeepSuspended",
        doc: "keeps a suspension going",
        example: r#"KeepSuspended("m", days(90))"#,
    },
    Info {
        name: "Withdraw",
        doc: "ends a measure: nothing pending, nothing in force",
        example: r#"Withdraw("m")"#,
    },
    Info {
        name: "Strike",
        doc: "a court lifts every measure on a legal basis after a time and bars new ones",
        example: r#"Strike(legal: "IEEPA", wind_down: days(15))"#,
    },
    Info {
        name: "Restore",
        doc: "a legal basis may be used again",
        example: r#"Restore("IEEPA")"#,
    },
    Info {
        name: "SetLevel",
        doc: "changes the level in force, or the pending level",
        example: r#"SetLevel("m", "eased")"#,
    },
    Info { name: "Repeat", doc: "one more of a measure that repeats", example: r#"Repeat("m")"# },
    Info { name: "Open", doc: "opens a channel", example: r#"Open("c")"# },
    Info {
        name: "Strain",
        doc: "strains a channel: messages pass, offers do not",
        example: r#"Strain("c")"#,
    },
    Info { name: "Close", doc: "closes a channel", example: r#"Close("c")"# },
    Info { name: "Call", doc: "plans a meeting", example: r#"Call(meeting: "m", in: days(10))"# },
    Info { name: "Cancel", doc: "calls a planned meeting off", example: r#"Cancel("m")"# },
    Info {
        name: "MoveMeeting",
        doc: "moves a planned meeting",
        example: r#"MoveMeeting("m", days(7))"#,
    },
    Info {
        name: "Offer",
        doc: "offers a package over an open channel; it lapses after seven days",
        example: r#"Offer("p")"#,
    },
    Info { name: "EndDeal", doc: "ends a live deal before its time", example: r#"EndDeal("p")"# },
    Info {
        name: "Extend",
        doc: "prolongs a truce of the file",
        example: r#"Extend("t", days(90))"#,
    },
    Info { name: "Add", doc: "adds to a counter, within its bounds", example: r#"Add("c", 1)"# },
    Info {
        name: "Push",
        doc: "pushes a gauge, within its bounds",
        example: r#"Push("tone", 0.2)"#,
    },
    Info { name: "Signal", doc: "a statement and nothing else", example: r#"Signal("words")"# },
    Info {
        name: "Commit",
        doc: "adds to the commitment to carry a threat out",
        example: r#"Commit("m", 0.3)"#,
    },
    Info { name: "Reveal", doc: "makes an actor's type public", example: r#"Reveal("US")"# },
    Info { name: "Join", doc: "the mover joins a coalition", example: r#"Join("c")"# },
    Info { name: "Leave", doc: "the mover leaves a coalition", example: r#"Leave("c")"# },
    Info {
        name: "Punish",
        doc: "the next decisions of a coalition's members know that one was punished",
        example: r#"Punish("c")"#,
    },
    Info {
        name: "Ask",
        doc: "gives an actor an occasion to decide",
        example: r#"Ask(who: "EU", after: days(3))"#,
    },
    Info {
        name: "AskMembers",
        doc: "asks all outsiders of a coalition to join",
        example: r#"AskMembers("c")"#,
    },
    Info {
        name: "Chance",
        doc: "one of two lists by chance",
        example: r#"Chance(p: 0.3, do: [Signal("a")], else: [Signal("b")])"#,
    },
    Info {
        name: "If",
        doc: "one of two lists by condition",
        example: r#"If(if: Always, do: [Signal("a")])"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;

    #[test]
    fn every_listed_effect_is_written_as_it_says() {
        for info in EFFECTS {
            let mut out = Diagnostics::new();
            let effect = crate::syntax::parse::<EffectSpec>(info.example, &mut out);
            assert!(effect.is_some(), "{}: {}", info.name, out.render("list", info.example, false));
            let written = format!("{:?}", effect.unwrap());
            assert!(written.starts_with(info.name), "{written}");
        }
    }
}
