//! Meetings, offers and deals (model.md, section 5).
//!
//! At a meeting proposers alternate from the declared first; the proposer picks a package whose guard
//! holds, or none, by logit of own gain × believed chance of consent; the other side accepts with
//! probability 1 / (1 + exp(-lambda (V(deal) - V(walk) - hurdle))). Between meetings an offer goes over
//! an open channel and lapses after seven days. Values: `outlook`.

use super::effects::Context;
use super::engine::{Engine, OfferState};
use super::event::{What, phase};
use super::journal::Entry;
use super::judge::{Judge, channel, holds};
use super::lifecycle::By;
use super::outlook::{payoff, weights_of};
use super::program::{Fact, Program, bit};
use super::scratch::Scratch;
use super::world::{Deal, World};
use crate::math;
use crate::model::diplomacy::{Clause, MeetingDate};
use crate::model::effect::LevelChoice;
use crate::model::ids::{ActorId, MeetingId, PackageId, TruceId};
use crate::model::value::Lag;
use crate::units::{MINUTES_PER_DAY, Tick};

/// Days after which a private offer lapses.
const OFFER_DAYS: f64 = 7.0;

/// What parties gain from packages while the world stands still: what they foresee is the same for all
/// of them and for each of their types, so it is worked out once.
#[derive(Debug, Default)]
pub(crate) struct Table {
    stakes: Vec<Stakes>,
}

/// Features of all actors with a package and without it.
#[derive(Debug)]
struct Stakes {
    package: PackageId,
    horizon: f64,
    deal: Vec<f64>,
    walk: Vec<f64>,
}

impl Engine {
    /// What a party gains from a package against walking away, payoff units. The world has not moved
    /// since `table` was laid.
    fn gain(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        table: &mut Table,
        (actor, as_type): (ActorId, u8),
        package: PackageId,
    ) -> f64 {
        let horizon = program.model.actor(actor).values.horizon;
        let known = table
            .stakes
            .iter()
            .position(|s| s.package == package && math::same(s.horizon, horizon));
        let place = known.unwrap_or_else(|| {
            let (deal, walk) = self.stakes(program, scratch, horizon, package);
            table.stakes.push(Stakes { package, horizon, deal, walk });
            table.stakes.len() - 1
        });
        let weights = weights_of(program, &scratch.weights, actor, usize::from(as_type));
        let stakes = &table.stakes[place];
        payoff(program, &stakes.deal, actor, weights)
            - payoff(program, &stakes.walk, actor, weights)
    }

    /// Plans a meeting, or moves a planned one.
    pub(crate) fn plan_meeting(&mut self, program: &Program, id: MeetingId, at: Tick) {
        let state = self.world.meetings[id.index()];
        if state.status == 2 {
            self.unschedule(state.handle);
        }
        let at = at.max(self.world.now);
        let handle = self.schedule(program, at, phase::MEETING, id.index(), What::Meeting(id));
        let state = &mut self.world.meetings[id.index()];
        state.status = 2;
        state.at = at;
        state.handle = handle;
        state.planned += 1;
        self.dirty |= bit::meeting(id.index());
        for &eve in &program.model.meetings[id.index()].eves {
            self.plan_eve(program, eve, at);
        }
        self.note(|| Entry::MeetingPlanned(id, at));
    }

    /// Plans the meetings whose dates the file gives.
    pub(crate) fn plan_meetings(&mut self, program: &Program) {
        for (k, meeting) in program.model.meetings.iter().enumerate() {
            let at = match meeting.date {
                MeetingDate::OnCall | MeetingDate::After(..) => continue,
                MeetingDate::On(at) => at,
                MeetingDate::Between(first, last) => {
                    let days = (last - first).0 / MINUTES_PER_DAY + 1;
                    let u = self.key.uniform(program.wiring.meeting[k], 0);
                    #[allow(clippy::cast_possible_truncation, reason = "u < 1 and days is small")]
                    #[allow(clippy::cast_precision_loss, reason = "days is small")]
                    let day = (u * days as f64) as i64;
                    first + Tick(day.min(days - 1) * MINUTES_PER_DAY)
                }
            };
            self.plan_meeting(program, MeetingId::at(k), at);
        }
    }

    /// Calls a planned meeting off.
    pub(crate) fn cancel_meeting(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        id: MeetingId,
    ) -> bool {
        let state = self.world.meetings[id.index()];
        if state.status != 2 {
            return false;
        }
        self.unschedule(state.handle);
        let meeting = &program.model.meetings[id.index()];
        for &eve in &meeting.eves {
            self.drop_eve(eve);
        }
        let state = &mut self.world.meetings[id.index()];
        let planned = state.at;
        state.status = 8;
        state.handle = None;
        let ordinal = u64::from(state.planned);
        self.dirty |= bit::meeting(id.index());
        self.note(|| Entry::MeetingCancelled(id, planned));
        self.emit(program, Fact::Cancelled, id.index());
        self.apply(program, scratch, &meeting.cancelled, Context::nobody(ordinal));
        true
    }

    /// A meeting's day: held if its needs are met and its channel is not closed.
    pub(crate) fn meeting(&mut self, program: &Program, scratch: &mut Scratch, id: MeetingId) {
        if self.world.meetings[id.index()].status != 2 {
            return;
        }
        self.world.meetings[id.index()].handle = None;
        let meeting = &program.model.meetings[id.index()];
        let open = meeting
            .channel
            .is_none_or(|c| channel(program, &self.world, &self.inputs, c.index()) != 2);
        if !open || !holds(program, &self.world, &self.inputs, Judge::PUBLIC, &meeting.needs) {
            self.cancel_meeting(program, scratch, id);
            return;
        }
        self.world.meetings[id.index()].status = 4;
        self.dirty |= bit::meeting(id.index());
        self.note(|| Entry::MeetingHeld(id));
        self.emit(program, Fact::Held, id.index());
        for &eve in &meeting.eves {
            self.heed_silence(program, eve);
        }
        let ordinal = u64::from(self.world.meetings[id.index()].planned);
        let signed = !meeting.agenda.is_empty() && self.bargain(program, scratch, id);
        if let Some(c) = meeting.channel {
            self.maybe_leak(program, scratch, c, (1 << 32) | ordinal);
        }
        self.apply(program, scratch, &meeting.then, Context::nobody(ordinal));
        if !meeting.agenda.is_empty() && !signed {
            self.emit(program, Fact::HeldWithoutDeal, id.index());
            self.apply(program, scratch, &meeting.failed, Context::nobody(ordinal));
        }
    }

    /// Whether a package would change anything now: one whose terms are all void is not proposed.
    fn has_object(&self, program: &Program, id: PackageId) -> bool {
        let package = &program.model.packages[id.index()];
        let acts = |clause: &Clause| match clause {
            Clause::Drop(m) => {
                let state = self.world.measure(*m);
                state.level > 0 || state.pending.is_some()
            }
            Clause::Postpone(m, _) => {
                let state = self.world.measure(*m);
                state.suspended.is_none() && state.pending.is_some()
            }
            Clause::Suspend(m, _) => {
                let state = self.world.measure(*m);
                state.suspended.is_none() && (state.level > 0 || state.pending.is_some())
            }
            Clause::KeepSuspended(m, _) => self.world.measure(*m).suspended.is_some(),
            Clause::Start(m) => self.world.measure(*m).in_force() == 0,
            Clause::SetLevel(m, level) => {
                let state = self.world.measure(*m);
                state.level > 0 && state.level != *level
            }
            Clause::Prolong(truce) => self.world.truces[truce.index()].alive,
            Clause::NoNew(_) => false,
        };
        package.clauses.iter().any(acts) || !package.effects.is_empty()
    }

    /// Packages that can be proposed now.
    pub(crate) fn open_packages(&self, program: &Program, agenda: &[PackageId]) -> Vec<PackageId> {
        let free = |id: &PackageId| {
            !self.world.deals.iter().any(|d| d.alive && d.package == *id)
                && self.has_object(program, *id)
                && holds(
                    program,
                    &self.world,
                    &self.inputs,
                    Judge::PUBLIC,
                    &program.model.packages[id.index()].guard,
                )
        };
        agenda.iter().copied().filter(free).collect()
    }

    /// Proposals in turn until one is accepted, rounds run out, or somebody proposes nothing.
    fn bargain(&mut self, program: &Program, scratch: &mut Scratch, id: MeetingId) -> bool {
        let meeting = &program.model.meetings[id.index()];
        let Some(mut proposer) = meeting.first else { return false };
        let mut table = Table::default();
        for round in 0..meeting.rounds {
            let packages = self.open_packages(program, &meeting.agenda);
            let packages: Vec<_> = packages
                .into_iter()
                .filter(|x| program.model.packages[x.index()].parties.contains(&proposer))
                .collect();
            if packages.is_empty() {
                return false;
            }
            let own = self.world.types[proposer.index()];
            // Score of a package: own gain × believed chance that all others consent; none scores 0.
            let mut scores = vec![0.0];
            for &package in &packages {
                let gain = self.gain(program, scratch, &mut table, (proposer, own), package);
                let mut chance = 1.0;
                for &other in &program.model.packages[package.index()].parties {
                    if other != proposer {
                        chance *=
                            self.believed_consent(program, scratch, &mut table, other, package);
                    }
                }
                scores.push(gain * chance);
            }
            let lambda = program.model.actor(proposer).values.precision.of(&self.inputs);
            let mut shares: Vec<f64> = scores.iter().map(|s| s * lambda).collect();
            math::softmax(&mut shares);
            let ordinal = self.day_ordinal() * 16 + u64::from(round);
            let u = self.key.uniform(program.wiring.proposal[id.index()], ordinal);
            let k = pick(&shares, u);
            self.choice_made(shares[k]);
            if k == 0 {
                return false;
            }
            let package = packages[k - 1];
            self.note(|| Entry::Proposed(proposer, package, Some(id)));
            if self.all_consent(program, scratch, &mut table, proposer, package, ordinal) {
                self.sign(program, scratch, package);
                return true;
            }
            let others: Vec<_> = meeting.parties.iter().filter(|a| **a != proposer).collect();
            if let Some(next) = others.first() {
                proposer = **next;
            }
        }
        false
    }

    /// Asks every other party; all must say yes.
    fn all_consent(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        table: &mut Table,
        proposer: ActorId,
        package: PackageId,
        ordinal: u64,
    ) -> bool {
        for &other in &program.model.packages[package.index()].parties {
            if other != proposer && !self.consents(program, scratch, table, other, package, ordinal)
            {
                return false;
            }
        }
        true
    }

    /// One party's answer, by draw.
    pub(crate) fn consents(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        table: &mut Table,
        actor: ActorId,
        package: PackageId,
        ordinal: u64,
    ) -> bool {
        let own = self.world.types[actor.index()];
        let gain = self.gain(program, scratch, table, (actor, own), package);
        let p = self.consent_probability(program, actor, gain);
        let u = self.key.uniform(program.wiring.consent[package.index()][actor.index()], ordinal);
        let yes = u < p;
        self.choice_made(if yes { p } else { 1.0 - p });
        self.note(|| Entry::Answered(actor, package, yes, p, gain));
        yes
    }

    fn consent_probability(&self, program: &Program, actor: ActorId, gain: f64) -> f64 {
        let hurdle = hurdle(program, &self.world, &self.inputs, actor);
        let precision = program.model.actor(actor).values.precision.of(&self.inputs);
        math::logistic(precision * (gain - hurdle))
    }

    /// What the others believe of an actor's consent.
    fn believed_consent(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        table: &mut Table,
        actor: ActorId,
        package: PackageId,
    ) -> f64 {
        let mut beliefs = Vec::new();
        super::outlook::seen_beliefs(program, &self.world, actor, &mut beliefs);
        let mut total = 0.0;
        for (t, belief) in beliefs.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "few types")]
            let gain = self.gain(program, scratch, table, (actor, t as u8), package);
            total += belief * self.consent_probability(program, actor, gain);
        }
        total
    }

    /// A private offer over an open channel; answered after the receiver's lag.
    pub(crate) fn offer(&mut self, program: &Program, by: ActorId, package: PackageId) -> bool {
        if self.open_packages(program, &[package]).is_empty() {
            return false;
        }
        let parties = &program.model.packages[package.index()].parties;
        if !parties.contains(&by) || parties.len() < 2 {
            return false;
        }
        let line = (0..program.model.channels.len()).find(|&k| {
            let between = &program.model.channels[k].between;
            parties.iter().all(|x| between.contains(x))
                && channel(program, &self.world, &self.inputs, k) == 0
        });
        let Some(line) = line else { return false };
        if self.sketch {
            return true;
        }
        if self.offers.iter().any(|o| o.alive && o.package == package) {
            return false;
        }
        let slot = self.offers.len();
        let receiver = parties.iter().find(|x| **x != by).copied().unwrap_or(by);
        let react = program.model.actor(receiver).reacts.iter().find(|r| r.to == by);
        let lag = react.map_or(Lag::Days(crate::model::value::Value::Const(2.0)), |r| r.lag);
        let address = program.wiring.consent[package.index()][receiver.index()].named("lag");
        let wait = self.span(program, lag, address, slot as u64);
        #[allow(clippy::cast_possible_truncation, reason = "few offers a trial")]
        let id = slot as u16;
        let now = self.world.now;
        self.schedule(program, now + wait, phase::MEETING, 10_000 + slot, What::Answer(id));
        let end = now + Tick::from_days(OFFER_DAYS);
        let lapse =
            self.schedule(program, end, phase::MEETING, 20_000 + slot, What::OfferLapses(id));
        self.offers.push(OfferState { by, package, alive: true, public: false, lapse });
        self.note(|| Entry::Proposed(by, package, None));
        let leak = program.model.channels[line].leak.of(&self.inputs);
        if self.key.uniform(program.wiring.leak[line], slot as u64) < leak {
            self.offers[slot].public = true;
        }
        true
    }

    /// The receiver of an offer answers.
    pub(crate) fn answer(&mut self, program: &Program, scratch: &mut Scratch, slot: usize) {
        let Some(offer) = self.offers.get(slot).copied().filter(|o| o.alive) else { return };
        self.offers[slot].alive = false;
        self.unschedule(offer.lapse);
        if self.open_packages(program, &[offer.package]).is_empty() {
            return;
        }
        let ordinal = (1 << 40) | slot as u64;
        if offer.public
            && let Some(line) = (0..program.model.channels.len()).find(|&k| {
                let between = &program.model.channels[k].between;
                between.contains(&offer.by)
            })
        {
            self.leaked(program, scratch, line, ordinal);
        }
        let mut table = Table::default();
        if self.all_consent(program, scratch, &mut table, offer.by, offer.package, ordinal) {
            self.sign(program, scratch, offer.package);
        }
    }

    /// Whether a private meeting becomes public.
    fn maybe_leak(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        id: crate::model::ids::ChannelId,
        ordinal: u64,
    ) {
        let leak = program.model.channels[id.index()].leak.of(&self.inputs);
        if leak > 0.0 && self.key.uniform(program.wiring.leak[id.index()], ordinal) < leak {
            self.leaked(program, scratch, id.index(), ordinal);
        }
    }

    fn leaked(&mut self, program: &Program, scratch: &mut Scratch, line: usize, ordinal: u64) {
        self.emit(program, Fact::Leaked, 0);
        self.note(|| Entry::Leaked(crate::model::ids::ChannelId::at(line)));
        let effects = &program.model.channels[line].leaked;
        self.apply(program, scratch, effects, Context::nobody(ordinal));
    }

    /// All terms take effect, all or none; void ones are reported.
    pub(crate) fn sign(&mut self, program: &Program, scratch: &mut Scratch, id: PackageId) {
        let package = &program.model.packages[id.index()];
        let serial = self.deal_serial;
        self.deal_serial += 1;
        let address = program.wiring.consent[id.index()]
            .first()
            .copied()
            .unwrap_or(program.wiring.tie)
            .named("lasts");
        let ends = self.world.now + self.span(program, package.lasts, address, u64::from(serial));
        // A deal supersedes an older one whose measures it all names itself.
        for k in 0..self.world.deals.len() {
            let deal = self.world.deals[k];
            let old = &program.model.packages[deal.package.index()];
            let mut measures = old.clauses.iter().filter_map(Clause::measure);
            let named = |m| package.clauses.iter().any(|b| b.measure() == Some(m));
            if deal.alive && measures.all(named) {
                self.bury(program, k);
            }
        }
        let slot = self.world.deals.iter().position(|d| !d.alive).unwrap_or(self.world.deals.len());
        let free = Deal {
            package: id,
            alive: true,
            since: self.world.now,
            ends,
            handle: None,
            eve: None,
            serial,
            free_until: Tick::BEFORE_ALL,
            breaker: None,
        };
        if slot == self.world.deals.len() {
            self.world.deals.push(free);
        } else {
            self.world.deals[slot] = free;
        }
        self.schedule_deal(program, slot);
        self.dirty |= bit::DEAL;
        self.note(|| Entry::Signed(id, ends));
        self.emit(program, Fact::Signed, id.index());
        for clause in &package.clauses {
            let done = self.clause(program, clause, ends);
            if !done
                && !matches!(clause, Clause::NoNew(_) | Clause::Prolong(_))
                && let Some(m) = clause.measure()
            {
                self.note(|| Entry::Void(id, m));
            }
        }
        let context =
            Context { actor: None, deal_end: Some(ends), ordinal: u64::from(serial), by: By::Deal };
        self.apply(program, scratch, &package.effects, context);
    }

    /// Carries out one term of a package that lives until `ends`.
    pub(crate) fn clause(&mut self, program: &Program, clause: &Clause, ends: Tick) -> bool {
        let end = Some(ends);
        match clause {
            Clause::Drop(m) => self.withdraw(program, *m, By::Deal),
            Clause::Postpone(m, term) => self.postpone(program, *m, *term, end, By::Deal),
            Clause::Suspend(m, term) => self.suspend(program, *m, *term, end, By::Deal),
            Clause::KeepSuspended(m, _) => self.suspend_until(program, *m, ends),
            Clause::Start(m) => self.start(program, *m, LevelChoice::Given),
            Clause::SetLevel(m, level) => self.set_level(program, *m, *level),
            Clause::NoNew(_) => true,
            Clause::Prolong(truce) => self.prolong_truce(program, *truce, ends),
        }
    }

    fn schedule_deal(&mut self, program: &Program, slot: usize) {
        let deal = self.world.deals[slot];
        let package = &program.model.packages[deal.package.index()];
        #[allow(clippy::cast_possible_truncation, reason = "few deals live at a time")]
        let id = slot as u16;
        let handle = self.schedule(
            program,
            deal.ends,
            phase::STOP,
            10_000 + slot,
            What::DealEnds(id, deal.serial),
        );
        self.world.deals[slot].handle = handle;
        if package.renewal.is_some() {
            let before = Tick::from_days(package.renew_before.of(&self.inputs));
            let at = (deal.ends - before).max(self.world.now);
            let eve = self.schedule(
                program,
                at,
                phase::DECISION,
                30_000 + slot,
                What::Prolong(id, deal.serial),
            );
            self.world.deals[slot].eve = eve;
        }
    }

    /// The parties are asked to prolong: both yes, and it goes on.
    pub(crate) fn prolong(
        &mut self,
        program: &Program,
        scratch: &mut Scratch,
        slot: usize,
        serial: u32,
    ) {
        let Some(deal) = self.world.deals.get(slot).copied() else { return };
        let package = &program.model.packages[deal.package.index()];
        let Some(renewal) = package.renewal.filter(|_| deal.alive && deal.serial == serial) else {
            return;
        };
        let ordinal = (1 << 41) | u64::from(serial) << 16 | self.day_ordinal();
        let mut table = Table::default();
        for &party in &package.parties {
            if !self.consents(program, scratch, &mut table, party, deal.package, ordinal) {
                return;
            }
        }
        let address = program.wiring.consent[deal.package.index()]
            .first()
            .copied()
            .unwrap_or(program.wiring.tie)
            .named("renewal");
        let ends = deal.ends + self.span(program, renewal, address, ordinal);
        self.unschedule(deal.handle);
        self.world.deals[slot].ends = ends;
        self.schedule_deal(program, slot);
        for clause in &package.clauses {
            match clause {
                Clause::Suspend(m, _) | Clause::KeepSuspended(m, _) => {
                    self.suspend_until(program, *m, ends);
                }
                Clause::Postpone(m, _) => {
                    let term = crate::model::value::Term::Until(ends);
                    self.postpone(program, *m, term, Some(ends), By::Deal);
                }
                _ => {}
            }
        }
        self.note(|| Entry::Prolonged(deal.package, ends));
    }

    /// A deal reaches its end.
    pub(crate) fn deal_ends(&mut self, program: &Program, slot: usize, serial: u32) {
        let alive = self.world.deals.get(slot).is_some_and(|d| d.alive && d.serial == serial);
        if alive {
            self.close_deal(program, slot);
        }
    }

    /// Ends a deal; everything it put off to its end comes forward to this day.
    fn close_deal(&mut self, program: &Program, slot: usize) {
        let deal = self.world.deals[slot];
        let package = &program.model.packages[deal.package.index()];
        let now = self.world.now;
        self.bury(program, slot);
        for clause in &package.clauses {
            match clause {
                Clause::Suspend(m, _) | Clause::KeepSuspended(m, _) => {
                    let later = self.world.measure(*m).suspended.is_some_and(|s| s.until > now);
                    if later {
                        self.end_suspension_at(program, *m, now);
                    }
                }
                Clause::Postpone(m, _) => {
                    let pending = self.world.measure(*m).pending;
                    if let Some(p) = pending.filter(|p| p.at > now && p.at <= deal.ends) {
                        self.set_pending(program, *m, p.level, now, p.ordered);
                    }
                }
                _ => {}
            }
        }
        self.note(|| Entry::Ended(deal.package));
        self.emit(program, Fact::Ended, deal.package.index());
    }

    /// A deal is dead; its terms stay as they are.
    fn bury(&mut self, _program: &Program, slot: usize) {
        let deal = self.world.deals[slot];
        self.unschedule(deal.handle);
        self.unschedule(deal.eve);
        let deal = &mut self.world.deals[slot];
        deal.alive = false;
        deal.handle = None;
        deal.eve = None;
        self.dirty |= bit::DEAL;
    }

    /// A party ends a deal before its time: free after another's breach, else a breach itself.
    pub(crate) fn break_off(
        &mut self,
        program: &Program,
        actor: Option<ActorId>,
        id: PackageId,
    ) -> bool {
        let Some(slot) = self.world.deals.iter().position(|d| d.alive && d.package == id) else {
            return false;
        };
        let deal = self.world.deals[slot];
        let free = deal.free_until >= self.world.now && deal.breaker != actor;
        if let Some(actor) = actor.filter(|_| !free) {
            self.breach(program, slot, actor);
        }
        self.close_deal(program, slot);
        true
    }

    /// A move against the duties of a live deal: legal, but priced once, and trust falls.
    pub(crate) fn check_duties(
        &mut self,
        program: &Program,
        actor: ActorId,
        id: crate::model::ids::MoveId,
    ) {
        let escalates = &program.model.action(id).escalates;
        for slot in 0..self.world.deals.len() {
            let deal = self.world.deals[slot];
            let package = &program.model.packages[deal.package.index()];
            let against = deal.alive
                && package.parties.contains(&actor)
                && package
                    .clauses
                    .iter()
                    .any(|c| c.is_duty() && c.measure().is_some_and(|m| escalates.contains(&m)));
            if against && deal.breaker.is_none() {
                self.breach(program, slot, actor);
            }
        }
    }

    fn breach(&mut self, program: &Program, slot: usize, actor: ActorId) {
        let deal = self.world.deals[slot];
        let package = &program.model.packages[deal.package.index()];
        let present = self.ledger.present(self.world.now);
        if self.sketch {
            // Counted, and priced by whoever weighs the features.
            let relevance = &program.wiring.relevance;
            let fine = relevance.fine_of[deal.package.index()];
            self.ledger.prices[actor.index() * relevance.fines.len() + fine] += present;
        } else {
            self.ledger.prices[actor.index()] -= package.breach_once.of(&self.inputs) * present;
        }
        let frees = Tick::from_days(package.breach_frees.of(&self.inputs));
        let deal_now = &mut self.world.deals[slot];
        deal_now.breaker = Some(actor);
        deal_now.free_until = self.world.now + frees;
        for &(gauge, by) in &package.breach_push {
            self.push(program, gauge, by);
        }
        self.emit(program, Fact::Breached, deal.package.index());
        self.note(|| Entry::Breached(deal.package, actor));
        for &other in &package.parties {
            if other != actor {
                self.react_to(program, other, actor, package.weight.abs().max(1.0));
            }
        }
    }

    /// Moves the end of a truce of the file, and keeps what it holds suspended.
    pub(crate) fn prolong_truce(&mut self, program: &Program, id: TruceId, until: Tick) -> bool {
        let state = self.world.truces[id.index()];
        if !state.alive || until <= state.ends {
            return false;
        }
        self.unschedule(state.handle);
        let handle =
            self.schedule(program, until, Self::EFFECT, 20_000 + id.index(), What::TruceEnds(id));
        self.world.truces[id.index()].ends = until;
        self.world.truces[id.index()].handle = handle;
        self.dirty |= bit::TRUCE;
        let truce = &program.model.truces[id.index()];
        for &m in &truce.holds {
            self.suspend_until(program, m, until);
        }
        for &eve in &truce.eves {
            self.plan_eve(program, eve, until);
        }
        true
    }

    /// On the eve of a truce's end its parties are asked to sign the package that renews it: all yes,
    /// or it ends.
    pub(crate) fn renew_truce(&mut self, program: &Program, scratch: &mut Scratch, id: TruceId) {
        if !self.world.truces[id.index()].alive {
            return;
        }
        let Some(package) = program.model.truces[id.index()].renewal else { return };
        if self.open_packages(program, &[package]).is_empty() {
            return;
        }
        let ordinal = (1 << 42) | self.day_ordinal();
        let mut table = Table::default();
        for &party in &program.model.packages[package.index()].parties {
            if !self.consents(program, scratch, &mut table, party, package, ordinal) {
                return;
            }
        }
        self.sign(program, scratch, package);
    }

    /// A truce of the file ends.
    pub(crate) fn truce_ends(&mut self, program: &Program, id: TruceId) {
        if !self.world.truces[id.index()].alive {
            return;
        }
        self.world.truces[id.index()].alive = false;
        self.world.truces[id.index()].handle = None;
        self.dirty |= bit::TRUCE;
        for &eve in &program.model.truces[id.index()].eves {
            self.heed_silence(program, eve);
        }
        self.note(|| Entry::TruceEnded(id));
        self.emit(program, Fact::TruceEnded, id.index());
    }

    /// The day at hand, as the ordinal of draws at dated occasions.
    #[allow(clippy::cast_sign_loss, reason = "events are never before tick 0")]
    pub(crate) fn day_ordinal(&self) -> u64 {
        self.world.now.0.div_euclid(MINUTES_PER_DAY).max(0) as u64
    }

    /// Counts the log-probability of a choice made by draw.
    pub(crate) fn choice_made(&mut self, p: f64) {
        self.path.log_probability += math::ln(p.max(1e-12));
        self.path.choices += 1;
    }
}

/// What a deal must be worth to an actor beyond walking away, payoff units: less where the gauge it
/// trusts by stands high. What deciders see of a gauge is rounded to the grid.
pub(crate) fn hurdle(program: &Program, world: &World, inputs: &[f64], actor: ActorId) -> f64 {
    let values = &program.model.actor(actor).values;
    let hurdle = values.hurdle.of(inputs);
    let Some((gauge, factor)) = values.trust else { return hurdle };
    let (level, grid) = (world.gauge(&program.model, gauge), program.model.grid.gauge);
    let seen = if grid > 0.0 { (level / grid).round() * grid } else { level };
    hurdle - factor * seen
}

/// The position whose share of [0, 1) holds `u`.
pub(crate) fn pick(shares: &[f64], u: f64) -> usize {
    let mut left = u;
    let mut last = 0;
    for (k, &share) in shares.iter().enumerate() {
        if share > 0.0 {
            last = k;
            if left < share {
                return k;
            }
        }
        left -= share;
    }
    last
}
