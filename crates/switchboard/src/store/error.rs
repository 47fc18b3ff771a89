//! Why a store operation failed.

use std::error::Error as StdError;
use std::fmt;

/// Why a store operation failed.
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

    /// The store is overloaded, or locked by another process.
    #[must_use]
    pub fn busy(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Busy, context.into())
    }

    /// A newer release wrote the store.
    #[must_use]
    pub fn newer_schema(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::NewerSchema, context.into())
    }

    /// The query's cursor does not belong to this store.
    #[must_use]
    pub fn invalid_cursor(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::InvalidCursor, context.into())
    }

    /// The stored data is damaged, or is not a journal.
    #[must_use]
    pub fn damaged(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Damaged, context.into())
    }

    /// The store has no space left.
    #[must_use]
    pub fn full(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Full, context.into())
    }

    /// The disk or the file system failed.
    #[must_use]
    pub fn io(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Io, context.into())
    }

    /// The store can be read, but not written.
    #[must_use]
    pub fn read_only(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::ReadOnly, context.into())
    }

    /// The store's file or table was deleted or replaced while it was open.
    #[must_use]
    pub fn moved(context: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Moved, context.into())
    }

    /// This kind of store does not support the operation.
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

    /// Adds a cause to the error.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds context to the error, which becomes the cause.
    #[must_use]
    pub fn within(self, context: impl Into<String>) -> Self {
        Self::new(self.kind, context.into()).caused_by(self)
    }

    /// The reason as one word: `busy`, `damaged`, `full`, `invalid-cursor`, `io`, `moved`, `newer-schema`, `read-only`,
    /// `unavailable` or `unsupported`. The words are stable across releases and do not reveal where the store is.
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

    /// Whether a retry may help, because something else used the store.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.kind == StoreErrorKind::Busy
    }

    /// Whether the store was written by a newer release, which this one must not touch.
    #[must_use]
    pub fn is_newer_schema(&self) -> bool {
        self.kind == StoreErrorKind::NewerSchema
    }

    /// Whether the query's cursor does not belong to this store.
    #[must_use]
    pub fn is_invalid_cursor(&self) -> bool {
        self.kind == StoreErrorKind::InvalidCursor
    }

    /// Whether the stored data is damaged, or is not a journal.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.kind == StoreErrorKind::Damaged
    }

    /// Whether this kind of store does not support the operation.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.kind == StoreErrorKind::Unsupported
    }

    /// Whether the store has no space left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == StoreErrorKind::Full
    }

    /// Whether the disk or the file system failed.
    #[must_use]
    pub fn is_io(&self) -> bool {
        self.kind == StoreErrorKind::Io
    }

    /// Whether the store can be read, but not written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.kind == StoreErrorKind::ReadOnly
    }

    /// Whether the store's file or table was deleted or replaced while it was open.
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
