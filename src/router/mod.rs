//! Whose event is it? Registration, the boxed route, the reply.

mod context;
mod dead_letter;
mod failure;
mod handler;
mod options;
mod reply;
mod route;
mod service;

#[cfg(feature = "http")]
mod http;

pub use context::Context;
pub(crate) use context::{Invocation, Record};
pub use dead_letter::DeadLetter;
pub(crate) use dead_letter::Sink;
pub use failure::Failure;
pub use handler::Handler;
pub use options::{Configured, Options, Unreadable};
pub use reply::Reply;
pub(crate) use route::{Call, Route};
pub use service::Router;
