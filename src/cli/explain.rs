//! `explain`: what a code means and how to put it right.

use super::{Failure, open, screen};
use crate::scenario::codes;

/// Explain a code that `check` reports.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The code, such as E020.
    code: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let wanted = arguments.code.trim().to_uppercase();
    open::known("code", &wanted, codes::CODES.iter().map(|code| code.code).collect::<Vec<_>>())?;
    codes::find(&wanted).map_or(Ok(()), |code| screen::say(&code.explain()))
}
