//! Amazon SNS.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};

/// One call per notification. Lambda Developer Guide, “Invoking Lambda functions with Amazon SNS notifications”.
impl Event for SnsEvent {
    const SOURCES: &'static [Source] = &[Source::Sns];
    const DELIVERY: Delivery = Source::Sns.delivery();
    const ID: &'static [&'static str] = Source::Sns.identifier();
    const CONTENT: &'static [&'static str] = &["Sns.Message"];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("EventSource", Mend::Empty),
        ("EventVersion", Mend::Empty),
        ("EventSubscriptionArn", Mend::Empty),
        ("Sns.Type", Mend::Empty),
        ("Sns.TopicArn", Mend::Empty),
        ("Sns.Message", Mend::Json),
        ("Sns.Timestamp", Mend::Received),
        // A notification may be unsigned.
        ("Sns.SignatureVersion", Mend::Empty),
        ("Sns.Signature", Mend::Empty),
        ("Sns.SigningCertUrl", Mend::Empty),
        ("Sns.UnsubscribeUrl", Mend::Empty),
        // Their names in messages to queues and over HTTP.
        ("Sns.SigningCertURL", Mend::Alias("SigningCertUrl")),
        ("Sns.UnsubscribeURL", Mend::Alias("UnsubscribeUrl")),
        ("Sns.MessageAttributes.*", Mend::NOT_NULL),
        ("Sns.MessageAttributes.*.Type", Mend::Empty),
        ("Sns.MessageAttributes.*.Value", Mend::Empty),
    ];
    type Item = SnsRecord;
    type Reply = ();
}
