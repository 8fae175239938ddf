//! The laws that have a closed form or an incomplete gamma or beta function: tails, inverses, means.

use super::{Dist, cumulated_hazard};
use crate::math::{exp, expm1, ln, ln_gamma, pow};
use crate::stats::special::{
    Tails, beta_quantile, beta_tails, gamma_quantile, gamma_tails, normal_density,
    normal_quantile_of, normal_tails,
};

const NONE_BELOW: Tails = Tails { lower: 0.0, upper: 1.0 };
const ALL_BELOW: Tails = Tails { lower: 1.0, upper: 0.0 };

/// The tails of a law at `x`. Compound laws are not given to this module.
pub(super) fn tails(dist: &Dist, x: f64) -> Tails {
    match dist {
        Dist::Fixed(value) if x >= *value => ALL_BELOW,
        Dist::Exponential { mean } => from_hazard(x.max(0.0) / mean),
        Dist::Uniform { low, high } => {
            if x <= *low {
                return NONE_BELOW;
            }
            if x >= *high {
                return ALL_BELOW;
            }
            Tails { lower: (x - low) / (high - low), upper: (high - x) / (high - low) }
        }
        Dist::Triangular { low, mode, high } => {
            if x <= *low {
                return NONE_BELOW;
            }
            if x >= *high {
                return ALL_BELOW;
            }
            if x <= *mode {
                Tails::from_lower((x - low) / (high - low) * ((x - low) / (mode - low)))
            } else {
                Tails::from_upper((high - x) / (high - low) * ((high - x) / (high - mode)))
            }
        }
        Dist::Lognormal { median, sigma, within } => {
            // Below every z, rather than the logarithm of a negative number.
            let z = |x: f64| if x > 0.0 { ln(x / median) / sigma } else { f64::NEG_INFINITY };
            Window::new(*within, z).tails(z(x))
        }
        Dist::Normal { mean, sd, within } => {
            let z = |x: f64| (x - mean) / sd;
            Window::new(*within, z).tails(z(x))
        }
        Dist::Weibull { shape, scale } => from_hazard(pow(x.max(0.0) / scale, *shape)),
        Dist::Erlang { shape, mean } => {
            let stages = f64::from(*shape);
            gamma_tails(stages, x * stages / mean)
        }
        Dist::Beta { a, b } => beta_tails(*a, *b, x),
        Dist::Hazard(pieces) => from_hazard(hazard_until(pieces, x)),
        Dist::Fixed(_) | Dist::Shifted { .. } | Dist::Sum(_) | Dist::Mixture(_) => NONE_BELOW,
    }
}

/// The value at which a law has these tails.
#[inline]
pub(super) fn value_at(dist: &Dist, tails: Tails) -> f64 {
    match dist {
        Dist::Fixed(value) => *value,
        Dist::Exponential { mean } => mean * cumulated_hazard(tails),
        Dist::Uniform { low, high } => {
            if tails.lower < 0.5 {
                low + tails.lower * (high - low)
            } else {
                high - tails.upper * (high - low)
            }
        }
        Dist::Triangular { low, mode, high } => {
            if tails.lower * (high - low) <= mode - low {
                low + (tails.lower * (high - low) * (mode - low)).sqrt()
            } else {
                high - (tails.upper * (high - low) * (high - mode)).sqrt()
            }
        }
        Dist::Lognormal { median, sigma, within } => match within {
            None => median * exp(sigma * normal_quantile_of(tails)),
            Some((low, high)) => {
                let z = |x: f64| if x > 0.0 { ln(x / median) / sigma } else { f64::NEG_INFINITY };
                let z = Window::new(*within, z).value_at(tails);
                (median * exp(sigma * z)).max(*low).min(*high)
            }
        },
        Dist::Normal { mean, sd, within } => match within {
            None => mean + sd * normal_quantile_of(tails),
            Some((low, high)) => {
                let z = Window::new(*within, |x| (x - mean) / sd).value_at(tails);
                (mean + sd * z).max(*low).min(*high)
            }
        },
        Dist::Weibull { shape, scale } => scale * pow(cumulated_hazard(tails), 1.0 / shape),
        Dist::Erlang { shape, mean } => {
            let stages = f64::from(*shape);
            gamma_quantile(stages, tails) * mean / stages
        }
        Dist::Beta { a, b } => beta_quantile(*a, *b, tails),
        Dist::Hazard(pieces) => age_at_hazard(pieces, cumulated_hazard(tails)),
        // Compound laws are not given to this module; NaN would show it.
        Dist::Shifted { .. } | Dist::Sum(_) | Dist::Mixture(_) => f64::NAN,
    }
}

/// The value at these tails of the law beyond `age`, for laws given by their hazard.
pub(super) fn value_beyond(dist: &Dist, tails: Tails, age: f64) -> Option<f64> {
    let age = age.max(0.0);
    match dist {
        Dist::Exponential { mean } => Some(age + mean * cumulated_hazard(tails)),
        Dist::Weibull { shape, scale } => {
            let reached = pow(age / scale, *shape) + cumulated_hazard(tails);
            Some(scale * pow(reached, 1.0 / shape))
        }
        Dist::Hazard(pieces) => {
            Some(age_at_hazard(pieces, hazard_until(pieces, age) + cumulated_hazard(tails)))
        }
        _ => None,
    }
}

/// Expected value of a law.
pub(super) fn mean(dist: &Dist) -> f64 {
    match dist {
        Dist::Fixed(value) => *value,
        Dist::Exponential { mean } | Dist::Erlang { mean, .. } => *mean,
        Dist::Uniform { low, high } => low + 0.5 * (high - low),
        Dist::Triangular { low, mode, high } => (low + mode + high) / 3.0,
        Dist::Lognormal { median, sigma, within } => {
            let z = |x: f64| if x > 0.0 { ln(x / median) / sigma } else { f64::NEG_INFINITY };
            let window = Window::new(*within, z);
            let weighted = mass(window.low - sigma, window.high - sigma);
            median * exp(0.5 * sigma * sigma) * weighted / window.mass
        }
        Dist::Normal { mean, sd, within } => {
            let window = Window::new(*within, |x| (x - mean) / sd);
            mean + sd * (normal_density(window.low) - normal_density(window.high)) / window.mass
        }
        Dist::Weibull { shape, scale } => scale * exp(ln_gamma(1.0 + 1.0 / shape)),
        Dist::Beta { a, b } => a / (a + b),
        Dist::Hazard(pieces) => mean_of_hazard(pieces),
        Dist::Shifted { .. } | Dist::Sum(_) | Dist::Mixture(_) => f64::NAN,
    }
}

fn from_hazard(cumulated: f64) -> Tails {
    Tails { lower: -expm1(-cumulated), upper: exp(-cumulated) }
}

/// The part of the standard normal law between two values of z.
struct Window {
    low: f64,
    high: f64,
    mass: f64,
}

/// Probability between two values of z, from the tail that keeps its digits.
fn mass(low: f64, high: f64) -> f64 {
    if low > 0.0 {
        normal_tails(low).upper - normal_tails(high).upper
    } else {
        normal_tails(high).lower - normal_tails(low).lower
    }
}

impl Window {
    fn new(within: Option<(f64, f64)>, z: impl Fn(f64) -> f64) -> Window {
        match within {
            None => Window { low: f64::NEG_INFINITY, high: f64::INFINITY, mass: 1.0 },
            Some((low, high)) => {
                let (low, high) = (z(low), z(high));
                Window { low, high, mass: mass(low, high) }
            }
        }
    }

    fn tails(&self, z: f64) -> Tails {
        if z < self.low {
            return NONE_BELOW;
        }
        if z >= self.high {
            return ALL_BELOW;
        }
        Tails { lower: mass(self.low, z) / self.mass, upper: mass(z, self.high) / self.mass }
    }

    fn value_at(&self, tails: Tails) -> f64 {
        normal_quantile_of(Tails {
            lower: normal_tails(self.low).lower + tails.lower * self.mass,
            upper: normal_tails(self.high).upper + tails.upper * self.mass,
        })
    }
}

/// Spans of age with their constant rates; the last span is endless.
fn spans(pieces: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64, f64)> {
    let starts = std::iter::once(0.0).chain(pieces.iter().map(|&(until, _)| until));
    let last = pieces.len().wrapping_sub(1);
    pieces.iter().zip(starts).enumerate().map(move |(i, (&(until, rate), start))| {
        (start, if i == last { f64::INFINITY } else { until }, rate)
    })
}

/// Cumulated hazard at age `x`.
fn hazard_until(pieces: &[(f64, f64)], x: f64) -> f64 {
    spans(pieces)
        .take_while(|&(start, ..)| start < x)
        // A rate of 0 over an endless span adds nothing.
        .map(|(start, end, rate)| if rate > 0.0 { rate * (end.min(x) - start) } else { 0.0 })
        .sum()
}

/// The age at which the cumulated hazard reaches `wanted`; infinite if it never does.
fn age_at_hazard(pieces: &[(f64, f64)], mut wanted: f64) -> f64 {
    for (start, end, rate) in spans(pieces) {
        if rate <= 0.0 {
            continue;
        }
        let here = rate * (end - start);
        if wanted <= here {
            return start + wanted / rate;
        }
        wanted -= here;
    }
    f64::INFINITY
}

fn mean_of_hazard(pieces: &[(f64, f64)]) -> f64 {
    let mut left = 1.0;
    let mut mean = 0.0;
    for (start, end, rate) in spans(pieces) {
        if rate > 0.0 {
            let stays = exp(-rate * (end - start));
            mean += left * -expm1(-rate * (end - start)) / rate;
            left *= stays;
        } else {
            mean += left * (end - start);
        }
    }
    mean
}
