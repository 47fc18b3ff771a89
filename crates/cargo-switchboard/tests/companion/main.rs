//! The companion's tests: real processes, driven through the real protocols.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod environments;
mod guard;
mod machines;
mod new;
mod render;
mod shell;
mod simulate;
mod watch;
