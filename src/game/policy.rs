//! Checks of stationary strategies in a stochastic game, by code that shares nothing with the solvers.
//!
//! The others' strategies are held fixed; what is left is one player's Markov decision problem, solved by
//! policy iteration (Howard 1960). Values of the strategies themselves come from one linear system per
//! player.

use super::linear::solve;
use super::normal::Profile;
use super::stochastic::Stochastic;
use crate::math;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// Largest difference between a row and its logit reply.
    pub residual: f64,
    /// Largest gain of a best reply over states and players.
    pub gain: f64,
}

/// One player's decision problem against fixed others: payoff and next-state odds per state and action.
struct Decision {
    pay: Vec<Vec<f64>>,
    odds: Vec<Vec<Vec<f64>>>,
    delta: f64,
}

impl Decision {
    /// Rows of `profile` are the players of state 0, then of state 1, and so on.
    fn new(game: &Stochastic, profile: &[Vec<f64>], player: usize) -> Self {
        let n = game.count();
        let states = game.stages().len();
        let (mut pay, mut odds) = (Vec::new(), Vec::new());
        for (s, stage) in game.stages().iter().enumerate() {
            let own = stage.game.sizes()[player];
            let mut p = vec![0.0; own];
            let mut o = vec![vec![0.0; states]; own];
            for cell in 0..stage.game.cells() {
                let mut weight = 1.0;
                for j in 0..n {
                    if j != player {
                        weight *= profile[s * n + j][stage.game.action(cell, j)];
                    }
                }
                let a = stage.game.action(cell, player);
                p[a] += weight * stage.game.payoffs(player)[cell];
                for (x, q) in o[a].iter_mut().zip(stage.odds(cell)) {
                    *x += weight * q;
                }
            }
            pay.push(p);
            odds.push(o);
        }
        Self { pay, odds, delta: game.delta()[player] }
    }

    fn worth(&self, s: usize, a: usize, values: &[f64]) -> f64 {
        let next: f64 = self.odds[s][a].iter().zip(values).map(|(p, v)| p * v).sum();
        self.pay[s][a] + self.delta * next
    }

    /// Values of a stationary strategy given by its rows.
    fn values(&self, row: impl Fn(usize, usize) -> f64) -> Option<Vec<f64>> {
        let states = self.pay.len();
        let mut matrix = vec![0.0; states * states];
        let mut right = vec![0.0; states];
        for s in 0..states {
            matrix[s * states + s] = 1.0;
            for a in 0..self.pay[s].len() {
                let p = row(s, a);
                if p.abs() > 0.0 {
                    right[s] += p * self.pay[s][a];
                    for (x, q) in matrix[s * states..][..states].iter_mut().zip(&self.odds[s][a]) {
                        *x -= self.delta * p * q;
                    }
                }
            }
        }
        solve(matrix, right)
    }

    /// Values of the best reply, by policy iteration from a starting value.
    fn best(&self, start: Vec<f64>) -> Vec<f64> {
        let states = self.pay.len();
        let mut values = start;
        let mut choice: Vec<usize> = vec![usize::MAX; states];
        // Policies improve strictly, so the loop ends; the bound guards against rounding.
        for _ in 0..10_000 {
            let next: Vec<usize> = (0..states)
                .map(|s| {
                    let worth = |a: usize| self.worth(s, a, &values);
                    let kept = Some(choice[s]).filter(|&a| a != usize::MAX);
                    let mut best = kept.unwrap_or(0);
                    for a in 0..self.pay[s].len() {
                        if worth(a) > worth(best) + 1e-13 * (1.0 + worth(best).abs()) {
                            best = a;
                        }
                    }
                    best
                })
                .collect();
            if next == choice {
                break;
            }
            choice = next;
            let Some(v) = self.values(|s, a| if choice[s] == a { 1.0 } else { 0.0 }) else { break };
            values = v;
        }
        values
    }
}

/// Values of a player by state when everybody follows `profile`; none when the system is singular.
#[must_use]
pub fn evaluate(game: &Stochastic, profile: &[Vec<f64>], player: usize) -> Option<Vec<f64>> {
    let n = game.count();
    Decision::new(game, profile, player).values(|s, a| profile[s * n + player][a])
}

/// Gain of each player's best reply, `gains[player]`, the largest over states.
#[must_use]
pub fn gains(game: &Stochastic, profile: &[Vec<f64>]) -> Vec<f64> {
    let n = game.count();
    (0..n)
        .map(|i| {
            let decision = Decision::new(game, profile, i);
            let Some(now) = decision.values(|s, a| profile[s * n + i][a]) else {
                return f64::INFINITY;
            };
            let best = decision.best(now.clone());
            best.iter().zip(&now).map(|(b, v)| b - v).fold(0.0, f64::max)
        })
        .collect()
}

/// Checks a logit equilibrium: values are recomputed, then every row is compared with its logit reply.
#[must_use]
pub fn check(game: &Stochastic, lambda: f64, profile: &Profile) -> Check {
    let n = game.count();
    let mut residual: f64 = 0.0;
    let mut gain: f64 = 0.0;
    for i in 0..n {
        let decision = Decision::new(game, profile, i);
        let Some(values) = decision.values(|s, a| profile[s * n + i][a]) else {
            return Check { residual: f64::INFINITY, gain: f64::INFINITY };
        };
        for s in 0..game.stages().len() {
            let row = &profile[s * n + i];
            let mut reply: Vec<f64> =
                (0..row.len()).map(|a| lambda * decision.worth(s, a, &values)).collect();
            math::softmax(&mut reply);
            for (p, q) in row.iter().zip(&reply) {
                residual = residual.max((p - q).abs());
            }
        }
        let best = decision.best(values.clone());
        gain = best.iter().zip(&values).map(|(b, v)| b - v).fold(gain, f64::max);
    }
    Check { residual, gain }
}
