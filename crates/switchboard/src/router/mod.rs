//! Which handler an event belongs to: registration, the boxed route, and the check of its reply.

mod direct_stream;
mod missing;
mod service;
mod sources;
#[cfg(feature = "schemars")]
mod tool;

mod answered;
mod callers;
#[cfg(feature = "custom-resources")]
mod custom_resource;

mod durable;
#[cfg(feature = "durable")]
mod durably;

mod table;

mod registered;

mod by_record;
mod route;

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod streaming_fronts;

mod dispatch;
#[cfg(feature = "envelopes")]
mod unwrap;

mod check;
mod results;

mod hooks;

#[cfg(feature = "testing")]
mod watched;

pub(crate) use hooks::Hooks;
#[cfg(feature = "http")]
pub use http::HttpService;
pub(crate) use route::ReplyFuture;
pub use service::Router;
#[cfg(feature = "http")]
pub use streaming_fronts::{StreamingFronts, UnknownFront};
#[cfg(any(test, feature = "testing"))]
pub(crate) use table::RouteTable;
#[cfg(feature = "envelopes")]
pub use unwrap::{Unwrap, UnwrapOr};
