//! Metrics that use others: references by name or in place, compiled in the order of dependence.

use super::MetricSpec;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::Model;
use crate::model::lookup::{Dim, Lookup};
use crate::model::path::Path;
use crate::sim::contract::{Metric, MetricKind};
use crate::sim::program::Program;
use crate::syntax::{self, Name, Num, RawNode, reject, schema};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Another metric, as written: its name in quotes, or a metric in place.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricRef {
    /// A metric of the file.
    Named(Name),
    /// A metric written in place.
    Inline(Box<MetricSpec>),
}

impl<'de> Deserialize<'de> for MetricRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = RawNode::deserialize(deserializer)?;
        if node.first() == Some('"') {
            return node.parse().map(MetricRef::Named).map_err(reject);
        }
        node.parse().map(|spec| MetricRef::Inline(Box::new(spec))).map_err(reject)
    }
}

schema::form!(MetricRef, "MetricRef", |generator| {
    let inline = generator.subschema_for::<MetricSpec>();
    schema::either(
        "A metric of the file by its name, or one in place",
        [schema::text("A metric of the file"), inline],
    )
});

impl MetricRef {
    /// Where it is written.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            MetricRef::Named(name) => name.span,
            MetricRef::Inline(spec) => spec.span,
        }
    }
}

/// A number of a metric, as written: a plain number, or a metric of the number kind.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberRef {
    /// A plain number.
    Plain(Num),
    /// A metric.
    Metric(MetricRef),
}

impl<'de> Deserialize<'de> for NumberRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = RawNode::deserialize(deserializer)?;
        if node.first().is_some_and(|c| c.is_ascii_digit() || "+-.".contains(c)) {
            return node.parse().map(NumberRef::Plain).map_err(reject);
        }
        node.parse().map(NumberRef::Metric).map_err(reject)
    }
}

schema::form!(NumberRef, "NumberRef", |generator| {
    let metric = generator.subschema_for::<MetricRef>();
    schema::either("A number, or a metric of the number kind", [schema::number(), metric])
});

/// How far a metric of the file is compiled.
#[derive(Debug, Clone)]
enum State {
    Written,
    UnderWay,
    Done(Option<Arc<dyn Metric>>),
}

/// Compiles the metrics of a file, each once, whatever the order in which they use each other.
#[derive(Debug)]
pub struct Builder<'a> {
    rows: Vec<(&'a Name, &'a MetricSpec, State)>,
    index: BTreeMap<&'a str, usize>,
    depth: usize,
}

/// Metrics written in place inside each other, or naming each other: far beyond any use.
const DEEPEST: usize = 64;

impl<'a> Builder<'a> {
    /// A builder for the named metrics of a file; of two of one name the first is kept.
    #[must_use]
    pub fn new(metrics: impl IntoIterator<Item = (&'a Name, &'a MetricSpec)>) -> Builder<'a> {
        let mut builder = Builder { rows: Vec::new(), index: BTreeMap::new(), depth: 0 };
        for (name, spec) in metrics {
            builder.index.entry(&name.value).or_insert(builder.rows.len());
            builder.rows.push((name, spec, State::Written));
        }
        builder
    }

    /// Compiles every metric of the file, in its order. `None` where a mistake was reported.
    pub fn all(
        &mut self,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Vec<Option<Arc<dyn Metric>>> {
        (0..self.rows.len()).map(|row| self.row(row, None, lookup, out)).collect()
    }

    /// Compiles the metric that a reference means.
    pub fn refer(
        &mut self,
        to: &MetricRef,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        match to {
            MetricRef::Inline(spec) => self.spec(spec, lookup, out),
            MetricRef::Named(name) => {
                // Marks the metric as used.
                let _ = lookup.metrics.get(&name.value);
                let Some(&row) = self.index.get(name.value.as_str()) else {
                    let mut error =
                        Diagnostic::error("E020", format!("there is no metric `{}`", name.value))
                            .at(name.span)
                            .label("unknown name");
                    let known = self.index.keys().copied();
                    if let Some(question) = syntax::did_you_mean(&name.value, known) {
                        error = error.help(question);
                    }
                    out.push(error);
                    return None;
                };
                self.row(row, Some(name), lookup, out)
            }
        }
    }

    /// Compiles a reference that must be of the number kind (E022).
    pub fn refer_number(
        &mut self,
        to: &NumberRef,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        match to {
            NumberRef::Plain(num) => {
                let x = lookup.constant(num, Dim::Free, out)?;
                Some(Arc::new(Constant(x)))
            }
            NumberRef::Metric(to) => {
                let found = self.refer(to, lookup, out)?;
                let wanted = found.kind() == MetricKind::Number;
                if !wanted {
                    out.push(
                        Diagnostic::error("E022", "a number is wanted here")
                            .at(to.span())
                            .label(format!("this is a {}", word(found.kind())))
                            .help(
                                "numbers are Peak, Low, Mean, End, Area, DaysAbove, DaysWhile, \
                                   Count, Payoff, Term, Gdp, Events, Minus, Divide",
                            ),
                    );
                }
                wanted.then_some(found)
            }
        }
    }

    /// Compiles a metric written in place.
    pub fn spec(
        &mut self,
        spec: &MetricSpec,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        if self.depth >= DEEPEST {
            out.push(
                Diagnostic::error("E016", "metrics are nested too deeply")
                    .at(spec.span)
                    .help(format!("at most {DEEPEST} may use each other in a row")),
            );
            return None;
        }
        self.depth += 1;
        let built = spec.build(self, lookup, out);
        self.depth -= 1;
        built
    }

    fn row(
        &mut self,
        row: usize,
        used_at: Option<&Name>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let (name, spec, state) = &self.rows[row];
        let (name, spec) = (*name, *spec);
        match state {
            State::Done(metric) => metric.clone(),
            State::UnderWay => {
                let at = used_at.unwrap_or(name);
                out.push(
                    Diagnostic::error("E036", format!("metric `{}` needs itself", name.value))
                        .at(at.span)
                        .label("leads back to where it started")
                        .related(name.span, "defined here")
                        .help("metrics may use each other, but not in a circle"),
                );
                None
            }
            State::Written => {
                self.rows[row].2 = State::UnderWay;
                let built = self.spec(spec, lookup, out);
                self.rows[row].2 = State::Done(built.clone());
                built
            }
        }
    }
}

fn word(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Probability => "probability",
        MetricKind::Time => "time",
        MetricKind::Number => "number",
        MetricKind::Category => "category",
    }
}

/// A plain number in the place of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Constant(f64);

impl Metric for Constant {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, _program: &Program, _path: &Path) -> f64 {
        self.0
    }

    fn unit(&self, _model: &Model) -> String {
        String::new()
    }
}

/// 1 for yes and 0 for no.
#[inline]
pub(super) fn indicator(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}
