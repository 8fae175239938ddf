//! Broken copies of the shipped scenarios: whatever the bytes, a message and no panic, within a second.
//!
//! `MUTATIONS=n` for more than the 300 that are loaded and run for one trial in the normal run,
//! `CHECKS=n` for more than the 60 that go through the whole of `check`.

use crate::files;
use countermove::draws::{Address, Purpose, TrialKey};
use countermove::scenario::check;
use countermove::scenario::fuzz::fuzz_one;
use countermove::syntax::Source;
use std::time::{Duration, Instant};

/// The longest that anything may take.
const LIMIT: Duration = Duration::from_secs(1);

/// A seeded source of choices.
struct Choices {
    key: TrialKey,
    next: u64,
}

impl Choices {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.next += 1;
        let bits = self.key.bits(Address::new(Purpose::Probe, "mutation"), self.next);
        usize::try_from(bits % n.max(1) as u64).unwrap()
    }
}

/// Ranges of the values of a text: numbers, words and quoted text.
fn values(bytes: &[u8]) -> Vec<(usize, usize)> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'"');
    let mut found = Vec::new();
    let mut start = None;
    for (k, &b) in bytes.iter().enumerate() {
        match (plain(b), start) {
            (true, None) => start = Some(k),
            (false, Some(from)) => {
                found.push((from, k));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn mutate(text: &[u8], choices: &mut Choices) -> Vec<u8> {
    let mut bytes = text.to_vec();
    match choices.below(10) {
        0..=2 => {
            for _ in 0..=choices.below(4) {
                let at = choices.below(bytes.len());
                bytes[at] ^= 1 << choices.below(8);
            }
        }
        3 => bytes.truncate(choices.below(bytes.len())),
        4..=6 => {
            let all = values(&bytes);
            let (a, b) = (all[choices.below(all.len())], all[choices.below(all.len())]);
            let (first, second) = if a.0 <= b.0 { (a, b) } else { (b, a) };
            if first.1 <= second.0 {
                let mut swapped = bytes[..first.0].to_vec();
                swapped.extend_from_slice(&bytes[second.0..second.1]);
                swapped.extend_from_slice(&bytes[first.1..second.0]);
                swapped.extend_from_slice(&bytes[first.0..first.1]);
                swapped.extend_from_slice(&bytes[second.1..]);
                bytes = swapped;
            }
        }
        7 => {
            const ODD: [&str; 10] = [
                "1e308",
                "-1",
                "0",
                "99999999999999999999",
                "1e-300",
                "\"\"",
                "inf",
                "[]",
                "()",
                "-0.0",
            ];
            let all = values(&bytes);
            let (from, to) = all[choices.below(all.len())];
            bytes.splice(from..to, ODD[choices.below(ODD.len())].bytes());
        }
        8 => {
            // A part written again, inside itself or elsewhere.
            let from = choices.below(bytes.len());
            let to = (from + choices.below(400)).min(bytes.len());
            let part = bytes[from..to].to_vec();
            let at = choices.below(bytes.len());
            bytes.splice(at..at, part);
        }
        _ => {
            const NESTS: [&str; 4] = ["Not(", "[", "All([", "((("];
            let at = choices.below(bytes.len());
            let deep = NESTS[choices.below(NESTS.len())].repeat(1 << choices.below(15));
            bytes.splice(at..at, deep.bytes());
        }
    }
    bytes
}

/// A count from the environment.
fn count(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Hands broken copies of the shipped files to `put`, which says how many errors it found.
fn break_and_put(cases: u64, seed: u64, put: impl Fn(&[u8]) -> usize) {
    let texts: Vec<Vec<u8>> = files("scenarios")
        .into_iter()
        .chain(files("scenarios/kernel"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for case in 0..cases {
        let mut choices = Choices { key: TrialKey::new(seed, case), next: 0 };
        let text = &texts[choices.below(texts.len())];
        let bytes = mutate(text, &mut choices);
        let begun = Instant::now();
        refused += usize::from(put(&bytes) > 0);
        let took = begun.elapsed();
        slowest = slowest.max(took);
        assert!(took < LIMIT, "case {case} took {took:?}");
    }
    println!("{refused} of {cases} refused, slowest {slowest:?}");
    assert!(refused > 0);
}

#[test]
fn broken_scenarios_get_a_message_in_time() {
    break_and_put(count("MUTATIONS", 300), 11, fuzz_one);
}

#[test]
fn broken_scenarios_are_checked_in_time() {
    break_and_put(count("CHECKS", 60), 12, |bytes| {
        let source = Source::new("broken.ron", String::from_utf8_lossy(bytes).as_ref());
        let (_, found) = check(&source);
        let shown = found.render(&source.name, source.text(), false);
        assert_eq!(shown.is_empty(), found.is_empty());
        assert!(found.to_json(source.text()).is_object());
        found.errors().count()
    });
}

#[test]
fn hostile_texts_get_a_message_in_time() {
    let tutorial = std::fs::read(crate::repository("scenarios/tutorial.ron")).unwrap();
    let mut nul = tutorial.clone();
    nul.push(0);
    let cases: [(&str, Vec<u8>); 9] = [
        ("10 MB of brackets", vec![b'('; 10 << 20]),
        ("10 MB of blanks", vec![b' '; 10 << 20]),
        ("4 MB of one name", [b"(title: \"".as_slice(), &vec![b'x'; 4 << 20], b"\")"].concat()),
        ("many moves", format!("(moves: [{}])", "(id: \"a\"),".repeat(20_000)).into_bytes()),
        ("many fields", format!("({})", "x: 1,".repeat(200_000)).into_bytes()),
        ("half a comment", b"(title: \"x\", /* /* /*".to_vec()),
        ("a byte order mark", [b"\xef\xbb\xbf".as_slice(), &tutorial].concat()),
        ("not UTF-8", vec![0xff; 1 << 20]),
        ("a NUL", nul),
    ];
    for (name, bytes) in cases {
        let begun = Instant::now();
        let _ = fuzz_one(&bytes);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{name} took {took:?}");
    }
}
