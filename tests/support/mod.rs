//! The function under test, and events to give it.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "every test file uses its own part of it"
)]

#[cfg(feature = "otel")]
pub(crate) mod collector;
#[cfg(feature = "dynamodb")]
pub(crate) mod emulator;
mod events;
pub(crate) mod faulty;
#[cfg(feature = "sqlite")]
pub(crate) mod journal;
#[cfg(feature = "dynamodb")]
pub(crate) mod proxy;
#[cfg(feature = "idempotency")]
pub(crate) mod schedule;
mod stock;
mod sturdy;
#[cfg(feature = "sqs")]
pub(crate) mod told;

pub(crate) use events::{ROUTED, batch, dynamodb, event, events, http_api, kinesis, s3, samples};
pub(crate) use stock::{Stock, builder, next_page};
pub(crate) use sturdy::{SECRET, Sturdy};
