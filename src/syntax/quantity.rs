//! Quantities as written: a number with or without a unit, the name of an input, or a law.
//!
//! In every place for a number an author may write `3`, `pct(57.6)`, `"tail"` or
//! `Triangular(0, 60, 365)`. Parameters of laws are quantities again, so that they may be named too.
//! Names and units are checked later, by whoever knows what the place means.

use super::raw::{Name, Piece, Refusal, Spanned, parse, reject};
use super::{DateText, did_you_mean, message, scan};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::units::{DAYS_PER_MONTH, DAYS_PER_YEAR};
use serde::{Deserialize, Deserializer};

/// A quantity with its place: what every numeric field of a scenario holds.
pub type Num = Spanned<Quantity>;

/// A quantity as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// A finite number. With a unit, `value` is counted in that unit: `pct(57.6)` has the value 57.6.
    Number {
        /// The number.
        value: f64,
        /// Its unit, if one was written.
        unit: Option<Unit>,
    },
    /// The name of an input, or of a law where a law is wanted.
    Input(Name),
    /// A law of chance, written in place.
    Law(Box<LawSpec>),
}

impl Quantity {
    /// A plain number without a unit.
    #[must_use]
    pub fn number(value: f64) -> Quantity {
        Quantity::Number { value, unit: None }
    }
}

/// The unit of a number, by its constructor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// `pct(57.6)`: per cent of something.
    Percent,
    /// `pp(24)`: percentage points, such as those of a tariff rate.
    Points,
    /// `days(4)`, and in days also `weeks(2)` = 14, `months(3)` = 91.25, `years(1)` = 365.
    Days,
    /// `usd_bn(12.8)`: billions of US dollars.
    UsdBn,
    /// `share(0.3)`: a part of one.
    Share,
}

impl Unit {
    /// The unit as a word in a sentence: `days`, `billion US dollars`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Unit::Percent => "per cent",
            Unit::Points => "percentage points",
            Unit::Days => "days",
            Unit::UsdBn => "billion US dollars",
            Unit::Share => "a share",
        }
    }
}

/// Constructors of numbers: word, unit, and what one of it is in that unit.
pub(super) const UNITS: [(&str, Unit, f64); 8] = [
    ("pct", Unit::Percent, 1.0),
    ("pp", Unit::Points, 1.0),
    ("days", Unit::Days, 1.0),
    ("weeks", Unit::Days, 7.0),
    ("months", Unit::Days, DAYS_PER_MONTH),
    ("years", Unit::Days, DAYS_PER_YEAR),
    ("usd_bn", Unit::UsdBn, 1.0),
    ("share", Unit::Share, 1.0),
];

/// A law of chance as written. Whether its parameters make sense is checked by the model.
///
/// Parameters are quantities, so each may be the name of an input; where a law stands inside a law
/// (`Sum`, `Shifted`, `Mixture`) a number means a fixed value and a name the law of that name.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum LawSpec {
    /// `Fixed(3)`: always the same value.
    Fixed(Num),
    /// `Uniform(a, b)`: any value from `a` to `b`, all equally likely.
    Uniform(Num, Num),
    /// `Triangular(low, mode, high)`.
    Triangular(Num, Num, Num),
    /// `Exponential(mean: 30)`, or by its rate: `per_day`, `per_month`, `per_year`.
    Exponential(Rate),
    /// `Weibull(shape: 1.5, scale: 20)`.
    Weibull {
        /// Shape; above 1 the hazard rises with time.
        shape: Num,
        /// Scale: the 63.2 % quantile.
        scale: Num,
    },
    /// `Lognormal(median: 7, sigma: 0.8, within: (1, 30))`.
    Lognormal {
        /// Median.
        median: Num,
        /// Standard deviation of the logarithm.
        sigma: Num,
        /// Bounds at which the law is truncated.
        #[serde(default)]
        within: Option<(Num, Num)>,
    },
    /// `Normal(mean: 0, sd: 1, within: (-2, 2))`.
    Normal {
        /// Mean before truncation.
        mean: Num,
        /// Standard deviation before truncation.
        sd: Num,
        /// Bounds at which the law is truncated.
        #[serde(default)]
        within: Option<(Num, Num)>,
    },
    /// `Erlang(shape: 3, mean: 30)`: the sum of `shape` exponential stages of equal mean.
    Erlang {
        /// Number of stages.
        shape: Spanned<u32>,
        /// Mean of the whole.
        mean: Num,
    },
    /// `Beta(a, b)`: a share between 0 and 1.
    Beta(Num, Num),
    /// `Hazard([(14, 0.01), (Forever, 0.03)])`: a hazard that is constant between the given days.
    Hazard(Vec<HazardStep>),
    /// `Dates(["2025-11-05", "2025-12-10"])`: the next of these days.
    Dates(Vec<DateText>),
    /// `Sum([a, b])`: one after the other, drawn independently.
    Sum(Vec<Num>),
    /// `Shifted(by: 3, law: Exponential(mean: 30))`.
    Shifted {
        /// What is added to each draw.
        by: Num,
        /// The law that is shifted.
        law: Num,
    },
    /// `Mixture([(0.7, a), (0.3, b)])`: weight and law of each part.
    Mixture(Vec<(Num, Num)>),
}

/// Words by which laws are written.
const LAWS: [&str; 14] = [
    "Fixed",
    "Uniform",
    "Triangular",
    "Exponential",
    "Weibull",
    "Lognormal",
    "Normal",
    "Erlang",
    "Beta",
    "Hazard",
    "Dates",
    "Sum",
    "Shifted",
    "Mixture",
];

/// The parameter of an exponential law: exactly one of these.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RateFields")]
pub enum Rate {
    /// `mean: 30`: mean waiting time in days.
    Mean(Num),
    /// `per_day: 0.1`: events a day.
    PerDay(Num),
    /// `per_month: 0.6`: events in 365/12 days.
    PerMonth(Num),
    /// `per_year: 2`: events in 365 days.
    PerYear(Num),
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RateFields {
    #[serde(default)]
    mean: Option<Num>,
    #[serde(default)]
    per_day: Option<Num>,
    #[serde(default)]
    per_month: Option<Num>,
    #[serde(default)]
    per_year: Option<Num>,
}

const ONE_RATE: &str = "give exactly one of `mean`, `per_day`, `per_month` and `per_year`";

impl TryFrom<RateFields> for Rate {
    type Error = &'static str;
    fn try_from(fields: RateFields) -> Result<Rate, Self::Error> {
        match (fields.mean, fields.per_day, fields.per_month, fields.per_year) {
            (Some(mean), None, None, None) => Ok(Rate::Mean(mean)),
            (None, Some(rate), None, None) => Ok(Rate::PerDay(rate)),
            (None, None, Some(rate), None) => Ok(Rate::PerMonth(rate)),
            (None, None, None, Some(rate)) => Ok(Rate::PerYear(rate)),
            _ => Err(ONE_RATE),
        }
    }
}

/// One step of a hazard, `(until, rate)`. Steps follow each other from day 0. After the last `until`
/// the hazard is zero, so that the event may never come; write `Forever` to let the last rate stay.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct HazardStep(
    /// The day up to which the rate holds.
    pub Until,
    /// Events a day.
    pub Num,
);

/// The end of a step of a hazard.
#[derive(Debug, Clone, PartialEq)]
pub enum Until {
    /// Days after the clock starts.
    Days(Num),
    /// Never: written `Forever`.
    Forever,
}

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        if piece.text == "Forever" {
            return Ok(Until::Forever);
        }
        piece.parse().map(Until::Days).map_err(reject)
    }
}

/// Whether a written value is text in quotes.
pub(super) fn is_quoted(text: &str) -> bool {
    let raw = text.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
    text.starts_with('"') || raw.is_some_and(|rest| rest.starts_with('"'))
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Quantity::from_piece(Piece::read(deserializer)?).map_err(reject)
    }
}

impl Quantity {
    fn from_piece(piece: Piece<'_>) -> Result<Quantity, Refusal> {
        let text = piece.text;
        if is_quoted(text) {
            return piece.parse().map(|name| Quantity::Input(Spanned::new(name, piece.span())));
        }
        if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
            return Ok(Quantity::number(finite(piece)?));
        }
        let word_end =
            text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        let word = &text[..word_end];
        if matches!(word, "inf" | "NaN" | "inff32" | "inff64" | "NaNf32" | "NaNf64") {
            return Err(not_finite(piece));
        }
        if let Some((_, unit, size)) = UNITS.iter().find(|(name, ..)| *name == word) {
            let value = in_unit(piece, word)? * size;
            if !value.is_finite() {
                return Err(not_finite(piece));
            }
            return Ok(Quantity::Number { value, unit: Some(*unit) });
        }
        if LAWS.contains(&word) {
            return match piece.parse() {
                Ok(law) => Ok(Quantity::Law(Box::new(law))),
                // This one speaks of the whole law, not of the parameter that was read last.
                Err(mut refusal) if word == "Exponential" && refusal.message == ONE_RATE => {
                    refusal.span = Some(piece.part(0, word_end));
                    Err(refusal)
                }
                Err(refusal) => Err(refusal),
            };
        }
        let wanted = "write a number, pct(5), the name of an input in quotes, or a law such as \
                      Triangular(0, 1, 2)";
        if word.is_empty() {
            return Err(Diagnostic::error("E015", "expected a quantity")
                .at(piece.part(0, scan::token_at(text, 0).map_or(0, |token| token.end)))
                .help(wanted)
                .into());
        }
        let known = LAWS.iter().copied().chain(UNITS.iter().map(|(name, ..)| *name));
        let mut found =
            Diagnostic::error("E012", format!("unknown quantity `{}`", message::short(word)))
                .at(piece.part(0, word_end))
                .label("neither a law nor a unit");
        if let Some(question) = did_you_mean(word, known) {
            found = found.help(question);
        }
        if word_end == text.len() {
            found = found.help(format!(
                "the name of an input is written in quotes: \"{}\"",
                message::short(word)
            ));
        }
        Err(found.help(wanted).into())
    }
}

fn not_finite(piece: Piece<'_>) -> Refusal {
    let found = Diagnostic::error("E017", "this is not a finite number")
        .at(piece.span())
        .help("leave the field out, or write a large number that you mean");
    Box::new(found)
}

/// Reads a number and refuses those that are not finite.
fn finite(piece: Piece<'_>) -> Result<f64, Refusal> {
    let value: f64 = piece.parse()?;
    if value.is_finite() { Ok(value) } else { Err(not_finite(piece)) }
}

/// Reads the number inside `pct(...)` and its like.
fn in_unit(piece: Piece<'_>, word: &str) -> Result<f64, Refusal> {
    let numbers_only = |piece: Piece<'_>| -> Refusal {
        Diagnostic::error("E017", format!("`{word}` takes one plain number"))
            .at(piece.span())
            .help(format!("write {word}(3); names and laws stand without a unit"))
            .into()
    };
    let after = piece.text[word.len()..].trim_start();
    let inner = after.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner else { return Err(numbers_only(piece)) };
    let (start, end) = scan::trimmed(inner);
    // A trailing comma is allowed, as everywhere.
    let number = inner[start..end].trim_end_matches(',');
    let (start, end) = scan::trimmed(number);
    let number = Piece { text: &number[start..end] };
    let plain = number.text.starts_with(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let mut ignored = Diagnostics::new();
    match parse::<f64>(number.text, &mut ignored) {
        Some(value) if plain && value.is_finite() => Ok(value),
        Some(_) if plain => Err(not_finite(number)),
        _ if number.text.is_empty() => Err(numbers_only(piece)),
        _ => Err(numbers_only(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Quantity {
        let mut out = Diagnostics::new();
        let num: Option<Num> = parse(text, &mut out);
        num.unwrap_or_else(|| panic!("{}", out.render("x", text, false))).value
    }

    fn law(text: &str) -> LawSpec {
        match read(text) {
            Quantity::Law(law) => *law,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn num(value: f64) -> Num {
        Spanned::synthetic(Quantity::number(value))
    }

    fn name(text: &str) -> Num {
        Spanned::synthetic(Quantity::Input(Spanned::synthetic(text.into())))
    }

    fn fixed(value: f64) -> Num {
        Spanned::synthetic(Quantity::Law(Box::new(LawSpec::Fixed(num(value)))))
    }

    #[test]
    fn numbers_are_read_in_every_spelling() {
        for (text, value) in [
            ("3", 3.0),
            ("-2.5e3", -2500.0),
            ("+4", 4.0),
            (".5", 0.5),
            ("1_000.5", 1000.5),
            (" 3 /* three */ ", 3.0),
        ] {
            assert_eq!(read(text), Quantity::number(value), "{text}");
        }
    }

    #[test]
    fn units_convert_to_their_base() {
        for (text, value, unit) in [
            ("pct(57.6)", 57.6, Unit::Percent),
            ("pp( 24 , )", 24.0, Unit::Points),
            ("days(4)", 4.0, Unit::Days),
            ("weeks(2)", 14.0, Unit::Days),
            ("months(3)", 91.25, Unit::Days),
            ("years (1)", 365.0, Unit::Days),
            ("usd_bn(12.8)", 12.8, Unit::UsdBn),
            ("share(/* third */ 0.3)", 0.3, Unit::Share),
            ("pct(-5)", -5.0, Unit::Percent),
        ] {
            assert_eq!(read(text), Quantity::Number { value, unit: Some(unit) }, "{text}");
        }
    }

    #[test]
    fn names_stand_in_quotes() {
        assert_eq!(read("\"tail\""), name("tail").value);
        assert_eq!(read("r#\"a\"b\"#"), name("a\"b").value);
    }

    #[test]
    fn every_law_is_read() {
        let bounds = Some((num(1.0), num(30.0)));
        let date = |text: &str| DateText {
            date: crate::units::Date::parse(text).unwrap(),
            span: crate::diagnostic::Span::default(),
        };
        for (text, want) in [
            ("Fixed(3)", LawSpec::Fixed(num(3.0))),
            ("Uniform(1, \"b\")", LawSpec::Uniform(num(1.0), name("b"))),
            ("Triangular(0, 60, 365)", LawSpec::Triangular(num(0.0), num(60.0), num(365.0))),
            ("Exponential(mean: 30)", LawSpec::Exponential(Rate::Mean(num(30.0)))),
            ("Exponential(per_day: 0.1)", LawSpec::Exponential(Rate::PerDay(num(0.1)))),
            ("Exponential(per_month: \"r\")", LawSpec::Exponential(Rate::PerMonth(name("r")))),
            ("Exponential(per_year: 2)", LawSpec::Exponential(Rate::PerYear(num(2.0)))),
            (
                "Weibull(scale: 20, shape: 1.5)",
                LawSpec::Weibull { shape: num(1.5), scale: num(20.0) },
            ),
            (
                "Lognormal(median: 7, sigma: 0.8)",
                LawSpec::Lognormal { median: num(7.0), sigma: num(0.8), within: None },
            ),
            (
                "Lognormal(median: 7, sigma: 0.8, within: (1, 30))",
                LawSpec::Lognormal { median: num(7.0), sigma: num(0.8), within: bounds.clone() },
            ),
            (
                "Normal(mean: 0, sd: 1, within: (1, 30,))",
                LawSpec::Normal { mean: num(0.0), sd: num(1.0), within: bounds },
            ),
            (
                "Erlang(shape: 3, mean: 30)",
                LawSpec::Erlang { shape: Spanned::synthetic(3), mean: num(30.0) },
            ),
            ("Beta(5, 4)", LawSpec::Beta(num(5.0), num(4.0))),
            (
                "Hazard([(14, 0.01), (Forever, 0.03)])",
                LawSpec::Hazard(vec![
                    HazardStep(Until::Days(num(14.0)), num(0.01)),
                    HazardStep(Until::Forever, num(0.03)),
                ]),
            ),
            ("Sum([1, \"a\", Fixed(2)])", LawSpec::Sum(vec![num(1.0), name("a"), fixed(2.0)])),
            ("Shifted(by: 3, law: Fixed(2))", LawSpec::Shifted { by: num(3.0), law: fixed(2.0) }),
            (
                "Mixture([(0.7, \"a\"), (0.3, Fixed(2))])",
                LawSpec::Mixture(vec![(num(0.7), name("a")), (num(0.3), fixed(2.0))]),
            ),
        ] {
            assert_eq!(law(text), want, "{text}");
        }
        let LawSpec::Dates(dates) = law("Dates([\"2025-11-05\", \"2025-12-10\"])") else {
            panic!("dates")
        };
        assert_eq!(dates[1].date, date("2025-12-10").date);
    }

    #[test]
    fn every_word_of_the_list_is_a_law() {
        // A word missing from the list could not be written at all; one too many would confuse.
        for word in LAWS {
            let mut out = Diagnostics::new();
            assert!(parse::<LawSpec>(word, &mut out).is_none());
            assert!(out.iter().all(|d| d.code != "E012"), "{word}: {out:?}");
        }
    }

    #[test]
    fn slips_in_laws_are_not_swallowed() {
        for (text, code) in [
            ("Lognormal(median: 1, sigma: 1, witin: (1, 2))", "E011"),
            ("Weibull(shape: 1, scle: 2)", "E011"),
            ("Weibull(shape: 1)", "E013"),
            ("Erlang(shape: 2.5, mean: 1)", "E015"),
            ("Hazard([(never, 1)])", "E012"),
            ("Mixture([(0.5, Fixed(x))])", "E012"),
            ("Sum(3)", "E015"),
            ("Triangular", "E015"),
        ] {
            let mut out = Diagnostics::new();
            assert!(parse::<Num>(text, &mut out).is_none(), "{text}");
            assert_eq!(out.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{text}");
        }
    }
}
