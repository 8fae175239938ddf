//! The command line: one file a verb.
//!
//! Results go to standard output, progress and messages to standard error. Exit codes: 0 done, 1 could
//! not do it, 2 wrong arguments or an invalid scenario, 5 a stop rule was not reached, 130 interrupted. A
//! reader that closes the pipe is no failure.

mod ahead;
mod chart;
mod check;
mod chromium;
mod compare;
pub mod economy;
mod explain;
mod list;
mod new;
mod open;
mod progress;
mod report;
mod run;
mod schema;
mod screen;
mod shell;
pub mod solve;
mod story;

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// Simulates how a tariff and export-control dispute may unfold: a scenario file in, chances,
/// differences between policies, charts and stories out.
#[derive(Debug, Parser)]
#[command(name = "countermove", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a commented copy of a shipped scenario.
    New(new::Arguments),
    /// Look for mistakes in a scenario, all at once.
    Check(check::Arguments),
    /// Run a scenario and write a folder of results.
    Run(run::Arguments),
    /// Compare the branches of one or more runs.
    Compare(compare::Arguments),
    /// Write a report of a run: one HTML file, slides, PDF, or Markdown.
    Report(report::Arguments),
    /// Draw the charts of a run folder again.
    Chart(chart::Arguments),
    /// Tell one trial of a run as dated text.
    Story(story::Arguments),
    /// Say what tariffs and controls cost whom, in general equilibrium.
    Economy(economy::Arguments),
    /// Solve a game: matrix, tree or stochastic game.
    Solve(solve::SolveArgs),
    /// Explain a code that `check` reports.
    Explain(explain::Arguments),
    /// List what scenarios can be made of.
    List(list::Arguments),
    /// Print the JSON Schema of scenarios, for editors.
    Schema(schema::Arguments),
    /// Print completions for a shell.
    Completions(shell::Completions),
    /// Print the manual page.
    Man(shell::Man),
}

/// Why a verb did not do what was asked.
#[derive(Debug)]
enum Failure {
    /// Could not do it: exit 1.
    Could(String),
    /// Wrong arguments: exit 2.
    Wrong(String),
    /// An invalid scenario that was reported already: exit 2.
    Invalid,
    /// A rule to stop by was not reached; results are written: exit 5.
    Unsettled(String),
    /// Stopped by the user: exit 130.
    Interrupted,
    /// The reader of standard output went away: exit 0.
    Closed,
}

impl From<crate::output::OutputError> for Failure {
    fn from(error: crate::output::OutputError) -> Failure {
        Failure::Could(error.to_string())
    }
}

/// Runs the program with its arguments, the first being its own name.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(message) => {
            // A closed pipe is no failure of ours.
            let _ = message.print();
            return ExitCode::from(if message.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match parsed.verb {
        Verb::New(arguments) => new::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Compare(arguments) => compare::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Chart(arguments) => chart::run(&arguments),
        Verb::Story(arguments) => story::run(&arguments),
        Verb::Economy(arguments) => trade(&arguments),
        Verb::Solve(arguments) => game(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::List(arguments) => list::run(&arguments),
        Verb::Schema(arguments) => schema::run(&arguments),
        Verb::Completions(arguments) => shell::completions(&arguments, Arguments::command()),
        Verb::Man(arguments) => shell::man(&arguments, Arguments::command()),
    };
    match done {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Could(message)) => {
            screen::error(&message);
            ExitCode::from(1)
        }
        Err(Failure::Wrong(message)) => {
            screen::error(&message);
            ExitCode::from(2)
        }
        Err(Failure::Invalid) => ExitCode::from(2),
        Err(Failure::Unsettled(say)) => {
            screen::note(&format!("the stop rule was not reached: {say}"));
            ExitCode::from(5)
        }
        Err(Failure::Interrupted) => ExitCode::from(130),
    }
}

/// The verb `economy` in the terms of the others.
fn trade(arguments: &economy::Arguments) -> Result<(), Failure> {
    let mut text = Vec::new();
    let done = economy::run(arguments, &mut text);
    screen::say(&String::from_utf8_lossy(&text))?;
    done.map_err(|error| match error.exit() {
        2 => Failure::Wrong(error.to_string()),
        _ => Failure::Could(error.to_string()),
    })
}

/// The verb `solve` in the terms of the others.
fn game(arguments: &solve::SolveArgs) -> Result<(), Failure> {
    let mut text = Vec::new();
    let done = solve::run(arguments, &mut text);
    screen::say(&String::from_utf8_lossy(&text))?;
    match done {
        Ok(0) => Ok(()),
        Ok(130) => Err(Failure::Interrupted),
        Ok(2) => Err(Failure::Invalid),
        Ok(_) => Err(Failure::Could("the game was not solved".to_owned())),
        Err(error) if error.code() == 2 => Err(Failure::Wrong(error.to_string())),
        Err(error) => Err(Failure::Could(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_are_those_of_the_contract() {
        let parsed = Arguments::try_parse_from([
            "countermove",
            "run",
            "x.ron",
            "--branches",
            "a,b",
            "--trials",
            "5",
            "--seed",
            "2",
            "--threads",
            "3",
            "--out",
            "o",
            "--rows",
            "all",
            "--json",
            "--quiet",
        ]);
        assert!(parsed.is_ok(), "{parsed:?}");
        for wrong in [
            &["countermove", "run"][..],
            &["countermove", "run", "x.ron", "--rows", "some"],
            &["countermove", "run", "x.ron", "--trials", "0"],
            &["countermove", "story", "r"],
            &["countermove", "story", "r", "--trial", "1", "--pick", "worst"],
            &["countermove", "story", "r", "--trial", "1", "--by", "m"],
            &["countermove", "list", "people"],
        ] {
            assert!(Arguments::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
