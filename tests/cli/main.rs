//! The program as a process: verbs, exit codes, streams, folders.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "a test that cannot go on stops"
)]

mod compare;
mod failures;
mod folders;
mod report;
mod results;
mod shell;
mod stop;
mod trade;
mod wording;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A shipped scenario by its path in the repository.
pub fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

/// The program, with a folder to work in.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countermove"));
    command.current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// Runs the program with words as arguments.
pub fn call(folder: &Path, words: &[&str]) -> Output {
    program(folder).args(words).output().unwrap()
}

/// Standard output as text.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a scenario with `--json` and reads the object.
pub fn run_json(folder: &Path, file: &Path, words: &[&str]) -> Value {
    let mut all = vec!["run", file.to_str().unwrap(), "--json", "--quiet"];
    all.extend(words);
    let output = call(folder, &all);
    assert!(output.status.success(), "{}", err(&output));
    assert!(output.stderr.is_empty(), "{}", err(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}
