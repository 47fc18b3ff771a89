//! Where the journal is kept.

#[cfg(feature = "sqlite")]
mod sqlite;

mod contract;

pub use crate::store::StoreError;
pub use contract::{Append, Appended, Store, StoreFuture};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
