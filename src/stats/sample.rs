//! Uniform numbers for the tests of this folder, and a test of uniformity.

/// `n` uniform numbers of stream `seed`: a golden-ratio sequence, scrambled (Steele, Lea and Flood
/// 2014).
#[allow(clippy::cast_precision_loss, reason = "52 bits are exact")]
pub(crate) fn uniforms(seed: u64, n: u64) -> impl Iterator<Item = f64> {
    let mix = |word: u64| {
        let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    };
    let start = mix(seed);
    (0..n).map(move |i| {
        let bits = mix(start.wrapping_add(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    })
}

/// Kolmogorov's distance from the uniform law, times the root of n. Above 2.27 once in 30,000.
#[allow(clippy::cast_precision_loss, reason = "counts of draws")]
pub(crate) fn kolmogorov(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let gap = values.iter().enumerate().map(|(i, v)| {
        let (before, after) = (i as f64 / n, (i as f64 + 1.0) / n);
        (v - before).abs().max((v - after).abs())
    });
    gap.fold(0.0, f64::max) * n.sqrt()
}
