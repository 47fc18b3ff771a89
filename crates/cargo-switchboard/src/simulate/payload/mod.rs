//! Events as each source sends them, made by the builders of the library's test kit.

mod bodies;
pub use bodies::Bodies;

mod item;
pub(super) use item::Item;

mod window;
pub(super) use window::in_window;

pub(super) mod cloudwatch_events;
pub(super) mod dynamodb;
pub(super) mod kafka;
pub(super) mod kinesis;
pub(super) mod kinesis_firehose;
pub(super) mod s3;
pub(super) mod ses;
pub(super) mod sns;
pub(super) mod sqs;

#[cfg(test)]
mod tests;

/// The name of every stream, queue, table, topic and bucket.
const NAME: &str = "simulated";
