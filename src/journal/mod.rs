//! The activity journal: what happened to what, and in which order.
//!
//! Every event becomes an [`Entry`], a CloudEvent that also has the source's own identity of the event. A [`Store`]
//! appends each identity exactly once, and updates the current state of the event's [`Resource`] in the same
//! transaction. States are ordered by an [`Order`] that the source guarantees, never by arrival. So entries and states
//! do not depend on the order or the number of deliveries.

mod attribute;
mod data;
mod entry;
mod follow;
mod identity;
mod json;
mod order;
mod position;
mod query;
mod state;
mod store;

pub use attribute::{Attribute, InvalidEntry, printable, uri_reference};
pub use data::Data;
pub(crate) use data::{is_json, is_text};
pub use entry::{Entry, EntryBuilder, WRITTEN_BY};
pub use follow::{Arrivals, Arrived, Follow};
pub use identity::Identity;
pub use json::{BATCH_JSON, EVENT_JSON, batch_from_json, batch_to_json};
pub(crate) use json::{required, set_text};
pub use order::Order;
pub use position::Position;
pub use query::{Cursor, Damaged, EntryQuery, InvalidLimit, Limit, Page, ResourceQuery};
pub use state::{Resource, StateChange};
pub use store::{Append, Appended, Store, StoreError, StoreFuture};

#[cfg(feature = "dynamodb")]
pub use store::Dynamodb;
#[cfg(feature = "sqlite")]
pub use store::Sqlite;
