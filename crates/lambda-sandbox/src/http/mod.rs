//! HTTP requests as API Gateway events, and the function's replies as HTTP responses.
//!
//! Pure conversions both ways: a request becomes an event as HTTP APIs and function URLs (payload format 2.0) or REST APIs
//! (1.0) compose it, a reply becomes the response that they make of it.

mod body;
mod format;
mod reply;
mod request;
mod rest;
mod v2;

pub use format::PayloadFormat;
pub use reply::{InvalidReply, response};
pub use request::{Incoming, event};

#[cfg(test)]
mod differences;
