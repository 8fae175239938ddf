//! Shares in per cent: one rule for charts, tables and sentences, so that a number reads the same
//! wherever it stands.
//!
//! Two significant digits, and above 99 % one digit of what is missing; halves go up. Where the error
//! is known, no digit that it drowns. What can still happen either way is never 0 % or 100 %.

use super::text;
use crate::math;

/// A share as a percentage with two significant digits, more only near 100.
#[must_use]
pub fn percent(share: f64) -> String {
    written(share, places(share))
}

/// As [`percent`], with no more digits than half the width of its interval calls for: rounding moves
/// a share by at most a quarter of that.
#[must_use]
pub fn percent_within(share: f64, half: f64) -> String {
    let allowed = if half > 0.0 { (-text::exponent(50.0 * half)).max(0) } else { i32::MAX };
    written(share, places(share).min(allowed))
}

/// As [`percent_within`] for the interval's half width, with more digits where two would make its ends
/// read alike: an interval never looks as if it had no width.
#[must_use]
pub fn percent_between(share: f64, low: f64, high: f64) -> String {
    let half = 0.5 * (high - low);
    let alike = percent_within(low, half) == percent_within(high, half);
    if alike && half > 0.0 {
        written(share, (-text::exponent(50.0 * half)).clamp(0, 6))
    } else {
        percent_within(share, half)
    }
}

/// Decimals of a percentage with two significant digits; above 99 one digit of what is missing.
fn places(share: f64) -> i32 {
    let percent = share * 100.0;
    if percent > 99.0 {
        (-text::exponent((100.0 - percent).max(1e-6))).clamp(0, 6)
    } else if percent >= 9.95 {
        0
    } else {
        (1 - text::exponent(percent.max(1e-6))).clamp(0, 6)
    }
}

fn written(share: f64, places: i32) -> String {
    if !share.is_finite() {
        return "none".to_owned();
    }
    let percent = share * 100.0;
    if percent == 0.0 || math::same(percent, 100.0) {
        return format!("{percent}%");
    }
    let scale = math::powi(10.0, places.unsigned_abs());
    // Halves up, so that 90.5 is 91 whatever its last bit.
    let text = decimals((percent * scale + 0.5 + 1e-9).floor() / scale, places);
    let step = 1.0 / scale;
    match text.trim_end_matches(['0', '.']) {
        "" if percent > 0.0 => format!("<{}%", decimals(step, places)),
        "1" if text.starts_with("100") => format!(">{}%", decimals(100.0 - step, places)),
        _ => format!("{text}%"),
    }
}

fn decimals(value: f64, places: i32) -> String {
    let places = usize::try_from(places).unwrap_or(0);
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_near_the_ends_keep_their_digits() {
        assert_eq!(percent(0.312), "31%");
        assert_eq!(percent(0.0312), "3.1%");
        assert_eq!(percent(0.000_312), "0.031%");
        assert_eq!(percent(0.999_7), "99.97%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!((percent(0.905), percent(0.095)), ("91%".into(), "9.5%".into()));
        assert_eq!(percent_within(0.02, 0.021), "2%");
        assert_eq!(percent_within(0.0133, 0.014), "1.3%");
        assert_eq!(percent_within(0.995, 0.03), ">99%");
        assert_eq!(percent_within(0.995, 0.013), "99.5%");
        assert_eq!(percent_within(0.001, 0.02), "<1%");
        assert_eq!(percent_within(0.016_52, 0.000_16), "1.7%");
        assert_eq!(percent(f64::NAN), "none");
    }

    #[test]
    fn an_interval_shows_its_width() {
        let shown = |p| percent_between(p, 0.2861, 0.2900);
        assert_eq!([0.288, 0.2861, 0.2900].map(shown), ["28.80%", "28.61%", "29.00%"]);
        let wide = |p| percent_between(p, 0.26, 0.31);
        assert_eq!([0.288, 0.26, 0.31].map(wide), ["29%", "26%", "31%"]);
    }

    #[test]
    fn a_share_reads_the_same_in_text_and_chart() {
        for k in 0..=2000_u32 {
            let share = f64::from(k) / 2000.0;
            assert_eq!(crate::report::number::percent(share), percent(share));
            let said = percent(share);
            assert!(
                (said == "0%") == (k == 0) && (said == "100%") == (k == 2000),
                "{share}: {said}"
            );
        }
    }
}
