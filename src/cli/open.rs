//! Opening what verbs work on: a scenario file, or a run folder with the scenario in it.

use super::{Failure, screen};
use crate::output;
use crate::report::manifest::{self, Manifest};
use crate::report::{plain, rows};
use crate::scenario::{self, Scenario};
use crate::sim::program::Program;
use crate::study::{BranchHead, Table};
use crate::syntax::{self, Source};
use std::path::Path;

/// Reads and checks a scenario file; what is wrong with it is reported.
pub(crate) fn scenario(path: &Path) -> Result<(Source, Scenario), Failure> {
    let name = path.display().to_string();
    let source = Source::read(path).map_err(|found| {
        screen::findings(&found, None, &name);
        Failure::Invalid
    })?;
    match scenario::load(&source) {
        Ok(scenario) => Ok((source, scenario)),
        Err(found) => {
            screen::findings(&found, Some(&source), &name);
            Err(Failure::Invalid)
        }
    }
}

/// The branch that is called `name`, or the closest one as a question.
pub(crate) fn known<'a>(
    what: &str,
    name: &str,
    all: impl IntoIterator<Item = &'a str> + Clone,
) -> Result<(), Failure> {
    if all.clone().into_iter().any(|one| one == name) {
        return Ok(());
    }
    let help = syntax::did_you_mean(name, all.clone()).unwrap_or_else(|| {
        format!("there are: {}", all.into_iter().collect::<Vec<_>>().join(", "))
    });
    Err(Failure::Wrong(format!("there is no {what} `{name}`; {help}")))
}

/// Compiles one branch.
pub(crate) fn program(
    source: &Source,
    scenario: &Scenario,
    branch: &str,
) -> Result<Program, Failure> {
    match scenario.model(branch) {
        Ok(model) => Ok(Program::new(model)),
        Err(found) => {
            screen::findings(&found, Some(source), &source.name);
            Err(Failure::Invalid)
        }
    }
}

/// Reads the manifest of a run folder. A folder of another version is refused: what it holds may mean
/// something else.
pub(crate) fn manifest(folder: &Path) -> Result<Manifest, Failure> {
    let manifest = output::read_manifest(folder)?;
    if manifest.version != manifest::VERSION {
        return Err(Failure::Could(format!(
            "{} was written by version {} of this program, which is version {}; run it again with `{}`",
            folder.display(),
            plain::line(&manifest.version),
            manifest::VERSION,
            plain::line(&manifest.command)
        )));
    }
    Ok(manifest)
}

/// Reads the manifest of a run folder and the scenario that stands in it, as the run read it.
pub(crate) fn run(folder: &Path) -> Result<(Manifest, Source, Scenario), Failure> {
    let manifest = manifest(folder)?;
    // The name comes from a file: it must not lead out of the folder.
    let plain = Path::new(&manifest.file).components().count() == 1
        && Path::new(&manifest.file).file_name().is_some();
    if !plain {
        return Err(Failure::Could(format!("{} names no file of its folder", output::MANIFEST)));
    }
    output::read_unchanged(folder, &manifest, &manifest.file)?;
    let (source, scenario) = scenario(&folder.join(&manifest.file))?;
    Ok((manifest, source, scenario))
}

/// A finished run: what stands in its folder, unchanged, and its branches compiled again.
pub(crate) struct Finished {
    pub(crate) manifest: Manifest,
    pub(crate) programs: Vec<Program>,
    pub(crate) table: Table,
}

/// Reads a finished run. A folder of another version, or one that was changed, is refused.
pub(crate) fn finished(folder: &Path) -> Result<Finished, Failure> {
    let (manifest, source, scenario) = run(folder)?;
    let rows = output::read_unchanged(folder, &manifest, "trials.csv")?;
    let programs = manifest
        .branches
        .iter()
        .map(|branch| program(&source, &scenario, branch))
        .collect::<Result<Vec<_>, _>>()?;
    let heads = programs.iter().map(BranchHead::of).collect();
    let table = rows::table(&rows, heads, manifest.seed, manifest.rows).map_err(|reason| {
        let path = folder.join("trials.csv");
        Failure::Could(format!("{} cannot be read: {reason}", path.display()))
    })?;
    Ok(Finished { manifest, programs, table })
}

/// Branches of several runs in one table.
pub(crate) struct Runs {
    pub(crate) programs: Vec<Program>,
    pub(crate) table: Table,
}

impl Runs {
    /// Joins runs of the same trials; a branch whose name another run has too is named after its run.
    pub(crate) fn join(runs: Vec<Finished>) -> Result<Runs, Failure> {
        let mut all = Runs { programs: Vec::new(), table: Table::default() };
        let names: Vec<String> =
            runs.iter().flat_map(|run| run.manifest.branches.clone()).collect();
        let rows = runs.iter().map(|run| run.table.trials.len()).min().unwrap_or(0);
        for (place, run) in runs.into_iter().enumerate() {
            let Finished { manifest, mut table, programs, .. } = run;
            for branch in &mut table.branches {
                if names.iter().filter(|name| **name == branch.head.name).count() > 1 {
                    branch.head.name = format!("{}#{}", branch.head.name, place + 1);
                }
                branch.values.iter_mut().for_each(|column| column.truncate(rows));
                branch.surprise.truncate(rows);
            }
            table.trials.truncate(rows);
            if place > 0 && table.trials != all.table.trials {
                return Err(Failure::Could(format!(
                    "the runs do not hold the same trials: run {} of {} differs",
                    place + 1,
                    plain::line(&manifest.scenario)
                )));
            }
            all.table.trials = table.trials;
            all.table.branches.extend(table.branches);
            all.programs.extend(programs);
        }
        Ok(all)
    }
}
