//! A compiled scenario with everything that can be worked out once: who listens to what, which
//! conditions depend on which state, addresses of draws.

use super::code::{Code, Test};
use super::contract::Cause;
use super::flows::{Flow, flows};
use super::relevance::Relevance;
use crate::draws::{Address, Purpose, TrialKey};
use crate::model::Model;
use crate::model::actor::TermKind;
use crate::model::clock::ClockLaw;
use crate::model::condition::{Condition, Number};
use crate::model::diplomacy::MeetingDate;
use crate::model::ids::{ActorId, ClockId, MeasureId, MeetingId, TrackerId};
use crate::model::observe::{Pattern, SeriesKind};

/// Kinds of facts that trackers count; the second coordinate is the id of the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
#[allow(missing_docs, reason = "each is the pattern of the same name")]
pub enum Fact {
    Effective,
    Announced,
    Suspended,
    Dropped,
    Lapsed,
    DateOf,
    Held,
    HeldWithoutDeal,
    Cancelled,
    Signed,
    Breached,
    Ended,
    TruceEnded,
    Fired,
    StockOut,
    PaidAudience,
    Move,
    Leaked,
    Becomes,
}

/// Number of kinds of facts.
const FACTS: usize = 19;

/// Bits of the kinds of state: what a condition depends on, and what an event touched.
pub(crate) mod bit {
    #[inline]
    pub(crate) fn measure(id: usize) -> u64 {
        1 << (id % 24)
    }
    #[inline]
    pub(crate) fn counter(id: usize) -> u64 {
        1 << (24 + id % 16)
    }
    #[inline]
    pub(crate) fn gauge(id: usize) -> u64 {
        1 << (40 + id % 4)
    }
    #[inline]
    pub(crate) fn channel(id: usize) -> u64 {
        1 << (44 + id % 3)
    }
    pub(crate) const CHANNELS: u64 = 7 << 44;
    #[inline]
    pub(crate) fn meeting(id: usize) -> u64 {
        1 << (47 + id % 4)
    }
    pub(crate) const DEAL: u64 = 1 << 51;
    pub(crate) const TRUCE: u64 = 1 << 52;
    pub(crate) const COALITION: u64 = 1 << 53;
    pub(crate) const STOCK: u64 = 1 << 54;
    #[inline]
    pub(crate) fn tracker(id: usize) -> u64 {
        1 << (55 + id % 4)
    }
    pub(crate) const ACT: u64 = 1 << 59;
    pub(crate) const REGIME: u64 = 1 << 60;
    pub(crate) const SERIES: u64 = 1 << 61;
    pub(crate) const BELIEF: u64 = 1 << 62;
    pub(crate) const MEASURES: u64 = (1 << 24) - 1;
    pub(crate) const COUNTERS: u64 = ((1 << 16) - 1) << 24;
    pub(crate) const GAUGES: u64 = 15 << 40;
}

/// Addresses of one actor's draws.
#[derive(Debug, Clone)]
pub(crate) struct ActorAddresses {
    pub(crate) kind: Address,
    pub(crate) review: Address,
    pub(crate) react: Vec<Address>,
    pub(crate) asked: Address,
    decisions: [Address; 6],
}

impl ActorAddresses {
    /// The stream of decisions for a cause, with its ordinal: dated occasions use the date.
    pub(crate) fn decision(&self, cause: Cause) -> Address {
        match cause {
            Cause::React(by, _) => self.decisions[0].child(u64::from(by.0)),
            Cause::Eve(eve) => self.decisions[1].child(u64::from(eve.0)),
            Cause::Review => self.decisions[2],
            Cause::Meeting(meeting) => self.decisions[3].child(u64::from(meeting.0)),
            Cause::Asked | Cause::Plan => self.decisions[4],
            Cause::AfterEve(eve) => self.decisions[5].child(u64::from(eve.0)),
        }
    }
}

/// Trackers by the fact they count, one list after the other.
#[derive(Debug)]
struct Listeners {
    /// By kind of fact: place of its first thing in `spans`.
    firsts: [u32; FACTS],
    spans: Vec<(u32, u32)>,
    trackers: Vec<TrackerId>,
}

impl Listeners {
    #[allow(clippy::cast_possible_truncation, reason = "ids are limited to u16")]
    fn of_lists(facts: &[Vec<Vec<TrackerId>>]) -> Listeners {
        let mut flat = Listeners { firsts: [0; FACTS], spans: Vec::new(), trackers: Vec::new() };
        for (first, lists) in flat.firsts.iter_mut().zip(facts) {
            *first = flat.spans.len() as u32;
            for list in lists {
                let start = flat.trackers.len() as u32;
                flat.trackers.extend_from_slice(list);
                flat.spans.push((start, flat.trackers.len() as u32));
            }
        }
        flat
    }

    #[inline]
    fn of(&self, fact: Fact, id: usize) -> &[TrackerId] {
        let (from, to) = self.spans[self.firsts[fact as usize] as usize + id];
        &self.trackers[from as usize..to as usize]
    }
}

/// What can be worked out once.
#[derive(Debug)]
pub(crate) struct Wiring {
    facts: Listeners,
    pub(crate) after_clocks: Vec<Vec<ClockId>>,
    pub(crate) after_meetings: Vec<Vec<MeetingId>>,
    pub(crate) clock_deps: Vec<u64>,
    pub(crate) clock_tests: Vec<Test>,
    /// What each clock does, and what it does where its chance fails.
    pub(crate) clock_codes: Vec<(Code, Code)>,
    pub(crate) clock_timed: Vec<bool>,
    pub(crate) watch_deps: Vec<u64>,
    pub(crate) watch_tests: Vec<Test>,
    pub(crate) watch_timed: Vec<bool>,
    pub(crate) regime_deps: u64,
    pub(crate) regime_timed: bool,
    pub(crate) watch_any: u64,
    pub(crate) clock_any: u64,
    pub(crate) series_deps: Vec<u64>,
    pub(crate) series_any: u64,
    pub(crate) reads_economy: bool,
    pub(crate) has_terms: bool,
    /// Terms of payoffs that flow.
    pub(crate) flows: Vec<Flow>,
    /// What flows of payoffs depend on.
    pub(crate) flow_deps: u64,
    /// What conditions that time can change depend on.
    pub(crate) timed_deps: u64,
    /// What trade, stocks, coalitions and payoffs depend on.
    pub(crate) costly_any: u64,
    pub(crate) any_timed: bool,
    /// What foreseen payoffs depend on.
    pub(crate) relevance: Relevance,
    /// Place of each actor's first payoff term among those of all; one more at the end.
    pub(crate) term_starts: Vec<usize>,
    /// Identity of everything in the model that foreseen payoffs depend on: branches that agree in it
    /// share what is remembered.
    pub(crate) tag: u64,
    pub(crate) wins: Vec<Vec<(ActorId, usize)>>,
    pub(crate) audience: Vec<Option<usize>>,
    pub(crate) lead: Vec<Address>,
    pub(crate) term: Vec<Address>,
    pub(crate) actors: Vec<ActorAddresses>,
    pub(crate) eve: Vec<Address>,
    pub(crate) meeting: Vec<Address>,
    pub(crate) proposal: Vec<Address>,
    pub(crate) consent: Vec<Vec<Address>>,
    pub(crate) leak: Vec<Address>,
    pub(crate) call: Address,
    pub(crate) tie: Address,
    pub(crate) stock_users: Vec<Vec<usize>>,
    /// By stock: measures that control its supply, and the bits of them all.
    pub(crate) suppliers: Vec<Vec<usize>>,
    pub(crate) supplier_bits: u64,
}

/// A compiled scenario under one branch, ready to run: shared by all threads.
#[derive(Debug)]
pub struct Program {
    /// The compiled scenario.
    pub model: Model,
    pub(crate) wiring: Wiring,
}

impl Program {
    /// Works out what can be worked out once.
    #[must_use]
    pub fn new(model: Model) -> Program {
        let wiring = Wiring::of(&model);
        Program { model, wiring }
    }

    /// Draws a trial's inputs, in order of id. One uniform each, addressed by name, so that branches
    /// share them.
    pub fn inputs(&self, key: TrialKey, out: &mut Vec<f64>) {
        out.clear();
        out.extend(
            self.model.inputs.iter().map(|input| input.dist.draw(key.uniform(input.address, 0))),
        );
    }

    /// Which inputs have another law or another address than those of another branch; none if the
    /// branches do not have the same inputs at all.
    #[must_use]
    pub fn inputs_apart(&self, other: &Program) -> Option<Vec<usize>> {
        let (ours, theirs) = (&self.model.inputs, &other.model.inputs);
        let apart =
            |k: &usize| ours[*k].address != theirs[*k].address || ours[*k].dist != theirs[*k].dist;
        (ours.len() == theirs.len()).then(|| (0..ours.len()).filter(apart).collect())
    }

    /// [`Program::inputs`] from those of another branch in the same trial, where only `apart` differ.
    pub fn inputs_from(&self, theirs: &[f64], apart: &[usize], key: TrialKey, out: &mut Vec<f64>) {
        out.clear();
        out.extend_from_slice(theirs);
        for &k in apart {
            let input = &self.model.inputs[k];
            out[k] = input.dist.draw(key.uniform(input.address, 0));
        }
    }

    /// What calculating deciders take the inputs to be: each but weights at the median of its bin.
    pub fn binned(&self, inputs: &[f64], out: &mut Vec<f64>) {
        out.clear();
        out.extend(inputs.iter().zip(&self.model.inputs).map(|(&x, input)| {
            if input.weight || input.bins.is_empty() {
                return x;
            }
            if let [only] = input.bins[..] {
                return only;
            }
            // Bin edges are halfway between the bins' medians in rank; the nearest edge in value is
            // found by the quantiles .2 .4 .6 .8, kept interleaved with the medians.
            let u = input.dist.cdf(x);
            let k = input.bins.len();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "u is in [0, 1]"
            )]
            let bin = ((u * k as f64) as usize).min(k - 1);
            input.bins[bin]
        }));
    }

    /// Number of payoff terms of all actors together.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.wiring.term_starts.last().copied().unwrap_or(0)
    }

    /// Place of an actor's term among the terms of all.
    #[inline]
    #[must_use]
    pub fn term(&self, actor: ActorId, k: usize) -> usize {
        self.wiring.term_starts[actor.index()] + k
    }

    /// Places of an actor's terms.
    #[must_use]
    pub fn terms_of(&self, actor: ActorId) -> std::ops::Range<usize> {
        self.wiring.term_starts[actor.index()]..self.wiring.term_starts[actor.index() + 1]
    }

    /// Trackers that count a fact.
    #[inline]
    pub(crate) fn listeners(&self, fact: Fact, id: usize) -> &[TrackerId] {
        self.wiring.facts.of(fact, id)
    }
}

/// The bits a condition depends on.
pub(crate) fn deps(condition: &Condition) -> u64 {
    let measures = |ids: &[MeasureId]| ids.iter().fold(0, |bits, m| bits | bit::measure(m.index()));
    match condition {
        Condition::Always
        | Condition::Before(_)
        | Condition::After(..)
        | Condition::EveOf(_)
        | Condition::AtMeeting(_)
        | Condition::ActBy(..)
        | Condition::OwnType(_) => 0,
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().fold(0, |bits, part| bits | deps(part))
        }
        Condition::Not(part) => deps(part),
        Condition::Is(ids, _)
        | Condition::Level(ids, _)
        | Condition::LevelAtLeast(ids, _)
        | Condition::LaterThan(ids, _) => measures(ids),
        Condition::Counter(id, _) => bit::counter(id.index()),
        Condition::Sum(parts, _) => {
            parts.iter().fold(0, |bits, (id, _)| bits | bit::counter(id.index()))
        }
        Condition::Above(number, _) | Condition::Below(number, _) => match number {
            Number::Gauge(id) => bit::gauge(id.index()),
            Number::Stock(_) => bit::STOCK,
            Number::Coalition(_) => bit::COALITION,
            Number::Series(_) => bit::SERIES | bit::STOCK,
            Number::Counter(id) => bit::counter(id.index()),
            Number::Belief(..) => bit::BELIEF,
        },
        Condition::Channel(id, _) => bit::channel(id.index()),
        Condition::Meeting(id, _) => bit::meeting(id.index()),
        Condition::InDeal(_) => bit::DEAL,
        Condition::Truce(_) => bit::TRUCE,
        Condition::Member(_) | Condition::Asked(_) => bit::COALITION,
        Condition::Since(ids, _) | Condition::Happened(ids) => {
            ids.iter().fold(0, |bits, id| bits | bit::tracker(id.index()))
        }
        Condition::Count { .. } => bit::ACT,
        Condition::StockedOut(_) | Condition::OwnStockBelow(_) => bit::STOCK,
        Condition::Regime(..) => bit::REGIME,
    }
}

/// Whether time alone can change a condition.
pub(crate) fn timed(condition: &Condition, model: &Model) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|p| timed(p, model)),
        Condition::Not(part) => timed(part, model),
        Condition::Before(_)
        | Condition::After(..)
        | Condition::LaterThan(..)
        | Condition::Since(..)
        | Condition::Asked(_)
        | Condition::OwnStockBelow(_) => true,
        Condition::Count { within, .. } => within.is_some(),
        Condition::Above(number, _) | Condition::Below(number, _) => match number {
            Number::Gauge(_) | Number::Stock(_) => true,
            Number::Series(id) => {
                matches!(model.series[id.index()].kind, SeriesKind::Gauge(_) | SeriesKind::Stock(_))
            }
            _ => false,
        },
        _ => false,
    }
}

impl Wiring {
    fn of(model: &Model) -> Wiring {
        let mut facts: Vec<Vec<Vec<TrackerId>>> = Vec::with_capacity(FACTS);
        let sizes = [
            model.measures.len(),
            model.measures.len(),
            model.measures.len(),
            model.measures.len(),
            model.measures.len(),
            model.measures.len(),
            model.meetings.len(),
            model.meetings.len(),
            model.meetings.len(),
            model.packages.len(),
            model.packages.len(),
            model.packages.len(),
            model.truces.len(),
            model.clocks.len(),
            model.stocks.len(),
            model.actors.len(),
            model.moves.len(),
            1,
            model.watches.len(),
        ];
        for size in sizes {
            facts.push(vec![Vec::new(); size]);
        }
        for (k, pattern) in model.trackers.iter().enumerate() {
            let id = TrackerId::at(k);
            let mut listen = |fact: Fact, index: Option<usize>| match index {
                Some(index) => facts[fact as usize][index].push(id),
                None => facts[fact as usize].iter_mut().for_each(|list| list.push(id)),
            };
            match pattern {
                Pattern::Effective(m) => listen(Fact::Effective, Some(m.index())),
                Pattern::Announced(m) => listen(Fact::Announced, Some(m.index())),
                Pattern::Suspended(m) => listen(Fact::Suspended, Some(m.index())),
                Pattern::Dropped(m) => listen(Fact::Dropped, Some(m.index())),
                Pattern::Lapsed(m) => listen(Fact::Lapsed, Some(m.index())),
                Pattern::DateOf(m) => listen(Fact::DateOf, Some(m.index())),
                Pattern::Held(m) => listen(Fact::Held, Some(m.index())),
                Pattern::HeldWithoutDeal(m) => listen(Fact::HeldWithoutDeal, Some(m.index())),
                Pattern::Cancelled(m) => listen(Fact::Cancelled, Some(m.index())),
                Pattern::Signed(x) => listen(Fact::Signed, x.map(|x| x.index())),
                Pattern::Breached(x) => listen(Fact::Breached, x.map(|x| x.index())),
                Pattern::Ended(x) => listen(Fact::Ended, x.map(|x| x.index())),
                Pattern::TruceEnded(x) => listen(Fact::TruceEnded, Some(x.index())),
                Pattern::Fired(x) => listen(Fact::Fired, Some(x.index())),
                Pattern::StockOut(x) => listen(Fact::StockOut, x.map(|x| x.index())),
                Pattern::PaidAudience(x) => listen(Fact::PaidAudience, Some(x.index())),
                Pattern::Move(x) => listen(Fact::Move, Some(x.index())),
                Pattern::Leaked => listen(Fact::Leaked, Some(0)),
                Pattern::Becomes(x) => listen(Fact::Becomes, Some(x.index())),
            }
        }
        let mut after_clocks = vec![Vec::new(); model.trackers.len()];
        for (k, clock) in model.clocks.iter().enumerate() {
            if let ClockLaw::After(events, _) = &clock.law {
                for event in events {
                    after_clocks[event.index()].push(ClockId::at(k));
                }
            }
        }
        let mut after_meetings = vec![Vec::new(); model.trackers.len()];
        for (k, meeting) in model.meetings.iter().enumerate() {
            if let MeetingDate::After(events, _) = &meeting.date {
                for event in events {
                    after_meetings[event.index()].push(MeetingId::at(k));
                }
            }
        }
        let clock_deps: Vec<u64> = model.clocks.iter().map(|c| deps(&c.condition)).collect();
        let watch_deps: Vec<u64> = model.watches.iter().map(|w| deps(&w.condition)).collect();
        let series_deps: Vec<u64> = model.series.iter().map(|s| series_deps(&s.kind)).collect();
        let mut wins = vec![Vec::new(); model.measures.len()];
        let mut term_conditions = 0;
        let mut reads_economy = model.series.iter().any(|s| {
            matches!(
                s.kind,
                SeriesKind::Loss(_)
                    | SeriesKind::Income(_)
                    | SeriesKind::Trade(_)
                    | SeriesKind::Revenue(_)
                    | SeriesKind::Prices(_)
            )
        });
        for (a, actor) in model.actors.iter().enumerate() {
            for (k, term) in actor.terms.iter().enumerate() {
                match &term.kind {
                    TermKind::Win(ids) => {
                        for m in ids {
                            wins[m.index()].push((ActorId::at(a), k));
                        }
                    }
                    TermKind::LobbyWhile(condition) => term_conditions |= deps(condition),
                    TermKind::Income | TermKind::Revenue => reads_economy = true,
                    _ => {}
                }
            }
        }
        let audience = model
            .actors
            .iter()
            .map(|a| a.terms.iter().position(|t| matches!(t.kind, TermKind::Audience { .. })))
            .collect();
        let name = |purpose, text: &str| Address::new(purpose, text);
        let actors = model
            .actors
            .iter()
            .map(|a| ActorAddresses {
                kind: name(Purpose::Type, &a.name),
                review: name(Purpose::Review, &a.name),
                react: model
                    .actors
                    .iter()
                    .map(|b| name(Purpose::Lag, &a.name).named(&b.name))
                    .collect(),
                asked: name(Purpose::Lag, &a.name).named("asked"),
                decisions: ["react", "eve", "review", "meeting", "asked", "after eve"]
                    .map(|kind| name(Purpose::Decision, &a.name).named(kind)),
            })
            .collect();
        let consent = model
            .packages
            .iter()
            .map(|x| {
                let address = name(Purpose::Consent, &x.name);
                model.actors.iter().map(|a| address.named(&a.name)).collect()
            })
            .collect();
        let mut timed_deps = 0;
        let mut any_timed = false;
        {
            let mut look = |condition: &Condition| {
                if timed(condition, model) {
                    timed_deps |= deps(condition);
                    any_timed = true;
                }
            };
            model.watches.iter().for_each(|w| look(&w.condition));
            model.clocks.iter().for_each(|c| look(&c.condition));
            model.regimes.iter().for_each(|r| look(&r.condition));
            for term in model.actors.iter().flat_map(|a| &a.terms) {
                if let TermKind::LobbyWhile(condition) = &term.kind {
                    look(condition);
                }
            }
        }
        let suppliers: Vec<Vec<usize>> =
            model.stocks.iter().map(|stock| suppliers(model, stock)).collect();
        let mut term_starts = vec![0];
        for actor in &model.actors {
            term_starts.push(term_starts.last().copied().unwrap_or(0) + actor.terms.len());
        }
        let flows = flows(model);
        let relevance = Relevance::of(model, &term_starts, &flows, &suppliers);
        let tag = foresight_tag(model, &relevance.valued);
        let stock_users = (0..model.actors.len())
            .map(|a| {
                (0..model.stocks.len()).filter(|&s| model.stocks[s].user.index() == a).collect()
            })
            .collect();
        let flow_deps = bit::MEASURES | bit::COALITION | bit::STOCK | term_conditions;
        Wiring {
            facts: Listeners::of_lists(&facts),
            after_clocks,
            after_meetings,
            clock_timed: model.clocks.iter().map(|c| timed(&c.condition, model)).collect(),
            watch_timed: model.watches.iter().map(|w| timed(&w.condition, model)).collect(),
            regime_deps: model.regimes.iter().fold(0, |bits, r| bits | deps(&r.condition)),
            regime_timed: model.regimes.iter().any(|r| timed(&r.condition, model)),
            watch_any: watch_deps.iter().fold(0, |a, b| a | b),
            clock_any: clock_deps.iter().fold(0, |a, b| a | b),
            series_any: series_deps.iter().fold(0, |a, b| a | b),
            clock_deps,
            clock_tests: model.clocks.iter().map(|c| Test::of(&c.condition)).collect(),
            clock_codes: model
                .clocks
                .iter()
                .map(|c| (Code::of(model, &c.effects), Code::of(model, &c.otherwise)))
                .collect(),
            watch_tests: model.watches.iter().map(|w| Test::of(&w.condition)).collect(),
            watch_deps,
            series_deps,
            reads_economy: reads_economy && model.economy.is_some(),
            has_terms: model.actors.iter().any(|a| !a.terms.is_empty()),
            flows,
            flow_deps,
            timed_deps,
            costly_any: bit::MEASURES
                | if model.actors.iter().any(|a| !a.terms.is_empty()) { flow_deps } else { 0 },
            any_timed,
            relevance,
            term_starts,
            tag,
            wins,
            audience,
            lead: model.measures.iter().map(|m| name(Purpose::Lead, &m.name)).collect(),
            term: model.measures.iter().map(|m| name(Purpose::Lag, &m.name)).collect(),
            actors,
            eve: model
                .eves
                .iter()
                .enumerate()
                .map(|(k, e)| {
                    // Several eves of one event are told apart by their place among them.
                    let before = model.eves[..k].iter().filter(|x| x.name == e.name).count();
                    name(Purpose::Eve, &e.name).child(before as u64)
                })
                .collect(),
            meeting: model.meetings.iter().map(|m| name(Purpose::Meeting, &m.name)).collect(),
            proposal: model.meetings.iter().map(|m| name(Purpose::Proposal, &m.name)).collect(),
            consent,
            leak: model.channels.iter().map(|c| name(Purpose::Leak, &c.name)).collect(),
            call: name(Purpose::Meeting, "call"),
            tie: name(Purpose::Tie, ""),
            stock_users,
            supplier_bits: suppliers.iter().flatten().fold(0, |bits, m| bits | bit::measure(*m)),
            suppliers,
        }
    }
}

/// Measures that control the supply of a stock.
fn suppliers(model: &Model, stock: &crate::model::stock::Stock) -> Vec<usize> {
    let inputs: Vec<f64> = model.inputs.iter().map(|input| input.dist.median()).collect();
    let regions = model.economy.as_ref().map_or(0, |e| e.economy.base().regions().len());
    let controls = |measure: &crate::model::measure::Measure| {
        let reaches = measure.targets.is_empty() || measure.targets.contains(&stock.user);
        let at = super::contract::Standing {
            inputs: &inputs,
            position: 1,
            level: measure.levels.first().map_or(1.0, |(_, x)| *x),
            count: 1.0,
            owner: measure.owner,
            targets: &measure.targets,
            actors: &model.actors,
            regions,
        };
        let any = |i: &std::sync::Arc<dyn crate::model::Instrument>| {
            i.supply(&at, &stock.of, stock.user).is_some()
        };
        reaches && measure.instruments.iter().any(any)
    };
    (0..model.measures.len()).filter(|&k| controls(&model.measures[k])).collect()
}

/// Hash of all parts of a model that foreseen payoffs depend on.
fn foresight_tag(model: &Model, valued: &[bool]) -> u64 {
    use std::fmt::Write;
    /// Hashes what is written to it.
    struct Hash(u64);
    impl Write for Hash {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for byte in text.bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
            Ok(())
        }
    }
    let mut hash = Hash(0xCBF2_9CE4_8422_2325);
    let actors: Vec<_> =
        model.actors.iter().map(|a| (&a.region, a.gdp, &a.terms, &a.reacts, &a.moves)).collect();
    // Writing to a hash cannot fail.
    let _ = write!(
        hash,
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        model.measures,
        model.moves,
        model.packages,
        model.stocks,
        model.coalitions,
        model.counters,
        model.gauges,
        model.laws,
        model.tail,
        model.discount,
        model.horizon,
        model.grid,
        (actors, &model.economy),
        (&model.meetings, &model.channels, &model.truces, &model.eves),
        (&model.trackers, &model.series),
        valued,
    );
    hash.0
}

fn series_deps(kind: &SeriesKind) -> u64 {
    match kind {
        SeriesKind::Tariff(..)
        | SeriesKind::Statutory(..)
        | SeriesKind::Rung
        | SeriesKind::Loss(_)
        | SeriesKind::Income(_)
        | SeriesKind::Trade(_)
        | SeriesKind::Revenue(_)
        | SeriesKind::Prices(_) => bit::MEASURES,
        SeriesKind::Regime => bit::REGIME,
        SeriesKind::Stock(_) | SeriesKind::LostOutput(_) | SeriesKind::HultenOutput(_) => {
            bit::STOCK
        }
        SeriesKind::Belief(..) => bit::BELIEF,
        SeriesKind::Coalition(_) => bit::COALITION,
        SeriesKind::Gauge(id) => bit::gauge(id.index()),
        SeriesKind::Counters(parts) => {
            parts.iter().fold(0, |bits, (id, _)| bits | bit::counter(id.index()))
        }
    }
}
