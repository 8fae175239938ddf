//! What a run measures: names, units and kinds, as columns and legends need them.

use crate::model::observe::{SeriesKind, Shape};
use crate::sim::contract::{MetricKind, Worse};
use crate::sim::program::Program;
use crate::units::{Date, Epoch, Tick};

/// A metric: one column of values.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricHead {
    /// Written name.
    pub id: String,
    /// What a reader sees.
    pub title: String,
    /// How it is estimated.
    pub kind: MetricKind,
    /// Unit; empty for probabilities and categories.
    pub unit: String,
    /// Which end is the worse one, where the file or the metric's form says it.
    pub worse: Option<Worse>,
    /// Labels of a category, by position.
    pub labels: Vec<String>,
}

/// A recorded series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesHead {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Whether it jumps: drawn in steps.
    pub steps: bool,
    /// Observed values up to the start: date and value.
    pub history: Vec<(Date, f64)>,
}

/// A regime, worst first.
#[derive(Debug, Clone, PartialEq)]
pub struct RegimeHead {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
}

/// What one branch measures.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchHead {
    /// Written name.
    pub name: String,
    /// What a reader sees.
    pub title: String,
    /// Metrics in file order.
    pub metrics: Vec<MetricHead>,
    /// Series in file order.
    pub series: Vec<SeriesHead>,
    /// Regimes, worst first; empty where the file has none or records no series of them.
    pub regimes: Vec<RegimeHead>,
    /// Time axis.
    pub epoch: Epoch,
    /// Events up to here were run.
    pub horizon: Tick,
    /// Position of the series that holds the regime.
    pub(crate) regime_series: Option<usize>,
}

impl BranchHead {
    /// What a compiled branch measures.
    #[must_use]
    pub fn of(program: &Program) -> BranchHead {
        let model = &program.model;
        let metrics = model.metrics.iter().map(|named| MetricHead {
            id: named.name.clone(),
            title: if named.title.is_empty() { named.name.clone() } else { named.title.clone() },
            kind: named.metric.kind(),
            unit: named.unit.clone(),
            worse: named.worse.or_else(|| named.metric.worse(model)),
            labels: named.metric.labels(program),
        });
        let series = model.series.iter().map(|series| SeriesHead {
            name: series.name.clone(),
            title: if series.title.is_empty() { series.name.clone() } else { series.title.clone() },
            unit: series.unit.clone(),
            steps: series.shape == Shape::Step,
            history: series.history.clone(),
        });
        let regime_series = model.series.iter().position(|s| s.kind == SeriesKind::Regime);
        let regimes = model.regimes.iter().map(|regime| RegimeHead {
            name: regime.name.clone(),
            title: if regime.title.is_empty() { regime.name.clone() } else { regime.title.clone() },
        });
        BranchHead {
            name: model.branch.clone(),
            title: model.branch_title.clone(),
            metrics: metrics.collect(),
            series: series.collect(),
            regimes: if regime_series.is_some() { regimes.collect() } else { Vec::new() },
            epoch: model.epoch,
            horizon: model.horizon,
            regime_series,
        }
    }

    /// A head of metrics alone.
    #[cfg(test)]
    pub(crate) fn for_tests(
        name: &str,
        metrics: Vec<MetricHead>,
        epoch: Epoch,
        horizon: Tick,
    ) -> BranchHead {
        BranchHead {
            name: name.into(),
            title: name.into(),
            metrics,
            series: Vec::new(),
            regimes: Vec::new(),
            epoch,
            horizon,
            regime_series: None,
        }
    }

    /// The series that holds the regime's position.
    #[must_use]
    pub fn regime_series(&self) -> Option<&SeriesHead> {
        self.series.get(self.regime_series?)
    }

    /// Position of a metric.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<usize> {
        self.metrics.iter().position(|metric| metric.id == id)
    }
}
