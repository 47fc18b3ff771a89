//! Amazon SQS.

use super::{Delivery, Event, Mend, Object, base64};
use crate::source::Source;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// One call per message. Lambda Developer Guide, “Using Lambda with Amazon SQS”.
impl Event for SqsEvent {
    const SOURCES: &'static [Source] = &[Source::Sqs];
    const DELIVERY: Delivery = Source::Sqs.delivery();
    const ID: &'static [&'static str] = Source::Sqs.identifier();
    const CONTENT: &'static [&'static str] = &["body"];
    const ATTEMPT: Option<&'static str> = Some("attributes.ApproximateReceiveCount");
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("body", Mend::Json),
        ("attributes.*", Mend::NOT_NULL),
        ("messageAttributes.*", Mend::NOT_NULL),
        (
            "messageAttributes.*.binaryValue",
            Mend::Optional(base64::is_no_other_text),
        ),
        ("messageAttributes.*.stringListValues", Mend::Empty),
        ("messageAttributes.*.stringListValues.*", Mend::NOT_NULL),
        ("messageAttributes.*.binaryListValues", Mend::Empty),
        ("messageAttributes.*.binaryListValues.*", Mend::NOT_NULL),
        (
            "messageAttributes.*.binaryListValues.*",
            Mend::Optional(base64::is_no_other_text),
        ),
    ];
    type Item = SqsMessage;
    type Reply = ();

    /// A FIFO queue keeps the order of a message group. In a standard queue groups only affect fairness.
    fn lane(item: &Self::Item) -> Option<String> {
        let fifo = item
            .event_source_arn
            .as_deref()
            .is_some_and(|arn| arn.ends_with(".fifo"));
        item.attributes.get("MessageGroupId").filter(|_| fifo).cloned()
    }

    /// Only a message of a FIFO queue: AWS writes ARNs without escapes.
    fn may_have_lane(raw: &[u8]) -> bool {
        static FIFO: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b".fifo\""));
        FIFO.find(raw).is_some()
    }

    fn lane_of(object: &Object<'_>) -> Option<String> {
        let text = |path| serde_json::from_str::<String>(object.get(path)?.get()).ok();
        let fifo = text("eventSourceARN").is_some_and(|arn| arn.ends_with(".fifo"));
        text("attributes.MessageGroupId").filter(|_| fifo)
    }
}
