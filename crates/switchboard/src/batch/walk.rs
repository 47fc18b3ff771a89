//! Walks over the records of a payload, reading each in place.

use super::item::{Failed, Item, Items, reading};
use crate::event::{Event, number, read_first};
use crate::source::{Records, key_text, records};
use crate::telemetry;
use bytes::Bytes;
use std::sync::Arc;

/// A place between two records.
pub(super) struct Walk<'p> {
    payload: &'p Bytes,
    /// The payload once more, known to be UTF-8: strings then need no check of their own.
    text: Option<&'p str>,
    records: Records<'p>,
    group: Option<Group<'p>>,
    /// How many records have come up so far.
    pub(super) count: usize,
    /// The last of them.
    last: &'p [u8],
}

/// The key of the list that records stand in.
struct Group<'p> {
    written: &'p [u8],
    name: Arc<str>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(payload: &'p Bytes) -> Self {
        Self {
            payload,
            text: std::str::from_utf8(payload).ok(),
            records: records(payload),
            group: None,
            count: 0,
            last: &[],
        }
    }

    /// Reads the next record.
    pub(super) fn next<E: Event, S>(
        &mut self,
        items: &Items<'_, S>,
    ) -> Option<Result<Item<E::Item>, Box<Failed>>> {
        let upcoming = self.records.upcoming()?;
        let index = self.count;
        self.count += 1;
        let start = match upcoming {
            Ok(rest) => self.payload.len() - rest.len(),
            Err(cut) => return Some(Err(Failed::cut(index, cut))),
        };
        let group = self.group();
        let text = self.text.and_then(|text| text.get(start..));
        let received = items.invocation.received;
        let read = text.map_or(Ok(None), |text| reading(|| read_first::<E>(text, received)));
        if let Ok(Some((mended, length))) = read {
            self.records.read(length);
            self.last = &self.payload[start..start + length];
            let raw = self.payload.slice(start..start + length);
            return Some(Ok(Item {
                mended,
                raw,
                index,
                group,
            }));
        }
        Some(match self.records.pass_over() {
            Ok(raw) => {
                self.last = raw;
                let raw = self.payload.slice_ref(raw);
                // What panicked once is not read again.
                let item = match read {
                    Err(panicked) => Err(items.unreadable::<E>(raw, index, panicked)),
                    Ok(_) => items.mend::<E>(raw, index),
                };
                match item {
                    Ok(item) => Ok(Item { group, ..item }),
                    Err(failed) => Err(failed.in_group(group)),
                }
            }
            Err(cut) => Err(Failed::cut(index, cut)),
        })
    }

    /// Lets all that is left come up, unread.
    pub(super) fn pass_over_rest(&mut self) {
        for raw in self.records.by_ref() {
            self.count += 1;
            self.last = raw.unwrap_or(self.last);
        }
    }

    /// All have come up: says how many those were, and how old the last one is.
    pub(super) fn end<E: Event, S>(&self, items: &Items<'_, S>) -> usize {
        telemetry::counted(items.source(), self.count);
        telemetry::delivered(items.source(), self.count, true, || {
            let arrival: f64 = number(self.last, E::ARRIVAL?)?;
            let received = items.invocation.received.timestamp_millis() as f64;
            Some((received - arrival * 1000.0).round().max(0.0))
        });
        self.count
    }

    fn group(&mut self) -> Option<Arc<str>> {
        let written = self.records.group()?;
        let group = match self.group.take() {
            // The same key, not only one of the same name.
            Some(group) if std::ptr::eq(group.written, written) => group,
            _ => Group {
                written,
                name: key_text(written).into(),
            },
        };
        let name = Arc::clone(&group.name);
        self.group = Some(group);
        Some(name)
    }
}
