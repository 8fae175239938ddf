//! Gambit's `.efg` files: a tree in prefix order.
//!
//! A set's label and actions may be left out after the first mention, and so may an outcome's payoffs;
//! when repeated they must agree. Writing repeats them always, in one layout, so that a file read and
//! written once is written the same ever after.

use super::error::GameError;
use super::lexer::{Lexer, Token, quote};
use super::nfg::{header, payoff_list};
use super::number::Exact;
use super::tree::{Chance, Entry, InfoSet, Move, Outcome, Tree};
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Default)]
struct Parts {
    sets: Vec<InfoSet>,
    set_index: BTreeMap<(usize, usize), usize>,
    chances: Vec<Chance>,
    chance_index: BTreeMap<usize, usize>,
    outcomes: Vec<Outcome>,
    outcome_index: BTreeMap<usize, usize>,
}

/// Reads the text of an `.efg` file.
///
/// # Errors
/// The first mistake, with line and column. Trees of any depth are read without recursion.
pub fn read(text: &str) -> Result<Tree, GameError> {
    let mut lexer = Lexer::new(text)?;
    header(&mut lexer, "EFG", 2)?;
    let title = lexer.text("the title in quotes")?;
    let players = lexer.texts("a player's name in quotes")?;
    let comment = if matches!(lexer.token(), Token::Text(_)) {
        lexer.text("a comment")?
    } else {
        String::new()
    };
    let mut parts = Parts::default();
    let mut entries = Vec::new();
    // Branches still to be given; a file that goes on after the last is refused at that word.
    let mut missing: usize = 1;
    while *lexer.token() != Token::End {
        if missing == 0 {
            return Err(lexer.error("the tree is complete, but the file goes on"));
        }
        let entry = node(&mut lexer, &mut parts, players.len())?;
        let branches = match entry.turn {
            Move::End => 0,
            Move::Chance(c) => parts.chances[c].branches.len(),
            Move::Decision(h) => parts.sets[h].actions.len(),
        };
        missing = missing - 1 + branches;
        entries.push(entry);
    }
    if missing > 0 {
        return Err(lexer.error(format!("the file ends, but {missing} branches are still to come")));
    }
    let tree = Tree::new(players, parts.sets, parts.chances, parts.outcomes, entries);
    let mut tree = tree.map_err(|e| lexer.place(e))?;
    (tree.title, tree.comment) = (title, comment);
    Ok(tree)
}

fn node(lexer: &mut Lexer<'_>, parts: &mut Parts, players: usize) -> Result<Entry, GameError> {
    let kind = match lexer.token() {
        Token::Symbol(kind @ ("c" | "p" | "t")) => *kind,
        _ => return Err(lexer.unexpected("a node: `c`, `p` or `t`")),
    };
    lexer.advance()?;
    let label = lexer.text("the node's name in quotes")?;
    let turn = match kind {
        "c" => Move::Chance(chance(lexer, parts)?),
        "p" => Move::Decision(decision(lexer, parts, players)?),
        _ => Move::End,
    };
    let outcome = outcome(lexer, parts, players)?;
    Ok(Entry { label, turn, outcome })
}

fn decision(lexer: &mut Lexer<'_>, parts: &mut Parts, players: usize) -> Result<usize, GameError> {
    let start = lexer.start();
    let player = lexer.index("the number of a player")?;
    if player == 0 || player > players {
        return Err(lexer.error_at(start, format!("players are numbered 1 to {players}")));
    }
    let start = lexer.start();
    let number = lexer.index("the number of an information set")?;
    let label =
        if matches!(lexer.token(), Token::Text(_)) { Some(lexer.text("a name")?) } else { None };
    let actions =
        if *lexer.token() == Token::Open { Some(lexer.texts("an action's name")?) } else { None };
    if let Some(&known) = parts.set_index.get(&(player, number)) {
        let set = &parts.sets[known];
        if actions.is_some_and(|a| a != set.actions) || label.is_some_and(|l| l != set.label) {
            return Err(lexer.error_at(
                start,
                format!("information set {number} of player {player} had another name or actions"),
            ));
        }
        return Ok(known);
    }
    let actions = actions.filter(|a| !a.is_empty()).ok_or_else(|| {
        lexer.error_at(start, format!("information set {number} of player {player} has no actions"))
    })?;
    parts.set_index.insert((player, number), parts.sets.len());
    let label = label.unwrap_or_default();
    parts.sets.push(InfoSet { player: player - 1, number, label, actions });
    Ok(parts.sets.len() - 1)
}

fn chance(lexer: &mut Lexer<'_>, parts: &mut Parts) -> Result<usize, GameError> {
    let start = lexer.start();
    let number = lexer.index("the number of a chance move")?;
    let label =
        if matches!(lexer.token(), Token::Text(_)) { Some(lexer.text("a name")?) } else { None };
    let mut branches = Vec::new();
    if *lexer.token() == Token::Open {
        lexer.advance()?;
        while *lexer.token() != Token::Close {
            let name = lexer.text("the name of a branch")?;
            branches.push((name, lexer.number("a probability")?));
            if *lexer.token() == Token::Comma {
                lexer.advance()?;
            }
        }
        lexer.advance()?;
    }
    if let Some(&known) = parts.chance_index.get(&number) {
        let before = &parts.chances[known];
        let differs = !branches.is_empty() && branches != before.branches;
        if differs || label.is_some_and(|l| l != before.label) {
            return Err(lexer.error_at(
                start,
                format!("chance move {number} had another name or probabilities before"),
            ));
        }
        return Ok(known);
    }
    let sum = branches.iter().fold(Exact::zero(), |s, (_, p)| s.plus(p));
    if branches.is_empty() || sum != Exact::integer(1) {
        return Err(lexer.error_at(
            start,
            format!("the probabilities of chance move {number} sum to {sum}, not to 1"),
        ));
    }
    if branches.iter().any(|(_, p)| p.is_negative()) {
        return Err(lexer.error_at(start, format!("chance move {number}: negative probability")));
    }
    parts.chance_index.insert(number, parts.chances.len());
    parts.chances.push(Chance { number, label: label.unwrap_or_default(), branches });
    Ok(parts.chances.len() - 1)
}

fn outcome(
    lexer: &mut Lexer<'_>,
    parts: &mut Parts,
    players: usize,
) -> Result<Option<usize>, GameError> {
    let start = lexer.start();
    let number = lexer.index("the number of an outcome")?;
    let label =
        if matches!(lexer.token(), Token::Text(_)) { Some(lexer.text("a name")?) } else { None };
    let payoffs = if *lexer.token() == Token::Open {
        lexer.advance()?;
        Some(payoff_list(lexer, players)?)
    } else {
        None
    };
    if number == 0 {
        if payoffs.is_some() {
            return Err(lexer.error_at(start, "outcome 0 is none and pays nothing"));
        }
        return Ok(None);
    }
    if let Some(&known) = parts.outcome_index.get(&number) {
        let before = &parts.outcomes[known];
        if payoffs.is_some_and(|p| p != before.payoffs) || label.is_some_and(|l| l != before.label)
        {
            return Err(
                lexer.error_at(start, format!("outcome {number} had another name or payoffs"))
            );
        }
        return Ok(Some(known));
    }
    let payoffs = payoffs
        .ok_or_else(|| lexer.error_at(start, format!("outcome {number} is given no payoffs")))?;
    parts.outcome_index.insert(number, parts.outcomes.len());
    parts.outcomes.push(Outcome { number, label: label.unwrap_or_default(), payoffs });
    Ok(Some(parts.outcomes.len() - 1))
}

/// Writes the tree as an `.efg` file.
#[must_use]
pub fn write(tree: &Tree) -> String {
    let mut out = String::new();
    let names: Vec<String> = tree.players().iter().map(|p| quote(p)).collect();
    let _ = writeln!(out, "EFG 2 R {} {{ {} }}", quote(&tree.title), names.join(" "));
    let _ = writeln!(out, "{}\n", quote(&tree.comment));
    for node in 0..tree.len() {
        let label = quote(tree.label(node));
        match tree.turn(node) {
            Move::End => {
                let _ = write!(out, "t {label} ");
            }
            Move::Chance(c) => {
                let chance = &tree.chances()[c];
                let odds: Vec<String> =
                    chance.branches.iter().map(|(n, p)| format!("{} {p}", quote(n))).collect();
                let (number, name) = (chance.number, quote(&chance.label));
                let _ = write!(out, "c {label} {number} {name} {{ {} }} ", odds.join(" "));
            }
            Move::Decision(h) => {
                let set = &tree.sets()[h];
                let actions: Vec<String> = set.actions.iter().map(|a| quote(a)).collect();
                let (player, number, name) = (set.player + 1, set.number, quote(&set.label));
                let actions = actions.join(" ");
                let _ = write!(out, "p {label} {player} {number} {name} {{ {actions} }} ");
            }
        }
        match tree.outcome(node) {
            None => out.push_str("0\n"),
            Some(o) => {
                let outcome = &tree.outcomes()[o];
                let pay: Vec<String> = outcome.payoffs.iter().map(Exact::to_string).collect();
                let (number, name) = (outcome.number, quote(&outcome.label));
                let _ = writeln!(out, "{number} {name} {{ {} }}", pay.join(", "));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const POKER: &str = include_str!("../../tests/games/simple_poker.efg");
    const CHAIN: &str = include_str!("../../tests/games/chain_store_2.efg");

    #[test]
    fn a_tree_is_written_as_it_was_read() {
        for text in [POKER, CHAIN] {
            let tree = read(text).unwrap();
            assert_eq!(write(&tree), text);
            assert!(tree.forgetful().is_none());
        }
        let tree = read(POKER).unwrap();
        assert!(tree.is_constant_sum() && !tree.is_perfect_information());
        assert!(!read(CHAIN).unwrap().is_constant_sum());
    }

    #[test]
    fn what_is_said_before_may_be_left_out() {
        let text = "EFG 2 D \"t\" { \"a\" \"b\" }\nc \"\" 1 \"\" { \"x\" 0.5 \"y\" .5 } 0\n\
                    p \"\" 1 1 \"\" { \"l\" \"r\" } 0 t \"\" 1 \"w\" { 1 -1 } t \"\" 2 \"\" { 0 0 }\n\
                    p \"\" 1 1 0 t \"\" 1 t \"\" 2";
        let tree = read(text).unwrap();
        assert_eq!(tree.members(0).len(), 2);
        let first = write(&tree);
        assert_eq!(write(&read(&first).unwrap()), first);
    }

    #[test]
    fn forgetting_is_noticed() {
        // The absent-minded driver: one set twice on one path (Piccione & Rubinstein 1997).
        let driver = "EFG 2 R \"\" { \"d\" }\np \"\" 1 1 \"\" { \"e\" \"c\" } 0\nt \"\" 1 \"\" { 0 }\n\
                      p \"\" 1 1 0\nt \"\" 2 \"\" { 4 }\nt \"\" 3 \"\" { 1 }";
        assert_eq!(read(driver).unwrap().forgetful(), Some(0));
    }

    #[test]
    fn mistakes_carry_their_place() {
        let head = "EFG 2 R \"t\" { \"a\" }\n";
        for (body, part) in [
            ("", "1 branches are still to come"),
            ("p \"\" 1 1 0", "line 2, column 8: information set 1 of player 1 has no actions"),
            ("p \"\" 2 1 \"\" { \"x\" } 0", "line 2, column 6: players are numbered 1 to 1"),
            ("c \"\" 1 \"\" { \"x\" 1/2 \"y\" 1/3 } 0", "line 2, column 6: the probabilities"),
            ("c \"\" 1 \"\" { \"x\" 2 \"y\" -1 } 0", "negative"),
            ("t \"\" 1 \"\" { 1, 2 }", "more payoffs than the 1 players"),
            ("t \"\" 7", "outcome 7 is given no payoffs"),
            ("t \"\" 0 t \"\" 0", "line 2, column 8: the tree is complete"),
            (
                "p \"\" 1 1 \"\" { \"x\" } 0 p \"\" 1 1 \"\" { \"y\" } 0",
                "had another name or actions",
            ),
            ("q", "expected a node"),
        ] {
            let message = read(&format!("{head}{body}")).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
