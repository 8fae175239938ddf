//! Checks of behaviour strategies on a tree, by walks that share nothing with the solvers.
//!
//! [`gains`] is what each player would gain by its best reply against the fixed others, found by deciding
//! its information sets from the last own move to the first (perfect recall needed). [`logit_residual`]
//! replaces each information set's choice by its logit reply.

use super::tree::{Move, Tree};
use crate::math;

/// What each player gains by its best reply; infinite where rows are not strategies of this tree, none
/// without perfect recall.
#[must_use]
pub fn gains(tree: &Tree, behaviour: &[Vec<f64>]) -> Option<Vec<f64>> {
    if tree.forgetful().is_some() {
        return None;
    }
    let shaped = behaviour.len() == tree.sets().len()
        && behaviour.iter().zip(tree.sets()).all(|(row, set)| {
            row.len() == set.actions.len()
                && row.iter().all(|p| *p >= 0.0)
                && (row.iter().sum::<f64>() - 1.0).abs() < 1e-9
        });
    if !shaped {
        return Some(vec![f64::INFINITY; tree.players().len()]);
    }
    let now = tree.expected(behaviour);
    Some(now.iter().enumerate().map(|(i, v)| (best(tree, behaviour, i) - v).max(0.0)).collect())
}

/// Largest gain of any player; none without perfect recall.
#[must_use]
pub fn exploitability(tree: &Tree, behaviour: &[Vec<f64>]) -> Option<f64> {
    gains(tree, behaviour).map(|g| g.into_iter().fold(0.0, f64::max))
}

/// Value of a player's best reply.
fn best(tree: &Tree, behaviour: &[Vec<f64>], player: usize) -> f64 {
    let mine = |h: usize| tree.sets()[h].player == player;
    // Odds that the others and chance lead here, and own moves made before.
    let (mut odds, mut depth) = (vec![1.0; tree.len()], vec![0usize; tree.len()]);
    for node in 1..tree.len() {
        let Some((p, a)) = tree.parent(node) else { continue };
        (odds[node], depth[node]) = (odds[p], depth[p]);
        match tree.turn(p) {
            Move::Chance(c) => odds[node] *= tree.odds(c)[a],
            Move::Decision(h) if mine(h) => depth[node] += 1,
            Move::Decision(h) => odds[node] *= behaviour[h][a],
            Move::End => {}
        }
    }
    let mut levels = vec![Vec::new(); depth.iter().max().map_or(1, |d| d + 1)];
    for (node, &d) in depth.iter().enumerate() {
        levels[d].push(node);
    }
    let mut value = vec![0.0; tree.len()];
    let mut choice = vec![None; tree.sets().len()];
    for level in levels.iter().rev() {
        for &node in level {
            let Move::Decision(h) = tree.turn(node) else { continue };
            if !mine(h) || choice[h].is_some() {
                continue;
            }
            let worth = |a: usize| -> f64 {
                tree.members(h).iter().map(|&v| odds[v] * value[tree.child(v, a)]).sum()
            };
            let mut top = (0, worth(0));
            for a in 1..tree.sets()[h].actions.len() {
                let w = worth(a);
                if w > top.1 {
                    top = (a, w);
                }
            }
            choice[h] = Some(top.0);
        }
        for &node in level.iter().rev() {
            let below = |weights: &[f64]| -> f64 {
                weights.iter().enumerate().map(|(a, w)| w * value[tree.child(node, a)]).sum()
            };
            value[node] = tree.payoff(node, player)
                + match tree.turn(node) {
                    Move::End => 0.0,
                    Move::Chance(c) => below(tree.odds(c)),
                    Move::Decision(h) if mine(h) => value[tree.child(node, choice[h].unwrap_or(0))],
                    Move::Decision(h) => below(&behaviour[h]),
                };
        }
    }
    value[0]
}

/// Largest difference between a row and the logit reply of its information set at `lambda`.
///
/// Sets that nobody can reach at this profile are not compared: their values are not defined.
#[must_use]
pub fn logit_residual(tree: &Tree, lambda: f64, behaviour: &[Vec<f64>]) -> f64 {
    let players = tree.players().len();
    let mut value = vec![0.0; tree.len() * players];
    for node in (0..tree.len()).rev() {
        for i in 0..players {
            let mut v = tree.payoff(node, i);
            for a in 0..tree.branches(node) {
                let p = match tree.turn(node) {
                    Move::Chance(c) => tree.odds(c)[a],
                    Move::Decision(h) => behaviour[h][a],
                    Move::End => 0.0,
                };
                v += p * value[tree.child(node, a) * players + i];
            }
            value[node * players + i] = v;
        }
    }
    let mut reach = vec![1.0; tree.len()];
    for node in 1..tree.len() {
        let Some((p, a)) = tree.parent(node) else { continue };
        reach[node] = reach[p]
            * match tree.turn(p) {
                Move::Chance(c) => tree.odds(c)[a],
                Move::Decision(h) => behaviour[h][a],
                Move::End => 0.0,
            };
    }
    let mut worst: f64 = 0.0;
    for (h, set) in tree.sets().iter().enumerate() {
        let total: f64 = tree.members(h).iter().map(|&v| reach[v]).sum();
        if total < 1e-200 {
            continue;
        }
        let mut reply: Vec<f64> = (0..set.actions.len())
            .map(|a| {
                let sum: f64 = tree
                    .members(h)
                    .iter()
                    .map(|&v| reach[v] / total * value[tree.child(v, a) * players + set.player])
                    .sum();
                lambda * sum
            })
            .collect();
        math::softmax(&mut reply);
        for (p, q) in behaviour[h].iter().zip(&reply) {
            worst = worst.max((p - q).abs());
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::efg;
    use crate::math::close;

    #[test]
    fn the_bluffers_best_reply() {
        let tree = efg::read(include_str!("../../tests/games/simple_poker.efg")).unwrap();
        // Always raising and always meeting: red wins 2, black loses 2; player 1 does better by
        // folding black (value 1/2), player 2 better by nothing.
        let always = vec![vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.0]];
        let gain = gains(&tree, &always).unwrap();
        assert!(close(gain[0], 0.5, 1e-15) && close(gain[1], 0.0, 1e-15), "{gain:?}");
        let solved = vec![vec![1.0, 0.0], vec![2.0 / 3.0, 1.0 / 3.0], vec![1.0 / 3.0, 2.0 / 3.0]];
        assert!(exploitability(&tree, &solved).unwrap() < 1e-15);
        assert!(exploitability(&tree, &[vec![1.0]]).unwrap().is_infinite());
    }
}
