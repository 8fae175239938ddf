//! A thread's working memory for decisions: sketches of what may come, and a memo of foreseen payoffs.
//!
//! The memo holds pure functions of their key, so a hit, a miss or a forgotten entry changes no bit.

use super::engine::Engine;
use super::memo::Memo;
use std::rc::Rc;

/// How many entries a memo keeps before it starts afresh.
const MEMO_ENTRIES: usize = 50_000;

/// How many nodes of look-ahead trees it keeps.
const MEMO_NODES: usize = 8_000;

/// Foreseen payoff features of one situation, for all that may be asked about it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreseen {
    /// Numbers as laid out by whoever asked.
    pub(crate) numbers: Vec<f64>,
}

/// A thread's working memory for decisions.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Sketches by depth of look-ahead.
    pub(crate) sketches: Vec<Engine>,
    memo: Memo<Rc<Foreseen>>,
    nodes: Memo<Rc<super::foresight::Node>>,
    /// Effects of an economy by the wedges in force.
    pub(crate) economy: Memo<Rc<[f64]>>,
    /// Found in the memo.
    pub(crate) hits: u64,
    /// Not found.
    pub(crate) misses: u64,
    /// What calculating deciders take the trial's inputs to be.
    pub(crate) binned: Vec<f64>,
    /// The laws under them.
    pub(crate) binned_dists: Rc<Vec<Option<crate::stats::dist::Dist>>>,
    /// By stock: the fastest it can run down under what controls its supply, days of use a day.
    pub(crate) drain: Vec<f64>,
    /// The occasion at hand: the other types ask right after the first.
    pub(crate) last: Option<super::foresight::Last>,
    pub(crate) choice: super::contract::Choice,
}

impl Scratch {
    /// Looks a situation up, or works it out.
    pub(crate) fn foreseen(
        &mut self,
        key: (u64, u64),
        make: impl FnOnce(&mut Scratch) -> Foreseen,
    ) -> Rc<Foreseen> {
        if let Some(found) = self.memo.get(&key) {
            self.hits += 1;
            return Rc::clone(found);
        }
        self.misses += 1;
        let made = Rc::new(make(self));
        if self.memo.len() >= MEMO_ENTRIES {
            self.memo.clear();
        }
        self.memo.insert(key, Rc::clone(&made));
        made
    }

    /// A node of a look-ahead tree, if it is remembered.
    pub(crate) fn node(&mut self, key: (u64, u64)) -> Option<Rc<super::foresight::Node>> {
        let found = self.nodes.get(&key).cloned();
        match found {
            Some(_) => self.hits += 1,
            None => self.misses += 1,
        }
        found
    }

    /// Remembers a node of a look-ahead tree.
    pub(crate) fn keep_node(&mut self, key: (u64, u64), node: &Rc<super::foresight::Node>) {
        if self.nodes.len() >= MEMO_NODES {
            self.nodes.clear();
        }
        self.nodes.insert(key, Rc::clone(node));
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

    pub(crate) fn pair(self) -> (u64, u64) {
        (self.0, self.1)
    }
}
