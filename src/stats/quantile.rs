//! Quantiles of a sample: linear between neighbours, as type 7 of Hyndman and Fan (1996), which is
//! what R, `NumPy` and spreadsheets give.
//!
//! All functions but [`sorted`] take values that are sorted already, so that one sort serves any
//! number of quantiles. Infinite values are allowed: a time that never comes is infinite.

use crate::math::same;

/// The values in rising order; None if one of them is not a number.
#[must_use]
pub fn sorted(mut values: Vec<f64>) -> Option<Vec<f64>> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    Some(values)
}

/// The quantile of `sorted` at `p`, which is held within 0 and 1; None of an empty sample.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "positions within a slice, which are exact in f64"
)]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = *sorted.get(place as usize)?;
    let above = *sorted.get(place as usize + 1).unwrap_or(&below);
    let rest = place - place.floor();
    // Equal neighbours may be infinite, and their difference is no number.
    if same(below, above) || same(rest, 0.0) {
        return Some(below);
    }
    Some(below + rest * (above - below))
}

/// The quantiles of `sorted` at each of `ps`; empty of an empty sample.
#[must_use]
pub fn quantiles(sorted: &[f64], ps: &[f64]) -> Vec<f64> {
    ps.iter().filter_map(|&p| quantile(sorted, p)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;
    use proptest::prelude::*;

    #[test]
    fn matches_type_seven() {
        // By hand: position (n - 1) p = 4 p among five values.
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        let got = quantiles(&values, &[0.0, 0.1, 0.25, 0.5, 0.9, 1.0, 7.0]);
        let wanted = [1.0, 1.4, 2.0, 4.0, 12.8, 16.0, 16.0];
        assert!(got.iter().zip(wanted).all(|(g, w)| close(*g, w, 1e-15)), "{got:?}");
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.2), Some(3.0));
    }

    #[test]
    fn infinite_values_are_ordered() {
        let values = sorted(vec![f64::INFINITY, 3.0, f64::INFINITY, 1.0, 2.0]).unwrap();
        assert_eq!(quantile(&values, 0.5), Some(3.0));
        assert_eq!(quantile(&values, 0.6), Some(f64::INFINITY));
        assert_eq!(quantile(&values, 1.0), Some(f64::INFINITY));
        assert_eq!(sorted(vec![1.0, f64::NAN]), None);
    }

    proptest! {
        #[test]
        fn quantiles_stay_in_order_and_in_range(
            values in prop::collection::vec(-1e6..1e6_f64, 1..200), a in 0.0..1.0_f64, b in 0.0..1.0_f64,
        ) {
            let values = sorted(values).unwrap();
            let (low, high) = (quantile(&values, a.min(b)), quantile(&values, a.max(b)));
            prop_assert!(low <= high);
            prop_assert!(low >= values.first().copied() && high <= values.last().copied());
        }
    }
}
