//! Queries of the journal: which entries, which resources, and how many at a time.

use chrono::{DateTime, Utc};
use std::fmt;

/// Which entries. Filters match exactly; missing ones match everything.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::EntryQuery;
///
/// let query = EntryQuery {
///     event_type: Some("com.amazonaws.s3.ObjectCreated:Put".to_owned()),
///     ..EntryQuery::default()
/// };
/// assert_eq!(query.limit.get(), 100);
/// ```
#[derive(Clone, Debug, Default)]
pub struct EntryQuery {
    /// The attribute `source`.
    pub source: Option<String>,
    /// The attribute `type`.
    pub event_type: Option<String>,
    /// The attribute `subject`.
    pub subject: Option<String>,
    /// The earliest `time`. Entries without `time` are never in a range.
    pub since: Option<DateTime<Utc>>,
    /// The end of the range of `time` (exclusive).
    pub until: Option<DateTime<Utc>>,
    /// The maximum number of entries.
    pub limit: Limit,
    /// Where the previous page ended.
    pub cursor: Option<Cursor>,
}

/// Which resources.
#[derive(Clone, Debug, Default)]
pub struct ResourceQuery {
    /// The type of the resources.
    pub resource_type: Option<String>,
    /// The maximum number of resources.
    pub limit: Limit,
    /// Where the previous page ended.
    pub cursor: Option<Cursor>,
}

/// The maximum size of a page: 1 to 1000, 100 by default.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u16);

impl Limit {
    /// The largest limit.
    pub const MAX: Limit = Limit(1000);

    /// Creates a limit.
    ///
    /// # Errors
    /// [`InvalidLimit`] outside 1 to 1000.
    pub fn new(limit: u16) -> Result<Self, InvalidLimit> {
        match limit {
            1..=1000 => Ok(Self(limit)),
            _ => Err(InvalidLimit),
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

/// The number is not a valid [`Limit`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidLimit;

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a limit is a number from 1 to 1000")
    }
}

impl std::error::Error for InvalidLimit {}

/// Where a page ended. The content is specific to the store; the text is safe in a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor from its text; the store checks it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One page of a result.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The results, in the store's order.
    pub items: Vec<T>,
    /// Damaged entries or resources on this page. They do not affect the others.
    pub damaged: Vec<Damaged>,
    /// Where to continue; `None` on the last page.
    pub next: Option<Cursor>,
}

/// The name of a stored entry or state that is damaged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Damaged {
    /// An entry.
    Entry {
        /// Its `source`, as far as it is readable.
        source: String,
        /// Its `id`, as far as it is readable.
        id: String,
    },
    /// The state of a resource.
    Resource {
        /// Its name, as far as it is readable.
        urn: String,
    },
}
