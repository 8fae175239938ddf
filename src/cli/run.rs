//! `run`: trials of a scenario under its branches, and a folder of results.

use super::progress::Progress;
use super::{Failure, ahead, open, screen};
use crate::chart::{Footer, Frame};
use crate::model::{Model, Ties};
use crate::output::{self, Folder};
use crate::report::economy::EconomyFacts;
use crate::report::figures::{self, Figure};
use crate::report::json::{self, ExactRow, ObservedRow, RunFacts};
use crate::report::manifest::{self, Manifest};
use crate::report::pick::{self, Candidate};
use crate::report::stop::StopFacts;
use crate::report::{csv, number, plain, summary, timeline};
use crate::scenario::Scenario;
use crate::sim::contract::MetricKind;
use crate::sim::program::Program;
use crate::study::stop::{self, Rule};
use crate::study::{self, BranchHead, Difference, Estimate, Form, Plan, Results, Rows, StudyError};
use crate::syntax::Source;
use crate::work::{self, Cancel};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Bytes of a row of `trials.csv`, beside its metrics, and of one metric: for the size that is named.
const ROW_BYTES: u64 = 70;
const CELL_BYTES: u64 = 12;

/// Run a scenario and write a folder of results.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The scenario.
    file: PathBuf,
    /// Branches to run, separated by commas; all if not given.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    branches: Vec<String>,
    /// Trials of each branch: a number, or `auto` until settled. 10000 if not given; with `--until` the
    /// most to be run.
    #[arg(long, value_name = "N|auto", value_parser = trials)]
    trials: Option<Trials>,
    /// Stop when reached, looking after 3072, 6144, 12288, … trials: `half_width(ID) < 0.01` or
    /// `best(branch) by ID within 0.05`.
    #[arg(long, value_name = "RULE")]
    until: Option<String>,
    /// Seed: the same seed gives the same results.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; one for each core if not given. Does not change results.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Where the run folder is made.
    #[arg(long, default_value = "output", value_name = "DIR")]
    out: PathBuf,
    /// Keep every row, however many there are.
    #[arg(long, value_enum)]
    rows: Option<RowsWord>,
    #[command(flatten)]
    cache: ahead::Cache,
    /// Print the results as JSON instead of the summary.
    #[arg(long)]
    json: bool,
    /// No progress and no notes.
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy)]
enum Trials {
    /// Until settled.
    Auto,
    /// So many.
    Count(u64),
}

fn trials(word: &str) -> Result<Trials, String> {
    if word == "auto" {
        return Ok(Trials::Auto);
    }
    let count = word.parse::<u64>().ok().filter(|n| (1..=1 << 30).contains(n));
    count.map(Trials::Count).ok_or_else(|| "a number from 1 to 1073741824, or auto".to_owned())
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RowsWord {
    /// Every row.
    All,
}

/// A run that is done, with its estimates.
struct Done {
    results: Results,
    stop: Option<StopFacts>,
    estimates: Vec<Vec<Estimate>>,
    differences: Vec<Difference>,
    exact: Vec<ExactRow>,
    results_hash: String,
    wall: f64,
    cpu: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let start = Instant::now();
    let (source, scenario) = open::scenario(&arguments.file)?;
    let names = chosen(&scenario, &arguments.branches)?;
    let programs: Vec<Program> = names
        .iter()
        .map(|name| open::program(&source, &scenario, name))
        .collect::<Result<_, _>>()?;
    let model = &programs[0].model;
    let rule = rule(arguments, &programs)?;
    let plan = Plan {
        trials: most(arguments, rule.is_some())?,
        seed: arguments.seed,
        threads: arguments.threads.map_or(0, usize::from),
        rows: if arguments.rows.is_some() { Rows::All } else { Rows::Auto },
    };
    if arguments.rows.is_some() && !arguments.quiet {
        screen::note(&size_note(&plan, &programs));
    }
    let hash = manifest::scenario_hash(source.text().as_bytes());
    let goal = match &rule {
        Some(rule) => format!("at most {} until {rule}", plan.trials),
        None => plan.trials.to_string(),
    };
    let digits = manifest::folder_digits(&hash, plan.seed, &goal, &names);
    let stem = stem(&model.scenario);
    // Made before the run: a folder that cannot be written is known at once.
    let folder = Folder::create(&arguments.out, &format!("{stem}-{digits}"))?;

    let cancel = Cancel::new();
    watch_interrupt(&cancel);
    if !ahead::solve(&programs, &arguments.cache, plan.threads, arguments.quiet, &cancel)? {
        screen::note("stopped before the first trials were done: nothing was written");
        return Err(Failure::Interrupted);
    }
    let metric = BranchHead::of(&programs[0]).metrics.into_iter().next();
    let progress = Progress::new(plan.trials, metric, arguments.quiet);
    let advance = |step| progress.advance(step);
    let found = match &rule {
        None => study::run(&programs, &plan, &advance, &cancel).map(|results| (results, None)),
        Some(rule) => {
            if !arguments.quiet {
                let most = number::count(plan.trials);
                screen::note(&format!("until {rule}: at most {most} trials"));
            }
            study::run_until(&programs, &plan, rule, &advance, &cancel)
                .map(|(results, verdict)| (results, Some((rule, verdict))))
        }
    };
    progress.finish();
    let (results, verdict) = found.map_err(|error| match error {
        StudyError::Runaway { .. } | StudyError::Rule(_) => Failure::Wrong(error.to_string()),
        _ => Failure::Could(error.to_string()),
    })?;
    if results.trials == 0 {
        screen::note("stopped before the first trials were done: nothing was written");
        return Err(Failure::Interrupted);
    }
    ahead::failed(&programs)?;
    let stop = verdict.map(|(rule, verdict)| {
        let head = &results.branches[verdict.branch].head;
        let unit = head.metric(rule.metric()).map_or("", |m| head.metrics[m].unit.as_str());
        StopFacts::new(rule, &verdict, (results.trials, plan.trials), &head.name, unit)
    });
    let done = finish(results, stop, &programs, start);
    let frame = frame(&done, model, &hash);
    let figures = figures(&done.results, &programs[0], &frame);
    let command = command(arguments, &done.results);
    let place = folder.place().display().to_string();
    let manifest =
        manifest(&done, model, &hash, &names, &figures, &command, &format!("{stem}.ron"));
    let facts = RunFacts {
        scenario: model.scenario.clone(),
        hash,
        run: place.clone(),
        results_hash: done.results_hash.clone(),
        exact: done.exact.clone(),
        observed: observed(&scenario),
        stop: done.stop.clone(),
        economy: manifest.economy.clone(),
    };
    write(&folder, &done, &programs, &source, &manifest, &facts, &figures)?;
    folder.finish()?;

    if arguments.json {
        screen::say(&json::run(&done.results, &done.estimates, &done.differences, &facts))?;
    } else {
        let shown = summary::Facts {
            folder: place,
            command,
            seconds: done.wall,
            memo_hit_rate: manifest.memo_hit_rate,
            exact: facts.exact,
            observed: facts.observed,
            stop: facts.stop.map(|stop| stop.say),
            economy: facts.economy.filter(|e| e.solved.is_some()).map(|e| e.say),
        };
        let text = summary::text(&done.results, &done.estimates, &done.differences, &shown);
        screen::say(&text)?;
    }
    match done.stop {
        _ if !done.results.complete => Err(Failure::Interrupted),
        Some(stop) if !stop.reached => Err(Failure::Unsettled(stop.say)),
        _ => Ok(()),
    }
}

/// The rule to stop by, if one was asked for.
fn rule(arguments: &Arguments, programs: &[Program]) -> Result<Option<Rule>, Failure> {
    let heads: Vec<BranchHead> = programs.iter().map(BranchHead::of).collect();
    if let Some(text) = &arguments.until {
        let rule: Rule =
            text.parse().map_err(|error: stop::RuleError| Failure::Wrong(error.to_string()))?;
        let mut known: Vec<&str> =
            heads.iter().flat_map(|head| head.metrics.iter().map(|m| m.id.as_str())).collect();
        known.sort_unstable();
        known.dedup();
        open::known("metric", rule.metric(), known)?;
        stop::fits(&rule, &heads).map_err(|error| Failure::Wrong(error.to_string()))?;
        return Ok(Some(rule));
    }
    if !matches!(arguments.trials, Some(Trials::Auto)) {
        return Ok(None);
    }
    let none = "`--trials auto` stops by the first probability, and this scenario has none: say by \
                `--until` what is to be settled";
    Rule::usual(&heads[0]).map(Some).ok_or_else(|| Failure::Wrong(none.to_owned()))
}

/// Trials to run, or to run at most under a rule.
fn most(arguments: &Arguments, ruled: bool) -> Result<u64, Failure> {
    match arguments.trials {
        Some(Trials::Count(n)) if ruled && n < stop::LEAST => Err(Failure::Wrong(format!(
            "a rule is not judged on fewer than {} trials: give more to --trials, or auto",
            number::count(stop::LEAST)
        ))),
        Some(Trials::Count(n)) => Ok(n),
        Some(Trials::Auto) => Ok(stop::LIMIT),
        None => Ok(if ruled { stop::LIMIT } else { 10_000 }),
    }
}

/// The branches to run, in the order of the file.
fn chosen(scenario: &Scenario, wanted: &[String]) -> Result<Vec<String>, Failure> {
    let all = scenario.branches();
    for name in wanted {
        open::known("branch", name, all.iter().map(|branch| &**branch).collect::<Vec<_>>())?;
    }
    let picked = all.iter().filter(|name| wanted.is_empty() || wanted.contains(*name));
    Ok(picked.cloned().collect())
}

/// The facts that the scenario gives for comparison.
fn observed(scenario: &Scenario) -> Vec<ObservedRow> {
    let rows = scenario.expectations().into_iter().map(|fact| ObservedRow {
        metric: fact.metric,
        say: fact.say,
        low: fact.within.0,
        high: fact.within.1,
        source: fact.source,
    });
    rows.collect()
}

/// First Ctrl-C: finish the chunks at hand. Second: leave at once.
fn watch_interrupt(cancel: &Cancel) {
    let cancel = cancel.clone();
    // Where no handler can be set, an interrupt ends the program without a folder.
    let _ = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(130);
        }
        screen::note(
            "stopping: the trials at hand are finished and written (again: leave at once)",
        );
        cancel.cancel();
    });
}

fn finish(results: Results, stop: Option<StopFacts>, programs: &[Program], start: Instant) -> Done {
    let estimates: Vec<_> = (0..results.branches.len()).map(|b| results.estimates(b)).collect();
    let differences = results.differences();
    let results_hash = manifest::results_hash(&results, &estimates, &differences);
    let exact = study::exact::answers(&programs[0])
        .into_iter()
        .map(|answer| ExactRow { metric: answer.metric, value: answer.value })
        .collect();
    Done {
        results,
        stop,
        estimates,
        differences,
        exact,
        results_hash,
        wall: start.elapsed().as_secs_f64(),
        cpu: cpu_seconds(),
    }
}

/// Processor seconds of this process so far, where the system tells (Linux: clock ticks of 1/100 s).
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets, which may hold spaces: fields 14 and 15 of all, 12 and 13 of these.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn today() -> String {
    jiff::Timestamp::now().to_string().chars().take(10).collect()
}

/// What stands around every chart.
fn frame(done: &Done, model: &Model, hash: &str) -> Frame {
    let error = summary::bound_on_shares(done.results.trials)
        .map(|half| format!("{} pt", number::significant(100.0 * half, 2)));
    let footer = Footer {
        scenario: plain::line(&model.scenario).into_owned(),
        hash8: hash.chars().take(8).collect(),
        trials: done.results.trials,
        branches: done.results.branches.len() as u64,
        seed: done.results.plan.seed,
        error,
        version: manifest::VERSION.to_owned(),
        run_date: Some(today()),
        note: match &done.stop {
            _ if !done.results.complete => Some("partial run".to_owned()),
            Some(stop) if !stop.reached => Some("stop rule not reached".to_owned()),
            _ => None,
        },
    };
    Frame { footer, ..Frame::default() }
}

/// All charts: those of the run, and the timeline of the trial in its middle.
fn figures(results: &Results, program: &Program, frame: &Frame) -> Vec<Figure> {
    let mut all = figures::of_run(results, &program.model, frame);
    let trial = middle(results);
    if let Ok(replay) = study::replay(program, results.plan.seed, trial) {
        let model = &program.model;
        all.extend(timeline::figure(model, &replay.path, &replay.journal, trial, frame));
    }
    all
}

/// The trial with the median, among the kept rows of the first branch, of the first number that is not
/// the same in all of them; trial 0 where there is none.
fn middle(results: &Results) -> u64 {
    let branch = &results.branches[0];
    let varies = |values: &[f64]| {
        let mut known = values.iter().copied().filter(|v| !v.is_nan());
        known.next().is_some_and(|first| known.any(|v| !crate::math::same(v, first)))
    };
    let number = branch
        .head
        .metrics
        .iter()
        .zip(&branch.values)
        .find(|(head, values)| head.kind == MetricKind::Number && varies(values.rows()));
    let Some((_, values)) = number else { return 0 };
    let rows = results.rows.iter().zip(values.rows());
    let candidates: Vec<Candidate> =
        rows.map(|(&trial, &value)| Candidate { trial, value }).collect();
    pick::median(&candidates).map_or(0, |c| c.trial)
}

fn manifest(
    done: &Done,
    model: &Model,
    hash: &str,
    branches: &[String],
    figures: &[Figure],
    command: &str,
    file: &str,
) -> Manifest {
    let results = &done.results;
    let asked = results.memo.0 + results.memo.1;
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let memo_hit_rate = (asked > 0).then(|| results.memo.0 as f64 / asked as f64);
    Manifest {
        program: manifest::PROGRAM.to_owned(),
        version: manifest::VERSION.to_owned(),
        scenario: model.scenario.clone(),
        title: model.title.clone(),
        file: file.to_owned(),
        hash: hash.to_owned(),
        seed: results.plan.seed,
        draws: crate::draws::GENERATOR.to_owned(),
        ties: match model.ties {
            Ties::File => "file".to_owned(),
            Ties::Random => "random".to_owned(),
        },
        branches: branches.to_vec(),
        trials_planned: results.plan.trials,
        trials: results.trials,
        complete: results.complete,
        form: results.form.name().to_owned(),
        rows: results.rows.len() as u64,
        panel_trials: results.branches[0].panels.first().map_or(0, |panel| panel.trials),
        chunk: study::CHUNK,
        results_hash: done.results_hash.clone(),
        events: results.events(),
        memo_hit_rate,
        threads: work::thread_count(results.plan.threads),
        wall_seconds: done.wall,
        cpu_seconds: done.cpu,
        date: today(),
        charts: figures.iter().map(|figure| figure.name.clone()).collect(),
        command: command.to_owned(),
        stop: done.stop.clone(),
        economy: EconomyFacts::of(model),
        files: BTreeMap::new(),
    }
}

fn write(
    folder: &Folder,
    done: &Done,
    programs: &[Program],
    source: &Source,
    manifest: &Manifest,
    facts: &RunFacts,
    figures: &[Figure],
) -> Result<(), Failure> {
    let results = &done.results;
    folder.bytes(&manifest.file, source.text().as_bytes())?;
    let inputs: Vec<_> = programs
        .iter()
        .map(|program| (program.model.branch.as_str(), program.model.inputs.as_slice()))
        .collect();
    folder.write("inputs.csv", |out| csv::inputs(&inputs, out))?;
    let summary = json::summary(results, &done.estimates, &done.differences, facts);
    folder.bytes("summary.json", summary.as_bytes())?;
    // The long tables and the charts side by side; the manifest comes last.
    type Table = fn(&Results, &mut dyn std::io::Write) -> std::io::Result<()>;
    let tables: [(&str, Table); 3] =
        [("trials.csv", csv::trials), ("series.csv", csv::series), ("extremes.csv", csv::extremes)];
    let jobs = tables.len() + figures.len();
    let written = work::map_ordered(results.plan.threads, jobs, &Cancel::new(), |k| {
        if let Some((name, table)) = tables.get(k) {
            return folder.write(name, |out| table(results, out));
        }
        for (name, bytes) in super::chart::drawn(&figures[k - tables.len()]) {
            folder.bytes(&format!("charts/{name}"), &bytes)?;
        }
        Ok(())
    });
    let written = written.map_err(|error| Failure::Could(error.to_string()))?;
    written.into_iter().flatten().collect::<Result<(), _>>()?;
    let manifest = Manifest { files: folder.hashes(), ..manifest.clone() };
    folder.bytes(output::MANIFEST, manifest.to_json().as_bytes())?;
    Ok(())
}

/// A folder's name from a scenario's: letters, digits, dots, dashes and underscores.
fn stem(scenario: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = scenario.chars().map(kept).take(60).collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() { "scenario".to_owned() } else { name.to_owned() }
}

/// The command that gives the same results again.
fn command(arguments: &Arguments, results: &Results) -> String {
    let mut words = vec!["countermove".to_owned(), "run".to_owned()];
    words.push(shell(&arguments.file.display().to_string()));
    if !arguments.branches.is_empty() {
        words.extend(["--branches".to_owned(), shell(&arguments.branches.join(","))]);
    }
    // What a rule stopped is a plain run of as many trials.
    words.push(format!("--trials {} --seed {}", results.plan.trials, arguments.seed));
    if arguments.rows.is_some() {
        words.push("--rows all".to_owned());
    }
    words.join(" ")
}

/// A word as a shell reads it.
fn shell(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-/,+:=@%".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// What `--rows all` will take.
fn size_note(plan: &Plan, programs: &[Program]) -> String {
    let metrics = programs.iter().map(|p| p.model.metrics.len()).max().unwrap_or(0);
    let rows = plan.trials.saturating_mul(programs.len() as u64);
    let file = rows.saturating_mul(ROW_BYTES + CELL_BYTES * metrics as u64);
    let forced = matches!(Plan { rows: Rows::Auto, ..*plan }.form(programs.len()), Form::Digest);
    #[allow(clippy::cast_precision_loss, reason = "a size to be read")]
    let gigabytes = |bytes: u64| number::significant(bytes as f64 / 1e9, 2);
    format!(
        "--rows all keeps {} rows{}: about {} GB of memory and {} GB in trials.csv",
        number::count(rows),
        if forced { "" } else { ", as without it" },
        gigabytes(plan.table_bytes(programs.len(), metrics)),
        gigabytes(file)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_folder() {
        assert_eq!(stem("october-2025"), "october-2025");
        assert_eq!(stem("../../etc/passwd"), "etc-passwd");
        assert_eq!(stem(""), "scenario");
        assert_eq!(stem(".."), "scenario");
        assert!(!stem("a/b\\c").contains(['/', '\\']));
    }

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(shell("scenarios/toy.ron"), "scenarios/toy.ron");
        assert_eq!(shell("my file's.ron"), r"'my file'\''s.ron'");
    }
}
