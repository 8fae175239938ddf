//! Look-ahead: a tree of one to three moves over sketches (model.md, section 7).
//!
//! My move; the other side's next occasion (median lag, or an eve if earlier); my next. Between them
//! dated events happen and lags stand at their medians; beliefs are held fixed and nothing is drawn.
//! The other side is of level 1: it answers by logit against a world in which nobody moves again
//! (level 0), judged by its payoff as each of its types, weighted by the public belief. An offer
//! counts with the believed chance of consent.
//!
//! A node keeps features, not payoffs: rows of discounted years and once sums by option. Payoffs are
//! linear in the weights, so one node serves every trial that comes to the same rounded state.

use super::announced::{Prospect, Sheet};
use super::contract::{Cause, Occasion};
use super::engine::Engine;
use super::outlook::{Reach, all_beliefs, believed, payoff, weights_of};
use super::program::Program;
use super::scratch::Scratch;
use super::talks::hurdle;
use crate::math;
use crate::model::actor::TermKind;
use crate::model::diplomacy::EveTarget;
use crate::model::effect::Effect;
use crate::model::ids::{ActorId, MeasureId, MoveId, PackageId};
use crate::units::{MINUTES_PER_DAY, Tick};
use std::cell::RefCell;
use std::rc::Rc;

/// What an actor foresees of each of its options in one situation.
#[derive(Debug)]
pub(crate) struct Node {
    options: Vec<MoveId>,
    sheet: Sheet,
    /// By option, holding first: features of all actors in the announced world.
    rows: Vec<Prospect>,
    /// By option: a deal that it offers, or that the next meeting may bring.
    deals: Vec<Option<Bargain>>,
    /// By option: what comes after, worked out when first asked for.
    next: RefCell<Vec<Option<Rc<Next>>>>,
}

/// A deal that may come of an option.
#[derive(Debug, Clone, Copy)]
struct Bargain {
    package: PackageId,
    /// Whether the decider's own consent is still open: at a meeting; an offer is its consent.
    both: bool,
    /// Features of all actors if it is signed.
    signed: Prospect,
}

/// A node under the beliefs at hand.
#[derive(Debug)]
struct View {
    /// By option: features, and those if its deal is signed (two rows).
    rows: Vec<f64>,
    /// By option: the chance that all others consent to its deal.
    others: Vec<f64>,
}

/// The other side's turn after an option.
#[derive(Debug)]
struct Next {
    /// Features until then.
    accrued: Vec<f64>,
    /// Value at the option's moment of one unit then.
    discount: f64,
    node: Rc<Node>,
}

/// How an actor looks ahead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gaze {
    pub(crate) moves: u8,
    pub(crate) horizon: f64,
    pub(crate) precision: f64,
    pub(crate) focus: usize,
}

/// A tree at hand: what does not change from node to node.
struct Tree<'a> {
    p: &'a Program,
    inputs: &'a [f64],
    /// Believed chance by measure that a statement is carried out.
    chances: Vec<f64>,
    /// By actor and type: public belief.
    beliefs: Vec<Vec<f64>>,
    /// By actor: what a deal must be worth beyond walking away, held fixed as beliefs are.
    hurdles: Vec<f64>,
    /// Payoff weights of all valued actors and types.
    weights: Vec<f64>,
    gaze: Gaze,
}

/// The occasion at hand, kept while the other types are asked about it.
#[derive(Debug)]
pub(crate) struct Last {
    serial: u64,
    actor: ActorId,
    horizon: f64,
    chances: Vec<f64>,
    beliefs: Vec<Vec<f64>>,
    other: Option<ActorId>,
    node: Rc<Node>,
    view: View,
    sketch: Engine,
}

/// Scores of holding and of each legal move for an actor as a hypothetical type.
pub(crate) fn scores(
    at: &Occasion<'_>,
    scratch: &mut Scratch,
    as_type: u8,
    gaze: Gaze,
    out: &mut Vec<f64>,
) {
    let p = at.program;
    let kept = match scratch.last.take() {
        Some(last)
            if last.serial == at.serial
                && last.actor == at.actor
                && math::same(last.horizon, gaze.horizon) =>
        {
            Some(last)
        }
        Some(old) => {
            scratch.sketches.push(old.sketch);
            None
        }
        None => None,
    };
    let weights = std::mem::take(&mut scratch.weights);
    let (chances, beliefs) = (Vec::new(), Vec::new());
    let hurdles =
        (0..p.model.actors.len()).map(|a| hurdle(p, at.world, at.inputs, ActorId::at(a))).collect();
    let mut tree = Tree { p, inputs: at.inputs, chances, beliefs, hurdles, weights, gaze };
    let mut last = kept.unwrap_or_else(|| tree.open(at, scratch));
    std::mem::swap(&mut tree.chances, &mut last.chances);
    std::mem::swap(&mut tree.beliefs, &mut last.beliefs);
    let provoked = if let Cause::React(_, weight) = at.cause { weight } else { 0.0 };
    tree.one_step(&last.node, &last.view, at.actor, as_type, provoked, out);
    if gaze.moves > 1
        && let Some(other) = last.other
    {
        tree.deepen(scratch, &last, (at.actor, other), as_type, provoked, out);
    }
    std::mem::swap(&mut tree.chances, &mut last.chances);
    std::mem::swap(&mut tree.beliefs, &mut last.beliefs);
    scratch.weights = tree.weights;
    scratch.last = Some(last);
}

/// The statement whose last eve this is: holding lets it lapse.
fn last_call(p: &Program, actor: ActorId, cause: Cause) -> Option<MeasureId> {
    let Cause::Eve(id) = cause else { return None };
    let EveTarget::Measure(m) = p.model.eves[id.index()].of else { return None };
    let eves = &p.model.measure(m).eves;
    // Eves of a measure stand in the order of the file; the last one the owner decides on counts.
    let last = eves.iter().rev().find(|e| p.model.eves[e.index()].decides.contains(&actor));
    (p.model.measure(m).owner == actor && last == Some(&id)).then_some(m)
}

/// Whose answer counts: the one that acted, else the first it answers that has payoffs and moves.
fn opponent(p: &Program, actor: ActorId, cause: Cause) -> Option<ActorId> {
    let plays = |a: ActorId| {
        let who = p.model.actor(a);
        !who.terms.is_empty() && !who.moves.is_empty() && who.reacts.iter().any(|r| r.to == actor)
    };
    if let Cause::React(by, _) = cause
        && plays(by)
    {
        return Some(by);
    }
    p.model.actor(actor).reacts.iter().map(|r| r.to).find(|a| plays(*a))
}

impl Tree<'_> {
    /// Looks at an occasion for the first time: its sketch, beliefs, node.
    fn open(&mut self, at: &Occasion<'_>, scratch: &mut Scratch) -> Last {
        let p = self.p;
        let mut sketch = scratch.sketches.pop().unwrap_or_default();
        let binned = std::mem::take(&mut scratch.binned);
        sketch.load(p, scratch, at.world, &binned, self.gaze.horizon);
        all_beliefs(p, at.world, &mut self.beliefs);
        believed(p, &binned, &self.beliefs, &mut self.chances);
        scratch.binned = binned;
        let own = last_call(p, at.actor, at.cause);
        let other = opponent(p, at.actor, at.cause);
        let node = self.node(scratch, &mut sketch, (at.actor, other), at.menu, own);
        let view = self.view(&node, at.actor);
        Last {
            serial: at.serial,
            actor: at.actor,
            horizon: self.gaze.horizon,
            chances: std::mem::take(&mut self.chances),
            beliefs: std::mem::take(&mut self.beliefs),
            other,
            node,
            view,
            sketch,
        }
    }

    /// The node of a state: remembered, or worked out option by option.
    fn node(
        &self,
        scratch: &mut Scratch,
        sketch: &mut Engine,
        (actor, other): (ActorId, Option<ActorId>),
        menu: &[MoveId],
        own: Option<MeasureId>,
    ) -> Rc<Node> {
        let mut key = sketch.situation(self.p, 5, self.gaze.moves > 1);
        let other = other.map_or(0, |a| u64::from(a.0) + 1);
        key.add(u64::from(actor.0) | other << 20 | own.map_or(0, |m| (u64::from(m.0) + 1) << 40));
        key.float(self.gaze.horizon);
        menu.iter().for_each(|m| key.add(u64::from(m.0)));
        if let Some(found) = scratch.nodes.get(&key.pair()) {
            let found = Rc::clone(found);
            scratch.hits += 1;
            return found;
        }
        scratch.misses += 1;
        let reach = Reach::of(self.p, sketch, self.gaze.horizon);
        let mut sheet = Sheet::default();
        let mut rows = Vec::with_capacity(menu.len() + 1);
        let mut deals = Vec::with_capacity(menu.len() + 1);
        let mut after = scratch.sketches.pop().unwrap_or_default();
        let mut seen: Vec<((u64, u64), Option<PackageId>)> = Vec::with_capacity(menu.len() + 1);
        for k in 0..=menu.len() {
            after.copy_sketch(sketch);
            let mut offered = None;
            if k > 0 {
                after.try_move(self.p, scratch, menu[k - 1]);
                offered = self.p.model.action(menu[k - 1]).effects.iter().find_map(|e| match e {
                    Effect::Offer(package) => Some(*package),
                    _ => None,
                });
            }
            // Moves that come to the same world bring the same.
            let world = (after.outcome(self.p, self.gaze.moves > 1).pair(), offered);
            if let Some(same) = seen.iter().position(|known| *known == world) {
                seen.push(world);
                rows.push(rows[same]);
                deals.push(deals[same]);
                continue;
            }
            seen.push(world);
            rows.push(sheet.project(self.p, scratch, &mut after, reach, own));
            let table = match offered {
                Some(package) => Some((package, after.world.now, false)),
                None => next_meeting(self.p, &after, actor, reach.events),
            };
            deals.push(table.map(|(package, day, both)| {
                after.follow(self.p, scratch, day, self.p.wiring.relevance.stocks);
                after.try_package(self.p, scratch, package);
                let signed = sheet.project(self.p, scratch, &mut after, reach, own);
                Bargain { package, both, signed }
            }));
        }
        scratch.sketches.push(after);
        let next = RefCell::new(vec![None; menu.len() + 1]);
        let node = Rc::new(Node { options: menu.to_vec(), sheet, rows, deals, next });
        scratch.nodes.keep(key.pair(), Rc::clone(&node));
        node
    }

    /// A node as it looks under the beliefs at hand to the one who decides in it.
    fn view(&self, node: &Node, by: ActorId) -> View {
        let mut rows = Vec::with_capacity(2 * node.rows.len() * self.p.wiring.relevance.width);
        for (row, deal) in node.rows.iter().zip(&node.deals) {
            node.sheet.mix(self.p, *row, &self.chances, &mut rows);
            node.sheet.mix(self.p, deal.map_or(*row, |d| d.signed), &self.chances, &mut rows);
        }
        let mut view = View { rows, others: Vec::new() };
        let others: Vec<f64> =
            (0..node.rows.len()).map(|k| self.consent_of_others(node, &view, k, by)).collect();
        view.others = others;
        view
    }

    /// Payoff of an option in the announced world, or with its deal signed.
    fn worth(&self, view: &View, k: usize, signed: bool, actor: ActorId, weights: &[f64]) -> f64 {
        let width = self.p.wiring.relevance.width;
        let row = &view.rows[(2 * k + usize::from(signed)) * width..][..width];
        payoff(self.p, row, actor, weights)
    }

    /// Payoff weights of an actor as a hypothetical type.
    fn weights(&self, actor: ActorId, as_type: u8) -> &[f64] {
        weights_of(self.p, &self.weights, actor, usize::from(as_type))
    }

    fn price(&self, node: &Node, k: usize, as_type: u8) -> f64 {
        if k == 0 {
            return 0.0;
        }
        let prices = &self.p.model.action(node.options[k - 1]).price;
        prices.get(usize::from(as_type)).map_or(0.0, |v| v.of(self.inputs))
    }

    /// Chance that an actor of a type prefers the deal of an option to the option without it.
    fn says_yes(&self, view: &View, k: usize, who: ActorId, t: u8) -> f64 {
        let w = self.weights(who, t);
        let gain = self.worth(view, k, true, who, w) - self.worth(view, k, false, who, w);
        let precision = self.p.model.actor(who).values.precision.of(self.inputs);
        math::logistic(precision * (gain - self.hurdles[who.index()]))
    }

    /// Believed chance that all others consent to the deal of an option, by the public belief about
    /// their types; 0 without a deal.
    fn consent_of_others(&self, node: &Node, view: &View, k: usize, by: ActorId) -> f64 {
        let Some(bargain) = node.deals[k] else { return 0.0 };
        let mut chance = 1.0;
        for &other in &self.p.model.packages[bargain.package.index()].parties {
            if other == by {
                continue;
            }
            let mut yes = 0.0;
            for (t, belief) in self.beliefs[other.index()].iter().enumerate() {
                #[allow(clippy::cast_possible_truncation, reason = "few types")]
                let t = t as u8;
                yes += belief * self.says_yes(view, k, other, t);
            }
            chance *= yes;
        }
        chance
    }

    /// Believed chance that a deal comes of an option: the consent of all others, and at a meeting the
    /// decider's own.
    fn consent(&self, node: &Node, view: &View, k: usize, by: ActorId, as_type: u8) -> Option<f64> {
        let bargain = node.deals[k]?;
        let party = self.p.model.packages[bargain.package.index()].parties.contains(&by);
        let own = if bargain.both && party { self.says_yes(view, k, by, as_type) } else { 1.0 };
        Some(view.others[k] * own)
    }

    /// What it costs to leave an act of this weight without an answer, in payoff units (0 or less):
    /// this occasion is the one to answer it. Discounting over the window is left out.
    fn unanswered(&self, actor: ActorId, provoked: f64, w: &[f64]) -> f64 {
        let terms = self.p.model.actor(actor).terms.iter().zip(w);
        terms
            .map(|(term, w)| match term.kind {
                TermKind::Unanswered { min_weight, .. }
                    if provoked > 0.0 && provoked >= min_weight =>
                {
                    *w
                }
                _ => 0.0,
            })
            .sum()
    }

    /// Whether an option answers an act: as when its window closes.
    fn answers(&self, node: &Node, k: usize) -> bool {
        k > 0 && self.p.model.action(node.options[k - 1]).weight >= 1.0
    }

    /// Scores of all options in the announced world, after an act of the weight `provoked` (0: none).
    fn one_step(
        &self,
        node: &Node,
        view: &View,
        actor: ActorId,
        as_type: u8,
        provoked: f64,
        out: &mut Vec<f64>,
    ) {
        let w = self.weights(actor, as_type);
        let silence = self.unanswered(actor, provoked, w);
        out.clear();
        for k in 0..=node.options.len() {
            let alone = self.worth(view, k, false, actor, w);
            let mut score = alone + self.price(node, k, as_type);
            if !self.answers(node, k) {
                score += silence;
            }
            if let Some(chance) = self.consent(node, view, k, actor, as_type) {
                score += chance * (self.worth(view, k, true, actor, w) - alone);
            }
            out.push(score);
        }
    }

    /// Replaces the scores of holding and of the best few by what they are worth after the other
    /// side's answer; the rest keep to holding's score and their price.
    fn deepen(
        &self,
        scratch: &mut Scratch,
        last: &Last,
        (actor, other): (ActorId, ActorId),
        as_type: u8,
        provoked: f64,
        scores: &mut [f64],
    ) {
        let (sketch, node) = (&last.sketch, &last.node);
        let focus = best(scores, self.gaze.focus);
        let w = self.weights(actor, as_type);
        let silence = self.unanswered(actor, provoked, w);
        let first = scores.to_vec();
        for &k in &focus {
            let apart =
                self.price(node, k, as_type) + if self.answers(node, k) { 0.0 } else { silence };
            let next = self.next(scratch, sketch, node, k, actor, other);
            let value = payoff(self.p, &next.accrued, actor, w)
                + next.discount
                    * self.answered(scratch, sketch, node, k, &next, (actor, other), as_type, w)
                + apart;
            scores[k] = match self.consent(node, &last.view, k, actor, as_type) {
                Some(chance) => {
                    let signed = self.worth(&last.view, k, true, actor, w) + apart;
                    chance * signed + (1.0 - chance) * value
                }
                _ => value,
            };
        }
        // A move out of focus gains or loses over holding what one step shows.
        let hold = scores[0] - first[0];
        for k in 1..scores.len() {
            if !focus.contains(&k) {
                scores[k] = first[k] + hold;
            }
        }
    }

    /// Expected worth after the other side's answer, by the public belief about its type.
    #[allow(clippy::too_many_arguments, reason = "one step of one recursion")]
    fn answered(
        &self,
        scratch: &mut Scratch,
        sketch: &Engine,
        node: &Rc<Node>,
        k: usize,
        next: &Next,
        (actor, other): (ActorId, ActorId),
        as_type: u8,
        w: &[f64],
    ) -> f64 {
        let theirs = &next.node;
        let mine = if k > 0 { self.p.model.action(node.options[k - 1]).weight } else { 0.0 };
        let n = theirs.options.len() + 1;
        let view = self.view(theirs, other);
        let lambda = self.p.model.actor(other).values.precision.of(self.inputs);
        let mut shares = vec![0.0; n];
        let mut logits = Vec::new();
        for (t, belief) in self.beliefs[other.index()].iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "few types")]
            let t = t as u8;
            self.one_step(theirs, &view, other, t, mine, &mut logits);
            logits.iter_mut().for_each(|x| *x *= lambda);
            math::softmax(&mut logits);
            shares.iter_mut().zip(&logits).for_each(|(s, q)| *s += belief * q);
        }
        let likely = if self.gaze.moves > 2 { best(&shares, self.gaze.focus) } else { Vec::new() };
        let mut total = 0.0;
        for (b, share) in shares.iter().enumerate() {
            let mut value = self.worth(&view, b, false, actor, w);
            if likely.contains(&b) {
                value = self.reply(scratch, sketch, node, k, next, b, (actor, other), as_type, w);
            }
            total += share * value;
        }
        total
    }

    /// Worth of my next move after the other side's answer `b`.
    #[allow(clippy::too_many_arguments, reason = "one step of one recursion")]
    fn reply(
        &self,
        scratch: &mut Scratch,
        sketch: &Engine,
        node: &Rc<Node>,
        k: usize,
        next: &Next,
        b: usize,
        (actor, other): (ActorId, ActorId),
        as_type: u8,
        w: &[f64],
    ) -> f64 {
        let kept = next.node.next.borrow()[b].clone();
        let last = kept.unwrap_or_else(|| {
            let state = self.after(scratch, sketch, node, k, actor, other);
            let last = self.next(scratch, &state, &next.node, b, other, actor);
            scratch.sketches.push(state);
            last
        });
        let mut mine = Vec::new();
        let theirs = &next.node.options;
        let provoked = if b > 0 { self.p.model.action(theirs[b - 1]).weight } else { 0.0 };
        let view = self.view(&last.node, actor);
        self.one_step(&last.node, &view, actor, as_type, provoked, &mut mine);
        let mut shares: Vec<f64> = mine.iter().map(|s| s * self.gaze.precision).collect();
        math::softmax(&mut shares);
        let expected: f64 = shares.iter().zip(&mine).map(|(q, s)| q * s).sum();
        payoff(self.p, &last.accrued, actor, w) + last.discount * expected
    }

    /// The sketch after an option, followed to the other side's next occasion.
    fn after(
        &self,
        scratch: &mut Scratch,
        sketch: &Engine,
        node: &Node,
        k: usize,
        actor: ActorId,
        other: ActorId,
    ) -> Engine {
        let mut state = scratch.sketches.pop().unwrap_or_default();
        state.copy_sketch(sketch);
        state.zero_ledger();
        if k > 0 {
            state.try_move(self.p, scratch, node.options[k - 1]);
        }
        let at = next_turn(self.p, &state, other, actor);
        state.follow(self.p, scratch, at, self.p.wiring.relevance.stocks);
        state
    }

    /// The other side's turn after an option: kept with the node.
    fn next(
        &self,
        scratch: &mut Scratch,
        sketch: &Engine,
        node: &Rc<Node>,
        k: usize,
        actor: ActorId,
        other: ActorId,
    ) -> Rc<Next> {
        if let Some(kept) = &node.next.borrow()[k] {
            return Rc::clone(kept);
        }
        let mut state = self.after(scratch, sketch, node, k, actor, other);
        let mut accrued = Vec::new();
        state.collect(self.p, &mut accrued);
        let discount = state.ledger.present(state.world.now);
        state.zero_ledger();
        let mut menu = Vec::new();
        state.menu(self.p, other, &mut menu);
        let child = self.node(scratch, &mut state, (other, Some(actor)), &menu, None);
        scratch.sketches.push(state);
        let next = Rc::new(Next { accrued, discount, node: child });
        node.next.borrow_mut()[k] = Some(Rc::clone(&next));
        next
    }
}

/// The next planned meeting of an actor with an agenda, as it stands in a sketch, and the first package
/// on it that can be proposed.
fn next_meeting(
    p: &Program,
    state: &Engine,
    actor: ActorId,
    until: Tick,
) -> Option<(PackageId, Tick, bool)> {
    let planned = |k: &usize| {
        let (meeting, now) = (&p.model.meetings[*k], state.world.meetings[*k]);
        now.status == 2
            && now.at >= state.world.now
            && now.at <= until
            && meeting.parties.contains(&actor)
            && !meeting.agenda.is_empty()
    };
    let k = (0..p.model.meetings.len())
        .filter(planned)
        .min_by_key(|k| (state.world.meetings[*k].at, *k))?;
    let open = state.open_packages(p, &p.model.meetings[k].agenda);
    let mine = open.into_iter().find(|x| p.model.packages[x.index()].parties.contains(&actor))?;
    Some((mine, state.world.meetings[k].at, true))
}

/// When an actor's next occasion comes: its median answer to the other, or its next eve if earlier.
fn next_turn(p: &Program, state: &Engine, actor: ActorId, to: ActorId) -> Tick {
    let now = state.world.now;
    let who = p.model.actor(actor);
    let lag = who.reacts.iter().find(|r| r.to == to).map(|r| r.lag);
    let address = p.wiring.tie;
    let mut at = now + lag.map_or(Tick::from_days(7.0), |lag| state.span(p, lag, address, 0));
    for eve in p.model.eves.iter().filter(|e| e.decides.contains(&actor)) {
        let date = match eve.of {
            EveTarget::Measure(m) => state.world.measure(m).pending.map(|x| x.at),
            EveTarget::Meeting(m) => {
                let meeting = state.world.meetings[m.index()];
                (meeting.status == 2).then_some(meeting.at)
            }
            EveTarget::Truce(t) => {
                let truce = state.world.truces[t.index()];
                truce.alive.then_some(truce.ends)
            }
        };
        if let Some(date) = date {
            let eve_at = date - state.span(p, eve.before, address, 0);
            if eve_at > now {
                at = at.min(eve_at);
            }
        }
    }
    // Whole days, at least one: what deciders see is no finer.
    let days = ((at - now).0 + MINUTES_PER_DAY / 2).div_euclid(MINUTES_PER_DAY).max(1);
    now + Tick(days * MINUTES_PER_DAY)
}

/// Holding and the `n` best options beside it, in order of score; ties go to the file's order.
fn best(scores: &[f64], n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (1..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order.truncate(n);
    order.push(0);
    order.sort_unstable();
    order
}
