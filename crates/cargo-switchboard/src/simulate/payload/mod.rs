//! Events as each source sends them, with payloads that say what the function does.

pub(super) mod cloudwatch_events;
mod compose;
pub(super) mod dynamodb;
mod item;
pub(super) mod kinesis;
pub(super) mod s3;
pub(super) mod sns;
pub(super) mod sqs;

pub(super) use compose::compose;
pub(super) use item::Item;

/// The region of all sources.
const REGION: &str = "eu-central-1";
/// The account of all sources.
const ACCOUNT: &str = "123456789012";
/// When the first record was sent, in milliseconds since the Unix epoch.
const START: i64 = 1_791_202_860_000;
