//! One Rust Lambda function for every trigger.
//!
//! `lambda_runtime` takes one payload type. Switchboard takes whatever payload wakes the function, tells which event
//! source composed it, reads it record by record into the typed structs of `aws_lambda_events`, hands each record to
//! the handler of its source, and answers as that source expects: so that nothing is lost and the right thing is
//! delivered again.
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
//! The modules stand in the order in which an event meets them; each knows only what stands below it.
//!
//! * `runtime`: the way in and out. [`run`] polls the Runtime API with `lambda_runtime`'s types and client, one event after
//!   another or many at once; [`block_on`] makes the tokio runtime for it; [`init`] tells Lambda when start-up fails; [`Payload`] is the
//!   body as it came.
//! * [`telemetry`]: log lines by Lambda's logging controls, each with the invocation and the record it belongs to; metrics;
//!   traces (feature `otel`).
//! * [`source`]: which source composed the payload, and what gives it away.
//! * `router`: whose event is it? [`Router`] registers a [`Handler`] per source, a handler gets a [`Context`] and
//!   answers with a [`Failure`] if the record has to come again.
//! * `batch`: records one by one, outcomes, and the answer by each source's contract.
//! * `idempotency`: at most one effect per record, however often it is delivered (feature `idempotency`).
//! * [`event`]: per source, how its records are read, identified and answered.
//! * [`store`]: what stores are made of: their error, an SQLite file, a DynamoDB client (feature `store`).
//! * [`testing`]: a handler called alone, as the router calls it (feature `testing`).
//! * [`bounds`]: how much of an event may be unpacked, given the function's memory.
//! * [`Error`]: why start-up or an invocation failed.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `http` | yes | [`Router::http`]: any tower service answers REST, HTTP API, function URL, ALB and WebSocket requests |
//! | `cloudwatch_logs`, `firehose`, `kafka`, `ses`, `sns`, `sqs` | no | [`Router::on`] for the events of these sources |
//! | `envelopes` | no | `Unwrap`: events inside records are handed to the handlers of their own sources |
//! | `graceful-shutdown` | no | `Router::on_shutdown`: at SIGTERM, what is under way is ended and the hooks are run |
//! | `idempotency` | no | [`Handler::idempotent`]: at most one effect per record |
//! | `store` | no | [`store`]: what stores are made of |
//! | `sqlite` | no | an SQLite file that stores share; with `idempotency`, its store in one |
//! | `dynamodb` | no | a DynamoDB client that stores share; with `idempotency`, its store in a table, which functions in Python can share |
//! | `testing` | no | [`testing`]: a handler called alone |
//! | `otel` | no | traces in [`telemetry`]: spans of invocations and records, sent by OTLP |
//!
//! The library depends neither on axum nor, without its feature, on a store.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod runtime;
pub use runtime::{Payload, block_on, init, run};

pub mod telemetry;

pub mod source;

mod router;
pub use router::{
    Configured, Context, DeadLetter, EnvelopeLimits, Failure, Handler, OnFault, Options, Reply, Router,
};
#[cfg(feature = "envelopes")]
pub use router::{Unwrap, UnwrapOr};

mod batch;
#[cfg(feature = "idempotency")]
pub use batch::Memo;
pub use batch::{Batch, Outcome, Pending, Window, Windowed};

#[cfg(feature = "idempotency")]
pub mod idempotency;

pub mod event;
#[cfg(feature = "http")]
pub use event::api_gateway::IntoResponse;

#[cfg(feature = "store")]
pub mod store;

pub mod bounds;

#[cfg(feature = "testing")]
pub mod testing;

mod error;
pub use error::Error;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(doctest)]
mod book;
