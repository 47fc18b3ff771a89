//! The open records of a batch: those that must be delivered again.

use crate::source::{Records, records};
use std::iter::Peekable;
use std::ops::Range;

/// The indices of open records, as ranges. A batch of which nothing is done is one range, however many records it has.
#[derive(Debug, Default)]
pub(super) struct OpenRanges {
    runs: Vec<Range<usize>>,
}

impl OpenRanges {
    pub(super) fn insert(&mut self, index: usize) {
        match self.runs.last_mut() {
            Some(last) if last.end == index => last.end += 1,
            _ => self.runs.push(index..index + 1),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many records are open.
    pub(super) fn len(&self) -> usize {
        self.runs.iter().map(ExactSizeIterator::len).sum()
    }

    /// Sorts the ranges in the order of the batch. Not inlined: sorting takes kilobytes of the caller's stack, and
    /// there is almost never anything to sort.
    #[inline(never)]
    pub(super) fn sort(&mut self) {
        self.runs.sort_by_key(|run| run.start);
    }

    /// The open records in the payload, after [sorting](Self::sort).
    pub(super) fn records<'o, 'p>(&'o self, payload: &'p [u8]) -> OpenRecords<'o, 'p> {
        OpenRecords {
            runs: self.runs.iter().peekable(),
            records: records(payload),
            next: 0,
        }
    }
}

/// An open record.
pub(super) struct OpenRecord<'p> {
    pub(super) index: usize,
    /// `None` if the payload ends before the record does.
    pub(super) raw: Option<&'p [u8]>,
    /// The key of its list, as it is written, if there are several lists.
    pub(super) group: Option<&'p [u8]>,
}

/// The open records of a payload, which is read again to find them.
pub(super) struct OpenRecords<'o, 'p> {
    runs: Peekable<std::slice::Iter<'o, Range<usize>>>,
    records: Records<'p>,
    next: usize,
}

impl<'p> Iterator for OpenRecords<'_, 'p> {
    type Item = OpenRecord<'p>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let run = self.runs.peek()?;
            if self.next >= run.end {
                self.runs.next();
                continue;
            }
            let raw = self.records.next()?.ok();
            let index = self.next;
            self.next += 1;
            if run.contains(&index) {
                let group = self.records.group();
                return Some(OpenRecord { index, raw, group });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbours_are_one_run() {
        let mut open = OpenRanges::default();
        for index in 0..1_000_000 {
            open.insert(index);
        }
        assert_eq!((open.runs.len(), open.len()), (1, 1_000_000));
    }

    #[test]
    fn what_is_cut_off_is_open_without_a_text() {
        let mut open = OpenRanges::default();
        (1..3).for_each(|index| open.insert(index));
        let found: Vec<_> = open
            .records(br#"{"Records":[1,2,{"a":"#)
            .map(|record| (record.index, record.raw))
            .collect();
        assert_eq!(found, [(1, Some(&b"2"[..])), (2, None)]);
    }

    proptest! {
        #[test]
        fn they_are_found_in_their_order(indices in proptest::collection::hash_set(0..40usize, 0..20)) {
            let mut open = OpenRanges::default();
            // In the order of a hash: records side by side end as they like.
            for index in &indices {
                open.insert(*index);
            }
            let mut expected: Vec<usize> = indices.into_iter().collect();
            expected.sort_unstable();
            prop_assert_eq!(open.len(), expected.len());
            open.sort();
            let payload = serde_json::json!({"Records": Vec::from_iter(0..40)}).to_string();
            let found: Vec<usize> = open.records(payload.as_bytes()).map(|record| {
                assert_eq!(record.raw, Some(record.index.to_string().as_bytes()));
                record.index
            }).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
