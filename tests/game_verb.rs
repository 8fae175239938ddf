//! The verb `solve` from file to JSON.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countermove::cli::solve::{SolveArgs, run_until};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn games() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/games")
}

fn solve(args: SolveArgs) -> Value {
    let mut out = Vec::new();
    run_until(&SolveArgs { json: true, ..args }, &mut out, &|| false).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn text(args: &SolveArgs) -> String {
    let mut out = Vec::new();
    run_until(args, &mut out, &|| false).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn all_equilibria_of_a_file() {
    let args = SolveArgs { file: games().join("von_stengel_75.nfg"), ..SolveArgs::default() };
    let shown = text(&args);
    assert!(shown.contains("75 equilibria") && shown.contains("complete   yes"));
    let found = solve(args);
    assert_eq!(found["schema"], 1);
    assert_eq!((&found["kind"], &found["complete"]), (&"normal".into(), &true.into()));
    let list = found["equilibria"].as_array().unwrap();
    assert_eq!((list.len(), found["components"].as_array().unwrap().len()), (75, 75));
    assert!(list.iter().all(|e| e["max_regret"] == 0.0 && e["exact"].is_array()));
}

#[test]
fn a_tree_by_every_method() {
    let file = games().join("simple_poker.efg");
    let base = || SolveArgs { file: file.clone(), ..SolveArgs::default() };
    let found = solve(SolveArgs { zero_sum: true, ..base() });
    assert_eq!(found["value_exact"], "1/3");
    assert_eq!(found["infosets"][1]["label"], "see");
    let found = solve(SolveArgs { all: true, ..base() });
    assert_eq!(found["equilibria"][0]["reduced"][0][0], "1/3");
    assert_eq!(found["equilibria"][0]["exact"][2][0], "1/3");
    let found = solve(SolveArgs { cfr: Some(2_000), ..base() });
    assert!((found["value"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-2);
    let found = solve(SolveArgs { qre: vec![2.0, 0.5], path: Some(3.0), ..base() });
    let qre = found["qre"].as_array().unwrap();
    assert_eq!((qre.len(), qre[0]["lambda"].as_f64()), (2, Some(0.5)));
    assert!(qre[1]["residual"].as_f64().unwrap() <= 1e-9);
    assert_eq!(found["path"].as_array().unwrap().last().unwrap()["lambda"], 3.0);
    let refused = run_until(&SolveArgs { spe: true, ..base() }, &mut Vec::new(), &|| false);
    assert!(refused.unwrap_err().to_string().contains("perfect information"));
}

#[test]
fn stochastic_games_with_and_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let all: Value =
        serde_json::from_str(&std::fs::read_to_string(games().join("stochastic.json")).unwrap())
            .unwrap();
    for game in all["games"].as_array().unwrap() {
        let file = folder.path().join("game.json");
        std::fs::write(&file, game.to_string()).unwrap();
        let found = solve(SolveArgs { file, qre: vec![0.1], ..SolveArgs::default() });
        let sample = game["qre"].as_array().unwrap().iter().find(|q| q["lambda"] == 0.1).unwrap();
        let values = if game.get("T").is_some() {
            assert_eq!(found["periods"].as_array().unwrap().len(), 6);
            &sample["periods"][0]["values"]
        } else {
            &sample["values"]
        };
        for (i, row) in values.as_array().unwrap().iter().enumerate() {
            for (s, v) in row.as_array().unwrap().iter().enumerate() {
                let x = found["qre"][0]["values"][s][i].as_f64().unwrap();
                assert!((x - v.as_f64().unwrap()).abs() < 1e-6);
            }
        }
    }
}
