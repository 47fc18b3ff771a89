//! What an event type must say about itself to be routed.

use super::{Mend, Object};
use crate::source::{Delivery, Source};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// An event that [`Router::on`](crate::Router::on) can route: which sources send it, what a handler gets, and how its
/// delivery is answered.
///
/// Implemented for `S3Event`, `dynamodb::Event`, `KinesisEvent` and `CloudWatchEvent`, and, with the features of their
/// names, for `SqsEvent`, `SnsEvent`, `SimpleEmailEvent`, `KafkaEvent`, `KinesisFirehoseEvent` and `LogsEvent`. For
/// another source it takes a few lines, on a type of your own:
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
    /// The sources that send this event.
    const SOURCES: &'static [Source];

    /// How its delivery is answered.
    const DELIVERY: Delivery;

    /// JSON paths from the item's root, with dots between the keys. Their values, joined by `/`, name the item in its
    /// source's terms. For [`Delivery::Stream`] this is the identifier by which a failure is reported.
    const ID: &'static [&'static str];

    /// JSON paths whose values together distinguish the item from every other item of its source, and are the same at
    /// every delivery: idempotency keys are made from them. The value at a path that ends in `?` may be missing;
    /// without any other value the item has no identity. The default is [`Event::ID`], which for some sources names
    /// less than one event: an object, say, instead of one change of it.
    const IDENTITY: &'static [&'static str] = Self::ID;

    /// JSON paths of the item's content, without what differs between its deliveries (a receive count, a receipt
    /// handle). A different payload under the same idempotency key is detected by it. The default is nothing: then any
    /// payload is accepted.
    const CONTENT: &'static [&'static str] = &[];

    /// The JSON path of the id that correlates the item's log lines, if it is not the item's identity. For S3 it is the
    /// id of the request that changed the object.
    const CORRELATION: Option<&'static str> = None;

    /// The JSON path of how many times the item has been delivered, if its source says so.
    const ATTEMPT: Option<&'static str> = None;

    /// The JSON path of when the item entered its stream, in seconds since 1970, if the source is a stream.
    const ARRIVAL: Option<&'static str> = None;

    /// The times that the item has in a `SecondTimestamp` or a `MillisecondTimestamp` of `aws_lambda_events`, which
    /// misread some of them: they are read separately, as they are written. At most two; none by default.
    const TIMESTAMPS: &'static [Timestamp<Self::Item>] = &[];

    /// JSON paths of members that AWS and others may leave out or spell differently although `Item` requires one form,
    /// and how to [mend](Mend) the value there. The paths start at the item's root, `*` matches any key or element,
    /// and there may be at most 64.
    ///
    /// If there is any, an item that `Item` refuses is read leniently: any value may be in another spelling (a number
    /// or a flag as text, text as a number, one value instead of a list, a list of one instead of its value, times as
    /// RFC 3339 or as numbers), and of a duplicate key the last value counts. By default, for types of your own, an
    /// item must be what its type says.
    const MENDS: &'static [(&'static str, Mend)] = &[];

    /// What one call of the handler gets: a record of a batch, or the whole event.
    type Item: DeserializeOwned + Send + 'static;

    /// What the handler returns on success: `()` unless the source uses the reply.
    type Reply: Serialize + Send + 'static;

    /// Moves values that are in another place than `Item` expects, beyond what [`Event::MENDS`] can say. Called only
    /// after reading has failed. `received` is the time of receipt, the default for a missing time.
    fn mend(object: &mut Object<'_>, received: DateTime<Utc>) {
        let _ = (object, received);
    }

    /// The lane of an item: the items of one lane are handled one after another, in their order. `None`: it has no
    /// lane.
    fn lane(item: &Self::Item) -> Option<String> {
        let _ = item;
        None
    }

    /// The lane of an unreadable item; the same that [`Event::lane`] would return for it. `None`: the lane is
    /// unreadable too.
    fn lane_of(object: &Object<'_>) -> Option<String> {
        let _ = object;
        None
    }

    /// Whether an item may have a lane at all, from its raw text: a look that spares most items the search for it.
    #[doc(hidden)]
    fn may_have_lane(raw: &[u8]) -> bool {
        let _ = raw;
        true
    }

    /// Whether the item has nothing to handle: it then succeeds without its handler.
    fn is_void(item: &Self::Item) -> bool {
        let _ = item;
        false
    }

    /// Extracts the item's JSON if it is wrapped: compressed, say.
    ///
    /// # Errors
    ///
    /// What is wrong, as a message for people.
    fn unpack(raw: &[u8]) -> Result<Cow<'_, [u8]>, String> {
        Ok(Cow::Borrowed(raw))
    }

    /// Replaces values that plain reading silently invented (a missing time that reads as 1970), and returns the JSON
    /// paths of what it replaced.
    fn fill(item: &mut Self::Item, received: DateTime<Utc>) -> &'static [&'static str] {
        let _ = (item, received);
        &[]
    }
}

/// Returns the field in which an item has a time, if it is set.
pub type Timestamp<T> = fn(&mut T) -> Option<&mut DateTime<Utc>>;
