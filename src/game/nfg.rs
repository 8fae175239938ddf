//! Gambit's `.nfg` files: a normal form as payoffs cell by cell, or as numbered outcomes.
//!
//! Reading keeps every number exact. Writing gives one layout, so that a file read and written once
//! is written the same ever after. An outcome file stays an outcome file.

use super::error::GameError;
use super::lexer::{Lexer, Token, quote};
use super::normal::{NormalForm, table_size};
use super::number::Exact;
use std::fmt::Write as _;

/// A normal form with what its file says beside the payoffs.
#[derive(Debug, Clone, PartialEq)]
pub struct NfgFile {
    /// The game.
    pub game: NormalForm,
    /// The comment after the header, perhaps empty.
    pub comment: String,
    /// The outcomes, when the file lists payoffs by outcome.
    pub outcomes: Option<Outcomes>,
}

/// Payoffs listed once and shared between cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    /// Name and payoffs per outcome.
    pub list: Vec<(String, Vec<Exact>)>,
    /// Outcome of every cell, from 1; 0 is none, with payoff 0 to everyone.
    pub cells: Vec<usize>,
}

/// Reads the text of an `.nfg` file.
///
/// # Errors
/// The first mistake, with line and column. Announced sizes are checked against the length of the
/// text before any table is made.
pub fn read(text: &str) -> Result<NfgFile, GameError> {
    let mut lexer = Lexer::new(text)?;
    header(&mut lexer, "NFG", 1)?;
    let title = lexer.text("the title in quotes")?;
    let players = lexer.texts("a player's name in quotes")?;
    let actions = strategies(&mut lexer, players.len())?;
    let sizes: Vec<usize> = actions.iter().map(Vec::len).collect();
    let comment = if matches!(lexer.token(), Token::Text(_)) {
        lexer.text("a comment")?
    } else {
        String::new()
    };
    let cells = table_size(&sizes).map_err(|e| lexer.place(e))?;

    let (payoffs, outcomes) = if *lexer.token() == Token::Open {
        let outcomes = outcome_body(&mut lexer, sizes.len(), cells)?;
        let column = |i: usize| {
            let pay = |&o: &usize| match o {
                0 => Exact::zero(),
                _ => outcomes.list[o - 1].1[i].clone(),
            };
            outcomes.cells.iter().map(pay).collect()
        };
        ((0..sizes.len()).map(column).collect(), Some(outcomes))
    } else {
        (payoff_body(&mut lexer, sizes.len(), cells)?, None)
    };
    if *lexer.token() != Token::End {
        return Err(lexer.unexpected("the end of the file after the last cell"));
    }
    let game = NormalForm::exact(&sizes, payoffs).and_then(|g| g.named(title, players, actions));
    Ok(NfgFile { game: game.map_err(|e| lexer.place(e))?, comment, outcomes })
}

/// Reads the words every Gambit file starts with.
pub(super) fn header(lexer: &mut Lexer<'_>, kind: &str, version: usize) -> Result<(), GameError> {
    let wanted = format!("`{kind} {version} R`, the start of such a file");
    if *lexer.token() != Token::Symbol(kind) {
        return Err(lexer.unexpected(&wanted));
    }
    lexer.advance()?;
    if lexer.index(&wanted)? != version {
        return Err(lexer.error(format!("only version {version} of {kind} files is known")));
    }
    match lexer.symbol(&wanted)? {
        "R" | "D" => Ok(()),
        other => Err(lexer.error(format!("the number type is `R` or `D`, not `{other}`"))),
    }
}

fn strategies(lexer: &mut Lexer<'_>, players: usize) -> Result<Vec<Vec<String>>, GameError> {
    lexer.expect(&Token::Open, "`{` before the numbers or names of strategies")?;
    let mut actions = Vec::new();
    let mut cells = 1usize;
    while *lexer.token() != Token::Close {
        if actions.len() == players {
            return Err(lexer.error(format!("strategies for more than the {players} players")));
        }
        if *lexer.token() == Token::Open {
            actions.push(lexer.texts("a strategy's name in quotes")?);
        } else {
            let n = lexer.index("a number of strategies")?;
            // Every cell takes at least two bytes: a size the text cannot fill is a mistake.
            cells = cells.saturating_mul(n);
            if cells > lexer.remaining() {
                return Err(lexer.error("more cells are announced than the file can hold"));
            }
            actions.push((1..=n).map(|a| a.to_string()).collect());
        }
    }
    if actions.len() != players {
        return Err(
            lexer.error(format!("{players} players, but {} lists of strategies", actions.len()))
        );
    }
    lexer.advance()?;
    Ok(actions)
}

fn payoff_body(
    lexer: &mut Lexer<'_>,
    players: usize,
    cells: usize,
) -> Result<Vec<Vec<Exact>>, GameError> {
    if cells.saturating_mul(players) > lexer.remaining() {
        return Err(lexer.error(format!(
            "{cells} cells of {players} payoffs are announced, more than the file can hold"
        )));
    }
    let mut payoffs = vec![Vec::with_capacity(cells); players];
    for cell in 0..cells {
        for row in &mut payoffs {
            if *lexer.token() == Token::End {
                return Err(lexer.error(format!("the file ends in cell {} of {cells}", cell + 1)));
            }
            row.push(lexer.number("a payoff")?);
            if *lexer.token() == Token::Comma {
                lexer.advance()?;
            }
        }
    }
    Ok(payoffs)
}

fn outcome_body(
    lexer: &mut Lexer<'_>,
    players: usize,
    cells: usize,
) -> Result<Outcomes, GameError> {
    lexer.expect(&Token::Open, "`{`")?;
    let mut list = Vec::new();
    while *lexer.token() == Token::Open {
        lexer.advance()?;
        let name = lexer.text("an outcome's name in quotes")?;
        let payoffs = payoff_list(lexer, players)?;
        list.push((name, payoffs));
    }
    lexer.expect(&Token::Close, "`}` after the outcomes")?;
    if cells > lexer.remaining() {
        return Err(
            lexer.error(format!("{cells} cells are announced, more than the file can hold"))
        );
    }
    let mut map = Vec::with_capacity(cells);
    for _ in 0..cells {
        let start = lexer.start();
        let outcome = lexer.index("the number of an outcome")?;
        if outcome > list.len() {
            return Err(lexer.error_at(start, format!("outcomes are numbered 0 to {}", list.len())));
        }
        map.push(outcome);
    }
    Ok(Outcomes { list, cells: map })
}

/// Reads one payoff per player up to the closing brace; commas are optional.
pub(super) fn payoff_list(lexer: &mut Lexer<'_>, players: usize) -> Result<Vec<Exact>, GameError> {
    let mut payoffs = Vec::with_capacity(players.min(64));
    while *lexer.token() != Token::Close {
        if payoffs.len() == players {
            return Err(lexer.error(format!("more payoffs than the {players} players")));
        }
        payoffs.push(lexer.number("a payoff")?);
        if *lexer.token() == Token::Comma {
            lexer.advance()?;
        }
    }
    if payoffs.len() != players {
        return Err(lexer.error(format!("{} payoffs for {players} players", payoffs.len())));
    }
    lexer.advance()?;
    Ok(payoffs)
}

/// Writes the game as an `.nfg` file.
#[must_use]
pub fn write(file: &NfgFile) -> String {
    let game = &file.game;
    let mut out = String::new();
    let names: Vec<String> = game.players().iter().map(|p| quote(p)).collect();
    let _ = writeln!(out, "NFG 1 R {} {{ {} }}\n", quote(game.title()), names.join(" "));
    out.push_str("{ ");
    for (i, list) in game.actions().iter().enumerate() {
        let list: Vec<String> = list.iter().map(|a| quote(a)).collect();
        let indent = if i == 0 { "" } else { "  " };
        let _ = writeln!(out, "{indent}{{ {} }}", list.join(" "));
    }
    let _ = writeln!(out, "}}\n{}\n", quote(&file.comment));
    if let Some(outcomes) = &file.outcomes {
        out.push_str("{\n");
        for (name, payoffs) in &outcomes.list {
            let list: Vec<String> = payoffs.iter().map(Exact::to_string).collect();
            let _ = writeln!(out, "{{ {} {} }}", quote(name), list.join(", "));
        }
        out.push_str("}\n");
        let list: Vec<String> = outcomes.cells.iter().map(usize::to_string).collect();
        let _ = writeln!(out, "{}", list.join(" "));
    } else {
        for cell in 0..game.cells() {
            let row: Vec<String> =
                (0..game.count()).map(|i| game.exact_payoff(i, cell).to_string()).collect();
            let _ = writeln!(out, "{}", row.join(" "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYOFFS: &str =
        "NFG 1 R \"a \\\"b\\\"\" { \"1\" \"2\" } { 2 2 } \"why\"\n\n1 .5 -1/3 2 3 4 5 6";
    const OUTCOMES: &str = "NFG 1 D \"t\" { \"1\" \"2\" }\n{ { \"a\" \"b\" } { \"c\" \"d\" } }\n{ { \"x\" 1, 2 } { \"\" 3 4 } }\n1 2 0 1";

    #[test]
    fn a_file_written_once_is_written_the_same_ever_after() {
        for text in [PAYOFFS, OUTCOMES] {
            let file = read(text).unwrap();
            let first = write(&file);
            let again = read(&first).unwrap();
            assert_eq!(again, file);
            assert_eq!(write(&again), first);
        }
        assert_eq!(read(PAYOFFS).unwrap().game.exact_payoff(0, 1), Exact::ratio(-1, 3).unwrap());
        assert_eq!(read(OUTCOMES).unwrap().game.exact_payoff(1, 2), Exact::zero());
    }

    #[test]
    fn mistakes_carry_their_place() {
        for (text, part) in [
            ("", "line 1, column 1: expected `NFG 1 R`"),
            ("NFG 1 R \"t\" { \"1\" } { 99999999999 }\n1", "more cells are announced"),
            (
                "NFG 1 R \"t\" { \"1\" \"2\" } { 2 2 }\n1 2 3",
                "line 2, column 1: 4 cells of 2 payoffs are announced",
            ),
            ("NFG 1 R \"t\" { \"1\" } { 2 }\n1   ", "the file ends in cell 2 of 2"),
            ("NFG 1 R \"t\" { \"1\" } { 1 }\n1 2", "line 2, column 3: expected the end"),
            ("NFG 1 R \"t { ", "the quote opened here"),
            ("NFG 1 R \"t\" { \"1\" } { 1 }\n{ { \"x\" 1 } }\n2", "numbered 0 to 1"),
            ("NFG 1 R \"t\" { } { }\n", "at least one player"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
