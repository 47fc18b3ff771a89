//! The HTTP header field `Idempotency-Key`, as a layer around a service.

mod key;
mod layer;
mod replay;
mod service;
#[cfg(test)]
mod tests;

pub use layer::{IdempotencyKeyLayer, Replay};
pub use service::IdempotentService;
