//! Where each branch fails: how inputs lie in its worst trials, beside all others.

use super::Facts;
use crate::report::document::{Block, Cell, Column, Table};
use crate::report::{finding, number, plain};
use crate::sim::contract::{MetricKind, Worse};
use crate::stats::{importance, quantile};
use crate::study::decision::Measure;

/// Inputs named of a branch at most.
const INPUTS: usize = 3;
/// Fewer failures say nothing.
const FEW: usize = 30;

pub(super) fn blocks(facts: &Facts<'_>) -> Vec<Block> {
    let key = facts.key();
    let judged = |kind| key.iter().find(|m| m.head.kind == kind && m.head.worse.is_some());
    let found = judged(MetricKind::Number).or_else(|| judged(MetricKind::Probability));
    let Some(measure) = found.copied() else {
        return vec![Block::Text(
            "The scenario does not say of any measure which end is worse, so no trial counts as a failure.".into(),
        )];
    };
    let title = finding::measure(&measure.head.title, &measure.head.unit);
    let what = match (measure.head.kind, measure.head.worse) {
        (MetricKind::Probability, Some(Worse::High)) => {
            format!("trials in which it happens: {title}")
        }
        (MetricKind::Probability, _) => format!("trials in which it does not happen: {title}"),
        _ => format!("a branch's worst tenth of trials by {title}"),
    };
    let rows = (0..facts.models.len()).map(|b| row(facts, measure, b)).collect();
    vec![
        Block::Text(format!(
            "Failures here are {what}. Named are the inputs that lie elsewhere in these trials than in the rest, \
             by rank, by more than chance (95% over all inputs of a branch); each alone explains little where the drivers above are small."
        )),
        Block::Table(Table {
            caption: "Inputs in the failures of each branch".into(),
            columns: vec![
                Column::words("Branch"),
                Column::figures("Failures"),
                Column::words("Inputs that stand out"),
            ],
            rows,
        }),
    ]
}

/// Which trials of a branch fail.
fn failing(measure: &Measure, column: &[f64]) -> Option<Vec<bool>> {
    let worse = measure.head.worse?;
    if measure.head.kind == MetricKind::Probability {
        let bad = worse == Worse::High;
        return Some(column.iter().map(|v| !v.is_nan() && (*v > 0.5) == bad).collect());
    }
    let known: Vec<f64> = column.iter().copied().filter(|v| !v.is_nan()).collect();
    let p = if worse == Worse::High { 0.9 } else { 0.1 };
    let edge = quantile::quantile(&quantile::sorted(known)?, p)?;
    Some(column.iter().map(|v| if worse == Worse::High { *v > edge } else { *v < edge }).collect())
}

#[allow(clippy::cast_precision_loss, reason = "counts of trials")]
fn row(facts: &Facts<'_>, measure: &Measure, b: usize) -> Vec<Cell> {
    let name = Cell::text(facts.branch(b));
    let column = facts.table.column(b, &measure.head.id);
    let Some(fails) = column.and_then(|column| failing(measure, column)) else {
        return vec![name, Cell::default(), Cell::text("not measured here")];
    };
    let count = fails.iter().filter(|f| **f).count();
    let share = count as f64 / fails.len().max(1) as f64;
    let counted =
        Cell::text(number::count(count as u64)).note(number::percent(share)).by(Some(share));
    if count < FEW || fails.len() - count < FEW {
        return vec![name, counted, Cell::text("too few, or too many, to tell")];
    }
    let marks: Vec<f64> = fails.iter().map(|f| f64::from(u8::from(*f))).collect();
    let columns = &facts.inputs[b].columns;
    // As many looks as there are inputs: each at a level that makes 95% of all together.
    let level = 1.0 - 0.05 / columns.len().max(1) as f64;
    let mut standing: Vec<(f64, usize)> = columns
        .iter()
        .enumerate()
        .filter_map(|(k, values)| {
            let (rho, ends) = importance::correlation(values, &marks, level)?;
            (ends.low > 0.0 || ends.high < 0.0).then_some((rho.abs(), k))
        })
        .collect();
    standing.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let said: Vec<String> =
        standing.iter().take(INPUTS).filter_map(|(_, k)| shift(facts, b, *k, &fails)).collect();
    let said = if said.is_empty() {
        "none: the failures are chance, or inputs together".to_owned()
    } else {
        said.join("; ")
    };
    vec![name, counted, Cell::text(said)]
}

/// An input's median in the failures and elsewhere.
fn shift(facts: &Facts<'_>, b: usize, k: usize, fails: &[bool]) -> Option<String> {
    let values = &facts.inputs[b].columns[k];
    let median = |wanted: bool| {
        let part = values.iter().zip(fails).filter(|(_, f)| **f == wanted).map(|(v, _)| *v);
        quantile::quantile(&quantile::sorted(part.collect())?, 0.5)
    };
    let input = &facts.models[b].inputs[k];
    let (inside, outside) = (median(true)?, median(false)?);
    let show = |v: f64| number::short(v, 3);
    Some(format!(
        "{} {}: median {} against {}",
        plain::short(&input.name, 40),
        if inside >= outside { "high" } else { "low" },
        show(inside),
        finding::with_unit(&show(outside), &input.unit)
    ))
}
