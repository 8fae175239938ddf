//! Metrics of numbers: differences, ratios and bounds.

use super::builder::indicator;
use super::{Builder, NumberRef};
use crate::diagnostic::{Diagnostics, Span};
use crate::model::Model;
use crate::model::lookup::{Dim, Lookup};
use crate::model::path::Path;
use crate::sim::contract::{Metric, MetricKind, Worse};
use crate::sim::program::Program;
use crate::syntax::Num;
use serde::Deserialize;
use std::sync::Arc;

/// `AtLeast(number, bound)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct AtLeastSpec(NumberRef, Num);

/// Whether a number reaches a bound.
#[derive(Debug, Clone)]
struct AtLeast(Arc<dyn Metric>, f64);

impl AtLeastSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that a number is a bound or more.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "AtLeast(DaysAbove(\"us_tariff\", 80), 56)";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let number = others.refer_number(&self.0, lookup, out);
        let bound = lookup.constant(&self.1, Dim::Free, out);
        Some(Arc::new(AtLeast(number?, bound?)))
    }
}

impl Metric for AtLeast {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, program: &Program, path: &Path) -> f64 {
        let x = self.0.measure(program, path);
        if x.is_nan() { x } else { indicator(x >= self.1) }
    }

    fn worse(&self, model: &Model) -> Option<Worse> {
        self.0.worse(model)
    }
}

/// `Minus(a, b)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct MinusSpec(NumberRef, NumberRef);

/// A difference.
#[derive(Debug, Clone)]
struct Minus(Arc<dyn Metric>, Arc<dyn Metric>);

impl MinusSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "One number less another.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Minus(Area(\"loss_cn\"), Area(\"loss_us\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let a = others.refer_number(&self.0, lookup, out);
        let b = others.refer_number(&self.1, lookup, out);
        Some(Arc::new(Minus(a?, b?)))
    }
}

impl Metric for Minus {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, program: &Program, path: &Path) -> f64 {
        self.0.measure(program, path) - self.1.measure(program, path)
    }

    /// Known where both numbers pull the same way: a cost less a payoff.
    fn worse(&self, model: &Model) -> Option<Worse> {
        let (a, b) = (self.0.worse(model)?, self.1.worse(model)?);
        (a == b.other()).then_some(a)
    }

    /// The unit of the first number that has one.
    fn unit(&self, model: &Model) -> String {
        let unit = self.0.unit(model);
        if unit.is_empty() { self.1.unit(model) } else { unit }
    }
}

/// `Divide(a, b)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct DivideSpec(NumberRef, NumberRef);

/// A ratio.
#[derive(Debug, Clone)]
struct Divide(Arc<dyn Metric>, Arc<dyn Metric>);

impl DivideSpec {
    /// One sentence for lists.
    pub const DOC: &'static str =
        "One number over another; a trial in which the second is 0 has no value.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Divide(Area(\"loss_us\"), Gdp(\"US\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let a = others.refer_number(&self.0, lookup, out);
        let b = others.refer_number(&self.1, lookup, out);
        Some(Arc::new(Divide(a?, b?)))
    }
}

impl Metric for Divide {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, program: &Program, path: &Path) -> f64 {
        let below = self.1.measure(program, path);
        if below == 0.0 { f64::NAN } else { self.0.measure(program, path) / below }
    }

    /// That of the first number, where the second is a plain size.
    fn worse(&self, model: &Model) -> Option<Worse> {
        if self.1.worse(model).is_some() { None } else { self.0.worse(model) }
    }

    /// None for a ratio of equal units.
    fn unit(&self, model: &Model) -> String {
        let (a, b) = (self.0.unit(model), self.1.unit(model));
        match (a.as_str(), b.as_str()) {
            (a, b) if a == b => String::new(),
            (a, "") => a.to_owned(),
            ("", b) => format!("per {b}"),
            (a, b) => format!("{a} per {b}"),
        }
    }
}
