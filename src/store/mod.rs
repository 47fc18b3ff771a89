//! What the journal's stores and those of idempotency have in common.

mod error;

#[cfg(feature = "dynamodb")]
pub(crate) mod dynamodb;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use error::StoreError;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{Database, Schema, misread};
