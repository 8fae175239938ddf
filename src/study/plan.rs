//! What is to be run: how many trials, from which seed, on how many threads, keeping what.

/// Trials in a chunk. Part of the results' definition: chunk boundaries are fixed by trial number.
pub const CHUNK: u64 = 1024;
/// Up to so many branch-trials, every value of every trial is kept.
pub const TABLE_LIMIT: u64 = 2_000_000;
/// A digest keeps the rows of so many first trials.
pub const KEPT: u64 = 100_000;
/// Daily quantiles rest on at most so many first trials.
pub const PANEL: u64 = 4096;
/// Daily panels hold at most so many numbers; fewer trials enter where a scenario has many series.
const PANEL_CELLS: u64 = 48 << 20;

/// Which rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// All up to [`TABLE_LIMIT`] branch-trials, the first [`KEPT`] trials beyond.
    #[default]
    Auto,
    /// All, whatever the size.
    All,
}

/// How results are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Every value of every trial.
    Table,
    /// Counts, exact sums, histograms, extremes and the first [`KEPT`] trials.
    Digest,
}

impl Form {
    /// As written in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Form::Table => "table",
            Form::Digest => "digest",
        }
    }
}

/// What is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Trials of each branch, numbered from 0.
    pub trials: u64,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 is one for each core. Does not change results.
    pub threads: usize,
    /// Which rows are kept.
    pub rows: Rows,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan { trials: 10_000, seed: 1, threads: 0, rows: Rows::Auto }
    }
}

impl Plan {
    /// How results of so many branches are kept.
    #[must_use]
    pub fn form(&self, branches: usize) -> Form {
        let rows = self.trials.saturating_mul(branches as u64);
        if self.rows == Rows::All || rows <= TABLE_LIMIT { Form::Table } else { Form::Digest }
    }

    /// Bytes that a table of so many branches and metrics takes in memory.
    #[must_use]
    pub fn table_bytes(&self, branches: usize, metrics: usize) -> u64 {
        let row = (metrics * size_of::<f64>() + size_of::<super::Note>()) as u64;
        self.trials.saturating_mul(branches as u64).saturating_mul(row)
    }

    /// Number of chunks.
    #[must_use]
    pub(crate) fn chunks(&self) -> usize {
        usize::try_from(self.trials.div_ceil(CHUNK)).unwrap_or(usize::MAX)
    }

    /// Trial numbers of a chunk.
    #[must_use]
    pub(crate) fn chunk(&self, index: usize) -> std::ops::Range<u64> {
        let first = (index as u64).saturating_mul(CHUNK);
        first..(first + CHUNK).min(self.trials)
    }

    /// Number of first chunks whose trials enter the daily panels, given the cells of one trial.
    #[must_use]
    pub(crate) fn panel_chunks(&self, cells: u64) -> usize {
        let fitting = PANEL_CELLS / cells.max(1) / CHUNK;
        let chunks = fitting.clamp(1, PANEL / CHUNK).min(self.trials.div_ceil(CHUNK));
        usize::try_from(chunks).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_the_trials_once() {
        let plan = Plan { trials: 2500, ..Plan::default() };
        let covered: Vec<u64> = (0..plan.chunks()).flat_map(|c| plan.chunk(c)).collect();
        assert_eq!(covered, (0..2500).collect::<Vec<_>>());
    }

    #[test]
    fn the_form_follows_the_size() {
        let plan = Plan { trials: 1_000_000, ..Plan::default() };
        assert_eq!(plan.form(2), Form::Table);
        assert_eq!(plan.form(3), Form::Digest);
        assert_eq!(Plan { rows: Rows::All, ..plan }.form(3), Form::Table);
    }

    #[test]
    fn panels_shrink_before_they_fill_the_memory() {
        let plan = Plan { trials: 10_000, ..Plan::default() };
        assert_eq!(plan.panel_chunks(181), 4);
        assert_eq!(plan.panel_chunks(181 * 10 * 6), 4);
        assert_eq!(plan.panel_chunks(181 * 20 * 8), 1);
        assert_eq!(plan.panel_chunks(u64::MAX), 1);
        assert_eq!(Plan { trials: 10, ..plan }.panel_chunks(0), 1);
    }
}
