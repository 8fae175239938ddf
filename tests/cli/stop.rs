//! Runs that stop when settled, and charts laid out anew.

use crate::{call, err, out, scenario};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn stopped(home: &Path, words: &[&str]) -> (Option<i32>, Value, String) {
    let file = scenario("tutorial.ron");
    let mut all = vec!["run", file.to_str().unwrap(), "--json"];
    all.extend(words);
    let output = call(home, &all);
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), json, err(&output))
}

#[test]
fn a_settled_run_is_the_plain_run_it_names() {
    let home = tempfile::tempdir().unwrap();
    let (code, auto, said) = stopped(home.path(), &["--trials", "auto", "--threads", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("at most 786,432 trials"), "{said}");
    let say = auto["stop"]["say"].as_str().unwrap();
    let trials = auto["trials"].as_u64().unwrap();
    assert!(say.starts_with("settled after ") && trials.is_multiple_of(3072), "{say}");
    let (_, plain, _) = stopped(home.path(), &["--trials", &trials.to_string()]);
    assert_eq!(plain["results_hash"], auto["results_hash"]);
    assert_eq!(plain["branches"], auto["branches"]);
    assert_eq!(plain["differences"], auto["differences"]);
    assert!(plain.get("stop").is_none() && plain["run"] != auto["run"]);
}

#[test]
fn a_rule_that_is_not_reached_exits_with_5_and_keeps_results() {
    let home = tempfile::tempdir().unwrap();
    let first = {
        let (_, json, _) = stopped(home.path(), &["--trials", "50"]);
        json["branches"][0]["metrics"]
            .as_array()
            .unwrap()
            .iter()
            .find(|m| m["kind"] == "probability")
            .unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let rule = format!("half_width({first}) < 0.0001");
    let (code, json, said) = stopped(home.path(), &["--trials", "1500", "--until", &rule]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("not reached") && said.contains("not settled after 1,500 trials"));
    assert_eq!((json["trials"].as_u64(), json["complete"].as_bool()), (Some(1500), Some(true)));
    let folder = home.path().join(json["run"].as_str().unwrap());
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["stop"]["reached"], false);
    assert_eq!(manifest["stop"]["rule"], rule);
    let report = call(home.path(), &["report", folder.to_str().unwrap(), "--markdown"]);
    assert!(out(&report).contains("was not reached"), "{}", err(&report));
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let home = tempfile::tempdir().unwrap();
    for (words, reason) in [
        (&["--until", "soon"][..], "is no rule to stop by"),
        (&["--until", "half_width(truse) < 0.1"], "metric"),
        (&["--trials", "999", "--trials", "auto"], "cannot be used multiple times"),
        (&["--trials", "never"], "or auto"),
    ] {
        let (code, _, said) = stopped(home.path(), words);
        assert_eq!(code, Some(2), "{words:?}: {said}");
        assert!(said.contains(reason), "{words:?}: {said}");
    }
    assert!(!home.path().join("output").exists());
}

#[test]
fn charts_are_laid_out_anew_beside_the_old_ones() {
    let home = tempfile::tempdir().unwrap();
    let (_, json, _) = stopped(home.path(), &["--trials", "300"]);
    let run = json["run"].as_str().unwrap();
    let folder = home.path().join(run).join("charts");
    let before = fs::read(folder.join("incidence.svg")).unwrap();
    for size in ["slide", "a4", "half", "web", "phone"] {
        for theme in ["light", "dark", "print"] {
            let words = ["chart", run, "incidence", "--size", size, "--theme", theme];
            let output = call(home.path(), &words);
            assert!(output.status.success(), "{}", err(&output));
            assert!(out(&output).contains(theme), "{}", out(&output));
        }
    }
    let slide = fs::read_to_string(folder.join("incidence-slide-dark.svg")).unwrap();
    assert!(slide.contains("1600"), "{}", &slide[..200]);
    assert!(folder.join("incidence-a4-half-print.csv").exists());
    assert_eq!(fs::read(folder.join("incidence.svg")).unwrap(), before);
    let wrong = call(home.path(), &["chart", run, "--size", "poster"]);
    assert_eq!(wrong.status.code(), Some(2));
}
