//! Where the journal is kept.

mod error;
#[cfg(feature = "sqlite")]
mod sqlite;

mod contract;

pub use contract::{Append, Appended, Store, StoreFuture};
pub use error::StoreError;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
