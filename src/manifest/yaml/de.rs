//! A tree into typed structs, without a detour through JSON.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::{Entry, Node, Value};

/// The tree does not have the shape of the wanted type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(String);

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(items) => {
                let mut items = SeqDeserializer::new(items.iter());
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Value::Mapping(entries) => {
                let mut entries = pairs(entries);
                let value = visitor.visit_map(&mut entries)?;
                entries.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.value == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::String(name) => visitor.visit_enum(name.as_str().into_deserializer()),
            Value::Mapping(entries) => visitor.visit_enum(MapAccessDeserializer::new(pairs(entries))),
            _ => Err(de::Error::custom("expected a name, or a mapping with one key")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, DecodeError> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

type Pairs<'de> = MapDeserializer<'de, Box<dyn Iterator<Item = (&'de str, &'de Node)> + 'de>, DecodeError>;

fn pairs(entries: &[Entry]) -> Pairs<'_> {
    MapDeserializer::new(Box::new(entries.iter().map(|entry| (entry.key.as_str(), &entry.value))))
}

/// JSON Schema calls 3.0 a whole number, and so must this.
fn visit_number<'de, V: Visitor<'de>>(number: &serde_json::Number, visitor: V) -> Result<V::Value, DecodeError> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(whole) = number.as_u64() {
        return visitor.visit_u64(whole);
    }
    if let Some(whole) = number.as_i64() {
        return visitor.visit_i64(whole);
    }
    match number.as_f64() {
        // Up to 2^53 every whole number has its own f64, so the conversion loses nothing.
        #[expect(clippy::cast_possible_truncation, reason = "within 2^53 and without a fraction")]
        Some(value) if value.fract() == 0.0 && value.abs() < EXACT => visitor.visit_i64(value as i64),
        Some(value) => visitor.visit_f64(value),
        None => Err(de::Error::custom("a number out of range")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::super::read;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Everything {
        whole: u32,
        negative: i64,
        decimal: f64,
        text: String,
        absent: Option<String>,
        list: Vec<Shape>,
        map: BTreeMap<String, bool>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Shape {
        Dot,
        Circle(u8),
        Box { width: u8 },
    }

    #[test]
    fn typed_values_come_straight_from_the_tree() {
        let text = "whole: 3.0\nnegative: -4\ndecimal: 2\ntext: '09:00'\nlist: [dot, {circle: 2}, {box: {width: 3}}]\n\
                    map: {a: true}\n";
        let root = read(text).documents.remove(0).root;
        assert_eq!(
            Everything::deserialize(&root).unwrap(),
            Everything {
                whole: 3,
                negative: -4,
                decimal: 2.0,
                text: "09:00".into(),
                absent: None,
                list: vec![Shape::Dot, Shape::Circle(2), Shape::Box { width: 3 }],
                map: BTreeMap::from([("a".into(), true)]),
            }
        );
    }

    #[test]
    fn a_wrong_shape_is_an_error() {
        for text in ["whole: x", "whole: -1", "unknown: 1", "[]", "list: [circle]"] {
            let root = read(text).documents.remove(0).root;
            assert!(Everything::deserialize(&root).is_err(), "{text}");
        }
    }
}
