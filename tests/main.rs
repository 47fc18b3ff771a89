//! The stock function, through the Runtime API: one binary, so that what the tests share is built and linked once.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

mod support;

mod bad_input;
mod batches;
mod configuration;
mod follow;
mod http;
#[cfg(feature = "dynamodb")]
mod journal_dynamodb;
#[cfg(feature = "dynamodb")]
mod journal_faults;
mod journal_health;
mod journal_stores;
mod kill;
mod large_input;
mod memory;
mod promises;
mod redelivery;
mod requests;
mod rooms;
mod samples;
