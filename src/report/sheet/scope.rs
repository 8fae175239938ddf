//! What the scenario holds, counted, and what the program leaves out.

use super::Facts;
use crate::report::document::Block;
use crate::report::plain;

/// Heading of what is left out.
pub(super) const LEFT_OUT: &str = "Not modelled";

pub(super) fn blocks(facts: &Facts<'_>) -> Vec<Block> {
    let model = facts.base();
    let names = |list: Vec<&str>| {
        let shown: Vec<String> = list.iter().take(12).map(|n| plain::short(n, 40)).collect();
        let more = list.len().saturating_sub(12);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let actors = model.actors.iter().map(|a| if a.title.is_empty() { &*a.name } else { &*a.title });
    let count = |n: usize, one: &str, many: &str| match n {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    let mut modelled = vec![
        format!(
            "{}, with {} between them: {}.",
            plain::sentence(&count(model.actors.len(), "actor that decides", "actors that decide"))
                .trim_end_matches('.'),
            count(model.moves.len(), "move", "moves"),
            names(actors.collect())
        ),
        plain::sentence(&format!(
            "{}, {}, {} and {} of chance, each on its own dates",
            count(model.measures.len(), "measure", "measures"),
            count(model.meetings.len(), "meeting", "meetings"),
            count(model.packages.len(), "package", "packages"),
            count(model.clocks.len(), "event", "events")
        )),
        plain::sentence(&format!(
            "{}, drawn anew in each trial from a stated range, so that the figures average over what is not known",
            count(model.inputs.len(), "uncertain number", "uncertain numbers")
        )),
    ];
    modelled.push(if let Some(economy) = &facts.manifest.economy {
        plain::sentence(&format!("Losses of income and trade: {}", economy.say))
    } else if model.economy.is_some() {
        "Losses of income and trade from a partial model of trade, at a horizon.".to_owned()
    } else {
        "No trade model: tariffs have no effect on trade or income here.".to_owned()
    });
    let left_out = [
        "This is no forecast of the world: chances are conditional on the actors, options, wants and ranges of the file.",
        "Governments decide as single persons with private types and look a few moves ahead; no equilibrium is played.",
        "Nothing that the file does not name can happen: no other countries, elections, wars or deals.",
        "Exchange rates, monetary policy and supply chains below the sector are left out; firms do not decide.",
        "Nothing was fitted to what happened afterwards.",
    ];
    vec![
        Block::Heading("Modelled".into()),
        Block::List(modelled),
        Block::Heading(LEFT_OUT.into()),
        Block::List(left_out.map(str::to_owned).to_vec()),
    ]
}
