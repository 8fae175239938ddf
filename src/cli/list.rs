//! `list`: what scenarios can be made of.

use super::{Failure, screen};
use crate::{chart, instruments, metrics, rules};

/// List what scenarios can be made of.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to list.
    #[arg(value_enum)]
    what: What,
}

/// Effects as files write them, in the order of `model::written`.
const EFFECTS: &[(&str, &str)] = &[
    ("Announce", "Dates a change of a measure, as a statement or as an order."),
    ("Enact", "Orders what is pending, or puts a measure in force after its lead."),
    ("EnactAt", "As Enact, at a level."),
    ("Start", "Puts a measure in force now, without its lead."),
    ("Postpone", "Moves a pending date, or the end of a suspension, by a span."),
    ("Reschedule", "Moves a pending date to a span from now."),
    ("Suspend", "Suspends what is pending or in force, for a span or until a date."),
    ("KeepSuspended", "Keeps a suspension going at least so long."),
    ("Withdraw", "Ends a measure: nothing pending, nothing in force."),
    ("Strike", "Lifts every measure on a legal basis after winding down, and bars new ones."),
    ("Restore", "Lets a struck legal basis be used again."),
    ("SetLevel", "Changes the level in force, or the pending one."),
    ("Repeat", "Adds one more of the same to a measure in force; idle, as Enact."),
    ("Open", "Opens a channel."),
    ("Strain", "Strains a channel."),
    ("Close", "Closes a channel."),
    ("Call", "Plans a meeting a span from now."),
    ("Cancel", "Calls a planned meeting off."),
    ("MoveMeeting", "Moves a planned meeting by a span."),
    ("Offer", "Offers a package over an open channel."),
    ("EndDeal", "Ends a live deal before its time."),
    ("Extend", "Prolongs a truce of the file by a span."),
    ("Add", "Adds to a counter, within its bounds."),
    ("Push", "Pushes a gauge, within its bounds."),
    ("Signal", "Makes a statement and nothing else."),
    ("Commit", "Adds to the commitment to carry out a pending measure."),
    ("Reveal", "Makes an actor's type public."),
    ("Join", "Joins a coalition."),
    ("Leave", "Leaves a coalition."),
    ("Punish", "Tells members of a coalition that one was punished."),
    ("Ask", "Gives an actor an occasion to decide, at once or after a lag."),
    ("AskMembers", "Asks every outsider of a coalition to join."),
    ("Chance", "One of two lists of effects, by chance."),
    ("If", "One of two lists of effects, by a condition at that place."),
];

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// What measures consist of.
    Instruments,
    /// What moves, clocks and deals do.
    Effects,
    /// How actors decide.
    Rules,
    /// What is measured of a trial.
    Metrics,
    /// What is drawn of a run.
    Charts,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rows: Vec<(&str, &str)> = match arguments.what {
        What::Instruments => instruments::ALL.iter().map(|i| (i.name, i.doc)).collect(),
        What::Effects => EFFECTS.to_vec(),
        What::Rules => rules::ALL.iter().map(|i| (i.name, i.doc)).collect(),
        What::Metrics => metrics::ALL.iter().map(|i| (i.name, i.doc)).collect(),
        What::Charts => chart::ALL.iter().map(|i| (i.name, i.doc)).collect(),
    };
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: String = rows.iter().map(|(name, doc)| format!("{name:width$}  {doc}\n")).collect();
    screen::say(&lines)
}

#[cfg(test)]
mod tests {
    use super::EFFECTS;

    #[test]
    fn every_effect_of_the_language_is_listed() {
        let text = include_str!("../model/written.rs");
        let body = text.split("pub enum EffectSpec {").nth(1).unwrap().split("\n}").next().unwrap();
        let written: Vec<&str> = body
            .lines()
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap())
            .collect();
        let listed: Vec<&str> = EFFECTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, written);
    }
}
