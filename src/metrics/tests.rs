//! Every form read off hand-made paths with known answers, and what is refused.

#![allow(clippy::float_cmp, reason = "the expected values are exact")]

use super::*;
use crate::diagnostic::Diagnostics;
use crate::math::close;
use crate::model::actor::{Actor, Values};
use crate::model::ids::{ActorId, MoveId, RuleId};
use crate::model::lookup::MeasureFacts;
use crate::model::observe::Shape;
use crate::model::path::{Act, Path, Point, Track};
use crate::model::value::Value;
use crate::model::{Grid, Model, Ties};
use crate::sim::contract::MetricKind;
use crate::sim::program::Program;
use crate::syntax::{Items, Name, Spanned};
use crate::units::{Date, Epoch, Tick};

/// Ten days from 15 October on.
const END: i64 = 10 * 1440;

fn lookup() -> Lookup {
    let mut out = Diagnostics::new();
    let mut lookup = Lookup::new(Epoch::new(Date::parse("2025-10-14").unwrap()), Tick(90 * 1440));
    let name = |text: &str| Spanned::synthetic(text.to_owned());
    for actor in ["US", "CN"] {
        lookup.actors.add(&name(actor), &mut out);
    }
    lookup.terms = vec![vec!["Income".into(), "Audience".into()], vec!["Income".into()]];
    for (k, measure) in ["tariff", "curbs"].iter().enumerate() {
        lookup.measures.add(&name(measure), &mut out);
        lookup.facts.push(MeasureFacts {
            members: vec![crate::model::ids::MeasureId::at(k)],
            levels: vec![("100".into(), 100.0)],
            owner: ActorId::at(k),
        });
    }
    for series in ["us_tariff", "loss_us", "loss_cn"] {
        lookup.series.add(&name(series), &mut out);
    }
    for row in ["list", "talk@US", "talk@CN"] {
        let k = lookup.moves.add(&name(row), &mut out).unwrap();
        let written = row.split('@').next().unwrap();
        lookup.move_rows.entry(written.into()).or_default().push(k);
    }
    lookup.meetings.add(&name("summit"), &mut out);
    for regime in ["war", "peace"] {
        lookup.regimes.add(&name(regime), &mut out);
    }
    assert!(out.is_empty());
    lookup
}

/// A program with nothing in it but what metrics read: regimes, payoff unit, economies.
fn program() -> Program {
    Program::new(bare_model())
}

fn path() -> Path {
    let day = |x: f64| Tick::from_days(x);
    let act = |x: f64, by: u16, by_move: Option<u16>, weight: f64| Act {
        at: day(x),
        by: ActorId(by),
        by_move: by_move.map(MoveId),
        weight,
    };
    let point = |x: f64, value: f64, slope: f64| Point { at: day(x), value, slope };
    Path {
        end: Tick(END),
        horizon: Tick(90 * 1440),
        stopped: true,
        events: 42,
        // First watch: holds from day 2 to day 5; second: from the start to day 1.
        watch_start: vec![false, true],
        watch_changes: vec![vec![day(2.0), day(5.0)], vec![day(1.0)]],
        // First tracker: twice, from day 3; second: once, on day 4; third: never.
        tracks: vec![
            Track { count: 2, first: day(3.0), last: day(6.0) },
            Track { count: 1, first: day(4.0), last: day(4.0) },
            Track::NONE,
        ],
        series: vec![
            // Steps: 10 until day 4, for no time 500, then 50 until day 8, then 20.
            vec![
                point(0.0, 10.0, 0.0),
                point(4.0, 500.0, 0.0),
                point(4.0, 50.0, 0.0),
                point(8.0, 20.0, 0.0),
            ],
            // A line from 0, one a day.
            vec![point(0.0, 0.0, 1.0)],
            // Fades from 8 to 0, halving in two days.
            vec![point(0.0, 8.0, 0.0)],
        ],
        shapes: vec![Shape::Step, Shape::Linear, Shape::Fade { rest: 0.0, half_life: 2.0 }],
        acts: vec![
            act(1.0, 0, Some(0), 2.0),
            act(1.5, 1, Some(2), -1.0),
            act(3.0, 0, None, 4.0),
            act(6.0, 1, Some(2), 1.0),
            act(8.0, 0, Some(1), 1.0),
        ],
        features: vec![vec![2.0, 3.0], vec![1.0]],
        prices: vec![-0.5, 0.0],
        weights: vec![vec![1.0, -2.0], vec![4.0]],
        ..Path::default()
    }
}

fn bare_model() -> Model {
    use crate::model::observe::{Regime, Series, SeriesKind};
    let regime = |name: &str| Regime {
        name: name.into(),
        title: name.into(),
        condition: crate::model::condition::Condition::Always,
    };
    let series = |unit: &str| Series {
        name: String::new(),
        title: String::new(),
        unit: unit.into(),
        kind: SeriesKind::Rung,
        shape: Shape::Step,
        history: Vec::new(),
    };
    let epoch = Epoch::new(Date::parse("2025-10-14").unwrap());
    Model {
        scenario: String::new(),
        title: String::new(),
        branch: String::new(),
        branch_title: String::new(),
        epoch,
        horizon: Tick(90 * 1440),
        unit: "% of GDP".into(),
        discount: Value::Const(0.0),
        tail: Value::Const(0.0),
        max_events: 1000,
        ties: Ties::File,
        grid: Grid::default(),
        ends: None,
        economy: None,
        inputs: Vec::new(),
        laws: Vec::new(),
        actors: vec![actor("US", 200.0), actor("CN", 0.0)],
        moves: Vec::new(),
        measures: Vec::new(),
        groups: Vec::new(),
        legal: Vec::new(),
        counters: Vec::new(),
        gauges: Vec::new(),
        channels: Vec::new(),
        meetings: Vec::new(),
        packages: Vec::new(),
        truces: Vec::new(),
        coalitions: Vec::new(),
        stocks: Vec::new(),
        clocks: Vec::new(),
        eves: Vec::new(),
        rules: Vec::new(),
        regimes: vec![regime("war"), regime("peace")],
        series: vec![series("%"), series("USD bn a year"), series("")],
        watches: Vec::new(),
        trackers: Vec::new(),
        metrics: Vec::new(),
        unanswered: Vec::new(),
        fires: Vec::new(),
    }
}

fn actor(name: &str, gdp: f64) -> Actor {
    let none = Value::Const(0.0);
    Actor {
        name: name.into(),
        title: name.into(),
        region: None,
        gdp,
        types: vec![String::new()],
        prior: vec![Value::Const(1.0)],
        nature: vec![Value::Const(1.0)],
        terms: Vec::new(),
        reacts: Vec::new(),
        reviews: None,
        rule: RuleId(0),
        values: Values { horizon: 90.0, precision: none, hurdle: none, trust: None },
        plan: None,
        moves: Vec::new(),
    }
}

type Built = Result<Arc<dyn Metric>, Vec<&'static str>>;

/// The last of a list of named metrics.
fn build_last(text: &str) -> Built {
    #[derive(serde::Deserialize)]
    struct Row {
        id: Name,
        is: MetricSpec,
    }
    let mut out = Diagnostics::new();
    let rows: Option<Items<Row>> = crate::syntax::parse(text, &mut out);
    let mut last = None;
    if let Some(rows) = &rows {
        let named = rows.iter().map(|row| (&row.id, &row.is));
        last = Builder::new(named).all(&mut lookup(), &mut out).pop().flatten();
    }
    let codes: Vec<_> = out.errors().map(|d| d.code).collect();
    if codes.is_empty() { Ok(last.unwrap()) } else { Err(codes) }
}

fn build(text: &str) -> Built {
    build_last(&format!("[(id: \"m\", is: {text})]"))
}

/// The value on the path of the tests, and the unit. Conditions and events are those that the form
/// registers first, second, third: the path's watches and tracks are by that order.
fn read(text: &str) -> (f64, String) {
    let (program, metric) = (program(), build(text).unwrap());
    (metric.measure(&program, &path()), metric.unit(&program.model))
}

fn value(text: &str) -> f64 {
    read(text).0
}

#[test]
fn every_kind_has_a_sentence_and_an_example_that_builds() {
    for info in ALL {
        assert!(info.doc.ends_with('.') && info.doc.len() > 20, "{}", info.name);
        assert!(info.example.starts_with(info.name), "{}", info.example);
        let built = build(info.example);
        assert!(built.is_ok(), "{}: {built:?}", info.example);
    }
}

const IN_FORCE: &str = "Is(\"tariff\", InForce)";

#[test]
fn conditions_at_dates() {
    // The first watch holds from the end of 16 October (day 2) to day 5.
    for (on, yes) in [
        ("\"2025-10-15\"", 0.0),
        ("\"2025-10-16\"", 0.0),
        ("\"2025-10-17\"", 1.0),
        ("\"2025-10-19\"", 1.0),
        ("\"2025-10-20\"", 0.0),
        ("2", 1.0),
        ("1.999", 0.0),
        ("5", 0.0),
        ("80", 0.0),
    ] {
        assert_eq!(value(&format!("At({on}, {IN_FORCE})")), yes, "{on}");
    }
    assert_eq!(value(&format!("Ever({IN_FORCE})")), 1.0);
    assert_eq!(read(&format!("DaysWhile({IN_FORCE})")), (3.0, "days".into()));
}

#[test]
fn events_and_their_order() {
    let event = "Effective(\"tariff\")";
    assert_eq!(value(&format!("Happens({event})")), 1.0);
    assert_eq!(value(&format!("By(\"2025-10-17\", {event})")), 0.0);
    assert_eq!(value(&format!("By(\"2025-10-18\", {event})")), 1.0);
    assert_eq!(value(&format!("By(3, {event})")), 1.0);
    assert_eq!(value(&format!("By(2.99, {event})")), 0.0);
    assert_eq!(read(&format!("FirstDay({event})")), (3.0, "days".into()));
    // Trackers in order of mention: on day 3, on day 4, never.
    let (a, b, c) = ("Effective(\"tariff\")", "Dropped(\"tariff\")", "Held(\"summit\")");
    let with = |x: &str, y: &str| {
        // The first mention fixes which track is which.
        let text = format!("Given(Happens(AnyOf([{a}, {b}, {c}])), InOrder({x}, {y}))");
        value(&text)
    };
    assert_eq!(with(a, b), 1.0);
    assert_eq!(with(b, a), 0.0);
    assert_eq!(with(a, c), 1.0);
    assert_eq!(with(c, a), 0.0);
    assert_eq!(with(a, a), 1.0);
    let never = format!("Given(Happens(AnyOf([{a}, {b}, {c}])), FirstDay({c}))");
    assert_eq!(value(&never), f64::INFINITY);
}

#[test]
fn numbers_of_series() {
    let percent = |x: f64| (x, "%".to_owned());
    // The 500 stood between two events of one minute only.
    assert_eq!(read("Peak(\"us_tariff\")"), percent(50.0));
    assert_eq!(read("Low(\"us_tariff\")"), percent(10.0));
    assert_eq!(read("End(\"us_tariff\")"), percent(20.0));
    assert_eq!(read("Mean(\"us_tariff\")"), percent((40.0 + 200.0 + 40.0) / 10.0));
    assert_eq!(read("DaysAbove(\"us_tariff\", 10)"), (6.0, "days".into()));
    assert_eq!(read("DaysAbove(\"us_tariff\", 9)"), (10.0, "days".into()));
    let (area, unit) = read("Area(\"us_tariff\")");
    assert!(close(area, 280.0 / 365.0, 1e-12));
    assert_eq!(unit, "% × years");
    // The line.
    assert_eq!(read("Peak(\"loss_us\")"), (10.0, "USD bn a year".into()));
    assert_eq!(value("Low(\"loss_us\")"), 0.0);
    assert_eq!(value("Mean(\"loss_us\")"), 5.0);
    let (area, unit) = read("Area(\"loss_us\")");
    assert!(close(area, 50.0 / 365.0, 1e-12));
    assert_eq!(unit, "USD bn");
    assert!(close(value("DaysAbove(\"loss_us\", 7.5)"), 2.5, 1e-9));
    // The fading one: 8 · 2^(-t/2).
    assert!(close(value("End(\"loss_cn\")"), 0.25, 1e-12));
    assert!(close(value("Low(\"loss_cn\")"), 0.25, 1e-12));
    assert!(close(value("DaysAbove(\"loss_cn\", 2)"), 4.0, 1e-9));
    let mean = 7.75 * 2.0 / std::f64::consts::LN_2 / 10.0;
    assert!(close(value("Mean(\"loss_cn\")"), mean, 1e-12));
    assert_eq!(read("Area(\"loss_cn\")").1, "years");
}

#[test]
fn a_trial_that_ends_at_its_start_has_no_mean() {
    let mut path = path();
    path.end = Tick::ZERO;
    let (program, mean) = (program(), build("Mean(\"us_tariff\")").unwrap());
    assert!(mean.measure(&program, &path).is_nan());
    let peak = build("Peak(\"us_tariff\")").unwrap();
    assert_eq!(peak.measure(&program, &path), 10.0);
}

#[test]
fn acts_events_and_payoffs() {
    assert_eq!(value("Count(by: \"US\")"), 2.0);
    assert_eq!(value("Count(by: \"CN\", sign: Up)"), 1.0);
    assert_eq!(value("Count(by: \"CN\", sign: Down)"), 1.0);
    assert_eq!(value("Count(move: \"talk\")"), 3.0);
    assert_eq!(value("Count(move: \"list\")"), 1.0);
    assert_eq!(value("Events"), 42.0);
    assert_eq!(value("Events()"), 42.0);
    assert_eq!(read("Payoff(\"US\")"), (2.0 - 6.0 - 0.5, "% of GDP".into()));
    assert_eq!(value("Payoff(\"CN\")"), 4.0);
    assert_eq!(read("Term(\"US\", \"Audience\")"), (-6.0, "% of GDP".into()));
}

#[test]
fn answers_within_a_span() {
    // The first act of weight 1 of another than Beijing is on day 1, Beijing's answer on day 6.
    assert_eq!(value("AnsweredWithin(\"CN\", 5)"), 1.0);
    assert_eq!(value("AnsweredWithin(\"CN\", 4.9)"), 0.0);
    // To the event of day 3; its answer comes three days later.
    assert_eq!(value("AnsweredWithin(\"CN\", 3, Effective(\"tariff\"))"), 1.0);
    assert_eq!(value("AnsweredWithin(\"CN\", days(2), Effective(\"tariff\"))"), 0.0);
    // Beijing's act of day 6 is answered on day 8.
    assert_eq!(value("AnsweredWithin(\"US\", 2)"), 1.0);
    // Not answered, but the run ended before the window did; or nothing to answer.
    let (program, mut path) = (program(), path());
    path.acts.truncate(3);
    let measure = |text: &str| build(text).unwrap().measure(&program, &path);
    assert!(measure("AnsweredWithin(\"CN\", 30)").is_nan());
    assert_eq!(measure("AnsweredWithin(\"CN\", 9)"), 0.0);
    assert!(measure("AnsweredWithin(\"US\", 2)").is_nan());
}

#[test]
fn numbers_combined() {
    assert_eq!(read("Minus(Peak(\"us_tariff\"), 8)"), (42.0, "%".into()));
    assert_eq!(
        read("Divide(Peak(\"loss_us\"), Gdp(\"US\"))"),
        (0.05, "USD bn a year per USD bn".into())
    );
    assert_eq!(read("Divide(Gdp(\"US\"), Gdp(\"US\"))"), (1.0, String::new()));
    assert!(value("Divide(Events, Gdp(\"CN\"))").is_nan());
    assert_eq!(value("AtLeast(Peak(\"us_tariff\"), 50)"), 1.0);
    assert_eq!(value("AtLeast(Peak(\"us_tariff\"), 50.1)"), 0.0);
    assert!(value("AtLeast(Divide(Events, Gdp(\"CN\")), 0)").is_nan());
    assert_eq!(value(&format!("Given(Ever({IN_FORCE}), Peak(\"us_tariff\"))")), 50.0);
    assert!(value(&format!("Given(At(1, {IN_FORCE}), Peak(\"us_tariff\"))")).is_nan());
}

#[test]
fn the_regime_at_the_end() {
    let metric = build("Final(Regime)").unwrap();
    let (program, mut path) = (program(), path());
    assert_eq!(metric.kind(), MetricKind::Category);
    assert_eq!(metric.labels(&program), ["war", "peace"]);
    path.watch_start = vec![false, true];
    path.watch_changes = vec![vec![], vec![]];
    assert_eq!(metric.measure(&program, &path), 1.0);
    path.watch_changes = vec![vec![Tick(END)], vec![Tick(END)]];
    assert_eq!(metric.measure(&program, &path), 0.0);
    let given = build(&format!("Given(Ever({IN_FORCE}), Final(Regime))")).unwrap();
    assert_eq!(given.labels(&program), ["war", "peace"]);
}

#[test]
fn metrics_use_each_other_in_any_order() {
    let text = "[(id: \"d\", is: Divide(\"m\", \"p\")), (id: \"p\", is: Peak(\"us_tariff\")), \
                 (id: \"m\", is: Minus(\"p\", 40)), (id: \"last\", is: Minus(\"d\", 0))]";
    let (program, metric) = (program(), build_last(text).unwrap());
    assert!(close(metric.measure(&program, &path()), 0.2, 1e-12));
}

#[test]
fn mistakes_are_found() {
    let codes = |text: &str| build(text).map(|_| ()).unwrap_err();
    assert_eq!(codes("Peak(\"us_tarif\")"), ["E020"]);
    assert_eq!(codes("At(\"2024-01-01\", Always)"), ["E025"]);
    assert_eq!(codes("By(100, Held(\"summit\"))"), ["E025"]);
    assert_eq!(codes("Count(sign: Up)"), ["E022"]);
    assert_eq!(codes("Count(move: \"list\", by: \"US\")"), ["E022"]);
    assert_eq!(codes("Term(\"US\", \"Audiance\")"), ["E020"]);
    assert_eq!(codes("AtLeast(FirstDay(Held(\"summit\")), 3)"), ["E022"]);
    assert_eq!(codes("AtLeast(Events, Fixed(3))"), ["E022"]);
    assert_eq!(codes("Minus(Ever(Always), Final(Regime))"), ["E022", "E022"]);
    assert_eq!(codes("Given(Events, Events)"), ["E022"]);
    assert_eq!(codes("Given(\"nobody\", \"m\")"), ["E020", "E036"]);
    assert_eq!(codes("Peek(\"us_tariff\")"), ["E012"]);
    assert_eq!(codes("Final(Regimes)"), ["E012"]);
    assert_eq!(codes("DaysAbove(\"us_tariff\")"), ["E015"]);
    let circle = "[(id: \"a\", is: Minus(\"b\", 1)), (id: \"b\", is: Minus(\"c\", 1)), \
                   (id: \"c\", is: Minus(\"a\", 1))]";
    assert_eq!(build_last(circle).map(|_| ()).unwrap_err(), ["E036"]);
    let deep = format!("{}Events{}", "Minus(".repeat(70), ", 1)".repeat(70));
    assert!(!codes(&deep).is_empty());
}

#[test]
fn the_worse_end_follows_from_the_form() {
    use crate::sim::contract::Worse::{High, Low};
    let model = bare_model();
    let worse = |text: &str| build(text).unwrap().worse(&model);
    assert_eq!(worse("Peak(\"us_tariff\")"), Some(High));
    assert_eq!(worse("DaysAbove(\"us_tariff\", 80)"), Some(High));
    assert_eq!(worse("AtLeast(Mean(\"us_tariff\"), 80)"), Some(High));
    assert_eq!(
        (worse("Payoff(\"US\")"), worse("Term(\"US\", \"Audience\")")),
        (Some(Low), Some(Low))
    );
    assert_eq!(worse("Final(Regime)"), Some(Low));
    // A loss less a payoff is worse high; of a loss less a loss nobody can say.
    assert_eq!(worse("Minus(Area(\"loss_us\"), Payoff(\"US\"))"), Some(High));
    assert_eq!(worse("Minus(Area(\"loss_us\"), Area(\"loss_cn\"))"), None);
    assert_eq!(worse("Divide(Area(\"loss_us\"), Gdp(\"US\"))"), Some(High));
    assert_eq!(worse("Given(Happens(Signed(\"any\")), Payoff(\"US\"))"), Some(Low));
    assert_eq!((worse("Happens(Signed(\"any\"))"), worse("Events")), (None, None));
}
