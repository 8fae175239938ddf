//! Scales and their ticks: values, probabilities, powers of ten, dates.
//!
//! Ticks sit at round numbers (1, 2, 2.5 or 5 times a power of ten; Heckbert 1990), as many as there
//! is room for. The unit stands on the top tick only. Dates count in days from the end of the
//! scenario's `as_of` day, so day 0 is 00:00 of the day after; ticks stand at the start of days that
//! readers know (the 1st of a month, the 1st and 15th), and the year is written only where it
//! changes.

use super::text::{self, Weight, exponent, power_of_ten};
use crate::math;
use crate::units::Date;

/// A labelled place on a scale.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
    /// A second line, where the year changes.
    pub(crate) year: Option<String>,
}

/// A scale: its ends, and its ticks in rising order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) ticks: Vec<Tick>,
    /// A unit too long to stand on a tick; it is written above the axis.
    pub(crate) heading: Option<String>,
}

impl Scale {
    /// Widest tick label in px.
    pub(crate) fn widest(&self, size: f64) -> f64 {
        self.ticks.iter().map(|t| text::width(&t.label, size, Weight::Regular)).fold(0.0, f64::max)
    }
}

/// Ends that are apart, finite and wide enough for distinct ticks.
fn apart(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 && high > low {
        (low, high)
    } else if math::same(size, 0.0) {
        (0.0, 1.0)
    } else {
        (low - size * 0.1, high + size * 0.1)
    }
}

/// The smallest round step that needs no more than `most` intervals.
fn round_step(low: f64, high: f64, most: f64) -> f64 {
    let rough = (high - low) / most.max(1.0);
    let base = power_of_ten(exponent(rough));
    for factor in [1.0, 2.0, 2.5, 5.0] {
        if base * factor >= rough * (1.0 - 1e-9) {
            return base * factor;
        }
    }
    base * 10.0
}

/// Multiples of `step` from the last at or below `low` to the first at or above `high`.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil();
    let mut ticks = Vec::new();
    let mut place = first;
    while place <= last && ticks.len() < 100 {
        ticks.push(place * step);
        place += 1.0;
    }
    ticks
}

/// Labels of round values that all lie `step` apart, with one common number of decimals.
#[allow(clippy::cast_sign_loss, reason = "clamped at zero")]
fn written(ticks: &[f64], step: f64) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let power = exponent(step);
    let digits = if (step / power_of_ten(power) - 2.5).abs() < 0.01 { 1 } else { 0 };
    let top = exponent(largest);
    if top < 7 && power > -5 {
        let decimals = (digits - power).max(0) as usize;
        return ticks.iter().map(|&t| text::grouped(t, decimals)).collect();
    }
    let decimals = (top - power + digits).clamp(0, 12) as usize;
    let unit = power_of_ten(top);
    let tail = text::number(unit, 1);
    let tail = tail.strip_prefix('1').unwrap_or(&tail);
    ticks
        .iter()
        .map(|&t| match text::grouped(t / unit, decimals) {
            zero if math::same(t, 0.0) => zero.chars().take(1).collect(),
            written => format!("{written}{tail}"),
        })
        .collect()
}

/// A scale over values, with at most `most` intervals. Zero is on it unless the values lie far
/// from zero compared with their spread.
pub(crate) fn values(low: f64, high: f64, most: f64, unit: &str) -> Scale {
    let (mut low, mut high) = (low, high);
    if low >= 0.0 && low <= high * 0.6 {
        low = 0.0;
    } else if high <= 0.0 && high >= low * 0.6 {
        high = 0.0;
    }
    let (low, high) = apart(low, high);
    let step = round_step(low, high, most);
    let places = multiples(low, high, step);
    let mut labels = written(&places, step);
    let unit = text::clean(unit);
    let short = unit.chars().count() <= 4;
    if let (true, Some(top)) = (short, labels.last_mut()) {
        *top = text::with_unit(top, &unit);
    }
    let ticks: Vec<Tick> =
        places.iter().zip(labels).map(|(&at, label)| Tick { at, label, year: None }).collect();
    Scale {
        low: places.first().copied().unwrap_or(low).min(low),
        high: places.last().copied().unwrap_or(high).max(high),
        ticks,
        heading: (!short).then_some(unit),
    }
}

/// A scale over probabilities from 0 to a round number at or above `high`, at most 1.
pub(crate) fn shares(high: f64, most: f64) -> Scale {
    let high = if high > 0.0 { high.min(1.0) } else { 1.0 };
    let step = round_step(0.0, high, most).max(1e-6);
    let places: Vec<f64> =
        multiples(0.0, high, step).into_iter().filter(|&p| p <= 1.0 + 1e-9).collect();
    let points: Vec<f64> = places.iter().map(|p| p * 100.0).collect();
    let mut labels = written(&points, step * 100.0);
    if let Some(top) = labels.last_mut() {
        top.push('%');
    }
    let top = places.last().copied().unwrap_or(1.0).max(high);
    let ticks =
        places.iter().zip(labels).map(|(&at, label)| Tick { at, label, year: None }).collect();
    Scale { low: 0.0, high: top, ticks, heading: None }
}

/// A scale over the decimal logarithms of positive values; places and ends are logarithms. Ticks
/// stand at 1, 2 and 5, at 1 and 3, or at 1 times the powers of ten, whichever fits in `room` px.
pub(crate) fn powers(low: f64, high: f64, room: f64, size: f64, unit: &str) -> Scale {
    let (low, high) = (math::log10(low), math::log10(high));
    let (low, high) = if high - low < 0.3 { (low - 0.15, high + 0.15) } else { (low, high) };
    let unit = text::clean(unit);
    let short = unit.chars().count() <= 4;
    let mut ticks = Vec::new();
    let sets: [(&[f64], i32); 7] = [
        (&[1.0, 2.0, 5.0], 1),
        (&[1.0, 3.0], 1),
        (&[1.0], 1),
        (&[1.0], 2),
        (&[1.0], 3),
        (&[1.0], 6),
        (&[1.0], 12),
    ];
    for (factors, stride) in sets {
        ticks = power_ticks(low, high, factors, stride);
        if let (true, Some(top)) = (short, ticks.last_mut()) {
            top.label = text::with_unit(&top.label, &unit);
        }
        if room_for(&ticks, low, high, room, size) {
            break;
        }
    }
    Scale { low, high, ticks, heading: (!short).then_some(unit) }
}

#[allow(clippy::cast_possible_truncation, reason = "logarithms of f64 lie within ±324")]
fn power_ticks(low: f64, high: f64, factors: &[f64], stride: i32) -> Vec<Tick> {
    let mut ticks = Vec::new();
    for decade in (low.floor() as i32)..=(high.ceil() as i32) {
        if decade.rem_euclid(stride) != 0 {
            continue;
        }
        for &factor in factors {
            let value = factor * power_of_ten(decade);
            let at = f64::from(decade) + math::log10(factor);
            if at >= low - 1e-9 && at <= high + 1e-9 {
                ticks.push(Tick { at, label: text::number(value, 1), year: None });
            }
        }
    }
    ticks
}

/// Whether centred labels keep a gap between them on a scale of `room` px.
fn room_for(ticks: &[Tick], low: f64, high: f64, room: f64, size: f64) -> bool {
    let half = |tick: &Tick| {
        let year = tick.year.as_deref().unwrap_or_default();
        text::width(&tick.label, size, Weight::Regular).max(text::width(
            year,
            size,
            Weight::Regular,
        )) / 2.0
    };
    let place = |tick: &Tick| (tick.at - low) / (high - low) * room;
    ticks.windows(2).all(|pair| {
        place(&pair[1]) - place(&pair[0]) > half(&pair[0]) + half(&pair[1]) + size * 0.7
    })
}

/// The linear scale across the page, with as many ticks as fit in `room` px: to the round numbers
/// beyond the data where they are near, else to the data's ends.
pub(crate) fn values_across(low: f64, high: f64, room: f64, size: f64, unit: &str) -> Scale {
    let mut scale = values(low, high, 1.0, unit);
    for most in [10.0, 8.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        scale = values(low, high, most, unit);
        // A last tick far beyond the data would waste the page.
        let (_, end) = apart(low, high);
        let spare = (scale.high - end) / (scale.high - scale.low);
        if spare > 0.06 && scale.ticks.len() > 2 {
            scale.ticks.pop();
            scale.high = end.max(scale.ticks.last().map_or(end, |t| t.at));
            if let (Some(last), None) = (scale.ticks.last_mut(), &scale.heading) {
                last.label = text::with_unit(&last.label, &text::clean(unit));
            }
        }
        // Nor would a first tick far below them.
        let (start, _) = apart(low, high);
        let before = (start - scale.low) / (scale.high - scale.low);
        if before > 0.06 && scale.ticks.len() > 2 {
            scale.ticks.remove(0);
            scale.low = start.min(scale.ticks.first().map_or(start, |t| t.at));
        }
        if room_for(&scale.ticks, scale.low, scale.high, room, size) {
            return scale;
        }
    }
    scale.ticks.truncate(1);
    scale
}

/// How often a date axis is labelled.
#[derive(Debug, Clone, Copy)]
enum Every {
    Days(i64),
    /// Only these days of the month.
    In(&'static [i8]),
    Months(i16),
    Years(i16),
}

const EVERY: [Every; 14] = [
    Every::Days(1),
    Every::Days(2),
    Every::In(&[1, 8, 15, 22]),
    Every::In(&[1, 15]),
    Every::Months(1),
    Every::Months(2),
    Every::Months(3),
    Every::Months(6),
    Every::Years(1),
    Every::Years(2),
    Every::Years(5),
    Every::Years(10),
    Every::Years(50),
    Every::Years(500),
];

/// A date as a day on the axis: 00:00 of the day after `as_of` is 0.
#[allow(clippy::cast_precision_loss, reason = "days of the calendar are exact in f64")]
pub(crate) fn day_of(as_of: Date, date: Date) -> f64 {
    (date.days_since(as_of) - 1) as f64
}

/// The date on which a day of the axis begins.
#[allow(clippy::cast_possible_truncation, reason = "float-to-int casts saturate, dates clamp")]
pub(crate) fn date_at(as_of: Date, day: f64) -> Date {
    as_of.plus_days((day + 1e-6).floor() as i64 + 1)
}

/// A scale over days from `low` to `high`, labelled as often as `room` px allow.
pub(crate) fn dates(as_of: Date, low: f64, high: f64, room: f64, size: f64) -> Scale {
    let (low, high) = if high - low < 0.5 { (low - 0.5, high + 0.5) } else { (low, high) };
    let mut ticks = Vec::new();
    for every in EVERY {
        let span = high - low;
        // Counting each day of a long axis would be slow and is never legible.
        if matches!(every, Every::Days(_)) && span > 60.0
            || matches!(every, Every::In(_)) && span > 1500.0
        {
            continue;
        }
        ticks = date_ticks(as_of, low, high, every);
        if room_for(&ticks, low, high, room, size)
            && !(ticks.len() < 2 && matches!(every, Every::Months(_)))
        {
            break;
        }
    }
    Scale { low, high, ticks, heading: None }
}

fn date_ticks(as_of: Date, low: f64, high: f64, every: Every) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let mut year = None;
    let last = date_at(as_of, high);
    let mut date = date_at(as_of, low - 1e-5);
    while date <= last {
        let (y, month, day) = date.ymd();
        let wanted = match every {
            Every::Days(step) => {
                (day_of(as_of, date).abs() + 0.5)
                    .rem_euclid(f64::from(i32::try_from(step).unwrap_or(1)))
                    < 1.0
            }
            Every::In(days) => days.contains(&day),
            Every::Months(step) => day == 1 && (i16::from(month) - 1) % step == 0,
            Every::Years(step) => day == 1 && month == 1 && y % step == 0,
        };
        let at = day_of(as_of, date);
        if wanted && at >= low - 1e-9 && at <= high + 1e-9 {
            let label = match every {
                Every::Years(_) => y.to_string(),
                Every::Months(_) => month_name(month).to_string(),
                _ => date.short(),
            };
            let new = year != Some(y) && !matches!(every, Every::Years(_));
            ticks.push(Tick { at, label, year: new.then(|| y.to_string()) });
            year = Some(y);
        }
        let next = match every {
            Every::Months(_) | Every::Years(_) if day == 1 => date.plus_days(28),
            _ => date.plus_days(1),
        };
        if next <= date {
            break;
        }
        date = next;
    }
    ticks
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(month - 1).ok().and_then(|m| NAMES.get(m)).copied().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn values_get_round_ticks_and_one_unit() {
        assert_eq!(
            labels(&values(3.0, 57.0, 6.0, "%")),
            ["0", "10", "20", "30", "40", "50", "60%"]
        );
        assert_eq!(labels(&values(-0.3, 0.9, 4.0, "$bn")), ["−0.5", "0.0", "0.5", "$1.0bn"]);
        assert_eq!(labels(&values(0.0, 9.0, 4.0, "%")), ["0.0", "2.5", "5.0", "7.5", "10.0%"]);
        assert_eq!(labels(&values(0.0, 3e9, 3.0, "t")), ["0", "1×10⁹", "2×10⁹", "3×10⁹\u{a0}t"]);
        assert_eq!(
            values(1.0, 2.0, 4.0, "million tonnes").heading.as_deref(),
            Some("million tonnes")
        );
    }

    #[test]
    fn extreme_and_equal_values_still_make_a_scale() {
        for (low, high) in [
            (0.0, 0.0),
            (5.0, 5.0),
            (-1e12, 1e12),
            (1e-12, 1e-12),
            (1e12, 1e12 + 1e-3),
            (-1e-12, 0.0),
            (1e-12, 1e12),
        ] {
            let scale = values(low, high, 5.0, "%");
            assert!(scale.low <= low && scale.high >= high && scale.low < scale.high);
            assert!((2..=9).contains(&scale.ticks.len()), "{low} {high} {:?}", scale.ticks);
            let distinct: std::collections::BTreeSet<_> = labels(&scale).into_iter().collect();
            assert_eq!(distinct.len(), scale.ticks.len(), "{:?}", scale.ticks);
        }
    }

    #[test]
    fn shares_end_at_one_at_the_latest() {
        assert_eq!(labels(&shares(0.93, 5.0)), ["0", "20", "40", "60", "80", "100%"]);
        assert_eq!(labels(&shares(0.13, 4.0)), ["0", "5", "10", "15%"]);
        assert!(shares(1.0, 6.0).high <= 1.0 + 1e-12);
    }

    #[test]
    fn powers_thin_out_as_room_shrinks() {
        assert_eq!(
            labels(&powers(1.0, 100.0, 400.0, 13.0, "$bn")),
            ["1", "2", "5", "10", "20", "50", "$100bn"]
        );
        assert_eq!(labels(&powers(1.0, 100.0, 150.0, 13.0, "$bn")), ["1", "10", "$100bn"]);
        assert!(powers(1e-12, 1e12, 300.0, 13.0, "").ticks.len() < 10);
    }

    #[test]
    fn dates_follow_the_room_and_name_a_year_once() {
        let as_of = Date::parse("2025-10-14").unwrap();
        let scale = dates(as_of, 0.0, 180.0, 500.0, 13.0);
        assert_eq!(labels(&scale), ["Nov", "Dec", "Jan", "Feb", "Mar", "Apr"]);
        let years: Vec<_> = scale.ticks.iter().filter_map(|t| t.year.clone()).collect();
        assert_eq!(years, ["2025", "2026"]);
        assert_eq!(scale.ticks[0].at.to_bits(), 17.0_f64.to_bits());
        let weeks = dates(as_of, 0.0, 40.0, 500.0, 13.0);
        assert_eq!(labels(&weeks), ["15 Oct", "22 Oct", "1 Nov", "8 Nov", "15 Nov", "22 Nov"]);
        let long = dates(as_of, 0.0, 20_000.0, 300.0, 13.0);
        assert!(labels(&long).contains(&"2030") && long.ticks.len() < 8, "{long:?}");
        assert_eq!(dates(as_of, 3.0, 3.0, 300.0, 13.0).ticks.len(), 1);
    }
}
