//! `cargo switchboard durable`: looks at durable executions, and does what the world outside of them does.

mod args;
mod client;
mod command;
mod show;
mod span;
mod tree;

pub(super) use args::{DURABLE_EXAMPLES, DurableCommand};
pub(super) use command::durable;
