//! The speed toy written out by hand on a binary heap: the yardstick of the kernel.
//!
//! Rules: two actors climb rungs 0-6. Each reviews at exponential gaps of mean 15 days: if the other is
//! higher, or with chance 0.35, it announces (unless a measure of its own is pending or its rung is 6);
//! else, above rung 0, with chance 0.25 it steps down. An announced measure takes effect after 5 days
//! and an exponential of mean 20, and the other side is asked to answer after an exponential of mean 5.
//! An answer: if the other has a measure pending, with chance 0.25 both sides' are withdrawn; else the
//! answering side announces. A measure in force: one rung up; at a sum of 10 the trial ends, else the
//! other side is asked. Talks every 30 days: with chance 0.15 all pending measures are withdrawn and
//! both rungs go down one.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    unreachable_pub,
    reason = "a yardstick in one file, not an interface"
)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where a trial's uniforms come from.
pub(crate) trait Luck {
    /// The uniform for a source and its ordinal.
    fn uniform(&mut self, source: u32, ordinal: u32) -> f64;
}

/// One `ChaCha8` stream a trial, consumed in sequence.
pub(crate) struct Stream(pub ChaCha8Rng);

impl Luck for Stream {
    fn uniform(&mut self, _: u32, _: u32) -> f64 {
        countermove::draws::unit(self.0.next_u64())
    }
}

/// Draws addressed by source and ordinal.
pub(crate) struct Keyed {
    pub key: countermove::draws::TrialKey,
    pub addresses: [countermove::draws::Address; 16],
}

impl Luck for Keyed {
    fn uniform(&mut self, source: u32, ordinal: u32) -> f64 {
        self.key.uniform(self.addresses[source as usize], u64::from(ordinal))
    }
}

/// A stream for a trial.
pub(crate) fn stream(seed: u64, trial: u64) -> Stream {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(trial);
    Stream(rng)
}

/// What one trial came to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Outcome {
    pub sum: u32,
    pub absorbed: bool,
    pub in_force: u32,
    pub withdrawn: u32,
    pub events: u32,
}

/// Working memory, cleared between trials.
#[derive(Default)]
pub(crate) struct Toy {
    heap: BinaryHeap<Reverse<(i64, u32, u32)>>,
    live: Vec<bool>,
    pending: [Option<u32>; 2],
    asked: [bool; 2],
    rung: [u32; 2],
    count: [u32; 16],
}

const REVIEW: u32 = 0;
const EFFECT: u32 = 2;
const ANSWER: u32 = 4;
const TALKS: u32 = 6;
const MINUTES: f64 = 1440.0;

impl Toy {
    fn at(&mut self, time: i64, kind: u32) -> u32 {
        let id = self.live.len() as u32;
        self.live.push(true);
        self.heap.push(Reverse((time, id, kind)));
        id
    }

    fn draw(&mut self, luck: &mut impl Luck, source: u32) -> f64 {
        let ordinal = self.count[source as usize];
        self.count[source as usize] += 1;
        luck.uniform(source, ordinal)
    }

    fn after(&mut self, luck: &mut impl Luck, source: u32, now: i64, mean: f64, shift: f64) -> i64 {
        let u = self.draw(luck, source);
        now + ((shift - mean * countermove::math::ln(u)) * MINUTES + 0.5) as i64
    }

    fn announce(&mut self, luck: &mut impl Luck, who: usize, now: i64) {
        if self.pending[who].is_some() || self.rung[who] >= 6 {
            return;
        }
        let t = self.after(luck, EFFECT + who as u32, now, 20.0, 5.0);
        let id = self.at(t, EFFECT + who as u32);
        self.pending[who] = Some(id);
        self.ask(luck, 1 - who, now);
    }

    fn ask(&mut self, luck: &mut impl Luck, who: usize, now: i64) {
        if !self.asked[who] {
            self.asked[who] = true;
            let t = self.after(luck, ANSWER + who as u32, now, 5.0, 0.0);
            self.at(t, ANSWER + who as u32);
        }
    }

    fn withdraw_all(&mut self, out: &mut Outcome) {
        for who in 0..2 {
            if let Some(id) = self.pending[who].take() {
                self.live[id as usize] = false;
                out.withdrawn += 1;
            }
        }
    }

    /// Runs one trial of 180 days.
    pub(crate) fn run(&mut self, luck: &mut impl Luck) -> Outcome {
        let mut out = Outcome::default();
        self.heap.clear();
        self.live.clear();
        self.pending = [None; 2];
        self.asked = [false; 2];
        self.rung = [0; 2];
        self.count = [0; 16];
        for who in 0..2 {
            let t = self.after(luck, REVIEW + who, 0, 15.0, 0.0);
            self.at(t, REVIEW + who);
        }
        self.at(30 * 1440, TALKS);
        while let Some(Reverse((now, id, kind))) = self.heap.pop() {
            if now > 180 * 1440 {
                break;
            }
            if !self.live[id as usize] {
                continue;
            }
            out.events += 1;
            match kind {
                0 | 1 => {
                    let who = kind as usize;
                    if self.rung[1 - who] > self.rung[who] || self.draw(luck, 8 + kind) < 0.35 {
                        self.announce(luck, who, now);
                    } else if self.rung[who] > 0 && self.draw(luck, 10 + kind) < 0.25 {
                        self.rung[who] -= 1;
                    }
                    let t = self.after(luck, REVIEW + kind, now, 15.0, 0.0);
                    self.at(t, kind);
                }
                2 | 3 => {
                    let who = (kind - EFFECT) as usize;
                    self.pending[who] = None;
                    self.rung[who] += 1;
                    out.in_force += 1;
                    if self.rung[0] + self.rung[1] >= 10 {
                        out.absorbed = true;
                        break;
                    }
                    self.ask(luck, 1 - who, now);
                }
                4 | 5 => {
                    let who = (kind - ANSWER) as usize;
                    self.asked[who] = false;
                    if self.pending[1 - who].is_some() && self.draw(luck, 12 + who as u32) < 0.25 {
                        self.withdraw_all(&mut out);
                    } else {
                        self.announce(luck, who, now);
                    }
                }
                _ => {
                    if self.draw(luck, 14) < 0.15 {
                        self.withdraw_all(&mut out);
                        for rung in &mut self.rung {
                            *rung = rung.saturating_sub(1);
                        }
                    }
                    self.at(now + 30 * 1440, TALKS);
                }
            }
        }
        out.sum = self.rung[0] + self.rung[1];
        out
    }
}
