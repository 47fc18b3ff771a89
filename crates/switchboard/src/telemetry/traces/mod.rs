//! Traces: a span for each invocation and for each record of a batch, by OpenTelemetry's conventions for functions and
//! messaging, sent over OTLP before the invocation ends.
//!
//! Spans are the SDK's and travel in OpenTelemetry's `Context`, whatever the log level. Without the feature `otel`,
//! `untraced.rs` replaces this module and does nothing.

mod variables;

mod propagation;
mod xray;

mod resource;

mod export;
mod finished;
mod pipeline;

mod convention;
mod http;

mod invocation;
mod record;
mod running;

mod follow;

#[cfg(test)]
mod tests;

pub(in crate::telemetry) use follow::{along, follow};
pub(in crate::telemetry) use invocation::InvocationSpan;
pub(in crate::telemetry) use pipeline::{Bridged, Traces};
pub(crate) use record::RecordSpan;
pub(crate) use running::{answering, counted, linked};
