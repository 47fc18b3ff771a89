//! The HTTP header field `Idempotency-Key`, as a layer around a service.

mod caller;
#[cfg(test)]
mod callers;
mod key;
mod layer;
mod replay;
mod service;
#[cfg(test)]
mod tests;

pub use layer::IdempotencyKeyLayer;
pub use replay::IDEMPOTENT_REPLAYED;
pub use service::IdempotentService;
