//! The decision table, the differences behind it, and regret.

use super::Facts;
use crate::report::decision::{self as words, Reading};
use crate::report::document::{Bar, Block, Cell, Column, Table};
use crate::report::{finding, number, plain};
use crate::sim::contract::{MetricKind, Worse};
use crate::study::PROBABILITIES;
use crate::study::decision::{Measure, Row};

pub(super) fn blocks(facts: &Facts<'_>) -> Vec<Block> {
    let key = facts.key();
    let against = facts.named(facts.decision.against);
    let mut out = vec![
        Block::Text(format!(
            "Each cell gives the share of trials or the mean, below it the median and the range from 5% to 95% of the trials, \
             and whether the branch differs from {against} by more than chance (95%, paired trial by trial). \
             Bold stands where a branch is the best in its column with 95% confidence."
        )),
        Block::Table(Table {
            caption: "Branches by measure".into(),
            columns: std::iter::once(Column::words("Branch"))
                .chain(key.iter().map(|measure| Column::figures(heading(measure))))
                .collect(),
            rows: (0..facts.models.len()).map(|b| row(facts, &key, b)).collect(),
        }),
    ];
    for measure in key {
        let verdicts = words::verdicts(facts.decision, measure);
        let mut parts = vec![Block::Table(differences(facts, measure))];
        if !verdicts.is_empty() {
            parts.push(Block::List(verdicts));
        }
        parts.extend(regret(facts, measure).map(Block::Table));
        parts.extend(expected(facts, measure).map(Block::Table));
        let title = finding::measure(&measure.head.title, &measure.head.unit);
        out.push(Block::Folded(format!("{title}: differences, orders, regret"), parts));
    }
    out
}

fn heading(measure: &Measure) -> String {
    let worse = match measure.head.worse {
        Some(Worse::High) => " (high is worse)",
        Some(Worse::Low) => " (low is worse)",
        None => "",
    };
    format!("{}{worse}", plain::line(&measure.head.title))
}

fn row(facts: &Facts<'_>, key: &[&Measure], b: usize) -> Vec<Cell> {
    let mut cells =
        vec![Cell::text(facts.branch(b)).note(if facts.branch(b) == facts.models[b].branch {
            String::new()
        } else {
            plain::line(&facts.models[b].branch).into_owned()
        })];
    for measure in key {
        cells
            .push(measure.rows[b].as_ref().map_or_else(Cell::default, |row| cell(measure, row, b)));
    }
    cells
}

fn cell(measure: &Measure, row: &Row, b: usize) -> Cell {
    let range = words::range(&row.estimate);
    let read = row.difference.as_ref().map(|d| reading(words::reading(d, measure.head.worse)));
    let note = [Some(range).filter(|r| !r.is_empty()), read.map(str::to_owned)];
    let note = note.into_iter().flatten().collect::<Vec<_>>().join("\n");
    let contenders = measure.best.as_ref().map(|best| best.iter().filter(|s| s.contends).count());
    Cell {
        text: words::centre(&row.estimate),
        note,
        key: row.estimate.mean,
        strong: contenders == Some(1) && measure.best.as_ref().is_some_and(|best| best[b].contends),
        bar: bar(measure, row),
    }
}

fn reading(reading: Reading) -> &'static str {
    match reading {
        Reading::Better => "better",
        Reading::Worse => "worse",
        Reading::Different => "different",
        Reading::Indistinguishable => "indistinguishable",
    }
}

fn bar(measure: &Measure, row: &Row) -> Option<Bar> {
    if measure.head.kind == MetricKind::Probability {
        return row.estimate.mean.map(Bar::Share);
    }
    let (low, high) = words::span(measure)?;
    let place = |p: f64| row.estimate.quantile(p).map_or(1.0, |v| (v - low) / (high - low));
    (!row.estimate.quantiles.is_empty()).then(|| Bar::Quantiles(PROBABILITIES.map(place)))
}

fn differences(facts: &Facts<'_>, measure: &Measure) -> Table {
    let against = facts.named(facts.decision.against);
    let rows = measure.rows.iter().enumerate().filter_map(|(b, row)| {
        let row = row.as_ref()?;
        let d = row.difference.as_ref()?;
        let share = |of: fn(&crate::study::decision::Duel) -> f64| {
            row.duel.as_ref().map_or_else(Cell::default, |duel| {
                Cell::text(number::percent(of(duel))).by(Some(of(duel)))
            })
        };
        Some(vec![
            Cell::text(facts.branch(b)),
            Cell::text(words::difference(d, measure.head.kind)).by(d.mean),
            Cell::text(reading(words::reading(d, measure.head.worse))),
            share(|duel| duel.better.share),
            share(|duel| duel.worse.share),
            Cell::text(d.variance_factor.map_or_else(String::new, |f| number::short(f, 2)))
                .by(d.variance_factor),
            Cell::text(row.duel.as_ref().map_or_else(String::new, words::order))
                .note(row.duel.as_ref().map_or_else(String::new, of_trials)),
        ])
    });
    Table {
        caption: format!("{}: each branch less {against}", plain::line(&measure.head.title)),
        columns: vec![
            Column::words("Branch"),
            Column::figures("Mean difference [95%]"),
            Column::words("Reading"),
            Column::figures("Better in"),
            Column::figures("Worse in"),
            Column::figures("Variance factor"),
            Column::words("Dominance"),
        ],
        rows: rows.collect(),
    }
}

/// The exact order of these trials, under what they show.
fn of_trials(duel: &crate::study::decision::Duel) -> String {
    let said = words::order_of_trials(duel);
    if said.is_empty() { said } else { format!("in these trials: {said}") }
}

/// Regret over all uncertain inputs at once, luck averaged out.
fn expected(facts: &Facts<'_>, measure: &Measure) -> Option<Table> {
    let expected = measure.robust.as_ref()?.expected.as_ref()?;
    if expected.inputs.is_empty() {
        return None;
    }
    let inputs = expected.inputs.iter().filter_map(|&k| facts.base().inputs.get(k));
    let mut names: Vec<String> = inputs.map(|input| plain::short(&input.name, 40)).collect();
    let more = names.len().saturating_sub(8);
    names.truncate(8);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let chance = measure.head.kind == MetricKind::Probability;
    let show = |v: f64| {
        if chance { format!("{} pt", number::short(100.0 * v, 2)) } else { number::short(v, 3) }
    };
    let demand = if chance {
        number::percent(expected.demand)
    } else {
        finding::with_unit(
            &number::short(expected.demand, 3).replace('-', "\u{2212}"),
            &measure.head.unit,
        )
    };
    let side = if measure.head.worse == Some(Worse::High) { "At most" } else { "At least" };
    let rows = expected.rows.iter().enumerate().map(|(b, row)| {
        let share = |v: f64| Cell::text(number::percent(v)).by(Some(v));
        let value = |v: f64| Cell::text(show(v)).by(Some(v));
        vec![
            Cell::text(facts.branch(b)),
            share(row.satisfied),
            share(row.best_in),
            value(row.ninety),
            value(row.largest),
        ]
    });
    let total = facts.base().inputs.len();
    Some(Table {
        caption: format!(
            "{}, over all {total} uncertain inputs at once, luck averaged out: what each input adds by itself to the mean, where it surely matters ({}); \
             what inputs do together counts as luck",
            plain::line(&measure.head.title),
            names.join(", ")
        ),
        columns: vec![
            Column::words("Branch"),
            Column::figures(format!("{side} {demand} expected in")),
            Column::figures("Best in"),
            Column::figures("Regret in nine futures of ten, at most"),
            Column::figures("Largest regret"),
        ],
        rows: rows.collect(),
    })
}

fn regret(facts: &Facts<'_>, measure: &Measure) -> Option<Table> {
    let robust = measure.robust.as_ref()?;
    let chance = measure.head.kind == MetricKind::Probability;
    let show = |v: f64| match chance {
        true => format!("{} pt", number::short(100.0 * v, 2)),
        false => number::short(v, 3),
    };
    let mut columns =
        vec![Column::words("Branch"), Column::figures(demand(measure, robust.demand))];
    if !chance {
        columns.push(Column::figures("Regret in nine trials of ten, at most"));
        columns.push(Column::figures("Largest regret in a trial"));
    }
    if robust.futures.is_some() {
        columns.push(Column::figures("Largest mean regret in a set of inputs"));
    }
    let rows = robust.rows.iter().enumerate().map(|(b, row)| {
        let mut cells = vec![
            Cell::text(facts.branch(b)),
            Cell::text(number::percent(row.satisfied.share)).by(Some(row.satisfied.share)),
        ];
        if !chance {
            cells.push(Cell::text(show(row.regret_90)).by(Some(row.regret_90)));
            cells.push(Cell::text(show(row.regret_trial)).by(Some(row.regret_trial)));
        }
        cells.extend(row.regret_most.map(|most| Cell::text(show(most)).by(Some(most))));
        cells
    });
    let rows = rows.collect();
    let sets = robust.futures.as_ref().map_or_else(String::new, |futures| {
        let inputs = futures.inputs.iter().filter_map(|&k| facts.base().inputs.get(k));
        let names: Vec<String> = inputs.map(|input| plain::short(&input.name, 40)).collect();
        format!("; sets of inputs are thirds of {}", names.join(" and "))
    });
    Some(Table {
        caption: format!(
            "{}, robustness: regret is what a branch gives away against the best branch of the same trial or set of inputs{sets}",
            plain::line(&measure.head.title)
        ),
        columns,
        rows,
    })
}

fn demand(measure: &Measure, demand: f64) -> String {
    match (measure.head.kind, measure.head.worse) {
        (MetricKind::Probability, Some(Worse::High)) => "Does not happen in".to_owned(),
        (MetricKind::Probability, _) => "Happens in".to_owned(),
        (_, worse) => {
            let side = if worse == Some(Worse::High) { "At most" } else { "At least" };
            let value = finding::with_unit(&number::short(demand, 3), &measure.head.unit);
            format!("{side} {value} in")
        }
    }
}
