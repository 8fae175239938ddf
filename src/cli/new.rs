//! `new`: a commented copy of a shipped scenario.

use super::{Failure, open, screen};
use crate::output;
use crate::scenario::shipped;
use std::path::PathBuf;

/// Write a commented copy of a shipped scenario.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which one.
    name: String,
    /// Where to write it; ./NAME.ron if not given. An existing file is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let names: Vec<&str> = shipped::SHIPPED.iter().map(|scenario| scenario.name).collect();
    open::known("shipped scenario", &arguments.name, names)?;
    let Some(found) = shipped::find(&arguments.name) else {
        return Err(Failure::Wrong(format!("there is no shipped scenario `{}`", arguments.name)));
    };
    let path =
        arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.ron", found.name)));
    output::write_new(&path, found.text.as_bytes())?;
    let shown = path.display();
    screen::say(&format!(
        "{shown}: {}\n\nNext:\n  countermove check {shown}\n  countermove run {shown}\n",
        found.about
    ))
}
