//! Time and dates: integer minutes counted from the end of the scenario's `as_of` day.
//!
//! Tick 0 is 24:00 of `as_of`; a date means 00:00 of that day. Durations are drawn as real days and
//! rounded once, to the nearest minute. There is one calendar and no time zone.

use jiff::civil;
use std::fmt;
use std::ops::{Add, Sub};

/// Minutes in a day.
pub const MINUTES_PER_DAY: i64 = 1440;
/// Days in the year by which yearly flows are counted.
pub const DAYS_PER_YEAR: f64 = 365.0;
/// Days in a month, for rates and durations given in months.
pub const DAYS_PER_MONTH: f64 = 365.0 / 12.0;

/// A moment or a span in whole minutes; as a moment, counted from the end of the `as_of` day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tick(pub i64);

impl Tick {
    /// The start of a run: the end of the `as_of` day.
    pub const ZERO: Tick = Tick(0);
    /// Later than every event.
    pub const NEVER: Tick = Tick(i64::MAX);
    /// Earlier than every event.
    pub const BEFORE_ALL: Tick = Tick(i64::MIN);

    /// The nearest minute to a number of days; huge and non-finite values saturate.
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "float-to-int casts saturate, as documented"
    )]
    pub fn from_days(days: f64) -> Tick {
        // Half a century of minutes: far beyond any horizon, far from overflow when added.
        const LIMIT: f64 = 1e12;
        let minutes = (days * 1440.0).clamp(-LIMIT, LIMIT) + 0.5;
        // The floor, by way of truncation: without it a call on processors of the plainest kind.
        let whole = minutes as i64;
        Tick(whole - i64::from(whole as f64 > minutes))
    }

    /// This moment or span in days.
    #[inline]
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "minutes of any horizon are exact in f64")]
    pub fn days(self) -> f64 {
        self.0 as f64 / 1440.0
    }

    /// Sum that stays at [`Tick::NEVER`] instead of overflowing.
    #[inline]
    #[must_use]
    pub fn after(self, span: Tick) -> Tick {
        Tick(self.0.saturating_add(span.0))
    }
}

impl Add for Tick {
    type Output = Tick;
    #[inline]
    fn add(self, other: Tick) -> Tick {
        Tick(self.0.saturating_add(other.0))
    }
}

impl Sub for Tick {
    type Output = Tick;
    #[inline]
    fn sub(self, other: Tick) -> Tick {
        Tick(self.0.saturating_sub(other.0))
    }
}

/// A civil date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Reads `2025-10-14`; the message of a failure names what is wrong with the text.
    ///
    /// # Errors
    /// The text is not an ISO 8601 calendar date.
    pub fn parse(text: &str) -> Result<Date, String> {
        let shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        if !shaped {
            return Err(format!("`{text}` is not a date of the form 2025-10-14"));
        }
        text.parse::<civil::Date>().map(Date).map_err(|e| e.to_string())
    }

    /// Year, month (1-12) and day (1-31).
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// Whole days from `other` to this date; negative if this one is earlier.
    #[must_use]
    pub fn days_since(self, other: Date) -> i64 {
        // A difference of two valid civil dates in days cannot fail.
        other.0.until(self.0).map_or(0, |span| i64::from(span.get_days()))
    }

    /// The date `days` later; saturates at the ends of the calendar (year 9999).
    #[must_use]
    pub fn plus_days(self, days: i64) -> Date {
        let days = days.clamp(-3_000_000, 3_000_000);
        Date(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// Day and month as read in a chart: `1 Nov`.
    #[must_use]
    pub fn short(self) -> String {
        self.0.strftime("%-d %b").to_string()
    }

    /// Full date as read in a sentence: `1 November 2025`.
    #[must_use]
    pub fn long(self) -> String {
        self.0.strftime("%-d %B %Y").to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Converts between dates and ticks of one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    as_of: Date,
}

impl Epoch {
    /// The time axis whose tick 0 is the end of `as_of`.
    #[must_use]
    pub fn new(as_of: Date) -> Epoch {
        Epoch { as_of }
    }

    /// The last day of history.
    #[must_use]
    pub fn as_of(self) -> Date {
        self.as_of
    }

    /// 00:00 of `date`. The day after `as_of` starts at tick 0.
    #[must_use]
    pub fn start_of(self, date: Date) -> Tick {
        Tick((date.days_since(self.as_of) - 1) * MINUTES_PER_DAY)
    }

    /// The last minute boundary of `date`: 24:00, which is 00:00 of the next day.
    #[must_use]
    pub fn end_of(self, date: Date) -> Tick {
        Tick(date.days_since(self.as_of) * MINUTES_PER_DAY)
    }

    /// The date on which a moment falls; 24:00 belongs to the next day.
    #[must_use]
    pub fn date_of(self, tick: Tick) -> Date {
        self.as_of.plus_days(tick.0.div_euclid(MINUTES_PER_DAY) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tick_zero_is_the_end_of_as_of() {
        let epoch = Epoch::new(Date::parse("2025-10-14").unwrap());
        assert_eq!(epoch.start_of(Date::parse("2025-10-15").unwrap()), Tick(0));
        assert_eq!(epoch.end_of(Date::parse("2025-10-14").unwrap()), Tick(0));
        assert_eq!(epoch.start_of(Date::parse("2025-11-01").unwrap()), Tick(17 * 1440));
        assert_eq!(epoch.date_of(Tick(0)).to_string(), "2025-10-15");
        assert_eq!(epoch.date_of(Tick(-1)).to_string(), "2025-10-14");
        assert_eq!(epoch.date_of(Tick(17 * 1440 + 1439)).to_string(), "2025-11-01");
    }

    #[test]
    fn dates_are_strict() {
        for wrong in ["2025-02-30", "14.10.2025", "2025-1-1", "", "2025-10-14T00:00", "２025-10-1"]
        {
            assert!(Date::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans_round_once_and_saturate() {
        assert_eq!(Tick::from_days(0.5), Tick(720));
        assert_eq!(Tick::from_days(1.0 / 2880.0), Tick(1));
        assert_eq!(Tick::from_days(f64::INFINITY), Tick(1_000_000_000_000));
        assert_eq!(Tick::from_days(f64::NAN), Tick(0));
        assert_eq!(Tick::NEVER + Tick(5), Tick::NEVER);
    }
}
