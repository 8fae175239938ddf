//! Scenario files end to end: exact answers, diagnostics, mutations.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "a failing set-up should stop a test"
)]

mod diagnostics;
mod exact;
mod mutations;
mod shipped;

use std::path::{Path, PathBuf};

/// A path inside the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The scenario files of a folder, sorted by name.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(repository(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
        .collect();
    all.sort();
    all
}
