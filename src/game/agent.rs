//! Agent-form logit equilibria of a tree (McKelvey & Palfrey 1998).
//!
//! Every information set is an agent of its own: it chooses an action with probability proportional to
//! e^(lambda Q), Q the expected payoff of its player given that the set is reached and everybody, the
//! player's later selves included, plays the equilibrium. Since every action keeps a positive
//! probability, beliefs follow from Bayes' rule everywhere; limits at large lambda are sequential
//! equilibria. Reach probabilities are kept as logarithms, so that remote sets keep their beliefs.
#![allow(clippy::doc_markdown, reason = "McKelvey is a name, not code")]

use super::Stop;
use super::best_reply;
use super::error::GameError;
use super::linear::Lu;
use super::normal::Profile;
use super::path::{Factors, Homotopy, track};
use super::quantal::{Branch, Quantal, Wanted, offsets, search_others};
use super::tree::{Move, Tree};
use crate::math;

/// Most unknowns (actions over all information sets): the Jacobian is dense.
pub const UNKNOWNS: usize = 4_000;

struct Agents<'a> {
    tree: &'a Tree,
    sizes: Vec<usize>,
    offsets: Vec<usize>,
    n: usize,
}

/// What a point implies on the tree.
struct State {
    /// e^l per unknown.
    odds: Vec<f64>,
    /// Continuation value per node and player, the node's own payoff included.
    value: Vec<f64>,
    /// Weight of a node within its information set.
    belief: Vec<f64>,
    /// Value of each action, per unknown.
    worth: Vec<f64>,
}

impl<'a> Agents<'a> {
    fn new(tree: &'a Tree) -> Self {
        let sizes: Vec<usize> = tree.sets().iter().map(|s| s.actions.len()).collect();
        Self { tree, offsets: offsets(&sizes), n: sizes.iter().sum(), sizes }
    }

    fn state(&self, point: &[f64]) -> State {
        let tree = self.tree;
        let players = tree.players().len();
        let odds: Vec<f64> = point[..self.n].iter().map(|&l| math::exp(l)).collect();
        let mut reach = vec![0.0; tree.len()];
        for node in 1..tree.len() {
            let Some((p, a)) = tree.parent(node) else { continue };
            reach[node] = reach[p]
                + match tree.turn(p) {
                    Move::Chance(c) => math::ln(tree.odds(c)[a]),
                    Move::Decision(h) => point[self.offsets[h] + a],
                    Move::End => 0.0,
                };
        }
        let mut value = vec![0.0; tree.len() * players];
        for node in (0..tree.len()).rev() {
            if let Some(pay) = tree.payoffs(node) {
                value[node * players..][..players].copy_from_slice(pay);
            }
            for a in 0..tree.branches(node) {
                let p = match tree.turn(node) {
                    Move::Chance(c) => tree.odds(c)[a],
                    Move::Decision(h) => odds[self.offsets[h] + a],
                    Move::End => 0.0,
                };
                let child = tree.child(node, a);
                for i in 0..players {
                    value[node * players + i] += p * value[child * players + i];
                }
            }
        }
        let mut belief = vec![0.0; tree.len()];
        let mut worth = vec![0.0; self.n];
        for (h, set) in tree.sets().iter().enumerate() {
            let members = tree.members(h);
            let top = members.iter().map(|&v| reach[v]).fold(f64::NEG_INFINITY, f64::max);
            let mut total = 0.0;
            for &v in members {
                // A set behind impossible chance moves only: any belief will do.
                belief[v] = if top.is_finite() { math::exp(reach[v] - top) } else { 1.0 };
                total += belief[v];
            }
            for &v in members {
                belief[v] /= total;
                for a in 0..self.sizes[h] {
                    worth[self.offsets[h] + a] +=
                        belief[v] * value[tree.child(v, a) * players + set.player];
                }
            }
        }
        State { odds, value, belief, worth }
    }

    /// Derivatives of every action's worth by every logarithm of a probability.
    fn sensitivities(&self, state: &State) -> Vec<f64> {
        let tree = self.tree;
        let players = tree.players().len();
        let width = self.n + 1;
        let mut out = vec![0.0; width * width];
        for u in 0..tree.len() {
            let Move::Decision(g) = tree.turn(u) else { continue };
            let og = self.offsets[g];
            // Down: choices at u change what every set above it expects of its action towards u.
            let (mut node, mut along) = (u, 1.0);
            while let Some((v, a)) = tree.parent(node) {
                match tree.turn(v) {
                    Move::Chance(c) => along *= tree.odds(c)[a],
                    Move::Decision(h) => {
                        let player = tree.sets()[h].player;
                        let row = (self.offsets[h] + a) * width;
                        let weight = state.belief[v] * along;
                        for b in 0..self.sizes[g] {
                            let worth = state.value[tree.child(u, b) * players + player];
                            out[row + og + b] += weight * state.odds[og + b] * worth;
                        }
                        along *= state.odds[self.offsets[h] + a];
                    }
                    Move::End => {}
                }
                node = v;
            }
            // Up: choices on the way to u change the belief to be at u.
            let player = tree.sets()[g].player;
            let mut node = u;
            while let Some((v, b)) = tree.parent(node) {
                if let Move::Decision(h) = tree.turn(v) {
                    let column = self.offsets[h] + b;
                    for a in 0..self.sizes[g] {
                        let gap =
                            state.value[tree.child(u, a) * players + player] - state.worth[og + a];
                        out[(og + a) * width + column] += state.belief[u] * gap;
                    }
                }
                node = v;
            }
        }
        out
    }

    fn behaviour(&self, point: &[f64]) -> Profile {
        self.sizes
            .iter()
            .zip(&self.offsets)
            .map(|(&k, &o)| {
                let mut row = point[o..o + k].to_vec();
                math::softmax(&mut row);
                row
            })
            .collect()
    }
}

impl Homotopy for Agents<'_> {
    fn unknowns(&self) -> usize {
        self.n
    }

    fn start(&self) -> Vec<f64> {
        #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
        let start =
            self.sizes.iter().flat_map(|&k| std::iter::repeat_n(-math::ln(k as f64), k)).collect();
        start
    }

    fn residual(&self, point: &[f64], out: &mut [f64]) {
        let lambda = point[self.n];
        let state = self.state(point);
        for (&k, &o) in self.sizes.iter().zip(&self.offsets) {
            out[o] = state.odds[o..o + k].iter().sum::<f64>() - 1.0;
            for a in 1..k {
                out[o + a] =
                    point[o + a] - point[o] - lambda * (state.worth[o + a] - state.worth[o]);
            }
        }
    }

    fn factor(&self, point: &[f64], border: &[f64]) -> Option<Factors> {
        let (n, width) = (self.n, self.n + 1);
        let lambda = point[n];
        let state = self.state(point);
        let mut matrix = self.sensitivities(&state);
        for (&k, &o) in self.sizes.iter().zip(&self.offsets) {
            let first = matrix[o * width..][..width].to_vec();
            for a in 1..k {
                let row = &mut matrix[(o + a) * width..][..width];
                for (x, f) in row.iter_mut().zip(&first) {
                    *x = -lambda * (*x - f);
                }
                row[o] -= 1.0;
                row[o + a] += 1.0;
                row[n] = state.worth[o] - state.worth[o + a];
            }
            let row = &mut matrix[o * width..][..width];
            row.fill(0.0);
            row[o..o + k].copy_from_slice(&state.odds[o..o + k]);
        }
        matrix[n * width..].copy_from_slice(border);
        let lu = Lu::new(matrix, width)?;
        Some(Factors { negative: lu.is_negative(), solve: Box::new(move |x| lu.solve(x)) })
    }
}

/// Follows the principal branch of agent-form logit equilibria to the wanted values.
///
/// Profiles have one row per information set. No bound of uniqueness is used on trees, so `unique` is false.
///
/// # Errors
/// When the tree has more than [`UNKNOWNS`] actions, or no decision.
pub fn principal_branch(tree: &Tree, wanted: &Wanted, stop: Stop<'_>) -> Result<Branch, GameError> {
    let agents = Agents::new(tree);
    if agents.n == 0 {
        return Err(GameError::new("nobody decides anything in this tree"));
    }
    if agents.n > UNKNOWNS {
        return Err(GameError::new(format!(
            "{} actions are too many for logit equilibria (at most {UNKNOWNS})",
            agents.n
        )));
    }
    let range = payoff_range(tree);
    let tracked = track(&agents, &wanted.lambdas, 0.1 / range, wanted.path, stop);
    let at = tracked
        .hits
        .iter()
        .map(|hit| {
            let profile = agents.behaviour(&hit.at);
            let lambda = hit.lambda();
            let (others, starts) = search_others(
                &agents,
                hit,
                wanted.starts,
                stop,
                &|draws| {
                    let rows = agents.sizes.iter().map(|&k| draws.simplex(k));
                    rows.flatten().map(math::ln).collect()
                },
                &|point| agents.behaviour(point),
                &|profile| best_reply::logit_residual(tree, lambda, profile),
            );
            Quantal {
                lambda: hit.lambda(),
                payoffs: tree.expected(&profile),
                residual: best_reply::logit_residual(tree, hit.lambda(), &profile),
                exploitability: best_reply::exploitability(tree, &profile).unwrap_or(f64::NAN),
                folds: hit.folds,
                pitchforks: hit.crossings,
                unique: false,
                others,
                starts,
                profile,
            }
        })
        .collect();
    let path = tracked.points.iter().map(|p| (p.lambda(), agents.behaviour(&p.at))).collect();
    Ok(Branch { at, path, end: tracked.end })
}

/// Largest difference between two sums of payoffs along paths, over players; 1 when there is none.
fn payoff_range(tree: &Tree) -> f64 {
    let players = tree.players().len();
    let mut sums = vec![0.0; tree.len() * players];
    let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); players];
    for node in 0..tree.len() {
        for i in 0..players {
            let before = tree.parent(node).map_or(0.0, |(p, _)| sums[p * players + i]);
            sums[node * players + i] = before + tree.payoff(node, i);
            if tree.turn(node) == Move::End {
                let s = sums[node * players + i];
                ends[i] = (ends[i].0.min(s), ends[i].1.max(s));
            }
        }
    }
    let widest = ends.iter().map(|(l, h)| h - l).fold(0.0, f64::max);
    if widest > 0.0 { widest } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::efg;

    #[test]
    fn derivatives_agree_with_differences() {
        let tree = efg::read(include_str!("../../tests/games/crisis_audience_cost.efg")).unwrap();
        let agents = Agents::new(&tree);
        let mut point: Vec<f64> =
            (0..agents.n).map(|k| -0.4 - 0.1 * f64::from(u32::try_from(k % 5).unwrap())).collect();
        point.push(0.8);
        let width = agents.n + 1;
        let exact = agents.sensitivities(&agents.state(&point));
        let worth = |p: &[f64]| agents.state(p).worth;
        for k in 0..agents.n {
            let (mut up, mut down) = (point.clone(), point.clone());
            up[k] += 1e-6;
            down[k] -= 1e-6;
            for (row, (a, b)) in worth(&up).iter().zip(worth(&down)).enumerate() {
                let difference = (a - b) / 2e-6;
                assert!((difference - exact[row * width + k]).abs() < 1e-8, "{row} {k}");
            }
        }
    }
}
