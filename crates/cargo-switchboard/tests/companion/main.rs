//! The companion's tests: real processes, driven through the real protocols.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod shell;

mod process;
mod runtime_api;

mod gateway;
mod guard;
mod invoke_api;

mod cli;
mod render;
mod simulate;
