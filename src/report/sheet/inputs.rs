//! The inputs with their ranges and sources, and which of the weighty ones are sourced worst.

use super::{Facts, drivers};
use crate::model::{Input, Model};
use crate::report::document::{Block, Cell, Column, Table};
use crate::report::{law, number, plain};
use crate::stats::dist::Dist;

/// How well an input is sourced: 0 for nothing or an assumption, then by its confidence.
fn grade(input: &Input) -> u8 {
    let source = input.source.as_deref().unwrap_or_default().trim().to_lowercase();
    if source.is_empty() || source.starts_with("assumed") {
        return 0;
    }
    match input.confidence.as_deref() {
        Some("High") => 3,
        Some("Medium") => 2,
        _ => 1,
    }
}

/// How many inputs vary, and how many of these are assumed or have no source.
pub(super) fn assumed(model: &Model) -> (usize, usize) {
    let varying = || model.inputs.iter().filter(|input| !matches!(input.dist, Dist::Fixed(_)));
    (varying().count(), varying().filter(|input| grade(input) == 0).count())
}

pub(super) fn blocks(facts: &Facts<'_>) -> Vec<Block> {
    let model = facts.base();
    if model.inputs.is_empty() {
        return vec![Block::Text("The scenario has no uncertain inputs.".into())];
    }
    let weighty = drivers::weighty(facts);
    let mut out = Vec::new();
    let mut weak: Vec<&(usize, f64)> =
        weighty.iter().filter(|(k, _)| grade(&model.inputs[*k]) <= 1).collect();
    weak.sort_by_key(|(k, _)| grade(&model.inputs[*k]));
    let named: Vec<String> = weak
        .iter()
        .take(5)
        .map(|(k, index)| {
            let input = &model.inputs[*k];
            let why = if grade(input) == 0 { "assumed" } else { "low confidence" };
            format!(
                "{} ({why}, up to {} of a variance)",
                plain::short(&input.name, 40),
                number::percent(*index)
            )
        })
        .collect();
    out.push(Block::Text(if weighty.is_empty() {
        "No input explains a share of a figure above that differs clearly from nothing.".to_owned()
    } else if named.is_empty() {
        "Every input that matters to the figures above has a source of medium or high confidence."
            .to_owned()
    } else {
        format!("Matter to the figures above and are sourced worst: {}.", named.join("; "))
    }));
    let row = |(k, input): (usize, &Input)| {
        let most = weighty.iter().find(|(known, _)| *known == k).map(|(_, index)| *index);
        let q = |p: f64| number::short(input.dist.quantile(p), 3);
        let range = match input.dist {
            Dist::Fixed(value) => number::short(value, 4),
            _ => format!("{} [{} to {}]", q(0.5), q(0.05), q(0.95)),
        };
        let observed =
            input.observed.as_deref().map(|when| format!("observed {}", plain::line(when)));
        vec![
            Cell::text(plain::line(&input.name)).note(plain::line(&input.unit)),
            Cell::text(range.replace('-', "\u{2212}"))
                .note(law::written(&input.dist))
                .by(Some(input.dist.quantile(0.5))),
            Cell::text(plain::line(input.source.as_deref().unwrap_or("none")))
                .note(observed.unwrap_or_default()),
            Cell::text(plain::line(input.confidence.as_deref().unwrap_or("not stated")))
                .by(Some(f64::from(grade(input)))),
            Cell::text(most.map_or_else(String::new, number::percent)).by(most.or(Some(0.0))),
        ]
    };
    out.push(Block::Table(Table {
        caption: "Inputs: median and range from 5% to 95%, source, confidence, and the largest share of the variance of a key figure".into(),
        columns: vec![
            Column::words("Input"),
            Column::figures("Range"),
            Column::words("Source"),
            Column::words("Confidence"),
            Column::figures("Share"),
        ],
        rows: model.inputs.iter().enumerate().map(row).collect(),
    }));
    out
}
