//! Probabilities: yes or no in a trial.
//!
//! "On D" reads the state after all events of day D; with a number of days, after all events at that
//! tick. "By D" includes the whole of day D.

use super::Builder;
use super::builder::indicator;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::Model;
use crate::model::bridge::Scope;
use crate::model::condition::Condition;
use crate::model::ids::{ActorId, TrackerId, WatchId};
use crate::model::lookup::{Dim, Lookup};
use crate::model::path::{Act, Path};
use crate::model::written::{CondSpec, EventSpec};
use crate::sim::contract::{Metric, MetricKind, Question, Worse};
use crate::sim::program::Program;
use crate::syntax::{Name, Num, Spanned, When};
use crate::units::Tick;
use serde::Deserialize;
use std::sync::Arc;

/// The last moment of a written time; outside of the run it is error E025.
fn last_moment(when: &Spanned<When>, lookup: &Lookup, out: &mut Diagnostics) -> Tick {
    lookup.dated(&when.value, when.span, out);
    lookup.end_of(&when.value)
}

/// `At(date, condition)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct AtSpec(Spanned<When>, CondSpec);

/// Whether a condition holds at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct At(Tick, WatchId);

impl AtSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that a condition holds on a date, after its events.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "At(\"2025-11-01\", Is(\"tariff\", InForce))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let at = last_moment(&self.0, lookup, out);
        let condition = lookup.condition(&self.1, Scope::default(), out)?;
        Some(Arc::new(At(at, lookup.watch(condition))))
    }
}

impl Metric for At {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        indicator(path.watch_at(self.1, self.0))
    }

    fn question(&self) -> Option<Question> {
        Some(Question::HoldsAt(self.1, self.0))
    }
}

/// `By(date, event)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct BySpec(Spanned<When>, EventSpec);

/// Whether an event happens by a moment.
#[derive(Debug, Clone, PartialEq)]
struct By(Tick, Vec<TrackerId>);

impl BySpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that an event happens by the end of a date.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "By(\"2025-11-15\", Held(\"summit\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let at = last_moment(&self.0, lookup, out);
        let event = lookup.event(&self.1, Scope::default(), out)?;
        Some(Arc::new(By(at, event)))
    }
}

impl Metric for By {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let track = path.track(&self.1);
        indicator(track.count > 0 && track.first <= self.0)
    }

    fn moment(&self, path: &Path) -> Option<Tick> {
        let track = path.track(&self.1);
        (track.count > 0 && track.first <= self.0).then_some(track.first)
    }

    fn question(&self) -> Option<Question> {
        Some(Question::HappensBy(self.1.clone(), self.0))
    }
}

/// `Ever(condition)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct EverSpec(CondSpec);

/// Whether a condition ever holds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ever(WatchId);

impl EverSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that a condition holds at some time of the run.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Ever(Level(\"tariff\", 100))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let condition = lookup.condition(&self.0, Scope::default(), out)?;
        Some(Arc::new(Ever(lookup.watch(condition))))
    }
}

impl Metric for Ever {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        indicator(path.watch_first(self.0) != Tick::NEVER)
    }

    fn moment(&self, path: &Path) -> Option<Tick> {
        Some(path.watch_first(self.0)).filter(|first| *first != Tick::NEVER)
    }

    /// Of "this regime or a worse one".
    fn worse(&self, model: &Model) -> Option<Worse> {
        let watch = model.watches.get(self.0.index())?;
        matches!(watch.condition, Condition::Regime(_, true)).then_some(Worse::High)
    }

    fn question(&self) -> Option<Question> {
        Some(Question::Ever(self.0))
    }
}

/// `Happens(event)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct HappensSpec(EventSpec);

/// Whether an event happens.
#[derive(Debug, Clone, PartialEq)]
struct Happens(Vec<TrackerId>);

impl HappensSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that an event happens in the run.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "Happens(Cancelled(\"summit\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        Some(Arc::new(Happens(lookup.event(&self.0, Scope::default(), out)?)))
    }
}

impl Metric for Happens {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        indicator(path.track(&self.0).count > 0)
    }

    fn moment(&self, path: &Path) -> Option<Tick> {
        let track = path.track(&self.0);
        (track.count > 0).then_some(track.first)
    }

    fn question(&self) -> Option<Question> {
        Some(Question::HappensBy(self.0.clone(), Tick::NEVER))
    }
}

/// `InOrder(a, b)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
pub struct InOrderSpec(EventSpec, EventSpec);

/// Whether one event happens with another not before it.
#[derive(Debug, Clone, PartialEq)]
struct InOrder(Vec<TrackerId>, Vec<TrackerId>);

impl InOrderSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that a happens and b has not happened at an earlier minute; b may never happen.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "InOrder(Suspended(\"curbs\"), Dropped(\"tariff\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let a = lookup.event(&self.0, Scope::default(), out);
        let b = lookup.event(&self.1, Scope::default(), out);
        Some(Arc::new(InOrder(a?, b?)))
    }
}

impl Metric for InOrder {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let (a, b) = (path.track(&self.0), path.track(&self.1));
        indicator(a.count > 0 && a.first <= b.first)
    }
}

/// `AnsweredWithin(actor, days)` or `AnsweredWithin(actor, days, event)` as written.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(extend("minItems" = 2))]
pub struct AnsweredWithinSpec(Name, Num, #[serde(default)] Option<EventSpec>);

/// Whether an actor answers within a span.
#[derive(Debug, Clone, PartialEq)]
struct AnsweredWithin {
    actor: ActorId,
    span: Tick,
    /// What is answered; `None` is the first act of another actor.
    event: Option<Vec<TrackerId>>,
}

/// Smallest weight of an act that wants an answer, and of an answer.
const ANSWER: f64 = 1.0;

impl AnsweredWithinSpec {
    /// One sentence for lists.
    pub const DOC: &'static str = "Probability that an actor answers an event, or the first act of \
         weight 1 or more of another, by an act of weight 1 or more within so many days; no value \
         without such an event, or if the run ends first.";
    /// How it is written.
    pub const EXAMPLE: &'static str = "AnsweredWithin(\"CN\", days(7), Effective(\"tariff\"))";

    /// Compiles it.
    pub(super) fn build(
        &self,
        _span: Span,
        _others: &mut Builder<'_>,
        lookup: &mut Lookup,
        out: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let actor = lookup.actor(&self.0, out);
        let span = lookup.constant(&self.1, Dim::Days, out);
        let event = match &self.2 {
            Some(event) => Some(lookup.event(event, Scope::default(), out)?),
            None => None,
        };
        let span = Tick::from_days(span?);
        if let Some(event) = &event
            && event.is_empty()
        {
            out.push(Diagnostic::error("E022", "no event is named here").at(self.0.span));
            return None;
        }
        Some(Arc::new(AnsweredWithin { actor: actor?, span, event }))
    }
}

impl Metric for AnsweredWithin {
    fn kind(&self) -> MetricKind {
        MetricKind::Probability
    }

    fn measure(&self, _program: &Program, path: &Path) -> f64 {
        let mine = |act: &&Act| act.by == self.actor && act.weight >= ANSWER;
        // What is answered, and the acts that can answer it.
        let (at, acts) = match &self.event {
            Some(event) => {
                let track = path.track(event);
                if track.count == 0 {
                    return f64::NAN;
                }
                (track.first, &path.acts[..])
            }
            None => {
                let theirs = |act: &Act| act.by != self.actor && act.weight >= ANSWER;
                let Some(k) = path.acts.iter().position(theirs) else { return f64::NAN };
                (path.acts[k].at, &path.acts[k..])
            }
        };
        let until = at + self.span;
        let answered = acts.iter().filter(mine).any(|act| act.at >= at && act.at <= until);
        if !answered && until > path.end {
            return f64::NAN;
        }
        indicator(answered)
    }
}
