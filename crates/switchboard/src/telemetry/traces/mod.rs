//! Traces: a span for each invocation and for each record of a batch, by OpenTelemetry's conventions for functions and
//! messaging, sent by OTLP before the invocation is over.
//!
//! Spans are the SDK's own and travel in OpenTelemetry's `Context`, whatever the log level; without the feature `otel`
//! `untraced.rs` stands in this module's place and comes to nothing.

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
