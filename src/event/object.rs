//! A JSON object whose values stay raw: what is mended when a typed struct refuses an event.

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::fmt;

/// A JSON object read one level deep: its keys, and its values as raw text, in their order. Of a key that
/// stands twice the last value counts, as in most JSON readers.
///
/// [`Event::mend`](super::Event::mend) works on it. Nested objects are opened only along the paths it names, so
/// the depth of everything else does not matter.
#[derive(Clone, Debug, Default)]
pub struct Object {
    entries: Vec<(String, Box<RawValue>)>,
    filled: Vec<&'static str>,
    /// Whether it says anything else than what was read.
    changed: bool,
}

impl Object {
    pub(crate) fn parse(raw: &[u8]) -> Option<Self> {
        serde_json::from_slice(raw).ok()
    }

    /// The raw JSON at a path: keys with dots between them.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Box<RawValue>> {
        match path.split_once('.') {
            None => self.value(path).map(ToOwned::to_owned),
            Some((key, rest)) => Self::parse(self.value(key)?.get().as_bytes())?.get(rest),
        }
    }

    /// Puts a stand-in at a path where the key is missing or `null`, and notes the path as filled. The objects
    /// on the way must be there.
    pub fn fill(&mut self, path: &'static str, stand_in: impl Serialize) {
        let missing = self.get(path).is_none_or(|value| value.get() == "null");
        if let (true, Ok(value)) = (missing, to_raw_value(&stand_in))
            && self.put(path, value)
        {
            self.filled.push(path);
        }
    }

    /// Replaces the value at a path if it is there and `repair` gives another.
    pub fn repair(&mut self, path: &str, repair: impl FnOnce(&RawValue) -> Option<Box<RawValue>>) {
        if let Some(value) = self.get(path).and_then(|value| repair(&value)) {
            self.put(path, value);
        }
    }

    /// Drops the keys that hold `null`, of this object and of the one at each path: structs take a missing key more
    /// often than `null`.
    pub fn drop_nulls(&mut self, paths: &[&str]) {
        let before = self.entries.len();
        self.entries.retain(|(_, value)| value.get() != "null");
        self.changed |= self.entries.len() < before;
        for path in paths {
            self.repair(path, |inner| {
                let mut inner = Self::parse(inner.get().as_bytes())?;
                inner.drop_nulls(&[]);
                to_raw_value(&inner).ok()
            });
        }
    }

    /// Gives a key another name, if it is there and the other is not.
    pub fn rename(&mut self, from: &str, to: &str) {
        if self.value(to).is_some() {
            return;
        }
        if let Some((key, _)) = self.entries.iter_mut().find(|(key, _)| key == from) {
            to.clone_into(key);
            self.changed = true;
        }
    }

    /// Moves keys into a new object under `parent`, if that is not there.
    pub fn nest(&mut self, parent: &str, keys: &[&str]) {
        if self.value(parent).is_some() {
            return;
        }
        let (entries, rest) = self
            .entries
            .drain(..)
            .partition(|(key, _)| keys.contains(&key.as_str()));
        self.entries = rest;
        let inner = Self {
            entries,
            ..Self::default()
        };
        if let (false, Ok(value)) = (inner.entries.is_empty(), to_raw_value(&inner)) {
            self.entries.push((parent.to_owned(), value));
            self.changed = true;
        }
    }

    /// The value under a key, if there is no other.
    pub(crate) fn only(self, key: &str) -> Option<Box<RawValue>> {
        let [(name, value)] = <[_; 1]>::try_from(self.entries).ok()?;
        (name == key).then_some(value)
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn into_filled(self) -> Vec<&'static str> {
        self.filled
    }

    fn value(&self, key: &str) -> Option<&RawValue> {
        self.entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| &**value)
    }

    /// Puts a value at a path; false if an object on the way is missing.
    pub(super) fn put(&mut self, path: &str, value: Box<RawValue>) -> bool {
        let (key, rest) = path
            .split_once('.')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        let value = match rest {
            None => Some(value),
            Some(rest) => self.value(key).and_then(|inner| {
                let mut inner = Self::parse(inner.get().as_bytes())?;
                inner
                    .put(rest, value)
                    .then(|| to_raw_value(&inner).ok())
                    .flatten()
            }),
        };
        let Some(value) = value else { return false };
        self.changed = true;
        match self.entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key.to_owned(), value)),
        }
        true
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (key, value) in &self.entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut entries: Vec<(String, Box<RawValue>)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            match entries.iter_mut().find(|(name, _)| *name == key) {
                Some((_, old)) => *old = value,
                None => entries.push((key, value)),
            }
        }
        Ok(Object {
            entries,
            ..Object::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object {
        Object::parse(json.as_bytes()).unwrap()
    }

    fn text(object: &Object) -> String {
        serde_json::to_string(object).unwrap()
    }

    #[test]
    fn fills_what_is_missing_or_null_and_says_so() {
        let mut it = object(r#"{"a":{"b":null},"c":1}"#);
        it.fill("a.b", 7);
        it.fill("c", 8);
        it.fill("d", "x");
        it.fill("no.such.parent", 9);
        assert_eq!(text(&it), r#"{"a":{"b":7},"c":1,"d":"x"}"#);
        assert_eq!(it.into_filled(), ["a.b", "d"]);
    }

    #[test]
    fn what_changes_nothing_leaves_it_as_it_was() {
        let mut it = object(r#"{"a":{"b":1},"c":"x"}"#);
        it.fill("a.b", 7);
        it.fill("no.such.parent", 9);
        it.rename("d", "e");
        it.nest("f", &["d"]);
        it.drop_nulls(&["no"]);
        it.repair("c", |_| None);
        assert!(!it.is_changed());
        let changes: [fn(&mut Object); 5] = [
            |it| it.fill("d", 7),
            |it| it.rename("c", "d"),
            |it| it.nest("f", &["c"]),
            |it| it.repair("a.b", |_| to_raw_value(&2).ok()),
            |it| {
                *it = object(r#"{"a":null}"#);
                it.drop_nulls(&[]);
            },
        ];
        for change in changes {
            let mut it = it.clone();
            change(&mut it);
            assert!(it.is_changed());
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(text(&object(r#"{"a":1,"b":2,"a":3}"#)), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn nests_renames_and_repairs() {
        let mut it = object(r#"{"data":"eA==","x":1,"detailType":"t"}"#);
        it.nest("kinesis", &["data", "partitionKey"]);
        it.rename("detailType", "detail-type");
        it.repair("x", |value| to_raw_value(&value.get().to_owned()).ok());
        assert_eq!(
            text(&it),
            r#"{"x":"1","detail-type":"t","kinesis":{"data":"eA=="}}"#
        );
    }
}
