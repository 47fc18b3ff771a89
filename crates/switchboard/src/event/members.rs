//! The contents of objects and lists, for [`super::lenient`]: without what is left out, and with defaults for what is
//! missing.

use super::base64::spelled;
use super::lenient::{LenientValue, MendedJson, Repairs};
use super::mends::{Mend, MendPath, Mends};
use super::respell::{Refused, is_text, string};
use crate::source::{Elements, Entries};
use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;

/// The members of an object: first those that are written, then those that are missing.
pub(super) struct LenientObject<'m, 'de> {
    mending: &'m mut Repairs,
    place: MendPath,
    /// Those of a struct: of a duplicate key the last value counts.
    known: std::vec::IntoIter<(&'static str, &'de str)>,
    /// Those of a map.
    others: Option<Entries<'de>>,
    /// The mends whose key has been found.
    seen: u64,
    /// Nothing inside a default is noted: the default itself is.
    quiet: bool,
    next: Option<(Cow<'de, str>, MendedJson<'de>, MendPath)>,
}

impl<'m, 'de> LenientObject<'m, 'de> {
    pub(super) fn new(
        mending: &'m mut Repairs,
        place: MendPath,
        entries: Option<Entries<'de>>,
        fields: Option<&'static [&'static str]>,
        quiet: bool,
    ) -> Self {
        let (known, others) = match (fields, entries) {
            (Some(fields), Some(entries)) => (known(mending.mends, place, fields, entries), None),
            (_, entries) => (Vec::new(), entries),
        };
        Self {
            mending,
            place,
            known: known.into_iter(),
            others,
            seen: 0,
            quiet,
            next: None,
        }
    }

    /// The next written member that is not left out.
    fn written(&mut self) -> Option<(Cow<'de, str>, MendedJson<'de>, MendPath)> {
        loop {
            let (key, text) = match self.known.next() {
                Some((key, text)) => (Cow::Borrowed(key), text),
                None => self.others.as_mut()?.next()?,
            };
            let mends = self.mending.mends;
            for (index, own, _) in self.place.keys(mends) {
                self.seen |= u64::from(own == key) << index;
            }
            let place = self.place.inside(mends, Some(&key));
            if !left_out(self.mending, place, text) {
                return Some((key, MendedJson::Written(text), place));
            }
        }
    }

    /// The next missing member that has a default.
    fn missing(&mut self) -> Option<(Cow<'de, str>, MendedJson<'de>, MendPath)> {
        let mends = self.mending.mends;
        let stands_in = |mend: Mend| matches!(mend, Mend::Empty | Mend::Received);
        let seen = self.seen;
        let unseen = |(index, _, mend): &(usize, &str, Mend)| seen >> index & 1 == 0 && stands_in(*mend);
        let (index, key, _) = self.place.keys(mends).find(unseen)?;
        self.seen |= 1 << index;
        if !self.quiet {
            self.mending.note(index);
        }
        Some((
            Cow::Borrowed(key),
            MendedJson::Missing,
            self.place.inside(mends, Some(key)),
        ))
    }
}

/// The written values of a struct's fields.
fn known<'de>(
    mends: Mends,
    place: MendPath,
    fields: &'static [&'static str],
    entries: Entries<'de>,
) -> Vec<(&'static str, &'de str)> {
    let mut values: Vec<Option<&'de str>> = vec![None; fields.len()];
    for (key, text) in entries {
        let mut here = place.inside(mends, Some(&key)).mends(mends);
        let alias = here.find_map(|(_, mend)| match mend {
            Mend::Alias(of) => Some(of),
            _ => None,
        });
        let name = alias.unwrap_or(&key);
        let value = fields.iter().zip(&mut values).find(|(field, _)| **field == name);
        match value {
            Some((_, value)) if alias.is_some() => drop(value.get_or_insert(text)),
            Some((_, value)) => *value = Some(text),
            None => {}
        }
    }
    let there = fields.iter().zip(values);
    there.filter_map(|(field, text)| Some((*field, text?))).collect()
}

fn left_out(mending: &mut Repairs, place: MendPath, text: &str) -> bool {
    let refused = place.mends(mending.mends).find(|(_, mend)| match mend {
        Mend::Optional(takes) => !takes(text),
        _ => false,
    });
    if let Some((index, _)) = refused {
        mending.note(index);
    }
    refused.is_some()
}

impl<'de> MapAccess<'de> for LenientObject<'_, 'de> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        self.next = self.written().or_else(|| self.missing());
        let Some((key, ..)) = &self.next else {
            return Ok(None);
        };
        match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Cow::Owned(key) => seed.deserialize(CowStrDeserializer::new(Cow::Borrowed(key))),
        }
        .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let (key, json, place) = self
            .next
            .take()
            .ok_or_else(|| Refused::custom("a value without a key"))?;
        let mut mends = place.mends(self.mending.mends).map(|(_, mend)| mend);
        let literal = mends.find(|mend| matches!(mend, Mend::Literal | Mend::Json));
        let bytes = match json {
            MendedJson::Written(text) if place.in_attributes => AttributeBytes::of(&key, text),
            _ => None,
        };
        let read = match (bytes, json, literal) {
            (Some(bytes), ..) => bytes.read(seed),
            (_, MendedJson::Written(text), Some(Mend::Json)) if text.starts_with('{') => {
                seed.deserialize(OwnText(text.to_owned()))
            }
            (_, MendedJson::Written(text), Some(_)) => seed
                .deserialize(&mut serde_json::Deserializer::from_str(text))
                .map_err(Refused::from),
            _ => seed.deserialize(LenientValue {
                json,
                place,
                mending: self.mending,
            }),
        };
        read.inspect_err(|_| self.mending.path.push(key.into_owned()))
    }
}

/// The base64 of an attribute's bytes, in the standard spelling.
enum AttributeBytes {
    One(String),
    Set(Vec<String>),
}

impl AttributeBytes {
    /// `None` if this is not an attribute's bytes: an item may have an attribute of that name.
    fn of(key: &str, text: &str) -> Option<Self> {
        let one = |text: &str| {
            let written = is_text(text).then(|| string(text).ok()).flatten()?;
            Some(spelled(&written).unwrap_or_else(|| written.into_owned()))
        };
        match key {
            "B" => one(text).map(Self::One),
            "BS" => Elements::of(text)?.map(one).collect::<Option<_>>().map(Self::Set),
            _ => None,
        }
    }

    fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        match self {
            Self::One(text) => seed.deserialize(OwnText(text)),
            Self::Set(texts) => seed.deserialize(SeqDeserializer::new(texts.into_iter())),
        }
    }
}

/// A text of our own, as a JSON string would be read: it is also the value of an `Option` or of a newtype. A parser of JSON for it would be
/// compiled for every type of every event.
struct OwnText(String);

impl<'de> Deserializer<'de> for OwnText {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// The elements of a list, or a single value instead of a list.
pub(super) struct LenientList<'m, 'de> {
    mending: &'m mut Repairs,
    place: MendPath,
    elements: Option<Elements<'de>>,
    single: Option<&'de str>,
    index: usize,
}

impl<'m, 'de> LenientList<'m, 'de> {
    /// The list in `text`, or a list with `text` as its only element.
    pub(super) fn new(mending: &'m mut Repairs, place: MendPath, text: &'de str) -> Self {
        let elements = Elements::of(text);
        Self {
            place: place.inside(mending.mends, None),
            mending,
            single: elements.is_none().then_some(text),
            elements,
            index: 0,
        }
    }
}

impl<'de> SeqAccess<'de> for LenientList<'_, 'de> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        loop {
            let single = self.single.take();
            let Some(text) = single.or_else(|| self.elements.as_mut()?.next()) else {
                return Ok(None);
            };
            let index = self.index;
            self.index += 1;
            if left_out(self.mending, self.place, text) {
                continue;
            }
            let read = seed.deserialize(LenientValue {
                json: MendedJson::Written(text),
                place: self.place,
                mending: self.mending,
            });
            if self.elements.is_some() && read.is_err() {
                self.mending.path.push(format!("[{index}]"));
            }
            return read.map(Some);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapped(String);

    #[test]
    fn a_text_of_our_own_is_read_as_a_string_of_json_is() {
        assert_eq!(String::deserialize(OwnText("{}".to_owned())).unwrap(), "{}");
        let some = Option::<String>::deserialize(OwnText("{}".to_owned())).unwrap();
        assert_eq!(some.as_deref(), Some("{}"));
        let wrapped = Option::<Wrapped>::deserialize(OwnText("{}".to_owned())).unwrap();
        assert_eq!(wrapped, Some(Wrapped("{}".to_owned())));
        let refused = u32::deserialize(OwnText("hush".to_owned())).unwrap_err();
        assert!(!refused.to_string().contains("hush"), "{refused}");
    }
}
