//! `completions` and `man`: what shells and manual readers need, made from the arguments themselves.

use super::{Failure, screen};
use clap::Command;

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Print the manual page, or that of a verb.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The verb; the program itself if not given.
    verb: Option<String>,
}

pub(crate) fn completions(arguments: &Completions, mut program: Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    let name = program.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut program, name, &mut text);
    screen::say(&String::from_utf8_lossy(&text))
}

pub(crate) fn man(arguments: &Man, mut program: Command) -> Result<(), Failure> {
    // Gives verbs their full names, `countermove-run`, which head their pages.
    program.build();
    let page = match &arguments.verb {
        None => program,
        Some(verb) => {
            let known: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
            super::open::known("verb", verb, known)?;
            let found = program.find_subcommand(verb).cloned();
            found.ok_or_else(|| Failure::Wrong(format!("no verb `{verb}`")))?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::Could(format!("the manual page cannot be made: {error}")))?;
    screen::say(&String::from_utf8_lossy(&text))
}
