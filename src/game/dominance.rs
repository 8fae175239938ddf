//! Actions that are never worth playing, and what is left without them.
//!
//! An action is strictly dominated when another action of the same player pays more whatever the
//! others do. Removing such actions, again and again, loses no equilibrium and does not depend on
//! the order (Gilboa, Kalai & Zemel 1990). Only dominance by a pure action is looked for.

use super::normal::NormalForm;
use super::number::{Exact, Rational};

/// What survives iterated strict dominance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivors {
    /// Actions left, per player, ascending.
    pub kept: Vec<Vec<usize>>,
    /// Rounds in which something was removed.
    pub rounds: usize,
}

impl Survivors {
    /// Whether one profile is left: the game is dominance solvable and this is its equilibrium.
    #[must_use]
    pub fn is_solved(&self) -> bool {
        self.kept.iter().all(|k| k.len() == 1)
    }
}

/// Removes strictly dominated actions until none is left; exact comparisons.
#[must_use]
pub fn iterated_strict(game: &NormalForm) -> Survivors {
    let mut kept: Vec<Vec<usize>> = game.sizes().iter().map(|&n| (0..n).collect()).collect();
    let mut rounds = 0;
    loop {
        let dominated: Vec<Vec<usize>> = (0..game.count())
            .map(|i| {
                let others = profiles(game, &kept, i);
                kept[i]
                    .iter()
                    .copied()
                    .filter(|&a| kept[i].iter().any(|&b| b != a && above(game, i, b, a, &others)))
                    .collect()
            })
            .collect();
        if dominated.iter().all(Vec::is_empty) {
            return Survivors { kept, rounds };
        }
        rounds += 1;
        for (keep, out) in kept.iter_mut().zip(&dominated) {
            keep.retain(|a| !out.contains(a));
        }
    }
}

/// Cells, with the player's own action 0, of all surviving profiles of the others.
fn profiles(game: &NormalForm, kept: &[Vec<usize>], player: usize) -> Vec<usize> {
    let mut cells = vec![0];
    for (j, keep) in kept.iter().enumerate().filter(|(j, _)| *j != player) {
        cells =
            cells.iter().flat_map(|c| keep.iter().map(move |a| c + a * game.stride(j))).collect();
    }
    cells
}

/// Whether action `b` pays the player more than `a` in all cells.
fn above(game: &NormalForm, player: usize, b: usize, a: usize, others: &[usize]) -> bool {
    let stride = game.stride(player);
    others.iter().all(|c| {
        let (better, worse) = (c + b * stride, c + a * stride);
        let (x, y) = (game.payoffs(player)[better], game.payoffs(player)[worse]);
        // Floats decide unless they tie: then two exact payoffs may still differ.
        x > y || (crate::math::same(x, y) && greater(game, player, better, worse))
    })
}

fn greater(game: &NormalForm, player: usize, b: usize, a: usize) -> bool {
    exact_order(game, player, b, a) == std::cmp::Ordering::Greater
}

/// How a player's payoffs in two cells compare, exactly.
#[must_use]
pub fn exact_order(game: &NormalForm, player: usize, b: usize, a: usize) -> std::cmp::Ordering {
    let big = |c| -> Rational { game.exact_payoff(player, c).rational() };
    match (game.exact_payoff(player, b), game.exact_payoff(player, a)) {
        (Exact::Small(x), Exact::Small(y)) => x.cmp(&y),
        _ => big(b).cmp(&big(a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prisoners_confess() {
        let row = |v: [i64; 4]| v.iter().map(|&x| Exact::integer(x)).collect::<Vec<_>>();
        let game = NormalForm::exact(&[2, 2], vec![row([3, 4, 0, 1]), row([3, 0, 4, 1])]).unwrap();
        let left = iterated_strict(&game);
        assert_eq!(left.kept, [vec![1], vec![1]]);
        assert!(left.is_solved());
    }

    #[test]
    fn a_weakly_dominated_action_stays() {
        let row = |v: [i64; 4]| v.iter().map(|&x| Exact::integer(x)).collect::<Vec<_>>();
        let game = NormalForm::exact(&[2, 2], vec![row([1, 1, 1, 0]), row([1, 1, 1, 0])]).unwrap();
        assert_eq!(iterated_strict(&game).rounds, 0);
    }
}
