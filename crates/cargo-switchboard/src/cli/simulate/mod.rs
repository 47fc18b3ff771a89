//! `cargo switchboard simulate`: simulates an event source with a function.

mod args;
mod command;
mod durable;
mod durable_args;

pub(super) use args::{SIMULATE_EXAMPLES, Simulate};
pub(super) use command::simulate;
