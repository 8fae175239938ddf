//! Laws as a scenario writes them.

use crate::stats::dist::Dist;

/// A law in the words of the scenario language; days and shares are plain numbers.
#[must_use]
pub fn written(law: &Dist) -> String {
    match law {
        Dist::Fixed(value) => format!("Fixed({value})"),
        Dist::Exponential { mean } => format!("Exponential(mean: {mean})"),
        Dist::Uniform { low, high } => format!("Uniform({low}, {high})"),
        Dist::Triangular { low, mode, high } => format!("Triangular({low}, {mode}, {high})"),
        Dist::Lognormal { median, sigma, within } => {
            format!("Lognormal(median: {median}, sigma: {sigma}{})", bounds(*within))
        }
        Dist::Normal { mean, sd, within } => {
            format!("Normal(mean: {mean}, sd: {sd}{})", bounds(*within))
        }
        Dist::Weibull { shape, scale } => format!("Weibull(shape: {shape}, scale: {scale})"),
        Dist::Erlang { shape, mean } => format!("Erlang(shape: {shape}, mean: {mean})"),
        Dist::Beta { a, b } => format!("Beta({a}, {b})"),
        Dist::Hazard(pieces) => {
            let last = pieces.len().saturating_sub(1);
            let piece = |(place, (until, rate)): (usize, &(f64, f64))| match place == last {
                // The last rate holds for ever, whatever its age says.
                true => format!("(Forever, {rate})"),
                false => format!("({until}, {rate})"),
            };
            format!("Hazard([{}])", list(pieces.iter().enumerate().map(piece)))
        }
        Dist::Shifted { by, of } => format!("Shifted(by: {by}, law: {})", written(of)),
        Dist::Sum(parts) => format!("Sum([{}])", list(parts.iter().map(written))),
        Dist::Mixture(parts) => {
            let part = |(weight, law): &(f64, Dist)| format!("({weight}, {})", written(law));
            format!("Mixture([{}])", list(parts.iter().map(part)))
        }
    }
}

fn bounds(within: Option<(f64, f64)>) -> String {
    within.map_or_else(String::new, |(low, high)| format!(", within: ({low}, {high})"))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::syntax::LawSpec;

    #[test]
    fn laws_are_written_as_they_are_read() {
        let laws = [
            Dist::Fixed(3.0),
            Dist::Exponential { mean: 30.0 },
            Dist::Uniform { low: 0.1, high: 2.0 },
            Dist::Triangular { low: 0.0, mode: 60.0, high: 365.0 },
            Dist::Lognormal { median: 7.0, sigma: 0.8, within: Some((1.0, 30.0)) },
            Dist::Lognormal { median: 10.0, sigma: 0.8, within: None },
            Dist::Normal { mean: 0.0, sd: 1.5, within: None },
            Dist::Weibull { shape: 1.5, scale: 20.0 },
            Dist::Erlang { shape: 3, mean: 30.0 },
            Dist::Beta { a: 2.0, b: 5.0 },
            Dist::Hazard(vec![(14.0, 0.01), (28.0, 0.03)]),
            Dist::Shifted { by: 3.0, of: Box::new(Dist::Exponential { mean: 9.0 }) },
            Dist::Mixture(vec![
                (0.7, Dist::Fixed(1.0)),
                (0.3, Dist::Sum(vec![Dist::Fixed(1.0), Dist::Uniform { low: 0.0, high: 1.0 }])),
            ]),
        ];
        let said: Vec<String> = laws.iter().map(written).collect();
        assert_eq!(said[4], "Lognormal(median: 7, sigma: 0.8, within: (1, 30))");
        assert_eq!(said[10], "Hazard([(14, 0.01), (Forever, 0.03)])");
        assert_eq!(said[11], "Shifted(by: 3, law: Exponential(mean: 9))");
        for law in &said {
            let mut out = Diagnostics::new();
            let read: Option<LawSpec> = crate::syntax::parse(law, &mut out);
            assert!(read.is_some() && out.is_empty(), "{law}: {out:?}");
        }
    }
}
