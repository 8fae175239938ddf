//! What all elements of a file have in common: a name, and where their numbers come from.

use crate::diagnostic::Span;
use crate::syntax::{DateText, Name, Spanned};
use serde::Deserialize;

/// How sure the author is of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum Confidence {
    /// Measured, or known in law.
    High,
    /// Estimated from several cases.
    Medium,
    /// A judgement.
    Low,
}

impl Confidence {
    /// The word as written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Confidence::High => "High",
            Confidence::Medium => "Medium",
            Confidence::Low => "Low",
        }
    }
}

/// Where the numbers of an element come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Written name of the element.
    pub id: &'a Name,
    /// A citation, or "judgement".
    pub source: Option<&'a Spanned<String>>,
    /// How sure the author is.
    pub confidence: Option<Confidence>,
    /// When it was observed.
    pub observed: Option<DateText>,
}

/// An element of a list of the file.
pub trait Element {
    /// Name and origin of its numbers.
    fn origin(&self) -> Origin<'_>;

    /// Its name.
    fn id(&self) -> &Name {
        self.origin().id
    }

    /// Place of its name.
    fn place(&self) -> Span {
        self.id().span
    }
}

/// Declares an element: the given fields, and those which every element has.
macro_rules! element {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Its name, by which others refer to it.
            pub id: crate::syntax::Name,
            $($(#[$field_meta])* pub $field: $type,)*
            /// Where its numbers come from: a citation, or "judgement".
            #[serde(default)]
            pub source: Option<crate::syntax::Spanned<String>>,
            /// How sure the author is of its numbers.
            #[serde(default)]
            pub confidence: Option<crate::scenario::spec::element::Confidence>,
            /// When its numbers were observed.
            #[serde(default)]
            pub observed: Option<crate::syntax::DateText>,
        }

        impl crate::scenario::spec::element::Element for $name {
            fn origin(&self) -> crate::scenario::spec::element::Origin<'_> {
                crate::scenario::spec::element::Origin {
                    id: &self.id,
                    source: self.source.as_ref(),
                    confidence: self.confidence,
                    observed: self.observed,
                }
            }
        }
    };
}

pub(crate) use element;
