//! The key by which a record was put into its stream or topic.

use super::body::{BodyEncoding, FromBody, required};
use super::content;
use super::record::{FromRecord, Record, TypedItem};
use crate::event::{Event, Unreadable};
use aws_lambda_events::kinesis::KinesisEvent;
#[cfg(feature = "validation")]
use std::borrow::Cow;

/// An event whose records have a key: Kafka's, which is base64, and Kinesis' partition key.
#[diagnostic::on_unimplemented(
    message = "the records of `{Self}` have no key",
    label = "a handler of it cannot ask for a `RecordKey`"
)]
pub trait WithKey: Event {
    /// The JSON path of the key. Of several the first that is there counts.
    const KEY: &'static [&'static str];

    /// How the key is written.
    const ENCODING: BodyEncoding;

    /// The JSON path of what a schema registry says of the key.
    #[doc(hidden)]
    const SCHEMA: Option<&'static str> = None;
}

impl WithKey for KinesisEvent {
    const KEY: &'static [&'static str] = &["kinesis.partitionKey"];
    const ENCODING: BodyEncoding = BodyEncoding::Text;
}

#[cfg(feature = "kafka")]
impl WithKey for aws_lambda_events::kafka::KafkaEvent {
    const KEY: &'static [&'static str] = &["key"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
    const SCHEMA: Option<&'static str> = Some("keySchemaMetadata");
}

/// A record's key: of Kafka as a `String`, as bytes or as [`Json`](crate::Json); of Kinesis the partition key.
///
/// Where it may be missing, as in Kafka, ask for an `Option<RecordKey<_>>`.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::RecordKey;
/// use switchboard::{Context, Failure, Json, Router};
///
/// #[derive(Deserialize)]
/// struct Click {
///     page: String,
/// }
///
/// async fn on_click((RecordKey(visitor), Json(click)): (RecordKey, Json<Click>), _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(visitor, click.page, "a click");
///     Ok(())
/// }
///
/// let router = Router::new(()).kinesis(on_click);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordKey<T = String>(pub T);

#[cfg(feature = "validation")]
impl<'r, E: WithKey> Record<'r, E> {
    /// The record's key, decoded.
    pub(super) fn key(&self) -> Option<Cow<'r, [u8]>> {
        let written = self.find(E::KEY)?;
        let key = content::whole(&written, E::ENCODING).ok().flatten()?;
        Some(Cow::Owned(key.into_owned()))
    }
}

impl<T: Send + 'static> TypedItem for RecordKey<T> {}

impl<E: WithKey, T: FromBody> FromRecord<E> for RecordKey<T> {
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        let read = match record.find(E::KEY) {
            Some(written) => content::with(&written, E::ENCODING, required),
            None => required(None),
        };
        read.map(Self).map_err(|unreadable| unreadable.of_part("key"))
    }
}

impl<E: WithKey, T: FromBody> FromRecord<E> for Option<RecordKey<T>> {
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        let Some(written) = record.find(E::KEY) else {
            return Ok(None);
        };
        let key = content::with(&written, E::ENCODING, |key| key.map(T::from_body).transpose());
        key.map(|key| key.map(RecordKey))
            .map_err(|unreadable| unreadable.of_part("key"))
    }
}
