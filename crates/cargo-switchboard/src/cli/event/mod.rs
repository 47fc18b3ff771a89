//! `cargo switchboard event`: prints an event of a source.

mod args;
mod command;

pub(super) use args::{EVENT_EXAMPLES, EventArgs};
pub(super) use command::event;
