//! One chunk: its trials run in order, each under every branch, and what is kept of them.

use super::day::{self, Days};
use super::head::BranchHead;
use super::run::{Advance, StudyError};
use super::tally::{Class, class};
use crate::draws::TrialKey;
use crate::model::ids::SeriesId;
use crate::model::path::Path;
use crate::sim::contract::MetricKind;
use crate::sim::program::Program;
use crate::sim::trial::{Workspace, run_trial};
use crate::units::Tick;
use sha2::{Digest as _, Sha256};
use std::ops::Range;

/// What is kept of a trial beside its metrics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// Hash of (time, kind, source) of every event, in order.
    pub fingerprint: u64,
    /// Mean log-probability of the choices that were drawn; 0 without choices.
    pub surprise: f64,
    /// Events executed.
    pub events: u32,
    /// Plan steps that were illegal on their day.
    pub skipped: u32,
}

/// One branch's part of a chunk.
#[derive(Debug)]
pub(crate) struct BranchChunk {
    /// Values by metric, then trial.
    pub(crate) values: Vec<Vec<f64>>,
    /// By trial.
    pub(crate) notes: Vec<Note>,
    /// Trials by metric and day on which a time or the moment of a yes falls; empty for others.
    pub(crate) moments: Vec<Vec<u32>>,
    /// Trials by regime and day.
    pub(crate) regimes: Vec<u32>,
    /// Daily values by series, day and trial; empty outside the panel.
    pub(crate) panel: Vec<Vec<f32>>,
    /// Those of the last few trials by trial, series and day, on their way into the panel.
    staged: Vec<f32>,
}

/// Trials staged before they enter the panel: one line of the cache of cells that lie side by side
/// there. Cell by cell, each would be a line of its own.
const STAGED: usize = 16;

impl BranchChunk {
    fn new(head: &BranchHead, days: Days, trials: usize, panel: bool) -> BranchChunk {
        let cells = days.len() * trials;
        BranchChunk {
            values: vec![Vec::with_capacity(trials); head.metrics.len()],
            notes: Vec::with_capacity(trials),
            moments: head
                .metrics
                .iter()
                .map(|m| if dated(m.kind) { vec![0; days.len()] } else { Vec::new() })
                .collect(),
            regimes: vec![0; head.regimes.len() * days.len()],
            panel: if panel { vec![vec![0.0; cells]; head.series.len()] } else { Vec::new() },
            staged: if panel {
                vec![0.0; STAGED * head.series.len() * days.len()]
            } else {
                Vec::new()
            },
        }
    }

    /// Stages the daily values of a path, the trial at `place` of `count`.
    fn stage(&mut self, path: &Path, days: Days, place: usize, count: usize) {
        let cells = self.panel.len() * days.len();
        let row = &mut self.staged[place % STAGED * cells..][..cells];
        for (s, out) in row.chunks_exact_mut(days.len()).enumerate() {
            day::read_series(path, SeriesId::at(s), days, out);
        }
        let staged = place % STAGED + 1;
        if staged < STAGED && place + 1 < count {
            return;
        }
        let first = place + 1 - staged;
        for (s, panel) in self.panel.iter_mut().enumerate() {
            for (d, line) in panel.chunks_exact_mut(count).enumerate() {
                let at = s * days.len() + d;
                for (k, cell) in line[first..first + staged].iter_mut().enumerate() {
                    *cell = self.staged[k * cells + at];
                }
            }
        }
    }
}

/// Whether a metric of this kind may fall on a day.
pub(crate) fn dated(kind: MetricKind) -> bool {
    matches!(kind, MetricKind::Time | MetricKind::Probability)
}

/// A chunk's results.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) trials: Range<u64>,
    pub(crate) branches: Vec<BranchChunk>,
    /// SHA-256 of all values.
    pub(crate) hash: [u8; 32],
    /// Memo hits and misses.
    pub(crate) memo: (u64, u64),
}

/// What all chunks of a run share.
pub(crate) struct Task<'a> {
    pub(crate) programs: &'a [Program],
    pub(crate) heads: &'a [BranchHead],
    pub(crate) seed: u64,
    pub(crate) progress: &'a (dyn Fn(Advance) + Sync),
}

/// Runs one chunk.
///
/// # Errors
/// A trial ran away.
pub(crate) fn run_chunk(
    task: &Task<'_>,
    trials: Range<u64>,
    panel: bool,
    work: &mut Workspace,
) -> Result<Chunk, StudyError> {
    let count = usize::try_from(trials.end - trials.start).unwrap_or(0);
    let days: Vec<Days> = task.heads.iter().map(|head| Days::until(head.horizon)).collect();
    let mut branches: Vec<BranchChunk> = task
        .heads
        .iter()
        .zip(&days)
        .map(|(head, &days)| BranchChunk::new(head, days, count, panel))
        .collect();
    let before = work.memo();
    let (mut first, mut inputs) = (Vec::new(), Vec::new());
    // Branches share their luck, so most inputs of a trial are drawn once for all of them.
    let apart: Vec<Option<Vec<usize>>> =
        task.programs.iter().map(|program| program.inputs_apart(&task.programs[0])).collect();
    let mut report = Report::new(task.progress);
    for (place, trial) in trials.clone().enumerate() {
        let key = TrialKey::new(task.seed, trial);
        for (b, program) in task.programs.iter().enumerate() {
            match &apart[b] {
                Some(apart) if b > 0 => program.inputs_from(&first, apart, key, &mut inputs),
                _ => program.inputs(key, &mut inputs),
            }
            if b == 0 {
                first.clone_from(&inputs);
            }
            let path = run_trial(program, &inputs, key, work).map_err(|runaway| {
                StudyError::Runaway { branch: task.heads[b].name.clone(), trial, runaway }
            })?;
            let out = &mut branches[b];
            read(program, path, &task.heads[b], days[b], out);
            if !out.panel.is_empty() {
                out.stage(path, days[b], place, count);
            }
        }
        report.trial(branches.first().and_then(|b| b.values.first()?.last().copied()));
    }
    report.send();
    let after = work.memo();
    let hash = hash(&branches);
    Ok(Chunk { trials, branches, hash, memo: (after.0 - before.0, after.1 - before.1) })
}

/// Reads one path into a chunk.
fn read(program: &Program, path: &Path, head: &BranchHead, days: Days, out: &mut BranchChunk) {
    for (m, named) in program.model.metrics.iter().enumerate() {
        let value = named.metric.measure(program, path);
        // One not-a-number, and one zero, so that equal results are equal bits.
        let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
        let moment = match head.metrics[m].kind {
            MetricKind::Time if class(MetricKind::Time, value) == Class::Value => {
                Tick::from_days(value)
            }
            MetricKind::Probability => named.metric.moment(path).unwrap_or(Tick::NEVER),
            _ => Tick::NEVER,
        };
        if let Some(count) = out.moments[m].get_mut(days.first_from(moment)) {
            *count += 1;
        }
        out.values[m].push(value);
    }
    out.notes.push(Note {
        fingerprint: path.fingerprint,
        surprise: if path.choices == 0 {
            0.0
        } else {
            path.log_probability / f64::from(path.choices)
        },
        events: u32::try_from(path.events).unwrap_or(u32::MAX),
        skipped: path.skipped,
    });
    if let Some(series) = head.regime_series {
        day::count_regimes(path, SeriesId::at(series), days, &mut out.regimes);
    }
}

fn hash(branches: &[BranchChunk]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for branch in branches {
        for column in &branch.values {
            column.iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
        }
        branch.notes.iter().for_each(|note| hash.update(note.events.to_le_bytes()));
    }
    hash.finalize().into()
}

/// Sends progress: after 1, 2, 4, … trials, then every 64.
struct Report<'a> {
    progress: &'a (dyn Fn(Advance) + Sync),
    next: u64,
    at_hand: Advance,
}

impl<'a> Report<'a> {
    fn new(progress: &'a (dyn Fn(Advance) + Sync)) -> Report<'a> {
        Report { progress, next: 1, at_hand: Advance::default() }
    }

    fn trial(&mut self, first: Option<f64>) {
        self.at_hand.trials += 1;
        if let Some(value) = first.filter(|v| v.is_finite()) {
            self.at_hand.values += 1;
            self.at_hand.sum += value;
            self.at_hand.squares += value * value;
        }
        if self.at_hand.trials >= self.next {
            self.next = (2 * self.next).min(64);
            self.send();
        }
    }

    fn send(&mut self) {
        if self.at_hand.trials > 0 {
            (self.progress)(std::mem::take(&mut self.at_hand));
        }
    }
}
