//! Run folders: replaced only by their like, never half written, partial after an interrupt.

use crate::{call, err, program, run_json, scenario};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_same_run_replaces_its_folder_and_others_stand_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("tutorial.ron");
    let first = run_json(home.path(), &file, &["--trials", "60"]);
    let again = run_json(home.path(), &file, &["--trials", "60", "--threads", "1"]);
    assert_eq!((&first["run"], &first["results_hash"]), (&again["run"], &again["results_hash"]));
    run_json(home.path(), &file, &["--trials", "61"]);
    run_json(home.path(), &file, &["--trials", "60", "--branches", "baseline"]);
    let all = names(&home.path().join("output"));
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.iter().all(|name| name.starts_with("tutorial-") && name.len() == 17), "{all:?}");
}

#[test]
fn what_is_not_ours_is_not_touched() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("tutorial.ron");
    let run = run_json(home.path(), &file, &["--trials", "60"]);
    let folder = home.path().join(run["run"].as_str().unwrap());
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("thesis.txt"), "mine").unwrap();
    let output = call(home.path(), &["run", file.to_str().unwrap(), "--trials", "60"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("is not a run folder of this program"), "{}", err(&output));
    assert_eq!(fs::read_to_string(folder.join("thesis.txt")).unwrap(), "mine");
    assert_eq!(names(&home.path().join("output")).len(), 1);
    // A parent that cannot be a folder.
    let output = call(
        home.path(),
        &[
            "run",
            file.to_str().unwrap(),
            "--trials",
            "60",
            "--out",
            folder.join("thesis.txt").to_str().unwrap(),
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("cannot write"), "{}", err(&output));
    for verb in ["chart", "story"] {
        let mut words = vec![verb, "output"];
        words.extend(if verb == "story" { &["--trial", "0"][..] } else { &[] });
        let output = call(home.path(), &words);
        assert_eq!(output.status.code(), Some(1), "{verb}");
        assert!(err(&output).contains("is not a run folder"), "{}", err(&output));
    }
}

/// A run that would take hours, once it has begun.
fn long_run(home: &Path) -> Child {
    let file = scenario("escalation-toy.ron");
    let child = program(home)
        .args(["run", file.to_str().unwrap(), "--trials", "100000000", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while names(&home.join("output")).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60), "the run did not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Time for the first chunks.
    std::thread::sleep(Duration::from_millis(1500));
    child
}

#[cfg(unix)]
#[test]
fn an_interrupt_writes_a_partial_run() {
    let home = tempfile::tempdir().unwrap();
    let child = long_run(home.path());
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(run["complete"], false);
    let trials = run["trials"].as_u64().unwrap();
    assert!(trials > 0 && trials < 100_000_000, "{trials}");
    let folder = home.path().join(run["run"].as_str().unwrap());
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["complete"], &manifest["trials"]), (&run["complete"], &run["trials"]));
    let rows = fs::read_to_string(folder.join("trials.csv")).unwrap();
    assert!(rows.lines().nth(1).unwrap().ends_with(",first-100000"));
    assert_eq!(names(&home.path().join("output")).len(), 1);
}

#[test]
fn a_killed_run_leaves_nothing_that_looks_complete() {
    let home = tempfile::tempdir().unwrap();
    let mut child = long_run(home.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let left = names(&home.path().join("output"));
    assert!(left.iter().all(|name| name.starts_with('.')), "{left:?}");
}
