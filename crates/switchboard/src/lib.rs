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
//! The modules are in the order in which an event meets them; each knows only itself and those below it, which a test checks.
//!
//! * [`testing`]: a handler called alone, as the router calls it (feature `testing`).
//! * `runtime`: the way in and out. [`run`] polls the Runtime API with `lambda_runtime`'s types and client, one event after
//!   another or many at once; [`block_on`] makes the tokio runtime for it; [`init`] tells Lambda when start-up fails.
//! * `router`: whose event is it? [`Router`] registers a [`Handler`] per source and calls it.
//! * `batch`: records one by one, outcomes, and the answer by each source's contract.
//! * [`idempotency`]: at most one effect per record, however often it is delivered (feature `idempotency`).
//! * [`store`]: what stores are made of: their error, an SQLite file, a DynamoDB client (feature `store`).
//! * `handler`: the words that handlers and all of the above share: [`Handler`] and its [`Options`], [`Context`], [`Failure`],
//!   [`Payload`], [`Reply`].
//! * [`telemetry`]: log lines by Lambda's logging controls, each with the invocation and the record it belongs to; metrics;
//!   traces (feature `otel`).
//! * [`event`]: per source, how its records are read, identified and answered.
//! * `mode`: whether Lambda runs one invocation after another or several at once.
//! * [`Error`]: why start-up or an invocation failed.
//! * [`source`]: which source composed the payload, and the evidence for it.
//! * `panics`: panics are caught, and each is logged once.
//! * [`bounds`]: how much of an event may be unpacked, given the function's memory.
//! * `deadlines`: what happens as an invocation's time runs out.
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

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

#[cfg(feature = "testing")]
pub mod testing;

mod runtime;
pub use runtime::{block_on, init, run};

mod router;
pub use router::Router;
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
pub use handler::{
    Configured, Context, DeadLetter, EnvelopeLimits, Failure, Handler, OnFault, Options, Payload, Reply,
};

pub mod telemetry;

pub mod event;
#[cfg(feature = "http")]
pub use event::api_gateway::IntoResponse;

mod mode;

mod error;
pub use error::Error;

pub mod source;

mod panics;

pub mod bounds;

mod deadlines;

#[cfg(doctest)]
mod book;
