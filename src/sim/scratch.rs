//! A thread's working memory for decisions: sketches of what may come, and a memo of foreseen payoffs.
//!
//! The memo holds pure functions of their key, so a hit, a miss or a forgotten entry changes no bit.

use super::engine::Engine;
use super::memo::Keyed;
use std::rc::Rc;

/// A cache of a pure function by the hash of its arguments; full, it starts afresh.
#[derive(Debug)]
pub(crate) struct Memo<T> {
    entries: Keyed<T>,
    most: usize,
}

impl<T> Memo<T> {
    fn of_at_most(most: usize) -> Memo<T> {
        Memo { entries: Default::default(), most }
    }

    pub(crate) fn get(&self, key: &(u64, u64)) -> Option<&T> {
        self.entries.get(key)
    }

    fn full(&self) -> bool {
        self.entries.len() >= self.most
    }

    pub(crate) fn keep(&mut self, key: (u64, u64), value: T) {
        if self.full() {
            self.entries.clear();
        }
        self.entries.insert(key, value);
    }
}

/// A cache of rows of numbers, kept in one piece.
#[derive(Debug)]
pub(crate) struct Rows {
    places: Memo<u32>,
    numbers: Vec<f64>,
}

impl Rows {
    fn of_at_most(most: usize) -> Rows {
        Rows { places: Memo::of_at_most(most), numbers: Vec::new() }
    }

    /// The row of a key, whose width the caller knows.
    pub(crate) fn get(&self, key: &(u64, u64), width: usize) -> Option<&[f64]> {
        let at = *self.places.get(key)? as usize;
        self.numbers.get(at..at + width)
    }

    pub(crate) fn keep(&mut self, key: (u64, u64), row: &[f64]) {
        if self.places.full() {
            self.numbers.clear();
        }
        #[allow(clippy::cast_possible_truncation, reason = "entries and widths are bounded")]
        self.places.keep(key, self.numbers.len() as u32);
        self.numbers.extend_from_slice(row);
    }
}

/// A thread's working memory for decisions.
#[derive(Debug)]
pub struct Scratch {
    /// Sketches by depth of look-ahead.
    pub(crate) sketches: Vec<Engine>,
    /// Features of announced worlds.
    pub(crate) plain: Rows,
    /// Features that hang on stocks.
    pub(crate) of_stocks: Memo<(f64, f64)>,
    /// By term that hangs on stocks: what was asked last, and the answer.
    pub(crate) last_stocks: Vec<((u64, u64), (f64, f64))>,
    /// Flows by state.
    pub(crate) rates: Rows,
    /// Nodes of look-ahead trees.
    pub(crate) nodes: Memo<Rc<super::foresight::Node>>,
    /// Income and revenue of valued actors by policy.
    pub(crate) policies: Rows,
    /// Markets of the economy under inputs as deciders see them.
    pub(crate) markets: crate::economy::Memory,
    /// Discounting by whole days at the rate that deciders see.
    pub(crate) days: Rc<super::ledger::Days>,
    /// Payoff weights in the trial at hand, by valued actor and type.
    pub(crate) weights: Vec<f64>,
    /// Rows in the making.
    pub(crate) buffers: Vec<Vec<f64>>,
    /// Found in a memo.
    pub(crate) hits: u64,
    /// Not found.
    pub(crate) misses: u64,
    /// What calculating deciders take the trial's inputs to be.
    pub(crate) binned: Vec<f64>,
    /// Their identity.
    pub(crate) input_keys: InputKeys,
    /// The laws under them.
    pub(crate) binned_dists: Rc<Vec<Option<crate::stats::dist::Dist>>>,
    /// The occasion at hand: the other types ask right after the first.
    pub(crate) last: Option<super::foresight::Last>,
    pub(crate) choice: super::contract::Choice,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch {
            sketches: Vec::new(),
            plain: Rows::of_at_most(100_000),
            of_stocks: Memo::of_at_most(200_000),
            last_stocks: Vec::new(),
            rates: Rows::of_at_most(100_000),
            nodes: Memo::of_at_most(20_000),
            policies: Rows::of_at_most(400_000),
            markets: crate::economy::Memory::default(),
            days: Rc::default(),
            weights: Vec::new(),
            buffers: Vec::new(),
            hits: 0,
            misses: 0,
            binned: Vec::new(),
            input_keys: InputKeys::default(),
            binned_dists: Rc::default(),
            last: None,
            choice: super::contract::Choice::default(),
        }
    }
}

/// Identity of the inputs as deciders see them, by what reads them: made once a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct InputKeys {
    /// Flows of payoffs.
    pub(crate) flows: (u64, u64),
    /// Anything up to the end of what is followed.
    pub(crate) course: (u64, u64),
    /// Anything at all.
    pub(crate) all: (u64, u64),
}

impl InputKeys {
    pub(crate) fn of(program: &super::program::Program, inputs: &[f64]) -> InputKeys {
        let relevance = &program.wiring.relevance;
        let hash = |ids: &[crate::model::ids::InputId]| {
            let mut key = Key::new(0);
            ids.iter().for_each(|id| key.float(inputs[id.index()]));
            key.pair()
        };
        InputKeys {
            flows: hash(&relevance.flow_inputs),
            course: hash(&relevance.course_inputs),
            all: hash(&relevance.inputs),
        }
    }
}

/// Two independent running hashes of 64 bits: a key that two situations share with probability 2^-128.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key(pub(crate) u64, pub(crate) u64);

impl Key {
    pub(crate) fn new(tag: u64) -> Key {
        Key(0x9E37_79B9_7F4A_7C15 ^ tag, 0xD1B5_4A32_D192_ED03 ^ tag.rotate_left(32))
    }

    #[inline]
    pub(crate) fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        self.0 ^= self.0 >> 29;
        self.1 = (self.1.rotate_left(23) ^ word).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.1 ^= self.1 >> 31;
    }

    #[allow(clippy::cast_sign_loss, reason = "bits are hashed, not read")]
    pub(crate) fn int(&mut self, value: i64) {
        self.add(value as u64);
    }

    pub(crate) fn float(&mut self, value: f64) {
        self.add(value.to_bits());
    }

    /// Mixes in another key.
    pub(crate) fn join(&mut self, (a, b): (u64, u64)) {
        self.add(a);
        self.add(b);
    }

    pub(crate) fn pair(self) -> (u64, u64) {
        (self.0, self.1)
    }

    /// Both words mixed to the last bit: for sums of hashes (Stafford 2011, variant 13).
    pub(crate) fn mixed(self) -> (u64, u64) {
        let mix = |mut x: u64| {
            x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ x >> 31
        };
        (mix(self.0), mix(self.1))
    }
}
