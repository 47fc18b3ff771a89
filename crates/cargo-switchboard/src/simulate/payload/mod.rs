//! Events as each source sends them, with payloads that say what the function does.

mod compose;
mod dynamodb;
mod eventbridge;
mod item;
mod kinesis;
mod s3;
mod sns;
mod sqs;

pub(super) use compose::compose;
pub(super) use item::Item;

/// The region of all sources.
const REGION: &str = "eu-central-1";
/// The account of all sources.
const ACCOUNT: &str = "123456789012";
/// When the first record was sent, in milliseconds since the Unix epoch.
const START: i64 = 1_791_202_860_000;
