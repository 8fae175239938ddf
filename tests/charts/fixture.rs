//! One fixed set of data per chart, shared by the golden tests and the gallery: made-up figures of
//! plausible shape, from formulas rather than from draws, so that they never change by themselves.

use countermove::chart::exceedance::{ExceedanceCurve, ExceedanceData};
use countermove::chart::fan::{FanBand, FanData};
use countermove::chart::incidence::{IncidenceCurve, IncidenceData};
use countermove::chart::occupancy::{OccupancyData, Regime};
use countermove::chart::timeline::{Bar, BarState, Lane, Mark, MarkKind, Strip, TimelineData};
use countermove::chart::{Footer, Frame, Rule, Size, Theme};
use countermove::math;

pub(crate) fn frame(size: Size, theme: Theme) -> Frame {
    Frame {
        size,
        theme,
        footer: Footer {
            scenario: "October 2025".into(),
            hash8: "1f3a09bc".into(),
            trials: 10_000,
            branches: 3,
            seed: 7,
            error: Some("0.8 pt".into()),
            version: "0.1.0".into(),
            run_date: None,
            note: None,
        },
    }
}

fn rule(date: &str, text: &str) -> Rule {
    Rule { date: date.into(), text: text.into() }
}

pub(crate) fn rules() -> Vec<Rule> {
    vec![
        rule("2025-11-01", "100% tariff takes effect"),
        rule("2025-11-10", "truce lapses"),
        rule("2026-01-15", "leaders meet"),
    ]
}

/// Value of a path of levels, each from its day on.
fn level(path: &[(f64, f64)], day: f64) -> f64 {
    path.iter().rev().find(|step| step.0 <= day).map_or(path[0].1, |step| step.1)
}

pub(crate) fn fan() -> FanData {
    let days: Vec<f64> = (0..=180).map(f64::from).collect();
    let column = |path: &[(f64, f64)]| days.iter().map(|&d| level(path, d)).collect::<Vec<_>>();
    let band = |share, lower: &[(f64, f64)], upper: &[(f64, f64)]| FanBand {
        share,
        lower: column(lower),
        upper: column(upper),
    };
    FanData {
        title:
            "The US tariff on China most likely stays near 47%, but one run in twenty passes 130%"
                .into(),
        subtitle:
            "Average US tariff on imports from China, %, daily, 180 days from 14 October 2025"
                .into(),
        measure: "US tariff on China".into(),
        unit: "%".into(),
        as_of: "2025-10-14".into(),
        bands: vec![
            band(
                0.9,
                &[
                    (0.0, 57.6),
                    (17.0, 47.5),
                    (27.0, 37.0),
                    (60.0, 30.0),
                    (93.0, 20.0),
                    (140.0, 17.0),
                ],
                &[(0.0, 57.6), (9.0, 70.0), (17.0, 157.6), (120.0, 140.0), (150.0, 132.0)],
            ),
            band(
                0.6,
                &[(0.0, 57.6), (19.0, 47.5), (48.0, 40.0), (93.0, 34.0), (150.0, 29.0)],
                &[
                    (0.0, 57.6),
                    (17.0, 92.0),
                    (31.0, 84.0),
                    (70.0, 76.0),
                    (110.0, 66.0),
                    (150.0, 62.0),
                ],
            ),
            band(
                0.3,
                &[(0.0, 57.6), (21.0, 47.5), (75.0, 44.0), (118.0, 41.0)],
                &[(0.0, 57.6), (17.0, 66.0), (40.0, 57.6), (93.0, 52.0), (160.0, 50.0)],
            ),
        ],
        median: column(&[(0.0, 57.6), (25.0, 49.0), (62.0, 47.5)]),
        days,
        history: [
            ("2025-04-01", 42.1),
            ("2025-04-09", 126.5),
            ("2025-05-14", 51.1),
            ("2025-08-07", 57.6),
        ]
        .map(|(date, value)| (date.to_string(), value))
        .to_vec(),
        history_label: "actual".into(),
        rules: rules(),
        jumps: true,
        branch: "Baseline".into(),
        outside: Some((0.05, 0.047)),
    }
}

/// A smooth rise from 0 at `start` towards `top`, with mean waiting time `mean` days.
fn rise(day: f64, start: f64, top: f64, mean: f64) -> f64 {
    if day < start { 0.0 } else { -math::expm1(-(day - start) / mean) * top }
}

pub(crate) fn occupancy() -> OccupancyData {
    let days: Vec<f64> = (0..=180).map(f64::from).collect();
    let truce = |d: f64| 0.52 - rise(d, 27.0, 0.30, 6.0) + rise(d, 35.0, 0.36, 60.0);
    let talks = |d: f64| 0.30 + rise(d, 0.0, 0.05, 10.0) - rise(d, 17.0, 0.20, 30.0);
    let pending = |d: f64| 0.18 - rise(d, 0.0, 0.05, 10.0) - rise(d, 17.0, 0.127, 4.0);
    let limited = |d: f64| rise(d, 17.0, 0.21, 9.0) - rise(d, 60.0, 0.08, 60.0);
    let shares = |of: &dyn Fn(f64) -> f64| days.iter().map(|&d| of(d)).collect::<Vec<f64>>();
    let full = |d: f64| 1.0 - truce(d) - talks(d) - pending(d) - limited(d);
    OccupancyData {
        title: "Full escalation peaks at 28% of runs after the truce lapses on 10 November".into(),
        subtitle: "Share of runs in each regime by day, 180 days from 14 October 2025".into(),
        as_of: "2025-10-14".into(),
        regimes: vec![
            Regime { name: "Truce".into(), shares: shares(&truce) },
            Regime { name: "Talks".into(), shares: shares(&talks) },
            Regime { name: "Threat pending".into(), shares: shares(&pending) },
            Regime { name: "Limited measures".into(), shares: shares(&limited) },
            Regime { name: "Full escalation".into(), shares: shares(&full) },
        ],
        days,
        rules: rules(),
        jumps: false,
        branch: "Baseline".into(),
    }
}

pub(crate) fn incidence() -> IncidenceData {
    let days: Vec<f64> = (0..=180).map(f64::from).collect();
    let curve = |name: &str, baseline: bool, start: f64, top: f64, mean: f64| {
        let share: Vec<f64> = days.iter().map(|&d| rise(d, start, top, mean)).collect();
        // 95 % of a binomial share over 1 000 runs.
        let half = |p: f64| 1.96 * (p * (1.0 - p) / 1000.0).sqrt();
        IncidenceCurve {
            name: name.into(),
            baseline,
            lower: share.iter().map(|&p| p - half(p)).collect(),
            upper: share.iter().map(|&p| p + half(p)).collect(),
            share,
        }
    };
    IncidenceData {
        title: "A truce is signed by April in three of four runs, and before December in half"
            .into(),
        subtitle: "Share of runs in which the event has happened by the date".into(),
        as_of: "2025-10-14".into(),
        curves: vec![
            curve("Truce extended", false, 9.0, 0.78, 32.0),
            curve("100% tariff in force", false, 17.0, 0.24, 5.0),
            curve("Licences withheld", false, 3.0, 0.41, 70.0),
            curve("Port fees return", false, 27.0, 0.19, 20.0),
        ],
        days,
        rules: rules(),
    }
}

/// Share of runs at or beyond each of 300 values: lognormal with this median and spread.
fn exceeding(name: &str, baseline: bool, median: f64, spread: f64, points: u32) -> ExceedanceCurve {
    let values: Vec<f64> = (1..=points)
        .map(|k| median * math::exp(spread * (f64::from(k) / f64::from(points) * 6.0 - 3.0)))
        .collect();
    let share: Vec<f64> = values
        .iter()
        .map(|v| 0.5 * math::erfc(math::ln(v / median) / (spread * std::f64::consts::SQRT_2)))
        .collect();
    let half = |p: f64| 1.96 * (p * (1.0 - p) / 2000.0).sqrt();
    ExceedanceCurve {
        name: name.into(),
        baseline,
        lower: share.iter().map(|&p| (p - half(p)).max(0.0)).collect(),
        upper: share.iter().map(|&p| (p + half(p)).min(1.0)).collect(),
        values,
        share,
    }
}

pub(crate) fn exceedance() -> ExceedanceData {
    ExceedanceData {
        title: "Extending the truce halves the loss that one run in twenty exceeds".into(),
        subtitle: "Chance that the US welfare loss over 180 days reaches the value or more".into(),
        measure: "US welfare loss".into(),
        unit: "$bn".into(),
        curves: vec![
            exceeding("Baseline", true, 14.0, 0.62, 400),
            exceeding("Truce extended", false, 8.0, 0.5, 400),
            exceeding("100% tariff at once", false, 24.0, 0.55, 400),
        ],
        log: false,
        tail: Some(0.01),
        cumulative: false,
        threshold: Some((60.0, "planning limit".into())),
    }
}

pub(crate) fn exceedance_multiples() -> ExceedanceData {
    let names = [
        "Truce extended by a year",
        "100% tariff at once",
        "Tariff on magnets only",
        "Licences for allies",
        "Port fees return",
        "Chip controls eased",
        "Entity list widened",
        "Soybean purchases",
        "Stockpile released",
    ];
    let mut curves = vec![exceeding("Baseline", true, 14.0, 0.62, 150)];
    for (place, name) in (0_u32..).zip(names) {
        let median = 7.0 + 2.5 * f64::from(place);
        curves.push(exceeding(name, false, median, 0.45 + 0.03 * f64::from(place), 150));
    }
    ExceedanceData {
        title: "Three of nine branches keep losses below the baseline, six raise them".into(),
        curves,
        tail: None,
        threshold: None,
        ..exceedance()
    }
}

pub(crate) fn timeline() -> TimelineData {
    let bar = |label: &str, from: f64, to: f64, state| Bar { label: label.into(), from, to, state };
    let mark = |at: f64, text: &str, kind| Mark { at, text: text.into(), kind };
    TimelineData {
        title:
            "Trial 4711: the threat is carried out, answered in kind, and traded away in January"
                .into(),
        subtitle: "Baseline, trial 4711: moves and measures, 14 October 2025 to 12 April 2026"
            .into(),
        as_of: "2025-10-14".into(),
        from: 0.0,
        to: 180.0,
        lanes: vec![
            Lane {
                name: "United States".into(),
                bars: vec![
                    bar("100% tariff", 0.0, 17.0, BarState::Announced),
                    bar("", 17.0, 93.0, BarState::InForce),
                    bar("", 93.0, 180.0, BarState::Suspended),
                    bar("Port fees", 0.0, 180.0, BarState::InForce),
                ],
                marks: vec![
                    mark(17.0, "carries out the threat", MarkKind::Move),
                    mark(48.0, "widens entity list", MarkKind::Cancelled),
                    mark(93.0, "suspends the tariff for a year", MarkKind::Move),
                ],
            },
            Lane {
                name: "China".into(),
                bars: vec![
                    bar("Rare-earth licences", 0.0, 24.0, BarState::Announced),
                    bar("", 24.0, 100.0, BarState::InForce),
                    bar("Counter-tariff", 26.0, 95.0, BarState::InForce),
                ],
                marks: vec![
                    mark(24.0, "brings licences forward", MarkKind::Move),
                    mark(60.0, "halts soybean purchases", MarkKind::Move),
                    mark(100.0, "grants general licences", MarkKind::Move),
                ],
            },
            Lane {
                name: "European Union".into(),
                bars: vec![bar("Joint stockpile", 70.0, 180.0, BarState::InForce)],
                marks: vec![
                    mark(33.0, "magnet shortage at two plants", MarkKind::Shock),
                    mark(70.0, "buys jointly", MarkKind::Move),
                    mark(150.0, "countermeasure", MarkKind::Planned),
                ],
            },
        ],
        strip: Some(Strip {
            label: "US tariff on China".into(),
            unit: "%".into(),
            values: vec![(0.0, 57.6), (17.0, 157.6), (93.0, 47.5)],
        }),
        rules: rules(),
    }
}

/// A distribution function in steps on a logarithmic scale, from few runs and without a title.
pub(crate) fn distribution() -> ExceedanceData {
    let mut curves = vec![
        exceeding("Baseline", true, 14.0, 0.62, 60),
        exceeding("Truce extended", false, 8.0, 0.5, 60),
        exceeding("100% tariff at once", false, 24.0, 0.55, 60),
        exceeding("Licences withheld for a quarter of a year", false, 40.0, 0.3, 60),
    ];
    for curve in &mut curves {
        let flip = |shares: &[f64]| shares.iter().map(|share| 1.0 - share).collect::<Vec<f64>>();
        (curve.lower, curve.upper) = (flip(&curve.upper), flip(&curve.lower));
        curve.share = flip(&curve.share);
    }
    ExceedanceData {
        title: String::new(),
        subtitle: "Share of runs with at most this welfare loss over 180 days".into(),
        curves,
        log: true,
        tail: None,
        cumulative: true,
        threshold: None,
        ..exceedance()
    }
}

/// Each chart with its title left to be made from the figures.
pub(crate) fn headlines() -> Vec<String> {
    vec![
        FanData { title: String::new(), ..fan() }.headline().unwrap_or_default(),
        OccupancyData { title: String::new(), ..occupancy() }.headline().unwrap_or_default(),
        IncidenceData { title: String::new(), ..incidence() }.headline().unwrap_or_default(),
        ExceedanceData { title: String::new(), ..exceedance() }.headline().unwrap_or_default(),
        TimelineData { title: String::new(), ..timeline() }.headline(),
    ]
}
