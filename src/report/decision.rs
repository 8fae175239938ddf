//! The decision table in words and signs: for the screen, and its parts for the report.
//!
//! A branch is called better or worse only where the interval of its difference lies on one side of
//! zero; else it is indistinguishable.

use super::{finding, number, plain};
use crate::sim::contract::{MetricKind, Worse};
use crate::stats::dominance::{Order, Relation, Sample};
use crate::study::decision::{Decision, Duel, Measure, Row};
use crate::study::{Difference, Estimate, QuantileAt};
use comfy_table::{CellAlignment, Table, presets};

/// Characters of a name in a table at most.
const NAME: usize = 28;
/// Characters of a bar.
const BAR: usize = 20;

/// How a difference is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Clearly on the better side.
    Better,
    /// Clearly on the worse side.
    Worse,
    /// Clearly different, and the scenario does not say which side is better.
    Different,
    /// The interval covers zero.
    Indistinguishable,
}

/// How a difference is to be read.
#[must_use]
pub fn reading(difference: &Difference, worse: Option<Worse>) -> Reading {
    if !difference.is_clear() {
        return Reading::Indistinguishable;
    }
    match (worse, difference.mean.is_some_and(|mean| mean > 0.0)) {
        (None, _) => Reading::Different,
        (Some(Worse::High), true) | (Some(Worse::Low), false) => Reading::Worse,
        _ => Reading::Better,
    }
}

/// A relation between a branch and the one compared with, as an adjective; the order is not said.
#[must_use]
pub fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Dominates => "dominates",
        Relation::Favours => "may dominate",
        Relation::Dominated => "dominated",
        Relation::Disfavours => "may be dominated",
        Relation::Crosses => "crosses",
        Relation::Open => "open",
        Relation::Equal => "equal",
    }
}

/// The order of these trials alone, as an adjective.
#[must_use]
pub fn sample(sample: Sample) -> &'static str {
    match sample {
        Sample::Dominates => "dominates",
        Sample::Dominated => "dominated",
        Sample::Crosses => "crosses",
        Sample::Equal => "equal",
    }
}

/// First- and second-order dominance in a few words, as far as the trials show it.
#[must_use]
pub fn order(duel: &Duel) -> String {
    two(duel, |order| relation(order.relation))
}

/// First- and second-order dominance of these trials alone, exact.
#[must_use]
pub fn order_of_trials(duel: &Duel) -> String {
    two(duel, |order| sample(order.sample))
}

fn two(duel: &Duel, word: impl Fn(Order) -> &'static str) -> String {
    match (duel.first.map(&word), duel.second.map(&word)) {
        (Some(first), Some(second)) if first != second => format!("{first} (2nd: {second})"),
        (Some(first), _) => first.to_owned(),
        (None, _) => String::new(),
    }
}

/// The central figure of an estimate: a share with its half width, or the mean.
#[must_use]
pub fn centre(estimate: &Estimate) -> String {
    match (estimate.kind, estimate.mean, estimate.low, estimate.high) {
        (MetricKind::Probability, Some(0.0), _, Some(high)) => {
            format!("0 (< {})", number::percent(high))
        }
        (MetricKind::Probability, Some(p), Some(low), Some(high)) => format!(
            "{} ±{}",
            finding::share(estimate, p),
            number::significant(50.0 * (high - low), 2)
        ),
        (MetricKind::Number, Some(mean), Some(low), Some(high)) => {
            let half = 0.5 * (high - low);
            let text =
                format!("{} ±{}", number::by_error(mean, half), number::significant(half, 2));
            text.replace('-', "\u{2212}")
        }
        (MetricKind::Number, Some(mean), ..) => number::short(mean, 4),
        _ => plain::short(&finding::brief(estimate), NAME),
    }
}

/// Median and the range from 5 % to 95 % of the trials; empty for yes and no, and for categories.
#[must_use]
pub fn range(estimate: &Estimate) -> String {
    if estimate.quantiles.is_empty() || estimate.n == 0 {
        return String::new();
    }
    let show =
        |p: f64| estimate.quantile(p).map_or_else(|| "never".to_owned(), |v| number::short(v, 3));
    format!("{} [{} to {}]", show(0.5), show(0.05), show(0.95)).replace('-', "\u{2212}")
}

/// A difference with its interval, in points for yes and no.
#[must_use]
pub fn difference(difference: &Difference, kind: MetricKind) -> String {
    let scale = if kind == MetricKind::Probability { 100.0 } else { 1.0 };
    let unit = if kind == MetricKind::Probability { " pt" } else { "" };
    match (difference.mean, difference.low, difference.high) {
        (Some(mean), Some(low), Some(high)) => {
            let half = 0.5 * scale * (high - low);
            let show = |v: f64| signed(&number::by_error(scale * v, half));
            format!("{}{unit} [{} to {}]", show(mean), show(low), show(high))
        }
        (Some(mean), ..) => format!("{}{unit}", signed(&number::short(scale * mean, 3))),
        _ => "no pair".to_owned(),
    }
}

/// With a sign, a true minus among them.
fn signed(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) => format!("\u{2212}{rest}"),
        None if text.bytes().any(|b| matches!(b, b'1'..=b'9')) => format!("+{text}"),
        None => text.to_owned(),
    }
}

/// The range of quantiles of all branches, for bars on one scale.
#[must_use]
pub fn span(measure: &Measure) -> Option<(f64, f64)> {
    if measure.head.kind == MetricKind::Probability {
        return Some((0.0, 1.0));
    }
    let ends = measure.rows.iter().flatten().flat_map(|row| &row.estimate.quantiles);
    let ends: Vec<f64> = ends.filter_map(|q: &QuantileAt| q.value).collect();
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (high > low).then_some((low, high))
}

/// A bar of signs: for a share its length, else 5 to 95 %, 25 to 75 % and the median.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places among twenty characters"
)]
fn bar(estimate: &Estimate, span: Option<(f64, f64)>) -> String {
    let Some((low, high)) = span else { return String::new() };
    let place = |v: f64| ((v - low) / (high - low) * (BAR - 1) as f64).round().max(0.0) as usize;
    let mut cells = [' '; BAR];
    if estimate.kind == MetricKind::Probability {
        let Some(p) = estimate.mean else { return String::new() };
        let eighths = (p * 8.0 * BAR as f64).round() as usize;
        for (k, cell) in cells.iter_mut().enumerate() {
            let filled = eighths.saturating_sub(8 * k).min(8);
            *cell = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'][filled];
        }
    } else {
        // Beyond the last day lies never.
        let at = |p: f64| estimate.quantile(p).map_or(BAR - 1, place).min(BAR - 1);
        if estimate.n == 0 || estimate.quantiles.is_empty() {
            return String::new();
        }
        cells[at(0.05)..=at(0.95)].fill('─');
        cells[at(0.25)..=at(0.75)].fill('━');
        cells[at(0.5)] = '┃';
    }
    format!("▕{}▏", cells.iter().collect::<String>())
}

/// Measures that a table shows where none is named: up to three chances and up to three numbers, those
/// with a known worse end and money first, none that is the same everywhere.
#[must_use]
pub fn key(decision: &Decision) -> Vec<&Measure> {
    let varies = |measure: &&Measure| {
        let rows = || measure.rows.iter().flatten();
        let spread = |row: &Row| row.estimate.sd.is_some_and(|sd| sd > 0.0);
        let share = |row: &Row| row.estimate.mean.is_some_and(|p| p > 0.0 && p < 1.0);
        match measure.head.kind {
            MetricKind::Probability => rows().any(share),
            _ => rows().any(spread),
        }
    };
    let of = |kind: MetricKind| {
        let mut all: Vec<&Measure> =
            decision.measures.iter().filter(|m| m.head.kind == kind).filter(varies).collect();
        all.sort_by_key(|m| (m.head.worse.is_none(), !m.head.unit.contains("USD")));
        all.truncate(3);
        all
    };
    let mut all = of(MetricKind::Probability);
    all.extend(of(MetricKind::Number));
    if all.is_empty() {
        all.extend(decision.measures.iter().take(3));
    }
    all
}

/// Which branches may be the best, and which are the most robust, as sentences; empty where nothing
/// is known.
#[must_use]
pub fn verdicts(decision: &Decision, measure: &Measure) -> Vec<String> {
    let mut said = Vec::new();
    let name = |b: usize| plain::short(&decision.branches[b], NAME);
    if let Some(best) = &measure.best {
        let contenders: Vec<usize> = (0..best.len()).filter(|&b| best[b].contends).collect();
        let names: Vec<String> = contenders.iter().map(|&b| name(b)).collect();
        said.push(match names.len() {
            1 => format!("Best on average: {} (95% confidence).", names[0]),
            n if n == best.len() => "Best on average: cannot be told.".to_owned(),
            _ => format!("Best on average: one of {} (95% confidence).", names.join(", ")),
        });
    }
    let Some(robust) = &measure.robust else { return said };
    let unit = |v: f64| figure(measure, v);
    if let Some(futures) = &robust.futures
        && let Some(least) = futures.table.minimax()
    {
        let most = futures.table.largest()[least];
        let sets = futures.table.trials.len();
        said.push(if most > 0.0 {
            format!(
                "Least largest regret over {sets} sets of inputs: {}, {}.",
                name(least),
                unit(most)
            )
        } else {
            format!("Best on average in each of {sets} sets of inputs: {}.", name(least))
        });
    }
    said.extend(over_inputs(measure, &name));
    if measure.head.kind == MetricKind::Number {
        let rows = || robust.rows.iter().enumerate();
        let least = rows().min_by(|a, b| a.1.regret_90.total_cmp(&b.1.regret_90));
        let often = rows()
            .max_by(|a, b| a.1.satisfied.share.total_cmp(&b.1.satisfied.share).then(b.0.cmp(&a.0)));
        if let (Some((b, least)), Some((o, often))) = (least, often) {
            let side = if measure.head.worse == Some(Worse::High) { "at most" } else { "at least" };
            said.push(format!(
                "Least regret in nine trials of ten: {}, {} or less; most often {side} {}: {}, in {}.",
                name(b),
                unit(least.regret_90),
                unit(robust.demand),
                name(o),
                number::percent(often.satisfied.share)
            ));
        }
    }
    said
}

/// Which branch gives away least over all inputs, with luck averaged out.
fn over_inputs(measure: &Measure, name: &dyn Fn(usize) -> String) -> Option<String> {
    let expected = measure.robust.as_ref()?.expected.as_ref()?;
    let rows = || expected.rows.iter().enumerate();
    if expected.inputs.is_empty() {
        // Then every future is the mean, and regret says no more than the means do.
        return None;
    }
    let (b, least) = rows().min_by(|a, b| a.1.largest.total_cmp(&b.1.largest))?;
    if least.largest <= 0.0 {
        // The means may lie so by chance: it is said only of a branch that surely is the best on average.
        let contends = |k: usize| measure.best.as_ref().is_some_and(|best| best[k].contends);
        let alone = contends(b) && (0..expected.rows.len()).all(|k| k == b || !contends(k));
        return alone.then(|| {
            format!(
                "Best in expectation wherever the inputs of these trials lie, luck averaged out: {}.",
                name(b)
            )
        });
    }
    let (r, ninety) = rows().min_by(|a, b| a.1.ninety.total_cmp(&b.1.ninety))?;
    Some(format!(
        "Estimated over all uncertain inputs, luck averaged out: least largest regret {}, {}; least in nine futures of ten {}, {}.",
        name(b),
        figure(measure, least.largest),
        name(r),
        figure(measure, ninety.ninety)
    ))
}

/// A value of a measure with its unit; points for yes and no.
fn figure(measure: &Measure, value: f64) -> String {
    match measure.head.kind {
        MetricKind::Probability => format!("{} points", number::significant(100.0 * value, 2)),
        _ => finding::with_unit(&number::short(value, 3), &measure.head.unit),
    }
}

/// The decision table on screen.
#[must_use]
pub fn text(decision: &Decision, measures: &[&Measure], left_out: usize) -> String {
    let mut out = String::new();
    let against = plain::short(&decision.branches[decision.against], NAME);
    for measure in measures {
        let worse = match measure.head.worse {
            Some(Worse::High) => ", high is worse",
            Some(Worse::Low) => ", low is worse",
            None => "",
        };
        out.push_str(&format!(
            "{} ({}{worse})\n",
            plain::line(&measure.head.title),
            plain::line(&measure.head.id)
        ));
        out.push_str(&block(decision, measure, &against));
        for said in verdicts(decision, measure) {
            out.push_str(&format!("{said}\n"));
        }
        out.push('\n');
    }
    out.push_str(&format!(
        "{} trials of each branch, {}; intervals and orders at 95%.\n",
        number::count(decision.trials),
        if decision.paired { "paired trial by trial" } else { "not all with the same seed" }
    ));
    if left_out > 0 {
        out.push_str(&format!(
            "{left_out} more measures: name them with --by, or all with --json.\n"
        ));
    }
    out
}

fn block(decision: &Decision, measure: &Measure, against: &str) -> String {
    let span = span(measure);
    let share = measure.head.kind == MetricKind::Probability;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let scale = match span {
        Some((low, high)) if !share => {
            format!("{} to {}", number::short(low, 2), number::short(high, 2))
        }
        Some(_) => "0 to 100%".to_owned(),
        None => String::new(),
    };
    let first = if share { "share" } else { "mean" };
    let less = format!("less {against}");
    table.set_header([
        "branch",
        first,
        "median [5% to 95%]",
        &scale,
        &less,
        "",
        "better / worse in",
        "factor",
        "dominance",
    ]);
    for (b, row) in decision.branches.iter().zip(&measure.rows) {
        let Some(row) = row else { continue };
        let mut cells = vec![
            plain::short(b, NAME),
            centre(&row.estimate),
            range(&row.estimate),
            bar(&row.estimate, span),
        ];
        cells.extend(compared(row, measure));
        table.add_row(cells);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Left);
    }
    let hidden: Vec<usize> = (0..table.column_count())
        .filter(|&c| {
            let mut cells = table.row_iter().filter_map(|row| row.cell_iter().nth(c));
            cells.all(|cell| cell.content().is_empty())
        })
        .collect();
    for c in hidden {
        if let Some(column) = table.column_mut(c) {
            column.set_constraint(comfy_table::ColumnConstraint::Hidden);
        }
    }
    table.to_string().lines().map(|line| format!("{}\n", line.trim())).collect()
}

/// Difference, its reading, how often better, variance factor, dominance.
fn compared(row: &Row, measure: &Measure) -> [String; 5] {
    let Some(d) = &row.difference else { return Default::default() };
    let read = match reading(d, measure.head.worse) {
        Reading::Better => "better",
        Reading::Worse => "worse",
        Reading::Different => "different",
        Reading::Indistinguishable => "indistinguishable",
    };
    [
        difference(d, measure.head.kind),
        read.to_owned(),
        row.duel.map_or_else(String::new, |duel| {
            let [better, worse] = [duel.better, duel.worse].map(|s| number::percent(s.share));
            format!("{better} / {worse}")
        }),
        d.variance_factor.map_or_else(String::new, |factor| number::short(factor, 2)),
        row.duel.as_ref().map_or_else(String::new, order),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::tests::estimate;

    fn difference_of(mean: f64, low: f64, high: f64) -> Difference {
        Difference {
            branch: "b".into(),
            against: "a".into(),
            metric: "m".into(),
            n: 100,
            mean: Some(mean),
            se: None,
            low: Some(low),
            high: Some(high),
            variance_factor: None,
        }
    }

    #[test]
    fn nothing_is_better_unless_it_is_clear_and_known() {
        let clear = difference_of(2.0, 1.0, 3.0);
        assert_eq!(reading(&clear, Some(Worse::High)), Reading::Worse);
        assert_eq!(reading(&clear, Some(Worse::Low)), Reading::Better);
        assert_eq!(reading(&clear, None), Reading::Different);
        let covers = difference_of(2.0, -1.0, 5.0);
        assert_eq!(reading(&covers, Some(Worse::High)), Reading::Indistinguishable);
        let none = Difference { low: None, high: None, ..covers };
        assert_eq!(reading(&none, Some(Worse::High)), Reading::Indistinguishable);
    }

    #[test]
    fn differences_have_signs_and_points() {
        let d = difference_of(-0.0312, -0.0401, -0.0223);
        assert_eq!(difference(&d, MetricKind::Probability), "−3.12 pt [−4.01 to −2.23]");
        assert_eq!(
            difference(&difference_of(2.0, 1.0, 3.0), MetricKind::Number),
            "+2.0 [+1.0 to +3.0]"
        );
        assert_eq!(signed("0.00"), "0.00");
    }

    #[test]
    fn bars_show_where_the_middle_lies() {
        let at =
            |p, v: f64| QuantileAt { p, value: v.is_finite().then_some(v), interval: (None, None) };
        let quantiles = |v: [f64; 5]| {
            crate::study::PROBABILITIES.iter().zip(v).map(|(&p, v)| at(p, v)).collect::<Vec<_>>()
        };
        let number = Estimate {
            quantiles: quantiles([0.0, 5.0, 10.0, 12.0, 19.0]),
            ..estimate(MetricKind::Number, 10)
        };
        assert_eq!(bar(&number, Some((0.0, 19.0))), "▕─────━━━━━┃━━───────▏");
        let never = f64::INFINITY;
        let day = Estimate {
            quantiles: quantiles([1.0, 2.0, 10.0, never, never]),
            ..estimate(MetricKind::Time, 10)
        };
        assert_eq!(bar(&day, Some((0.0, 19.0))), "▕ ─━━━━━━━━┃━━━━━━━━━▏");
        assert_eq!(range(&day), "10 [1 to never]");
        let half = Estimate { mean: Some(0.5), ..estimate(MetricKind::Probability, 10) };
        assert_eq!(bar(&half, Some((0.0, 1.0))), "▕██████████          ▏");
        assert_eq!(bar(&half, None), "");
    }
}
