//! Whose event is it? Registration, the boxed route, the reply.

mod context;
mod failure;
mod handler;
mod reply;
mod route;
mod service;

#[cfg(feature = "http")]
mod http;

pub use context::Context;
pub(crate) use context::{Invocation, Record};
pub use failure::Failure;
pub use handler::Handler;
pub use reply::Reply;
pub(crate) use route::{Call, Route};
pub use service::Router;
