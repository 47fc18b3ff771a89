//! What is the same at every delivery of an item: its identity and its content.

use super::read::{LONGEST_ID, caught_again, readable};
use super::{Event, Object};
use crate::source::parts;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::fmt;

/// How many paths an event may have for both together.
const MAX_PATHS: usize = 8;

/// [`Event::IDENTITY`] and [`Event::CONTENT`] with the event's type erased.
pub(crate) struct StableFields {
    paths: [Option<&'static str>; MAX_PATHS],
    required: [bool; MAX_PATHS],
    /// How many of the paths are the identity's; the others are the content's.
    identity: usize,
    count: usize,
    mend: fn(&mut Object<'_>, DateTime<Utc>),
}

impl StableFields {
    /// For something that has no identity.
    pub(crate) const NONE: Self = Self {
        paths: [None; MAX_PATHS],
        required: [false; MAX_PATHS],
        identity: 0,
        count: 0,
        mend: |_, _| {},
    };

    /// Evaluated at compile time: too many paths are a compile error.
    pub(crate) const fn of<E: Event>() -> Self {
        let (identity, content) = (E::IDENTITY, E::CONTENT);
        let count = identity.len() + content.len();
        assert!(
            count <= MAX_PATHS,
            "an event's identity and content have at most 8 paths"
        );
        let mut fields = Self {
            paths: [None; MAX_PATHS],
            required: [false; MAX_PATHS],
            identity: identity.len(),
            count,
            mend: E::mend,
        };
        let mut index = 0;
        while index < count {
            let path = match index < identity.len() {
                true => identity[index],
                false => content[index - identity.len()],
            };
            // The mark of a path whose value may be missing.
            let optional = matches!(path.as_bytes(), [.., b'?']);
            fields.required[index] = !optional;
            fields.paths[index] = Some(path.split_at(path.len() - optional as usize).0);
            index += 1;
        }
        fields
    }

    /// The identity's parts as text, joined by `/`.
    pub(crate) fn identity(&'static self, raw: &[u8], received: DateTime<Utc>) -> Option<String> {
        self.find(raw, received).name()
    }

    /// The same, unless it is longer than any source's identity.
    pub(crate) fn short_identity(&'static self, raw: &[u8], received: DateTime<Utc>) -> Option<String> {
        let found = self.find(raw, received);
        let mut parts = found.identity()?.iter().flatten();
        match parts.all(|part| part.len() <= LONGEST_ID) {
            true => found.name(),
            false => None,
        }
    }

    /// The values at the paths.
    pub(crate) fn find<'r>(&'static self, raw: &'r [u8], received: DateTime<Utc>) -> FoundParts<'r> {
        let mut found = FoundParts {
            values: parts(raw, self.paths).map(|value| value.map(Cow::Borrowed)),
            fields: self,
        };
        if !found.is_complete() {
            self.mend(raw, received, &mut found);
        }
        found
    }

    /// If a required value is missing, it may be elsewhere, as in the flat records of EventBridge Pipes.
    #[cold]
    fn mend(&self, raw: &[u8], received: DateTime<Utc>, found: &mut FoundParts<'_>) {
        let readable = readable(raw);
        let Some(mut object) = Object::parse(readable.as_bytes()) else {
            return;
        };
        if caught_again(|| (self.mend)(&mut object, received)).is_none() {
            return;
        }
        for (path, value) in self.paths.iter().zip(&mut found.values) {
            let mended = path.and_then(|path| object.get(path));
            *value = mended.map(|value| Cow::Owned(value.get().as_bytes().to_vec()));
        }
    }
}

impl fmt::Debug for StableFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StableFields")
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

/// A value's JSON as it is written; `None` if there is none.
pub(crate) type Part<'r> = Option<Cow<'r, [u8]>>;

/// An item's identity and content.
#[derive(Debug)]
pub(crate) struct FoundParts<'r> {
    values: [Part<'r>; MAX_PATHS],
    fields: &'static StableFields,
}

impl<'r> FoundParts<'r> {
    /// The identity's parts; `None` if a required one is missing.
    pub(crate) fn identity(&self) -> Option<&[Part<'r>]> {
        let parts = &self.values[..self.fields.identity];
        let missing = parts
            .iter()
            .zip(self.fields.required)
            .any(|(part, required)| required && is_missing(part));
        (!missing && !parts.is_empty()).then_some(parts)
    }

    fn name(&self) -> Option<String> {
        let parts: Vec<_> = self.identity()?.iter().map(text).collect();
        Some(parts.join("/"))
    }

    /// The content's parts; empty if the event names no content.
    pub(crate) fn content(&self) -> &[Part<'r>] {
        &self.values[self.fields.identity..self.fields.count]
    }

    fn is_complete(&self) -> bool {
        let mut parts = self.values[..self.fields.count].iter().zip(self.fields.required);
        !parts.any(|(part, required)| required && is_missing(part))
    }
}

/// Empty values count as missing: they identify nothing.
fn is_missing(part: &Part<'_>) -> bool {
    part.as_deref()
        .is_none_or(|value| matches!(value, b"null" | b"\"\""))
}

fn text<'p>(part: &'p Part<'_>) -> Cow<'p, str> {
    let Some(value) = part.as_deref().filter(|value| *value != b"null") else {
        return Cow::Borrowed("");
    };
    let raw = String::from_utf8_lossy(value);
    match serde_json::from_str::<String>(&raw) {
        Ok(text) => Cow::Owned(text),
        Err(_) => raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::kinesis::KinesisEvent;
    use aws_lambda_events::s3::S3Event;

    fn identity<E: Event>(raw: &str) -> Option<String> {
        const { &StableFields::of::<E>() }.identity(raw.as_bytes(), DateTime::UNIX_EPOCH)
    }

    const S3: &str = r#"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"a/k","sequencer":"0A","versionId":"v1"}}}"#;

    #[test]
    fn an_optional_part_may_be_missing_and_another_may_not() {
        assert_eq!(
            identity::<S3Event>(S3).as_deref(),
            Some("b/a/k/v1/0A/ObjectCreated:Put/")
        );
        let unversioned = S3.replace(r#","versionId":"v1""#, "");
        assert_eq!(
            identity::<S3Event>(&unversioned).as_deref(),
            Some("b/a/k//0A/ObjectCreated:Put/")
        );
        let null = S3.replace(r#""v1""#, "null");
        assert_eq!(
            identity::<S3Event>(&null).as_deref(),
            Some("b/a/k//0A/ObjectCreated:Put/")
        );
        for missing in [r#","sequencer":"0A""#, r#""eventName":"ObjectCreated:Put","#] {
            assert_eq!(identity::<S3Event>(&S3.replace(missing, "")), None);
        }
        assert_eq!(identity::<S3Event>(&S3.replace("0A", "")), None);
        assert_eq!(identity::<S3Event>("{"), None);
    }

    #[test]
    fn what_pipes_lay_flat_says_the_same() {
        let kinesis = r#"{"eventID":"s:1","kinesis":{"data":"eA==","partitionKey":"p"}}"#;
        let pipes = r#"{"eventID":"s:1","data":"eA==","partitionKey":"p"}"#;
        for raw in [kinesis, pipes] {
            let fields = const { &StableFields::of::<KinesisEvent>() };
            let found = fields.find(raw.as_bytes(), DateTime::UNIX_EPOCH);
            assert_eq!(found.values[0].as_deref(), Some(&b"\"s:1\""[..]));
            assert_eq!(found.values[1].as_deref(), Some(&b"\"eA==\""[..]));
        }
        assert_eq!(identity::<KinesisEvent>(pipes).as_deref(), Some("s:1"));
    }
}
