//! The stock function: five handler modules that keep the activity journal.
//!
//! One module per event source, each with its handler first. A handler turns its event into an
//! [`Entry`](crate::journal::Entry) and a change of a resource's state, and appends both to the journal. It may be
//! called as often as the source delivers the event. [`api_gateway`] serves the journal over HTTP.
//!
//! | source | CloudEvents `source` | `type` | `subject` | `id` |
//! |---|---|---|---|---|
//! | [`s3`] | `aws:s3.<region>.<bucket>` | `com.amazonaws.s3.<event name>` | the key, decoded | `<request id>.<x-amz-id-2>` |
//! | [`dynamodb`] | the table's ARN | `com.amazonaws.dynamodb.INSERT`, `.MODIFY`, `.REMOVE`, `.REMOVE.TTL` | the item's key, `Id=7&Sort=a` | `eventID` |
//! | [`kinesis`] | the stream's ARN | `com.amazonaws.kinesis.record` | the partition key | `eventID`, with `.<n>` inside aggregates |
//! | [`kinesis`], CloudWatch Logs | the log group's ARN | `com.amazonaws.logs.event` | the log stream | the log event's id |
//! | [`cloudwatch_events`] | `source` | `com.amazonaws.<service>.<detail-type, words joined by ->` | the first resource | `id` |
//!
//! If a source leaves out what the `id` is made of, the id is a hash of the event's identity. If two events have the
//! same id, the journal stores the second one under the id and a hash. An event with a known id but different content
//! counts as such a second event, because some senders (samples and emulators, for example) use one id or one sequencer
//! for everything they send. A redelivered event has the same content, however it is delivered (as a replay by
//! EventBridge, for example), and is stored once.

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
