//! Finds one value of a record while the record is checked: both in the same pass.

use super::plain::{self, RecordBefore};
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
pub(super) fn first<'p, P: ValuePlace>(
    text: &'p str,
    before: &mut RecordBefore<'p>,
) -> Option<(&'p str, usize)> {
    plain::first::<P>(text, before).or_else(|| parsed::<P>(text))
}

/// The same by a parser.
#[cold]
fn parsed<P: ValuePlace>(text: &str) -> Option<(&str, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Span<'_, P>>();
    let Span(value, _) = values.next()?.ok()?;
    Some((value?.get(), values.byte_offset()))
}

/// The length of the record at the start of `text`. `None` if it is no JSON.
pub(super) fn length<'p>(text: &'p str, before: &mut RecordBefore<'p>) -> Option<usize> {
    plain::length(text, before).or_else(|| {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(values.byte_offset())
    })
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

    /// What both ways of reading say of it.
    fn first_both(text: &str) -> Option<(&str, usize)> {
        let parsed = parsed::<Data>(text);
        let mut before = RecordBefore::default();
        // The second time, all that is beside the path is as it was before.
        for _ in 0..2 {
            if let Some(plainly) = plain::first::<Data>(text, &mut before) {
                assert_eq!(Some(plainly), parsed, "{text}");
            }
            assert_eq!(first::<Data>(text, &mut before), parsed, "{text}");
        }
        parsed
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
            assert_eq!(first_both(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_a_parser_finds(a in "[\"\\\\{}a-c ]{0,6}", b in "[\"\\\\{}a-c ]{0,6}", behind in "[,\\]} ]{0,3}") {
            let record = serde_json::json!({"c": a, "a": {"b": b, "c": [a]}, "d": {"b": a}});
            let text = record.to_string();
            let both = format!("{text}{behind}");
            let (found, length) = first_both(&both).unwrap();
            prop_assert!(plain::first::<Data>(&both, &mut RecordBefore::default()).is_some(), "read plainly");
            prop_assert_eq!(length, text.len());
            prop_assert_eq!(serde_json::from_str::<Value>(found).unwrap(), Value::from(b));
        }

        #[test]
        fn what_is_taken_plainly_a_parser_takes_in_the_same_way(
            value in json(),
            at in 0usize..200,
            other in "[\"\\\\{}\\[\\]:,ab.eE+0-9u\u{1}\u{7f}é -]{0,3}",
            keep in 0usize..3,
        ) {
            let text = serde_json::json!({"c": value, "a": {"x": value, "b": value}}).to_string();
            first_both(&text);
            // Something else somewhere, so that most texts are broken.
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let rest: String = text[at..].chars().skip(keep).collect();
            first_both(&format!("{}{other}{rest}", &text[..at]));
        }
    }

    proptest! {
        #[test]
        fn a_record_is_read_the_same_whatever_was_before(
            records in proptest::collection::vec((members(), members(), "[,} \u{0}]{1,2}"), 1..8),
        ) {
            // Objects whose members often are those of another, at another depth or in another place.
            let texts: Vec<String> = records.iter().map(|(inner, outer, behind)| {
                let inner = format!("{{{}}}", inner.join(","));
                let outer: Vec<_> = outer.iter().map(|member| member.replace("INNER", &inner)).collect();
                format!("{{{}}}{behind}", outer.join(","))
            }).collect();
            let (mut before, mut measured) = (RecordBefore::default(), RecordBefore::default());
            for text in &texts {
                prop_assert_eq!(first::<Data>(text, &mut before), parsed::<Data>(text), "{}", text);
                let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
                let expected = values.next().and_then(Result::ok).map(|_| values.byte_offset());
                prop_assert_eq!(length(text, &mut measured), expected, "{}", text);
            }
        }
    }

    fn members() -> impl Strategy<Value = Vec<&'static str>> {
        let member = proptest::sample::select(vec![
            r#""a":INNER"#,
            r#""a":1"#,
            r#""b":"x""#,
            r#""b":1"#,
            r#""b":12"#,
            r#""b": 1 "#,
            r#""c":1"#,
            r#""c":12"#,
            r#""c":1.5"#,
            r#""c":"x""#,
            r#""c":{"b":1}"#,
            r#""c":[1,{"a":{"b":2}}]"#,
            r#""\u0062":"y""#,
            r#""c":"x"#,
            r#""c":"#,
        ]);
        proptest::collection::vec(member, 0..5)
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[\"\\\\a-c\n\u{1}é/]{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[ab\"]{0,2}", inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    #[test]
    fn numbers_and_words_are_checked_as_a_parser_checks_them() {
        for value in [
            "0",
            "-0",
            "1",
            "10",
            "01",
            "-",
            "-a",
            "1.",
            "1.5",
            ".5",
            "1e5",
            "1E+5",
            "1e-",
            "1e",
            "1.5e300",
            "1e999",
            "tru",
            "true",
            "falsey",
            "null",
            "nul",
            "NaN",
            "+1",
            "0x1",
            "1 2",
            "",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[]",
            "[ ]",
            "{}",
            "{ }",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{a:1}"#,
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u1234""#,
            r#""\ud800""#,
            r#""a"#,
            "\"\u{1}\"",
            "\"\u{7f}\"",
            "\"\\\u{1}\"",
            "[1}",
            "{\"a\":1]",
        ] {
            first_both(&format!(r#"{{"a":{{"b":{value}}}}}"#));
            first_both(&format!(r#"{{"z":[{value}, 1],"a":{{"b":"x"}}}}"#));
        }
    }

    #[test]
    fn deep_nesting_is_read_as_deep_as_a_parser_goes() {
        for depth in 0..200 {
            let text = format!(r#"{{"a":{{"b":{}{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
            first_both(&text);
        }
    }
}
