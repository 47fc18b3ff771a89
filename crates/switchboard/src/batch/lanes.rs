//! Which lanes are busy, and which records wait for theirs.

use super::item::Item;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Records that wait for their lane, and lanes that wait for a record.
pub(super) struct Lanes<T> {
    busy: HashSet<String>,
    waiting: HashMap<String, VecDeque<Item<T>>>,
    /// Records whose lane has become free, by their place in the batch.
    ready: BTreeMap<usize, Item<T>>,
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
    pub(super) fn ready(&mut self) -> Option<Item<T>> {
        self.ready.pop_first().map(|(_, item)| item)
    }

    /// Gives the lane to its next record, if one waits.
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

    /// The record, if its lane is free; else it waits.
    pub(super) fn enter(&mut self, item: Item<T>, lane: Option<&String>) -> Option<Item<T>> {
        match lane {
            Some(lane) if !self.busy.insert(lane.clone()) => {
                self.waiting.entry(lane.clone()).or_default().push_back(item);
                None
            }
            _ => Some(item),
        }
    }
}
