//! Times: when something first happens, and how long something holds.

use super::Builder;
use crate::diagnostic::{Diagnostics, Span};
use crate::model::Model;
use crate::model::bridge::Scope;
use crate::model::condition::Condition;
use crate::model::ids::{TrackerId, WatchId};
use crate::model::lookup::Lookup;
use crate::model::path::Path;
use crate::model::written::{CondSpec, EventSpec};
use crate::sim::contract::{Metric, MetricKind, Question, Worse};
use crate::sim::program::Program;
use serde::Deserialize;
use std::sync::Arc;

/// `FirstDay(event)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct FirstDaySpec(EventSpec);

/// Days from tick 0 to the first occurrence.
#[derive(Debug, Clone, PartialEq)]
struct FirstDay(Vec<TrackerId>);

impl FirstDaySpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "Days from the start to the first occurrence of an event, or never.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "FirstDay(Signed(\"any\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        Some(Arc::new(FirstDay(lookup.event(&self.0, Scope::default(), out)?)))
    }
}

impl Metric for FirstDay {
    fn kind(&self) -> MetricKind {
        MetricKind::Time
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let track = path.track(&self.0);
        if track.count > 0 { track.first.days() } else { f64::INFINITY }
    }

    fn question(&self) -> Option<Question> {
        Some(Question::FirstDay(self.0.clone()))
    }

    fn unit(&self, _model: &Model) -> String {
        "days".to_owned()
    }
}

/// `DaysWhile(condition)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct DaysWhileSpec(CondSpec);

/// Days in which a condition holds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct DaysWhile(WatchId);

impl DaysWhileSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Days in which a condition holds.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "DaysWhile(Is(\"tariff\", InForce))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let condition = lookup.condition(&self.0, Scope::default(), out)?;
        Some(Arc::new(DaysWhile(lookup.watch(condition))))
    }
}

impl Metric for DaysWhile {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        path.watch_days(self.0)
    }

    /// Of "this regime or a worse one".
    fn worse(&self, model: &Model) -> Option<Worse> {
        let watch = model.watches.get(self.0.index())?;
        matches!(watch.condition, Condition::Regime(_, true)).then_some(Worse::High)
    }

    fn question(&self) -> Option<Question> {
        Some(Question::DaysWhile(self.0))
    }

    fn unit(&self, _model: &Model) -> String {
        "days".to_owned()
    }
}
