//! `compare`: branches of finished runs, and the folders it refuses.

use crate::{call, err, out, run_json, scenario};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A home with a run of the tutorial; its folder as written.
fn run(words: &[&str]) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let folder = again(home.path(), words);
    (home, folder)
}

fn again(home: &std::path::Path, words: &[&str]) -> String {
    let mut all = vec!["--trials", "400"];
    all.extend(words);
    run_json(home, &scenario("tutorial.ron"), &all)["run"].as_str().unwrap().to_owned()
}

#[test]
fn differences_are_those_of_the_run() {
    let (home, folder) = run(&[]);
    let output = call(home.path(), &["compare", &folder, "--json"]);
    assert!(output.status.success(), "{}", err(&output));
    let compared: Value = serde_json::from_slice(&output.stdout).unwrap();
    let summary = fs::read(home.path().join(&folder).join("summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    let mut seen = 0;
    for d in summary["differences"].as_array().unwrap() {
        let measures = compared["measures"].as_array().unwrap();
        let measure = measures.iter().find(|m| m["id"] == d["metric"]).unwrap();
        let rows = measure["branches"].as_array().unwrap();
        let row = rows.iter().find(|r| r["branch"] == d["branch"]).unwrap();
        for key in ["n", "mean", "low", "high", "variance_factor"] {
            assert_eq!(row["difference"][key], d[key], "{key} of {d}");
        }
        seen += 1;
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn the_table_names_branches_and_says_what_cannot_be_told() {
    let (home, folder) = run(&[]);
    let output = call(home.path(), &["compare", &folder, "--against", "no_talks"]);
    let text = out(&output);
    assert!(output.status.success(), "{}", err(&output));
    for word in ["less no_talks", "tough_atria", "400 trials of each branch, paired"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let output = call(home.path(), &["compare", &folder, "--by", "p_truce"]);
    assert!(out(&output).contains("(p_truce"), "{}", out(&output));
    for (words, said) in [
        (["--by", "p_trice"], "did you mean `p_truce`"),
        (["--against", "no_talk"], "did you mean `no_talks`"),
    ] {
        let output = call(home.path(), &["compare", &folder, words[0], words[1]]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
}

#[test]
fn runs_are_joined_by_trial_and_paired_by_seed() {
    let (home, first) = run(&["--branches", "baseline"]);
    let same = again(home.path(), &["--branches", "baseline,no_talks"]);
    let other = again(home.path(), &["--seed", "2"]);
    let json = |words: &[&str]| -> Value {
        let output = call(home.path(), &[&["compare", "--json"], words].concat());
        assert!(output.status.success(), "{}", err(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let paired = json(&[&first, &same]);
    assert_eq!(paired["branches"][1], "baseline#2");
    assert_eq!(paired["paired"], true);
    let row = &paired["measures"][0]["branches"][1]["difference"];
    assert_eq!((&row["mean"], &row["clear"]), (&Value::from(0.0), &Value::from(false)));
    assert_eq!(json(&[&first, &other])["paired"], false);
}

#[test]
fn a_folder_that_is_not_as_it_was_written_is_refused() {
    let (home, folder) = run(&[]);
    let place: PathBuf = home.path().join(&folder);
    let verbs = [
        vec!["compare", &folder],
        vec!["report", &folder],
        vec!["story", &folder, "--pick", "worst"],
        vec!["story", &folder, "--trial", "1"],
        vec!["chart", &folder],
    ];
    // By how many of the verbs, in this order, as not all need all files.
    let refused_by = |count: usize, why: &str| {
        for verb in &verbs[..count] {
            let output = call(home.path(), verb);
            assert_eq!(output.status.code(), Some(1), "{verb:?}");
            assert!(err(&output).contains(why), "{verb:?}: {}", err(&output));
            assert!(output.stdout.is_empty());
        }
    };
    let rows = fs::read_to_string(place.join("trials.csv")).unwrap();
    fs::write(place.join("trials.csv"), &rows[..rows.len() / 2]).unwrap();
    refused_by(3, "trials.csv was changed or cut short after the run");
    fs::write(place.join("trials.csv"), &rows).unwrap();
    let file = fs::read_to_string(place.join("tutorial.ron")).unwrap();
    fs::write(place.join("tutorial.ron"), file.clone() + "// edited\n").unwrap();
    refused_by(4, "tutorial.ron was changed or cut short after the run");
    fs::write(place.join("tutorial.ron"), file).unwrap();
    let manifest = fs::read_to_string(place.join("manifest.json")).unwrap();
    let older = manifest.replacen("\"version\": \"", "\"version\": \"0.0.", 1);
    fs::write(place.join("manifest.json"), older).unwrap();
    refused_by(5, "was written by version 0.0.");
    fs::write(place.join("manifest.json"), &manifest[..manifest.len() - 9]).unwrap();
    refused_by(5, "cannot be read");
    fs::write(place.join("manifest.json"), manifest).unwrap();
    let data = fs::read_to_string(place.join("charts/incidence.json")).unwrap();
    fs::write(place.join("charts/incidence.json"), data.replace("share", "shore")).unwrap();
    for words in [["chart", &folder], ["report", &folder]] {
        let output = call(home.path(), &words);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(err(&output).contains("incidence.json was changed or cut short"), "{words:?}");
    }
    fs::write(place.join("charts/incidence.json"), data).unwrap();
    for (words, said) in [
        (vec!["chart", &folder, "incidense"], "did you mean `incidence`"),
        (vec!["story", &folder, "--pick", "worst", "--by", "p_trice"], "did you mean `p_truce`"),
        (vec!["story", &folder, "--trial", "1", "--branch", "no_talk"], "did you mean `no_talks`"),
        (vec!["report", &folder, "--against", "no_talk"], "did you mean `no_talks`"),
    ] {
        let output = call(home.path(), &words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(err(&output).contains(said), "{words:?}: {}", err(&output));
    }
    fs::remove_file(place.join("trials.csv")).unwrap();
    refused_by(3, "cannot read");
}
