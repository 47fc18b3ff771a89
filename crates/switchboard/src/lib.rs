//! One Rust Lambda function for every trigger.
//!
//! `lambda_runtime` deserializes every payload into one type. Switchboard accepts any payload, identifies the event
//! source that sent it, and reads its records one by one into the structs of `aws_lambda_events`. Each record goes to
//! the handler of its source. The answer follows the source's contract, so that no record is lost and only records that
//! failed are delivered again.
//!
//! ```no_run
//! use aws_lambda_events::{dynamodb::EventRecord, s3::S3EventRecord};
//! use switchboard::{Context, Failure, Router};
//!
//! async fn on_object(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
//!     tracing::info!(event = record.event_name, "an object changed");
//!     Ok(())
//! }
//!
//! async fn on_change(record: EventRecord, cx: Context<()>) -> Result<(), Failure> {
//!     tracing::info!(event = record.event_name, sequence_number = cx.record_id(), "an item changed");
//!     Ok(())
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), switchboard::Error> {
//!     switchboard::init(async { switchboard::telemetry::init() }).await?;
//!     switchboard::run(Router::new(()).s3(on_object).dynamodb(on_change)).await
//! }
//! ```
//!
//! # Layout
//!
//! The modules are listed in the order in which an event meets them. Each one imports only itself and the modules below
//! it; a test checks this.
//!
//! * [`testing`]: events as AWS sends them, delivered to a router or to a handler alone (feature `testing`).
//! * `runtime`: the connection to Lambda. [`run`] polls the Runtime API with `lambda_runtime`'s types and client, for
//!   one event at a time or for several at once. [`block_on`] creates the tokio runtime for it. [`init`] reports a
//!   failed start-up to Lambda.
//! * `router`: which handler an event belongs to. [`Router`] registers one [`Handler`] per source and calls it.
//! * `batch`: records one by one, their outcomes, and the answer that the source's contract asks for.
//! * [`idempotency`]: at most one effect per record, however often it is delivered (feature `idempotency`).
//! * [`store`]: the parts that stores share: their error, an SQLite file, a DynamoDB client (feature `store`).
//! * `handler`: the types that handlers and all modules above share: [`Handler`] and its [`Options`], [`Context`],
//!   [`Failure`], [`Payload`], [`Reply`].
//! * [`telemetry`]: log lines as Lambda's logging controls ask for, each with the ids of its invocation and record;
//!   metrics; traces (feature `otel`).
//! * [`event`]: for each source, how its records are read, identified and answered.
//! * `mode`: whether Lambda runs one invocation at a time or several at once.
//! * [`Error`]: why start-up or an invocation failed.
//! * [`source`]: which source sent the payload, and the evidence for it.
//! * `panics`: catches panics, so that each is logged once.
//! * [`bounds`]: how much of an event may be unpacked, given the function's memory.
//! * `deadlines`: what happens when an invocation runs out of time.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `http` | yes | [`Router::http`]: any tower service answers REST, HTTP API, function URL, ALB and WebSocket requests |
//! | `activemq`, `cloudwatch_logs`, `documentdb`, `firehose`, `kafka`, `rabbitmq`, `ses`, `sns`, `sqs` | no | the events of these sources |
//! | `cognito` | no | [`Router::cognito`] with the triggers' events of `aws_lambda_events` |
//! | `custom-resources` | no | `Router::custom_resource`: custom resources of CloudFormation |
//! | `kafka_schemas` | no | [`event::Avro`] and [`event::Protobuf`]: bodies whose schema a registry keeps, also JSON with a JSON Schema |
//! | `claim_check` | no | [`Handler::claim_check`]: bodies that the extended clients of SQS and SNS have put into S3 |
//! | `durable` | no | durable handlers, with the context of an SDK for durable functions: the crate `lambda-switchboard-durable` |
//! | `durable-start` | no | `start`: each record is handed over to a durable execution of its own, once |
//! | `durable-client` | no | `aws_sdk_lambda::Client` starts durable executions and is asked about them |
//! | `envelopes` | no | `Unwrap`: an event inside a record goes to the handler of its own source |
//! | `graceful-shutdown` | no | `Router::on_shutdown`: at SIGTERM, running invocations end and the hooks run |
//! | `schemars` | no | `Router::tool`: tools for agents, with schemas derived from their types |
//! | `idempotency` | no | [`Handler::idempotent`]: at most one effect per record |
//! | `store` | no | [`store`]: the parts that stores share |
//! | `sqlite` | no | an SQLite file that stores share; with `idempotency`, a store in that file |
//! | `dynamodb` | no | a DynamoDB client that stores share; with `idempotency`, a store in a table, which functions in Python can share |
//! | `validation` | no | [`event::Valid`]: items that keep the rules of their type, by the crate `garde` |
//! | `testing` | no | [`testing`]: a test kit with events of every source |
//! | `otel` | no | traces in [`telemetry`]: spans of invocations and records, sent over OTLP |
//!
//! The library does not depend on axum. It depends on a store only with that store's feature.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "testing")]
pub mod testing;

mod runtime;
pub use runtime::{block_on, init, run};

mod router;
pub use router::Router;
#[cfg(feature = "http")]
pub use router::{HttpService, StreamingFronts, UnknownFront};
#[cfg(feature = "envelopes")]
pub use router::{Unwrap, UnwrapOr};

mod batch;
pub use batch::{Batch, Outcome, Pending, Window, Windowed};

#[cfg(feature = "idempotency")]
pub mod idempotency;

#[cfg(feature = "store")]
pub mod store;

mod handler;
#[cfg(feature = "idempotency")]
pub use handler::Memo;
#[cfg(feature = "envelopes")]
#[doc(hidden)]
pub use handler::Unwrapped;
pub use handler::{
    ByteStream, Configured, Context, DeadLetter, EnvelopeLimits, ExecutionClient, Failure, Handler,
    LargeResult, OnFault, Options, Payload, Reply, StatePage, when,
};
#[cfg(feature = "claim_check")]
pub use handler::{ClaimCheck, ClaimStore};
#[cfg(feature = "durable")]
pub use handler::{
    DurableEngine, DurableScope, DurableWork, EngineFuture, ExecutionAnswer, ExecutionInvocation, StepWork,
    WorkFailure,
};
#[cfg(feature = "durable-start")]
pub use handler::{ExecutionStart, Start, StartBody, StartClient, start};
#[doc(hidden)]
pub use handler::{SourceHandler, SourceReply};

pub mod telemetry;

pub mod event;
#[cfg(feature = "http")]
pub use event::api_gateway::IntoResponse;
pub use event::durable::Execution;
pub use event::{Change, ChangeKind, Json, aws_lambda_events};

mod mode;

mod error;
pub use error::Error;

pub mod source;

mod panics;

pub mod bounds;

mod deadlines;

#[cfg(doctest)]
mod book;

#[cfg(test)]
mod made_up;
