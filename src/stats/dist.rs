//! Laws of durations and of uncertain numbers, with inverse functions: one uniform, one value.
//!
//! [`Dist::draw`] turns a uniform number `u` into the value that the law exceeds with probability `u`
//! (the exponential law gives `-mean ln u`). Because each draw uses one uniform and inverts, two
//! branches of a comparison stay in step and a smaller `u` never gives a smaller value. The exceptions
//! are `Sum`, whose parts are drawn from uniforms made out of the bits of the one, and `Mixture`,
//! which spends `u` first on the choice of the part and then, stretched, on the part.
//!
//! [`Dist::quantile`] is the textbook function, rising from the least value at 0 to the greatest at 1.
//! `draw_beyond` and `quantile_beyond` speak of the law given that it exceeds an age that has already
//! passed: a clock that is running when the scenario starts, or that resumes.
//!
//! `Sum` has no closed form. Its quantiles and probabilities are those of a fixed sample of 1,001
//! quasi-random points, so they are good to about three digits in the middle and end at 1 in 1,000.
//! A sum in which all parts but one are fixed is exact.
//!
//! References: Devroye (1986), chapters 2 and 9; Law (2015), section 8.3.

mod compound;
mod continuous;
#[cfg(test)]
mod tests;
mod validate;

use super::special::Tails;
use crate::math::{ln, ln_1p};

/// A law of one real number. Units are the caller's, days for durations.
#[derive(Debug, Clone, PartialEq)]
pub enum Dist {
    /// Always this value.
    Fixed(f64),
    /// No memory; the age that has passed does not matter.
    Exponential {
        /// Mean, above 0.
        mean: f64,
    },
    /// Equally likely everywhere between two ends.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end, above `low`.
        high: f64,
    },
    /// Density rising straight to the mode and falling straight from it.
    Triangular {
        /// Lower end.
        low: f64,
        /// Most likely value, within the ends.
        mode: f64,
        /// Upper end, above `low`.
        high: f64,
    },
    /// The logarithm is normal.
    Lognormal {
        /// Median of the law before it is restricted, above 0.
        median: f64,
        /// Standard deviation of the logarithm, above 0.
        sigma: f64,
        /// Restricts the law to this interval: the rest is cut off and what is left scaled up.
        within: Option<(f64, f64)>,
    },
    /// Normal law.
    Normal {
        /// Mean of the law before it is restricted.
        mean: f64,
        /// Standard deviation of the law before it is restricted, above 0.
        sd: f64,
        /// Restricts the law to this interval: the rest is cut off and what is left scaled up.
        within: Option<(f64, f64)>,
    },
    /// Hazard proportional to age to the power `shape - 1`.
    Weibull {
        /// Shape, above 0; above 1 the hazard grows with age.
        shape: f64,
        /// Scale: 63.2 % lie below it.
        scale: f64,
    },
    /// Sum of `shape` equal exponential stages.
    Erlang {
        /// Number of stages, at least 1.
        shape: u32,
        /// Mean of the whole, above 0.
        mean: f64,
    },
    /// Beta law on 0 to 1.
    Beta {
        /// First parameter, above 0.
        a: f64,
        /// Second parameter, above 0.
        b: f64,
    },
    /// Hazard constant on pieces: until this age, this rate a day. The last rate holds for ever,
    /// whatever its age says; if it is 0, the value may be infinite.
    Hazard(Vec<(f64, f64)>),
    /// Another law, moved.
    Shifted {
        /// Added to each value.
        by: f64,
        /// The law that is moved.
        of: Box<Dist>,
    },
    /// Sum of independent parts.
    Sum(Vec<Dist>),
    /// One of several laws, chosen with probability proportional to its weight.
    Mixture(Vec<(f64, Dist)>),
}

impl Dist {
    /// The value for a uniform number `u`: the one that the law exceeds with probability `u`.
    ///
    /// For `Sum`, and for a mixture of several parts, it is a function of `u` that has the law, but
    /// not a monotone one.
    #[inline]
    #[must_use]
    pub fn draw(&self, u: f64) -> f64 {
        match self {
            Dist::Exponential { mean } => -mean * ln(u),
            Dist::Shifted { by, of } => by + of.draw_inner(u),
            _ => self.draw_inner(u),
        }
    }

    /// The laws that are more than a few instructions, out of the way of those that are.
    #[inline(never)]
    fn draw_inner(&self, u: f64) -> f64 {
        match self {
            Dist::Fixed(value) => *value,
            Dist::Exponential { mean } => -mean * ln(u),
            Dist::Shifted { by, of } => by + of.draw_inner(u),
            Dist::Sum(parts) => compound::draw_sum(parts, u),
            Dist::Mixture(parts) => compound::draw_mixture(parts, u),
            _ => self.value_at(Tails::from_upper(u)),
        }
    }

    /// The value for `u` of the law given that it exceeds `age`; never below `age`.
    ///
    /// If nothing is left beyond `age`, it is `age`: due now. A `Sum` is drawn anew from further
    /// uniforms made out of the bits of `u` until it exceeds `age`; after 256 vain tries the value is
    /// `age` plus the last one. If the draw for `u` exceeds `age` anyway, a sum keeps it.
    #[must_use]
    pub fn draw_beyond(&self, u: f64, age: f64) -> f64 {
        match self {
            Dist::Exponential { mean } => age.max(0.0) - mean * ln(u),
            Dist::Shifted { by, of } => (by + of.draw_beyond(u, age - by)).max(age),
            Dist::Sum(parts) => compound::draw_sum_beyond(self, parts, u, age),
            Dist::Mixture(parts) => compound::draw_mixture_beyond(parts, u, age),
            _ => self.value_beyond(Tails::from_upper(u), age),
        }
    }

    /// The value that the law does not exceed with probability `p`, rising in `p`; the ends of the
    /// law at 0 and 1, which may be infinite.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        self.value_at(Tails::from_lower(p.clamp(0.0, 1.0)))
    }

    /// The quantile at `p` of the law given that it exceeds `age`; `age` if nothing is left.
    #[must_use]
    pub fn quantile_beyond(&self, p: f64, age: f64) -> f64 {
        let tails = Tails::from_lower(p.clamp(0.0, 1.0));
        match self {
            Dist::Shifted { by, of } => (by + of.quantile_beyond(p, age - by)).max(age),
            Dist::Sum(parts) => compound::sum_quantile_beyond(parts, p, age),
            _ => self.value_beyond(tails, age),
        }
    }

    /// Probability of a value of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).lower
    }

    /// Probability of a value above `x`, with its full relative accuracy.
    #[must_use]
    pub fn survival(&self, x: f64) -> f64 {
        self.tails(x).upper
    }

    /// The quantile at one half.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Expected value; infinite if the value may be.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Dist::Shifted { by, of } => by + of.mean(),
            Dist::Sum(parts) => parts.iter().map(Dist::mean).sum(),
            Dist::Mixture(parts) => compound::mixture_mean(parts),
            _ => continuous::mean(self),
        }
    }

    /// The least and the greatest value; either may be infinite.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match self {
            Dist::Sum(parts) => parts.iter().map(Dist::support).fold((0.0, 0.0), |sum, ends| {
                // Infinities of both signs do not meet: they sit at opposite ends.
                (sum.0 + ends.0, sum.1 + ends.1)
            }),
            Dist::Mixture(parts) => parts
                .iter()
                .map(|(_, part)| part.support())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |hull, ends| {
                    (hull.0.min(ends.0), hull.1.max(ends.1))
                }),
            _ => (self.quantile(0.0), self.quantile(1.0)),
        }
    }

    /// The value at which the law has these tails.
    fn value_at(&self, tails: Tails) -> f64 {
        match self {
            Dist::Shifted { by, of } => by + of.value_at(tails),
            Dist::Sum(parts) => compound::sum_value_at(parts, tails),
            Dist::Mixture(parts) => compound::mixture_value_at(parts, tails),
            _ => continuous::value_at(self, tails),
        }
    }

    /// The value at which the law given that it exceeds `age` has these tails.
    fn value_beyond(&self, tails: Tails, age: f64) -> f64 {
        // Where the hazard has a closed form, ages far in the tail keep their accuracy.
        if let Some(value) = continuous::value_beyond(self, tails, age) {
            return value.max(age);
        }
        let left = self.survival(age);
        if left <= 0.0 {
            return age;
        }
        if left >= 1.0 {
            return self.value_at(tails);
        }
        self.value_at(Tails::from_upper(tails.upper * left)).max(age)
    }

    /// Probabilities of at most and of more than `x`.
    fn tails(&self, x: f64) -> Tails {
        match self {
            Dist::Shifted { by, of } => of.tails(x - by),
            Dist::Sum(parts) => compound::sum_tails(parts, x),
            Dist::Mixture(parts) => compound::mixture_tails(parts, x),
            _ => continuous::tails(self, x),
        }
    }
}

/// Minus the logarithm of the upper tail, from whichever tail is smaller: the cumulated hazard.
#[inline]
fn cumulated_hazard(tails: Tails) -> f64 {
    if tails.lower < 0.5 { -ln_1p(-tails.lower) } else { -ln(tails.upper) }
}
