//! Port fee: a charge on part of the ships that bring the targets' goods.
//!
//! It raises the cost of delivery of the owner's imports from the targets by cost × share on average.
//! The charge is treated as a cost, not as revenue: most of it is avoided by sending other ships.

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

/// A port fee as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortFeeSpec {
    /// Fee as a percentage of the cargo's value.
    cost: Num,
    /// Share of the fleet that pays; 1 if left out.
    #[serde(default)]
    share: Option<Num>,
    /// Sectors whose goods are carried; all goods if left out.
    #[serde(default)]
    sectors: Vec<Name>,
}

/// A compiled port fee.
#[derive(Debug, Clone, PartialEq)]
struct PortFee {
    cost: Value,
    share: Value,
    scope: Scope,
}

impl PortFeeSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "A charge on part of the fleet: delivery of the owner's imports from its targets costs more.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "PortFee(cost: pct(0.5), share: 0.3)";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        let cost = lookup.number(&self.cost, Dim::Percent, out);
        let share = or_constant(self.share.as_ref(), 1.0, Dim::Share, lookup, out);
        let scope = Scope::build(&self.sectors, lookup, out);
        Some(Arc::new(PortFee { cost: cost?, share: share?, scope: scope? }))
    }
}

impl PortFee {
    /// Share of the goods' value.
    fn cost(&self, at: &Standing<'_>) -> f64 {
        let share = self.share.of(at.inputs).clamp(0.0, 1.0);
        (self.cost.of(at.inputs) * at.count).max(0.0) * share / 100.0
    }
}

impl Instrument for PortFee {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        self.scope.on_imports(at, WedgeKind::Cost, self.cost(at), out);
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        input_of(self.cost, visit);
        input_of(self.share, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        format!("a port fee worth {} of the goods carried", percent(self.cost(at) * 100.0))
    }
}
