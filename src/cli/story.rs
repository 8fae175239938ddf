//! `story`: one trial of a run as dated text.

use super::{Failure, open, screen};
use crate::output;
use crate::report::manifest::Manifest;
use crate::report::pick::{self, Candidate};
use crate::report::story::{self, Title};
use crate::report::{finding, number};
use crate::sim::contract::{MetricKind, Worse};
use crate::study::{self, BranchHead, MetricHead};
use std::path::{Path, PathBuf};

/// Tell one trial of a run as dated text.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct Arguments {
    /// The run folder.
    run: PathBuf,
    /// Number of the trial, from 0.
    #[arg(long, group = "which")]
    trial: Option<u64>,
    /// Pick a trial: the median or the worst of a metric, or the one whose choices were least likely.
    /// Where the scenario does not say which end is worse, the worst is the largest number, the
    /// earliest time, a yes, the first label, and the story says so.
    #[arg(long, value_enum, group = "which")]
    pick: Option<Pick>,
    /// The metric to pick by; the first number of the scenario if not given.
    #[arg(long, requires = "pick", conflicts_with = "trial", value_name = "METRIC")]
    by: Option<String>,
    /// The branch; baseline if not given.
    #[arg(long)]
    branch: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Pick {
    /// The middle one.
    Median,
    /// The worst one.
    Worst,
    /// The least likely one.
    Surprising,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (manifest, source, scenario) = open::run(&arguments.run)?;
    let branch = branch(&manifest, arguments.branch.as_deref())?;
    let program = open::program(&source, &scenario, &branch)?;
    let head = BranchHead::of(&program);
    let (trial, picked) = match (arguments.trial, arguments.pick) {
        (Some(trial), _) => (trial, String::new()),
        (None, Some(pick)) => {
            let run = Run { folder: &arguments.run, manifest: &manifest };
            picked(run, &head, pick, arguments.by.as_deref())?
        }
        (None, None) => return Err(Failure::Wrong("give --trial or --pick".to_owned())),
    };
    if trial >= manifest.trials_planned {
        return Err(Failure::Wrong(format!(
            "the run has trials 0 to {}; there is no trial {trial}",
            manifest.trials_planned.saturating_sub(1)
        )));
    }
    let replay = study::replay(&program, manifest.seed, trial)
        .map_err(|error| Failure::Could(error.to_string()))?;
    let values = head.metrics.iter().zip(&replay.values);
    let title = Title {
        trial,
        seed: manifest.seed,
        picked,
        values: values.map(|(m, &value)| (m.title.clone(), shown(m, value))).collect(),
    };
    screen::say(&story::text(&program.model, &replay.journal, &title))
}

/// The branch asked for, among those of the run.
fn branch(manifest: &Manifest, wanted: Option<&str>) -> Result<String, Failure> {
    let all: Vec<&str> = manifest.branches.iter().map(String::as_str).collect();
    let name = wanted.unwrap_or("baseline");
    open::known("branch in this run", name, all)?;
    Ok(name.to_owned())
}

/// A metric's value in one trial, in words.
pub(crate) fn shown(metric: &MetricHead, value: f64) -> String {
    match metric.kind {
        MetricKind::Probability if value.is_nan() => "no case".to_owned(),
        MetricKind::Probability => if value > 0.5 { "yes" } else { "no" }.to_owned(),
        MetricKind::Time if value == f64::INFINITY => "never".to_owned(),
        MetricKind::Time if value.is_finite() => {
            format!("day {}", number::significant(value, 4))
        }
        MetricKind::Number if value.is_finite() => {
            finding::with_unit(&number::significant(value, 5), &metric.unit)
        }
        MetricKind::Category if value.is_finite() => {
            metric.labels.get(study::position(value)).cloned().unwrap_or_default()
        }
        _ => "no value".to_owned(),
    }
}

/// A run folder and what its manifest says of its files.
#[derive(Clone, Copy)]
struct Run<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
}

/// The trial that a pick means, and why, as part of a sentence.
fn picked(
    run: Run<'_>,
    head: &BranchHead,
    pick: Pick,
    by: Option<&str>,
) -> Result<(u64, String), Failure> {
    let metric = match by {
        Some(id) => {
            open::known(
                "metric",
                id,
                head.metrics.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(),
            )?;
            head.metrics.iter().find(|m| m.id == id)
        }
        None => head
            .metrics
            .iter()
            .find(|m| m.kind == MetricKind::Number)
            .or_else(|| head.metrics.first()),
    };
    let rows = Rows::read(run, &head.name)?;
    if pick == Pick::Surprising {
        let mut all = rows.column("surprise", None)?;
        all.extend(extremes(run, &head.name, "surprise", "smallest")?);
        let found = pick::surprising(&all);
        return found
            .map(|c| (c.trial, "the least likely choices".to_owned()))
            .ok_or_else(|| Failure::Could("the run has no rows".to_owned()));
    }
    let Some(metric) = metric else {
        return Err(Failure::Wrong("the scenario has no metrics to pick by".to_owned()));
    };
    let mut all = rows.column(&metric.id, Some(metric))?;
    let (found, what, why) = if pick == Pick::Worst {
        let end = pick::tail(metric.kind, metric.worse);
        let list = if end == Worse::Low { "smallest" } else { "largest" };
        all.extend(extremes(run, &head.name, &metric.id, list)?);
        let why = format!(", {}", pick::tail_words(metric.kind, metric.worse));
        (pick::extreme(end, &all), "worst", why)
    } else {
        (pick::median(&all), "median", String::new())
    };
    let found = found.ok_or_else(|| {
        Failure::Could(format!("no trial has a value of `{}` to pick by", metric.id))
    })?;
    Ok((found.trial, format!("{what} of {}: {}{why}", metric.id, shown(metric, found.value))))
}

/// The rows of one branch in `trials.csv`.
struct Rows {
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

impl Rows {
    fn read(run: Run<'_>, branch: &str) -> Result<Rows, Failure> {
        let (header, records) = table(run, "trials.csv")?;
        let cell = crate::report::csv::cell(branch);
        let records = records.into_iter().filter(|r| r.get(0) == Some(&*cell)).collect();
        Ok(Rows { header, records })
    }

    /// A column; a category's labels become their positions.
    fn column(&self, name: &str, metric: Option<&MetricHead>) -> Result<Vec<Candidate>, Failure> {
        let cell = crate::report::csv::cell(name);
        let Some(place) = self.header.iter().position(|column| column == &*cell) else {
            return Err(Failure::Could(format!("trials.csv has no column `{name}`")));
        };
        let labels = metric.map_or(&[] as &[String], |m| &m.labels);
        let rows = self.records.iter().filter_map(|record| {
            let trial = record.get(1)?.parse().ok()?;
            Some(Candidate { trial, value: value(record.get(place)?, labels) })
        });
        Ok(rows.collect())
    }
}

#[allow(clippy::cast_precision_loss, reason = "few labels")]
fn value(cell: &str, labels: &[String]) -> f64 {
    if cell == "never" {
        return f64::INFINITY;
    }
    let label = labels.iter().position(|label| &*crate::report::csv::cell(label) == cell);
    label.map_or_else(|| cell.parse().unwrap_or(f64::NAN), |place| place as f64)
}

/// Trials of `extremes.csv`.
fn extremes(
    run: Run<'_>,
    branch: &str,
    metric: &str,
    end: &str,
) -> Result<Vec<Candidate>, Failure> {
    let (_, records) = table(run, "extremes.csv")?;
    let wanted = [crate::report::csv::cell(branch), crate::report::csv::cell(metric), end.into()];
    let rows = records.iter().filter(|r| r.iter().zip(&wanted).all(|(a, b)| a == &**b));
    Ok(rows
        .filter_map(|r| {
            Some(Candidate { trial: r.get(4)?.parse().ok()?, value: r.get(5)?.parse().ok()? })
        })
        .collect())
}

/// A table of the run folder.
fn table(run: Run<'_>, name: &str) -> Result<(csv::StringRecord, Vec<csv::StringRecord>), Failure> {
    let bytes = output::read_unchanged(run.folder, run.manifest, name)?;
    let broken = |error: csv::Error| Failure::Could(format!("{name} cannot be read: {error}"));
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header = reader.headers().map_err(broken)?.clone();
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(broken)?;
    Ok((header, records))
}
