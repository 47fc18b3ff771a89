//! `cargo switchboard run`: builds a function, starts it, delivers samples and serves it.

mod args;
mod authorizer;
mod command;
mod console;
mod failed_events;
mod first;
mod serve;
mod shown;
mod watch;

pub(super) use args::{RUN_EXAMPLES, Run};
pub(super) use command::run;
#[cfg(feature = "aws")]
pub(super) use shown::built;
