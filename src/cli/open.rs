//! Opening what verbs work on: a scenario file, or a run folder with the scenario in it.

use super::{Failure, screen};
use crate::output;
use crate::report::manifest::{self, Manifest};
use crate::scenario::{self, Scenario};
use crate::sim::program::Program;
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

/// Reads the manifest of a run folder and the scenario that stands in it.
pub(crate) fn run(folder: &Path) -> Result<(Manifest, Source, Scenario), Failure> {
    let manifest = output::read_manifest(folder)?;
    // The name comes from a file: it must not lead out of the folder.
    let plain = Path::new(&manifest.file).components().count() == 1
        && Path::new(&manifest.file).file_name().is_some();
    if !plain {
        return Err(Failure::Could(format!("{} names no file of its folder", output::MANIFEST)));
    }
    let bytes = output::read(folder, &manifest.file)?;
    if manifest::scenario_hash(&bytes) != manifest.hash {
        screen::note("warning: the scenario in the folder was changed after the run");
    }
    let (source, scenario) = scenario(&folder.join(&manifest.file))?;
    Ok((manifest, source, scenario))
}
