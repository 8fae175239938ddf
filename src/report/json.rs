//! The object that `run --json` prints, and that stands in `summary.json` with more detail.
//!
//! Keys that do not apply to a kind are present and null; nothing that is no number is ever written.

use crate::sim::contract::MetricKind;
use crate::study::{Difference, Estimate, PROBABILITIES, Results, Share};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Version of the object's layout.
pub const SCHEMA: u32 = 1;

/// An exact answer of the first branch, beside its estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExactRow {
    /// Metric.
    pub metric: String,
    /// The exact value: probability, mean, or mean over the cases in which it happened.
    pub value: f64,
}

/// A fact of the scenario, with the metric that is compared with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObservedRow {
    /// Metric.
    pub metric: String,
    /// What a reader sees.
    pub say: String,
    /// Lower end of what was observed.
    pub low: f64,
    /// Upper end of what was observed.
    pub high: f64,
    /// Where the fact comes from.
    pub source: Option<String>,
}

/// What stands around the estimates.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// Scenario's name.
    pub scenario: String,
    /// First 16 hexadecimal digits of SHA-256 of the scenario's bytes.
    pub hash: String,
    /// Path of the run folder, as given.
    pub run: String,
    /// Hash of the results alone.
    pub results_hash: String,
    /// Exact answers.
    pub exact: Vec<ExactRow>,
    /// Facts of the scenario; in `summary.json` only.
    pub observed: Vec<ObservedRow>,
    /// The rule that the run was to stop by.
    pub stop: Option<super::stop::StopFacts>,
    /// The trade model.
    pub economy: Option<super::economy::EconomyFacts>,
}

#[derive(Serialize)]
struct RunObject<'a> {
    schema: u32,
    scenario: &'a str,
    hash: &'a str,
    seed: u64,
    trials: u64,
    complete: bool,
    run: &'a str,
    results_hash: &'a str,
    branches: Vec<BranchObject<'a>>,
    differences: Vec<DifferenceObject<'a>>,
    exact: &'a [ExactRow],
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<&'a super::stop::StopFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    economy: Option<&'a super::economy::EconomyFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Detail<'a>>,
}

#[derive(Serialize)]
struct BranchObject<'a> {
    name: &'a str,
    metrics: Vec<MetricObject<'a>>,
}

#[derive(Serialize)]
struct MetricObject<'a> {
    id: &'a str,
    kind: &'static str,
    unit: &'a str,
    n: u64,
    mean: Option<f64>,
    se: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    sd: Option<f64>,
    quantiles: Option<Quantiles>,
    never: Option<ShareObject>,
    shares: Option<Shares<'a>>,
}

#[derive(Serialize, Clone, Copy)]
struct ShareObject {
    share: f64,
    low: f64,
    high: f64,
}

impl From<Share> for ShareObject {
    fn from(share: Share) -> ShareObject {
        ShareObject { share: share.share, low: share.low, high: share.high }
    }
}

/// Quantiles by their probability as written.
struct Quantiles(Vec<(f64, Option<f64>)>);

impl Serialize for Quantiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (p, value) in &self.0 {
            map.serialize_entry(&p.to_string(), value)?;
        }
        map.end()
    }
}

/// Shares by label, in the order of the labels.
struct Shares<'a>(&'a [(String, Share)]);

impl Serialize for Shares<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (label, share) in self.0 {
            map.serialize_entry(label, &ShareObject::from(*share))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct DifferenceObject<'a> {
    branch: &'a str,
    against: &'a str,
    metric: &'a str,
    n: u64,
    mean: Option<f64>,
    se: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    variance_factor: Option<f64>,
}

/// What only `summary.json` says.
#[derive(Serialize)]
struct Detail<'a> {
    observed: &'a [ObservedRow],
    form: &'static str,
    rows: usize,
    level: f64,
    panel_trials: u64,
    branches: Vec<BranchDetail>,
}

#[derive(Serialize)]
struct BranchDetail {
    name: String,
    title: String,
    events_per_trial: Option<f64>,
    trials_with_skipped_plan_steps: u64,
    metrics: Vec<MetricDetail>,
}

#[derive(Serialize)]
struct MetricDetail {
    id: String,
    title: String,
    missing: u64,
    quantile_intervals: Option<QuantileIntervals>,
    histogram_bin_width: Option<f64>,
    values_cut: u64,
}

struct QuantileIntervals(Vec<(f64, [Option<f64>; 2])>);

impl Serialize for QuantileIntervals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (p, ends) in &self.0 {
            map.serialize_entry(&p.to_string(), ends)?;
        }
        map.end()
    }
}

/// A kind as written in files.
#[must_use]
pub fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Probability => "probability",
        MetricKind::Number => "number",
        MetricKind::Time => "time",
        MetricKind::Category => "category",
    }
}

/// The object of `run --json`, on one line.
#[must_use]
pub fn run(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
    facts: &RunFacts,
) -> String {
    text(serde_json::to_string(&object(results, estimates, differences, facts, false)))
}

/// The object of `summary.json`: the same with a key `detail`, indented.
#[must_use]
pub fn summary(
    results: &Results,
    estimates: &[Vec<Estimate>],
    differences: &[Difference],
    facts: &RunFacts,
) -> String {
    text(serde_json::to_string_pretty(&object(results, estimates, differences, facts, true)))
}

fn text(json: Result<String, serde_json::Error>) -> String {
    // Plain structures with string keys cannot fail to serialise.
    let mut text = json.unwrap_or_default();
    text.push('\n');
    text
}

fn object<'a>(
    results: &'a Results,
    estimates: &'a [Vec<Estimate>],
    differences: &'a [Difference],
    facts: &'a RunFacts,
    detail: bool,
) -> RunObject<'a> {
    RunObject {
        schema: SCHEMA,
        scenario: &facts.scenario,
        hash: &facts.hash,
        seed: results.plan.seed,
        trials: results.trials,
        complete: results.complete,
        run: &facts.run,
        results_hash: &facts.results_hash,
        branches: results
            .branches
            .iter()
            .zip(estimates)
            .map(|(branch, estimates)| BranchObject {
                name: &branch.head.name,
                metrics: estimates.iter().map(metric).collect(),
            })
            .collect(),
        differences: differences.iter().map(difference).collect(),
        exact: &facts.exact,
        stop: facts.stop.as_ref(),
        economy: facts.economy.as_ref(),
        detail: detail.then(|| self::detail(results, estimates, facts)),
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite())
}

fn metric(estimate: &Estimate) -> MetricObject<'_> {
    let numeric = matches!(estimate.kind, MetricKind::Number | MetricKind::Time);
    let quantile = |p: f64| (p, finite(estimate.quantile(p)));
    MetricObject {
        id: &estimate.id,
        kind: kind(estimate.kind),
        unit: &estimate.unit,
        n: estimate.n,
        mean: finite(estimate.mean),
        se: finite(estimate.se),
        low: finite(estimate.low),
        high: finite(estimate.high),
        sd: finite(estimate.sd),
        quantiles: numeric.then(|| Quantiles(PROBABILITIES.map(quantile).to_vec())),
        never: estimate.never.map(ShareObject::from),
        shares: (estimate.kind == MetricKind::Category).then_some(Shares(&estimate.shares)),
    }
}

fn difference(difference: &Difference) -> DifferenceObject<'_> {
    DifferenceObject {
        branch: &difference.branch,
        against: &difference.against,
        metric: &difference.metric,
        n: difference.n,
        mean: finite(difference.mean),
        se: finite(difference.se),
        low: finite(difference.low),
        high: finite(difference.high),
        variance_factor: finite(difference.variance_factor),
    }
}

fn detail<'a>(results: &Results, estimates: &[Vec<Estimate>], facts: &'a RunFacts) -> Detail<'a> {
    let branches = results.branches.iter().zip(estimates).map(|(branch, estimates)| {
        let metrics = estimates.iter().enumerate().map(|(m, estimate)| MetricDetail {
            id: estimate.id.clone(),
            title: estimate.title.clone(),
            missing: branch.tallies.get(m).map_or(0, |tally| tally.missing),
            quantile_intervals: (!estimate.quantiles.is_empty()).then(|| {
                let ends = estimate.quantiles.iter();
                QuantileIntervals(ends.map(|q| (q.p, [q.interval.0, q.interval.1])).collect())
            }),
            histogram_bin_width: estimate.bin_width,
            values_cut: estimate.cut,
        });
        #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let events = (results.trials > 0).then(|| branch.events as f64 / results.trials as f64);
        BranchDetail {
            name: branch.head.name.clone(),
            title: branch.head.title.clone(),
            events_per_trial: events,
            trials_with_skipped_plan_steps: branch.skipped,
            metrics: metrics.collect(),
        }
    });
    Detail {
        observed: &facts.observed,
        form: results.form.name(),
        rows: results.rows.len(),
        level: crate::study::LEVEL,
        panel_trials: results
            .branches
            .iter()
            .flat_map(|b| &b.panels)
            .map(|p| p.trials)
            .max()
            .unwrap_or(0),
        branches: branches.collect(),
    }
}
