//! Scales of an exceedance chart: values linear or logarithmic, chances linear, or linear above 10 %
//! and logarithmic below.

use super::ExceedanceData;
use crate::chart::axis::{self, Scale, Tick};
use crate::chart::panel::{Point, steps};
use crate::chart::text;
use crate::math;

/// Below this many points a curve is drawn in steps.
const STEPPED: usize = 200;
/// Part of the plot's height that the logarithmic tail takes.
const TAIL: f64 = 0.42;

/// Both scales, and how data map onto them.
pub(super) struct Scales {
    pub(super) x: Scale,
    pub(super) y: Scale,
    log: bool,
    tail: Option<f64>,
}

impl Scales {
    pub(super) fn new(data: &ExceedanceData, room: (f64, f64), size: f64) -> Scales {
        let ends = || {
            let shown = data.curves.iter().flat_map(|c| [c.values[0], data.last_shown(c)]);
            shown.chain(data.threshold.iter().map(|t| t.0))
        };
        let low = ends().fold(f64::INFINITY, f64::min);
        let high = ends().fold(f64::NEG_INFINITY, f64::max);
        let log = data.logarithmic();
        let x = if log {
            axis::powers(low, high, room.0, size, &data.unit)
        } else {
            axis::values_across(low, high, room.0, size, &data.unit)
        };
        let most = (room.1 / (size * 3.0)).floor().max(2.0);
        let highest = data
            .curves
            .iter()
            .flat_map(|c| c.share.iter().chain(&c.upper))
            .copied()
            .fold(0.0, f64::max);
        let y = match data.tail {
            Some(floor) => tail_scale(floor, room.1, size),
            None => axis::shares(highest, most),
        };
        Scales { x, y, log, tail: data.tail }
    }

    pub(super) fn across(&self, value: f64) -> f64 {
        if self.log { math::log10(value) } else { value }
    }

    pub(super) fn up(&self, share: f64) -> f64 {
        match self.tail {
            Some(floor) => onto_tail(share, floor),
            None => share,
        }
    }

    /// The line of a curve, in steps if it is short. A distribution starts and ends on the axes.
    pub(super) fn line(&self, data: &ExceedanceData, values: &[f64], shares: &[f64]) -> Vec<Point> {
        let mut points: Vec<Point> = values
            .iter()
            .zip(shares)
            .map(|(&value, &share)| (self.across(value), self.up(share)))
            .collect();
        let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return points };
        // "At or beyond" holds up to a value and falls behind it; "at or below" rises at it.
        if data.cumulative {
            points.insert(0, (first.0, self.up(0.0)));
            points.insert(0, (self.x.low, self.up(0.0)));
            points.push((self.x.high, last.1));
            return if values.len() < STEPPED { steps(&points) } else { points };
        }
        let mut line = vec![(self.x.low, first.1)];
        if values.len() < STEPPED {
            for &(x, y) in &points {
                if let Some(&(before, _)) = line.last() {
                    line.push((before, y));
                }
                line.push((x, y));
            }
        } else {
            line.extend(points);
        }
        line.push((last.0, self.up(0.0)));
        line
    }
}

/// Height of a share on the scale that is linear above 10 % and logarithmic below.
fn onto_tail(share: f64, floor: f64) -> f64 {
    if share >= 0.1 {
        TAIL + (1.0 - TAIL) * (share - 0.1) / 0.9
    } else if share <= floor {
        // Just below the floor, so that a line that goes on leaves the panel.
        if share < floor * (1.0 - 1e-9) { -0.05 } else { 0.0 }
    } else {
        TAIL * math::log10(share / floor) / math::log10(0.1 / floor)
    }
}

/// Ticks of the scale that is linear above 10 % and logarithmic below, as many as fit.
fn tail_scale(floor: f64, room: f64, size: f64) -> Scale {
    let mut shares = vec![1.0, 0.5, 0.1, 0.75, 0.25, 0.8, 0.6, 0.4, 0.2];
    let mut decade = 0.01;
    while decade >= floor * (1.0 - 1e-9) {
        shares.push(decade);
        decade /= 10.0;
    }
    shares.extend([0.05, 0.02, 0.005, 0.002, 0.0005].into_iter().filter(|&s| s >= floor));
    // Either quarters or fifths, whichever comes first; never both.
    let mut ticks: Vec<Tick> = Vec::new();
    for share in shares {
        let at = onto_tail(share, floor);
        if ticks.iter().all(|t| (t.at - at).abs() * room > size * 1.6) {
            ticks.push(Tick { at, label: text::number(share * 100.0, 2), year: None });
        }
    }
    ticks.sort_by(|a, b| a.at.total_cmp(&b.at));
    if let Some(top) = ticks.last_mut() {
        top.label.push('%');
    }
    Scale { low: 0.0, high: 1.0, ticks, heading: None }
}
