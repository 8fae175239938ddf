//! Ranks and rank correlation.

use crate::math::same;

/// The rank of each value, from 1; equal values share the mean of their ranks. None if a value is not
/// a number.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "lengths of slices are far below 2^53")]
pub fn ranks(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]).then(i.cmp(&j)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    // Zeros of both signs are equal, although the total order tells them apart.
    for group in order.chunk_by(|&i, &j| same(values[i], values[j])) {
        let shared = start as f64 + 0.5 * (group.len() + 1) as f64;
        for &place in group {
            ranks[place] = shared;
        }
        start += group.len();
    }
    Some(ranks)
}

/// Spearman's rank correlation (1904) with shared ranks for ties: the correlation of the ranks.
///
/// None if the lengths differ, there are fewer than two pairs, a value is not a number, or one side
/// never varies.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "lengths of slices are far below 2^53")]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let (a, b) = (ranks(a)?, ranks(b)?);
    let middle = 0.5 * (a.len() + 1) as f64;
    let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        both += (a - middle) * (b - middle);
        square_a += (a - middle) * (a - middle);
        square_b += (b - middle) * (b - middle);
    }
    (square_a > 0.0 && square_b > 0.0)
        .then(|| (both / (square_a.sqrt() * square_b.sqrt())).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{close, exp};
    use proptest::prelude::*;

    #[test]
    fn ties_share_the_mean_rank() {
        let got = ranks(&[3.0, 1.0, 3.0, 0.0, -0.0, 3.0]).unwrap();
        assert_eq!(got, [5.0, 3.0, 5.0, 1.5, 1.5, 5.0]);
        assert_eq!(ranks(&[f64::NAN]), None);
        assert_eq!(ranks(&[f64::INFINITY, 0.0]).unwrap(), [2.0, 1.0]);
    }

    #[test]
    fn known_correlations() {
        // IQ and hours of television, the usual classroom table: -29 / 165.
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        assert!(close(spearman(&iq, &hours).unwrap(), -29.0 / 165.0, 1e-15));
        // With ties, by hand: ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4; 4.5 / sqrt(4.5 x 5).
        let got = spearman(&[1.0, 2.0, 2.0, 3.0], &[10.0, 30.0, 20.0, 40.0]).unwrap();
        assert!(close(got, 4.5 / 22.5_f64.sqrt(), 1e-15));
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
    }

    proptest! {
        #[test]
        fn only_order_matters(a in prop::collection::vec(-5.0..5.0_f64, 3..50), step in 1_usize..7) {
            let b: Vec<f64> = (0..a.len()).map(|i| a[(i * step) % a.len()]).collect();
            if let Some(got) = spearman(&a, &b) {
                let stretched: Vec<f64> = a.iter().map(|&x| exp(x)).collect();
                prop_assert!(close(spearman(&stretched, &b).unwrap(), got, 1e-12));
                let mirrored: Vec<f64> = b.iter().map(|x| -x).collect();
                prop_assert!(close(spearman(&a, &mirrored).unwrap(), -got, 1e-12));
                prop_assert!(close(spearman(&a, &a).unwrap(), 1.0, 1e-12));
            }
        }
    }
}
