//! The only home of transcendental functions and of float comparison.
//!
//! Platforms' maths libraries differ in the last bit, so a result would depend on the machine it was
//! computed on. Everything here goes through `libm`, a pure-Rust port of musl's library: the same bits
//! everywhere. `clippy.toml` forbids the methods of `f64` elsewhere. `sqrt`, `abs`, `floor` and
//! `round` are exactly rounded by IEEE 754 and need no wrapper.

/// e to the power `x`.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    // The likeliest argument: scores are counted from the largest of them.
    if same(x, 0.0) { 1.0 } else { libm::exp(x) }
}

/// e to the power `x`, less one; accurate near 0.
#[inline]
#[must_use]
pub fn expm1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm.
#[inline]
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Natural logarithm of one plus `x`; accurate near 0.
#[inline]
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to base 10.
#[inline]
#[must_use]
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// `x` to the power `y`.
#[inline]
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// `x` to a whole power, by repeated squaring.
#[inline]
#[must_use]
pub fn powi(x: f64, n: u32) -> f64 {
    let (mut result, mut base, mut n) = (1.0, x, n);
    while n > 0 {
        if n & 1 == 1 {
            result *= base;
        }
        base *= base;
        n >>= 1;
    }
    result
}

/// Sine of an angle in radians.
#[must_use]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
#[must_use]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Error function.
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Complement of the error function.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// Natural logarithm of the gamma function at `x > 0`.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Logistic function 1 / (1 + e^-x), without overflow at either end.
#[inline]
#[must_use]
pub fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// Turns scores into choice probabilities proportional to e^score (logit, Luce 1959), in place.
///
/// The largest score is subtracted first, so no finite input overflows. An empty slice stays empty.
pub fn softmax(scores: &mut [f64]) {
    let Some(top) = scores.iter().copied().reduce(f64::max) else { return };
    let mut total = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - top);
        total += *score;
    }
    for score in scores.iter_mut() {
        *score /= total;
    }
}

/// Whether two numbers are the same bits of value: the one place where equality of floats is meant.
#[inline]
#[must_use]
#[allow(clippy::float_cmp, reason = "the one place where exact equality is meant")]
pub fn same(a: f64, b: f64) -> bool {
    a == b
}

/// Whether `a` and `b` differ by at most `tolerance` relative to the larger, or absolutely below 1.
#[inline]
#[must_use]
pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_sums_to_one_and_survives_large_scores() {
        let mut scores = [1e6, 1e6 - 1.0, -1e6];
        softmax(&mut scores);
        assert!(close(scores.iter().sum(), 1.0, 1e-15));
        assert!(close(scores[0] / scores[1], exp(1.0), 1e-12));
        assert!(same(scores[2], 0.0));
    }

    #[test]
    fn whole_powers_agree_with_pow() {
        for n in 0..12 {
            assert!(close(powi(1.7, n), pow(1.7, f64::from(n)), 1e-14));
        }
    }

    #[test]
    fn value_stability() {
        // The bits of the library itself: a change here changes every published result.
        assert_eq!(exp(0.3).to_bits(), 0x3FF5_9905_8C8C_1A96);
        assert_eq!(ln(0.3).to_bits(), 0xBFF3_4378_FCBD_A721);
    }
}
