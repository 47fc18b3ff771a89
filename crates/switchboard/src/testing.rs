//! Calls a handler on its own, with a record as the router would read it: for unit tests of handlers.
//!
//! ```
//! use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
//! use switchboard::{Context, Failure, testing};
//!
//! async fn on_record(record: KinesisEventRecord, cx: Context<&'static str>) -> Result<(), Failure> {
//!     match &record.kinesis.data[..] {
//!         b"hello" => Ok(()),
//!         _ => Err(Failure::msg(format!("{} expects another record", cx.state()))),
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let record = r#"{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"p","sequenceNumber":"1","data":"aGVsbG8="}}"#;
//! let outcome = testing::deliver::<KinesisEvent, _, _, _>(&"the test", on_record, record).await;
//! assert!(outcome.is_ok());
//! # });
//! ```

use crate::batch::single;
use crate::event::{Essence, Event, read};
use crate::handler::{ContextRecord, Invocation};
use crate::router::RouteTable;
use crate::source::Source;
use crate::telemetry::Metrics;
use crate::{Batch, Context, Failure};
use chrono::{DateTime, Utc};
use std::future::Future;
use std::sync::Arc;

/// When the records are received, in seconds since 1970: 15 January 2027, 08:00 UTC.
const RECEIVED: i64 = 1_800_000_000;

/// Reads one record, or an event that is delivered whole, and passes it to the handler.
///
/// # Errors
/// The handler's error.
///
/// # Panics
/// If `raw` cannot be read.
pub async fn deliver<E, S, R, F>(
    state: &S,
    handler: impl Fn(E::Item, Context<S>) -> F,
    raw: &str,
) -> Result<R, Failure>
where
    E: Event,
    S: Clone + Send + Sync + 'static,
    F: Future<Output = Result<R, Failure>>,
{
    let read = readable::<E>(raw);
    handler(*read.item, context::<E, S>(state, raw, read.filled)).await
}

/// Reads one record and passes it to the handler as a batch. Returns the record's outcome, or why the batch failed.
///
/// # Errors
/// The handler's error, or the record's failure.
///
/// # Panics
/// If `raw` cannot be read, or the handler does not report the record's outcome.
pub async fn deliver_batch<E, S, F>(
    state: &S,
    handler: impl Fn(Batch<E::Item, E::Reply>, Context<S>) -> F,
    raw: &str,
) -> Result<E::Reply, Failure>
where
    E: Event,
    S: Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>>,
{
    let (batch, outcome) = single(readable::<E>(raw), raw.as_bytes().to_vec().into());
    handler(batch, context::<E, S>(state, raw, Vec::new())).await?;
    outcome().expect("the handler reports the record's outcome")
}

fn readable<E: Event>(raw: &str) -> crate::event::Mended<Box<E::Item>> {
    read::<E>(raw.as_bytes(), received()).unwrap_or_else(|error| panic!("the record cannot be read: {error}"))
}

fn received() -> DateTime<Utc> {
    DateTime::from_timestamp(RECEIVED, 0).expect("chrono knows the year 2027")
}

fn context<E: Event, S: Clone + Send + Sync + 'static>(
    state: &S,
    raw: &str,
    filled: Vec<&'static str>,
) -> Context<S> {
    let source = E::SOURCES.first().copied().unwrap_or(Source::Unknown);
    let invocation = Invocation {
        source,
        lambda: lambda_runtime::Context::default(),
        received: received(),
        ends: None,
        state: state.clone(),
        router: Arc::new(RouteTable::default()),
        metrics: Metrics::of(source),
        depth: 0,
        unpacked: 0,
        failures_logged: Arc::default(),
        sent: None,
    };
    let record = ContextRecord {
        raw: raw.as_bytes().to_vec().into(),
        identify: |_, _| None,
        essence: const { &Essence::of::<E>() },
        filled,
        place: None,
    };
    Context::new(Arc::new(invocation), record)
}
