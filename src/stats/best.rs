//! Multiple comparison with the best: how far each of several branches is from the best of the others.
//!
//! Constrained intervals of Hsu (1984) on branches that share their luck, with Student's bounds of
//! paired differences and Bonferroni's inequality over the comparisons with the true best (Yang and
//! Nelson 1991). They hold for all branches at once, whatever the correlation.

use super::interval::Interval;
use super::moments::Moments;
use super::special::student_t_quantile;

/// How one branch stands to the best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Mean value less the largest mean of the others. The lower end is 0 for a branch that is
    /// surely the best; the upper end is 0 for one that surely is not.
    pub behind: Interval,
    /// Whether it may be the best.
    pub contends: bool,
}

/// Standings of branches whose `columns` hold values of the same trials, better the larger they are.
///
/// All intervals hold together with probability `level`. None if there are fewer than two branches,
/// fewer than two trials, columns of different lengths, or values that are not finite.
#[must_use]
pub fn standings(columns: &[&[f64]], level: f64) -> Option<Vec<Standing>> {
    let n = columns.first()?.len();
    let whole = |column: &&[f64]| column.len() == n && column.iter().all(|v| v.is_finite());
    if columns.len() < 2 || n < 2 || !columns.iter().all(whole) {
        return None;
    }
    let gap = |i: usize, j: usize| {
        let mut gaps = Moments::new();
        columns[i].iter().zip(columns[j]).for_each(|(a, b)| gaps.push(a - b));
        bounds(&gaps, columns.len(), level)
    };
    let below: Vec<Vec<(f64, f64)>> =
        (0..columns.len()).map(|i| (0..i).map(|j| gap(i, j)).collect()).collect();
    Some(standings_of(&below))
}

/// Mean of the differences between two of so many branches, and half the width of the interval that
/// [`standings_of`] needs for its level. The half width is infinite for fewer than two differences,
/// and where all are the same and not zero: that says nothing of how they would vary.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn bounds(gaps: &Moments, branches: usize, level: f64) -> (f64, f64) {
    let sd = gaps.sd().unwrap_or(0.0);
    if gaps.n < 2 || (sd <= 0.0 && gaps.mean.abs() > 0.0) {
        return (gaps.mean, f64::INFINITY);
    }
    let others = branches.saturating_sub(1).max(1) as f64;
    let n = gaps.n as f64;
    (gaps.mean, -student_t_quantile((1.0 - level) / others, n - 1.0) * sd / n.sqrt())
}

/// Standings from the differences of every branch `i` to those before it: mean of `i` less mean of `j`
/// at `below[i][j]`, with half the width of its interval, as from [`bounds`].
#[must_use]
pub fn standings_of(below: &[Vec<(f64, f64)>]) -> Vec<Standing> {
    let k = below.len();
    let gaps = |i: usize, j: usize| {
        let (mean, half) = below[i.max(j)][i.min(j)];
        (if i > j { mean } else { -mean }, half)
    };
    let least = |i: usize, of: fn((f64, f64)) -> f64, among: &dyn Fn(usize) -> bool| {
        let rest = (0..k).filter(|&j| j != i && among(j));
        rest.map(|j| of(gaps(i, j))).fold(f64::INFINITY, f64::min)
    };
    let upper: Vec<f64> = (0..k).map(|i| least(i, |(mean, half)| mean + half, &|_| true)).collect();
    let contends: Vec<bool> = upper.iter().map(|&end| end >= 0.0).collect();
    let standing = |i: usize| {
        // Infinite, and so cut to 0, where no other branch contends.
        let low = least(i, |(mean, half)| mean - half, &|j| contends[j]).min(0.0);
        Standing { behind: Interval { low, high: upper[i].max(0.0) }, contends: contends[i] }
    };
    (0..k).map(standing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sample::uniforms;
    use crate::stats::special::normal_quantile;

    /// Branches with these means, unit variance and correlation one half.
    fn branches(seed: u64, n: u64, means: &[f64]) -> Vec<Vec<f64>> {
        let normals = |stream: u64| {
            uniforms(1000 * seed + stream, n).map(normal_quantile).collect::<Vec<_>>()
        };
        let common = normals(0);
        let branch = |(k, mean): (usize, &f64)| {
            let own = normals(k as u64 + 1);
            common.iter().zip(own).map(|(c, o)| mean + (c + o) / 2.0_f64.sqrt()).collect()
        };
        means.iter().enumerate().map(branch).collect()
    }

    fn standing_all(columns: &[Vec<f64>]) -> Vec<Standing> {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        standings(&columns, 0.95).unwrap()
    }

    #[test]
    fn the_best_is_found_where_it_is_far_ahead() {
        let got = standing_all(&branches(1, 4000, &[0.0, 1.0, 0.3]));
        assert!(got[1].contends && got[1].behind.low == 0.0, "{got:?}");
        assert!((0.6..0.8).contains(&got[1].behind.high), "{got:?}");
        assert!(!got[0].contends && got[0].behind.high == 0.0, "{got:?}");
        assert!(got[0].behind.contains(-1.0) && got[2].behind.contains(-0.7), "{got:?}");
    }

    #[test]
    fn equal_branches_all_contend() {
        let same = vec![vec![1.0, 2.0, 3.0]; 3];
        assert!(standing_all(&same).iter().all(|s| s.contends));
        let handful = vec![vec![0.0; 4], vec![1.0; 4]];
        assert!(standing_all(&handful).iter().all(|s| s.contends));
        assert_eq!(standings(&[&[1.0, 2.0]], 0.95), None);
        assert_eq!(standings(&[&[1.0, 2.0], &[1.0, f64::INFINITY]], 0.95), None);
        assert_eq!(standings(&[&[1.0, 2.0], &[1.0]], 0.95), None);
    }

    #[test]
    fn the_best_is_not_called_worse() {
        // The order is known; the best one must contend, and alone only where it is the best.
        for (means, best) in [(&[0.0, 0.1, 0.05][..], 1), (&[0.3, 0.0, 0.29, 0.28], 0)] {
            let (mut dropped, mut alone) = (0, 0);
            for seed in 0..3000 {
                let got = standing_all(&branches(9000 + seed, 200, means));
                dropped += u32::from(!got[best].contends);
                let others = (0..got.len()).filter(|&k| k != best && got[k].contends).count();
                alone += u32::from(others > 0 && !got[best].contends);
            }
            println!(
                "the best dropped in {dropped}, another called it in {alone} of 3000: {means:?}"
            );
            assert!(dropped <= 185 && alone <= 185, "{dropped} {alone} for {means:?}");
        }
    }

    #[test]
    fn all_intervals_hold_together() {
        let cases: [&[f64]; 3] =
            [&[0.0, 0.1, 0.1, 0.1, 0.1], &[0.0, 0.0, 0.0], &[0.2, 0.15, -0.3, 0.19]];
        for means in cases {
            let behind = |i: usize| {
                let rest = means.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, m)| *m);
                means[i] - rest.fold(f64::NEG_INFINITY, f64::max)
            };
            let wrong = (0..3000_u64).filter(|seed| {
                let got = standing_all(&branches(*seed, 200, means));
                !got.iter().enumerate().all(|(i, s)| s.behind.contains(behind(i)))
            });
            let wrong = wrong.count();
            println!("{wrong} of 3000 wrong for {means:?}");
            // 5 %, and three standard errors.
            assert!(wrong <= 185, "{wrong} of 3000 for {means:?}");
        }
    }
}
