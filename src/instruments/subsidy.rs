//! Subsidy: the owner pays its exporters part of the price.
//!
//! A negative export tax on sales to the targets: they get cheaper abroad, and the owner's treasury
//! pays for it, which the economy counts as negative revenue.

use super::number::{LevelNumber, LevelNumberSpec, percent};
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::economy::{WedgeKind, Wedges};
use crate::model::ids::InputId;
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::{Instrument, Standing};
use crate::syntax::Name;
use serde::Deserialize;
use std::sync::Arc;

/// Largest rate in percent: a price must be left.
const LARGEST: f64 = 95.0;

/// A subsidy as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubsidySpec {
    /// Percentage of the producer price that the treasury pays.
    rate: LevelNumberSpec,
    /// Sectors that are paid; all goods if left out.
    #[serde(default)]
    sectors: Vec<Name>,
}

/// A compiled subsidy.
#[derive(Debug, Clone, PartialEq)]
struct Subsidy {
    rate: LevelNumber,
    scope: Scope,
}

impl SubsidySpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "A payment to the owner's exporters: a negative export tax at the treasury's cost.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Subsidy(rate: pct(10))";

    /// Compiles it. A rate outside 0 to 95 % is error E023.
    pub(super) fn build(
        &self,
        span: Span,
        measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        let rate = self.rate.build(measure, Dim::Percent, lookup, out);
        let scope = Scope::build(&self.sectors, lookup, out);
        let (rate, scope) = (rate?, scope?);
        let constants: Vec<f64> = match &rate {
            LevelNumber::Same(Value::Const(x)) => vec![*x],
            LevelNumber::Same(Value::Input(_)) => Vec::new(),
            LevelNumber::Level => measure.levels.iter().map(|(_, x)| *x).collect(),
            LevelNumber::Table(rows) => rows
                .iter()
                .filter_map(|row| match row {
                    Value::Const(x) => Some(*x),
                    Value::Input(_) => None,
                })
                .collect(),
        };
        if let Some(x) = constants.iter().find(|x| !(0.0..=LARGEST).contains(*x)) {
            out.push(
                Diagnostic::error("E023", format!("a subsidy of {} is out of range", percent(*x)))
                    .at(span)
                    .label(format!("must lie between 0 and {}", percent(LARGEST))),
            );
            return None;
        }
        Some(Arc::new(Subsidy { rate, scope }))
    }
}

impl Subsidy {
    /// Percent.
    fn rate(&self, at: &Standing<'_>) -> f64 {
        (self.rate.of(at) * at.count).clamp(0.0, LARGEST)
    }
}

impl Instrument for Subsidy {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        self.scope.on_exports(at, WedgeKind::ExportTax, -self.rate(at) / 100.0, out);
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        self.rate.inputs(visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        format!("an export subsidy of {}", percent(self.rate(at)))
    }
}
