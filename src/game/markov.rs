//! Markov logit equilibria of a discounted stochastic game (Eibelshaeuser & Poensgen 2019).
//!
//! In every state every player chooses a with probability proportional to e^(lambda Q(a)), Q the payoff now plus
//! the discounted value of the next state. Unknowns are logarithms of probabilities and values of
//! states; the homotopy in lambda runs over the whole game at once.
//!
//! The Jacobian is sparse: a state's strategies meet other states only through values. They are eliminated state by
//! state, which leaves one dense system in the values (players times states). Where the
//! branch stalls, [`trace`] reaches an equilibrium at the wanted lambda from a stated prior instead
//! (after Harsanyi & Selten 1988; Herings & Peeters 2010): opponents' weights move from the prior to the equilibrium.

use super::Stop;
use super::linear::Lu;
use super::normal::Profile;
use super::path::{End, Factors, Homotopy, Point, track};
use super::policy;
use super::quantal::{Starts, Wanted, search_others};
use super::stochastic::Stochastic;
use crate::math;
use std::sync::Arc;

/// A Markov logit equilibrium with its history and checks.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkovQuantal {
    /// Precision, in one over the payoffs' unit.
    pub lambda: f64,
    /// Rows are the players of state 0, then of state 1, and so on.
    pub profile: Profile,
    /// `values[state][player]`.
    pub values: Vec<Vec<f64>>,
    /// Largest difference to the logit reply, values recomputed by separate code.
    pub residual: f64,
    /// Largest gain, over states and players, of a best reply against the fixed others.
    pub exploitability: f64,
    /// Times the branch turned back or forth before.
    pub folds: usize,
    /// Crossings with other branches passed before.
    pub pitchforks: usize,
    /// Distinct other equilibria at this lambda found by random starts.
    pub others: Vec<Profile>,
    /// Random starts tried in search of them.
    pub starts: usize,
    /// Whether the principal branch stalled and the point was reached by tracing from the uniform prior.
    pub traced: bool,
}

/// Equilibria along the branch.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkovBranch {
    /// At the wanted values, ascending, as far as reached.
    pub at: Vec<MarkovQuantal>,
    /// (lambda, profile) at every accepted point, when asked for.
    pub path: Vec<(f64, Profile)>,
    /// Why tracking of the principal branch ended.
    pub end: End,
    /// Accepted steps on the principal branch.
    pub steps: usize,
}

/// What moves along the path.
enum Mode {
    /// Lambda, with everybody playing against the equilibrium.
    Precision,
    /// Lambda, with everybody playing against the prior.
    Prior,
    /// The weight of the equilibrium against the prior, at fixed lambda.
    Tracing(f64),
}

struct Markov<'a> {
    game: &'a Stochastic,
    states: usize,
    players: usize,
    /// Offset of a state's strategies, and of each of its players within it.
    offsets: Vec<usize>,
    inner: Vec<Vec<usize>>,
    strategies: usize,
    prior: Option<Profile>,
    mode: Mode,
}

/// One state's part of the equations at a point.
struct Local {
    /// Probabilities and what opponents are taken to play, per player.
    own: Profile,
    seen: Profile,
    /// Value of every action.
    worth: Vec<Vec<f64>>,
    /// Payoff now and later by cell, per player.
    tables: Vec<Vec<f64>>,
}

/// A state's share of the factored system.
struct Block {
    offset: usize,
    size: usize,
    /// Inverse of the state's own strategies' Jacobian.
    inverse: Vec<f64>,
    /// Rows by local unknown: derivative by the owner's values over next states.
    ahead: Vec<f64>,
    owner: Vec<usize>,
    /// Derivative by the parameter.
    by_parameter: Vec<f64>,
    /// Derivatives of the value equations by the strategies, times the inverse: players by size.
    reduced: Vec<f64>,
    /// The border on the strategies, times the inverse.
    border: Vec<f64>,
}

impl<'a> Markov<'a> {
    fn new(game: &'a Stochastic, mode: Mode, prior: Option<Profile>) -> Self {
        let (mut offsets, mut inner, mut total) = (Vec::new(), Vec::new(), 0);
        for stage in game.stages() {
            offsets.push(total);
            let rows = super::quantal::offsets(stage.game.sizes());
            total += stage.game.sizes().iter().sum::<usize>();
            inner.push(rows);
        }
        Self {
            game,
            states: game.stages().len(),
            players: game.count(),
            offsets,
            inner,
            strategies: total,
            prior,
            mode,
        }
    }

    /// Lambda and the weight of the equilibrium in what opponents are taken to play.
    fn parameters(&self, parameter: f64) -> (f64, f64) {
        match self.mode {
            Mode::Precision => (parameter, 1.0),
            Mode::Prior => (parameter, 0.0),
            Mode::Tracing(lambda) => (lambda, parameter),
        }
    }

    fn value<'p>(&self, point: &'p [f64], player: usize) -> &'p [f64] {
        &point[self.strategies + player * self.states..][..self.states]
    }

    fn local(&self, s: usize, point: &[f64], weight: f64) -> Local {
        let stage = &self.game.stages()[s];
        let sizes = stage.game.sizes();
        let o = self.offsets[s];
        let own: Profile = sizes
            .iter()
            .zip(&self.inner[s])
            .map(|(&k, &i)| point[o + i..o + i + k].iter().map(|&l| math::exp(l)).collect())
            .collect();
        let seen = match &self.prior {
            Some(prior) => own
                .iter()
                .zip(&prior[s * self.players..])
                .map(|(p, q)| {
                    p.iter().zip(q).map(|(p, q)| weight * p + (1.0 - weight) * q).collect()
                })
                .collect(),
            None => own.clone(),
        };
        let tables: Vec<Vec<f64>> = (0..self.players)
            .map(|i| {
                let (delta, value) = (self.game.delta()[i], self.value(point, i));
                stage
                    .game
                    .payoffs(i)
                    .iter()
                    .enumerate()
                    .map(|(c, u)| {
                        u + delta * stage.odds(c).iter().zip(value).map(|(p, v)| p * v).sum::<f64>()
                    })
                    .collect()
            })
            .collect();
        let worth = (0..self.players)
            .map(|i| {
                let mut worth = vec![0.0; sizes[i]];
                for (c, u) in tables[i].iter().enumerate() {
                    worth[stage.game.action(c, i)] += self.others(s, c, &[i], &seen) * u;
                }
                worth
            })
            .collect();
        Local { own, seen, worth, tables }
    }

    /// Odds of a cell by the players not in `out`.
    fn others(&self, s: usize, cell: usize, out: &[usize], seen: &[Vec<f64>]) -> f64 {
        let game = &self.game.stages()[s].game;
        (0..self.players)
            .filter(|j| !out.contains(j))
            .map(|j| seen[j][game.action(cell, j)])
            .product()
    }

    /// The block of a state, its rows of the reduced system, and whether its determinant is negative.
    fn block(
        &self,
        s: usize,
        point: &[f64],
        border: &[f64],
        rows: &mut [f64],
    ) -> Option<(Block, bool)> {
        let parameter = point[point.len() - 1];
        let (lambda, weight) = self.parameters(parameter);
        let local = self.local(s, point, weight);
        let stage = &self.game.stages()[s];
        let (sizes, inner) = (stage.game.sizes(), &self.inner[s]);
        let size: usize = sizes.iter().sum();
        let (n, width) = (self.players, self.players * self.states + 1);
        // Derivatives of every action's worth by opponents' strategies, by values, by the parameter.
        let mut by_strategy = vec![0.0; size * size];
        let mut by_value = vec![0.0; size * self.states];
        let mut by_parameter = vec![0.0; size];
        for i in 0..n {
            for cell in 0..stage.game.cells() {
                let a = inner[i] + stage.game.action(cell, i);
                let odds = self.others(s, cell, &[i], &local.seen) * self.game.delta()[i];
                if odds.abs() > 0.0 {
                    let row = &mut by_value[a * self.states..][..self.states];
                    for (x, p) in row.iter_mut().zip(stage.odds(cell)) {
                        *x += odds * p;
                    }
                }
                for j in (0..n).filter(|&j| j != i) {
                    let b = inner[j] + stage.game.action(cell, j);
                    by_strategy[a * size + b] +=
                        self.others(s, cell, &[i, j], &local.seen) * local.tables[i][cell];
                }
            }
        }
        if let (Mode::Tracing(_), Some(prior)) = (&self.mode, &self.prior) {
            for (j, row) in prior[s * n..][..n].iter().enumerate() {
                for (b, q) in row.iter().enumerate() {
                    let gap = local.own[j][b] - q;
                    for a in 0..size {
                        by_parameter[a] += by_strategy[a * size + inner[j] + b] * gap;
                    }
                }
            }
        }
        let own: Vec<f64> = local.own.iter().flatten().copied().collect();
        for row in by_strategy.chunks_mut(size) {
            for (x, p) in row.iter_mut().zip(&own) {
                *x *= p * weight;
            }
        }
        let mut jacobian = vec![0.0; size * size];
        let mut ahead = vec![0.0; size * self.states];
        let mut change = vec![0.0; size];
        let mut owner = vec![0; size];
        // Value equations: V - sum p Q = 0.
        let mut values = vec![0.0; n * size];
        let mut value_change = vec![0.0; n];
        for i in 0..n {
            let o = inner[i];
            jacobian[o * size + o..][..sizes[i]].copy_from_slice(&local.own[i]);
            for a in 0..sizes[i] {
                owner[o + a] = i;
                let p = local.own[i][a];
                for b in 0..size {
                    values[i * size + b] -= p * by_strategy[(o + a) * size + b];
                    if a > 0 {
                        jacobian[(o + a) * size + b] =
                            -lambda * (by_strategy[(o + a) * size + b] - by_strategy[o * size + b]);
                    }
                }
                values[i * size + o + a] -= p * local.worth[i][a];
                value_change[i] -= p * by_parameter[o + a];
                if a > 0 {
                    jacobian[(o + a) * size + o] -= 1.0;
                    jacobian[(o + a) * size + o + a] += 1.0;
                    for t in 0..self.states {
                        ahead[(o + a) * self.states + t] = -lambda
                            * (by_value[(o + a) * self.states + t] - by_value[o * self.states + t]);
                    }
                    change[o + a] = match self.mode {
                        Mode::Precision | Mode::Prior => local.worth[i][0] - local.worth[i][a],
                        Mode::Tracing(_) => -lambda * (by_parameter[o + a] - by_parameter[o]),
                    };
                }
            }
        }
        let lu = Lu::new(jacobian, size)?;
        let negative = lu.is_negative();
        let mut inverse = vec![0.0; size * size];
        for c in 0..size {
            let mut column = vec![0.0; size];
            column[c] = 1.0;
            lu.solve(&mut column);
            for (r, x) in column.iter().enumerate() {
                inverse[r * size + c] = *x;
            }
        }
        let times_inverse = |left: &[f64]| -> Vec<f64> {
            (0..size).map(|c| (0..size).map(|r| left[r] * inverse[r * size + c]).sum()).collect()
        };
        let mut reduced = Vec::with_capacity(n * size);
        for i in 0..n {
            let z = times_inverse(&values[i * size..][..size]);
            let row = &mut rows[i * width..][..width];
            // The value equation's own dependence on values.
            row[i * self.states + s] += 1.0;
            for a in 0..sizes[i] {
                let p = local.own[i][a];
                let from = &by_value[(inner[i] + a) * self.states..][..self.states];
                for (x, f) in row[i * self.states..][..self.states].iter_mut().zip(from) {
                    *x -= p * f;
                }
            }
            row[width - 1] += value_change[i];
            eliminate(row, &z, &ahead, &owner, &change, self.states);
            reduced.extend(z);
        }
        let edge = times_inverse(&border[self.offsets[s]..][..size]);
        Some((
            Block {
                offset: self.offsets[s],
                size,
                inverse,
                ahead,
                owner,
                by_parameter: change,
                reduced,
                border: edge,
            },
            negative,
        ))
    }

    fn quantal(&self, hit: &Point, lambda: f64, traced: bool) -> MarkovQuantal {
        let profile = self.profile(&hit.at);
        let check = policy::check(self.game, lambda, &profile);
        MarkovQuantal {
            lambda,
            values: (0..self.states)
                .map(|s| (0..self.players).map(|i| self.value(&hit.at, i)[s]).collect())
                .collect(),
            residual: check.residual,
            exploitability: check.gain,
            folds: hit.folds,
            pitchforks: hit.crossings,
            others: Vec::new(),
            starts: 0,
            traced,
            profile,
        }
    }

    /// A random profile with its values.
    fn random(&self, draws: &mut Starts) -> Vec<f64> {
        let profile: Profile = self
            .game
            .stages()
            .iter()
            .flat_map(|stage| stage.game.sizes().to_vec())
            .map(|k| draws.simplex(k))
            .collect();
        let mut point: Vec<f64> = profile.iter().flatten().map(|&p| math::ln(p)).collect();
        for i in 0..self.players {
            let values = policy::evaluate(self.game, &profile, i);
            point.extend(values.unwrap_or_else(|| vec![0.0; self.states]));
        }
        point
    }

    fn profile(&self, point: &[f64]) -> Profile {
        let mut rows = Vec::with_capacity(self.states * self.players);
        for (s, stage) in self.game.stages().iter().enumerate() {
            for (&k, &i) in stage.game.sizes().iter().zip(&self.inner[s]) {
                let mut row = point[self.offsets[s] + i..][..k].to_vec();
                math::softmax(&mut row);
                rows.push(row);
            }
        }
        rows
    }
}

/// Subtracts from a row of the reduced system what its strategies' weights `z` stand for.
fn eliminate(
    row: &mut [f64],
    z: &[f64],
    ahead: &[f64],
    owner: &[usize],
    change: &[f64],
    states: usize,
) {
    let last = row.len() - 1;
    for (k, &w) in z.iter().enumerate() {
        row[last] -= w * change[k];
        if w.abs() > 0.0 {
            let from = &ahead[k * states..][..states];
            for (x, f) in row[owner[k] * states..][..states].iter_mut().zip(from) {
                *x -= w * f;
            }
        }
    }
}

impl Homotopy for Markov<'_> {
    fn unknowns(&self) -> usize {
        self.strategies + self.players * self.states
    }

    fn start(&self) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.unknowns() + 1);
        let mut profile = Vec::new();
        for stage in self.game.stages() {
            for &k in stage.game.sizes() {
                #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
                let k_float = k as f64;
                point.extend(std::iter::repeat_n(-math::ln(k_float), k));
                profile.push(vec![1.0 / k_float; k]);
            }
        }
        for i in 0..self.players {
            let others = match (&self.mode, &self.prior) {
                (Mode::Prior, Some(prior)) => {
                    let mut mixed = prior.clone();
                    for s in 0..self.states {
                        mixed[s * self.players + i] = profile[s * self.players + i].clone();
                    }
                    mixed
                }
                _ => profile.clone(),
            };
            let values = policy::evaluate(self.game, &others, i);
            point.extend(values.unwrap_or_else(|| vec![0.0; self.states]));
        }
        point
    }

    fn residual(&self, point: &[f64], out: &mut [f64]) {
        let (lambda, weight) = self.parameters(point[point.len() - 1]);
        for s in 0..self.states {
            let local = self.local(s, point, weight);
            for i in 0..self.players {
                let o = self.offsets[s] + self.inner[s][i];
                let (own, worth) = (&local.own[i], &local.worth[i]);
                out[o] = own.iter().sum::<f64>() - 1.0;
                for a in 1..own.len() {
                    out[o + a] = point[o + a] - point[o] - lambda * (worth[a] - worth[0]);
                }
                let mean: f64 = own.iter().zip(worth).map(|(p, w)| p * w).sum();
                out[self.strategies + i * self.states + s] = self.value(point, i)[s] - mean;
            }
        }
    }

    fn factor(&self, point: &[f64], border: &[f64]) -> Option<Factors> {
        let (states, players) = (self.states, self.players);
        let width = players * states + 1;
        let mut matrix = vec![0.0; width * width];
        let mut rows = vec![0.0; players * width];
        let mut blocks = Vec::with_capacity(states);
        let mut negative = false;
        matrix[(width - 1) * width..].copy_from_slice(&border[self.strategies..]);
        for s in 0..states {
            rows.fill(0.0);
            let (block, minus) = self.block(s, point, border, &mut rows)?;
            negative ^= minus;
            for i in 0..players {
                matrix[(i * states + s) * width..][..width]
                    .copy_from_slice(&rows[i * width..][..width]);
            }
            let last = &mut matrix[(width - 1) * width..];
            eliminate(last, &block.border, &block.ahead, &block.owner, &block.by_parameter, states);
            blocks.push(block);
        }
        let lu = Lu::new(matrix, width)?;
        negative ^= lu.is_negative();
        let strategies = self.strategies;
        let blocks = Arc::new(blocks);
        let solve = move |x: &mut [f64]| {
            let (local, global) = x.split_at_mut(strategies);
            for (s, block) in blocks.iter().enumerate() {
                let right = &local[block.offset..][..block.size];
                for i in 0..players {
                    global[i * states + s] -= dot(&block.reduced[i * block.size..], right);
                }
                global[width - 1] -= dot(&block.border, right);
            }
            lu.solve(global);
            for block in blocks.iter() {
                let right: Vec<f64> = (0..block.size)
                    .map(|k| {
                        let values = &global[block.owner[k] * states..][..states];
                        local[block.offset + k]
                            - dot(&block.ahead[k * states..], values)
                            - block.by_parameter[k] * global[width - 1]
                    })
                    .collect();
                for (k, row) in block.inverse.chunks(block.size).enumerate() {
                    local[block.offset + k] = dot(row, &right);
                }
            }
        };
        Some(Factors { negative, solve: Box::new(solve) })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// First step in lambda: small against the range of discounted payoffs.
fn first_step(game: &Stochastic) -> f64 {
    let worst = (0..game.count())
        .map(|i| {
            let all = game.stages().iter().flat_map(|s| s.game.payoffs(i));
            let (low, high) =
                all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
            (high - low) / (1.0 - game.delta()[i])
        })
        .fold(0.0, f64::max);
    if worst > 0.0 { 1.0 / worst } else { 1.0 }
}

/// Follows the principal branch of Markov logit equilibria to the wanted values; values that it does not reach, because
/// it stalls, are reached by tracing from the uniform prior and marked so.
#[must_use]
pub fn principal_branch(game: &Stochastic, wanted: &Wanted, stop: Stop<'_>) -> MarkovBranch {
    let system = Markov::new(game, Mode::Precision, None);
    let lambdas = &wanted.lambdas;
    let tracked = track(&system, lambdas, first_step(game), wanted.path, stop);
    let mut at: Vec<MarkovQuantal> = tracked
        .hits
        .iter()
        .map(|hit| {
            let mut found = system.quantal(hit, hit.lambda(), false);
            (found.others, found.starts) = search_others(
                &system,
                hit,
                wanted.starts,
                stop,
                &|draws| system.random(draws),
                &|point| system.profile(point),
                &|profile| policy::check(game, hit.lambda(), profile).residual,
            );
            found
        })
        .collect();
    if tracked.end == End::Stalled {
        for &lambda in &lambdas[at.len()..] {
            match trace(game, lambda, None, stop) {
                Some(found) => at.push(found),
                None => break,
            }
        }
    }
    let path = tracked.points.iter().map(|p| (p.lambda(), system.profile(&p.at))).collect();
    MarkovBranch { at, path, end: tracked.end, steps: tracked.steps }
}

/// An equilibrium at `lambda` reached from a prior (uniform when none is given): first everybody's reply to the prior,
/// then the opponents' weights move from the prior to the equilibrium.
///
/// None when the path stalls or is stopped, or the prior has not one strategy per state and player.
#[must_use]
pub fn trace(
    game: &Stochastic,
    lambda: f64,
    prior: Option<&[Vec<f64>]>,
    stop: Stop<'_>,
) -> Option<MarkovQuantal> {
    let uniform: Profile = game.stages().iter().flat_map(|s| s.game.uniform()).collect();
    let prior = prior.map_or_else(|| uniform.clone(), <[_]>::to_vec);
    if !prior.iter().map(Vec::len).eq(uniform.iter().map(Vec::len)) {
        return None;
    }
    let reply = Markov::new(game, Mode::Prior, Some(prior.clone()));
    let replied = track(&reply, &[lambda], first_step(game), false, stop);
    let start = replied.hits.into_iter().next()?.at;
    let traced = Traced { system: Markov::new(game, Mode::Tracing(lambda), Some(prior)), start };
    let tracked = track(&traced, &[1.0], 0.01, false, stop);
    let hit = tracked.hits.first()?;
    Some(traced.system.quantal(hit, lambda, true))
}

/// The tracing path starts where the reply to the prior ended.
struct Traced<'a> {
    system: Markov<'a>,
    start: Vec<f64>,
}

impl Homotopy for Traced<'_> {
    fn unknowns(&self) -> usize {
        self.system.unknowns()
    }

    fn start(&self) -> Vec<f64> {
        self.start[..self.system.unknowns()].to_vec()
    }

    fn residual(&self, point: &[f64], out: &mut [f64]) {
        self.system.residual(point, out);
    }

    fn factor(&self, point: &[f64], border: &[f64]) -> Option<Factors> {
        self.system.factor(point, border)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;
    use crate::game::stochastic_file;

    const TWO: &str = r#"{"delta":[0.8,0.6],"states":[
      {"payoffs":[[[1,2,0],[0,5,1]],[[1,0,2],[3,0,1]]],"transitions":[[[1,0],[0,1],[0.5,0.5]],[[0.2,0.8],[1,0],[0,1]]]},
      {"payoffs":[[[0],[2]],[[1],[0]]],"transitions":[[[0.3,0.7]],[[0.9,0.1]]]}]}"#;

    /// The factored solve against a dense matrix of difference quotients.
    fn check_factors(system: &Markov<'_>, parameter: f64) {
        let n = system.unknowns();
        let mut point: Vec<f64> =
            (0..n).map(|k| -0.9 + 0.3 * f64::from(u32::try_from(k % 4).unwrap())).collect();
        point.push(parameter);
        let border: Vec<f64> =
            (0..=n).map(|k| 0.1 + f64::from(u32::try_from(k % 3).unwrap())).collect();
        let mut dense = vec![0.0; (n + 1) * (n + 1)];
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        for k in 0..=n {
            let mut moved = point.clone();
            moved[k] += 1e-6;
            system.residual(&moved, &mut up);
            moved[k] -= 2e-6;
            system.residual(&moved, &mut down);
            for r in 0..n {
                dense[r * (n + 1) + k] = (up[r] - down[r]) / 2e-6;
            }
            dense[n * (n + 1) + k] = border[k];
        }
        let right: Vec<f64> = (0..=n).map(|k| f64::from(u32::try_from(k % 5).unwrap())).collect();
        let (mut fast, mut slow) = (right.clone(), right);
        let factors = system.factor(&point, &border).unwrap();
        (factors.solve)(&mut fast);
        Lu::new(dense, n + 1).unwrap().solve(&mut slow);
        for (a, b) in fast.iter().zip(&slow) {
            assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{fast:?} {slow:?}");
        }
    }

    #[test]
    fn the_eliminated_system_is_the_full_one() {
        let game = stochastic_file::read(TWO).unwrap();
        check_factors(&Markov::new(&game, Mode::Precision, None), 0.7);
        let prior = vec![vec![0.2, 0.8], vec![0.5, 0.2, 0.3], vec![0.9, 0.1], vec![1.0]];
        check_factors(&Markov::new(&game, Mode::Prior, Some(prior.clone())), 0.7);
        check_factors(&Markov::new(&game, Mode::Tracing(0.7), Some(prior)), 0.4);
    }

    #[test]
    fn tracing_and_the_branch_meet_where_the_equilibrium_is_one() {
        let game = stochastic_file::read(TWO).unwrap();
        let branch =
            principal_branch(&game, &Wanted { lambdas: vec![0.2], path: false, starts: 5 }, &never);
        let traced = trace(&game, 0.2, None, &never).unwrap();
        assert!(branch.at[0].residual < 1e-12 && traced.residual < 1e-12);
        assert_eq!((branch.at[0].starts, branch.at[0].others.len()), (5, 0));
        for (a, b) in branch.at[0].profile.iter().flatten().zip(traced.profile.iter().flatten()) {
            assert!((a - b).abs() < 1e-9);
        }
    }
}
