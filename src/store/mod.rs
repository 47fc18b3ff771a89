//! What the journal's stores and those of idempotency have in common.

mod error;

#[cfg(feature = "sqlite")]
mod sqlite;

pub use error::StoreError;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::{Database, Schema};
