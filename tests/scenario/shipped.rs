//! Shipped scenarios load without a finding, and their branches differ in what they say.

use crate::{files, repository};
use countermove::draws::TrialKey;
use countermove::scenario::{check, load, shipped};
use countermove::sim::program::Program;
use countermove::sim::trial::{Workspace, run_trial};
use countermove::syntax::Source;

#[test]
fn every_shipped_file_is_without_a_finding() {
    let mut count = 0;
    for path in files("scenarios").into_iter().chain(files("scenarios/kernel")) {
        let source = Source::read(&path).unwrap();
        let begun = std::time::Instant::now();
        let (scenario, found) = check(&source);
        let checked = begun.elapsed();
        let begun = std::time::Instant::now();
        let loaded = load(&source).map(|_| begun.elapsed());
        println!("{}: checked in {checked:?}, loaded in {loaded:?}", path.display());
        assert!(found.is_empty(), "{}", found.render(&source.name, source.text(), false));
        let scenario = scenario.unwrap();
        for branch in scenario.branches() {
            let model = scenario.model(branch).unwrap();
            assert_eq!(model.branch, *branch);
        }
        count += 1;
    }
    assert!(count >= 8);
}

#[test]
fn new_offers_the_files_as_they_are() {
    for row in shipped::SHIPPED {
        let path = repository(&format!("scenarios/{}.ron", row.name));
        assert_eq!(std::fs::read_to_string(path).unwrap(), row.text);
        assert!(!row.about.is_empty() && row.about.len() < 120);
    }
    let tutorial = shipped::find("tutorial").unwrap();
    assert!(tutorial.text.lines().count() < 60);
}

/// Values of all metrics of a branch over some trials, as bits.
fn values(text: &str, branch: &str) -> Vec<u64> {
    let source = Source::new("x.ron", text);
    let scenario = load(&source)
        .unwrap_or_else(|found| panic!("{}", found.render(&source.name, source.text(), false)));
    let program = Program::new(scenario.model(branch).unwrap());
    let mut work = Workspace::new();
    let (mut inputs, mut bits) = (Vec::new(), Vec::new());
    for trial in 0..300 {
        let key = TrialKey::new(7, trial);
        program.inputs(key, &mut inputs);
        let path = run_trial(&program, &inputs, key, &mut work).unwrap();
        let measured = program.model.metrics.iter().map(|m| m.metric.measure(&program, path));
        bits.extend(measured.map(f64::to_bits));
    }
    bits
}

#[test]
fn a_branch_without_changes_and_a_dead_move_change_no_bit() {
    let text = shipped::find("tutorial").unwrap().text;
    let base = values(text, "baseline");
    let with_branch =
        text.replace("  branches: [", "  branches: [(id: \"same\", says_same: true, change: []),");
    assert_ne!(with_branch, text);
    assert_eq!(values(&with_branch, "same"), base);
    let with_move = text.replace(
        "  moves: [",
        "  moves: [(id: \"never\", by: \"A\", do: [Withdraw(\"tariff\")], \
         when: All([Is(\"counter_tariff\", Suspended), After(\"2025-12-30\")])),",
    );
    assert_ne!(with_move, text);
    assert_eq!(values(&with_move, "baseline"), base);
    assert_ne!(values(text, "tough_atria"), base);
    assert_ne!(values(text, "no_talks"), base);
}
