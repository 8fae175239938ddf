//! What a run prints and writes.

use crate::{call, err, out, run_json, scenario};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// No number that is none has come through as text.
fn numbers_are_numbers(value: &Value) {
    match value {
        Value::Array(list) => list.iter().for_each(numbers_are_numbers),
        Value::Object(map) => map.values().for_each(numbers_are_numbers),
        Value::String(text) => assert!(!["NaN", "inf", "-inf"].contains(&text.as_str())),
        _ => {}
    }
}

#[test]
fn the_object_has_every_key_of_the_contract() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "300"]);
    let wanted =
        "schema scenario hash seed trials complete run results_hash branches differences exact";
    assert_eq!(keys(&run), wanted.split(' ').collect());
    assert_eq!((run["schema"].as_u64(), run["trials"].as_u64()), (Some(1), Some(300)));
    assert_eq!((run["seed"].as_u64(), run["complete"].as_bool()), (Some(1), Some(true)));
    assert_eq!(run["hash"].as_str().unwrap().len(), 16);
    let metric_keys = "id kind unit n mean se low high sd quantiles never shares";
    let branches = run["branches"].as_array().unwrap();
    assert_eq!(branches[0]["name"], "baseline");
    assert!(branches.len() >= 2);
    for metric in branches.iter().flat_map(|b| b["metrics"].as_array().unwrap()) {
        assert_eq!(keys(metric), metric_keys.split(' ').collect());
        let given = |key: &str| !metric[key].is_null();
        match metric["kind"].as_str().unwrap() {
            "probability" => {
                assert!(given("mean") && given("low") && given("high") && !given("sd"));
                assert!(metric["high"].as_f64() > metric["low"].as_f64());
            }
            "time" => {
                assert_eq!(keys(&metric["never"]), ["share", "low", "high"].into());
                assert!(given("quantiles") && !given("shares"));
            }
            "number" => {
                let ps = ["0.05", "0.25", "0.5", "0.75", "0.95"];
                assert_eq!(keys(&metric["quantiles"]), ps.into());
                assert!(!given("never") && !given("shares"));
            }
            "category" => assert!(given("shares") && !given("mean") && !given("quantiles")),
            other => panic!("kind {other}"),
        }
    }
    let difference_keys = "branch against metric n mean se low high variance_factor";
    let differences = run["differences"].as_array().unwrap();
    assert!(!differences.is_empty());
    for difference in differences {
        assert_eq!(keys(difference), difference_keys.split(' ').collect());
        assert_eq!(difference["against"], "baseline");
    }
    numbers_are_numbers(&run);
}

#[test]
fn results_depend_on_scenario_and_seed_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("tutorial.ron");
    let hash = |words: &[&str]| {
        let mut all = vec!["--trials", "2100"];
        all.extend(words);
        run_json(home.path(), &file, &all)["results_hash"].as_str().unwrap().to_owned()
    };
    let one = hash(&["--threads", "1"]);
    assert_eq!(one, hash(&["--threads", "2"]));
    assert_eq!(one, hash(&["--threads", "8"]));
    assert_eq!(one, hash(&[]));
    assert_ne!(one, hash(&["--seed", "2"]));
}

#[test]
fn the_folder_holds_what_it_should() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "250"]);
    let folder = home.path().join(run["run"].as_str().unwrap());
    for name in
        ["manifest.json", "tutorial.ron", "inputs.csv", "trials.csv", "series.csv", "summary.json"]
    {
        assert!(folder.join(name).is_file(), "{name}");
    }
    let summary: Value =
        serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["branches"], run["branches"]);
    let trials = fs::read_to_string(folder.join("trials.csv")).unwrap();
    let branches = run["branches"].as_array().unwrap().len();
    assert_eq!(trials.lines().count(), 1 + 250 * branches);
    assert!(trials.lines().nth(1).unwrap().ends_with(",table"));
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["results_hash"], run["results_hash"]);
    for chart in manifest["charts"].as_array().unwrap() {
        for end in ["svg", "png", "csv", "json"] {
            let name = format!("charts/{}.{end}", chart.as_str().unwrap());
            assert!(folder.join(&name).is_file(), "{name}");
        }
    }
    assert!(manifest["charts"].as_array().unwrap().len() >= 2, "{manifest}");
    // Redrawn from the folder, charts are the same bytes.
    let before = fs::read(folder.join("charts/incidence.svg")).unwrap();
    fs::remove_file(folder.join("charts/incidence.svg")).unwrap();
    let redrawn = call(home.path(), &["chart", run["run"].as_str().unwrap(), "incidence"]);
    assert!(redrawn.status.success(), "{}", err(&redrawn));
    assert!(out(&redrawn).contains("incidence.svg"));
    assert_eq!(fs::read(folder.join("charts/incidence.svg")).unwrap(), before);
}

#[test]
fn the_summary_is_short_and_says_how_sure_it_is() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("tutorial.ron");
    let output = call(home.path(), &["run", file.to_str().unwrap(), "--trials", "400"]);
    assert!(output.status.success(), "{}", err(&output));
    let text = out(&output);
    assert!(text.lines().count() <= 15, "{text}");
    for part in ["95%", "Error:", "Results: output/tutorial-", "Again:   countermove run "] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_ladder_prints_its_exact_answer_beside_the_estimate() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("markov-ladder.ron"), &["--trials", "20000"]);
    let exact = run["exact"].as_array().unwrap();
    assert!(exact.len() >= 4, "{exact:?}");
    let metrics = run["branches"][0]["metrics"].as_array().unwrap();
    for row in exact {
        let estimate = metrics.iter().find(|m| m["id"] == row["metric"]).unwrap();
        let (mean, se) = (estimate["mean"].as_f64().unwrap(), estimate["se"].as_f64().unwrap());
        let z = (mean - row["value"].as_f64().unwrap()) / se;
        assert!(z.abs() < 4.5, "{row}: z {z}");
    }
}

#[test]
fn exact_answers_are_those_of_the_solved_case() {
    let home = tempfile::tempdir().unwrap();
    let file = scenario("kernel/ladder-bd-from-R2.ron");
    let run = run_json(home.path(), &file, &["--trials", "1"]);
    // From the solved case `ladder-bd-from-R2`; its horizon is endless, ours 6,000 days.
    let answers = [
        ("p_end_in_truce", 0.366_336_633_663_366),
        ("mean_time_to_end", 145.544_554_455_446),
        ("mean_days_in_R3", 52.805_280_528_052_8),
        ("p_not_ended_by_90", 0.569_254_591_996_235),
        ("p_in_decoupling_by_180", 0.426_959_501_457_327),
    ];
    for (name, answer) in answers {
        let exact = run["exact"].as_array().unwrap().iter().find(|row| row["metric"] == name);
        let value = exact.unwrap()["value"].as_f64().unwrap();
        assert!((value - answer).abs() < 1e-9 * answer.max(1.0), "{name}: {value}");
    }
}

#[test]
fn stories_are_told_by_number_and_by_pick() {
    let home = tempfile::tempdir().unwrap();
    let run = run_json(home.path(), &scenario("tutorial.ron"), &["--trials", "300"]);
    let folder = run["run"].as_str().unwrap();
    let story = |words: &[&str]| {
        let mut all = vec!["story", folder];
        all.extend(words);
        let output = call(home.path(), &all);
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let told = story(&["--trial", "7"]);
    assert!(told.contains("trial 7 of branch baseline, seed 1"), "{told}");
    assert!(told.contains("How it ended"), "{told}");
    assert_eq!(told, story(&["--trial", "7", "--branch", "baseline"]));
    for pick in ["median", "worst", "surprising"] {
        assert!(story(&["--pick", pick]).contains("How it ended"), "{pick}");
    }
    let metric = run["branches"][0]["metrics"][0]["id"].as_str().unwrap();
    assert!(story(&["--pick", "worst", "--by", metric]).contains(&format!("worst of {metric}")));
    // Its ending agrees with the row of the trial.
    let wrong = call(home.path(), &["story", folder, "--trial", "300"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", err(&wrong));
}
