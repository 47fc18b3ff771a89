//! `cargo switchboard invoke`: invokes a function with events from files, here or where it is served.

mod args;
mod command;
mod invocation;
mod log_tail;
mod remote;

pub(super) use args::{INVOKE_EXAMPLES, Invoke};
pub(super) use command::invoke;
pub(super) use remote::SERVER;
