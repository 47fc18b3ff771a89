//! Messages of a queue: received, deleted, made visible again.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName, QueueAttributeName,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event_source_mapping::Record;
use serde_json::{Map, Value, json};

use crate::wire::Queue;
use crate::{Aws, CallContext as _, Failure};

/// The most messages of one call.
const PER_CALL: usize = 10;

/// A queue whose messages are read.
#[derive(Clone, Debug)]
pub struct MessageQueue {
    client: Client,
    queue: Queue,
}

/// A message, as a function gets it.
#[derive(Clone, Debug)]
pub struct QueueMessage {
    /// The record of the event.
    pub record: Value,
    identifier: String,
    receipt: String,
    group: Option<String>,
    sent: Duration,
    size: usize,
}

impl QueueMessage {
    /// What the message holds.
    #[must_use]
    pub fn body(&self) -> &str {
        self.record["body"].as_str().unwrap_or_default()
    }

    /// How often it was received, with this time.
    #[must_use]
    pub fn receives(&self) -> u32 {
        let count = self.record["attributes"]["ApproximateReceiveCount"].as_str();
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

impl Record for QueueMessage {
    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn sent(&self) -> Duration {
        self.sent
    }

    fn order_key(&self) -> Option<&str> {
        self.group.as_deref()
    }

    fn size(&self) -> usize {
        self.size
    }
}

impl MessageQueue {
    /// Looks up a queue, by its URL, ARN or name.
    ///
    /// # Errors
    /// If the queue does not exist or cannot be read.
    pub async fn look_up(aws: &Aws, queue: &str) -> Result<Self, Failure> {
        let client = aws.sqs();
        let queue = Queue::look_up(&client, queue).await?;
        Ok(Self { client, queue })
    }

    /// The queue's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        self.queue.arn.to_string()
    }

    /// The queue's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.queue.arn.resource
    }

    /// Whether the queue is a FIFO queue.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.name().ends_with(".fifo")
    }

    /// How long a message stays invisible that was received.
    #[must_use]
    pub fn visibility(&self) -> Duration {
        let seconds = self.queue.number(&QueueAttributeName::VisibilityTimeout);
        Duration::from_secs(seconds.unwrap_or(30))
    }

    /// After how many receives a message goes to the dead-letter queue, if there is one.
    #[must_use]
    pub fn max_receives(&self) -> Option<u64> {
        let policy = self.queue.attributes.get(&QueueAttributeName::RedrivePolicy)?;
        let policy: Value = serde_json::from_str(policy).ok()?;
        let most = &policy["maxReceiveCount"];
        most.as_u64().or_else(|| most.as_str()?.parse().ok())
    }

    /// Receives messages: at most 10, and at most `at_most`. Waits for the first one.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn receive(
        &self,
        at_most: usize,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<QueueMessage>, Failure> {
        let seconds = |duration: Duration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX);
        let asked = self
            .client
            .receive_message()
            .queue_url(&self.queue.url)
            .max_number_of_messages(i32::try_from(at_most.min(PER_CALL)).unwrap_or(1))
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(visibility))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await
            .call_context("sqs:ReceiveMessage", format!("queue {}", self.name()))?;
        let messages = asked.messages.unwrap_or_default();
        Ok(messages.iter().map(|message| self.message(message)).collect())
    }

    fn message(&self, message: &Message) -> QueueMessage {
        let record = record(message, &self.queue.arn.to_string(), &self.queue.arn.region);
        let attribute = |name: &str| record["attributes"][name].as_str().map(str::to_owned);
        let milliseconds = attribute("SentTimestamp").and_then(|time| time.parse().ok());
        QueueMessage {
            identifier: message.message_id().unwrap_or_default().to_owned(),
            receipt: message.receipt_handle().unwrap_or_default().to_owned(),
            group: attribute("MessageGroupId"),
            sent: Duration::from_millis(milliseconds.unwrap_or_default()),
            size: record.to_string().len(),
            record,
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn send(&self, body: &str) -> Result<(), Failure> {
        let call = self
            .client
            .send_message()
            .queue_url(&self.queue.url)
            .message_body(body);
        let sent = call.send().await;
        sent.call_context("sqs:SendMessage", format!("queue {}", self.name()))
            .map(drop)
    }

    /// Deletes messages.
    ///
    /// # Errors
    /// If one cannot be deleted. All others are.
    pub async fn delete(&self, messages: &[QueueMessage]) -> Result<(), Failure> {
        let mut kept = Vec::new();
        for chunk in messages.chunks(PER_CALL) {
            let entries = chunk.iter().zip(0..).map(|(message, number)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
                entry.receipt_handle(&message.receipt).build()
            });
            let entries: Result<Vec<_>, _> = entries.collect();
            let entries = entries.map_err(|error| Failure::new(error.to_string()))?;
            let call = self.client.delete_message_batch().queue_url(&self.queue.url);
            let answer = call.set_entries(Some(entries)).send().await;
            let answer = answer.call_context("sqs:DeleteMessage", format!("queue {}", self.name()))?;
            kept.extend(answer.failed().iter().map(|failed| failed.code().to_owned()));
        }
        match kept.first() {
            None => Ok(()),
            Some(code) => Err(Failure::new(format!(
                "sqs:DeleteMessage on queue {}: {code} for {} of {} messages, which come again",
                self.name(),
                kept.len(),
                messages.len()
            ))),
        }
    }

    /// Makes messages visible again after this time. Those that cannot be made so become it when their visibility timeout ends.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn release(&self, messages: &[QueueMessage], after: Duration) -> Result<(), Failure> {
        let seconds = i32::try_from(after.as_secs()).unwrap_or(i32::MAX);
        for chunk in messages.chunks(PER_CALL) {
            let entries = chunk.iter().zip(0..).map(|(message, number)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(number.to_string())
                    .receipt_handle(&message.receipt)
                    .visibility_timeout(seconds)
                    .build()
            });
            let entries: Result<Vec<_>, _> = entries.collect();
            let entries = entries.map_err(|error| Failure::new(error.to_string()))?;
            let call = self.client.change_message_visibility_batch();
            let call = call.queue_url(&self.queue.url).set_entries(Some(entries));
            let context = format!("queue {}", self.name());
            call.send()
                .await
                .call_context("sqs:ChangeMessageVisibility", context)?;
        }
        Ok(())
    }
}

/// The message as a function gets it.
fn record(message: &Message, arn: &str, region: &str) -> Value {
    let system = message.attributes().into_iter().flatten();
    let system: Map<String, Value> = system
        .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
        .collect();
    let attributes = message.message_attributes().into_iter().flatten();
    let attributes: Map<String, Value> = attributes
        .map(|(name, value)| {
            let mut attribute =
                json!({"stringListValues": [], "binaryListValues": [], "dataType": value.data_type()});
            if let Some(text) = value.string_value() {
                attribute["stringValue"] = text.into();
            }
            if let Some(bytes) = value.binary_value() {
                attribute["binaryValue"] = STANDARD.encode(bytes.as_ref()).into();
            }
            (name.clone(), attribute)
        })
        .collect();
    let mut record = json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body().unwrap_or_default(),
        "attributes": system,
        "messageAttributes": attributes,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    });
    if let Some(hash) = message.md5_of_message_attributes() {
        record["md5OfMessageAttributes"] = hash.into();
    }
    record
}
