//! All vertices of a best-reply polytope, in exact arithmetic, degenerate or not.
//!
//! The polytope is { x >= 0, M x <= 1 } with positive whole entries, hence bounded. Its vertices are
//! visited by pivoting from the origin over the bases of the polytope whose right-hand side is
//! perturbed lexicographically: that polytope is simple, so the bases number at most
//! the upper bound of McMullen (1970) however degenerate the game, and every vertex of the original
//! has at least one such basis (Avis & Fukuda 1992). Pivots are free of fractions
//! (Edmonds 1967; Bareiss 1968): all entries are determinants and every division is exact.
//!
//! A variable's label is its position: the columns first, then the rows (slacks). A vertex is known
//! by its tight labels.
#![allow(clippy::doc_markdown, reason = "McMullen is a name, not code")]

use super::Stop;
use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Most labels (rows plus columns) a polytope may have.
pub const LABELS: usize = 256;

/// A set of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Labels([u64; 4]);

impl Labels {
    /// Adds a label.
    pub fn insert(&mut self, label: usize) {
        self.0[label / 64] |= 1 << (label % 64);
    }

    /// Removes a label.
    pub fn remove(&mut self, label: usize) {
        self.0[label / 64] &= !(1 << (label % 64));
    }

    /// Whether the label is in the set.
    #[must_use]
    pub fn contains(&self, label: usize) -> bool {
        self.0[label / 64] >> (label % 64) & 1 == 1
    }
}

/// A vertex: its tight labels and its coordinates up to a positive factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Vertex {
    /// Labels of the columns that are 0 and of the rows that bind.
    pub tight: Labels,
    /// Coordinates times a common denominator.
    pub numerators: Vec<BigInt>,
}

/// How a type of number pivots and compares; `None` when a result does not fit the type.
struct Arithmetic<T> {
    /// (a b - c d) / e, known to be whole.
    pivot: fn(&T, &T, &T, &T, &T) -> Option<T>,
    /// How a b compares with c d.
    compare: fn(&T, &T, &T, &T) -> Ordering,
    big: fn(&T) -> BigInt,
}

/// All vertices except the origin, ordered by their tight labels, and whether the search was not
/// stopped. `matrix[row][column]` must be positive.
#[must_use]
pub fn vertices(matrix: &[Vec<BigInt>], stop: Stop<'_>) -> (Vec<Vertex>, bool) {
    let small: Option<Vec<Vec<i64>>> =
        matrix.iter().map(|row| row.iter().map(ToPrimitive::to_i64).collect()).collect();
    if let Some(small) = small {
        let arithmetic = Arithmetic::<i64> {
            pivot: |a, b, c, d, e| {
                let top = i128::from(*a) * i128::from(*b) - i128::from(*c) * i128::from(*d);
                i64::try_from(top / i128::from(*e)).ok()
            },
            compare: |a, b, c, d| {
                (i128::from(*a) * i128::from(*b)).cmp(&(i128::from(*c) * i128::from(*d)))
            },
            big: |x| BigInt::from(*x),
        };
        if let Some(found) = search(&small, &arithmetic, stop) {
            return found;
        }
    }
    let arithmetic = Arithmetic::<BigInt> {
        pivot: |a, b, c, d, e| {
            if c.is_zero() || d.is_zero() {
                return Some(a * b / e);
            }
            Some((a * b - c * d) / e)
        },
        compare: |a, b, c, d| (a * b).cmp(&(c * d)),
        big: BigInt::clone,
    };
    search(matrix, &arithmetic, stop).unwrap_or_else(|| unreachable!("big integers never overflow"))
}

/// A basis of the polytope: `denominator x_basic + sum(entry x_free) = right`, row by row.
struct Dictionary<T> {
    width: usize,
    /// Rows of `width` entries and the right-hand side.
    entries: Vec<T>,
    denominator: T,
    basic: Vec<usize>,
    free: Vec<usize>,
    /// Where each label stands: a row, or `rows + column`.
    place: Vec<usize>,
}

impl<T: Clone + Signed + Ord> Dictionary<T> {
    fn new(matrix: &[Vec<T>]) -> Self {
        let (rows, width) = (matrix.len(), matrix[0].len());
        let mut entries = Vec::with_capacity(rows * (width + 1));
        for row in matrix {
            entries.extend_from_slice(row);
            entries.push(T::one());
        }
        let place = (0..width).map(|j| rows + j).chain(0..rows).collect();
        Self {
            width,
            entries,
            denominator: T::one(),
            basic: (width..width + rows).collect(),
            free: (0..width).collect(),
            place,
        }
    }

    fn rows(&self) -> usize {
        self.basic.len()
    }

    fn at(&self, row: usize, column: usize) -> &T {
        &self.entries[row * (self.width + 1) + column]
    }

    /// The row that leaves when `column` enters: the lexicographically smallest ratio.
    fn leaving(&self, column: usize, arithmetic: &Arithmetic<T>) -> Option<usize> {
        let mut best: Option<usize> = None;
        for row in 0..self.rows() {
            if !self.at(row, column).is_positive() {
                continue;
            }
            let Some(kept) = best else {
                best = Some(row);
                continue;
            };
            if self.ratio(row, kept, column, arithmetic) == Ordering::Less {
                best = Some(row);
            }
        }
        best
    }

    fn ratio(&self, i: usize, k: usize, column: usize, arithmetic: &Arithmetic<T>) -> Ordering {
        let (p, q) = (self.at(i, column), self.at(k, column));
        let plain = (arithmetic.compare)(self.at(i, self.width), q, self.at(k, self.width), p);
        if plain != Ordering::Equal {
            return plain;
        }
        // A tie: compare what the perturbation of each original row adds to both sides.
        let zero = T::zero();
        for slack in self.width..self.width + self.rows() {
            let place = self.place[slack];
            let side = |row: usize| match place.checked_sub(self.rows()) {
                Some(j) => self.at(row, j),
                None if place == row => &self.denominator,
                None => &zero,
            };
            let order = (arithmetic.compare)(side(i), q, side(k), p);
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }

    fn pivot(&mut self, row: usize, column: usize, arithmetic: &Arithmetic<T>) -> Option<()> {
        let stride = self.width + 1;
        let pivot = self.at(row, column).clone();
        let pivot_row: Vec<T> = self.entries[row * stride..][..stride].to_vec();
        for (i, line) in self.entries.chunks_mut(stride).enumerate() {
            if i == row {
                continue;
            }
            let factor = line[column].clone();
            for (j, entry) in line.iter_mut().enumerate() {
                if j != column {
                    *entry = (arithmetic.pivot)(
                        entry,
                        &pivot,
                        &factor,
                        &pivot_row[j],
                        &self.denominator,
                    )?;
                }
            }
            line[column] = -factor;
        }
        let entering = self.free[column];
        let leaving = self.basic[row];
        self.entries[row * stride + column] = std::mem::replace(&mut self.denominator, pivot);
        (self.basic[row], self.free[column]) = (entering, leaving);
        let rows = self.rows();
        (self.place[entering], self.place[leaving]) = (row, rows + column);
        Some(())
    }

    fn vertex(&self, arithmetic: &Arithmetic<T>) -> Vertex {
        let mut tight = Labels::default();
        for &label in &self.free {
            tight.insert(label);
        }
        let mut numerators = vec![BigInt::zero(); self.width];
        for (row, &label) in self.basic.iter().enumerate() {
            let right = self.at(row, self.width);
            if right.is_zero() {
                tight.insert(label);
            } else if label < self.width {
                numerators[label] = (arithmetic.big)(right);
            }
        }
        Vertex { tight, numerators }
    }
}

/// Depth-first over bases, undoing each pivot on the way back; `None` when numbers outgrow `T`.
fn search<T: Clone + Signed + Ord>(
    matrix: &[Vec<T>],
    arithmetic: &Arithmetic<T>,
    stop: Stop<'_>,
) -> Option<(Vec<Vertex>, bool)> {
    let mut dictionary = Dictionary::new(matrix);
    let mut basis = Labels::default();
    for &label in &dictionary.basic {
        basis.insert(label);
    }
    let mut visited = BTreeSet::from([basis]);
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    // The free label that entered and the basic label that left, and the next label to try.
    let mut trail: Vec<(usize, usize, usize)> = Vec::new();
    let labels = dictionary.place.len();
    let rows = dictionary.rows();
    let mut next = 0;
    let mut complete = true;
    loop {
        let mut advanced = false;
        while next < labels {
            let label = next;
            next += 1;
            let Some(column) = dictionary.place[label].checked_sub(rows) else { continue };
            let Some(row) = dictionary.leaving(column, arithmetic) else { continue };
            let leaving = dictionary.basic[row];
            let mut after = basis;
            after.insert(label);
            after.remove(leaving);
            if !visited.insert(after) {
                continue;
            }
            dictionary.pivot(row, column, arithmetic)?;
            let vertex = dictionary.vertex(arithmetic);
            if known.insert(vertex.tight) && vertex.numerators.iter().any(|x| !x.is_zero()) {
                found.push(vertex);
            }
            basis = after;
            trail.push((label, leaving, next));
            next = 0;
            advanced = true;
            break;
        }
        if advanced {
            if stop() {
                complete = false;
                break;
            }
            continue;
        }
        let Some((entered, left, resume)) = trail.pop() else { break };
        let (row, column) = (dictionary.place[entered], dictionary.place[left] - rows);
        dictionary.pivot(row, column, arithmetic)?;
        basis.remove(entered);
        basis.insert(left);
        next = resume;
    }
    found.sort_by_key(|v| v.tight);
    Some((found, complete))
}

/// Positive whole numbers with the same order within every column as `rows[row][column]`.
///
/// Each column is shifted by a constant and all are scaled alike, which changes no best reply.
#[must_use]
pub fn positive_integers(rows: &[Vec<super::number::Rational>]) -> Vec<Vec<BigInt>> {
    let columns = rows.first().map_or(0, Vec::len);
    let least: Vec<_> = (0..columns)
        .map(|j| rows.iter().map(|r| &r[j]).min().cloned().unwrap_or_else(Zero::zero))
        .collect();
    let shifted: Vec<Vec<_>> =
        rows.iter().map(|r| r.iter().zip(&least).map(|(x, l)| x - l).collect()).collect();
    let scale = shifted.iter().flatten().fold(BigInt::one(), |l, x: &super::number::Rational| {
        num_integer::lcm(l, x.denom().clone())
    });
    let whole: Vec<Vec<BigInt>> = shifted
        .iter()
        .map(|r| r.iter().map(|x| x.numer() * (&scale / x.denom())).collect())
        .collect();
    let shared = whole.iter().flatten().fold(BigInt::zero(), |g, x| num_integer::gcd(g, x.clone()));
    let shared = if shared.is_zero() { BigInt::one() } else { shared };
    whole.into_iter().map(|r| r.into_iter().map(|x| x / &shared + 1).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::never;

    fn ints(rows: &[&[i64]]) -> Vec<Vec<BigInt>> {
        rows.iter().map(|r| r.iter().map(|&x| BigInt::from(x)).collect()).collect()
    }

    #[test]
    fn a_cube_has_eight_vertices() {
        // 3 x_1 + small others <= 1 and so on: a perturbed cube around the origin.
        let cube = ints(&[&[100, 1, 1], &[1, 100, 1], &[1, 1, 100]]);
        let (found, complete) = vertices(&cube, &never);
        assert!(complete);
        assert_eq!(found.len(), 7);
    }

    #[test]
    fn repeated_rows_add_no_vertex() {
        let once = vertices(&ints(&[&[2, 1], &[1, 2]]), &never).0.len();
        let twice = vertices(&ints(&[&[2, 1], &[1, 2], &[2, 1], &[1, 2]]), &never).0.len();
        assert_eq!((once, twice), (3, 3));
    }

    #[test]
    fn large_entries_agree_with_small_ones() {
        let small = ints(&[&[3, 1, 4], &[1, 5, 9], &[2, 6, 5]]);
        let factor = BigInt::from(10).pow(30);
        let large: Vec<Vec<BigInt>> =
            small.iter().map(|r| r.iter().map(|x| x * &factor).collect()).collect();
        let labels =
            |m: &[Vec<BigInt>]| vertices(m, &never).0.iter().map(|v| v.tight).collect::<Vec<_>>();
        assert_eq!(labels(&small), labels(&large));
    }
}
