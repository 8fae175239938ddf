//! The bridge from written conditions, events, effects and clauses to compiled ones.

use super::condition::{ActFilter, Condition, Number, StatusSet};
use super::diplomacy::Clause;
use super::effect::{Effect, Effects, LevelChoice, Timing};
use super::ids::{
    ActorId, ChannelId, ClockId, CoalitionId, CounterId, EveId, GaugeId, MeasureId, MeetingId,
    MoveId, PackageId, RegimeId, SeriesId, StockId, TrackerId, TruceId,
};
use super::lookup::{Dim, Lookup, MeasureFacts};
use super::observe::Pattern;
use super::value::{Lag, Term, Value};
use super::written::{
    ChannelWord, ClauseSpec, CondSpec, EffectSpec, EventSpec, LevelSpec, LevelText, MeetingWord,
    SignWord, SpanSpec, StatusWord,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draws::{Address, Purpose};
use crate::syntax::{self, Name};

/// Where a condition or effect stands: whose it is, and whether it may look at an occasion.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    /// The actor at hand, for `Member`, `Asked`, `OwnStockBelow`, `OwnType`, `Join`, `Offer`.
    pub actor: Option<ActorId>,
    /// Inside a decision rule.
    pub rule: bool,
    /// Inside a regime's own condition: regimes may not refer to regimes.
    pub regime: bool,
}

fn only(name: &Name, what: &str, where_: &str, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error("E029", format!("{what} has no meaning here"))
            .at(name.span)
            .label(format!("works only in {where_}")),
    );
}

impl Lookup {
    /// A level among those of a measure: its position 1..n.
    pub fn level(
        &self,
        facts: &MeasureFacts,
        text: &LevelText,
        out: &mut Diagnostics,
    ) -> Option<LevelChoice> {
        let found = match &text.value {
            LevelSpec::Like(name) => {
                return self.measure(name, out).map(|f| LevelChoice::Like(f.members[0]));
            }
            LevelSpec::Word(word) => facts.levels.iter().position(|(n, _)| n == word),
            LevelSpec::Number(x) => {
                facts.levels.iter().position(|(_, y)| crate::math::close(*x, *y, 1e-12))
            }
        };
        if found.is_none() {
            let known: Vec<_> = facts.levels.iter().map(|(n, _)| n.as_str()).collect();
            let mut error = Diagnostic::error("E035", "the measure has no such level")
                .at(text.span)
                .label("unknown level")
                .help(format!("its levels: {}", known.join(", ")));
            if let LevelSpec::Word(word) = &text.value
                && let Some(help) = syntax::did_you_mean(word, known.iter().copied())
            {
                error = error.help(help);
            }
            out.push(error);
        }
        found.and_then(|k| u8::try_from(k + 1).ok()).map(LevelChoice::At)
    }

    fn level_position(
        &self,
        facts: &MeasureFacts,
        text: &LevelText,
        out: &mut Diagnostics,
    ) -> Option<u8> {
        match self.level(facts, text, out)? {
            LevelChoice::At(k) => Some(k),
            _ => {
                out.push(
                    Diagnostic::error("E035", "a level of this measure is wanted")
                        .at(text.span)
                        .label("not another measure's"),
                );
                None
            }
        }
    }

    fn members(&self, name: &Name, out: &mut Diagnostics) -> Option<Box<[MeasureId]>> {
        self.measure(name, out).map(|f| f.members.clone().into_boxed_slice())
    }

    fn conditions(
        &mut self,
        parts: &[CondSpec],
        scope: Scope,
        out: &mut Diagnostics,
    ) -> Option<Box<[Condition]>> {
        // Every part is compiled, so that every mistake is found.
        let parts: Vec<_> = parts.iter().map(|p| self.condition(p, scope, out)).collect();
        parts.into_iter().collect()
    }

    /// A number that a condition compares: gauge, stock, coalition, series or counter by name.
    fn compared(&self, name: &Name, out: &mut Diagnostics) -> Option<Number> {
        if let Some(k) = self.gauges.get(&name.value) {
            return Some(Number::Gauge(GaugeId::at(k)));
        }
        if let Some(k) = self.stocks.get(&name.value) {
            return Some(Number::Stock(StockId::at(k)));
        }
        if let Some(k) = self.coalitions.get(&name.value) {
            return Some(Number::Coalition(CoalitionId::at(k)));
        }
        if let Some(k) = self.series.get(&name.value) {
            return Some(Number::Series(SeriesId::at(k)));
        }
        if let Some(k) = self.counters.get(&name.value) {
            return Some(Number::Counter(CounterId::at(k)));
        }
        let tables = [&self.gauges, &self.stocks, &self.coalitions, &self.series, &self.counters];
        let known: Vec<&str> = tables.iter().flat_map(|t| t.iter().map(|(n, _)| n)).collect();
        let mut error = Diagnostic::error("E020", format!("there is no number `{}`", name.value))
            .at(name.span)
            .label("no gauge, stock, coalition, series or counter of this name");
        if let Some(help) = syntax::did_you_mean(&name.value, known) {
            error = error.help(help);
        }
        out.push(error);
        None
    }

    /// Compiles a condition. Every mistake inside it is reported.
    pub fn condition(
        &mut self,
        spec: &CondSpec,
        scope: Scope,
        out: &mut Diagnostics,
    ) -> Option<Condition> {
        Some(match spec {
            CondSpec::Always => Condition::Always,
            CondSpec::All(parts) => Condition::All(self.conditions(parts, scope, out)?),
            CondSpec::Any(parts) => Condition::Any(self.conditions(parts, scope, out)?),
            CondSpec::Not(part) => Condition::Not(Box::new(self.condition(part, scope, out)?)),
            CondSpec::Is(name, words) => {
                let mut set = StatusSet(0);
                for word in &words.0 {
                    set = set.with(match word {
                        StatusWord::Idle | StatusWord::Withdrawn => StatusSet::IDLE,
                        StatusWord::Pending | StatusWord::Announced => StatusSet::PENDING,
                        StatusWord::InForce => StatusSet::IN_FORCE,
                        StatusWord::Suspended => StatusSet::SUSPENDED,
                    });
                }
                Condition::Is(self.members(name, out)?, set)
            }
            CondSpec::Level(name, level) => {
                let facts = self.measure(name, out)?.clone();
                let level = self.level_position(&facts, level, out)?;
                Condition::Level(facts.members.into(), level)
            }
            CondSpec::LevelAtLeast(name, level) => {
                let facts = self.measure(name, out)?.clone();
                let level = self.level_position(&facts, level, out)?;
                Condition::LevelAtLeast(facts.members.into(), level)
            }
            CondSpec::Counter(name, n) => {
                Condition::Counter(CounterId::at(self.counters.find(name, out)?), *n)
            }
            CondSpec::Sum(parts, n) => Condition::Sum(
                parts
                    .iter()
                    .map(|(name, k)| {
                        self.counters.find(name, out).map(|row| (CounterId::at(row), *k))
                    })
                    .collect::<Option<Vec<_>>>()?
                    .into(),
                *n,
            ),
            CondSpec::Above(name, bound) => {
                let number = self.compared(name, out);
                let bound = self.number(bound, Dim::Free, out)?;
                Condition::Above(number?, bound)
            }
            CondSpec::Below(name, bound) => {
                let number = self.compared(name, out);
                let bound = self.number(bound, Dim::Free, out)?;
                Condition::Below(number?, bound)
            }
            CondSpec::Channel(name, words) => {
                let bits = words.0.iter().fold(0, |bits, word| {
                    bits | match word {
                        ChannelWord::Open => 1,
                        ChannelWord::Strained => 2,
                        ChannelWord::Closed => 4,
                    }
                });
                Condition::Channel(ChannelId::at(self.channels.find(name, out)?), bits)
            }
            CondSpec::Meeting(name, words) => {
                let bits = words.0.iter().fold(0, |bits, word| {
                    bits | match word {
                        MeetingWord::Unplanned => 1,
                        MeetingWord::Planned => 2,
                        MeetingWord::Held => 4,
                        MeetingWord::Cancelled => 8,
                    }
                });
                Condition::Meeting(MeetingId::at(self.meetings.find(name, out)?), bits)
            }
            CondSpec::InDeal => Condition::InDeal(None),
            CondSpec::InDealBetween(a, b) => {
                let (a, b) = (self.actor(a, out), self.actor(b, out));
                Condition::InDeal(Some((a?, b?)))
            }
            CondSpec::Truce(name) => Condition::Truce(TruceId::at(self.truces.find(name, out)?)),
            CondSpec::Member(name) | CondSpec::Asked(name) => {
                let id = CoalitionId::at(self.coalitions.find(name, out)?);
                if scope.actor.is_none() && !scope.rule {
                    only(
                        name,
                        "`Member` and `Asked` ask about the actor at hand; this",
                        "guards of moves and in rules",
                        out,
                    );
                    return None;
                }
                match spec {
                    CondSpec::Member(_) => Condition::Member(id),
                    _ => Condition::Asked(id),
                }
            }
            CondSpec::Before(when) => Condition::Before(self.moment(when)),
            CondSpec::After(when) => match when {
                syntax::When::Date(date) => Condition::After(self.epoch.end_of(*date), false),
                other => Condition::After(self.moment(other), true),
            },
            CondSpec::LaterThan(name, span) => {
                let members = self.members(name, out);
                let span = self.number(span, Dim::Days, out)?;
                Condition::LaterThan(members?, span)
            }
            CondSpec::Since(event, span) => {
                let event = self.event(event, scope, out);
                let span = self.number(span, Dim::Days, out)?;
                Condition::Since(event?.into(), span)
            }
            CondSpec::Happened(event) => Condition::Happened(self.event(event, scope, out)?.into()),
            CondSpec::Count { r#move, by, sign, at_least, within } => {
                let within = match within {
                    Some(span) => Some(self.number(span, Dim::Days, out)?),
                    None => None,
                };
                let of = match (r#move, by) {
                    (Some(name), None) => {
                        let rows = self.move_rows_of(name, out)?;
                        if let [one] = rows.as_slice() {
                            ActFilter::Move(*one)
                        } else {
                            // A move of several actors counts by each of them.
                            let each = rows.into_iter().map(|row| Condition::Count {
                                of: ActFilter::Move(row),
                                at_least: *at_least,
                                within,
                            });
                            return Some(Condition::Any(each.collect()));
                        }
                    }
                    (None, Some(name)) => ActFilter::By(
                        self.actor(name, out)?,
                        match sign {
                            None | Some(SignWord::Any) => None,
                            Some(SignWord::Up) => Some(true),
                            Some(SignWord::Down) => Some(false),
                        },
                    ),
                    (a, b) => {
                        let mut error =
                            Diagnostic::error("E022", "`Count` takes either `move:` or `by:`")
                                .help("Count(by: \"US\", sign: Up, at_least: 2, within: days(30))");
                        if let Some(name) = a.as_ref().or(b.as_ref()) {
                            error = error.at(name.span);
                        }
                        out.push(error);
                        return None;
                    }
                };
                Condition::Count { of, at_least: *at_least, within }
            }
            CondSpec::StockedOut(name) => Condition::StockedOut(if name.value == "any" {
                None
            } else {
                Some(StockId::at(self.stocks.find(name, out)?))
            }),
            CondSpec::OwnStockBelow(bound) => {
                Condition::OwnStockBelow(self.number(bound, Dim::Days, out)?)
            }
            CondSpec::Regime(name) | CondSpec::RegimeAtLeast(name) => {
                if scope.regime {
                    only(
                        name,
                        "a regime inside a regime's condition",
                        "metrics, clocks and rules",
                        out,
                    );
                    return None;
                }
                let id = RegimeId::at(self.regimes.find(name, out)?);
                Condition::Regime(id, matches!(spec, CondSpec::RegimeAtLeast(_)))
            }
            CondSpec::EveOf(name) => {
                if !scope.rule {
                    only(name, "`EveOf` asks about the occasion of a decision; this", "rules", out);
                    return None;
                }
                let steps = format!("{}.", name.value);
                let eves: Vec<_> = (0..self.eve_names.len())
                    .filter(|&k| {
                        self.eve_names[k] == name.value || self.eve_names[k].starts_with(&steps)
                    })
                    .map(EveId::at)
                    .collect();
                if eves.is_empty() {
                    let mut error =
                        Diagnostic::error("E020", format!("there is no eve of `{}`", name.value))
                            .at(name.span)
                            .label("not in `eves`");
                    let known = self.eve_names.iter().map(String::as_str);
                    if let Some(help) = syntax::did_you_mean(&name.value, known) {
                        error = error.help(help);
                    }
                    out.push(error);
                    return None;
                }
                Condition::EveOf(eves.into())
            }
            CondSpec::AtMeeting(name) => {
                if !scope.rule {
                    only(
                        name,
                        "`AtMeeting` asks about the occasion of a decision; this",
                        "rules",
                        out,
                    );
                    return None;
                }
                Condition::AtMeeting(MeetingId::at(self.meetings.find(name, out)?))
            }
            CondSpec::ActBy { by, min_weight } => {
                let by = match by {
                    Some(name) => {
                        if !scope.rule {
                            only(
                                name,
                                "`ActBy` asks about the occasion of a decision; this",
                                "rules",
                                out,
                            );
                            return None;
                        }
                        Some(self.actor(name, out)?)
                    }
                    None => None,
                };
                let weight = match min_weight {
                    Some(num) => self.constant(num, Dim::Free, out)?,
                    None => 0.0,
                };
                Condition::ActBy(by, weight)
            }
            CondSpec::Belief { about, is, above } => {
                let actor = self.actor(about, out)?;
                let position = self.actor_type(actor, is, out);
                let above = self.number(above, Dim::Share, out)?;
                Condition::Above(Number::Belief(actor, position?), above)
            }
            CondSpec::OwnType(name) => match (scope.rule, scope.actor) {
                (true, Some(actor)) => Condition::OwnType(self.actor_type(actor, name, out)?),
                (true, None) => {
                    out.push(
                        Diagnostic::error(
                            "E029",
                            "this rule is used by no actor or by several kinds",
                        )
                        .at(name.span)
                        .label("whose type?")
                        .help("write `for_types: [..]` on the line instead"),
                    );
                    return None;
                }
                _ => {
                    only(name, "`OwnType` is private; this", "rules", out);
                    return None;
                }
            },
        })
    }

    /// Rows of a written move name: one, or one for each actor of an `Each`.
    pub fn move_rows_of(&self, name: &Name, out: &mut Diagnostics) -> Option<Vec<MoveId>> {
        if let Some(rows) = self.move_rows.get(&name.value) {
            for row in rows {
                let _ = self.moves.get(self.moves.name(*row));
            }
            return Some(rows.iter().map(|r| MoveId::at(*r)).collect());
        }
        if let Some(row) = self.moves.get(&name.value) {
            return Some(vec![MoveId::at(row)]);
        }
        let known = self.move_rows.keys().map(String::as_str);
        let mut error = Diagnostic::error("E020", format!("there is no move `{}`", name.value))
            .at(name.span)
            .label("unknown name");
        if let Some(help) = syntax::did_you_mean(&name.value, known) {
            error = error.help(help);
        }
        out.push(error);
        None
    }

    /// Compiles an event to the patterns that make it up.
    pub fn event(
        &mut self,
        spec: &EventSpec,
        scope: Scope,
        out: &mut Diagnostics,
    ) -> Option<Vec<TrackerId>> {
        let each = |this: &mut Lookup,
                    name: &Name,
                    out: &mut Diagnostics,
                    make: fn(MeasureId) -> Pattern| {
            let members = this.members(name, out)?;
            Some(members.iter().map(|m| this.track(make(*m))).collect::<Vec<_>>())
        };
        let package = |this: &Lookup, name: &Name, out: &mut Diagnostics| {
            if name.value == "any" {
                Some(None)
            } else {
                this.packages.find(name, out).map(|k| Some(PackageId::at(k)))
            }
        };
        let one = match spec {
            EventSpec::Effective(name) => return each(self, name, out, Pattern::Effective),
            EventSpec::Announced(name) => return each(self, name, out, Pattern::Announced),
            EventSpec::Suspended(name) => return each(self, name, out, Pattern::Suspended),
            EventSpec::Dropped(name) => return each(self, name, out, Pattern::Dropped),
            EventSpec::Lapsed(name) => return each(self, name, out, Pattern::Lapsed),
            EventSpec::DateOf(name) => return each(self, name, out, Pattern::DateOf),
            EventSpec::Held(name) => Pattern::Held(MeetingId::at(self.meetings.find(name, out)?)),
            EventSpec::HeldWithoutDeal(name) => {
                Pattern::HeldWithoutDeal(MeetingId::at(self.meetings.find(name, out)?))
            }
            EventSpec::Cancelled(name) => {
                Pattern::Cancelled(MeetingId::at(self.meetings.find(name, out)?))
            }
            EventSpec::Signed(name) => Pattern::Signed(package(self, name, out)?),
            EventSpec::Breached(name) => Pattern::Breached(package(self, name, out)?),
            EventSpec::Ended(name) => {
                if let Some(k) = self.truces.get(&name.value) {
                    Pattern::TruceEnded(TruceId::at(k))
                } else {
                    Pattern::Ended(package(self, name, out)?)
                }
            }
            EventSpec::Fired(name) => Pattern::Fired(ClockId::at(self.clocks.find(name, out)?)),
            EventSpec::StockOut(name) => Pattern::StockOut(if name.value == "any" {
                None
            } else {
                Some(StockId::at(self.stocks.find(name, out)?))
            }),
            EventSpec::PaidAudience(name) => Pattern::PaidAudience(self.actor(name, out)?),
            EventSpec::Move(name) => {
                let rows = self.move_rows_of(name, out)?;
                return Some(rows.into_iter().map(|m| self.track(Pattern::Move(m))).collect());
            }
            EventSpec::Leaked => Pattern::Leaked,
            EventSpec::Becomes(condition) => {
                let condition = self.condition(condition, scope, out)?;
                let watch = self.watch(condition);
                Pattern::Becomes(watch)
            }
            EventSpec::AnyOf(parts) => {
                let mut all = Vec::new();
                let mut whole = true;
                for part in parts {
                    match self.event(part, scope, out) {
                        Some(ids) => all.extend(ids),
                        None => whole = false,
                    }
                }
                return whole.then_some(all);
            }
        };
        Some(vec![self.track(one)])
    }

    /// A written span: days, a law, or `Lasts` inside a package.
    pub fn term(&mut self, spec: &SpanSpec, out: &mut Diagnostics) -> Option<Term> {
        match spec {
            SpanSpec::Lasts => Some(Term::Lasts),
            SpanSpec::Span(num) => self.lag(num, out).map(Term::Span),
        }
    }

    /// Compiles a list of effects. Verbs on a measure with steps become one effect for each step.
    pub fn effects(
        &mut self,
        specs: &[EffectSpec],
        scope: Scope,
        out: &mut Diagnostics,
    ) -> Option<Effects> {
        let mut list = Vec::with_capacity(specs.len());
        let mut whole = true;
        for spec in specs {
            whole &= self.effect(spec, scope, &mut list, out).is_some();
        }
        whole.then(|| list.into_boxed_slice())
    }

    fn effect(
        &mut self,
        spec: &EffectSpec,
        scope: Scope,
        list: &mut Vec<Effect>,
        out: &mut Diagnostics,
    ) -> Option<()> {
        let own = |name: &Name, out: &mut Diagnostics| {
            if scope.actor.is_none() {
                only(name, "this effect acts for the actor at hand; it", "moves", out);
            }
            scope.actor
        };
        match spec {
            EffectSpec::Announce { what, level, on, lead, order } => {
                let facts = self.measure(what, out)?.clone();
                let level = match level {
                    Some(text) => self.level(&facts, text, out)?,
                    None => LevelChoice::Given,
                };
                let timing = match (on, lead) {
                    (Some(when), None) => Timing::On(self.moment(when)),
                    (None, Some(num)) => Timing::Lead(self.lag(num, out)?),
                    (None, None) => Timing::OwnLead,
                    (Some(_), Some(_)) => {
                        out.push(
                            Diagnostic::error("E022", "`on` and `lead` exclude each other")
                                .at(what.span)
                                .help("keep the date or the lead"),
                        );
                        return None;
                    }
                };
                for measure in facts.members {
                    list.push(Effect::Announce {
                        measure,
                        level,
                        timing,
                        ordered: order.unwrap_or(true),
                    });
                }
            }
            EffectSpec::Enact(name) => {
                for m in self.members(name, out)? {
                    list.push(Effect::Enact(m, LevelChoice::Given));
                }
            }
            EffectSpec::EnactAt(name, level) => {
                let facts = self.measure(name, out)?.clone();
                let level = self.level(&facts, level, out)?;
                list.extend(facts.members.into_iter().map(|m| Effect::Enact(m, level)));
            }
            EffectSpec::Start(name) => {
                for m in self.members(name, out)? {
                    list.push(Effect::Start(m, LevelChoice::Given));
                }
            }
            EffectSpec::Postpone(name, span) => {
                let (members, term) = (self.members(name, out), self.term(span, out)?);
                list.extend(members?.into_iter().map(|m| Effect::Postpone(m, term)));
            }
            EffectSpec::Reschedule(name, span) => {
                let (members, lag) = (self.members(name, out), self.lag(span, out)?);
                list.extend(members?.into_iter().map(|m| Effect::Reschedule(m, lag)));
            }
            EffectSpec::Suspend(name, span) => {
                let (members, term) = (self.members(name, out), self.term(span, out)?);
                list.extend(members?.into_iter().map(|m| Effect::Suspend(m, term)));
            }
            EffectSpec::KeepSuspended(name, span) => {
                let (members, term) = (self.members(name, out), self.term(span, out)?);
                list.extend(members?.into_iter().map(|m| Effect::KeepSuspended(m, term)));
            }
            EffectSpec::Withdraw(name) => {
                for m in self.members(name, out)? {
                    list.push(Effect::Withdraw(m));
                }
            }
            EffectSpec::Strike { legal, wind_down } => {
                let row = self.legal.find(legal, out);
                let lag = self.lag(wind_down, out)?;
                list.push(Effect::Strike(u16::try_from(row?).ok()?, lag));
            }
            EffectSpec::Restore(legal) => {
                list.push(Effect::Restore(u16::try_from(self.legal.find(legal, out)?).ok()?));
            }
            EffectSpec::SetLevel(name, level) => {
                let facts = self.measure(name, out)?.clone();
                let level = self.level_position(&facts, level, out)?;
                list.extend(facts.members.into_iter().map(|m| Effect::SetLevel(m, level)));
            }
            EffectSpec::Repeat(name) => {
                for m in self.members(name, out)? {
                    list.push(Effect::Repeat(m));
                }
            }
            EffectSpec::Open(name) => {
                list.push(Effect::Channel(ChannelId::at(self.channels.find(name, out)?), 0));
            }
            EffectSpec::Strain(name) => {
                list.push(Effect::Channel(ChannelId::at(self.channels.find(name, out)?), 1));
            }
            EffectSpec::Close(name) => {
                list.push(Effect::Channel(ChannelId::at(self.channels.find(name, out)?), 2));
            }
            EffectSpec::Call { meeting, r#in } => {
                let row = self.meetings.find(meeting, out);
                let lag = self.lag(r#in, out)?;
                list.push(Effect::Call(MeetingId::at(row?), lag));
            }
            EffectSpec::Cancel(name) => {
                list.push(Effect::Cancel(MeetingId::at(self.meetings.find(name, out)?)));
            }
            EffectSpec::MoveMeeting(name, span) => {
                let row = self.meetings.find(name, out);
                let lag = self.lag(span, out)?;
                list.push(Effect::MoveMeeting(MeetingId::at(row?), lag));
            }
            EffectSpec::Offer(name) => {
                own(name, out)?;
                list.push(Effect::Offer(PackageId::at(self.packages.find(name, out)?)));
            }
            EffectSpec::EndDeal(name) => {
                own(name, out)?;
                list.push(Effect::EndDeal(PackageId::at(self.packages.find(name, out)?)));
            }
            EffectSpec::Extend(name, span) => {
                let row = self.truces.find(name, out);
                let lag = self.lag(span, out)?;
                list.push(Effect::Extend(TruceId::at(row?), lag));
            }
            EffectSpec::Add(name, n) => {
                list.push(Effect::Add(CounterId::at(self.counters.find(name, out)?), *n));
            }
            EffectSpec::Push(name, by) => {
                let row = self.gauges.find(name, out);
                let by = self.number(by, Dim::Free, out)?;
                list.push(Effect::Push(GaugeId::at(row?), by));
            }
            EffectSpec::Signal(_) => list.push(Effect::Signal),
            EffectSpec::Commit(name, x) => {
                let members = self.members(name, out);
                let x = self.number(x, Dim::NotNegative, out)?;
                list.extend(members?.into_iter().map(|m| Effect::Commit(m, x)));
            }
            EffectSpec::Reveal(name) => list.push(Effect::Reveal(self.actor(name, out)?)),
            EffectSpec::Join(name) => {
                own(name, out)?;
                list.push(Effect::Join(CoalitionId::at(self.coalitions.find(name, out)?)));
            }
            EffectSpec::Leave(name) => {
                own(name, out)?;
                list.push(Effect::Leave(CoalitionId::at(self.coalitions.find(name, out)?)));
            }
            EffectSpec::Punish(name) => {
                list.push(Effect::Punish(CoalitionId::at(self.coalitions.find(name, out)?)));
            }
            EffectSpec::Ask { who, after } => {
                let actor = self.actor(who, out);
                let lag = match after {
                    Some(num) => self.lag(num, out)?,
                    None => Lag::Days(Value::Const(0.0)),
                };
                list.push(Effect::Ask(actor?, lag));
            }
            EffectSpec::AskMembers(name) => {
                list.push(Effect::AskMembers(CoalitionId::at(self.coalitions.find(name, out)?)));
            }
            EffectSpec::Chance { p, then, otherwise } => {
                let p = self.number(p, Dim::Share, out);
                let place = self.unnamed("chance");
                let (then, otherwise) =
                    (self.effects(then, scope, out), self.effects(otherwise, scope, out));
                list.push(Effect::Chance {
                    address: Address::new(Purpose::Chance, &place),
                    p: p?,
                    then: then?,
                    otherwise: otherwise?,
                });
            }
            EffectSpec::If { condition, then, otherwise } => {
                let condition = self.condition(condition, scope, out);
                let (then, otherwise) =
                    (self.effects(then, scope, out), self.effects(otherwise, scope, out));
                list.push(Effect::If { condition: condition?, then: then?, otherwise: otherwise? });
            }
        }
        Some(())
    }

    /// Compiles the terms of a package.
    pub fn clauses(&mut self, specs: &[ClauseSpec], out: &mut Diagnostics) -> Option<Vec<Clause>> {
        let mut list = Vec::with_capacity(specs.len());
        let mut whole = true;
        for spec in specs {
            let done = self.clause(spec, &mut list, out);
            whole &= done.is_some();
        }
        whole.then_some(list)
    }

    fn clause(
        &mut self,
        spec: &ClauseSpec,
        list: &mut Vec<Clause>,
        out: &mut Diagnostics,
    ) -> Option<()> {
        match spec {
            ClauseSpec::Drop(name) => {
                list.extend(self.members(name, out)?.iter().map(|m| Clause::Drop(*m)));
            }
            ClauseSpec::Postpone(name, span) => {
                let (members, term) = (self.members(name, out), self.term(span, out)?);
                list.extend(members?.iter().map(|m| Clause::Postpone(*m, term)));
            }
            ClauseSpec::Suspend(name, span) => {
                let (members, term) = (self.members(name, out), self.term(span, out)?);
                list.extend(members?.iter().map(|m| Clause::Suspend(*m, term)));
            }
            ClauseSpec::KeepSuspended(name) => list.extend(
                self.members(name, out)?.iter().map(|m| Clause::KeepSuspended(*m, Term::Lasts)),
            ),
            ClauseSpec::Start(name) => {
                list.extend(self.members(name, out)?.iter().map(|m| Clause::Start(*m)));
            }
            ClauseSpec::SetLevel(name, level) => {
                let facts = self.measure(name, out)?.clone();
                let level = self.level_position(&facts, level, out)?;
                list.extend(facts.members.iter().map(|m| Clause::SetLevel(*m, level)));
            }
            ClauseSpec::NoNew(name) => {
                list.extend(self.members(name, out)?.iter().map(|m| Clause::NoNew(*m)));
            }
            ClauseSpec::Prolong(name) => {
                list.push(Clause::Prolong(TruceId::at(self.truces.find(name, out)?)));
            }
        }
        Some(())
    }
}
