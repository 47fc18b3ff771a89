//! Reads JSON leniently where a struct is too strict.
//!
//! The struct asks for each member in one form, and gets it even if the value is spelled differently: a number or a
//! flag as text and vice versa, one value instead of a list of one and vice versa, a time in another form. Defaults
//! come only from the source's [`Mend`]s. The text is read once.

use super::base64::spelled;
use super::members::{LenientList, LenientObject};
use super::mends::{Mend, MendPath, Mends};
use super::read::{Mended, Unreadable};
use super::respell::{Refused, epoch, instant, is_text, number, string, unexpected};
use crate::source::{Elements, Entries};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde_json::Number;
use std::borrow::Cow;

/// How deep objects and lists may nest, as in `serde_json`.
const MAX_DEPTH: u8 = 127;

/// Reads an item. The text must be valid JSON.
pub(super) fn read<T: DeserializeOwned>(
    text: &str,
    mends: Mends,
    received: DateTime<Utc>,
) -> Result<Mended<T>, Unreadable> {
    let mut mending = Repairs {
        mends,
        received,
        noted: 0,
        depth: 0,
        path: Vec::new(),
    };
    let value = LenientValue {
        json: MendedJson::Written(text.trim_ascii()),
        place: MendPath::root(mends),
        mending: &mut mending,
    };
    match T::deserialize(value) {
        Ok(item) => Ok(Mended {
            item,
            filled: mending.filled(),
        }),
        Err(refused) => Err(Unreadable::because(&mending.path(), refused.to_string())),
    }
}

/// The mends of the item, and what they have changed so far.
pub(super) struct Repairs {
    pub(super) mends: Mends,
    received: DateTime<Utc>,
    /// A bit for each mend that inserted a default or left something out.
    noted: u64,
    depth: u8,
    /// The path of a failure, from the inside out.
    pub(super) path: Vec<String>,
}

impl Repairs {
    pub(super) fn note(&mut self, index: usize) {
        self.noted |= 1 << index;
    }

    fn filled(&self) -> Vec<&'static str> {
        let all = self.mends.iter().enumerate();
        all.filter_map(|(index, (path, _))| (self.noted >> index & 1 == 1).then_some(*path))
            .collect()
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        match path.is_empty() {
            true => ".".to_owned(),
            false => path,
        }
    }

    fn inside<R>(&mut self, read: impl FnOnce(&mut Self) -> Result<R, Refused>) -> Result<R, Refused> {
        if self.depth == MAX_DEPTH {
            return Err(Refused::custom("recursion limit exceeded"));
        }
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }
}

/// A value in the text, or a missing one that needs a default.
#[derive(Clone, Copy)]
pub(super) enum MendedJson<'de> {
    Written(&'de str),
    Missing,
}

/// The default of a value.
enum DefaultValue {
    Empty,
    Time(DateTime<Utc>),
}

pub(super) struct LenientValue<'m, 'de> {
    pub(super) json: MendedJson<'de>,
    pub(super) place: MendPath,
    pub(super) mending: &'m mut Repairs,
}

impl<'de> LenientValue<'_, 'de> {
    /// The written value, or its default: for a missing or `null` value, and for an empty text unless a text is wanted.
    fn written(&mut self, wants_text: bool) -> Result<&'de str, DefaultValue> {
        let stand_in = self.place.mends(self.mending.mends).find_map(|(index, mend)| {
            let stand_in = match mend {
                Mend::Empty => DefaultValue::Empty,
                Mend::Received => DefaultValue::Time(self.mending.received),
                _ => return None,
            };
            Some((index, stand_in))
        });
        match (self.json, stand_in) {
            (MendedJson::Written(text), None) => Ok(text),
            (MendedJson::Written(text), Some((index, stand_in))) => {
                let empty = match stand_in {
                    DefaultValue::Empty if wants_text => false,
                    _ => text == "\"\"",
                };
                if text != "null" && !empty {
                    return Ok(text);
                }
                self.mending.note(index);
                Err(stand_in)
            }
            (MendedJson::Missing, Some((_, stand_in))) => Err(stand_in),
            (MendedJson::Missing, None) => Err(DefaultValue::Empty),
        }
    }

    fn is_time(&self) -> bool {
        let mut mends = self.place.mends(self.mending.mends);
        mends.any(|(_, mend)| matches!(mend, Mend::Received | Mend::Time))
    }

    fn element(self, text: &'de str) -> Self {
        LenientValue {
            json: MendedJson::Written(text),
            ..self
        }
    }

    fn text<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let text = match self.written(true) {
            Ok(text) => text,
            Err(DefaultValue::Empty) => return visitor.visit_borrowed_str(""),
            Err(DefaultValue::Time(time)) => return visitor.visit_string(written_out(time)),
        };
        if let Some(only) = single(text) {
            return self.element(only).text(visitor);
        }
        match text.as_bytes().first() {
            Some(b'{' | b'[' | b'n') | None => Err(unexpected(text, &visitor)),
            _ if self.is_time() && time_of(text).is_some() => {
                visitor.visit_string(time_of(text).map(written_out).unwrap_or_default())
            }
            Some(b'"') => match string(text)? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(_) => visitor.visit_borrowed_str(text),
        }
    }

    /// A number; for a time, in the given unit since 1970.
    fn number<V: Visitor<'de>>(
        mut self,
        since_1970: fn(DateTime<Utc>) -> Number,
        visitor: &V,
    ) -> Result<Number, Refused> {
        let text = match self.written(false) {
            Ok(text) => text,
            Err(DefaultValue::Empty) => return Ok(0.into()),
            Err(DefaultValue::Time(time)) => return Ok(since_1970(time)),
        };
        if let Some(only) = single(text) {
            return self.element(only).number(since_1970, visitor);
        }
        let time = || self.is_time().then(|| instant(text)).flatten().map(since_1970);
        number(text)
            .or_else(time)
            .ok_or_else(|| unexpected(text, visitor))
    }

    fn flag<V: Visitor<'de>>(mut self, visitor: &V) -> Result<bool, Refused> {
        let text = match self.written(false) {
            Ok(text) => text,
            Err(_) => return Ok(false),
        };
        if let Some(only) = single(text) {
            return self.element(only).flag(visitor);
        }
        let is = |words: [&str; 2]| {
            words
                .iter()
                .any(|word| text.trim_matches('"').eq_ignore_ascii_case(word))
        };
        match (is(["true", "1"]), is(["false", "0"])) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(unexpected(text, visitor)),
        }
    }

    /// An object's members: those that the struct names, or all of a map.
    fn members<V: Visitor<'de>>(
        mut self,
        fields: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let written = self.written(false).ok();
        if let Some(only) = written.and_then(single).filter(|only| only.starts_with('{')) {
            return self.element(only).members(fields, visitor);
        }
        let entries = match written {
            // How some languages write an empty object.
            Some(text) if Elements::of(text).is_some_and(|mut all| all.next().is_none()) => None,
            Some(text) => Some(Entries::of(text).ok_or_else(|| unexpected(text, &visitor))?),
            None => None,
        };
        let Self { place, mending, .. } = self;
        mending.inside(|mending| {
            visitor.visit_map(LenientObject::new(
                mending,
                place,
                entries,
                fields,
                written.is_none(),
            ))
        })
    }

    fn list<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let Ok(text) = self.written(false) else {
            return visitor.visit_seq(SeqDeserializer::<_, Refused>::new(std::iter::empty::<u8>()));
        };
        let Self { place, mending, .. } = self;
        if place
            .mends(mending.mends)
            .any(|(_, mend)| matches!(mend, Mend::Bytes))
            && is_text(text)
        {
            let text = string(text)?;
            let bytes = text.bytes().map(|byte| i8::from_ne_bytes([byte]));
            return visitor.visit_seq(SeqDeserializer::<_, Refused>::new(bytes));
        }
        if text == "null" {
            return Err(unexpected(text, &visitor));
        }
        mending.inside(|mending| visitor.visit_seq(LenientList::new(mending, place, text)))
    }
}

/// The only element of a list of one.
fn single(text: &str) -> Option<&str> {
    let mut elements = Elements::of(text)?;
    elements.next().filter(|_| elements.next().is_none())
}

fn time_of(text: &str) -> Option<DateTime<Utc>> {
    epoch(text).or_else(|| instant(text))
}

fn milliseconds(time: DateTime<Utc>) -> Number {
    time.timestamp_millis().into()
}

fn seconds(time: DateTime<Utc>) -> Number {
    Number::from_f64(time.timestamp_micros() as f64 / 1_000_000.0).unwrap_or_else(|| 0.into())
}

fn written_out(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

macro_rules! numbers {
    ($since_1970:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            Ok(self.number($since_1970, &visitor)?.$method(visitor)?)
        })*
    };
}

macro_rules! by {
    ($way:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.$way(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for LenientValue<'_, 'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        match self.written(!self.is_time()) {
            Ok(text) if is_text(text) => self.text(visitor),
            Ok(text) if self.is_time() && single(text).is_some() => self
                .element(single(text).unwrap_or(text))
                .deserialize_any(visitor),
            Ok(text) => Ok(serde_json::Deserializer::from_str(text).deserialize_any(visitor)?),
            Err(DefaultValue::Empty) => visitor.visit_unit(),
            Err(DefaultValue::Time(time)) => visitor.visit_string(written_out(time)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let flag = self.flag(&visitor)?;
        visitor.visit_bool(flag)
    }

    /// Bytes are signed in Java, and unsigned elsewhere.
    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let number = self.number(milliseconds, &visitor)?;
        match number.as_u64().map(u8::try_from) {
            Some(Ok(byte)) => visitor.visit_i8(i8::from_ne_bytes([byte])),
            _ => Ok(number.deserialize_i8(visitor)?),
        }
    }

    numbers! {
        milliseconds: deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    numbers! { seconds: deserialize_f32 deserialize_f64 }

    by! { text: deserialize_char deserialize_str deserialize_string deserialize_identifier }

    by! { list: deserialize_seq deserialize_bytes deserialize_byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.json {
            MendedJson::Missing | MendedJson::Written("null") => visitor.visit_none(),
            MendedJson::Written(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.json {
            // Another spelling would be other data, except for base64.
            MendedJson::Written(text) if name == "Base64Data" => {
                match is_text(text)
                    .then(|| string(text))
                    .transpose()?
                    .and_then(|text| spelled(&text))
                {
                    Some(spelled) => visitor.visit_newtype_struct(StringDeserializer::new(spelled)),
                    None => Ok(visitor.visit_newtype_struct(&mut serde_json::Deserializer::from_str(text))?),
                }
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.members(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.members(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let text = self.written(true).unwrap_or("null");
        let text = single(text).unwrap_or(text);
        Ok(serde_json::Deserializer::from_str(text).deserialize_enum(name, variants, visitor)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }
}
