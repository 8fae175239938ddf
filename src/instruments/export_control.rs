//! Export control: what the owner sells of a good needs a licence, and only some are granted.
//!
//! Users of the good elsewhere get 1 - share × (1 - approval) of their normal use, each change
//! arriving `delay` days later (the stock layer keeps the dates). Where sectors are named, the part
//! share × (1 - approval) of the owner's sales in them stops: a steady state, without the delay.

use super::number::{LevelNumber, LevelNumberSpec, input_of, or_constant, percent};
use super::scope::Scope;
use crate::diagnostic::{Diagnostics, Span};
use crate::economy::{WedgeKind, Wedges};
use crate::model::ids::{ActorId, InputId};
use crate::model::lookup::{Dim, Lookup, MeasureFacts};
use crate::model::value::Value;
use crate::sim::contract::{Instrument, Standing, Supply};
use crate::syntax::{Name, Num};
use serde::Deserialize;
use std::sync::Arc;

/// An export control as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportControlSpec {
    /// The good, as stocks name it in `of`.
    goods: Name,
    /// Share of the users' normal use that it covers; 1 if left out.
    #[serde(default)]
    share: Option<Num>,
    /// Share of applications that are granted.
    approval: LevelNumberSpec,
    /// Days from approval to delivery; 0 if left out.
    #[serde(default)]
    delay: Option<Num>,
    /// Sectors of the trade base whose exports it stops; none if left out.
    #[serde(default)]
    sectors: Vec<Name>,
}

/// A compiled export control.
#[derive(Debug, Clone, PartialEq)]
struct ExportControl {
    goods: String,
    share: Value,
    approval: LevelNumber,
    delay: Value,
    scope: Option<Scope>,
}

impl ExportControlSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "A licence on the owner's exports of a good: users get only what is approved, after a delay.";
    /// How it is written.
    pub const EXAMPLE: &'static str =
        "ExportControl(goods: \"rare_earths\", share: 0.5, approval: 0.25, delay: days(60))";

    /// Compiles it. A good that no stock uses is allowed: the control then acts through sectors only,
    /// or stands for its escalation weight alone.
    pub(super) fn build(
        &self,
        _span: Span,
        measure: &MeasureFacts,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Instrument>> {
        // Marks the good as used.
        let _ = lookup.goods.get(&self.goods.value);
        let share = or_constant(self.share.as_ref(), 1.0, Dim::Share, lookup, out);
        let approval = self.approval.build(measure, Dim::Share, lookup, out);
        let delay = or_constant(self.delay.as_ref(), 0.0, Dim::Days, lookup, out);
        let scope = if self.sectors.is_empty() {
            None
        } else {
            Some(Scope::build(&self.sectors, lookup, out)?)
        };
        Some(Arc::new(ExportControl {
            goods: self.goods.value.clone(),
            share: share?,
            approval: approval?,
            delay: delay?,
            scope,
        }))
    }
}

impl ExportControl {
    fn share(&self, at: &Standing<'_>) -> f64 {
        (self.share.of(at.inputs) * at.count).clamp(0.0, 1.0)
    }

    fn approval(&self, at: &Standing<'_>) -> f64 {
        self.approval.of(at).clamp(0.0, 1.0)
    }
}

impl Instrument for ExportControl {
    fn wedges(&self, at: &Standing<'_>, out: &mut Wedges) {
        if let Some(scope) = &self.scope {
            let stopped = self.share(at) * (1.0 - self.approval(at));
            scope.on_exports(at, WedgeKind::Stopped, stopped, out);
        }
    }

    fn supply(&self, at: &Standing<'_>, good: &str, user: ActorId) -> Option<Supply> {
        let aimed =
            if at.targets.is_empty() { user != at.owner } else { at.targets.contains(&user) };
        (aimed && good == self.goods).then(|| Supply {
            share: self.share(at),
            approval: self.approval(at),
            delay: self.delay.of(at.inputs).max(0.0),
        })
    }

    fn inputs(&self, visit: &mut dyn FnMut(InputId)) {
        input_of(self.share, visit);
        self.approval.inputs(visit);
        input_of(self.delay, visit);
    }

    fn describe(&self, at: &Standing<'_>) -> String {
        format!(
            "export licences for {} of {}, {} approved",
            percent(self.share(at) * 100.0),
            self.goods.replace('_', " "),
            percent(self.approval(at) * 100.0)
        )
    }
}
