//! Exit codes and messages where something is wrong.

use crate::{call, err, out, program, scenario};
use std::fs;
use std::process::Stdio;

#[test]
fn wrong_arguments_are_two() {
    let home = tempfile::tempdir().unwrap();
    let tutorial = scenario("tutorial.ron");
    let tutorial = tutorial.to_str().unwrap();
    let cases: &[&[&str]] = &[
        &[],
        &["fly"],
        &["run"],
        &["run", "no-such-file.ron"],
        &["run", tutorial, "--branches", "baselin"],
        &["run", tutorial, "--trials", "none"],
        &["new", "tutorail"],
        &["check", "no-such-file.ron"],
        &["explain", "E9"],
        &["list", "people"],
    ];
    for words in cases {
        let output = call(home.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", err(&output));
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
    assert!(err(&call(home.path(), cases[6])).contains("did you mean `tutorial`?"));
    assert!(err(&call(home.path(), cases[4])).contains("did you mean `baseline`?"));
    assert!(!home.path().join("output").exists(), "nothing is written");
}

#[test]
fn check_reports_as_text_and_as_json() {
    let home = tempfile::tempdir().unwrap();
    let good = scenario("tutorial.ron");
    let output = call(home.path(), &["check", good.to_str().unwrap()]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("no errors"));
    let bad = home.path().join("bad.ron");
    fs::write(&bad, "(title: 5, untill: 9)").unwrap();
    let output = call(home.path(), &["check", "bad.ron", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &found["errors"][0];
    for key in ["code", "line", "column", "message", "help"] {
        assert!(first.get(key).is_some(), "{key}: {found}");
    }
    let output = call(home.path(), &["check", "bad.ron"]);
    assert!(err(&output).contains("bad.ron:1:"), "{}", err(&output));
    assert!(out(&output).contains("error"));
    assert_eq!(call(home.path(), &["run", "bad.ron"]).status.code(), Some(2));
}

#[test]
fn new_does_not_overwrite() {
    let home = tempfile::tempdir().unwrap();
    let output = call(home.path(), &["new", "tutorial"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("countermove run tutorial.ron"));
    let first = fs::read(home.path().join("tutorial.ron")).unwrap();
    assert_eq!(first, fs::read(scenario("tutorial.ron")).unwrap());
    let again = call(home.path(), &["new", "tutorial"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("exists"), "{}", err(&again));
    let other = call(home.path(), &["new", "tutorial", "--out", "mine.ron"]);
    assert!(other.status.success() && home.path().join("mine.ron").is_file());
}

#[test]
fn lists_and_explanations_are_printed() {
    let home = tempfile::tempdir().unwrap();
    for what in ["instruments", "effects", "rules", "metrics", "charts"] {
        let output = call(home.path(), &["list", what]);
        assert!(output.status.success() && out(&output).lines().count() >= 4, "{what}");
    }
    let output = call(home.path(), &["explain", "e020"]);
    assert!(out(&output).starts_with("E020"), "{}", out(&output));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child =
        program(home.path()).args(["list", "metrics"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_the_scenario_says_cannot_drive_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(scenario("tutorial.ron")).unwrap();
    let file = home.path().join("esc.ron");
    let title = text.find("title:").unwrap();
    let quote = title + text[title..].find('"').unwrap() + 1;
    fs::write(&file, format!("{}\\u{{1b}}[31m{}", &text[..quote], &text[quote..])).unwrap();
    let output = call(home.path(), &["run", "esc.ron", "--trials", "50"]);
    for stream in [&output.stdout, &output.stderr] {
        assert!(!stream.contains(&0x1b), "{}", String::from_utf8_lossy(stream));
    }
}
