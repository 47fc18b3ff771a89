//! Conditions on names, each of which knows where its sources write the name.

use super::place::places;
use super::{TextCondition, TextPlaces, When};
use crate::source::NameKind;
use std::borrow::Cow;

type Text = Cow<'static, str>;

fn at(what: NameKind) -> TextPlaces {
    TextPlaces::Named(what, places(what))
}

fn is(what: NameKind, text: impl Into<Text>) -> When {
    When::text(at(what), TextCondition::OneOf(vec![text.into()]))
}

/// The SQS queue that the message comes from, by its name or ARN.
///
/// # Example
///
/// ```
/// use switchboard::when::queue;
///
/// let orders = queue("orders.fifo");
/// # let _ = orders;
/// ```
#[must_use]
pub fn queue(name: impl Into<Text>) -> When {
    is(NameKind::Queue, name)
}

/// The Kinesis stream that the record comes from, by its name or ARN.
#[must_use]
pub fn stream(name: impl Into<Text>) -> When {
    is(NameKind::Stream, name)
}

/// The DynamoDB table that the change was made in, by its name; or its stream, by its ARN.
#[must_use]
pub fn table(name: impl Into<Text>) -> When {
    is(NameKind::Table, name)
}

/// The SNS topic of the notification, by its name or ARN, or the Kafka topic of the record, by its name.
#[must_use]
pub fn topic(name: impl Into<Text>) -> When {
    is(NameKind::Topic, name)
}

/// The S3 bucket of the object, in S3's own events and in those that S3 sends through EventBridge.
#[must_use]
pub fn bucket(name: impl Into<Text>) -> When {
    is(NameKind::Bucket, name)
}

/// The key of the S3 object, decoded, begins with this prefix.
///
/// # Example
///
/// ```
/// use switchboard::when::{bucket, key_prefix, key_suffix};
///
/// let photos = bucket("uploads").and(key_prefix("photos/")).and(key_suffix(".jpg"));
/// # let _ = photos;
/// ```
#[must_use]
pub fn key_prefix(prefix: impl Into<Text>) -> When {
    When::text(at(NameKind::Key), TextCondition::Prefix(prefix.into()))
}

/// The key of the S3 object, decoded, ends with this suffix.
#[must_use]
pub fn key_suffix(suffix: impl Into<Text>) -> When {
    When::text(at(NameKind::Key), TextCondition::Suffix(suffix.into()))
}

/// What happened to an S3 object or a DynamoDB item: `ObjectCreated:Put`, `ObjectRemoved:*`, `INSERT`. With `*` at its end it is a
/// prefix, as in S3's notifications.
#[must_use]
pub fn event_name(name: impl Into<Text>) -> When {
    let name = name.into();
    let name = match name.strip_prefix("s3:") {
        Some(name) => name.to_owned().into(),
        None => name,
    };
    let comparison = match name.strip_suffix('*') {
        Some(prefix) => TextCondition::Prefix(prefix.to_owned().into()),
        None => TextCondition::OneOf(vec![name]),
    };
    When::text(at(NameKind::EventName), comparison)
}

/// The `detail-type` of the EventBridge event.
///
/// # Example
///
/// ```
/// use switchboard::when::{detail_type, field};
///
/// let placed = detail_type("OrderPlaced").and(field("source").is("shop.orders"));
/// # let _ = placed;
/// ```
#[must_use]
pub fn detail_type(name: impl Into<Text>) -> When {
    is(NameKind::DetailType, name)
}

/// The scheduled rule that the EventBridge event comes from, by its name or ARN. Only the events of schedules name their rule.
#[must_use]
pub fn rule(name: impl Into<Text>) -> When {
    is(NameKind::Rule, name)
}

/// The Cognito trigger, such as `PostConfirmation`, whatever it was triggered by; or one of its trigger sources, such as
/// `PostConfirmation_ConfirmSignUp`.
#[must_use]
pub fn trigger(name: impl Into<Text>) -> When {
    let name = name.into();
    let at = at(NameKind::Trigger);
    match name.contains('_') {
        true => When::text(at, TextCondition::OneOf(vec![name])),
        false => When::text(at, TextCondition::Prefix(format!("{name}_").into())),
    }
}

/// The Cognito user pool, by its id.
#[must_use]
pub fn user_pool(id: impl Into<Text>) -> When {
    is(NameKind::UserPool, id)
}

/// The field of a type in AppSync's schema that is resolved, one by one or in a batch.
///
/// # Example
///
/// ```
/// use switchboard::when::resolver;
///
/// let orders = resolver("Query", "orders");
/// # let _ = orders;
/// ```
#[must_use]
pub fn resolver(type_name: impl Into<Text>, field: impl Into<Text>) -> When {
    let of_type = is(NameKind::Type, type_name);
    of_type.and(is(NameKind::Field, field))
}

/// The intent of the Lex conversation, in V2 and V1.
#[must_use]
pub fn intent(name: impl Into<Text>) -> When {
    is(NameKind::Intent, name)
}

/// The log group that the CloudWatch Logs subscription is for. Only the beginning of the data is unpacked to find it.
///
/// # Example
///
/// ```
/// use switchboard::when::log_group;
///
/// let api = log_group("/aws/apigateway/shop");
/// # let _ = api;
/// ```
#[cfg(feature = "cloudwatch_logs")]
#[must_use]
pub fn log_group(name: impl Into<Text>) -> When {
    is(NameKind::LogGroup, name)
}
