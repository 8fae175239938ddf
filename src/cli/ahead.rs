//! Solving a scenario's policies before its trials, and keeping them on disk.
//!
//! A file of solved policies is named by a hash of all that they depend on. It is never trusted: a file of
//! other contents is left aside, a damaged line is solved again, and both are said.

use super::{Failure, screen};
use crate::economy::Emulator;
use crate::economy::emulator::{Elasticities, Pace};
use crate::output;
use crate::report::number;
use crate::sim::program::Program;
use crate::work::{self, Cancel};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where solved policies are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Cache {
    /// Folder in which solved trade policies are kept; by default one of the user's cache folder.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Neither read nor keep solved trade policies on disk.
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
}

impl Cache {
    fn folder(&self) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        if self.cache.is_some() {
            return self.cache.clone();
        }
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let user = set("XDG_CACHE_HOME")
            .or_else(|| set("LOCALAPPDATA"))
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))?;
        user.is_absolute().then(|| user.join("countermove").join("economy"))
    }
}

/// Solves ahead what the programs' trade model is asked for; false if it was cancelled.
pub(crate) fn solve(
    programs: &[Program],
    cache: &Cache,
    threads: usize,
    quiet: bool,
    cancel: &Cancel,
) -> Result<bool, Failure> {
    let link = programs.first().and_then(|program| program.model.economy.as_ref());
    let Some(emulator) = link.and_then(|link| link.economy.emulator()) else { return Ok(true) };
    let start = Instant::now();
    let say = |text: &str| {
        if !quiet {
            screen::note(text);
        }
    };
    let folder = cache.folder();
    let name = format!("{}.txt", emulator.fingerprint());
    if let Some(folder) = &folder {
        load(emulator, folder, &name, &say);
    }
    let before = emulator.solved();
    if let Elasticities::Sets(sets) = &emulator.reach().elasticities {
        say(&format!(
            "{} sets of parameters: up to {} policies to solve, about {} s on {} threads",
            sets.len(),
            number::count(emulator.cost() as u64),
            number::significant(seconds(emulator.cost(), threads), 2),
            work::thread_count(threads)
        ));
    }
    let bar = (!quiet && stderr().is_terminal()).then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = "{wide_bar:.dim} {human_pos}/{human_len} policies solved, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar
    });
    let progress = |done: usize, all: usize| {
        if let Some(bar) = &bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    };
    let prepared = emulator.prepare(&Pace { threads, cancel, progress: &progress });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let whole = prepared.map_err(|error| {
        Failure::Wrong(format!("the trade model cannot answer all that can happen here: {error}"))
    })?;
    let solved = emulator.solved() - before;
    if solved > 0 {
        say(&format!(
            "{} trade policies solved in {} s{}",
            number::count(solved as u64),
            number::significant(start.elapsed().as_secs_f64(), 2),
            if before > 0 { format!(", {before} known from before") } else { String::new() }
        ));
        if let Some(folder) = &folder
            && let Err(error) = output::replace(folder, &name, emulator.save().as_bytes())
        {
            say(&format!("solved policies are not kept: {error}; --no-cache leaves it be"));
        }
    }
    Ok(whole)
}

/// Takes in what was solved before.
fn load(emulator: &Emulator, folder: &Path, name: &str, say: &dyn Fn(&str)) {
    let path = folder.join(name);
    if !path.is_file() {
        return;
    }
    let read = output::read(folder, name).map_err(|error| error.to_string());
    let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()));
    match text {
        Ok(text) => {
            let (good, bad) = emulator.load(&text);
            if bad > 0 {
                say(&format!(
                    "{}: {bad} lines are damaged or not of this program and are left out ({good} good); \
                     what they held is solved again",
                    path.display()
                ));
            }
        }
        Err(error) => {
            say(&format!("{} cannot be read ({error}): all is solved again", path.display()));
        }
    }
}

/// About how long so many solves take: a millisecond of one core each.
fn seconds(solves: usize, threads: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "an estimate")]
    let all = solves as f64 * 1e-3;
    #[allow(clippy::cast_precision_loss, reason = "threads are few")]
    let threads = work::thread_count(threads) as f64;
    all / threads
}

/// What could not be solved although it happened: its trials would be wrong.
pub(crate) fn failed(programs: &[Program]) -> Result<(), Failure> {
    let link = programs.first().and_then(|program| program.model.economy.as_ref());
    match link.and_then(|link| link.economy.emulator()).and_then(Emulator::failure) {
        None => Ok(()),
        Some((key, why)) => Err(Failure::Wrong(format!(
            "the trade model has no answer for a policy that trials met ({key}): {why}"
        ))),
    }
}
