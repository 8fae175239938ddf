//! What the parser says, in the words of a scenario's author.
//!
//! The parser gives a structured code and a position in lines and characters. Here the position
//! becomes bytes, is widened to the whole token (or moved to the opening of the element, where a
//! field is missing), and the code becomes a sentence with remedies.

use super::{scan, suggest};
use crate::diagnostic::{Diagnostic, Span};
use ron::error::{Error, Position, SpannedError};

/// Longest list of known words that is written out.
const LISTED: usize = 12;

/// Explains a failure to parse `text`, which starts at byte `base` of the scenario.
pub(super) fn explain(text: &str, error: &SpannedError, base: usize) -> Diagnostic {
    let place = Place::new(text, error);
    let mut found = place.explain(&error.code);
    let shift = |span: Span| Span::new(base + span.start as usize, base + span.end as usize);
    found.span = found.span.map(shift);
    for (span, _) in &mut found.related {
        *span = shift(*span);
    }
    found
}

/// Byte offset of a position, which counts lines and characters from 1.
fn offset(text: &str, position: Position) -> usize {
    let mut line_start = 0;
    for _ in 1..position.line {
        match text[line_start..].find('\n') {
            Some(i) => line_start += i + 1,
            None => return text.len(),
        }
    }
    let mut chars = text[line_start..].char_indices();
    chars.nth(position.col.saturating_sub(1)).map_or(text.len(), |(i, _)| line_start + i)
}

/// Where the parser stood when it failed.
struct Place<'a> {
    text: &'a str,
    /// Before and after the last thing it read.
    start: usize,
    end: usize,
}

impl<'a> Place<'a> {
    fn new(text: &'a str, error: &SpannedError) -> Self {
        let start = offset(text, error.span.start);
        let end = offset(text, error.span.end).max(start);
        Place { text, start, end }
    }

    fn explain(&self, code: &Error) -> Diagnostic {
        match code {
            Error::NoSuchStructField { expected, found, .. } => self.unknown_field(expected, found),
            Error::NoSuchEnumVariant { expected, found, .. } => {
                let found_at = self.word(found);
                unknown(
                    Diagnostic::error("E012", format!("unknown word `{}`", short(found))),
                    found,
                    expected,
                )
                .at(found_at)
                .label("not known here")
            }
            Error::MissingStructField { field, .. } => self.missing_field(field),
            Error::DuplicateStructField { field, .. } => {
                Diagnostic::error("E014", format!("field `{}` is written twice", short(field)))
                    .at(self.word(field))
                    .label("second time")
                    .help("keep one of the two")
            }
            Error::ExceededRecursionLimit => {
                Diagnostic::error("E016", "brackets are nested too deeply")
                    .at(Span::new(self.end, self.end + 1))
                    .help("the limit is about 60 levels; name a part and refer to it instead")
            }
            Error::Message(words) => {
                Diagnostic::error("E017", words.clone()).at(self.token_or_opening())
            }
            Error::IntegerOutOfBounds => self.out_of_range(),
            Error::InvalidValueForType { expected, .. } => self.wrong_type(&kind_of(expected)),
            Error::ExpectedDifferentLength { expected, found } => {
                self.wrong_length(expected, *found)
            }
            Error::ExpectedDifferentStructName { expected, found } => unknown(
                Diagnostic::error(
                    "E015",
                    format!("expected `{expected}(...)`, found `{}`", short(found)),
                ),
                found,
                &[expected],
            )
            .at(self.word(found)),
            other => match wanted_value(other) {
                Some(wanted) => self.wrong_type(wanted),
                None => self.syntax(other),
            },
        }
    }

    fn unknown_field(&self, expected: &[&'static str], found: &str) -> Diagnostic {
        let span = self.word(found);
        let owner = self.owner(span.start as usize);
        let message = format!("unknown field `{}`{owner}", short(found));
        unknown(Diagnostic::error("E011", message), found, expected)
            .at(span)
            .label("not a field known here")
    }

    fn missing_field(&self, field: &str) -> Diagnostic {
        let opening = scan::enclosing(self.text, self.end);
        let owner = self.owner(self.end);
        let (start, end) = opening.unwrap_or_else(|| {
            let (start, _) = scan::trimmed(self.text);
            (start, scan::token_at(self.text, start).map_or(start, |token| token.end))
        });
        Diagnostic::error("E013", format!("field `{}` is missing{owner}", short(field)))
            .at(Span::new(start, end))
            .label(format!("`{}:` is not given here", short(field)))
    }

    fn out_of_range(&self) -> Diagnostic {
        let span = self.last_token();
        let written = &self.text[span.start as usize..span.end as usize];
        let message = if written.starts_with('-') {
            format!("expected a whole number that is not negative, found `{}`", short(written))
        } else {
            format!("the number `{}` is too large for this place", short(written))
        };
        Diagnostic::error("E017", message).at(span)
    }

    /// A value of another kind than wanted, or a number where only whole ones will do.
    fn wrong_type(&self, wanted: &str) -> Diagnostic {
        let (span, found) = match scan::token_at(self.text, self.end_of_blank()) {
            Some(token) => (Span::new(token.start, token.end), self.describe(token)),
            None => (self.last_token(), "nothing more".to_string()),
        };
        Diagnostic::error("E015", format!("expected {wanted}, found {found}"))
            .at(span)
            .label(format!("should be {wanted}"))
    }

    fn wrong_length(&self, expected: &str, found: usize) -> Diagnostic {
        let count =
            expected.rsplit(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
        let message = match count {
            Some(count) => format!("expected {count} values, found {found}"),
            None => format!("wrong number of values: found {found}"),
        };
        let opening = scan::enclosing(self.text, self.end)
            .or_else(|| scan::token_at(self.text, 0).map(|token| (token.start, token.end)));
        let (start, end) = opening.unwrap_or((self.start, self.end));
        Diagnostic::error("E015", message).at(Span::new(start, end))
    }

    fn syntax(&self, code: &Error) -> Diagnostic {
        let text = self.text;
        let here = scan::token_at(text, self.end_of_blank());
        // `3.5` where a whole number is wanted is read as `3`, then `.5` is in the way.
        if matches!(code, Error::ExpectedComma | Error::TrailingCharacters)
            && text[self.end..].starts_with('.')
            && let Some(number) = here.filter(|token| token.start < self.end)
        {
            let written = short(&text[number.start..number.end]);
            return Diagnostic::error(
                "E015",
                format!("expected a whole number, found `{written}`"),
            )
            .at(Span::new(number.start, number.end))
            .label("should be a whole number");
        }
        let at_end = scan::tokens(text, self.end.min(text.len())).next().is_none();
        let words = match code {
            Error::ExpectedComma => "expected a comma or the end of the list",
            Error::ExpectedArrayEnd => "expected `]`",
            Error::ExpectedMapEnd => "expected `}`",
            Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => "expected `)`",
            Error::ExpectedMapColon => "expected a colon",
            Error::ExpectedStringEnd => "text in quotes is not closed",
            Error::UnclosedBlockComment => "the comment is not closed by `*/`",
            Error::UnclosedLineComment => "a line comment must end before the value does",
            Error::InvalidEscape(_) => {
                "unknown escape in quotes: use `\\\\`, `\\\"`, `\\n` or `\\t`"
            }
            Error::TrailingCharacters => "unexpected text after the end of the value",
            Error::FloatUnderscore | Error::UnderscoreAtBeginning => {
                "a number may hold `_` only between digits"
            }
            Error::InvalidIntegerDigit { .. } => "this is not a number",
            Error::ExpectedAttribute | Error::ExpectedAttributeEnd | Error::NoSuchExtension(_) => {
                "unknown `#![...]` header"
            }
            Error::ExpectedIdentifier
            | Error::InvalidIdentifier(_)
            | Error::SuggestRawIdentifier(_) => "expected a field name or a word",
            Error::Eof => "the text ends too early",
            _ => "this is not written as a scenario should be",
        };
        let mut message = words.to_string();
        if words.starts_with("expected") {
            let found = here.filter(|_| !at_end).map(|token| self.describe(token));
            message = format!("{words}, found {}", found.as_deref().unwrap_or("nothing more"));
        } else if let Error::UnexpectedChar(c) = code {
            message = format!("unexpected character `{c}`");
        }
        let span = match here {
            Some(token) => Span::new(token.start, token.end),
            None => self.last_token(),
        };
        if matches!(code, Error::UnclosedBlockComment) {
            let start = scan::open_comment(text);
            return Diagnostic::error("E010", message).at(Span::new(start, start + 2));
        }
        let mut found = Diagnostic::error("E010", message).at(span);
        let closer = here.is_some_and(|t| matches!(t.kind, scan::Kind::Mark(')' | ']' | '}')));
        let open_until = if at_end { text.len() } else { span.start as usize };
        if (at_end || closer)
            && let Some((start, end)) = scan::enclosing(text, open_until)
        {
            found = found.related(Span::new(start, end), "opened here and not closed");
        }
        if matches!(code, Error::ExpectedComma) {
            found = found.help("fields and elements are separated by commas");
        }
        if matches!(code, Error::ExpectedIdentifier) {
            found = found.help("fields are written `name: value`");
        }
        if matches!(code, Error::ExpectedStructLikeEnd) {
            found = found.help("there may be one value too many, or a missing bracket before this");
        }
        // A quote that is never closed swallows text up to the next one.
        let before = scan::tokens(text, 0).take_while(|t| t.end <= span.start as usize).last();
        if let Some(quoted) = before.filter(|t| t.kind == scan::Kind::Text)
            && text[quoted.start..quoted.end].contains('\n')
        {
            found = found.related(
                Span::new(quoted.start, quoted.end),
                "this text runs over several lines: is its closing quote missing?",
            );
        }
        found
    }

    /// Where the next thing begins, seen from where the parser stood.
    fn end_of_blank(&self) -> usize {
        self.end.min(self.text.len())
    }

    /// The word just read, or wherever it stands near the place.
    fn word(&self, word: &str) -> Span {
        let near = self.text.get(self.start..self.end).unwrap_or("");
        if let Some(i) = near.find(word) {
            return Span::new(self.start + i, self.start + i + word.len());
        }
        if self.text[..self.end].ends_with(word) {
            return Span::new(self.end - word.len(), self.end);
        }
        self.last_token()
    }

    /// The token that ends where the parser stood, else the one that begins there.
    fn last_token(&self) -> Span {
        let mut last = None;
        for token in scan::tokens(self.text, 0) {
            if token.start >= self.end && last.is_some() {
                break;
            }
            last = Some(token);
        }
        last.map_or(Span::new(self.end, self.end), |token| Span::new(token.start, token.end))
    }

    /// The token just read if it is a value, else the opening of the element it closes.
    fn token_or_opening(&self) -> Span {
        let span = self.last_token();
        let read = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        if read.starts_with([')', ']', '}', ',', ':']) {
            let opening = scan::enclosing(self.text, span.start as usize);
            return opening.map_or(span, |(start, end)| Span::new(start, end));
        }
        span
    }

    /// `" in `Tariff(...)`"` if the element around an offset has a name.
    fn owner(&self, at: usize) -> String {
        let name = scan::enclosing(self.text, at).map(|(start, end)| &self.text[start..end - 1]);
        match name {
            Some(name) if !name.is_empty() => format!(" in `{}(...)`", short(name)),
            _ => String::new(),
        }
    }

    /// What a token is, for "found ...".
    fn describe(&self, token: scan::Token) -> String {
        let written = &self.text[token.start..token.end];
        match token.kind {
            scan::Kind::Text if written.starts_with('\'') => "a character in single quotes".into(),
            scan::Kind::Text => "text in quotes".into(),
            scan::Kind::Word
                if written.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) =>
            {
                format!("the number `{}`", short(written))
            }
            scan::Kind::Word => format!("the word `{}`", short(written)),
            scan::Kind::Mark('[') => "a list".into(),
            scan::Kind::Mark('{') => "a map".into(),
            scan::Kind::Mark('(') => "a group in parentheses".into(),
            scan::Kind::Mark(mark) => format!("`{mark}`"),
        }
    }
}

/// Adds "did you mean" and the list of known words, if it is short enough to be read.
fn unknown(found: Diagnostic, wrong: &str, known: &[&'static str]) -> Diagnostic {
    let mut found = found;
    if let Some(question) = suggest::did_you_mean(wrong, known.iter().copied()) {
        found = found.help(question);
    }
    if !known.is_empty() && known.len() <= LISTED {
        let list: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        found = found.help(format!("known here: {}", list.join(", ")));
    }
    found
}

/// A word cut to a length that fits a sentence.
pub(super) fn short(word: &str) -> String {
    let mut chars = word.chars();
    let mut cut: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() {
        cut.push('…');
    }
    cut
}

/// What was wanted, if the failure is a value of the wrong kind.
fn wanted_value(code: &Error) -> Option<&'static str> {
    Some(match code {
        Error::ExpectedBoolean => "`true` or `false`",
        Error::ExpectedFloat => "a number",
        Error::ExpectedInteger => "a whole number",
        Error::ExpectedString | Error::ExpectedByteString => "text in quotes",
        Error::ExpectedChar | Error::ExpectedByteLiteral => "one character in quotes",
        Error::ExpectedArray => "a list in `[ ]`",
        Error::ExpectedMap => "a map in `{ }`",
        Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_) => {
            "fields in parentheses `( )`"
        }
        Error::ExpectedUnit => "`()`",
        Error::ExpectedOption => "`None` or a value",
        _ => return None,
    })
}

/// The wanted kind in plain words, from what a reader of values says that it expects.
fn kind_of(expected: &str) -> String {
    let plain = match expected {
        "f64" | "f32" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" | "u128" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" | "i128" => "a whole number",
        "a string" | "string" | "str" | "a borrowed string" => "text in quotes",
        "a boolean" | "bool" => "`true` or `false`",
        "a sequence" | "sequence" | "an array" => "a list in `[ ]`",
        "a map" | "map" => "a map in `{ }`",
        "unit" | "a unit" => "`()`",
        "field identifier" => "a field name",
        "variant identifier" => "a word",
        _ if expected.contains("struct") || expected.contains("tuple") => {
            "values in parentheses `( )`"
        }
        _ if expected.contains("enum") || expected.contains("variant") => "a word",
        _ => return expected.to_string(),
    };
    plain.to_string()
}
