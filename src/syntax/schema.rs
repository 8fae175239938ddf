//! The JSON Schema of what a scenario text is made of, for forms that are told apart by how they begin.
//!
//! A text is turned into JSON by [`super::to_json`]; the schema describes what comes out. Records, lists and
//! words follow from the very types that a file is read into; forms with a reader of their own say here
//! what they take.

use super::quantity::{LawSpec, Num, Quantity, RateFields, UNITS, Unit, Until};
use super::{DateText, Entries, Items, Lenient, OneOrMany, Spanned, When};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The schema of a value that has one of some forms.
#[must_use]
pub(crate) fn either(about: &str, forms: impl IntoIterator<Item = Schema>) -> Schema {
    let forms: Vec<Schema> = forms.into_iter().collect();
    json_schema!({ "description": about, "anyOf": forms })
}

/// The schema of a word, which JSON writes as text.
#[must_use]
pub(crate) fn word(word: &str) -> Schema {
    json_schema!({ "const": word })
}

/// The schema of text in quotes.
#[must_use]
pub(crate) fn text(about: &str) -> Schema {
    json_schema!({ "description": about, "type": "string" })
}

/// The schema of a number.
#[must_use]
pub(crate) fn number() -> Schema {
    json_schema!({ "type": "number" })
}

/// The schema of `Word(inner)`.
#[must_use]
pub(crate) fn around(word: &str, inner: &Schema) -> Schema {
    let mut properties = Map::new();
    properties.insert(word.to_owned(), inner.clone().to_value());
    json_schema!({
        "type": "object",
        "properties": properties,
        "required": [word],
        "additionalProperties": false
    })
}

/// Implements [`JsonSchema`] for a form with a reader of its own.
macro_rules! form {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl ::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed($name)
            }

            fn json_schema($generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $schema
            }
        }
    };
}

pub(crate) use form;

/// Implements [`JsonSchema`] for what only wraps a value: it is written like the value itself.
macro_rules! wraps {
    ($($type:ident),*) => {$(
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    )*};
}

wraps!(Spanned, Lenient);

impl<T: JsonSchema> JsonSchema for Items<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("List_of_{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items })
    }
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Map_of_{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": values })
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("One_or_many_{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A number with one of these units.
fn in_units(wanted: impl Fn(Unit) -> bool) -> impl Iterator<Item = Schema> {
    let units = UNITS.iter().filter(move |(_, unit, _)| wanted(*unit));
    units.map(|(name, ..)| around(name, &number()))
}

const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const MOMENT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$";

form!(Quantity, "Quantity", |generator| {
    let law = generator.subschema_for::<LawSpec>();
    let plain = [number(), text("The name of an input")];
    let about = "A number, with or without a unit, the name of an input, or a law";
    either(about, plain.into_iter().chain(in_units(|_| true)).chain([law]))
});
form!(DateText, "Date", |_generator| json_schema!({
    "description": "A day, such as 2025-11-01", "type": "string", "pattern": DATE
}));
form!(When, "When", |_generator| {
    let date = json_schema!({ "type": "string", "pattern": MOMENT });
    let about = "A day, with or without a time, or days after the start";
    either(about, [date, number()].into_iter().chain(in_units(|unit| unit == Unit::Days)))
});
form!(Until, "Until", |generator| {
    let days = generator.subschema_for::<Num>();
    either("Days after the start, or for ever", [word("Forever"), days])
});

impl JsonSchema for super::quantity::Rate {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Rate")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = RateFields::json_schema(generator);
        // Exactly one of them.
        schema.insert("minProperties".to_owned(), Value::from(1));
        schema.insert("maxProperties".to_owned(), Value::from(1));
        schema
    }
}
