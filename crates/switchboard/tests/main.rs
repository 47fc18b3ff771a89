//! The library, from outside: one binary, so that what the tests share is built and linked once.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod support;

mod answered;
mod bulk;
mod claims;
mod delivery;
mod detection;
mod direct;
mod durable;
mod envelopes;
mod faulty;
mod firehose;
#[cfg(feature = "dynamodb")]
mod idempotency_dynamodb;
mod idempotency_stores;
mod kafka;
mod law;
mod memory;
mod metrics;
mod mistakes;
mod modes;
mod names;
mod pipes;
mod reading;
mod recorded;
mod replies;
mod router;
mod routes;
mod rows;
mod runtime_api;
mod schemas;
mod simulate;
mod started;
mod streaming;
mod telemetry;
#[cfg(feature = "otel")]
mod traces;
mod typed;
mod windows;
