//! All equilibria of a game with any number of players, and whether they are surely all.
//!
//! Supports are enumerated player by player; a support holding an action that is beaten whatever the
//! rest does, given the supports chosen so far, is cut off (Porter, Nudelman & Shoham 2008). For a full
//! choice of supports the equations of equal worth are solved by bisection of boxes: a box is dropped
//! when bounds rule out equality, and settled when Krawczyk's operator (1969) proves that Newton's root
//! is the only one near it. If every box is settled the list is complete; a box that stays open, as
//! in degenerate games with a continuum of equilibria, makes it honestly incomplete.
//!
//! Bounds are floats widened by 1e-12 of the payoffs' size, not directed rounding.

use super::Stop;
use super::certificate;
use super::dominance;
use super::linear::solve;
use super::normal::{NormalForm, Profile};
use super::pure;

/// Equilibria found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Profiles in lexicographic order.
    pub equilibria: Vec<Profile>,
    /// Whether these are proved to be all.
    pub complete: bool,
    /// Whether the search was stopped by the caller.
    pub stopped: bool,
}

/// Boxes examined at most per choice of supports.
const BOXES: usize = 20_000;
/// A box narrower than this is given up.
const NARROW: f64 = 1e-7;
/// Two profiles nearer than this are one.
const SAME: f64 = 1e-7;
/// Regret allowed, as a share of the payoffs' range.
const REGRET: f64 = 1e-9;

struct Search<'a> {
    game: &'a NormalForm,
    slack: f64,
    tolerance: f64,
    found: Vec<Profile>,
    open: bool,
    stopped: bool,
    stop: Stop<'a>,
}

/// Bounds of every probability, `[player][action]`.
type Bounds = Vec<Vec<(f64, f64)>>;

/// Searches for all equilibria.
#[must_use]
pub fn all(game: &NormalForm, stop: Stop<'_>) -> Found {
    // Strictly dominated actions are in no equilibrium.
    let kept = dominance::iterated_strict(game).kept;
    let Ok(core) = game.restricted(&kept) else {
        return Found { equilibria: Vec::new(), complete: false, stopped: false };
    };
    let size = (0..core.count())
        .flat_map(|i| core.payoffs(i))
        .fold(0.0f64, |m, u| m.max(u.abs()))
        .max(f64::MIN_POSITIVE);
    let mut search = Search {
        game: &core,
        slack: 1e-12 * size,
        tolerance: REGRET * core.spread(),
        found: Vec::new(),
        open: false,
        stopped: false,
        stop,
    };
    let (points, done) = pure::all(&core, stop);
    search.stopped |= !done;
    for point in &points {
        let profile = point
            .iter()
            .zip(core.sizes())
            .map(|(&a, &k)| (0..k).map(|b| if a == b { 1.0 } else { 0.0 }).collect())
            .collect();
        search.found.push(profile);
    }
    let full: Vec<Vec<bool>> = core.sizes().iter().map(|&k| vec![true; k]).collect();
    search.choose(0, full);
    let mut equilibria: Vec<Profile> = search
        .found
        .iter()
        .map(|profile| {
            let mut wide: Profile = game.sizes().iter().map(|&k| vec![0.0; k]).collect();
            for (i, row) in profile.iter().enumerate() {
                for (&a, &p) in kept[i].iter().zip(row) {
                    wide[i][a] = p;
                }
            }
            wide
        })
        .collect();
    equilibria.sort_by(|a, b| {
        let order = a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| x.total_cmp(y));
        order.into_iter().find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    Found { equilibria, complete: !search.open && !search.stopped, stopped: search.stopped }
}

impl Search<'_> {
    /// Chooses the support of `player` and of those after it.
    fn choose(&mut self, player: usize, allowed: Vec<Vec<bool>>) {
        if self.stopped || (self.stop)() {
            self.stopped = true;
            return;
        }
        let n = self.game.count();
        if player == n {
            if allowed.iter().any(|row| row.iter().filter(|&&b| b).count() > 1) {
                self.solve(&allowed);
            }
            return;
        }
        let actions: Vec<usize> =
            (0..self.game.sizes()[player]).filter(|&a| allowed[player][a]).collect();
        if actions.len() > 16 {
            self.open = true;
            return;
        }
        for mask in 1u32..1 << actions.len() {
            let mut next = allowed.clone();
            next[player].fill(false);
            for (bit, &a) in actions.iter().enumerate() {
                next[player][a] = mask >> bit & 1 == 1;
            }
            if self.cut(player, &mut next) {
                self.choose(player + 1, next);
            }
        }
    }

    /// Drops from the open players what is beaten given the supports so far; false when a chosen
    /// player's support holds a beaten action or an open player is left without any.
    fn cut(&self, chosen: usize, allowed: &mut [Vec<bool>]) -> bool {
        let mut again = true;
        while again {
            again = false;
            let bounds: Bounds = allowed
                .iter()
                .map(|row| row.iter().map(|&b| (0.0, if b { 1.0 } else { 0.0 })).collect())
                .collect();
            for (i, own) in allowed.iter_mut().enumerate() {
                for (a, open) in own.iter_mut().enumerate().filter(|(_, open)| **open) {
                    let beaten = (0..self.game.sizes()[i])
                        .any(|b| b != a && self.difference(i, b, a, &bounds).0 > self.slack);
                    if beaten {
                        if i <= chosen {
                            return false;
                        }
                        *open = false;
                        again = true;
                    }
                }
                if !own.contains(&true) {
                    return false;
                }
            }
        }
        true
    }

    /// Bounds of what action `a` pays player `i` more than `b`.
    fn difference(&self, i: usize, a: usize, b: usize, bounds: &Bounds) -> (f64, f64) {
        let stride = self.game.stride(i);
        self.range(0, i, usize::MAX, a * stride, b * stride, bounds)
    }

    /// Bounds over the mixtures of the players from `j` on, except `i` and `skip`.
    fn range(
        &self,
        j: usize,
        i: usize,
        skip: usize,
        a: usize,
        b: usize,
        bounds: &Bounds,
    ) -> (f64, f64) {
        if j == self.game.count() {
            let table = self.game.payoffs(i);
            let gap = table[a] - table[b];
            return (gap, gap);
        }
        if j == i || j == skip {
            return self.range(j + 1, i, skip, a, b, bounds);
        }
        let stride = self.game.stride(j);
        let parts: Vec<((f64, f64), (f64, f64))> = bounds[j]
            .iter()
            .enumerate()
            .filter(|(_, p)| p.1 > 0.0)
            .map(|(c, &p)| (p, self.range(j + 1, i, skip, a + c * stride, b + c * stride, bounds)))
            .collect();
        let low = extreme(parts.iter().map(|&(p, v)| (p, v.0)).collect());
        let high = -extreme(parts.iter().map(|&(p, v)| (p, -v.1)).collect());
        (low, high)
    }

    /// Solves the equations of one choice of supports.
    fn solve(&mut self, support: &[Vec<bool>]) {
        let start: Bounds = support
            .iter()
            .map(|row| row.iter().map(|&b| (0.0, if b { 1.0 } else { 0.0 })).collect())
            .collect();
        let mut stack = vec![start];
        let mut examined = 0;
        while let Some(mut bounds) = stack.pop() {
            examined += 1;
            if examined > BOXES {
                self.open = true;
                return;
            }
            if examined % 64 == 0 && (self.stop)() {
                self.stopped = true;
                return;
            }
            if !tighten(&mut bounds) || self.excluded(support, &bounds) {
                continue;
            }
            match self.settle(support, &bounds) {
                Settled::Proved => continue,
                Settled::Open => {}
            }
            let mut widest = (0, 0, 0.0);
            for (i, row) in bounds.iter().enumerate() {
                for (a, (low, high)) in row.iter().enumerate() {
                    if high - low > widest.2 {
                        widest = (i, a, high - low);
                    }
                }
            }
            let (i, a, width) = widest;
            if width < NARROW {
                self.open = true;
                continue;
            }
            // Not the middle: roots like 1/2 would sit on the cut.
            let cut = bounds[i][a].0 + 0.483 * width;
            let mut upper = bounds.clone();
            bounds[i][a].1 = cut;
            upper[i][a].0 = cut;
            stack.push(upper);
            stack.push(bounds);
        }
    }

    /// Whether bounds rule out an equilibrium with this support in the box.
    fn excluded(&self, support: &[Vec<bool>], bounds: &Bounds) -> bool {
        (0..self.game.count()).any(|i| {
            let own = &support[i];
            (0..own.len()).filter(|&a| own[a]).any(|a| {
                (0..own.len()).any(|b| b != a && self.difference(i, b, a, bounds).0 > self.slack)
            })
        })
    }

    /// Newton's root near the box, and whether it is proved to be the only one there.
    fn settle(&mut self, support: &[Vec<bool>], bounds: &Bounds) -> Settled {
        let middle: Profile =
            bounds.iter().map(|row| row.iter().map(|(l, h)| 0.5 * (l + h)).collect()).collect();
        // The reference action of a player: the likeliest in the middle of the box.
        let system = Unknowns::new(support, &middle);
        let Some(root) = self.newton(&system, middle) else { return Settled::Open };
        let reach = bounds
            .iter()
            .flatten()
            .zip(root.iter().flatten())
            .map(|(&(l, h), &x)| (x - l).abs().max((h - x).abs()))
            .fold(0.0, f64::max);
        // A box around the root that covers the whole box; if the root is alone in it, all is known.
        let around: Bounds = root
            .iter()
            .zip(support)
            .map(|(row, own)| {
                row.iter()
                    .zip(own)
                    .map(
                        |(&x, &b)| {
                            if b { (x - reach * 1.01, x + reach * 1.01) } else { (0.0, 0.0) }
                        },
                    )
                    .collect()
            })
            .collect();
        if !self.alone(&system, &root, &around, reach * 1.01) {
            return Settled::Open;
        }
        self.accept(root);
        Settled::Proved
    }

    fn accept(&mut self, mut root: Profile) {
        if root.iter().flatten().any(|&p| p < -1e-9) {
            return;
        }
        for row in &mut root {
            row.iter_mut().for_each(|p| *p = if *p < 1e-12 { 0.0 } else { *p });
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= total);
        }
        let known = self.found.iter().any(|p| {
            p.iter().flatten().zip(root.iter().flatten()).all(|(a, b)| (a - b).abs() < SAME)
        });
        if !known && certificate::max_regret(self.game, &root) <= self.tolerance {
            self.found.push(root);
        }
    }

    fn newton(&self, system: &Unknowns, mut profile: Profile) -> Option<Profile> {
        let d = system.list.len();
        for round in 0..30 {
            let mut matrix = vec![0.0; d * d];
            let point: Bounds =
                profile.iter().map(|r| r.iter().map(|&p| (p, p)).collect()).collect();
            let right: Vec<f64> = system
                .list
                .iter()
                .map(|&(i, a)| {
                    self.worth(i, a, &profile) - self.worth(i, system.reference[i], &profile)
                })
                .collect();
            for (r, &(i, a)) in system.list.iter().enumerate() {
                for (c, &(j, b)) in system.list.iter().enumerate() {
                    if i != j {
                        matrix[r * d + c] = self.slope(system, (i, a), (j, b), &point).0;
                    }
                }
            }
            let step = solve(matrix, right)?;
            let size = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
            for (&(i, a), s) in system.list.iter().zip(&step) {
                profile[i][a] -= s;
            }
            system.close(&mut profile);
            if size < 1e-14 || (round > 8 && size < 1e-12) {
                return Some(profile);
            }
            if size > 10.0 {
                return None;
            }
        }
        None
    }

    fn worth(&self, i: usize, a: usize, profile: &[Vec<f64>]) -> f64 {
        let mut values = vec![0.0; self.game.sizes()[i]];
        self.game.action_values(i, profile, &mut values);
        values[a]
    }

    /// Bounds of the derivative of "worth of a less worth of the reference" by a probability, what is
    /// gained there being lost by that player's reference action.
    fn slope(
        &self,
        system: &Unknowns,
        (i, a): (usize, usize),
        (j, b): (usize, usize),
        bounds: &Bounds,
    ) -> (f64, f64) {
        let (si, sj) = (self.game.stride(i), self.game.stride(j));
        let at = |c: usize| {
            self.free(0, i, j, a * si + c * sj, system.reference[i] * si + c * sj, bounds)
        };
        let (up, down) = (at(b), at(system.reference[j]));
        (up.0 - down.1, up.1 - down.0)
    }

    /// As `range`, for probabilities that need not be a mixture: plain interval arithmetic.
    fn free(
        &self,
        k: usize,
        i: usize,
        j: usize,
        a: usize,
        b: usize,
        bounds: &Bounds,
    ) -> (f64, f64) {
        if k == self.game.count() {
            let gap = self.game.payoffs(i)[a] - self.game.payoffs(i)[b];
            return (gap, gap);
        }
        if k == i || k == j {
            return self.free(k + 1, i, j, a, b, bounds);
        }
        let stride = self.game.stride(k);
        let mut sum = (0.0, 0.0);
        for (c, &(low, high)) in bounds[k].iter().enumerate() {
            if low.abs() > 0.0 || high.abs() > 0.0 {
                let v = self.free(k + 1, i, j, a + c * stride, b + c * stride, bounds);
                let products = [low * v.0, low * v.1, high * v.0, high * v.1];
                sum.0 += products.iter().copied().fold(f64::INFINITY, f64::min);
                sum.1 += products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            }
        }
        sum
    }

    /// Krawczyk's test around a root: with Y the inverse of the derivative at the root, the only root in a
    /// box of half-width `reach` is this one when |I - Y F'(box)| < 1 in the row-sum norm.
    fn alone(&self, system: &Unknowns, root: &[Vec<f64>], around: &Bounds, reach: f64) -> bool {
        let d = system.list.len();
        if d == 0 {
            return true;
        }
        // The reference probabilities move by the sum of the others' moves.
        let mut wide = around.clone();
        for (i, &r) in system.reference.iter().enumerate() {
            let others = system.list.iter().filter(|(j, _)| *j == i).count();
            #[allow(clippy::cast_precision_loss, reason = "numbers of actions are small")]
            let spread = reach * others as f64;
            wide[i][r] = (root[i][r] - spread, root[i][r] + spread);
        }
        let exact: Bounds = root.iter().map(|r| r.iter().map(|&p| (p, p)).collect()).collect();
        let mut at_root = vec![0.0; d * d];
        let mut over_box = vec![(0.0, 0.0); d * d];
        for (r, &row) in system.list.iter().enumerate() {
            for (c, &column) in system.list.iter().enumerate() {
                if row.0 != column.0 {
                    at_root[r * d + c] = self.slope(system, row, column, &exact).0;
                    let (low, high) = self.slope(system, row, column, &wide);
                    over_box[r * d + c] = (low - self.slack, high + self.slack);
                }
            }
        }
        let mut inverse = vec![0.0; d * d];
        for c in 0..d {
            let mut unit = vec![0.0; d];
            unit[c] = 1.0;
            let Some(column) = solve(at_root.clone(), unit) else { return false };
            for (r, x) in column.iter().enumerate() {
                inverse[r * d + c] = *x;
            }
        }
        (0..d).all(|r| {
            let sum: f64 = (0..d)
                .map(|c| {
                    let mut entry = (0.0, 0.0);
                    for k in 0..d {
                        let y = inverse[r * d + k];
                        let (low, high) = over_box[k * d + c];
                        let (p, q) = (y * low, y * high);
                        entry = (entry.0 + p.min(q), entry.1 + p.max(q));
                    }
                    let unit = if r == c { 1.0 } else { 0.0 };
                    (unit - entry.0).abs().max((unit - entry.1).abs())
                })
                .sum();
            sum < 0.999
        })
    }
}

enum Settled {
    Proved,
    Open,
}

/// The probabilities solved for: all supported actions but one reference per player.
struct Unknowns {
    list: Vec<(usize, usize)>,
    reference: Vec<usize>,
}

impl Unknowns {
    fn new(support: &[Vec<bool>], middle: &[Vec<f64>]) -> Self {
        let reference: Vec<usize> = support
            .iter()
            .zip(middle)
            .map(|(own, row)| {
                let supported = (0..own.len()).filter(|&a| own[a]);
                supported.max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0)
            })
            .collect();
        let list = support
            .iter()
            .enumerate()
            .flat_map(|(i, own)| (0..own.len()).filter(|&a| own[a]).map(move |a| (i, a)))
            .filter(|&(i, a)| reference[i] != a)
            .collect();
        Self { list, reference }
    }

    /// Sets the reference probabilities to what the others leave.
    fn close(&self, profile: &mut [Vec<f64>]) {
        for (i, &r) in self.reference.iter().enumerate() {
            let rest: f64 =
                self.list.iter().filter(|(j, _)| *j == i).map(|&(_, a)| profile[i][a]).sum();
            profile[i][r] = 1.0 - rest;
        }
    }
}

/// Least value of sum p v over probabilities within bounds that sum to 1 (greedy, exact).
fn extreme(mut parts: Vec<((f64, f64), f64)>) -> f64 {
    parts.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut left: f64 = 1.0 - parts.iter().map(|(p, _)| p.0).sum::<f64>();
    let mut total = 0.0;
    for ((low, high), value) in parts {
        let more = left.min(high - low).max(0.0);
        total += (low + more) * value;
        left -= more;
    }
    total
}

/// Draws bounds together by the sum of 1; false when no mixture is left.
fn tighten(bounds: &mut Bounds) -> bool {
    for row in bounds {
        let (low, high) = row.iter().fold((0.0, 0.0), |(l, h), p| (l + p.0, h + p.1));
        if low > 1.0 + 1e-12 || high < 1.0 - 1e-12 {
            return false;
        }
        for p in row.iter_mut() {
            *p = (p.0.max(1.0 - (high - p.1)), p.1.min(1.0 - (low - p.0)));
            if p.0 > p.1 {
                *p = (0.5 * (p.0 + p.1), 0.5 * (p.0 + p.1));
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;
    use crate::math::close;

    #[test]
    fn three_players_coordinate() {
        // 1 if all play first, 2 if all play second: the mixed point is 2 - sqrt 2.
        let table: Vec<f64> = (0..8).map(|c| [1.0, 0., 0., 0., 0., 0., 0., 2.0][c]).collect();
        let game = NormalForm::floats(&[2, 2, 2], vec![table; 3]).unwrap();
        let found = all(&game, &never);
        assert!(found.complete);
        assert_eq!(found.equilibria.len(), 3);
        assert!(close(found.equilibria[1][0][0], 2.0 - 2f64.sqrt(), 1e-12));
    }

    #[test]
    fn volunteers_mix_at_the_known_rate() {
        // Diekmann (1985): nobody volunteers with probability (cost / benefit)^(1 / (n - 1)).
        let pay = |c: usize, i: usize| match (c >> i & 1, c) {
            (1, _) => 1.0,
            (_, 0) => 0.0,
            _ => 2.0,
        };
        let tables = (0..3).map(|i| (0..8).map(|c| pay(c, i)).collect()).collect();
        let game = NormalForm::floats(&[2, 2, 2], tables).unwrap();
        let found = all(&game, &never);
        let rate = 0.5f64.sqrt();
        assert!(found.complete);
        let symmetric = |p: &&Profile| p.iter().all(|row| close(row[0], rate, 1e-12));
        assert_eq!(found.equilibria.iter().filter(symmetric).count(), 1);
        // Nash's three-player game of this shape: 3 pure, 1 fully mixed, 3 with one sure refuser.
        assert_eq!(found.equilibria.len(), 7);
    }

    #[test]
    fn a_continuum_is_not_called_complete() {
        let game = NormalForm::floats(&[2, 2, 2], vec![vec![0.0; 8]; 3]).unwrap();
        let found = all(&game, &never);
        assert!(!found.complete);
        assert_eq!(found.equilibria.len(), 8);
    }
}
