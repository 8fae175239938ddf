//! Measures and their steps, and stocks.

use super::Compiler;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::effect::LevelChoice;
use crate::model::ids::{ActorId, MeasureId};
use crate::model::lookup::{Dim, MeasureFacts};
use crate::model::measure::{Measure, MeasureGroup, Start};
use crate::model::stock::Stock;
use crate::model::value::{Lag, Value};
use crate::model::written::LevelText;
use crate::scenario::spec::actor::StockSpec;
use crate::scenario::spec::measure::{BelievedSpec, LevelRow, MeasureSpec, StartSpec, StepSpec};
use crate::syntax::{Entries, Num, Spanned, When};
use crate::units::Tick;

/// Share of dated statements of 2018-20 that were carried out in full: 6 of 14.
const STATEMENTS_CARRIED_OUT: f64 = 6.0 / 14.0;

/// What the steps of a measure share with it.
struct Common {
    owner: ActorId,
    targets: Vec<ActorId>,
    levels: Vec<(String, f64)>,
    words: bool,
    lead: Lag,
    legal: Option<u16>,
    weight: f64,
    expires: Option<Lag>,
    believed: Vec<Value>,
    answers: Vec<MeasureId>,
}

impl Compiler<'_> {
    /// Measures in the order of their ids, and the names that stand for them.
    pub(super) fn measures(&mut self) -> (Vec<Measure>, Vec<MeasureGroup>) {
        let rows = self.rows.measures.clone();
        let mut all = Vec::new();
        let mut groups = Vec::new();
        for (row, spec) in rows.into_iter().enumerate() {
            let Some(facts) = self.lookup.facts.get(row).cloned() else { continue };
            groups
                .push(MeasureGroup { name: spec.id.value.clone(), members: facts.members.clone() });
            self.lookup.enter(format!("measure:{}", spec.id.value));
            let Some(common) = self.common(spec, &facts) else { continue };
            if spec.steps.0.is_empty() {
                all.extend(self.whole(spec, &facts, &common));
                continue;
            }
            for (wrong, field) in [
                (!spec.effects.0.is_empty(), "effects"),
                (spec.start.value != StartSpec::Idle, "start"),
            ] {
                if wrong {
                    self.out.push(
                        Diagnostic::error(
                            "E022",
                            format!("a measure with steps has no `{field}` of its own"),
                        )
                        .at(spec.id.span)
                        .label("has steps")
                        .help(format!("write `{field}` in each step")),
                    );
                }
            }
            for step in &spec.steps {
                all.extend(self.step(spec, &step.value, &facts, &common));
            }
        }
        (all, groups)
    }

    fn common(&mut self, spec: &MeasureSpec, facts: &MeasureFacts) -> Option<Common> {
        let mut targets = Vec::new();
        for name in &spec.on {
            if name.value == "World" {
                continue;
            }
            targets.extend(self.lookup.actor(name, self.out));
        }
        if spec.on.0.len() > 1 && spec.on.iter().any(|name| name.value == "World") {
            self.out.push(
                Diagnostic::error("E022", "`World` already means every actor")
                    .at(spec.id.span)
                    .help("write on: \"World\", or a list of actors"),
            );
        }
        let lead = self.lag_or(spec.lead.as_ref(), 0.0);
        let weight = self.constant_or(spec.weight.as_ref(), Dim::Free, 0.0);
        let expires = match &spec.expires {
            Some(num) => Some(self.lookup.lag(num, self.out)?),
            None => None,
        };
        let believed = self.believed(spec.believed.as_ref(), facts.owner)?;
        let mut answers = Vec::new();
        for name in &spec.answers {
            answers.extend(self.members(name).unwrap_or_default());
        }
        let legal = spec.legal.as_ref().and_then(|name| self.lookup.legal.get(&name.value));
        Some(Common {
            owner: facts.owner,
            targets,
            levels: facts.levels.clone(),
            words: spec.levels.first().is_some_and(|row| !matches!(row, LevelRow::Number(_))),
            lead: lead?,
            legal: legal.and_then(|row| u16::try_from(row).ok()),
            weight: weight?,
            expires,
            believed,
            answers,
        })
    }

    /// Believed chance that a statement is carried out, by the owner's type.
    fn believed(&mut self, spec: Option<&BelievedSpec>, owner: ActorId) -> Option<Vec<Value>> {
        let types = self.lookup.types.get(owner.index()).map_or(1, Vec::len);
        match spec {
            None => Some(vec![Value::Const(STATEMENTS_CARRIED_OUT); types]),
            Some(BelievedSpec::All(num)) => {
                Some(vec![self.lookup.number(num, Dim::Share, self.out)?; types])
            }
            Some(BelievedSpec::ByType(map)) => {
                self.by_type(map, owner, Dim::Share, STATEMENTS_CARRIED_OUT)
            }
        }
    }

    /// Values by the types of an actor; `"all"` stands for those that are not named.
    pub(super) fn by_type(
        &mut self,
        map: &Entries<Num>,
        actor: ActorId,
        dim: Dim,
        default: f64,
    ) -> Option<Vec<Value>> {
        let rest = match map.get("all") {
            Some(num) => self.lookup.number(num, dim, self.out)?,
            None => Value::Const(default),
        };
        let types = self.lookup.types.get(actor.index()).map_or(1, Vec::len);
        let mut values = vec![rest; types];
        let mut whole = true;
        for (name, num) in map {
            if name.value == "all" {
                continue;
            }
            let position = self.lookup.actor_type(actor, name, self.out);
            let value = self.lookup.number(num, dim, self.out);
            match (position, value) {
                (Some(k), Some(value)) => values[usize::from(k)] = value,
                _ => whole = false,
            }
        }
        whole.then_some(values)
    }

    fn whole(
        &mut self,
        spec: &MeasureSpec,
        facts: &MeasureFacts,
        common: &Common,
    ) -> Option<Measure> {
        let start = self.start(&spec.start, facts, common.words)?;
        let instruments = spec
            .effects
            .iter()
            .filter_map(|e| e.value.build(facts, &mut self.lookup, self.out))
            .collect();
        let title = spec.name.clone().unwrap_or_else(|| spec.id.value.replace('_', " "));
        Some(made(spec, common, spec.id.value.clone(), title, start, instruments))
    }

    fn step(
        &mut self,
        spec: &MeasureSpec,
        step: &StepSpec,
        facts: &MeasureFacts,
        common: &Common,
    ) -> Option<Measure> {
        self.lookup.enter(format!("measure:{}.{}", spec.id.value, step.id.value));
        let start = self.start(&step.start, facts, common.words);
        let instruments: Vec<_> = step
            .effects
            .iter()
            .filter_map(|e| e.value.build(facts, &mut self.lookup, self.out))
            .collect();
        #[allow(clippy::cast_precision_loss, reason = "a handful of steps")]
        let share = common.weight / spec.steps.0.len() as f64;
        let weight = self.constant_or(step.weight.as_ref(), Dim::Free, share);
        let lead = match &step.lead {
            Some(num) => self.lookup.lag(num, self.out)?,
            None => common.lead,
        };
        let whole = spec.name.clone().unwrap_or_else(|| spec.id.value.replace('_', " "));
        let title = step.name.clone().unwrap_or_else(|| format!("{whole}, {}", step.id.value));
        let name = format!("{}.{}", spec.id.value, step.id.value);
        let mut measure = made(spec, common, name, title, start?, instruments);
        measure.weight = weight?;
        measure.lead = lead;
        Some(measure)
    }

    /// State at the start.
    fn start(
        &mut self,
        spec: &Spanned<StartSpec>,
        facts: &MeasureFacts,
        words: bool,
    ) -> Option<Start> {
        let last = u8::try_from(facts.levels.len()).unwrap_or(u8::MAX);
        let usual = if words { 1 } else { last };
        Some(match &spec.value {
            StartSpec::Idle => Start::Idle,
            StartSpec::InForce if !words && last > 1 => {
                self.out.push(
                    Diagnostic::error("E022", "in force at which of its levels?")
                        .at(spec.span)
                        .label("the measure has several")
                        .help(format!("write InForceAt({})", facts.levels[0].0)),
                );
                return None;
            }
            StartSpec::InForce => Start::InForce(1),
            StartSpec::InForceAt(level) => Start::InForce(self.start_level(facts, level)?),
            StartSpec::Announced { level, on, order } => Start::Announced {
                level: match level {
                    Some(level) => self.start_level(facts, level)?,
                    None => usual,
                },
                on: self.lookup.dated(&on.value, on.span, self.out),
                ordered: *order,
            },
            StartSpec::Suspended(until) => {
                Start::Suspended { level: usual, until: self.later(&until.value, until.span) }
            }
            StartSpec::SuspendedAt(level, until) => Start::Suspended {
                level: self.start_level(facts, level)?,
                until: self.later(&until.value, until.span),
            },
        })
    }

    fn start_level(&mut self, facts: &MeasureFacts, level: &LevelText) -> Option<u8> {
        match self.lookup.level(facts, level, self.out)? {
            LevelChoice::At(k) => Some(k),
            _ => {
                self.out.push(
                    Diagnostic::error("E035", "a level of this measure is wanted")
                        .at(level.span)
                        .label("not another measure's"),
                );
                None
            }
        }
    }

    /// The end of something that lasts: not in the past, but possibly after the run.
    pub(super) fn later(&mut self, when: &When, span: Span) -> Tick {
        let at = self.lookup.moment(when);
        if at < Tick::ZERO {
            self.out.push(
                Diagnostic::error("E025", "the date lies in the past")
                    .at(span)
                    .label("not later than `as_of`")
                    .help("what is over belongs in `history`"),
            );
        }
        at
    }

    /// Stocks of critical inputs.
    pub(super) fn stocks(&mut self) -> Vec<Stock> {
        let rows = self.rows.stocks.clone();
        rows.into_iter().filter_map(|spec| self.stock(spec)).collect()
    }

    fn stock(&mut self, spec: &StockSpec) -> Option<Stock> {
        self.lookup.enter(format!("stock:{}", spec.id.value));
        let user = self.lookup.actor(&spec.user, self.out);
        let start = self.lookup.number(&spec.start, Dim::Days, self.out);
        let thrift = self.number_or(spec.thrift.as_ref(), Dim::Share, 0.0);
        let output = self.number_or(spec.output.as_ref(), Dim::Money, 0.0);
        let cost_share = self.number_or(spec.cost_share.as_ref(), Dim::Share, 0.0);
        Some(Stock {
            name: spec.id.value.clone(),
            title: spec.name.clone().unwrap_or_else(|| spec.id.value.replace('_', " ")),
            of: spec.of.value.clone(),
            user: user?,
            start: start?,
            thrift: thrift?,
            output: output?,
            civil: spec.civil,
            cost_share: cost_share?,
        })
    }

    /// The members of a measure's name.
    pub(super) fn members(&mut self, name: &crate::syntax::Name) -> Option<Vec<MeasureId>> {
        self.lookup.measure(name, self.out).map(|facts| facts.members.clone())
    }
}

fn made(
    spec: &MeasureSpec,
    common: &Common,
    name: String,
    title: String,
    start: Start,
    instruments: Vec<std::sync::Arc<dyn crate::model::Instrument>>,
) -> Measure {
    Measure {
        name,
        title,
        owner: common.owner,
        targets: common.targets.clone(),
        levels: common.levels.clone(),
        start,
        lead: common.lead,
        legal: common.legal,
        weight: common.weight,
        expires: common.expires,
        repeat: spec.repeat,
        fixed: spec.fixed,
        believed: common.believed.clone(),
        answers: common.answers.clone(),
        instruments,
        eves: Vec::new(),
    }
}
