//! Requests from API Gateway and everything else that forwards HTTP to Lambda: REST, HTTP and WebSocket APIs, function
//! URLs, ALB.

mod request;

mod context;
mod headers;
mod proxy;
mod uri;

mod response;

mod reply;
mod stream;

#[cfg(test)]
mod tests;

pub(crate) use reply::{HttpReply, max_reply, problem};
pub(crate) use request::{HttpRequest, InvalidRequest, SOURCES, read, wants_multi_value};
#[cfg(feature = "idempotency")]
pub(crate) use request::{IDEMPOTENCY_KEY, WholeContext};
pub use response::IntoResponse;
pub(crate) use response::{InvalidResponse, finish};
pub(crate) use stream::{HttpStream, one_piece, pieces};
