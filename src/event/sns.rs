//! Amazon SNS.

use super::{Delivery, Event, Object};
use crate::source::Source;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use chrono::{DateTime, SecondsFormat, Utc};

/// What the struct requires though a message may come without a signature.
const TEXTS: &[&str] = &[
    "EventSource",
    "EventVersion",
    "EventSubscriptionArn",
    "Sns.Type",
    "Sns.TopicArn",
    "Sns.SignatureVersion",
    "Sns.Signature",
    "Sns.SigningCertUrl",
    "Sns.UnsubscribeUrl",
];

/// One call per notification. Lambda Developer Guide, “Invoking Lambda functions with Amazon SNS notifications”.
impl Event for SnsEvent {
    const SOURCES: &'static [Source] = &[Source::Sns];
    const DELIVERY: Delivery = Delivery::Notification;
    const ID: &'static [&'static str] = &["Sns.MessageId"];
    const CONTENT: &'static [&'static str] = &["Sns.Message"];
    type Item = SnsRecord;
    type Reply = ();

    fn mend(object: &mut Object, received: DateTime<Utc>) {
        for path in TEXTS {
            object.fill(path, "");
        }
        object.fill(
            "Sns.Timestamp",
            received.to_rfc3339_opts(SecondsFormat::Millis, true),
        );
    }
}
