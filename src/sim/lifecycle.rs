//! The life cycle of measures: every verb by the state the measure is in (model.md, section 2).
//!
//! | verb | idle | pending | in force | suspended |
//! |---|---|---|---|---|
//! | announce | pending | replaced | a pending change | not offered |
//! | enact | in force after the lead | ordered | level changes after the lead | in force after the lead |
//! | postpone | - | date moves | date of a pending change moves | end moves |
//! | suspend | - | remembered | remembered, wedges removed | the later end |
//! | withdraw | - | cleared | level 0 | level 0, event cancelled |
//!
//! Audience costs (Fearon 1994) are booked here, because they hang on how a commitment closes.

use super::engine::{Engine, number_of};
use super::event::{What, phase};
use super::journal::Entry;
use super::program::{Fact, Program, bit};
use super::world::{Pending, Suspension};
use crate::model::actor::TermKind;
use crate::model::condition::StatusSet;
use crate::model::effect::{LevelChoice, Timing};
use crate::model::ids::MeasureId;
use crate::model::value::{Lag, Term};
use crate::units::Tick;

/// Who ends or changes a measure: decides what becomes of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The owner alone.
    Owner,
    /// A deal.
    Deal,
    /// A court.
    Court,
}

impl Engine {
    /// A change of this measure's state: conditions, wedges and stocks may follow.
    #[inline]
    fn touched(&mut self, id: MeasureId) {
        self.dirty |= bit::measure(id.index());
        if self.sketch {
            self.marks.touch(id.index());
        }
    }

    /// The level a verb asks for.
    pub(crate) fn resolve(&self, program: &Program, id: MeasureId, choice: LevelChoice) -> u8 {
        let levels = &program.model.measure(id).levels;
        let state = self.world.measure(id);
        #[allow(clippy::cast_possible_truncation, reason = "levels are limited to 250")]
        let top = levels.len() as u8;
        match choice {
            LevelChoice::At(level) => level,
            LevelChoice::Given => {
                let remembered = state.suspended.map(|s| s.pending.map_or(s.level, |p| p.0));
                state.pending.map(|p| p.level).or(remembered.filter(|l| *l > 0)).unwrap_or(
                    // A measure with words starts at the first, one with numbers at the highest.
                    if levels.len() > 1 && levels[0].0.parse::<f64>().is_err() { 1 } else { top },
                )
            }
            LevelChoice::Like(other) => {
                let theirs = self.world.measure(other);
                let level = theirs.in_force().max(theirs.pending.map_or(0, |p| p.level));
                let number = number_of(program, other, level);
                let fits = levels.iter().rposition(|(_, x)| *x <= number + 1e-9).unwrap_or(0);
                #[allow(clippy::cast_possible_truncation, reason = "levels are limited to 250")]
                let fits = fits as u8 + 1;
                fits
            }
        }
    }

    /// Whether the measure's legal basis is barred by a court.
    pub(crate) fn barred(&self, program: &Program, id: MeasureId) -> bool {
        program.model.measure(id).legal.is_some_and(|l| self.world.barred >> (l % 64) & 1 == 1)
    }

    fn lead(&self, program: &Program, id: MeasureId, lag: Lag) -> Tick {
        let ordinal = u64::from(self.world.measure(id).announced);
        self.span(program, lag, program.wiring.lead[id.index()], ordinal)
    }

    /// Sets or replaces the pending change, with its event and eves.
    pub(crate) fn set_pending(
        &mut self,
        program: &Program,
        id: MeasureId,
        level: u8,
        at: Tick,
        ordered: bool,
    ) {
        let at = at.max(self.world.now);
        let old = self.world.measures[id.index()].pending.take();
        self.unschedule(old.and_then(|p| p.handle));
        let handle = self.schedule(program, at, phase::EFFECT, id.index(), What::Dated(id));
        let owner = program.model.measure(id).owner;
        let watched = program.wiring.audience[owner.index()].is_some();
        let state = &mut self.world.measures[id.index()];
        state.pending = Some(Pending { level, at, ordered, handle });
        state.first_date.get_or_insert(at);
        if watched && number_of(program, id, level) > number_of(program, id, state.in_force()) {
            if state.strength <= 0.0 {
                state.strength = 1.0;
                state.threatened = level;
                state.postponed = false;
            } else {
                state.threatened = state.threatened.max(level);
            }
        }
        // A change on the same date keeps its eves: those that were asked are not asked again.
        if old.is_none_or(|p| p.at != at) {
            for &eve in &program.model.measure(id).eves {
                self.plan_eve(program, eve, at);
            }
        }
        self.touched(id);
    }

    fn clear_pending(&mut self, program: &Program, id: MeasureId) -> Option<Pending> {
        let old = self.world.measures[id.index()].pending.take();
        if let Some(pending) = old {
            self.unschedule(pending.handle);
            for &eve in &program.model.measure(id).eves {
                self.drop_eve(eve);
            }
            self.touched(id);
        }
        old
    }

    /// Announces a change. Nothing happens to a suspended or barred measure.
    pub(crate) fn announce(
        &mut self,
        program: &Program,
        id: MeasureId,
        choice: LevelChoice,
        timing: Timing,
        ordered: bool,
    ) -> bool {
        let state = self.world.measure(id);
        if state.suspended.is_some() || self.barred(program, id) {
            return false;
        }
        let level = self.resolve(program, id, choice);
        if level == state.level && state.pending.is_none() {
            return false;
        }
        let now = self.world.now;
        let at = match timing {
            Timing::OwnLead => now + self.lead(program, id, program.model.measure(id).lead),
            Timing::Lead(lag) => now + self.lead(program, id, lag),
            Timing::On(at) => at.max(now),
        };
        self.world.measures[id.index()].announced += 1;
        self.set_pending(program, id, level, at, ordered);
        self.emit(program, Fact::Announced, id.index());
        self.note(|| Entry::Announced(id, level, at, ordered));
        true
    }

    /// Orders a pending change; puts an idle, lower or suspended measure in force after its lead.
    pub(crate) fn enact(&mut self, program: &Program, id: MeasureId, choice: LevelChoice) -> bool {
        if self.barred(program, id) {
            return false;
        }
        let level = self.resolve(program, id, choice);
        let state = *self.world.measure(id);
        if let Some(pending) = state.pending.filter(|_| state.suspended.is_none()) {
            if pending.ordered && pending.level == level {
                return false;
            }
            // Signed before its date: the date stands.
            let at = pending.at;
            self.set_pending(program, id, level, at, true);
            self.note(|| Entry::Ordered(id, at));
            return true;
        }
        if state.suspended.is_none() && state.level == level {
            return false;
        }
        if let Some(suspension) = state.suspended {
            self.unschedule(suspension.handle);
            let s = &mut self.world.measures[id.index()];
            s.suspended = None;
            s.level = 0;
        }
        let lead = self.lead(program, id, program.model.measure(id).lead);
        self.world.measures[id.index()].announced += 1;
        let at = self.world.now + lead;
        if lead == Tick::ZERO {
            self.in_force(program, id, level);
        } else {
            self.set_pending(program, id, level, at, true);
            self.emit(program, Fact::Announced, id.index());
            self.note(|| Entry::Announced(id, level, at, true));
        }
        true
    }

    /// Puts a measure in force now.
    pub(crate) fn start(&mut self, program: &Program, id: MeasureId, choice: LevelChoice) -> bool {
        let state = *self.world.measure(id);
        if state.in_force() > 0 || self.barred(program, id) {
            return false;
        }
        let level = self.resolve(program, id, choice);
        if let Some(suspension) = state.suspended {
            self.unschedule(suspension.handle);
            self.world.measures[id.index()].suspended = None;
        }
        self.clear_pending(program, id);
        self.in_force(program, id, level);
        true
    }

    /// A level takes effect now.
    pub(crate) fn in_force(&mut self, program: &Program, id: MeasureId, level: u8) {
        let before = self.world.measure(id).level;
        self.close_commitment(program, id, level, By::Owner);
        let state = &mut self.world.measures[id.index()];
        state.level = level;
        state.count = state.count.max(1);
        state.expires = None;
        let old = state.expiry.take();
        self.unschedule(old);
        if let Some(lag) = program.model.measure(id).expires {
            let ordinal = u64::from(self.world.measure(id).announced) + (1 << 20);
            let span = self.span(program, lag, program.wiring.term[id.index()], ordinal);
            let at = self.world.now + span;
            let handle = self.schedule(program, at, phase::EFFECT, id.index(), What::Expires(id));
            let state = &mut self.world.measures[id.index()];
            state.expires = Some(at);
            state.expiry = handle;
        }
        self.touched(id);
        self.emit(program, Fact::Effective, id.index());
        self.note(|| Entry::Effective(id, level));
        self.settle_wins(program, id);
        if number_of(program, id, level) > number_of(program, id, before) {
            self.measure_act(program, id);
        }
    }

    /// The date of a pending change has come.
    pub(crate) fn dated(&mut self, program: &Program, id: MeasureId) {
        let Some(pending) = self.world.measures[id.index()].pending.take() else { return };
        self.touched(id);
        if self.world.measure(id).first_date == Some(self.world.now) {
            self.emit(program, Fact::DateOf, id.index());
        }
        for &eve in &program.model.measure(id).eves {
            self.heed_silence(program, eve);
        }
        if pending.ordered && !self.barred(program, id) {
            self.in_force(program, id, pending.level);
        } else {
            let kept = self.world.measure(id).level;
            self.close_commitment(program, id, kept, By::Owner);
            self.emit(program, Fact::Lapsed, id.index());
            self.note(|| Entry::Lapsed(id));
            self.settle_wins(program, id);
        }
    }

    /// Moves a pending date, or the end of a suspension, by a span or to a moment.
    pub(crate) fn postpone(
        &mut self,
        program: &Program,
        id: MeasureId,
        term: Term,
        deal_end: Option<Tick>,
        by: By,
    ) -> bool {
        let state = *self.world.measure(id);
        if let Some(suspension) = state.suspended {
            let until = self.moved(program, id, suspension.until, term, deal_end);
            return self.suspend_until(program, id, until.max(suspension.until));
        }
        let Some(pending) = state.pending else { return false };
        let at = self.moved(program, id, pending.at, term, deal_end);
        if at <= pending.at {
            return false;
        }
        self.charge_postponement(program, id, by);
        let threatened = self.world.measure(id).threatened;
        self.set_pending(program, id, pending.level, at, pending.ordered);
        self.world.measures[id.index()].threatened = threatened;
        self.note(|| Entry::Moved(id, pending.at, at));
        true
    }

    fn moved(
        &self,
        program: &Program,
        id: MeasureId,
        from: Tick,
        term: Term,
        deal_end: Option<Tick>,
    ) -> Tick {
        match term {
            Term::Span(lag) => {
                let ordinal = u64::from(self.world.measure(id).announced);
                from + self.span(program, lag, program.wiring.term[id.index()], ordinal)
            }
            Term::Until(at) => at,
            Term::Lasts => deal_end.unwrap_or(from),
        }
    }

    /// Moves a pending date to a span from now.
    pub(crate) fn reschedule(&mut self, program: &Program, id: MeasureId, lag: Lag) -> bool {
        let state = *self.world.measure(id);
        let Some(pending) = state.pending.filter(|_| state.suspended.is_none()) else {
            return false;
        };
        let ordinal = u64::from(state.announced);
        let at = self.world.now + self.span(program, lag, program.wiring.term[id.index()], ordinal);
        if at == pending.at {
            return false;
        }
        if at > pending.at {
            self.charge_postponement(program, id, By::Owner);
        }
        self.set_pending(program, id, pending.level, at, pending.ordered);
        self.note(|| Entry::Moved(id, pending.at, at));
        true
    }

    /// Suspends what is pending or in force; a suspension keeps the later end.
    pub(crate) fn suspend(
        &mut self,
        program: &Program,
        id: MeasureId,
        term: Term,
        deal_end: Option<Tick>,
        by: By,
    ) -> bool {
        let state = *self.world.measure(id);
        let until = self.moved(program, id, self.world.now, term, deal_end);
        if state.suspended.is_some() {
            return self.suspend_until(program, id, until);
        }
        if state.level == 0 && state.pending.is_none() {
            return false;
        }
        let pending = self.clear_pending(program, id);
        if pending.is_some() {
            self.charge_postponement(program, id, by);
        }
        let handle = self.schedule(program, until, phase::EFFECT, id.index(), What::Resumes(id));
        let s = &mut self.world.measures[id.index()];
        s.suspended = Some(Suspension {
            until,
            handle,
            level: s.level,
            pending: pending.map(|p| (p.level, p.ordered)),
        });
        self.touched(id);
        self.emit(program, Fact::Suspended, id.index());
        self.note(|| Entry::Suspended(id, until));
        self.settle_wins(program, id);
        true
    }

    /// Moves the end of a suspension to a later moment.
    pub(crate) fn suspend_until(&mut self, program: &Program, id: MeasureId, until: Tick) -> bool {
        let Some(suspension) = self.world.measure(id).suspended else { return false };
        if until <= suspension.until {
            return false;
        }
        self.end_suspension_at(program, id, until);
        self.note(|| Entry::Suspended(id, until));
        true
    }

    /// Moves the end of a suspension, also to an earlier moment.
    pub(crate) fn end_suspension_at(&mut self, program: &Program, id: MeasureId, until: Tick) {
        let Some(mut suspension) = self.world.measure(id).suspended else { return };
        self.unschedule(suspension.handle);
        suspension.until = until;
        suspension.handle =
            self.schedule(program, until, phase::EFFECT, id.index(), What::Resumes(id));
        self.world.measures[id.index()].suspended = Some(suspension);
        self.touched(id);
    }

    /// The end of a suspension: what is remembered resumes.
    pub(crate) fn resumes(&mut self, program: &Program, id: MeasureId) {
        let Some(suspension) = self.world.measures[id.index()].suspended.take() else { return };
        self.touched(id);
        let level = suspension.level;
        if level > 0 {
            self.emit(program, Fact::Effective, id.index());
            self.note(|| Entry::Effective(id, level));
            self.measure_act(program, id);
        }
        if let Some((level, ordered)) = suspension.pending {
            if ordered {
                self.in_force(program, id, level);
            } else {
                // A statement again, with a fresh eve: dated to this day's end.
                let at = self.world.now + Tick(crate::units::MINUTES_PER_DAY);
                self.set_pending(program, id, level, at, false);
            }
        }
        self.settle_wins(program, id);
    }

    /// Ends a measure: pending cleared, level 0.
    pub(crate) fn withdraw(&mut self, program: &Program, id: MeasureId, by: By) -> bool {
        let state = *self.world.measure(id);
        if state.level == 0 && state.pending.is_none() && state.suspended.is_none() {
            return false;
        }
        let planned = self.clear_pending(program, id).map(|p| p.at);
        self.unschedule(state.suspended.and_then(|s| s.handle));
        self.unschedule(state.expiry);
        self.close_commitment(program, id, 0, by);
        let s = &mut self.world.measures[id.index()];
        s.level = 0;
        s.count = 0;
        s.suspended = None;
        s.expires = None;
        s.expiry = None;
        self.touched(id);
        if by == By::Court {
            self.note(|| Entry::Struck(id));
        } else {
            self.note(|| Entry::Withdrawn(id, planned));
        }
        self.emit(program, Fact::Dropped, id.index());
        self.settle_wins(program, id);
        true
    }

    /// A measure expires.
    pub(crate) fn expires(&mut self, program: &Program, id: MeasureId) {
        let s = &mut self.world.measures[id.index()];
        s.expires = None;
        s.expiry = None;
        s.level = 0;
        s.count = 0;
        self.touched(id);
        self.note(|| Entry::Expired(id));
        self.emit(program, Fact::Dropped, id.index());
        self.settle_wins(program, id);
    }

    /// Changes the level in force, or the pending level; nothing else.
    pub(crate) fn set_level(&mut self, program: &Program, id: MeasureId, level: u8) -> bool {
        let s = &mut self.world.measures[id.index()];
        if s.suspended.is_some() {
            return false;
        }
        if let Some(pending) = &mut s.pending
            && s.level == 0
        {
            let changed = pending.level != level;
            pending.level = level;
            self.touched(id);
            return changed;
        }
        if s.level == 0 || s.level == level {
            return false;
        }
        s.level = level;
        self.touched(id);
        self.emit(program, Fact::Effective, id.index());
        self.note(|| Entry::Effective(id, level));
        true
    }

    /// One more of the same, or an enactment.
    pub(crate) fn repeat(&mut self, program: &Program, id: MeasureId) -> bool {
        let state = *self.world.measure(id);
        if state.in_force() == 0 {
            return self.enact(program, id, LevelChoice::Given);
        }
        if !program.model.measure(id).repeat || self.barred(program, id) {
            return false;
        }
        let s = &mut self.world.measures[id.index()];
        s.count = s.count.saturating_add(1);
        let count = s.count;
        self.touched(id);
        self.emit(program, Fact::Effective, id.index());
        self.note(|| Entry::Repeated(id, count));
        true
    }

    /// A commitment closes with `kept` in force; backing down costs (Fearon 1994).
    fn close_commitment(&mut self, program: &Program, id: MeasureId, kept: u8, by: By) {
        let state = &mut self.world.measures[id.index()];
        let (strength, threatened) = (state.strength, state.threatened);
        if strength <= 0.0 {
            return;
        }
        state.strength = 0.0;
        let (kept, threat) = (number_of(program, id, kept), number_of(program, id, threatened));
        let share = if threat > 0.0 { (1.0 - kept / threat).max(0.0) } else { 0.0 };
        if share > 0.0 && by != By::Court && !self.answered_away(program, id) {
            self.charge(program, id, strength * share, by);
        }
    }

    /// Postponing alone costs a quarter, once; by a deal, the quarter less what face saves.
    fn charge_postponement(&mut self, program: &Program, id: MeasureId, by: By) {
        let state = &mut self.world.measures[id.index()];
        if state.strength > 0.0 && !state.postponed {
            state.postponed = true;
            let amount = 0.25 * state.strength;
            if !self.answered_away(program, id) {
                self.charge(program, id, amount, by);
            }
        }
    }

    /// Whether the acts this measure answers are all gone: then stepping back costs nothing.
    fn answered_away(&self, program: &Program, id: MeasureId) -> bool {
        let answers = &program.model.measure(id).answers;
        let stands = StatusSet::PENDING.with(StatusSet::IN_FORCE);
        !answers.is_empty()
            && answers.iter().all(|m| !self.world.measure(*m).status().meets(stands))
    }

    fn charge(&mut self, program: &Program, id: MeasureId, amount: f64, by: By) {
        let owner = program.model.measure(id).owner;
        let Some(k) = program.wiring.audience[owner.index()] else { return };
        let TermKind::Audience { face } = program.model.actor(owner).terms[k].kind else { return };
        let amount = match by {
            By::Deal => amount * (1.0 - face.of(&self.inputs)),
            By::Owner | By::Court => amount,
        };
        if amount <= 0.0 {
            return;
        }
        let present = self.ledger.present(self.world.now);
        self.ledger.features[program.term(owner, k)] += amount * present;
        if by == By::Owner {
            self.emit(program, Fact::PaidAudience, owner.index());
        }
        self.note(|| Entry::Audience(owner, id, amount));
    }

    /// Books wins and lost wins that a change of this measure brings about.
    pub(crate) fn settle_wins(&mut self, program: &Program, id: MeasureId) {
        for &(actor, k) in &program.wiring.wins[id.index()] {
            let TermKind::Win(ids) = &program.model.actor(actor).terms[k].kind else { continue };
            let won = self.is_won(program, ids);
            let term = program.term(actor, k);
            if won != self.world.wins[term] {
                self.world.wins[term] = won;
                let present = self.ledger.present(self.world.now);
                self.ledger.features[term] += if won { present } else { -present };
            }
        }
    }

    /// A purchase is won once it runs; anything that stood at the start, once none of it stands.
    fn is_won(&self, program: &Program, ids: &[MeasureId]) -> bool {
        use crate::model::measure::Start;
        let idle_start = ids.iter().all(|m| matches!(program.model.measure(*m).start, Start::Idle));
        if idle_start {
            return ids.iter().any(|m| self.world.measure(*m).in_force() > 0);
        }
        let stands = StatusSet::PENDING.with(StatusSet::IN_FORCE);
        ids.iter().all(|m| !self.world.measure(*m).status().meets(stands))
    }
}
