//! Speed of the game solvers, each beside a dense LU of a comparable size.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "a bench that cannot go on stops; its data are small"
)]

#[path = "../tests/support/poker.rs"]
mod poker;

use countermove::game::linear::Lu;
use countermove::game::normal::NormalForm;
use countermove::game::number::Exact;
use countermove::game::quantal::Wanted;
use countermove::game::stochastic::{Stage, Stochastic};
use countermove::game::{cfr, efg, extreme, lemke_howson, markov, never};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;

/// Fixed pseudo-random numbers in (0, 1).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f64 + 0.5) / f64::from(1u32 << 31)
    }
}

fn whole(n: usize, seed: u64) -> NormalForm {
    let mut dice = Dice(seed);
    let mut table =
        || (0..n * n).map(|_| Exact::integer((dice.next() * 201.0) as i64 - 100)).collect();
    NormalForm::exact(&[n, n], vec![table(), table()]).unwrap()
}

/// Random payoffs in (0, 1) and random transitions: the generator of the usual Markov benchmarks.
pub fn random_stochastic(states: usize, players: usize, actions: usize, seed: u64) -> Stochastic {
    let mut dice = Dice(seed);
    let sizes = vec![actions; players];
    let cells = actions.pow(players as u32);
    let stages = (0..states)
        .map(|_| {
            let tables = (0..players).map(|_| (0..cells).map(|_| dice.next()).collect()).collect();
            let game = NormalForm::floats(&sizes, tables).unwrap();
            let mut odds = Vec::with_capacity(cells * states);
            for _ in 0..cells {
                let row: Vec<f64> = (0..states).map(|_| dice.next()).collect();
                let total: f64 = row.iter().sum();
                odds.extend(row.iter().map(|x| x / total));
            }
            Stage::new(game, odds).unwrap()
        })
        .collect();
    Stochastic::new(vec![0.95; players], None, stages).unwrap()
}

fn lu(c: &mut Criterion, n: usize) {
    let mut dice = Dice(1);
    let matrix: Vec<f64> = (0..n * n).map(|_| dice.next()).collect();
    c.bench_function(&format!("dense LU {n}"), |b| {
        b.iter(|| Lu::new(black_box(matrix.clone()), n).is_some());
    });
}

fn nash(c: &mut Criterion) {
    let game = whole(100, 3);
    c.bench_function("one equilibrium 100 x 100", |b| {
        b.iter(|| lemke_howson::one(black_box(&game), &never).is_some());
    });
    lu(c, 100);
    for n in [8, 12] {
        let game = whole(n, 5);
        let mut group = c.benchmark_group("all extreme equilibria");
        group.sample_size(10).measurement_time(Duration::from_secs(8));
        group.bench_function(format!("{n} x {n}"), |b| {
            b.iter(|| extreme::all(black_box(&game), &never).is_ok());
        });
        group.finish();
        lu(c, 2 * n);
    }
}

fn quantal(c: &mut Criterion) {
    let game = random_stochastic(40, 2, 3, 1);
    let wanted = Wanted { lambdas: vec![1.0], path: false, starts: 0 };
    let mut group = c.benchmark_group("Markov logit to lambda 1");
    group.sample_size(20);
    group.bench_function("40 states 2 players 3 actions", |b| {
        b.iter(|| markov::principal_branch(black_box(&game), &wanted, &never).at.len());
    });
    group.finish();
    lu(c, 81);
}

fn regret(c: &mut Criterion) {
    let kuhn = efg::read(&poker::kuhn()).unwrap();
    c.bench_function("CFR Kuhn 10,000 iterations", |b| {
        b.iter(|| cfr::run(black_box(&kuhn), 10_000, &never).is_ok());
    });
    let leduc = efg::read(&poker::leduc()).unwrap();
    let mut group = c.benchmark_group("CFR");
    group.sample_size(10);
    group.bench_function("Leduc 100 iterations", |b| {
        b.iter(|| cfr::run(black_box(&leduc), 100, &never).is_ok());
    });
    group.finish();
}

criterion_group!(benches, nash, quantal, regret);
criterion_main!(benches);
