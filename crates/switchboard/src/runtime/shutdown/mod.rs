//! The end of the process: SIGTERM is heard, what is under way is waited for, then the application has its last word.
//!
//! All of it is there only where a hook asks for it: [`Router::on_shutdown`](crate::Router::on_shutdown).

mod extension;
mod invocations;
mod signals;
mod stop;

pub(super) use invocations::{Invocations, WatchLayer};
pub(super) use stop::Shutdown;
