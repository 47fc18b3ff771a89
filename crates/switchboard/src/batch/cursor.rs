//! Iterates over the records of a payload, reading each in place.

use super::item::{FailedItem, ItemReader, ReadItem, reading};
use crate::event::{Asked, Event, RecordBefore, number};
use crate::source::{Records, key_text, records};
use crate::telemetry;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A position between two records.
pub(super) struct RecordCursor<'p> {
    payload: &'p Bytes,
    /// The payload as `str`, if it is UTF-8: then its strings need no further check.
    text: Option<&'p str>,
    records: Records<'p>,
    group: Option<RecordList<'p>>,
    /// How many records have been found so far.
    pub(super) count: usize,
    /// The last record that was found.
    last: &'p [u8],
    before: RecordBefore<'p>,
}

/// The key of the list that contains the records.
struct RecordList<'p> {
    written: &'p [u8],
    name: Arc<str>,
}

impl<'p> RecordCursor<'p> {
    pub(super) fn new(payload: &'p Bytes) -> Self {
        Self {
            payload,
            text: std::str::from_utf8(payload).ok(),
            records: records(payload),
            group: None,
            count: 0,
            last: &[],
            before: RecordBefore::default(),
        }
    }

    /// Reads the next record.
    pub(super) fn next<A: Asked, S>(
        &mut self,
        items: &ItemReader<'_, S>,
    ) -> Option<Result<ReadItem<A::Item>, Box<FailedItem>>> {
        let upcoming = self.records.upcoming()?;
        let index = self.count;
        self.count += 1;
        let start = match upcoming {
            Ok(rest) => self.payload.len() - rest.len(),
            Err(cut) => return Some(Err(FailedItem::cut(index, cut))),
        };
        let group = self.group();
        let text = self.text.and_then(|text| text.get(start..));
        let received = items.invocation.received;
        let before = &mut self.before;
        let read = text.map_or(Ok(None), |text| reading(|| A::read_first(text, received, before)));
        if let Ok(Some((mended, length))) = read {
            self.records.read(length);
            self.last = &self.payload[start..start + length];
            let raw = self.payload.slice(start..start + length);
            return Some(Ok(ReadItem {
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
                // A record that panicked is not read again.
                let item = match read {
                    Err(panicked) => Err(items.unreadable::<A::Event>(raw, index, panicked)),
                    Ok(_) => items.mend::<A>(raw, index),
                };
                match item {
                    Ok(item) => Ok(ReadItem { group, ..item }),
                    Err(failed) => Err(failed.in_group(group)),
                }
            }
            Err(cut) => Err(FailedItem::cut(index, cut)),
        })
    }

    /// Finds all remaining records without reading them.
    pub(super) fn pass_over_rest(&mut self) {
        for raw in self.records.by_ref() {
            self.count += 1;
            self.last = raw.unwrap_or(self.last);
        }
    }

    /// After the last record: returns how many there were, and reports the last one's age.
    pub(super) fn end<E: Event, S>(&self, items: &ItemReader<'_, S>) -> usize {
        telemetry::counted(items.source(), self.count);
        telemetry::delivered(items.source(), self.count, true, || {
            Some(age(number(self.last, E::ARRIVAL?)?, items.invocation.received))
        });
        self.count
    }

    fn group(&mut self) -> Option<Arc<str>> {
        let written = self.records.group()?;
        let group = match self.group.take() {
            // The very same key, not only one with the same name.
            Some(group) if std::ptr::eq(group.written, written) => group,
            _ => RecordList {
                written,
                name: key_text(written).into(),
            },
        };
        let name = Arc::clone(&group.name);
        self.group = Some(group);
        Some(name)
    }
}

/// How many milliseconds after its arrival, in seconds since 1970, a record was received. Clocks differ: never negative.
fn age(arrival: f64, received: DateTime<Utc>) -> f64 {
    let received = received.timestamp_millis() as f64;
    (received - arrival * 1000.0).round().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_record_is_in_milliseconds() {
        let received = DateTime::from_timestamp_millis(1_700_000_001_500).unwrap();
        assert_eq!(age(1_700_000_000.25, received), 1250.0);
        assert_eq!(age(1_700_000_001.5, received), 0.0);
        assert_eq!(age(1_700_000_002.0, received), 0.0);
    }
}
