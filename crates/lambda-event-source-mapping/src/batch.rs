//! Records that are delivered together.

use std::time::Duration;

use super::WindowFrame;
use super::destination::Ending;

/// The largest event that a mapping invokes a function with, in bytes: 6 MB.
pub const LARGEST_PAYLOAD: usize = 6 << 20;

/// What a mapping knows of a record or a message.
pub trait Record {
    /// What an answer names it by: a message id, a sequence number, `PARTITION/OFFSET`.
    fn identifier(&self) -> &str;

    /// When it was sent.
    fn sent(&self) -> Duration;

    /// Records with the same key stay in order: a partition key, the keys of an item, a message group.
    fn order_key(&self) -> Option<&str> {
        None
    }

    /// How many bytes of an event it takes.
    fn size(&self) -> usize {
        0
    }
}

/// Records that one invocation gets. Give it back with the answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Batch<R> {
    /// The records, in order. The invocation that ends a tumbling window has none.
    pub records: Vec<R>,
    /// The tumbling window around it.
    pub window: Option<WindowFrame>,
    pub(crate) number: u64,
    pub(crate) failures: u32,
    pub(crate) not_before: Duration,
    /// Where the records are in their shard.
    pub(crate) ordinals: Vec<u64>,
    pub(crate) lane: usize,
    /// How its last invocation ended, if no retry is left.
    pub(crate) given_up: Option<Ending>,
}

impl<R> Batch<R> {
    pub(crate) fn new(records: Vec<R>, ordinals: Vec<u64>) -> Self {
        Self {
            records,
            window: None,
            number: 0,
            failures: 0,
            not_before: Duration::ZERO,
            ordinals,
            lane: 0,
            given_up: None,
        }
    }

    /// The number of the batch among all of its lane or queue. A retry has the number of the batch that failed; what remains of
    /// a batch, and its halves, are batches of their own.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How often it has failed.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The lane that it belongs to, counted from 0.
    #[must_use]
    pub fn lane(&self) -> usize {
        self.lane
    }

    /// Keeps the first records, and returns the others as a batch of its own.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let mut rest = Self::new(self.records.split_off(at), self.ordinals.split_off(at));
        rest.lane = self.lane;
        rest
    }
}

/// What became of the records of a batch.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Settled {
    /// How many are done.
    pub done: usize,
    /// How many come again.
    pub again: usize,
    /// How many are given up.
    pub discarded: usize,
    /// Whether the batch is split in two.
    pub bisected: bool,
}
