//! Addressed random numbers: every draw has a written name, so branches stay in step.
//!
//! A draw is not the next number of a stream. It is a pure function of the trial's key, of the hash of
//! the *written name* of its source and of its purpose, and of an ordinal: the k-th start of this
//! clock, the k-th occasion of this actor. A branch that skips, adds or forbids something therefore
//! shifts no other draw, and the branches of a comparison share their luck (common random numbers;
//! Law 2015, section 11.2; keyed by name as in Starsim and by counter as in Salmon et al. 2011).
//!
//! The trial's key is two words of `ChaCha8` under the run's seed, with the trial as stream. Inside a
//! trial a draw takes two rounds of the finaliser of splitmix64 (Steele, Lea and Flood 2014, with the
//! constants of Stafford's variant 13) over key, address and ordinal. This is not a cipher; the tests
//! below look for bias, dependence and lattices between neighbours in all three arguments.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Name and version of the generator, for the manifest of a run: results depend on it.
pub const GENERATOR: &str = "chacha8-splitmix64/1";

/// The fractional part of the golden ratio as a 64-bit odd number: consecutive ordinals step by it.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// Start and factor of FNV-1a in 64 bits (Fowler, Noll and Vo).
const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_FACTOR: u64 = 0x0000_0100_0000_01B3;

/// What a draw is for; part of its address, so that one source has one stream for each purpose.
///
/// The numbers are written into addresses: changing one changes results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// An uncertain number of the scenario, one value a trial.
    Input = 1,
    /// Which type an actor is of.
    Type = 2,
    /// When a clock rings.
    Clock = 3,
    /// Which of a clock's outcomes happens.
    ClockChance = 4,
    /// Time from a decision or an occasion to its consequence.
    Lag = 5,
    /// Time by which something is announced ahead.
    Lead = 6,
    /// Time of an actor's next regular review.
    Review = 7,
    /// Which move an actor chooses.
    Decision = 8,
    /// An effect that happens with a probability.
    Chance = 9,
    /// Whether and when a meeting takes place.
    Meeting = 10,
    /// Whether a package or an offer is accepted.
    Consent = 11,
    /// Which package is proposed.
    Proposal = 12,
    /// Whether a hidden act becomes public.
    Leak = 13,
    /// Order of simultaneous events, where ties are random.
    Tie = 14,
    /// How long before a deadline an actor decides.
    Eve = 15,
    /// A look-ahead's own luck.
    Rollout = 16,
    /// Luck of a trial run for calibration or a test.
    Probe = 17,
}

/// The address of a source of draws: the hash of a purpose and a written name.
///
/// FNV-1a in 64 bits over the purpose's number and the bytes of the name, then [`mix`]. Two names of a
/// scenario share an address with probability 2^-64 a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u64);

impl Address {
    /// The address of `name` for `purpose`.
    #[must_use]
    pub const fn new(purpose: Purpose, name: &str) -> Address {
        let start = (FNV_START ^ purpose as u64).wrapping_mul(FNV_FACTOR);
        Address(mix(fnv(start, name.as_bytes())))
    }

    /// The `ordinal`-th part of this source, where one number after the address is not enough.
    #[inline]
    #[must_use]
    pub const fn child(self, ordinal: u64) -> Address {
        // Mixed twice: an address is used bare in the sums of `bits`.
        Address(mix(mix(self.0 ^ FNV_START).wrapping_add(ordinal.wrapping_mul(GOLDEN))))
    }

    /// The part of this source that is called `name`.
    #[must_use]
    pub const fn named(self, name: &str) -> Address {
        Address(mix(fnv(mix(self.0.wrapping_add(GOLDEN)), name.as_bytes())))
    }

    /// The hash itself, as printed in a trace.
    #[inline]
    #[must_use]
    pub const fn word(self) -> u64 {
        self.0
    }
}

/// The key of one trial: all its luck is a function of these two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TrialKey {
    first: u64,
    second: u64,
}

impl TrialKey {
    /// The key of trial number `trial` of a run with `seed`.
    ///
    /// Words 0-3 of `ChaCha8` (Bernstein 2008) whose key is the seed, little end first, followed by a
    /// fixed text, and whose stream is the trial.
    #[must_use]
    pub fn new(seed: u64, trial: u64) -> TrialKey {
        let mut key = *b"________countermove trial key v1";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(trial);
        TrialKey { first: stream.next_u64(), second: stream.next_u64() }
    }

    /// A key made of two words that are already hashes, as in a rollout keyed by its state.
    #[inline]
    #[must_use]
    pub const fn from_words(first: u64, second: u64) -> TrialKey {
        TrialKey { first, second }
    }

    /// The two words, as printed in a trace.
    #[inline]
    #[must_use]
    pub const fn words(self) -> (u64, u64) {
        (self.first, self.second)
    }

    /// The 64 random bits of draw `ordinal` at `address`.
    #[inline]
    #[must_use]
    pub const fn bits(self, address: Address, ordinal: u64) -> u64 {
        // The address enters twice, so that two addresses are not one orbit at two offsets.
        let start = (address.0 ^ self.first).wrapping_add(ordinal.wrapping_mul(GOLDEN));
        mix((mix(start) ^ self.second).wrapping_add(address.0))
    }

    /// The uniform number of draw `ordinal` at `address`, strictly between 0 and 1.
    #[inline]
    #[must_use]
    pub const fn uniform(self, address: Address, ordinal: u64) -> f64 {
        unit(self.bits(address, ordinal))
    }
}

/// Turns 64 random bits into a uniform number strictly between 0 and 1.
///
/// The middle of one of 2^52 equal cells. With 2^53 cells the last middle would round to 1. Both `u`
/// and `1 - u` are exact, and neither is ever 0.
#[inline]
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "52 bits are exact in f64")]
pub const fn unit(bits: u64) -> f64 {
    const CELL: f64 = 1.0 / (1_u64 << 52) as f64;
    ((bits >> 12) as f64 + 0.5) * CELL
}

/// The finaliser of splitmix64: a bijection in which each input bit turns half of the output bits.
#[inline]
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

const fn fnv(start: u64, bytes: &[u8]) -> u64 {
    let mut hash = start;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(FNV_FACTOR);
        i += 1;
    }
    hash
}

#[cfg(test)]
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests count small things"
)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SEED: u64 = 20_251_014;

    fn clock(n: u64) -> Address {
        Address::new(Purpose::Clock, &format!("clock-{n}"))
    }

    /// Sum over cells of (count - mean)² / mean, as a standard normal score (Wilson-Hilferty is not
    /// needed at these degrees of freedom).
    fn chi_square_score(counts: &[u32]) -> f64 {
        let mean = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / counts.len() as f64;
        let statistic: f64 =
            counts.iter().map(|&c| crate::math::powi(f64::from(c) - mean, 2) / mean).sum();
        let freedom = (counts.len() - 1) as f64;
        (statistic - freedom) / (2.0 * freedom).sqrt()
    }

    /// Correlation of pairs of uniforms as a standard normal score.
    fn correlation_score(n: u64, pair: impl Fn(u64) -> (f64, f64)) -> f64 {
        let mut sum = 0.0;
        for i in 0..n {
            let (a, b) = pair(i);
            sum += (a - 0.5) * (b - 0.5);
        }
        // The product of two independent uniforms about their means has variance 1 / 144.
        12.0 * sum / (n as f64).sqrt()
    }

    #[test]
    fn value_stability() {
        // These constants are part of the format of results: a change here changes every number.
        let key = TrialKey::new(SEED, 117);
        assert_eq!(key.words(), (0xF5CD_0124_25B5_D4CE, 0x209F_E1C3_19D6_ADBD));
        assert_eq!(Address::new(Purpose::Clock, "talks").word(), 0xFF7C_DE67_E459_1A2A);
        assert_eq!(Address::new(Purpose::Lag, "talks").word(), 0xC343_4D82_F0DD_BC85);
        assert_eq!(Address::new(Purpose::Input, "").word(), 0xAA10_93E3_C79A_B7F9);
        assert_eq!(Address::new(Purpose::Clock, "talks").child(3).word(), 0xF733_F0B7_0A12_27FA);
        assert_eq!(Address::new(Purpose::Clock, "talks").named("US").word(), 0x1794_7FCE_B5C0_DC12);
        assert_eq!(key.bits(Address::new(Purpose::Clock, "talks"), 0), 0x1885_3436_6AB3_3EB8);
        assert_eq!(key.bits(Address::new(Purpose::Clock, "talks"), 1), 0xE867_673A_7FA5_1CA2);
        assert_eq!(
            TrialKey::from_words(1, 2).uniform(Address::new(Purpose::Decision, "CN"), 7).to_bits(),
            0x3FE7_B01E_FC45_B9C1
        );
    }

    #[test]
    fn uniform_is_never_an_end() {
        assert!(unit(0) > 0.0);
        assert!(unit(u64::MAX) < 1.0);
        assert!(1.0 - unit(u64::MAX) > 0.0);
        assert!(crate::math::same(unit(u64::MAX), 1.0 - unit(0)));
    }

    #[test]
    fn key_depends_on_seed_and_trial() {
        let mut keys = BTreeSet::new();
        for seed in 0..100 {
            for trial in 0..100 {
                keys.insert(TrialKey::new(seed, trial));
            }
        }
        assert_eq!(keys.len(), 10_000);
    }

    #[test]
    fn purposes_and_names_have_their_own_addresses() {
        let mut words = BTreeSet::new();
        let purposes = [
            Purpose::Input,
            Purpose::Type,
            Purpose::Clock,
            Purpose::ClockChance,
            Purpose::Lag,
            Purpose::Lead,
            Purpose::Review,
            Purpose::Decision,
            Purpose::Chance,
            Purpose::Meeting,
            Purpose::Consent,
            Purpose::Proposal,
            Purpose::Leak,
            Purpose::Tie,
            Purpose::Eve,
            Purpose::Rollout,
            Purpose::Probe,
        ];
        for purpose in purposes {
            for i in 0..1000 {
                let address = Address::new(purpose, &format!("source {i}"));
                words.insert(address);
                words.insert(address.child(0));
                words.insert(address.child(1));
                words.insert(address.named("x"));
            }
        }
        assert_eq!(words.len(), purposes.len() * 4000);
    }

    #[test]
    fn each_bit_is_fair() {
        let n = 1_u64 << 18;
        let mut ones = [0_u32; 64];
        for i in 0..n {
            let key = TrialKey::new(SEED, i / 64);
            let bits = key.bits(clock(i % 8), i % 64 / 8);
            for (b, count) in ones.iter_mut().enumerate() {
                *count += (bits >> b & 1) as u32;
            }
        }
        for (b, &count) in ones.iter().enumerate() {
            let score = (f64::from(count) - n as f64 / 2.0) / (n as f64 / 4.0).sqrt();
            assert!(score.abs() < 4.5, "bit {b}: {score}");
        }
    }

    /// Flips each bit of one argument; every output bit must turn in half of the cases.
    fn avalanche(flip: impl Fn(u64, u32) -> (u64, u64)) {
        let cases = 2000_u64;
        for bit in 0..64 {
            let mut turned = [0_u32; 64];
            for case in 0..cases {
                let (before, after) = flip(case, bit);
                for (b, count) in turned.iter_mut().enumerate() {
                    *count += ((before ^ after) >> b & 1) as u32;
                }
            }
            for (b, &count) in turned.iter().enumerate() {
                let score = (f64::from(count) - cases as f64 / 2.0) / (cases as f64 / 4.0).sqrt();
                // 4,096 pairs of bits for each argument: 5 sd is passed by chance in 1 of 400.
                assert!(score.abs() < 5.5, "input bit {bit}, output bit {b}: {score}");
            }
        }
    }

    #[test]
    fn avalanche_of_address() {
        avalanche(|case, bit| {
            let key = TrialKey::new(SEED, case);
            let address = clock(case % 50);
            (key.bits(address, case), key.bits(Address(address.0 ^ 1 << bit), case))
        });
    }

    #[test]
    fn avalanche_of_ordinal() {
        avalanche(|case, bit| {
            let key = TrialKey::new(SEED, case);
            (key.bits(clock(case % 50), case), key.bits(clock(case % 50), case ^ 1 << bit))
        });
    }

    #[test]
    fn avalanche_of_key() {
        avalanche(|case, bit| {
            let (first, second) = TrialKey::new(SEED, case).words();
            let one = TrialKey::from_words(first, second);
            let other = TrialKey::from_words(first ^ 1 << bit, second);
            (one.bits(clock(case % 50), case), other.bits(clock(case % 50), case))
        });
        avalanche(|case, bit| {
            let (first, second) = TrialKey::new(SEED, case).words();
            let one = TrialKey::from_words(first, second);
            let other = TrialKey::from_words(first, second ^ 1 << bit);
            (one.bits(clock(case % 50), case), other.bits(clock(case % 50), case))
        });
    }

    #[test]
    fn avalanche_of_seed_and_trial() {
        avalanche(|case, bit| {
            let a = TrialKey::new(SEED.wrapping_add(case), 5);
            let b = TrialKey::new(SEED.wrapping_add(case) ^ 1 << bit, 5);
            (a.bits(clock(0), 0), b.bits(clock(0), 0))
        });
        avalanche(|case, bit| {
            let a = TrialKey::new(SEED, case);
            let b = TrialKey::new(SEED, case ^ 1 << bit);
            (a.bits(clock(0), 0), b.bits(clock(0), 0))
        });
    }

    fn no_correlation(n: u64) {
        let addresses: Vec<Address> = (0..64).map(clock).collect();
        let key = TrialKey::new(SEED, 0);
        // Serial: neighbours in the ordinal.
        for lag in [1, 2, 3, 7, 64] {
            let score = correlation_score(n, |i| {
                (key.uniform(addresses[3], i), key.uniform(addresses[3], i + lag))
            });
            assert!(score.abs() < 4.5, "ordinal lag {lag}: {score}");
        }
        // Pairs of addresses at one ordinal.
        let score = correlation_score(n, |i| {
            let (a, b) = ((i % 63) as usize, (i % 63 + 1) as usize);
            (key.uniform(addresses[a], i / 63), key.uniform(addresses[b], i / 63))
        });
        assert!(score.abs() < 4.5, "addresses: {score}");
        // Neighbouring trials, as a study makes them: few draws of each.
        let trials = n / 16;
        let keys: Vec<TrialKey> = (0..=trials).map(|t| TrialKey::new(SEED, t)).collect();
        let score = correlation_score(n, |i| {
            let (t, k) = ((i / 16) as usize, i % 16);
            (keys[t].uniform(addresses[7], k), keys[t + 1].uniform(addresses[7], k))
        });
        assert!(score.abs() < 4.5, "trials: {score}");
        // Rollout keys that are counters: the worst keys a caller may give.
        let score = correlation_score(n, |i| {
            let (t, k) = (i / 16, i % 16);
            (
                TrialKey::from_words(t, 0).uniform(addresses[7], k),
                TrialKey::from_words(t + 1, 0).uniform(addresses[7], k),
            )
        });
        assert!(score.abs() < 4.5, "counter keys: {score}");
    }

    #[test]
    fn neighbours_are_not_correlated() {
        no_correlation(1 << 22);
    }

    #[test]
    #[ignore = "2^26 draws for each pair: tens of seconds"]
    fn neighbours_are_not_correlated_over_many_draws() {
        no_correlation(1 << 26);
    }

    /// No two streams may have their first 1,000 draws in common, at any offset near the start:
    /// checked on the fingerprint of draws 0-7 against all of draws 0-999 of the others.
    fn streams_differ(streams: u64, bits: impl Fn(u64, u64) -> u64) {
        let mut starts: Vec<u64> = (0..streams).map(|s| bits(s, 0)).collect();
        starts.sort_unstable();
        let before = starts.len();
        starts.dedup();
        assert_eq!(starts.len(), before, "two streams start with the same draw");
        // An overlap at an offset shows as another stream's first draw inside this stream.
        for s in 0..streams {
            for k in 1..1000 {
                let inside = starts.binary_search(&bits(s, k)).is_ok();
                assert!(!inside, "stream {s} meets the start of another at draw {k}");
            }
        }
    }

    #[test]
    fn streams_do_not_overlap() {
        let addresses: Vec<Address> = (0..2000).map(clock).collect();
        let key = TrialKey::new(SEED, 0);
        streams_differ(2000, |s, k| key.bits(addresses[s as usize], k));
        let keys: Vec<TrialKey> = (0..2000).map(|t| TrialKey::new(SEED, t)).collect();
        streams_differ(2000, |s, k| keys[s as usize].bits(addresses[0], k));
    }

    #[test]
    #[ignore = "two times 10^8 draws with a search each: tens of seconds"]
    fn many_streams_do_not_overlap() {
        let addresses: Vec<Address> = (0..100_000).map(clock).collect();
        let key = TrialKey::new(SEED, 0);
        streams_differ(100_000, |s, k| key.bits(addresses[s as usize], k));
        let keys: Vec<TrialKey> = (0..100_000).map(|t| TrialKey::new(SEED, t)).collect();
        streams_differ(100_000, |s, k| keys[s as usize].bits(addresses[0], k));
    }

    /// Pairs on a 64 x 64 grid; their counts must scatter as those of independent numbers do.
    fn lattice(n: u64, pair: impl Fn(u64) -> (f64, f64)) -> f64 {
        let mut counts = vec![0_u32; 64 * 64];
        for i in 0..n {
            let (a, b) = pair(i);
            counts[(a * 64.0) as usize * 64 + (b * 64.0) as usize] += 1;
        }
        chi_square_score(&counts)
    }

    #[test]
    fn pairs_fill_the_square() {
        let n = 1 << 20;
        let address = clock(1);
        let key = TrialKey::new(SEED, 3);
        let score = lattice(n, |i| (key.uniform(address, 2 * i), key.uniform(address, 2 * i + 1)));
        assert!(score.abs() < 4.5, "ordinals: {score}");
        // Disjoint pairs of trials: counts of overlapping pairs are not independent.
        let score = lattice(n / 4, |i| {
            let (a, b) = (TrialKey::new(SEED, 2 * i), TrialKey::new(SEED, 2 * i + 1));
            (a.uniform(address, 0), b.uniform(address, 0))
        });
        assert!(score.abs() < 4.5, "trials: {score}");
        // The low bits on their own, where multiplicative generators are weakest.
        let low = |bits: u64| (bits >> 12 & 0xFFF) as f64 / 4096.0;
        let score =
            lattice(n, |i| (low(key.bits(address, 2 * i)), low(key.bits(address, 2 * i + 1))));
        assert!(score.abs() < 4.5, "low bits: {score}");
    }
}
