//! A JSON object with unparsed values: what is mended when a typed struct refuses an event.

use crate::source::{Entries, parts};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// How many members an object may have to be changed. No source sends a hundred.
const MOST_MEMBERS: usize = 10_000;

/// A JSON object read one level deep: its keys, and its values as raw text, in order. Of a duplicate key the last value
/// counts, as in most JSON readers.
///
/// [`Event::mend`](super::Event::mend) works on it. Nested objects are opened only along the named paths, so the depth
/// of everything else does not matter. The object stays text until it is changed, so reading from a large one costs no
/// memory. An object of more than 10,000 members is never changed.
#[derive(Clone, Debug)]
pub struct Object<'r> {
    members: ObjectMembers<'r>,
    filled: Vec<&'static str>,
    /// Whether it differs from what was read.
    changed: bool,
}

#[derive(Clone, Debug)]
enum ObjectMembers<'r> {
    /// The text of an object that is valid.
    Written(&'r str),
    /// The members, to be changed.
    Open(Vec<Member<'r>>),
}

type Member<'r> = (Cow<'r, str>, Cow<'r, RawValue>);

impl<'r> Object<'r> {
    /// `None` if it is not an object, or not valid JSON.
    pub(crate) fn parse(raw: &'r [u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok()?.trim_ascii();
        let valid = text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok();
        valid.then_some(Self::of(ObjectMembers::Written(text)))
    }

    /// The same of a text that is known to be valid JSON.
    pub(super) fn of_valid(text: &'r str) -> Option<Self> {
        let text = text.trim_ascii();
        text.starts_with('{')
            .then(|| Self::of(ObjectMembers::Written(text)))
    }

    fn of(members: ObjectMembers<'r>) -> Self {
        Self {
            members,
            filled: Vec::new(),
            changed: false,
        }
    }

    /// The raw JSON at a path: keys with dots between them.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Box<RawValue>> {
        self.find(path).map(ToOwned::to_owned)
    }

    /// The same, borrowed.
    pub(crate) fn find(&self, path: &str) -> Option<&RawValue> {
        let (json, path) = match &self.members {
            ObjectMembers::Written(text) => (*text, Some(path)),
            ObjectMembers::Open(members) => {
                let (key, rest) = path
                    .split_once('.')
                    .map_or((path, None), |(key, rest)| (key, Some(rest)));
                (value(members, key)?.get(), rest)
            }
        };
        match path {
            None => serde_json::from_str(json).ok(),
            Some(path) => {
                let [found] = parts(json.as_bytes(), [Some(path)]);
                serde_json::from_slice(found?).ok()
            }
        }
    }

    /// Inserts a default at a path if the key is missing or `null`, and notes the path as filled. The objects on the
    /// path must exist.
    pub fn fill(&mut self, path: &'static str, stand_in: impl Serialize) {
        let missing = self.find(path).is_none_or(|value| value.get() == "null");
        if let (true, Ok(value)) = (missing, to_raw_value(&stand_in))
            && self.put(path, value)
        {
            self.filled.push(path);
        }
    }

    /// Replaces the value at a path if it exists and `repair` returns another one.
    pub fn repair(&mut self, path: &str, repair: impl FnOnce(&RawValue) -> Option<Box<RawValue>>) {
        if let Some(value) = self.find(path).and_then(repair) {
            self.put(path, value);
        }
    }

    /// Removes the keys whose value is `null`, in this object and in the one at each path. Structs accept a missing key
    /// more often than `null`.
    pub fn drop_nulls(&mut self, paths: &[&str]) {
        if let Some(members) = self.open() {
            let before = members.len();
            members.retain(|(_, value)| value.get() != "null");
            let dropped = members.len() < before;
            self.changed |= dropped;
        }
        for path in paths {
            self.repair(path, |inner| {
                let mut inner = Object::parse(inner.get().as_bytes())?;
                inner.drop_nulls(&[]);
                to_raw_value(&inner).ok()
            });
        }
    }

    /// Renames a key, if it exists and the new name does not.
    pub fn rename(&mut self, from: &str, to: &str) {
        if self.has(to) || !self.has(from) {
            return;
        }
        if let Some((key, _)) = self
            .open()
            .and_then(|all| all.iter_mut().find(|(key, _)| key == from))
        {
            *key = Cow::Owned(to.to_owned());
            self.changed = true;
        }
    }

    /// Moves keys into a new object under `parent`, if there is none yet.
    pub fn nest(&mut self, parent: &str, keys: &[&str]) {
        if self.has(parent) || !keys.iter().any(|key| self.has(key)) {
            return;
        }
        let Some(members) = self.open() else { return };
        let (inner, rest) = std::mem::take(members)
            .into_iter()
            .partition(|(key, _)| keys.contains(&&**key));
        *members = rest;
        if let Ok(value) = to_raw_value(&Object::of(ObjectMembers::Open(inner))) {
            members.push((Cow::Owned(parent.to_owned()), Cow::Owned(value)));
            self.changed = true;
        }
    }

    /// The value under a key, if it is the only member.
    pub(crate) fn only(mut self, key: &str) -> Option<Box<RawValue>> {
        match self.open()?.as_slice() {
            [(name, value)] if name == key => Some(value.clone().into_owned()),
            _ => None,
        }
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn into_filled(self) -> Vec<&'static str> {
        self.filled
    }

    fn has(&self, key: &str) -> bool {
        match &self.members {
            ObjectMembers::Written(text) => {
                Entries::of(text).is_some_and(|mut all| all.any(|(name, _)| name == key))
            }
            ObjectMembers::Open(members) => value(members, key).is_some(),
        }
    }

    /// Its members, to be changed; `None` if there are too many.
    fn open(&mut self) -> Option<&mut Vec<Member<'r>>> {
        if let ObjectMembers::Written(text) = self.members {
            self.members = ObjectMembers::Open(members(text)?);
        }
        match &mut self.members {
            ObjectMembers::Open(members) => Some(members),
            ObjectMembers::Written(_) => None,
        }
    }

    /// Keeps the last value of each key.
    pub(super) fn unique(&mut self) {
        self.open();
    }

    /// Stores a value at a path; `false` if an object on the path is missing.
    pub(super) fn put(&mut self, path: &str, put: Box<RawValue>) -> bool {
        let (key, rest) = path
            .split_once('.')
            .map_or((path, None), |(key, rest)| (key, Some(rest)));
        let Some(members) = self.open() else { return false };
        let put = match rest {
            None => Some(put),
            Some(rest) => value(members, key).and_then(|inner| {
                let mut inner = Object::parse(inner.get().as_bytes())?;
                inner.put(rest, put).then(|| to_raw_value(&inner).ok()).flatten()
            }),
        };
        let Some(put) = put else { return false };
        match members.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = Cow::Owned(put),
            None => members.push((Cow::Owned(key.to_owned()), Cow::Owned(put))),
        }
        self.changed = true;
        true
    }
}

/// The members of a valid object; `None` if there are too many.
fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let mut gathered = UniqueMembers::default();
    for (key, value) in Entries::of(text)? {
        gathered.push(key, serde_json::from_str(value).ok()?);
        if gathered.members.len() > MOST_MEMBERS {
            return None;
        }
    }
    Some(gathered.members)
}

/// Members, each key once: the last value counts, at the position of the first.
#[derive(Default)]
struct UniqueMembers<'r> {
    members: Vec<Member<'r>>,
    places: HashMap<Cow<'r, str>, usize>,
}

impl<'r> UniqueMembers<'r> {
    fn push(&mut self, key: Cow<'r, str>, value: &'r RawValue) {
        let value = Cow::Borrowed(value);
        match self.places.get(&key) {
            Some(place) => self.members[*place].1 = value,
            None => {
                self.places.insert(key.clone(), self.members.len());
                self.members.push((key, value));
            }
        }
    }
}

fn value<'m>(members: &'m [Member<'_>], key: &str) -> Option<&'m RawValue> {
    let found = members.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| &**value)
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.members {
            ObjectMembers::Written(text) => {
                let json: &RawValue = serde_json::from_str(text).map_err(serde::ser::Error::custom)?;
                json.serialize(serializer)
            }
            ObjectMembers::Open(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// For an object inside another one, whose text is not accessible.
impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut gathered = UniqueMembers::default();
        while let Some((MemberKey(key), value)) = map.next_entry()? {
            gathered.push(key, value);
        }
        Ok(Object::of(ObjectMembers::Open(gathered.members)))
    }
}

#[derive(Deserialize)]
struct MemberKey<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object<'_> {
        Object::parse(json.as_bytes()).unwrap()
    }

    fn text(object: &Object<'_>) -> String {
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
        let changes: [fn(&mut Object<'_>); 5] = [
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
        let mut it = object(r#"{"a":1,"b":2,"\u0061":3}"#);
        assert_eq!(it.get("a").unwrap().get(), "3");
        it.rename("b", "c");
        assert_eq!(text(&it), r#"{"a":3,"c":2}"#);
    }

    #[test]
    fn one_of_very_many_members_is_looked_into_and_not_changed() {
        let many = |count: usize| {
            let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":{{\"a\":{n}}}")).collect();
            format!("{{{}}}", members.join(","))
        };
        for (count, changes) in [(MOST_MEMBERS, true), (MOST_MEMBERS + 1, false)] {
            let json = many(count);
            let mut it = object(&json);
            it.fill("0.b", 7);
            it.rename("1", "one");
            assert_eq!(it.get("2.a").unwrap().get(), "2");
            assert_eq!((it.is_changed(), text(&it) == json), (changes, !changes));
        }
    }

    #[test]
    fn only_a_valid_object_is_one() {
        for not in ["[1]", "\"{\"", "7", "null", "", "{", r#"{"a":}"#, "{} {}"] {
            assert!(Object::parse(not.as_bytes()).is_none(), "{not}");
        }
        assert!(Object::parse(b" {} \n").is_some());
    }

    #[test]
    fn a_name_that_is_taken_is_not_given() {
        let json = r#"{"a":1,"b":2}"#;
        let mut it = object(json);
        it.rename("a", "b");
        assert_eq!((it.is_changed(), text(&it)), (false, json.to_owned()));
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
