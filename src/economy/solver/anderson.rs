//! Anderson acceleration of a fixed point x = G(x) (Anderson 1965; Walker & Ni 2011).
//!
//! From the last steps it keeps the changes of x's image and of the residual f = G(x) - x, finds the
//! combination of past changes that would have cancelled the residual best, and goes where that
//! combination points. The small least-squares problem is solved through its normal equations, kept up
//! to date column by column, so a step costs one pass over the columns.

/// Largest number of past steps that can be kept.
pub(super) const MAX_DEPTH: usize = 12;

/// A pivot below this share of its column's length: the column says nothing new.
const DEPENDENT: f64 = 1e-13;

/// Memory of past steps; allocated once.
#[derive(Debug, Clone)]
pub(super) struct Anderson {
    depth: usize,
    size: usize,
    /// Columns of changes of the image and of the residual, `[slot][component]`.
    image: Vec<f64>,
    residual: Vec<f64>,
    /// Products of residual columns, `[slot][slot]`.
    gram: [[f64; MAX_DEPTH]; MAX_DEPTH],
    last_image: Vec<f64>,
    last_residual: Vec<f64>,
    filled: usize,
    next: usize,
    primed: bool,
}

impl Anderson {
    /// Memory of up to `depth` steps of vectors of `size`.
    pub(super) fn new(size: usize, depth: usize) -> Anderson {
        let depth = depth.min(MAX_DEPTH);
        Anderson {
            depth,
            size,
            image: vec![0.0; depth * size],
            residual: vec![0.0; depth * size],
            gram: [[0.0; MAX_DEPTH]; MAX_DEPTH],
            last_image: vec![0.0; size],
            last_residual: vec![0.0; size],
            filled: 0,
            next: 0,
            primed: false,
        }
    }

    /// Sets the depth (at most what was allocated) and forgets everything.
    pub(super) fn restart(&mut self, depth: usize) {
        self.depth = depth.min(self.image.len() / self.size.max(1)).max(1);
        self.forget();
    }

    /// Forgets past steps.
    pub(super) fn forget(&mut self) {
        self.filled = 0;
        self.next = 0;
        self.primed = false;
    }

    /// Replaces `x` by the next iterate, given its image and residual there.
    pub(super) fn step(&mut self, x: &mut [f64], image: &[f64], residual: &[f64]) {
        if self.primed {
            self.remember(image, residual);
        }
        self.last_image.copy_from_slice(image);
        self.last_residual.copy_from_slice(residual);
        self.primed = true;
        x.copy_from_slice(image);
        if self.filled == 0 {
            return;
        }
        let weights = self.weights(residual);
        for (slot, &weight) in weights.iter().enumerate().take(self.filled) {
            if crate::math::same(weight, 0.0) {
                continue;
            }
            let column = &self.image[slot * self.size..(slot + 1) * self.size];
            x.iter_mut().zip(column).for_each(|(value, change)| *value -= weight * change);
        }
    }

    fn remember(&mut self, image: &[f64], residual: &[f64]) {
        let slot = self.next;
        self.next = (self.next + 1) % self.depth;
        self.filled = (self.filled + 1).min(self.depth);
        let span = slot * self.size..(slot + 1) * self.size;
        let columns = self.image[span.clone()].iter_mut().zip(&mut self.residual[span.clone()]);
        let old = self.last_image.iter().zip(&self.last_residual);
        let new = image.iter().zip(residual);
        for ((dg, df), ((g0, f0), (g, f))) in columns.zip(old.zip(new)) {
            *dg = g - g0;
            *df = f - f0;
        }
        for other in 0..self.filled {
            let product = dot(
                &self.residual[span.clone()],
                &self.residual[other * self.size..(other + 1) * self.size],
            );
            self.gram[slot][other] = product;
            self.gram[other][slot] = product;
        }
    }

    /// Least squares: weights of the columns that reproduce `residual` best. Cholesky on columns of
    /// unit length, newest first; columns that depend on newer ones get weight 0.
    fn weights(&self, residual: &[f64]) -> [f64; MAX_DEPTH] {
        let count = self.filled;
        let order = |rank: usize| (self.next + self.depth - 1 - rank) % self.depth;
        let mut scale = [0.0; MAX_DEPTH];
        let mut target = [0.0; MAX_DEPTH];
        for rank in 0..count {
            let slot = order(rank);
            let length = self.gram[slot][slot].sqrt();
            scale[rank] = if length > 0.0 { 1.0 / length } else { 0.0 };
            let column = &self.residual[slot * self.size..(slot + 1) * self.size];
            target[rank] = dot(column, residual) * scale[rank];
        }
        let mut lower = [[0.0; MAX_DEPTH]; MAX_DEPTH];
        let mut solved = [0.0; MAX_DEPTH];
        for row in 0..count {
            for column in 0..=row {
                let mut value = self.gram[order(row)][order(column)] * scale[row] * scale[column];
                for k in 0..column {
                    value -= lower[row][k] * lower[column][k];
                }
                lower[row][column] = if row == column {
                    if value > DEPENDENT { value.sqrt() } else { 0.0 }
                } else if lower[column][column] > 0.0 {
                    value / lower[column][column]
                } else {
                    0.0
                };
            }
            if lower[row][row] > 0.0 {
                let known: f64 = (0..row).map(|k| lower[row][k] * solved[k]).sum();
                solved[row] = (target[row] - known) / lower[row][row];
            }
        }
        let mut weights = [0.0; MAX_DEPTH];
        let mut ranked = [0.0; MAX_DEPTH];
        for row in (0..count).rev() {
            if lower[row][row] > 0.0 {
                let known: f64 = (row + 1..count).map(|k| lower[k][row] * ranked[k]).sum();
                ranked[row] = (solved[row] - known) / lower[row][row];
                weights[order(row)] = ranked[row] * scale[row];
            }
        }
        weights
    }
}

/// Inner product in four fixed lanes: the same order on every machine, and vectorisable.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (whole_a, whole_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = whole_a.remainder().iter().zip(whole_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in whole_a.zip(whole_b) {
        for lane in 0..4 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_linear_map_is_solved_in_as_many_steps_as_it_has_rates() {
        // x = R x + b with three distinct rates close to 1: plain iteration would need thousands.
        let rates = [0.999, 0.9, -0.99];
        let mut anderson = Anderson::new(3, 5);
        let mut x = [0.0; 3];
        for _ in 0..6 {
            let image: Vec<f64> = (0..3).map(|k| rates[k] * x[k] + 1.0).collect();
            let residual: Vec<f64> = (0..3).map(|k| image[k] - x[k]).collect();
            anderson.step(&mut x, &image, &residual);
        }
        for k in 0..3 {
            assert!((x[k] - 1.0 / (1.0 - rates[k])).abs() < 1e-6, "{x:?}");
        }
    }
}
