//! The stores of the journal.

#[cfg(feature = "sqlite")]
mod sqlite;

mod contract;
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
mod page;

#[cfg(feature = "dynamodb")]
mod dynamodb;

pub use contract::{Append, Appended, Store, StoreFuture};
#[cfg(feature = "dynamodb")]
pub use dynamodb::Dynamodb;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use switchboard::store::StoreError;
