//! Following the journal: entries by their arrival, so that who asks again and again misses none.

use super::Entry;
use super::query::{Cursor, Damaged, Limit};

/// Which entries, by their arrival. Filters match exactly; those left out match everything.
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
    /// How many at most.
    pub limit: Limit,
    /// Behind which entry; `None` from the first that arrived on.
    pub after: Option<Cursor>,
}

/// An entry, and where to go on behind it.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Before this, nothing is ever inserted.
    pub cursor: Cursor,
    /// The entry.
    pub entry: Entry,
}

/// What has arrived.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// The entries, in the order in which they arrived.
    pub items: Vec<Arrived>,
    /// What has arrived but can no longer be read as it was written.
    pub damaged: Vec<Damaged>,
    /// Where to go on, now or when more has arrived: behind all that was looked at.
    pub next: Cursor,
    /// Whether more is there already.
    pub more: bool,
}
