//! `cargo switchboard explain`: identifies the event source of payloads.

mod args;
mod command;
mod contents;

pub(super) use args::{EXPLAIN_EXAMPLES, Explain};
pub(super) use command::explain;
