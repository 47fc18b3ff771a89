//! Log lines, metrics and traces, with one scope per invocation.
#![doc = include_str!("../../docs/telemetry.md")]

use crate::error::Error;
use std::future::Future;
use std::pin::Pin;

#[cfg(any(feature = "durable-client", feature = "dynamodb"))]
mod aws_calls;
#[cfg(feature = "durable")]
mod replay;
mod settings;
mod tracing_header;

mod correlation;
mod scope;

#[cfg(feature = "otel")]
mod traces;
#[cfg(not(feature = "otel"))]
#[path = "untraced.rs"]
mod traces;

mod layer;
mod watchdog;

mod json;

mod fields;
mod line;
mod subscriber;

mod logs;

mod metrics;

#[cfg(feature = "testing")]
mod capture;

#[cfg(fuzzing)]
mod fuzzing;
#[cfg(test)]
mod tests;

/// A boxed future.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

#[cfg(any(feature = "durable-client", feature = "dynamodb"))]
pub(crate) use aws_calls::TracingHeader;
#[cfg(feature = "testing")]
pub(crate) use capture::Capture;
#[cfg(fuzzing)]
pub use fuzzing::written;
pub(crate) use layer::ScopeLayer;
pub use logs::init;
pub use metrics::{Dimension, Metric, Metrics, Unit};
pub(crate) use metrics::{delivered, record_failed, skipped, unrouted};
#[cfg(feature = "durable")]
pub(crate) use replay::replaying;
pub use scope::in_scope;
pub(crate) use scope::{RecordScope, detected, executing, within};
pub(crate) use traces::{RecordSpan, answering, counted, linked};
pub(crate) use tracing_header::in_trace;
pub use tracing_header::tracing_header;
