//! A handler that is called alone, with a record as the router would read it.

use super::context::context;
use super::origin::received;
use crate::batch::single;
use crate::event::{Event, StableFields, identify, read};
use crate::handler::ContextRecord;
use crate::source::Source;
use crate::{Batch, Context, Failure};
use std::future::Future;

/// Reads one record, or an event that is delivered whole, and passes it to the handler.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
/// use switchboard::{Context, Failure, testing};
///
/// async fn on_record(record: KinesisEventRecord, cx: Context<&'static str>) -> Result<(), Failure> {
///     match &record.kinesis.data[..] {
///         b"hello" => Ok(()),
///         _ => Err(Failure::msg(format!("{} expects another record", cx.state()))),
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let record = r#"{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"p","sequenceNumber":"1","data":"aGVsbG8="}}"#;
/// let outcome = testing::deliver::<KinesisEvent, _, _, _>(&"the test", on_record, record).await;
/// assert!(outcome.is_ok());
/// # });
/// ```
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
    handler(*read.item, alone::<E, S>(state, raw, read.filled)).await
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
    handler(batch, alone::<E, S>(state, raw, Vec::new())).await?;
    outcome().expect("the handler reports the record's outcome")
}

fn readable<E: Event>(raw: &str) -> crate::event::Mended<Box<E::Item>> {
    read::<E>(raw.as_bytes(), received()).unwrap_or_else(|error| panic!("the record cannot be read: {error}"))
}

fn alone<E: Event, S: Clone + Send + Sync + 'static>(
    state: &S,
    raw: &str,
    filled: Vec<&'static str>,
) -> Context<S> {
    let record = ContextRecord {
        raw: raw.as_bytes().to_vec().into(),
        identify: identify::<E>,
        stable_fields: const { &StableFields::of::<E>() },
        filled,
        place: None,
        #[cfg(feature = "durable")]
        durable: None,
    };
    let source = E::SOURCES.first().copied().unwrap_or(Source::Unknown);
    context().state(state.clone()).source(source).with(record)
}
