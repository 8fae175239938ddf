//! Words of Gambit's game files: numbers, quoted texts, symbols, braces and commas.
//!
//! White space separates and is otherwise without meaning. Inside quotes everything counts; `\"` is
//! a quote. There is no comment sign: a comment is the quoted text after the header (Savani &
//! Turocy, the format pages of Gambit).

use super::error::GameError;
use super::number::Exact;

/// One word of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Number(&'a str),
    Text(String),
    Symbol(&'a str),
    Open,
    Close,
    Comma,
    End,
}

/// A reader with one word of look-ahead.
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    /// Where the current word starts.
    start: usize,
    token: Token<'a>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, GameError> {
        let mut lexer = Self { text, position: 0, start: 0, token: Token::End };
        lexer.advance()?;
        Ok(lexer)
    }

    pub(super) fn token(&self) -> &Token<'a> {
        &self.token
    }

    /// Bytes not yet read: an upper bound of what the rest of the file can hold.
    pub(super) fn remaining(&self) -> usize {
        self.text.len() - self.start
    }

    pub(super) fn error(&self, message: impl Into<String>) -> GameError {
        GameError::at(self.text, self.start, message)
    }

    /// Byte where the current word starts.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn error_at(&self, offset: usize, message: impl Into<String>) -> GameError {
        GameError::at(self.text, offset, message)
    }

    /// A mistake of what was built from the words up to here.
    pub(super) fn place(&self, error: GameError) -> GameError {
        if error.place.is_some() { error } else { self.error(error.message) }
    }

    pub(super) fn advance(&mut self) -> Result<Token<'a>, GameError> {
        let bytes = self.text.as_bytes();
        while self.position < bytes.len() && bytes[self.position].is_ascii_whitespace() {
            self.position += 1;
        }
        self.start = self.position;
        let next = match bytes.get(self.position) {
            None => Token::End,
            Some(b'{') => self.single(Token::Open),
            Some(b'}') => self.single(Token::Close),
            Some(b',') => self.single(Token::Comma),
            Some(b'"') => Token::Text(self.quoted()?),
            Some(b) if b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.') => {
                Token::Number(self.run(|b| {
                    b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'/' | b'e' | b'E')
                }))
            }
            Some(_) => Token::Symbol(
                self.run(|b| !b.is_ascii_whitespace() && !matches!(b, b'{' | b'}' | b',' | b'"')),
            ),
        };
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn single(&mut self, token: Token<'a>) -> Token<'a> {
        self.position += 1;
        token
    }

    fn run(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let from = self.position;
        let bytes = self.text.as_bytes();
        while self.position < bytes.len() && keep(bytes[self.position]) {
            self.position += 1;
        }
        // Both ends stand beside ASCII bytes or at the end, hence on character borders.
        self.text.get(from..self.position).unwrap_or("")
    }

    fn quoted(&mut self) -> Result<String, GameError> {
        let mut out = Vec::new();
        let bytes = self.text.as_bytes();
        self.position += 1;
        loop {
            match (bytes.get(self.position), bytes.get(self.position + 1)) {
                (None, _) => return Err(self.error("the quote opened here is not closed")),
                (Some(b'"'), _) => break,
                (Some(b'\\'), Some(&next @ (b'"' | b'\\'))) => {
                    out.push(next);
                    self.position += 2;
                }
                (Some(&b), _) => {
                    out.push(b);
                    self.position += 1;
                }
            }
        }
        self.position += 1;
        String::from_utf8(out).map_err(|_| self.error("this text is not UTF-8"))
    }

    pub(super) fn expect(&mut self, wanted: &Token<'_>, name: &str) -> Result<(), GameError> {
        if self.token != *wanted {
            return Err(self.unexpected(name));
        }
        self.advance()?;
        Ok(())
    }

    pub(super) fn unexpected(&self, wanted: &str) -> GameError {
        let found = match &self.token {
            Token::Number(n) => format!("the number {}", short(n)),
            Token::Text(t) => format!("the text \"{}\"", short(t)),
            Token::Symbol(s) => format!("`{}`", short(s)),
            Token::Open => "`{`".into(),
            Token::Close => "`}`".into(),
            Token::Comma => "`,`".into(),
            Token::End => "the end of the file".into(),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, GameError> {
        if !matches!(self.token, Token::Text(_)) {
            return Err(self.unexpected(name));
        }
        match self.advance()? {
            Token::Text(t) => Ok(t),
            _ => unreachable!("the word was a text"),
        }
    }

    pub(super) fn symbol(&mut self, name: &str) -> Result<&'a str, GameError> {
        let Token::Symbol(s) = self.token else { return Err(self.unexpected(name)) };
        self.advance()?;
        Ok(s)
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Exact, GameError> {
        let Token::Number(n) = self.token else { return Err(self.unexpected(name)) };
        let value = Exact::parse(n)
            .ok_or_else(|| self.error(format!("`{}` is no number this format knows", short(n))))?;
        self.advance()?;
        Ok(value)
    }

    pub(super) fn index(&mut self, name: &str) -> Result<usize, GameError> {
        let Token::Number(n) = self.token else { return Err(self.unexpected(name)) };
        let value = n.parse().map_err(|_| self.unexpected(name))?;
        self.advance()?;
        Ok(value)
    }

    /// The texts between braces.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, GameError> {
        self.expect(&Token::Open, "`{`")?;
        let mut list = Vec::new();
        while self.token != Token::Close {
            list.push(self.text(name)?);
        }
        self.advance()?;
        Ok(list)
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(37).chain("...".chars()).collect()
}

/// A text as the files write it: quotes and backslashes escaped.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
