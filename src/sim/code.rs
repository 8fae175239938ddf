//! Effects of clocks as a flat list of steps, and conditions on counters as arithmetic.
//!
//! A clock rings some ten times a trial, a condition is judged at each ring and after each change, and
//! both are trees. Walking a tree costs an unforeseeable jump at each node, which is most of the time
//! of an event without deciders. So what a clock does is laid out once in the order of execution, with
//! jumps forward, and a condition that compares counters becomes a conjunction of linear comparisons
//! that is worked out without a branch. Everything else is carried out as written.

use super::effects::Context;
use super::engine::Engine;
use super::judge::{Judge, holds};
use super::program::{Program, bit};
use super::scratch::Scratch;
use crate::draws::Address;
use crate::model::Model;
use crate::model::condition::Condition;
use crate::model::effect::Effect;
use crate::model::ids::CounterId;
use crate::model::value::Value;

/// `a x + b y >= bound` for two counters, or its contrary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    x: u16,
    y: u16,
    a: i32,
    b: i32,
    bound: i32,
    contrary: bool,
}

impl Comparison {
    #[inline]
    fn holds(&self, counters: &[i32]) -> bool {
        let sum = self.a * counters[usize::from(self.x)] + self.b * counters[usize::from(self.y)];
        (sum >= self.bound) != self.contrary
    }
}

/// A condition made ready to be judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// All comparisons hold, or, with `contrary`, not all.
    Counters {
        /// The comparisons; none is always true.
        all: Box<[Comparison]>,
        /// Whether the answer is turned round.
        contrary: bool,
    },
    /// Judged as written.
    Written(Condition),
}

impl Test {
    /// Compiles a condition.
    pub(crate) fn of(condition: &Condition) -> Test {
        match conjunction(condition) {
            Some((all, contrary)) => Test::Counters { all: all.into(), contrary },
            None => Test::Written(condition.clone()),
        }
    }
}

/// A condition on counters as a conjunction and whether it is turned round; none if it is another.
fn conjunction(condition: &Condition) -> Option<(Vec<Comparison>, bool)> {
    let one = |x: CounterId, a, y: CounterId, b, bound| {
        (vec![Comparison { x: x.0, y: y.0, a, b, bound, contrary: false }], false)
    };
    match condition {
        Condition::Always => Some((Vec::new(), false)),
        Condition::Counter(id, n) => Some(one(*id, 1, *id, 0, *n)),
        Condition::Sum(parts, n) => match **parts {
            [(x, a)] => Some(one(x, a, x, 0, *n)),
            [(x, a), (y, b)] => Some(one(x, a, y, b, *n)),
            _ => None,
        },
        Condition::Not(part) => conjunction(part).map(turned),
        Condition::All(parts) => join(parts.iter().map(conjunction)),
        // One of them holds: not all of them fail.
        Condition::Any(parts) => {
            join(parts.iter().map(|part| conjunction(part).map(turned))).map(turned)
        }
        _ => None,
    }
}

/// The contrary of a conjunction; of a single comparison it is a comparison again.
fn turned((mut all, contrary): (Vec<Comparison>, bool)) -> (Vec<Comparison>, bool) {
    if let ([only], false) = (&mut all[..], contrary) {
        only.contrary = !only.contrary;
        return (all, false);
    }
    (all, !contrary)
}

fn join(
    parts: impl Iterator<Item = Option<(Vec<Comparison>, bool)>>,
) -> Option<(Vec<Comparison>, bool)> {
    let mut all = Vec::new();
    for part in parts {
        let (comparisons, contrary) = part?;
        if contrary {
            return None;
        }
        all.extend(comparisons);
    }
    Some((all, false))
}

/// One step of what a clock does.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// Adds to a counter within its bounds.
    Add { counter: u16, n: i32, low: i32, high: i32 },
    /// Goes on at `to` unless the test holds.
    If { test: Test, to: usize },
    /// Goes on at `to` unless a draw falls below `p`.
    Chance { address: Address, p: Value, to: usize },
    /// Goes on at `to`.
    Goto(usize),
    /// Any other effect.
    Effect(Box<Effect>),
}

/// What a clock does, in order of execution.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Code(Vec<Step>);

impl Code {
    /// Lays a list of effects out.
    pub(crate) fn of(model: &Model, effects: &[Effect]) -> Code {
        let mut code = Code::default();
        code.list(model, effects);
        code
    }

    fn list(&mut self, model: &Model, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Add(id, n) => {
                    let bounds = &model.counters[id.index()];
                    let (low, high) = (bounds.low, bounds.high);
                    self.0.push(Step::Add { counter: id.0, n: *n, low, high });
                }
                Effect::If { condition, then, otherwise } => {
                    let test = Test::of(condition);
                    self.fork(model, Step::If { test, to: 0 }, then, otherwise);
                }
                Effect::Chance { address, p, then, otherwise } => {
                    let step = Step::Chance { address: *address, p: *p, to: 0 };
                    self.fork(model, step, then, otherwise);
                }
                other => self.0.push(Step::Effect(Box::new(other.clone()))),
            }
        }
    }

    /// A step that jumps where it fails, the list where it does not, and the list where it does.
    fn fork(&mut self, model: &Model, step: Step, then: &[Effect], otherwise: &[Effect]) {
        let at = self.0.len();
        self.0.push(step);
        self.list(model, then);
        let over = self.0.len();
        if !otherwise.is_empty() {
            self.0.push(Step::Goto(0));
        }
        let target = self.0.len();
        if let Step::If { to, .. } | Step::Chance { to, .. } = &mut self.0[at] {
            *to = target;
        }
        if !otherwise.is_empty() {
            self.list(model, otherwise);
            self.0[over] = Step::Goto(self.0.len());
        }
    }
}

impl Engine {
    /// Whether a compiled condition of nobody in particular holds now.
    #[inline]
    pub(crate) fn passes(&self, p: &Program, test: &Test) -> bool {
        match test {
            Test::Counters { all, contrary } => {
                let counters = &self.world.counters[..];
                all.iter().fold(true, |so_far, one| so_far & one.holds(counters)) != *contrary
            }
            Test::Written(condition) => {
                holds(p, &self.world, &self.inputs, Judge::PUBLIC, condition)
            }
        }
    }

    /// Carries out what a clock does. `ordinal` counts its rings.
    pub(crate) fn execute(
        &mut self,
        p: &Program,
        scratch: &mut Scratch,
        code: &Code,
        ordinal: u64,
    ) {
        let mut at = 0;
        while let Some(step) = code.0.get(at) {
            at += 1;
            match step {
                Step::Add { counter, n, low, high } => {
                    let value = &mut self.world.counters[usize::from(*counter)];
                    let sum = value.saturating_add(*n).clamp(*low, *high);
                    let changed = if sum == *value { 0 } else { bit::counter((*counter).into()) };
                    *value = sum;
                    self.dirty |= changed;
                }
                Step::If { test, to } => {
                    if !self.passes(p, test) {
                        at = *to;
                    }
                }
                Step::Chance { address, p: chance, to } => {
                    let chance = chance.of(&self.inputs);
                    let happens = self.key.uniform(*address, ordinal) < chance;
                    if !happens {
                        at = *to;
                    }
                }
                Step::Goto(to) => at = *to,
                Step::Effect(effect) => {
                    self.apply_one(p, scratch, effect, &Context::nobody(ordinal));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written() -> impl Strategy<Value = Condition> {
        let leaf = prop_oneof![
            Just(Condition::Always),
            (0_u16..3, -2_i32..3).prop_map(|(k, n)| Condition::Counter(CounterId(k), n)),
            (0_u16..3, 0_u16..3, -2_i32..3, -2_i32..3).prop_map(|(j, k, a, n)| Condition::Sum(
                Box::new([(CounterId(j), a), (CounterId(k), 1)]),
                n
            )),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|c| Condition::Not(Box::new(c))),
                prop::collection::vec(inner.clone(), 0..3).prop_map(|c| Condition::All(c.into())),
                prop::collection::vec(inner, 0..3).prop_map(|c| Condition::Any(c.into())),
            ]
        })
    }

    /// The plainest way to judge conditions on counters.
    fn plain(condition: &Condition, counters: &[i32]) -> bool {
        match condition {
            Condition::Counter(id, n) => counters[id.index()] >= *n,
            Condition::Sum(parts, n) => {
                parts.iter().map(|(id, k)| k * counters[id.index()]).sum::<i32>() >= *n
            }
            Condition::Not(part) => !plain(part, counters),
            Condition::All(parts) => parts.iter().all(|c| plain(c, counters)),
            Condition::Any(parts) => parts.iter().any(|c| plain(c, counters)),
            _ => true,
        }
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_the_tree(
            condition in written(),
            counters in prop::collection::vec(-3_i32..4, 3),
        ) {
            if let Test::Counters { all, contrary } = Test::of(&condition) {
                let found = all.iter().all(|one| one.holds(&counters)) != contrary;
                prop_assert_eq!(found, plain(&condition, &counters));
            }
        }
    }

    #[test]
    fn what_compares_counters_needs_no_tree() {
        let counter = |k, n| Condition::Counter(CounterId(k), n);
        let not = |c| Condition::Not(Box::new(c));
        let both = Condition::All(Box::new([not(counter(0, 1)), not(counter(1, 6))]));
        assert!(matches!(Test::of(&both), Test::Counters { contrary: false, .. }));
        let either = Condition::Any(Box::new([counter(0, 1), counter(1, 6)]));
        assert!(matches!(Test::of(&either), Test::Counters { contrary: true, .. }));
        let mixed = Condition::All(Box::new([either, counter(2, 1)]));
        assert!(matches!(Test::of(&mixed), Test::Written(_)));
    }
}
