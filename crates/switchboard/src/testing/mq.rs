//! Messages of Amazon MQ: ActiveMQ and RabbitMQ. Lambda Developer Guide, “Using Lambda with Amazon MQ”.

use super::event::{Compose, event, records, text};
use super::origin::{Number, arn};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Messages of a queue of ActiveMQ.
#[derive(Clone, Debug)]
pub struct ActiveMq {
    records: Vec<Value>,
}

impl ActiveMq {
    /// A text message with the JSON of `data`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn message<T: Serialize + ?Sized>(queue: &str, data: &T) -> Self {
        Self::text(queue, &text(data))
    }

    /// A text message.
    #[must_use]
    pub fn text(queue: &str, data: &str) -> Self {
        let number = Number::next();
        let message = json!({
            "messageID": format!("ID:b-228a0254-1.mq.eu-central-1.amazonaws.com-37557-1-4:1:1:1:{}", number.get()),
            "messageType": "jms/text-message",
            "deliveryMode": 1,
            "replyTo": null,
            "type": null,
            "expiration": "60000",
            "priority": 1,
            "correlationId": number.hex(16),
            "redelivered": false,
            "destination": {"physicalName": queue},
            "data": STANDARD.encode(data),
            "timestamp": number.millis(),
            "brokerInTime": number.millis(),
            "brokerOutTime": number.millis() + 3,
            "properties": {},
        });
        Self {
            records: vec![message],
        }
    }

    /// The broker has delivered the messages before.
    #[must_use]
    pub fn redelivered(self) -> Self {
        self.set("/redelivered", true)
    }

    /// Sets a property.
    #[must_use]
    pub fn property(mut self, name: &str, value: &str) -> Self {
        for message in &mut self.records {
            message["properties"][name] = value.into();
        }
        self
    }
}

impl Compose for ActiveMq {
    fn compose(&self) -> Value {
        json!({
            "eventSource": "aws:mq",
            "eventSourceArn": arn("mq", "broker:shop:b-228a0254-23d0-41d0-aaa5-e8597a9cd6ce"),
            "messages": self.records,
        })
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(ActiveMq);
records!(ActiveMq);

/// Messages of queues of RabbitMQ, on the virtual host `/`.
#[derive(Clone, Debug)]
pub struct RabbitMq {
    records: Vec<Value>,
    queues: Vec<String>,
}

impl RabbitMq {
    /// A message with the JSON of `data`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn message<T: Serialize + ?Sized>(queue: &str, data: &T) -> Self {
        Self::bytes(queue, text(data)).set("/basicProperties/contentType", "application/json")
    }

    /// A message with these bytes.
    #[must_use]
    pub fn bytes(queue: &str, data: impl AsRef<[u8]>) -> Self {
        let number = Number::next();
        let message = json!({
            "basicProperties": {
                "contentType": "text/plain",
                "contentEncoding": null,
                "headers": {},
                "deliveryMode": 1,
                "priority": 0,
                "correlationId": null,
                "replyTo": null,
                "expiration": "60000",
                "messageId": number.uuid(),
                "timestamp": number.date().format("%b %-d, %Y, %-I:%M:%S %p").to_string(),
                "type": null,
                "userId": "AIDAEXAMPLESENDER0001",
                "appId": null,
                "clusterId": null,
                "bodySize": data.as_ref().len(),
            },
            "redelivered": false,
            "data": STANDARD.encode(data),
        });
        Self {
            records: vec![message],
            queues: vec![format!("{queue}::/")],
        }
    }

    /// One event with all messages of these, in this order.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn batch(events: impl IntoIterator<Item = Self>) -> Self {
        let (records, queues): (Vec<_>, Vec<_>) = events
            .into_iter()
            .map(|event| (event.records, event.queues))
            .unzip();
        assert!(!records.is_empty(), "a batch has at least one message");
        Self {
            records: records.concat(),
            queues: queues.concat(),
        }
    }

    /// The broker has delivered the messages before.
    #[must_use]
    pub fn redelivered(self) -> Self {
        self.set("/redelivered", true)
    }
}

impl Compose for RabbitMq {
    fn compose(&self) -> Value {
        let mut queues: Map<String, Value> = Map::new();
        for (queue, message) in self.queues.iter().zip(&self.records) {
            if let Value::Array(list) = queues.entry(queue).or_insert_with(|| json!([])) {
                list.push(message.clone());
            }
        }
        json!({
            "eventSource": "aws:rmq",
            "eventSourceArn": arn("mq", "broker:shop-labels:b-c5b38bab-a1f6-4fc4-a702-2f964c8245ee"),
            "rmqMessagesByQueue": queues,
        })
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(RabbitMq);
