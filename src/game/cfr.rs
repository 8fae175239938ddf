//! Counterfactual regret minimisation for large zero-sum trees (Zinkevich et al. 2008).
//!
//! Every iteration updates player 1, then player 2, with regrets cut off at zero and the average
//! strategy weighted by the iteration's number (CFR+, Tammelin 2014). The average tends to an
//! equilibrium; how near it is is not assumed but measured by the tree's best reply.

use super::Stop;
use super::best_reply;
use super::error::GameError;
use super::tree::{Move, Tree};

/// The average strategy after some iterations.
#[derive(Debug, Clone, PartialEq)]
pub struct Averaged {
    /// One row per information set.
    pub profile: Vec<Vec<f64>>,
    /// Expected payoff of player 1 under it.
    pub value: f64,
    /// Largest gain of a best reply.
    pub exploitability: f64,
    /// Iterations made; fewer than asked for when stopped.
    pub iterations: usize,
}

#[derive(Clone, Copy)]
struct Node {
    /// First branch in `branches`, and their number.
    first: u32,
    count: u32,
    /// First entry of the information set's tables; for chance, of the odds.
    table: u32,
    kind: Kind,
    pay: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    End,
    Chance,
    Player(u8),
}

/// The tree laid out for speed: nodes in prefix order, tables by information set.
struct Flat {
    nodes: Vec<Node>,
    children: Vec<u32>,
    odds: Vec<f64>,
    /// (offset, actions, player) of every information set.
    sets: Vec<(usize, usize, u8)>,
    regret: Vec<f64>,
    current: Vec<f64>,
    sum: Vec<f64>,
    /// Reach of player 1 and of player 2, chance counted with the opponent of whoever moves.
    reach: Vec<[f64; 3]>,
    value: Vec<f64>,
}

fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or_else(|_| unreachable!("a tree has fewer than 2^32 nodes"))
}

impl Flat {
    fn new(tree: &Tree) -> Self {
        let mut sets = Vec::new();
        let mut total = 0;
        for set in tree.sets() {
            let player = u8::from(set.player == 1);
            sets.push((total, set.actions.len(), player));
            total += set.actions.len();
        }
        let mut odds = Vec::new();
        let mut chance = Vec::new();
        for c in 0..tree.chances().len() {
            chance.push(odds.len());
            odds.extend_from_slice(tree.odds(c));
        }
        let mut children = Vec::new();
        let nodes = (0..tree.len())
            .map(|v| {
                let first = index(children.len());
                let count = tree.branches(v);
                children.extend((0..count).map(|a| index(tree.child(v, a))));
                let (table, kind) = match tree.turn(v) {
                    Move::End => (0, Kind::End),
                    Move::Chance(c) => (chance[c], Kind::Chance),
                    Move::Decision(h) => (sets[h].0, Kind::Player(sets[h].2)),
                };
                let pay = tree.payoff(v, 0);
                Node { first, count: index(count), table: index(table), kind, pay }
            })
            .collect();
        let mut flat = Self {
            nodes,
            children,
            odds,
            regret: vec![0.0; total],
            current: vec![0.0; total],
            sum: vec![0.0; total],
            reach: vec![[1.0; 3]; tree.len()],
            value: vec![0.0; tree.len()],
            sets,
        };
        flat.rematch(0);
        flat.rematch(1);
        flat
    }

    /// Current strategies from regrets: proportional to what is positive, uniform if nothing is.
    fn rematch(&mut self, player: u8) {
        for &(o, k, _) in self.sets.iter().filter(|s| s.2 == player) {
            let total: f64 = self.regret[o..o + k].iter().sum();
            #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
            let uniform = 1.0 / k as f64;
            for (c, r) in self.current[o..o + k].iter_mut().zip(&self.regret[o..o + k]) {
                *c = if total > 0.0 { r / total } else { uniform };
            }
        }
    }

    /// One update of a player against the other's current strategy.
    fn update(&mut self, player: u8, weight: f64) {
        for v in 0..self.nodes.len() {
            let node = self.nodes[v];
            let at = self.reach[v];
            let branches = &self.children[node.first as usize..][..node.count as usize];
            let (table, which) = match node.kind {
                Kind::End => continue,
                Kind::Chance => (&self.odds, 2),
                Kind::Player(p) => (&self.current, usize::from(p)),
            };
            for (&child, p) in branches.iter().zip(&table[node.table as usize..]) {
                let mut next = at;
                next[which] *= p;
                self.reach[child as usize] = next;
            }
        }
        let sign = if player == 0 { 1.0 } else { -1.0 };
        let (own, other) = (usize::from(player), usize::from(1 - player));
        for v in (0..self.nodes.len()).rev() {
            let node = self.nodes[v];
            let branches = &self.children[node.first as usize..][..node.count as usize];
            let table = match node.kind {
                Kind::End => {
                    self.value[v] = node.pay;
                    continue;
                }
                Kind::Chance => &self.odds,
                Kind::Player(_) => &self.current,
            };
            let mut below = 0.0;
            for (&child, p) in branches.iter().zip(&table[node.table as usize..]) {
                below += p * self.value[child as usize];
            }
            self.value[v] = node.pay + below;
            if node.kind == Kind::Player(player) {
                let at = self.reach[v];
                let odds = sign * at[other] * at[2];
                let mine = weight * at[own];
                let o = node.table as usize;
                for (k, &child) in branches.iter().enumerate() {
                    self.regret[o + k] += odds * (self.value[child as usize] - below);
                    self.sum[o + k] += mine * self.current[o + k];
                }
            }
        }
        for &(o, k, _) in self.sets.iter().filter(|s| s.2 == player) {
            for r in &mut self.regret[o..o + k] {
                *r = r.max(0.0);
            }
        }
        self.rematch(player);
    }
}

/// Runs `iterations` and gives the average strategy with its measured exploitability.
///
/// # Errors
/// When the tree is not of constant sum for two players or lacks perfect recall.
pub fn run(tree: &Tree, iterations: usize, stop: Stop<'_>) -> Result<Averaged, GameError> {
    if !tree.is_constant_sum() {
        return Err(GameError::new("CFR is offered for two-player games of constant sum"));
    }
    if tree.forgetful().is_some() {
        return Err(GameError::new("CFR is offered under perfect recall only"));
    }
    let mut flat = Flat::new(tree);
    let mut done = 0;
    while done < iterations && !(done % 64 == 0 && stop()) {
        done += 1;
        #[allow(clippy::cast_precision_loss, reason = "iterations are far below 2^53")]
        let weight = done as f64;
        flat.update(0, weight);
        flat.update(1, weight);
    }
    let profile: Vec<Vec<f64>> = flat
        .sets
        .iter()
        .map(|&(o, k, _)| {
            let row = &flat.sum[o..o + k];
            let total: f64 = row.iter().sum();
            #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
            let uniform = 1.0 / k as f64;
            row.iter().map(|x| if total > 0.0 { x / total } else { uniform }).collect()
        })
        .collect();
    Ok(Averaged {
        value: tree.expected(&profile)[0],
        exploitability: best_reply::exploitability(tree, &profile).unwrap_or(f64::INFINITY),
        iterations: done,
        profile,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{efg, never, zero_sum};
    use crate::math::close;

    #[test]
    fn the_average_nears_the_sequence_forms_value() {
        let tree = efg::read(include_str!("../../tests/games/simple_poker.efg")).unwrap();
        let exact = zero_sum::tree(&tree, &never).unwrap().value;
        let near = run(&tree, 5_000, &never).unwrap();
        assert!(near.exploitability < 1e-3, "{}", near.exploitability);
        assert!(close(near.value, exact, 1e-3));
        assert_eq!(run(&tree, 5_000, &never).unwrap(), near);
        assert_eq!(run(&tree, 100, &|| true).unwrap().iterations, 0);
    }
}
