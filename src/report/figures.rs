//! The charts of a run: from results to the plain data that charts draw.
//!
//! Titles are findings computed from the very numbers drawn. Days are drawn where they begin: what
//! holds at the end of a day stands at its 00:00, so that a change on a date meets the rule of that date.

use super::{finding, number, plain};
use crate::chart::exceedance::{ExceedanceCurve, ExceedanceData};
use crate::chart::fan::{FanBand, FanData};
use crate::chart::incidence::{IncidenceCurve, IncidenceData};
use crate::chart::occupancy::{OccupancyData, Regime};
use crate::chart::timeline::TimelineData;
use crate::chart::{
    ChartError, Drawing, Frame, Rule, exceedance, fan, incidence, occupancy, timeline,
};
use crate::model::Model;
use crate::model::diplomacy::MeetingDate;
use crate::model::measure::Start;
use crate::sim::contract::MetricKind;
use crate::study::{BranchHead, Days, MetricHead, QUANTILES, Results, Share, Values};
use crate::units::{Date, Tick};
use serde::{Deserialize, Serialize};

/// Events that one incidence chart shows at most.
const EVENTS: usize = 6;
/// Branches that one exceedance chart shows at most, the first one among them.
const BRANCHES: usize = exceedance::MOST_BRANCHES;
/// Points of an exceedance curve at most, beside its upper end.
const POINTS: usize = 240;
/// Points at the upper end of an exceedance curve that are always drawn.
const TAIL: usize = 60;
/// Dated rules of a chart at most.
const RULES: usize = 4;

/// What one chart draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "chart", content = "data", rename_all = "kebab-case")]
pub enum FigureData {
    /// Where a figure may go.
    Fan(FanData),
    /// Which regime holds when.
    Occupancy(OccupancyData),
    /// By when events happen.
    Incidence(IncidenceData),
    /// The chance of at least so much.
    Exceedance(ExceedanceData),
    /// One trial.
    Timeline(TimelineData),
}

/// A chart of a run, by name, with all that is needed to draw it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Name: of its files, and on the command line.
    pub name: String,
    /// Size, theme and footer.
    pub frame: Frame,
    /// What is drawn.
    #[serde(flatten)]
    pub data: FigureData,
}

impl Figure {
    /// Draws it.
    ///
    /// # Errors
    /// The data do not fit together, or the words leave no room.
    pub fn draw(&self) -> Result<Drawing, ChartError> {
        match &self.data {
            FigureData::Fan(data) => fan::draw(data, &self.frame),
            FigureData::Occupancy(data) => occupancy::draw(data, &self.frame),
            FigureData::Incidence(data) => incidence::draw(data, &self.frame),
            FigureData::Exceedance(data) => exceedance::draw(data, &self.frame),
            FigureData::Timeline(data) => timeline::draw(data, &self.frame),
        }
    }
}

/// The charts of a run, without the timeline, which shows a single trial. `model` is the first branch.
#[must_use]
pub fn of_run(results: &Results, model: &Model, frame: &Frame) -> Vec<Figure> {
    if results.trials == 0 {
        return Vec::new();
    }
    let rules = dated_rules(model);
    let figure = |name: &str, data| Figure { name: name.to_owned(), frame: frame.clone(), data };
    let mut all = Vec::new();
    all.extend(fan_data(results, &rules).map(|data| figure("fan", FigureData::Fan(data))));
    all.extend(
        occupancy_data(results, &rules).map(|d| figure("occupancy", FigureData::Occupancy(d))),
    );
    all.extend(
        incidence_data(results, &rules).map(|d| figure("incidence", FigureData::Incidence(d))),
    );
    all.extend(exceedance_data(results).map(|d| figure("exceedance", FigureData::Exceedance(d))));
    all
}

/// Dates that are known at the start: the weightiest announced measures, meetings with an agenda,
/// ends of truces; one for each date.
fn dated_rules(model: &Model) -> Vec<Rule> {
    let mut dated: Vec<(f64, Tick, &str)> = Vec::new();
    for measure in &model.measures {
        if let Start::Announced { on, .. } = measure.start {
            dated.push((measure.weight.abs(), on, title(&measure.title, &measure.name)));
        }
    }
    for meeting in model.meetings.iter().filter(|meeting| !meeting.agenda.is_empty()) {
        if let MeetingDate::On(on) = meeting.date {
            dated.push((1.0, on, title(&meeting.title, &meeting.name)));
        }
    }
    dated.extend(model.truces.iter().map(|truce| (1.0, truce.ends, truce.name.as_str())));
    dated.retain(|(_, at, _)| (Tick::ZERO..=model.horizon).contains(at));
    dated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<(Tick, &str)> = Vec::new();
    for (_, at, text) in dated {
        let date = model.epoch.date_of(at);
        if chosen.len() < RULES && chosen.iter().all(|(on, _)| model.epoch.date_of(*on) != date) {
            chosen.push((at, text));
        }
    }
    chosen.sort_by_key(|(at, _)| *at);
    let rule = |(at, text): (Tick, &str)| Rule {
        date: model.epoch.date_of(at).to_string(),
        text: plain::short(text, 40),
    };
    chosen.into_iter().map(rule).collect()
}

/// A unit as charts take it: money begins with its sign.
fn drawn_unit(unit: &str) -> String {
    let unit = plain::line(unit);
    match unit.strip_prefix("USD") {
        Some(rest) => format!("${}", rest.trim_start()),
        None => unit.into_owned(),
    }
}

/// A number with its unit, never broken between lines.
fn unbroken(number: &str, unit: &str) -> String {
    finding::with_unit(number, unit).replace(' ', "\u{a0}")
}

/// A branch's name as words.
fn words(name: &str) -> String {
    plain::short(name, 60).replace('_', " ")
}

fn title<'a>(title: &'a str, name: &'a str) -> &'a str {
    if title.is_empty() { name } else { title }
}

/// Days as they are drawn: each at its beginning, and the end of the last one.
#[allow(clippy::cast_precision_loss, reason = "days of a run")]
fn drawn_days(head: &BranchHead) -> Vec<f64> {
    let last = Days::until(head.horizon).len() - 1;
    (0..=last).map(|day| day as f64).collect()
}

/// Values by day as they are drawn at [`drawn_days`].
fn drawn<T: Copy>(by_day: &[T]) -> Vec<T> {
    by_day.iter().skip(1).chain(by_day.last()).copied().collect()
}

fn last_date(head: &BranchHead) -> Date {
    let days = Days::until(head.horizon).len() - 1;
    head.epoch.as_of().plus_days(i64::try_from(days).unwrap_or(0))
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn fan_data(results: &Results, rules: &[Rule]) -> Option<FanData> {
    let branch = results.branches.first()?;
    let (series, panel) = branch.head.series.iter().zip(&branch.panels).find(|(series, _)| {
        // A fan of regimes would be a fan of positions.
        Some(series.name.as_str()) != branch.head.regime_series().map(|s| s.name.as_str())
    })?;
    let row = |p: f64| -> Option<Vec<f64>> {
        let place = QUANTILES.iter().position(|&q| crate::math::same(q, p))?;
        let values: Vec<f64> = panel.rows[place].iter().copied().map(f64::from).collect();
        Some(if series.steps { drawn(&values) } else { values })
    };
    let band = |share: f64, low: f64, high: f64| -> Option<FanBand> {
        Some(FanBand { share, lower: row(low)?, upper: row(high)? })
    };
    let bands = vec![band(0.9, 0.05, 0.95)?, band(0.6, 0.2, 0.8)?, band(0.3, 0.35, 0.65)?];
    let median = row(0.5)?;
    let end = |values: &[f64]| {
        let text = number::short(values.last().copied().unwrap_or(f64::NAN), 3);
        unbroken(&text, &series.unit)
    };
    let date = last_date(&branch.head).long();
    Some(FanData {
        title: format!(
            "{}: {} to {} in at least 90 of 100 trials on {date}, median {}",
            finding::measure(&series.title, &series.unit),
            end(&bands[0].lower),
            end(&bands[0].upper),
            end(&median)
        ),
        subtitle: format!(
            "{}, by day; quantiles of the first {} trials of {}",
            if series.unit.is_empty() { "Value" } else { &series.unit },
            number::drawn_count(panel.trials),
            plain::line(&branch.head.name)
        ),
        measure: finding::measure(&series.title, &series.unit),
        unit: drawn_unit(&series.unit),
        as_of: branch.head.epoch.as_of().to_string(),
        days: drawn_days(&branch.head),
        bands,
        median,
        history: series.history.iter().map(|(date, v)| (date.to_string(), *v)).collect(),
        history_label: "Actual".to_owned(),
        rules: rules.to_vec(),
        jumps: series.steps,
        branch: plain::line(&branch.head.name).into_owned(),
        outside: panel.outside.last().map(|&(low, high)| {
            let share = |count: u64| count as f64 / panel.trials.max(1) as f64;
            (share(low), share(high))
        }),
    })
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn occupancy_data(results: &Results, rules: &[Rule]) -> Option<OccupancyData> {
    let branch = results.branches.first()?;
    let head = &branch.head;
    let n = results.trials as f64;
    // The chart stacks from the mildest; files list from the worst.
    let regimes: Vec<Regime> = head
        .regimes
        .iter()
        .zip(&branch.regimes)
        .rev()
        .map(|(regime, counts)| Regime {
            name: plain::line(&regime.title).into_owned(),
            shares: drawn(counts).into_iter().map(|count| count as f64 / n).collect(),
        })
        .collect();
    let mut ends: Vec<(&str, f64)> = regimes
        .iter()
        .map(|r| (r.name.as_str(), r.shares.last().copied().unwrap_or(0.0)))
        .collect();
    ends.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (first, share) = *ends.first()?;
    let second = ends.get(1).filter(|(_, share)| *share > 0.0);
    let second = second.map_or_else(String::new, |(name, share)| {
        format!(", {name} in {}", number::percent(*share))
    });
    Some(OccupancyData {
        title: format!(
            "On {} {first} holds in {} of trials{second}",
            last_date(head).long(),
            number::percent(share)
        ),
        subtitle: format!(
            "Share of {} trials of {} in each state, by day",
            number::drawn_count(results.trials),
            plain::line(&head.name)
        ),
        as_of: head.epoch.as_of().to_string(),
        days: drawn_days(head),
        regimes,
        rules: rules.to_vec(),
        jumps: true,
        branch: plain::line(&head.name).into_owned(),
    })
}

/// One curve for each event of the first branch; where there is only one, one for each branch.
fn incidence_data(results: &Results, rules: &[Rule]) -> Option<IncidenceData> {
    let base = results.branches.first()?;
    let events: Vec<usize> = (0..base.head.metrics.len())
        .filter(|&m| !base.moments[m].is_empty())
        .take(EVENTS)
        .collect();
    let only = *events.first()?;
    let head = &base.head;
    let across = events.len() == 1 && results.branches.len() > 1;
    let curves: Vec<IncidenceCurve> = if across {
        let id = &head.metrics[only].id;
        let all = results.branches.iter().enumerate().take(EVENTS);
        all.filter_map(|(b, branch)| {
            let metric = branch.head.metric(id)?;
            Some(curve(results, b, metric, &words(&branch.head.name), b == 0))
        })
        .collect()
    } else {
        events.iter().map(|&m| curve(results, 0, m, &head.metrics[m].title, false)).collect()
    };
    let date = last_date(head).long();
    let of = |curve: &IncidenceCurve| curve.share.last().copied().unwrap_or(0.0);
    let top = curves.iter().max_by(|a, b| of(a).total_cmp(&of(b)))?;
    let said = number::percent_within(of(top), half_width(top));
    let title = if across {
        let event = plain::line(&head.metrics[only].title).into_owned();
        format!("{event} by {date}: most often under {}, in {said} of trials", top.name)
    } else if curves.len() == 1 {
        format!("{} by {date} in {said} of trials", top.name)
    } else {
        let most = if curves.len() == 2 { "More" } else { "Most" };
        format!("{most} frequent of {} events: {}, in {said} of trials", curves.len(), top.name)
    };
    Some(IncidenceData {
        title,
        subtitle: format!(
            "Share of {} trials in which it has happened, by day{}",
            number::drawn_count(results.trials),
            if across { String::new() } else { format!(", {}", plain::line(&head.name)) }
        ),
        as_of: head.epoch.as_of().to_string(),
        days: drawn_days(head),
        curves,
        rules: rules.to_vec(),
    })
}

/// Half the width of a curve's band at its end.
fn half_width(curve: &IncidenceCurve) -> f64 {
    match (curve.lower.last(), curve.upper.last()) {
        (Some(low), Some(high)) => 0.5 * (high - low),
        _ => 0.0,
    }
}

fn curve(
    results: &Results,
    branch: usize,
    metric: usize,
    name: &str,
    baseline: bool,
) -> IncidenceCurve {
    let branch = &results.branches[branch];
    let n = branch.tallies.get(metric).map_or(0, |tally| tally.n);
    // What never happened in a branch has no counts there.
    let counts = &branch.moments[metric];
    let days = results.branches.iter().flat_map(|b| b.moments.iter().map(Vec::len)).max();
    let never = if counts.is_empty() { vec![0; days.unwrap_or(0)] } else { Vec::new() };
    let mut so_far = 0;
    let shares: Vec<Share> = counts
        .iter()
        .chain(&never)
        .map(|&count| {
            so_far += count;
            Share::of(so_far, n).unwrap_or(Share { share: 0.0, low: 0.0, high: 1.0 })
        })
        .collect();
    let part = |of: fn(&Share) -> f64| drawn(&shares).iter().map(of).collect::<Vec<f64>>();
    IncidenceCurve {
        name: plain::short(name, 60),
        baseline,
        share: part(|s| s.share),
        lower: part(|s| s.low),
        upper: part(|s| s.high),
    }
}

fn exceedance_data(results: &Results) -> Option<ExceedanceData> {
    let metric = spread_number(results)?;
    let curves: Vec<ExceedanceCurve> = results
        .branches
        .iter()
        .enumerate()
        .filter_map(|(b, branch)| {
            let place = branch.head.metric(&metric.id)?;
            let points = exceedance_points(branch.values.get(place)?);
            if points.is_empty() {
                return None;
            }
            let n = branch.tallies[place].n;
            let shares: Vec<Share> =
                points.iter().filter_map(|&(_, at_least)| Share::of(at_least, n)).collect();
            Some(ExceedanceCurve {
                name: words(&branch.head.name),
                baseline: b == 0,
                values: points.iter().map(|(value, _)| *value).collect(),
                share: shares.iter().map(|s| s.share).collect(),
                lower: shares.iter().map(|s| s.low).collect(),
                upper: shares.iter().map(|s| s.high).collect(),
            })
        })
        .take(BRANCHES)
        .collect();
    let first = curves.first()?;
    // The largest value that is reached in at least one trial of twenty.
    let reached = |c: &ExceedanceCurve| {
        c.values.iter().zip(&c.share).rev().find(|(_, share)| **share >= 0.05).map(|(v, _)| *v)
    };
    let measure = finding::measure(&metric.title, &metric.unit);
    let said = |value: f64| unbroken(&number::short(value, 3), &metric.unit);
    let value = reached(first)?;
    let highest = curves
        .iter()
        .skip(1)
        .filter_map(|c| Some((reached(c)?, &c.name)))
        .max_by(|a, b| (a.0 - value).abs().total_cmp(&(b.0 - value).abs()));
    let others = highest
        .filter(|(other, _)| said(*other) != said(value))
        .map_or_else(String::new, |(other, name)| format!(", {} under {name}", said(other)));
    let tail = curves.iter().flat_map(|c| &c.share).any(|share| *share < 0.1).then_some(0.001);
    let left_out = match results.branches.len().saturating_sub(BRANCHES) {
        0 => String::new(),
        more => format!("; {more} more branches are in summary.json"),
    };
    Some(ExceedanceData {
        title: format!(
            "{measure}: one trial in twenty reaches {} under {}{others}",
            said(value),
            first.name
        ),
        subtitle: format!(
            "Share of {} trials with at least so much{}{left_out}",
            number::drawn_count(results.trials),
            if tail.is_some() { ", logarithmic below 10%" } else { "" }
        ),
        measure,
        unit: drawn_unit(&metric.unit),
        curves,
        log: false,
        tail,
        cumulative: false,
        threshold: None,
    })
}

/// The number whose chances are drawn: the first in money that varies between trials of the first
/// branch, else the first that varies, else the first.
fn spread_number(results: &Results) -> Option<&MetricHead> {
    let branch = results.branches.first()?;
    let numbers: Vec<(usize, &MetricHead)> = branch
        .head
        .metrics
        .iter()
        .enumerate()
        .filter(|(_, metric)| metric.kind == MetricKind::Number)
        .collect();
    let varies = |place: usize| {
        let estimate = results.estimate(0, place);
        estimate.quantile(0.75) > estimate.quantile(0.25)
    };
    let money = |metric: &MetricHead| metric.unit.contains("USD");
    numbers
        .iter()
        .find(|(place, metric)| money(metric) && varies(*place))
        .or_else(|| numbers.iter().find(|(place, _)| varies(*place)))
        .or_else(|| numbers.first())
        .map(|(_, metric)| *metric)
}

/// Rising values with the number of trials at or beyond each.
fn exceedance_points(values: &Values) -> Vec<(f64, u64)> {
    match values {
        Values::Table { sorted, .. } => {
            let n = sorted.len();
            let every = (n / POINTS).max(1);
            let mut points: Vec<(f64, u64)> = Vec::new();
            for k in (0..n).filter(|k| k.is_multiple_of(every) || k + TAIL >= n) {
                let value = sorted[k];
                if points.last().is_none_or(|(last, _)| value > *last) {
                    let below = sorted.partition_point(|v| *v < value);
                    points.push((value, (n - below) as u64));
                }
            }
            points
        }
        Values::Digest { digest, .. } => {
            let Some(histogram) = digest.histogram() else { return Vec::new() };
            let (under, _) = histogram.outside();
            let (Some((min, max)), n) = (histogram.extremes(), histogram.n()) else {
                return Vec::new();
            };
            let mut points = vec![(min, n)];
            let mut left = n - under;
            for (low, _, count) in histogram.bins() {
                if count > 0 && low > points[points.len() - 1].0 {
                    points.push((low, left));
                }
                left -= count;
            }
            if max > points[points.len() - 1].0 {
                points.push((max, 1));
            }
            let every = (points.len() / POINTS).max(1);
            let last = points.len();
            let kept = |k: &usize| k.is_multiple_of(every) || k + TAIL >= last;
            (0..last).filter(kept).map(|k| points[k]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_count_trials_at_or_beyond() {
        let sorted = vec![1.0, 1.0, 2.0, 5.0];
        let values = Values::Table { rows: Vec::new(), sorted };
        assert_eq!(exceedance_points(&values), [(1.0, 4), (2.0, 2), (5.0, 1)]);
        let many: Vec<f64> = (0..100_000).map(f64::from).collect();
        let points = exceedance_points(&Values::Table { rows: Vec::new(), sorted: many });
        assert!(points.len() <= POINTS + TAIL + 2, "{}", points.len());
        assert_eq!(points.last(), Some(&(99_999.0, 1)));
    }

    #[test]
    fn days_are_drawn_where_they_begin() {
        // Start, then three days; the state at the end of day 1 is drawn from its beginning, 0.
        assert_eq!(drawn(&[9, 1, 2, 3]), [1, 2, 3, 3]);
    }
}
