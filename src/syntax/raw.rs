//! Reading RON in pieces, so that every mistake is found and every value knows its place.
//!
//! A parse of a whole text stops at its first mistake. Therefore elements are first read as raw
//! slices of the text and then parsed one by one ([`super::Items`], [`super::Lenient`],
//! [`super::Entries`]). As all slices are borrowed from the same text, the difference of addresses is
//! the byte offset of an element. While a document is read, a thread-local holds the address of the
//! text and the list of findings, because `Deserialize` has no way to pass them.
//!
//! A [`Spanned`] value cannot be the payload of a variant that wraps a struct, as in
//! `Tariff(on: "CN")`: the parentheses belong to the variant there. Wrap the variant's fields
//! instead.

use super::{message, scan};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// A value with the place it was written at. Equality, order and hash look at the value only.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place, without surrounding blanks and comments.
    pub span: Span,
}

/// Text in quotes with its place: an identifier, or a reference to one.
pub type Name = Spanned<String>;

impl<T> Spanned<T> {
    /// A value with a known place.
    pub fn new(value: T, span: Span) -> Spanned<T> {
        Spanned { value, span }
    }

    /// A value that was never written: its place is the very start of the text.
    pub fn synthetic(value: T) -> Spanned<T> {
        Spanned { value, span: Span::default() }
    }

    /// Another value at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Spanned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Spanned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T: std::fmt::Display> std::fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value.fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        let value = piece.parse().map_err(reject)?;
        Ok(Spanned { value, span: piece.span() })
    }
}

/// Why a piece was refused; boxed, because results are moved at every level of nesting.
pub type Refusal = Box<Diagnostic>;

/// An element as it is written, for `Deserialize` implementations that decide by looking at it.
///
/// Read it first, then parse it or parts of it; turn a [`Refusal`] into an error with [`reject`].
#[derive(Debug, Clone, Copy)]
pub struct Piece<'de> {
    /// The text of the element without surrounding blanks and comments.
    pub text: &'de str,
}

impl<'de> Piece<'de> {
    /// Takes the next element as it is written.
    ///
    /// # Errors
    /// The element is not well-formed.
    pub fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Piece::of)
    }

    /// Trims a raw element.
    pub(super) fn of(raw: &'de RawValue) -> Self {
        let text = raw.get_ron();
        let (start, end) = scan::trimmed(text);
        Piece { text: &text[start..end] }
    }

    /// The place of the piece in the text being read.
    pub fn span(&self) -> Span {
        let start = offset_of(self.text);
        Span::new(start, start + self.text.len())
    }

    /// The place of a part of the piece, given by byte offsets within it.
    pub fn part(&self, start: usize, end: usize) -> Span {
        let base = offset_of(self.text);
        Span::new(base + start, base + end)
    }

    /// Parses the piece as one value.
    ///
    /// # Errors
    /// The finding, with its place in the whole text; pass it on with [`reject`].
    pub fn parse<T: Deserialize<'de>>(&self) -> Result<T, Refusal> {
        parse_piece(self.text)
    }
}

/// The text being read: its address and length, what was found, and the finding that travels up.
#[derive(Default)]
struct Reading {
    base: usize,
    length: usize,
    found: Diagnostics,
    travelling: Option<Refusal>,
}

thread_local! {
    /// Stack of texts being read on this thread; more than one only if a reader reads another text.
    static READING: RefCell<Vec<Reading>> = const { RefCell::new(Vec::new()) };
}

/// Reads with `text` as the text that spans point into; gives what was found on the way.
fn reading<R>(text: &str, work: impl FnOnce() -> R) -> (R, Diagnostics) {
    /// Takes the text off the stack again even if the work unwinds.
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            READING.with_borrow_mut(|stack| stack.pop());
        }
    }
    READING.with_borrow_mut(|stack| {
        let base = text.as_ptr().addr();
        stack.push(Reading { base, length: text.len(), ..Reading::default() });
    });
    let leave = Leave;
    let result = work();
    let found = with_reading(|reading| std::mem::take(&mut reading.found)).unwrap_or_default();
    drop(leave);
    (result, found)
}

fn with_reading<R>(work: impl FnOnce(&mut Reading) -> R) -> Option<R> {
    READING.with_borrow_mut(|stack| stack.last_mut().map(work))
}

/// Byte offset of a slice in the text being read; 0 for a slice of another text.
fn offset_of(slice: &str) -> usize {
    let address = slice.as_ptr().addr();
    with_reading(|reading| {
        let offset = address.wrapping_sub(reading.base);
        if offset <= reading.length { offset } else { 0 }
    })
    .unwrap_or(0)
}

/// Reports a finding without giving up the element that is being read. Returns the finding if
/// nothing is listening, because the value is not read through this module.
pub(super) fn report(diagnostic: Refusal) -> Result<(), Refusal> {
    let mut kept = Some(diagnostic);
    with_reading(|reading| {
        if let Some(diagnostic) = kept.take() {
            reading.found.push(*diagnostic);
        }
    });
    kept.map_or(Ok(()), Err)
}

/// Turns a finding into the error of a `Deserialize` implementation, so that it arrives unchanged,
/// with its own place, code and remedies, however deeply the value is nested.
pub fn reject<E: de::Error>(diagnostic: impl Into<Box<Diagnostic>>) -> E {
    let diagnostic: Refusal = diagnostic.into();
    let error = E::custom(&diagnostic.message);
    with_reading(|reading| reading.travelling = Some(diagnostic));
    error
}

/// The dialect: RON with bare optional values and bare newtypes. The limit on nesting is kept.
fn options() -> ron::Options {
    ron::Options::default().with_default_extension(
        Extensions::IMPLICIT_SOME
            | Extensions::UNWRAP_NEWTYPES
            | Extensions::UNWRAP_VARIANT_NEWTYPES,
    )
}

/// Parses a slice of the text being read; the finding points into the whole text.
fn parse_piece<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    with_reading(|reading| reading.travelling = None);
    options().from_str(text).map_err(|error| {
        if let ron::Error::Message(words) = &error.code {
            let travelling = with_reading(|reading| reading.travelling.take()).flatten();
            if let Some(diagnostic) = travelling.filter(|d| d.message == *words) {
                return diagnostic;
            }
        }
        Box::new(message::explain(text, &error, offset_of(text)))
    })
}

/// Parses one node. On failure pushes one finding and gives nothing; mistakes inside lists and
/// lenient fields are pushed as well, and then the rest of the node is still given.
///
/// Within a document the places are those of the document. Outside of one they count from the start
/// of the slice; see [`parse_within`].
pub fn parse<'a, T: Deserialize<'a>>(slice: &'a str, out: &mut Diagnostics) -> Option<T> {
    parse_within(slice, slice, out)
}

/// Parses one node that is a slice of `text`, with places that count from the start of `text`.
pub fn parse_within<'a, T: Deserialize<'a>>(
    text: &str,
    slice: &'a str,
    out: &mut Diagnostics,
) -> Option<T> {
    let inside =
        with_reading(|reading| slice.as_ptr().addr().wrapping_sub(reading.base) <= reading.length);
    // Within a document the places are those of the document.
    let (result, found) = if inside == Some(true) {
        (parse_piece(slice), Diagnostics::new())
    } else {
        reading(text, || parse_piece(slice))
    };
    out.extend(found);
    result.map_err(|refusal| out.push(*refusal)).ok()
}

/// Parses a whole scenario text and pushes every mistake found in it.
///
/// Mistakes in list elements and lenient fields leave those elements out; the document is then still
/// given, and `out.has_errors()` tells. A byte order mark and `#![...]` headers are skipped without
/// effect. Fields of the document itself that are unknown or written twice are reported all at once.
pub fn parse_document<T: DeserializeOwned>(
    source: &super::Source,
    out: &mut Diagnostics,
) -> Option<T> {
    /// Repeated reading is for people's slips, not for files of nothing else.
    const RETRIES: usize = 12;
    const RETRY_BYTES: usize = 256 << 10;

    let text = source.text();
    let read = |text: &str| reading(text, || parse_piece::<T>(&text[scan::skip_headers(text)..]));
    let (mut result, mut found) = read(text);
    let mut kept = Diagnostics::new();
    let mut copy = text.to_owned();
    for _ in 0..RETRIES {
        // Blank out the field and read again: same length, hence same places.
        let Err(stop) = &result else { break };
        let Some(span) = stop.span.filter(|_| matches!(stop.code, "E011" | "E014")) else { break };
        if text.len() > RETRY_BYTES {
            break;
        }
        let Some(blanked) = without_field(&copy, span.start as usize) else { break };
        kept.push(Diagnostic::clone(stop));
        copy = blanked;
        (result, found) = read(&copy);
    }
    let refused = !kept.is_empty();
    out.extend(kept);
    out.extend(found);
    match result {
        Ok(value) => (!refused).then_some(value),
        Err(refusal) => {
            out.push(*refusal);
            None
        }
    }
}

/// The text with the field `name: value,` at byte `at` replaced by blanks.
fn without_field(text: &str, at: usize) -> Option<String> {
    let mut end = scan::value_end(text, at);
    if let Some(comma) = scan::tokens(text, end).next()
        && comma.kind == scan::Kind::Mark(',')
    {
        end = comma.end;
    }
    let field = text.get(at..end).filter(|field| !field.is_empty())?;
    Some(format!("{}{}{}", &text[..at], " ".repeat(field.len()), &text[end..]))
}
