//! A proxy event of any front end: only the members that make up a request, each in any form that occurs.

use crate::event::{Object, Unreadable};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The events of all sources are read into this. `aws_lambda_events` has a struct for each, but those refuse a whole
/// event for one header, and lose the order of query parameters.
#[derive(Default)]
pub(super) struct ProxyEvent<'a> {
    pub(super) version: LooseText<'a>,
    pub(super) http_method: LooseText<'a>,
    pub(super) path: LooseText<'a>,
    pub(super) raw_path: LooseText<'a>,
    pub(super) raw_query_string: LooseText<'a>,
    pub(super) route_key: LooseText<'a>,
    pub(super) cookies: LooseTextList<'a>,
    pub(super) headers: LazyObject<'a>,
    pub(super) multi_value_headers: LazyObject<'a>,
    pub(super) query_string_parameters: LazyObject<'a>,
    pub(super) multi_value_query_string_parameters: LazyObject<'a>,
    pub(super) path_parameters: LazyObject<'a>,
    pub(super) stage_variables: LazyObject<'a>,
    pub(super) request_context: LazyObject<'a>,
    pub(super) body: LooseText<'a>,
    pub(super) is_base64_encoded: LooseBool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum ProxyMember {
    Version,
    HttpMethod,
    Path,
    RawPath,
    RawQueryString,
    #[serde(rename = "routeKey")]
    Route,
    Cookies,
    Headers,
    MultiValueHeaders,
    QueryStringParameters,
    MultiValueQueryStringParameters,
    PathParameters,
    StageVariables,
    RequestContext,
    Body,
    IsBase64Encoded,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for ProxyEvent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor)
    }
}

/// Derived code would refuse a duplicate key, which JSON allows: here the last value counts.
struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = ProxyEvent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ProxyEvent<'de>, A::Error> {
        let mut event = ProxyEvent::default();
        while let Some(key) = map.next_key::<ProxyMember>()? {
            match key {
                ProxyMember::Version => event.version = map.next_value()?,
                ProxyMember::HttpMethod => event.http_method = map.next_value()?,
                ProxyMember::Path => event.path = map.next_value()?,
                ProxyMember::RawPath => event.raw_path = map.next_value()?,
                ProxyMember::RawQueryString => event.raw_query_string = map.next_value()?,
                ProxyMember::Route => event.route_key = map.next_value()?,
                ProxyMember::Cookies => event.cookies = map.next_value()?,
                ProxyMember::Headers => event.headers = map.next_value()?,
                ProxyMember::MultiValueHeaders => event.multi_value_headers = map.next_value()?,
                ProxyMember::QueryStringParameters => event.query_string_parameters = map.next_value()?,
                ProxyMember::MultiValueQueryStringParameters => {
                    event.multi_value_query_string_parameters = map.next_value()?;
                }
                ProxyMember::PathParameters => event.path_parameters = map.next_value()?,
                ProxyMember::StageVariables => event.stage_variables = map.next_value()?,
                ProxyMember::RequestContext => event.request_context = map.next_value()?,
                ProxyMember::Body => event.body = map.next_value::<BodyText<'_>>()?.0,
                ProxyMember::IsBase64Encoded => event.is_base64_encoded = map.next_value()?,
                ProxyMember::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(event)
    }
}

/// A text, or what may be in its place: nothing, a number, a boolean, a list of one.
#[derive(Default)]
pub(super) struct LooseText<'a>(pub(super) Option<Cow<'a, str>>);

impl LooseText<'_> {
    /// The text, if it is not empty.
    pub(super) fn filled(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LooseText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseTextVisitor { json: false })
    }
}

/// A body. Hand-written events sometimes have an object here: the JSON that a client would have sent.
struct BodyText<'a>(LooseText<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for BodyText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(LooseTextVisitor { json: true })
            .map(Self)
    }
}

struct LooseTextVisitor {
    /// Whether an object is read as its text.
    json: bool,
}

impl<'de> Visitor<'de> for LooseTextVisitor {
    type Value = LooseText<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<LooseText<'de>, E> {
        Ok(LooseText(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<LooseText<'de>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<LooseText<'de>, E> {
        Ok(LooseText(Some(Cow::Owned(text))))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<LooseText<'de>, E> {
        self.visit_string(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<LooseText<'de>, E> {
        self.visit_string(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<LooseText<'de>, E> {
        self.visit_string(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<LooseText<'de>, E> {
        self.visit_string(value.to_string())
    }

    fn visit_unit<E: de::Error>(self) -> Result<LooseText<'de>, E> {
        Ok(LooseText(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LooseText<'de>, A::Error> {
        let only = list.next_element()?.unwrap_or_default();
        match list.next_element::<IgnoredAny>()? {
            None => Ok(only),
            Some(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LooseText<'de>, A::Error> {
        if !self.json {
            return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
        }
        let object = Object::deserialize(MapAccessDeserializer::new(map))?;
        self.visit_string(serde_json::to_string(&object).map_err(de::Error::custom)?)
    }
}

/// A boolean, or a text or number with that meaning.
#[derive(Clone, Copy, Default)]
pub(super) struct LooseBool(pub(super) bool);

impl<'de> Deserialize<'de> for LooseBool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = LooseText::deserialize(deserializer)?;
        match text.filled() {
            None => Ok(Self(false)),
            Some(text) if ["false", "0"].iter().any(|no| text.eq_ignore_ascii_case(no)) => Ok(Self(false)),
            Some(text) if ["true", "1"].iter().any(|yes| text.eq_ignore_ascii_case(yes)) => Ok(Self(true)),
            Some(_) => Err(de::Error::custom("neither true nor false")),
        }
    }
}

/// A list of texts, a single text, or nothing.
#[derive(Default)]
pub(super) struct LooseTextList<'a>(pub(super) Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for LooseTextList<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'de RawValue = Deserialize::deserialize(deserializer)?;
        let mut list = Vec::new();
        let mut values = serde_json::Deserializer::from_str(raw.get());
        let mut take = |text: Cow<'de, str>| list.push(text);
        ValuesVisitor { take: &mut take }
            .deserialize(&mut values)
            .map_err(de::Error::custom)?;
        Ok(Self(list))
    }
}

/// A JSON object as text, whose members are read when they are needed.
#[derive(Clone, Copy, Default)]
pub(super) struct LazyObject<'a>(pub(super) Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for LazyObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Some(Deserialize::deserialize(deserializer)?)))
    }
}

impl<'a> LazyObject<'a> {
    /// Calls `take` for each value of each name, in order; a list has several values. A member that cannot be a value
    /// counts as none. `null` and an empty list count as an object without members.
    pub(super) fn each(self, key: &str, mut take: impl FnMut(&str, Cow<'a, str>)) -> Result<(), Unreadable> {
        let Some(raw) = self.0 else { return Ok(()) };
        let mut json = serde_json::Deserializer::from_str(raw.get());
        json.deserialize_any(MembersVisitor { take: &mut take })
            .map_err(|error| Unreadable::at(key, &error))
    }
}

/// Visits the members of an object.
struct MembersVisitor<'t, T> {
    take: &'t mut T,
}

impl<'de, T: FnMut(&str, Cow<'de, str>)> Visitor<'de> for MembersVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(LooseText(name)) = map.next_key()? {
            let name = name.unwrap_or_default();
            let mut take = |value: Cow<'de, str>| (self.take)(&name, value);
            map.next_value_seed(ValuesVisitor { take: &mut take })?;
        }
        Ok(())
    }
}

/// Visits a value, or a list of values.
struct ValuesVisitor<'t, T> {
    take: &'t mut T,
}

impl<'de, T: FnMut(Cow<'de, str>)> DeserializeSeed<'de> for ValuesVisitor<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FnMut(Cow<'de, str>)> Visitor<'de> for ValuesVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a list of strings")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<(), E> {
        (self.take)(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        (self.take)(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.visit_str(&value.to_string())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list
            .next_element_seed(ValuesVisitor {
                take: &mut *self.take,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The payload with everything that is not Unicode replaced by a character: bytes that are not UTF-8, and lone
/// surrogates, which JSON can spell but no string can hold. A header with arbitrary bytes may arrive as either.
pub(super) fn replaced(payload: &[u8], by: char) -> String {
    let mut text = String::with_capacity(payload.len());
    for chunk in payload.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend((!chunk.invalid().is_empty()).then_some(by));
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (half(escape), escape.get(6..).and_then(half)) {
            (Some(0xD800..0xDC00), Some(0xDC00..)) => 12,
            (Some(_), _) => {
                out.push(by);
                rest = &escape[6..];
                continue;
            }
            _ => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// The surrogate that an escape at the start of the text spells.
fn half(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(json: &str) -> Result<Vec<String>, Unreadable> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let mut seen = Vec::new();
        LazyObject(Some(raw)).each("headers", |name, value| seen.push(format!("{name}={value}")))?;
        Ok(seen)
    }

    #[test]
    fn members_keep_their_order_and_take_any_plain_value() {
        let json =
            r#"{"b":"1","a":["2",3,null,true,{"x":1}],"c":null,"d":1.5,"b":"4","\u0065":{"x":[]},"f":[]}"#;
        assert_eq!(
            each(json).unwrap(),
            ["b=1", "a=2", "a=3", "a=true", "d=1.5", "b=4"]
        );
        assert!(each("null").unwrap().is_empty() && each("[]").unwrap().is_empty());
        for json in ["5", "\"x\"", "[1]", "true"] {
            let error = each(json).unwrap_err().to_string();
            assert!(error.starts_with("unreadable at `headers`"), "{error}");
        }
    }

    #[test]
    fn flags_come_in_any_spelling_and_of_equal_keys_the_last_counts() {
        for (json, expected) in [
            ("true", true),
            ("\"true\"", true),
            ("\"True\"", true),
            ("1", true),
            ("false", false),
            ("\"false\"", false),
            ("0", false),
            ("null", false),
            ("\"\"", false),
        ] {
            let json = format!(r#"{{"isBase64Encoded":true,"body":"x","isBase64Encoded":{json}}}"#);
            let event: ProxyEvent<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!(event.is_base64_encoded.0, expected, "{json}");
        }
        assert!(serde_json::from_str::<ProxyEvent<'_>>(r#"{"isBase64Encoded":"no"}"#).is_err());
    }

    #[test]
    fn only_what_is_not_unicode_is_replaced() {
        for (payload, expected) in [
            (
                &br#""\ud83d\ude00 \\ud800 \n""#[..],
                r#""\ud83d\ude00 \\ud800 \n""#,
            ),
            (br#""\ud83d \ude00 \uD800\ud83d\ude00""#, r#""? ? ?\ud83d\ude00""#),
            (b"\"caf\xe9\"", "\"caf?\""),
            (br#""\ud8"#, r#""\ud8"#),
            (b"\"\\", "\"\\"),
            ("\"\\\u{e9}".as_bytes(), "\"\\\u{e9}"),
        ] {
            assert_eq!(replaced(payload, '?'), expected);
        }
    }
}
