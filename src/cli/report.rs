//! `report`: a finished run as one HTML file, as slides, as PDF, or as Markdown.

use super::{Failure, chart, chromium, open, screen, story};
use crate::chart::ChartError;
use crate::model::Model;
use crate::output;
use crate::report::document::Block;
use crate::report::figures::Figure;
use crate::report::pick::{self, Candidate};
use crate::report::sheet::{self, Facts, Story};
use crate::report::story::{self as teller, Title};
use crate::report::{decision, html, markdown, timeline};
use crate::sim::program::Program;
use crate::study;
use crate::study::decision::{Decision, Inputs, Measure};
use std::path::PathBuf;

/// Write a report of a run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run folder.
    run: PathBuf,
    /// The branch that the others are compared with; the first one if not given.
    #[arg(long, value_name = "BRANCH")]
    against: Option<String>,
    /// Print Markdown instead of writing report.html into the folder.
    #[arg(long, conflicts_with_all = ["pdf", "slides"])]
    markdown: bool,
    /// Write slides.html instead: one chart a page.
    #[arg(long)]
    slides: bool,
    /// Print it to PDF as well, by a Chromium on the PATH or the one that CHROMIUM names.
    #[arg(long)]
    pdf: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Who asks for a PDF should not wait to be told that there is nothing to print with.
    let chromium = if arguments.pdf { Some(chromium::find()?) } else { None };
    let run = open::finished(&arguments.run)?;
    let manifest = &run.manifest;
    let against = match &arguments.against {
        Some(name) => {
            open::known(
                "branch in this run",
                name,
                manifest.branches.iter().map(String::as_str).collect::<Vec<_>>(),
            )?;
            run.table.branch(name).unwrap_or(0)
        }
        None => 0,
    };
    if manifest.rows < manifest.trials {
        screen::note("note: trials.csv holds the first rows only; the report rests on these");
    }
    let inputs: Vec<Inputs> = run
        .programs
        .iter()
        .map(|program| Inputs::new(run.table.inputs(program, manifest.seed)))
        .collect();
    // Measures are chosen by their estimates; orders and regret are worked out for those alone.
    let brief = Decision::brief(&run.table, against);
    let key: Vec<&str> = decision::key(&brief).iter().map(|m| m.head.id.as_str()).collect();
    let decision = Decision::only(&run.table, against, &inputs[against], &key);
    let figures = manifest
        .charts
        .iter()
        .map(|name| chart::read(&arguments.run, manifest, name))
        .collect::<Result<Vec<Figure>, _>>()?;
    let stories = stories(&run, &decision, &figures);
    let models: Vec<&Model> = run.programs.iter().map(|program| &program.model).collect();
    let facts = Facts {
        manifest,
        models: &models,
        table: &run.table,
        decision: &decision,
        inputs: &inputs,
        figures: &figures,
        stories: &stories,
    };
    let (title, lead) = sheet::headings(&facts);
    let undrawn = |error: ChartError| Failure::Could(error.to_string());
    let (name, page) = if arguments.slides {
        ("slides", html::slides(&title, &lead, &sheet::slides(&facts).map_err(undrawn)?))
    } else {
        let blocks: Vec<Block> = sheet::blocks(&facts).map_err(undrawn)?;
        if arguments.markdown {
            return screen::say(&markdown::page(&title, &lead, &blocks));
        }
        ("report", html::page(&title, &lead, &blocks))
    };
    let (html, pdf) = (format!("{name}.html"), format!("{name}.pdf"));
    output::replace(&arguments.run, &html, page.as_bytes())?;
    screen::say(&format!("{}\n", arguments.run.join(&html).display()))?;
    let Some(chromium) = chromium else { return Ok(()) };
    chromium::print(&chromium, &arguments.run, &html, &pdf)?;
    screen::say(&format!("{}\n", arguments.run.join(&pdf).display()))
}

/// The middle, the worst and the least likely trial of the branch compared with.
fn stories(run: &open::Finished, decision: &Decision, figures: &[Figure]) -> Vec<Story> {
    let program = &run.programs[decision.against];
    let branch = &run.table.branches[decision.against];
    let candidates = |values: &[f64]| -> Vec<Candidate> {
        run.table
            .trials
            .iter()
            .zip(values)
            .map(|(&trial, &value)| Candidate { trial, value })
            .collect()
    };
    let mut found: Vec<(&str, u64, String)> = Vec::new();
    let key = decision::key(decision);
    let number = |m: &&&Measure| m.head.kind == crate::sim::contract::MetricKind::Number;
    let lead = key.iter().find(number).or_else(|| key.first());
    if let Some((measure, place)) = lead.and_then(|m| Some((m, branch.head.metric(&m.head.id)?))) {
        let head = &measure.head;
        let all = candidates(&branch.values[place]);
        let picks = [
            ("The middle one", "median", pick::median(&all)),
            ("The worst one", "worst", pick::extreme(pick::tail(head.kind, head.worse), &all)),
        ];
        for (heading, what, found_one) in picks {
            if let Some(c) = found_one {
                let mut why = format!("{what} of {}: {}", head.id, story::shown(head, c.value));
                if what == "worst" {
                    why = format!("{why}, {}", pick::tail_words(head.kind, head.worse));
                }
                found.push((heading, c.trial, why));
            }
        }
    }
    if let Some(c) = pick::surprising(&candidates(&branch.surprise)) {
        found.push(("The most surprising one", c.trial, "the least likely choices".to_owned()));
    }
    let told = found.into_iter();
    told.filter_map(|(heading, trial, picked)| tell(run, program, figures, heading, trial, picked))
        .collect()
}

fn tell(
    run: &open::Finished,
    program: &Program,
    figures: &[Figure],
    heading: &str,
    trial: u64,
    picked: String,
) -> Option<Story> {
    // A trial that the run has done cannot run away.
    let replay = study::replay(program, run.manifest.seed, trial).ok()?;
    let head = study::BranchHead::of(program);
    let values = head.metrics.iter().zip(&replay.values);
    let title = Title {
        trial,
        seed: run.manifest.seed,
        picked: picked.clone(),
        values: values.map(|(m, &v)| (m.title.clone(), story::shown(m, v))).collect(),
    };
    let text = teller::text(&program.model, &replay.journal, &title);
    let frame = figures.iter().find(|figure| figure.name != "timeline").map(|f| f.frame.clone());
    let figure = frame.and_then(|frame| {
        timeline::figure(&program.model, &replay.path, &replay.journal, trial, &frame)
    });
    Some(Story { heading: format!("{heading}: trial {trial} ({picked})"), text, figure })
}
