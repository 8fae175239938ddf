//! `compare`: branches of one or more runs side by side, on every measure.

use super::{Failure, open, screen};
use crate::report::{decision, decision_json};
use crate::study::decision::{Decision, Inputs};
use std::path::PathBuf;

/// Compare the branches of one or more runs.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run folders.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// The branch that the others are compared with; the first one if not given.
    #[arg(long, value_name = "BRANCH")]
    against: Option<String>,
    /// Measures to show, separated by commas; up to six telling ones if not given.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    by: Vec<String>,
    /// Print every measure as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runs = arguments
        .runs
        .iter()
        .map(|folder| open::finished(folder))
        .collect::<Result<Vec<_>, _>>()?;
    let seeds: Vec<u64> = runs.iter().map(|run| run.manifest.seed).collect();
    if seeds.iter().any(|seed| *seed != seeds[0]) {
        screen::note("note: the runs have different seeds, so their branches are not paired");
    }
    if runs.iter().any(|run| run.manifest.rows < run.manifest.trials) {
        screen::note("note: trials.csv holds the first rows only; the comparison rests on these");
    }
    let runs = open::Runs::join(runs)?;
    let names: Vec<&str> = runs.table.branches.iter().map(|b| b.head.name.as_str()).collect();
    let against = match &arguments.against {
        Some(name) => {
            open::known("branch in these runs", name, names.clone())?;
            runs.table.branch(name).unwrap_or(0)
        }
        None => 0,
    };
    let program = &runs.programs[against];
    let inputs = Inputs::new(runs.table.inputs(program, runs.table.branches[against].seed));
    let table = Decision::new(&runs.table, against, &inputs);
    if arguments.json {
        let names: Vec<String> = program.model.inputs.iter().map(|i| i.name.clone()).collect();
        return screen::say(&decision_json::text(&table, &names));
    }
    let ids: Vec<&str> = table.measures.iter().map(|m| m.head.id.as_str()).collect();
    for id in &arguments.by {
        open::known("measure", id, ids.clone())?;
    }
    let shown = match arguments.by.as_slice() {
        [] => decision::key(&table),
        by => by.iter().filter_map(|id| table.measure(id)).collect(),
    };
    let left_out = if arguments.by.is_empty() { table.measures.len() - shown.len() } else { 0 };
    screen::say(&decision::text(&table, &shown, left_out))
}
