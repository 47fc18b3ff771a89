//! The end of the process: handles SIGTERM, waits for running invocations, then runs the application's hooks.
//!
//! Nothing of this is active without a hook: [`Router::on_shutdown`](crate::Router::on_shutdown).

mod extension;
mod invocations;
mod signals;
mod stop;

pub(super) use invocations::{Invocations, WatchLayer};
pub(super) use stop::Shutdown;
