//! A test kit: events as AWS sends them, invocations with a deadline and a stopped clock, and their outcomes.
//!
//! A test makes an event, delivers it to the function's own router, and looks at each record, the answer, the dead
//! letters, the log lines and the metrics:
//!
//! ```
//! use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
//! use serde_json::json;
//! use switchboard::testing::{RecordOutcome, Sqs};
//! use switchboard::{Context, Failure, Router};
//!
//! async fn on_order(message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
//!     match message.body.as_deref() {
//!         Some(body) if body.contains("cents") => Ok(()),
//!         _ => Err(Failure::msg("an order has a price")),
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let router = Router::new(()).on::<SqsEvent>(on_order);
//! let good = Sqs::message(&json!({"order": 1001, "cents": 24_900})).id("good");
//! let bad = Sqs::message(&json!({"order": 1002})).id("bad");
//! let delivered = router.deliver(Sqs::batch([good, bad])).await;
//!
//! let failed = RecordOutcome::Failed("an order has a price".to_owned());
//! assert_eq!(delivered.outcomes(), [RecordOutcome::Done, failed]);
//! assert_eq!(delivered.reply(), &json!({"batchItemFailures": [{"itemIdentifier": "bad"}]}));
//! assert_eq!(delivered.metric("RecordsFailed"), Some(1.0));
//! # });
//! ```
//!
//! # Events
//!
//! There is one builder for each source: [`Sqs`], [`Sns`], [`S3`], [`Kinesis`], [`DynamodbStream`], [`EventBridge`],
//! [`Schedule`], [`Http`], [`WebSocket`], [`Kafka`], [`Firehose`], [`Logs`], [`Ses`], [`ActiveMq`], [`RabbitMq`],
//! [`Cognito`], [`AppSync`], [`Authorizer`], [`CustomResource`], [`S3Batch`], [`Durable`] for events that start durable executions, and [`DirectPayload`] for payloads of your own.
//! [`sample`] has an event of every source, and [`Generator`] one with a body of yours. Every event has all members that AWS's own samples have.
//!
//! * Ids, sequence numbers and times are counted up. A test gets the same ones each time it runs, and no two events of a test
//!   share any. Each thread counts for itself; [`counting_from`] makes the same events again.
//! * What a method sets, it sets for every record of the event. `batch` joins events of one record into one event.
//! * `set` and `without` change any member, by its JSON pointer.
//! * `in_sns`, `in_sqs`, `in_event_bridge`, `in_kinesis` and `in_pipe` put an event where AWS can put it.
//!
//! An event is a [`Payload`](crate::Payload), so it can be delivered to any router. So are a text and a
//! `serde_json::Value`: a recorded event, say.
//!
//! [`outline`] lists the records of an event, recorded ones too, with their identifiers and lanes.
//!
//! # Handlers alone
//!
//! A handler is a function: [`context()`] makes its second argument. [`deliver()`] reads a record from JSON for it, as the
//! router would.

mod origin;

mod event;
mod generate;
mod makers;
mod outline;
mod pipes;
mod request;
mod samples;
mod window;

mod api_gateway;
mod appsync;
mod authorizer;
mod cloudformation;
mod cloudwatch_events;
mod cloudwatch_logs;
mod cognito;
mod direct;
mod durable;
mod dynamodb;
mod kafka;
mod kinesis;
mod kinesis_aggregate;
mod kinesis_firehose;
mod mq;
mod s3;
mod s3_batch;
mod ses;
mod sns;
mod sqs;

mod alone;
mod context;
mod deliver;

#[cfg(test)]
mod tests;

pub use alone::{deliver, deliver_batch};
pub use api_gateway::{Http, WebSocket};
pub use appsync::AppSync;
pub use authorizer::Authorizer;
pub use cloudformation::CustomResource;
pub use cloudwatch_events::{EventBridge, Schedule};
pub use cloudwatch_logs::Logs;
pub use cognito::Cognito;
pub use context::{TestContext, context};
pub use deliver::{Delivered, DeliveredRecord, RecordOutcome};
pub use direct::DirectPayload;
pub use durable::Durable;
pub use dynamodb::DynamodbStream;
pub use event::TestEvent;
pub use generate::{Generator, generate, sources};
pub use kafka::Kafka;
pub use kinesis::Kinesis;
pub use kinesis_firehose::Firehose;
pub use mq::{ActiveMq, RabbitMq};
pub use origin::counting_from;
pub use outline::{RecordOutline, outline};
pub use request::{EventPart, GenerateError};
pub use s3::S3;
pub use s3_batch::S3Batch;
pub use samples::sample;
pub use ses::Ses;
pub use sns::Sns;
pub use sqs::Sqs;
