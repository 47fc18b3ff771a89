//! A Lambda authorizer that is called for each request, as API Gateway does without a cache.
//!
//! - `identity`: where the caller's identity is, without which the authorizer is not called.
//! - `event`: what the authorizer is asked.
//! - `policy` and `answer`: what becomes of its answer.

mod identity;
pub use identity::IdentitySource;

mod event;
mod policy;

mod answer;
pub(crate) use answer::Denial;

mod authorizer;
pub use authorizer::{AuthorizerPayload, AuthorizerSettings, LambdaAuthorizer};
