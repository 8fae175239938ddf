//! A map from keys that are hashes already.
//!
//! It is looked up and never gone through, so its order plays no part; what it holds are pure functions
//! of their keys, so a hit, a miss or a forgotten entry changes no bit.

use std::hash::{BuildHasherDefault, Hasher};

/// Values by two words of a [`Key`](super::scratch::Key).
#[allow(clippy::disallowed_types, reason = "a cache of pure functions, never iterated")]
pub(crate) type Keyed<T> =
    std::collections::HashMap<(u64, u64), T, BuildHasherDefault<AlreadyHashed>>;

/// Both words together: hashing them again would cost more than the look-up.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = self.0.rotate_left(32) ^ word;
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
