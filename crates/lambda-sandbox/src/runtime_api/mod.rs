//! The server side of the Lambda Runtime API, `2018-06-01`.
//!
//! [`Exchange`] is the state: waiting, running and finished invocations. [`Server`] serves it over HTTP, together with
//! the Extensions API, the Telemetry API and the Logs API. This module does not know about processes.

mod body;
mod exchange;
mod extensions;
mod facts;
mod headers;
mod invocation;
mod metadata;
mod registry;
mod server;
mod stream;
mod telemetry;

pub(crate) use body::collect;
pub(crate) use exchange::{Answer, Exchange, Init, Ticket};
pub(crate) use facts::Facts;
pub(crate) use headers::{arn, new_trace_id};
pub(crate) use registry::{LIMIT as MOST_EXTENSIONS, ShutdownReason};
pub(crate) use server::Server;
pub(crate) use telemetry::{Event, Status};
