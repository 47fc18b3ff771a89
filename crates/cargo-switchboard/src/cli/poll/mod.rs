//! `cargo switchboard poll`: delivers messages and records of real queues and streams to the local function, as an event source mapping does.

mod args;
pub(super) use args::{POLL_EXAMPLES, Poll};

mod command;
pub(super) use command::poll;

mod rights;
mod settings;

mod peek;
mod queue;
mod shards;
mod stream;
pub(super) use stream::now;

mod checkpoints;
mod sink;
mod tally;

pub(super) mod target;
