//! Exact answers where a scenario is a Markov chain in continuous time.
//!
//! A scenario whose only movers are exponential clocks that add to counters has no memory beyond the
//! counters, the rings of limited clocks, and what has happened already. Its states are explored from
//! the start under the meaning that clocks, conditions and effects have in a trial; up to [`STATES`] of
//! them are taken. Distributions at a date come by uniformisation (Jensen 1953; Grassmann 1977), times
//! spent by the integral of the same series. The trial rounds each wait to a minute, the chain does not:
//! the difference is far below any Monte Carlo error.
//!
//! Anything else in a scenario (actors, measures, other laws, uncertain inputs) gives no answer rather
//! than an approximate one.

use crate::math;
use crate::model::Model;
use crate::model::clock::{ClockLaw, Restart};
use crate::model::condition::{Condition, Number};
use crate::model::effect::Effect;
use crate::model::ids::{TrackerId, WatchId};
use crate::model::observe::Pattern;
use crate::model::value::Value;
use crate::sim::contract::Question;
use crate::sim::program::Program;
use crate::stats::dist::Dist;
use crate::units::Tick;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// States that are explored at most.
pub const STATES: usize = 10_000;
/// Steps of the series times transitions at most: about a second of work.
const WORK: f64 = 5e8;

/// The exact answer to one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The metric's written name.
    pub metric: String,
    /// Probability, mean number of days, or mean day over the cases in which it happens.
    pub value: f64,
}

/// The exact answers to those metrics that have one; empty where the scenario is no such chain.
#[must_use]
pub fn answers(program: &Program) -> Vec<Answer> {
    let model = &program.model;
    let asked: Vec<(&str, Question)> = model
        .metrics
        .iter()
        .filter_map(|named| Some((named.name.as_str(), named.metric.question()?)))
        .collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let Some(chain) = Rules::new(model, &asked).and_then(|rules| rules.explore()) else {
        return Vec::new();
    };
    chain.answer(model, &asked).unwrap_or_default()
}

/// A state: counters; rings of each limited clock; a bit for each clock that may run only once, each
/// tracker and each watched condition that has come true; whether the scenario has ended.
type State = Vec<i32>;

/// The scenario's rules as the chain needs them.
struct Rules<'a> {
    model: &'a Model,
    inputs: Vec<f64>,
    rates: Vec<f64>,
    watches: Vec<WatchId>,
}

/// Where the parts of a state begin.
struct Layout {
    rings: usize,
    dead: usize,
    happened: usize,
    held: usize,
    ended: usize,
}

impl<'a> Rules<'a> {
    /// The rules, if all of them fit a chain.
    fn new(model: &'a Model, asked: &[(&str, Question)]) -> Option<Rules<'a>> {
        let empty = model.actors.is_empty()
            && model.measures.is_empty()
            && model.meetings.is_empty()
            && model.truces.is_empty()
            && model.stocks.is_empty()
            && model.fires.is_empty();
        if !empty || model.clocks.is_empty() {
            return None;
        }
        let inputs = model.inputs.iter().map(|input| match input.dist {
            Dist::Fixed(value) => value,
            _ => f64::NAN,
        });
        let mut rules =
            Rules { model, inputs: inputs.collect(), rates: Vec::new(), watches: Vec::new() };
        for clock in &model.clocks {
            let ClockLaw::Law(law) = clock.law else { return None };
            let law = &model.laws[law.index()];
            let Dist::Exponential { mean } = law.recipe.dist(&rules.inputs, &model.laws) else {
                return None;
            };
            if !(mean > 0.0 && mean.is_finite()) {
                return None;
            }
            rules.rates.push(1.0 / mean);
            let p = clock.chance.map_or(1.0, |p| p.of(&rules.inputs));
            let plain = (0.0..=1.0).contains(&p)
                && rules.fits(&clock.condition, 0)
                && rules.effects_fit(&clock.effects)
                && rules.effects_fit(&clock.otherwise);
            if !plain {
                return None;
            }
        }
        let asked_watches = asked.iter().filter_map(|(_, question)| match question {
            Question::Ever(watch) | Question::HoldsAt(watch, _) | Question::DaysWhile(watch) => {
                Some(*watch)
            }
            Question::HappensBy(..) | Question::FirstDay(_) => None,
        });
        let becoming = model.trackers.iter().filter_map(|pattern| match pattern {
            Pattern::Becomes(watch) => Some(*watch),
            _ => None,
        });
        let watches: Vec<WatchId> = asked_watches.chain(becoming).chain(model.ends).collect();
        if watches.iter().any(|w| !rules.fits(&model.watches[w.index()].condition, 0)) {
            return None;
        }
        let asked_events = asked.iter().flat_map(|(_, question)| match question {
            Question::HappensBy(trackers, _) | Question::FirstDay(trackers) => trackers.clone(),
            _ => Vec::new(),
        });
        let known = |id: TrackerId| {
            matches!(model.trackers[id.index()], Pattern::Fired(_) | Pattern::Becomes(_))
        };
        if !asked_events.into_iter().all(known) {
            return None;
        }
        let mut ever: Vec<WatchId> = asked
            .iter()
            .filter_map(|(_, q)| if let Question::Ever(watch) = q { Some(*watch) } else { None })
            .collect();
        ever.sort();
        ever.dedup();
        rules.watches = ever;
        Some(rules)
    }

    /// Whether a condition reads nothing but counters and what has happened.
    fn fits(&self, condition: &Condition, depth: usize) -> bool {
        if depth > 64 {
            return false;
        }
        let constant = |value: &Value| value.of(&self.inputs).is_finite();
        match condition {
            Condition::Always | Condition::Counter(..) | Condition::Sum(..) => true,
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().all(|part| self.fits(part, depth + 1))
            }
            Condition::Not(part) => self.fits(part, depth + 1),
            Condition::Above(Number::Counter(_), value)
            | Condition::Below(Number::Counter(_), value) => constant(value),
            Condition::Happened(trackers) => trackers
                .iter()
                .all(|id| matches!(self.model.trackers[id.index()], Pattern::Fired(_))),
            _ => false,
        }
    }

    fn effects_fit(&self, effects: &[Effect]) -> bool {
        effects.iter().all(|effect| match effect {
            Effect::Add(..) | Effect::Signal => true,
            Effect::Chance { p, then, otherwise, .. } => {
                (0.0..=1.0).contains(&p.of(&self.inputs))
                    && self.effects_fit(then)
                    && self.effects_fit(otherwise)
            }
            Effect::If { condition, then, otherwise } => {
                self.fits(condition, 0) && self.effects_fit(then) && self.effects_fit(otherwise)
            }
            _ => false,
        })
    }

    fn layout(&self) -> Layout {
        let rings = self.model.counters.len();
        let dead = rings + self.model.clocks.len();
        let happened = dead + self.model.clocks.len();
        let held = happened + self.model.trackers.len();
        Layout { rings, dead, happened, held, ended: held + self.watches.len() }
    }

    fn holds(&self, condition: &Condition, state: &State) -> bool {
        let counter = |id: crate::model::ids::CounterId| state[id.index()];
        match condition {
            Condition::Always => true,
            Condition::All(parts) => parts.iter().all(|part| self.holds(part, state)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part, state)),
            Condition::Not(part) => !self.holds(part, state),
            Condition::Counter(id, least) => counter(*id) >= *least,
            Condition::Sum(parts, least) => {
                let sum = parts.iter().map(|(id, sign)| i64::from(counter(*id)) * i64::from(*sign));
                sum.sum::<i64>() >= i64::from(*least)
            }
            Condition::Above(Number::Counter(id), value) => {
                f64::from(counter(*id)) > value.of(&self.inputs)
            }
            Condition::Below(Number::Counter(id), value) => {
                f64::from(counter(*id)) < value.of(&self.inputs)
            }
            Condition::Happened(trackers) => {
                let happened = self.layout().happened;
                trackers.iter().any(|id| state[happened + id.index()] > 0)
            }
            // `fits` has refused everything else.
            _ => false,
        }
    }

    fn watch(&self, id: WatchId, state: &State) -> bool {
        self.holds(&self.model.watches[id.index()].condition, state)
    }

    fn runs(&self, clock: usize, state: &State) -> bool {
        let layout = self.layout();
        let limit = i32::try_from(self.model.clocks[clock].max).unwrap_or(i32::MAX);
        state[layout.ended] == 0
            && state[layout.dead + clock] == 0
            && (limit == i32::MAX || state[layout.rings + clock] < limit)
            && self.holds(&self.model.clocks[clock].condition, state)
    }

    /// The state at the start.
    fn start(&self) -> State {
        let layout = self.layout();
        let mut state = vec![0; layout.ended + 1];
        for (place, counter) in self.model.counters.iter().enumerate() {
            state[place] = counter.start;
        }
        self.settle(&mut state);
        state
    }

    /// Notes what holds now: conditions that were asked about, and the end.
    fn settle(&self, state: &mut State) {
        let layout = self.layout();
        for (place, watch) in self.watches.iter().enumerate() {
            if self.watch(*watch, state) {
                state[layout.held + place] = 1;
            }
        }
        if self.model.ends.is_some_and(|watch| self.watch(watch, state)) {
            state[layout.ended] = 1;
        }
    }

    /// Applies effects from `at` on to weighted states; a chance splits them.
    fn apply(&self, effects: &[Effect], from: Vec<(f64, State)>) -> Vec<(f64, State)> {
        effects.iter().fold(from, |states, effect| {
            states.into_iter().flat_map(|(weight, state)| self.one(effect, weight, state)).collect()
        })
    }

    fn one(&self, effect: &Effect, weight: f64, mut state: State) -> Vec<(f64, State)> {
        match effect {
            Effect::Add(id, n) => {
                let counter = &self.model.counters[id.index()];
                let sum = state[id.index()].saturating_add(*n);
                state[id.index()] = sum.clamp(counter.low, counter.high);
                vec![(weight, state)]
            }
            Effect::Chance { p, then, otherwise, .. } => {
                let p = p.of(&self.inputs);
                let mut all = Vec::new();
                if p > 0.0 {
                    all.extend(self.apply(then, vec![(weight * p, state.clone())]));
                }
                if p < 1.0 {
                    all.extend(self.apply(otherwise, vec![(weight * (1.0 - p), state)]));
                }
                all
            }
            Effect::If { condition, then, otherwise } => {
                let list = if self.holds(condition, &state) { then } else { otherwise };
                self.apply(list, vec![(weight, state)])
            }
            _ => vec![(weight, state)],
        }
    }

    /// Where a ring of `clock` leads from `state`, with probabilities.
    fn ring(&self, clock: usize, state: &State) -> Vec<(f64, State)> {
        let layout = self.layout();
        let rule = &self.model.clocks[clock];
        let running: Vec<bool> =
            (0..self.model.clocks.len()).map(|k| self.runs(k, state)).collect();
        let mut rung = state.clone();
        if rule.max < u32::MAX {
            rung[layout.rings + clock] += 1;
        }
        let p = rule.chance.map_or(1.0, |p| p.of(&self.inputs));
        let mut after = Vec::new();
        if p > 0.0 {
            let mut fired = rung.clone();
            for (place, pattern) in self.model.trackers.iter().enumerate() {
                if *pattern == Pattern::Fired(crate::model::ids::ClockId::at(clock)) {
                    fired[layout.happened + place] = 1;
                }
            }
            after.extend(self.apply(&rule.effects, vec![(p, fired)]));
        }
        if p < 1.0 {
            after.extend(self.apply(&rule.otherwise, vec![(1.0 - p, rung)]));
        }
        for (_, next) in &mut after {
            for (place, pattern) in self.model.trackers.iter().enumerate() {
                if let Pattern::Becomes(watch) = pattern
                    && !self.watch(*watch, state)
                    && self.watch(*watch, next)
                {
                    next[layout.happened + place] = 1;
                }
            }
            for (k, ran) in running.iter().enumerate() {
                let stops = k == clock || !self.holds(&self.model.clocks[k].condition, next);
                if *ran && stops && self.model.clocks[k].restart == Restart::Once {
                    next[layout.dead + k] = 1;
                }
            }
            self.settle(next);
        }
        after
    }

    /// All states that can be reached, and the rates between them; none if there are too many.
    fn explore(self) -> Option<Chain<'a>> {
        let start = self.start();
        let mut places = BTreeMap::from([(start.clone(), 0)]);
        let mut states = vec![start];
        let mut moves: Vec<Vec<(usize, f64)>> = Vec::new();
        while moves.len() < states.len() {
            let state = states[moves.len()].clone();
            let mut row = BTreeMap::new();
            for clock in 0..self.model.clocks.len() {
                if !self.runs(clock, &state) {
                    continue;
                }
                for (p, next) in self.ring(clock, &state) {
                    if next == state {
                        continue;
                    }
                    let place = *places.entry(next.clone()).or_insert_with(|| {
                        states.push(next);
                        states.len() - 1
                    });
                    *row.entry(place).or_insert(0.0) += p * self.rates[clock];
                }
            }
            if states.len() > STATES {
                return None;
            }
            moves.push(row.into_iter().collect());
        }
        Some(Chain { rules: self, states, moves })
    }
}

/// The chain: states, and the rates from each to others.
struct Chain<'a> {
    rules: Rules<'a>,
    states: Vec<State>,
    moves: Vec<Vec<(usize, f64)>>,
}

/// Distribution at a date, and days spent in each state up to it.
struct Outlook {
    share: Vec<f64>,
    days: Vec<f64>,
}

impl Chain<'_> {
    fn answer(&self, model: &Model, asked: &[(&str, Question)]) -> Option<Vec<Answer>> {
        let mut outlooks: BTreeMap<Tick, Outlook> = BTreeMap::new();
        let mut answers = Vec::new();
        for (name, question) in asked {
            let at = match question {
                Question::HoldsAt(_, at) | Question::HappensBy(_, at) => (*at).min(model.horizon),
                _ => model.horizon,
            };
            let outlook = match outlooks.entry(at) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.until(at.days().max(0.0))?),
            };
            if let Some(value) = self.value(question, outlook, at.days()) {
                answers.push(Answer { metric: (*name).to_owned(), value });
            }
        }
        Some(answers)
    }

    fn value(&self, question: &Question, outlook: &Outlook, days: f64) -> Option<f64> {
        let layout = self.rules.layout();
        let share = |is: &dyn Fn(&State) -> bool| self.sum(&outlook.share, is);
        let happened = |trackers: &[TrackerId], state: &State| {
            trackers.iter().any(|id| state[layout.happened + id.index()] > 0)
        };
        match question {
            Question::HoldsAt(watch, _) => Some(share(&|state| self.rules.watch(*watch, state))),
            Question::Ever(watch) => {
                let place = self.rules.watches.iter().position(|w| w == watch)?;
                Some(share(&|state| state[layout.held + place] > 0))
            }
            Question::HappensBy(trackers, _) => Some(share(&|state| happened(trackers, state))),
            Question::DaysWhile(watch) => Some(self.sum(&outlook.days, &|state| {
                state[layout.ended] == 0 && self.rules.watch(*watch, state)
            })),
            Question::FirstDay(trackers) => {
                let by_end = share(&|state| happened(trackers, state));
                // Mean of T where T <= end: (end P(T <= end) - days spent after T) / P(T <= end).
                let after = self.sum(&outlook.days, &|state| happened(trackers, state));
                (by_end > 0.0).then(|| days - after / by_end)
            }
        }
    }

    fn sum(&self, weights: &[f64], is: &dyn Fn(&State) -> bool) -> f64 {
        self.states.iter().zip(weights).filter(|(state, _)| is(state)).map(|(_, w)| w).sum()
    }

    /// Uniformisation up to a number of days; none where it would take too long.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of steps are far below 2^53"
    )]
    fn until(&self, days: f64) -> Option<Outlook> {
        let leaving: Vec<f64> =
            self.moves.iter().map(|row| row.iter().map(|(_, rate)| rate).sum()).collect();
        let fastest = leaving.iter().copied().fold(0.0, f64::max);
        let mut now = vec![0.0; self.states.len()];
        now[0] = 1.0;
        if fastest * days <= 0.0 {
            let spent = now.iter().map(|share| share * days).collect();
            return Some(Outlook { share: now, days: spent });
        }
        let mean = fastest * days;
        let steps = mean + 12.0 * mean.sqrt() + 60.0;
        let transitions: usize = self.moves.iter().map(Vec::len).sum();
        if steps * (transitions + self.states.len()) as f64 > WORK {
            return None;
        }
        let mut outlook = Outlook { share: vec![0.0; now.len()], days: vec![0.0; now.len()] };
        let mut beyond = 1.0_f64;
        for step in 0..steps.ceil() as u64 {
            let k = step as f64;
            let weight = math::exp(k * math::ln(mean) - mean - math::ln_gamma(k + 1.0));
            beyond = (beyond - weight).max(0.0);
            for (place, share) in now.iter().enumerate() {
                outlook.share[place] += weight * share;
                outlook.days[place] += beyond / fastest * share;
            }
            let mut next: Vec<f64> = now
                .iter()
                .zip(&leaving)
                .map(|(share, out)| share * (1.0 - out / fastest))
                .collect();
            for (row, share) in self.moves.iter().zip(&now) {
                for (to, rate) in row {
                    next[*to] += share * rate / fastest;
                }
            }
            now = next;
        }
        Some(outlook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::fixture::{DAYS, RATES, race};

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn a_race_of_three_clocks() {
        let program = race("baseline", 1.0);
        let found = answers(&program);
        let total: f64 = RATES.iter().sum();
        #[allow(clippy::cast_precision_loss, reason = "a small number")]
        let days = DAYS as f64;
        let ended = 1.0 - math::exp(-total * days);
        let value = |name: &str| found.iter().find(|a| a.metric == name).unwrap().value;
        assert!(close(value("deal_first"), RATES[0] / total * ended));
        assert!(close(value("escalation_first"), RATES[1] / total * ended));
        // Mean of an exponential time cut at the horizon, given that it came.
        let mean = 1.0 / total - days * (1.0 - ended) / ended;
        assert!(close(value("when"), mean), "{} {mean}", value("when"));
        assert!(found.iter().all(|a| a.metric != "length" && a.metric != "end"));
    }

    #[test]
    fn what_is_no_chain_has_no_answer() {
        let mut program = race("baseline", 1.0);
        program.model.clocks[0].law = ClockLaw::Days(Value::Const(5.0));
        assert!(answers(&program).is_empty());
        let mut program = race("baseline", 1.0);
        program.model.clocks[1].condition = Condition::Before(Tick(5));
        assert!(answers(&program).is_empty());
        let mut program = race("baseline", 1.0);
        program.model.clocks[1].effects =
            Box::new([Effect::Cancel(crate::model::ids::MeetingId(0))]);
        assert!(answers(&program).is_empty());
    }
}
