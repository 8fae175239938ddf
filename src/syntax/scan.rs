//! Tokens of a scenario text, as far as messages need them.
//!
//! The grammar is RON's; this scanner only tells where text in quotes, comments, words and brackets
//! begin and end, on right and on wrong texts alike. It never fails and takes one pass.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in quotes, plain or raw.
    Text,
    /// A word or a number.
    Word,
    /// A single other character.
    Mark(char),
}

/// A token: bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// Iterates over the tokens of a text from some offset.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

/// The tokens from byte `from` on, which must not lie inside a token.
pub(super) fn tokens(text: &str, from: usize) -> Tokens<'_> {
    Tokens { text, at: text.floor_char_boundary(from) }
}

impl Iterator for Tokens<'_> {
    type Item = Token;
    fn next(&mut self) -> Option<Token> {
        let start = skip_blank(self.text, self.at);
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        let (length, kind) = if let Some(length) = quoted(rest) {
            (length, Kind::Text)
        } else if is_word(first) {
            (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), Kind::Word)
        } else {
            (first.len_utf8(), Kind::Mark(first))
        };
        self.at = start + length;
        Some(Token { start, end: self.at, kind })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-')
}

/// White space of RON.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\u{85}' | '\u{200E}' | '\u{200F}')
        || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The offset of the next character that is neither blank nor in a comment.
fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += block_comment(rest);
        } else {
            let blank = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
            if blank == 0 {
                return at;
            }
            at += blank;
        }
    }
}

/// Length of the comment at the start of `rest`; comments nest, an open one reaches to the end.
fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut level, mut at) = (0usize, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => {
                level += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                level -= 1;
                at += 2;
                if level == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of the quoted text or character at the start of `rest`; an open one reaches to the end.
fn quoted(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - body.len();
    if let Some(after) = body.strip_prefix('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let inner = after[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", &after[..hashes]);
        let end = inner.find(&close).map_or(inner.len(), |i| i + close.len());
        return Some(prefix + 1 + hashes + 1 + end);
    }
    if let Some(inner) = body.strip_prefix('\'') {
        // Only a closed character counts: a stray apostrophe must not swallow the text.
        let mut chars = inner.char_indices();
        let (_, first) = chars.next()?;
        if first != '\\' {
            return chars.next().filter(|(_, c)| *c == '\'').map(|(i, _)| prefix + 1 + i + 1);
        }
        chars.next();
        return chars.take(10).find(|(_, c)| *c == '\'').map(|(i, _)| prefix + 1 + i + 1);
    }
    let inner = body.strip_prefix('"')?;
    let mut escaped = false;
    for (i, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(prefix + 1 + i + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// The part of `text` without blanks and comments around it, as byte offsets.
pub(super) fn trimmed(text: &str) -> (usize, usize) {
    let start = skip_blank(text, 0);
    let end = tokens(text, start).last().map_or(start, |token| token.end);
    (start, end)
}

/// The start of the comment that is never closed, if the text ends in one.
pub(super) fn open_comment(text: &str) -> usize {
    let last = tokens(text, 0).last().map_or(0, |token| token.end);
    text[last..].find("/*").map_or(last, |i| last + i)
}

/// The token which covers the byte `at`, or else the next one after it.
pub(super) fn token_at(text: &str, at: usize) -> Option<Token> {
    tokens(text, 0).find(|token| token.end > at)
}

/// The innermost bracket that is open at byte `at`, widened to the word before it: `Tariff(`.
pub(super) fn enclosing(text: &str, at: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut before: Option<Token> = None;
    for token in tokens(text, 0).take_while(|token| token.start < at) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => {
                let named = before.filter(|b| b.kind == Kind::Word && b.end == token.start);
                open.push((named.map_or(token.start, |b| b.start), token.end));
            }
            Kind::Mark(')' | ']' | '}') => {
                open.pop();
            }
            _ => {}
        }
        before = Some(token);
    }
    open.pop()
}

/// The value that starts at byte `from`: a word with its brackets, a bracketed group, or one token.
pub(super) fn value_end(text: &str, from: usize) -> usize {
    let (mut depth, mut end) = (0usize, from);
    for token in tokens(text, from) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') if depth <= 1 => {
                return if depth == 0 { end } else { token.end };
            }
            Kind::Mark(')' | ']' | '}') => depth -= 1,
            Kind::Mark(',') if depth == 0 => return end,
            _ => {}
        }
        end = token.end;
    }
    end
}

/// The offset after any `#![...]` headers (and a byte order mark) at the start of the text.
pub(super) fn skip_headers(text: &str) -> usize {
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    loop {
        let start = skip_blank(text, at);
        let mut head = tokens(text, start);
        let opening = [head.next(), head.next(), head.next()];
        let is_header = opening
            .iter()
            .zip(['#', '!', '['])
            .all(|(token, mark)| token.is_some_and(|t| t.kind == Kind::Mark(mark)));
        if !is_header {
            return at;
        }
        let mut depth = 1usize;
        let close = head.find(|token| {
            match token.kind {
                Kind::Mark('[') => depth += 1,
                Kind::Mark(']') => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        match close {
            Some(token) => at = token.end,
            None => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_knows_comments_and_quotes() {
        for (text, want) in [
            ("  3 ", "3"),
            ("// c\n /* a /* b */ */ 3 // d", "3"),
            ("\"a // b\" /* c */", "\"a // b\""),
            ("r#\"a\" // \"# //", "r#\"a\" // \"#"),
            ("Fixed ( 3 ) ,", "Fixed ( 3 ) ,"),
            ("'\"' // x", "'\"'"),
            ("'\\'' // x", "'\\''"),
            ("\"a\\\" // b\" // c", "\"a\\\" // b\""),
            ("b\"x\" ", "b\"x\""),
            ("", ""),
            (" // nothing", ""),
        ] {
            let (start, end) = trimmed(text);
            assert_eq!(&text[start..end], want, "{text:?}");
        }
    }

    #[test]
    fn the_enclosing_bracket_carries_its_word() {
        let text = "(a: [Tariff(on: \"(\", rate: 3)])";
        let at = text.find("3)").unwrap() + 1;
        let (start, end) = enclosing(text, at).unwrap();
        assert_eq!(&text[start..end], "Tariff(");
        assert_eq!(enclosing("a", 1), None);
    }

    #[test]
    fn values_end_before_the_comma() {
        for (text, want) in [
            ("3, b", "3"),
            ("Fixed(3, 4), b", "Fixed(3, 4)"),
            ("[1, (2)] , b", "[1, (2)]"),
            ("x)", "x"),
            ("\"a, b\", c", "\"a, b\""),
        ] {
            assert_eq!(&text[..value_end(text, 0)], want);
        }
    }

    #[test]
    fn headers_are_skipped() {
        for text in ["#![enable(implicit_some)] (1)", "\u{feff}// c\n#! [type = \"a]\"]#![x] (1)"] {
            assert_eq!(text[skip_headers(text)..].trim(), "(1)", "{text:?}");
        }
        assert_eq!(skip_headers("#![enable("), 0);
        assert_eq!(skip_headers("(1)"), 0);
    }

    #[test]
    fn garbage_is_scanned_to_its_end() {
        for text in ["\"", "'", "r#", "r#\"", "b'", "/*", "*/", "/", "'\\", "ü'€", "b\"", "r##\"#"]
        {
            let last = tokens(text, 0).last().map(|t| t.end);
            assert!(last.is_none_or(|end| end == text.len()), "{text:?}");
        }
    }
}
