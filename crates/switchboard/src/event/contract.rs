//! What an event type has to say of itself to be routed.

use super::{Mend, Object};
use crate::source::Source;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// An event that [`Router::on`](crate::Router::on) can route: which sources carry it, what a handler gets of it,
/// and how its delivery is answered.
///
/// Implemented for `S3Event`, `dynamodb::Event`, `KinesisEvent` and `CloudWatchEvent`, with the features of their names
/// for `SqsEvent`, `SnsEvent`, `SimpleEmailEvent`, `KafkaEvent`, `KinesisFirehoseEvent` and `LogsEvent`; a further
/// source takes a few lines, on a type of one's own:
///
/// ```
/// use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
/// use switchboard::event::{Delivery, Event};
/// use switchboard::source::Source;
///
/// /// CloudWatch alarm actions.
/// struct Alarms;
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Alarm {
///     alarm_arn: String,
/// }
///
/// impl Event for Alarms {
///     const SOURCES: &'static [Source] = &[Source::CloudwatchAlarm];
///     const DELIVERY: Delivery = Delivery::Whole;
///     const ID: &'static [&'static str] = &["alarmArn"];
///     type Item = Alarm;
///     type Reply = ();
/// }
/// ```
pub trait Event: 'static {
    /// The sources that carry this event.
    const SOURCES: &'static [Source];

    /// How its delivery is answered.
    const DELIVERY: Delivery;

    /// JSON paths, from the item's root with dots between the keys, whose values joined by `/` name the item in
    /// its source's terms. For [`Delivery::Stream`] this is the identifier that a failure is reported by.
    const ID: &'static [&'static str];

    /// JSON paths whose values together tell the item from every other of its source, and are the same whenever it is
    /// delivered: what an idempotency key is made of. A path that ends in `?` may lack its value; without any other
    /// the item has no identity. By default what [`Event::ID`] says, which for some sources names less than one event:
    /// an object, say, rather than one change of it.
    const IDENTITY: &'static [&'static str] = Self::ID;

    /// JSON paths of what the item says, without what differs between its deliveries (a receive count, a receipt
    /// handle): by it another payload under the same idempotency key is noticed. By default nothing, and any payload
    /// passes.
    const CONTENT: &'static [&'static str] = &[];

    /// The JSON path of the id by which the item's log lines are found again, if that is another than its identity: of S3,
    /// that of the request which changed the object.
    const CORRELATION: Option<&'static str> = None;

    /// The JSON path of how many times the item has been delivered, where its source says so.
    const ATTEMPT: Option<&'static str> = None;

    /// The JSON path of when the item came into its stream, in seconds since 1970, where the source is one.
    const ARRIVAL: Option<&'static str> = None;

    /// The times of the item that are kept in a `SecondTimestamp` or a `MillisecondTimestamp` of `aws_lambda_events`,
    /// which read some times as others: they are read as they are written instead. At most two; by default none.
    const TIMESTAMPS: &'static [Timestamp<Self::Item>] = &[];

    /// What AWS and others may leave out of the item, or spell otherwise, though `Item` takes it literally: JSON paths
    /// from the item's root, `*` for any key or element, and how to [mend](Mend) what stands there, 64 at most.
    ///
    /// With any of these, an item that `Item` refuses is read as `Item` means it: the same value may stand there in another
    /// spelling (a number or a flag as text, text as a number, one value for a list of one, a list of one for its value,
    /// times as RFC 3339 has them or as numbers), and of a key that stands twice the last value counts. By default, for
    /// types of one's own, an item is what its type says.
    const MENDS: &'static [(&'static str, Mend)] = &[];

    /// What one call of the handler gets: a record of a batch, or the whole event.
    type Item: DeserializeOwned + Send + 'static;

    /// What the handler gives back when it is done: `()` unless the source takes an answer.
    type Reply: Serialize + Send + 'static;

    /// Moves what stands in another place than `Item` expects it, beyond what [`Event::MENDS`] can say. Called only when
    /// reading has failed; `received` is the time of receipt, the stand-in for a missing time.
    fn mend(object: &mut Object<'_>, received: DateTime<Utc>) {
        let _ = (object, received);
    }

    /// The lane of an item: items of one lane are handled in their order, one after another. `None`: it has none.
    fn lane(item: &Self::Item) -> Option<String> {
        let _ = item;
        None
    }

    /// The lane of an item that cannot be read; the same that [`Event::lane`] would give for it. `None`: it cannot be
    /// told either.
    fn lane_of(object: &Object<'_>) -> Option<String> {
        let _ = object;
        None
    }

    /// Whether there is nothing in the item to handle: it succeeds without its handler.
    fn is_void(item: &Self::Item) -> bool {
        let _ = item;
        false
    }

    /// Takes the item's JSON out of what is around it, if it does not stand there as it is: compressed, say.
    ///
    /// # Errors
    ///
    /// What is wrong, for people to read.
    fn unpack(raw: &[u8]) -> Result<Cow<'_, [u8]>, String> {
        Ok(Cow::Borrowed(raw))
    }

    /// Puts a stand-in where plain reading silently invented a value (a missing time that reads as 1970), and
    /// names the JSON paths of what it put in.
    fn fill(item: &mut Self::Item, received: DateTime<Utc>) -> &'static [&'static str] {
        let _ = (item, received);
        &[]
    }
}

/// Where an item keeps a time, if it has it.
pub type Timestamp<T> = fn(&mut T) -> Option<&mut DateTime<Utc>>;

/// How a source delivers, and what it takes as an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Ordered records of a shard. The first failure ends the batch and is reported in `batchItemFailures`; the
    /// source delivers again from that record on.
    ///
    /// Lambda Developer Guide, “Configuring partial batch response with Kinesis Data Streams and Lambda”.
    Stream,
    /// Messages of a queue: each that is not done is reported in `batchItemFailures` by its id, the rest is deleted.
    /// Inside a lane (a message group) nothing is handled after a failure.
    ///
    /// Lambda Developer Guide, “Implementing partial batch responses” of “Using Lambda with Amazon SQS”.
    Queue,
    /// Ordered records of the partitions of a topic, each partition in a list of its own. The first failure ends its
    /// partition, and `batchItemFailures` names every record that is not done by partition and offset: the one that failed
    /// and all behind it.
    ///
    /// Lambda Developer Guide, “Configuring error handling controls for Kafka event sources”, which says that the failed
    /// records come again, and nothing of those behind them.
    Partitions,
    /// Records to transform, each answered for by its `recordId`: `Ok` with the handler's reply (which is to serialise
    /// to the object of a result, but for its `recordId`), `Dropped` if it was rejected, else `ProcessingFailed`.
    /// Nothing is delivered again: the source keeps what failed apart.
    ///
    /// Amazon Data Firehose Developer Guide, “Required parameters for data transformation”.
    Transformation,
    /// Records without order and without partial answers, invoked asynchronously. All are handled; if any failed,
    /// the invocation fails, naming them, so that Lambda delivers the event again.
    ///
    /// Lambda Developer Guide, “How Lambda handles errors and retries with asynchronous invocation”.
    Notification,
    /// The payload is one event. The handler's reply is the answer; a failure fails the invocation.
    Whole,
}
