//! Rows of finished runs, as columns: what branches are compared on after the run.
//!
//! Branches of one run share their luck trial by trial, and so do branches of different runs with the
//! same seed: draws are addressed by name. Others are independent of each other.

use super::estimate::{self, Difference, Estimate, LEVEL};
use super::head::BranchHead;
use super::pair::Pairs;
use super::plan::CHUNK;
use super::results::Values;
use super::tally::{Class, Scale, Tally, class};
use crate::draws::TrialKey;
use crate::sim::contract::MetricKind;
use crate::sim::program::Program;
use crate::stats::interval;
use crate::stats::moments::Moments;
use crate::work::{self, Cancel};

/// The rows of one branch.
#[derive(Debug, Clone)]
pub struct TableBranch {
    /// What it measures.
    pub head: BranchHead,
    /// Seed of its run.
    pub seed: u64,
    /// Values by metric and row.
    pub values: Vec<Vec<f64>>,
    /// Mean log-probability of the choices, by row.
    pub surprise: Vec<f64>,
}

/// Rows of branches, trial by trial.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Numbers of the trials, ascending.
    pub trials: Vec<u64>,
    /// The branches.
    pub branches: Vec<TableBranch>,
}

impl Table {
    /// Position of a branch.
    #[must_use]
    pub fn branch(&self, name: &str) -> Option<usize> {
        self.branches.iter().position(|branch| branch.head.name == name)
    }

    /// Whether two branches share their luck.
    #[must_use]
    pub fn paired(&self, a: usize, b: usize) -> bool {
        self.branches[a].seed == self.branches[b].seed
    }

    /// The values of a metric under a branch, if it has it.
    #[must_use]
    pub fn column(&self, branch: usize, id: &str) -> Option<&[f64]> {
        let branch = &self.branches[branch];
        branch.values.get(branch.head.metric(id)?).map(Vec::as_slice)
    }

    /// The estimate of a metric: the same numbers as those of the run, if all its rows are here.
    #[must_use]
    pub fn estimate(&self, branch: usize, metric: usize) -> Estimate {
        let branch = &self.branches[branch];
        let head = &branch.head.metrics[metric];
        let column = &branch.values[metric];
        let mut tally = Tally::new(head.kind, head.labels.len(), Scale::of(first(column)));
        column.iter().for_each(|&value| tally.push(value));
        let some = |v: &f64| class(head.kind, *v) != Class::Missing;
        let mut sorted: Vec<f64> = column.iter().copied().filter(some).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let values = Values::Table { rows: Vec::new(), sorted };
        estimate::estimate(head, Some((&tally, &values)))
    }

    /// The difference of a metric, `branch` less `against`: trial by trial where they share their luck,
    /// else of independent means (Welch 1947). None if one lacks the metric, or it is a category.
    #[must_use]
    pub fn difference(&self, branch: usize, against: usize, id: &str) -> Option<Difference> {
        let (ours, theirs) = (self.column(branch, id)?, self.column(against, id)?);
        let head = &self.branches[branch].head;
        let kind = head.metrics[head.metric(id)?].kind;
        if kind == MetricKind::Category {
            return None;
        }
        let names = (head.name.as_str(), self.branches[against].head.name.as_str());
        if self.paired(branch, against) {
            let mut pairs = Pairs::new(kind, first(ours), first(theirs));
            ours.iter().zip(theirs).for_each(|(&a, &b)| pairs.push(a, b));
            return Some(estimate::difference(names, id, &pairs));
        }
        let moments = |column: &[f64]| {
            let mut moments = Moments::new();
            let known = column.iter().filter(|v| class(kind, **v) == Class::Value);
            known.for_each(|&v| moments.push(v));
            moments
        };
        let (ours, theirs) = (moments(ours), moments(theirs));
        let ends = interval::welch_t(&ours, &theirs, LEVEL);
        let known = ours.n > 1 && theirs.n > 1 && ends.half_width() > 0.0;
        Some(Difference {
            branch: names.0.to_owned(),
            against: names.1.to_owned(),
            metric: id.to_owned(),
            n: ours.n.min(theirs.n),
            mean: (ours.n > 0 && theirs.n > 0).then_some(ours.mean - theirs.mean),
            se: None,
            low: known.then_some(ends.low),
            high: known.then_some(ends.high),
            variance_factor: None,
        })
    }

    /// Values of a branch's inputs by input and row: drawn again, as in the run.
    #[must_use]
    pub fn inputs(&self, program: &Program, seed: u64) -> Vec<Vec<f64>> {
        let count = program.model.inputs.len();
        let drawn =
            work::map_ordered(0, self.trials.len().div_ceil(4096), &Cancel::new(), |part| {
                let from = part * 4096;
                let trials = &self.trials[from..(from + 4096).min(self.trials.len())];
                let mut values = Vec::new();
                let rows = trials.iter().map(|&trial| {
                    program.inputs(TrialKey::new(seed, trial), &mut values);
                    values.clone()
                });
                rows.collect::<Vec<_>>()
            });
        let mut columns = vec![Vec::with_capacity(self.trials.len()); count];
        for row in drawn.unwrap_or_default().into_iter().flatten().flatten() {
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        columns
    }
}

/// The first chunk of a column, from which a run takes its scale.
fn first(column: &[f64]) -> &[f64] {
    let most = usize::try_from(CHUNK).unwrap_or(usize::MAX);
    &column[..most.min(column.len())]
}
