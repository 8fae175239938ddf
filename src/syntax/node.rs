//! An element read as it is written, for forms that are told apart by how they begin.

use super::raw::{Piece, Refusal};
use crate::diagnostic::Span;
use serde::{Deserialize, Deserializer};

/// An element of the text before it is read as a value: a quantity that may also be a word, a list
/// that may also be one value.
#[derive(Debug, Clone, Copy)]
pub struct RawNode<'de>(Piece<'de>);

impl<'de> RawNode<'de> {
    /// The text without surrounding blanks and comments.
    #[must_use]
    pub fn text(&self) -> &'de str {
        self.0.text
    }

    /// The first character, by which the forms are told apart.
    #[must_use]
    pub fn first(&self) -> Option<char> {
        self.0.text.chars().next()
    }

    /// The place of the element.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.span()
    }

    /// Reads the element as a value.
    ///
    /// # Errors
    /// The finding, to be handed on with [`super::reject`].
    pub fn parse<T: Deserialize<'de>>(&self) -> Result<T, Refusal> {
        self.0.parse()
    }
}

impl<'de> Deserialize<'de> for RawNode<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Piece::read(deserializer).map(RawNode)
    }
}
