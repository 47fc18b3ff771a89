//! Why a store could not do what it was asked for.

use std::error::Error as StdError;
use std::fmt;

/// Why a store could not do what it was asked for.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    context: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Busy,
    Unavailable,
    NewerSchema,
    InvalidCursor,
    Corrupt,
}

impl StoreError {
    pub(crate) fn new(kind: Kind, context: impl Into<String>) -> Self {
        Self {
            kind,
            context: context.into(),
            source: None,
        }
    }

    pub(crate) fn caused(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether another process kept the store locked for too long; trying again may help.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.kind == Kind::Busy
    }

    /// Whether the store was written by a newer release, which this one must not touch.
    #[must_use]
    pub fn is_newer_schema(&self) -> bool {
        self.kind == Kind::NewerSchema
    }

    /// Whether the query's cursor is none this store handed out.
    #[must_use]
    pub fn is_invalid_cursor(&self) -> bool {
        self.kind == Kind::InvalidCursor
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
