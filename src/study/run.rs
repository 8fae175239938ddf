//! Runs a plan, and single trials of it again.

use super::chunk::{Chunk, Task, run_chunk};
use super::head::BranchHead;
use super::plan::{CHUNK, Plan};
use super::results::Results;
use super::stop;
use crate::draws::TrialKey;
use crate::model::path::Path;
use crate::sim::journal::Journal;
use crate::sim::program::Program;
use crate::sim::trial::{Runaway, Workspace, run_trial};
use crate::work::{self, Cancel, WorkError};

/// Trials done since the last report, with the first metric of the first branch. For display only:
/// reports come in no fixed order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Advance {
    /// Trials done under every branch.
    pub trials: u64,
    /// Those in which the metric has a finite value.
    pub values: u64,
    /// Sum of these values.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

/// Why a run has no results.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A trial had more events than allowed.
    #[error("{}", describe(branch, *trial, runaway))]
    Runaway {
        /// Branch.
        branch: String,
        /// Trial number.
        trial: u64,
        /// Where it was stopped, and what repeated.
        runaway: Runaway,
    },
    /// A worker failed.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// A rule to stop by does not fit the branches.
    #[error(transparent)]
    Rule(#[from] stop::RuleError),
    /// There is nothing to run.
    #[error("nothing to run: no branch was chosen")]
    NoBranch,
}

fn describe(branch: &str, trial: u64, runaway: &Runaway) -> String {
    let sources: Vec<String> =
        runaway.sources.iter().take(3).map(|(name, n)| format!("`{name}` ({n} times)")).collect();
    format!(
        "trial {trial} of branch `{branch}` ran away: {} events by day {:.2}; most often {}",
        runaway.events,
        runaway.at.days(),
        if sources.is_empty() { "nothing in particular".to_owned() } else { sources.join(", ") }
    )
}

/// Runs every trial of a plan under every branch.
///
/// The first branch is the one that others are compared with. After `cancel` the chunks at hand are
/// finished and the results are those of the chunks done, marked as partial.
///
/// # Errors
/// A trial ran away (the one with the lowest number among those seen), or a worker failed.
pub fn run(
    branches: &[Program],
    plan: &Plan,
    progress: &(dyn Fn(Advance) + Sync),
    cancel: &Cancel,
) -> Result<Results, StudyError> {
    if branches.is_empty() {
        return Err(StudyError::NoBranch);
    }
    let heads: Vec<BranchHead> = branches.iter().map(BranchHead::of).collect();
    fill(Results::new(*plan, heads), branches, progress, cancel)
}

/// Runs as [`run`] does, but only until a rule is reached, at most `plan.trials` of each branch.
///
/// The rule is looked at after [`stop::looks`] trials and at no other time, so where it stops depends on
/// results alone. They are the same bits as those of a plain run of so many trials.
///
/// # Errors
/// As [`run`]; or the rule does not fit the branches.
pub fn run_until(
    branches: &[Program],
    plan: &Plan,
    rule: &stop::Rule,
    progress: &(dyn Fn(Advance) + Sync),
    cancel: &Cancel,
) -> Result<(Results, stop::Verdict), StudyError> {
    if branches.is_empty() {
        return Err(StudyError::NoBranch);
    }
    let looks = stop::looks(plan.trials);
    let heads: Vec<BranchHead> = branches.iter().map(BranchHead::of).collect();
    let mut watch = stop::Watch::new(rule, &heads, looks.len())?;
    let mut results = Results::new(Plan { trials: looks[0], ..*plan }, heads);
    let mut verdict = stop::Verdict::OPEN;
    for trials in looks {
        results.extend(trials);
        advance(&mut results, branches, progress, cancel, &mut |chunk| watch.take(chunk))?;
        if results.trials > 0 {
            verdict = watch.verdict(&results);
        }
        if results.trials < trials {
            // Interrupted: a rule is judged at its looks only.
            verdict.settled = false;
            break;
        }
        if verdict.settled {
            break;
        }
    }
    results.finish();
    Ok((results, verdict))
}

/// Runs the plan of empty results into them.
fn fill(
    mut results: Results,
    branches: &[Program],
    progress: &(dyn Fn(Advance) + Sync),
    cancel: &Cancel,
) -> Result<Results, StudyError> {
    advance(&mut results, branches, progress, cancel, &mut |_| {})?;
    results.finish();
    Ok(results)
}

/// Runs the chunks of the plan that the results still lack; `watch` sees each before it is folded in.
fn advance(
    results: &mut Results,
    branches: &[Program],
    progress: &(dyn Fn(Advance) + Sync),
    cancel: &Cancel,
    watch: &mut dyn FnMut(&Chunk),
) -> Result<(), StudyError> {
    let plan = results.plan;
    let done = usize::try_from(results.trials / CHUNK).unwrap_or(usize::MAX);
    let heads: Vec<BranchHead> = results.branches.iter().map(|b| b.head.clone()).collect();
    let task = Task { programs: branches, heads: &heads, seed: plan.seed, progress };
    let panel = results.panel_chunks();
    let mut failed = None;
    let stop = cancel.clone();
    work::fold_ordered(
        plan.threads,
        plan.chunks().saturating_sub(done),
        cancel,
        Workspace::new,
        |workspace, k| {
            let index = done + k;
            run_chunk(&task, plan.chunk(index), index < panel, workspace)
        },
        |_, chunk| match chunk {
            Ok(chunk) if failed.is_none() => {
                watch(&chunk);
                results.fold(chunk);
            }
            Ok(_) => {}
            Err(error) => {
                if failed.is_none() {
                    failed = Some(error);
                    // Nothing that follows can be used.
                    stop.cancel();
                }
            }
        },
    )?;
    if let Some(error) = failed {
        return Err(error);
    }
    Ok(())
}

/// One trial again, with its full record.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Values of the inputs.
    pub inputs: Vec<f64>,
    /// Its path.
    pub path: Path,
    /// What happened and why.
    pub journal: Journal,
    /// Values of the metrics.
    pub values: Vec<f64>,
}

/// Runs one trial alone: the same trial as in a run with this seed, with its journal.
///
/// # Errors
/// The trial ran away.
pub fn replay(program: &Program, seed: u64, trial: u64) -> Result<Replay, StudyError> {
    let key = TrialKey::new(seed, trial);
    let mut inputs = Vec::new();
    program.inputs(key, &mut inputs);
    let mut work = Workspace::new();
    work.keep_journal(true);
    let path = run_trial(program, &inputs, key, &mut work)
        .map_err(|runaway| StudyError::Runaway {
            branch: program.model.branch.clone(),
            trial,
            runaway,
        })?
        .clone();
    let values = program.model.metrics.iter().map(|m| m.metric.measure(program, &path)).collect();
    let journal = work.journal().cloned().unwrap_or_default();
    Ok(Replay { inputs, path, journal, values })
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
