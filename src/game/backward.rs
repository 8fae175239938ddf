//! Subgame-perfect equilibria of trees with perfect information, by backward induction (Selten 1965).
//!
//! Where a player is indifferent every best action continues, so that all pure subgame-perfect equilibria
//! are listed; comparisons are exact. Their number can grow exponentially with ties: beyond a limit the
//! list is cut and marked incomplete.

use super::Stop;
use super::error::GameError;
use super::number::{Exact, Rational};
use super::tree::{Move, Tree};
use std::cmp::Ordering;

/// Alternatives kept per node.
pub const LIMIT: usize = 4_096;
/// Choices kept over all nodes; beyond it every node keeps one alternative.
const PIECES: usize = 1 << 20;

/// One subgame-perfect equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct Perfect {
    /// The action at every information set, in the tree's order.
    pub actions: Vec<usize>,
    /// Exact payoff per player.
    pub payoffs: Vec<Rational>,
}

struct Alternative {
    payoffs: Vec<Exact>,
    /// Index of the choices made in the subtree.
    piece: usize,
}

/// Choices of a subtree: an own choice, and those of the subtrees below. Shared, so that a long chain of
/// moves costs one piece per node.
struct Piece {
    choice: Option<(usize, usize)>,
    parts: Vec<usize>,
}

struct Induction<'a> {
    tree: &'a Tree,
    pieces: Vec<Piece>,
    complete: bool,
}

/// All pure subgame-perfect equilibria, in lexicographic order of their actions, and whether the list is complete.
///
/// # Errors
/// When an information set holds more than one node.
pub fn all(tree: &Tree, stop: Stop<'_>) -> Result<(Vec<Perfect>, bool), GameError> {
    if !tree.is_perfect_information() {
        return Err(GameError::new(
            "backward induction needs perfect information; for this tree use the agent form at large lambda, whose limits are sequential equilibria",
        ));
    }
    let mut induction = Induction { tree, pieces: Vec::new(), complete: true };
    let mut kept: Vec<Vec<Alternative>> = (0..tree.len()).map(|_| Vec::new()).collect();
    for node in (0..tree.len()).rev() {
        if node % 1024 == 0 && stop() {
            return Ok((Vec::new(), false));
        }
        let below: Vec<Vec<Alternative>> = (0..tree.branches(node))
            .map(|a| std::mem::take(&mut kept[tree.child(node, a)]))
            .collect();
        kept[node] = induction.solve(node, &below);
    }
    let mut found: Vec<Perfect> = kept[0]
        .iter()
        .map(|alternative| {
            let mut actions = vec![0; tree.sets().len()];
            let mut open = vec![alternative.piece];
            while let Some(piece) = open.pop() {
                let piece = &induction.pieces[piece];
                if let Some((h, a)) = piece.choice {
                    actions[h] = a;
                }
                open.extend(&piece.parts);
            }
            Perfect { actions, payoffs: alternative.payoffs.iter().map(Exact::rational).collect() }
        })
        .collect();
    found.sort_by(|a, b| a.actions.cmp(&b.actions));
    Ok((found, induction.complete))
}

impl Induction<'_> {
    fn piece(&mut self, choice: Option<(usize, usize)>, parts: Vec<usize>) -> usize {
        self.pieces.push(Piece { choice, parts });
        self.pieces.len() - 1
    }

    fn limit(&self) -> usize {
        if self.pieces.len() < PIECES { LIMIT } else { 1 }
    }

    /// Every combination of one alternative per branch, up to the limit.
    fn combinations<'b>(&mut self, below: &'b [Vec<Alternative>]) -> Vec<Vec<&'b Alternative>> {
        let limit = self.limit();
        let mut list: Vec<Vec<&Alternative>> = vec![Vec::new()];
        for branch in below {
            let mut longer = Vec::new();
            'grow: for picked in &list {
                for alternative in branch {
                    if longer.len() == limit {
                        self.complete = false;
                        break 'grow;
                    }
                    let mut picked = picked.clone();
                    picked.push(alternative);
                    longer.push(picked);
                }
            }
            list = longer;
        }
        list
    }

    fn solve(&mut self, node: usize, below: &[Vec<Alternative>]) -> Vec<Alternative> {
        let tree = self.tree;
        let own: Vec<Exact> = match tree.outcome(node) {
            Some(o) => tree.outcomes()[o].payoffs.clone(),
            None => vec![Exact::zero(); tree.players().len()],
        };
        let limit = self.limit();
        let mut out = Vec::new();
        for picked in self.combinations(below) {
            let parts: Vec<usize> = picked.iter().map(|p| p.piece).collect();
            match tree.turn(node) {
                Move::End => {
                    let piece = self.piece(None, parts);
                    out.push(Alternative { payoffs: own.clone(), piece });
                }
                Move::Chance(c) => {
                    let mut payoffs = own.clone();
                    for (p, (_, odds)) in picked.iter().zip(&tree.chances()[c].branches) {
                        for (x, y) in payoffs.iter_mut().zip(&p.payoffs) {
                            *x = x.plus(&y.times(odds));
                        }
                    }
                    let piece = self.piece(None, parts);
                    out.push(Alternative { payoffs, piece });
                }
                Move::Decision(h) => {
                    let player = tree.sets()[h].player;
                    let worth = |p: &&Alternative| p.payoffs[player].clone();
                    let top = picked.iter().map(worth).max_by(order);
                    for (a, p) in picked.iter().enumerate() {
                        if top.as_ref().is_some_and(|t| order(&p.payoffs[player], t).is_lt()) {
                            continue;
                        }
                        if out.len() >= limit {
                            self.complete = false;
                            return out;
                        }
                        let payoffs = p.payoffs.iter().zip(&own).map(|(x, y)| x.plus(y)).collect();
                        let piece = self.piece(Some((h, a)), parts.clone());
                        out.push(Alternative { payoffs, piece });
                    }
                }
            }
        }
        out
    }
}

fn order(a: &Exact, b: &Exact) -> Ordering {
    match (a, b) {
        (Exact::Small(x), Exact::Small(y)) => x.cmp(y),
        _ => a.rational().cmp(&b.rational()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{efg, never};

    #[test]
    fn ties_give_every_equilibrium() {
        // The follower is indifferent on the left: both of its choices continue.
        let text = "EFG 2 R \"\" { \"1\" \"2\" }\np \"\" 1 1 \"\" { \"L\" \"R\" } 0\n\
            p \"\" 2 1 \"\" { \"l\" \"r\" } 0 t \"\" 1 \"\" { 3 1 } t \"\" 2 \"\" { 0 1 }\nt \"\" 3 \"\" { 2 0 }";
        let (found, complete) = all(&efg::read(text).unwrap(), &never).unwrap();
        let actions: Vec<&[usize]> = found.iter().map(|p| p.actions.as_slice()).collect();
        assert_eq!(actions, [&[0, 0], &[1, 1]]);
        assert!(complete);
    }

    #[test]
    fn offers_alternate_over_a_stahl_horizon() {
        // Stahl (1972): with a pie of 12 cut in units, discount 1/2 and two rounds, the last proposer
        // takes all that is left; the first offers its discounted worth, here 6.
        let mut text = String::from("EFG 2 R \"\" { \"1\" \"2\" }\n");
        let names: Vec<String> = (0..=12).map(|x| format!("\"{x}\"")).collect();
        let (mut outcome, mut set) = (0, 1);
        text += &format!("p \"\" 1 1 \"\" {{ {} }} 0\n", names.join(" "));
        for x in 0..=12 {
            outcome += 1;
            text += &format!(
                "p \"\" 2 {set} \"\" {{ \"y\" \"n\" }} 0\nt \"\" {outcome} \"\" {{ {x} {} }}\n",
                12 - x
            );
            set += 1;
            text += &format!("p \"\" 2 {set} \"\" {{ {} }} 0\n", names.join(" "));
            set += 1;
            for y in 0..=12 {
                let own = format!("{}", 100 * (x + 1) + y);
                outcome += 1;
                text += &format!(
                    "p \"\" 1 {own} \"\" {{ \"y\" \"n\" }} 0\nt \"\" {outcome} \"\" {{ {}/2 {y}/2 }}\n",
                    12 - y
                );
                outcome += 1;
                text += &format!("t \"\" {outcome} \"\" {{ 0 0 }}\n");
            }
        }
        let tree = efg::read(&text).unwrap();
        let (found, complete) = all(&tree, &never).unwrap();
        // Indifference at offers of exactly the reservation gives neighbours one unit off, no others.
        assert!(!complete || !found.is_empty());
        let demands: std::collections::BTreeSet<usize> =
            found.iter().map(|p| p.actions[0]).collect();
        assert!(demands.iter().all(|d| (5..=7).contains(d)) && demands.contains(&6), "{demands:?}");
    }
}
