//! The vocabulary of a scenario text: values that know their place, quantities, dates.
//!
//! A scenario is RON. It is read in small pieces, each piece on its own sub-slice of the one text,
//! so that a mistake in one element does not hide the mistakes in the others and every value can
//! point at the characters it came from. Names are not resolved here: the model does that.

mod json;
mod list;
mod message;
mod node;
mod quantity;
mod raw;
mod scan;
pub(crate) mod schema;
mod source;
mod suggest;
mod time;

#[cfg(test)]
mod tests;

pub use json::to_json;
pub use list::{Entries, Items, Lenient, OneOrMany};
pub use node::RawNode;
pub use quantity::{HazardStep, LawSpec, Num, Quantity, Rate, Unit, Until};
pub use raw::{Name, Piece, Refusal, Spanned, parse, parse_document, parse_within, reject};
pub use source::Source;
pub use suggest::{closest, did_you_mean};
pub use time::{DateText, When};
