//! Inputs, laws and clocks.

use super::Compiler;
use crate::diagnostic::{Diagnostic, Span};
use crate::draws::{Address, Purpose};
use crate::model::bridge::Scope;
use crate::model::clock::{Clock, ClockLaw, Restart};
use crate::model::ids::LawId;
use crate::model::lookup::Dim;
use crate::model::value::{Law, Recipe, Value};
use crate::model::{Fire, Input};
use crate::scenario::spec::chance::{ClockLawSpec, ClockSpec, LawRow, RestartWord, UnitWord};
use crate::stats::dist::Dist;
use crate::syntax::{DateText, LawSpec, Num, Quantity, Spanned, When};
use crate::units::Tick;
use std::collections::BTreeMap;

/// Number of equally likely bins into which deciders sort an input, unless `grid` says otherwise.
const BINS: u8 = 5;

impl Compiler<'_> {
    /// The uncertain numbers.
    pub(super) fn inputs(&mut self) -> Vec<Input> {
        let rows = self.rows.inputs.clone();
        let count = self.bins();
        let whole = self.doc.source.get();
        let inputs = rows.into_iter().map(|spec| {
            self.lookup.enter(format!("input:{}", spec.id.value));
            let dist = self.input_law(&spec.value).unwrap_or(Dist::Fixed(0.0));
            let count = spec.bins.as_ref().map_or(count, |written| self.bins_of(written, count));
            // The median of bin k of n has rank (k + 1/2) / n.
            let rank = |k: u8| (f64::from(k) + 0.5) / f64::from(count);
            let mut bins: Vec<f64> = (0..count).map(|k| dist.quantile(rank(k))).collect();
            if bins.iter().any(|x| !x.is_finite()) {
                self.out.push(
                    Diagnostic::error("E033", "an input must have a value in every trial")
                        .at(spec.value.span)
                        .label("may be infinite")
                        .help(
                            "a hazard that ends leaves some draws without a value; use another law",
                        ),
                );
                bins.clear();
            }
            Input {
                name: spec.id.value.clone(),
                unit: spec.unit.words().to_owned(),
                dist,
                source: spec.source.as_ref().or(whole).map(|s| s.value.clone()),
                confidence: spec.confidence.map(|c| c.word().to_owned()),
                observed: spec.observed.map(|d| d.date.to_string()),
                address: Address::new(Purpose::Input, &spec.id.value),
                weight: false,
                bins,
            }
        });
        inputs.collect()
    }

    /// Into how many bins deciders sort an input.
    fn bins(&mut self) -> u8 {
        let written = self.doc.grid.get().and_then(|grid| grid.bins);
        written.map_or(BINS, |written| self.bins_of(&written, BINS))
    }

    /// A written number of bins; the usual one where it is wrong.
    fn bins_of(&mut self, written: &Spanned<u8>, usual: u8) -> u8 {
        if (1..=BINS).contains(&written.value) {
            return written.value;
        }
        self.out.push(
            Diagnostic::error("E023", "inputs are sorted into one to five bins")
                .at(written.span)
                .label("write 1 to 5"),
        );
        usual
    }

    /// The distribution of an input: plain numbers all through.
    fn input_law(&mut self, value: &Num) -> Option<Dist> {
        match &value.value {
            Quantity::Number { value, .. } => Some(Dist::Fixed(*value)),
            Quantity::Input(name) => {
                self.out.push(
                    Diagnostic::error("E022", "an input takes a number or a law, not a name")
                        .at(name.span)
                        .label("another name")
                        .help("write the distribution here, or name that one where it is used"),
                );
                None
            }
            Quantity::Law(spec) => {
                let recipe = self.lookup.recipe(spec, value.span, self.out)?;
                let mut reads = false;
                let mut laws = Vec::new();
                named_laws(spec, &mut laws);
                if !laws.is_empty() {
                    reads = true;
                } else {
                    recipe.inputs(&[], &mut |_| reads = true);
                }
                if reads {
                    self.out.push(
                        Diagnostic::error("E022", "the law of an input takes plain numbers")
                            .at(value.span)
                            .label("names another input or law")
                            .help(
                                "one number that depends on another is written as a law in `laws`",
                            ),
                    );
                    return None;
                }
                let dist = recipe.dist(&[], &[]);
                match dist.validate() {
                    Ok(()) => Some(dist),
                    Err(why) => {
                        self.out
                            .push(Diagnostic::error("E033", why).at(value.span).label("this law"));
                        None
                    }
                }
            }
        }
    }

    /// The laws of `laws`. They may name each other in any order, but not in a circle.
    pub(super) fn laws(&mut self) {
        let rows = self.rows.laws.clone();
        // Ids of named laws are their rows, so that laws written in place come after them.
        let blank = |row: &&LawRow| Law {
            name: row.id.value.clone(),
            recipe: Recipe::Fixed(Value::Const(0.0)),
            fixed: Some(Dist::Fixed(0.0)),
        };
        self.lookup.law_rows = rows.iter().map(blank).collect();
        let index: BTreeMap<&str, usize> =
            rows.iter().enumerate().map(|(k, row)| (row.id.value.as_str(), k)).collect();
        let parts: Vec<Vec<usize>> = rows.iter().map(|row| law_parts(&row.law, &index)).collect();
        let order = order_by_parts(&parts);
        if order.len() < rows.len() {
            let circle = (0..rows.len()).find(|&k| leads_back(k, &parts));
            if let Some(k) = circle {
                self.out.push(
                    Diagnostic::error(
                        "E033",
                        format!("law `{}` is made of itself", rows[k].id.value),
                    )
                    .at(rows[k].law.span)
                    .label("comes back to where it started")
                    .help("write one of the laws in the circle with numbers"),
                );
            }
        }
        for k in order {
            let row = rows[k];
            self.lookup.enter(format!("law:{}", row.id.value));
            if !matches!(row.unit, UnitWord::None | UnitWord::Days) {
                self.out.push(
                    Diagnostic::error("E022", format!("law `{}` must be in days", row.id.value))
                        .at(row.id.span)
                        .label(format!("its unit is {}", row.unit.words()))
                        .help("laws are drawn for lags, leads, waits and eves"),
                );
            }
            let recipe = match &row.law.value {
                Quantity::Law(spec) => self.lookup.recipe(spec, row.law.span, self.out),
                Quantity::Input(name) if index.contains_key(name.value.as_str()) => {
                    self.lookup.laws.find(name, self.out).map(|k| Recipe::Named(LawId::at(k)))
                }
                _ => self.lookup.number(&row.law, Dim::Days, self.out).map(Recipe::Fixed),
            };
            let Some(recipe) = recipe else { continue };
            let mut reads = false;
            recipe.inputs(&self.lookup.law_rows, &mut |_| reads = true);
            let fixed = (!reads).then(|| recipe.dist(&[], &self.lookup.law_rows));
            if let Some(Err(why)) = fixed.as_ref().map(Dist::validate) {
                self.out.push(Diagnostic::error("E033", why).at(row.law.span).label("this law"));
            }
            self.lookup.law_rows[k] = Law { name: row.id.value.clone(), recipe, fixed };
        }
    }

    /// Clocks and shocks.
    pub(super) fn clocks(&mut self) -> Vec<Clock> {
        let rows = self.rows.clocks.clone();
        rows.into_iter().filter_map(|spec| self.clock(spec)).collect()
    }

    fn clock(&mut self, spec: &ClockSpec) -> Option<Clock> {
        let name = &spec.id.value;
        self.lookup.enter(format!("clock:{name}"));
        let law = self.clock_law(spec);
        let condition =
            self.guard(|| format!("clock `{name}`"), spec.condition.as_ref(), Scope::default());
        let chance = match &spec.chance {
            Some(p) => Some(self.lookup.number(p, Dim::Share, self.out)?),
            None => None,
        };
        if chance.is_none() && !spec.otherwise.is_empty() {
            self.out.push(
                Diagnostic::error("E022", "`else` without `chance` never happens")
                    .at(spec.id.span)
                    .help("give the clock a `chance`, or drop `else`"),
            );
        }
        let effects = self.lookup.effects(&spec.effects, Scope::default(), self.out);
        let otherwise = self.lookup.effects(&spec.otherwise, Scope::default(), self.out);
        let max = match &spec.max {
            Some(max) if max.value == 0 => {
                self.out.push(
                    Diagnostic::error("E023", "a clock that never rings")
                        .at(max.span)
                        .label("`max` must be at least 1"),
                );
                return None;
            }
            Some(max) => max.value,
            None => u32::MAX,
        };
        let law = law?;
        let age = self.age(spec, &law);
        Some(Clock {
            name: name.clone(),
            law,
            condition: condition?,
            restart: match spec.restart {
                RestartWord::Fresh => Restart::Fresh,
                RestartWord::Resume => Restart::Resume,
                RestartWord::Once => Restart::Once,
            },
            max,
            chance,
            effects: effects?,
            otherwise: otherwise?,
            age,
            address: Address::new(Purpose::Clock, name),
            chance_address: Address::new(Purpose::ClockChance, name),
            story: spec.story.clone().unwrap_or_else(|| name.replace('_', " ")),
        })
    }

    fn clock_law(&mut self, spec: &ClockSpec) -> Option<ClockLaw> {
        Some(match &spec.law.value {
            ClockLawSpec::Law(num) => match &num.value {
                Quantity::Law(law) => match law.as_ref() {
                    LawSpec::Dates(dates) => ClockLaw::Dates(self.dates(dates).into()),
                    law => {
                        let recipe = self.lookup.recipe(law, num.span, self.out)?;
                        let name = format!("clock:{}", spec.id.value);
                        ClockLaw::Law(self.lookup.add_law(name, recipe, num.span, self.out))
                    }
                },
                Quantity::Input(name) if self.lookup.laws.get(&name.value).is_some() => {
                    ClockLaw::Law(LawId::at(self.lookup.laws.find(name, self.out)?))
                }
                _ => ClockLaw::Days(self.lookup.number(num, Dim::Days, self.out)?),
            },
            ClockLawSpec::Every { period, first } => {
                let value = self.lookup.number(period, Dim::Positive, self.out);
                let first = match first {
                    Some(first) => self.lookup.number(first, Dim::Days, self.out)?,
                    None => value?,
                };
                ClockLaw::Every { period: value?, first }
            }
            ClockLawSpec::After(event, lag) => {
                let events = self.lookup.event(event, Scope::default(), self.out);
                let lag = self.lookup.lag(lag, self.out)?;
                ClockLaw::After(events?.into(), lag)
            }
        })
    }

    /// Dates in rising order, inside the run.
    fn dates(&mut self, dates: &[DateText]) -> Vec<Tick> {
        let mut last: Option<(Tick, Span)> = None;
        let mut ticks = Vec::with_capacity(dates.len());
        for date in dates {
            let at = self.lookup.dated(&When::Date(date.date), date.span, self.out);
            if let Some((before, span)) = last
                && at <= before
            {
                self.out.push(
                    Diagnostic::error("E025", "the dates are out of order")
                        .at(date.span)
                        .label("not later than the one before")
                        .related(span, "the one before"),
                );
            }
            last = Some((at, date.span));
            ticks.push(at);
        }
        ticks
    }

    /// Days a clock has been running at the start.
    fn age(&mut self, spec: &ClockSpec, law: &ClockLaw) -> f64 {
        let Some(since) = &spec.since else { return 0.0 };
        if !matches!(law, ClockLaw::Law(_)) {
            self.out.push(
                Diagnostic::error("E029", "`since` has no meaning for this law")
                    .at(since.span)
                    .label("works with laws of waiting only"),
            );
        }
        let at = self.lookup.moment(&since.value);
        if at > Tick::ZERO {
            self.out.push(
                Diagnostic::error("E025", "a clock cannot have been running since a later day")
                    .at(since.span)
                    .label("after `as_of`")
                    .help(
                        "`since` is a date of history; leave it out for a clock that starts fresh",
                    ),
            );
        }
        -at.days().min(0.0)
    }

    /// What a branch fires.
    pub(super) fn fires(&mut self) -> Vec<Fire> {
        let doc = self.doc;
        let mut fires = Vec::new();
        for fire in &doc.forced.fires {
            self.lookup.enter(format!("fire:{}", fire.id.value));
            let on = self.lookup.dated(&fire.on.value, fire.on.span, self.out);
            let Some(effects) = self.lookup.effects(&fire.effects, Scope::default(), self.out)
            else {
                continue;
            };
            fires.push(Fire { name: fire.id.value.clone(), on, effects });
        }
        fires
    }
}

/// Names of laws or inputs inside a law.
fn named_laws<'a>(spec: &'a LawSpec, out: &mut Vec<&'a str>) {
    let mut part = |num: &'a Num| match &num.value {
        Quantity::Input(name) => out.push(&name.value),
        Quantity::Law(law) => named_laws(law, out),
        Quantity::Number { .. } => {}
    };
    match spec {
        LawSpec::Sum(parts) => parts.iter().for_each(&mut part),
        LawSpec::Mixture(parts) => parts.iter().for_each(|(_, law)| part(law)),
        LawSpec::Shifted { law, .. } => part(law),
        _ => {}
    }
}

/// Rows of the named laws a law is made of.
fn law_parts(law: &Num, index: &BTreeMap<&str, usize>) -> Vec<usize> {
    let mut names = Vec::new();
    match &law.value {
        Quantity::Law(spec) => named_laws(spec, &mut names),
        Quantity::Input(name) => names.push(&name.value),
        Quantity::Number { .. } => {}
    }
    names.into_iter().filter_map(|name| index.get(name).copied()).collect()
}

/// An order in which each row comes after its parts; rows that lead into a circle are left out.
fn order_by_parts(parts: &[Vec<usize>]) -> Vec<usize> {
    let mut users = vec![Vec::new(); parts.len()];
    let mut open: Vec<usize> = parts.iter().map(Vec::len).collect();
    for (row, own) in parts.iter().enumerate() {
        for &part in own {
            users[part].push(row);
        }
    }
    let mut order: Vec<usize> = (0..parts.len()).filter(|&row| open[row] == 0).collect();
    let mut next = 0;
    while let Some(&row) = order.get(next) {
        next += 1;
        for &user in &users[row] {
            open[user] -= 1;
            if open[user] == 0 {
                order.push(user);
            }
        }
    }
    order
}

/// Whether a row is a part of itself.
fn leads_back(start: usize, parts: &[Vec<usize>]) -> bool {
    let mut seen = vec![false; parts.len()];
    let mut stack = parts[start].clone();
    while let Some(row) = stack.pop() {
        if row == start {
            return true;
        }
        if !std::mem::replace(&mut seen[row], true) {
            stack.extend(&parts[row]);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{leads_back, order_by_parts};

    #[test]
    fn parts_come_first_and_circles_are_left_out() {
        assert_eq!(order_by_parts(&[vec![1], vec![2], vec![]]), [2, 1, 0]);
        assert_eq!(order_by_parts(&[vec![], vec![0, 0], vec![1, 0]]), [0, 1, 2]);
        let knot = [vec![1], vec![0], vec![], vec![0]];
        assert_eq!(order_by_parts(&knot), [2]);
        assert!(leads_back(0, &knot) && leads_back(1, &knot) && !leads_back(3, &knot));
        assert!(leads_back(0, &[vec![0]]));
        let chain: Vec<Vec<usize>> =
            (0..4000).map(|k| if k == 0 { vec![] } else { vec![k - 1] }).collect();
        assert_eq!(order_by_parts(&chain).len(), 4000);
    }
}
