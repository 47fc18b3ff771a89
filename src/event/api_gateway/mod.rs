//! API Gateway, and whoever else speaks HTTP to Lambda: REST, HTTP and WebSocket APIs, function URLs, ALB.

mod reply;
mod request;

pub(crate) use reply::{HttpReply, max_reply, problem};
pub(crate) use request::{HttpRequest, SOURCES, read, wants_multi_value};
