//! What is read on screen after a run: at most fifteen lines.

use super::finding::{self, Under};
use super::json::{ExactRow, ObservedRow};
use super::number;
use super::plain;
use crate::sim::contract::MetricKind;
use crate::study::{Difference, Estimate, Form, Results, Share};
use comfy_table::{CellAlignment, Table, presets};

/// Lines on screen at most.
pub const LINES: usize = 15;
/// Metrics in the decision table at most.
const METRICS: usize = 5;
/// Characters in a cell of a name at most.
const NAME: usize = 28;

/// What stands under the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Path of the run folder, as given.
    pub folder: String,
    /// The command that gives the run again.
    pub command: String,
    /// Seconds it took.
    pub seconds: f64,
    /// Share of deciders' values found in the memo.
    pub memo_hit_rate: Option<f64>,
    /// Exact answers of the first branch.
    pub exact: Vec<ExactRow>,
    /// Facts of the scenario, for comparison.
    pub observed: Vec<ObservedRow>,
    /// What is said of the rule to stop by.
    pub stop: Option<String>,
    /// What is said of the trade model.
    pub economy: Option<String>,
}

/// The summary of a run.
#[must_use]
pub fn text(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
    facts: &Facts,
) -> String {
    let mut below = vec![error_line(results, estimates)];
    if !facts.exact.is_empty() {
        below.push(exact_line(&estimates[0], &facts.exact));
    }
    below.extend(facts.stop.iter().map(|say| format!("Stop:    {say}")));
    below.extend(facts.economy.iter().map(|say| format!("Trade:   {}", plain::line(say))));
    below.push(work_line(results, facts));
    below.push(format!("Results: {}", plain::line(&facts.folder)));
    below.push(format!("Again:   {}", plain::line(&facts.command)));
    let mut lines = Vec::new();
    if !results.complete {
        lines.push(format!(
            "Partial run: {} of {} trials were done before it was stopped.",
            number::count(results.trials),
            number::count(results.plan.trials)
        ));
    }
    lines.push(headline(results, estimates, differences));
    // Header, branches, and perhaps a line that says how many are left out.
    let room = LINES - lines.len() - below.len() - 2;
    lines.extend(table(results, estimates, differences, room).lines().map(str::to_owned));
    if results.branches.len() > room {
        let more = results.branches.len() - room;
        lines.push(format!("and {more} more branches in summary.json"));
    }
    let room = LINES.saturating_sub(lines.len() + below.len());
    lines.extend(observed_lines(estimates, &facts.observed, room));
    lines.extend(below);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// The finding about the first metric.
#[must_use]
pub fn headline(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
) -> String {
    let Some(first) = estimates.first().and_then(|e| e.first()) else {
        return "The scenario has no metrics.".to_owned();
    };
    let all: Vec<Under<'_>> = results
        .branches
        .iter()
        .zip(estimates)
        .filter_map(|(branch, estimates)| {
            let estimate = estimates.iter().find(|e| e.id == first.id)?;
            Some(Under { name: &branch.head.name, title: &branch.head.name, estimate })
        })
        .collect();
    let of: Vec<&Difference> = differences.iter().filter(|d| d.metric == first.id).collect();
    finding::sentence(&all, &of)
}

/// Branches by up to five metrics. A star marks what differs clearly from the first branch.
fn table(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
    room: usize,
) -> String {
    let Some(first) = estimates.first() else { return String::new() };
    let shown: Vec<&Estimate> = first.iter().take(METRICS).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec!["branch".to_owned()];
    header.extend(shown.iter().map(|e| plain::short(&e.id, NAME)));
    table.set_header(header);
    for (branch, estimates) in results.branches.iter().zip(estimates).take(room) {
        let mut row = vec![plain::short(&branch.head.name, NAME)];
        for column in &shown {
            let clear = differences
                .iter()
                .any(|d| d.branch == branch.head.name && d.metric == column.id && d.is_clear());
            let text = estimates.iter().find(|e| e.id == column.id).map_or_else(String::new, cell);
            row.push(if clear { format!("{text} *") } else { text });
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Left);
    }
    // One blank column on the left would be the preset's padding.
    table.to_string().lines().map(|line| line.trim().to_owned() + "\n").collect()
}

/// One figure with its error.
fn cell(estimate: &Estimate) -> String {
    if estimate.n == 0 {
        return "no case".to_owned();
    }
    match estimate.kind {
        MetricKind::Probability => match (estimate.mean, estimate.low, estimate.high) {
            (Some(0.0), _, Some(high)) => format!("0 (< {})", number::percent(high)),
            (Some(p), Some(low), _) if p >= 1.0 => format!("100% (> {})", number::percent(low)),
            (Some(p), Some(low), Some(high)) => {
                format!(
                    "{} ±{}",
                    finding::share(estimate, p),
                    number::significant(50.0 * (high - low), 2)
                )
            }
            _ => "no case".to_owned(),
        },
        MetricKind::Number => match (estimate.mean, estimate.se) {
            (Some(mean), Some(se)) if se > 0.0 => {
                let half = estimate.high.map_or(1.96 * se, |high| high - mean);
                let text =
                    format!("{} ±{}", number::by_error(mean, half), number::significant(half, 2));
                finding::with_unit(&text, &estimate.unit)
            }
            _ => finding::brief(estimate),
        },
        MetricKind::Time => {
            let never = estimate.never.map_or(0.0, |never| never.share);
            let never = (never > 0.0).then(|| format!("never {}", number::percent(never)));
            let day = estimate.quantile(0.5).map(|day| format!("day {}", number::short(day, 3)));
            [day, never].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        MetricKind::Category => plain::short(&finding::brief(estimate), NAME),
    }
}

/// The largest Monte Carlo error of a probability, or of the first number.
fn error_line(results: &Results, estimates: &[Vec<Estimate>]) -> String {
    let largest = largest_half_width(estimates);
    let base = plain::short(&results.branches[0].head.name, NAME);
    let quantiles = match results.form {
        Form::Table => "",
        Form::Digest => "; quantiles from histograms, bin widths in summary.json",
    };
    match largest {
        Some(half) => format!(
            "Error:   Monte Carlo, 95%: at most {} points on a probability above; * differs clearly from {base}{quantiles}",
            number::significant(100.0 * half, 2)
        ),
        None => format!(
            "Error:   Monte Carlo, 95% intervals in summary.json; * differs clearly from {base}{quantiles}"
        ),
    }
}

/// Half the width of the widest interval of a probability in the table.
fn largest_half_width(estimates: &[Vec<Estimate>]) -> Option<f64> {
    estimates
        .iter()
        .flat_map(|branch| branch.iter().take(METRICS))
        .filter(|e| e.kind == MetricKind::Probability && e.n > 0)
        .filter_map(|e| Some(0.5 * (e.high? - e.low?)))
        .max_by(f64::total_cmp)
}

/// Half the width of the widest interval that a share of all trials can have, for footers.
#[must_use]
pub fn bound_on_shares(trials: u64) -> Option<f64> {
    Share::of(trials / 2, trials).map(|share| 0.5 * (share.high - share.low))
}

/// Exact answers beside their estimates.
fn exact_line(estimates: &[Estimate], exact: &[ExactRow]) -> String {
    let parts = exact.iter().take(3).map(|row| {
        let estimate = estimates.iter().find(|e| e.id == row.metric);
        let mean = estimate
            .and_then(|e| e.mean)
            .map_or_else(|| "none".to_owned(), |mean| number::significant(mean, 5));
        format!(
            "{} {} (estimate {mean})",
            plain::short(&row.metric, NAME),
            number::significant(row.value, 6)
        )
    });
    let more = if exact.len() > 3 { format!(", {} more", exact.len() - 3) } else { String::new() };
    format!("Exact:   {}{more}", parts.collect::<Vec<_>>().join(", "))
}

/// Facts of the scenario beside what the first branch gives; nothing is tuned to them.
fn observed_lines(
    estimates: &[Vec<Estimate>],
    observed: &[ObservedRow],
    room: usize,
) -> Vec<String> {
    let Some(first) = estimates.first() else { return Vec::new() };
    let lines = observed.iter().filter_map(|row| {
        let estimate = first.iter().find(|e| e.id == row.metric)?;
        Some(format!(
            "Fact:    {}: {} (observed {} to {})",
            plain::short(&row.say, 60),
            finding::brief(estimate),
            number::short(row.low, 3),
            number::short(row.high, 3)
        ))
    });
    lines.take(room).collect()
}

fn work_line(results: &Results, facts: &Facts) -> String {
    let memo = facts.memo_hit_rate.map_or_else(String::new, |rate| {
        format!("; {} of deciders' values from the memo", number::percent(rate))
    });
    format!(
        "Work:    {} trials × {}, {} events in {:.1} s{memo}",
        number::count(results.trials),
        match results.branches.len() {
            1 => "1 branch".to_owned(),
            n => format!("{n} branches"),
        },
        number::count(results.events()),
        facts.seconds
    )
}
