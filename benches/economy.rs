//! Speed of the trade model: cold solves beside 25 plain sweeps, cached look-ups, the first storey.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use countermove::economy::{
    Base, Economy, ElasticityBasis, Emulator, FirstStorey, Lever, Memory, Model, Policy, Reach,
    Sectors, Settings, Trade, WedgeKind, Wedges, aggregate::aggregate, emulator::Elasticities,
    shipped, wedges::WedgePlace,
};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const EIGHT_DIGITS: Settings = Settings { tolerance: 1e-8, accelerate: true };

fn hundred_percent(base: &Base) -> Policy {
    let mut policy = Policy::unchanged(base);
    for j in 0..base.goods() {
        policy.tariff[base.cell(0, 1, j)] += 1.0;
    }
    policy
}

fn bases() -> [(&'static str, Base, Vec<f64>); 3] {
    let hybrid = shipped::base("hybrid2023").unwrap();
    let theta = shipped::elasticities("default", hybrid.sectors()).unwrap();
    let codes = ["USA", "CHN", "EU", "JPN", "IND", "BRA", "ROW"];
    let rest = codes.len() - 1;
    let regions: Vec<usize> = hybrid
        .regions()
        .iter()
        .map(|code| codes.iter().position(|c| c == code).unwrap_or(rest))
        .collect();
    let names: Vec<&str> = hybrid.sectors().iter().map(String::as_str).collect();
    let same: Vec<usize> = (0..names.len()).collect();
    let seven = aggregate(hybrid, (&regions, &codes), (&same, &names)).unwrap();
    let wiod = shipped::base("wiod2011").unwrap();
    let all: Vec<usize> = (0..wiod.region_count()).collect();
    let names: Vec<&str> = wiod.regions().iter().map(String::as_str).collect();
    let one = aggregate(wiod, (&all, &names), (&vec![0; wiod.sector_count()], &["ALL"])).unwrap();
    [("15x15", hybrid.clone(), theta.clone()), ("7x15", seven, theta), ("16x1", one, vec![4.0])]
}

fn solves(criterion: &mut Criterion) {
    for (name, base, theta) in bases() {
        let model = Model::new(&base, &theta, None).unwrap();
        let policy = hundred_percent(&base);
        let mut group = criterion.benchmark_group(name);
        group.bench_function("cold solve at 1e-8", |b| {
            b.iter(|| model.solve(black_box(&policy), EIGHT_DIGITS).unwrap());
        });
        group.bench_function("25 plain sweeps", |b| {
            b.iter(|| model.plain_sweeps(black_box(&policy), 25).unwrap());
        });
        let plain = Settings { accelerate: false, ..EIGHT_DIGITS };
        group.bench_function("plain solve at 1e-8", |b| {
            b.iter(|| model.solve(black_box(&policy), plain).unwrap());
        });
        group.finish();
    }
}

fn answers(criterion: &mut Criterion) {
    let base = shipped::base("hybrid2023").unwrap();
    let mut wedges = Wedges::new();
    for (n, i, rate) in
        [(0, 1, 1.0), (1, 0, 0.5), (2, 1, 0.1), (0, 2, 0.15), (0, 6, 0.25), (0, 7, 0.25)]
    {
        wedges.add(n, i, Sectors::Goods, WedgeKind::Tariff, rate);
    }
    let trade = Trade::new(base, ElasticityBasis::AtHorizon).unwrap();
    let trade = trade.keeping(1.0, 2.0, 2.0, 1).unwrap();
    trade.effects(&wedges, 1.0, 2.0).unwrap();
    // Five hundred policies beside, so that the search is a search.
    for k in 0..500 {
        let mut other = wedges.clone();
        other.add(3, 1, Sectors::Goods, WedgeKind::Tariff, f64::from(k) * 1e-3);
        if k % 50 == 0 {
            trade.effects(&other, 1.0, 2.0).unwrap();
        }
    }
    let mut group = criterion.benchmark_group("six wedges");
    group.bench_function("cached look-up", |b| b.iter(|| trade.kept(black_box(&wedges))));
    group.bench_function("cached effects", |b| {
        b.iter(|| trade.effects(black_box(&wedges), 1.0, 2.0).unwrap());
    });
    let first = FirstStorey::new(base, ElasticityBasis::AtHorizon).unwrap();
    group.bench_function("first storey", |b| {
        b.iter(|| first.effects(black_box(&wedges), 1.0, 2.0).unwrap());
    });
    group.finish();
}

/// What a trial pays for an answer: a surface over four levers, and a look-up of policies solved exactly.
fn emulators(criterion: &mut Criterion) {
    let lever = |n: u16, i: u16, kind: WedgeKind, high: f64, values: &[f64]| Lever {
        places: vec![WedgePlace { importer: n, exporter: i, sectors: Sectors::Goods, kind }],
        low: 0.0,
        high,
        start: 0.0,
        values: values.to_vec(),
    };
    let mut group = criterion.benchmark_group("emulator");
    for (name, values) in [("interpolated", &[][..]), ("exact", &[0.0, 0.5][..])] {
        let reach = Reach {
            fixed: Wedges::new(),
            levers: vec![
                lever(0, 1, WedgeKind::Tariff, 1.2, values),
                lever(1, 0, WedgeKind::Tariff, 1.0, values),
                lever(1, 0, WedgeKind::Stopped, 0.5, values),
                lever(0, 1, WedgeKind::Cost, 0.5, values),
            ],
            elasticities: Elasticities::Range(0.76, 0.76),
            horizon_years: 0.25,
        };
        let trade =
            Trade::new(shipped::base("hybrid2023").unwrap(), ElasticityBasis::FirstYear).unwrap();
        let emulator = Emulator::new(trade, reach, &[0, 1, 2, 3, 4], &[]).unwrap();
        let mut wedges = Wedges::new();
        wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 0.5);
        wedges.add(1, 0, Sectors::Goods, WedgeKind::Stopped, 0.5);
        let mut memory = Memory::default();
        emulator.effects_with(&wedges, 0.25, 0.76, &mut memory).unwrap();
        group.bench_function(name, |b| {
            b.iter(|| emulator.effects_with(black_box(&wedges), 0.25, 0.76, &mut memory).unwrap());
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(40);
    targets = solves, answers, emulators
}
criterion_main!(benches);
