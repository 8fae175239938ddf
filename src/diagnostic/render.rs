//! Findings as terminal text, drawn by `annotate-snippets`.
//!
//! The drawing crate is never handed the scenario itself: each place is cut out as one short line
//! in which control and direction-changing characters are replaced, so that its cost does not grow
//! with the file and no escape sequence of a scenario reaches the terminal.

use super::{Diagnostic, Places, Severity, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Findings shown before the rest is only counted.
const SHOWN: usize = 50;
/// Characters of a source line that are shown before and after the start of the place.
const BEFORE: usize = 60;
const AFTER: usize = 100;
/// Characters of a sentence, label or remedy that are shown.
const WORDS: usize = 600;

pub(super) fn render(
    list: &[Diagnostic],
    count: usize,
    name: &str,
    text: &str,
    colour: bool,
) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(BEFORE + AFTER + 40);
    let name = clean(name);
    let mut places = Places::new(text);
    let mut out = String::new();
    for diagnostic in list.iter().take(SHOWN) {
        let drawn = renderer.render(&[group(diagnostic, &name, &places)]);
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&with_true_columns(drawn, diagnostic, &name, &mut places));
        out.push('\n');
    }
    if count > list.len().min(SHOWN) {
        out.push_str(&format!("and {} more\n", count - list.len().min(SHOWN)));
    }
    out
}

/// Columns count from the start of the true line, not from where the excerpt was cut.
fn with_true_columns(
    mut drawn: String,
    diagnostic: &Diagnostic,
    name: &str,
    places: &mut Places<'_>,
) -> String {
    let mut from = 0;
    for span in diagnostic.span.iter().chain(diagnostic.related.iter().map(|(span, _)| span)) {
        let excerpt = Excerpt::cut(places, *span);
        let shown = excerpt.text[..excerpt.marked.start].chars().count() + 1;
        let (line, column) = places.line_column(span.start as usize);
        let cut = format!("{name}:{line}:{shown}");
        if let Some(at) = drawn[from..].find(&cut) {
            let (start, end) = (from + at, from + at + cut.len());
            let whole = format!("{name}:{line}:{column}");
            from = start + whole.len();
            if excerpt.is_cut_left {
                drawn.replace_range(start..end, &whole);
            }
        }
    }
    drawn
}

fn group<'a>(diagnostic: &Diagnostic, name: &'a str, places: &Places<'_>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(
        level.primary_title(clean(&diagnostic.message)).id(diagnostic.code.to_string()),
    );
    if let Some(span) = diagnostic.span {
        let excerpt = Excerpt::cut(places, span);
        group = group.element(excerpt.snippet(name, AnnotationKind::Primary, &diagnostic.label));
    }
    for (span, words) in &diagnostic.related {
        let excerpt = Excerpt::cut(places, *span);
        group = group.element(excerpt.snippet(name, AnnotationKind::Context, words));
    }
    if let Some(branch) = &diagnostic.context {
        group = group.element(Level::NOTE.message(format!("in branch `{}`", clean(branch))));
    }
    for words in &diagnostic.help {
        group = group.element(Level::HELP.message(clean(words)));
    }
    group
}

/// One line of the scenario, made safe to show, with the part of it that is underlined.
struct Excerpt {
    line: usize,
    text: String,
    marked: Range<usize>,
    is_cut_left: bool,
}

impl Excerpt {
    /// The line on which a place starts; a place over several lines is underlined to the end of the
    /// first of them.
    fn cut(places: &Places<'_>, span: Span) -> Excerpt {
        let text = places.text;
        let start = text.floor_char_boundary(span.start as usize);
        let line = places.line_of(start);
        let (line_start, line_end) = places.line_range(line);
        let start = start.min(line_end);
        let end = text.ceil_char_boundary((span.end as usize).min(text.len())).min(line_end);
        let end = end.max(start);

        let before = &text[line_start..start];
        let kept_before: Vec<char> = before.chars().rev().take(BEFORE).collect();
        let is_cut_left = kept_before.iter().map(|c| c.len_utf8()).sum::<usize>() < before.len();
        let mut shown = String::new();
        if is_cut_left {
            shown.push('…');
        }
        shown.extend(kept_before.into_iter().rev().map(safe));
        let marked_start = shown.len();
        let mut marked_end = marked_start;
        let mut rest = text[start..line_end].char_indices();
        for (at, c) in rest.by_ref().take(AFTER) {
            shown.push(safe(c));
            if start + at < end {
                marked_end = shown.len();
            }
        }
        if rest.next().is_some() {
            shown.push('…');
        }
        Excerpt { line: line + 1, text: shown, marked: marked_start..marked_end, is_cut_left }
    }

    fn snippet<'a>(
        self,
        name: &'a str,
        kind: AnnotationKind,
        label: &str,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let annotation = kind.span(self.marked);
        let annotation = if label.is_empty() { annotation } else { annotation.label(clean(label)) };
        Snippet::source(self.text)
            .path(name)
            .line_start(self.line)
            .fold(false)
            .annotation(annotation)
    }
}

/// The character, or a visible stand-in if a terminal might obey it instead of showing it.
fn safe(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{7f}' => '␡',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        _ => c,
    }
}

/// Words in one line, safe to show and of bounded length.
fn clean(words: &str) -> String {
    let mut chars = words.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { safe(c) });
    let mut short: String = chars.by_ref().take(WORDS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::super::{Diagnostic, Diagnostics, Span};

    fn one(diagnostic: Diagnostic, text: &str) -> String {
        Diagnostics::from(diagnostic).render("x.ron", text, false)
    }

    #[test]
    fn looks_like_a_compiler_message() {
        let text = "(\n  moves: [\n    (lag_day: 3),\n  ],\n)\n";
        let at = text.find("lag_day").unwrap();
        let shown = one(
            Diagnostic::error("E011", "unknown field `lag_day`")
                .at(Span::new(at, at + 7))
                .label("not a field of a move")
                .help("did you mean `lag_days`?")
                .related(Span::new(4, 9), "in this list"),
            text,
        );
        assert_eq!(
            shown,
            "error[E011]: unknown field `lag_day`
 --> x.ron:3:6
  |
3 |     (lag_day: 3),
  |      ^^^^^^^ not a field of a move
  |
 ::: x.ron:2:3
  |
2 |   moves: [
  |   ----- in this list
  |
  = help: did you mean `lag_days`?
"
        );
    }

    #[test]
    fn never_lets_a_control_character_through() {
        let text = "a\u{1b}[31m\u{9b}31m\u{202e}\tx\u{7}\u{0}\r\nb";
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                let shown = one(
                    Diagnostic::error("E010", "bad \u{1b}[0m\nline")
                        .at(Span::new(start, end))
                        .label("\u{1b}]0;title\u{7}")
                        .help("\u{9b}x")
                        .related(Span::new(end, end + 1), "\u{1b}"),
                    text,
                );
                assert!(
                    shown.chars().all(|c| c == '\n' || !c.is_control()),
                    "{start}..{end}: {shown:?}"
                );
            }
        }
    }

    #[test]
    fn cuts_long_lines_and_keeps_the_true_column() {
        let text = format!("{}here{}", "ü".repeat(50_000), "€".repeat(50_000));
        let shown = one(Diagnostic::error("E010", "bad").at(Span::new(100_000, 100_004)), &text);
        assert!(shown.contains("x.ron:1:50001"), "{shown}");
        assert!(shown.contains("here") && shown.contains("^^^^"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() < 200), "{shown}");
    }

    #[test]
    fn spans_past_the_end_and_wrong_spans_are_harmless() {
        for (start, end) in [(0, 0), (5, 5), (500, 900), (3, 1), (0, u32::MAX)] {
            let span = Span { start, end };
            for text in ["", "\n", "ab\ncd", "ab\r\n"] {
                let shown = one(Diagnostic::warning("W001", "odd").at(span), text);
                assert!(shown.starts_with("warning[W001]: odd\n"), "{shown}");
            }
        }
    }

    #[test]
    fn many_are_capped_and_counted() {
        let all: Diagnostics = (0..73)
            .map(|i| Diagnostic::error("E010", format!("bad {i}")))
            .collect::<Vec<_>>()
            .into();
        let shown = all.render("x.ron", "", false);
        assert_eq!(shown.matches("error[E010]").count(), 50);
        assert!(shown.ends_with("and 23 more\n"), "{shown}");
    }

    #[test]
    fn colour_is_only_added_when_asked_for() {
        let all: Diagnostics = Diagnostic::error("E010", "bad").at(Span::new(0, 1)).into();
        assert!(all.render("x.ron", "abc", true).contains("\u{1b}["));
        assert!(!all.render("x.ron", "abc", false).contains('\u{1b}'));
    }
}
