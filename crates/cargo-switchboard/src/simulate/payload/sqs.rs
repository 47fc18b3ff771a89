//! Messages of Amazon SQS. Lambda Developer Guide, “Using Lambda with Amazon SQS”.

use serde_json::{Value, json};

use super::item::{Item, arn};
use super::{ACCOUNT, REGION};

/// A message of a standard queue.
pub(in crate::simulate) fn standard(item: &Item) -> Value {
    message(item, "simulated")
}

/// A message of a FIFO queue.
pub(in crate::simulate) fn fifo(item: &Item) -> Value {
    let mut message = message(item, "simulated.fifo");
    let attributes = &mut message["attributes"];
    attributes["MessageGroupId"] = json!(format!("group-{}", item.record.lane));
    attributes["MessageDeduplicationId"] = json!(item.record.id);
    // 20 digits, as SQS numbers them.
    attributes["SequenceNumber"] = json!(format!("188861{:014}", 256 * (item.index + 1)));
    message
}

fn message(item: &Item, queue: &str) -> Value {
    json!({
        "messageId": item.record.identifier,
        "receiptHandle": format!("AQEB{:032x}{:08x}", item.index, item.receives),
        "body": item.json(),
        "attributes": {
            "ApproximateReceiveCount": item.receives.to_string(),
            "SentTimestamp": item.sent().to_string(),
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": (item.sent() + 5).to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": arn("sqs", queue),
        "awsRegion": REGION,
    })
}
