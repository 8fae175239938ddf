//! Speed of the kernel: the toy as a scenario file beside the same toy by hand on a binary heap.
//!
//! Criterion's figures are time an event, from 1,000 trials of some 50 events. Machines are noisy and
//! drift while a benchmark runs, so the figures to quote are the ratios at the end: there both sides
//! take turns in batches of a few milliseconds, and each ratio is one of medians in one run. The file
//! and the toy by hand have draws of their own, so their trials differ; time is divided by the events
//! that each of them executed.

#[path = "reference/toy.rs"]
mod toy;

use countermove::draws::{Address, Purpose, TrialKey};
use countermove::scenario;
use countermove::sim::{Program, Workspace, run_trial};
use countermove::study::{self, Plan};
use countermove::syntax::Source;
use countermove::work::Cancel;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Instant;

/// Trials per measured step.
const TRIALS: u64 = 1_000;
/// Trials of a batch, and batches, where sides take turns.
const BATCH: u64 = 200;
const TURNS: usize = 301;

/// The toy in its three forms, each with its working memory.
struct Bench {
    by_hand: toy::Toy,
    addresses: [Address; 16],
    program: Program,
    work: Workspace,
}

impl Bench {
    fn new() -> Bench {
        let text = include_str!("../scenarios/escalation-toy.ron");
        let source = Source::new("escalation-toy.ron", text);
        let scenario = scenario::load(&source).expect("a shipped file");
        Bench {
            by_hand: toy::Toy::default(),
            addresses: std::array::from_fn(|k| Address::new(Purpose::Clock, &format!("source{k}"))),
            program: Program::new(scenario.model("baseline").expect("a shipped file")),
            work: Workspace::new(),
        }
    }

    /// Runs trials by hand with one stream a trial; the number of events.
    fn stream(&mut self, trials: u64) -> u64 {
        (0..trials).map(|t| u64::from(self.by_hand.run(&mut toy::stream(1, t)).events)).sum()
    }

    /// The same with a draw for each source and ordinal.
    fn keyed(&mut self, trials: u64) -> u64 {
        let addresses = self.addresses;
        let mut run = |trial| {
            let key = TrialKey::new(1, trial);
            u64::from(self.by_hand.run(&mut toy::Keyed { key, addresses }).events)
        };
        (0..trials).map(&mut run).sum()
    }

    /// The scenario file through the ordinary engine.
    fn file(&mut self, trials: u64) -> u64 {
        let mut run = |trial| {
            let path = run_trial(&self.program, &[], TrialKey::new(1, trial), &mut self.work);
            path.expect("the toy ends").events
        };
        (0..trials).map(&mut run).sum()
    }
}

fn kernel(criterion: &mut Criterion) {
    let mut bench = Bench::new();
    let mut group = criterion.benchmark_group("toy, an event");
    group.throughput(Throughput::Elements(bench.stream(TRIALS)));
    group.bench_function("by hand, one stream a trial", |b| {
        b.iter(|| black_box(bench.stream(TRIALS)));
    });
    group.throughput(Throughput::Elements(bench.keyed(TRIALS)));
    group.bench_function("by hand, keyed draws", |b| {
        b.iter(|| black_box(bench.keyed(TRIALS)));
    });
    group.throughput(Throughput::Elements(bench.file(TRIALS)));
    group.bench_function("as a scenario file", |b| {
        b.iter(|| black_box(bench.file(TRIALS)));
    });
    group.finish();
    ratios(&mut bench);
    second_core();
}

/// Seconds that some work takes, and what it returns.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed().as_secs_f64(), done)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The three forms in turns.
fn ratios(bench: &mut Bench) {
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        let forms: [fn(&mut Bench, u64) -> u64; 3] = [Bench::stream, Bench::keyed, Bench::file];
        for (list, form) in times.iter_mut().zip(forms) {
            let (seconds, events) = timed(|| form(bench, BATCH));
            list.push(1e9 * seconds / events as f64);
        }
    }
    let [stream, keyed, file] = times.map(median);
    println!("median ns an event: by hand {stream:.1}, keyed {keyed:.1}, file {file:.1}");
    println!("file against by hand: {:.2} times (at most 1.85)", file / stream);
    println!("keyed draws against one stream a trial: {:+.1} % (at most +15)", {
        100.0 * (keyed / stream - 1.0)
    });
}

/// A whole study of the toy on one thread and on two, in turns.
fn second_core() {
    let programs = [Bench::new().program];
    let seconds = |threads| {
        let plan = Plan { trials: 40 * study::CHUNK, threads, ..Plan::default() };
        timed(|| study::run(&programs, &plan, &|_| {}, &Cancel::new()).expect("the toy ends")).0
    };
    let (one, two): (Vec<f64>, Vec<f64>) = (0..15).map(|_| (seconds(1), seconds(2))).unzip();
    println!("second core: {:.2} times as fast (at least 1.8)", median(one) / median(two));
}

criterion_group!(benches, kernel);
criterion_main!(benches);
