//! The solved cases and the benchmark against their exact answers.
//!
//! z = (estimate - answer) / (sd / sqrt n), at most 4.5. `TRIALS=1000000` for the full test; the default
//! keeps the normal test run short.

use crate::repository;
use countermove::draws::TrialKey;
use countermove::scenario::load;
use countermove::sim::program::Program;
use countermove::sim::trial::{Workspace, run_trial};
use countermove::syntax::Source;
use std::collections::BTreeMap;

/// Sum, sum of squares and count of the trials with a finite value.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn mean(self) -> f64 {
        self.sum / self.n
    }

    fn error(self) -> f64 {
        let variance = (self.squares - self.sum * self.sum / self.n) / (self.n - 1.0);
        (variance.max(0.0) / self.n).sqrt()
    }
}

fn trials() -> u64 {
    std::env::var("TRIALS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// Runs the baseline of a scenario and sums each metric.
fn run(path: &str) -> BTreeMap<String, Sums> {
    let source = Source::read(repository(path)).unwrap();
    let scenario = load(&source)
        .unwrap_or_else(|found| panic!("{}", found.render(&source.name, source.text(), false)));
    let program = Program::new(scenario.model("baseline").unwrap());
    let mut work = Workspace::new();
    let mut inputs = Vec::new();
    let mut sums = vec![Sums::default(); program.model.metrics.len()];
    for trial in 0..trials() {
        let key = TrialKey::new(1, trial);
        program.inputs(key, &mut inputs);
        let path = run_trial(&program, &inputs, key, &mut work).unwrap();
        for (sums, metric) in sums.iter_mut().zip(&program.model.metrics) {
            let x = metric.metric.measure(&program, path);
            if x.is_finite() {
                sums.n += 1.0;
                sums.sum += x;
                sums.squares += x * x;
            }
        }
    }
    program.model.metrics.iter().map(|m| m.name.clone()).zip(sums).collect()
}

#[test]
fn solved_cases_agree() {
    let text = std::fs::read_to_string(repository("tests/kernel/cases.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for case in cases["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let path = format!("scenarios/kernel/{id}.ron");
        if !repository(&path).exists() {
            assert_eq!(case["group"], "output-analysis", "{id} has a scenario");
            continue;
        }
        let sums = run(&path);
        for (name, answer) in case["answers"].as_object().unwrap() {
            let answer = answer.as_f64().unwrap();
            // Quantiles and standard deviations are read off the metric of the mean.
            let Some(sums) = sums.get(name) else {
                assert!(
                    ["median", "p90", "sd"].iter().any(|part| name.starts_with(part)),
                    "{id} measures {name}"
                );
                continue;
            };
            let sd = case["trial_sd"][name].as_f64();
            let probability = name.starts_with("p_");
            let error = match sd {
                Some(sd) => sd / sums.n.sqrt(),
                None if probability => (answer * (1.0 - answer) / sums.n).sqrt(),
                None => sums.error(),
            };
            let z = (sums.mean() - answer) / error;
            println!("{id} {name}: {:.6} against {answer:.6}, z {z:.2}", sums.mean());
            assert!(z.abs() <= 4.5, "{id} {name}: {} against {answer}, z {z}", sums.mean());
            compared += 1;
        }
    }
    assert!(compared >= 30, "{compared}");
}

#[test]
fn the_toy_agrees_with_its_reference_values() {
    let sums = run("scenarios/escalation-toy.ron");
    for (name, value, error) in [
        ("final_sum", 3.2020, 0.0039),
        ("p_absorbed", 0.01652, 0.00020),
        ("in_force", 5.7352, 0.0040),
        ("withdrawn", 4.5032, 0.0041),
        ("events", 49.919, 0.0142),
    ] {
        let own = sums[name];
        let z = (own.mean() - value) / (own.error() * own.error() + error * error).sqrt();
        println!("{name}: {:.5} against {value}, z {z:.2}", own.mean());
        assert!(z.abs() <= 4.0, "{name}: {} against {value}, z {z}", own.mean());
    }
}
