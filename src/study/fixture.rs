//! A small model made by hand: three exponential clocks race, the first to ring ends the trial.

use crate::draws::{Address, Purpose};
use crate::model::clock::{Clock, ClockLaw, Restart};
use crate::model::condition::Condition;
use crate::model::diplomacy::Counter;
use crate::model::effect::Effect;
use crate::model::ids::{ClockId, CounterId, InputId, LawId, SeriesId, TrackerId, WatchId};
use crate::model::observe::{Pattern, Regime, Series, SeriesKind, Shape, Watch};
use crate::model::path::Path;
use crate::model::value::{Law, Rate, Recipe, Value};
use crate::model::{Grid, Input, Model, NamedMetric, Ties};
use crate::sim::contract::{Metric, MetricKind, Question};
use crate::sim::program::Program;
use crate::stats::dist::Dist;
use crate::units::{Date, Epoch, Tick};
use std::sync::Arc;

/// Rates a day of deal, escalation and shock: the case `competing-3` of the kernel's samples.
pub(crate) const RATES: [f64; 3] = [0.01, 0.025, 0.004];
/// Days in a trial.
pub(crate) const DAYS: i64 = 120;

/// Whether a clock was the first to ring.
#[derive(Debug)]
struct First(TrackerId);

impl Metric for First {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }
    fn measure(&self, _: &Program, path: &Path) -> f64 {
        if path.track(&[self.0]).count > 0 { 1.0 } else { 0.0 }
    }
    fn moment(&self, path: &Path) -> Option<Tick> {
        Some(path.track(&[self.0]).first)
    }
    fn question(&self) -> Option<Question> {
        Some(Question::HappensBy(vec![self.0], Tick::NEVER))
    }
}

/// When the first clock rang.
#[derive(Debug)]
struct When;

impl Metric for When {
    fn kind(&self) -> MetricKind {
        MetricKind::Time
    }
    fn measure(&self, _: &Program, path: &Path) -> f64 {
        let first = path.watch_first(WatchId(0));
        if first == Tick::NEVER { f64::INFINITY } else { first.days() }
    }
    fn question(&self) -> Option<Question> {
        Some(Question::FirstDay((0..3).map(TrackerId).collect()))
    }
}

/// Days in the trial, but no value where nothing rang.
#[derive(Debug)]
struct Length;

impl Metric for Length {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }
    fn measure(&self, _: &Program, path: &Path) -> f64 {
        if path.stopped { path.end.days() } else { f64::NAN }
    }
}

/// Which regime holds at the end.
#[derive(Debug)]
struct End;

impl Metric for End {
    fn kind(&self) -> MetricKind {
        MetricKind::Category
    }
    fn measure(&self, _: &Program, path: &Path) -> f64 {
        path.value_at(SeriesId(0), path.horizon)
    }
    fn labels(&self, _: &Program) -> Vec<String> {
        vec!["over".into(), "open".into()]
    }
}

fn clock(name: &str, law: usize) -> Clock {
    Clock {
        name: name.into(),
        law: ClockLaw::Law(LawId::at(law)),
        condition: Condition::Always,
        restart: Restart::Fresh,
        max: 1,
        chance: None,
        effects: Box::new([Effect::Add(CounterId(0), 1)]),
        otherwise: Box::new([]),
        age: 0.0,
        address: Address::new(Purpose::Clock, name),
        chance_address: Address::new(Purpose::ClockChance, name),
        story: String::new(),
    }
}

fn metric(name: &str, metric: Arc<dyn Metric>) -> NamedMetric {
    NamedMetric {
        name: name.into(),
        title: String::new(),
        unit: String::new(),
        worse: None,
        metric,
    }
}

/// The race under a branch; `speed` multiplies the first rate.
pub(crate) fn race(branch: &str, speed: f64) -> Program {
    let names = ["deal", "escalation", "shock"];
    let law = |k: usize| {
        let rate = Value::Const(RATES[k] * if k == 0 { speed } else { 1.0 });
        let recipe = Recipe::Exponential(rate, Rate::PerDay);
        let fixed = Some(recipe.dist(&[], &[]));
        Law { name: names[k].into(), recipe, fixed }
    };
    let over = Condition::Counter(CounterId(0), 1);
    Program::new(Model {
        scenario: "race".into(),
        title: "Race".into(),
        branch: branch.into(),
        branch_title: branch.into(),
        epoch: Epoch::new(Date::parse("2025-10-14").unwrap()),
        horizon: Tick(DAYS * 1440),
        unit: String::new(),
        discount: Value::Const(0.0),
        tail: Value::Const(0.0),
        max_events: 100_000,
        ties: Ties::File,
        grid: Grid::default(),
        ends: Some(WatchId(0)),
        economy: None,
        inputs: vec![Input {
            name: "unused".into(),
            unit: String::new(),
            dist: Dist::Uniform { low: 0.0, high: 1.0 },
            source: None,
            confidence: None,
            observed: None,
            address: Address::new(Purpose::Input, "unused"),
            weight: false,
            bins: vec![0.1, 0.3, 0.5, 0.7, 0.9],
        }],
        laws: (0..3).map(law).collect(),
        actors: Vec::new(),
        moves: Vec::new(),
        measures: Vec::new(),
        groups: Vec::new(),
        legal: Vec::new(),
        counters: vec![Counter { name: "rung".into(), start: 0, low: 0, high: 9 }],
        gauges: Vec::new(),
        channels: Vec::new(),
        meetings: Vec::new(),
        packages: Vec::new(),
        truces: Vec::new(),
        coalitions: Vec::new(),
        stocks: Vec::new(),
        clocks: (0..3).map(|k| clock(names[k], k)).collect(),
        eves: Vec::new(),
        rules: Vec::new(),
        regimes: vec![
            Regime { name: "over".into(), title: "Over".into(), condition: over.clone() },
            Regime { name: "open".into(), title: String::new(), condition: Condition::Always },
        ],
        series: vec![
            Series {
                name: "regime".into(),
                title: String::new(),
                unit: String::new(),
                kind: SeriesKind::Regime,
                shape: Shape::Step,
                history: Vec::new(),
            },
            Series {
                name: "rung".into(),
                title: "Rung".into(),
                unit: "steps".into(),
                kind: SeriesKind::Counters(Box::new([(CounterId(0), 1)])),
                shape: Shape::Step,
                history: Vec::new(),
            },
        ],
        watches: vec![Watch { condition: over, becomes: Vec::new() }],
        trackers: (0..3).map(|k| Pattern::Fired(ClockId::at(k))).collect(),
        metrics: vec![
            metric("deal_first", Arc::new(First(TrackerId(0)))),
            metric("escalation_first", Arc::new(First(TrackerId(1)))),
            metric("when", Arc::new(When)),
            metric("length", Arc::new(Length)),
            metric("end", Arc::new(End)),
        ],
        unanswered: Vec::new(),
        fires: Vec::new(),
    })
}

/// An input of this model, so that tests can name one.
pub(crate) const UNUSED: InputId = InputId(0);
