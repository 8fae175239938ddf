//! Dense linear algebra in floats: LU factors with partial pivoting, kept for many right-hand sides.

/// Columns eliminated together: a block of rows of a large matrix stays in the processor's cache.
const BLOCK: usize = 32;

/// LU factors of a square matrix, row-major.
#[derive(Debug, Clone)]
pub struct Lu {
    n: usize,
    factors: Vec<f64>,
    order: Vec<usize>,
    odd: bool,
}

impl Lu {
    /// Factors `matrix` (n by n, row-major); none when it is singular to working precision.
    #[must_use]
    pub fn new(mut matrix: Vec<f64>, n: usize) -> Option<Self> {
        let mut order: Vec<usize> = (0..n).collect();
        let mut odd = false;
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            // The block of columns, with pivots over all rows below.
            for k in start..end {
                let (mut row, mut largest) = (k, matrix[k * n + k].abs());
                for r in k + 1..n {
                    let size = matrix[r * n + k].abs();
                    if size > largest {
                        (row, largest) = (r, size);
                    }
                }
                // Not a comparison of magnitudes: only an exact zero or a NaN stops the elimination.
                if !(largest > f64::MIN_POSITIVE && largest.is_finite()) {
                    return None;
                }
                if row != k {
                    let (above, below) = matrix.split_at_mut(row * n);
                    above[k * n..][..n].swap_with_slice(&mut below[..n]);
                    order.swap(k, row);
                    odd = !odd;
                }
                let (above, below) = matrix.split_at_mut((k + 1) * n);
                let pivot_row = &above[k * n + k..k * n + end];
                for line in below.chunks_exact_mut(n) {
                    let factor = line[k] / pivot_row[0];
                    line[k] = factor;
                    for (x, p) in line[k + 1..end].iter_mut().zip(&pivot_row[1..]) {
                        *x -= factor * p;
                    }
                }
            }
            if end == n {
                break;
            }
            // The rows of the block, then all rows below it, to the right of the block.
            let (above, below) = matrix.split_at_mut(end * n);
            for k in start..end {
                let (upper, lower) = above.split_at_mut((k + 1) * n);
                let pivot_row = &upper[k * n + end..];
                for line in lower.chunks_exact_mut(n) {
                    let factor = line[k];
                    for (x, p) in line[end..].iter_mut().zip(pivot_row) {
                        *x -= factor * p;
                    }
                }
            }
            let width = n - end;
            let rows: Vec<&[f64]> = above[start * n..].chunks_exact(n).map(|r| &r[end..]).collect();
            for line in below.chunks_exact_mut(n) {
                let (left, right) = line.split_at_mut(end);
                let factors = &left[start..];
                // Four rows at once: one pass over the line serves them all.
                for (f, u) in factors.chunks(4).zip(rows.chunks(4)) {
                    if let ([a, b, c, d], [p, q, r, s]) = (f, u) {
                        let (p, q, r, s) = (&p[..width], &q[..width], &r[..width], &s[..width]);
                        for (j, x) in right.iter_mut().enumerate() {
                            *x -= a * p[j] + b * q[j] + c * r[j] + d * s[j];
                        }
                        continue;
                    }
                    for (a, p) in f.iter().zip(u) {
                        for (x, v) in right.iter_mut().zip(*p) {
                            *x -= a * v;
                        }
                    }
                }
            }
        }
        Some(Self { n, factors: matrix, order, odd })
    }

    /// Solves for one right-hand side, in place.
    pub fn solve(&self, right: &mut [f64]) {
        let n = self.n;
        let mut x: Vec<f64> = self.order.iter().map(|&r| right[r]).collect();
        for r in 1..n {
            let dot: f64 = self.factors[r * n..][..r].iter().zip(&x).map(|(l, v)| l * v).sum();
            x[r] -= dot;
        }
        for r in (0..n).rev() {
            let row = &self.factors[r * n..][..n];
            let dot: f64 = row[r + 1..].iter().zip(&x[r + 1..]).map(|(u, v)| u * v).sum();
            x[r] = (x[r] - dot) / row[r];
        }
        right[..n].copy_from_slice(&x);
    }

    /// Whether the determinant is negative.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        let n = self.n;
        (0..n).fold(self.odd, |sign, k| sign ^ (self.factors[k * n + k] < 0.0))
    }
}

/// Solves one dense system; none when it is singular or the answer is not finite.
#[must_use]
pub fn solve(matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    Lu::new(matrix, n)?.solve(&mut right);
    right.iter().all(|x| x.is_finite()).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::close;

    #[test]
    fn blocks_do_not_change_the_answer() {
        for n in [31, 32, 33, 70, 131] {
            let entry = |i: usize, j: usize| {
                let k = f64::from(u32::try_from((i * 7 + j * 13 + i * j * 5) % 101).unwrap());
                // Dominant off the diagonal: well conditioned, and rows must be swapped.
                k - 50.0 + if (i + 1) % n == j { 6_000.0 } else { 0.0 }
            };
            let matrix: Vec<f64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let truth: Vec<f64> = (0..n).map(|j| entry(j, 3)).collect();
            let right = (0..n).map(|i| (0..n).map(|j| entry(i, j) * truth[j]).sum()).collect();
            for (x, t) in solve(matrix, right).unwrap().iter().zip(&truth) {
                assert!((x - t).abs() < 1e-7, "{n}: {x} {t}");
            }
        }
    }

    #[test]
    fn a_system_with_a_zero_pivot() {
        let matrix = vec![0.0, 2.0, 1.0, 1.0, 0.0, 0.0, 3.0, 1.0, 2.0];
        let x = solve(matrix.clone(), vec![7.0, 1.0, 11.0]).unwrap();
        assert!(close(x[0], 1.0, 1e-15) && close(x[1], 2.0, 1e-15) && close(x[2], 3.0, 1e-15));
        let det = matrix[0] * (matrix[4] * matrix[8] - matrix[5] * matrix[7])
            - matrix[1] * (matrix[3] * matrix[8] - matrix[5] * matrix[6])
            + matrix[2] * (matrix[3] * matrix[7] - matrix[4] * matrix[6]);
        assert_eq!(Lu::new(matrix, 3).unwrap().is_negative(), det < 0.0);
        assert!(solve(vec![1.0, 2.0, 2.0, 4.0], vec![1.0, 1.0]).is_none());
    }
}
