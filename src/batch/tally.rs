//! What became of the records of a batch, and which of the rest may still be started.

use super::item::Failed;
use std::collections::HashSet;

/// What a failure keeps from being started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stop {
    /// Nothing: records have no order.
    Nothing,
    /// Later records of the same lane.
    Lane,
    /// Every later record: the source delivers all of them again.
    Batch,
}

/// The records that are not done, in the order in which that became known.
pub(super) struct Tally {
    stop: Stop,
    lowest_failure: usize,
    failed_lanes: HashSet<String>,
    /// Failed, or never started.
    pub(super) open: Vec<Failed>,
    /// How many records the batch has.
    pub(super) count: usize,
}

impl Tally {
    pub(super) fn new(stop: Stop) -> Self {
        Self {
            stop,
            lowest_failure: usize::MAX,
            failed_lanes: HashSet::new(),
            open: Vec::new(),
            count: 0,
        }
    }

    /// Whether an earlier failure allows this record to be started.
    pub(super) fn may_start(&self, index: usize, lane: Option<&str>) -> bool {
        match self.stop {
            Stop::Nothing => true,
            Stop::Lane => lane.is_none_or(|lane| !self.failed_lanes.contains(lane)),
            Stop::Batch => index < self.bound(),
        }
    }

    pub(super) fn stop(&self) -> Stop {
        self.stop
    }

    /// From which record on nothing is started.
    pub(super) fn bound(&self) -> usize {
        if self.stop == Stop::Batch {
            self.lowest_failure
        } else {
            usize::MAX
        }
    }

    /// The record is to be delivered again.
    pub(super) fn failed(&mut self, failed: Failed, lane: Option<String>) {
        self.lowest_failure = self.lowest_failure.min(failed.index);
        self.failed_lanes.extend(lane);
        self.open.push(failed);
    }
}
