//! The stock function: five handler modules that keep the activity journal.
//!
//! One module per event source, each with its handler first. A handler makes an [`Entry`](crate::journal::Entry) of
//! its event, and what it says of a resource's state, and appends both to the journal; so it may be called as often
//! as the source likes. [`api_gateway`] is the way in and out over HTTP.
//!
//! | source | CloudEvents `source` | `type` | `subject` | `id` |
//! |---|---|---|---|---|
//! | [`s3`] | `aws:s3.<region>.<bucket>` | `com.amazonaws.s3.<event name>` | the key, decoded | `<request id>.<x-amz-id-2>` |
//! | [`dynamodb`] | the table's ARN | `com.amazonaws.dynamodb.INSERT`, `.MODIFY`, `.REMOVE`, `.REMOVE.TTL` | the item's key, `Id=7&Sort=a` | `eventID` |
//! | [`kinesis`] | the stream's ARN | `com.amazonaws.kinesis.record` | the partition key | `eventID`, with `.<n>` inside aggregates |
//! | [`kinesis`], CloudWatch Logs | the log group's ARN | `com.amazonaws.logs.event` | the log stream | the log event's id |
//! | [`cloudwatch_events`] | `source` | `com.amazonaws.<service>.<detail-type, words joined by ->` | the first resource | `id` |
//!
//! Where a source leaves out what the `id` is made of, the id is a hash of the event's identity. If two events claim
//! one id, the journal keeps the second under the id and a hash. An event of a known id that says something else is such a
//! second one: senders there are, samples and emulators among them, that give one id or one sequencer to all they send. What
//! comes again says the same, however it comes (as a replay of EventBridge, say), and is kept once.

mod app;
mod record;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod redelivery;
mod routes;
mod store;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod testing;

pub mod api_gateway;
pub mod cloudwatch_events;
pub mod dynamodb;
pub mod kinesis;
pub mod s3;

pub use app::App;
pub use routes::router;
