//! Kinesis Data Streams: one journal entry per record of the producer.
//!
//! A Kinesis record contains one record of its producer, or many:
//!
//! * Aggregates of the Kinesis Producer Library contain many user records, each with its own partition key. The id of
//!   each is the record's `eventID`, a dot, and its position. The extension `subsequence` is the position, too.
//!
//! * CloudWatch Logs subscriptions contain many log events, gzipped, which become entries of their log group. Control
//!   messages become no entries.
//!
//! * Anything else is one record: JSON if it is valid JSON, otherwise plain text, otherwise binary.
//!
//! Data that only looks like an aggregate (its checksum is wrong) or like a subscription (it is other gzipped data) is
//! binary. Extensions: `sequence`, the sequence number, and `shardid`.

mod logs;
mod record;

pub use record::on_records;
