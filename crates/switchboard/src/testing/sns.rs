//! Notifications of Amazon SNS. Lambda Developer Guide, “Invoking Lambda functions with Amazon SNS notifications”.

use super::event::{Compose, event, text};
use super::origin::{Number, REGION, arn};
use super::sqs::Sqs;
use serde::Serialize;
use serde_json::{Value, json};

/// A notification of a topic. SNS delivers each by itself.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Sns;
///
/// let event = Sns::notification(&json!({"order": 1001})).subject("Order placed").attribute("tenant", "north");
/// // The same notification, delivered to a queue that is subscribed to the topic.
/// let event = event.in_sqs();
/// # assert!(event.to_json().contains("Notification"));
/// ```
#[derive(Clone, Debug)]
pub struct Sns {
    record: Value,
}

impl Sns {
    /// A notification with the JSON of `message`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn notification<T: Serialize + ?Sized>(message: &T) -> Self {
        Self::text(text(message))
    }

    /// A notification with this text.
    #[must_use]
    pub fn text(message: impl Into<String>) -> Self {
        let number = Number::next();
        let record = json!({
            "EventVersion": "1.0",
            "EventSource": "aws:sns",
            "Sns": {
                "SignatureVersion": "1",
                "Timestamp": number.time(),
                "Signature": format!("{}==", number.hex(342)),
                "SigningCertUrl": format!(
                    "https://sns.{REGION}.amazonaws.com/SimpleNotificationService-{}.pem", number.hex(32)
                ),
                "MessageId": number.uuid(),
                "Message": message.into(),
                "MessageAttributes": {},
                "Type": "Notification",
                "Subject": null,
            },
        });
        Self { record }.topic("orders")
    }

    /// The topic's name. It is `orders` by default.
    #[must_use]
    pub fn topic(mut self, name: &str) -> Self {
        let topic = arn("sns", name);
        let subscription = format!("{topic}:21be56ed-a058-49f5-8c98-aedd2564c486");
        let unsubscribe =
            format!("https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}");
        self.record["Sns"]["TopicArn"] = topic.into();
        self.record["Sns"]["UnsubscribeUrl"] = unsubscribe.into();
        self.record["EventSubscriptionArn"] = subscription.into();
        self
    }

    /// The subject.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.set("/Sns/Subject", subject)
    }

    /// Adds a message attribute of type `String`.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.record["Sns"]["MessageAttributes"][name] = json!({"Type": "String", "Value": value});
        self
    }

    /// The message's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/Sns/MessageId", id)
    }

    /// The notification as the body of an SQS message. SNS writes it in another way to queues than to functions. With
    /// raw message delivery the body is the message alone: `Sqs::text(…)`.
    #[must_use]
    pub fn in_sqs(self) -> Sqs {
        let mut notification = self.record["Sns"].clone();
        if let Value::Object(members) = &mut notification {
            for (function, queue) in [
                ("SigningCertUrl", "SigningCertURL"),
                ("UnsubscribeUrl", "UnsubscribeURL"),
            ] {
                if let Some(value) = members.remove(function) {
                    members.insert(queue.to_owned(), value);
                }
            }
            let empty =
                |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            for optional in ["Subject", "MessageAttributes"] {
                if members.get(optional).is_some_and(empty) {
                    members.remove(optional);
                }
            }
        }
        Sqs::text(notification.to_string())
    }
}

impl Compose for Sns {
    fn compose(&self) -> Value {
        json!({"Records": [self.record]})
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.record)
    }
}

event!(Sns);
