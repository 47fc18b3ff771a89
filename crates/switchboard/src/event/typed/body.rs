//! Where an event's records have their body, and what is made of one.

use super::content::{self, Content};
use super::plain::RecordBefore;
use super::record::{FromRecord, Record, TypedItem};
use super::spans::{self, ValuePlace};
use crate::event::{Event, Mended, Unreadable};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::KinesisEvent;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// An event whose records carry a body that the sender composed. Handlers of it can ask for [`Json`](crate::Json), `String`,
/// `Vec<u8>` and [`Bytes`].
///
/// # Example
///
/// An event of one's own:
///
/// ```
/// use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
/// use switchboard::event::{BodyEncoding, Delivery, Event, WithBody};
/// use switchboard::source::Source;
/// use switchboard::{Context, Failure, Json, Router};
///
/// struct Alarms;
///
/// impl Event for Alarms {
///     const SOURCES: &'static [Source] = &[Source::CloudwatchAlarm];
///     const DELIVERY: Delivery = Delivery::Whole;
///     const ID: &'static [&'static str] = &["alarmArn"];
///     type Item = serde_json::Value;
///     type Reply = ();
/// }
///
/// impl WithBody for Alarms {
///     const BODY: &'static [&'static str] = &["alarmData"];
///     const ENCODING: BodyEncoding = BodyEncoding::Json;
/// }
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Alarm {
///     alarm_name: String,
/// }
///
/// async fn on_alarm(Json(alarm): Json<Alarm>, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::warn!(alarm = alarm.alarm_name, "an alarm");
///     Ok(())
/// }
///
/// let router = Router::new(()).on_record::<Alarms, _>(on_alarm);
/// # let _ = router;
/// ```
#[diagnostic::on_unimplemented(
    message = "the records of `{Self}` have no body",
    label = "a handler of `{Self}` cannot ask for a body",
    note = "S3, SES and CloudWatch Logs send no body of yours: ask for the struct of `aws_lambda_events`; for DynamoDB, ask for \
            `Change<T>`"
)]
pub trait WithBody: Event {
    /// The JSON path of the body, from the record's root with dots between the keys. Of several the first that is there counts.
    const BODY: &'static [&'static str];

    /// How the body is encoded.
    const ENCODING: BodyEncoding;

    /// The JSON path of what a schema registry says of the body.
    #[doc(hidden)]
    const SCHEMA: Option<&'static str> = None;
}

/// How a body is encoded in its record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BodyEncoding {
    /// A text.
    Text,
    /// A text that is base64 of the body.
    Base64,
    /// The body is JSON, and part of the record's own.
    Json,
}

impl WithBody for KinesisEvent {
    const BODY: &'static [&'static str] = &["kinesis.data"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
}

impl<T> WithBody for CloudWatchEvent<T>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    const BODY: &'static [&'static str] = &["detail"];
    const ENCODING: BodyEncoding = BodyEncoding::Json;
}

#[cfg(feature = "sqs")]
impl WithBody for aws_lambda_events::sqs::SqsEvent {
    const BODY: &'static [&'static str] = &["body"];
    const ENCODING: BodyEncoding = BodyEncoding::Text;
}

#[cfg(feature = "sns")]
impl WithBody for aws_lambda_events::sns::SnsEvent {
    const BODY: &'static [&'static str] = &["Sns.Message"];
    const ENCODING: BodyEncoding = BodyEncoding::Text;
}

#[cfg(feature = "kafka")]
impl WithBody for aws_lambda_events::kafka::KafkaEvent {
    const BODY: &'static [&'static str] = &["value"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
    const SCHEMA: Option<&'static str> = Some("valueSchemaMetadata");
}

#[cfg(feature = "firehose")]
impl WithBody for aws_lambda_events::firehose::KinesisFirehoseEvent {
    const BODY: &'static [&'static str] = &["data", "kafkaRecordValue"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
}

#[cfg(feature = "activemq")]
impl WithBody for aws_lambda_events::activemq::ActiveMqEvent {
    const BODY: &'static [&'static str] = &["data"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
}

#[cfg(feature = "rabbitmq")]
impl WithBody for aws_lambda_events::rabbitmq::RabbitMqEvent {
    const BODY: &'static [&'static str] = &["data"];
    const ENCODING: BodyEncoding = BodyEncoding::Base64;
}

#[cfg(feature = "documentdb")]
impl WithBody for aws_lambda_events::documentdb::DocumentDbEvent {
    const BODY: &'static [&'static str] = &["event"];
    const ENCODING: BodyEncoding = BodyEncoding::Json;
}

/// What can be made of a body.
pub(super) trait FromBody: Sized + Send + 'static {
    fn from_body(body: Content<'_>) -> Result<Self, Unreadable>;
}

/// Makes it of a body that has to be there.
pub(super) fn required<B: FromBody>(body: Option<Content<'_>>) -> Result<B, Unreadable> {
    body.ok_or_else(|| Unreadable::because(".", "there is none").of_part("body"))
        .and_then(B::from_body)
}

/// The first place of an event's body.
struct AtBody<E>(PhantomData<E>);

impl<E: WithBody> ValuePlace for AtBody<E> {
    const PATH: &'static str = E::BODY[0];
}

/// Reads a body at the start of `text`, in the same pass that checks the record around it.
pub(super) fn read_first<'p, E: WithBody, B>(
    text: &'p str,
    before: &mut RecordBefore<'p>,
    read: impl FnOnce(Option<Content<'_>>) -> Result<B, Unreadable>,
) -> Option<(Mended<Box<B>>, usize)> {
    let (written, length) = spans::first::<AtBody<E>>(text, before)?;
    let body = content::with(written, E::ENCODING, read).ok()?;
    Some((Mended::plain(body), length))
}

/// A handler can ask for it of every event that has a body, and for an `Option` of it.
macro_rules! bodies {
    ($($body:ty $(where $T:ident: $bound:ident)?;)*) => {$(
        impl<E: WithBody $(, $T: $bound + Send + 'static)?> FromRecord<E> for $body {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                record.with_body(required)
            }

            fn read_first<'p>(
                text: &'p str,
                _: DateTime<Utc>,
                before: &mut RecordBefore<'p>,
            ) -> Option<(Mended<Box<Self>>, usize)> {
                read_first::<E, Self>(text, before, required)
            }
        }

        impl$(<$T: Send + 'static>)? TypedItem for $body {}

        impl<E: WithBody $(, $T: $bound + Send + 'static)?> FromRecord<E> for Option<$body> {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                record.with_body(|body| body.map(FromBody::from_body).transpose())
            }

            fn read_first<'p>(
                text: &'p str,
                _: DateTime<Utc>,
                before: &mut RecordBefore<'p>,
            ) -> Option<(Mended<Box<Self>>, usize)> {
                read_first::<E, Self>(text, before, |body| body.map(FromBody::from_body).transpose())
            }
        }
    )*};
}

bodies! {
    super::Json<T> where T: DeserializeOwned;
    String;
    Vec<u8>;
    Bytes;
}

impl<T: TypedItem> TypedItem for Option<T> {}

impl FromBody for String {
    fn from_body(body: Content<'_>) -> Result<Self, Unreadable> {
        body.text().map(str::to_owned)
    }
}

impl FromBody for Vec<u8> {
    fn from_body(body: Content<'_>) -> Result<Self, Unreadable> {
        Ok(body.bytes().to_vec())
    }
}

impl FromBody for Bytes {
    fn from_body(body: Content<'_>) -> Result<Self, Unreadable> {
        Ok(Bytes::copy_from_slice(body.bytes()))
    }
}
