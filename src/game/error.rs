//! What can be wrong with a game or with the text that describes it.
//!
//! A message says what was found and what was expected; the place is a line and a column of the
//! file, both counted from 1. Constructors report without a place, readers add it.

use std::fmt;

/// A game that cannot be built or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameError {
    /// Line and column, from 1, where the reader stood; none for a game built in memory.
    pub place: Option<(usize, usize)>,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl GameError {
    /// A mistake of a game built in memory.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into() }
    }

    /// A mistake at byte `offset` of `text`.
    #[must_use]
    pub fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
        Self { place: Some((line, 1 + before.len() - start)), message: message.into() }
    }
}

impl fmt::Display for GameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for GameError {}
