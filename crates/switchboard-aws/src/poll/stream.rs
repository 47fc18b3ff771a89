//! Streams: their shards, and the records of each.

use std::time::Duration;

use event_source_mapping::Record;
use event_source_mapping::destination::StreamKind;
use serde_json::Value;

use super::{dynamodb, kinesis};
use crate::{Arn, Aws, Failure};

/// A stream that is read.
#[derive(Clone, Debug)]
pub struct ReadableStream {
    pub(super) clients: StreamClients,
    /// The stream's ARN.
    pub arn: Arn,
    /// The name of the stream, or that of its table.
    pub name: String,
}

/// The client of the stream's service.
#[derive(Clone, Debug)]
pub(super) enum StreamClients {
    Kinesis(aws_sdk_kinesis::Client),
    Dynamodb(aws_sdk_dynamodbstreams::Client),
}

/// A shard of a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamShard {
    /// Its id.
    pub id: String,
    /// The shards whose records come before those of this one.
    pub parents: Vec<String>,
    /// Whether it gets no more records.
    pub is_closed: bool,
}

/// Where to read a shard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReadStart {
    /// With the oldest record.
    TrimHorizon,
    /// With records that arrive from now on.
    Latest,
    /// With the first record after this Unix time, in seconds.
    At(i64),
    /// With the record that has this sequence number.
    From(String),
    /// With the first record after the one that has this sequence number.
    After(String),
}

/// Records that one call returned.
#[derive(Clone, Debug)]
pub struct StreamPage {
    /// The records, in order.
    pub records: Vec<StreamRecord>,
    /// Where to read on; `None` at the end of a closed shard.
    pub next: Option<String>,
    /// Whether these are the newest records.
    pub is_newest: bool,
}

/// A record, as a function gets it.
#[derive(Clone, Debug)]
pub struct StreamRecord {
    /// The record of the event.
    pub record: Value,
    pub(super) sequence_number: String,
    pub(super) key: String,
    pub(super) sent: Duration,
    pub(super) size: usize,
    /// What it holds, if that is a text or bytes.
    pub(super) data: Option<Vec<u8>>,
}

impl StreamRecord {
    /// The record as filter patterns see it, and what it holds, with its name in patterns.
    #[must_use]
    pub fn filtered(&self) -> (Value, Option<(&'static str, &[u8])>) {
        match &self.data {
            Some(data) => (self.record["kinesis"].clone(), Some(("data", data))),
            None => (self.record.clone(), None),
        }
    }
}

impl Record for StreamRecord {
    fn identifier(&self) -> &str {
        &self.sequence_number
    }

    fn sent(&self) -> Duration {
        self.sent
    }

    fn order_key(&self) -> Option<&str> {
        Some(&self.key)
    }

    fn size(&self) -> usize {
        self.size
    }
}

impl ReadableStream {
    /// Looks up a stream of Kinesis, by its name or ARN.
    ///
    /// # Errors
    /// If the stream does not exist or cannot be described.
    pub async fn kinesis(aws: &Aws, stream: &str) -> Result<Self, Failure> {
        kinesis::look_up(aws, stream).await
    }

    /// Looks up the stream of a DynamoDB table, by the name of the table or the ARN of the stream.
    ///
    /// # Errors
    /// If the table does not exist, cannot be described, or has no stream.
    pub async fn of_table(aws: &Aws, table: &str) -> Result<Self, Failure> {
        dynamodb::look_up(aws, table).await
    }

    /// Looks up a stream by its ARN.
    ///
    /// # Errors
    /// If it is neither a stream of Kinesis nor of DynamoDB, or does not exist.
    pub async fn by_arn(aws: &Aws, arn: &str) -> Result<Self, Failure> {
        let parsed: Arn = arn.parse().map_err(Failure::new)?;
        match parsed.service.as_str() {
            "kinesis" => Self::kinesis(aws, arn).await,
            "dynamodb" => Self::of_table(aws, arn).await,
            _ => Err(Failure::new(format!("{arn} is not the ARN of a stream"))),
        }
    }

    /// The kind of the stream.
    #[must_use]
    pub fn kind(&self) -> StreamKind {
        match self.clients {
            StreamClients::Kinesis(_) => StreamKind::Kinesis,
            StreamClients::Dynamodb(_) => StreamKind::Dynamodb,
        }
    }

    /// The stream's shards.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub async fn shards(&self) -> Result<Vec<StreamShard>, Failure> {
        match &self.clients {
            StreamClients::Kinesis(client) => kinesis::shards(client, self).await,
            StreamClients::Dynamodb(client) => dynamodb::shards(client, self).await,
        }
    }

    /// Begins to read a shard; the result is for [`read`](ReadableStream::read).
    ///
    /// # Errors
    /// If the shard or the position does not exist (any more).
    pub async fn iterator(&self, shard: &str, start: &ReadStart) -> Result<String, Failure> {
        match &self.clients {
            StreamClients::Kinesis(client) => kinesis::iterator(client, self, shard, start).await,
            StreamClients::Dynamodb(client) => dynamodb::iterator(client, self, shard, start).await,
        }
    }

    /// Reads the next records.
    ///
    /// # Errors
    /// If the call fails, or the iterator has expired.
    pub async fn read(&self, shard: &str, iterator: &str, at_most: usize) -> Result<StreamPage, Failure> {
        match &self.clients {
            StreamClients::Kinesis(client) => kinesis::read(client, self, shard, iterator, at_most).await,
            StreamClients::Dynamodb(client) => dynamodb::read(client, self, iterator, at_most).await,
        }
    }
}
