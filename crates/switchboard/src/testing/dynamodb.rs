//! Records of DynamoDB Streams. DynamoDB Developer Guide, “DynamoDB Streams and AWS Lambda triggers”.

use super::event::{Compose, event, records};
use super::origin::{Number, REGION, arn};
use super::pipes::{bare_list, piped};
use super::window::{TestWindow, windowed};
use serde::Serialize;
use serde_json::{Value, json};

/// Changes of items. Keys and images are values of the application's own types; they are written as DynamoDB writes
/// them, numbers with all their digits (`i128` and `u128` are not supported by `serde_dynamo`). Sets are those of `serde_dynamo` (`serde_dynamo::string_set`, say).
///
/// # Example
///
/// ```
/// use serde::Serialize;
/// use serde_json::json;
/// use switchboard::testing::DynamodbStream;
///
/// #[derive(Serialize)]
/// struct Order {
///     id: &'static str,
///     cents: u64,
/// }
///
/// let keys = json!({"id": "o-1"});
/// let (old, new) = (Order { id: "o-1", cents: 100 }, Order { id: "o-1", cents: 250 });
/// let event = DynamodbStream::modify("orders", &keys, &old, &new);
/// assert!(event.to_json().contains(r#""cents":{"N":"250"}"#));
/// ```
#[derive(Clone, Debug)]
pub struct DynamodbStream {
    records: Vec<Value>,
    window: Option<TestWindow>,
    bare: bool,
}

impl DynamodbStream {
    /// An item was put that did not exist.
    ///
    /// # Panics
    /// If a value cannot be written as an item.
    #[must_use]
    pub fn insert<K, T>(table: &str, keys: &K, new: &T) -> Self
    where
        K: Serialize + ?Sized,
        T: Serialize + ?Sized,
    {
        Self::change("INSERT", table, keys, None::<&T>, Some(new))
    }

    /// An item was changed.
    ///
    /// # Panics
    /// If a value cannot be written as an item.
    #[must_use]
    pub fn modify<K, O, N>(table: &str, keys: &K, old: &O, new: &N) -> Self
    where
        K: Serialize + ?Sized,
        O: Serialize + ?Sized,
        N: Serialize + ?Sized,
    {
        Self::change("MODIFY", table, keys, Some(old), Some(new))
    }

    /// An item was removed.
    ///
    /// # Panics
    /// If a value cannot be written as an item.
    #[must_use]
    pub fn remove<K, T>(table: &str, keys: &K, old: &T) -> Self
    where
        K: Serialize + ?Sized,
        T: Serialize + ?Sized,
    {
        Self::change("REMOVE", table, keys, Some(old), None::<&T>)
    }

    fn change<K, O, N>(name: &str, table: &str, keys: &K, old: Option<&O>, new: Option<&N>) -> Self
    where
        K: Serialize + ?Sized,
        O: Serialize + ?Sized,
        N: Serialize + ?Sized,
    {
        let number = Number::next();
        let keys = item(keys);
        let images = [("NewImage", new.map(item)), ("OldImage", old.map(item))];
        let mut change = json!({
            "ApproximateCreationDateTime": number.millis() / 1000,
            "Keys": keys,
            "SequenceNumber": number.sequence("44215845", 28),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        for (key, image) in images {
            if let Some(image) = image {
                change[key] = image;
            }
        }
        let record = json!({
            "eventID": number.hex(32),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": stream(table),
        });
        let event = Self {
            records: vec![record],
            window: None,
            bare: false,
        };
        event.sized()
    }

    /// The item was removed because its time to live is over.
    #[must_use]
    pub fn by_ttl(self) -> Self {
        let service = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
        self.set("/userIdentity", service)
    }

    /// The stream has the keys only: `KEYS_ONLY`.
    #[must_use]
    pub fn keys_only(self) -> Self {
        let event = self.without("/dynamodb/NewImage").without("/dynamodb/OldImage");
        event.set("/dynamodb/StreamViewType", "KEYS_ONLY").sized()
    }

    /// The stream has the image after the change only: `NEW_IMAGE`.
    #[must_use]
    pub fn new_image_only(self) -> Self {
        let event = self.without("/dynamodb/OldImage");
        event.set("/dynamodb/StreamViewType", "NEW_IMAGE").sized()
    }

    /// The stream has the image before the change only: `OLD_IMAGE`.
    #[must_use]
    pub fn old_image_only(self) -> Self {
        let event = self.without("/dynamodb/NewImage");
        event.set("/dynamodb/StreamViewType", "OLD_IMAGE").sized()
    }

    /// The record's sequence number: decimal digits, growing in a shard.
    #[must_use]
    pub fn sequence_number(self, digits: &str) -> Self {
        self.set("/dynamodb/SequenceNumber", digits)
    }

    /// The record's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/eventID", id)
    }

    /// Says how large the records are.
    fn sized(mut self) -> Self {
        for record in &mut self.records {
            let change = &record["dynamodb"];
            let size: usize = ["Keys", "NewImage", "OldImage"]
                .map(|key| attributes_size(&change[key]))
                .iter()
                .sum();
            record["dynamodb"]["SizeBytes"] = size.into();
        }
        self
    }
}

/// A value as an item: names and attribute values.
fn item<T: Serialize + ?Sized>(value: &T) -> Value {
    let item: serde_dynamo::Item = serde_dynamo::to_item(value)
        .unwrap_or_else(|error| panic!("the value cannot be written as an item of DynamoDB: {error}"));
    super::event::tree(&item)
}

/// The bytes of names and values.
fn attributes_size(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let size = |(name, value): (&String, &Value)| match &**name {
                "S" | "N" | "B" | "M" | "L" | "SS" | "NS" | "BS" => attributes_size(value),
                "BOOL" | "NULL" => 1,
                _ => name.len() + attributes_size(value),
            };
            members.iter().map(size).sum()
        }
        Value::Array(list) => list.iter().map(attributes_size).sum(),
        Value::String(text) => text.len(),
        _ => 0,
    }
}

fn stream(table: &str) -> String {
    arn(
        "dynamodb",
        &format!("table/{table}/stream/2026-09-28T08:15:42.107"),
    )
}

impl Compose for DynamodbStream {
    fn compose(&self) -> Value {
        match &self.window {
            Some(window) => window.around_records(&self.records, "shardId-00000001791100000000-9f2c1d7e"),
            None => bare_list(self.bare, &self.records),
        }
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(DynamodbStream);
records!(DynamodbStream);
piped!(DynamodbStream);
windowed!(DynamodbStream);
