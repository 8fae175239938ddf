//! The record of one trial that metrics, panels and charts read.

use super::ids::{ActorId, MoveId, SeriesId, TrackerId, WatchId};
use super::observe::Shape;
use crate::math;
use crate::units::Tick;

/// Occurrences of one event pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Track {
    /// How often.
    pub count: u32,
    /// First time, [`Tick::NEVER`] if not at all.
    pub first: Tick,
    /// Last time, [`Tick::BEFORE_ALL`] if not at all.
    pub last: Tick,
}

impl Track {
    /// No occurrence.
    pub const NONE: Track = Track { count: 0, first: Tick::NEVER, last: Tick::BEFORE_ALL };
}

/// A point of a series: value from `at` on, moving by the series' shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From this moment.
    pub at: Tick,
    /// The value at it.
    pub value: f64,
    /// Change a day, for linear series.
    pub slope: f64,
}

/// A visible or private act.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Act {
    /// When.
    pub at: Tick,
    /// By whom.
    pub by: ActorId,
    /// Which move; `None` for a dated measure taking effect.
    pub by_move: Option<MoveId>,
    /// Escalation weight.
    pub weight: f64,
}

/// The record of one trial. Cleared, not rebuilt, between trials.
#[derive(Debug, Clone, Default)]
pub struct Path {
    /// Horizon, or the moment the trial was stopped by `ends`.
    pub end: Tick,
    /// The file's horizon.
    pub horizon: Tick,
    /// Whether `ends` stopped it.
    pub stopped: bool,
    /// Events executed.
    pub events: u64,
    /// Hash of (time, kind, source) of every event, in order.
    pub fingerprint: u64,
    /// Whether each watched condition held at the start.
    pub watch_start: Vec<bool>,
    /// Changes of each watched condition, alternating from its start.
    pub watch_changes: Vec<Vec<Tick>>,
    /// Occurrences by tracker.
    pub tracks: Vec<Track>,
    /// Points by series, in time order; the first is at tick 0.
    pub series: Vec<Vec<Point>>,
    /// Shapes by series.
    pub shapes: Vec<Shape>,
    /// Acts in order.
    pub acts: Vec<Act>,
    /// Realised payoff features by actor and term: discounted integral of a flow (years) or sum of `once`.
    pub features: Vec<Vec<f64>>,
    /// Moves' prices and breaches paid by actor, discounted, payoff units.
    pub prices: Vec<f64>,
    /// Payoff weights by actor and term in this trial (sign, weight, by-type factor).
    pub weights: Vec<Vec<f64>>,
    /// Sum of log-probabilities of the choices made by draw.
    pub log_probability: f64,
    /// Number of those choices.
    pub choices: u32,
    /// Plan steps that were illegal on their day.
    pub skipped: u32,
    /// Shares of illegal moves in rule tables that fell to hold.
    pub illegal: u32,
}

impl Path {
    /// Whether a watched condition holds at a moment, after all events at it.
    #[must_use]
    pub fn watch_at(&self, watch: WatchId, at: Tick) -> bool {
        let changes = &self.watch_changes[watch.index()];
        let before = changes.partition_point(|&t| t <= at);
        self.watch_start[watch.index()] ^ (before % 2 == 1)
    }

    /// First moment at which a watched condition holds, [`Tick::NEVER`] if none by the end.
    #[must_use]
    pub fn watch_first(&self, watch: WatchId) -> Tick {
        if self.watch_start[watch.index()] {
            return Tick::ZERO;
        }
        self.watch_changes[watch.index()].first().copied().unwrap_or(Tick::NEVER)
    }

    /// Days in which a watched condition holds, up to the end.
    #[must_use]
    pub fn watch_days(&self, watch: WatchId) -> f64 {
        let mut minutes = 0;
        let mut holds = self.watch_start[watch.index()];
        let mut since = Tick::ZERO;
        for &at in &self.watch_changes[watch.index()] {
            if holds {
                minutes += (at - since).0;
            }
            holds = !holds;
            since = at;
        }
        if holds {
            minutes += (self.end - since).0.max(0);
        }
        Tick(minutes).days()
    }

    /// Occurrences of any of several patterns together.
    #[must_use]
    pub fn track(&self, ids: &[TrackerId]) -> Track {
        let mut all = Track::NONE;
        for id in ids {
            let one = self.tracks[id.index()];
            all.count += one.count;
            all.first = all.first.min(one.first);
            all.last = all.last.max(one.last);
        }
        all
    }

    /// Value of a series at a moment, after all events at it.
    #[must_use]
    pub fn value_at(&self, series: SeriesId, at: Tick) -> f64 {
        let points = &self.series[series.index()];
        let after = points.partition_point(|p| p.at <= at);
        let Some(point) = points.get(after.saturating_sub(1)) else { return 0.0 };
        self.value_from(series, point, at)
    }

    /// Value of a series at a moment, given its last point until then.
    #[inline]
    #[must_use]
    pub(crate) fn value_from(&self, series: SeriesId, point: &Point, at: Tick) -> f64 {
        between(self.shapes[series.index()], point, at.min(self.end))
    }

    /// Calls `visit(from, to, value at from, value at to)` for each piece of a series up to the end.
    pub fn pieces(&self, series: SeriesId, mut visit: impl FnMut(Tick, Tick, f64, f64)) {
        let points = &self.series[series.index()];
        let shape = self.shapes[series.index()];
        for (k, point) in points.iter().enumerate() {
            let to = points.get(k + 1).map_or(self.end, |next| next.at).min(self.end);
            if to >= point.at {
                visit(point.at, to, point.value, between(shape, point, to));
            }
        }
    }

    /// Integral of a series over the trial, in value × days.
    #[must_use]
    pub fn integral(&self, series: SeriesId) -> f64 {
        let shape = self.shapes[series.index()];
        let mut total = 0.0;
        self.pieces(series, |from, to, a, b| {
            let days = (to - from).days();
            total += match shape {
                Shape::Step => a * days,
                Shape::Linear => 0.5 * (a + b) * days,
                Shape::Fade { rest, half_life } if half_life.is_finite() => {
                    // integral of rest + (a - rest) 2^(-t/h) is rest t + (a - b) h / ln 2
                    rest * days + (a - b) * half_life / std::f64::consts::LN_2
                }
                Shape::Fade { .. } => a * days,
            };
        });
        total
    }
}

/// The value at `at` of a series whose last point is `point`.
#[inline]
fn between(shape: Shape, point: &Point, at: Tick) -> f64 {
    let days = (at - point.at).days();
    match shape {
        Shape::Step => point.value,
        Shape::Linear => point.value + point.slope * days,
        Shape::Fade { rest, half_life } => {
            if half_life.is_finite() && days > 0.0 {
                let left = math::exp(-days * std::f64::consts::LN_2 / half_life);
                rest + (point.value - rest) * left
            } else {
                point.value
            }
        }
    }
}
