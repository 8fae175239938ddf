//! Rules, regimes, series and metrics.

use super::Compiler;
use crate::diagnostic::{Diagnostic, Span};
use crate::economy::Reading;
use crate::metrics::Builder;
use crate::model::bridge::Scope;
use crate::model::diplomacy::Gauge;
use crate::model::ids::{ActorId, CoalitionId, CounterId, GaugeId, StockId};
use crate::model::observe::{Regime, Series, SeriesKind, Shape};
use crate::model::{NamedMetric, NamedRule};
use crate::rules::RuleSpec;
use crate::scenario::spec::observe::{SeriesKindSpec, SeriesSpec};
use crate::scenario::spec::rows;
use crate::syntax::{Name, Spanned};

/// Prefix of the metrics made of `expect` rows.
pub(in crate::scenario) const EXPECTED: &str = "expect-";

impl Compiler<'_> {
    /// The rules of the file.
    pub(super) fn rules(&mut self) -> Vec<NamedRule> {
        let specs = self.rows.rules.clone();
        let mut rules = Vec::with_capacity(specs.len());
        for spec in specs {
            self.lookup.enter(format!("rule:{}", spec.id.value));
            let users = self.users(&spec.id.value);
            if let Some(rule) = spec.is.build(&mut self.lookup, &users, self.out) {
                rules.push(NamedRule { name: spec.id.value.clone(), rule });
            }
        }
        rules
    }

    /// The actors that decide by a rule, or fall back on it after a plan.
    fn users(&self, rule: &str) -> Vec<ActorId> {
        let plans = &self.doc.forced.plans;
        let uses = |actor: &crate::scenario::spec::actor::ActorSpec| {
            let own = actor.rule.as_ref().is_some_and(|name| name.value == rule);
            let planned = plans.iter().any(|plan| {
                plan.actor.value == actor.id.value
                    && plan.then.as_ref().is_some_and(|name| name.value == rule)
            });
            own || planned
        };
        let actors = self.rows.actors.iter().enumerate();
        actors.filter(|(_, actor)| uses(actor)).map(|(k, _)| ActorId::at(k)).collect()
    }

    /// Adds the rule of actors that have none: to hold.
    pub(super) fn with_hold(&mut self, mut rules: Vec<NamedRule>) -> Vec<NamedRule> {
        if self.rows.actors.iter().all(|actor| actor.rule.is_some()) {
            return rules;
        }
        let hold = crate::syntax::parse::<RuleSpec>("Table([])", self.out);
        if let Some(rule) = hold.and_then(|spec| spec.build(&mut self.lookup, &[], self.out)) {
            rules.push(NamedRule { name: "hold".to_owned(), rule });
        }
        rules
    }

    /// Regimes, worst first.
    pub(super) fn regimes(&mut self) -> Vec<Regime> {
        let specs = self.rows.regimes.clone();
        let mut regimes = Vec::with_capacity(specs.len());
        let last = specs.len().wrapping_sub(1);
        for (k, spec) in specs.iter().enumerate() {
            self.lookup.enter(format!("regime:{}", spec.id.value));
            let always = spec.when.value == crate::model::written::CondSpec::Always;
            if (k == last) != always {
                let (message, help) = if always {
                    ("the regimes after this one can never hold", "write `Always` last only")
                } else {
                    (
                        "the last regime must hold whatever happens",
                        "end with (id: \"calm\", when: Always)",
                    )
                };
                self.out.push(
                    Diagnostic::error("E032", message)
                        .at(spec.when.span)
                        .label("the first regime that holds counts")
                        .help(help),
                );
            }
            let scope = Scope { regime: true, ..Scope::default() };
            let name = &spec.id.value;
            let condition = self.guard(|| format!("regime `{name}`"), Some(&spec.when), scope);
            let Some(condition) = condition else { continue };
            regimes.push(Regime {
                name: name.clone(),
                title: spec.say.clone().unwrap_or_else(|| name.replace('_', " ")),
                condition,
            });
        }
        regimes
    }

    /// Recorded series.
    pub(super) fn series(&mut self) -> Vec<Series> {
        let specs = self.rows.series.clone();
        specs.into_iter().filter_map(|spec| self.one_series(spec)).collect()
    }

    fn one_series(&mut self, spec: &SeriesSpec) -> Option<Series> {
        self.lookup.enter(format!("series:{}", spec.id.value));
        let (kind, unit, shape) = self.series_kind(spec)?;
        let mut last = None;
        for (date, value) in &spec.history {
            let wrong = if !value.is_finite() {
                Some(("E017", "an observed value must be a finite number"))
            } else if date.date > self.lookup.epoch.as_of() {
                Some(("E025", "an observed value after `as_of`"))
            } else if last.is_some_and(|before| date.date <= before) {
                Some(("E025", "observed values are out of order"))
            } else {
                None
            };
            if let Some((code, message)) = wrong {
                self.out.push(
                    Diagnostic::error(code, message)
                        .at(date.span)
                        .label("this one")
                        .help("write (date, value) pairs in rising order, up to `as_of`"),
                );
            }
            last = Some(date.date);
        }
        Some(Series {
            name: spec.id.value.clone(),
            title: spec.say.clone().unwrap_or_else(|| spec.id.value.replace('_', " ")),
            unit: spec.unit.clone().unwrap_or_else(|| unit.to_owned()),
            kind,
            shape,
            history: spec.history.iter().map(|(date, value)| (date.date, *value)).collect(),
        })
    }

    fn series_kind(&mut self, spec: &SeriesSpec) -> Option<(SeriesKind, &'static str, Shape)> {
        let step = Shape::Step;
        Some(match &spec.is {
            SeriesKindSpec::Tariff(by, on) => {
                let (by, on) = (self.lookup.actor(by, self.out), self.lookup.actor(on, self.out));
                (SeriesKind::Tariff(by?, on?), "%", step)
            }
            SeriesKindSpec::Statutory(by, on) => {
                let (by, on) = (self.lookup.actor(by, self.out), self.lookup.actor(on, self.out));
                (SeriesKind::Statutory(by?, on?), "%", step)
            }
            SeriesKindSpec::Rung => (SeriesKind::Rung, "", step),
            SeriesKindSpec::Regime => {
                if self.lookup.regimes.is_empty() {
                    self.out.push(
                        Diagnostic::error("E029", "there are no regimes to follow")
                            .at(spec.id.span)
                            .label("shows the regime")
                            .help("define `regimes`"),
                    );
                }
                (SeriesKind::Regime, "", step)
            }
            SeriesKindSpec::Stock(name) => {
                let row = self.lookup.stocks.find(name, self.out)?;
                (SeriesKind::Stock(StockId::at(row)), "days", Shape::Linear)
            }
            SeriesKindSpec::Loss(name) => {
                (SeriesKind::Loss(self.traded(name)?), "USD bn a year", step)
            }
            SeriesKindSpec::Income(name) => {
                (SeriesKind::Income(self.traded(name)?), "% of GDP", step)
            }
            SeriesKindSpec::Imports(by, from) => {
                let (by, from) = (self.fully_traded(by)?, self.fully_traded(from)?);
                (SeriesKind::Trade(Reading::Flow(by, from)), "USD bn a year", step)
            }
            SeriesKindSpec::Output(name, sector) => {
                let region = self.fully_traded(name)?;
                let sector = match sector.value.as_str() {
                    "all" => None,
                    _ => Some(crate::instruments::sector_named(sector, &self.lookup, self.out)?),
                };
                (SeriesKind::Trade(Reading::Output(region, sector)), "%", step)
            }
            SeriesKindSpec::Revenue(name) => {
                (SeriesKind::Revenue(self.traded(name)?), "USD bn a year", step)
            }
            SeriesKindSpec::Prices(name) => (SeriesKind::Prices(self.traded(name)?), "%", step),
            SeriesKindSpec::LostOutput(name) => {
                let stock = self.stock_or_all(name)?;
                (SeriesKind::LostOutput(stock), "USD bn", Shape::Linear)
            }
            SeriesKindSpec::HultenOutput(name) => {
                let stock = self.stock_or_all(name)?;
                self.hulten(stock, spec.id.span);
                (SeriesKind::HultenOutput(stock), "USD bn", Shape::Linear)
            }
            SeriesKindSpec::Belief { about, is } => {
                let actor = self.lookup.actor(about, self.out)?;
                let position = self.lookup.actor_type(actor, is, self.out)?;
                (SeriesKind::Belief(actor, position), "probability", step)
            }
            SeriesKindSpec::CoalitionSize(name) => {
                let row = self.lookup.coalitions.find(name, self.out)?;
                (SeriesKind::Coalition(CoalitionId::at(row)), "share", step)
            }
            SeriesKindSpec::Gauge(name) => {
                let row = self.lookup.gauges.find(name, self.out)?;
                let shape = self.fading(row);
                (SeriesKind::Gauge(GaugeId::at(row)), "", shape)
            }
            SeriesKindSpec::Counter(name) => {
                let row = self.lookup.counters.find(name, self.out)?;
                (SeriesKind::Counters([(CounterId::at(row), 1)].into()), "", step)
            }
            SeriesKindSpec::Counters(parts) => {
                let mut sum = Vec::with_capacity(parts.len());
                for (name, factor) in parts {
                    sum.push((CounterId::at(self.lookup.counters.find(name, self.out)?), *factor));
                }
                (SeriesKind::Counters(sum.into()), "", step)
            }
        })
    }

    /// An actor with a region of the trade model.
    fn traded(&mut self, name: &Name) -> Option<ActorId> {
        let actor = self.lookup.actor(name, self.out)?;
        if self.doc.economy.is_absent() {
            self.out.push(
                Diagnostic::error("E029", "there is no trade model to read this from")
                    .at(name.span)
                    .label("needs `economy`")
                    .help("write economy: (base: \"hybrid2023\", horizon: months(3), elasticity: 0.76)"),
            );
            return None;
        }
        let spec = self.rows.actors.get(actor.index())?;
        if self.region_of(spec).is_none() {
            self.out.push(
                Diagnostic::error(
                    "E029",
                    format!("`{}` has no region in the trade base", name.value),
                )
                .at(name.span)
                .label("nothing to read")
                .help("give the actor a `region`, such as region: \"USA\""),
            );
            return None;
        }
        Some(actor)
    }

    /// The region of an actor, where the trade model is the full one.
    fn fully_traded(&mut self, name: &Name) -> Option<usize> {
        let actor = self.traded(name)?;
        if self.doc.economy.get().is_some_and(|spec| spec.full.is_none()) {
            self.out.push(
                Diagnostic::error("E029", "the closed form has no flows and no output by sector")
                    .at(name.span)
                    .label("needs the full trade model")
                    .help("write economy: Trade(base: \"hybrid2023\", horizon: months(3), elasticity: 0.76)"),
            );
            return None;
        }
        let spec = self.rows.actors.get(actor.index())?;
        self.region_of(spec)
    }

    fn stock_or_all(&mut self, name: &Name) -> Option<Option<StockId>> {
        if name.value == "all" {
            return Some(None);
        }
        self.lookup.stocks.find(name, self.out).map(|row| Some(StockId::at(row)))
    }

    /// The Hulten bound needs the cost share of the input.
    fn hulten(&mut self, stock: Option<StockId>, span: Span) {
        let stocks = self.rows.stocks.clone();
        for (k, spec) in stocks.into_iter().enumerate() {
            if spec.cost_share.is_none() && stock.is_none_or(|id| id.index() == k) {
                self.out.push(
                    Diagnostic::error("E022", "the Hulten bound needs the input's cost share")
                        .at(spec.id.span)
                        .label("has no `cost_share`")
                        .related(span, "the bound is asked for here")
                        .help("write cost_share: the input's part of the output's value, such as 0.001"),
                );
            }
        }
    }

    fn fading(&mut self, row: usize) -> Shape {
        let spec = self.rows.gauges[row];
        let mut silent = crate::diagnostic::Diagnostics::new();
        let mut side = |num: &Option<crate::syntax::Num>, default: f64| match num {
            Some(num) => self
                .lookup
                .constant(num, crate::model::lookup::Dim::Free, &mut silent)
                .unwrap_or(default),
            None => default,
        };
        Shape::Fade { half_life: side(&spec.half_life, f64::INFINITY), rest: side(&spec.rest, 0.0) }
    }

    /// Metrics in file order, then one for each row of `expect`. Units are filled in once the model
    /// stands.
    pub(super) fn metrics(&mut self) -> Vec<NamedMetric> {
        let doc = self.doc;
        let expected = rows(&doc.expect);
        let mut names: Vec<Name> = self.rows.metrics.iter().map(|row| row.id.clone()).collect();
        let mut titles: Vec<String> = Vec::with_capacity(names.len());
        let mut worse: Vec<_> = self.rows.metrics.iter().map(|row| row.worse).collect();
        worse.resize(names.len() + expected.len(), None);
        for row in &self.rows.metrics {
            titles.push(row.say.clone().unwrap_or_else(|| row.id.value.replace('_', " ")));
        }
        for (k, row) in expected.iter().enumerate() {
            names.push(Spanned::new(format!("{EXPECTED}{}", k + 1), row.say.span));
            titles.push(row.say.value.clone());
            let (low, high) = row.within.value;
            if low.is_nan() || high.is_nan() || low > high {
                self.out.push(
                    Diagnostic::error("E023", "the observed range runs backwards")
                        .at(row.within.span)
                        .label("write (low, high)"),
                );
            }
        }
        let specs = self.rows.metrics.iter().map(|row| &row.is);
        let specs = specs.chain(expected.iter().map(|row| &row.is));
        self.lookup.enter("metric");
        let mut builder = Builder::new(names.iter().zip(specs));
        let built = builder.all(&mut self.lookup, self.out);
        let named = names.iter().zip(titles).zip(worse).zip(built);
        named
            .filter_map(|(((name, title), worse), metric)| {
                let (name, unit) = (name.value.clone(), String::new());
                Some(NamedMetric { name, title, unit, worse, metric: metric? })
            })
            .collect()
    }

    /// Gauges.
    pub(super) fn gauges(&mut self) -> Vec<Gauge> {
        use crate::model::lookup::Dim;
        let specs = self.rows.gauges.clone();
        let mut gauges = Vec::with_capacity(specs.len());
        for spec in specs {
            let low = self.lookup.constant(&spec.within.0, Dim::Free, self.out);
            let high = self.lookup.constant(&spec.within.1, Dim::Free, self.out);
            let half_life = self.constant_or(spec.half_life.as_ref(), Dim::Positive, f64::INFINITY);
            let rest = self.constant_or(spec.rest.as_ref(), Dim::Free, 0.0);
            let start = self.number_or(spec.start.as_ref(), Dim::Free, rest.unwrap_or(0.0));
            let (Some(low), Some(high), Some(half_life), Some(rest), Some(start)) =
                (low, high, half_life, rest, start)
            else {
                continue;
            };
            let inside = |x: f64| (low..=high).contains(&x);
            let fixed = match start {
                crate::model::value::Value::Const(x) => x,
                crate::model::value::Value::Input(_) => rest,
            };
            if low >= high || !inside(rest) || !inside(fixed) {
                self.out.push(
                    Diagnostic::error("E023", "a gauge starts and rests within its bounds")
                        .at(spec.id.span)
                        .label(format!("bounds {low} to {high}, start {fixed}, rest {rest}"))
                        .help(
                            "write within: (low, high) with low < high, and start and rest between",
                        ),
                );
            }
            gauges.push(Gauge { name: spec.id.value.clone(), start, low, high, half_life, rest });
        }
        gauges
    }
}
