//! A sweep of the trade model allocates nothing: as many allocations for many sweeps as for few.

#![allow(clippy::unwrap_used, reason = "a test says what fails by failing")]

use countermove::economy::{Model, Policy, Settings, shipped};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn a_sweep_allocates_nothing() {
    let base = shipped::base("hybrid2023").unwrap();
    let theta = shipped::elasticities("default", base.sectors()).unwrap();
    let model = Model::new(base, &theta, None).unwrap();
    let mut policy = Policy::unchanged(base);
    for j in 0..base.goods() {
        policy.tariff[base.cell(0, 1, j)] += 1.0;
    }
    // The counter sees all threads, the test runner's too, which can only add: the least counts.
    let count = |work: &dyn Fn() -> usize| {
        let once = || {
            let region = Region::new(COUNTED);
            let sweeps = work();
            let change = region.change();
            (sweeps, change.allocations + change.reallocations)
        };
        (0..20).map(|_| once()).min_by_key(|(_, n)| *n).unwrap()
    };
    let plain = |sweeps: usize| {
        count(&|| {
            model.plain_sweeps(&policy, sweeps).unwrap();
            sweeps
        })
    };
    assert_eq!(plain(1).1, plain(100).1);
    let solve = |tolerance: f64| {
        let settings = Settings { tolerance, accelerate: true };
        count(&|| model.solve(&policy, settings).unwrap().sweeps)
    };
    let (rough, exact) = (solve(1e-3), solve(1e-12));
    assert!(exact.0 > rough.0 + 10, "{rough:?} {exact:?}");
    assert_eq!(rough.1, exact.1);
}
