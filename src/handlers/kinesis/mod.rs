//! Kinesis Data Streams: one journal entry per record of the producer.
//!
//! A Kinesis record is one record of its producer, or many:
//!
//! * aggregates of the Kinesis Producer Library hold many user records, each with its own partition key. The id of
//!   each is the record's `eventID`, a dot, and its place; so is the extension `subsequence`;
//! * CloudWatch Logs subscriptions hold many log events, gzipped, which become entries of their log group. Control
//!   messages become none;
//! * anything else is one record: JSON if it is JSON, else plain text, else binary.
//!
//! What only looks like an aggregate (its checksum is wrong) or like a subscription (it is some other gzipped
//! thing) is binary. Extensions: `sequence`, the sequence number, and `shardid`.

mod logs;
mod record;

pub use record::on_records;
