//! The run by day: which moments stand for days, what a path shows on them, quantiles across trials.
//!
//! Day 0 is the start. Day d is the end of the d-th day after `as_of`: its last minute, so that what
//! happens at 00:00 of the next day is not in it. The last day is the horizon itself.

use crate::model::ids::SeriesId;
use crate::model::path::Path;
use crate::units::{MINUTES_PER_DAY, Tick};

/// Probabilities of the daily quantiles of a series.
pub const QUANTILES: [f64; 9] = [0.05, 0.2, 0.25, 0.35, 0.5, 0.65, 0.75, 0.8, 0.95];

/// The days of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    horizon: Tick,
    last: usize,
}

impl Days {
    /// The days up to a horizon.
    #[must_use]
    pub fn until(horizon: Tick) -> Days {
        let minutes = horizon.0.max(0);
        let last = usize::try_from(minutes / MINUTES_PER_DAY).unwrap_or(0)
            + usize::from(minutes % MINUTES_PER_DAY > 0);
        Days { horizon, last }
    }

    /// Number of moments: the start and each day.
    #[must_use]
    pub fn len(self) -> usize {
        self.last + 1
    }

    /// Whether there is none: never, for the start is always there.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }

    /// The moment that stands for a day.
    #[must_use]
    pub fn tick(self, day: usize) -> Tick {
        if day == 0 {
            Tick::ZERO
        } else if day >= self.last {
            self.horizon
        } else {
            Tick(i64::try_from(day).unwrap_or(i64::MAX / MINUTES_PER_DAY) * MINUTES_PER_DAY - 1)
        }
    }

    /// The first day whose moment is not before `at`; the number of moments if there is none.
    #[must_use]
    pub fn first_from(self, at: Tick) -> usize {
        if at <= Tick::ZERO {
            0
        } else if at > self.horizon {
            self.len()
        } else {
            usize::try_from(at.0 / MINUTES_PER_DAY + 1).unwrap_or(usize::MAX).min(self.last)
        }
    }
}

/// Writes a series' value on each day into `out`, one cell a day.
#[allow(clippy::cast_possible_truncation, reason = "panels are single precision, as documented")]
pub(crate) fn read_series(path: &Path, series: SeriesId, days: Days, out: &mut [f32]) {
    let points = &path.series[series.index()];
    let mut day = 0;
    for (k, point) in points.iter().enumerate() {
        let to = points.get(k + 1).map_or(days.len(), |next| days.first_from(next.at));
        while day < to {
            out[day] = path.value_from(series, point, days.tick(day)) as f32;
            day += 1;
        }
    }
    out[day..].fill(0.0);
}

/// Adds one trial's regime on each day to `counts[regime * days + day]`.
pub(crate) fn count_regimes(path: &Path, series: SeriesId, days: Days, counts: &mut [u32]) {
    let points = &path.series[series.index()];
    let width = days.len();
    for (k, point) in points.iter().enumerate() {
        let from = days.first_from(point.at);
        let to = points.get(k + 1).map_or(width, |next| days.first_from(next.at));
        let row = super::tally::position(point.value) * width;
        if let Some(cells) = counts.get_mut(row + from..row + to.max(from)) {
            cells.iter_mut().for_each(|count| *count += 1);
        }
    }
}

/// Quantiles of one series under one branch by day.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelQuantiles {
    /// Trials they rest on.
    pub trials: u64,
    /// One row a probability of [`QUANTILES`], one value a day.
    pub rows: Vec<Vec<f32>>,
    /// By day, the trials strictly below the first of these quantiles and strictly above the last:
    /// fewer than the probabilities say where many trials share one value.
    pub outside: Vec<(u64, u64)>,
}

/// Type-7 quantiles (Hyndman and Fan 1996) of a day's values, which are sorted in place.
pub(crate) fn day_quantiles(values: &mut [f32]) -> [f32; QUANTILES.len()] {
    values.sort_unstable_by(f32::total_cmp);
    QUANTILES.map(|p| interpolate(values, p))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "positions in a panel are below 2^13; panels are single precision"
)]
fn interpolate(sorted: &[f32], p: f64) -> f32 {
    let Some(last) = sorted.len().checked_sub(1) else { return f32::NAN };
    let at = last as f64 * p;
    let low = (at.floor() as usize).min(last);
    let (a, b) = (f64::from(sorted[low]), f64::from(sorted[(low + 1).min(last)]));
    (a + (b - a) * (at - low as f64)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::observe::Shape;
    use crate::model::path::Point;

    const DAY: i64 = MINUTES_PER_DAY;

    #[test]
    fn days_end_before_the_next_begins() {
        let days = Days::until(Tick(3 * DAY));
        assert_eq!(days.len(), 4);
        let ticks: Vec<i64> = (0..4).map(|d| days.tick(d).0).collect();
        assert_eq!(ticks, [0, DAY - 1, 2 * DAY - 1, 3 * DAY]);
        // A date as horizon ends a minute earlier and has as many days.
        assert_eq!(Days::until(Tick(3 * DAY - 1)).len(), 4);
    }

    #[test]
    fn the_first_day_that_shows_an_event() {
        let days = Days::until(Tick(3 * DAY));
        for day in 0..days.len() {
            assert_eq!(days.first_from(days.tick(day)), day);
        }
        assert_eq!(days.first_from(Tick(1)), 1);
        assert_eq!(days.first_from(Tick(DAY)), 2);
        assert_eq!(days.first_from(Tick(3 * DAY + 1)), 4);
        assert_eq!(days.first_from(Tick::NEVER), 4);
    }

    fn path(points: &[(i64, f64)]) -> Path {
        Path {
            end: Tick(3 * DAY),
            horizon: Tick(3 * DAY),
            series: vec![
                points
                    .iter()
                    .map(|&(at, value)| Point { at: Tick(at), value, slope: 0.0 })
                    .collect(),
            ],
            shapes: vec![Shape::Step],
            ..Path::default()
        }
    }

    #[test]
    fn counts_agree_with_values_read_one_by_one() {
        let days = Days::until(Tick(3 * DAY));
        let path = path(&[(0, 1.0), (5, 0.0), (7, 1.0), (DAY, 0.0), (3 * DAY, 1.0)]);
        let mut counts = vec![0; 2 * days.len()];
        count_regimes(&path, SeriesId(0), days, &mut counts);
        let mut values = vec![0.0; days.len()];
        read_series(&path, SeriesId(0), days, &mut values);
        assert_eq!(values, [1.0, 1.0, 0.0, 1.0]);
        assert_eq!(counts, [0, 0, 1, 0, 1, 1, 0, 1]);
    }

    #[test]
    fn quantiles_of_a_day() {
        let mut values = [4.0, 1.0, 3.0, 2.0, 5.0];
        let quantiles = day_quantiles(&mut values);
        assert_eq!(quantiles[4].to_bits(), 3.0_f32.to_bits());
        assert!((quantiles[0] - 1.2).abs() < 1e-6);
    }
}
