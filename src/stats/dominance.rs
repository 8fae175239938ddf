//! Stochastic dominance of one branch over another, judged on pairs that share their luck.
//!
//! Values count as better the larger they are; callers turn costs round. `a` dominates `b` to the
//! first order if at every level it is at least as likely to be above it, to the second order if
//! everyone who dislikes risk prefers it: its expected shortfall below every level is no larger
//! (Hadar and Russell 1969).
//!
//! The order of the trials themselves is exact: it is judged at every value that occurs, between which
//! nothing can cross (shares are steps there, shortfalls straight lines; Levy 2016, chapter 3).
//!
//! What the trials say of all others is a test on the pairs, at pooled quantiles from 5 % to 95 %, beyond
//! which too few trials lie to tell: exact for shares (`McNemar` 1947), Student's for shortfalls.
//! Dominance is contradicted where one level of all speaks against it (Bonferroni over the levels). It is
//! shown where every level that tells the branches apart speaks for it (Davidson and Duclos 2013), and
//! no value of all speaks against it in the trials themselves. Either statement is wrong with probability
//! one less the level at most.

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
    /// Nothing tells the branches apart in these trials.
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

/// The order of the trials themselves, over every value that occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// `a` dominates.
    Dominates,
    /// `b` dominates.
    Dominated,
    /// Which is ahead depends on the level, or on the taste for risk.
    Crosses,
    /// Both have the same law.
    Equal,
}

impl Sample {
    fn of(for_a: bool, for_b: bool) -> Sample {
        match (for_a, for_b) {
            (true, false) => Sample::Dominates,
            (false, true) => Sample::Dominated,
            (true, true) => Sample::Crosses,
            (false, false) => Sample::Equal,
        }
    }

    /// As seen from `b`.
    #[must_use]
    pub fn turned(self) -> Sample {
        match self {
            Sample::Dominates => Sample::Dominated,
            Sample::Dominated => Sample::Dominates,
            Sample::Crosses | Sample::Equal => self,
        }
    }
}

/// An order of two branches: of the trials themselves, and what can be said beyond them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Exact, of these trials.
    pub sample: Sample,
    /// At the level of confidence asked for.
    pub relation: Relation,
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
pub fn first_order(a: &[f64], b: &[f64], level: f64) -> Option<Order> {
    let (sorted_a, sorted_b) = both_sorted(a, b)?;
    let sample = first_of_sample(&sorted_a, &sorted_b);
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
    Some(Order { sample, relation: judge(&evidence.collect::<Vec<_>>(), level, sample) })
}

/// Second-order relation of paired values; None as for the first order, and where a value is infinite.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn second_order(a: &[f64], b: &[f64], level: f64) -> Option<Order> {
    if a.iter().chain(b).any(|value| value.is_infinite()) {
        return None;
    }
    let (sorted_a, sorted_b) = both_sorted(a, b)?;
    let sample = second_of_sample(&sorted_a, &sorted_b);
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
    Some(Order { sample, relation: judge(&evidence.collect::<Vec<_>>(), level, sample) })
}

/// Both lists in rising order; None as for the orders.
fn both_sorted(a: &[f64], b: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    Some((super::quantile::sorted(a.to_vec())?, super::quantile::sorted(b.to_vec())?))
}

/// First order of as many sorted values on either side: of a larger law every order statistic is at
/// least as large, so the `k`th values are compared with each other.
fn first_of_sample(a: &[f64], b: &[f64]) -> Sample {
    let some = |of: fn(&f64, &f64) -> bool| a.iter().zip(b).any(|(a, b)| of(a, b));
    Sample::of(some(|a, b| a > b), some(|a, b| a < b))
}

/// Second order of as many sorted values: of a law with no larger shortfalls the sum of the `k` least
/// values is at least as large, for every `k` (generalised Lorenz curves, Shorrocks 1983). Sums that
/// differ by rounding alone do not count.
fn second_of_sample(a: &[f64], b: &[f64]) -> Sample {
    let (mut gap, mut size) = (Exact::default(), 0.0_f64);
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let rounding = 8.0 * f64::EPSILON * f64::EPSILON * a.len() as f64;
    let (mut for_a, mut for_b) = (false, false);
    for (a, b) in a.iter().zip(b) {
        gap.add(*a);
        gap.add(-b);
        size += a.abs() + b.abs();
        let gap = gap.value();
        if gap.abs() > rounding * size {
            for_a |= gap > 0.0;
            for_b |= gap < 0.0;
        }
    }
    Sample::of(for_a, for_b)
}

/// A sum in twice the precision (Neumaier 1974).
#[derive(Default)]
struct Exact {
    sum: f64,
    rest: f64,
}

impl Exact {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        let larger = self.sum.abs() >= value.abs();
        self.rest += if larger { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }

    fn value(&self) -> f64 {
        self.sum + self.rest
    }
}

/// Probability of at least `hits` heads in `n` throws of a fair coin.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn at_least(hits: u64, n: u64) -> f64 {
    if hits == 0 { 1.0 } else { beta_tails(hits as f64, (n - hits + 1) as f64, 0.5).lower }
}

fn judge(evidence: &[Evidence], level: f64, sample: Sample) -> Relation {
    let error = 1.0 - level;
    if evidence.is_empty() {
        // The middle levels do not tell them apart; values beyond may.
        return if sample == Sample::Equal { Relation::Equal } else { Relation::Open };
    }
    let every = |of: fn(&Evidence) -> f64| evidence.iter().all(|e| of(e) <= error);
    let bound = error / f64::from(LEVELS);
    let some = |of: fn(&Evidence) -> f64| evidence.iter().any(|e| of(e) <= bound);
    let (for_a, for_b) = (some(|e| e.for_a), some(|e| e.for_b));
    match (for_a, for_b) {
        (true, true) => Relation::Crosses,
        _ if sample == Sample::Dominates && every(|e| e.for_a) => Relation::Dominates,
        _ if sample == Sample::Dominated && every(|e| e.for_b) => Relation::Dominated,
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

    fn first(a: &[f64], b: &[f64]) -> Relation {
        first_order(a, b, 0.95).unwrap().relation
    }

    fn second(a: &[f64], b: &[f64]) -> Relation {
        second_order(a, b, 0.95).unwrap().relation
    }

    #[test]
    fn known_orders_are_found() {
        let (a, b) = pair(1, 10_000, -0.4, 1.0);
        assert_eq!(first(&a, &b), Relation::Dominates);
        assert_eq!(second(&a, &b), Relation::Dominates);
        assert_eq!(first(&b, &a), Relation::Dominated);
        // The same mean with twice the spread: distributions cross, who dislikes risk takes `a`.
        let (a, b) = pair(2, 10_000, 0.0, 2.0);
        assert_eq!(first(&a, &b), Relation::Crosses);
        assert_eq!(second(&b, &a).turned(), second(&a, &b));
        let got = second(&a, &b);
        assert!(matches!(got, Relation::Dominates | Relation::Favours), "{got:?}");
        let equal = Order { sample: Sample::Equal, relation: Relation::Equal };
        assert_eq!(first_order(&a, &a, 0.95), Some(equal));
        assert_eq!(second_order(&a, &a, 0.95), Some(equal));
        assert_eq!(first_order(&[], &[], 0.95), None);
        assert_eq!(first_order(&[f64::NAN], &[1.0], 0.95), None);
    }

    #[test]
    fn never_is_beyond_every_level() {
        let day: Vec<f64> = uniforms(9, 4000).map(|u| 100.0 * u).collect();
        let later = |d: &f64| if *d > 60.0 { f64::INFINITY } else { *d };
        let later: Vec<f64> = day.iter().map(later).collect();
        let got = first_order(&later, &day, 0.95).unwrap();
        assert!(matches!(got.relation, Relation::Favours | Relation::Dominates), "{got:?}");
        assert_eq!(got.sample, Sample::Dominates);
        assert_eq!(second_order(&later, &day, 0.95), None);
    }

    #[test]
    fn the_order_of_the_trials_is_exact() {
        // Against the definition, at every value: shares at or below it, and shortfalls below it.
        let by_definition = |a: &[f64], b: &[f64], below: fn(f64, f64) -> f64| {
            let worse = |at: f64, of: &[f64]| of.iter().map(|v| below(at, *v)).sum::<f64>();
            let gaps = a.iter().chain(b).map(|&at| worse(at, b) - worse(at, a));
            let gaps: Vec<f64> = gaps.collect();
            Sample::of(gaps.iter().any(|g| *g > 1e-9), gaps.iter().any(|g| *g < -1e-9))
        };
        let share = |at: f64, v: f64| f64::from(u8::from(v <= at));
        let shortfall = |at: f64, v: f64| (at - v).max(0.0);
        let mut seen = [0; 4];
        for seed in 0..600 {
            // Few values, so that many are equal.
            let list = |seed| uniforms(seed, 6).map(|u| (4.0 * u).floor()).collect::<Vec<f64>>();
            let (a, b) = (list(2 * seed), list(2 * seed + 1));
            let (first, second) =
                (first_order(&a, &b, 0.95).unwrap(), second_order(&a, &b, 0.95).unwrap());
            assert_eq!(first.sample, by_definition(&a, &b, share), "{a:?} {b:?}");
            assert_eq!(second.sample, by_definition(&a, &b, shortfall), "{a:?} {b:?}");
            assert_eq!(first_order(&b, &a, 0.95).unwrap().sample.turned(), first.sample);
            seen[second.sample as usize] += 1;
            // The first order implies the second; no dominance is shown against the trials.
            if matches!(first.sample, Sample::Dominates | Sample::Dominated) {
                assert_eq!(second.sample, first.sample);
            }
            for order in [first, second] {
                let against = matches!(
                    (order.relation, order.sample),
                    (Relation::Dominates, Sample::Dominated | Sample::Crosses)
                        | (Relation::Dominated, Sample::Dominates | Sample::Crosses)
                );
                assert!(!against, "{order:?}");
            }
        }
        assert!(seen.iter().all(|&n| n > 5), "{seen:?}");
        // Rounding makes no order: the same numbers summed in another order.
        let a = [0.1, 0.2, 0.3, 1e9];
        let b = [0.3, 1e9, 0.1, 0.2];
        assert_eq!(second_order(&a, &b, 0.95).unwrap().sample, Sample::Equal);
    }

    #[test]
    fn one_bad_tail_is_enough_to_show_nothing() {
        let (mut a, b) = pair(1, 10_000, -0.4, 1.0);
        // Ahead everywhere but in one trial of ten thousand, which is the worst of all.
        a[77] = -10.0;
        for got in [first_order(&a, &b, 0.95).unwrap(), second_order(&a, &b, 0.95).unwrap()] {
            assert_eq!(got.sample, Sample::Crosses);
            assert!(matches!(got.relation, Relation::Favours | Relation::Open), "{got:?}");
        }
    }

    #[test]
    fn wrong_statements_are_as_rare_as_they_should_be() {
        // Shift and scale of `b`, and what may not be said of `a`: 5 % of the runs at most, by each order.
        // Equal laws: that either is contradicted. Crossing laws: that one dominates; the second order of
        // equal means and twice the spread is known, and shown wrongly only the other way round.
        let runs: u32 = 2000;
        let n = 400;
        let bound = f64::from(runs) * 0.05 + 3.0 * (f64::from(runs) * 0.05 * 0.95).sqrt();
        let count =
            |seed: u64, shift: f64, scale: f64, wrong: &dyn Fn(Relation, Relation) -> bool| {
                let hits = (0..u64::from(runs)).filter(|k| {
                    let (a, b) = pair(seed + k, n, shift, scale);
                    wrong(first(&a, &b), second(&a, &b))
                });
                u32::try_from(hits.count()).unwrap()
            };
        use Relation::{Crosses, Disfavours, Dominated, Dominates, Favours};
        let against_a = |r| matches!(r, Dominated | Disfavours | Crosses);
        let against_b = |r| matches!(r, Dominates | Favours | Crosses);
        let cases: [(&str, u32); 8] = [
            ("equal, 1st: a contradicted", count(100_000, 0.0, 1.0, &|f, _| against_a(f))),
            ("equal, 1st: b contradicted", count(100_000, 0.0, 1.0, &|f, _| against_b(f))),
            ("equal, 2nd: a contradicted", count(100_000, 0.0, 1.0, &|_, s| against_a(s))),
            ("equal, 2nd: b contradicted", count(100_000, 0.0, 1.0, &|_, s| against_b(s))),
            ("b better: 1st contradicted", count(200_000, 0.2, 1.0, &|f, _| against_b(f))),
            ("crosses at 80 %: 1st shown", count(300_000, -0.8, 2.0, &|f, _| f == Dominates)),
            (
                "twice the spread: 1st shown",
                count(400_000, 0.0, 2.0, &|f, _| matches!(f, Dominates | Dominated)),
            ),
            (
                "twice the spread: 2nd turned round",
                count(400_000, 0.0, 2.0, &|_, s| matches!(s, Dominated | Disfavours)),
            ),
        ];
        for (what, wrong) in cases {
            println!("{what}: {wrong} of {runs}");
            assert!(f64::from(wrong) <= bound, "{what}: {wrong} of {runs}, at most {bound:.0}");
        }
        // And true orders are found: a shift of 0.4 with 400 pairs, in the middle of the law.
        let found = count(500_000, -0.4, 1.0, &|f, _| matches!(f, Dominates | Favours));
        println!("a shift of 0.4 favoured or shown: {found} of {runs}");
        assert!(f64::from(found) >= 0.95 * f64::from(runs), "{found} of {runs}");
    }
}
