//! Records of Apache Kafka. Lambda Developer Guide, “Using Lambda with Amazon MSK” and “Using Lambda with self-managed
//! Apache Kafka”.

use super::event::{Compose, event, records, text};
use super::origin::{Number, arn};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Records of topics. What a method sets, it sets for every record of the event.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::Kafka;
///
/// let record = Kafka::record("orders", 0, &json!({"order": 1001})).key("customer-42").header("tenant", "north");
/// let event = Kafka::batch([record, Kafka::tombstone("orders", 1).key("customer-7")]);
/// # assert!(event.to_json().contains("orders-1"));
/// ```
#[derive(Clone, Debug)]
pub struct Kafka {
    records: Vec<Value>,
    self_managed: bool,
}

impl Kafka {
    /// A record with the JSON of `value`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn record<T: Serialize + ?Sized>(topic: &str, partition: i64, value: &T) -> Self {
        Self::bytes(topic, partition, text(value))
    }

    /// A record with these bytes.
    #[must_use]
    pub fn bytes(topic: &str, partition: i64, value: impl AsRef<[u8]>) -> Self {
        Self::with(topic, partition, Some(STANDARD.encode(value)))
    }

    /// A record without a value.
    #[must_use]
    pub fn tombstone(topic: &str, partition: i64) -> Self {
        Self::with(topic, partition, None)
    }

    fn with(topic: &str, partition: i64, value: Option<String>) -> Self {
        let number = Number::next();
        let mut record = json!({
            "topic": topic,
            "partition": partition,
            "offset": number.get(),
            "timestamp": number.millis(),
            "timestampType": "CREATE_TIME",
            "headers": [],
        });
        if let Some(value) = value {
            record["value"] = value.into();
        }
        Self {
            records: vec![record],
            self_managed: false,
        }
    }

    /// The record's key.
    #[must_use]
    pub fn key(self, key: impl AsRef<[u8]>) -> Self {
        self.set("/key", STANDARD.encode(key))
    }

    /// The record's offset.
    #[must_use]
    pub fn offset(self, offset: i64) -> Self {
        self.set("/offset", offset)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        for record in &mut self.records {
            if let Some(headers) = record["headers"].as_array_mut() {
                headers.push(json!({name: value.as_ref()}));
            }
        }
        self
    }

    /// The cluster is not one of Amazon MSK.
    #[must_use]
    pub fn self_managed(mut self) -> Self {
        self.self_managed = true;
        self
    }
}

impl Compose for Kafka {
    fn compose(&self) -> Value {
        let mut topics: Map<String, Value> = Map::new();
        for record in &self.records {
            let topic = record["topic"].as_str().unwrap_or_default();
            let list = topics.entry(format!("{topic}-{}", record["partition"]));
            if let Value::Array(list) = list.or_insert_with(|| json!([])) {
                list.push(record.clone());
            }
        }
        match self.self_managed {
            true => json!({
                "eventSource": "SelfManagedKafka",
                "bootstrapServers": "kafka-1.example.com:9092,kafka-2.example.com:9092",
                "records": topics,
            }),
            false => json!({
                "eventSource": "aws:kafka",
                "eventSourceArn": arn("kafka", "cluster/shop/ba9e3243-ba10-4cee-af7c-0fd2354a3e85-4"),
                "bootstrapServers": "b-1.shop.k3x9qa.c4.kafka.eu-central-1.amazonaws.com:9098,b-2.shop.k3x9qa.c4.kafka.eu-central-1.amazonaws.com:9098",
                "records": topics,
            }),
        }
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(Kafka);
records!(Kafka);
