//! The Lambda Runtime API, `2018-06-01`: the side of it that Lambda has.
//!
//! [`Exchange`] is the state: events that wait, invocations that are under way, those that are over. [`Server`] puts
//! HTTP before it, and the part of the Extensions API that a runtime itself needs. Nothing in here knows of processes.

mod body;
mod exchange;
mod extensions;
mod headers;
mod invocation;
mod server;

pub(crate) use body::collect;
pub(crate) use exchange::{Answer, Exchange, Init, Ticket};
pub(crate) use headers::{arn, new_trace_id};
pub(crate) use server::Server;
