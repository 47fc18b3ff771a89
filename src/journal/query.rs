//! Questions to the journal: which entries, which resources, and how many at a time.

use chrono::{DateTime, Utc};
use std::fmt;

/// Which entries. Filters match exactly; those left out match everything.
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
    /// The earliest `time`. An entry without `time` is in no range.
    pub since: Option<DateTime<Utc>>,
    /// The time before which `time` must be.
    pub until: Option<DateTime<Utc>>,
    /// How many at most.
    pub limit: Limit,
    /// Where the page before this one ended.
    pub cursor: Option<Cursor>,
}

/// Which resources.
#[derive(Clone, Debug, Default)]
pub struct ResourceQuery {
    /// The type of the resources.
    pub resource_type: Option<String>,
    /// How many at most.
    pub limit: Limit,
    /// Where the page before this one ended.
    pub cursor: Option<Cursor>,
}

/// How many things a page holds at most: 1 to 1000, 100 if nothing else is said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u16);

impl Limit {
    /// The largest limit.
    pub const MAX: Limit = Limit(1000);

    /// Makes a limit.
    ///
    /// # Errors
    /// [`InvalidLimit`] outside of 1 to 1000.
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

/// The number is no [`Limit`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidLimit;

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a limit is a number from 1 to 1000")
    }
}

impl std::error::Error for InvalidLimit {}

/// Where a page ended. What is in it is the store's own business; it is safe in a URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor(String);

impl Cursor {
    /// Takes a cursor as it was handed out; the store says whether it is one of its own.
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

/// One page of an answer.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What was asked for, in the store's order.
    pub items: Vec<T>,
    /// What stands on this page but can no longer be read as it was written: it costs itself, not the page.
    pub damaged: Vec<Damaged>,
    /// Where to go on; `None` if that was all.
    pub next: Option<Cursor>,
}

/// The name of something that is kept, but can no longer be read as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Damaged {
    /// An entry.
    Entry {
        /// Its `source`, as far as that can be read.
        source: String,
        /// Its `id`, as far as that can be read.
        id: String,
    },
    /// The state of a resource.
    Resource {
        /// Its name, as far as that can be read.
        urn: String,
    },
}
