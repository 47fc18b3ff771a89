//! The companion's tests: real processes, driven through the real protocols. One binary, so that what they share is built and linked
//! once; the tests of `wire` and `unwire` are another, because they need the AWS SDK and an emulator.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
// Beside its templates, which other checks read as well.
#[path = "../doctor/mod.rs"]
mod doctor;
mod durable;
mod environments;
mod guard;
mod machines;
mod new;
mod render;
mod shell;
mod simulate;
mod simulate_durable;
mod watch;
