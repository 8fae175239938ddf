//! The solved games of tests/games: exact equilibrium sets, logit equilibria, stochastic games.
//!
//! The samples were computed with independent programs (see tests/games/README.md).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countermove::game::normal::NormalForm;
use countermove::game::number::{Exact, Rational};
use countermove::game::{extreme, never, pure, quantal};
use serde_json::Value;

fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/games/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    value["games"].as_array().unwrap().clone()
}

fn exact(v: &Value) -> Exact {
    match v.as_str() {
        Some(text) => Exact::parse(text).unwrap(),
        None => Exact::parse(&v.to_string()).unwrap(),
    }
}

fn normal(game: &Value) -> NormalForm {
    let sizes: Vec<usize> = game["sizes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| usize::try_from(n.as_u64().unwrap()).unwrap())
        .collect();
    let cells: usize = sizes.iter().product();
    let payoffs = game["payoffs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| {
            (0..cells)
                .map(|cell| {
                    let (mut rest, mut at) = (cell, table);
                    for n in &sizes {
                        at = &at[rest % n];
                        rest /= n;
                    }
                    exact(at)
                })
                .collect()
        })
        .collect();
    NormalForm::exact(&sizes, payoffs).unwrap()
}

fn rows(v: &Value) -> Vec<Vec<f64>> {
    v.as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect())
        .collect()
}

fn near(a: &[Vec<f64>], b: &[Vec<f64>], tolerance: f64, what: &str) {
    for (x, y) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!((x - y).abs() <= tolerance, "{what}: {a:?} {b:?}");
    }
}

#[test]
fn normal_form_sets_are_equal() {
    for game in load("normal_form.json") {
        let form = normal(&game);
        let id = game["id"].as_str().unwrap();
        let expected: Vec<Vec<usize>> = serde_json::from_value(game["pure_nash"].clone()).unwrap();
        assert_eq!(pure::all(&form, &never).0, expected, "{id}");
        if form.count() == 2 {
            let set = extreme::all(&form, &never).unwrap();
            let found: Vec<[Vec<Rational>; 2]> =
                set.equilibria.iter().map(|e| e.profile.clone()).collect();
            let expected: Vec<[Vec<Rational>; 2]> = game["nash"]["equilibria"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| {
                    [0, 1].map(|i| {
                        e["profile"][i]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|x| exact(x).rational())
                            .collect()
                    })
                })
                .collect();
            assert_eq!(found, expected, "{id}");
        }
    }
}

#[test]
fn normal_form_logit_equilibria_are_equal() {
    for game in load("normal_form.json") {
        let form = normal(&game);
        let id = game["id"].as_str().unwrap();
        let samples = game["qre"].as_array().unwrap();
        let lambdas = samples.iter().map(|q| q["lambda"].as_f64().unwrap()).collect();
        let wanted = quantal::Wanted { lambdas, path: false, starts: 0 };
        let branch = quantal::principal_branch(&form, &wanted, &never);
        assert_eq!(branch.at.len(), samples.len(), "{id}: {:?}", branch.end);
        for (found, sample) in branch.at.iter().zip(samples) {
            near(&found.profile, &rows(&sample["profile"]), 1e-6, id);
            assert!(found.residual <= 1e-9, "{id} {}", found.residual);
            assert_eq!(
                found.folds > 0,
                sample["turned"].as_bool().unwrap(),
                "{id} {}",
                found.lambda
            );
            // The flag of the samples is set a step early (chicken crosses at lambda 1.07): it may be
            // true before our crossing, never the other way round.
            assert!(found.pitchforks == 0 || sample["bifurcation"].as_bool().unwrap(), "{id}");
        }
    }
}

#[test]
fn extensive_form_sets_and_logit_equilibria_are_equal() {
    use countermove::game::{agent, best_reply, efg, reduced};
    use std::collections::BTreeSet;
    for game in load("extensive_form.json") {
        let id = game["id"].as_str().unwrap();
        let path = format!(
            "{}/tests/games/{}",
            env!("CARGO_MANIFEST_DIR"),
            game["file"].as_str().unwrap()
        );
        let tree = efg::read(&std::fs::read_to_string(path).unwrap()).unwrap();
        let labels: Vec<&str> = tree.sets().iter().map(|s| s.label.as_str()).collect();
        let expected: Vec<&str> = game["infosets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["label"].as_str().unwrap())
            .collect();
        assert_eq!(labels, expected);
        let form = reduced::strategic_form(&tree).unwrap();
        if let Some(list) = game["nash"].as_array() {
            let set = extreme::all(&form.game, &never).unwrap();
            let found: BTreeSet<Vec<Vec<Rational>>> =
                set.equilibria.iter().map(|e| e.profile.to_vec()).collect();
            let expected: BTreeSet<Vec<Vec<Rational>>> = list
                .iter()
                .map(|e| {
                    (0..2)
                        .map(|i| {
                            let row = e["strategy"][i].as_array().unwrap();
                            row.iter().map(|x| exact(x).rational()).collect()
                        })
                        .collect()
                })
                .collect();
            assert_eq!(found, expected, "{id}");
            for e in &set.equilibria {
                let rows: Vec<Vec<f64>> = form
                    .behaviour(&tree, &e.profile)
                    .iter()
                    .map(|r| r.iter().map(countermove::game::number::float).collect())
                    .collect();
                assert!(best_reply::exploitability(&tree, &rows).unwrap() < 1e-12);
            }
        }
        let samples = game["agent_qre"].as_array().unwrap();
        let lambdas = samples.iter().map(|q| q["lambda"].as_f64().unwrap()).collect();
        let wanted = quantal::Wanted { lambdas, path: false, starts: 0 };
        let branch = agent::principal_branch(&tree, &wanted, &never).unwrap();
        assert_eq!(branch.at.len(), samples.len(), "{id}: {:?}", branch.end);
        for (found, sample) in branch.at.iter().zip(samples) {
            near(&found.profile, &rows(&sample["profile"]), 1e-6, id);
            assert!(found.residual <= 1e-9, "{id} {}", found.residual);
            assert_eq!(found.folds > 0, sample["turned"].as_bool().unwrap());
            assert_eq!(found.pitchforks > 0, sample["bifurcation"].as_bool().unwrap());
        }
    }
}

#[test]
fn stochastic_games_are_equal() {
    use countermove::game::horizon::{self, Selection};
    use countermove::game::{markov, stochastic_file};
    for game in load("stochastic.json") {
        let id = game["id"].as_str().unwrap();
        let form = stochastic_file::read(&game.to_string()).unwrap();
        let samples = game["qre"].as_array().unwrap();
        let close = |found: &[Vec<f64>], sample: &Value| {
            // The samples list values by player, then state.
            for (i, row) in rows(sample).iter().enumerate() {
                for (s, v) in row.iter().enumerate() {
                    let x = found[s][i];
                    assert!((x - v).abs() <= 1e-6 * v.abs().max(1.0), "{id}: {x} {v}");
                }
            }
        };
        if form.horizon().is_some() {
            for sample in samples {
                let lambda = sample["lambda"].as_f64().unwrap();
                let solved = horizon::solve(&form, Selection::Logit(lambda), &never).unwrap();
                assert!(solved.complete && solved.residual <= 1e-9);
                let periods = sample["periods"].as_array().unwrap();
                assert_eq!(solved.periods.len(), periods.len());
                for (found, sample) in solved.periods.iter().zip(periods) {
                    for (s, state) in found.strategies.iter().enumerate() {
                        near(state, &rows(&sample["strategies"][s]), 1e-6, id);
                    }
                    close(&found.values, &sample["values"]);
                }
            }
            continue;
        }
        let lambdas: Vec<f64> = samples.iter().map(|q| q["lambda"].as_f64().unwrap()).collect();
        let wanted = quantal::Wanted { lambdas, path: false, starts: 0 };
        let branch = markov::principal_branch(&form, &wanted, &never);
        assert_eq!(branch.at.len(), samples.len(), "{id}: {:?}", branch.end);
        for (found, sample) in branch.at.iter().zip(samples) {
            near(&found.profile, &rows(&sample["profile"]), 1e-6, id);
            close(&found.values, &sample["values"]);
            assert!(found.residual <= 1e-9 && !found.traced);
            let gap = sample["best_reply_gap"].as_f64().unwrap();
            assert!(
                (found.exploitability - gap).abs() < 1e-6 * gap,
                "{} {gap}",
                found.exploitability
            );
            assert_eq!(
                found.folds > 0,
                sample["turned"].as_bool().unwrap(),
                "{id} {}",
                found.lambda
            );
            assert_eq!(found.pitchforks > 0, sample["bifurcation"].as_bool().unwrap());
        }
    }
}
