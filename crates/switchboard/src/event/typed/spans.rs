//! Finds one value of a record while the record is checked: both in the same pass.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// Where a value is looked for.
pub(super) trait ValuePlace {
    /// Keys with dots between them.
    const PATH: &'static str;
}

/// The JSON at the start of `text` that a place holds, and the length of the record around it. `None` if the record is no
/// JSON, or has nothing at that place.
pub(super) fn first<P: ValuePlace>(text: &str) -> Option<(&str, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Span<'_, P>>();
    let Span(value, _) = values.next()?.ok()?;
    Some((value?.get(), values.byte_offset()))
}

struct Span<'de, P>(Option<&'de RawValue>, PhantomData<P>);

impl<'de, P: ValuePlace> Deserialize<'de> for Span<'de, P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = ValueAtPath(P::PATH).deserialize(deserializer)?;
        Ok(Self(value, PhantomData))
    }
}

/// Finds the value at a path. Of a duplicate key, the last value counts.
#[derive(Clone, Copy)]
struct ValueAtPath<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for ValueAtPath<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ValueAtPath<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (name, rest) = match self.0.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (self.0, None),
        };
        let mut found = None;
        while let Some(is_here) = map.next_key_seed(KeyEquals(name))? {
            match (is_here, rest) {
                (false, _) => drop(map.next_value::<IgnoredAny>()?),
                (true, None) => found = Some(map.next_value()?),
                (true, Some(rest)) => found = map.next_value_seed(ValueAtPath(rest))?,
            }
        }
        Ok(found)
    }
}

/// Whether a key is this one.
struct KeyEquals<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for KeyEquals<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyEquals<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    struct Data;

    impl ValuePlace for Data {
        const PATH: &'static str = "a.b";
    }

    #[test]
    fn a_value_is_found_and_the_record_is_measured() {
        for (text, expected) in [
            (r#"{"a":{"b":"x"}},{}"#, Some((r#""x""#, 15))),
            (
                r#"{"b":1,"a":{"c":[{"b":2}],"b": {"a":3} }}"#,
                Some((r#"{"a":3}"#, 41)),
            ),
            (r#"{"\u0061":{"b":"x"}}"#, Some((r#""x""#, 20))),
            (r#"{"a":{"b":"x"},"a":{"b":"y"}}"#, Some((r#""y""#, 29))),
            (r#"{"a":{"b":"x"},"a":{}}"#, None),
            (r#"{"a":{"b":"x"},"c":nope}"#, None),
            (r#"{"a":{"b":"x"}"#, None),
            (r#"{"a":"b"}"#, None),
            ("[]", None),
        ] {
            assert_eq!(first::<Data>(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_a_parser_finds(a in "[\"\\\\{}a-c ]{0,6}", b in "[\"\\\\{}a-c ]{0,6}", behind in "[,\\]} ]{0,3}") {
            let record = serde_json::json!({"c": a, "a": {"b": b, "c": [a]}, "d": {"b": a}});
            let text = record.to_string();
            let both = format!("{text}{behind}");
            let (found, length) = first::<Data>(&both).unwrap();
            prop_assert_eq!(length, text.len());
            prop_assert_eq!(serde_json::from_str::<Value>(found).unwrap(), Value::from(b));
        }
    }
}
