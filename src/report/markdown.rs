//! A report as Markdown, for pasting into documents and issues: tables and words, charts by the names
//! of their files.

use super::document::{Block, Table};
use super::plain;
use std::fmt::Write;

/// A text that no sign of turns into markup.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in plain::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// The whole text.
#[must_use]
pub fn page(title: &str, subtitle: &str, blocks: &[Block]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", escape(title), escape(subtitle));
    blocks.iter().for_each(|block| self::block(block, &mut out));
    out
}

fn block(block: &Block, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match block {
        Block::Section(_, name) => write!(out, "## {}\n\n", escape(name)),
        Block::Heading(text) => write!(out, "### {}\n\n", escape(text)),
        Block::Text(text) => write!(out, "{}\n\n", escape(text)),
        Block::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", escape(item));
            }
            writeln!(out)
        }
        Block::Table(table) => {
            self::table(table, out);
            Ok(())
        }
        Block::Figure(figure) => write!(
            out,
            "![{}](charts/{}.svg)\n\n",
            escape(&figure.alt),
            figure.name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_")
        ),
        Block::Lines(text) => {
            for line in text.lines() {
                // Four blanks make lines of code, in which nothing is markup.
                let _ = writeln!(out, "    {}", plain::line(line));
            }
            writeln!(out)
        }
        Block::Folded(summary, blocks) => {
            let _ = write!(out, "### {}\n\n", escape(summary));
            blocks.iter().for_each(|block| self::block(block, out));
            Ok(())
        }
    };
}

fn table(table: &Table, out: &mut String) {
    let _ = write!(out, "{}\n\n", escape(&table.caption));
    let heads: Vec<String> = table.columns.iter().map(|column| escape(&column.name)).collect();
    let rules: Vec<&str> =
        table.columns.iter().map(|c| if c.figures { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "| {} |\n| {} |", heads.join(" | "), rules.join(" | "));
    for row in &table.rows {
        let cells = row.iter().map(|cell| {
            let text = escape(&cell.text);
            let text = if cell.strong { format!("**{text}**") } else { text };
            let notes: Vec<String> = cell.note.lines().map(escape).collect();
            if notes.is_empty() { text } else { format!("{text}<br>{}", notes.join("<br>")) }
        });
        let _ = writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Cell, Column};

    #[test]
    fn texts_stay_texts() {
        let hostile = "a|b <script> [x](y) ![z] `c` *d* _e_ # & \n| new row";
        let table = Table {
            caption: hostile.into(),
            columns: vec![Column::words(hostile)],
            rows: vec![vec![Cell::text(hostile).note(hostile)]],
        };
        let text = page(hostile, hostile, &[Block::Table(table)]);
        assert!(!text.contains("<script") && !text.contains("[x](") && !text.contains("\n| new"));
        let row = text.lines().find(|line| line.contains("<br>")).unwrap();
        let bars = row.matches('|').count() - row.matches("\\|").count();
        assert_eq!(bars, 2, "{row}");
    }
}
