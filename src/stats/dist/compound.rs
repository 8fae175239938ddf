//! Sums and mixtures.
//!
//! A mixture is exact: its tails are weighted sums, its draws spend the uniform first on the choice of
//! a part and then on the part, and its quantiles are found by bisection. A sum draws each part from
//! its own uniform, made out of the bits of the one given; its probabilities are read off a fixed
//! sample whose points are those of the additive recurrence of Roberts (2018) in as many dimensions as
//! the sum has parts.

use super::Dist;
use crate::math::pow;
use crate::stats::quantile::quantile;
use crate::stats::special::Tails;

/// Points of the fixed sample of a sum.
const SAMPLE: u32 = 1001;
/// How often a sum is drawn anew to exceed an age.
const TRIES: u64 = 256;

/// A uniform number made out of the bits of another: the finaliser of splitmix64 (Steele, Lea and
/// Flood 2014), twice, over the bits and the number of the wanted one.
#[allow(clippy::cast_precision_loss, reason = "52 bits are exact in f64")]
fn derived(u: f64, number: u64) -> f64 {
    const fn mix(word: u64) -> u64 {
        let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
    let step = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = mix(mix(u.to_bits()).wrapping_add(step));
    ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// What is fixed in a sum, and its only other part, if there is at most one.
fn lone(parts: &[Dist]) -> Option<(f64, Option<&Dist>)> {
    let mut fixed = 0.0;
    let mut other = None;
    for part in parts {
        match part {
            Dist::Fixed(value) => fixed += value,
            _ if other.is_none() => other = Some(part),
            _ => return None,
        }
    }
    Some((fixed, other))
}

pub(super) fn draw_sum(parts: &[Dist], u: f64) -> f64 {
    match lone(parts) {
        Some((fixed, other)) => fixed + other.map_or(0.0, |part| part.draw(u)),
        None => parts.iter().zip(0..).map(|(part, number)| part.draw(derived(u, number))).sum(),
    }
}

pub(super) fn draw_sum_beyond(whole: &Dist, parts: &[Dist], u: f64, age: f64) -> f64 {
    if let Some((fixed, other)) = lone(parts) {
        return other.map_or(fixed, |part| fixed + part.draw_beyond(u, age - fixed)).max(age);
    }
    if whole.support().1 <= age {
        return age;
    }
    let mut last = draw_sum(parts, u);
    for attempt in 1..TRIES {
        if last > age {
            return last;
        }
        // Numbers far from those of the parts.
        last = draw_sum(parts, derived(u, attempt << 32));
    }
    if last > age { last } else { (age + last).max(age) }
}

/// The fixed sample of a sum, sorted.
fn sample(parts: &[Dist]) -> Vec<f64> {
    let dimensions = u32::try_from(parts.len()).map_or(f64::from(u32::MAX), f64::from);
    // The root above 1 of x^(d + 1) = x + 1, by fixed-point iteration, which contracts.
    let mut root = 1.5;
    for _ in 0..64 {
        root = pow(1.0 + root, 1.0 / (dimensions + 1.0));
    }
    let mut values: Vec<f64> = (1..=SAMPLE)
        .map(|n| {
            let mut step = 1.0;
            let draw = |part: &Dist| {
                step /= root;
                let place = 0.5 + f64::from(n) * step;
                // Clear of the ends: the sample must be finite where the law is.
                part.draw((place - place.floor()).clamp(1e-9, 1.0 - 1e-9))
            };
            parts.iter().map(draw).sum()
        })
        .collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

pub(super) fn sum_value_at(parts: &[Dist], tails: Tails) -> f64 {
    match lone(parts) {
        Some((fixed, None)) => fixed,
        Some((fixed, Some(part))) => fixed + part.value_at(tails),
        None => {
            let ends = Dist::support;
            if tails.lower <= 0.0 {
                return parts.iter().map(|part| ends(part).0).sum();
            }
            if tails.upper <= 0.0 {
                return parts.iter().map(|part| ends(part).1).sum();
            }
            quantile(&sample(parts), tails.lower).unwrap_or(0.0)
        }
    }
}

pub(super) fn sum_quantile_beyond(parts: &[Dist], p: f64, age: f64) -> f64 {
    if let Some((fixed, other)) = lone(parts) {
        let beyond = |part: &Dist| fixed + part.quantile_beyond(p, age - fixed);
        return other.map_or(fixed, beyond).max(age);
    }
    let values = sample(parts);
    let passed = values.partition_point(|&value| value <= age);
    quantile(&values[passed..], p).unwrap_or(age)
}

#[allow(clippy::cast_precision_loss, reason = "counts of at most 1,001")]
pub(super) fn sum_tails(parts: &[Dist], x: f64) -> Tails {
    match lone(parts) {
        Some((fixed, None)) => Dist::Fixed(fixed).tails(x),
        Some((fixed, Some(part))) => part.tails(x - fixed),
        None => {
            let values = sample(parts);
            let below = values.partition_point(|&value| value <= x);
            Tails::from_lower(below as f64 / values.len() as f64)
        }
    }
}

fn total_weight(parts: &[(f64, Dist)]) -> f64 {
    parts.iter().map(|(weight, _)| weight).sum()
}

/// Spends `u` on the choice among weights: the chosen place and what is left of `u`, stretched to
/// (0, 1). None if all weights are 0.
fn choose(weights: impl Iterator<Item = f64> + Clone, u: f64) -> Option<(usize, f64)> {
    let total: f64 = weights.clone().sum();
    let mut left = u * total;
    let mut chosen = None;
    for (place, weight) in weights.enumerate() {
        if weight <= 0.0 {
            continue;
        }
        let share = (left / weight).clamp(f64::EPSILON / 4.0, 1.0 - f64::EPSILON / 2.0);
        chosen = Some((place, share));
        if left < weight {
            break;
        }
        left -= weight;
    }
    chosen
}

pub(super) fn draw_mixture(parts: &[(f64, Dist)], u: f64) -> f64 {
    choose(parts.iter().map(|(weight, _)| *weight), u)
        .map_or(0.0, |(place, rest)| parts[place].1.draw(rest))
}

pub(super) fn draw_mixture_beyond(parts: &[(f64, Dist)], u: f64, age: f64) -> f64 {
    // Having lasted so long speaks for the parts that last.
    let weights = parts.iter().map(|(weight, part)| weight * part.survival(age));
    choose(weights, u).map_or(age, |(place, rest)| parts[place].1.draw_beyond(rest, age))
}

pub(super) fn mixture_mean(parts: &[(f64, Dist)]) -> f64 {
    let total = total_weight(parts);
    // A part of weight 0 counts for nothing even if its mean is infinite.
    let used = parts.iter().filter(|(weight, _)| *weight > 0.0);
    used.map(|(weight, part)| weight / total * part.mean()).sum()
}

pub(super) fn mixture_tails(parts: &[(f64, Dist)], x: f64) -> Tails {
    let total = total_weight(parts);
    let mut sum = Tails { lower: 0.0, upper: 0.0 };
    for (weight, part) in parts {
        let tails = part.tails(x);
        sum.lower += weight / total * tails.lower;
        sum.upper += weight / total * tails.upper;
    }
    sum
}

/// The least value whose lower tail is large enough, by bisection between the parts' own values.
pub(super) fn mixture_value_at(parts: &[(f64, Dist)], tails: Tails) -> f64 {
    let used = parts.iter().filter(|(weight, _)| *weight > 0.0);
    let values = used.map(|(_, part)| part.value_at(tails));
    let (mut low, mut high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let enough = |x: f64| {
        let here = mixture_tails(parts, x);
        if tails.lower < tails.upper {
            here.lower >= tails.lower
        } else {
            here.upper <= tails.upper
        }
    };
    if low >= high || low.is_infinite() || enough(low) {
        return low;
    }
    if high.is_infinite() {
        // Some part may never end: look for a finite place that is high enough.
        high = low.abs().max(1.0);
        while !enough(high) {
            high *= 2.0;
            if high > 1e300 {
                return f64::INFINITY;
            }
        }
    }
    // Halving the widest interval of f64 down to neighbours takes at most this many steps.
    for _ in 0..2200 {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
