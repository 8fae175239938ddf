//! The tables of a run folder: `inputs.csv`, `trials.csv`, `series.csv`.
//!
//! A missing value is an empty cell, a time that never came is `never`. Cells with text of the scenario
//! that a spreadsheet would take for a formula begin with an apostrophe.

use super::{law, plain};
use crate::model::Input;
use crate::sim::contract::MetricKind;
use crate::study::{Days, Extreme, Form, QUANTILES, Results, Values};
use std::borrow::Cow;
use std::io::{self, Write};

/// Probabilities given of an input's distribution.
const INPUT_QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// Signs by which spreadsheets know a formula, and their wide forms, which some take for the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that holds text of a scenario.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let text = plain::line(text);
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { text }
}

/// `inputs.csv`: the uncertain numbers by branch; a branch is listed only where it differs from the
/// first one.
///
/// # Errors
/// The writer failed.
pub fn inputs(branches: &[(&str, &[Input])], out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "input",
        "branch",
        "unit",
        "mean",
        "q05",
        "median",
        "q95",
        "law",
        "source",
        "confidence",
        "observed",
    ])?;
    let base = branches.first().map_or(&[] as &[Input], |(_, inputs)| inputs);
    for (place, (branch, inputs)) in branches.iter().enumerate() {
        for input in *inputs {
            let same = base.iter().any(|b| b.name == input.name && b.dist == input.dist);
            if place > 0 && same {
                continue;
            }
            let mut row = vec![
                cell(&input.name).into_owned(),
                cell(branch).into_owned(),
                cell(&input.unit).into_owned(),
                number(input.dist.mean()),
            ];
            row.extend(INPUT_QUANTILES.map(|p| number(input.dist.quantile(p))));
            row.push(cell(&law::written(&input.dist)).into_owned());
            for text in [&input.source, &input.confidence, &input.observed] {
                row.push(text.as_deref().map_or_else(String::new, |t| cell(t).into_owned()));
            }
            table.write_record(&row)?;
        }
    }
    table.flush()
}

fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// A metric's value in one trial.
fn value(kind: MetricKind, labels: &[String], value: f64) -> String {
    match kind {
        MetricKind::Time if value == f64::INFINITY => "never".to_owned(),
        MetricKind::Category if value.is_finite() => labels
            .get(crate::study::position(value))
            .map_or_else(String::new, |l| cell(l).into_owned()),
        _ => number(value),
    }
}

/// `trials.csv`: one row a branch and trial, of the rows that were kept.
///
/// Branches that lack a metric of another have an empty cell. The column `rows` says `table` where
/// all trials are there and `first-100000` where these are the first of more.
///
/// # Errors
/// The writer failed.
pub fn trials(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let ids = metric_ids(results);
    let mut header = vec!["branch".to_owned(), "trial".to_owned()];
    header.extend(ids.iter().map(|id| cell(id).into_owned()));
    header
        .extend(["events", "surprise", "skipped_steps", "fingerprint", "rows"].map(str::to_owned));
    table.write_record(&header)?;
    let note = rows_note(results);
    let mut row: Vec<String> = Vec::with_capacity(header.len());
    for branch in &results.branches {
        let places: Vec<Option<usize>> = ids.iter().map(|id| branch.head.metric(id)).collect();
        for (r, trial) in results.rows.iter().enumerate() {
            row.clear();
            row.push(cell(&branch.head.name).into_owned());
            row.push(trial.to_string());
            for place in &places {
                row.push(place.map_or_else(String::new, |m| {
                    let head = &branch.head.metrics[m];
                    value(head.kind, &head.labels, branch.values[m].rows()[r])
                }));
            }
            let kept = &branch.notes[r];
            row.push(kept.events.to_string());
            row.push(kept.surprise.to_string());
            row.push(kept.skipped.to_string());
            row.push(format!("{:016x}", kept.fingerprint));
            row.push(note.to_owned());
            table.write_record(&row)?;
        }
    }
    table.flush()
}

/// What the column `rows` says.
fn rows_note(results: &Results) -> &'static str {
    match (results.form, results.complete) {
        (Form::Table, true) => "table",
        (Form::Table, false) => "table-partial",
        (Form::Digest, _) => "first-100000",
    }
}

/// Ids of all metrics, in the order in which the branches first name them.
fn metric_ids(results: &Results) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for metric in results.branches.iter().flat_map(|branch| &branch.head.metrics) {
        if !ids.contains(&metric.id) {
            ids.push(metric.id.clone());
        }
    }
    ids
}

/// `series.csv`: quantiles of each series by day, and the share of trials in each regime.
///
/// `trials` is the number of trials that a row rests on: quantiles come from the first trials only.
///
/// # Errors
/// The writer failed.
pub fn series(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let mut header: Vec<String> =
        ["branch", "series", "unit", "date", "day", "trials"].map(str::to_owned).to_vec();
    header.extend(QUANTILES.iter().map(|p| format!("q{p}")));
    header.push("share".to_owned());
    table.write_record(&header)?;
    for branch in &results.branches {
        let head = &branch.head;
        let days = Days::until(head.horizon);
        let lead = |name: &str, unit: &str, day: usize, trials: u64| {
            // A day's moment is its last minute; day 0 is the end of `as_of` itself.
            let last = i64::try_from(day).unwrap_or(i64::MAX);
            vec![
                cell(&head.name).into_owned(),
                cell(name).into_owned(),
                cell(unit).into_owned(),
                head.epoch.as_of().plus_days(last).to_string(),
                day.to_string(),
                trials.to_string(),
            ]
        };
        for (series, panel) in head.series.iter().zip(&branch.panels) {
            for day in 0..days.len() {
                let mut row = lead(&series.name, &series.unit, day, panel.trials);
                row.extend(panel.rows.iter().map(|quantiles| number(f64::from(quantiles[day]))));
                row.push(String::new());
                table.write_record(&row)?;
            }
        }
        for (regime, counts) in head.regimes.iter().zip(&branch.regimes) {
            for (day, &count) in counts.iter().enumerate() {
                let mut row =
                    lead(&format!("regime:{}", regime.name), "share", day, results.trials);
                row.resize(row.len() + QUANTILES.len(), String::new());
                #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
                row.push(number(count as f64 / results.trials as f64));
                table.write_record(&row)?;
            }
        }
    }
    table.flush()
}

/// `extremes.csv`: the trials with the smallest and largest values of a digest, and the least likely.
///
/// # Errors
/// The writer failed.
pub fn extremes(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["branch", "metric", "end", "rank", "trial", "value"])?;
    for branch in &results.branches {
        let mut list = |metric: &str, end: &str, extremes: &[Extreme]| -> io::Result<()> {
            for (rank, extreme) in extremes.iter().enumerate() {
                table.write_record([
                    &*cell(&branch.head.name),
                    &*cell(metric),
                    end,
                    &(rank + 1).to_string(),
                    &extreme.trial.to_string(),
                    &number(extreme.value),
                ])?;
            }
            Ok(())
        };
        for (metric, values) in branch.head.metrics.iter().zip(&branch.values) {
            if let Values::Digest { digest, .. } = values {
                list(&metric.id, "smallest", digest.smallest())?;
                list(&metric.id, "largest", digest.largest())?;
            }
        }
        list("surprise", "smallest", &branch.surprising)?;
    }
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_quoted_as_text() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-tariff"), "'-tariff");
        assert_eq!(cell("tariff"), "tariff");
        assert_eq!(cell("\t=1"), " =1");
        assert_eq!(cell("＝1"), "'＝1");
        // Numbers are no text of a scenario: they never pass here.
        assert_eq!(number(-1.5), "-1.5");
    }

    #[test]
    fn never_is_written_out() {
        assert_eq!(value(MetricKind::Time, &[], f64::INFINITY), "never");
        assert_eq!(value(MetricKind::Number, &[], f64::NAN), "");
        assert_eq!(value(MetricKind::Category, &["war".into(), "truce".into()], 1.0), "truce");
    }
}
