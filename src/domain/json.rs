//! JSON that people hand in. The standard leaves open what a name that stands twice in an object means, and readers take the
//! last one without a word; in a file about a household's money neither can be guessed, so it is refused with its place.

use super::{Explain, Message};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;

/// Why a text is not taken as JSON; line and column from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotJson {
    Broken {
        line: usize,
        column: usize,
    },
    /// The name stands twice in one object.
    Twice {
        line: usize,
        column: usize,
        name: String,
    },
}

impl Explain for NotJson {
    fn explain(&self) -> Message {
        match self {
            NotJson::Broken { line, column } => {
                Message::new("domain.json_broken").with("line", *line).with("column", *column)
            }
            NotJson::Twice { line, column, name } => Message::new("domain.json_twice")
                .with("line", *line)
                .with("column", *column)
                .with("name", name.chars().take(40).collect::<String>()),
        }
    }
}

/// Reads a text as JSON.
pub fn read(text: &str) -> Result<Value, NotJson> {
    let twice = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict(&twice).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|why| {
        let (line, column) = (why.line(), why.column());
        match twice.take() {
            Some(name) => NotJson::Twice { line, column, name },
            None => NotJson::Broken { line, column },
        }
    })
}

/// Reads a value; a name that stood twice is left in the cell.
#[derive(Clone, Copy)]
struct Strict<'t>(&'t RefCell<Option<String>>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            out.push(value);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if out.contains_key(&name) {
                *self.0.borrow_mut() = Some(name);
                return Err(A::Error::custom("twice"));
            }
            let value = object.next_value_seed(self)?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_with_its_place() {
        let text = "{\"income\": \"42000.00\",\n \"members\": 3,\n \"income\": \"1.00\"}";
        assert_eq!(read(text), Err(NotJson::Twice { line: 3, column: 9, name: "income".into() }));
        let inside = "[{\"set\": \"a\", \"value\": {\"x\": 1, \"x\": 1}}]";
        assert!(matches!(read(inside), Err(NotJson::Twice { name, .. }) if name == "x"));
    }

    #[test]
    fn all_else_reads_as_ever() {
        for text in ["{\"a\": [1, -2, 3.5, 1e3, true, null, \"é\\u4e00\"], \"b\": {\"a\": 1}}", "12", "\"\"", "[]"] {
            assert_eq!(read(text).ok(), serde_json::from_str(text).ok(), "{text}");
        }
        for broken in ["", "{", "{\"a\" 1}", "[1] 2", "[1,]", &"[".repeat(100_000)] {
            assert!(matches!(read(broken), Err(NotJson::Broken { .. })), "{broken:.20}");
        }
    }
}
