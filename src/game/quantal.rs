//! Logit quantal-response equilibria of a normal form (McKelvey & Palfrey 1995).
//!
//! At precision lambda every player chooses action a with probability proportional to
//! e^(lambda u(a)), where u(a) is its expected payoff against the others' mixtures. The unknowns are logarithms of
//! probabilities, so that actions nearly never played stay accurate (Turocy 2005). The principal
//! branch starts at the uniform profile at lambda = 0 and is followed by [`path`](super::path).
//!
//! Below lambda (n - 1) R / 2 < 1, R the largest range of a player's payoffs over the others' moves,
//! the logit reply is a contraction and the equilibrium is the only one.
#![allow(clippy::doc_markdown, reason = "McKelvey is a name, not code")]

use super::Stop;
use super::certificate;
use super::linear::Lu;
use super::normal::{NormalForm, Profile};
use super::path::{End, Factors, Homotopy, Point, newton, track};
use crate::math;

/// A logit equilibrium with its history and checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantal {
    /// Precision, in one over the payoffs' unit.
    pub lambda: f64,
    /// Mixed strategies; for a tree one row per information set.
    pub profile: Profile,
    /// Expected payoff per player.
    pub payoffs: Vec<f64>,
    /// Largest difference to the logit reply, recomputed by separate code.
    pub residual: f64,
    /// The most a player gains by its best reply: the price of noise at this lambda.
    pub exploitability: f64,
    /// Times the branch turned back or forth before this lambda.
    pub folds: usize,
    /// Crossings with other branches (pitchforks) passed before; the branch went straight on.
    pub pitchforks: usize,
    /// Whether lambda lies below the bound under which no other equilibrium exists.
    pub unique: bool,
    /// Distinct other equilibria at this lambda found by random starts.
    pub others: Vec<Profile>,
    /// Random starts tried in search of them.
    pub starts: usize,
}

/// A whole branch, and the equilibria at the values asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Equilibria at the wanted values, ascending, as far as the branch was followed.
    pub at: Vec<Quantal>,
    /// (lambda, profile) at every accepted point of the path, when asked for.
    pub path: Vec<(f64, Profile)>,
    /// Why tracking ended.
    pub end: End,
}

/// What to look for along the branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Values of lambda, ascending.
    pub lambdas: Vec<f64>,
    /// Whether to keep the path.
    pub path: bool,
    /// Random starts per value in search of other equilibria.
    pub starts: usize,
}

/// The largest lambda (exclusive) below which the logit equilibrium is surely unique.
#[must_use]
pub fn uniqueness_bound(game: &NormalForm) -> f64 {
    let range = (0..game.count()).map(|i| game.range(i)).fold(0.0, f64::max);
    #[allow(clippy::cast_precision_loss, reason = "numbers of players are small")]
    let others = (game.count() - 1) as f64;
    2.0 / (others * range)
}

/// Offsets of players' rows in a flat vector.
pub(super) fn offsets(sizes: &[usize]) -> Vec<usize> {
    sizes
        .iter()
        .scan(0, |sum, &n| {
            let this = *sum;
            *sum += n;
            Some(this)
        })
        .collect()
}

struct System<'a> {
    game: &'a NormalForm,
    offsets: Vec<usize>,
    n: usize,
}

impl<'a> System<'a> {
    fn new(game: &'a NormalForm) -> Self {
        Self { game, offsets: offsets(game.sizes()), n: game.sizes().iter().sum() }
    }

    fn profile(&self, point: &[f64]) -> Profile {
        self.game
            .sizes()
            .iter()
            .zip(&self.offsets)
            .map(|(&k, &o)| point[o..o + k].iter().map(|&l| math::exp(l)).collect())
            .collect()
    }

    /// Normalised probabilities of a point.
    fn strategies(&self, point: &[f64]) -> Profile {
        let mut profile = self.profile(point);
        for row in &mut profile {
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= total);
        }
        profile
    }

    /// The logit reply to a random profile: a better start than the profile itself.
    fn random(&self, lambda: f64, draws: &mut Starts) -> Vec<f64> {
        let random: Profile = self.game.sizes().iter().map(|&k| draws.simplex(k)).collect();
        let mut point = Vec::with_capacity(self.n + 1);
        for (i, &k) in self.game.sizes().iter().enumerate() {
            let mut row = vec![0.0; k];
            self.game.action_values(i, &random, &mut row);
            row.iter_mut().for_each(|v| *v *= lambda);
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total = math::ln(row.iter().map(|v| math::exp(v - top)).sum());
            point.extend(row.iter().map(|v| v - top - total));
        }
        point
    }

    /// Derivatives of the action values of `i` by the probabilities of `j`, `[a * k_j + b]`.
    fn cross(&self, i: usize, j: usize, profile: &[Vec<f64>], out: &mut Vec<f64>) {
        let game = self.game;
        let (ki, kj) = (game.sizes()[i], game.sizes()[j]);
        out.clear();
        out.resize(ki * kj, 0.0);
        for (cell, &u) in game.payoffs(i).iter().enumerate() {
            let mut weight = u;
            if game.count() > 2 {
                for (k, row) in profile.iter().enumerate() {
                    if k != i && k != j {
                        weight *= row[game.action(cell, k)];
                    }
                }
            }
            out[game.action(cell, i) * kj + game.action(cell, j)] += weight;
        }
    }
}

impl Homotopy for System<'_> {
    fn unknowns(&self) -> usize {
        self.n
    }

    fn start(&self) -> Vec<f64> {
        #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
        let start = self
            .game
            .sizes()
            .iter()
            .flat_map(|&k| std::iter::repeat_n(-math::ln(k as f64), k))
            .collect();
        start
    }

    fn residual(&self, point: &[f64], out: &mut [f64]) {
        let lambda = point[self.n];
        let profile = self.profile(point);
        for (i, &o) in self.offsets.iter().enumerate() {
            let k = self.game.sizes()[i];
            let mut values = vec![0.0; k];
            self.game.action_values(i, &profile, &mut values);
            out[o] = profile[i].iter().sum::<f64>() - 1.0;
            for a in 1..k {
                out[o + a] = point[o + a] - point[o] - lambda * (values[a] - values[0]);
            }
        }
    }

    fn factor(&self, point: &[f64], border: &[f64]) -> Option<Factors> {
        let (n, width) = (self.n, self.n + 1);
        let lambda = point[n];
        let profile = self.profile(point);
        let mut matrix = vec![0.0; width * width];
        let mut cross = Vec::new();
        for (i, &o) in self.offsets.iter().enumerate() {
            let k = self.game.sizes()[i];
            matrix[o * width + o..][..k].copy_from_slice(&profile[i]);
            for a in 1..k {
                matrix[(o + a) * width + o] = -1.0;
                matrix[(o + a) * width + o + a] = 1.0;
            }
            for (j, &oj) in self.offsets.iter().enumerate().filter(|(j, _)| *j != i) {
                let kj = self.game.sizes()[j];
                self.cross(i, j, &profile, &mut cross);
                for a in 1..k {
                    for b in 0..kj {
                        matrix[(o + a) * width + oj + b] =
                            -lambda * (cross[a * kj + b] - cross[b]) * profile[j][b];
                    }
                }
            }
            let mut values = vec![0.0; k];
            self.game.action_values(i, &profile, &mut values);
            for a in 1..k {
                matrix[(o + a) * width + n] = values[0] - values[a];
            }
        }
        matrix[n * width..].copy_from_slice(border);
        let lu = Lu::new(matrix, width)?;
        Some(Factors { negative: lu.is_negative(), solve: Box::new(move |x| lu.solve(x)) })
    }
}

/// Follows the principal branch of logit equilibria to the wanted values.
#[must_use]
pub fn principal_branch(game: &NormalForm, wanted: &Wanted, stop: Stop<'_>) -> Branch {
    let system = System::new(game);
    let first = 0.1 / game.spread();
    let tracked = track(&system, &wanted.lambdas, first, wanted.path, stop);
    let bound = uniqueness_bound(game);
    let at = tracked
        .hits
        .iter()
        .map(|hit| {
            let starts = if hit.lambda() < bound { 0 } else { wanted.starts };
            let lambda = hit.lambda();
            let (others, starts) = search_others(
                &system,
                hit,
                starts,
                stop,
                &|draws| system.random(lambda, draws),
                &|point| system.strategies(point),
                &|profile| certificate::logit_residual(game, lambda, profile),
            );
            let profile = system.strategies(&hit.at);
            Quantal {
                lambda,
                payoffs: game.expected(&profile),
                residual: certificate::logit_residual(game, lambda, &profile),
                exploitability: certificate::max_regret(game, &profile),
                folds: hit.folds,
                pitchforks: hit.crossings,
                unique: lambda < bound,
                others,
                starts,
                profile,
            }
        })
        .collect();
    let path = tracked.points.iter().map(|p| (p.lambda(), system.strategies(&p.at))).collect();
    Branch { at, path, end: tracked.end }
}

/// A fixed sequence of uniforms in (0, 1): starts are the same on every run (Steele et al. 2014).
#[derive(Debug, Clone)]
pub(super) struct Starts(pub(super) u64);

impl Starts {
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        #[allow(clippy::cast_precision_loss, reason = "53 bits fit a float")]
        let unit = ((z >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
        unit
    }

    /// A point of the simplex, uniformly.
    pub(super) fn simplex(&mut self, k: usize) -> Vec<f64> {
        let mut row: Vec<f64> = (0..k).map(|_| -math::ln(self.next())).collect();
        let total: f64 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= total);
        row
    }
}

/// Other zeros of a homotopy at the lambda of a point, by Newton's method from random starts.
///
/// `start` makes a point from draws, `read` gives its profile, `residual` checks a profile by separate code.
/// Gives the distinct profiles and the number of starts tried.
pub(super) fn search_others(
    homotopy: &dyn Homotopy,
    hit: &Point,
    starts: usize,
    stop: Stop<'_>,
    start: &dyn Fn(&mut Starts) -> Vec<f64>,
    read: &dyn Fn(&[f64]) -> Profile,
    residual: &dyn Fn(&Profile) -> f64,
) -> (Vec<Profile>, usize) {
    let own = read(&hit.at);
    let mut found: Vec<Profile> = Vec::new();
    let mut draws = Starts(0x5EED);
    for tried in 0..starts {
        if stop() {
            return (found, tried);
        }
        let mut point = start(&mut draws);
        point.push(hit.lambda());
        let Some(point) = newton(homotopy, point) else { continue };
        let profile = read(&point);
        let new = |known: &Profile| {
            known.iter().flatten().zip(profile.iter().flatten()).any(|(a, b)| (a - b).abs() > 1e-6)
        };
        if residual(&profile) < 1e-9 && new(&own) && found.iter().all(new) {
            found.push(profile);
        }
    }
    (found, starts)
}

/// The lambda of a recorded branch under which observed choices are most likely.
///
/// `path` holds lambdas and profiles in order of the branch, `counts` how often each action was seen, in the
/// profile's shape. Between points probabilities are interpolated in logarithms; the best segment is
/// searched by golden section. Gives lambda and the log-likelihood; none without observations or path.
#[must_use]
pub fn fit(path: &[(f64, Profile)], counts: &[Vec<f64>]) -> Option<(f64, f64)> {
    let score = |profile: &Profile| -> f64 {
        profile
            .iter()
            .flatten()
            .zip(counts.iter().flatten())
            .filter(|(_, n)| **n > 0.0)
            .map(|(p, n)| n * math::ln(*p))
            .sum()
    };
    let shape = |p: &Profile| p.iter().map(Vec::len).eq(counts.iter().map(Vec::len));
    let seen = counts.iter().flatten().any(|&n| n > 0.0);
    if !seen || path.is_empty() || !path.iter().all(|(_, p)| shape(p)) {
        return None;
    }
    let between = |k: usize, t: f64| -> (f64, f64) {
        let ((l, p), (m, q)) = (&path[k], &path[k + 1]);
        let profile: Profile = p
            .iter()
            .zip(q)
            .map(|(x, y)| {
                let mut row: Vec<f64> = x
                    .iter()
                    .zip(y)
                    .map(|(a, b)| (1.0 - t) * math::ln(*a) + t * math::ln(*b))
                    .collect();
                math::softmax(&mut row);
                row
            })
            .collect();
        (l + t * (m - l), score(&profile))
    };
    let mut best = (path[0].0, score(&path[0].1));
    for k in 0..path.len() - 1 {
        let (mut low, mut high) = (0.0, 1.0);
        let golden = 0.618_033_988_749_894_9;
        for _ in 0..60 {
            let (a, b) = (high - golden * (high - low), low + golden * (high - low));
            if between(k, a).1 < between(k, b).1 { low = a } else { high = b }
        }
        for t in [0.5 * (low + high), 1.0] {
            let candidate = between(k, t);
            if candidate.1 > best.1 {
                best = candidate;
            }
        }
    }
    Some(best)
}

/// One equilibrium below the uniqueness bound, by damped iteration; an independent check of the path.
///
/// None above the bound, where the iteration need not converge.
#[must_use]
pub fn below_bound(game: &NormalForm, lambda: f64) -> Option<Profile> {
    if lambda >= uniqueness_bound(game) {
        return None;
    }
    let mut profile = game.uniform();
    for _ in 0..100_000 {
        let mut change: f64 = 0.0;
        let reply: Profile = (0..game.count())
            .map(|i| {
                let mut row = vec![0.0; game.sizes()[i]];
                game.action_values(i, &profile, &mut row);
                row.iter_mut().for_each(|v| *v *= lambda);
                math::softmax(&mut row);
                row
            })
            .collect();
        for (p, q) in profile.iter_mut().flatten().zip(reply.iter().flatten()) {
            change = change.max((*p - q).abs());
            *p = 0.5 * (*p + q);
        }
        if change < 1e-15 {
            break;
        }
    }
    Some(profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;
    use crate::math::close;

    fn game(u: [f64; 4], v: [f64; 4]) -> NormalForm {
        // Cells are (0,0), (1,0), (0,1), (1,1).
        NormalForm::floats(&[2, 2], vec![u.to_vec(), v.to_vec()]).unwrap()
    }

    fn at(game: &NormalForm, lambdas: &[f64]) -> Vec<Quantal> {
        let wanted = Wanted { lambdas: lambdas.to_vec(), path: false, starts: 20 };
        principal_branch(game, &wanted, &never).at
    }

    #[test]
    fn own_payoffs_matter_unlike_in_nash() {
        // Asymmetric matching pennies (Goeree, Holt & Palfrey 2003): player 1's Nash mixture does not
        // depend on its own payoff x, its logit mixture does.
        let pennies = |x: f64| game([x, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]);
        let at_nine = &at(&pennies(9.0), &[1.0])[0];
        let at_one = &at(&pennies(1.0), &[1.0])[0];
        assert!(close(at_one.profile[0][0], 0.5, 1e-9));
        assert!(at_nine.profile[0][0] > 0.6);
        // At large lambda the branch tends to the Nash point (1/2, 1/(1+x)).
        let far = &at(&pennies(9.0), &[1000.0])[0];
        assert!((far.profile[0][0] - 0.5).abs() < 0.01 && (far.profile[1][0] - 0.1).abs() < 0.01);
    }

    #[test]
    fn the_symmetric_branch_is_kept_at_a_pitchfork_and_others_are_counted() {
        let chicken = game([0.0, 1.0, -1.0, -4.0], [0.0, -1.0, 1.0, -4.0]);
        let found = at(&chicken, &[0.1, 2.0]);
        assert!(found[0].unique && found[0].pitchforks == 0);
        let far = &found[1];
        assert_eq!((far.pitchforks, far.folds, far.others.len()), (1, 0, 2));
        assert!(close(far.profile[0][0], far.profile[1][0], 1e-9));
        assert!(far.residual < 1e-12);
    }

    #[test]
    fn damped_iteration_agrees_below_the_bound() {
        let g = game([3.0, 1.0, 0.0, 2.0], [1.0, 4.0, 2.0, 0.0]);
        let lambda = 0.9 * uniqueness_bound(&g);
        let tracked = &at(&g, &[lambda])[0];
        let iterated = below_bound(&g, lambda).unwrap();
        for (p, q) in tracked.profile.iter().flatten().zip(iterated.iter().flatten()) {
            assert!(close(*p, *q, 1e-12));
        }
        assert!(below_bound(&g, 1.1 * uniqueness_bound(&g)).is_none());
    }

    #[test]
    fn the_lambda_that_made_the_data_is_found_again() {
        let g = game([3.0, 1.0, 0.0, 2.0], [1.0, 4.0, 2.0, 0.0]);
        let wanted = Wanted { lambdas: vec![0.7, 3.0], path: true, starts: 0 };
        let branch = principal_branch(&g, &wanted, &never);
        let counts: Vec<Vec<f64>> =
            branch.at[0].profile.iter().map(|r| r.iter().map(|p| 1000.0 * p).collect()).collect();
        let (lambda, _) = fit(&branch.path, &counts).unwrap();
        assert!((lambda - 0.7).abs() < 0.01, "{lambda}");
        assert_eq!(fit(&branch.path, &[vec![0.0; 2], vec![0.0; 2]]), None);
    }
}
