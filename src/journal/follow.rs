//! Following the journal: entries in the order of arrival, so that repeated requests miss none.

use super::Entry;
use super::query::{Cursor, Damaged, Limit};

/// Which entries, in the order of arrival. Filters match exactly; missing ones match everything.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use switchboard_function::journal::{Entry, Follow, Sqlite, Store};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = Sqlite::memory();
/// let mut follow = Follow::default();
/// for id in ["1", "2"] {
///     store.append(&[Entry::builder(id, "/s", "t").build().unwrap().into()]).await.unwrap();
///     let arrivals = store.follow(&follow).await.unwrap();
///     assert_eq!(arrivals.items[0].entry.id(), id);
///     follow.after = Some(arrivals.next);
/// }
/// # });
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Follow {
    /// The attribute `source`.
    pub source: Option<String>,
    /// The attribute `type`.
    pub event_type: Option<String>,
    /// The attribute `subject`.
    pub subject: Option<String>,
    /// The maximum number of entries.
    pub limit: Limit,
    /// The entry to continue after; `None` starts with the first one that arrived.
    pub after: Option<Cursor>,
}

/// An entry, and the position after it.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Nothing is ever inserted before this.
    pub cursor: Cursor,
    /// The entry.
    pub entry: Entry,
}

/// What has arrived.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// The entries, in the order in which they arrived.
    pub items: Vec<Arrived>,
    /// Entries that have arrived but are damaged.
    pub damaged: Vec<Damaged>,
    /// Where to continue, now or later: after everything that was examined.
    pub next: Cursor,
    /// Whether there is more already.
    pub more: bool,
}
