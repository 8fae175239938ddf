//! Checks of an answer by code that shares nothing with the code that found it.
//!
//! [`max_regret`] walks the pure profiles one by one; [`max_regret_exact`] does so in fractions.
//! The solvers contract whole tables instead. Trees and stochastic games have their own checks:
//! `best_reply` walks the tree, `policy` solves the decision problem against the fixed others.

use super::normal::NormalForm;
use super::number::{Rational, float};
use num_traits::Zero;

/// The most any player gains by one pure deviation; 0 at an equilibrium.
///
/// Infinite when the profile is not one of mixed strategies of this game.
#[must_use]
pub fn max_regret(game: &NormalForm, profile: &[Vec<f64>]) -> f64 {
    if !is_profile(game, profile) {
        return f64::INFINITY;
    }
    let n = game.count();
    let mut value = vec![0.0; n];
    let mut deviation: Vec<Vec<f64>> = game.sizes().iter().map(|&k| vec![0.0; k]).collect();
    let mut actions = vec![0; n];
    loop {
        let cell = game.cell(&actions);
        // Weight of the cell by everybody, and by everybody but one.
        for i in 0..n {
            let others: f64 = (0..n).filter(|&j| j != i).map(|j| profile[j][actions[j]]).product();
            let u = game.payoffs(i)[cell];
            deviation[i][actions[i]] += others * u;
            value[i] += others * profile[i][actions[i]] * u;
        }
        // The last player varies fastest here, unlike in the table.
        let Some(i) = (0..n).rev().find(|&i| actions[i] + 1 < game.sizes()[i]) else { break };
        actions[i] += 1;
        actions[i + 1..].fill(0);
    }
    (0..n)
        .map(|i| deviation[i].iter().copied().fold(f64::NEG_INFINITY, f64::max) - value[i])
        .fold(0.0, f64::max)
}

/// As [`max_regret`], in exact fractions, for two players; rounded once at the end.
#[must_use]
pub fn max_regret_exact(game: &NormalForm, profile: &[Vec<Rational>; 2]) -> f64 {
    let mut most = Rational::zero();
    for i in 0..2 {
        let other = 1 - i;
        let worth: Vec<Rational> = (0..game.sizes()[i])
            .map(|a| {
                let mut total = Rational::zero();
                for (b, y) in profile[other].iter().enumerate().filter(|(_, y)| !y.is_zero()) {
                    let cell = if i == 0 { [a, b] } else { [b, a] };
                    total += y * game.exact_payoff(i, game.cell(&cell)).rational();
                }
                total
            })
            .collect();
        let mean: Rational = worth.iter().zip(&profile[i]).map(|(w, p)| w * p).sum();
        if let Some(best) = worth.iter().max() {
            most = most.max(best - mean);
        }
    }
    float(&most)
}

/// Largest difference between a profile and the logit reply to it at `lambda`.
#[must_use]
pub fn logit_residual(game: &NormalForm, lambda: f64, profile: &[Vec<f64>]) -> f64 {
    let n = game.count();
    let mut worst: f64 = 0.0;
    for i in 0..n {
        let mut scores = vec![0.0; game.sizes()[i]];
        for cell in 0..game.cells() {
            let weight: f64 =
                (0..n).filter(|&j| j != i).map(|j| profile[j][game.action(cell, j)]).product();
            scores[game.action(cell, i)] += lambda * weight * game.payoffs(i)[cell];
        }
        crate::math::softmax(&mut scores);
        for (p, q) in profile[i].iter().zip(&scores) {
            worst = worst.max((p - q).abs());
        }
    }
    worst
}

fn is_profile(game: &NormalForm, profile: &[Vec<f64>]) -> bool {
    profile.len() == game.count()
        && profile.iter().zip(game.sizes()).all(|(row, &n)| {
            row.len() == n
                && row.iter().all(|&p| p >= 0.0)
                && (row.iter().sum::<f64>() - 1.0).abs() < 1e-9
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn matching_pennies() {
        let u = vec![1.0, -1.0, -1.0, 1.0];
        let v = u.iter().map(|x| -x).collect();
        let game = NormalForm::floats(&[2, 2], vec![u, v]).unwrap();
        assert!(close(max_regret(&game, &game.uniform()), 0.0, 0.0));
        let skewed = vec![vec![0.75, 0.25], vec![0.5, 0.5]];
        // Player 2's best reply gains what player 1's bias gives away.
        assert!(close(max_regret(&game, &skewed), 0.5, 1e-15));
        assert!(max_regret(&game, &[vec![0.7, 0.7], vec![0.5, 0.5]]).is_infinite());
        assert!(logit_residual(&game, 3.0, &game.uniform()) < 1e-15);
    }
}
