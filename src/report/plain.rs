//! Texts of a scenario made safe to show: no control characters, no hidden direction marks.

use std::borrow::Cow;

/// The text without control and direction characters; line breaks and tabs become spaces.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(shown) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(' '),
        c if shown(c) => Some(c),
        _ => None,
    });
    Cow::Owned(kept.collect())
}

/// Whether a character may reach a terminal.
fn shown(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !c.is_control() && !hidden
}

/// A sentence with its first letter large and a full stop at its end.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = line(text.trim());
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut out: String = first.to_uppercase().chain(chars).collect();
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

/// The text cut to at most `most` characters; a cut is shown by an ellipsis.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    let text = line(text);
    if text.chars().count() <= most {
        return text.into_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_pass() {
        assert_eq!(line("a\u{1b}[31mb\u{7}\nc\u{202e}d"), "a[31mb cd");
        assert!(matches!(line("plain – text"), Cow::Borrowed(_)));
    }

    #[test]
    fn sentences_begin_large_and_end() {
        assert_eq!(sentence("washington waits"), "Washington waits.");
        assert_eq!(sentence("Done!"), "Done!");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn cuts_are_shown() {
        assert_eq!(short("escalation", 6), "escal…");
        assert_eq!(short("calm", 6), "calm");
    }
}
