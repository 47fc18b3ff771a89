//! Which lanes are busy, and which records are waiting for theirs.

use super::item::ReadItem;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Records that are waiting for their lane, and idle lanes.
pub(super) struct Lanes<T> {
    busy: HashSet<String>,
    waiting: HashMap<String, VecDeque<ReadItem<T>>>,
    /// Records whose lane has become free, by their index in the batch.
    ready: BTreeMap<usize, ReadItem<T>>,
}

impl<T> Default for Lanes<T> {
    fn default() -> Self {
        Self {
            busy: HashSet::new(),
            waiting: HashMap::new(),
            ready: BTreeMap::new(),
        }
    }
}

impl<T> Lanes<T> {
    /// The earliest record whose lane has become free.
    pub(super) fn ready(&mut self) -> Option<ReadItem<T>> {
        self.ready.pop_first().map(|(_, item)| item)
    }

    /// Passes the lane to its next waiting record, if there is one.
    pub(super) fn free(&mut self, lane: Option<String>) {
        let Some(lane) = lane else { return };
        match self.waiting.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some(item) => {
                self.ready.insert(item.index, item);
            }
            None => {
                self.busy.remove(&lane);
            }
        }
    }

    /// Returns the record if its lane is free; otherwise it waits.
    pub(super) fn enter(&mut self, item: ReadItem<T>, lane: Option<&String>) -> Option<ReadItem<T>> {
        match lane {
            Some(lane) if !self.busy.insert(lane.clone()) => {
                self.waiting.entry(lane.clone()).or_default().push_back(item);
                None
            }
            _ => Some(item),
        }
    }
}
