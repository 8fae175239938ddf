//! Numbers as a reader wants them: as many digits as the error allows, no more.

use crate::math;

pub use crate::chart::percent::{percent, percent_between, percent_within};

/// A number with `digits` significant digits, without exponent where it can be read without.
#[must_use]
pub fn significant(value: f64, digits: u32) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = magnitude(value);
    let digits = i32::try_from(digits).unwrap_or(3);
    if !(-7..15).contains(&size) {
        let places = usize::try_from(digits - 1).unwrap_or(0);
        return format!("{value:.places$e}");
    }
    let places = digits - 1 - size;
    decimals(value, places)
}

/// As [`significant`], without zeros at the end: for whole numbers and levels.
#[must_use]
pub fn short(value: f64, digits: u32) -> String {
    let text = significant(value, digits);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number rounded at the second digit of its error: `3.2020` with error 0.0039 is `3.2020`.
#[must_use]
pub fn by_error(value: f64, error: f64) -> String {
    if !(error.is_finite() && error > 0.0) {
        return significant(value, 4);
    }
    decimals(value, (1 - magnitude(error)).min(9))
}

/// A count with commas between thousands, for text.
#[must_use]
pub fn count(value: u64) -> String {
    grouped(value, ',')
}

/// A count as charts write it: thin spaces between thousands, from five digits on.
#[must_use]
pub fn drawn_count(value: u64) -> String {
    if value < 10_000 { value.to_string() } else { grouped(value, '\u{202f}') }
}

fn grouped(value: u64, mark: char) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

/// Position of the first digit: 0 for 1 to 9.99, -1 for 0.1 to 0.99.
fn magnitude(value: f64) -> i32 {
    let log = math::log10(value.abs()).floor();
    #[allow(clippy::cast_possible_truncation, reason = "logarithms of doubles are within ±324")]
    let size = log as i32;
    size
}

/// Decimal places; negative ones round to tens, hundreds.
fn decimals(value: f64, places: i32) -> String {
    let text = match usize::try_from(places) {
        Ok(places) => format!("{value:.places$}"),
        Err(_) => {
            let step = math::powi(10.0, places.unsigned_abs().min(300));
            format!("{:.0}", (value / step).round() * step)
        }
    };
    // A negative number that rounds to zero is zero.
    if text.starts_with('-') && !text.bytes().any(|b| matches!(b, b'1'..=b'9')) {
        return text[1..].to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_size() {
        assert_eq!(significant(49.919, 3), "49.9");
        assert_eq!(significant(0.016_52, 2), "0.017");
        assert_eq!(significant(1_234_567.0, 3), "1230000");
        assert_eq!(significant(-0.000_000_000_1, 2), "-1.0e-10");
        assert_eq!(significant(f64::NAN, 3), "none");
        assert_eq!((short(5.0, 3), short(0.250, 3)), ("5".to_owned(), "0.25".to_owned()));
        assert_eq!(short(120.0, 2), "120");
    }

    #[test]
    fn digits_follow_the_error() {
        assert_eq!(by_error(3.202_03, 0.003_9), "3.2020");
        assert_eq!(by_error(49.919_7, 0.14), "49.92");
        assert_eq!(by_error(-0.001, 0.1), "0.00");
        assert_eq!(by_error(1234.5, 120.0), "1230");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(100), "100");
        assert_eq!(
            (drawn_count(2000), drawn_count(10_000)),
            ("2000".into(), "10\u{202f}000".into())
        );
    }
}
