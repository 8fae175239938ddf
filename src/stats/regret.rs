//! Regret and robustness: how much a branch gives away in a future, against the best one there.
//!
//! Values count as better the larger they are. The regret of a branch in a future is the best value of
//! all branches there less its own (Savage 1951); a future is a trial, or a set of trials that is met
//! by its mean. Largest and 90th-percentile regret and the share of futures that satisfy a
//! demand are those of robust decision making (Lempert, Popper and Bankes 2003; Herman et al. 2015).

/// Regrets by branch and trial; a trial in which any branch has no value or an infinite one is left
/// out. None if there are no branches or their columns have different lengths.
#[must_use]
pub fn by_trial(columns: &[&[f64]]) -> Option<Vec<Vec<f64>>> {
    let n = columns.first()?.len();
    if columns.iter().any(|column| column.len() != n) {
        return None;
    }
    let mut regrets = vec![Vec::with_capacity(n); columns.len()];
    for trial in 0..n {
        let values = || columns.iter().map(|column| column[trial]);
        if values().all(f64::is_finite) {
            let best = values().fold(f64::NEG_INFINITY, f64::max);
            regrets.iter_mut().zip(values()).for_each(|(list, value)| list.push(best - value));
        }
    }
    Some(regrets)
}

/// What a branch gives away over many futures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Regrets {
    /// 90th percentile over the futures.
    pub ninety: f64,
    /// The largest.
    pub largest: f64,
    /// Share of futures in which it is as good as the best.
    pub best_in: f64,
    /// Share of futures in which it meets the demand.
    pub satisfied: f64,
}

/// Regrets by branch over the futures that are the rows of the columns; None as for [`by_trial`], or
/// without a future.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn over(columns: &[&[f64]], demand: f64) -> Option<Vec<Regrets>> {
    let regrets = by_trial(columns)?;
    let row = |(regrets, column): (Vec<f64>, &&[f64])| {
        let n = regrets.len() as f64;
        let best = regrets.iter().filter(|regret| **regret <= 0.0).count() as f64;
        let known = column.iter().filter(|value| value.is_finite());
        let meets = known.clone().filter(|value| **value >= demand).count() as f64;
        let sorted = super::quantile::sorted(regrets)?;
        Some(Regrets {
            ninety: super::quantile::quantile(&sorted, 0.9)?,
            largest: *sorted.last()?,
            best_in: best / n,
            satisfied: meets / known.count() as f64,
        })
    };
    regrets.into_iter().zip(columns).map(row).collect()
}

/// Regrets of a branch's means in futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Futures {
    /// Trials in each future.
    pub trials: Vec<u64>,
    /// Mean values by branch and future; not a number where a future has no trial.
    pub means: Vec<Vec<f64>>,
    /// Regrets of the means by branch and future.
    pub regrets: Vec<Vec<f64>>,
}

impl Futures {
    /// The largest regret of each branch.
    #[must_use]
    pub fn largest(&self) -> Vec<f64> {
        let most =
            |row: &Vec<f64>| row.iter().copied().filter(|r| r.is_finite()).fold(0.0, f64::max);
        self.regrets.iter().map(most).collect()
    }

    /// The branch whose largest regret is least, of equal ones the first.
    #[must_use]
    pub fn minimax(&self) -> Option<usize> {
        let largest = self.largest();
        (0..largest.len()).min_by(|&a, &b| largest[a].total_cmp(&largest[b]))
    }
}

/// Mean regrets where `future` says in which of `futures` each trial lies. None as for
/// [`by_trial`], or if a future is out of range.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn by_future(columns: &[&[f64]], future: &[usize], futures: usize) -> Option<Futures> {
    let n = columns.first()?.len();
    let fits = columns.iter().all(|column| column.len() == n) && future.len() == n;
    if !fits || future.iter().any(|&f| f >= futures) {
        return None;
    }
    let mut trials = vec![0_u64; futures];
    let mut sums = vec![vec![0.0; futures]; columns.len()];
    for (trial, &place) in future.iter().enumerate() {
        if columns.iter().all(|column| column[trial].is_finite()) {
            trials[place] += 1;
            sums.iter_mut().zip(columns).for_each(|(row, column)| row[place] += column[trial]);
        }
    }
    let mean = |row: Vec<f64>| -> Vec<f64> {
        row.iter().zip(&trials).map(|(sum, &n)| sum / n as f64).collect()
    };
    let means: Vec<Vec<f64>> = sums.into_iter().map(mean).collect();
    let best: Vec<f64> = (0..futures)
        .map(|f| means.iter().map(|row| row[f]).fold(f64::NEG_INFINITY, f64::max))
        .collect();
    let regret = |row: &Vec<f64>| row.iter().zip(&best).map(|(mean, best)| best - mean).collect();
    let regrets = means.iter().map(regret).collect();
    Some(Futures { trials, means, regrets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savages_table() {
        // Savage's omelet: break into the bowl, into a saucer, throw away; a good and a rotten egg.
        let bowl = [6.0, 0.0];
        let saucer = [6.0, 5.0];
        let away = [5.0, 5.0];
        let regrets = by_trial(&[&bowl, &saucer, &away]).unwrap();
        assert_eq!(regrets, [vec![0.0, 5.0], vec![0.0, 0.0], vec![1.0, 0.0]]);
        let futures = by_future(&[&bowl, &saucer, &away], &[0, 1], 2).unwrap();
        assert_eq!((futures.regrets.clone(), futures.minimax()), (regrets, Some(1)));
        assert_eq!(futures.largest(), [5.0, 0.0, 1.0]);
    }

    #[test]
    fn over_many_futures() {
        let a: Vec<f64> = (0..=10).map(f64::from).collect();
        let b = [5.0; 11];
        let got = over(&[&a, &b], 5.0).unwrap();
        // Of `a` the regrets are 5, 4, 3, 2, 1 and six zeros, of `b` 5, 4, 3, 2, 1 and zeros too.
        let wanted =
            Regrets { ninety: 4.0, largest: 5.0, best_in: 6.0 / 11.0, satisfied: 6.0 / 11.0 };
        assert_eq!(got, [wanted, Regrets { satisfied: 1.0, ..wanted }]);
        assert_eq!(over(&[&[f64::NAN], &[1.0]], 0.0), None);
    }

    #[test]
    fn futures_are_met_by_their_means() {
        let (a, b) = ([1.0, 3.0, 10.0, f64::NAN], [2.0, 2.0, 4.0, 0.0]);
        let got = by_future(&[&a, &b], &[0, 0, 1, 2], 3).unwrap();
        assert_eq!(got.trials, [2, 1, 0]);
        assert_eq!((got.regrets[0][0], got.regrets[1][1]), (0.0, 6.0));
        assert_eq!((got.largest(), got.minimax()), (vec![0.0, 6.0], Some(0)));
        assert_eq!(by_trial(&[&a, &b]).unwrap()[1], [0.0, 1.0, 6.0]);
        assert_eq!(by_future(&[&a], &[0, 0, 0, 9], 3), None);
        assert_eq!(by_trial(&[&a, &b[..2]]), None);
    }
}
