//! Exact payoffs: rationals and decimals as they stand in a file.
//!
//! A payoff is a fraction of two machine integers when it fits (nearly always) and a big fraction
//! otherwise, so that a table of millions of payoffs stays small. Decimals are exact: `0.1` is one
//! tenth, not the nearest float.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{CheckedMul, FromPrimitive, Signed, ToPrimitive, Zero};
use std::fmt;

/// A fraction of whole numbers of any size.
pub type Rational = BigRational;

/// An exact payoff or probability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exact {
    /// Numerator and denominator fit a machine integer; always in lowest terms.
    Small(Ratio<i64>),
    /// Everything else.
    Big(Box<Rational>),
}

/// Longest text of one number; longer ones are refused so that reading stays linear.
const LONGEST: usize = 1_000;
/// Largest decimal exponent; beyond it no float could hold the payoff.
const EXPONENT: i64 = 330;

impl Exact {
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self::Small(Ratio::zero())
    }

    /// A whole number.
    #[must_use]
    pub fn integer(n: i64) -> Self {
        Self::Small(Ratio::from_integer(n))
    }

    /// The fraction p/q of two whole numbers; none when q is 0.
    #[must_use]
    pub fn ratio(p: i64, q: i64) -> Option<Self> {
        if q == 0 {
            return None;
        }
        Some(Self::from_rational(Rational::new(BigInt::from(p), BigInt::from(q))))
    }

    /// The exact value of a float; none for infinities and not-a-number.
    #[must_use]
    pub fn from_f64(x: f64) -> Option<Self> {
        if x.is_finite() { Rational::from_f64(x).map(Self::from_rational) } else { None }
    }

    /// The smallest form of a fraction.
    #[must_use]
    pub fn from_rational(r: Rational) -> Self {
        match (r.numer().to_i64(), r.denom().to_i64()) {
            (Some(n), Some(d)) if n != i64::MIN && d != i64::MIN => {
                Self::Small(Ratio::new_raw(n, d))
            }
            _ => Self::Big(Box::new(r)),
        }
    }

    /// Reads `3`, `-1/2`, `.25`, `1.5e-3`; none when the text is no number, is longer than 1,000
    /// characters, or lies outside the range of floats.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let value = match text.split_once('/') {
            Some((p, q)) => {
                let (p, q) = (whole(p)?, whole(q)?);
                if q.is_zero() {
                    return None;
                }
                Self::from_rational(Rational::new(p, q))
            }
            None => decimal(text)?,
        };
        value.to_f64().is_finite().then_some(value)
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match self {
            // Both sides below 2^53 are floats already, and one division is rounded once.
            Self::Small(r) if r.numer().abs() < 1 << 53 && *r.denom() < 1 << 53 => {
                #[allow(clippy::cast_precision_loss, reason = "both sides are below 2^53")]
                let quotient = *r.numer() as f64 / *r.denom() as f64;
                quotient
            }
            _ => float(&self.rational()),
        }
    }

    /// The value as a big fraction.
    #[must_use]
    pub fn rational(&self) -> Rational {
        match self {
            Self::Small(r) => Rational::new_raw(BigInt::from(*r.numer()), BigInt::from(*r.denom())),
            Self::Big(r) => (**r).clone(),
        }
    }

    /// Whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match self {
            Self::Small(r) => *r.numer() < 0,
            Self::Big(r) => r.is_negative(),
        }
    }

    /// Product, staying small when it can.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let Some(product) = a.checked_mul(b)
        {
            return Self::Small(product);
        }
        Self::from_rational(self.rational() * other.rational())
    }

    /// Sum, staying small when it can.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let Some(sum) = num_traits::CheckedAdd::checked_add(a, b)
        {
            return Self::Small(sum);
        }
        Self::from_rational(self.rational() + other.rational())
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(r) => write!(f, "{r}"),
            Self::Big(r) => write!(f, "{r}"),
        }
    }
}

/// The nearest float of a big fraction; infinite when out of range.
#[must_use]
pub fn float(r: &Rational) -> f64 {
    r.to_f64().unwrap_or(f64::NAN)
}

fn whole(text: &str) -> Option<BigInt> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

fn decimal(text: &str) -> Option<Exact> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.strip_prefix('+').unwrap_or(e).parse::<i64>().ok()?),
        None => (text, 0),
    };
    if exponent.abs() > EXPONENT {
        return None;
    }
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let bare = integer.strip_prefix(['+', '-']).unwrap_or(integer);
    if bare.is_empty() && fraction.is_empty() {
        return None;
    }
    // "-.5" has no digit before the point: join first, then read one whole number.
    let value = whole(&format!("{integer}{fraction}"))?;
    let shift = exponent - i64::try_from(fraction.len()).ok()?;
    let ten = num_traits::pow(BigInt::from(10), usize::try_from(shift.unsigned_abs()).ok()?);
    let exact =
        if shift >= 0 { Rational::from_integer(value * ten) } else { Rational::new(value, ten) };
    Some(Exact::from_rational(exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_notations_of_game_files() {
        for (text, shown) in [
            ("3", "3"),
            ("-1/2", "-1/2"),
            ("+4/6", "2/3"),
            (".25", "1/4"),
            ("-.5", "-1/2"),
            ("1.", "1"),
            ("1.5e-3", "3/2000"),
            ("2E2", "200"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(Exact::parse(text).map(|n| n.to_string()).as_deref(), Some(shown));
        }
        for text in ["", "-", ".", "1/0", "1/", "1/2/3", "1e", "e5", "1e999999999", "--1", "1-2"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
        assert_eq!(Exact::parse(&"9".repeat(2000)), None);
    }

    #[test]
    fn a_decimal_is_a_tenth_and_a_float_is_itself() {
        assert_eq!(Exact::parse("0.1"), Exact::ratio(1, 10));
        assert_ne!(Exact::from_f64(0.1), Exact::ratio(1, 10));
        assert!(crate::math::same(Exact::parse("1/3").unwrap().to_f64(), 1.0 / 3.0));
    }
}
