//! Converts HTTP requests to API Gateway events, and the function's replies to HTTP responses.
//!
//! These conversions do no I/O; only a [`LambdaAuthorizer`] invokes a function. Events have the payload format of HTTP APIs and function URLs (2.0) or of REST APIs (1.0), and
//! replies are read as these services read them.

mod authorizer;
mod body;
mod event;
mod format;
mod lambda_authorizer;
mod reply;
mod request;
mod rest;
mod v2;

pub use authorizer::Authorizer;
pub use event::event;
pub use format::PayloadFormat;
pub(crate) use lambda_authorizer::Denial;
pub use lambda_authorizer::{AuthorizerPayload, AuthorizerSettings, IdentitySource, LambdaAuthorizer};
pub use reply::{InvalidReply, response};
pub(crate) use reply::{PRELUDE, begin, without_prelude_end};
pub use request::HttpRequest;

#[cfg(test)]
mod differences;
