//! What the pages of all stores have in common: their size, and cursors.

use super::StoreError;
use crate::journal::{Cursor, Damaged, EntryQuery, Position};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::error::Error;

/// How many bytes a page may have, unless its first entry alone has more. Lambda returns at most 6 MB, and JSON inside
/// its reply grows by its quotes.
pub(super) const PAGE_BYTES: usize = 512 * 1024;

/// How many damaged entries a page names at most. It ends there, so that their names fit into the answer's headers.
pub(super) const DAMAGED: usize = 8;

/// Names an unreadable entry, and logs it.
pub(super) fn damaged_entry(source: &str, id: &str, error: &(dyn Error + 'static)) -> Damaged {
    tracing::error!(
        source,
        id,
        error,
        "an entry of the journal is damaged; lists leave it out and name it"
    );
    Damaged::Entry {
        source: source.to_owned(),
        id: id.to_owned(),
    }
}

/// Names a resource with an unreadable state, and logs it.
pub(super) fn damaged_resource(urn: &str, error: &(dyn Error + 'static)) -> Damaged {
    tracing::error!(
        urn,
        error,
        "the state of a resource is damaged; lists leave it out and name it"
    );
    Damaged::Resource { urn: urn.to_owned() }
}

/// The kind of page that a cursor belongs to, so that cursors are not mixed up.
#[derive(Clone, Copy)]
pub(super) enum PageKind {
    Entries,
    Arrivals,
    Resources,
}

impl PageKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Entries => "e",
            Self::Arrivals => "a",
            Self::Resources => "r",
        }
    }
}

/// A cursor for the end of a page.
pub(super) fn encode(kind: PageKind, position: &str) -> Cursor {
    Cursor::new(URL_SAFE_NO_PAD.encode(format!("{}{position}", kind.prefix())))
}

/// Decodes the output of [`encode`].
pub(super) fn decode(kind: PageKind, cursor: Option<&Cursor>) -> Result<Option<String>, StoreError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let position = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor.as_str()).ok()?).ok()?;
        text.strip_prefix(kind.prefix()).map(str::to_owned)
    };
    let position = position().ok_or_else(|| StoreError::invalid_cursor("not a cursor of this journal"));
    position.map(Some)
}

/// The range of positions of a query, both ends excluded.
pub(super) struct PositionRange {
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
}

impl PositionRange {
    pub(super) fn of(query: &EntryQuery) -> Result<Self, StoreError> {
        let cursor = decode(PageKind::Entries, query.cursor.as_ref())?;
        Ok(Self {
            // A time sorts before all of its entries, so `since` includes them and `until` does not.
            after: cursor.max(query.since.map(Position::moment)),
            before: query.until.map(Position::moment),
        })
    }
}
