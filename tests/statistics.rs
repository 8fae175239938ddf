//! Intervals against values worked out apart from this program, to 1e-9.
//!
//! Paired and Welch's intervals, Wilson's and Clopper and Pearson's were computed with 40 digits from the incomplete
//! beta function, ranks of order statistics with exact fractions from the binomial law. Data: Student's sleep
//! data (1908) and the first two sets of Michelson's velocities of light (1879), km/s less 299,000.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing set-up should stop a test")]
#![allow(clippy::excessive_precision, reason = "values as they were worked out")]

use countermove::stats::interval::{
    Interval, clopper_pearson, order_ranks, order_statistic, paired_t, welch_t, wilson,
};
use countermove::stats::moments::Moments;
use countermove::stats::paired::paired;

const SLEEP: [[f64; 10]; 2] = [
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
];
const FIRST: [f64; 20] = [
    850.0, 740.0, 900.0, 1070.0, 930.0, 850.0, 950.0, 980.0, 980.0, 880.0, 1000.0, 980.0, 930.0,
    650.0, 760.0, 810.0, 1000.0, 1000.0, 960.0, 960.0,
];
const SECOND: [f64; 12] =
    [960.0, 940.0, 960.0, 940.0, 880.0, 800.0, 850.0, 880.0, 900.0, 840.0, 830.0, 790.0];

/// Both ends, relative to the larger of their size and one.
fn near(got: Interval, low: f64, high: f64, what: &str) {
    for (got, wanted) in [(got.low, low), (got.high, high)] {
        let off = (got - wanted).abs() / wanted.abs().max(1.0);
        assert!(off < 1e-9, "{what}: {got} is not {wanted}");
    }
}

/// Both ends, relative to their size: shares may be small.
fn close(got: Interval, low: f64, high: f64, what: &str) {
    for (got, wanted) in [(got.low, low), (got.high, high)] {
        assert!((got - wanted).abs() <= 1e-9 * wanted.abs(), "{what}: {got} is not {wanted}");
    }
}

#[test]
fn paired_intervals() {
    let [a, b] = SLEEP;
    for (level, low, high) in [
        (0.9, 0.866_994_732_970_716_2, 2.293_005_267_029_284),
        (0.95, 0.700_114_236_723_017_2, 2.459_885_763_276_983),
        (0.99, 0.315_948_114_895_174_74, 2.844_051_885_104_825),
        (0.999, -0.279_577_658_445_743_6, 3.439_577_658_445_743_5),
    ] {
        near(paired_t(&a, &b, level), low, high, "paired");
        near(paired(&a, &b, level).unwrap().interval, low, high, "paired");
    }
}

#[test]
fn welchs_intervals() {
    let [a, b] = SLEEP.map(|list| Moments::of(&list));
    for (level, low, high) in [
        (0.9, 0.106_618_502_668_393_56, 3.053_381_497_331_606),
        (0.95, -0.205_483_230_711_710_98, 3.365_483_230_711_711),
        (0.99, -0.867_632_919_919_040_7, 4.027_632_919_919_041),
        (0.999, -1.757_669_857_186_975_5, 4.917_669_857_186_976),
    ] {
        near(welch_t(&a, &b, level), low, high, "Welch");
    }
    let (a, b) = (Moments::of(&FIRST), Moments::of(&SECOND));
    for (level, low, high) in [
        (0.9, -77.728_961_617_024_54, 21.395_628_283_691_21),
        (0.95, -87.804_150_557_848_8, 31.470_817_224_515_462),
        (0.99, -108.472_064_442_989_24, 52.138_731_109_655_91),
    ] {
        near(welch_t(&a, &b, level), low, high, "Welch, unequal sizes");
    }
}

#[test]
fn intervals_of_shares() {
    for (k, n, level, w, cp) in [
        (
            3,
            100,
            0.95,
            [0.010_254_524_024_038_922, 0.084_519_364_290_527_62],
            [0.006_229_971_538_306_394, 0.085_176_052_974_280_04],
        ),
        (0, 1000, 0.95, [0.0, 0.003_826_758_485_555_124], [0.0, 0.003_682_083_896_865_672]),
        (
            1,
            17,
            0.99,
            [0.006_944_296_353_929_853, 0.358_400_927_988_964_85],
            [0.000_294_811_935_803_220_3, 0.363_028_363_385_777_96],
        ),
        (
            500,
            1000,
            0.9,
            [0.474_027_691_478_420_1, 0.525_972_308_521_579_9],
            [0.473_517_731_235_691_2, 0.526_482_268_764_308_8],
        ),
        (
            999,
            1000,
            0.95,
            [0.994_357_441_402_042_1, 0.999_823_453_629_373_9],
            [0.994_441_075_720_173_3, 0.999_974_682_512_508_7],
        ),
        (
            37,
            5000,
            0.999,
            [0.004_340_733_283_129_77, 0.012_588_120_294_541_64],
            [0.004_043_957_193_406_488, 0.012_290_591_758_880_66],
        ),
    ] {
        close(wilson(k, n, level), w[0], w[1], "Wilson");
        close(clopper_pearson(k, n, level), cp[0], cp[1], "Clopper and Pearson");
    }
    // The solved case that the kernel's samples carry.
    let text = include_str!("kernel/cases.json");
    let cases: serde_json::Value = serde_json::from_str(text).unwrap();
    let all = cases["cases"].as_array().unwrap();
    let case = all.iter().find(|case| case["id"] == "binomial-ci-3-100").unwrap();
    let of = |group: &str, key: &str| case[group][key].as_f64().unwrap();
    let count = |key: &str| case["inputs"][key].as_u64().unwrap();
    let (k, n) = (count("successes"), count("trials"));
    close(wilson(k, n, 0.95), of("answers", "wilson_low"), of("answers", "wilson_high"), "case");
    close(
        clopper_pearson(k, n, 0.95),
        of("answers", "clopper_pearson_low"),
        of("answers", "clopper_pearson_high"),
        "case",
    );
}

#[test]
fn ranks_of_order_statistics() {
    for (n, p, level, ranks) in [
        (6, 0.5, 0.95, (1, 6)),
        (5, 0.5, 0.95, (0, 6)),
        (100, 0.5, 0.95, (40, 61)),
        (100, 0.05, 0.95, (1, 11)),
        (100, 0.95, 0.95, (90, 100)),
        (1000, 0.05, 0.95, (37, 65)),
        (1000, 0.25, 0.99, (215, 287)),
        (400, 0.9, 0.95, (348, 372)),
        (3072, 0.95, 0.95, (2894, 2943)),
        (2000, 0.5, 0.9, (963, 1038)),
    ] {
        assert_eq!(order_ranks(n, p, level), ranks, "{n} values at {p}");
        let values: Vec<f64> = (1..=u32::try_from(n).unwrap()).map(f64::from).collect();
        let got = order_statistic(&values, p, level);
        let end = |rank: usize| f64::from(u32::try_from(rank).unwrap());
        let low = if ranks.0 == 0 { f64::NEG_INFINITY } else { end(ranks.0) };
        let high = if ranks.1 > n { f64::INFINITY } else { end(ranks.1) };
        assert!(got.low.total_cmp(&low).is_eq() && got.high.total_cmp(&high).is_eq(), "{got:?}");
    }
}
