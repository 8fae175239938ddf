//! Stochastic dominance of one branch over another, judged on pairs that share their luck.
//!
//! Values count as better the larger they are; callers turn costs round. `a` dominates `b` to the
//! first order if at every level it is at least as likely to be above it, to the second order if
//! everyone who dislikes risk prefers it: its expected shortfall below every level is no larger
//! (Hadar and Russell 1969). The levels are pooled quantiles from 5 % to 95 %.
//!
//! At each level the pairs give a test of either sign: exact for shares (`McNemar` 1947), Student's for
//! shortfalls. Dominance is contradicted where one level of all speaks against it (Bonferroni over the
//! levels), and shown where every level that tells the branches apart speaks for it (Davidson and
//! Duclos 2013). Either statement is wrong with probability one less the level at most.

use super::moments::Moments;
use super::special::{beta_tails, student_t_tails};
use crate::math::same;

/// Levels at which branches are compared: pooled quantiles, evenly spaced within the middle 90 %.
const LEVELS: u32 = 19;
/// Shortfalls that differ in fewer pairs are not judged by Student's law.
const FEW: u64 = 10;

/// How `a` stands to `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `a` dominates: every level that tells them apart speaks for it.
    Dominates,
    /// That `b` dominates is contradicted; that `a` does is not, and is not shown either.
    Favours,
    /// `b` dominates.
    Dominated,
    /// That `a` dominates is contradicted; that `b` does is not, and is not shown either.
    Disfavours,
    /// Both are contradicted: which is better depends on the level, or on the taste for risk.
    Crosses,
    /// Nothing is contradicted: too few trials, or nearly equal branches.
    Open,
    /// No level tells the branches apart in any pair.
    Equal,
}

impl Relation {
    /// As seen from `b`.
    #[must_use]
    pub fn turned(self) -> Relation {
        match self {
            Relation::Dominates => Relation::Dominated,
            Relation::Dominated => Relation::Dominates,
            Relation::Favours => Relation::Disfavours,
            Relation::Disfavours => Relation::Favours,
            Relation::Crosses | Relation::Open | Relation::Equal => self,
        }
    }
}

/// What one level says: chances of so much evidence if the truth were the other way.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    for_a: f64,
    for_b: f64,
}

/// First-order relation of paired values, which may be infinite; None if the lengths differ, there
/// are no pairs, or a value is not a number.
#[must_use]
pub fn first_order(a: &[f64], b: &[f64], level: f64) -> Option<Relation> {
    let levels = levels(a, b)?;
    let evidence = levels.iter().filter_map(|&at| {
        // At or below the level in `a` only, in `b` only.
        let (mut only_a, mut only_b) = (0, 0);
        for (&a, &b) in a.iter().zip(b) {
            match (a <= at, b <= at) {
                (true, false) => only_a += 1,
                (false, true) => only_b += 1,
                _ => {}
            }
        }
        let pairs = only_a + only_b;
        (pairs > 0)
            .then(|| Evidence { for_a: at_least(only_b, pairs), for_b: at_least(only_a, pairs) })
    });
    Some(judge(&evidence.collect::<Vec<_>>(), level))
}

/// Second-order relation of paired values; None as for the first order, and where a value is infinite.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn second_order(a: &[f64], b: &[f64], level: f64) -> Option<Relation> {
    if a.iter().chain(b).any(|value| value.is_infinite()) {
        return None;
    }
    let levels = levels(a, b)?;
    let evidence = levels.iter().filter_map(|&at| {
        let mut gain = Moments::new();
        let mut apart = 0;
        for (&a, &b) in a.iter().zip(b) {
            let (short_a, short_b) = ((at - a).max(0.0), (at - b).max(0.0));
            gain.push(short_b - short_a);
            apart += u64::from(!same(short_a, short_b));
        }
        if apart == 0 {
            return None;
        }
        let error = gain.sd().unwrap_or(0.0) / (gain.n as f64).sqrt();
        if apart < FEW || error <= 0.0 {
            return Some(Evidence { for_a: 1.0, for_b: 1.0 });
        }
        let tails = student_t_tails(gain.mean / error, (gain.n - 1) as f64);
        Some(Evidence { for_a: tails.upper, for_b: tails.lower })
    });
    Some(judge(&evidence.collect::<Vec<_>>(), level))
}

/// Probability of at least `hits` heads in `n` throws of a fair coin.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn at_least(hits: u64, n: u64) -> f64 {
    if hits == 0 { 1.0 } else { beta_tails(hits as f64, (n - hits + 1) as f64, 0.5).lower }
}

fn judge(evidence: &[Evidence], level: f64) -> Relation {
    let error = 1.0 - level;
    if evidence.is_empty() {
        return Relation::Equal;
    }
    let every = |of: fn(&Evidence) -> f64| evidence.iter().all(|e| of(e) <= error);
    let bound = error / f64::from(LEVELS);
    let some = |of: fn(&Evidence) -> f64| evidence.iter().any(|e| of(e) <= bound);
    let (for_a, for_b) = (some(|e| e.for_a), some(|e| e.for_b));
    match (for_a, for_b) {
        (true, true) => Relation::Crosses,
        _ if every(|e| e.for_a) => Relation::Dominates,
        _ if every(|e| e.for_b) => Relation::Dominated,
        (true, false) => Relation::Favours,
        (false, true) => Relation::Disfavours,
        (false, false) => Relation::Open,
    }
}

/// Distinct finite pooled quantiles.
fn levels(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let pooled = super::quantile::sorted(a.iter().chain(b).copied().collect())?;
    let step = pooled.len();
    let rank = |k: u32| step * k as usize / (LEVELS as usize + 1);
    let mut levels: Vec<f64> = (1..=LEVELS).map(|k| pooled[rank(k)]).collect();
    levels.retain(|at| at.is_finite());
    levels.dedup_by(|a, b| same(*a, *b));
    // At the largest value of all both branches are surely at or below it.
    Some(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sample::uniforms;
    use crate::stats::special::normal_quantile;

    fn normals(seed: u64, n: u64) -> Vec<f64> {
        uniforms(seed, n).map(normal_quantile).collect()
    }

    /// `b` shares half of its variance with `a`.
    fn pair(seed: u64, n: u64, shift: f64, scale: f64) -> (Vec<f64>, Vec<f64>) {
        let (common, own) = (normals(2 * seed, n), normals(2 * seed + 1, n));
        let b = common.iter().zip(&own).map(|(c, o)| shift + scale * (c + o) / 2.0_f64.sqrt());
        (common.clone(), b.collect())
    }

    #[test]
    fn a_coin_has_known_tails() {
        // 5 or more heads of 6: 7 / 64.
        assert!(crate::math::close(at_least(5, 6), 7.0 / 64.0, 1e-14));
        assert!(crate::math::close(at_least(0, 6), 1.0, 1e-14));
        assert!(crate::math::close(at_least(6, 6), 1.0 / 64.0, 1e-14));
    }

    #[test]
    fn known_orders_are_found() {
        let (a, b) = pair(1, 10_000, -0.4, 1.0);
        assert_eq!(first_order(&a, &b, 0.95), Some(Relation::Dominates));
        assert_eq!(second_order(&a, &b, 0.95), Some(Relation::Dominates));
        assert_eq!(first_order(&b, &a, 0.95), Some(Relation::Dominated));
        // The same mean with twice the spread: distributions cross, who dislikes risk takes `a`.
        let (a, b) = pair(2, 10_000, 0.0, 2.0);
        assert_eq!(first_order(&a, &b, 0.95), Some(Relation::Crosses));
        assert_eq!(second_order(&b, &a, 0.95).map(Relation::turned), second_order(&a, &b, 0.95));
        let second = second_order(&a, &b, 0.95).unwrap();
        assert!(matches!(second, Relation::Dominates | Relation::Favours), "{second:?}");
        assert_eq!(first_order(&a, &a, 0.95), Some(Relation::Equal));
        assert_eq!(first_order(&[], &[], 0.95), None);
        assert_eq!(first_order(&[f64::NAN], &[1.0], 0.95), None);
    }

    #[test]
    fn never_is_beyond_every_level() {
        let day: Vec<f64> = uniforms(9, 4000).map(|u| 100.0 * u).collect();
        let later = |d: &f64| if *d > 60.0 { f64::INFINITY } else { *d };
        let later: Vec<f64> = day.iter().map(later).collect();
        let got = first_order(&later, &day, 0.95).unwrap();
        assert!(matches!(got, Relation::Favours | Relation::Dominates), "{got:?}");
        assert_eq!(second_order(&later, &day, 0.95), None);
    }

    #[test]
    fn wrong_statements_are_as_rare_as_they_should_be() {
        // Equal laws: nothing should be shown or contradicted; crossing laws: no dominance shown.
        let runs = 400;
        let (mut contradicted, mut shown) = (0, 0);
        for seed in 0..runs {
            let (a, b) = pair(100 + seed, 400, 0.0, 1.0);
            for relation in [first_order(&a, &b, 0.95), second_order(&a, &b, 0.95)] {
                // Each of two one-sided statements is wrong in 5 % at most.
                contradicted += u32::from(!matches!(
                    relation,
                    Some(Relation::Open | Relation::Dominates | Relation::Dominated)
                ));
                shown += u32::from(matches!(relation, Some(Relation::Dominates)));
            }
        }
        assert!(contradicted < 80, "{contradicted} of 800");
        assert!(shown < 40, "{shown} of 800");
        let wrong = (0..runs).filter(|seed| {
            // Crosses at about the 80 % level: `a` does not dominate.
            let (a, b) = pair(9000 + seed, 400, -0.8, 2.0);
            first_order(&a, &b, 0.95) == Some(Relation::Dominates)
        });
        let wrong = wrong.count();
        assert!(wrong < 20, "{wrong} of {runs}");
    }
}
