//! Messages of Amazon SQS. Lambda Developer Guide, “Using Lambda with Amazon SQS”.

use super::event::{Compose, event, records, text};
use super::origin::{Number, REGION, arn};
use super::pipes::{bare_list, piped};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::Serialize;
use serde_json::{Value, json};

/// Messages of a queue. What a method sets, it sets for every message of the event.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Sqs;
///
/// let first = Sqs::message(&json!({"order": 1001})).fifo("customer-42");
/// let second = Sqs::message(&json!({"order": 1002})).fifo("customer-42").received(3);
/// let event = Sqs::batch([first, second]);
/// # assert_eq!(event.to_json().matches("customer-42").count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Sqs {
    records: Vec<Value>,
    bare: bool,
}

impl Sqs {
    /// A message with the JSON of `body`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn message<T: Serialize + ?Sized>(body: &T) -> Self {
        Self::text(text(body))
    }

    /// A message with this text.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        let (number, body) = (Number::next(), body.into());
        let message = json!({
            "messageId": number.uuid(),
            "receiptHandle": format!("AQEB{}", number.hex(88)),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": number.millis().to_string(),
                "SenderId": "AIDAEXAMPLESENDER0001",
                "ApproximateFirstReceiveTimestamp": (number.millis() + 5).to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": hex(&Md5::digest(&body)),
            "body": body,
            "eventSource": "aws:sqs",
            "eventSourceARN": arn("sqs", "orders"),
            "awsRegion": REGION,
        });
        Self {
            records: vec![message],
            bare: false,
        }
    }

    /// The queue's name. It is `orders` by default.
    #[must_use]
    pub fn queue(self, name: &str) -> Self {
        self.set("/eventSourceARN", arn("sqs", name))
    }

    /// The messages come from a FIFO queue, in this message group.
    #[must_use]
    pub fn fifo(mut self, group: &str) -> Self {
        for message in &mut self.records {
            let number = Number::next();
            let queue = message["eventSourceARN"].as_str().unwrap_or_default();
            if !queue.ends_with(".fifo") {
                message["eventSourceARN"] = format!("{queue}.fifo").into();
            }
            message["attributes"]["MessageDeduplicationId"] = number.hex(64).into();
            message["attributes"]["SequenceNumber"] = number.sequence("188", 20).into();
        }
        self.group(group)
    }

    /// The message group. In a standard queue it only shares out throughput; see [`fifo`](Self::fifo).
    #[must_use]
    pub fn group(self, group: &str) -> Self {
        self.set("/attributes/MessageGroupId", group)
    }

    /// How many times the messages have been received, including this time.
    #[must_use]
    pub fn received(self, times: u32) -> Self {
        self.set("/attributes/ApproximateReceiveCount", times.to_string())
    }

    /// Adds a message attribute of type `String`.
    #[must_use]
    pub fn attribute(self, name: &str, value: &str) -> Self {
        self.typed_attribute(name, "String", "stringValue", value.into())
    }

    /// Adds a message attribute of type `Number`.
    #[must_use]
    pub fn number_attribute(self, name: &str, value: impl ToString) -> Self {
        self.typed_attribute(name, "Number", "stringValue", value.to_string().into())
    }

    /// Adds a message attribute of type `Binary`.
    #[must_use]
    pub fn binary_attribute(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.typed_attribute(name, "Binary", "binaryValue", STANDARD.encode(value).into())
    }

    /// The message's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/messageId", id)
    }

    fn typed_attribute(mut self, name: &str, data_type: &str, key: &str, value: Value) -> Self {
        for message in &mut self.records {
            message["messageAttributes"][name] = json!({
                key: value,
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": data_type,
            });
        }
        self
    }
}

impl Compose for Sqs {
    fn compose(&self) -> Value {
        bare_list(self.bare, &self.records)
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(Sqs);
records!(Sqs);
piped!(Sqs);

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
