//! Which inputs the figures hang on, from the run's own trials.

use super::Facts;
use crate::report::document::{Block, Cell, Column, Table};
use crate::report::{finding, number, plain};
use crate::sim::contract::MetricKind;
use crate::stats::importance::{self, FirstOrder};
use crate::study::LEVEL;
use crate::study::decision::Measure;

/// Inputs in a table at most.
const INPUTS: usize = 8;

/// Indices of a measure under the branch compared with, the largest first; only those that vary.
fn indices(facts: &Facts<'_>, measure: &Measure) -> Vec<(usize, FirstOrder)> {
    let against = facts.decision.against;
    let Some(column) = facts.table.column(against, &measure.head.id) else { return Vec::new() };
    let all = facts.inputs[against].first_order(column);
    let mut all: Vec<(usize, FirstOrder)> =
        all.into_iter().enumerate().filter_map(|(k, index)| Some((k, index?))).collect();
    all.sort_by(|a, b| b.1.index.total_cmp(&a.1.index).then(a.0.cmp(&b.0)));
    all
}

/// Inputs that surely matter to one of the key measures, with the largest index.
pub(super) fn weighty(facts: &Facts<'_>) -> Vec<(usize, f64)> {
    let mut found: Vec<(usize, f64)> = Vec::new();
    for measure in facts.key() {
        let against = facts.decision.against;
        let column = facts.table.column(against, &measure.head.id).unwrap_or_default();
        for (k, index) in facts.inputs[against].weighty(column) {
            match found.iter_mut().find(|(known, _)| *known == k) {
                Some((_, most)) => *most = most.max(index.index),
                None => found.push((k, index.index)),
            }
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found
}

/// What the first number, or chance, hangs on.
pub(super) fn sentence(facts: &Facts<'_>, key: &[&Measure]) -> Option<String> {
    let number = key.iter().find(|m| m.head.kind == MetricKind::Number);
    let measure = number.or(key.first())?;
    let what = finding::measure(&measure.head.title, &measure.head.unit);
    let all = indices(facts, measure);
    let against = facts.decision.against;
    let column = facts.table.column(against, &measure.head.id).unwrap_or_default();
    let mut clear = facts.inputs[against].weighty(column);
    clear.truncate(3);
    let base = facts.named(facts.decision.against);
    if clear.is_empty() {
        return Some(format!(
            "Under {base} no single input explains a share of the spread of {what} that differs clearly from nothing."
        ));
    }
    let named: Vec<String> = clear
        .iter()
        .map(|(k, index)| {
            let name = plain::short(&facts.base().inputs[*k].name, 40);
            format!("{name} ({})", number::percent(index.index))
        })
        .collect();
    Some(format!(
        "Under {base} the inputs that explain most of the variance of {what} singly are {}; {} is left to chance, private types and inputs together.",
        named.join(", "),
        number::percent(rest(&all))
    ))
}

/// The part of the variance that no single input explains.
fn rest(all: &[(usize, FirstOrder)]) -> f64 {
    (1.0 - all.iter().map(|(_, index)| index.index).sum::<f64>()).clamp(0.0, 1.0)
}

pub(super) fn blocks(facts: &Facts<'_>) -> Vec<Block> {
    if facts.base().inputs.is_empty() {
        return vec![Block::Text(
            "The scenario has no uncertain inputs: all spread is chance.".into(),
        )];
    }
    let mut out = vec![Block::Text(format!(
        "From the trials themselves, under {}: the share of a figure's variance that goes away where one input is known, \
         freed of what chance alone would give, with 95% intervals; and rank correlations, which say in which direction. \
         What single inputs do not explain is chance, private types, and inputs together.",
        facts.named(facts.decision.against)
    ))];
    for measure in facts.key() {
        match table(facts, measure) {
            Some(table) => out.push(Block::Table(table)),
            None => out.push(Block::Text(format!(
                "{}: too few trials, or no value in some, to tell inputs apart.",
                plain::line(&measure.head.title)
            ))),
        }
    }
    out
}

fn table(facts: &Facts<'_>, measure: &Measure) -> Option<Table> {
    let against = facts.decision.against;
    let column = facts.table.column(against, &measure.head.id)?;
    let all = indices(facts, measure);
    if all.is_empty() {
        return None;
    }
    let mut rows: Vec<Vec<Cell>> = all
        .iter()
        .take(INPUTS)
        .map(|(k, index)| {
            let input = &facts.base().inputs[*k];
            let values = &facts.inputs[against].columns[*k];
            let percent = |v: f64| number::percent(v.max(0.0));
            let correlation = importance::correlation(values, column, LEVEL);
            let ends = fifths(values, column);
            let unit = |v: f64| {
                if measure.head.kind == MetricKind::Probability {
                    number::percent(v)
                } else {
                    number::short(v, 3)
                }
            };
            vec![
                Cell::text(plain::line(&input.name)).note(plain::line(&input.unit)),
                Cell::text(format!(
                    "{} [{} to {}]",
                    percent(index.index),
                    percent(index.interval.low),
                    percent(index.interval.high)
                ))
                .by(Some(index.index)),
                correlation.map_or_else(Cell::default, |(rho, ends)| {
                    Cell::text(
                        format!("{rho:.2} [{:.2} to {:.2}]", ends.low, ends.high)
                            .replace('-', "\u{2212}"),
                    )
                    .by(Some(rho))
                }),
                ends.map_or_else(Cell::default, |(low, high)| {
                    Cell::text(format!("{} → {}", unit(low), unit(high)).replace('-', "\u{2212}"))
                        .by(Some(high - low))
                }),
            ]
        })
        .collect();
    let rest = rest(&all);
    rows.push(vec![
        Cell::text("Chance, private types, inputs together"),
        Cell::text(number::percent(rest)).by(Some(rest)),
        Cell::default(),
        Cell::default(),
    ]);
    Some(Table {
        caption: format!(
            "{}: the inputs with the largest shares",
            plain::line(&measure.head.title)
        ),
        columns: vec![
            Column::words("Input"),
            Column::figures("Share of variance [95%]"),
            Column::figures("Rank correlation [95%]"),
            Column::figures("Mean in the lowest → highest fifth"),
        ],
        rows,
    })
}

/// Means of a result where an input lies in its lowest and in its highest fifth.
fn fifths(input: &[f64], output: &[f64]) -> Option<(f64, f64)> {
    let (bin, count) = importance::bins(input, 5)?;
    if count < 2 {
        return None;
    }
    let mean = |wanted: usize| {
        let of = bin.iter().zip(output).filter(|(b, v)| **b == wanted && v.is_finite());
        let (n, sum) = of.fold((0.0, 0.0), |(n, sum), (_, v)| (n + 1.0, sum + v));
        sum / n
    };
    Some((mean(0), mean(count - 1)))
}
