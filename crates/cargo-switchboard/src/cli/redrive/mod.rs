//! `cargo switchboard redrive`: failures that lie in a queue go through a function once more.

mod args;
pub(super) use args::{REDRIVE_EXAMPLES, Redrive};

mod command;
pub(super) use command::redrive;

mod failure;
mod fetch;
mod list;
mod run;
