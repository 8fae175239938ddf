//! Reports as a reader meets them: pages opened in Chromium and looked at by `browser/check.mjs`.
//!
//! Needs Node, its packages (`npm ci` in `tests/browser`) and a Chromium on the PATH or in `CHROMIUM`. Where
//! one of them lacks, the check says that it was not run; with `CHECK_BROWSER=1` it fails instead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing set-up should stop a test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A program on the PATH.
fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Chromium, or what is missing; a missing part is a failure where the check is demanded.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = named.or_else(|| names.into_iter().find_map(on_path));
    let packages = ["axe-core/axe.min.js", "playwright-core/index.mjs"]
        .map(|file| repository("tests/browser/node_modules").join(file));
    let missing = match &found {
        None => "no Chromium",
        Some(_) if on_path("node").is_none() => "no Node",
        Some(_) if !packages.iter().all(|file| file.is_file()) => {
            "no packages: npm ci in tests/browser"
        }
        Some(_) => return found,
    };
    assert!(
        std::env::var_os("CHECK_BROWSER").is_none(),
        "the browser check is demanded, but {missing}"
    );
    println!("not run: {missing}");
    None
}

fn call(home: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countermove"));
    command.args(words).current_dir(home).env("NO_COLOR", "1").output().unwrap()
}

/// Runs a scenario and gives the folder.
fn run(home: &Path, file: &str, trials: &str) -> String {
    let file = repository(file);
    let output =
        call(home, &["run", file.to_str().unwrap(), "--trials", trials, "--json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    json["run"].as_str().unwrap().to_owned()
}

/// Writes a page of a run; gives its path and how long that took.
fn page(home: &Path, folder: &str, words: &[&str]) -> (PathBuf, Duration) {
    let start = Instant::now();
    let output = call(home, &[&["report", folder], words].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    (home.join(said.lines().last().unwrap()), start.elapsed())
}

#[test]
fn readers_can_use_the_pages() {
    let Some(chromium) = chromium() else { return };
    let home = tempfile::tempdir().unwrap();
    let october = run(home.path(), "scenarios/october-2025.ron", "400");
    let hostile = run(home.path(), "tests/browser/hostile.ron", "300");
    let (report, took) = page(home.path(), &october, &[]);
    assert!(took < Duration::from_secs(10), "the report took {took:?}");
    let size = std::fs::metadata(&report).unwrap().len();
    assert!(size < 5_000_000, "the report has {size} bytes");
    println!("the report has {size} bytes and took {took:?}");
    let pages = [
        report,
        page(home.path(), &october, &["--slides"]).0,
        page(home.path(), &hostile, &[]).0,
        page(home.path(), &hostile, &["--slides"]).0,
    ];
    let output = Command::new("node")
        .arg(repository("tests/browser/check.mjs"))
        .arg(&chromium)
        .args(pages)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn reports_print_to_pdf() {
    let Some(chromium) = chromium() else { return };
    let home = tempfile::tempdir().unwrap();
    let folder = run(home.path(), "scenarios/tutorial.ron", "200");
    for (words, name) in [(&["--pdf"][..], "report.pdf"), (&["--slides", "--pdf"], "slides.pdf")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countermove"));
        command.args(["report", &folder]).args(words).current_dir(home.path());
        let output = command.env("CHROMIUM", &chromium).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = std::fs::read(home.path().join(&folder).join(name)).unwrap();
        assert!(
            bytes.starts_with(b"%PDF") && bytes.len() > 20_000,
            "{name}: {} bytes",
            bytes.len()
        );
        println!("{name}: {} bytes", bytes.len());
        let left: Vec<_> = std::fs::read_dir(home.path().join(&folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with('.'))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
