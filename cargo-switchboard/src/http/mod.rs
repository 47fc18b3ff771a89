//! HTTP requests as API Gateway events, and the function's replies as HTTP responses.
//!
//! Pure conversions both ways: a request becomes an event of payload format 2.0 (HTTP API) or 1.0 (REST API), a reply
//! of the same format becomes a response.

mod body;
mod reply;
mod request;
mod rest;
mod v2;

pub use reply::{InvalidReply, response};
pub use request::{Incoming, PayloadFormat, event};
