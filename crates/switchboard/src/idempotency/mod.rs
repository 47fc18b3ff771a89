#![doc = include_str!("idempotency.md")]

mod clock;
mod hash;
mod key;
mod layer;
mod layout;

mod turns;

mod once;

mod handler;
mod memo;

#[cfg(feature = "http")]
mod http;

mod store;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use crate::handler::Wrap;
pub use crate::store::StoreError;
pub use handler::Idempotent;
pub use hash::hash;
#[cfg(feature = "http")]
pub use http::{IDEMPOTENT_REPLAYED, IdempotencyKeyLayer, IdempotentService};
pub use key::{Key, KeyOf, SourceIdentity};
pub use layer::{Idempotency, MissingKey};
pub use layout::Layout;
#[cfg(feature = "dynamodb")]
pub use store::Dynamodb;
#[cfg(feature = "sqlite")]
pub use store::Sqlite;
pub use store::{Claim, Claimed, Done, Lease, Memory, Store, StoreFuture};
