//! Numbers of a trial: acts counted, payoffs, events, and the size of an economy.

use super::Builder;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::Model;
use crate::model::condition::ActFilter;
use crate::model::ids::ActorId;
use crate::model::lookup::Lookup;
use crate::model::path::{Act, Path};
use crate::model::written::SignWord;
use crate::sim::contract::{Metric, MetricKind, Worse};
use crate::sim::program::Program;
use crate::syntax::Name;
use serde::Deserialize;
use std::sync::Arc;

/// `Count(by: "US", sign: Up)` or `Count(move: "us_list")` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountSpec {
    /// A move.
    #[serde(default)]
    r#move: Option<Name>,
    /// An actor.
    #[serde(default)]
    by: Option<Name>,
    /// Sign of the weight of the actor's acts; any if left out.
    #[serde(default)]
    sign: Option<SignWord>,
}

/// How many acts of a kind a trial has.
#[derive(Debug, Clone, PartialEq)]
struct Count(Vec<ActFilter>);

impl CountSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Number of times a move is made, or of an actor's acts by sign.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Count(by: \"US\", sign: Up)";

    /// Compiles it. Exactly one of `move` and `by` must be given (E022).
    pub(super) fn build(
        &self,
        span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let filters = match (&self.r#move, &self.by) {
            (Some(name), None) if self.sign.is_none() => {
                let rows = lookup.move_rows_of(name, out)?;
                rows.into_iter().map(ActFilter::Move).collect()
            }
            (None, Some(name)) => {
                let up = match self.sign {
                    None | Some(SignWord::Any) => None,
                    Some(SignWord::Up) => Some(true),
                    Some(SignWord::Down) => Some(false),
                };
                vec![ActFilter::By(lookup.actor(name, out)?, up)]
            }
            _ => {
                out.push(
                    Diagnostic::error("E022", "`Count` takes either `move` or `by` with a `sign`")
                        .at(span)
                        .help("write Count(by: \"US\", sign: Up), or Count(move: \"a_move\")"),
                );
                return None;
            }
        };
        Some(Arc::new(Count(filters)))
    }
}

/// Whether an act is counted. A dated measure taking effect is no act of anybody's choice.
fn counts(filter: &ActFilter, act: &Act) -> bool {
    match filter {
        ActFilter::Move(id) => act.by_move == Some(*id),
        ActFilter::By(actor, up) => {
            act.by == *actor
                && act.by_move.is_some()
                && up.is_none_or(|up| if up { act.weight > 0.0 } else { act.weight < 0.0 })
        }
    }
}

impl Metric for Count {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    #[allow(clippy::cast_precision_loss, reason = "acts of a trial are far below 2^52")]
    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let counted = |act: &&Act| self.0.iter().any(|filter| counts(filter, act));
        path.acts.iter().filter(counted).count() as f64
    }
}

/// `Events` as written: no parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsSpec {}

/// Events executed in a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Events;

impl EventsSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Number of events executed in the trial.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Events";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        _lookup: &mut Lookup,
        _out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        Some(Arc::new(Events))
    }
}

impl Metric for Events {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    #[allow(clippy::cast_precision_loss, reason = "events of a trial are far below 2^52")]
    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        path.events as f64
    }
}

/// `Payoff(actor)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct PayoffSpec(Name);

/// An actor's realised payoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Payoff(ActorId);

impl PayoffSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Payoff of an actor in the trial's type: its terms by their weights, and what its moves cost.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Payoff(\"US\")";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        Some(Arc::new(Payoff(lookup.actor(&self.0, out)?)))
    }
}

impl Metric for Payoff {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let actor = self.0.index();
        let terms = path.features[actor].iter().zip(&path.weights[actor]);
        terms.map(|(feature, weight)| feature * weight).sum::<f64>() + path.prices[actor]
    }

    fn worse(&self, _model: &Model) -> Option<Worse> {
        Some(Worse::Low)
    }

    fn unit(&self, model: &Model) -> String {
        model.unit.clone()
    }
}

/// `Term(actor, name)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct TermSpec(Name, Name);

/// One term of an actor's realised payoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Term(ActorId, usize);

impl TermSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "One term of an actor's payoff, by the term's name.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Term(\"US\", \"Audience\")";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let actor = lookup.actor(&self.0, out)?;
        Some(Arc::new(Term(actor, lookup.term_of(actor, &self.1, out)?)))
    }
}

impl Metric for Term {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let actor = self.0.index();
        path.features[actor][self.1] * path.weights[actor][self.1]
    }

    fn worse(&self, _model: &Model) -> Option<Worse> {
        Some(Worse::Low)
    }

    fn unit(&self, model: &Model) -> String {
        model.unit.clone()
    }
}

/// `Gdp(actor)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct GdpSpec(Name);

/// An actor's yearly output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gdp(ActorId);

impl GdpSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Gross domestic product of an actor in one year, to divide by.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Gdp(\"US\")";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        Some(Arc::new(Gdp(lookup.actor(&self.0, out)?)))
    }
}

impl Metric for Gdp {
    fn kind(&self) -> MetricKind {
        MetricKind::Number
    }

    fn measure(&self, program: &Program, _path: &Path) -> f64 {
        program.model.actor(self.0).gdp
    }

    fn unit(&self, _model: &Model) -> String {
        "USD bn".to_owned()
    }
}
