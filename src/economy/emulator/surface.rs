//! An interpolated map from levers to readings, made of exact solutions.
//!
//! Two or three levers move most; over these and the elasticity stands a Chebyshev tensor in ln(1 + tau).
//! Each further lever adds what it changes, as a function of itself, the main levers and the elasticity,
//! on a coarser grid: an expansion by groups of arguments, anchored at one policy (Sobol' 1993; Rabitz &
//! Alis 1999). What is left out is how two minor levers act on each other. Nothing is linearised. The
//! error is measured at points of a low-discrepancy sequence over the whole reach (Halton 1960),
//! corners of it that no trial visits among them.

use super::{Emulator, Job, Lever, Pace};
use crate::economy::EconomyError;
use crate::economy::chebyshev::Chebyshev;
use crate::economy::surrogate::halton;
use crate::economy::wedges::WedgeKind;
use crate::math;
use std::sync::Arc;

/// Points a side of the main tensor: two main levers or less, three, and the elasticity.
const FINE: usize = 7;
const THREE: usize = 5;
const ELASTIC: usize = 5;
/// A lever is a main one if it moves income by this share of what the strongest does.
const MAIN: f64 = 0.05;
/// The same for a third one, which costs five times as many solutions.
const THIRD: f64 = 0.3;
/// Points at which the error is measured.
const CHECKS: u32 = 24;
/// Bases of the sequence; with more levers they are used again, further on in the sequence.
const PRIMES: [u32; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// How far a surface is from exact solutions, in percentage points of GDP a year of real income.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceError {
    /// Largest error found.
    pub largest: f64,
    /// Average size of the error.
    pub mean: f64,
    /// Largest difference of income between two policies met: what the errors are to be compared with.
    pub range: f64,
    /// Number of points.
    pub points: u32,
}

/// Log strengths of the elasticities at which policies are solved.
#[derive(Debug, Clone)]
pub(super) enum Strengths {
    Range { fine: Chebyshev, coarse: Chebyshev },
    Sets(Vec<f64>),
}

impl Strengths {
    pub(super) fn range(low: f64, high: f64) -> Strengths {
        let fine = Chebyshev::new(low, high, ELASTIC);
        let coarse = fine.every(2);
        Strengths::Range { fine, coarse }
    }

    pub(super) fn sets(logs: Vec<f64>) -> Strengths {
        Strengths::Sets(logs)
    }

    pub(super) fn fine(&self) -> &[f64] {
        match self {
            Strengths::Range { fine, .. } => fine.points(),
            Strengths::Sets(logs) => logs,
        }
    }

    fn coarse(&self) -> &[f64] {
        match self {
            Strengths::Range { coarse, .. } => coarse.points(),
            Strengths::Sets(logs) => logs,
        }
    }

    /// What a strength is taken for.
    pub(super) fn seen(&self, log: f64) -> f64 {
        match self {
            Strengths::Range { .. } => log,
            Strengths::Sets(logs) => {
                let nearer = |a: &&f64, b: &&f64| (*a - log).abs().total_cmp(&(*b - log).abs());
                logs.iter().min_by(nearer).copied().unwrap_or(log)
            }
        }
    }

    /// Whether a strength lies within.
    pub(super) fn holds(&self, log: f64) -> bool {
        let points = self.fine();
        log >= points[0] - 1e-12 && log <= points[points.len() - 1] + 1e-12
    }

    pub(super) fn weights(&self, log: f64, weights: &mut Vec<f64>) {
        match self {
            Strengths::Range { fine, .. } => fine.weights(log, weights),
            Strengths::Sets(logs) => hit(logs, log, weights),
        }
    }

    fn coarse_weights(&self, log: f64, weights: &mut Vec<f64>) {
        match self {
            Strengths::Range { coarse, .. } => coarse.weights(log, weights),
            Strengths::Sets(logs) => hit(logs, log, weights),
        }
    }
}

fn hit(logs: &[f64], log: f64, weights: &mut Vec<f64>) {
    weights.clear();
    weights.extend(logs.iter().map(|x| f64::from(u8::from(math::same(*x, log)))));
}

/// One lever's axis: where its amounts stand on the grid.
#[derive(Debug, Clone)]
struct Axis {
    lever: usize,
    /// What always stands where it acts.
    fixed: f64,
    /// Whether it is measured in ln(1 + tau).
    log: bool,
    fine: Chebyshev,
    coarse: Chebyshev,
    /// Position on the coarse grid of the policy that the expansion is anchored at.
    anchor: usize,
}

impl Axis {
    fn new(lever: usize, of: &Lever, fixed: f64) -> Axis {
        let kind = of.places[0].kind;
        let log = kind != WedgeKind::Stopped && fixed + of.low > -1.0;
        let mut axis = Axis {
            lever,
            fixed,
            log,
            fine: Chebyshev::new(0.0, 0.0, 1),
            coarse: Chebyshev::new(0.0, 0.0, 1),
            anchor: 0,
        };
        let (low, high) = (axis.position(of.low), axis.position(of.high));
        axis.fine = Chebyshev::new(low, high, FINE);
        axis.coarse = axis.fine.every((FINE - 1) / 2);
        let start = axis.position(of.start);
        let gap = |k: &usize| (axis.coarse.points()[*k] - start).abs();
        axis.anchor = (0..axis.coarse.points().len())
            .min_by(|a, b| gap(a).total_cmp(&gap(b)))
            .unwrap_or_default();
        axis
    }

    fn position(&self, amount: f64) -> f64 {
        if self.log { math::ln_1p(self.fixed + amount) } else { amount }
    }

    fn amount(&self, position: f64) -> f64 {
        if self.log { math::expm1(position) - self.fixed } else { position }
    }
}

/// What a minor lever changes at one of its points, `[strength][main levers][reading]`, coarse.
#[derive(Debug)]
struct Change {
    axis: Axis,
    /// By point of its axis but the anchor, whose change is nothing.
    at: Vec<(usize, Vec<f64>)>,
}

/// The map.
#[derive(Debug)]
pub(super) struct Surface {
    strengths: Strengths,
    mains: Vec<Axis>,
    width: usize,
    /// `[strength][main levers][reading]`, fine.
    values: Vec<f64>,
    minors: Vec<Change>,
    error: SurfaceError,
}

/// All combinations of positions on grids, the last fastest.
fn combinations(sides: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for &side in sides {
        all = all
            .iter()
            .flat_map(|start: &Vec<usize>| {
                (0..side).map(move |k| start.iter().copied().chain([k]).collect())
            })
            .collect();
    }
    all
}

impl Surface {
    /// How many policies are solved at most for so many levers.
    pub(super) fn cost(levers: usize, strengths: &Strengths) -> usize {
        let (fine, coarse) = (strengths.fine().len(), strengths.coarse().len());
        let mains = levers.min(3);
        let side = if mains == 3 { THREE } else { FINE };
        #[allow(clippy::cast_possible_truncation, reason = "at most three")]
        let power = |x: usize| x.pow(mains as u32);
        // Two mains leave more minors, on a finer grid of the mains.
        let minors = 2 * (levers - mains) * coarse * power(3);
        let two = fine * FINE * FINE + coarse * 9 * (1 + 2 * levers.saturating_sub(2));
        let three = fine * power(side) + coarse * power(3) + minors;
        1 + 2 * levers + three.max(two) + CHECKS as usize
    }

    /// Solves what it is made of; none if it was cancelled.
    pub(super) fn build(
        of: &Emulator,
        pace: Option<&Pace<'_>>,
    ) -> Result<Option<Surface>, EconomyError> {
        let levers = &of.reach.levers;
        let axes: Vec<Axis> = levers
            .iter()
            .enumerate()
            .map(|(k, lever)| Axis::new(k, lever, of.reach.fixed.at(lever.places[0])))
            .collect();
        let anchor: Vec<f64> =
            axes.iter().map(|axis| axis.amount(axis.coarse.points()[axis.anchor])).collect();
        let Some(order) = rank(of, &axes, &anchor, pace)? else { return Ok(None) };
        let strongest = order.first().map_or(0.0, |(_, size)| *size);
        let mut mains: Vec<Axis> = Vec::new();
        for (place, &(k, size)) in order.iter().enumerate().take(3) {
            let needed = if place == 2 { THIRD } else { MAIN };
            if size > 0.0 && size >= needed * strongest {
                mains.push(axes[k].clone());
            }
        }
        if mains.len() == 3 {
            for axis in &mut mains {
                let (low, high) = (axis.fine.points()[0], axis.fine.points()[FINE - 1]);
                axis.fine = Chebyshev::new(low, high, THREE);
                axis.coarse = axis.fine.every((THREE - 1) / 2);
            }
        }
        let is_main = |k: usize| mains.iter().any(|main| main.lever == k);
        let mut minors: Vec<Change> = axes
            .iter()
            .filter(|axis| !is_main(axis.lever))
            .map(|axis| Change { axis: axis.clone(), at: Vec::new() })
            .collect();

        // Everything to solve, in one go: the count is known before the start.
        let mut jobs: Vec<Job> = Vec::new();
        let job = |grid: &dyn Fn(&Axis) -> f64, amounts: &mut Vec<f64>| {
            amounts.clone_from(&anchor);
            for main in &mains {
                amounts[main.lever] = grid(main);
            }
        };
        let mut amounts = Vec::new();
        let sides = |points: &dyn Fn(&Axis) -> usize, first: usize| -> Vec<usize> {
            std::iter::once(first).chain(mains.iter().map(points)).collect()
        };
        let fine = combinations(&sides(&|a| a.fine.points().len(), of.strengths.fine().len()));
        let coarse =
            combinations(&sides(&|a| a.coarse.points().len(), of.strengths.coarse().len()));
        let at = |list: &[usize], axis: &Axis, points: &Chebyshev| {
            let place = mains.iter().position(|m| m.lever == axis.lever).unwrap_or_default();
            axis.amount(points.points()[list[place + 1]])
        };
        for list in &fine {
            job(&|axis| at(list, axis, &axis.fine), &mut amounts);
            jobs.push((of.policy(&amounts), of.strengths.fine()[list[0]]));
        }
        let base_at = jobs.len();
        for list in &coarse {
            job(&|axis| at(list, axis, &axis.coarse), &mut amounts);
            jobs.push((of.policy(&amounts), of.strengths.coarse()[list[0]]));
        }
        let minors_at = jobs.len();
        for minor in &minors {
            for k in (0..minor.axis.coarse.points().len()).filter(|k| *k != minor.axis.anchor) {
                for list in &coarse {
                    job(&|axis| at(list, axis, &axis.coarse), &mut amounts);
                    amounts[minor.axis.lever] = minor.axis.amount(minor.axis.coarse.points()[k]);
                    jobs.push((of.policy(&amounts), of.strengths.coarse()[list[0]]));
                }
            }
        }
        let checks_at = jobs.len();
        let points: Vec<(Vec<f64>, f64)> = (1..=CHECKS).map(|k| check(of, &axes, k)).collect();
        jobs.extend(points.iter().map(|(amounts, log)| (of.policy(amounts), *log)));
        let Some(solved) = of.solve_all(&jobs, pace)? else { return Ok(None) };

        let flat = |part: &[Arc<[f64]>]| part.iter().flat_map(|x| x.iter().copied()).collect();
        let base: Vec<f64> = flat(&solved[base_at..minors_at]);
        let mut rest = &solved[minors_at..checks_at];
        for minor in &mut minors {
            for k in (0..minor.axis.coarse.points().len()).filter(|k| *k != minor.axis.anchor) {
                let (own, others) = rest.split_at(coarse.len());
                rest = others;
                let mut change: Vec<f64> = flat(own);
                change.iter_mut().zip(&base).for_each(|(x, b)| *x -= b);
                minor.at.push((k, change));
            }
        }
        let mut surface = Surface {
            strengths: of.strengths.clone(),
            mains,
            width: of.readings.len(),
            values: flat(&solved[..base_at]),
            minors,
            error: SurfaceError { largest: 0.0, mean: 0.0, range: 0.0, points: CHECKS },
        };
        surface.measure(of, &points, &solved[..base_at], &solved[checks_at..]);
        Ok(Some(surface))
    }

    /// Compares with exact solutions.
    fn measure(
        &mut self,
        of: &Emulator,
        points: &[(Vec<f64>, f64)],
        grid: &[Arc<[f64]>],
        exact: &[Arc<[f64]>],
    ) {
        let mut error = SurfaceError { points: CHECKS, ..self.error };
        let (mut sum, mut count) = (0.0, 0.0);
        for (r, reading) in of.readings.iter().enumerate().filter(|(_, r)| r.is_income()) {
            debug_assert!(reading.is_income());
            let all = grid.iter().chain(exact).map(|x| x[r]);
            let high = all.clone().fold(f64::NEG_INFINITY, f64::max);
            let low = all.fold(f64::INFINITY, f64::min);
            error.range = error.range.max(high - low);
            for ((amounts, log), exact) in points.iter().zip(exact) {
                let gap = (self.read(amounts, *log, r + 1)[r] - exact[r]).abs();
                error.largest = error.largest.max(gap);
                sum += gap;
                count += 1.0;
            }
        }
        error.mean = if count > 0.0 { sum / count } else { 0.0 };
        self.error = error;
    }

    pub(super) fn error(&self) -> SurfaceError {
        self.error
    }

    /// The first `count` readings at given amounts of the levers.
    pub(super) fn read(&self, amounts: &[f64], log: f64, count: usize) -> Vec<f64> {
        let mut out = vec![0.0; count];
        let (mut weights, mut one) = (Vec::new(), Vec::new());
        self.strengths.weights(log, &mut weights);
        for main in &self.mains {
            main.fine.weights(main.position(amounts[main.lever]), &mut one);
            spread(&mut weights, &one);
        }
        self.add(&self.values, &weights, 1.0, &mut out);
        let mut coarse: Vec<f64> = Vec::new();
        for minor in &self.minors {
            let axis = &minor.axis;
            axis.coarse.weights(axis.position(amounts[axis.lever]), &mut one);
            let own = std::mem::take(&mut one);
            for (k, change) in &minor.at {
                if math::same(own[*k], 0.0) {
                    continue;
                }
                if coarse.is_empty() {
                    self.strengths.coarse_weights(log, &mut coarse);
                    for main in &self.mains {
                        main.coarse.weights(main.position(amounts[main.lever]), &mut one);
                        spread(&mut coarse, &one);
                    }
                }
                self.add(change, &coarse, own[*k], &mut out);
            }
            one = own;
        }
        out
    }

    /// Adds rows by their weights.
    fn add(&self, rows: &[f64], weights: &[f64], factor: f64, out: &mut [f64]) {
        for (row, weight) in rows.chunks_exact(self.width).zip(weights) {
            if !math::same(*weight, 0.0) {
                let weight = weight * factor;
                out.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * x);
            }
        }
    }
}

/// Weights of a tensor with one more side, which varies fastest.
fn spread(weights: &mut Vec<f64>, side: &[f64]) {
    *weights = weights.iter().flat_map(|w| side.iter().map(move |s| w * s)).collect();
}

/// Levers by how far they move income, the strongest first; none if it was cancelled.
fn rank(
    of: &Emulator,
    axes: &[Axis],
    anchor: &[f64],
    pace: Option<&Pace<'_>>,
) -> Result<Option<Vec<(usize, f64)>>, EconomyError> {
    let middle = of.strengths.coarse()[of.strengths.coarse().len() / 2];
    let mut jobs: Vec<Job> = vec![(of.policy(anchor), middle)];
    for axis in axes {
        for end in [0, axis.coarse.points().len() - 1] {
            let mut amounts = anchor.to_vec();
            amounts[axis.lever] = axis.amount(axis.coarse.points()[end]);
            jobs.push((of.policy(&amounts), middle));
        }
    }
    let Some(solved) = of.solve_all(&jobs, pace)? else { return Ok(None) };
    let mut order: Vec<(usize, f64)> = Vec::with_capacity(axes.len());
    for (axis, ends) in axes.iter().zip(solved[1..].chunks_exact(2)) {
        let mut size: f64 = 0.0;
        for (r, _) in of.readings.iter().enumerate().filter(|(_, r)| r.is_income()) {
            let values = [solved[0][r], ends[0][r], ends[1][r]];
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            size = size.max(high - low);
        }
        order.push((axis.lever, size));
    }
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(Some(order))
}

/// The `k`-th point of the sequence: amounts of the levers and a log strength.
fn check(of: &Emulator, axes: &[Axis], k: u32) -> (Vec<f64>, f64) {
    #[allow(clippy::cast_possible_truncation, reason = "few levers")]
    let share = |side: usize| {
        let turn = (side / PRIMES.len()) as u32;
        halton(k + turn * CHECKS, PRIMES[side % PRIMES.len()])
    };
    let amounts = axes
        .iter()
        .enumerate()
        .map(|(side, axis)| {
            let points = axis.fine.points();
            let (low, high) = (points[0], points[points.len() - 1]);
            axis.amount(low + (high - low) * share(side + 1))
        })
        .collect();
    let points = of.strengths.fine();
    let log = points[0] + (points[points.len() - 1] - points[0]) * share(0);
    (amounts, of.strengths.seen(log))
}
