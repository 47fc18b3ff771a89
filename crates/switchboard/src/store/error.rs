//! Why a store could not do what it was asked for.

use std::error::Error as StdError;
use std::fmt;

/// Why a store could not do what it was asked for.
///
/// # Example
///
/// ```
/// use switchboard::store::StoreError;
///
/// let error = StoreError::busy("the table is throttled").caused_by(std::io::Error::other("429"));
/// assert!(error.is_busy());
/// assert_eq!(error.to_string(), "the table is throttled");
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    context: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum StoreErrorKind {
    Unavailable,
    Busy,
    NewerSchema,
    InvalidCursor,
    Damaged,
    Full,
    Io,
    ReadOnly,
    Moved,
    Unsupported,
}

impl StoreError {
    /// The store cannot be reached, read or written.
    #[must_use]
    pub fn unavailable(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Unavailable, context.into())
    }

    /// The store has too much to do, or another process keeps it locked.
    #[must_use]
    pub fn busy(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Busy, context.into())
    }

    /// A newer release wrote the store.
    #[must_use]
    pub fn newer_schema(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::NewerSchema, context.into())
    }

    /// The query's cursor is none of this store's.
    #[must_use]
    pub fn invalid_cursor(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::InvalidCursor, context.into())
    }

    /// What is kept is not what was put there, or not a journal at all.
    #[must_use]
    pub fn damaged(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Damaged, context.into())
    }

    /// There is no room for more.
    #[must_use]
    pub fn full(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Full, context.into())
    }

    /// The disk or the file system fails.
    #[must_use]
    pub fn io(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Io, context.into())
    }

    /// The store can be read, but not written.
    #[must_use]
    pub fn read_only(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::ReadOnly, context.into())
    }

    /// What the store keeps things in was deleted or replaced while it was open.
    #[must_use]
    pub fn moved(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Moved, context.into())
    }

    /// This kind of store cannot do that at all.
    #[must_use]
    pub fn unsupported(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Unsupported, context.into())
    }

    fn new(kind: StoreErrorKind, context: String) -> Self {
        Self {
            kind,
            context,
            source: None,
        }
    }

    /// The error with its cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error with another context, and itself as the cause.
    #[must_use]
    pub fn within(self, context: impl Into<String>) -> Self {
        Self::new(self.kind, context.into()).caused_by(self)
    }

    /// Why, in a word that stays the same from release to release and says nothing of where the store is: `busy`, `damaged`,
    /// `full`, `invalid-cursor`, `io`, `moved`, `newer-schema`, `read-only`, `unavailable` or `unsupported`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.kind {
            StoreErrorKind::Unavailable => "unavailable",
            StoreErrorKind::Busy => "busy",
            StoreErrorKind::NewerSchema => "newer-schema",
            StoreErrorKind::InvalidCursor => "invalid-cursor",
            StoreErrorKind::Damaged => "damaged",
            StoreErrorKind::Full => "full",
            StoreErrorKind::Io => "io",
            StoreErrorKind::ReadOnly => "read-only",
            StoreErrorKind::Moved => "moved",
            StoreErrorKind::Unsupported => "unsupported",
        }
    }

    /// Whether trying again may help, as someone else kept the store from it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.kind == StoreErrorKind::Busy
    }

    /// Whether the store was written by a newer release, which this one must not touch.
    #[must_use]
    pub fn is_newer_schema(&self) -> bool {
        self.kind == StoreErrorKind::NewerSchema
    }

    /// Whether the query's cursor is none this store handed out.
    #[must_use]
    pub fn is_invalid_cursor(&self) -> bool {
        self.kind == StoreErrorKind::InvalidCursor
    }

    /// Whether what is kept is damaged, or not a journal at all.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.kind == StoreErrorKind::Damaged
    }

    /// Whether this kind of store cannot do that at all.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.kind == StoreErrorKind::Unsupported
    }

    /// Whether there is no room for more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == StoreErrorKind::Full
    }

    /// Whether the disk or the file system fails.
    #[must_use]
    pub fn is_io(&self) -> bool {
        self.kind == StoreErrorKind::Io
    }

    /// Whether the store can only be read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.kind == StoreErrorKind::ReadOnly
    }

    /// Whether what the store keeps things in was deleted or replaced while it was open.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.kind == StoreErrorKind::Moved
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|error| error as &(dyn StdError + 'static))
    }
}
