//! Stopping when settled: rules over results, looked at after fixed numbers of trials only.
//!
//! `half_width(ID) < W` is reached when the 95 % interval of a metric is narrower than W to either side
//! under every branch. Stopping there lets the interval cover a little less than 95 %, as the sample
//! that stops is not a random one: up to two points where W is such that an unlucky first look just
//! meets it, and a fraction of a point for most others, as the looks double (Chow and Robbins 1965 show
//! that stopping as soon as W is met loses nothing in the limit of small W). `best(branch) by ID within D` is reached when the leading
//! branch is at most D behind the best of the others, by multiple comparison with the best on the
//! differences trial by trial (Hsu 1984); its 5 % are spread evenly over the planned looks, so that the
//! statement holds whenever it stops.

use super::chunk::Chunk;
use super::estimate::{self, LEVEL};
use super::head::BranchHead;
use super::plan::CHUNK;
use super::results::Results;
use super::tally::{Class, class};
use crate::sim::contract::{MetricKind, Worse};
use crate::stats::best;
use crate::stats::interval;
use crate::stats::moments::Moments;
use std::fmt;
use std::str::FromStr;

/// Trials of the first look; every further look doubles them.
pub const FIRST: u64 = 3 * CHUNK;
/// Trials at most where no other limit is given: nine looks.
pub const LIMIT: u64 = FIRST << 8;
/// A rule is never judged on fewer trials.
pub const LEAST: u64 = 1000;

/// When to stop.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Half the width of the interval of a probability or mean, under every branch.
    HalfWidth {
        /// Metric.
        metric: String,
        /// In the metric's unit; probabilities 0-1.
        below: f64,
    },
    /// What choosing the leading branch can lose at most.
    Best {
        /// Metric.
        metric: String,
        /// In the metric's unit; probabilities 0-1.
        within: f64,
    },
}

/// Why a rule cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The text is no rule.
    #[error(
        "`{0}` is no rule to stop by: write `half_width(ID) < 0.01` or `best(branch) by ID within 0.05`, \
         with a metric and a number above 0"
    )]
    Syntax(String),
    /// No branch has the metric.
    #[error("no branch has a metric `{0}`")]
    Unknown(String),
    /// Not every branch has the metric, in one kind.
    #[error("the metric `{0}` is not the same in every branch, so no branch is the best by it")]
    Uneven(String),
    /// The metric is of a kind that the rule cannot judge.
    #[error("the metric `{0}` has no {1}: choose a {2}")]
    Kind(String, &'static str, &'static str),
    /// There is no best branch of one.
    #[error("`best(branch)` needs at least two branches")]
    OneBranch,
    /// Nothing says which end of the metric is worse.
    #[error(
        "`best(branch)` needs to know which end of `{0}` is worse: say so by `worse` in the scenario"
    )]
    NoWorse(String),
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::HalfWidth { metric, below } => write!(out, "half_width({metric}) < {below}"),
            Rule::Best { metric, within } => {
                write!(out, "best(branch) by {metric} within {within}")
            }
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Rule, RuleError> {
        read(text.trim()).ok_or_else(|| RuleError::Syntax(text.trim().to_owned()))
    }
}

fn read(text: &str) -> Option<Rule> {
    let number = |text: &str| {
        let number: f64 = text.trim().parse().ok()?;
        (number.is_finite() && number > 0.0).then_some(number)
    };
    let name = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    if let Some(rest) = text.strip_prefix("half_width(") {
        let (metric, bound) = rest.rsplit_once('<')?;
        let metric = metric.trim_end().strip_suffix(')')?;
        return Some(Rule::HalfWidth { metric: name(metric)?, below: number(bound)? });
    }
    let rest = text.strip_prefix("best(branch)")?.trim_start().strip_prefix("by ")?;
    let (metric, bound) = rest.rsplit_once(" within ")?;
    Some(Rule::Best { metric: name(metric)?, within: number(bound)? })
}

impl Rule {
    /// The metric it is about.
    #[must_use]
    pub fn metric(&self) -> &str {
        match self {
            Rule::HalfWidth { metric, .. } | Rule::Best { metric, .. } => metric,
        }
    }

    /// The rule for those who give none: the first probability of the first branch to ±0.01.
    #[must_use]
    pub fn usual(first: &BranchHead) -> Option<Rule> {
        let metric = first.metrics.iter().find(|m| m.kind == MetricKind::Probability)?;
        Some(Rule::HalfWidth { metric: metric.id.clone(), below: 0.01 })
    }
}

/// Whether a rule can be used on these branches.
///
/// # Errors
/// It cannot; the message says why.
pub fn fits(rule: &Rule, heads: &[BranchHead]) -> Result<(), RuleError> {
    Watch::new(rule, heads, 1).map(|_| ())
}

/// Numbers of trials after which a rule is looked at: [`FIRST`], doubling, and at last `limit`.
#[must_use]
pub fn looks(limit: u64) -> Vec<u64> {
    let doubling = std::iter::successors(Some(FIRST), |n| n.checked_mul(2));
    doubling.take_while(|&n| n < limit).chain([limit]).collect()
}

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether the rule is reached.
    pub settled: bool,
    /// The widest half width, or what can be lost at most; infinite where the trials cannot tell.
    pub value: f64,
    /// The branch that it belongs to: the widest, or the leading one.
    pub branch: usize,
}

impl Verdict {
    /// Nothing is known.
    pub(crate) const OPEN: Verdict = Verdict { settled: false, value: f64::INFINITY, branch: 0 };
}

/// A rule at work: what it needs to see of every trial.
pub(crate) struct Watch {
    /// Branches that have the metric, and its position there.
    places: Vec<(usize, usize)>,
    kind: MetricKind,
    judge: Judge,
}

enum Judge {
    HalfWidth { below: f64 },
    Best { within: f64, level: f64, worse: Worse, below: Vec<Vec<Moments>> },
}

impl Watch {
    /// # Errors
    /// The rule does not fit the branches.
    pub(crate) fn new(rule: &Rule, heads: &[BranchHead], looks: usize) -> Result<Watch, RuleError> {
        let id = rule.metric();
        let places: Vec<(usize, usize)> =
            heads.iter().enumerate().filter_map(|(b, head)| Some((b, head.metric(id)?))).collect();
        let unknown = || RuleError::Unknown(id.to_owned());
        let &(b, m) = places.first().ok_or_else(unknown)?;
        let head = &heads[b].metrics[m];
        let kind = head.kind;
        if places.iter().any(|&(b, m)| heads[b].metrics[m].kind != kind) {
            return Err(RuleError::Uneven(id.to_owned()));
        }
        let judge = match *rule {
            Rule::HalfWidth { .. } if kind == MetricKind::Category => {
                let wanted = "probability, number or time";
                return Err(RuleError::Kind(id.to_owned(), "mean", wanted));
            }
            Rule::HalfWidth { below, .. } => Judge::HalfWidth { below },
            Rule::Best { within, .. } => {
                if heads.len() < 2 {
                    return Err(RuleError::OneBranch);
                }
                if places.len() < heads.len() {
                    return Err(RuleError::Uneven(id.to_owned()));
                }
                if !matches!(kind, MetricKind::Number | MetricKind::Probability) {
                    let wanted = "probability or number";
                    return Err(RuleError::Kind(id.to_owned(), "value in every trial", wanted));
                }
                let worse = head.worse.ok_or_else(|| RuleError::NoWorse(id.to_owned()))?;
                let below = (0..heads.len()).map(|i| vec![Moments::new(); i]).collect();
                Judge::Best { within, level: shared_level(looks), worse, below }
            }
        };
        Ok(Watch { places, kind, judge })
    }

    /// Takes in a chunk; chunks come in order.
    pub(crate) fn take(&mut self, chunk: &Chunk) {
        let columns: Vec<&[f64]> =
            self.places.iter().map(|&(b, m)| chunk.branches[b].values[m].as_slice()).collect();
        self.compare(&columns);
    }

    /// Takes in differences trial by trial where both have a value.
    fn compare(&mut self, columns: &[&[f64]]) {
        let Judge::Best { worse, below, .. } = &mut self.judge else { return };
        let sign = if *worse == Worse::High { -1.0 } else { 1.0 };
        for (i, row) in below.iter_mut().enumerate() {
            for (j, gaps) in row.iter_mut().enumerate() {
                let pairs = columns[i].iter().zip(columns[j]);
                let known = pairs
                    .filter(|(a, b)| [a, b].iter().all(|v| class(self.kind, ***v) == Class::Value));
                known.for_each(|(a, b)| gaps.push(sign * (a - b)));
            }
        }
    }

    /// What the results so far say.
    pub(crate) fn verdict(&self, results: &Results) -> Verdict {
        match &self.judge {
            Judge::HalfWidth { below } => {
                let half = |&(b, m): &(usize, usize)| {
                    let ends = estimate::ends(self.kind, &results.branches[b].tallies[m]);
                    (b, ends.map_or(f64::INFINITY, |ends| ends.half_width()))
                };
                let halves = self.places.iter().map(half);
                let (branch, value) = halves
                    .reduce(|most, next| if next.1 > most.1 { next } else { most })
                    .unwrap_or((0, f64::INFINITY));
                Verdict { settled: value < *below, value, branch }
            }
            Judge::Best { within, .. } => {
                let (branch, value) = self.leader();
                Verdict { settled: value <= *within, value, branch }
            }
        }
    }

    /// The branch that can lose least, and what it can lose.
    fn leader(&self) -> (usize, f64) {
        let Judge::Best { level, below, .. } = &self.judge else { return (0, f64::INFINITY) };
        let bounds = |gaps: &Moments| {
            let (mean, half) = best::bounds(gaps, below.len(), *level);
            // Yes and no that no trial tells apart still has a bound.
            if self.kind == MetricKind::Probability && half <= 0.0 {
                return (mean, interval::wilson(0, gaps.n, *level).high);
            }
            (mean, half)
        };
        let below: Vec<Vec<(f64, f64)>> =
            below.iter().map(|row| row.iter().map(bounds).collect()).collect();
        let losses = best::standings_of(&below).into_iter().map(|s| 0.0 - s.behind.low);
        let least = |least: (usize, f64), next: (usize, f64)| {
            if next.1 < least.1 { next } else { least }
        };
        losses.enumerate().fold((0, f64::INFINITY), least)
    }
}

/// The level of each look, so that all hold together.
#[allow(clippy::cast_precision_loss, reason = "few looks")]
fn shared_level(looks: usize) -> f64 {
    1.0 - (1.0 - LEVEL) / looks.max(1) as f64
}

#[cfg(test)]
#[path = "stop_tests.rs"]
mod tests;
