//! Walks over the records of a payload, reading each in place.

use super::item::{Failed, Item, Items};
use crate::event::{Event, read_first};
use crate::source::{Records, records};
use bytes::Bytes;

/// A place between two records.
pub(super) struct Walk<'p> {
    payload: &'p Bytes,
    /// The payload once more, known to be UTF-8: strings then need no check of their own.
    text: Option<&'p str>,
    records: Records<'p>,
    /// How many records have come up so far.
    pub(super) count: usize,
}

impl<'p> Walk<'p> {
    pub(super) fn new(payload: &'p Bytes) -> Self {
        Self {
            payload,
            text: std::str::from_utf8(payload).ok(),
            records: records(payload),
            count: 0,
        }
    }

    /// Reads the next record.
    pub(super) fn next<E: Event, S>(&mut self, items: &Items<S>) -> Option<Result<Item<E::Item>, Failed>> {
        let upcoming = self.records.upcoming()?;
        let index = self.count;
        self.count += 1;
        let start = match upcoming {
            Ok(rest) => self.payload.len() - rest.len(),
            Err(cut) => return Some(Err(Failed::cut(index, cut))),
        };
        let text = self.text.and_then(|text| text.get(start..));
        let read = text.and_then(|text| read_first::<E>(text, items.invocation.received));
        if let Some((mended, length)) = read {
            self.records.read(length);
            let raw = self.payload.slice(start..start + length);
            return Some(Ok(Item { mended, raw, index }));
        }
        Some(match self.records.pass_over() {
            Ok(raw) => items.mend::<E>(self.payload.slice_ref(raw), index),
            Err(cut) => Err(Failed::cut(index, cut)),
        })
    }
}
