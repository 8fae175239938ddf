//! Numbers of a compiled scenario: constants or names of inputs, and laws drawn anew at each use.

use super::ids::{InputId, LawId};
use crate::stats::dist::Dist;

/// A number: written in the file, or an input's value in the trial at hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A constant.
    Const(f64),
    /// The trial's value of an input.
    Input(InputId),
}

impl Value {
    /// The number under the given inputs.
    #[inline]
    #[must_use]
    pub fn of(self, inputs: &[f64]) -> f64 {
        match self {
            Value::Const(x) => x,
            Value::Input(id) => inputs[id.index()],
        }
    }
}

/// A duration in days: one number, or a law drawn anew at each use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lag {
    /// The same number at each use.
    Days(Value),
    /// A draw.
    Law(LawId),
}

/// How long an effect holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Term {
    /// A span from now, in days.
    Span(Lag),
    /// Until 00:00 of a date (or a date with time).
    Until(crate::units::Tick),
    /// As long as the deal that carries the effect.
    Lasts,
}

/// A law as compiled: its distribution, or a recipe that reads inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// Written name, or a name made from the place where it is written.
    pub name: String,
    /// Recipe of the distribution.
    pub recipe: Recipe,
    /// The distribution where no parameter is an input.
    pub fixed: Option<Dist>,
}

/// A distribution whose parameters may be inputs. Shapes and meanings: [`Dist`].
#[derive(Debug, Clone, PartialEq)]
pub enum Recipe {
    /// One value.
    Fixed(Value),
    /// Low and high end.
    Uniform(Value, Value),
    /// Low end, mode, high end.
    Triangular(Value, Value, Value),
    /// Rate or mean: see [`Rate`].
    Exponential(Value, Rate),
    /// Shape and scale.
    Weibull(Value, Value),
    /// Median, sigma of the logarithm, bounds.
    Lognormal(Value, Value, Option<(Value, Value)>),
    /// Mean, standard deviation, bounds.
    Normal(Value, Value, Option<(Value, Value)>),
    /// Whole shape and mean.
    Erlang(u32, Value),
    /// The two shapes.
    Beta(Value, Value),
    /// Piecewise-constant hazard: end of the piece in days, rate per day; the last piece has no end.
    Hazard(Vec<(f64, Value)>),
    /// A law moved by a number.
    Shifted(Value, Box<Recipe>),
    /// The sum of independent draws.
    Sum(Vec<Recipe>),
    /// One of several laws, by weight.
    Mixture(Vec<(Value, Recipe)>),
    /// Another law of the file.
    Named(LawId),
}

/// What the number of an exponential law means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Mean waiting time in days.
    Mean,
    /// Events per day.
    PerDay,
    /// Events per month of 365/12 days.
    PerMonth,
    /// Events per year of 365 days.
    PerYear,
}

impl Recipe {
    /// The distribution under the given inputs. `laws` resolves names.
    #[must_use]
    pub fn dist(&self, inputs: &[f64], laws: &[Law]) -> Dist {
        let v = |value: &Value| value.of(inputs);
        let bounds = |b: &Option<(Value, Value)>| b.map(|(l, h)| (l.of(inputs), h.of(inputs)));
        match self {
            Recipe::Fixed(x) => Dist::Fixed(v(x)),
            Recipe::Uniform(a, b) => Dist::Uniform { low: v(a), high: v(b) },
            Recipe::Triangular(a, m, b) => Dist::Triangular { low: v(a), mode: v(m), high: v(b) },
            Recipe::Exponential(x, rate) => Dist::Exponential {
                mean: match rate {
                    Rate::Mean => v(x),
                    Rate::PerDay => 1.0 / v(x),
                    Rate::PerMonth => crate::units::DAYS_PER_MONTH / v(x),
                    Rate::PerYear => crate::units::DAYS_PER_YEAR / v(x),
                },
            },
            Recipe::Weibull(k, s) => Dist::Weibull { shape: v(k), scale: v(s) },
            Recipe::Lognormal(m, s, b) => {
                Dist::Lognormal { median: v(m), sigma: v(s), within: bounds(b) }
            }
            Recipe::Normal(m, s, b) => Dist::Normal { mean: v(m), sd: v(s), within: bounds(b) },
            Recipe::Erlang(k, m) => Dist::Erlang { shape: *k, mean: v(m) },
            Recipe::Beta(a, b) => Dist::Beta { a: v(a), b: v(b) },
            Recipe::Hazard(pieces) => {
                Dist::Hazard(pieces.iter().map(|(until, rate)| (*until, v(rate))).collect())
            }
            Recipe::Shifted(by, of) => {
                Dist::Shifted { by: v(by), of: Box::new(of.dist(inputs, laws)) }
            }
            Recipe::Sum(parts) => Dist::Sum(parts.iter().map(|p| p.dist(inputs, laws)).collect()),
            Recipe::Mixture(parts) => {
                Dist::Mixture(parts.iter().map(|(w, p)| (v(w), p.dist(inputs, laws))).collect())
            }
            Recipe::Named(id) => laws[id.index()].recipe.dist(inputs, laws),
        }
    }

    /// Calls `visit` on every input this recipe reads, in written order.
    pub fn inputs(&self, laws: &[Law], visit: &mut dyn FnMut(InputId)) {
        let mut one = |value: &Value| {
            if let Value::Input(id) = value {
                visit(*id);
            }
        };
        match self {
            Recipe::Fixed(x) | Recipe::Exponential(x, _) | Recipe::Erlang(_, x) => one(x),
            Recipe::Uniform(a, b) | Recipe::Weibull(a, b) | Recipe::Beta(a, b) => {
                one(a);
                one(b);
            }
            Recipe::Triangular(a, b, c) => {
                one(a);
                one(b);
                one(c);
            }
            Recipe::Lognormal(a, b, w) | Recipe::Normal(a, b, w) => {
                one(a);
                one(b);
                if let Some((l, h)) = w {
                    one(l);
                    one(h);
                }
            }
            Recipe::Hazard(pieces) => pieces.iter().for_each(|(_, rate)| one(rate)),
            Recipe::Shifted(by, of) => {
                one(by);
                of.inputs(laws, visit);
            }
            Recipe::Sum(parts) => parts.iter().for_each(|p| p.inputs(laws, visit)),
            Recipe::Mixture(parts) => {
                for (weight, part) in parts {
                    if let Value::Input(id) = weight {
                        visit(*id);
                    }
                    part.inputs(laws, visit);
                }
            }
            Recipe::Named(id) => laws[id.index()].recipe.inputs(laws, visit),
        }
    }
}
