//! Hashes of measures' states in a sketch, each worked out anew only after a change.
//!
//! A look-ahead asks for the identity of hundreds of worlds that differ in a measure or two. Each
//! measure has a hash of its own, and a world has their sum (Zobrist 1970), so that a change costs one
//! hash and not one for every measure.

use super::program::Program;
use super::scratch::Key;
use super::world::MeasureState;

/// A hash of two words; sums of them are hashes of sets.
pub(crate) type Mark = (u64, u64);

/// What of a measure goes into which sum.
pub(crate) mod part {
    /// Flows read what of it is in force.
    pub(crate) const FLOW: u8 = 1;
    /// Conditions of flows read its status.
    pub(crate) const JUDGED: u8 = 2;
    /// Trade effects read what of it is in force.
    pub(crate) const TRADE: u8 = 4;
}

/// Hashes of one measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Marked {
    state: Mark,
    flows: Flows,
}

/// What flows read of one measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flows {
    all: Mark,
    trade: Mark,
}

/// Hashes of all measures, and their sums.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    each: Vec<Marked>,
    sum: Marked,
    /// Measures whose state has changed since, and whose flows have, as bits.
    stale: Vec<u64>,
    stale_flows: Vec<u64>,
}

impl Clone for Marks {
    fn clone(&self) -> Marks {
        let mut copy = Marks::default();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, from: &Marks) {
        self.each.clone_from(&from.each);
        self.sum = from.sum;
        self.stale.clone_from(&from.stale);
        self.stale_flows.clone_from(&from.stale_flows);
    }
}

fn plus(a: Mark, b: Mark) -> Mark {
    (a.0.wrapping_add(b.0), a.1.wrapping_add(b.1))
}

fn minus(a: Mark, b: Mark) -> Mark {
    (a.0.wrapping_sub(b.0), a.1.wrapping_sub(b.1))
}

fn state_of(k: usize, state: &MeasureState) -> Mark {
    if is_idle(state) {
        return (0, 0);
    }
    let mut key = Key::new(0);
    hash_state(&mut key, k, state);
    key.mixed()
}

impl Flows {
    fn of(p: &Program, k: usize, state: &MeasureState) -> Flows {
        let mut flows = Flows::default();
        let reads = p.wiring.relevance.reads[k];
        if reads == 0 || is_idle(state) {
            return flows;
        }
        let level = state.in_force();
        let in_force = k as u64 | u64::from(level) << 16 | u64::from(state.count) << 24;
        if reads & (part::FLOW | part::JUDGED) != 0 {
            let mut key = Key::new(1);
            key.add(if reads & part::FLOW != 0 && level > 0 { in_force } else { k as u64 });
            let judged = reads & part::JUDGED != 0;
            key.add(if judged { u64::from(state.status().0) } else { 1 << 8 });
            flows.all = key.mixed();
        }
        if reads & part::TRADE != 0 && level > 0 {
            let mut key = Key::new(2);
            key.add(in_force);
            flows.trade = key.mixed();
        }
        flows
    }

    fn plus(self, other: Flows) -> Flows {
        Flows { all: plus(self.all, other.all), trade: plus(self.trade, other.trade) }
    }

    fn minus(self, other: Flows) -> Flows {
        Flows { all: minus(self.all, other.all), trade: minus(self.trade, other.trade) }
    }
}

/// Whether nothing that follows tells a measure from one that never was. How often it was announced
/// plays no part: lags stand at their medians.
fn is_idle(state: &MeasureState) -> bool {
    state.level == 0
        && state.count == 0
        && state.pending.is_none()
        && state.suspended.is_none()
        && state.expires.is_none()
        && state.strength <= 0.0
}

/// One measure's state with its dates.
fn hash_state(key: &mut Key, k: usize, state: &MeasureState) {
    key.add(k as u64 | u64::from(state.level) << 16 | u64::from(state.count) << 24);
    if let Some(pending) = state.pending {
        key.int(pending.at.0);
        key.add(1 | u64::from(pending.level) << 8 | u64::from(pending.ordered) << 16);
    }
    if let Some(s) = state.suspended {
        key.int(s.until.0);
        let pending = s.pending.map_or(0, |(l, o)| 1 + u64::from(l) * 2 + u64::from(o));
        key.add(2 | u64::from(s.level) << 8 | pending << 16);
    }
    if let Some(at) = state.expires {
        key.int(at.0);
        key.add(3);
    }
    if state.strength > 0.0 {
        key.float(state.strength);
        key.add(u64::from(state.threatened) | u64::from(state.postponed) << 8);
    }
}

/// Calls `see` with the place of each bit, and clears it.
fn drain(bits: &mut [u64], mut see: impl FnMut(usize)) {
    for (word, bits) in bits.iter_mut().enumerate() {
        while *bits != 0 {
            see(word * 64 + bits.trailing_zeros() as usize);
            *bits &= *bits - 1;
        }
    }
}

impl Marks {
    /// Marks every measure afresh.
    pub(crate) fn open(&mut self, p: &Program, measures: &[MeasureState]) {
        let words = measures.len().div_ceil(64);
        for bits in [&mut self.stale, &mut self.stale_flows] {
            bits.clear();
            bits.resize(words, 0);
        }
        self.each.clear();
        self.sum = Marked::default();
        for (k, state) in measures.iter().enumerate() {
            let marked = Marked { state: state_of(k, state), flows: Flows::of(p, k, state) };
            self.each.push(marked);
            self.sum.state = plus(self.sum.state, marked.state);
            self.sum.flows = self.sum.flows.plus(marked.flows);
        }
    }

    /// Notes that a measure may have changed.
    #[inline]
    pub(crate) fn touch(&mut self, k: usize) {
        self.stale[k / 64] |= 1 << (k % 64);
        self.stale_flows[k / 64] |= 1 << (k % 64);
    }

    /// Brings the marks of states up to date.
    pub(crate) fn refresh(&mut self, measures: &[MeasureState]) {
        let (each, sum) = (&mut self.each, &mut self.sum.state);
        drain(&mut self.stale, |k| {
            let new = state_of(k, &measures[k]);
            *sum = plus(minus(*sum, each[k].state), new);
            each[k].state = new;
        });
        debug_assert!(
            measures.iter().enumerate().all(|(k, m)| state_of(k, m) == self.each[k].state),
            "a change of a measure was not marked"
        );
    }

    /// Brings the marks of what flows read up to date.
    pub(crate) fn refresh_flows(&mut self, p: &Program, measures: &[MeasureState]) {
        let (each, sum) = (&mut self.each, &mut self.sum.flows);
        drain(&mut self.stale_flows, |k| {
            let new = Flows::of(p, k, &measures[k]);
            *sum = sum.minus(each[k].flows).plus(new);
            each[k].flows = new;
        });
        debug_assert!(
            measures.iter().enumerate().all(|(k, m)| Flows::of(p, k, m) == self.each[k].flows),
            "a change of a measure was not marked"
        );
    }

    fn is_fresh(stale: &[u64]) -> bool {
        stale.iter().all(|bits| *bits == 0)
    }

    /// All measures with their dates.
    pub(crate) fn all(&self) -> Mark {
        debug_assert!(Marks::is_fresh(&self.stale), "marks are out of date");
        self.sum.state
    }

    /// Some measures with their dates.
    pub(crate) fn some(&self, which: &[usize]) -> Mark {
        debug_assert!(Marks::is_fresh(&self.stale), "marks are out of date");
        which.iter().fold((0, 0), |sum, k| plus(sum, self.each[*k].state))
    }

    /// What flows read.
    pub(crate) fn flows(&self) -> Mark {
        debug_assert!(Marks::is_fresh(&self.stale_flows), "marks are out of date");
        self.sum.flows.all
    }

    /// What trade effects read.
    pub(crate) fn trade(&self) -> Mark {
        debug_assert!(Marks::is_fresh(&self.stale_flows), "marks are out of date");
        self.sum.flows.trade
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Tick;

    #[test]
    fn states_that_differ_differ_in_hash() {
        let idle = MeasureState::IDLE;
        let dated =
            |at| super::super::world::Pending { level: 1, at, ordered: false, handle: None };
        let states = [
            MeasureState { level: 1, count: 1, ..idle },
            MeasureState { level: 2, count: 1, ..idle },
            MeasureState { pending: Some(dated(Tick(5))), ..idle },
            MeasureState { pending: Some(dated(Tick(6))), ..idle },
            MeasureState { expires: Some(Tick(5)), level: 1, count: 1, ..idle },
            MeasureState { strength: 0.5, level: 1, count: 1, ..idle },
        ];
        let mut seen = std::collections::BTreeSet::new();
        for k in 0..2 {
            for state in &states {
                let mut key = Key::new(0);
                hash_state(&mut key, k, state);
                assert!(seen.insert(key.mixed()));
            }
        }
    }
}
