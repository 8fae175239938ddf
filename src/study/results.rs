//! The results of a run, folded from chunks, in one of two forms behind one interface.
//!
//! Counts, sums, moments by day and paired differences are exact in both forms. Quantiles and single
//! rows come from the full columns of a *table*, and from histograms, extremes and the first rows of
//! a *digest*.

use super::chunk::{BranchChunk, Chunk, Note, dated};
use super::day::{Days, PanelQuantiles, QUANTILES, day_quantiles};
use super::digest::{Digest, Extreme, Extremes};
use super::head::BranchHead;
use super::pair::Pairs;
use super::plan::{CHUNK, Form, KEPT, Plan};
use super::tally::{Class, Scale, Tally, class};
use crate::sim::contract::MetricKind;
use crate::work::{self, Cancel};
use sha2::{Digest as _, Sha256};

/// How the values of one metric under one branch are kept.
#[derive(Debug, Clone)]
pub enum Values {
    /// All of them, by row, and again in ascending order, never last.
    Table {
        /// Values by row.
        rows: Vec<f64>,
        /// Values in ascending order, those that never came last; filled at the end of a run.
        sorted: Vec<f64>,
    },
    /// A digest of all, and the first rows.
    Digest {
        /// Values of the first rows.
        rows: Vec<f64>,
        /// Histogram and extremes of all.
        digest: Digest,
    },
}

impl Values {
    /// Values of the rows that were kept.
    #[must_use]
    pub fn rows(&self) -> &[f64] {
        match self {
            Values::Table { rows, .. } | Values::Digest { rows, .. } => rows,
        }
    }
}

/// The results of one branch.
#[derive(Debug, Clone)]
pub struct BranchResults {
    /// What it measures.
    pub head: BranchHead,
    /// Counts and sums by metric.
    pub tallies: Vec<Tally>,
    /// Values by metric.
    pub values: Vec<Values>,
    /// Notes of the rows that were kept.
    pub notes: Vec<Note>,
    /// Trials by metric and day on which a time, or the moment of a yes, falls. Empty for metrics
    /// that have no moment.
    pub moments: Vec<Vec<u64>>,
    /// Trials by regime, worst first, and day.
    pub regimes: Vec<Vec<u64>>,
    /// Daily quantiles by series.
    pub panels: Vec<PanelQuantiles>,
    /// The least likely trials by mean log-probability of their choices, least likely first.
    pub surprising: Vec<Extreme>,
    /// Events executed.
    pub events: u64,
    /// Trials in which a plan step was illegal on its day.
    pub skipped: u64,
    cells: Vec<Vec<Vec<f32>>>,
    least: Extremes,
}

/// Paired sums of one metric.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    pub(crate) branch: usize,
    pub(crate) metric: usize,
    pub(crate) base_metric: usize,
    pub(crate) pairs: Pairs,
}

/// The results of a run.
#[derive(Debug, Clone)]
pub struct Results {
    /// What was asked for.
    pub plan: Plan,
    /// How values are kept.
    pub form: Form,
    /// Whether all trials were done.
    pub complete: bool,
    /// Trials done, under every branch.
    pub trials: u64,
    /// Numbers of the trials whose rows were kept, ascending.
    pub rows: Vec<u64>,
    /// By branch, in the order of the run; the first is the one others are compared with.
    pub branches: Vec<BranchResults>,
    /// Memo hits and misses of deciders; depends on threads, unlike all else.
    pub memo: (u64, u64),
    pub(crate) comparisons: Vec<Comparison>,
    hash: Sha256,
    panel_chunks: usize,
}

impl Results {
    /// Empty results of a plan.
    pub(crate) fn new(plan: Plan, heads: Vec<BranchHead>) -> Results {
        let cells = panel_cells(heads.iter());
        Results {
            plan,
            form: plan.form(heads.len()),
            complete: false,
            trials: 0,
            rows: Vec::new(),
            branches: heads.into_iter().map(BranchResults::new).collect(),
            memo: (0, 0),
            comparisons: Vec::new(),
            hash: Sha256::new(),
            panel_chunks: plan.panel_chunks(cells),
        }
    }

    /// Asks for more trials: what follows is as if so many had been asked for from the start. Not
    /// after [`Results::finish`].
    pub(crate) fn extend(&mut self, trials: u64) {
        self.plan.trials = trials;
        self.panel_chunks =
            self.plan.panel_chunks(panel_cells(self.branches.iter().map(|b| &b.head)));
        let form = self.plan.form(self.branches.len());
        if form == Form::Digest && self.form == Form::Table {
            let kept = usize::try_from(KEPT).unwrap_or(usize::MAX);
            self.rows.truncate(kept);
            self.branches.iter_mut().for_each(|branch| branch.digest(kept));
        }
        self.form = form;
    }

    pub(crate) fn panel_chunks(&self) -> usize {
        self.panel_chunks
    }

    /// Takes in one chunk. Chunks come in the order of their numbers.
    pub(crate) fn fold(&mut self, chunk: Chunk) {
        if self.trials == 0 {
            self.prepare(&chunk);
        }
        let count = chunk.trials.end - chunk.trials.start;
        let keep = self.room(count);
        self.trials += count;
        self.memo.0 += chunk.memo.0;
        self.memo.1 += chunk.memo.1;
        self.hash.update(chunk.hash);
        for comparison in &mut self.comparisons {
            let ours = &chunk.branches[comparison.branch].values[comparison.metric];
            let theirs = &chunk.branches[0].values[comparison.base_metric];
            ours.iter().zip(theirs).for_each(|(&a, &b)| comparison.pairs.push(a, b));
        }
        self.rows.extend(chunk.trials.clone().take(keep));
        for (branch, part) in self.branches.iter_mut().zip(chunk.branches) {
            branch.fold(part, chunk.trials.start, keep);
        }
    }

    /// How many rows of a chunk are kept.
    fn room(&self, count: u64) -> usize {
        let room = match self.form {
            Form::Table => count,
            Form::Digest => KEPT.saturating_sub(self.rows.len() as u64).min(count),
        };
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// Fixes scales and ranges from the first chunk.
    fn prepare(&mut self, chunk: &Chunk) {
        let form = self.form;
        for (branch, part) in self.branches.iter_mut().zip(&chunk.branches) {
            branch.prepare(part, form);
        }
        let base = &self.branches[0].head;
        for (b, branch) in self.branches.iter().enumerate().skip(1) {
            for (m, head) in branch.head.metrics.iter().enumerate() {
                let Some(base_metric) = base.metric(&head.id) else { continue };
                let same = base.metrics[base_metric].kind == head.kind;
                if same && head.kind != MetricKind::Category {
                    let ours = &chunk.branches[b].values[m];
                    let theirs = &chunk.branches[0].values[base_metric];
                    let pairs = Pairs::new(head.kind, ours, theirs);
                    self.comparisons.push(Comparison { branch: b, metric: m, base_metric, pairs });
                }
            }
        }
    }

    /// Completes what needs all chunks: sorted columns and daily quantiles.
    pub(crate) fn finish(&mut self) {
        self.complete = self.trials == self.plan.trials;
        let threads = self.plan.threads;
        let columns: Vec<(usize, usize)> = self
            .branches
            .iter()
            .enumerate()
            .flat_map(|(b, branch)| (0..branch.values.len()).map(move |m| (b, m)))
            .collect();
        let sorted = work::map_ordered(threads, columns.len(), &Cancel::new(), |k| {
            let (b, m) = columns[k];
            self.branches[b].sorted(m)
        });
        for ((b, m), column) in columns.iter().zip(sorted.unwrap_or_default()) {
            if let (Values::Table { sorted, .. }, Some(column)) =
                (&mut self.branches[*b].values[*m], column)
            {
                *sorted = column;
            }
        }
        for branch in &mut self.branches {
            branch.finish(threads);
        }
    }

    /// Events executed in all trials of all branches.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.branches.iter().map(|branch| branch.events).sum()
    }

    /// Position of a branch.
    #[must_use]
    pub fn branch(&self, name: &str) -> Option<usize> {
        self.branches.iter().position(|branch| branch.head.name == name)
    }

    /// SHA-256 over every value of every trial, in order, chunk by chunk. Depends on results alone.
    #[must_use]
    pub fn values_hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

impl BranchResults {
    fn new(head: BranchHead) -> BranchResults {
        let days = Days::until(head.horizon).len();
        BranchResults {
            tallies: Vec::new(),
            values: Vec::new(),
            notes: Vec::new(),
            moments: head
                .metrics
                .iter()
                .map(|m| if dated(m.kind) { vec![0; days] } else { Vec::new() })
                .collect(),
            regimes: vec![vec![0; days]; head.regimes.len()],
            panels: Vec::new(),
            surprising: Vec::new(),
            events: 0,
            skipped: 0,
            cells: Vec::new(),
            least: Extremes::default(),
            head,
        }
    }

    fn prepare(&mut self, part: &BranchChunk, form: Form) {
        for (head, values) in self.head.metrics.iter().zip(&part.values) {
            self.tallies.push(Tally::new(head.kind, head.labels.len(), Scale::of(values)));
            self.values.push(match form {
                Form::Table => Values::Table { rows: Vec::new(), sorted: Vec::new() },
                Form::Digest => Values::Digest {
                    rows: Vec::new(),
                    digest: Digest::new(head.kind, self.head.horizon, values),
                },
            });
        }
    }

    /// From the rows of all trials to a digest of them.
    fn digest(&mut self, kept: usize) {
        self.notes.truncate(kept);
        let first = usize::try_from(CHUNK).unwrap_or(usize::MAX);
        for (head, values) in self.head.metrics.iter().zip(&mut self.values) {
            let Values::Table { rows, .. } = values else { continue };
            let mut rows = std::mem::take(rows);
            let mut digest =
                Digest::new(head.kind, self.head.horizon, &rows[..first.min(rows.len())]);
            rows.iter().zip(0..).for_each(|(&value, trial)| digest.push(value, trial));
            rows.truncate(kept);
            *values = Values::Digest { rows, digest };
        }
    }

    fn fold(&mut self, part: BranchChunk, first: u64, keep: usize) {
        for (m, column) in part.values.iter().enumerate() {
            let tally = &mut self.tallies[m];
            column.iter().for_each(|&value| tally.push(value));
            match &mut self.values[m] {
                Values::Table { rows, .. } => rows.extend_from_slice(column),
                Values::Digest { rows, digest } => {
                    rows.extend_from_slice(&column[..keep.min(column.len())]);
                    column
                        .iter()
                        .zip(first..)
                        .for_each(|(&value, trial)| digest.push(value, trial));
                }
            }
        }
        for (note, trial) in part.notes.iter().zip(first..) {
            self.events += u64::from(note.events);
            self.skipped += u64::from(note.skipped > 0);
            self.least.push(note.surprise, trial);
        }
        self.notes.extend_from_slice(&part.notes[..keep.min(part.notes.len())]);
        for (all, some) in self.moments.iter_mut().zip(&part.moments) {
            all.iter_mut().zip(some).for_each(|(a, &b)| *a += u64::from(b));
        }
        let width = Days::until(self.head.horizon).len();
        for (all, some) in self.regimes.iter_mut().zip(part.regimes.chunks(width)) {
            all.iter_mut().zip(some).for_each(|(a, &b)| *a += u64::from(b));
        }
        if !part.panel.is_empty() {
            self.cells.push(part.panel);
        }
    }

    /// The values of a number or time in ascending order, never last; empty for other kinds and digests.
    fn sorted(&self, metric: usize) -> Vec<f64> {
        let kind = self.head.metrics[metric].kind;
        let Values::Table { rows, .. } = &self.values[metric] else { return Vec::new() };
        if !matches!(kind, MetricKind::Number | MetricKind::Time) {
            return Vec::new();
        }
        let some = |v: &f64| class(kind, *v) != Class::Missing;
        let mut sorted: Vec<f64> = rows.iter().copied().filter(some).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }

    fn finish(&mut self, threads: usize) {
        // A metric without a moment in any trial has none, unless it is a time.
        for (moments, head) in self.moments.iter_mut().zip(&self.head.metrics) {
            if head.kind == MetricKind::Probability && moments.iter().all(|&n| n == 0) {
                moments.clear();
            }
        }
        self.surprising = self.least.smallest();
        let days = Days::until(self.head.horizon).len();
        let cells = std::mem::take(&mut self.cells);
        for series in 0..if cells.is_empty() { 0 } else { self.head.series.len() } {
            self.panels.push(panel_quantiles(&cells, series, days, threads));
        }
    }
}

/// Numbers that one trial adds to the daily panels.
fn panel_cells<'a>(heads: impl Iterator<Item = &'a BranchHead>) -> u64 {
    heads.map(|head| (Days::until(head.horizon).len() * head.series.len()) as u64).sum()
}

/// Daily quantiles of one series over the panel's chunks.
fn panel_quantiles(
    cells: &[Vec<Vec<f32>>],
    series: usize,
    days: usize,
    threads: usize,
) -> PanelQuantiles {
    let trials: usize = cells.iter().map(|chunk| chunk[series].len() / days).sum();
    let by_day = work::map_ordered_with(threads, days, &Cancel::new(), Vec::new, |values, day| {
        values.clear();
        for chunk in cells {
            let width = chunk[series].len() / days;
            values.extend_from_slice(&chunk[series][day * width..(day + 1) * width]);
        }
        let quantiles = day_quantiles(values);
        // Sorted by now.
        let (low, high) = (quantiles[0], quantiles[QUANTILES.len() - 1]);
        let below = values.partition_point(|v| *v < low);
        let above = values.len() - values.partition_point(|v| *v <= high);
        (quantiles, (below as u64, above as u64))
    });
    let by_day = by_day.unwrap_or_default();
    let row = |p: usize| {
        by_day.iter().map(|day| day.as_ref().map_or(f32::NAN, |d| d.0[p])).collect::<Vec<f32>>()
    };
    let outside = by_day.iter().map(|day| day.as_ref().map_or((0, 0), |d| d.1)).collect();
    let rows = (0..QUANTILES.len()).map(row).collect();
    PanelQuantiles { trials: trials as u64, rows, outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_on_the_edge_of_a_band_are_not_outside_it() {
        // One day; 90 of 100 trials share one value, six lie above, four below.
        let value = |k: usize| match k {
            0..4 => 1.0,
            4..94 => 57.6,
            _ => 80.0,
        };
        let cells = vec![vec![(0..100).map(value).collect::<Vec<f32>>()]];
        let panel = panel_quantiles(&cells, 0, 1, 1);
        assert_eq!((panel.trials, panel.rows[0][0], panel.rows[8][0]), (100, 57.6, 80.0));
        assert_eq!(panel.outside, [(4, 0)]);
    }
}
