//! What a law must satisfy, in words for the author of a scenario.

use super::Dist;

/// Most parts in one sum or mixture, and most pieces of a hazard.
const MOST_PARTS: usize = 1000;
/// Deepest nesting of laws within laws.
const DEEPEST: usize = 16;

impl Dist {
    /// Whether the law can be drawn from.
    ///
    /// # Errors
    /// What is wrong and how to mend it, in one plain sentence, for the first mistake found.
    pub fn validate(&self) -> Result<(), String> {
        check(self, 0)
    }
}

fn check(dist: &Dist, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("laws are nested more than {DEEPEST} deep; write it more simply"));
    }
    match dist {
        Dist::Fixed(value) => finite("the fixed value", *value),
        Dist::Exponential { mean } => positive("the mean of an exponential law", *mean),
        Dist::Uniform { low, high } => {
            finite("`low` of a uniform law", *low)?;
            finite("`high` of a uniform law", *high)?;
            ordered("a uniform law", *low, *high)
        }
        Dist::Triangular { low, mode, high } => {
            finite("`low` of a triangular law", *low)?;
            finite("`mode` of a triangular law", *mode)?;
            finite("`high` of a triangular law", *high)?;
            ordered("a triangular law", *low, *high)?;
            if mode < low || mode > high {
                return Err(format!(
                    "the mode of a triangular law is {mode}, outside {low} to {high}; \
                     give a mode between its ends"
                ));
            }
            Ok(())
        }
        Dist::Lognormal { median, sigma, within } => {
            positive("the median of a lognormal law", *median)?;
            positive("the sigma of a lognormal law", *sigma)?;
            if *sigma > 20.0 {
                return Err(format!(
                    "the sigma of a lognormal law is {sigma}; it is the standard deviation of \
                     the logarithm (0.5 is a factor of 1.6), so give a number up to 20"
                ));
            }
            window(dist, *within)
        }
        Dist::Normal { mean, sd, within } => {
            finite("the mean of a normal law", *mean)?;
            positive("the sd of a normal law", *sd)?;
            window(dist, *within)
        }
        Dist::Weibull { shape, scale } => {
            positive("the shape of a Weibull law", *shape)?;
            if *shape < 0.05 {
                return Err(format!(
                    "the shape of a Weibull law is {shape}; below 0.05 its mean has no use, so \
                     give a larger shape (1 is the exponential law)"
                ));
            }
            positive("the scale of a Weibull law", *scale)
        }
        Dist::Erlang { shape, mean } => {
            if *shape == 0 {
                return Err("the shape of an Erlang law is 0; give its number of stages, \
                            1 or more"
                    .to_owned());
            }
            positive("the mean of an Erlang law", *mean)
        }
        Dist::Beta { a, b } => {
            positive("`a` of a beta law", *a)?;
            positive("`b` of a beta law", *b)
        }
        Dist::Hazard(pieces) => hazard(pieces),
        Dist::Shifted { by, of } => {
            finite("`by` of a shifted law", *by)?;
            check(of, depth + 1)
        }
        Dist::Sum(parts) => {
            count("a sum", parts.len())?;
            parts.iter().try_for_each(|part| check(part, depth + 1))
        }
        Dist::Mixture(parts) => {
            count("a mixture", parts.len())?;
            for (weight, part) in parts {
                if !(weight.is_finite() && *weight >= 0.0) {
                    return Err(format!(
                        "a weight of a mixture is {weight}; give a number of 0 or more"
                    ));
                }
                check(part, depth + 1)?;
            }
            let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
            if !(total.is_finite() && total > 0.0) {
                return Err("the weights of a mixture add up to nothing; give at least one \
                            above 0"
                    .to_owned());
            }
            Ok(())
        }
    }
}

fn finite(what: &str, value: f64) -> Result<(), String> {
    if value.is_finite() {
        return Ok(());
    }
    Err(format!("{what} is {value}; give a finite number"))
}

fn positive(what: &str, value: f64) -> Result<(), String> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(format!("{what} is {value}; give a number above 0"))
}

fn ordered(what: &str, low: f64, high: f64) -> Result<(), String> {
    if low < high {
        return Ok(());
    }
    Err(format!("{what} runs from {low} to {high}; put the smaller number first, or write `Fixed`"))
}

fn count(what: &str, parts: usize) -> Result<(), String> {
    match parts {
        0 => Err(format!("{what} has no parts; give at least one")),
        1..=MOST_PARTS => Ok(()),
        _ => Err(format!("{what} has {parts} parts; give at most {MOST_PARTS}")),
    }
}

fn window(dist: &Dist, within: Option<(f64, f64)>) -> Result<(), String> {
    let Some((low, high)) = within else { return Ok(()) };
    if low.is_nan() || high.is_nan() || low >= high {
        return Err(format!("`within` runs from {low} to {high}; put the smaller number first"));
    }
    let mut whole = dist.clone();
    if let Dist::Normal { within, .. } | Dist::Lognormal { within, .. } = &mut whole {
        *within = None;
    }
    let share = if whole.cdf(low) > 0.5 {
        whole.survival(low) - whole.survival(high)
    } else {
        whole.cdf(high) - whole.cdf(low)
    };
    if share < 1e-6 {
        return Err(format!(
            "`within` {low} to {high} holds almost nothing of the law, whose middle half is \
             {:.3} to {:.3}; widen it or move the law",
            whole.quantile(0.25),
            whole.quantile(0.75)
        ));
    }
    Ok(())
}

fn hazard(pieces: &[(f64, f64)]) -> Result<(), String> {
    count("a hazard", pieces.len())?;
    let mut from = 0.0;
    for (i, &(until, rate)) in pieces.iter().enumerate() {
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(format!("a rate of a hazard is {rate}; give a number a day of 0 or more"));
        }
        // The last rate holds for ever, whatever its age.
        if i + 1 < pieces.len() && !(until.is_finite() && until > from) {
            return Err(format!(
                "a piece of a hazard ends at {until}, not after {from}; give its ends in rising \
                 order"
            ));
        }
        from = until;
    }
    if pieces.iter().all(|&(_, rate)| rate <= 0.0) {
        return Err("all rates of a hazard are 0, so it never happens; give one above 0".to_owned());
    }
    Ok(())
}
