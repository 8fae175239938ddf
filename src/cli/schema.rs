//! `schema`: the scenario language for editors, and a scenario in the JSON that it describes.

use super::{Failure, screen};
use crate::scenario;
use crate::syntax::{self, Source};
use std::path::PathBuf;

/// Print the JSON Schema of scenarios, or a scenario as the JSON that it describes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A scenario to print as JSON; the schema itself if not given.
    file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let value = match &arguments.file {
        None => scenario::schema(),
        Some(file) => {
            let name = file.display().to_string();
            let source = Source::read(file).map_err(|found| {
                screen::findings(&found, None, &name);
                Failure::Invalid
            })?;
            let wrong =
                |error| Failure::Wrong(format!("{name} cannot be written as JSON: {error}"));
            syntax::to_json(source.text()).map_err(wrong)?
        }
    };
    screen::say(&format!("{value:#}\n"))
}
