//! Tariff: an ad valorem duty on what the owner buys from its targets.
//!
//! Duties add on customs value: t(importer, exporter, sector) = sum over measures in force of
//! coverage × rate. Coverage is the share of the flow's value that pays.

use super::number::{LevelNumber, LevelNumberSpec, input_of, or_constant, percent};
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::economy::{WedgeKind, Wedges};
use crate::model::ids::InputId;
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::{Instrument, Standing};
use crate::syntax::{Name, Num};
use serde::Deserialize;
use std::sync::Arc;

/// A tariff as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffSpec {
    /// Rate in percent.
    rate: LevelNumberSpec,
    /// Share of the flow's value that pays; 1 if left out.
    #[serde(default)]
    coverage: Option<Num>,
    /// Sectors that pay; all goods if left out.
    #[serde(default)]
    sectors: Vec<Name>,
    /// Share of the sectors in the owner's goods imports from the targets, for the tariff series.
    #[serde(default)]
    of_trade: Option<Num>,
    /// Measures that the covered share is exempt from.
    #[serde(default)]
    instead_of: Vec<Name>,
}

/// A compiled tariff.
#[derive(Debug, Clone, PartialEq)]
struct Tariff {
    rate: LevelNumber,
    coverage: Value,
    scope: Scope,
    of_trade: Value,
}

impl TariffSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "An ad valorem duty on a share of what the owner imports from its targets.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Tariff(rate: pct(25), coverage: 0.8)";

    /// Compiles it. `instead_of` would need the rates of other measures: error E031.
    pub(super) fn build(
        &self,
        span: Span,
        measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        if let Some(name) = self.instead_of.first() {
            out.push(
                Diagnostic::error("E031", "`instead_of` is not supported yet")
                    .at(name.span)
                    .help("lower the `coverage` of the other measure by the share covered here"),
            );
        }
        for name in &self.instead_of {
            lookup.measure(name, out);
        }
        if !self.sectors.is_empty() && self.of_trade.is_none() {
            out.push(
                Diagnostic::error("E013", "a tariff on some sectors needs `of_trade`")
                    .at(span)
                    .label("how much of the trade do these sectors make up?")
                    .help(
                        "write of_trade: 0.3 if they are 30 % of the owner's goods imports from \
                         the targets; the tariff series averages with it",
                    ),
            );
        }
        let rate = self.rate.build(measure, Dim::Percent, lookup, out);
        let coverage = or_constant(self.coverage.as_ref(), 1.0, Dim::Share, lookup, out);
        let of_trade = or_constant(self.of_trade.as_ref(), 1.0, Dim::Share, lookup, out);
        let scope = Scope::build(&self.sectors, lookup, out);
        let (rate, coverage, scope) = (rate?, coverage?, scope?);
        let refused =
            !self.instead_of.is_empty() || (!self.sectors.is_empty() && self.of_trade.is_none());
        let of_trade = of_trade.filter(|_| !refused)?;
        Some(Arc::new(Tariff { rate, coverage, scope, of_trade }))
    }
}

impl Tariff {
    fn coverage(&self, at: &Standing<'_>) -> f64 {
        self.coverage.of(at.inputs).clamp(0.0, 1.0)
    }

    /// Percent, of one repetition; above -100, so that a price is left.
    fn rate(&self, at: &Standing<'_>) -> f64 {
        self.rate.of(at).max(-99.0)
    }
}

impl Instrument for Tariff {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        let points = (self.rate(at) * at.count).max(-99.0) * self.coverage(at) / 100.0;
        self.scope.on_imports(at, WedgeKind::Tariff, points, out);
    }

    fn tariff(&self, at: &Standing<'_>) -> Option<(f64, f64)> {
        let of_trade = self.of_trade.of(at.inputs).clamp(0.0, 1.0);
        Some((self.rate(at), self.coverage(at) * of_trade))
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        self.rate.inputs(visit);
        input_of(self.coverage, visit);
        input_of(self.of_trade, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        let what = if self.scope.is_all_goods() { "goods" } else { "goods of some sectors" };
        let share = self.coverage(at) * 100.0;
        if share >= 99.995 {
            format!("a tariff of {} on {what}", percent(self.rate(at)))
        } else {
            format!("a tariff of {} on {} of {what}", percent(self.rate(at)), percent(share))
        }
    }
}
