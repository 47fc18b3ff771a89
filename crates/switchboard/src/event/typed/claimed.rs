//! A body that may be in S3, with a pointer to it in the record.

use super::attributes::{Attributes, WithAttributes};
use super::body::WithBody;
use super::content;
use super::record::{FromRecord, Record};
use crate::event::{Event, Unreadable};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The attributes whose presence says that the body is a pointer: today's name and the first one of the extended clients.
const SIZES: [&str; 2] = ["ExtendedPayloadSize", "SQSLargePayloadSize"];

/// The classes that pointers name, in the same order.
const CLASSES: [&str; 2] = [
    "software.amazon.payloadoffloading.PayloadS3Pointer",
    "com.amazon.sqs.javamessaging.MessageS3Pointer",
];

/// Where a body is that was too large for its message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct S3Pointer {
    /// The bucket in S3.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The size in bytes that the sender says.
    pub size: Option<u64>,
    /// How many bytes are accepted.
    pub most: u64,
}

/// What a handler with a claim check is registered with: an item, or where its body is.
#[doc(hidden)]
pub struct MaybeClaimed<I>(pub(crate) BodyOrPointer<I>);

pub(crate) enum BodyOrPointer<I> {
    Here(I),
    Elsewhere(S3Pointer, WithBodyOf<I>),
}

/// Reads an item from a record's text with another body in it.
pub(crate) type WithBodyOf<I> = fn(&[u8], &str, DateTime<Utc>) -> Result<I, Unreadable>;

impl<E: WithBody + WithAttributes, I: FromRecord<E>> FromRecord<E> for MaybeClaimed<I> {
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        let Some(size) = size(&record) else {
            return I::from_record(record).map(|item| Self(BodyOrPointer::Here(item)));
        };
        let pointer = record.value(E::BODY[0]).and_then(|body| content::text(body).ok());
        let pointer = pointer.and_then(|pointer| serde_json::from_str::<WrittenPointer>(&pointer).ok());
        let Some(WrittenPointer(_, object)) = pointer.filter(|pointer| CLASSES.contains(&&*pointer.0)) else {
            let problem =
                "an attribute says that it is a pointer to S3, and it is none of the extended clients'";
            return Err(Unreadable::because(".", problem).of_part("body"));
        };
        let pointer = S3Pointer {
            bucket: object.bucket,
            key: object.key,
            size: size.parse().ok(),
            most: u64::MAX,
        };
        Ok(Self(BodyOrPointer::Elsewhere(pointer, with_body::<E, I>)))
    }
}

/// The size in the attribute that makes a body a pointer.
fn size<E: WithAttributes>(record: &Record<'_, E>) -> Option<String> {
    let attributes = record.value(E::ATTRIBUTES)?;
    // Most messages have none of them: nothing is copied to know that.
    if !SIZES.iter().any(|name| attributes.contains(name)) {
        return None;
    }
    let attributes = Attributes::from_record(*record).ok()?;
    let size = SIZES.iter().find_map(|name| attributes.get(name))?;
    Some(size.into_owned())
}

/// The array that the extended clients write: a class and its fields.
#[derive(Deserialize)]
struct WrittenPointer(String, WrittenObject);

#[derive(Deserialize)]
struct WrittenObject {
    #[serde(rename = "s3BucketName")]
    bucket: String,
    #[serde(rename = "s3Key")]
    key: String,
}

fn with_body<E, I>(raw: &[u8], body: &str, received: DateTime<Utc>) -> Result<I, Unreadable>
where
    E: Event + WithBody,
    I: FromRecord<E>,
{
    let moved = || Unreadable::because(".", "it is not where its source documents it").of_part("body");
    let text = std::str::from_utf8(raw).map_err(|_| moved())?;
    let pointer = Record::<E>::new(text, received)
        .value(E::BODY[0])
        .ok_or_else(moved)?;
    let start = pointer.as_ptr().addr() - text.as_ptr().addr();
    let body = serde_json::to_string(body).map_err(|error| Unreadable::at(".", &error))?;
    let whole = [&text[..start], &body, &text[start + pointer.len()..]].concat();
    I::read(whole.as_bytes(), received).map(|read| *read.item)
}
