//! All Nash equilibria of a two-player game: the extreme ones, exactly, and how they hang together.
//!
//! A pair of vertices of the two best-reply polytopes is an extreme equilibrium when together their
//! tight labels are all labels (Mangasarian 1964; Winkels 1979; Avis, Rosenberg, Savani & von
//! Stengel 2010). Every equilibrium is a mixture within a maximal Nash subset, a product of two sets
//! of vertices all of whose pairs are equilibria; overlapping subsets form a component. In a
//! nondegenerate game every subset is one point and their number is odd (Wilson 1971).

use super::Stop;
use super::dominance;
use super::error::GameError;
use super::normal::NormalForm;
use super::number::Rational;
use super::polytope::{LABELS, Labels, Vertex, positive_integers, vertices};
use num_bigint::BigInt;
use num_traits::Zero;
use std::collections::{BTreeMap, BTreeSet};

/// An equilibrium in fractions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extreme {
    /// The two mixed strategies.
    pub profile: [Vec<Rational>; 2],
    /// What each player expects.
    pub payoffs: [Rational; 2],
}

/// The set of equilibria of a two-player game.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtremeSet {
    /// Extreme equilibria, in lexicographic order of their profiles.
    pub equilibria: Vec<Extreme>,
    /// Connected components of the whole set, as lists of indices.
    pub components: Vec<Vec<usize>>,
    /// Maximal Nash subsets (maximal cliques), as lists of indices.
    pub subsets: Vec<Vec<usize>>,
    /// Whether the search was not stopped: then these are all.
    pub complete: bool,
}

/// Subsets listed at most; beyond it the list is cut (the components never are).
const SUBSETS: usize = 10_000;

/// All extreme equilibria of a two-player game.
///
/// # Errors
/// When the game has not two players, or more than 256 actions survive dominance.
pub fn all(game: &NormalForm, stop: Stop<'_>) -> Result<ExtremeSet, GameError> {
    if game.count() != 2 {
        return Err(GameError::new("extreme equilibria are defined for two players"));
    }
    // Strictly dominated actions are in no equilibrium; leaving them out is exact and saves work.
    let kept = dominance::iterated_strict(game).kept;
    let core = game.restricted(&kept)?;
    let (m, n) = (core.sizes()[0], core.sizes()[1]);
    if m + n > LABELS {
        return Err(GameError::new(format!(
            "{} actions are too many to list all equilibria (at most {LABELS})",
            m + n
        )));
    }
    let pay = |i: usize, a: usize, b: usize| core.exact_payoff(i, core.cell(&[a, b])).rational();
    let first: Vec<Vec<Rational>> =
        (0..m).map(|a| (0..n).map(|b| pay(0, a, b)).collect()).collect();
    let second: Vec<Vec<Rational>> =
        (0..n).map(|b| (0..m).map(|a| pay(1, a, b)).collect()).collect();
    // Player 1's mixtures live where player 2's replies bind, and the other way round.
    let (p, done_p) = vertices(&positive_integers(&second), stop);
    let (q, done_q) = vertices(&positive_integers(&first), stop);
    // Rename q's labels (columns b, then rows a) to p's order: a first, then b.
    let renamed: Vec<Labels> = q
        .iter()
        .map(|v| {
            let mut labels = Labels::default();
            for label in 0..m + n {
                if v.tight.contains(label) {
                    labels.insert(if label < n { m + label } else { label - n });
                }
            }
            labels
        })
        .collect();
    let (pairs, done_pairs) = matching(&p, &renamed, m + n, stop);

    let full = |vertex: &Vertex, player: usize| {
        let total: BigInt = vertex.numerators.iter().sum();
        let mut row = vec![Rational::zero(); game.sizes()[player]];
        for (x, &a) in vertex.numerators.iter().zip(&kept[player]) {
            row[a] = Rational::new(x.clone(), total.clone());
        }
        row
    };
    let mut equilibria: Vec<(Extreme, (usize, usize))> = pairs
        .into_iter()
        .map(|(i, j)| {
            let profile = [full(&p[i], 0), full(&q[j], 1)];
            let payoffs = [expected(game, 0, &profile), expected(game, 1, &profile)];
            (Extreme { profile, payoffs }, (i, j))
        })
        .collect();
    equilibria.sort_by(|a, b| a.0.profile.cmp(&b.0.profile));
    let edges: Vec<(usize, usize)> = equilibria.iter().map(|e| e.1).collect();
    Ok(ExtremeSet {
        equilibria: equilibria.into_iter().map(|e| e.0).collect(),
        components: components(&edges),
        subsets: subsets(&edges),
        complete: done_p && done_q && done_pairs,
    })
}

/// Exact expected payoff of a player.
#[must_use]
pub fn expected(game: &NormalForm, player: usize, profile: &[Vec<Rational>; 2]) -> Rational {
    let mut total = Rational::zero();
    for (a, x) in profile[0].iter().enumerate().filter(|(_, x)| !x.is_zero()) {
        for (b, y) in profile[1].iter().enumerate().filter(|(_, y)| !y.is_zero()) {
            total += x * y * game.exact_payoff(player, game.cell(&[a, b])).rational();
        }
    }
    total
}

/// Pairs whose tight labels together are all labels.
fn matching(
    p: &[Vertex],
    q: &[Labels],
    labels: usize,
    stop: Stop<'_>,
) -> (Vec<(usize, usize)>, bool) {
    // Per label, the vertices of q at which it is tight, as bits.
    let words = q.len().div_ceil(64);
    let mut index = vec![vec![0u64; words]; labels];
    for (j, tight) in q.iter().enumerate() {
        for (label, bits) in index.iter_mut().enumerate() {
            if tight.contains(label) {
                bits[j / 64] |= 1 << (j % 64);
            }
        }
    }
    let mut pairs = Vec::new();
    for (i, vertex) in p.iter().enumerate() {
        if i % 64 == 0 && stop() {
            return (pairs, false);
        }
        let missing = index.iter().enumerate().filter(|(l, _)| !vertex.tight.contains(*l));
        let missing: Vec<&Vec<u64>> = missing.map(|(_, bits)| bits).collect();
        for word in 0..words {
            let mut bits = missing.iter().fold(u64::MAX, |bits, near| bits & near[word]);
            while bits != 0 {
                let j = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if j < q.len() {
                    pairs.push((i, j));
                }
            }
        }
    }
    (pairs, true)
}

/// Connected components of the bipartite graph whose edges are the equilibria.
fn components(edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..edges.len()).collect();
    fn root(parent: &mut [usize], mut i: usize) -> usize {
        while parent[i] != i {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        i
    }
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    for (e, (i, j)) in edges.iter().enumerate() {
        for other in [*left.entry(i).or_insert(e), *right.entry(j).or_insert(e)] {
            let (a, b) = (root(&mut parent, e), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for e in 0..edges.len() {
        groups.entry(root(&mut parent, e)).or_default().push(e);
    }
    groups.into_values().collect()
}

/// Maximal products of left and right vertices all of whose pairs are edges.
///
/// The right sides are the intersections of the left vertices' neighbourhoods.
fn subsets(edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut neighbours: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for &(i, j) in edges {
        neighbours.entry(i).or_default().insert(j);
    }
    let mut sides: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    for near in neighbours.values() {
        let new: Vec<BTreeSet<usize>> = sides
            .iter()
            .map(|side| side.intersection(near).copied().collect::<BTreeSet<_>>())
            .filter(|side| !side.is_empty())
            .chain([near.clone()])
            .collect();
        sides.extend(new);
        if sides.len() > SUBSETS {
            break;
        }
    }
    let position: BTreeMap<(usize, usize), usize> =
        edges.iter().enumerate().map(|(e, &pair)| (pair, e)).collect();
    let mut list: Vec<Vec<usize>> = sides
        .iter()
        .take(SUBSETS)
        .map(|side| {
            let mut members: Vec<usize> = neighbours
                .iter()
                .filter(|(_, near)| side.is_subset(near))
                .flat_map(|(&i, _)| {
                    side.iter().filter_map(|&j| position.get(&(i, j)).copied()).collect::<Vec<_>>()
                })
                .collect();
            members.sort_unstable();
            members
        })
        .collect();
    list.sort();
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::number::Exact;
    use crate::game::{never, nfg};

    fn solve(a: &[&[i64]], b: &[&[i64]]) -> ExtremeSet {
        let rows = |m: &[&[i64]]| {
            m.iter().map(|r| r.iter().map(|&x| Exact::integer(x)).collect()).collect::<Vec<_>>()
        };
        all(&NormalForm::bimatrix(&rows(a), &rows(b)).unwrap(), &never).unwrap()
    }

    #[test]
    fn a_degenerate_game_worked_by_hand() {
        // Against row 1 both columns are best replies: an edge from y = (2/3, 1/3) to (1, 0). Rows 2
        // and 3 mix 1:2 against (1/3, 2/3). Nothing else.
        let set = solve(&[&[3, 3], &[2, 5], &[0, 6]], &[&[3, 3], &[2, 6], &[3, 1]]);
        let third = |n: i64| Exact::ratio(n, 3).unwrap().rational();
        let (x, y) = (vec![third(0), third(1), third(2)], vec![third(1), third(2)]);
        assert_eq!(set.equilibria[0].profile, [x, y]);
        assert_eq!(set.components, [vec![0], vec![1, 2]]);
        assert_eq!(set.subsets, set.components);
        assert!(set.complete);
    }

    #[test]
    fn a_game_of_nothing_is_one_component() {
        let zero: Vec<&[i64]> = vec![&[0, 0, 0]; 3];
        let set = solve(&zero, &zero);
        assert_eq!(set.equilibria.len(), 9);
        assert_eq!(set.subsets, [(0..9).collect::<Vec<_>>()]);
    }

    #[test]
    fn two_overlapping_subsets_make_one_component() {
        // Weak dominance 2 x 2: an L of three points.
        let set = solve(&[&[1, 1], &[1, 0]], &[&[1, 1], &[1, 0]]);
        assert_eq!(set.equilibria.len(), 3);
        assert_eq!(set.components.len(), 1);
        assert_eq!(set.subsets.len(), 2);
    }

    #[test]
    fn von_stengels_game_has_75() {
        let file = nfg::read(include_str!("../../tests/games/von_stengel_75.nfg")).unwrap();
        let set = all(&file.game, &never).unwrap();
        assert_eq!((set.equilibria.len(), set.components.len()), (75, 75));
        assert_eq!(nfg::write(&file), include_str!("../../tests/games/von_stengel_75.nfg"));
    }

    #[test]
    fn ten_by_ten_coordination_on_pairs() {
        // Five blocks of 2 x 2 ones: every set S of blocks carries one component, a product of segments with 4^|S|
        // extreme points; together 5^5 - 1 points in 2^5 - 1 components.
        let one: Vec<Vec<Exact>> = (0..10)
            .map(|i| (0..10).map(|j| Exact::integer(i64::from(i / 2 == j / 2))).collect())
            .collect();
        let set = all(&NormalForm::bimatrix(&one, &one).unwrap(), &never).unwrap();
        assert_eq!((set.equilibria.len(), set.components.len()), (3_124, 31));
        assert_eq!(set.subsets.len(), 31);
    }
}
