//! Investigation: a probe that hits nothing yet, but may chill trade.
//!
//! By default it has no economic effect: it stands for its escalation weight. `chill` is a cost on
//! the owner's imports from the targets, as buyers turn away before any duty falls.

use super::number::{input_of, or_constant, percent};
use super::scope::Scope;
use crate::diagnostic::{Diagnostics, Span};
use crate::economy::{WedgeKind, Wedges};
use crate::model::ids::InputId;
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::{Instrument, Standing};
use crate::syntax::{Name, Num};
use serde::Deserialize;
use std::sync::Arc;

/// An investigation as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvestigationSpec {
    /// Cost to trade in percent; 0 if left out.
    #[serde(default)]
    chill: Option<Num>,
    /// Sectors that are investigated; all goods if left out.
    #[serde(default)]
    sectors: Vec<Name>,
}

/// A compiled investigation.
#[derive(Debug, Clone, PartialEq)]
struct Investigation {
    chill: Value,
    scope: Scope,
}

impl InvestigationSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "A probe against the targets: no effect on trade but an optional chill.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Investigation(chill: pct(1))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        let chill = or_constant(self.chill.as_ref(), 0.0, Dim::Percent, lookup, out);
        let scope = Scope::build(&self.sectors, lookup, out);
        Some(Arc::new(Investigation { chill: chill?, scope: scope? }))
    }
}

impl Investigation {
    /// Percent of the goods' value.
    fn chill(&self, at: &Standing<'_>) -> f64 {
        (self.chill.of(at.inputs) * at.count).max(0.0)
    }
}

impl Instrument for Investigation {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        self.scope.on_imports(at, WedgeKind::Cost, self.chill(at) / 100.0, out);
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        input_of(self.chill, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        let chill = self.chill(at);
        if chill > 0.0 {
            format!("an investigation that costs trade {}", percent(chill))
        } else {
            "an investigation".to_owned()
        }
    }
}
