//! What the tests share.

#[cfg(feature = "otel")]
pub(crate) mod collector;
pub(crate) mod instructions;
pub(crate) mod logged;
#[cfg(feature = "dynamodb")]
pub(crate) mod powertools;
pub(crate) mod schedule;
