//! `check`: all mistakes of a scenario in one pass.

use super::{Failure, screen};
use crate::diagnostic::Diagnostics;
use crate::scenario;
use crate::syntax::Source;
use std::path::PathBuf;

/// Look for mistakes in a scenario, all at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The scenario.
    file: PathBuf,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let name = arguments.file.display().to_string();
    let (source, found) = match Source::read(&arguments.file) {
        Ok(source) => {
            let (_, found) = scenario::check(&source);
            (Some(source), found)
        }
        Err(found) => (None, found),
    };
    if arguments.json {
        let text = source.as_ref().map_or("", Source::text);
        screen::say(&format!("{}\n", found.to_json(text)))?;
    } else {
        screen::findings(&found, source.as_ref(), &name);
        screen::say(&format!("{name}: {}\n", counts(&found)))?;
    }
    if found.has_errors() { Err(Failure::Invalid) } else { Ok(()) }
}

/// How many errors and warnings there are.
fn counts(found: &Diagnostics) -> String {
    let errors = found.errors().count();
    let warnings = found.len() - errors;
    let some = |n: usize, what: &str| match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    format!("{}, {}", some(errors, "error"), some(warnings, "warning"))
}
