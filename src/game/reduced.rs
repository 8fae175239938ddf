//! The reduced strategic form of a tree (Kuhn 1953) and the way back to behaviour.
//!
//! A reduced strategy says what a player does at those of its information sets that its own earlier
//! moves do not rule out. Strategies are ordered by the sets in order of first appearance, the last
//! varying fastest. Without perfect recall every set counts as reachable.

use super::error::GameError;
use super::normal::{NormalForm, table_size};
use super::number::{Exact, Rational};
use super::tree::{Move, Tree};
use num_traits::{One, Zero};

/// Work allowed for the payoff table: cells times ends of the tree.
const WORK: usize = 200_000_000;

/// The strategic form with the plans that its strategies stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    /// The game over reduced strategies.
    pub game: NormalForm,
    /// `plans[player][strategy][own set]`: the action, or none where the own plan never leads.
    pub plans: Vec<Vec<Vec<Option<usize>>>>,
    /// Information sets of each player, in order.
    pub own: Vec<Vec<usize>>,
}

/// Builds the reduced strategic form.
///
/// # Errors
/// When the table would be too large.
pub fn strategic_form(tree: &Tree) -> Result<Reduced, GameError> {
    let players = tree.players().len();
    let mut own = vec![Vec::new(); players];
    for (h, set) in tree.sets().iter().enumerate() {
        own[set.player].push(h);
    }
    let large = || GameError::new("the strategic form of this tree is too large");
    let mut plans = Vec::with_capacity(players);
    for sets in &own {
        let mut list: Vec<Vec<Option<usize>>> = vec![Vec::new()];
        for (position, &h) in sets.iter().enumerate() {
            let gate = match (tree.forgetful(), tree.previous(h)) {
                (None, Some((g, a))) => {
                    sets[..position].iter().position(|&s| s == g).map(|p| (p, a))
                }
                _ => None,
            };
            let mut longer = Vec::new();
            for plan in list {
                if gate.is_some_and(|(p, a)| plan[p] != Some(a)) {
                    longer.push([plan, vec![None]].concat());
                    continue;
                }
                for a in 0..tree.sets()[h].actions.len() {
                    longer.push([plan.as_slice(), &[Some(a)]].concat());
                }
                if longer.len() > 1 << 16 {
                    return Err(large());
                }
            }
            list = longer;
        }
        plans.push(list);
    }
    let sizes: Vec<usize> = plans.iter().map(Vec::len).collect();
    let cells = table_size(&sizes).map_err(|_| large())?;
    let ends = ends(tree);
    if cells.saturating_mul(ends.len()) > WORK {
        return Err(large());
    }
    // For every end, the strategies of each player that allow it.
    let mut payoffs = vec![vec![Exact::zero(); cells]; players];
    for end in &ends {
        let allow: Vec<Vec<usize>> = (0..players)
            .map(|i| {
                (0..sizes[i])
                    .filter(|&s| {
                        end.moves.iter().all(|&(h, a)| {
                            tree.sets()[h].player != i
                                || own[i]
                                    .iter()
                                    .position(|&o| o == h)
                                    .is_some_and(|p| plans[i][s][p] == Some(a))
                        })
                    })
                    .collect()
            })
            .collect();
        let mut list = vec![0];
        let mut stride = 1;
        for (i, strategies) in allow.iter().enumerate() {
            list =
                strategies.iter().flat_map(|s| list.iter().map(move |c| c + s * stride)).collect();
            stride *= sizes[i];
        }
        for cell in list {
            for (row, pay) in payoffs.iter_mut().zip(&end.weighted) {
                row[cell] = row[cell].plus(pay);
            }
        }
    }
    let names = plans
        .iter()
        .zip(&own)
        .map(|(list, sets)| {
            list.iter()
                .map(|plan| {
                    let words: Vec<&str> = plan
                        .iter()
                        .zip(sets)
                        .map(|(a, &h)| a.map_or("*", |a| tree.sets()[h].actions[a].as_str()))
                        .collect();
                    words.join("/")
                })
                .collect()
        })
        .collect();
    let game = NormalForm::exact(&sizes, payoffs)?.named(
        tree.title.clone(),
        tree.players().to_vec(),
        names,
    )?;
    Ok(Reduced { game, plans, own })
}

struct Ending {
    moves: Vec<(usize, usize)>,
    /// Payoff along the path times the odds of its chance moves.
    weighted: Vec<Exact>,
}

fn ends(tree: &Tree) -> Vec<Ending> {
    let mut list = Vec::new();
    for leaf in (0..tree.len()).filter(|&v| tree.turn(v) == Move::End) {
        let mut odds = Exact::integer(1);
        let mut sums = vec![Exact::zero(); tree.players().len()];
        let mut moves = Vec::new();
        let mut node = leaf;
        loop {
            if let Some(o) = tree.outcome(node) {
                for (s, u) in sums.iter_mut().zip(&tree.outcomes()[o].payoffs) {
                    *s = s.plus(u);
                }
            }
            let Some((p, a)) = tree.parent(node) else { break };
            match tree.turn(p) {
                Move::Chance(c) => odds = odds.times(&tree.chances()[c].branches[a].1),
                Move::Decision(h) => moves.push((h, a)),
                Move::End => {}
            }
            node = p;
        }
        let weighted = sums.iter().map(|s| s.times(&odds)).collect();
        list.push(Ending { moves, weighted });
    }
    list
}

impl Reduced {
    /// Behaviour equivalent to a mixture of reduced strategies, one row per information set.
    ///
    /// At sets that the mixture never reaches by its own moves, which no one can test, the row is
    /// uniform.
    #[must_use]
    pub fn behaviour(&self, tree: &Tree, mixed: &[Vec<Rational>]) -> Vec<Vec<Rational>> {
        let mut rows: Vec<Vec<Rational>> =
            tree.sets().iter().map(|s| vec![Rational::zero(); s.actions.len()]).collect();
        for (i, sets) in self.own.iter().enumerate() {
            for (position, &h) in sets.iter().enumerate() {
                for (plan, weight) in self.plans[i].iter().zip(&mixed[i]) {
                    if let Some(a) = plan[position] {
                        rows[h][a] += weight;
                    }
                }
                let total: Rational = rows[h].iter().sum();
                let count = rows[h].len();
                for p in &mut rows[h] {
                    *p = if total.is_zero() {
                        Rational::one() / Rational::from_integer(count.into())
                    } else {
                        &*p / &total
                    };
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{efg, never, pure};

    #[test]
    fn shapes_and_pure_equilibria_of_the_samples() {
        let sizes = |text: &str| {
            let reduced = strategic_form(&efg::read(text).unwrap()).unwrap();
            (reduced.game.sizes().to_vec(), pure::all(&reduced.game, &never).0.len())
        };
        let crisis = sizes(include_str!("../../tests/games/crisis_audience_cost.efg"));
        assert_eq!(crisis, (vec![9, 2], 1));
        let poker = sizes(include_str!("../../tests/games/simple_poker.efg"));
        assert_eq!(poker, (vec![4, 2], 0));
        assert_eq!(sizes(include_str!("../../tests/games/chain_store_2.efg")).1, 120);
    }
}
