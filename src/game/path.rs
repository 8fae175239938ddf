//! A curve of solutions followed by pseudo-arclength continuation (Keller 1977; Allgower & Georg 1990).
//!
//! A [`Homotopy`] has unknowns x, a parameter lambda and as many equations as unknowns; its zeros form
//! curves. The tracker predicts along the tangent, corrects by Newton's method in the plane across
//! it, and so passes folds, where lambda turns back. The tangent keeps its direction, not the sign of
//! the determinant: where branches cross (a pitchfork, seen as a change of that sign) it goes straight on,
//! which in a symmetric game is the symmetric branch. Turocy (2005) tracks logit equilibria this way.

use super::Stop;

/// Solves a factored system for a right-hand side of equations and border, in place.
pub type Solve = Box<dyn Fn(&mut [f64])>;

/// Factors of the Jacobian with one more row, the border.
pub struct Factors {
    /// Whether the determinant is negative.
    pub negative: bool,
    /// Solves for a right-hand side of equations and border, in place.
    pub solve: Solve,
}

/// Equations F(x, lambda) = 0 with a known zero at lambda = 0.
pub trait Homotopy {
    /// Number of unknowns, not counting lambda.
    fn unknowns(&self) -> usize;

    /// The zero from which the curve starts.
    fn start(&self) -> Vec<f64>;

    /// Writes F at `point`, whose last entry is lambda.
    fn residual(&self, point: &[f64], out: &mut [f64]);

    /// Factors the matrix of derivatives by (x, lambda), bordered by a last row; none when singular.
    fn factor(&self, point: &[f64], border: &[f64]) -> Option<Factors>;
}

/// A point of the curve with the history of the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Unknowns, then lambda.
    pub at: Vec<f64>,
    /// Times lambda turned back or forth before.
    pub folds: usize,
    /// Crossings with other branches passed before.
    pub crossings: usize,
}

impl Point {
    /// The parameter.
    #[must_use]
    pub fn lambda(&self) -> f64 {
        self.at[self.at.len() - 1]
    }
}

/// Why tracking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All wanted values were met.
    Reached,
    /// The steps became too small, or too many: the branch stalls.
    Stalled,
    /// The caller asked to stop.
    Stopped,
}

/// What tracking gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    /// The first point of the curve at each wanted lambda, in ascending order, as far as reached.
    pub hits: Vec<Point>,
    /// All accepted points in order, when asked for.
    pub points: Vec<Point>,
    /// Why it ended.
    pub end: End,
    /// Accepted steps.
    pub steps: usize,
}

/// Most accepted steps.
const STEPS: usize = 20_000;
/// Smallest step as a share of the first.
const SMALLEST: f64 = 1e-10;
/// Folds are located within this share of the first step.
const FOLD: f64 = 1e-3;
/// Newton corrections per step.
const CORRECTIONS: usize = 6;
/// Chord corrections per step.
const CHORDS: usize = 10;
/// Size of the last correction at an accepted point, relative to the unknown; wanted values are
/// brought to `PRECISE`.
const ON_CURVE: f64 = 1e-7;
/// Corrections end when they are below this, relative to the size of the unknown.
const PRECISE: f64 = 1e-10;

struct Tracker<'a> {
    homotopy: &'a dyn Homotopy,
    n: usize,
}

impl Tracker<'_> {
    /// Newton's method with a bordering row; the border's own equation is "no move along it".
    ///
    /// Gives the point, and the first correction relative to `reach`, or none when it fails.
    fn correct(&self, start: &[f64], border: &[f64], reach: f64) -> Option<(Vec<f64>, f64)> {
        let mut point = start.to_vec();
        let mut step = vec![0.0; self.n + 1];
        let mut first = 0.0;
        let mut last = f64::INFINITY;
        for round in 0..CORRECTIONS {
            self.homotopy.residual(&point, &mut step[..self.n]);
            step[self.n] = 0.0;
            (self.homotopy.factor(&point, border)?.solve)(&mut step);
            let mut relative: f64 = 0.0;
            for (x, d) in point.iter_mut().zip(&step) {
                *x -= d;
                relative = relative.max(d.abs() / (1.0 + x.abs()));
            }
            let size = norm(&step);
            if !size.is_finite() {
                return None;
            }
            if round == 0 {
                first = size / reach;
                if first > 0.5 {
                    return None;
                }
            } else if relative > PRECISE && size > 0.5 * last {
                return None;
            }
            if relative <= PRECISE {
                return Some((point, first));
            }
            last = size;
        }
        None
    }

    /// Corrections with the factors of the last accepted point: cheaper than Newton's, and good enough
    /// for short steps (chord method). None when they do not contract well.
    fn chord(&self, start: &[f64], factors: &Factors, reach: f64) -> Option<(Vec<f64>, f64)> {
        let mut point = start.to_vec();
        let mut step = vec![0.0; self.n + 1];
        let (mut first, mut last) = (0.0, f64::INFINITY);
        for round in 0..CHORDS {
            self.homotopy.residual(&point, &mut step[..self.n]);
            step[self.n] = 0.0;
            (factors.solve)(&mut step);
            let mut relative: f64 = 0.0;
            for (x, d) in point.iter_mut().zip(&step) {
                *x -= d;
                relative = relative.max(d.abs() / (1.0 + x.abs()));
            }
            let size = norm(&step);
            if round == 0 {
                first = size / reach;
            }
            if relative <= ON_CURVE {
                return Some((point, first));
            }
            if !size.is_finite() || first > 0.3 || size > 0.3 * last {
                return None;
            }
            last = size;
        }
        None
    }

    /// Unit tangent continuing `before`, and the factors bordered by `before`.
    fn tangent(&self, point: &[f64], before: &[f64]) -> Option<(Vec<f64>, Factors)> {
        let factors = self.homotopy.factor(point, before)?;
        let mut tangent = vec![0.0; self.n + 1];
        tangent[self.n] = 1.0;
        (factors.solve)(&mut tangent);
        let size = norm(&tangent);
        if !size.is_finite() || size <= 0.0 {
            return None;
        }
        tangent.iter_mut().for_each(|t| *t /= size);
        Some((tangent, factors))
    }

    /// The point at exactly `lambda` between two neighbours of the curve.
    fn hit(&self, a: &[f64], b: &[f64], lambda: f64) -> Option<Vec<f64>> {
        let (from, to) = (a[self.n], b[self.n]);
        let share = if (to - from).abs() > 0.0 { (lambda - from) / (to - from) } else { 1.0 };
        let mut start: Vec<f64> =
            a.iter().zip(b).map(|(x, y)| x + share.clamp(0.0, 1.0) * (y - x)).collect();
        start[self.n] = lambda;
        let mut border = vec![0.0; self.n + 1];
        border[self.n] = 1.0;
        let apart = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
        let (mut point, _) = self.correct(&start, &border, 2.0 * apart.max(1e-3))?;
        point[self.n] = lambda;
        Some(point)
    }
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Follows the curve from lambda = 0 upward until it has met every value in `wanted` (ascending).
///
/// The first crossing of each value is kept: past a fold the curve may cross it again. `first` is the
/// length of the first step in lambda. With `record`, all accepted points are kept.
#[must_use]
pub fn track(
    homotopy: &dyn Homotopy,
    wanted: &[f64],
    first: f64,
    record: bool,
    stop: Stop<'_>,
) -> Tracked {
    let n = homotopy.unknowns();
    let tracker = Tracker { homotopy, n };
    let mut out = Tracked { hits: Vec::new(), points: Vec::new(), end: End::Stalled, steps: 0 };
    let mut point = homotopy.start();
    point.push(0.0);
    let mut wanted = wanted.iter().copied().peekable();
    let here = |at: &[f64]| Point { at: at.to_vec(), folds: 0, crossings: 0 };
    if record {
        out.points.push(here(&point));
    }
    while wanted.next_if(|&l| l <= 0.0).is_some() {
        out.hits.push(here(&point));
    }
    let mut upward = vec![0.0; n + 1];
    upward[n] = 1.0;
    let Some((mut tangent, mut factors)) = tracker.tangent(&point, &upward) else { return out };
    let initial = first / tangent[n].abs().max(1e-3);
    let mut step = initial;
    let (mut folds, mut crossings) = (0, 0);
    while wanted.peek().is_some() {
        if stop() {
            out.end = End::Stopped;
            return out;
        }
        if out.steps >= STEPS || step < SMALLEST * initial {
            return out;
        }
        let predicted: Vec<f64> = point.iter().zip(&tangent).map(|(x, t)| x + step * t).collect();
        let corrected = tracker
            .chord(&predicted, &factors, step)
            .or_else(|| tracker.correct(&predicted, &tangent, step));
        let Some((next, first)) = corrected else {
            step *= 0.5;
            continue;
        };
        let Some((turned, fresh)) = tracker.tangent(&next, &tangent) else {
            step *= 0.5;
            continue;
        };
        // The cosine of the turn: sharp turns are walked in small steps, or a branch could be skipped.
        let cosine: f64 = turned.iter().zip(&tangent).map(|(a, b)| a * b).sum();
        if cosine < 0.9 {
            step *= 0.5;
            continue;
        }
        let fold = turned[n] * tangent[n] < 0.0;
        if fold && step > FOLD * initial {
            // Near a fold a wanted value could lie between the two points, passed up and down.
            step *= 0.5;
            continue;
        }
        let crossing = fresh.negative != factors.negative;
        // Wanted values within this step, in the order in which the curve meets them.
        let mut missed = false;
        while let Some(&lambda) = wanted.peek() {
            if point[n] < lambda && lambda <= next[n] {
                match tracker.hit(&point, &next, lambda) {
                    Some(at) => {
                        // A crossing within the step may lie before or behind the hit.
                        let passed = crossing
                            && tracker
                                .tangent(&at, &tangent)
                                .is_none_or(|(_, f)| f.negative != factors.negative);
                        out.hits.push(Point {
                            at,
                            folds,
                            crossings: crossings + usize::from(passed),
                        });
                    }
                    None => {
                        missed = true;
                        break;
                    }
                }
                wanted.next();
            } else {
                break;
            }
        }
        if missed {
            step *= 0.5;
            continue;
        }
        folds += usize::from(fold);
        crossings += usize::from(crossing);
        (point, tangent, factors) = (next, turned, fresh);
        out.steps += 1;
        if record {
            out.points.push(Point { at: point.clone(), folds, crossings });
        }
        // Aim at a first correction of 3 per cent of the step and a turn of some 15 degrees.
        let grow = (0.03 / first.max(1e-6)).sqrt().min((0.035 / (1.0 - cosine).max(1e-9)).sqrt());
        step *= grow.clamp(0.5, 2.0);
        if point[n] < -1e-6 {
            // Back before lambda = 0: not a branch of logit equilibria.
            return out;
        }
    }
    out.end = End::Reached;
    out
}

/// Newton's method at fixed lambda (the last entry of `point`), steps halved until the residual falls.
#[must_use]
pub fn newton(homotopy: &dyn Homotopy, mut point: Vec<f64>) -> Option<Vec<f64>> {
    let n = homotopy.unknowns();
    let mut border = vec![0.0; n + 1];
    border[n] = 1.0;
    let mut residual = vec![0.0; n];
    let size = |r: &[f64]| r.iter().map(|x| x * x).sum::<f64>();
    homotopy.residual(&point, &mut residual);
    for _ in 0..60 {
        let before = size(&residual);
        if before < 1e-24 {
            return Some(point);
        }
        let mut step = residual.clone();
        step.push(0.0);
        (homotopy.factor(&point, &border)?.solve)(&mut step);
        let mut share = 1.0;
        loop {
            let trial: Vec<f64> = point.iter().zip(&step).map(|(x, d)| x - share * d).collect();
            homotopy.residual(&trial, &mut residual);
            let after = size(&residual);
            if after < before || (after <= before && before < 1e-18) {
                point = trial;
                break;
            }
            share *= 0.5;
            if share < 1e-4 {
                return (before < 1e-20).then_some(point);
            }
        }
    }
    (size(&residual) < 1e-20).then_some(point)
}
