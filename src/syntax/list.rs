//! Collections that report every bad element and keep the good ones.

use super::raw::{Name, Piece, Spanned, reject, report};
use crate::diagnostic::{Diagnostic, Span};
use ron::value::RawValue;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A list. Each bad element is reported and left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Items<T>(pub Vec<Spanned<T>>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Items(Vec::new())
    }
}

impl<T> Items<T> {
    /// The elements in written order.
    pub fn iter(&self) -> std::slice::Iter<'_, Spanned<T>> {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a Items<T> {
    type Item = &'a Spanned<T>;
    type IntoIter = std::slice::Iter<'a, Spanned<T>>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = Vec::new();
        for raw in Vec::<&RawValue>::deserialize(deserializer)? {
            let piece = Piece::of(raw);
            match piece.parse() {
                Ok(value) => items.push(Spanned::new(value, piece.span())),
                Err(found) => report(found).map_err(reject)?,
            }
        }
        Ok(Items(items))
    }
}

/// A map in written order, `{ "US": 1, "CN": 2 }`. Bad entries and keys that are written twice are
/// reported and left out; of two equal keys the first stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<(Name, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The entries in written order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Name, T)> {
        self.0.iter()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }
}

impl<'a, T> IntoIterator for &'a Entries<T> {
    type Item = &'a (Name, T);
    type IntoIter = std::slice::Iter<'a, (Name, T)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Reader<T> {
            type Value = Vec<(Name, T)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                let mut seen: BTreeMap<String, Span> = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let (key, value) = (Piece::of(key), Piece::of(value));
                    let name = match key.parse::<String>() {
                        Ok(name) => Spanned::new(name, key.span()),
                        Err(found) => {
                            report(found).map_err(reject)?;
                            continue;
                        }
                    };
                    if let Some(first) = seen.get(&name.value) {
                        let found = Diagnostic::error(
                            "E018",
                            format!("`{}` is written twice in one map", name.value),
                        )
                        .at(name.span)
                        .label("second entry")
                        .related(*first, "first entry")
                        .help("keep one of the two");
                        report(found.into()).map_err(reject)?;
                        continue;
                    }
                    seen.insert(name.value.clone(), name.span);
                    match value.parse() {
                        Ok(value) => entries.push((name, value)),
                        Err(found) => report(found).map_err(reject)?,
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Reader(PhantomData)).map(Entries)
    }
}

/// A field whose mistakes do not hide those of its neighbours: the value if it is good, and the place
/// if it was written at all. `Lenient(None, Some(place))` means that it was written, is wrong, and
/// has been reported. Use with `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lenient<T>(pub Option<T>, pub Option<Span>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Lenient(None, None)
    }
}

impl<T> Lenient<T> {
    /// The value, if it was written and is good.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// The value itself, if it was written and is good.
    pub fn into_option(self) -> Option<T> {
        self.0
    }

    /// Whether the field was not written at all.
    pub fn is_absent(&self) -> bool {
        self.1.is_none()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        let span = Some(piece.span());
        match piece.parse() {
            Ok(value) => Ok(Lenient(Some(value), span)),
            Err(found) => report(found).map_err(reject).map(|()| Lenient(None, span)),
        }
    }
}

/// One value, or a list of them: `"US"` or `["US", "EU"]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    /// The values in written order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let piece = Piece::read(deserializer)?;
        let values = if piece.text.starts_with('[') {
            piece.parse().map_err(reject)?
        } else {
            vec![piece.parse().map_err(reject)?]
        };
        Ok(OneOrMany(values))
    }
}
