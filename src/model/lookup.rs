//! From written names to ids: the tables of a scenario's names, and what is registered on the way
//! (laws written in place, watched conditions, event patterns).
//!
//! Every failure is reported with its place and the name that was probably meant; compilation goes on,
//! so that one pass finds all mistakes.

use super::ids::{ActorId, InputId, LawId, MeasureId, TrackerId, WatchId};
use super::observe::{Pattern, Watch};
use super::value::{Lag, Law, Rate, Recipe, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::syntax::{self, LawSpec, Name, Num, Quantity, Unit, When};
use crate::units::{Date, Epoch, Tick};
use std::cell::Cell;
use std::collections::BTreeMap;

/// More laws than this are refused: ids are small, and no scenario needs them.
const MOST_LAWS: usize = 50_000;
/// More watched conditions than this are refused.
const MOST_WATCHES: usize = 5_000;
/// More event patterns than this are refused.
const MOST_TRACKERS: usize = 10_000;

/// The names of one kind of thing, in file order.
#[derive(Debug, Default)]
pub struct Table {
    /// What the things are called: `measure`, `actor`.
    pub kind: &'static str,
    names: Vec<(String, Span)>,
    index: BTreeMap<String, usize>,
    used: Vec<Cell<bool>>,
}

impl Table {
    /// An empty table of things called `kind`.
    #[must_use]
    pub fn new(kind: &'static str) -> Table {
        Table { kind, ..Table::default() }
    }

    /// Adds a name; a second one of the same spelling is error E021 and gets no row.
    pub fn add(&mut self, name: &Name, out: &mut Diagnostics) -> Option<usize> {
        if let Some(&first) = self.index.get(&name.value) {
            out.push(
                Diagnostic::error(
                    "E021",
                    format!("{} `{}` is defined twice", self.kind, name.value),
                )
                .at(name.span)
                .label("the same name again")
                .related(self.names[first].1, "first defined here")
                .help("give one of the two another name"),
            );
            return None;
        }
        if self.names.len() >= 60_000 {
            return None;
        }
        let row = self.names.len();
        self.index.insert(name.value.clone(), row);
        self.names.push((name.value.clone(), name.span));
        self.used.push(Cell::new(false));
        Some(row)
    }

    /// The row of a name, without a message.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<usize> {
        let row = self.index.get(name).copied();
        if let Some(row) = row {
            self.used[row].set(true);
        }
        row
    }

    /// The row of a name; an unknown one is error E020 with the nearest spelling.
    pub fn find(&self, name: &Name, out: &mut Diagnostics) -> Option<usize> {
        let row = self.get(&name.value);
        if row.is_none() {
            let mut error =
                Diagnostic::error("E020", format!("there is no {} `{}`", self.kind, name.value))
                    .at(name.span)
                    .label("unknown name");
            let known = self.names.iter().map(|(n, _)| n.as_str());
            error = match syntax::did_you_mean(&name.value, known) {
                Some(help) => error.help(help),
                None if self.names.is_empty() => {
                    error.help(format!("the file defines no {}", self.kind))
                }
                None => {
                    let some: Vec<_> =
                        self.names.iter().take(12).map(|(n, _)| format!("`{n}`")).collect();
                    error.help(format!("known: {}", some.join(", ")))
                }
            };
            out.push(error);
        }
        row
    }

    /// Names with their places, in file order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Span)> {
        self.names.iter().map(|(n, s)| (n.as_str(), *s))
    }

    /// Names that nothing referred to.
    pub fn unused(&self) -> impl Iterator<Item = (&str, Span)> {
        let names = self.names.iter().zip(&self.used);
        names.filter(|(_, used)| !used.get()).map(|((n, s), _)| (n.as_str(), *s))
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a row.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        &self.names[row].0
    }
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dim {
    /// Any number.
    Free,
    /// Days, not negative.
    Days,
    /// A share or probability, 0 to 1; `pct` is taken as hundredths.
    Share,
    /// Percent or percentage points, as 25 for 25 %.
    Percent,
    /// USD bn a year.
    Money,
    /// Not negative.
    NotNegative,
    /// Above 0.
    Positive,
}

/// Facts about a measure that references to it need.
#[derive(Debug, Clone)]
pub struct MeasureFacts {
    /// The measure itself or its steps.
    pub members: Vec<MeasureId>,
    /// Names and numbers of levels 1..n.
    pub levels: Vec<(String, f64)>,
    /// Its owner.
    pub owner: ActorId,
}

/// All names of a scenario and what is registered while it is compiled.
#[derive(Debug)]
pub struct Lookup {
    /// Time axis.
    pub epoch: Epoch,
    /// Horizon.
    pub horizon: Tick,
    /// Actors.
    pub actors: Table,
    /// Types by actor.
    pub types: Vec<Vec<String>>,
    /// Names of payoff terms by actor, in the order of their rows.
    pub terms: Vec<Vec<String>>,
    /// Measures: groups, then steps as `m.step`.
    pub measures: Table,
    /// Facts by row of `measures`.
    pub facts: Vec<MeasureFacts>,
    /// Inputs.
    pub inputs: Table,
    /// Laws of `laws:`.
    pub laws: Table,
    /// Counters.
    pub counters: Table,
    /// Gauges.
    pub gauges: Table,
    /// Channels.
    pub channels: Table,
    /// Meetings.
    pub meetings: Table,
    /// Packages.
    pub packages: Table,
    /// Truces.
    pub truces: Table,
    /// Coalitions.
    pub coalitions: Table,
    /// Stocks.
    pub stocks: Table,
    /// Clocks and shocks.
    pub clocks: Table,
    /// Moves; `name@actor` where written for each of several.
    pub moves: Table,
    /// Written move names with all their rows (more than one for `Each`).
    pub move_rows: BTreeMap<String, Vec<usize>>,
    /// Rules.
    pub rules: Table,
    /// Regimes.
    pub regimes: Table,
    /// Series.
    pub series: Table,
    /// Metrics.
    pub metrics: Table,
    /// Firms.
    pub firms: Table,
    /// Legal bases.
    pub legal: Table,
    /// Goods named by stocks, for export controls.
    pub goods: Table,
    /// Names of eves' targets, by eve.
    pub eve_names: Vec<String>,
    /// Compiled laws: those of `laws:` first, then those written in place.
    pub law_rows: Vec<Law>,
    /// Watched conditions.
    pub watches: Vec<Watch>,
    /// Event patterns.
    pub trackers: Vec<Pattern>,
    /// Name of what is being compiled: makes addresses and names of laws written in place.
    pub place: String,
    /// Counts things without a name inside `place`.
    pub ordinal: u32,
    /// Position of each economy sector and region by code.
    pub sectors: Vec<String>,
    /// Regions of the economy.
    pub regions: Vec<String>,
    /// Inputs that payoffs or choices read linearly (weights, precisions).
    pub weight_inputs: Vec<bool>,
    /// Where inputs stand for numbers, and what those must be: checked against their ranges.
    pub uses: Vec<(InputId, Dim, Span)>,
    /// Whether there were more laws, conditions or events than ids can tell apart.
    pub crowded: bool,
}

impl Lookup {
    /// Tables without names, on a time axis.
    #[must_use]
    pub fn new(epoch: Epoch, horizon: Tick) -> Lookup {
        Lookup {
            epoch,
            horizon,
            actors: Table::new("actor"),
            types: Vec::new(),
            terms: Vec::new(),
            measures: Table::new("measure"),
            facts: Vec::new(),
            inputs: Table::new("input"),
            laws: Table::new("law"),
            counters: Table::new("counter"),
            gauges: Table::new("gauge"),
            channels: Table::new("channel"),
            meetings: Table::new("meeting"),
            packages: Table::new("package"),
            truces: Table::new("truce"),
            coalitions: Table::new("coalition"),
            stocks: Table::new("stock"),
            clocks: Table::new("clock"),
            moves: Table::new("move"),
            move_rows: BTreeMap::new(),
            rules: Table::new("rule"),
            regimes: Table::new("regime"),
            series: Table::new("series"),
            metrics: Table::new("metric"),
            firms: Table::new("firm"),
            legal: Table::new("legal basis"),
            goods: Table::new("good"),
            eve_names: Vec::new(),
            law_rows: Vec::new(),
            watches: Vec::new(),
            trackers: Vec::new(),
            place: String::new(),
            ordinal: 0,
            sectors: Vec::new(),
            regions: Vec::new(),
            weight_inputs: Vec::new(),
            uses: Vec::new(),
            crowded: false,
        }
    }

    /// Says what is compiled now; names of laws and draws inside it start with this.
    pub fn enter(&mut self, place: impl Into<String>) {
        self.place = place.into();
        self.ordinal = 0;
    }

    /// A name for something unnamed at the place at hand.
    pub fn unnamed(&mut self, what: &str) -> String {
        self.ordinal += 1;
        format!("{}/{what}{}", self.place, self.ordinal)
    }

    /// An actor.
    pub fn actor(&self, name: &Name, out: &mut Diagnostics) -> Option<ActorId> {
        self.actors.find(name, out).map(ActorId::at)
    }

    /// The facts of a measure or step.
    pub fn measure(&self, name: &Name, out: &mut Diagnostics) -> Option<&MeasureFacts> {
        self.measures.find(name, out).and_then(|row| self.facts.get(row))
    }

    /// The position of an actor's type.
    pub fn actor_type(&self, of: ActorId, name: &Name, out: &mut Diagnostics) -> Option<u8> {
        let types = self.types.get(of.index())?;
        if let Some(k) = types.iter().position(|t| *t == name.value) {
            return u8::try_from(k).ok();
        }
        let mut error = Diagnostic::error(
            "E020",
            format!("`{}` is no type of actor `{}`", name.value, self.actors.name(of.index())),
        )
        .at(name.span)
        .label("unknown type");
        if let Some(help) = syntax::did_you_mean(&name.value, types.iter().map(String::as_str)) {
            error = error.help(help);
        } else {
            error = error.help(format!("its types: {}", types.join(", ")));
        }
        out.push(error);
        None
    }

    /// The position of an actor's payoff term.
    pub fn term_of(&self, of: ActorId, name: &Name, out: &mut Diagnostics) -> Option<usize> {
        let terms = self.terms.get(of.index()).map_or(&[][..], Vec::as_slice);
        let found = terms.iter().position(|t| *t == name.value);
        if found.is_none() {
            let actor = self.actors.name(of.index());
            let mut error = Diagnostic::error(
                "E020",
                format!("`{}` is no payoff term of actor `{actor}`", name.value),
            )
            .at(name.span)
            .label("unknown term");
            if let Some(help) = syntax::did_you_mean(&name.value, terms.iter().map(String::as_str))
            {
                error = error.help(help);
            } else {
                error = error.help(format!("its terms: {}", terms.join(", ")));
            }
            out.push(error);
        }
        found
    }

    /// A moment: dates mean 00:00 of the day.
    #[must_use]
    pub fn moment(&self, when: &When) -> Tick {
        match when {
            When::Days(days) => Tick::from_days(*days),
            When::Date(date) => self.epoch.start_of(*date),
            When::Moment(date, minutes) => self.epoch.start_of(*date) + Tick(i64::from(*minutes)),
        }
    }

    /// The last moment that belongs to a written time: the end of a date, or the tick itself.
    #[must_use]
    pub fn end_of(&self, when: &When) -> Tick {
        match when {
            When::Date(date) => self.epoch.end_of(*date) - Tick(1),
            other => self.moment(other),
        }
    }

    /// A moment that must lie within the run; outside it is error E025.
    pub fn dated(&self, when: &When, span: Span, out: &mut Diagnostics) -> Tick {
        let tick = self.moment(when);
        if tick < Tick::ZERO || tick > self.horizon + Tick(crate::units::MINUTES_PER_DAY) {
            out.push(
                Diagnostic::error("E025", "the date lies outside the run")
                    .at(span)
                    .label(if tick < Tick::ZERO {
                        "not later than `as_of`".to_owned()
                    } else {
                        "later than `until`".to_owned()
                    })
                    .help(format!(
                        "the run goes from {} to {}; what came before belongs in `history` or `start`",
                        self.epoch.date_of(Tick::ZERO),
                        self.epoch.date_of(self.horizon)
                    )),
            );
        }
        tick
    }

    /// A date of the file, for messages.
    #[must_use]
    pub fn date(&self, tick: Tick) -> Date {
        self.epoch.date_of(tick)
    }

    /// A number: written, or an input's name. A distribution in its place is an error.
    pub fn number(&mut self, num: &Num, dim: Dim, out: &mut Diagnostics) -> Option<Value> {
        match &num.value {
            Quantity::Number { value, unit } => {
                let value = in_unit(*value, *unit, dim, num.span, out)?;
                Some(Value::Const(value))
            }
            Quantity::Input(name) => {
                let id = InputId::at(self.inputs.find(name, out)?);
                self.uses.push((id, dim, num.span));
                Some(Value::Input(id))
            }
            Quantity::Law(_) => {
                out.push(
                    Diagnostic::error("E022", "a number is wanted here, not a distribution")
                        .at(num.span)
                        .label("drawn at which moment?")
                        .help(
                            "define an input with this distribution and write its name in quotes",
                        ),
                );
                None
            }
        }
    }

    /// A weight or precision: choices read it linearly, so it is not rounded for deciders.
    pub fn weight(&mut self, num: &Num, out: &mut Diagnostics) -> Option<Value> {
        let value = self.number(num, Dim::Free, out)?;
        if let Value::Input(id) = value {
            if self.weight_inputs.len() <= id.index() {
                self.weight_inputs.resize(id.index() + 1, false);
            }
            self.weight_inputs[id.index()] = true;
        }
        Some(value)
    }

    /// A whole or real constant: neither an input nor a distribution.
    pub fn constant(&mut self, num: &Num, dim: Dim, out: &mut Diagnostics) -> Option<f64> {
        match self.number(num, dim, out)? {
            Value::Const(x) => Some(x),
            Value::Input(_) => {
                out.push(
                    Diagnostic::error("E022", "a plain number is wanted here, not an input")
                        .at(num.span)
                        .label("must be the same in every trial"),
                );
                None
            }
        }
    }

    /// A duration in days: a number, an input, a named law, or a law written in place.
    pub fn lag(&mut self, num: &Num, out: &mut Diagnostics) -> Option<Lag> {
        match &num.value {
            Quantity::Input(name) => {
                if let Some(row) = self.laws.get(&name.value) {
                    return Some(Lag::Law(LawId::at(row)));
                }
                if self.inputs.get(&name.value).is_none() && self.laws.is_empty() {
                    self.inputs.find(name, out)?;
                }
                match self.inputs.get(&name.value) {
                    Some(row) => {
                        self.uses.push((InputId::at(row), Dim::Days, num.span));
                        Some(Lag::Days(Value::Input(InputId::at(row))))
                    }
                    None => {
                        self.laws.find(name, out);
                        None
                    }
                }
            }
            Quantity::Law(spec) => {
                let recipe = self.recipe(spec, num.span, out)?;
                let name = self.unnamed("law");
                Some(Lag::Law(self.add_law(name, recipe, num.span, out)))
            }
            Quantity::Number { .. } => self.number(num, Dim::Days, out).map(Lag::Days),
        }
    }

    /// Registers a law; one without inputs is checked now.
    pub fn add_law(
        &mut self,
        name: String,
        recipe: Recipe,
        span: Span,
        out: &mut Diagnostics,
    ) -> LawId {
        let mut reads = false;
        recipe.inputs(&self.law_rows, &mut |_| reads = true);
        let fixed = (!reads).then(|| recipe.dist(&[], &self.law_rows));
        if let Some(Err(why)) = fixed.as_ref().map(|dist| dist.validate()) {
            out.push(Diagnostic::error("E033", why).at(span).label("this law"));
        }
        if self.law_rows.len() >= MOST_LAWS {
            self.crowded = true;
        } else {
            self.law_rows.push(Law { name, recipe, fixed });
        }
        LawId::at(self.law_rows.len() - 1)
    }

    /// The recipe of a written law.
    pub fn recipe(&mut self, spec: &LawSpec, span: Span, out: &mut Diagnostics) -> Option<Recipe> {
        let mut v = |num: &Num, dim: Dim| self.number(num, dim, out);
        Some(match spec {
            LawSpec::Fixed(x) => Recipe::Fixed(v(x, Dim::Free)?),
            LawSpec::Uniform(a, b) => Recipe::Uniform(v(a, Dim::Free)?, v(b, Dim::Free)?),
            LawSpec::Triangular(a, m, b) => {
                Recipe::Triangular(v(a, Dim::Free)?, v(m, Dim::Free)?, v(b, Dim::Free)?)
            }
            LawSpec::Exponential(rate) => {
                let (x, rate) = match rate {
                    syntax::Rate::Mean(x) => (x, Rate::Mean),
                    syntax::Rate::PerDay(x) => (x, Rate::PerDay),
                    syntax::Rate::PerMonth(x) => (x, Rate::PerMonth),
                    syntax::Rate::PerYear(x) => (x, Rate::PerYear),
                };
                Recipe::Exponential(v(x, Dim::Free)?, rate)
            }
            LawSpec::Weibull { shape, scale } => {
                Recipe::Weibull(v(shape, Dim::Free)?, v(scale, Dim::Free)?)
            }
            LawSpec::Lognormal { median, sigma, within } => {
                let (m, s) = (v(median, Dim::Free)?, v(sigma, Dim::Free)?);
                let within = match within {
                    Some((a, b)) => Some((v(a, Dim::Free)?, v(b, Dim::Free)?)),
                    None => None,
                };
                Recipe::Lognormal(m, s, within)
            }
            LawSpec::Normal { mean, sd, within } => {
                let (m, s) = (v(mean, Dim::Free)?, v(sd, Dim::Free)?);
                let within = match within {
                    Some((a, b)) => Some((v(a, Dim::Free)?, v(b, Dim::Free)?)),
                    None => None,
                };
                Recipe::Normal(m, s, within)
            }
            LawSpec::Erlang { shape, mean } => Recipe::Erlang(shape.value, v(mean, Dim::Free)?),
            LawSpec::Beta(a, b) => Recipe::Beta(v(a, Dim::Free)?, v(b, Dim::Free)?),
            LawSpec::Hazard(pieces) => {
                let mut rows = Vec::with_capacity(pieces.len());
                for syntax::HazardStep(until, rate) in pieces {
                    let until = match until {
                        syntax::Until::Days(days) => self.constant(days, Dim::Days, out)?,
                        syntax::Until::Forever => f64::INFINITY,
                    };
                    rows.push((until, self.number(rate, Dim::NotNegative, out)?));
                }
                Recipe::Hazard(rows)
            }
            LawSpec::Shifted { by, law } => {
                let by = v(by, Dim::Free)?;
                Recipe::Shifted(by, Box::new(self.part(law, out)?))
            }
            LawSpec::Sum(parts) => {
                Recipe::Sum(parts.iter().map(|p| self.part(p, out)).collect::<Option<Vec<_>>>()?)
            }
            LawSpec::Mixture(parts) => {
                let mut rows = Vec::with_capacity(parts.len());
                for (weight, part) in parts {
                    let weight = self.number(weight, Dim::NotNegative, out)?;
                    rows.push((weight, self.part(part, out)?));
                }
                Recipe::Mixture(rows)
            }
            LawSpec::Dates(_) => {
                out.push(
                    Diagnostic::error("E022", "dates are a law for clocks only")
                        .at(span)
                        .help("use a number of days or a distribution here"),
                );
                return None;
            }
        })
    }

    /// A law inside a law: a distribution, a number, or a law's or input's name.
    fn part(&mut self, num: &Num, out: &mut Diagnostics) -> Option<Recipe> {
        match &num.value {
            Quantity::Law(spec) => self.recipe(spec, num.span, out),
            Quantity::Input(name) if self.laws.get(&name.value).is_some() => {
                self.laws.get(&name.value).map(|row| Recipe::Named(LawId::at(row)))
            }
            _ => self.number(num, Dim::Free, out).map(Recipe::Fixed),
        }
    }

    /// Registers a watched condition.
    pub fn watch(&mut self, condition: super::condition::Condition) -> WatchId {
        if let Some(k) = self.watches.iter().position(|w| w.condition == condition) {
            return WatchId::at(k);
        }
        if self.watches.len() >= MOST_WATCHES {
            self.crowded = true;
            return WatchId::at(0);
        }
        self.watches.push(Watch { condition, becomes: Vec::new() });
        WatchId::at(self.watches.len() - 1)
    }

    /// Registers an event pattern.
    pub fn track(&mut self, pattern: Pattern) -> TrackerId {
        if let Some(k) = self.trackers.iter().position(|p| *p == pattern) {
            return TrackerId::at(k);
        }
        if self.trackers.len() >= MOST_TRACKERS {
            self.crowded = true;
            return TrackerId::at(0);
        }
        self.trackers.push(pattern.clone());
        let id = TrackerId::at(self.trackers.len() - 1);
        if let Pattern::Becomes(watch) = pattern {
            self.watches[watch.index()].becomes.push(id);
        }
        id
    }
}

/// Brings a written number to the unit that is wanted, or reports why it cannot be (E022, E023).
fn in_unit(
    value: f64,
    unit: Option<Unit>,
    dim: Dim,
    span: Span,
    out: &mut Diagnostics,
) -> Option<f64> {
    let wrong = |wanted: &str, help: &str| {
        Diagnostic::error("E022", format!("{wanted} is wanted here"))
            .at(span)
            .label("another unit")
            .help(help)
    };
    let value = match (dim, unit) {
        (_, None) | (Dim::Days, Some(Unit::Days)) | (Dim::Share, Some(Unit::Share)) => value,
        (Dim::Share, Some(Unit::Percent)) => value / 100.0,
        (Dim::Percent, Some(Unit::Percent | Unit::Points)) => value,
        (Dim::Percent, Some(Unit::Share)) => value * 100.0,
        (Dim::Money, Some(Unit::UsdBn)) => value,
        (Dim::Free | Dim::NotNegative | Dim::Positive, Some(_)) => value,
        (Dim::Days, Some(_)) => {
            out.push(wrong(
                "a duration",
                "write a number of days, or days(4), weeks(2), months(3)",
            ));
            return None;
        }
        (Dim::Share, Some(_)) => {
            out.push(wrong("a share", "write a number from 0 to 1, or pct(25)"));
            return None;
        }
        (Dim::Percent, Some(_)) => {
            out.push(wrong("a percentage", "write pct(25) or pp(24)"));
            return None;
        }
        (Dim::Money, Some(_)) => {
            out.push(wrong("an amount of money", "write usd_bn(12.8)"));
            return None;
        }
    };
    let bad = match dim {
        Dim::Days | Dim::NotNegative if value < 0.0 => Some("must not be negative"),
        Dim::Positive if value <= 0.0 => Some("must be above 0"),
        Dim::Share if !(0.0..=1.0).contains(&value) => Some("must lie between 0 and 1"),
        _ => None,
    };
    if let Some(bad) = bad {
        out.push(
            Diagnostic::error("E023", format!("the number {bad}"))
                .at(span)
                .label(format!("{value} {bad}")),
        );
        return None;
    }
    Some(value)
}
