//! A metric among the trials in which something else is the case.

use super::{Builder, MetricRef};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::Model;
use crate::model::lookup::Lookup;
use crate::model::path::Path;
use crate::sim::contract::{Metric, MetricKind, Worse};
use crate::sim::program::Program;
use serde::Deserialize;
use std::sync::Arc;

/// `Given(condition, metric)` as written; the condition is a metric of the probability kind.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct GivenSpec(MetricRef, MetricRef);

/// A metric that has a value only where another one is yes.
#[derive(Debug, Clone)]
struct Given(Arc<dyn Metric>, Arc<dyn Metric>);

impl GivenSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "A metric among the trials in which another one, a probability, is yes.";
    /// How it is written.
    pub const EXAMPLE: &'static str =
        "Given(Happens(Signed(\"any\")), At(\"2025-11-01\", Is(\"tariff\", InForce)))";

    /// Compiles it. A condition of another kind is error E022.
    pub(super) fn build(
        &self,
        _span: Span,
        others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let condition = others.refer(&self.0, lookup, out);
        let metric = others.refer(&self.1, lookup, out);
        let condition = condition?;
        if condition.kind() != MetricKind::Probability {
            out.push(
                Diagnostic::error("E022", "a probability is wanted here: yes or no in a trial")
                    .at(self.0.span())
                    .help("use At, By, Ever, Happens, InOrder, AnsweredWithin or AtLeast"),
            );
            return None;
        }
        Some(Arc::new(Given(condition, metric?)))
    }
}

impl Metric for Given {
    fn kind(&self) -> MetricKind {
        self.1.kind()
    }

    fn measure(&self, program: &Program, path: &Path) -> f64 {
        if self.0.measure(program, path) > 0.5 { self.1.measure(program, path) } else { f64::NAN }
    }

    fn unit(&self, model: &Model) -> String {
        self.1.unit(model)
    }

    fn worse(&self, model: &Model) -> Option<Worse> {
        self.1.worse(model)
    }

    fn labels(&self, program: &Program) -> Vec<String> {
        self.1.labels(program)
    }
}
