#![doc = include_str!("idempotency.md")]

mod clock;
mod hash;
mod key;
mod layer;

mod turns;

mod once;

mod handler;

mod store;

pub use crate::store::StoreError;
pub use handler::Idempotent;
pub use hash::hash;
pub use key::{Key, KeyOf, SourceIdentity};
pub use layer::{Idempotency, MissingKey};
#[cfg(feature = "dynamodb")]
pub use store::Dynamodb;
#[cfg(feature = "sqlite")]
pub use store::Sqlite;
pub use store::{Claim, Claimed, Done, Lease, Memory, Store, StoreFuture};
