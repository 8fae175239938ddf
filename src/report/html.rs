//! A report as one HTML file that asks the network for nothing.
//!
//! Every text passes [`escape`]; only drawings, which the program itself wrote, go in as they are. A
//! content security policy allows the one style sheet, the one script by its hash, and the embedded
//! font, and nothing else.

use super::document::{Bar, Block, Cell, Column, Figure, Numbers, Table};
use super::plain;
use crate::chart::{REGULAR, SEMIBOLD};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write;

const STYLE: &str = include_str!("html/style.css");
const SLIDES: &str = include_str!("html/slides.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Lines of a table that is kept on one sheet of paper at most.
const LINES: usize = 40;

/// A text as HTML shows it, in an element or in a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.lines().map(plain::line).collect::<Vec<_>>().join("\n").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The beginning of a file, up to and with the tag of its body.
fn head(title: &str, style: &str, class: &str) -> String {
    let mut out = String::new();
    let script = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'; font-src data:; img-src data:; script-src 'sha256-{script}'; base-uri \
         'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n",
        escape(title)
    );
    for (weight, font) in [("400", REGULAR), ("600 700", SEMIBOLD)] {
        let _ = writeln!(
            out,
            "@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/ttf;base64,{})}}",
            STANDARD.encode(font)
        );
    }
    let _ = write!(out, "{STYLE}{style}</style>\n</head>\n<body{class}>\n");
    out
}

/// The end of a file.
fn foot(out: &mut String) {
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
}

/// The whole file.
#[must_use]
pub fn page(title: &str, subtitle: &str, blocks: &[Block]) -> String {
    let mut out = head(title, "", "");
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n\
         <header>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(title),
        escape(subtitle)
    );
    contents(blocks, &mut out);
    out.push_str("</header>\n<main>\n");
    let mut open = false;
    for block in blocks {
        if let Block::Section(anchor, name) = block {
            if open {
                out.push_str("</section>\n");
            }
            open = true;
            let _ = writeln!(
                out,
                "<section id=\"{anchor}\" tabindex=\"-1\" aria-labelledby=\"{anchor}-title\">\n<h2 id=\"{anchor}-title\">{}</h2>",
                escape(name)
            );
        } else {
            self::block(block, &mut out);
        }
    }
    if open {
        out.push_str("</section>\n");
    }
    foot(&mut out);
    out
}

/// Slides: one for each list of blocks, with its heading. A chart has its heading within, so the
/// heading of its slide is for those who cannot see it.
#[must_use]
pub fn slides(title: &str, subtitle: &str, slides: &[(String, Vec<Block>)]) -> String {
    let mut out = head(title, SLIDES, " class=\"slides\"");
    let _ = write!(
        out,
        "<header class=\"slide\">\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n</header>\n<main>\n",
        escape(title),
        escape(subtitle)
    );
    for (place, (heading, blocks)) in slides.iter().enumerate() {
        let drawn = matches!(blocks.as_slice(), [Block::Figure(_)]);
        let class = if drawn { " class=\"unseen\"" } else { "" };
        let _ = writeln!(
            out,
            "<section class=\"slide\" aria-labelledby=\"slide-{place}\">\n<h2 id=\"slide-{place}\"{class}>{}</h2>",
            escape(heading)
        );
        blocks.iter().for_each(|block| self::block(block, &mut out));
        out.push_str("</section>\n");
    }
    foot(&mut out);
    out
}

fn contents(blocks: &[Block], out: &mut String) {
    out.push_str("<nav aria-label=\"Contents\"><ol>\n");
    for block in blocks {
        if let Block::Section(anchor, name) = block {
            let _ = writeln!(out, "<li><a href=\"#{anchor}\">{}</a></li>", escape(name));
        }
    }
    out.push_str("</ol></nav>\n");
}

fn block(block: &Block, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match block {
        Block::Section(..) => Ok(()),
        Block::Heading(text) => writeln!(out, "<h3>{}</h3>", escape(text)),
        Block::Text(text) => writeln!(out, "<p>{}</p>", escape(text)),
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                let _ = writeln!(out, "<li>{}</li>", escape(item));
            }
            writeln!(out, "</ul>")
        }
        Block::Table(table) => {
            self::table(table, |_| None, out);
            Ok(())
        }
        Block::Figure(figure) => {
            self::figure(figure, out);
            Ok(())
        }
        Block::Lines(text) => writeln!(out, "<pre>{}</pre>", escape(text)),
        Block::Folded(summary, blocks) => {
            let _ = writeln!(out, "<details><summary>{}</summary>", escape(summary));
            blocks.iter().for_each(|block| self::block(block, out));
            writeln!(out, "</details>")
        }
    };
}

/// A table whose rows may stand at places along a chart.
fn table<'a>(table: &Table, place: impl Fn(usize) -> Option<&'a f64>, out: &mut String) {
    let caption = escape(&table.caption);
    // A table that fits half a sheet of paper is kept together there.
    let high = |cell: &Cell| 1 + cell.note.lines().count() + usize::from(cell.bar.is_some());
    let lines = table.rows.iter().map(|row| row.iter().map(high).max().unwrap_or(1));
    let short = if lines.sum::<usize>() <= LINES { " short" } else { "" };
    let _ = writeln!(
        out,
        "<div class=\"wide{short}\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n<thead><tr>"
    );
    for Column { name, figures } in &table.columns {
        let class = if *figures { " class=\"figures\"" } else { "" };
        let _ = writeln!(
            out,
            "<th scope=\"col\"{class}><button type=\"button\">{}</button></th>",
            escape(name)
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (number, row) in table.rows.iter().enumerate() {
        match place(number) {
            Some(at) => drop(write!(out, "<tr data-at=\"{at}\">")),
            None => out.push_str("<tr>"),
        }
        for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            self::cell(cell, column, place == 0, out);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn cell(cell: &Cell, column: &Column, head: bool, out: &mut String) {
    let tag = if head { "th scope=\"row\"" } else { "td" };
    let _ = write!(out, "<{tag}");
    if column.figures {
        out.push_str(" class=\"figures\"");
    }
    if let Some(key) = cell.key.filter(|key| key.is_finite()) {
        let _ = write!(out, " data-key=\"{key}\"");
    }
    out.push('>');
    let text = escape(&cell.text);
    let _ =
        if cell.strong { write!(out, "<strong>{text}</strong>") } else { write!(out, "{text}") };
    if let Some(bar) = &cell.bar {
        self::bar(bar, out);
    }
    for line in cell.note.lines() {
        let _ = write!(out, "<small>{}</small>", escape(line));
    }
    out.push_str(if head { "</th>" } else { "</td>" });
}

/// The bar says what the text beside it says, so it is hidden from screen readers.
fn bar(bar: &Bar, out: &mut String) {
    out.push_str("<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let x = |v: f64| 100.0 * v.clamp(0.0, 1.0);
    let _ = match bar {
        Bar::Share(share) => write!(
            out,
            "<rect class=\"all\" width=\"100\" height=\"8\"/><rect class=\"part\" width=\"{:.2}\" height=\"8\"/>",
            x(*share)
        ),
        Bar::Quantiles(q) => write!(
            out,
            "<rect class=\"all\" x=\"{:.2}\" y=\"3\" width=\"{:.2}\" height=\"2\"/>\
             <rect class=\"part\" x=\"{:.2}\" y=\"1\" width=\"{:.2}\" height=\"6\"/>\
             <rect class=\"mark\" x=\"{:.2}\" width=\"1.6\" height=\"8\"/>",
            x(q[0]),
            (x(q[4]) - x(q[0])).max(0.5),
            x(q[1]),
            (x(q[3]) - x(q[1])).max(0.5),
            (x(q[2]) - 0.8).clamp(0.0, 98.4)
        ),
    };
    out.push_str("</svg>");
}

fn figure(figure: &Figure, out: &mut String) {
    let _ = writeln!(out, "<figure id=\"chart-{}\">", escape(&figure.name));
    let narrow = figure.narrow.as_ref();
    let wide = if narrow.is_some() { " broad" } else { "" };
    let _ = writeln!(out, "<div class=\"light{wide}\">{}</div>", figure.light);
    let _ = writeln!(out, "<div class=\"dark{wide}\">{}</div>", figure.dark);
    if let Some((light, dark)) = narrow {
        let _ = writeln!(out, "<div class=\"light narrow\">{light}</div>");
        let _ = writeln!(out, "<div class=\"dark narrow\">{dark}</div>");
    }
    if figure.numbers.as_ref().is_some_and(|numbers| !numbers.places.is_empty()) {
        // Without a script there is nothing to move.
        let _ = writeln!(
            out,
            "<div class=\"read\" hidden><input type=\"range\" min=\"0\" value=\"0\" aria-label=\"Read off: {}\"><p class=\"said\" aria-hidden=\"true\"></p></div>",
            escape(&figure.title)
        );
    }
    let _ = writeln!(
        out,
        "<figcaption><details><summary>The chart in words</summary>{}</details>",
        escape(&figure.alt)
    );
    if let Some(numbers) = &figure.numbers {
        self::numbers(numbers, out);
    }
    out.push_str("</figcaption>\n</figure>\n");
}

/// The numbers of a chart, folded away; each row with its place along the chart.
fn numbers(numbers: &Numbers, out: &mut String) {
    let dated = if numbers.dated { " data-dated" } else { "" };
    let _ = writeln!(out, "<details class=\"numbers\"{dated}><summary>The numbers</summary>");
    let place = |row: usize| numbers.places.get(row).filter(|place| place.is_finite());
    self::table(&numbers.table, place, out);
    out.push_str("</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "</td><script>alert(1)</script>\"' onload=x & =1+1\u{202e}";

    #[test]
    fn nothing_of_a_text_becomes_markup() {
        let table = Table {
            caption: HOSTILE.into(),
            columns: vec![Column::words(HOSTILE), Column::figures(HOSTILE)],
            rows: vec![vec![
                Cell::text(HOSTILE).note(HOSTILE),
                Cell { strong: true, key: Some(f64::NAN), ..Cell::text(HOSTILE) },
            ]],
        };
        let figure = Figure {
            name: HOSTILE.into(),
            title: HOSTILE.into(),
            alt: HOSTILE.into(),
            light: "<svg></svg>".into(),
            dark: "<svg></svg>".into(),
            narrow: None,
            numbers: Some(Numbers {
                table: table.clone(),
                places: vec![f64::INFINITY],
                dated: true,
            }),
        };
        let blocks = [
            Block::Section("answer", HOSTILE.into()),
            Block::Heading(HOSTILE.into()),
            Block::Text(HOSTILE.into()),
            Block::List(vec![HOSTILE.into()]),
            Block::Table(table),
            Block::Figure(Box::new(figure)),
            Block::Lines(HOSTILE.into()),
            Block::Folded(HOSTILE.into(), vec![Block::Text(HOSTILE.into())]),
        ];
        let page = [
            page(HOSTILE, HOSTILE, &blocks),
            slides(HOSTILE, HOSTILE, &[(HOSTILE.into(), blocks.to_vec())]),
        ];
        for page in page {
            is_text(&page);
        }
    }

    fn is_text(page: &str) {
        // One script, ours; and no other sign of markup or attribute made from the text.
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(
            page.matches("alert(1)").count(),
            page.matches("&lt;script&gt;alert(1)").count()
        );
        assert!(page.matches("alert(1)").count() >= 15);
        assert!(!page.contains("\"' onload") && !page.contains('\u{202e}'));
        assert!(!page.contains("NaN"));
    }

    #[test]
    fn the_file_asks_for_nothing() {
        let page = page("Title", "Lead", &[Block::Section("answer", "Answer".into())]);
        for outside in ["http://", "https://", "src=", "@import", "url(//", "fetch(", "XMLHttp"] {
            let found = page.replace("http://www.w3.org", "");
            assert!(!found.contains(outside), "{outside}");
        }
        for landmark in ["<main>", "<header>", "<nav aria-label", "lang=\"en\"", "<h1>Title</h1>"] {
            assert!(page.contains(landmark), "{landmark}");
        }
    }
}
