//! Estimates with their errors: of each metric under each branch, and of paired differences.
//!
//! Probabilities and shares carry Wilson's interval (Wilson 1927), means Student's t, quantiles the
//! interval between order statistics (binomial ranks). Every interval has level [`LEVEL`]. An interval
//! of no width is never given: a probability without events has Wilson's upper bound, and where all
//! values are equal there is no interval.

use super::head::MetricHead;
use super::pair::Pairs;
use super::results::{Results, Values};
use super::tally::Tally;
use crate::sim::contract::MetricKind;
use crate::stats::interval::{self, Interval};
use crate::stats::quantile;

/// Coverage of all intervals.
pub const LEVEL: f64 = 0.95;
/// Probabilities of the quantiles that are given.
pub const PROBABILITIES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// A share of the trials with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share itself, 0-1.
    pub share: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// The share of `hits` in `n`, if there are trials.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub fn of(hits: u64, n: u64) -> Option<Share> {
        (n > 0).then(|| {
            let Interval { low, high } = interval::wilson(hits, n, LEVEL);
            Share { share: hits as f64 / n as f64, low, high }
        })
    }
}

/// How often a time never came.
pub type Never = Share;

/// A quantile with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileAt {
    /// Probability.
    pub p: f64,
    /// The quantile; none where it falls among the trials in which it never happened.
    pub value: Option<f64>,
    /// Interval between order statistics; an end that falls among those trials is absent.
    pub interval: (Option<f64>, Option<f64>),
}

/// The estimate of one metric under one branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Written name.
    pub id: String,
    /// What a reader sees.
    pub title: String,
    /// Kind.
    pub kind: MetricKind,
    /// Unit.
    pub unit: String,
    /// Trials with a value; for times those where it never happened are among them.
    pub n: u64,
    /// Probability, mean, or mean over the trials where it happened.
    pub mean: Option<f64>,
    /// Standard error of `mean`.
    pub se: Option<f64>,
    /// Lower end of the interval of `mean`.
    pub low: Option<f64>,
    /// Upper end of the interval of `mean`.
    pub high: Option<f64>,
    /// Standard deviation between trials.
    pub sd: Option<f64>,
    /// Quantiles at [`PROBABILITIES`]; empty for probabilities and categories.
    pub quantiles: Vec<QuantileAt>,
    /// Times: share of trials in which it never happened.
    pub never: Option<Never>,
    /// Categories: labels and shares.
    pub shares: Vec<(String, Share)>,
    /// Width of the bins that quantiles come from, where they come from a histogram.
    pub bin_width: Option<f64>,
    /// Values too large for the sums: if not 0, mean and error are not to be trusted.
    pub cut: u64,
}

impl Estimate {
    /// The quantile at a probability of [`PROBABILITIES`].
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        self.quantiles.iter().find(|q| crate::math::same(q.p, p)).and_then(|q| q.value)
    }
}

/// The difference of one metric between a branch and the first one, trial by trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Branch.
    pub branch: String,
    /// The branch it is compared with.
    pub against: String,
    /// Metric.
    pub metric: String,
    /// Trials paired.
    pub n: u64,
    /// Mean difference, branch less the other.
    pub mean: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// `(s_a² + s_b²) / s_d²`; none where the difference is the same in all trials.
    pub variance_factor: Option<f64>,
}

impl Difference {
    /// Whether the interval lies on one side of zero.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low > 0.0 || high < 0.0)
    }
}

impl Results {
    /// The estimate of a metric under a branch, by their positions.
    #[must_use]
    pub fn estimate(&self, branch: usize, metric: usize) -> Estimate {
        let results = &self.branches[branch];
        // A run that was stopped before its first chunk has no values.
        let values = results.tallies.get(metric).zip(results.values.get(metric));
        estimate(&results.head.metrics[metric], values)
    }

    /// All estimates of a branch, in file order.
    #[must_use]
    pub fn estimates(&self, branch: usize) -> Vec<Estimate> {
        (0..self.branches[branch].head.metrics.len()).map(|m| self.estimate(branch, m)).collect()
    }

    /// All paired differences, by branch and metric in file order.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        self.comparisons
            .iter()
            .map(|comparison| {
                let head = &self.branches[comparison.branch].head;
                let against = &self.branches[0].head;
                let metric = &head.metrics[comparison.metric].id;
                difference((&head.name, &against.name), metric, &comparison.pairs)
            })
            .collect()
    }
}

/// Ends of the interval of a probability or mean; none for categories and where there is no interval.
pub(super) fn ends(kind: MetricKind, tally: &Tally) -> Option<Interval> {
    match kind {
        MetricKind::Probability => {
            Share::of(tally.hits, tally.n).map(|s| Interval { low: s.low, high: s.high })
        }
        MetricKind::Category => None,
        MetricKind::Number | MetricKind::Time => {
            let (mean, sd) = tally.mean_sd();
            let (low, high) = t_ends(tally.finite(), mean, sd);
            low.zip(high).map(|(low, high)| Interval { low, high })
        }
    }
}

/// The estimate of a metric from what was kept of it.
pub(super) fn estimate(head: &MetricHead, values: Option<(&Tally, &Values)>) -> Estimate {
    let mut out = Estimate {
        id: head.id.clone(),
        title: head.title.clone(),
        kind: head.kind,
        unit: head.unit.clone(),
        n: 0,
        mean: None,
        se: None,
        low: None,
        high: None,
        sd: None,
        quantiles: Vec::new(),
        never: None,
        shares: Vec::new(),
        bin_width: None,
        cut: 0,
    };
    let Some((tally, values)) = values else { return out };
    out.n = tally.n;
    out.cut = tally.cut();
    match head.kind {
        MetricKind::Probability => probability(tally, &mut out),
        MetricKind::Category => {
            let shares = head.labels.iter().zip(&tally.shares);
            out.shares = shares
                .filter_map(|(label, &hits)| Some((label.clone(), Share::of(hits, tally.n)?)))
                .collect();
        }
        MetricKind::Number | MetricKind::Time => {
            mean(tally, &mut out);
            quantiles(values, tally, &mut out);
            if head.kind == MetricKind::Time {
                out.never = Share::of(tally.never, tally.n);
            }
        }
    }
    out
}

/// The difference of a metric between a branch and another, from its pairs.
pub(super) fn difference(
    (branch, against): (&str, &str),
    metric: &str,
    pairs: &Pairs,
) -> Difference {
    let (mean, sd) = pairs.difference.mean_sd();
    let (low, high) = difference_interval(pairs, mean, sd);
    Difference {
        branch: branch.to_owned(),
        against: against.to_owned(),
        metric: metric.to_owned(),
        n: pairs.n,
        mean,
        se: standard_error(sd, pairs.n),
        low,
        high,
        variance_factor: pairs.variance_factor(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn standard_error(sd: Option<f64>, n: u64) -> Option<f64> {
    sd.map(|sd| sd / (n as f64).sqrt())
}

/// Ends of the t interval of a mean; none where all values are equal.
fn t_ends(n: u64, mean: Option<f64>, sd: Option<f64>) -> (Option<f64>, Option<f64>) {
    match (mean, sd) {
        (Some(mean), Some(sd)) if sd > 0.0 && n > 1 => {
            let Interval { low, high } = interval::mean_t(n, mean, sd, LEVEL);
            (Some(low), Some(high))
        }
        _ => (None, None),
    }
}

/// Paired t; for a yes-no metric that no trial tells apart, the bound on the share of such trials.
fn difference_interval(
    pairs: &Pairs,
    mean: Option<f64>,
    sd: Option<f64>,
) -> (Option<f64>, Option<f64>) {
    let untold = pairs.kind() == MetricKind::Probability && pairs.apart == (0, 0);
    match Share::of(0, pairs.n) {
        Some(bound) if untold => (Some(-bound.high), Some(bound.high)),
        _ => t_ends(pairs.n, mean, sd),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn probability(tally: &Tally, out: &mut Estimate) {
    if let Some(Share { share, low, high }) = Share::of(tally.hits, tally.n) {
        out.mean = Some(share);
        out.se = Some((share * (1.0 - share) / tally.n as f64).sqrt());
        (out.low, out.high) = (Some(low), Some(high));
    }
}

fn mean(tally: &Tally, out: &mut Estimate) {
    let (mean, sd) = tally.mean_sd();
    out.mean = mean;
    out.sd = sd;
    out.se = standard_error(sd, tally.finite());
    (out.low, out.high) = t_ends(tally.finite(), mean, sd);
}

/// Quantiles with never last, and their intervals.
fn quantiles(values: &Values, tally: &Tally, out: &mut Estimate) {
    if tally.n == 0 {
        return;
    }
    let finite = |value: f64| value.is_finite().then_some(value);
    out.quantiles = match values {
        Values::Table { sorted, .. } => PROBABILITIES
            .iter()
            .map(|&p| {
                let ends = interval::order_statistic(sorted, p, LEVEL);
                QuantileAt {
                    p,
                    value: quantile::quantile(sorted, p).and_then(finite),
                    interval: (finite(ends.low), finite(ends.high)),
                }
            })
            .collect(),
        Values::Digest { digest, .. } => {
            let Some(histogram) = digest.histogram() else { return };
            out.bin_width = Some(histogram.bin_width());
            PROBABILITIES.iter().map(|&p| digest.quantile(p, LEVEL)).collect()
        }
    };
}
