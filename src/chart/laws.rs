//! What holds for every chart of any data: no text leaves the page or touches another, nothing is
//! drawn outside its panel, markup in names stays text, and equal data make equal bytes.

use super::canvas::Rect;
use super::exceedance::{self, ExceedanceCurve, ExceedanceData};
use super::fan::{self, FanBand, FanData};
use super::incidence::{self, IncidenceCurve, IncidenceData};
use super::occupancy::{self, OccupancyData, Regime};
use super::timeline::{self, Bar, BarState, Lane, Mark, MarkKind, Strip, TimelineData};
use super::{ChartError, Drawing, Footer, Frame, Rule, Size, Theme};
use proptest::prelude::*;

fn lawful(
    frame: &Frame,
    draw: impl Fn(&Frame) -> Result<Drawing, ChartError>,
) -> Result<(), TestCaseError> {
    let drawing = draw(frame).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(&drawing, &draw(frame).map_err(|e| TestCaseError::fail(e.to_string()))?);
    let page = Rect::new(0.0, 0.0, drawing.page.0, drawing.page.1);
    prop_assert!(!drawing.boxes.is_empty());
    for (place, one) in drawing.boxes.iter().enumerate() {
        prop_assert!(page.holds(&one.at, 0.5), "{:?} leaves the page {:?}", one, page);
        for other in &drawing.boxes[..place] {
            prop_assert!(!one.at.overlaps(&other.at, 1.0), "{:?} meets {:?}", one, other);
        }
    }
    prop_assert!(drawing.strays.is_empty(), "outside: {:?}", drawing.strays);
    let unfit = ["<script", "\"NaN", "\"inf", "\u{202e}", "\u{0}"];
    prop_assert!(!unfit.iter().any(|text| drawing.svg.contains(text)));
    Ok(())
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("Truce".to_string()),
        Just("<script>alert(\"1\")</script> & more".to_string()),
        Just(
            "A branch whose name runs to eighty letters, since nobody told them to be brief".into()
        ),
        Just(
            "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
                .into()
        ),
        Just("zwei\nZeilen\u{202e}\u{0}  und Lücken 中美".to_string()),
        "[a-zA-Z ]{1,30}",
    ]
}

fn frames() -> impl Strategy<Value = Frame> {
    let size = prop::sample::select(Size::ALL);
    let theme = prop::sample::select(Theme::ALL);
    (size, theme, names(), any::<u64>()).prop_map(|(size, theme, scenario, seed)| Frame {
        size,
        theme,
        footer: Footer {
            scenario,
            hash8: "0123abcd".into(),
            trials: 10_000,
            branches: 3,
            seed,
            error: Some("0.8 pt".into()),
            version: "0.1.0".into(),
            run_date: Some("2025-10-15".into()),
            note: Some("One run in 10 000 failed and is left out.".into()),
        },
    })
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = (0_i64..400, names()).prop_map(|(day, text)| Rule {
        date: super::dated::parse_date("2025-10-14").unwrap().plus_days(day).to_string(),
        text,
    });
    prop::collection::vec(rule, 0..4)
}

/// Values of every size, also all equal, and of two far humps.
fn values(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        prop::collection::vec(-50.0..50.0_f64, count),
        prop::collection::vec(0.0..1e-12_f64, count),
        prop::collection::vec(-1e12..1e12_f64, count),
        prop::collection::vec(prop_oneof![0.9..1.1_f64, 1e6..1.1e6_f64], count),
        (-1e3..1e3_f64).prop_map(move |value| vec![value; count]),
    ]
}

/// Numbers of days, one among them, and their places.
fn days() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        Just(vec![0.0]),
        (1_u32..40, 0.02..9.0_f64)
            .prop_map(|(count, pace)| (0..=count).map(|d| f64::from(d) * pace).collect()),
        Just((0..250).map(f64::from).collect()),
    ]
}

fn fan() -> impl Strategy<Value = FanData> {
    let numbers = days().prop_flat_map(|days| {
        let n = days.len();
        (Just(days), [values(n), values(n), values(n), values(n), values(n)])
    });
    (numbers, names(), names(), rules(), any::<bool>(), values(2)).prop_map(
        |((days, columns), title, unit, rules, jumps, past)| {
            // Sorting each day's five values makes nested bands and a median.
            let mut sorted = vec![Vec::new(); 5];
            for day in 0..days.len() {
                let mut five: Vec<f64> = columns.iter().map(|c| c[day]).collect();
                five.sort_by(f64::total_cmp);
                for (column, value) in sorted.iter_mut().zip(five) {
                    column.push(value);
                }
            }
            let [a, b, median, c, d] = [0, 1, 2, 3, 4].map(|k: usize| sorted[k].clone());
            FanData {
                subtitle: title.clone(),
                measure: title.clone(),
                branch: title.clone(),
                history_label: title.clone(),
                title,
                unit: if jumps { "%".into() } else { unit },
                as_of: "2025-10-14".into(),
                days,
                bands: vec![
                    FanBand { share: 0.9, lower: a, upper: d },
                    FanBand { share: 0.3, lower: b, upper: c },
                ],
                median,
                history: vec![("2025-04-02".into(), past[0]), ("2025-05-14".into(), past[1])],
                rules,
                jumps,
                outside: (!jumps).then_some((0.0, 0.04)),
            }
        },
    )
}

fn occupancy() -> impl Strategy<Value = OccupancyData> {
    let numbers = days().prop_flat_map(|days| {
        let row = prop::collection::vec(prop_oneof![Just(0.0), 0.0..1.0_f64], 5);
        (prop::collection::vec(row, days.len()), Just(days))
    });
    (numbers, prop::collection::vec(names(), 1..=5), rules(), any::<bool>()).prop_map(
        |((rows, days), names, rules, jumps)| {
            let share = |place: usize| {
                rows.iter()
                    .map(|row| row[place] / row[..names.len()].iter().sum::<f64>().max(1e-3))
                    .collect()
            };
            let regimes = names
                .iter()
                .enumerate()
                .map(|(place, name)| Regime { name: name.clone(), shares: share(place) })
                .collect();
            OccupancyData {
                subtitle: names[0].clone(),
                branch: names[0].clone(),
                as_of: "2025-10-14".into(),
                days,
                regimes,
                rules,
                jumps,
                ..OccupancyData::default()
            }
        },
    )
}

/// Rising shares.
fn shares(count: usize) -> impl Strategy<Value = Vec<f64>> {
    (prop::collection::vec(0.0..1.0_f64, count), 0.0..1.0_f64).prop_map(|(mut shares, top)| {
        shares.sort_by(f64::total_cmp);
        shares.iter().map(|share| share * top).collect()
    })
}

fn incidence() -> impl Strategy<Value = IncidenceData> {
    let numbers = days().prop_flat_map(|days| {
        let curve = (names(), shares(days.len()), any::<bool>());
        (prop::collection::vec(curve, 1..=6), Just(days))
    });
    (numbers, names(), rules()).prop_map(|((curves, days), title, rules)| IncidenceData {
        subtitle: title.clone(),
        title,
        as_of: "2025-10-14".into(),
        days,
        curves: curves
            .into_iter()
            .map(|(name, share, baseline)| IncidenceCurve {
                name,
                baseline,
                lower: share.iter().map(|s| s * 0.9).collect(),
                upper: share.iter().map(|s| (s * 1.1).min(1.0)).collect(),
                share,
            })
            .collect(),
        rules,
    })
}

fn exceedance() -> impl Strategy<Value = ExceedanceData> {
    let curve = (1_usize..30).prop_flat_map(|n| (names(), values(n), shares(n)));
    let look = (any::<bool>(), any::<bool>(), prop::option::of(0.001..0.09_f64));
    (
        prop::collection::vec(curve, 1..=12),
        names(),
        look,
        prop::option::of((-9.0..9.0_f64, names())),
    )
        .prop_map(|(curves, measure, (log, cumulative, tail), threshold)| ExceedanceData {
            subtitle: measure.clone(),
            unit: if log { "$bn".into() } else { measure.clone() },
            measure,
            curves: curves
                .into_iter()
                .enumerate()
                .map(|(place, (name, mut values, mut share))| {
                    values.sort_by(f64::total_cmp);
                    if !cumulative {
                        share.reverse();
                    }
                    ExceedanceCurve {
                        name,
                        baseline: place == 0,
                        values,
                        lower: share.iter().map(|s| s * 0.9).collect(),
                        upper: share.iter().map(|s| (s * 1.1).min(1.0)).collect(),
                        share,
                    }
                })
                .collect(),
            log,
            tail: if cumulative { None } else { tail },
            cumulative,
            threshold,
            ..ExceedanceData::default()
        })
}

fn timeline() -> impl Strategy<Value = TimelineData> {
    let state =
        prop::sample::select(vec![BarState::Announced, BarState::InForce, BarState::Suspended]);
    let kind = prop::sample::select(vec![
        MarkKind::Move,
        MarkKind::Planned,
        MarkKind::Cancelled,
        MarkKind::Shock,
    ]);
    let bar = (names(), -20.0..200.0_f64, 0.0..90.0_f64, state)
        .prop_map(|(label, from, long, state)| Bar { label, from, to: from + long, state });
    let mark =
        (-20.0..200.0_f64, names(), kind).prop_map(|(at, text, kind)| Mark { at, text, kind });
    let lane = (names(), prop::collection::vec(bar, 0..5), prop::collection::vec(mark, 0..5))
        .prop_map(|(name, bars, marks)| Lane { name, bars, marks });
    let strip = (names(), 1_usize..9).prop_flat_map(|(label, n)| {
        values(n).prop_map(move |values| Strip {
            label: label.clone(),
            unit: "%".into(),
            values: (0..).map(|d| f64::from(d) * 13.0).zip(values).collect(),
        })
    });
    (prop::collection::vec(lane, 1..4), prop::option::of(strip), rules(), names()).prop_map(
        |(lanes, strip, rules, title)| TimelineData {
            subtitle: title.clone(),
            title,
            as_of: "2025-10-14".into(),
            from: 0.0,
            to: 180.0,
            lanes,
            strip,
            rules,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn fans_are_lawful(frame in frames(), data in fan()) {
        lawful(&frame, |frame| fan::draw(&data, frame))?;
    }

    #[test]
    fn occupancies_are_lawful(frame in frames(), data in occupancy()) {
        lawful(&frame, |frame| occupancy::draw(&data, frame))?;
    }

    #[test]
    fn incidences_are_lawful(frame in frames(), data in incidence()) {
        lawful(&frame, |frame| incidence::draw(&data, frame))?;
    }

    #[test]
    fn exceedances_are_lawful(frame in frames(), data in exceedance()) {
        lawful(&frame, |frame| exceedance::draw(&data, frame))?;
    }

    #[test]
    fn timelines_are_lawful(frame in frames(), data in timeline()) {
        lawful(&frame, |frame| timeline::draw(&data, frame))?;
    }
}

#[test]
fn data_that_do_not_fit_are_refused_with_a_reason() {
    let frame = Frame::default();
    let shape = |error: ChartError| matches!(error, ChartError::Shape(_));
    assert!(shape(fan::draw(&FanData::default(), &frame).unwrap_err()));
    assert!(shape(occupancy::draw(&OccupancyData::default(), &frame).unwrap_err()));
    assert!(shape(incidence::draw(&IncidenceData::default(), &frame).unwrap_err()));
    assert!(shape(exceedance::draw(&ExceedanceData::default(), &frame).unwrap_err()));
    assert!(shape(timeline::draw(&TimelineData::default(), &frame).unwrap_err()));
    let mut data = FanData {
        as_of: "yesterday".into(),
        days: vec![0.0, 1.0],
        median: vec![1.0, f64::NAN],
        bands: vec![FanBand { share: 0.9, lower: vec![0.0; 2], upper: vec![2.0; 2] }],
        ..FanData::default()
    };
    assert!(shape(fan::draw(&data, &frame).unwrap_err()));
    data.median[1] = 1.0;
    assert!(matches!(fan::draw(&data, &frame).unwrap_err(), ChartError::Date(_)));
    data.as_of = "2025-10-14".into();
    assert!(fan::draw(&data, &frame).is_ok());
    data.title = "word ".repeat(3000);
    assert_eq!(fan::draw(&data, &frame).unwrap_err(), ChartError::NoRoom);
}
