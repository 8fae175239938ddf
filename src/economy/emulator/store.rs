//! Solved policies by key: in memory for all threads, and as lines of text for a file.
//!
//! What is kept is a pure function of its key, so that it does not matter who put it there. Every line
//! of the file carries its own check sum: a file that was cut off or damaged loses those lines alone.

use crate::economy::trade::hash;
use crate::economy::wedges::{PolicyKey, Wedges};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Answers under one key of search.
type Bucket = Vec<(Wedges, Arc<[f64]>)>;

/// Numbers by policy and strength of the elasticities.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// By a hash of the policy and the bits of the strength; policies of equal hash stand together.
    kept: RwLock<BTreeMap<(u64, u64), Bucket>>,
}

impl Store {
    pub(super) fn get(&self, wedges: &Wedges, strength: f64) -> Option<Arc<[f64]>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let bucket = kept.get(&(hash(wedges), strength.to_bits()))?;
        bucket.iter().find(|(known, _)| known == wedges).map(|(_, answer)| Arc::clone(answer))
    }

    pub(super) fn keep(&self, wedges: &Wedges, strength: f64, answer: Vec<f64>) -> Arc<[f64]> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let bucket = kept.entry((hash(wedges), strength.to_bits())).or_default();
        if let Some((_, found)) = bucket.iter().find(|(known, _)| known == wedges) {
            return Arc::clone(found);
        }
        let answer: Arc<[f64]> = answer.into();
        bucket.push((wedges.clone(), Arc::clone(&answer)));
        answer
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
    }

    /// All that is kept, one line each in the order of their text, under a head line.
    pub(super) fn save(&self, head: &str) -> String {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<String> = Vec::new();
        for ((_, strength), bucket) in kept.iter() {
            for (wedges, answer) in bucket {
                let mut line = format!("{} {strength:x}", wedges.key().to_text());
                for value in answer.iter() {
                    line.push_str(&format!(" {:x}", value.to_bits()));
                }
                lines.push(format!("{line} {:x}\n", check_sum(&line)));
            }
        }
        lines.sort_unstable();
        format!("{head}\n{}", lines.concat())
    }

    /// Takes in what [`Store::save`] wrote for the same head, answers of `width` numbers: how many were
    /// good, and how many lines were not.
    pub(super) fn load(&self, text: &str, head: &str, width: usize) -> (usize, usize) {
        let mut lines = text.lines();
        if lines.next() != Some(head) {
            return (0, 1);
        }
        let (mut good, mut bad) = (0, 0);
        for line in lines {
            match read(line, width) {
                Some((wedges, strength, answer)) => {
                    self.keep(&wedges, strength, answer);
                    good += 1;
                }
                None => bad += 1,
            }
        }
        (good, bad)
    }
}

fn read(line: &str, width: usize) -> Option<(Wedges, f64, Vec<f64>)> {
    let (body, sum) = line.rsplit_once(' ')?;
    if u64::from_str_radix(sum, 16).ok()? != check_sum(body) {
        return None;
    }
    let mut words = body.split(' ');
    let wedges = PolicyKey::from_text(words.next()?)?.wedges();
    let bits = |word: &str| u64::from_str_radix(word, 16).ok().map(f64::from_bits);
    let strength = bits(words.next()?)?;
    let answer: Vec<f64> = words.map(bits).collect::<Option<_>>()?;
    (answer.len() == width && answer.iter().all(|x| x.is_finite()))
        .then_some((wedges, strength, answer))
}

/// Fowler, Noll & Vo.
fn check_sum(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::economy::{Sectors, WedgeKind};

    #[test]
    fn damaged_lines_are_left_out_and_the_rest_is_kept() {
        let store = Store::default();
        let mut wedges = Wedges::new();
        for k in 0..5 {
            wedges.add(0, 1, Sectors::Goods, WedgeKind::Tariff, 0.1 * f64::from(k));
            store.keep(&wedges, 2.0, vec![f64::from(k), -0.5]);
        }
        let text = store.save("head");
        let again = Store::default();
        assert_eq!(again.load(&text, "head", 2), (5, 0));
        assert_eq!(again.save("head"), text);
        assert_eq!(again.get(&wedges, 2.0).as_deref(), Some([4.0, -0.5].as_slice()));
        assert!(again.get(&wedges, 2.5).is_none());
        // Cut off in the middle of a line, a changed digit, another head, another width.
        assert_eq!(Store::default().load(&text[..text.len() - 9], "head", 2), (4, 1));
        let changed = text.replacen("bfe", "bfd", 1);
        assert_eq!(Store::default().load(&changed, "head", 2), (4, 1));
        assert_eq!(Store::default().load(&text, "other", 2), (0, 1));
        assert_eq!(Store::default().load(&text, "head", 3), (0, 5));
        assert_eq!(Store::default().load("", "head", 3), (0, 1));
    }
}
