//! Whose event is it? Registration, the boxed route, the reply.

mod context;
mod dead_letter;
mod failure;
mod handler;
mod name;
mod options;

mod hooks;
mod route;
mod service;
mod table;

mod dispatch;

#[cfg(feature = "http")]
mod http;

mod check;
mod names;
mod reply;
mod results;

#[cfg(feature = "envelopes")]
mod unwrap;

pub use context::Context;
pub(crate) use context::{Invocation, Record};
pub use dead_letter::DeadLetter;
pub(crate) use dead_letter::Sink;
pub use dispatch::EnvelopeLimits;
pub use failure::Failure;
pub use handler::Handler;
pub(crate) use hooks::Hooks;
pub(crate) use names::{Ids, Offsets};
pub use options::{Configured, OnFault, Options};
pub(crate) use reply::MAX_REPLY;
pub use reply::Reply;
pub(crate) use route::{Answer, Call, Route};
pub use service::Router;
#[cfg(feature = "envelopes")]
pub use unwrap::{Unwrap, UnwrapOr};
