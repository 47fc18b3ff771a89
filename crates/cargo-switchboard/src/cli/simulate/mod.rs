//! `cargo switchboard simulate`: plays an event source against a function.

mod args;
mod command;

pub(super) use args::{SIMULATE_EXAMPLES, Simulate};
pub(super) use command::simulate;
