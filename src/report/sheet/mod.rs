//! What a report says, in order: the answer, what is modelled, the decision table, charts, drivers,
//! where branches fail, three stories, inputs with their sources, and how to get it all again.
//!
//! Words follow the numbers: a branch is called better, best or robust only by the tests of the
//! decision table, an input a driver only where its interval lies above zero.

mod answer;
mod decision;
mod drivers;
mod failures;
mod inputs;
mod scope;

use super::document::{Block, Cell, Column, Figure, Table};
use super::manifest::Manifest;
use super::{figures, number, numbers, plain};
use crate::chart::{ChartError, Frame, Size, Theme};
use crate::model::Model;
use crate::study;
use crate::study::decision::{Decision, Inputs, Measure};

/// Height of a chart by its width above which it is too small on a slide.
const TALL: f64 = 0.8;

/// Characters of a chart in words on a slide at most.
const WORDS: usize = 1000;

/// What a report is made from.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The run.
    pub manifest: &'a Manifest,
    /// Branches as compiled, in the order of the run.
    pub models: &'a [&'a Model],
    /// The rows.
    pub table: &'a study::Table,
    /// The decision table.
    pub decision: &'a Decision,
    /// Values of the inputs by branch.
    pub inputs: &'a [Inputs],
    /// The run's charts.
    pub figures: &'a [figures::Figure],
    /// Trials told.
    pub stories: &'a [Story],
}

/// A trial told.
#[derive(Debug, Clone)]
pub struct Story {
    /// Which one it is, such as "The middle one".
    pub heading: String,
    /// Dated text.
    pub text: String,
    /// Its timeline.
    pub figure: Option<figures::Figure>,
}

impl Facts<'_> {
    /// The branch that others are compared with.
    fn base(&self) -> &Model {
        self.models[self.decision.against]
    }

    /// The measures that the report is about.
    fn key(&self) -> Vec<&Measure> {
        super::decision::key(self.decision)
    }

    /// What a reader sees of a branch.
    fn branch(&self, b: usize) -> String {
        let model = self.models[b];
        let title = if model.branch == "baseline" {
            "Baseline"
        } else if model.branch_title.is_empty() {
            &model.branch
        } else {
            &model.branch_title
        };
        plain::line(title).into_owned()
    }

    /// A branch as a sentence names it: in quotation marks, as its title may be a sentence itself.
    fn named(&self, b: usize) -> String {
        if self.models[b].branch == "baseline" {
            "the baseline".to_owned()
        } else {
            format!("“{}”", self.branch(b))
        }
    }
}

/// A report's title and what stands under it.
#[must_use]
pub fn headings(facts: &Facts<'_>) -> (String, String) {
    let manifest = facts.manifest;
    let title = if manifest.title.is_empty() { &manifest.scenario } else { &manifest.title };
    let model = facts.base();
    let lead = format!(
        "{} to {}, {} trials of each of {} branches, seed {}. Run on {} with version {} of countermove.",
        model.epoch.as_of().long(),
        model.epoch.date_of(model.horizon).long(),
        number::count(manifest.trials),
        facts.models.len(),
        manifest.seed,
        plain::line(&manifest.date),
        plain::line(&manifest.version)
    );
    (plain::line(title).into_owned(), lead)
}

/// All parts of a report, in order.
///
/// # Errors
/// A chart could not be drawn.
pub fn blocks(facts: &Facts<'_>) -> Result<Vec<Block>, ChartError> {
    let mut all = vec![Block::Section("answer", "The answer".into())];
    if !facts.manifest.complete {
        all.push(Block::Text(format!(
            "This run was stopped: {} of {} trials were done.",
            number::count(facts.manifest.trials),
            number::count(facts.manifest.trials_planned)
        )));
    }
    if let Some(stop) = facts.manifest.stop.as_ref().filter(|stop| !stop.reached) {
        let say = format!("The rule `{}` was not reached: {}.", stop.rule, stop.say);
        all.push(Block::Text(say));
    }
    all.push(Block::List(answer::sentences(facts)));
    all.push(Block::Section("scope", "What is modelled, and what is not".into()));
    all.extend(scope::blocks(facts));
    all.push(Block::Section("decision", "Branches compared".into()));
    all.extend(decision::blocks(facts));
    all.push(Block::Section("charts", "Where it may go, and when".into()));
    for figure in facts.figures.iter().filter(|figure| figure.name != "timeline") {
        all.push(drawn(figure)?);
    }
    all.push(Block::Section("drivers", "What it hangs on".into()));
    all.extend(drivers::blocks(facts));
    all.push(Block::Section("failures", "Where each branch fails".into()));
    all.extend(failures::blocks(facts));
    all.push(Block::Section("stories", "Three trials".into()));
    for (place, story) in facts.stories.iter().enumerate() {
        all.push(Block::Heading(story.heading.clone()));
        if let Some(figure) = &story.figure {
            let name = format!("{}-{}", figure.name, place + 1);
            all.push(drawn(&figures::Figure { name, ..figure.clone() })?);
        }
        let said = Block::Lines(story.text.clone());
        all.push(Block::Folded("The trial as dated text".into(), vec![said]));
    }
    all.push(Block::Section("inputs", "Inputs and their sources".into()));
    all.extend(inputs::blocks(facts));
    all.push(Block::Section("manifest", "How to get this again".into()));
    all.push(manifest(facts.manifest));
    Ok(all)
}

/// A chart for light and dark grounds, and narrow screens.
fn drawn(figure: &figures::Figure) -> Result<Block, ChartError> {
    let draw = |size, theme| {
        let frame = Frame { size, theme, footer: figure.frame.footer.clone() };
        figures::Figure { frame, ..figure.clone() }.draw()
    };
    let light = draw(Size::Report, Theme::Light)?;
    let dark = draw(Size::Report, Theme::Dark)?;
    // What does not fit a phone is shown small.
    let narrow = draw(Size::Phone, Theme::Light).ok().zip(draw(Size::Phone, Theme::Dark).ok());
    Ok(Block::Figure(Box::new(Figure {
        name: figure.name.clone(),
        numbers: numbers::of_csv(&light.title, &light.csv),
        title: light.title,
        alt: light.alt,
        light: light.svg,
        dark: dark.svg,
        narrow: narrow.map(|(light, dark)| (light.svg, dark.svg)),
    })))
}

/// Slides of a report: the answer, one chart a slide, the trials told, and what it all rests on. Each
/// with its heading.
///
/// # Errors
/// A chart could not be drawn.
pub fn slides(facts: &Facts<'_>) -> Result<Vec<(String, Vec<Block>)>, ChartError> {
    let mut all = vec![("The answer".to_owned(), vec![Block::List(answer::sentences(facts))])];
    let of_run = facts.figures.iter().filter(|figure| figure.name != "timeline").cloned();
    let told = facts.stories.iter().enumerate().filter_map(|(place, story)| {
        let figure = story.figure.clone()?;
        Some(figures::Figure { name: format!("{}-{}", figure.name, place + 1), ..figure })
    });
    for figure in of_run.chain(told) {
        all.push(on_slide(&figure)?);
    }
    let blocks = scope::blocks(facts).into_iter();
    let left_out =
        blocks.skip_while(|block| !matches!(block, Block::Heading(h) if h == scope::LEFT_OUT));
    all.push((scope::LEFT_OUT.to_owned(), left_out.skip(1).collect()));
    all.push(("How to get this again".to_owned(), vec![manifest(facts.manifest)]));
    Ok(all)
}

/// A chart as large as a slide. One whose words leave no room there is drawn as in the report, and one
/// that is so tall that nobody could read it there is told in words.
fn on_slide(figure: &figures::Figure) -> Result<(String, Vec<Block>), ChartError> {
    let draw = |size, theme| {
        let frame = Frame { size, theme, footer: figure.frame.footer.clone() };
        figures::Figure { frame, ..figure.clone() }.draw()
    };
    let both = |size| Ok::<_, ChartError>((draw(size, Theme::Light)?, draw(size, Theme::Dark)?));
    let (light, dark) = both(Size::Slide).or_else(|_| both(Size::Report))?;
    let (width, height) = light.page;
    if height > TALL * width {
        let whole = format!("The chart stands in the report as {}.", figure.name);
        let said = light.alt.strip_prefix(&light.title).unwrap_or(&light.alt);
        let said = plain::short(said.trim_start_matches(['.', ' ']), WORDS);
        return Ok((light.title, vec![Block::Text(said), Block::Text(whole)]));
    }
    let title = light.title.clone();
    let figure = Figure {
        name: figure.name.clone(),
        numbers: None,
        title: light.title,
        alt: light.alt,
        light: light.svg,
        dark: dark.svg,
        narrow: None,
    };
    Ok((title, vec![Block::Figure(Box::new(figure))]))
}

fn manifest(manifest: &Manifest) -> Block {
    let hits = manifest.memo_hit_rate.map_or_else(|| "none".to_owned(), number::percent);
    let rows = [
        ("Command", manifest.command.clone()),
        ("Program", format!("{} {}", manifest.program, manifest.version)),
        ("Scenario", format!("{}, hash {}", manifest.file, manifest.hash)),
        ("Seed and draws", format!("{}, {}", manifest.seed, manifest.draws)),
        ("Branches", manifest.branches.join(", ")),
        (
            "Trials",
            format!(
                "{} of {}, {} in trials.csv",
                number::count(manifest.trials),
                number::count(manifest.trials_planned),
                number::count(manifest.rows)
            ),
        ),
        (
            "Stop rule",
            manifest.stop.as_ref().map_or_else(
                || "none".to_owned(),
                |stop| {
                    let limit = number::count(stop.limit);
                    format!("{}, at most {limit} trials: {}", stop.rule, stop.say)
                },
            ),
        ),
        ("Results' hash", manifest.results_hash.clone()),
        (
            "Events",
            format!("{}; deciders' values from the memo: {hits}", number::count(manifest.events)),
        ),
        (
            "Time",
            format!(
                "{} s on {} threads",
                number::short(manifest.wall_seconds, 3),
                manifest.threads
            ),
        ),
    ];
    Block::Table(Table {
        caption: "The manifest of the run; the same command gives the same results' hash.".into(),
        columns: vec![Column::words("What"), Column::words("Value")],
        rows: rows.into_iter().map(|(k, v)| vec![Cell::text(k), Cell::text(v)]).collect(),
    })
}
