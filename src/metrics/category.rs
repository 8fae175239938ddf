//! Categories: the state in which a trial ends.

use super::Builder;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::Model;
use crate::model::condition::Condition;
use crate::model::ids::{RegimeId, WatchId};
use crate::model::lookup::Lookup;
use crate::model::path::Path;
use crate::sim::contract::{Metric, MetricKind, Worse};
use crate::sim::program::Program;
use serde::Deserialize;
use std::sync::Arc;

/// `Final(Regime)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct FinalSpec(Of);

/// Whose end is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
enum Of {
    Regime,
}

/// The regime at the end: one watched condition for each.
#[derive(Debug, Clone, PartialEq)]
struct FinalRegime(Vec<WatchId>);

impl FinalSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "The regime at the end of the run: one share for each regime.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Final(Regime)";

    /// Compiles it. A file without regimes is error E020.
    pub(super) fn build(
        &self,
        span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let Of::Regime = self.0;
        if lookup.regimes.is_empty() {
            out.push(
                Diagnostic::error("E020", "the file defines no regime")
                    .at(span)
                    .help("list `regimes`, worst first; the last one holds Always"),
            );
            return None;
        }
        let regimes = 0..lookup.regimes.len();
        let names: Vec<String> = regimes.clone().map(|k| lookup.regimes.name(k).into()).collect();
        for name in &names {
            // Marks the regime as used.
            let _ = lookup.regimes.get(name);
        }
        let watch = |k| lookup.watch(Condition::Regime(RegimeId::at(k), false));
        Some(Arc::new(FinalRegime(regimes.map(watch).collect())))
    }
}

impl Metric for FinalRegime {
    fn kind(&self) -> MetricKind {
        MetricKind::Category
    }

    #[allow(clippy::cast_precision_loss, reason = "regimes are counted on fingers")]
    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let holds = |watch: &WatchId| path.watch_at(*watch, path.end);
        self.0.iter().position(holds).map_or(f64::NAN, |k| k as f64)
    }

    /// Regimes are listed worst first.
    fn worse(&self, _model: &Model) -> Option<Worse> {
        Some(Worse::Low)
    }

    /// The regimes' names, worst first.
    fn labels(&self, program: &Program) -> Vec<String> {
        program.model.regimes.iter().map(|regime| regime.name.clone()).collect()
    }
}
