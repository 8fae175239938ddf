//! Linear programs, exact in fractions or in floats: the two-phase simplex method (Dantzig 1963).
//!
//! Maximise c x subject to rows a x <= b or a x = b and x >= 0. In fractions Bland's rule (1977) ends
//! every degenerate run; in floats the largest coefficient enters until progress stops, then Bland's
//! rule. Multipliers of the rows come with the solution: they are the other side of a zero-sum game.

use super::Stop;
use num_traits::{Num, Signed};

/// One constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// Coefficients of the variables.
    pub coefficients: Vec<T>,
    /// Right-hand side.
    pub right: T,
    /// Whether the row is an equation; otherwise at most.
    pub equal: bool,
}

/// An optimal solution.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum<T> {
    /// Values of the variables.
    pub x: Vec<T>,
    /// Multipliers of the rows.
    pub multipliers: Vec<T>,
    /// The objective.
    pub value: T,
}

/// Why there is no optimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No point satisfies the rows.
    Infeasible,
    /// The objective grows without end.
    Unbounded,
    /// Stopped by the caller, or too many pivots in floats.
    Stopped,
}

struct Tableau<T> {
    stride: usize,
    entries: Vec<T>,
    basic: Vec<usize>,
    epsilon: T,
}

impl<T: Num + Signed + PartialOrd + Clone> Tableau<T> {
    fn pivot(&mut self, row: usize, column: usize) {
        let stride = self.stride;
        let pivot = self.entries[row * stride + column].clone();
        for x in &mut self.entries[row * stride..][..stride] {
            if !x.is_zero() {
                *x = x.clone() / pivot.clone();
            }
        }
        let pivot_row = self.entries[row * stride..][..stride].to_vec();
        for (r, line) in self.entries.chunks_mut(stride).enumerate() {
            let factor = line[column].clone();
            if r == row || factor.is_zero() {
                continue;
            }
            for (x, p) in line.iter_mut().zip(&pivot_row) {
                if !p.is_zero() {
                    *x = x.clone() - factor.clone() * p.clone();
                }
            }
            line[column] = T::zero();
        }
        if row < self.basic.len() {
            self.basic[row] = column;
        }
    }

    /// Maximises the objective in row `goal` (reduced costs negated) over columns below `limit`.
    fn maximise(&mut self, goal: usize, limit: usize, stop: Stop<'_>) -> Result<(), Failure> {
        let (stride, rows) = (self.stride, self.basic.len());
        let mut idle = 0;
        for round in 0..200_000 {
            if round % 16 == 0 && stop() {
                return Err(Failure::Stopped);
            }
            let costs = &self.entries[goal * stride..][..limit];
            let eligible = |j: &usize| costs[*j] < -self.epsilon.clone();
            // In fractions (epsilon 0) always the first column; in floats the steepest while it helps.
            let bland = self.epsilon.is_zero() || idle > 50;
            let mut column = (0..limit).find(eligible);
            if let (false, Some(mut best)) = (bland, column) {
                for j in best + 1..limit {
                    if costs[j] < costs[best] {
                        best = j;
                    }
                }
                column = Some(best);
            }
            let Some(column) = column else { return Ok(()) };
            let mut best: Option<(usize, T)> = None;
            for r in 0..rows {
                let a = &self.entries[r * stride + column];
                if *a > self.epsilon {
                    let ratio = self.entries[r * stride + stride - 1].clone() / a.clone();
                    let better = best.as_ref().is_none_or(|(k, b)| {
                        ratio < *b || (ratio == *b && self.basic[r] < self.basic[*k])
                    });
                    if better {
                        best = Some((r, ratio));
                    }
                }
            }
            let Some((row, ratio)) = best else { return Err(Failure::Unbounded) };
            idle = if ratio > self.epsilon { 0 } else { idle + 1 };
            self.pivot(row, column);
        }
        Err(Failure::Stopped)
    }
}

/// Maximises `goal` under the rows; numbers below `epsilon` count as zero (0 for fractions).
///
/// # Errors
/// When there is no feasible point, no bound, or the search was stopped.
pub fn maximise<T: Num + Signed + PartialOrd + Clone>(
    goal: &[T],
    rows: &[Row<T>],
    epsilon: &T,
    stop: Stop<'_>,
) -> Result<Optimum<T>, Failure> {
    let (n, m) = (goal.len(), rows.len());
    // Columns: variables, one slack or artificial pair per row, right-hand side.
    let stride = n + 2 * m + 1;
    let mut entries = vec![T::zero(); (m + 2) * stride];
    let mut basic = Vec::with_capacity(m);
    let mut flipped = Vec::with_capacity(m);
    for (r, row) in rows.iter().enumerate() {
        let negative = row.right.is_negative();
        let sign = |x: &T| if negative { T::zero() - x.clone() } else { x.clone() };
        let line = &mut entries[r * stride..][..stride];
        for (x, a) in line.iter_mut().zip(&row.coefficients) {
            *x = sign(a);
        }
        line[stride - 1] = sign(&row.right);
        if !row.equal {
            line[n + r] = sign(&T::one());
        }
        line[n + m + r] = T::one();
        flipped.push(negative);
        if row.equal || negative {
            basic.push(n + m + r);
        } else {
            basic.push(n + r);
        }
    }
    for (x, c) in entries[m * stride..][..n].iter_mut().zip(goal) {
        *x = T::zero() - c.clone();
    }
    // Phase one: the artificial variables, in the last row, are driven out.
    for r in 0..m {
        if basic[r] >= n + m {
            for c in (0..n + m).chain([stride - 1]) {
                let a = entries[r * stride + c].clone();
                let x = &mut entries[(m + 1) * stride + c];
                *x = x.clone() - a;
            }
        }
    }
    let mut tableau = Tableau { stride, entries, basic, epsilon: epsilon.clone() };
    if tableau.basic.iter().any(|&b| b >= n + m) {
        tableau.maximise(m + 1, n + m, stop)?;
        let rest = tableau.entries[(m + 2) * stride - 1].clone();
        let scale = rows.iter().fold(T::one(), |s, r| s + r.right.abs());
        if rest.abs() > epsilon.clone() * scale {
            return Err(Failure::Infeasible);
        }
        for r in 0..m {
            if tableau.basic[r] >= n + m {
                let column = (0..n + m).find(|&c| tableau.entries[r * stride + c].abs() > *epsilon);
                if let Some(c) = column {
                    tableau.pivot(r, c);
                }
            }
        }
    }
    tableau.maximise(m, n + m, stop)?;
    let mut x = vec![T::zero(); n];
    for (r, &b) in tableau.basic.iter().enumerate() {
        if b < n {
            x[b] = tableau.entries[r * stride + stride - 1].clone();
        }
    }
    let multipliers = (0..m)
        .map(|r| {
            let y = tableau.entries[m * stride + n + m + r].clone();
            if flipped[r] { T::zero() - y } else { y }
        })
        .collect();
    let value = tableau.entries[m * stride + stride - 1].clone();
    Ok(Optimum { x, multipliers, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;
    use crate::game::number::Rational;
    use num_traits::Zero;

    fn q(p: i64, d: i64) -> Rational {
        Rational::new(p.into(), d.into())
    }

    fn row(c: &[i64], right: i64, equal: bool) -> Row<Rational> {
        Row { coefficients: c.iter().map(|&x| q(x, 1)).collect(), right: q(right, 1), equal }
    }

    #[test]
    fn a_textbook_program_and_its_dual() {
        // max 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18 (Hillier & Lieberman): 36 at (2, 6).
        let rows = [row(&[1, 0], 4, false), row(&[0, 2], 12, false), row(&[3, 2], 18, false)];
        let best = maximise(&[q(3, 1), q(5, 1)], &rows, &Rational::zero(), &never).unwrap();
        assert_eq!(best.x, [q(2, 1), q(6, 1)]);
        assert_eq!(best.multipliers, [q(0, 1), q(3, 2), q(1, 1)]);
        assert_eq!(best.value, q(36, 1));
    }

    #[test]
    fn equations_signs_and_failures() {
        let rows = [row(&[1, 1], 3, true), row(&[-1, 0], -1, false)];
        let best = maximise(&[q(0, 1), q(1, 1)], &rows, &Rational::zero(), &never).unwrap();
        assert_eq!((best.x, best.value.clone()), (vec![q(1, 1), q(2, 1)], q(2, 1)));
        // Strong duality, also with a flipped row.
        let dual: Rational = best.multipliers.iter().zip(&rows).map(|(y, r)| y * &r.right).sum();
        assert_eq!(dual, best.value);
        let none = [row(&[1, 1], -1, false)];
        let failed = maximise(&[q(1, 1), q(0, 1)], &none, &Rational::zero(), &never);
        assert_eq!(failed, Err(Failure::Infeasible));
        let free = [row(&[1, -1], 1, false)];
        let failed = maximise(&[q(1, 1), q(0, 1)], &free, &Rational::zero(), &never);
        assert_eq!(failed, Err(Failure::Unbounded));
    }
}
