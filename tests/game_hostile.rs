//! Damaged game files: a message, never a panic, never a huge table.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use countermove::cli::solve::{SolveArgs, run_until};
use countermove::game::{efg, nfg, stochastic_file};

const NFG: &str = "NFG 1 R \"a \\\"b\\\"\" { \"1\" \"2\" } { { \"x\" \"y\" } { \"u\" \"v\" \"w\" } } \"c\"\n\n\
    1 .5 -1/3 2 3 4 5 6 7e1 8 9 10";
const OUTCOMES: &str =
    "NFG 1 D \"t\" { \"1\" \"2\" } { 2 2 }\n{ { \"x\" 1, 2 } { \"\" 3 4 } }\n1 2 0 1";

fn json() -> String {
    let text = include_str!("games/stochastic.json");
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut game = value["games"][1].clone();
    game.as_object_mut().unwrap().remove("qre");
    game.to_string()
}

/// A small generator with a fixed start: the same damage on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }
}

fn damage(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => bytes[at] = b"0123456789{}\"/-.,eEtpc[]:\\ \n"[dice.below(28)],
            2 => {
                bytes.remove(at);
            }
            3 => bytes.insert(at, b"9{}\"\\-/"[dice.below(7)]),
            _ => {
                let end = (at + dice.below(30)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_files_never_panic() {
    // COUNTERMOVE_CASES sets the number of files; the full run uses 100,000.
    let cases: usize =
        std::env::var("COUNTERMOVE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let trees = [include_str!("games/simple_poker.efg"), include_str!("games/chain_store_2.efg")];
    let json = json();
    let mut dice = Dice(7);
    let (mut read, mut refused) = (0, 0);
    for k in 0..cases {
        let ok = match k % 5 {
            0 => nfg::read(&damage(NFG, &mut dice)).map(|f| drop(nfg::write(&f))),
            1 => nfg::read(&damage(OUTCOMES, &mut dice)).map(|f| drop(nfg::write(&f))),
            2 => stochastic_file::read(&damage(&json, &mut dice))
                .map(|f| drop(stochastic_file::write(&f))),
            _ => efg::read(&damage(trees[k % 2], &mut dice)).map(|t| {
                // What is read is written, and read again as the same.
                let text = efg::write(&t);
                assert_eq!(efg::write(&efg::read(&text).unwrap()), text);
            }),
        };
        match ok {
            Ok(()) => read += 1,
            Err(e) => {
                assert!(e.place.is_some(), "{e}");
                refused += 1;
            }
        }
    }
    assert!(read > cases / 100 && refused > cases / 4, "{read} {refused}");
}

#[test]
fn announced_sizes_are_not_believed() {
    for text in [
        "NFG 1 R \"\" { \"1\" \"2\" } { 4000000000 4000000000 }\n1 2",
        "NFG 1 R \"\" { \"1\" \"2\" } { 18446744073709551615 2 }\n1 2",
        "NFG 1 R \"\" { \"1\" \"2\" } { 99999 99999 }\n{ { \"x\" 1 2 } }\n1 1",
        "NFG 1 R \"\" { \"1\" } { 1 }\n1e999999999",
    ] {
        assert!(nfg::read(text).is_err(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(
        stochastic_file::read(&format!("{{\"delta\":0,\"states\":[{{\"payoffs\":{deep}")).is_err()
    );
}

#[test]
fn a_deep_tree_is_read_and_solved_without_a_deep_stack() {
    let mut text = String::from("EFG 2 R \"\" { \"1\" \"2\" }\n");
    for k in 1..=50_000 {
        text += &format!(
            "p \"\" {} {k} \"\" {{ \"s\" \"g\" }} 0\nt \"\" 1 \"\" {{ 1 1 }}\n",
            1 + k % 2
        );
    }
    text += "t \"\" 1";
    let tree = efg::read(&text).unwrap();
    assert_eq!(tree.len(), 100_001);
    assert_eq!(efg::read(&efg::write(&tree)).unwrap(), tree);
    let uniform = tree.uniform();
    let gain = countermove::game::best_reply::exploitability(&tree, &uniform).unwrap();
    assert!(gain.abs() < 1e-9);
    // Everybody is indifferent everywhere: far more equilibria than are listed.
    let (found, complete) = countermove::game::backward::all(&tree, &|| false).unwrap();
    assert!(!found.is_empty() && !complete);
}

#[test]
fn the_verb_reports_the_place_and_code_two() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, part) in [
        ("a.nfg", "NFG 1 R \"t\" { \"1\" } { 2 }\n1", "line 2, column 1"),
        ("a.efg", "EFG 2 R \"t\" { \"1\" }\n\np \"\" 1 1 0", "line 3, column 8"),
        (
            "a.json",
            "{\"delta\":0,\n\"states\":[{\"payoffs\":[[1]],\"transitions\":[[0.5]]}]}",
            "line 2",
        ),
        ("a.txt", "what is this", "line 1, column 1: no game file"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let args = SolveArgs { file, ..SolveArgs::default() };
        let error = run_until(&args, &mut Vec::new(), &|| false).unwrap_err();
        assert_eq!(error.code(), 2);
        assert!(error.to_string().contains(part), "{error}");
    }
    let args = SolveArgs { file: folder.path().join("none.nfg"), ..SolveArgs::default() };
    assert_eq!(run_until(&args, &mut Vec::new(), &|| false).unwrap_err().code(), 1);
}

#[test]
fn a_stopped_search_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.nfg");
    std::fs::write(&file, NFG).unwrap();
    for flags in [0, 1, 2] {
        let args = SolveArgs {
            file: file.clone(),
            all: flags == 0,
            one: flags == 1,
            qre: if flags == 2 { vec![5.0] } else { Vec::new() },
            json: true,
            ..SolveArgs::default()
        };
        let mut out = Vec::new();
        run_until(&args, &mut out, &|| true).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["partial"], true, "{flags}");
    }
}
