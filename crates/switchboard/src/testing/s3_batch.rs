//! Tasks of S3 Batch Operations. S3 User Guide, “Invoke AWS Lambda function”.

use super::event::{Compose, event, tree};
use super::origin::Number;
use super::s3::encoded;
use serde::Serialize;
use serde_json::{Value, json};

/// Tasks of a job, one for each object. Keys are given as they are in S3; in the event they are URL-encoded.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::S3Batch;
///
/// let event = S3Batch::task("videos", "assembly line.mp4").user_arguments(&json!({"width": "640"}));
/// assert!(event.to_json().contains("assembly+line.mp4"));
/// ```
#[derive(Clone, Debug)]
pub struct S3Batch {
    records: Vec<Value>,
    number: Number,
    arguments: Value,
}

impl S3Batch {
    /// A task for an object.
    #[must_use]
    pub fn task(bucket: &str, key: &str) -> Self {
        let number = Number::next();
        let task = json!({
            "taskId": number.hex(32),
            "s3Key": encoded(key),
            "s3VersionId": null,
            "s3Bucket": bucket,
        });
        Self {
            records: vec![task],
            number,
            arguments: json!({}),
        }
    }

    /// One event with all tasks of these, in this order.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn batch(events: impl IntoIterator<Item = Self>) -> Self {
        let mut events = events.into_iter();
        let mut batch = events
            .next()
            .unwrap_or_else(|| panic!("a batch has at least one task"));
        batch.records.extend(events.flat_map(|event| event.records));
        batch
    }

    /// The version of the objects.
    #[must_use]
    pub fn version(self, id: &str) -> Self {
        self.set("/s3VersionId", id)
    }

    /// What the job passes to each of its tasks.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn user_arguments<T: Serialize + ?Sized>(mut self, arguments: &T) -> Self {
        self.arguments = tree(arguments);
        self
    }
}

impl Compose for S3Batch {
    fn compose(&self) -> Value {
        json!({
            "invocationSchemaVersion": "2.0",
            "invocationId": self.number.hex(44),
            "job": {"id": "5354064d-c7a3-4ee4-8730-3f244e538083", "userArguments": self.arguments},
            "tasks": self.records,
        })
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(S3Batch);
