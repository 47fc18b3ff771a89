//! The outcomes of a batch's records, and which of the others may still be started.

use super::item::{FailedItem, ItemOutcome};
use super::open::OpenRanges;
use crate::error::Error;
use crate::event::{Event, StableFields, identify};
use crate::source::{Fingerprint, Source};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

/// How many failures an error message shows.
const SHOWN: usize = 10;

/// What a failure blocks from being started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Blocks {
    /// Nothing: the records have no order.
    Nothing,
    /// Later records of the same lane.
    Lane,
    /// Every later record: the source delivers all of them again.
    Batch,
}

/// A record that is done.
pub(super) struct DoneRecord<R> {
    pub(super) index: usize,
    pub(super) raw: Bytes,
    /// The handler's reply; `None` if the record was rejected.
    pub(super) reply: Option<R>,
}

/// The name under which a record is remembered: its id and its content. The id of a stream's record would be enough,
/// but some senders use the same ids in every batch.
pub(super) fn name<E: Event>(raw: &[u8], received: DateTime<Utc>) -> Option<String> {
    let id = identify::<E>(raw, received)?;
    let found = const { &StableFields::of::<E>() }.find(raw, received);
    let parts = found.content().iter().flatten();
    let said = parts.fold(Fingerprint::new(), |said, part| said.json(part));
    Some(format!("{id} {said}"))
}

/// The lowest failure of each lane. A lane is represented by its hash. If two lanes have the same hash, a record waits
/// for a failure of the other lane, and is delivered again.
#[derive(Default)]
struct FailedLanes {
    hasher: RandomState,
    lowest: HashMap<u64, usize>,
}

impl FailedLanes {
    fn lowest(&self, lane: &str) -> Option<usize> {
        self.lowest.get(&self.hasher.hash_one(lane)).copied()
    }

    fn failed(&mut self, lane: &str, index: usize) {
        let lowest = self.lowest.entry(self.hasher.hash_one(lane));
        let lowest = lowest.or_insert(usize::MAX);
        *lowest = index.min(*lowest);
    }
}

/// The outcomes so far.
pub(super) struct BatchOutcomes<R> {
    stop: Blocks,
    /// Whether done records are kept.
    keep: bool,
    /// The names of records that were done before, if there is a memo.
    known: Option<HashSet<String>>,
    lowest_failure: usize,
    /// The lowest failure of each lane, once there is one.
    failed_lanes: Option<FailedLanes>,
    /// Records that failed or were never started.
    pub(super) open: OpenRanges,
    /// The messages of the first failures.
    messages: Vec<(usize, String)>,
    /// The done records, if they are kept.
    pub(super) done: Vec<DoneRecord<R>>,
    /// How many records the batch has.
    pub(super) count: usize,
}

impl<R> BatchOutcomes<R> {
    pub(super) fn new(stop: Blocks, keep: bool) -> Self {
        Self {
            stop,
            keep,
            known: None,
            lowest_failure: usize::MAX,
            failed_lanes: None,
            open: OpenRanges::default(),
            messages: Vec::new(),
            done: Vec::new(),
            count: 0,
        }
    }

    /// These records were done before.
    #[cfg(feature = "idempotency")]
    pub(super) fn know(&mut self, known: HashSet<String>) {
        self.known = Some(known);
    }

    /// Whether the record was done before.
    pub(super) fn knows<E: Event>(&self, raw: &[u8]) -> bool {
        let known = |known: &HashSet<String>| {
            !known.is_empty() && name::<E>(raw, Utc::now()).is_some_and(|name| known.contains(&name))
        };
        self.known.as_ref().is_some_and(known)
    }

    /// Whether an earlier failure allows this record to be started.
    pub(super) fn may_start(&self, index: usize, lane: Option<&str>) -> bool {
        match self.stop {
            Blocks::Nothing => true,
            Blocks::Lane => {
                let failure = self.failed_lanes.as_ref().zip(lane);
                let failure = failure.and_then(|(lanes, lane)| lanes.lowest(lane));
                failure.is_none_or(|failure| index < failure)
            }
            Blocks::Batch => index < self.bound(),
        }
    }

    pub(super) fn stop(&self) -> Blocks {
        self.stop
    }

    /// The index from which on nothing is started.
    pub(super) fn bound(&self) -> usize {
        if self.stop == Blocks::Batch {
            self.lowest_failure
        } else {
            usize::MAX
        }
    }

    /// The record has ended, successfully or not.
    pub(super) fn ended(&mut self, index: usize, lane: Option<&str>, ended: ItemOutcome<R>) {
        match ended {
            Ok((raw, reply)) => self.done(index, raw, reply),
            Err(failed) => self.failed(&failed, lane),
        }
    }

    /// The record must be delivered again.
    pub(super) fn failed(&mut self, failed: &FailedItem, lane: Option<&str>) {
        self.lowest_failure = self.lowest_failure.min(failed.index);
        if let Some(lane) = lane {
            let lanes = self.failed_lanes.get_or_insert_default();
            lanes.failed(lane, failed.index);
        }
        self.open.insert(failed.index);
        self.note(failed);
    }

    /// These records must be delivered again, although they were not read.
    pub(super) fn unread(&mut self, records: std::ops::Range<usize>) {
        records.for_each(|index| self.open.insert(index));
    }

    fn note(&mut self, failed: &FailedItem) {
        let place = self.messages.partition_point(|(index, _)| *index < failed.index);
        if place < SHOWN {
            self.messages.insert(place, (failed.index, failed.to_string()));
            self.messages.truncate(SHOWN);
        }
    }

    /// The error of the batch as a whole.
    pub(super) fn error(&self, source: Source) -> Error {
        self.error_beside(source, None)
    }

    /// The same, with another reason besides its failures.
    pub(super) fn error_beside(&self, source: Source, reason: Option<String>) -> Error {
        let count = self.open.len() + usize::from(reason.is_some());
        let messages = self.messages.iter().map(|(_, failure)| failure.clone());
        Error::failed(
            source,
            reason.into_iter().chain(messages).collect(),
            count,
            self.count,
        )
    }

    /// The record is done.
    pub(super) fn done(&mut self, index: usize, raw: Bytes, reply: Option<R>) {
        if self.keep {
            self.done.push(DoneRecord { index, raw, reply });
        }
    }
}
