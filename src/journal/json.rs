//! The CloudEvents JSON format: one event per document, or a batch of them.

use super::attribute::{Attribute, InvalidEntry, base64_decode, base64_encode, check_name};
use super::data::Data;
use super::entry::{Entry, EntryBuilder};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// The media type of one event in the JSON format.
pub const EVENT_JSON: &str = "application/cloudevents+json";
/// The media type of a batch of events in the JSON format.
pub const BATCH_JSON: &str = "application/cloudevents-batch+json";

impl Entry {
    /// Reads an event in the JSON format. Members that are `null` count as absent, except for `data`.
    ///
    /// # Errors
    /// [`InvalidEntry`] has the attribute that is missing, invalid or duplicated, or says where the JSON is invalid.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard_function::journal::Entry;
    ///
    /// let error = Entry::from_json(br#"{"specversion":"1.0","id":"1","source":"/a","type":"b","time":"noon"}"#);
    /// let message = error.unwrap_err().to_string();
    /// assert_eq!(message, "attribute `time`: not a timestamp of RFC 3339, such as 2026-01-31T09:30:00Z");
    /// ```
    pub fn from_json(document: &[u8]) -> Result<Self, InvalidEntry> {
        let members: Members = serde_json::from_slice(document).map_err(not_json)?;
        members.entry()
    }

    /// The event in the JSON format.
    ///
    /// # Example
    ///
    /// ```
    /// let entry = switchboard_function::journal::Entry::builder("1", "/a", "b").build()?;
    /// assert_eq!(entry.to_json(), r#"{"specversion":"1.0","id":"1","source":"/a","type":"b"}"#);
    /// # Ok::<(), switchboard_function::journal::InvalidEntry>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names are strings and values are plain, so nothing can fail")
    }
}

/// Reads a batch in the JSON format.
///
/// # Errors
/// [`InvalidEntry`] as for one event; [`InvalidEntry::index`] has its position.
pub fn batch_from_json(document: &[u8]) -> Result<Vec<Entry>, InvalidEntry> {
    // Raw first, so that an error can name the event.
    let events: Vec<Box<RawValue>> = serde_json::from_slice(document).map_err(not_json)?;
    let read = |(index, event): (usize, Box<RawValue>)| {
        Entry::from_json(event.get().as_bytes()).map_err(|error| error.at(index))
    };
    events.into_iter().enumerate().map(read).collect()
}

/// Writes a batch in the JSON format.
#[must_use]
pub fn batch_to_json(entries: &[Entry]) -> String {
    serde_json::to_string(entries).expect("names are strings and values are plain, so nothing can fail")
}

fn not_json(error: serde_json::Error) -> InvalidEntry {
    InvalidEntry::document(format!("not the JSON format: {error}"))
}

/// The JSON format of CloudEvents. It only works with `serde_json`, which passes JSON data through unchanged.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // The attributes that every event has come first, for people who read the raw text.
        map.serialize_entry("specversion", "1.0")?;
        map.serialize_entry("id", self.id())?;
        map.serialize_entry("source", self.source())?;
        map.serialize_entry("type", self.event_type())?;
        let time = self.time().map(format_time);
        let optional = [
            ("subject", self.subject()),
            ("time", time.as_deref()),
            ("datacontenttype", self.datacontenttype()),
            ("dataschema", self.dataschema()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.extensions() {
            match value {
                Attribute::Boolean(value) => map.serialize_entry(name, value)?,
                Attribute::Integer(value) => map.serialize_entry(name, value)?,
                Attribute::String(value) => map.serialize_entry(name, value)?,
            }
        }
        match self.data() {
            Some(Data::Json(json)) => map.serialize_entry("data", json)?,
            Some(Data::Text(text)) => map.serialize_entry("data", text)?,
            Some(Data::Binary(bytes)) => map.serialize_entry("data_base64", &base64_encode(bytes))?,
            None => {}
        }
        map.end()
    }
}

/// A timestamp of RFC 3339 in UTC, with as many digits as it has.
pub(crate) fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads a timestamp of RFC 3339.
pub(crate) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

/// Sets an attribute from its text, for the JSON format and for HTTP headers.
pub(crate) fn set_text(
    builder: EntryBuilder,
    name: &str,
    text: String,
) -> Result<EntryBuilder, InvalidEntry> {
    Ok(match name {
        "subject" => builder.subject(text),
        "datacontenttype" => builder.datacontenttype(text),
        "dataschema" => builder.dataschema(text),
        "time" => builder.time(parse_time(&text).ok_or_else(|| {
            InvalidEntry::attribute(
                "time",
                "not a timestamp of RFC 3339, such as 2026-01-31T09:30:00Z",
            )
        })?),
        _ => {
            check_name(name)?;
            builder.extension(name, text)
        }
    })
}

/// Takes the attributes that every event has out of the others.
pub(crate) fn required(
    mut take: impl FnMut(&str) -> Result<Option<String>, InvalidEntry>,
) -> Result<EntryBuilder, InvalidEntry> {
    let mut need = |name: &str| {
        take(name)?.ok_or_else(|| InvalidEntry::attribute(name, "missing; every CloudEvent has it"))
    };
    let version = need("specversion")?;
    if version != "1.0" {
        return Err(InvalidEntry::attribute(
            "specversion",
            "only version 1.0 is known",
        ));
    }
    Ok(Entry::builder(need("id")?, need("source")?, need("type")?))
}

/// An event's unchecked members; a duplicate name is an error.
struct Members {
    members: BTreeMap<String, Box<RawValue>>,
    twice: Option<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, the event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        // Noted and reported later: an error of serde could not name the attribute.
        let mut twice = None;
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if members.contains_key(&name) {
                twice.get_or_insert_with(|| name.clone());
            }
            members.insert(name, value);
        }
        Ok(Members { members, twice })
    }
}

impl Members {
    fn entry(mut self) -> Result<Entry, InvalidEntry> {
        if let Some(name) = self.twice {
            return Err(InvalidEntry::attribute(name, "there more than once"));
        }
        let data = self.data()?;
        // The format allows `null` for a missing attribute.
        self.members.retain(|_, value| value.get() != "null");
        let mut builder = required(|name| {
            self.members
                .remove(name)
                .map(|value| string(name, &value))
                .transpose()
        })?;
        for (name, value) in &self.members {
            builder = match (name.as_str(), value.get().as_bytes()[0]) {
                ("subject" | "time" | "datacontenttype" | "dataschema", _) | (_, b'"') => {
                    set_text(builder, name, string(name, value)?)?
                }
                (_, b't' | b'f') => builder.extension(name, value.get() == "true"),
                _ => builder.extension(name, integer(name, value)?),
            };
        }
        if let Some(data) = data {
            builder = builder.data(data);
        }
        builder.build()
    }

    fn data(&mut self) -> Result<Option<Data>, InvalidEntry> {
        // Unlike other members, `data` may be `null`, which is a JSON value.
        let json = self.members.remove("data");
        let base64 = self
            .members
            .remove("data_base64")
            .filter(|value| value.get() != "null");
        let Some(base64) = base64 else {
            return Ok(json.map(Data::Json));
        };
        if json.is_some() {
            return Err(InvalidEntry::attribute(
                "data_base64",
                "there is `data` already; only one of them may be",
            ));
        }
        let bytes = base64_decode(&string("data_base64", &base64)?)
            .ok_or_else(|| InvalidEntry::attribute("data_base64", "not Base64 of the standard alphabet"))?;
        Ok(Some(Data::Binary(bytes)))
    }
}

fn string(name: &str, value: &RawValue) -> Result<String, InvalidEntry> {
    serde_json::from_str(value.get()).map_err(|_| InvalidEntry::attribute(name, "must be a string"))
}

fn integer(name: &str, value: &RawValue) -> Result<i32, InvalidEntry> {
    let problem = "an attribute is a string, a Boolean, or a whole number of 32 bits";
    serde_json::from_str(value.get()).map_err(|_| InvalidEntry::attribute(name, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(member: &str) -> String {
        format!(r#"{{"specversion":"1.0","id":"1","source":"/a","type":"b",{member}}}"#)
    }

    #[test]
    fn errors_name_the_attribute() {
        let name = |document: &str| {
            Entry::from_json(document.as_bytes())
                .unwrap_err()
                .name()
                .unwrap_or("none")
                .to_owned()
        };
        for (member, blamed) in [
            (r#""time":"noon""#, "time"),
            (r#""time":5"#, "time"),
            (r#""subject":"""#, "subject"),
            (r#""dataschema":"a b""#, "dataschema"),
            (r#""dataschema":"schemas/order.json""#, "dataschema"),
            (r#""datacontenttype":"json""#, "datacontenttype"),
            (r#""Upper":"x""#, "Upper"),
            (r#""big":2147483648"#, "big"),
            (r#""list":[]"#, "list"),
            (r#""data":1,"data_base64":"""#, "data_base64"),
            (r#""data_base64":"*""#, "data_base64"),
        ] {
            assert_eq!(name(&with(member)), blamed);
        }
        assert_eq!(name(r#"{"id":"1","source":"/a","type":"b"}"#), "specversion");
        assert_eq!(
            name(r#"{"specversion":"0.3","id":"1","source":"/a","type":"b"}"#),
            "specversion"
        );
        assert_eq!(name(r#"{"specversion":"1.0","id":"1","type":"b"}"#), "source");
    }

    #[test]
    fn a_name_twice_is_refused() {
        let error = Entry::from_json(with(r#""id":"2""#).as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "attribute `id`: there more than once");
    }

    #[test]
    fn data_passes_untouched_at_any_depth() {
        let deep = format!(
            "{}1.10000000000000000000001{}",
            "[".repeat(3000),
            "]".repeat(3000)
        );
        let entry = Entry::from_json(with(&format!(r#""data":{deep}"#)).as_bytes()).unwrap();
        assert!(entry.to_json().ends_with(&format!("\"data\":{deep}}}")));
        let batch = format!(
            "[{}, {}]",
            entry.to_json(),
            with(r#""time":"2026-01-01T00:00:00+01:00""#)
        );
        let batch = batch_from_json(batch.as_bytes()).unwrap();
        assert_eq!(batch[0], entry);
        assert_eq!(
            batch[1].time().map(format_time).as_deref(),
            Some("2025-12-31T23:00:00Z")
        );
    }

    #[test]
    fn a_batch_says_which_event_is_wrong() {
        let batch = format!("[{}, {{}}]", with(r#""a":true"#));
        let error = batch_from_json(batch.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "event 1: attribute `specversion`: missing; every CloudEvent has it"
        );
    }

    fn attribute() -> impl Strategy<Value = Attribute> {
        prop_oneof![
            any::<bool>().prop_map(Attribute::Boolean),
            any::<i32>().prop_map(Attribute::Integer),
            "\\PC{0,12}".prop_map(Attribute::String),
        ]
    }

    fn data() -> impl Strategy<Value = (String, Data)> {
        let json = |text: String| Data::Json(RawValue::from_string(text).unwrap());
        prop_oneof![
            any::<f64>().prop_map(move |x| (
                "application/json".into(),
                json(serde_json::json!({ "x": x }).to_string())
            )),
            any::<String>().prop_map(|text| ("text/plain; charset=utf-8".into(), Data::Text(text))),
            any::<Vec<u8>>().prop_map(|bytes| ("image/png".into(), Data::Binary(bytes))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            id in "[^\\p{C}]{1,20}", subject in proptest::option::of("[^\\p{C}]{1,20}"),
            time in proptest::option::of(-62_000_000_000_i64..253_000_000_000), nanos in 0u32..1_000_000_000,
            extensions in proptest::collection::btree_map("x[a-z0-9]{0,8}", attribute(), 0..4),
            data in proptest::option::of(data()),
        ) {
            let mut builder = Entry::builder(id, "/x", "y");
            builder = builder.time(time.and_then(|seconds| DateTime::from_timestamp(seconds, nanos)));
            if let Some(subject) = subject {
                builder = builder.subject(subject);
            }
            for (name, value) in extensions {
                builder = builder.extension(name, value);
            }
            if let Some((media_type, data)) = data {
                builder = builder.datacontenttype(media_type).data(data);
            }
            let entry = builder.build().unwrap();
            prop_assert_eq!(Entry::from_json(entry.to_json().as_bytes()), Ok(entry));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,60}") {
            let _ = Entry::from_json(text.as_bytes());
            let _ = Entry::from_json(with(&text).as_bytes());
        }
    }
}
