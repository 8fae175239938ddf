//! Speed of the kernel: the toy as a scenario file beside the same toy by hand on a binary heap, in one
//! run. Figures are per trial of some 50 events; quote their ratios, machines are noisy.

#[path = "reference/toy.rs"]
mod toy;

use countermove::draws::{Address, Purpose, TrialKey};
use countermove::scenario;
use countermove::sim::{Program, Workspace, run_trial};
use countermove::syntax::Source;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Trials per measured step.
const TRIALS: u64 = 1_000;

fn kernel(criterion: &mut Criterion) {
    let text = include_str!("../scenarios/escalation-toy.ron");
    let source = Source::new("escalation-toy.ron", text);
    let scenario = scenario::load(&source).expect("a shipped file");
    let program = Program::new(scenario.model("baseline").expect("a shipped file"));
    let addresses: [Address; 16] =
        std::array::from_fn(|k| Address::new(Purpose::Clock, &format!("source{k}")));

    let mut group = criterion.benchmark_group("toy");
    group.throughput(Throughput::Elements(TRIALS));
    let mut by_hand = toy::Toy::default();
    group.bench_function("by hand, one stream a trial", |bench| {
        bench.iter(|| {
            for trial in 0..TRIALS {
                black_box(by_hand.run(&mut toy::stream(1, trial)));
            }
        });
    });
    group.bench_function("by hand, keyed draws", |bench| {
        bench.iter(|| {
            for trial in 0..TRIALS {
                let key = TrialKey::new(1, trial);
                black_box(by_hand.run(&mut toy::Keyed { key, addresses }));
            }
        });
    });
    let mut work = Workspace::new();
    group.bench_function("as a scenario file", |bench| {
        bench.iter(|| {
            for trial in 0..TRIALS {
                let path = run_trial(&program, &[], TrialKey::new(1, trial), &mut work);
                black_box(path.expect("the toy ends").events);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, kernel);
criterion_main!(benches);
