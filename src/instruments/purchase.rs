//! Purchase: the owner buys from its targets what it would not have bought.
//!
//! No price changes, so no wedge carries it. The sellers gain amount × kept × margin a year, shared
//! equally: the margin is what the sales add to income beyond what the resources would have earned
//! elsewhere. The default of 0.1 is an assumption, of the size of a producer's surplus; the buyer is
//! taken to pay the world price and to lose nothing, and other suppliers' losses are left out.

use super::number::{input_of, or_constant};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::economy::Wedges;
use crate::model::ids::{ActorId, InputId};
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::{Instrument, Standing};
use crate::syntax::Num;
use serde::Deserialize;
use std::sync::Arc;

/// Share of extra sales that is extra income, where the file does not say; assumed.
const MARGIN: f64 = 0.1;

/// A purchase as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseSpec {
    /// What is promised, USD bn a year.
    usd_bn: Num,
    /// Share of the promise that is kept; 1 if left out.
    #[serde(default)]
    kept: Option<Num>,
    /// Share of the sales that is extra income of the seller; 0.1 if left out.
    #[serde(default)]
    margin: Option<Num>,
}

/// A compiled purchase.
#[derive(Debug, Clone, PartialEq)]
struct Purchase {
    usd_bn: Value,
    kept: Value,
    margin: Value,
}

impl PurchaseSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Extra purchases by the owner from its targets, a share of them kept: a direct gain of the sellers.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Purchase(usd_bn: 12.8, kept: 0.6)";

    /// Compiles it. A negative amount is error E023.
    pub(super) fn build(
        &self,
        _span: Span,
        _measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        let usd_bn = lookup.number(&self.usd_bn, Dim::Money, out);
        if let Some(Value::Const(x)) = usd_bn
            && x < 0.0
        {
            out.push(
                Diagnostic::error("E023", "the number must not be negative")
                    .at(self.usd_bn.span)
                    .label("a purchase of less than nothing"),
            );
            return None;
        }
        let kept = or_constant(self.kept.as_ref(), 1.0, Dim::Share, lookup, out);
        let margin = or_constant(self.margin.as_ref(), MARGIN, Dim::Share, lookup, out);
        Some(Arc::new(Purchase { usd_bn: usd_bn?, kept: kept?, margin: margin? }))
    }
}

impl Purchase {
    /// USD bn a year that are bought.
    fn bought(&self, at: &Standing<'_>) -> f64 {
        let kept = self.kept.of(at.inputs).clamp(0.0, 1.0);
        self.usd_bn.of(at.inputs).max(0.0) * kept * at.count
    }
}

impl Instrument for Purchase {
    fn wedges(&self, _at: &Standing<'_>, _out: &mut Wedges) {}

    fn direct(&self, at: &Standing<'_>, actor: ActorId) -> f64 {
        let (sells, sellers) = if at.targets.is_empty() {
            (actor != at.owner, at.actors.len().saturating_sub(1))
        } else {
            (at.targets.contains(&actor), at.targets.len())
        };
        if !sells {
            return 0.0;
        }
        #[allow(clippy::cast_precision_loss, reason = "actors are counted on fingers")]
        let sellers = sellers.max(1) as f64;
        self.bought(at) * self.margin.of(at.inputs).clamp(0.0, 1.0) / sellers
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        input_of(self.usd_bn, visit);
        input_of(self.kept, visit);
        input_of(self.margin, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        format!("purchases of USD {:.1} bn a year", self.bought(at))
    }
}
