//! The sandbox: real processes, driven through the real protocols.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answered;
mod durable;
mod environments;
mod extensions;
mod gateway;
mod guard;
mod invoke_api;
mod process;
mod runtime_api;
mod telemetry;
