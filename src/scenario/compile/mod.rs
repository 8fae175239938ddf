//! From the written file to a [`Model`]: every name is registered first, then every element is filled.
//!
//! A mistake never stops the pass: the element is left out, the finding is kept, and the next element
//! is compiled, so that one pass finds all mistakes. A model is given only if there was none.
//! Addresses of draws are made of written names, never of positions: an element added or removed
//! elsewhere leaves the draws of the others alone.

mod actors;
mod chance;
mod diplomacy;
mod measures;
mod names;
mod observe;

pub(super) use names::named;
pub(super) use observe::EXPECTED;

use super::spec::economy::EconomySpec;
use super::spec::{Document, TiesWord};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::economy::Economy;
use crate::model::bridge::Scope;
use crate::model::condition::Condition;
use crate::model::ids::WatchId;
use crate::model::lookup::{Dim, Lookup};
use crate::model::value::{Lag, Value};
use crate::model::written::CondSpec;
use crate::model::{EconomyLink, Grid, Model, Ties};
use crate::syntax::{Num, Spanned};
use crate::units::{Epoch, Tick};
use names::Rows;
use std::sync::Arc;

/// Longest run: a century.
const LONGEST_DAYS: f64 = 36_525.0;

/// A trade model as it is written; what is wrong with it is reported.
pub(super) type Economies<'a> =
    &'a dyn Fn(&EconomySpec, &mut Diagnostics) -> Option<Arc<dyn Economy>>;

/// How a model and its branch are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Titles<'a> {
    pub(super) scenario: &'a str,
    pub(super) branch: &'a str,
    pub(super) branch_title: &'a str,
}

/// A compiled model with what the lints need to know about the way there.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) model: Model,
    pub(super) lookup: Lookup,
    pub(super) guards: Vec<Guard>,
}

/// A condition of the file with its place, for the search for contradictions.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) what: String,
    pub(super) condition: Condition,
    pub(super) span: Span,
}

/// The pass at work.
struct Compiler<'a> {
    doc: &'a Document,
    rows: Rows<'a>,
    lookup: Lookup,
    out: &'a mut Diagnostics,
    guards: Vec<Guard>,
    /// Medians of the inputs, by id.
    medians: Vec<f64>,
}

/// Compiles a document. Findings go to `out`. Where there was an error the model lacks the elements that
/// were wrong: it can be searched for more mistakes, and is not run. Nothing is given without a time
/// axis.
pub(super) fn compile(
    doc: &Document,
    titles: Titles<'_>,
    economies: Economies<'_>,
    out: &mut Diagnostics,
) -> Option<Compiled> {
    let (epoch, horizon) = time_axis(doc, out)?;
    let mut lookup = Lookup::new(epoch, horizon);
    let economy = doc.economy.get().and_then(|spec| economies(spec, out));
    if let Some(economy) = &economy {
        lookup.regions = economy.base().regions().to_vec();
        lookup.sectors = economy.base().sectors().to_vec();
    }
    let rows = Rows::register(doc, &mut lookup, out);
    let mut pass = Compiler { doc, rows, lookup, out, guards: Vec::new(), medians: Vec::new() };
    let model = pass.model(titles, economy);
    let (lookup, guards) = (pass.lookup, pass.guards);
    if lookup.crowded {
        out.push(
            Diagnostic::error("E023", "the file has more laws, events and conditions than fit")
                .help("name a law once in `laws`, and ask for the same event in the same words"),
        );
    }
    Some(Compiled { model, lookup, guards })
}

/// The time axis, or what is missing for it.
fn time_axis(doc: &Document, out: &mut Diagnostics) -> Option<(Epoch, Tick)> {
    for (absent, field, example) in [
        (doc.title.is_absent(), "title", "title: \"What this scenario is about\""),
        (doc.as_of.is_absent(), "as_of", "as_of: \"2025-10-14\", the last day of history"),
        (doc.until.is_absent(), "until", "until: \"2026-01-12\", or a number of days"),
    ] {
        if absent {
            out.push(
                Diagnostic::error("E013", format!("the scenario has no `{field}`"))
                    .at(Span::new(0, 1))
                    .help(format!("write {example}")),
            );
        }
    }
    let as_of = doc.as_of.get()?;
    let until = doc.until.get()?;
    let epoch = Epoch::new(as_of.date);
    let horizon = Lookup::new(epoch, Tick::ZERO).end_of(&until.value);
    if horizon <= Tick::ZERO || horizon.days() > LONGEST_DAYS {
        out.push(
            Diagnostic::error("E025", "`until` must be later than `as_of`, by a century at most")
                .at(until.span)
                .label("the end of the run")
                .related(as_of.span, "the last day of history")
                .help("write a later date, or a number of days such as 90"),
        );
        return None;
    }
    Some((epoch, horizon))
}

impl Compiler<'_> {
    fn model(&mut self, titles: Titles<'_>, economy: Option<Arc<dyn Economy>>) -> Model {
        let inputs = self.inputs();
        self.medians = inputs.iter().map(|input| input.dist.median()).collect();
        self.laws();
        let discount = self.number_or(self.doc.discount.get(), Dim::NotNegative, 0.0);
        let tail = self.tail();
        let grid = self.grid();
        let economy = self.economy(economy);
        let counters = self.counters();
        let gauges = self.gauges();
        let stocks = self.stocks();
        let (mut measures, groups) = self.measures();
        let channels = self.channels();
        let packages = self.packages();
        let mut meetings = self.meetings();
        let mut truces = self.truces();
        let coalitions = self.coalitions();
        let eves = self.eves(&mut measures, &mut meetings, &mut truces);
        let moves = self.moves();
        let rules = self.rules();
        let actors = self.actors(&moves, rules.len());
        let rules = self.with_hold(rules);
        let clocks = self.clocks();
        let regimes = self.regimes();
        let series = self.series();
        let metrics = self.metrics();
        let unanswered = self.unanswered(&actors);
        let fires = self.fires();
        let ends = self.ends();
        let mut inputs = inputs;
        for (input, weight) in inputs.iter_mut().zip(&self.lookup.weight_inputs) {
            input.weight = *weight;
        }
        let doc = self.doc;
        let mut model = Model {
            scenario: titles.scenario.to_owned(),
            title: doc.title.get().map_or_else(String::new, |title| title.value.clone()),
            branch: titles.branch.to_owned(),
            branch_title: titles.branch_title.to_owned(),
            epoch: self.lookup.epoch,
            horizon: self.lookup.horizon,
            unit: doc.unit.get().map_or_else(|| "% of GDP".to_owned(), |unit| unit.value.clone()),
            discount: discount.unwrap_or(Value::Const(0.0)),
            tail: tail.unwrap_or(Value::Const(0.0)),
            max_events: self.max_events(),
            ties: match doc.ties.get() {
                Some(TiesWord::Random) => Ties::Random,
                _ => Ties::File,
            },
            grid,
            ends,
            economy,
            inputs,
            laws: std::mem::take(&mut self.lookup.law_rows),
            actors,
            moves,
            measures,
            groups,
            legal: self.lookup.legal.iter().map(|(name, _)| name.to_owned()).collect(),
            counters,
            gauges,
            channels,
            meetings,
            packages,
            truces,
            coalitions,
            stocks,
            clocks,
            eves,
            rules,
            regimes,
            series,
            watches: std::mem::take(&mut self.lookup.watches),
            trackers: std::mem::take(&mut self.lookup.trackers),
            metrics,
            unanswered,
            fires,
        };
        // Units are read off a whole model: where something was left out, ids point past the end.
        if !self.out.has_errors() {
            let units: Vec<_> = model.metrics.iter().map(|row| row.metric.unit(&model)).collect();
            for (row, unit) in model.metrics.iter_mut().zip(units) {
                row.unit = unit;
            }
        }
        model
    }

    /// A number, or a default where none was written.
    fn number_or(&mut self, num: Option<&Num>, dim: Dim, default: f64) -> Option<Value> {
        match num {
            Some(num) => self.lookup.number(num, dim, self.out),
            None => Some(Value::Const(default)),
        }
    }

    /// A plain number, or a default where none was written.
    fn constant_or(&mut self, num: Option<&Num>, dim: Dim, default: f64) -> Option<f64> {
        match num {
            Some(num) => self.lookup.constant(num, dim, self.out),
            None => Some(default),
        }
    }

    /// A weight, or a default where none was written.
    fn weight_or(&mut self, num: Option<&Num>, default: f64) -> Option<Value> {
        match num {
            Some(num) => self.lookup.weight(num, self.out),
            None => Some(Value::Const(default)),
        }
    }

    /// A lag, or a default number of days where none was written.
    fn lag_or(&mut self, num: Option<&Num>, default: f64) -> Option<Lag> {
        match num {
            Some(num) => self.lookup.lag(num, self.out),
            None => Some(Lag::Days(Value::Const(default))),
        }
    }

    /// A condition, kept for the search for contradictions; `Always` where none was written.
    fn guard(
        &mut self,
        what: impl FnOnce() -> String,
        spec: Option<&Spanned<CondSpec>>,
        scope: Scope,
    ) -> Option<Condition> {
        let Some(spec) = spec else { return Some(Condition::Always) };
        let condition = self.lookup.condition(&spec.value, scope, self.out)?;
        self.guards.push(Guard { what: what(), condition: condition.clone(), span: spec.span });
        Some(condition)
    }

    fn tail(&mut self) -> Option<Value> {
        let paid = self.rows.actors.iter().any(|actor| !actor.payoff.0.is_empty());
        if self.doc.tail.is_absent() && paid {
            let actor = self.rows.actors.iter().find(|actor| !actor.payoff.0.is_empty());
            let mut error = Diagnostic::error("E034", "actors have payoffs, but `tail` is missing")
                .help(
                    "write for how many days beyond `until` governments count, best as an input \
                     with a range: the answer can turn on it",
                );
            if let Some(actor) = actor {
                error = error.at(actor.id.span).label("has payoff terms");
            }
            self.out.push(error);
        }
        self.number_or(self.doc.tail.get(), Dim::Days, 0.0)
    }

    fn grid(&mut self) -> Grid {
        let usual = Grid::default();
        let Some(spec) = self.doc.grid.get() else { return usual };
        let mut side = |num: &Option<Num>, default: f64| {
            self.constant_or(num.as_ref(), Dim::Positive, default).unwrap_or(default)
        };
        Grid {
            days: side(&spec.days, usual.days),
            gauge: side(&spec.gauge, usual.gauge),
            stock: side(&spec.stock, usual.stock),
            log_odds: side(&spec.log_odds, usual.log_odds),
        }
    }

    fn economy(&mut self, economy: Option<Arc<dyn Economy>>) -> Option<EconomyLink> {
        let spec = self.doc.economy.get()?;
        let days = self.lookup.constant(&spec.horizon, Dim::Days, self.out);
        let elasticity = self.lookup.number(&spec.elasticity, Dim::Positive, self.out);
        Some(EconomyLink {
            economy: economy?,
            horizon: Value::Const(days? / crate::units::DAYS_PER_YEAR),
            elasticity: elasticity?,
        })
    }

    fn max_events(&mut self) -> u64 {
        let Some(given) = self.doc.max_events.get() else { return 100_000 };
        if !(1..=1_000_000_000).contains(&given.value) {
            self.out.push(
                Diagnostic::error("E023", "`max_events` must lie between 1 and 1,000,000,000")
                    .at(given.span)
                    .label("out of range"),
            );
        }
        given.value
    }

    fn ends(&mut self) -> Option<WatchId> {
        let spec = self.doc.ends.get()?;
        let condition = self.guard(|| "`ends`".to_owned(), Some(spec), Scope::default())?;
        Some(self.lookup.watch(condition))
    }
}
