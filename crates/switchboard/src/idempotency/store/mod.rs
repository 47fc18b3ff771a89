//! The stores of keys and results.
//!
//! One rule (`rule`) decides the outcome of a claim, whichever store has the record.

mod contract;
mod rule;

mod memory;
mod table;

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "dynamodb")]
mod data;
#[cfg(feature = "dynamodb")]
mod dynamodb;

pub use contract::{Claim, Claimed, Done, Lease, Store, StoreFuture};
#[cfg(feature = "dynamodb")]
pub use dynamodb::Dynamodb;
pub use memory::Memory;
#[cfg(test)]
pub(super) use memory::{Lock, MemoryStore};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
#[cfg(test)]
pub(super) use table::KeyTable;
