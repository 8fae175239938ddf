//! Listing: firms of the targets that the owner's exporters may not supply.
//!
//! The part share × affiliates of the owner's exports to the targets stops, at most all of it. Firms
//! by name say who is hit; what they take of the flow is `share`, since the trade base knows no firms.

use super::number::{input_of, or_constant, percent};
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

/// A listing as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListingSpec {
    /// Share of the owner's exports to the targets that goes to listed firms; 0 if only `firms` are
    /// named.
    #[serde(default)]
    share: Option<Num>,
    /// Sectors in which it counts; all goods if left out.
    #[serde(default)]
    sectors: Vec<Name>,
    /// Listed firms of the file.
    #[serde(default)]
    firms: Vec<Name>,
    /// By what the share grows if affiliates of listed firms are included; 1 if left out.
    #[serde(default)]
    affiliates: Option<Num>,
}

/// A compiled listing.
#[derive(Debug, Clone, PartialEq)]
struct Listing {
    share: Value,
    affiliates: Value,
    scope: Scope,
    firms: Vec<String>,
}

impl ListingSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "Firms of the targets that may not be supplied: a share of the owner's exports stops.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Listing(share: 0.05, affiliates: 1.5)";

    /// Compiles it. Neither a share nor a firm is error E013.
    pub(super) fn build(
        &self,
        span: Span,
        _measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        if self.share.is_none() && self.firms.is_empty() {
            out.push(
                Diagnostic::error("E013", "a listing needs `share` or `firms`")
                    .at(span)
                    .help("write share: 0.05, or firms: [\"a_firm_of_the_file\"]"),
            );
            return None;
        }
        let known: Vec<_> = self.firms.iter().map(|f| lookup.firms.find(f, out)).collect();
        let share = or_constant(self.share.as_ref(), 0.0, Dim::Share, lookup, out);
        let affiliates = or_constant(self.affiliates.as_ref(), 1.0, Dim::NotNegative, lookup, out);
        let scope = Scope::build(&self.sectors, lookup, out);
        known.iter().all(Option::is_some).then_some(())?;
        Some(Arc::new(Listing {
            share: share?,
            affiliates: affiliates?,
            scope: scope?,
            firms: self.firms.iter().map(|f| f.value.clone()).collect(),
        }))
    }
}

impl Listing {
    fn stopped(&self, at: &Standing<'_>) -> f64 {
        let share = self.share.of(at.inputs) * self.affiliates.of(at.inputs) * at.count;
        share.clamp(0.0, 1.0)
    }
}

impl Instrument for Listing {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        self.scope.on_exports(at, WedgeKind::Stopped, self.stopped(at), out);
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        input_of(self.share, visit);
        input_of(self.affiliates, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        let cut = self.stopped(at) * 100.0;
        if self.firms.is_empty() {
            format!("listed firms, {} of exports to them", percent(cut))
        } else {
            format!("a listing of {}", self.firms.join(", "))
        }
    }
}
