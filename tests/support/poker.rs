//! Kuhn's and Leduc poker as trees, written out as .efg texts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Numbers information sets and outcomes as the text grows.
#[derive(Default)]
struct Script {
    text: String,
    sets: BTreeMap<(usize, String), usize>,
    outcomes: usize,
}

impl Script {
    fn decision(&mut self, player: usize, label: &str, actions: &[&str]) {
        let next = self.sets.len() + 1;
        let number = *self.sets.entry((player, label.to_owned())).or_insert(next);
        let list: Vec<String> = actions.iter().map(|a| format!("\"{a}\"")).collect();
        let list = list.join(" ");
        writeln!(self.text, "p \"\" {} {number} \"{label}\" {{ {list} }} 0", player + 1).unwrap();
    }

    fn end(&mut self, gain: i32) {
        self.outcomes += 1;
        writeln!(self.text, "t \"\" {} \"\" {{ {gain}, {} }}", self.outcomes, -gain).unwrap();
    }
}

/// Kuhn (1950): three cards, ante 1, one bet of 1. Value -1/18 to the first player.
pub fn kuhn() -> String {
    let mut s = Script::default();
    s.text += "EFG 2 R \"Kuhn\" { \"1\" \"2\" }\n\"\"\n\nc \"\" 1 \"\" { ";
    for deal in ["JQ", "JK", "QJ", "QK", "KJ", "KQ"] {
        write!(s.text, "\"{deal}\" 1/6 ").unwrap();
    }
    s.text += "} 0\n";
    for (a, b) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        let wins = if a > b { 1 } else { -1 };
        s.decision(0, &format!("{a}"), &["check", "bet"]);
        s.decision(1, &format!("{b}c"), &["check", "bet"]);
        s.end(wins);
        s.decision(0, &format!("{a}cb"), &["fold", "call"]);
        s.end(-1);
        s.end(2 * wins);
        s.decision(1, &format!("{b}b"), &["fold", "call"]);
        s.end(1);
        s.end(2 * wins);
    }
    s.text
}

/// Leduc poker (Southey et al. 2005): six cards of three ranks, ante 1, two rounds with raises of 2
/// and 4, at most two raises a round, one public card between the rounds.
pub fn leduc() -> String {
    let mut s = Script::default();
    s.text += "EFG 2 R \"Leduc\" { \"1\" \"2\" }\n\"\"\n\nc \"\" 1 \"\" { ";
    let deals: Vec<(usize, usize)> =
        (0..6).flat_map(|a| (0..6).filter(move |b| *b != a).map(move |b| (a, b))).collect();
    for (a, b) in &deals {
        write!(s.text, "\"{a}{b}\" 1/30 ").unwrap();
    }
    s.text += "} 0\n";
    let mut chance = 1;
    for (a, b) in deals {
        let hand = Hand { cards: [a, b], public: None };
        betting(
            &mut s,
            &hand,
            "",
            &mut chance,
            &Round { paid: [1, 1], turn: 0, raises: 0, passed: false },
        );
    }
    s.text
}

struct Hand {
    cards: [usize; 2],
    public: Option<usize>,
}

#[derive(Clone)]
struct Round {
    paid: [i32; 2],
    turn: usize,
    raises: usize,
    passed: bool,
}

fn betting(s: &mut Script, hand: &Hand, history: &str, chance: &mut usize, round: &Round) {
    let me = round.turn;
    let facing = round.paid[1 - me] > round.paid[me];
    let mut actions = Vec::new();
    if facing {
        actions.push("fold");
    }
    actions.push("call");
    if round.raises < 2 {
        actions.push("raise");
    }
    let public = hand.public.map_or("-".to_owned(), |p| p.to_string());
    s.decision(me, &format!("{}{public}{history}", hand.cards[me]), &actions);
    for action in actions {
        let mut next = round.clone();
        next.turn = 1 - me;
        match action {
            "fold" => s.end(if me == 0 { -round.paid[0] } else { round.paid[1] }),
            "call" => {
                next.paid[me] = round.paid[1 - me];
                if !facing && !round.passed {
                    next.passed = true;
                    betting(s, hand, &format!("{history}c"), chance, &next);
                } else {
                    close(s, hand, &format!("{history}c"), chance, &next);
                }
            }
            _ => {
                let size = if hand.public.is_some() { 4 } else { 2 };
                next.paid[me] = round.paid[1 - me] + size;
                next.raises += 1;
                betting(s, hand, &format!("{history}r"), chance, &next);
            }
        }
    }
}

fn close(s: &mut Script, hand: &Hand, history: &str, chance: &mut usize, round: &Round) {
    let Some(public) = hand.public else {
        let rest: Vec<usize> = (0..6).filter(|c| !hand.cards.contains(c)).collect();
        *chance += 1;
        write!(s.text, "c \"\" {chance} \"\" {{ ").unwrap();
        for c in &rest {
            write!(s.text, "\"{c}\" 1/4 ").unwrap();
        }
        s.text += "} 0\n";
        for c in rest {
            let hand = Hand { cards: hand.cards, public: Some(c) };
            let next = Round { turn: 0, raises: 0, passed: false, ..round.clone() };
            betting(s, &hand, &format!("{history}/"), chance, &next);
        }
        return;
    };
    let strength = |c: usize| if c / 2 == public / 2 { 10 } else { c / 2 };
    let (mine, theirs) = (strength(hand.cards[0]), strength(hand.cards[1]));
    s.end(match mine.cmp(&theirs) {
        std::cmp::Ordering::Greater => round.paid[1],
        std::cmp::Ordering::Less => -round.paid[0],
        std::cmp::Ordering::Equal => 0,
    });
}
