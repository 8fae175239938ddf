//! Text: measuring with the embedded faces, wrapping, cleaning, and the numbers' written forms.
//!
//! Layout follows measured text, so a chart is measured with the very faces it is rastered with: two
//! subset faces of Inter (SIL Open Font License), embedded. Widths are sums of advances; kerning,
//! which in Inter only tightens, is left out, so that a measured box is never too small. Scenario
//! texts are data: control and direction-override characters are dropped, line breaks become
//! spaces, and markup is escaped where it is written.

use crate::math;
use std::sync::OnceLock;
use ttf_parser::Face;

/// The regular face, as TrueType bytes; also what a report embeds.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.ttf");
/// The semibold face, as TrueType bytes; also what a report embeds.
pub const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.ttf");

/// Height of a capital letter, in em, of both faces.
pub(crate) const CAP: f64 = 0.728;
/// Depth of descenders below the baseline, in em.
pub(crate) const DESCENT: f64 = 0.21;
/// Distance between the baselines of two lines, in em.
pub(crate) const LEADING: f64 = 1.28;
/// A space that never breaks and is narrower than a word space: groups of thousands.
const THIN: char = '\u{202f}';
const MINUS: char = '\u{2212}';

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

fn face(weight: Weight) -> Option<&'static Face<'static>> {
    static FACES: OnceLock<[Option<Face<'static>>; 2]> = OnceLock::new();
    let [regular, semibold] =
        FACES.get_or_init(|| [Face::parse(REGULAR, 0).ok(), Face::parse(SEMIBOLD, 0).ok()]);
    match weight {
        Weight::Regular => regular.as_ref(),
        Weight::SemiBold => semibold.as_ref(),
    }
}

/// Width of one line of text in px at `size` px. Letters the faces lack count as one em.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let Some(face) = face(weight) else {
        return size * 0.6 * text.chars().map(|_| 1.0).sum::<f64>();
    };
    let units = f64::from(face.units_per_em());
    let advance = |letter| match face.glyph_index(letter) {
        Some(glyph) => f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / units,
        None => 1.0,
    };
    text.chars().map(advance).sum::<f64>() * size
}

/// Whether a letter is harmless in a drawing: no control, no override of the reading direction.
fn harmless(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A scenario's text made fit to draw: one line, single spaces, no control characters.
pub(crate) fn clean(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .filter(|&c| harmless(c))
        .collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Writes `text` with the five characters of XML escaped and everything unfit dropped.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(|&c| harmless(c)) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Breaks a text into lines no wider than `room` px, at spaces; a single word that is too wide is
/// broken between letters, because nothing is ever cut off or shortened.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joined = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if width(&joined, size, weight) <= room {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if width(&line, size, weight) > room && line.chars().nth(1).is_some() {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Wraps as [`wrap`] does, then narrows the lines as long as their number stays the same, so that
/// two lines come out about equally long.
pub(crate) fn wrap_even(text: &str, size: f64, weight: Weight, room: f64) -> Vec<String> {
    let lines = wrap(text, size, weight, room);
    if lines.len() < 2 {
        return lines;
    }
    // Never so narrow that a word would break.
    let longest = text.split(' ').map(|word| width(word, size, weight)).fold(0.0, f64::max);
    if longest > room {
        return lines;
    }
    let (mut narrow, mut wide) = (longest.max(room * 0.3), room);
    for _ in 0..8 {
        let middle = f64::midpoint(narrow, wide);
        if wrap(text, size, weight, middle).len() <= lines.len() {
            wide = middle;
        } else {
            narrow = middle;
        }
    }
    wrap(text, size, weight, wide)
}

/// A number with `decimals` digits after the point, thousands apart, and a true minus sign.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let written = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let mut out = String::new();
    if value < 0.0 && written.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push(MINUS);
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && whole.len() > 4 {
            out.push(THIN);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A count such as a number of trials.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digits.len() > 4 {
            out.push(THIN);
        }
        out.push(digit);
    }
    out
}

/// A power of ten as read: `10⁶`.
fn ten_to(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let mut out = String::from("10");
    for sign in power.to_string().chars() {
        match sign.to_digit(10) {
            Some(digit) => out.push(digits[digit as usize % 10]),
            None => out.push('⁻'),
        }
    }
    out
}

/// The decimal exponent of a number: 3 for 1000 and 9999; 0 for zero.
#[allow(clippy::cast_possible_truncation, reason = "exponents of f64 lie within ±324")]
pub(crate) fn exponent(value: f64) -> i32 {
    if math::same(value, 0.0) || !value.is_finite() {
        return 0;
    }
    // The logarithm may fall just short of a whole number at an exact power of ten.
    let raw = math::log10(value.abs());
    let near = raw.round();
    if (raw - near).abs() < 1e-9 { near as i32 } else { raw.floor() as i32 }
}

/// Ten to a whole power, exactly rounded for small powers.
pub(crate) fn power_of_ten(power: i32) -> f64 {
    let size = math::powi(10.0, power.unsigned_abs());
    if power < 0 { 1.0 / size } else { size }
}

/// Rounds to a number of significant digits.
fn significant(value: f64, digits: i32) -> f64 {
    let unit = power_of_ten(exponent(value) - digits + 1);
    let rounded = (value / unit).round() * unit;
    if rounded.is_finite() { rounded } else { value }
}

/// A number to `digits` significant digits, with no zeros behind them that carry nothing; very
/// large and very small ones as a multiple of a power of ten.
#[allow(clippy::cast_sign_loss, reason = "the number of decimals is clamped at zero")]
pub(crate) fn number(value: f64, digits: i32) -> String {
    let rounded = significant(value, digits);
    let power = exponent(rounded);
    if !(-4..7).contains(&power) {
        let mantissa = rounded / power_of_ten(power);
        let head = number(significant(mantissa, digits), digits);
        return format!("{head}×{}", ten_to(power));
    }
    let decimals = (digits - 1 - power).max(0) as usize;
    let written = grouped(rounded, decimals);
    if written.contains('.') {
        written.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        written
    }
}

/// A value with its unit: `$1.2bn`, `41%`, `12 weeks`. A unit that begins with a currency sign is
/// split around the number; `%` and other signs stand close; words stand apart.
pub(crate) fn with_unit(written: &str, unit: &str) -> String {
    let Some(first) = unit.chars().next() else { return written.to_string() };
    if matches!(first, '$' | '€' | '£' | '¥') {
        let rest = &unit[first.len_utf8()..];
        return match written.strip_prefix(MINUS) {
            Some(size) => format!("{MINUS}{first}{size}{rest}"),
            None => format!("{first}{written}{rest}"),
        };
    }
    if unit == "%" || unit == "‰" || unit == "°" {
        format!("{written}{unit}")
    } else {
        format!("{written}\u{a0}{unit}")
    }
}

/// A value to three significant digits with its unit.
pub(crate) fn value(value: f64, unit: &str) -> String {
    with_unit(&number(value, 3), unit)
}

/// A value to three significant digits, with its unit only if that is short.
pub(crate) fn brief(value: f64, unit: &str) -> String {
    let unit = clean(unit);
    if unit.chars().count() > 12 { number(value, 3) } else { with_unit(&number(value, 3), &unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_embedded_and_measured() {
        assert!(face(Weight::Regular).is_some() && face(Weight::SemiBold).is_some());
        let (thin, bold) =
            (width("Tariff", 20.0, Weight::Regular), width("Tariff", 20.0, Weight::SemiBold));
        assert!(thin > 40.0 && thin < bold && bold < 70.0, "{thin} {bold}");
        // Every sign the charts write themselves has a glyph in both faces.
        for weight in [Weight::Regular, Weight::SemiBold] {
            for sign in "−–—×·…≥≤±→‘’“”€$%|\u{202f}\u{a0}⁰¹²³⁴⁵⁶⁷⁸⁹⁻éßőŁ".chars()
            {
                assert!(face(weight).unwrap().glyph_index(sign).is_some(), "{sign:?}");
            }
        }
    }

    #[test]
    fn numbers_read_as_written_by_hand() {
        assert_eq!(grouped(-1234567.0, 0), "−1\u{202f}234\u{202f}567");
        assert_eq!(grouped(-0.0004, 2), "0.00");
        assert_eq!(grouped(1234.5, 1), "1234.5");
        assert_eq!(number(41.26, 3), "41.3");
        assert_eq!(number(40.0, 3), "40");
        assert_eq!(number(0.0, 3), "0");
        assert_eq!(number(999.6, 3), "1000");
        assert_eq!(number(1.25e9, 3), "1.25×10⁹");
        assert_eq!(number(-1e-12, 3), "−1×10⁻¹²");
        assert_eq!(value(1.24, "$bn"), "$1.24bn");
        assert_eq!(value(-1.24, "$bn"), "−$1.24bn");
        assert_eq!(value(12.0, "weeks"), "12\u{a0}weeks");
        assert_eq!(value(41.0, "%"), "41%");
        assert_eq!(count(10_000), "10\u{202f}000");
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = "A truce in November becomes likelier than not once talks resume";
        for room in [40.0, 120.0, 300.0] {
            let lines = wrap(text, 14.0, Weight::Regular, room);
            assert!(lines.iter().all(|l| width(l, 14.0, Weight::Regular) <= room), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        let even = wrap_even(text, 14.0, Weight::Regular, 300.0);
        let widths: Vec<_> = even.iter().map(|l| width(l, 14.0, Weight::Regular)).collect();
        assert!(widths.len() == 2 && (widths[0] - widths[1]).abs() < 80.0, "{widths:?}");
        assert_eq!(wrap("x", 14.0, Weight::Regular, 1.0), ["x"]);
        assert!(wrap("", 14.0, Weight::Regular, 10.0).is_empty());
    }

    #[test]
    fn foreign_text_is_data() {
        assert_eq!(clean(" a\u{0}\nb\t\u{202e}c\u{7f} "), "a b c");
        assert_eq!(escape("<script>&\"'"), "&lt;script&gt;&amp;&quot;&#39;");
    }
}
