//! Counters, channels, meetings, packages, truces, coalitions and eves.

use super::Compiler;
use super::names::EveOf;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::bridge::Scope;
use crate::model::diplomacy::{
    Channel, Coalition, Counter, Eve, EveTarget, Meeting, MeetingDate, Package, Truce,
};
use crate::model::ids::{ActorId, ChannelId, EveId, GaugeId, MeetingId, PackageId, TruceId};
use crate::model::lookup::Dim;
use crate::model::measure::Measure;
use crate::model::value::Value;
use crate::model::written::ChannelWord;
use crate::scenario::spec::actor::{Names, Part};
use crate::scenario::spec::diplomacy::{
    ChannelSpec, CoalitionSpec, MeetingSpec, MeetingWhen, PackageSpec, TruceSpec,
};
use crate::syntax::When;

/// Days in which the other side may end a broken deal, unless the file says otherwise.
const BREACH_FREES: f64 = 14.0;

/// Days before a deal's end at which its parties are asked to prolong, unless the file says otherwise.
const RENEW_BEFORE: f64 = 5.0;

impl Compiler<'_> {
    /// The actors that are party to talks unless parties are named.
    pub(super) fn principals(&self) -> Vec<ActorId> {
        let actors = self.rows.actors.iter().enumerate();
        actors
            .filter(|(_, actor)| actor.decides == Part::Principal)
            .map(|(k, _)| ActorId::at(k))
            .collect()
    }

    /// Named actors, or a default.
    fn parties(&mut self, names: &Names, default: Vec<ActorId>, span: Span) -> Vec<ActorId> {
        if names.0.is_empty() {
            return default;
        }
        let mut parties = Vec::new();
        for name in names {
            let Some(actor) = self.lookup.actor(name, self.out) else { continue };
            if parties.contains(&actor) {
                self.out.push(
                    Diagnostic::error("E021", format!("`{}` is named twice", name.value))
                        .at(name.span)
                        .related(span, "in this element"),
                );
                continue;
            }
            parties.push(actor);
        }
        parties
    }

    /// Talks need two sides.
    fn two_sides(&mut self, parties: &[ActorId], what: &str, span: Span) {
        if parties.len() < 2 {
            self.out.push(
                Diagnostic::error("E022", format!("{what} needs two sides"))
                    .at(span)
                    .label(format!("has {}", parties.len()))
                    .help("write parties: [\"US\", \"CN\"]"),
            );
        }
    }

    /// Counters.
    pub(super) fn counters(&mut self) -> Vec<Counter> {
        let specs = self.rows.counters.clone();
        let mut counters = Vec::with_capacity(specs.len());
        for spec in specs {
            let (low, high) = spec.within.value;
            if low > spec.start.value || spec.start.value > high {
                self.out.push(
                    Diagnostic::error("E023", "a counter starts within its bounds")
                        .at(spec.id.span)
                        .label(format!("starts at {}, bounds {low} to {high}", spec.start.value)),
                );
            }
            counters.push(Counter {
                name: spec.id.value.clone(),
                start: spec.start.value,
                low,
                high,
            });
        }
        counters
    }

    /// Channels.
    pub(super) fn channels(&mut self) -> Vec<Channel> {
        let specs = self.rows.channels.clone();
        specs.into_iter().filter_map(|spec| self.channel(spec)).collect()
    }

    fn channel(&mut self, spec: &ChannelSpec) -> Option<Channel> {
        let name = &spec.id.value;
        self.lookup.enter(format!("channel:{name}"));
        let principals = self.principals();
        let between = self.parties(&spec.between, principals, spec.id.span);
        let leak = self.number_or(spec.leak.as_ref(), Dim::Share, 0.0);
        let leaked = self.lookup.effects(&spec.leaked, Scope::default(), self.out);
        let closes = match &spec.closes {
            Some(closes) => {
                Some(self.guard(|| format!("channel `{name}`"), Some(closes), Scope::default())?)
            }
            None => None,
        };
        Some(Channel {
            name: name.clone(),
            between,
            start: match spec.start {
                ChannelWord::Open => 0,
                ChannelWord::Strained => 1,
                ChannelWord::Closed => 2,
            },
            leak: leak?,
            leaked: leaked?,
            closes,
        })
    }

    /// Packages.
    pub(super) fn packages(&mut self) -> Vec<Package> {
        let specs = self.rows.packages.clone();
        specs.into_iter().filter_map(|spec| self.package(spec)).collect()
    }

    fn package(&mut self, spec: &PackageSpec) -> Option<Package> {
        let name = &spec.id.value;
        self.lookup.enter(format!("package:{name}"));
        let principals = self.principals();
        let parties = self.parties(&spec.parties, principals, spec.id.span);
        self.two_sides(&parties, "a package", spec.id.span);
        let guard =
            self.guard(|| format!("package `{name}`"), spec.when.as_ref(), Scope::default());
        let lasts = self.lookup.lag(&spec.lasts, self.out);
        let terms: Vec<_> = spec.terms.iter().map(|term| term.value.clone()).collect();
        if terms.is_empty() && spec.then.is_empty() {
            self.out.push(
                Diagnostic::error("E027", format!("package `{name}` has no terms"))
                    .at(spec.id.span)
                    .label("changes nothing")
                    .help("write terms: [KeepSuspended(\"measure\")], or whatever is agreed"),
            );
        }
        let clauses = self.lookup.clauses(&terms, self.out);
        let weight = self.constant_or(spec.weight.as_ref(), Dim::Free, 0.0);
        let breach_once = self.weight_or(spec.breach.once.as_ref(), 0.0);
        let mut breach_push = Vec::new();
        for (gauge, by) in &spec.breach.push {
            let row = self.lookup.gauges.find(gauge, self.out);
            let by = self.lookup.number(by, Dim::Free, self.out);
            if let (Some(row), Some(by)) = (row, by) {
                breach_push.push((GaugeId::at(row), by));
            }
        }
        let breach_frees = self.number_or(spec.breach.frees.as_ref(), Dim::Days, BREACH_FREES);
        let renewal = match &spec.renewal {
            Some(num) => Some(self.lookup.lag(num, self.out)?),
            None => None,
        };
        let renew_before = self.number_or(spec.renew_before.as_ref(), Dim::Days, RENEW_BEFORE);
        let effects = self.lookup.effects(&spec.then, Scope::default(), self.out);
        Some(Package {
            name: name.clone(),
            title: spec.name.clone().unwrap_or_else(|| name.replace('_', " ")),
            parties,
            guard: guard?,
            lasts: lasts?,
            clauses: clauses?,
            weight: weight?,
            breach_once: breach_once?,
            breach_push,
            breach_frees: breach_frees?,
            renewal,
            renew_before: renew_before?,
            effects: effects?,
        })
    }

    /// Meetings.
    pub(super) fn meetings(&mut self) -> Vec<Meeting> {
        let specs = self.rows.meetings.clone();
        specs.into_iter().filter_map(|spec| self.meeting(spec)).collect()
    }

    fn meeting(&mut self, spec: &MeetingSpec) -> Option<Meeting> {
        let name = &spec.id.value;
        self.lookup.enter(format!("meeting:{name}"));
        let channel = match &spec.channel {
            Some(channel) => self.lookup.channels.find(channel, self.out),
            None => None,
        };
        let default = match channel.and_then(|row| self.rows.channels.get(row).copied()) {
            Some(channel) if !channel.between.0.is_empty() => {
                let ends = channel.between.iter();
                ends.filter_map(|n| self.lookup.actors.get(&n.value).map(ActorId::at)).collect()
            }
            _ => self.principals(),
        };
        let parties = self.parties(&spec.parties, default, spec.id.span);
        let date = match &spec.on {
            Some(on) => self.meeting_date(&on.value, on.span),
            None => Some(MeetingDate::OnCall),
        };
        let needs =
            self.guard(|| format!("meeting `{name}`"), spec.needs.as_ref(), Scope::default());
        let agenda = self.agenda(spec, &parties);
        let first = match &spec.offers_first {
            Some(first) => self.lookup.actor(first, self.out),
            None => parties.first().copied(),
        };
        if let (Some(first), Some(written)) = (first, &spec.offers_first)
            && !parties.contains(&first)
        {
            self.out.push(
                Diagnostic::error("E022", "who offers first must sit at the meeting")
                    .at(written.span)
                    .label("is no party"),
            );
        }
        let rounds = spec.rounds.as_ref().map_or(2, |rounds| rounds.value);
        if let Some(written) = &spec.rounds
            && !(1..=100).contains(&rounds)
        {
            self.out.push(
                Diagnostic::error("E023", "`rounds` must lie between 1 and 100")
                    .at(written.span)
                    .label("out of range"),
            );
        }
        let then = self.lookup.effects(&spec.then, Scope::default(), self.out);
        let failed = self.lookup.effects(&spec.failed, Scope::default(), self.out);
        let cancelled = self.lookup.effects(&spec.cancelled, Scope::default(), self.out);
        Some(Meeting {
            name: name.clone(),
            title: spec.name.clone().unwrap_or_else(|| name.replace('_', " ")),
            channel: channel.map(ChannelId::at),
            parties,
            date: date?,
            needs: needs?,
            agenda,
            first,
            rounds,
            then: then?,
            failed: failed?,
            cancelled: cancelled?,
            eves: Vec::new(),
            again: spec.again,
        })
    }

    fn agenda(&mut self, spec: &MeetingSpec, parties: &[ActorId]) -> Vec<PackageId> {
        let mut agenda = Vec::with_capacity(spec.agenda.len());
        if !spec.agenda.is_empty() {
            self.two_sides(parties, "a meeting with an agenda", spec.id.span);
        }
        for name in &spec.agenda {
            let Some(row) = self.lookup.packages.find(name, self.out) else { continue };
            if let Some(package) = self.rows.packages.get(row) {
                for party in &package.parties {
                    let sits = self.lookup.actors.get(&party.value);
                    if sits.is_some_and(|row| !parties.contains(&ActorId::at(row))) {
                        self.out.push(
                            Diagnostic::error(
                                "E022",
                                format!("`{}` must consent, but does not sit here", party.value),
                            )
                            .at(name.span)
                            .label("a package of other parties")
                            .related(party.span, "a party to the package"),
                        );
                    }
                }
            }
            agenda.push(PackageId::at(row));
        }
        agenda
    }

    fn meeting_date(&mut self, spec: &MeetingWhen, span: Span) -> Option<MeetingDate> {
        Some(match spec {
            MeetingWhen::On(when) => MeetingDate::On(self.lookup.dated(when, span, self.out)),
            MeetingWhen::Between(first, last) => {
                let from = self.lookup.dated(&When::Date(first.date), first.span, self.out);
                let to = self.lookup.dated(&When::Date(last.date), last.span, self.out);
                if to < from {
                    self.out.push(
                        Diagnostic::error("E025", "the range of days runs backwards")
                            .at(last.span)
                            .label("earlier than the first day")
                            .related(first.span, "the first day")
                            .help("swap the two dates"),
                    );
                }
                MeetingDate::Between(from, to)
            }
            MeetingWhen::After(event, wait) => {
                let events = self.lookup.event(event, Scope::default(), self.out);
                let wait = self.lookup.lag(wait, self.out)?;
                MeetingDate::After(events?.into(), wait)
            }
        })
    }

    /// Truces of the file.
    pub(super) fn truces(&mut self) -> Vec<Truce> {
        let specs = self.rows.truces.clone();
        specs.into_iter().filter_map(|spec| self.truce(spec)).collect()
    }

    fn truce(&mut self, spec: &TruceSpec) -> Option<Truce> {
        self.lookup.enter(format!("truce:{}", spec.id.value));
        let principals = self.principals();
        let parties = self.parties(&spec.parties, principals, spec.id.span);
        self.two_sides(&parties, "a truce", spec.id.span);
        let ends = self.later(&spec.ends.value, spec.ends.span);
        let mut holds = Vec::new();
        for name in &spec.holds {
            holds.extend(self.members(name).unwrap_or_default());
        }
        let renewal = match &spec.renewal {
            Some(name) => Some(PackageId::at(self.lookup.packages.find(name, self.out)?)),
            None => None,
        };
        Some(Truce { name: spec.id.value.clone(), parties, ends, holds, renewal, eves: Vec::new() })
    }

    /// Coalitions.
    pub(super) fn coalitions(&mut self) -> Vec<Coalition> {
        let specs = self.rows.coalitions.clone();
        specs.into_iter().filter_map(|spec| self.coalition(spec)).collect()
    }

    fn coalition(&mut self, spec: &CoalitionSpec) -> Option<Coalition> {
        let lead = match &spec.lead {
            Some(lead) => Some(self.lookup.actor(lead, self.out)?),
            None => None,
        };
        let against = match &spec.against {
            Some(name) => self.members(name)?,
            None => Vec::new(),
        };
        if spec.members.len() > 32 {
            self.out.push(
                Diagnostic::error("E023", "a coalition has at most 32 members")
                    .at(spec.id.span)
                    .label(format!("this one has {}", spec.members.len())),
            );
        }
        let mut members: Vec<(ActorId, Value)> = Vec::new();
        let (mut sum, mut plain) = (0.0, true);
        for (name, weight) in &spec.members {
            let actor = self.lookup.actor(name, self.out);
            let weight = self.lookup.number(weight, Dim::Share, self.out);
            let (Some(actor), Some(weight)) = (actor, weight) else {
                plain = false;
                continue;
            };
            if members.iter().any(|(known, _)| *known == actor) {
                self.out.push(
                    Diagnostic::error("E021", format!("`{}` is a member twice", name.value))
                        .at(name.span)
                        .label("again"),
                );
            }
            match weight {
                Value::Const(x) => sum += x,
                Value::Input(_) => plain = false,
            }
            members.push((actor, weight));
        }
        if plain && !crate::math::close(sum, 1.0, 1e-9) {
            self.out.push(
                Diagnostic::error("E024", "the weights of the members do not sum to 1")
                    .at(spec.id.span)
                    .label(format!("sum to {sum:.6}"))
                    .help("size is the sum of the weights inside, from 0 to 1"),
            );
        }
        Some(Coalition { name: spec.id.value.clone(), lead, against: against.into(), members })
    }

    /// Eves, and the lists of them that measures, meetings and truces keep.
    pub(super) fn eves(
        &mut self,
        measures: &mut [Measure],
        meetings: &mut [Meeting],
        truces: &mut [Truce],
    ) -> Vec<Eve> {
        let rows = self.rows.eves.clone();
        let mut eves = Vec::with_capacity(rows.len());
        for (k, (spec, of)) in rows.into_iter().enumerate() {
            let name = self.lookup.eve_names[k].clone();
            self.lookup.enter(format!("eve:{name}"));
            let before = self.lookup.lag(&spec.before, self.out);
            let who = |this: &mut Self, names: &[crate::syntax::Name]| -> Vec<ActorId> {
                names.iter().filter_map(|name| this.lookup.actor(name, this.out)).collect()
            };
            let decides = who(self, &spec.decides);
            let then = who(self, &spec.then);
            if spec.decides.is_empty() {
                self.out.push(
                    Diagnostic::error("E022", "nobody decides on this eve")
                        .at(spec.of.span)
                        .help("write decides: [\"US\"]"),
                );
            }
            let id = EveId::at(k);
            let target = match of {
                EveOf::Measure(measure) => {
                    if let Some(measure) = measures.get_mut(measure.index()) {
                        measure.eves.push(id);
                    }
                    EveTarget::Measure(measure)
                }
                EveOf::Meeting(row) => {
                    if let Some(meeting) = meetings.get_mut(row) {
                        meeting.eves.push(id);
                    }
                    EveTarget::Meeting(MeetingId::at(row))
                }
                EveOf::Truce(row) => {
                    if let Some(truce) = truces.get_mut(row) {
                        truce.eves.push(id);
                    }
                    EveTarget::Truce(TruceId::at(row))
                }
            };
            let Some(before) = before else { continue };
            eves.push(Eve { of: target, name, before, decides, then });
        }
        eves
    }
}
