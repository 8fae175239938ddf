//! Dates and moments as written.

use super::raw::{Piece, reject};
use super::{Quantity, Unit, message};
use crate::diagnostic::{Diagnostic, Span};
use crate::units::Date;
use serde::{Deserialize, Deserializer};

/// A date in quotes, `"2025-11-01"`, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateText {
    /// The date.
    pub date: Date,
    /// The place of the quoted text.
    pub span: Span,
}

impl<'de> Deserialize<'de> for DateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        let text: String = piece.parse().map_err(reject)?;
        let date = Date::parse(&text).map_err(|_| reject(not_a_date(&text, piece.span())))?;
        Ok(DateText { date, span: piece.span() })
    }
}

/// A moment as written: days from the start of the run, or a date with or without a time of day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// Days after the start of the run; written `12` or `days(12)`, `weeks(2)`, `months(3)`.
    Days(f64),
    /// A whole day, `"2025-11-01"`.
    Date(Date),
    /// A day and the minutes since its midnight (0 to 1439), `"2025-11-01T14:30"`.
    Moment(Date, u16),
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        if super::quantity::is_quoted(piece.text) {
            let text: String = piece.parse().map_err(reject)?;
            return parse_moment(&text).ok_or_else(|| reject(not_a_date(&text, piece.span())));
        }
        match piece.parse::<Quantity>() {
            Ok(Quantity::Number { value, unit: None | Some(Unit::Days) }) => Ok(When::Days(value)),
            // A slip in a number is explained as such, anything else is no moment at all.
            Err(refusal) if refusal.code == "E017" => Err(reject(refusal)),
            _ => Err(reject(
                Diagnostic::error("E015", "expected a date in quotes or a number of days")
                    .at(piece.span())
                    .help("write \"2025-11-01\", \"2025-11-01T14:30\", 12 or weeks(2)"),
            )),
        }
    }
}

/// Reads `2025-11-01` or `2025-11-01T14:30`.
fn parse_moment(text: &str) -> Option<When> {
    let Some((day, time)) = text.split_once('T') else {
        return Date::parse(text).ok().map(When::Date);
    };
    let digits = |part: &str| {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let date = Date::parse(day).ok()?;
    (hour < 24 && minute < 60).then_some(When::Moment(date, hour * 60 + minute))
}

fn not_a_date(text: &str, span: Span) -> Diagnostic {
    // `0` stands for a digit.
    let is_shaped = |pattern: &str| {
        let same = |(c, p): (char, char)| if p == '0' { c.is_ascii_digit() } else { c == p };
        text.len() == pattern.len() && text.chars().zip(pattern.chars()).all(same)
    };
    let label = if is_shaped("0000-00-00") {
        "no such day in the calendar"
    } else if is_shaped("0000-00-00T00:00") {
        "no such day or time of day"
    } else {
        "not written as year-month-day"
    };
    Diagnostic::error("E019", format!("`{}` is not a date", message::short(text)))
        .at(span)
        .label(label)
        .help("write dates as year-month-day in quotes: \"2025-11-01\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::syntax::{Spanned, parse};

    fn refused<T: for<'a> Deserialize<'a>>(text: &str) -> Diagnostic {
        let mut out = Diagnostics::new();
        assert!(parse::<T>(text, &mut out).is_none(), "{text}");
        assert_eq!(out.len(), 1, "{text}");
        out.into_iter().next().unwrap()
    }

    fn when(text: &str) -> When {
        let mut out = Diagnostics::new();
        parse::<Spanned<When>>(text, &mut out).expect(text).value
    }

    #[test]
    fn moments_are_days_dates_or_times() {
        let date = Date::parse("2025-11-01").unwrap();
        assert_eq!(when("12"), When::Days(12.0));
        assert_eq!(when(" weeks(2) /* c */"), When::Days(14.0));
        assert_eq!(when("\"2025-11-01\""), When::Date(date));
        assert_eq!(when("\"2025-11-01T14:30\""), When::Moment(date, 14 * 60 + 30));
        assert_eq!(when("\"2025-11-01T00:00\""), When::Moment(date, 0));
    }

    #[test]
    fn wrong_moments_are_refused_where_they_stand() {
        for (text, code) in [
            ("\"2025-02-30\"", "E019"),
            ("\"2025-11-01T24:00\"", "E019"),
            ("\"2025-11-01T1:00\"", "E019"),
            ("\"2025-11-01T10\"", "E019"),
            ("\"2025-11-01T+1:00\"", "E019"),
            ("\"soon\"", "E019"),
            ("\"ü\"", "E019"),
            ("pct(3)", "E015"),
            ("Soon", "E015"),
            ("Triangular(1, 2, 3)", "E015"),
            ("inf", "E017"),
        ] {
            let found = refused::<When>(text);
            assert_eq!(found.code, code, "{text}");
            assert_eq!(found.span, Some(Span::new(0, text.len())), "{text}");
        }
    }

    #[test]
    fn dates_point_at_their_quotes() {
        let mut out = Diagnostics::new();
        let dates: Vec<DateText> = parse("[\"2025-10-14\", \"2025-12-31\"]", &mut out).unwrap();
        assert_eq!(dates[1].date, Date::parse("2025-12-31").unwrap());
        assert_eq!(dates[1].span, Span::new(15, 27));
        let found = refused::<Vec<DateText>>("[\"2025-10-14\", \"2025-02-29\"]");
        assert_eq!((found.code, found.span), ("E019", Some(Span::new(15, 27))));
        assert_eq!(found.label, "no such day in the calendar");
        assert_eq!(refused::<DateText>("\"14.10.2025\"").label, "not written as year-month-day");
        assert_eq!(refused::<DateText>("2025").code, "E015");
    }
}
