//! A scenario text as JSON, for programs and editors that know JSON and not RON.
//!
//! | RON | JSON |
//! | --- | --- |
//! | `"text"`, `12.5`, `true` | the same |
//! | `[a, b]` | `[a, b]` |
//! | `{"US": 1}` | `{"US": 1}` |
//! | `(id: "x", value: 1)` | `{"id": "x", "value": 1}` |
//! | `("x", 1)` | `["x", 1]` |
//! | `Word` | `"Word"` |
//! | `Word(a)` | `{"Word": a}` |
//! | `Word(a, b)` | `{"Word": [a, b]}` |
//! | `Word(id: "x")` | `{"Word": {"id": "x"}}` |
//! | `Some(a)`, `None` | `a`, `null` |
//!
//! A word before the parentheses of the whole file is left out, and so are comments. What JSON writes as
//! text may have been a word: the schema says which.

use super::scan::{Kind, Token, Tokens, tokens};
use serde_json::{Map, Value};
use std::iter::Peekable;

/// Levels of nesting at most.
const DEPTH: usize = 200;

/// The text as JSON. Of a text that is no RON the message says, at which byte it is none.
///
/// # Errors
/// The text is no RON.
pub fn to_json(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, rest: tokens(text, 0).peekable(), depth: 0 };
    while reader.skip('#') {
        // `#![enable(…)]` before the value.
        while reader.take()?.kind != Kind::Mark(']') {}
    }
    let whole = reader.value()?;
    if let Some(more) = reader.rest.next() {
        return Err(reader.not(&more, "the end of the text"));
    }
    // The name of the whole file says nothing.
    Ok(match whole {
        Tagged::Word(_, Some(value)) => value,
        other => other.plain(),
    })
}

/// A value, with the word before it.
enum Tagged {
    Word(String, Option<Value>),
    Plain(Value),
}

impl Tagged {
    fn plain(self) -> Value {
        match self {
            Tagged::Plain(value) => value,
            Tagged::Word(word, Some(value)) if word == "Some" => value,
            Tagged::Word(word, Some(value)) => Value::Object(Map::from_iter([(word, value)])),
            Tagged::Word(word, None) => match word.as_str() {
                "None" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::String(word),
            },
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: Peekable<Tokens<'a>>,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self) -> Result<Token, String> {
        self.rest
            .next()
            .ok_or_else(|| format!("the text ends too early, at byte {}", self.text.len()))
    }

    /// Goes past a sign if it is next.
    fn skip(&mut self, sign: char) -> bool {
        self.rest.next_if(|token| token.kind == Kind::Mark(sign)).is_some()
    }

    fn of(&self, token: &Token) -> &str {
        &self.text[token.start..token.end]
    }

    fn not(&self, token: &Token, wanted: &str) -> String {
        format!("byte {}: {wanted} was expected, not `{}`", token.start, self.of(token))
    }

    fn value(&mut self) -> Result<Tagged, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("the text is nested too deeply".to_owned());
        }
        let token = self.take()?;
        let text = self.of(&token).to_owned();
        let value = match token.kind {
            Kind::Text => Tagged::Plain(Value::String(self.quoted(&token)?)),
            Kind::Word if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                Tagged::Plain(number(&text).ok_or_else(|| self.not(&token, "a number"))?)
            }
            Kind::Word if self.skip('(') => Tagged::Word(text, Some(self.payload()?)),
            Kind::Word => Tagged::Word(text, None),
            Kind::Mark('(') => Tagged::Plain(self.parentheses()?.0),
            Kind::Mark('[') => Tagged::Plain(Value::Array(self.list(']')?)),
            Kind::Mark('{') => Tagged::Plain(self.map()?),
            Kind::Mark(_) => return Err(self.not(&token, "a value")),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn quoted(&self, token: &Token) -> Result<String, String> {
        let text = self.of(token);
        let read = if text.starts_with('\'') {
            ron::from_str::<char>(text).map(String::from)
        } else {
            ron::from_str::<String>(text)
        };
        read.map_err(|_| self.not(token, "text in quotes"))
    }

    /// What stands in the parentheses of a word: one value stands for itself.
    fn payload(&mut self) -> Result<Value, String> {
        Ok(match self.parentheses()? {
            (Value::Array(mut values), false) if values.len() == 1 => {
                values.pop().unwrap_or_default()
            }
            (value, _) => value,
        })
    }

    /// Fields, or values in a row; whether they are fields.
    fn parentheses(&mut self) -> Result<(Value, bool), String> {
        if self.skip(')') {
            return Ok((Value::Object(Map::new()), true));
        }
        let mut ahead = self.rest.clone();
        let named = ahead.next().is_some_and(|token| token.kind == Kind::Word)
            && ahead.next().is_some_and(|token| token.kind == Kind::Mark(':'));
        if !named {
            return Ok((Value::Array(self.list(')')?), false));
        }
        let mut fields = Map::new();
        while !self.skip(')') {
            let name = self.take()?;
            if name.kind != Kind::Word || !self.skip(':') {
                return Err(self.not(&name, "a field and a colon"));
            }
            let key = self.of(&name).to_owned();
            let value = self.value()?.plain();
            once(&mut fields, key, value)?;
            self.comma(')')?;
        }
        Ok((Value::Object(fields), true))
    }

    fn list(&mut self, end: char) -> Result<Vec<Value>, String> {
        let mut values = Vec::new();
        while !self.skip(end) {
            values.push(self.value()?.plain());
            self.comma(end)?;
        }
        Ok(values)
    }

    fn map(&mut self) -> Result<Value, String> {
        let mut fields = Map::new();
        while !self.skip('}') {
            let token = self.take()?;
            let key = match token.kind {
                Kind::Text => self.quoted(&token)?,
                Kind::Word => self.of(&token).to_owned(),
                Kind::Mark(_) => return Err(self.not(&token, "a key")),
            };
            if !self.skip(':') {
                return Err(self.not(&token, "a key and a colon"));
            }
            let value = self.value()?.plain();
            once(&mut fields, key, value)?;
            self.comma('}')?;
        }
        Ok(Value::Object(fields))
    }

    /// A comma, or the end that follows, which stays.
    fn comma(&mut self, end: char) -> Result<(), String> {
        if self.skip(',') {
            return Ok(());
        }
        match self.rest.peek().copied() {
            Some(token) if token.kind == Kind::Mark(end) => Ok(()),
            Some(token) => Err(self.not(&token, &format!("`,` or `{end}`"))),
            None => self.take().map(drop),
        }
    }
}

/// A field that was not written before.
fn once(fields: &mut Map<String, Value>, key: String, value: Value) -> Result<(), String> {
    if fields.contains_key(&key) {
        return Err(format!("`{key}` is written twice"));
    }
    fields.insert(key, value);
    Ok(())
}

/// A number; one that is whole stays whole.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = ron::from_str::<i64>(text) {
        return Some(Value::from(whole));
    }
    let value = ron::from_str::<f64>(text).ok()?;
    serde_json::Number::from_f64(value).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn forms_are_those_of_the_table() {
        for (ron, wanted) in [
            (r#""a \"b\" \u{e9}""#, json!("a \"b\" é")),
            (r##"r#"raw "text""#"##, json!("raw \"text\"")),
            ("[1, -2.5, 1_000, 0x10, +3, 1e-3,]", json!([1, -2.5, 1000, 16, 3, 0.001])),
            (r#"{"US": 1, "CN": [true, false],}"#, json!({"US": 1, "CN": [true, false]})),
            (r#"[(id: "x", if: Always)]"#, json!([{"id": "x", "if": "Always"}])),
            (r#"[("x", 1), ()]"#, json!([["x", 1], {}])),
            (
                "[Word, Word(1), Word(1, 2), Word(a: 1), Word(), Word((1, 2))]",
                json!(["Word", {"Word": 1}, {"Word": [1, 2]}, {"Word": {"a": 1}}, {"Word": {}}, {"Word": [1, 2]}]),
            ),
            ("[Some(1), None, Some(Word(2))]", json!([1, null, {"Word": 2}])),
            ("#![enable(implicit_some)] Scenario(a: 1) // end", json!({"a": 1})),
            ("/* a */ (b: /* c */ 'x')", json!({"b": "x"})),
        ] {
            assert_eq!(to_json(ron), Ok(wanted), "{ron}");
        }
    }

    #[test]
    fn what_is_no_ron_is_refused() {
        for (text, said) in [
            ("", "ends too early"),
            ("(a: 1", "ends too early"),
            ("(a 1)", "was expected"),
            ("[1 2]", "`,` or `]`"),
            ("[1] 2", "the end of the text"),
            ("{1}", "a key and a colon"),
            ("(a: 1, 2)", "a field"),
            ("1.2.3", "a number"),
            ("\"open", "text in quotes"),
            (";", "a value"),
            ("(a: 1, a: 2)", "written twice"),
            ("{\"a\": 1, \"a\": 2}", "written twice"),
        ] {
            let error = to_json(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(to_json(&"[".repeat(100_000)).unwrap_err().contains("too deeply"));
        assert!(to_json("#![").is_err());
    }
}
