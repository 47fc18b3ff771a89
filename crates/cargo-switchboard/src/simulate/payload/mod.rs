//! Events as each source composes them, around what a record is told to do.

mod compose;
mod dynamodb;
mod eventbridge;
mod kinesis;
mod s3;
mod sns;
mod sqs;

pub(super) use compose::{Item, compose};

/// Where everything is said to be.
const REGION: &str = "eu-central-1";
/// Whose everything is said to be.
const ACCOUNT: &str = "123456789012";
/// When the first record was sent, in milliseconds since 1970.
const START: i64 = 1_791_202_860_000;
