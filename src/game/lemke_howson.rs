//! One equilibrium of a two-player game, fast: complementary pivoting (Lemke & Howson 1964).
//!
//! Two dictionaries in floats, one per best-reply polytope; the missing label is dropped and the
//! duplicate label followed until it returns. Ratio ties are broken lexicographically, which ends
//! cycling in degenerate games (von Stengel 2002). The answer is recomputed from its supports and
//! handed out only when its regret passes; another label is tried otherwise.

use super::Stop;
use super::certificate;
use super::linear::solve;
use super::normal::{NormalForm, Profile};

/// The equilibrium found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Mixed strategies of both players.
    pub profile: Profile,
    /// The label dropped at the start: an action of player 1, or of player 2 after them.
    pub label: usize,
    /// Pivots made.
    pub pivots: usize,
}

/// Entries below this, relative to 1, count as zero in the ratio test.
const ZERO: f64 = 1e-11;

struct Dictionary {
    rows: usize,
    /// Columns: `rows` slacks and the free variables together, then the right-hand side.
    stride: usize,
    entries: Vec<f64>,
    basic: Vec<usize>,
}

impl Dictionary {
    /// `matrix(row, column)`; `columns[k]` and `slacks[r]` are the labels.
    fn new(
        rows: usize,
        columns: usize,
        column_label: impl Fn(usize) -> usize,
        slack_label: impl Fn(usize) -> usize,
        matrix: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let stride = rows + columns + 1;
        let mut entries = vec![0.0; rows * stride];
        for r in 0..rows {
            for c in 0..columns {
                entries[r * stride + column_label(c)] = matrix(r, c);
            }
            entries[r * stride + slack_label(r)] = 1.0;
            entries[r * stride + stride - 1] = 1.0;
        }
        Self { rows, stride, entries, basic: (0..rows).map(slack_label).collect() }
    }

    /// Lets `label` enter; gives the label that leaves.
    fn enter(&mut self, label: usize, slacks: impl Fn(usize) -> usize) -> Option<usize> {
        let (stride, right) = (self.stride, self.stride - 1);
        let mut best: Option<usize> = None;
        for r in 0..self.rows {
            let coefficient = self.entries[r * stride + label];
            if coefficient <= ZERO {
                continue;
            }
            let Some(k) = best else {
                best = Some(r);
                continue;
            };
            let other = self.entries[k * stride + label];
            let mut columns = std::iter::once(right).chain((0..self.rows).map(&slacks));
            let less = columns.find_map(|c| {
                let gap = self.entries[r * stride + c] / coefficient
                    - self.entries[k * stride + c] / other;
                (gap.abs() > ZERO).then_some(gap < 0.0)
            });
            if less == Some(true) {
                best = Some(r);
            }
        }
        let row = best?;
        let pivot = self.entries[row * stride + label];
        for x in &mut self.entries[row * stride..][..stride] {
            *x /= pivot;
        }
        let pivot_row = self.entries[row * stride..][..stride].to_vec();
        for (r, line) in self.entries.chunks_mut(stride).enumerate() {
            let factor = line[label];
            if r != row && factor.abs() > 0.0 {
                for (x, p) in line.iter_mut().zip(&pivot_row) {
                    *x -= factor * p;
                }
                line[label] = 0.0;
            }
        }
        Some(std::mem::replace(&mut self.basic[row], label))
    }
}

/// Follows the path of one dropped label; none when it runs into numerical trouble or is stopped.
#[must_use]
pub fn follow(game: &NormalForm, label: usize, stop: Stop<'_>) -> Option<Found> {
    let (m, n) = (game.sizes()[0], game.sizes()[1]);
    let (u, v) = (game.payoffs(0), game.payoffs(1));
    let positive = |table: &[f64]| {
        let low = table.iter().copied().fold(f64::INFINITY, f64::min);
        let high = table.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let scale = if high > low { high - low } else { 1.0 };
        table.iter().map(|x| (x - low) / scale + 1.0).collect::<Vec<f64>>()
    };
    let (u, v) = (positive(u), positive(v));
    // Labels 0..m are player 1's actions, m..m+n player 2's, in both dictionaries.
    let mut p = Dictionary::new(n, m, |c| c, |r| m + r, |r, c| v[c + r * m]);
    let mut q = Dictionary::new(m, n, |c| m + c, |r| r, |r, c| u[r + c * m]);
    let mut entering = label;
    // The variable of a label of player 1 is free in p at the start, of player 2 in q.
    let mut in_p = label < m;
    for pivots in 1..=50 * (m + n) {
        if stop() {
            return None;
        }
        let leaving = if in_p { p.enter(entering, |k| m + k) } else { q.enter(entering, |k| k) }?;
        if leaving == label {
            let mut profile = vec![vec![0.0; m], vec![0.0; n]];
            for (d, base, row) in [(&p, 0, 0), (&q, m, 1)] {
                for (r, &l) in d.basic.iter().enumerate() {
                    if let Some(a) = l.checked_sub(base).filter(|a| *a < profile[row].len()) {
                        profile[row][a] = d.entries[r * d.stride + d.stride - 1].max(0.0);
                    }
                }
            }
            for row in &mut profile {
                let total: f64 = row.iter().sum();
                row.iter_mut().for_each(|x| *x /= total);
            }
            return Some(Found { profile: polish(game, profile), label, pivots });
        }
        entering = leaving;
        in_p = !in_p;
    }
    None
}

/// One equilibrium whose largest regret is below 1e-9 of the payoffs' range; the label that led there
/// is part of the answer.
///
/// None when the game has not two players, the search is stopped, or no label succeeds.
#[must_use]
pub fn one(game: &NormalForm, stop: Stop<'_>) -> Option<Found> {
    if game.count() != 2 {
        return None;
    }
    let tolerance = 1e-9 * game.spread();
    (0..game.sizes().iter().sum())
        .filter_map(|label| follow(game, label, stop))
        .find(|found| certificate::max_regret(game, &found.profile) <= tolerance)
}

/// The profile recomputed from its supports, when that improves it.
fn polish(game: &NormalForm, profile: Profile) -> Profile {
    let supports: Vec<Vec<usize>> =
        profile.iter().map(|row| (0..row.len()).filter(|&a| row[a] > 1e-9).collect()).collect();
    let (s, t) = (&supports[0], &supports[1]);
    if s.len() != t.len() {
        return profile;
    }
    let k = s.len();
    // Equal worth of the other's supported actions, and a sum of 1; the last unknown is the worth.
    let mixture = |player: usize| {
        let (mine, other) = (&supports[player], &supports[1 - player]);
        let mut matrix = vec![0.0; (k + 1) * (k + 1)];
        let mut right = vec![0.0; k + 1];
        for (r, &b) in other.iter().enumerate() {
            for (c, &a) in mine.iter().enumerate() {
                let cell = if player == 0 { [a, b] } else { [b, a] };
                matrix[r * (k + 1) + c] = game.payoffs(1 - player)[game.cell(&cell)];
            }
            matrix[r * (k + 1) + k] = -1.0;
        }
        matrix[k * (k + 1)..][..k].fill(1.0);
        right[k] = 1.0;
        solve(matrix, right).map(|x| {
            let mut row = vec![0.0; game.sizes()[player]];
            for (&a, p) in mine.iter().zip(x) {
                row[a] = p;
            }
            row
        })
    };
    match (mixture(0), mixture(1)) {
        (Some(x), Some(y)) if x.iter().chain(&y).all(|&p| p >= 0.0) => {
            let better = vec![x, y];
            let gain = certificate::max_regret(game, &better);
            if gain < certificate::max_regret(game, &profile) { better } else { profile }
        }
        _ => profile,
    }
}
