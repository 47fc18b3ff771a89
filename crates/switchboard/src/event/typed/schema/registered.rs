//! Data with what is known of its schema, from a record's body or key.

use super::avro::{Avro, AvroRecord};
use super::header::{Registry, headed};
use super::protobuf::Protobuf;
use crate::event::typed::body::WithBody;
use crate::event::typed::content::{self, Content};
use crate::event::typed::key::{RecordKey, WithKey};
use crate::event::typed::record::{FromRecord, Record, TypedItem};
use crate::event::{Event, Unreadable};
use prost::Message;
use std::borrow::Cow;

/// Data, and what is known of its schema.
#[derive(Debug)]
pub(super) struct Registered<'b> {
    pub(super) data: Cow<'b, [u8]>,
    /// Who gave the schema its id, and the id; nothing if neither the mapping nor a header says it.
    pub(super) schema: Option<(Registry, String)>,
}

/// What can be made of such data.
pub(super) trait FromRegistered: Sized + Send + 'static {
    /// What a mapping calls its format.
    const FORMAT: &'static str;

    /// Whether data may come without a header.
    const MAY_BE_BARE: bool;

    fn from_registered(data: Registered<'_>) -> Result<Self, Unreadable>;
}

/// The longest id of Confluent's registry; Glue's are UUIDs.
const LONGEST_NUMBER: usize = 20;

/// Reads a body or a key. `metadata` is where the mapping says what its schema is.
fn read<E: Event, B: FromRegistered>(
    record: &Record<'_, E>,
    metadata: Option<&str>,
    body: Content<'_>,
) -> Result<B, Unreadable> {
    let said = |name: &str| record.text(&format!("{}.{name}", metadata?));
    let (format, id) = (said("dataFormat"), said("schemaId"));
    if let Some(format) = format.as_deref().filter(|format| *format != B::FORMAT) {
        let problem = format!(
            "the mapping delivers {format}, and the handler asks for {}",
            B::FORMAT
        );
        return Err(Unreadable::because(".", problem));
    }
    let data = body.bytes();
    if format.is_some() || id.is_some() {
        let registry = |id: &str| match id.len() > LONGEST_NUMBER {
            true => Registry::Glue,
            false => Registry::Confluent,
        };
        return B::from_registered(Registered {
            data: Cow::Borrowed(data),
            schema: id.map(|id| (registry(&id), id.into_owned())),
        });
    }
    match headed(data) {
        Ok(Some(headed)) => B::from_registered(Registered {
            data: headed.data,
            schema: Some((headed.registry, headed.id)),
        }),
        Ok(None) if B::MAY_BE_BARE => B::from_registered(Registered {
            data: Cow::Borrowed(data),
            schema: None,
        }),
        Ok(None) => Err(Unreadable::because(
            ".",
            "there is no header of a schema registry before it",
        )),
        Err(problem) => Err(Unreadable::because(".", problem)),
    }
}

fn value<E: WithBody, B: FromRegistered>(
    record: &Record<'_, E>,
    body: Option<Content<'_>>,
) -> Result<Option<B>, Unreadable> {
    let value = body.map(|body| read(record, E::SCHEMA, body)).transpose();
    value.map_err(|unreadable| unreadable.of_part("body"))
}

fn key<E: WithKey, B: FromRegistered>(record: &Record<'_, E>) -> Result<Option<RecordKey<B>>, Unreadable> {
    let Some(written) = record.find(E::KEY) else {
        return Ok(None);
    };
    let key = content::with(&written, E::ENCODING, |key| {
        key.map(|key| read(record, E::SCHEMA, key)).transpose()
    });
    key.map(|key| key.map(RecordKey))
        .map_err(|unreadable| unreadable.of_part("key"))
}

fn none(part: &'static str) -> Unreadable {
    Unreadable::because(".", "there is none").of_part(part)
}

/// A handler can ask for it of every event that has a body or a key.
macro_rules! registered {
    ($($read:ident<$T:ident: $($bound:ident),+>;)*) => {$(
        impl<E: WithBody, $T: $($bound +)+ 'static> FromRecord<E> for $read<$T> {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                record.with_body(|body| value(&record, body)?.ok_or_else(|| none("body")))
            }
        }

        impl<$T: Send + 'static> TypedItem for $read<$T> {}

        impl<E: WithBody, $T: $($bound +)+ 'static> FromRecord<E> for Option<$read<$T>> {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                record.with_body(|body| value(&record, body))
            }
        }

        impl<E: WithKey, $T: $($bound +)+ 'static> FromRecord<E> for RecordKey<$read<$T>> {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                key(&record)?.ok_or_else(|| none("key"))
            }
        }

        impl<E: WithKey, $T: $($bound +)+ 'static> FromRecord<E> for Option<RecordKey<$read<$T>>> {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                key(&record)
            }
        }
    )*};
}

registered! {
    Avro<T: AvroRecord>;
    Protobuf<T: Message, Default>;
}
