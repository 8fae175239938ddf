//! Incomplete gamma and beta functions, and the normal and Student t laws, with their inverses.
//!
//! Each function comes with both tails, so that a small probability keeps its relative accuracy at
//! either end. The inverses take both tails too (`lower + upper = 1`) and work on the smaller one.
//!
//! Prefactors use the saddle-point form of Loader (2000), which does not lose digits when the
//! parameters are large (a binomial interval for 10^8 trials). Continued fractions are evaluated by
//! the method of Lentz (1976) as modified by Thompson and Barnett (1986).

use crate::math::{close, erfc, exp, ln, ln_1p, ln_gamma, same};
use std::f64::consts::{PI, SQRT_2};

/// Smallest relative change that continues a series or a continued fraction.
const EPSILON: f64 = 1e-16;
/// Stands for zero in a continued fraction.
const TINY: f64 = 1e-300;
/// Most terms: enough for parameters of 10^9, whose fractions need some tens of thousands.
const MOST_TERMS: u32 = 1_000_000;

/// A probability below some value and above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// Probability of at most the value.
    pub lower: f64,
    /// Probability of more than the value.
    pub upper: f64,
}

impl Tails {
    /// From the probability of at most the value.
    #[must_use]
    pub fn from_lower(lower: f64) -> Tails {
        Tails { lower, upper: 1.0 - lower }
    }

    /// From the probability of more than the value.
    #[must_use]
    pub fn from_upper(upper: f64) -> Tails {
        Tails { lower: 1.0 - upper, upper }
    }

    /// The same with its sides exchanged.
    #[must_use]
    pub fn swapped(self) -> Tails {
        Tails { lower: self.upper, upper: self.lower }
    }
}

/// Error of Stirling's formula for ln Γ(x + 1), at `x > 0`.
fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return ln_gamma(x + 1.0) - (x + 0.5) * ln(x) + x - 0.5 * ln(2.0 * PI);
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 12.0
        - y * (1.0 / 360.0
            - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y * (1.0 / 1188.0 - y * 691.0 / 360_360.0))));
    series / x
}

/// Deviance x ln(x / m) + m - x without cancellation near x = m.
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() < 0.1 * (x + m) {
        let v = difference / (x + m);
        let mut sum = difference * v;
        let mut term = 2.0 * x * v;
        let square = v * v;
        let mut odd = 1.0;
        loop {
            term *= square;
            odd += 2.0;
            let next = sum + term / odd;
            if same(next, sum) {
                return sum;
            }
            sum = next;
        }
    }
    x * ln(x / m) + m - x
}

/// x^a e^-x / Γ(a + 1).
fn gamma_prefactor(a: f64, x: f64) -> f64 {
    exp(-stirling_error(a) - deviance(a, x)) / (2.0 * PI * a).sqrt()
}

/// Probabilities that a gamma variable of shape `a > 0` and scale 1 is below and above `x`
/// (regularised incomplete gamma functions P and Q).
#[must_use]
pub fn gamma_tails(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0 };
    }
    if x.is_infinite() {
        return Tails { lower: 1.0, upper: 0.0 };
    }
    let prefactor = gamma_prefactor(a, x);
    if x < a + 1.0 {
        // Series of P.
        let mut term = 1.0;
        let mut sum = 1.0;
        let mut n = a;
        for _ in 0..MOST_TERMS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * EPSILON {
                break;
            }
        }
        Tails::from_lower((prefactor * sum).min(1.0))
    } else {
        // Continued fraction of Q.
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut fraction = d;
        let mut i = 0.0;
        for _ in 0..MOST_TERMS {
            i += 1.0;
            let numerator = -i * (i - a);
            b += 2.0;
            d = 1.0 / away_from_zero(numerator * d + b);
            c = away_from_zero(b + numerator / c);
            let factor = d * c;
            fraction *= factor;
            if (factor - 1.0).abs() < EPSILON {
                break;
            }
        }
        Tails::from_upper((prefactor * a * fraction).min(1.0))
    }
}

/// The value that a gamma variable of shape `a > 0` and scale 1 has at these tail probabilities.
#[must_use]
pub fn gamma_quantile(a: f64, tails: Tails) -> f64 {
    if tails.lower <= 0.0 {
        return 0.0;
    }
    if tails.upper <= 0.0 {
        return f64::INFINITY;
    }
    // Wilson and Hilferty (1931); below it may be negative, where the leading power takes over.
    let z = normal_quantile_of(tails);
    let cube = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * a.sqrt());
    let mut start = a * cube * cube * cube;
    if cube < 0.3 {
        start = exp((ln(tails.lower) + ln_gamma(a + 1.0)) / a);
    }
    let density = |x: f64| gamma_prefactor(a, x) * a / x;
    invert(tails, start, 0.0, f64::INFINITY, |x| gamma_tails(a, x), density)
}

/// x^a (1 - x)^b / (a B(a, b)), with `y = 1 - x`.
fn beta_prefactor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, n * x)
        - deviance(b, n * y);
    exp(exponent) * (b / (2.0 * PI * a * n)).sqrt()
}

/// Probabilities that a beta variable with parameters `a, b > 0` is below and above `x`
/// (regularised incomplete beta function I and its complement).
#[must_use]
pub fn beta_tails(a: f64, b: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0 };
    }
    if x >= 1.0 {
        return Tails { lower: 1.0, upper: 0.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        let tails = Tails::from_lower(beta_lower(b, a, 1.0 - x, x));
        return tails.swapped();
    }
    Tails::from_lower(beta_lower(a, b, x, 1.0 - x))
}

/// Continued fraction of the lower tail; quick where x is below the mean.
fn beta_lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    let mut m = 0.0;
    for _ in 0..MOST_TERMS {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let factor = d * c;
        fraction *= factor;
        if (factor - 1.0).abs() < EPSILON {
            break;
        }
    }
    (beta_prefactor(a, b, x, y) * fraction).min(1.0)
}

/// The value that a beta variable with parameters `a, b > 0` has at these tail probabilities.
#[must_use]
pub fn beta_quantile(a: f64, b: f64, tails: Tails) -> f64 {
    if tails.lower <= 0.0 {
        return 0.0;
    }
    if tails.upper <= 0.0 {
        return 1.0;
    }
    let density = |x: f64| beta_prefactor(a, b, x, 1.0 - x) * a / (x * (1.0 - x));
    invert(tails, a / (a + b), 0.0, 1.0, |x| beta_tails(a, b, x), density)
}

/// Density of the standard normal law.
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// Probabilities that a standard normal variable is below and above `z`.
#[must_use]
pub fn normal_tails(z: f64) -> Tails {
    Tails { lower: 0.5 * erfc(-z / SQRT_2), upper: 0.5 * erfc(z / SQRT_2) }
}

/// The value below which a standard normal variable lies with probability `p`; infinite at 0 and 1.
///
/// Algorithm AS 241, routine PPND16 (Wichura 1988): relative error about 1e-16.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    normal_quantile_of(Tails::from_lower(p))
}

/// [`normal_quantile`] with both tails given, which keeps its accuracy in the upper tail.
#[must_use]
pub fn normal_quantile_of(tails: Tails) -> f64 {
    const CENTRE: [[f64; 8]; 2] = [
        [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ],
        [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_854,
        ],
    ];
    const MIDDLE: [[f64; 8]; 2] = [
        [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            0.000_774_545_014_278_341_4,
        ],
        [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            0.000_547_593_808_499_534_5,
            1.050_750_071_644_416_9e-9,
        ],
    ];
    const FAR: [[f64; 8]; 2] = [
        [
            6.657_904_643_501_103,
            5.463_784_911_164_114,
            1.784_826_539_917_291_3,
            0.296_560_571_828_504_87,
            0.026_532_189_526_576_124,
            0.001_242_660_947_388_078_4,
            2.711_555_568_743_487_6e-5,
            2.010_334_399_292_288_1e-7,
        ],
        [
            1.0,
            0.599_832_206_555_888,
            0.136_929_880_922_735_8,
            0.014_875_361_290_850_615,
            0.000_786_869_131_145_613_3,
            1.846_318_317_510_054_8e-5,
            1.421_511_758_316_446e-7,
            2.044_263_103_389_939_7e-15,
        ],
    ];
    let ratio = |table: &[[f64; 8]; 2], x: f64| {
        let [top, bottom] =
            table.each_ref().map(|row| row.iter().rev().fold(0.0, |s, c| s * x + c));
        top / bottom
    };
    let q = if tails.lower < 0.25 { tails.lower - 0.5 } else { 0.5 - tails.upper };
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180_625 - q * q);
    }
    let tail = tails.lower.min(tails.upper);
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-ln(tail)).sqrt();
    let size = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if q < 0.0 { -size } else { size }
}

/// Probabilities that a Student t variable with `df > 0` degrees of freedom is below and above `t`.
#[must_use]
pub fn student_t_tails(t: f64, df: f64) -> Tails {
    let x = t * t / (df + t * t);
    // Both beyond |t|, from whichever side keeps its digits.
    let beyond = if x < 0.5 {
        beta_tails(0.5, 0.5 * df, x).upper
    } else {
        beta_tails(0.5 * df, 0.5, df / (df + t * t)).lower
    };
    let tails = Tails { lower: 1.0 - 0.5 * beyond, upper: 0.5 * beyond };
    if t < 0.0 { tails.swapped() } else { tails }
}

/// The value below which a Student t variable with `df > 0` degrees of freedom lies with
/// probability `p`; infinite at 0 and 1.
///
/// By the incomplete beta function; from 10,000 degrees of freedom on by the expansion about the
/// normal quantile (Abramowitz and Stegun 1964, 26.7.5), which is exact to rounding there.
#[must_use]
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    let tails = Tails::from_lower(p);
    if tails.lower <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if tails.upper <= 0.0 {
        return f64::INFINITY;
    }
    if df >= 10_000.0 {
        let z = normal_quantile_of(tails);
        let w = z * z;
        let g1 = (w + 1.0) / 4.0;
        let g2 = ((5.0 * w + 16.0) * w + 3.0) / 96.0;
        let g3 = (((3.0 * w + 19.0) * w + 17.0) * w - 15.0) / 384.0;
        let g4 = ((((79.0 * w + 776.0) * w + 1482.0) * w - 1920.0) * w - 945.0) / 92_160.0;
        return z * (1.0 + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df);
    }
    let beyond = 2.0 * tails.lower.min(tails.upper);
    let within = (tails.lower - tails.upper).abs();
    let y = beta_quantile(0.5, 0.5 * df, Tails { lower: within, upper: beyond });
    let size = if y < 0.5 {
        (df * y / (1.0 - y)).sqrt()
    } else {
        let x = beta_quantile(0.5 * df, 0.5, Tails { lower: beyond, upper: within });
        (df * (1.0 - x) / x).sqrt()
    };
    if tails.lower < tails.upper { -size } else { size }
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// Finds where a law has the wanted tails: Newton's method on the logarithm of the smaller tail,
/// with bisection wherever a step would leave the bracket or shrinks it too slowly.
fn invert(
    wanted: Tails,
    start: f64,
    mut low: f64,
    mut high: f64,
    tails: impl Fn(f64) -> Tails,
    density: impl Fn(f64) -> f64,
) -> f64 {
    let from_below = wanted.lower < wanted.upper;
    let mut x = start;
    for _ in 0..400 {
        if !(x > low && x < high) {
            x = middle(low, high);
        }
        let here = tails(x);
        let (tail, target) =
            if from_below { (here.lower, wanted.lower) } else { (here.upper, wanted.upper) };
        if same(tail, target) {
            return x;
        }
        // The lower tail grows with x, the upper one shrinks.
        if (tail < target) == from_below {
            low = x;
        } else {
            high = x;
        }
        let slope = density(x) / tail;
        let gap = log_ratio(tail, target);
        let step = if from_below { -gap / slope } else { gap / slope };
        let next = x + step;
        if (next - x).abs() <= 4e-16 * x.abs() {
            return if next > low && next < high { next } else { x };
        }
        x = if next.is_finite() { next } else { middle(low, high) };
        if high.is_finite() && high - low <= 4e-16 * high {
            return middle(low, high);
        }
    }
    x
}

/// ln(a / b) without cancellation where the two are close.
fn log_ratio(a: f64, b: f64) -> f64 {
    if a <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if close(a / b, 1.0, 0.1) { ln_1p((a - b) / b) } else { ln(a / b) }
}

/// A point between the two: the geometric middle where they differ by orders of magnitude.
fn middle(low: f64, high: f64) -> f64 {
    if high.is_infinite() {
        return if low > 0.0 { 2.0 * low } else { 1.0 };
    }
    if low > 0.0 && high > 4.0 * low {
        return low.sqrt() * high.sqrt();
    }
    if same(low, 0.0) && high > 0.0 {
        return 1e-3 * high;
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Reference values computed with 40 digits by series and quadrature, rounded to the nearest f64.

    /// Shape, x, lower and upper tail.
    const GAMMA: [[f64; 4]; 9] = [
        [0.5, 0.1, 0.345_279_153_981_423, 0.654_720_846_018_577],
        [1.0, 0.3, 0.259_181_779_318_282_1, 0.740_818_220_681_717_9],
        [3.0, 2.5, 0.456_186_884_116_670_47, 0.543_813_115_883_329_5],
        [3.0, 40.0, 0.999_999_999_999_996_4, 3.572_865_928_700_226e-15],
        [10.0, 3.0, 0.001_102_488_130_115_479_8, 0.998_897_511_869_884_5],
        [50.0, 49.5, 0.490_527_801_201_625_87, 0.509_472_198_798_374_1],
        [200.0, 260.0, 0.999_952_499_875_557, 4.750_012_444_300_876e-5],
        [1_000.0, 900.0, 0.000_549_902_265_711_782_9, 0.999_450_097_734_288_2],
        [1_000_000.0, 1_003_000.0, 0.998_638_259_353_782_4, 0.001_361_740_646_217_591_5],
    ];
    /// a, b, x, lower and upper tail.
    const BETA: [[f64; 5]; 9] = [
        [0.5, 0.5, 0.2, 0.295_167_235_300_866_6, 0.704_832_764_699_133_5],
        [2.0, 3.0, 0.4, 0.5248, 0.475_199_999_999_999_96],
        [5.0, 1.0, 0.9, 0.590_490_000_000_000_1, 0.409_509_999_999_999_93],
        [0.3, 8.0, 0.001, 0.257_905_970_876_400_2, 0.742_094_029_123_599_8],
        [30.0, 70.0, 0.22, 0.033_937_315_617_727_254, 0.966_062_684_382_272_7],
        [3.0, 98.0, 0.2, 0.999_999_931_682_905_9, 6.831_709_405_631_774e-8],
        [400.0, 600.0, 0.45, 0.999_301_409_938_702_3, 0.000_698_590_061_297_705_9],
        [30_000_000.0, 70_000_000.0, 0.2999, 0.014_544_127_545_537_062, 0.985_455_872_454_463],
        [1_000.0, 99_999_001.0, 1.1e-5, 0.998_940_735_278_248, 0.001_059_264_721_752_038_6],
    ];
    /// Probability and quantile of the standard normal law.
    const NORMAL: [[f64; 2]; 12] = [
        [1.0e-300, -37.047_096_299_361_2],
        [1.0e-20, -9.262_340_089_798_407],
        [1.0e-9, -5.997_807_015_007_686_5],
        [0.001, -3.090_232_306_167_813_6],
        [0.02425, -1.972_961_051_311_885],
        [0.1, -1.281_551_565_544_600_4],
        [0.3, -0.524_400_512_708_040_8],
        [0.49, -0.025_068_908_258_711_057],
        [0.5001, 0.000_250_662_830_088_007_47],
        [0.9, 1.281_551_565_544_600_6],
        [0.975, 1.959_963_984_540_053_8],
        [0.995, 2.575_829_303_548_900_4],
    ];
    /// Probability, degrees of freedom, quantile of Student's law.
    const STUDENT: [[f64; 3]; 15] = [
        [0.6, 1.0, 0.324_919_696_232_906_23],
        [0.975, 1.0, 12.706_204_736_174_694],
        [0.975, 2.0, 4.302_652_729_749_462],
        [0.975, 4.5, 2.658_912_347_204_403],
        [0.975, 10.0, 2.228_138_851_986_274_4],
        [0.95, 30.0, 1.697_260_886_593_957_4],
        [0.995, 99.0, 2.626_405_457_280_827],
        [0.5001, 7.0, 0.000_259_746_030_902_545_05],
        [0.999_999, 3.0, 103.299_467_779_428_97],
        [0.975, 999.0, 1.962_341_461_133_449_5],
        [0.975, 9_999.0, 1.960_201_263_621_357_3],
        [0.999_999_9, 9_999.0, 5.202_984_003_229_124],
        [0.975, 10_000.0, 1.960_201_239_890_626],
        [0.999_999_9, 10_000.0, 5.202_983_638_365_324],
        [0.975, 99_999.0, 1.959_987_707_771_844_4],
    ];

    fn near(got: f64, wanted: f64, relative: f64, what: &str) {
        let error = (got - wanted).abs() / wanted.abs().max(f64::MIN_POSITIVE);
        assert!(error <= relative, "{what}: {got:e}, not {wanted:e} ({error:e})");
    }

    #[test]
    fn gamma_tails_match_references() {
        for [a, x, lower, upper] in GAMMA {
            let tails = gamma_tails(a, x);
            near(tails.lower, lower, 1e-12, &format!("P({a}, {x})"));
            near(tails.upper, upper, 1e-12, &format!("Q({a}, {x})"));
        }
    }

    #[test]
    fn beta_tails_match_references() {
        for [a, b, x, lower, upper] in BETA {
            let tails = beta_tails(a, b, x);
            near(tails.lower, lower, 1e-10, &format!("I({a}, {b}, {x})"));
            near(tails.upper, upper, 1e-10, &format!("1 - I({a}, {b}, {x})"));
        }
    }

    #[test]
    fn normal_quantile_matches_references() {
        for [p, z] in NORMAL {
            near(normal_quantile(p), z, 2e-15, &format!("z({p})"));
            near(normal_quantile_of(Tails::from_upper(p)), -z, 2e-15, &format!("z(1 - {p})"));
            near(normal_tails(z).lower, p, 1e-12, &format!("Phi({z})"));
        }
        assert!(same(normal_quantile(0.5), 0.0));
        assert!(same(normal_quantile(0.0), f64::NEG_INFINITY));
        assert!(same(normal_quantile(1.0), f64::INFINITY));
    }

    #[test]
    fn student_quantile_matches_references() {
        for [p, df, t] in STUDENT {
            near(student_t_quantile(p, df), t, 1e-10, &format!("t({p}, {df})"));
            near(student_t_quantile(1.0 - p, df), -t, 1e-9, &format!("t(1 - {p}, {df})"));
            near(student_t_tails(t, df).upper, 1.0 - p, 1e-9, &format!("tail of t({t}, {df})"));
        }
    }

    #[test]
    fn inverses_return() {
        let probabilities = [1e-200, 1e-30, 1e-9, 0.001, 0.03, 0.2, 0.45, 0.5];
        for p in probabilities {
            for tails in [Tails::from_lower(p), Tails::from_upper(p)] {
                for a in [0.05, 0.3, 1.0, 2.0, 7.5, 40.0, 900.0, 1e5] {
                    let back = gamma_tails(a, gamma_quantile(a, tails));
                    if gamma_quantile(a, tails) < 1e-290 {
                        // Below the range of f64.
                        continue;
                    }
                    let (got, wanted) = smaller(back, tails);
                    near(got, wanted, 1e-9, &format!("gamma {a} at {tails:?}"));
                    for b in [0.5, 1.0, 3.0, 60.0, 1e4] {
                        let x = beta_quantile(a, b, tails);
                        if !(1e-290..1.0 - 1e-9).contains(&x) {
                            // Near 1 a step of f64 is a large part of the tail.
                            continue;
                        }
                        let (got, wanted) = smaller(beta_tails(a, b, x), tails);
                        // One rounding of x moves the tail by the density.
                        let slack = 1e-9
                            + 4e-16 * beta_prefactor(a, b, x, 1.0 - x) * a / ((1.0 - x) * wanted);
                        near(got, wanted, slack, &format!("beta {a} {b} at {tails:?}"));
                    }
                }
            }
        }
    }

    fn smaller(got: Tails, wanted: Tails) -> (f64, f64) {
        if wanted.lower < wanted.upper {
            (got.lower, wanted.lower)
        } else {
            (got.upper, wanted.upper)
        }
    }
}
