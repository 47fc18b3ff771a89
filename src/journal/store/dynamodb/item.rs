//! Conversion of entries and resources to items, and back.

use super::super::StoreError;
use super::key::{self, bounded};
use crate::journal::position::head;
use crate::journal::{Append, Entry, Position, Resource, StateChange};
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use switchboard::store::dynamodb::{Item, number, string, text, whole_number};

pub(super) const PK: &str = "pk";
pub(super) const POSITION: &str = "position";
pub(super) const IDENTITY: &str = "identity";
pub(super) const SOURCE: &str = "source";
pub(super) const TYPE: &str = "type";
pub(super) const SUBJECT: &str = "subject";
pub(super) const TIME: &str = "time";
pub(super) const ORDERING: &str = "ordering";
const ID: &str = "id";
const DOCUMENT: &str = "document";
const PARTS: &str = "parts";
const DIGEST: &str = "digest";
pub(super) const EXPIRES: &str = "expires";
const URN: &str = "urn";
/// Not `type`, so that states are not in the indexes of entries by type. Older releases wrote `type`.
const RESOURCE_TYPE: &str = "resourcetype";
const STATE: &str = "state";
const DATA: &str = "data";

/// The longest document in its entry's item, in bytes. Every index has a copy of the item, so a longer document costs
/// less in an item of its own.
const INLINE_BYTES: usize = 16 * 1024;

/// The longest part of a document, in bytes: an item may have 400 KB.
const PART_BYTES: usize = 380 * 1024;

/// An entry as it is written: its item, and the items of its document's parts.
pub(super) struct WrittenItem {
    pub(super) item: Item,
    pub(super) parts: Vec<Item>,
}

/// When an entry was appended, and when it expires.
#[derive(Clone, Copy)]
pub(super) struct Retention {
    pub(super) appended: DateTime<Utc>,
    /// In seconds since 1970.
    pub(super) expires: Option<u64>,
}

impl WrittenItem {
    pub(super) fn of(append: &Append, entry: &Entry, moment: Retention) -> Self {
        let pk = key::entry(entry.source(), entry.id());
        let document = entry.to_json();
        let texts = [
            ("gsi1pk", key::partition(key::ENTRIES, &pk)),
            ("gsi2pk", key::partition(&key::of_source(entry.source()), &pk)),
            (
                POSITION,
                Position::of(append, entry, moment.appended).as_str().to_owned(),
            ),
            (IDENTITY, identity(entry)),
            (SOURCE, bounded(entry.source()).into_owned()),
            (ID, bounded(entry.id()).into_owned()),
            (TYPE, bounded(entry.event_type()).into_owned()),
            (PK, pk),
        ];
        let mut item = item(texts, moment.expires);
        if let Some(subject) = entry.subject() {
            put(&mut item, "gsi3pk", key::of_subject(subject));
            put(&mut item, SUBJECT, bounded(subject));
        }
        if let Some(time) = entry.time() {
            put(&mut item, TIME, time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        }
        if document.len() <= INLINE_BYTES {
            put(&mut item, DOCUMENT, document);
            return Self {
                item,
                parts: Vec::new(),
            };
        }
        let texts = split(&document, PART_BYTES);
        item.insert(PARTS.to_owned(), number(texts.len() as u64));
        // Other content, or another retention, has its own parts: parts are shared only with an interrupted attempt to
        // write the same entry.
        let expires = moment.expires.map_or_else(String::new, |at| at.to_string());
        let digest = key::hash(&[&document, &expires]);
        let prefix = key::parts(entry.source(), entry.id(), &entry.identity(), Some(&digest));
        put(&mut item, DIGEST, digest);
        let part = |(at, text): (usize, &&str)| part(format!("{prefix}{at}"), text, moment.expires);
        let parts = texts.iter().enumerate().map(part).collect();
        Self { item, parts }
    }
}

fn part(pk: String, text: &str, expires: Option<u64>) -> Item {
    item([(PK, pk), (DOCUMENT, text.to_owned())], expires)
}

fn item<const N: usize>(texts: [(&str, String); N], expires: Option<u64>) -> Item {
    let texts = texts.map(|(name, text)| (name.to_owned(), string(text)));
    let expires = expires.map(|at| (EXPIRES.to_owned(), number(at)));
    texts.into_iter().chain(expires).collect()
}

fn put(item: &mut Item, name: &str, text: impl Into<String>) {
    item.insert(name.to_owned(), string(text));
}

/// An item with this key, which expires like an entry of this moment.
pub(super) fn empty(pk: &str, moment: Retention) -> Item {
    item([(PK, pk.to_owned())], moment.expires)
}

/// The entry's identity, in the format of items.
pub(super) fn identity(entry: &Entry) -> String {
    bounded(&entry.identity()).into_owned()
}

/// The text in pieces of at most this many bytes.
fn split(mut text: &str, bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    while text.len() > bytes {
        let (piece, rest) = text.split_at(head(text, bytes).len());
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// A change's order, in the format of items.
pub(super) fn ordering(change: &StateChange) -> AttributeValue {
    string(bounded(change.order.as_str()))
}

/// The item of a resource, from the entry with its change.
pub(super) fn resource(entry: &Entry, change: &StateChange) -> Item {
    let pk = key::resource(&change.urn);
    let texts = [
        ("gsi1pk", key::partition(key::RESOURCES, &pk)),
        ("gsi2pk", key::partition(&key::of_type(change.resource_type), &pk)),
        (POSITION, bounded(&change.urn).into_owned()),
        (URN, change.urn.clone()),
        (RESOURCE_TYPE, change.resource_type.to_owned()),
        (STATE, change.state.clone()),
        (SOURCE, entry.source().to_owned()),
        (ID, entry.id().to_owned()),
        (PK, pk),
    ];
    let mut item = item(texts, None);
    item.insert(ORDERING.to_owned(), ordering(change));
    if let Some(time) = entry.time() {
        put(&mut item, TIME, time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    if let Some(data) = &change.data {
        put(&mut item, DATA, data.get());
    }
    item
}

/// An entry's item, as it was read.
pub(super) struct ReadItem {
    item: Item,
}

impl ReadItem {
    pub(super) fn new(item: Item) -> Self {
        Self { item }
    }

    /// Its source and id, as far as the item has them.
    pub(super) fn name(&self) -> (&str, &str) {
        let text = |name| text(&self.item, name).unwrap_or_default();
        (text(SOURCE), text(ID))
    }

    /// Its position.
    pub(super) fn position(&self) -> &str {
        text(&self.item, POSITION).unwrap_or_default()
    }

    /// The keys of its document's parts; empty if the item has the document.
    pub(super) fn parts(&self) -> Result<Vec<String>, StoreError> {
        let Some(parts) = whole_number(&self.item, PARTS) else {
            return Ok(Vec::new());
        };
        let need = |name| need(&self.item, name);
        let digest = text(&self.item, DIGEST);
        let prefix = key::parts(need(SOURCE)?, need(ID)?, need(IDENTITY)?, digest);
        Ok((0..parts).map(|at| format!("{prefix}{at}")).collect())
    }

    /// How many bytes the entry of an item adds to an answer.
    pub(super) fn len(item: &Item) -> usize {
        match whole_number(item, PARTS) {
            Some(parts) => usize::try_from(parts)
                .unwrap_or(usize::MAX)
                .saturating_mul(PART_BYTES),
            None => text(item, DOCUMENT).map_or(0, str::len),
        }
    }

    /// A part of its document is missing, although an entry is written after its parts.
    pub(super) fn incomplete(&self) -> StoreError {
        damaged(&self.item, PARTS)
    }

    /// The entry, with the parts of its document if there are any.
    pub(super) fn entry(&self, parts: &[Item]) -> Result<Entry, StoreError> {
        let document = match parts {
            [] => need(&self.item, DOCUMENT)?.to_owned(),
            parts => parts
                .iter()
                .map(|part| need(part, DOCUMENT))
                .collect::<Result<_, _>>()?,
        };
        let entry = Entry::from_json(document.as_bytes());
        let entry = entry.map_err(|error| damaged(&self.item, DOCUMENT).caused_by(error))?;
        Ok(entry.identified_by(need(&self.item, IDENTITY)?.to_owned()))
    }
}

/// How many bytes a resource adds to an answer.
pub(super) fn resource_len(item: &Item) -> usize {
    [URN, STATE, ID, DATA]
        .iter()
        .filter_map(|name| text(item, name))
        .map(str::len)
        .sum()
}

/// The resource's name, as far as the item has it.
pub(super) fn urn(item: &Item) -> &str {
    text(item, URN).unwrap_or_default()
}

/// Reads a resource.
pub(super) fn to_resource(item: &Item) -> Result<Resource, StoreError> {
    let need = |name| need(item, name).map(str::to_owned);
    let time = text(item, TIME).map(DateTime::parse_from_rfc3339).transpose();
    let data = text(item, DATA)
        .map(|data| RawValue::from_string(data.to_owned()))
        .transpose();
    Ok(Resource {
        urn: need(URN)?,
        resource_type: need(RESOURCE_TYPE).or_else(|_| need(TYPE))?,
        state: need(STATE)?,
        time: time
            .map_err(|error| damaged(item, TIME).caused_by(error))?
            .map(|time| time.to_utc()),
        source: need(SOURCE)?,
        id: need(ID)?,
        data: data.map_err(|error| damaged(item, DATA).caused_by(error))?,
    })
}

/// The key of an item.
pub(super) fn key_of(pk: &str) -> Item {
    Item::from([(PK.to_owned(), AttributeValue::S(pk.to_owned()))])
}

/// A text attribute that every item of this kind has.
pub(super) fn need<'i>(item: &'i Item, name: &'static str) -> Result<&'i str, StoreError> {
    text(item, name).ok_or_else(|| damaged(item, name))
}

fn damaged(item: &Item, name: &'static str) -> StoreError {
    let pk = text(item, PK).unwrap_or("?");
    StoreError::damaged(format!(
        "the item `{pk}` does not belong to the journal: its `{name}` is missing or invalid"
    ))
}
