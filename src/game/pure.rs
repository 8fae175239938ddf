//! Equilibria in pure strategies, by definition: nobody gains by changing alone.
//!
//! Ties are compared exactly, so no equilibrium is lost or invented by rounding.

use super::Stop;
use super::dominance::exact_order;
use super::normal::NormalForm;
use std::cmp::Ordering;

/// All pure equilibria as lists of actions, in lexicographic order, and whether the search was not
/// stopped.
#[must_use]
pub fn all(game: &NormalForm, stop: Stop<'_>) -> (Vec<Vec<usize>>, bool) {
    let mut stable = vec![true; game.cells()];
    for i in 0..game.count() {
        if stop() {
            return (Vec::new(), false);
        }
        let (size, stride) = (game.sizes()[i], game.stride(i));
        for base in (0..game.cells()).filter(|&c| game.action(c, i) == 0) {
            let cell = |a: usize| base + a * stride;
            let mut best = cell(0);
            for a in 1..size {
                if order(game, i, cell(a), best) == Ordering::Greater {
                    best = cell(a);
                }
            }
            for a in 0..size {
                if order(game, i, cell(a), best) == Ordering::Less {
                    stable[cell(a)] = false;
                }
            }
        }
    }
    let mut found: Vec<Vec<usize>> = (0..game.cells())
        .filter(|&c| stable[c])
        .map(|c| (0..game.count()).map(|i| game.action(c, i)).collect())
        .collect();
    found.sort();
    (found, true)
}

/// Floats decide unless they tie: then two exact payoffs may still differ.
fn order(game: &NormalForm, player: usize, b: usize, a: usize) -> Ordering {
    let (x, y) = (game.payoffs(player)[b], game.payoffs(player)[a]);
    match x.partial_cmp(&y) {
        Some(Ordering::Equal) | None => exact_order(game, player, b, a),
        Some(decided) => decided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;
    use crate::game::number::Exact;

    #[test]
    fn a_difference_below_rounding_counts() {
        let near = Exact::parse("1.00000000000000000001").unwrap();
        let table = vec![vec![Exact::integer(1), near]];
        let game = NormalForm::exact(&[2], table).unwrap();
        assert_eq!(all(&game, &never).0, [vec![1]]);
    }

    #[test]
    fn the_volunteers_dilemma_has_one_per_player() {
        // Diekmann (1985): someone must pay 1 for all to get 2.
        let sizes = [2, 2, 2];
        let pay = |c: usize, i: usize| match (c >> i & 1, c) {
            (1, _) => 1,
            (_, 0) => 0,
            _ => 2,
        };
        let table = (0..3).map(|i| (0..8).map(|c| Exact::integer(pay(c, i))).collect()).collect();
        let game = NormalForm::exact(&sizes, table).unwrap();
        let found = all(&game, &never).0;
        assert_eq!(found, [vec![0, 0, 1], vec![0, 1, 0], vec![1, 0, 0]]);
    }
}
