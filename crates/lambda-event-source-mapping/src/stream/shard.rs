//! A shard: lanes by key, and how far all of them are.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::Duration;

use super::{Lane, StreamCommand, StreamSettings};
use crate::{Answer, Batch, Discarded, Record, Settled};

/// A shard of a stream, split into as many lanes as the parallelization factor says.
pub struct Shard<R> {
    settings: Arc<StreamSettings>,
    lanes: Vec<Lane<R>>,
    /// The lane that is asked first, so that each has its turn.
    turn: usize,
    /// Identifiers of the records that are not through, in order; the first has the ordinal `base`.
    positions: VecDeque<String>,
    base: u64,
    checkpoint: Option<String>,
}

impl<R: Record> Shard<R> {
    /// A shard of which nothing is read.
    #[must_use]
    pub fn new(settings: StreamSettings) -> Self {
        let settings = Arc::new(settings);
        let lanes = 0..settings.parallelization_factor.max(1);
        Self {
            lanes: lanes
                .map(|number| Lane::numbered(Arc::clone(&settings), number))
                .collect(),
            settings,
            turn: 0,
            positions: VecDeque::new(),
            base: 0,
            checkpoint: None,
        }
    }

    /// How many more records may be read now. Each lane has one batch under way, and as many records again may wait.
    #[must_use]
    pub fn wants(&self) -> usize {
        let most = self.settings.batch_size * self.lanes.len();
        most.saturating_sub(self.lanes.iter().map(Lane::buffered).sum())
    }

    /// Takes the next record of the shard.
    pub fn received(&mut self, now: Duration, record: R) {
        let lane = match (self.lanes.len(), record.order_key()) {
            (1, _) | (_, None) => 0,
            (lanes, Some(key)) => {
                let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
                // A number below a usize is one.
                usize::try_from(hash % lanes as u64).unwrap_or_default()
            }
        };
        let ordinal = self.position(record.identifier());
        self.lanes[lane].received(now, ordinal, record);
    }

    /// A filter passes over the record with this identifier.
    pub fn passed_over(&mut self, identifier: &str) {
        self.position(identifier);
    }

    fn position(&mut self, identifier: &str) -> u64 {
        self.positions.push_back(identifier.to_owned());
        self.base + self.positions.len() as u64 - 1
    }

    /// No more records will come.
    pub fn close(&mut self) {
        self.lanes.iter_mut().for_each(Lane::close);
    }

    /// What to do now. Ask again until there is nothing.
    pub fn next(&mut self, now: Duration) -> Option<StreamCommand<R>> {
        let lanes = self.lanes.len();
        let (turn, command) = (self.turn..self.turn + lanes)
            .map(|turn| turn % lanes)
            .find_map(|turn| Some((turn, self.lanes[turn].next(now)?)))?;
        self.turn = turn + 1;
        Some(command)
    }

    /// When [`next`](Shard::next) may have something to do that it does not have now.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        self.lanes.iter().filter_map(Lane::wake_at).min()
    }

    /// Takes a batch back with the answer to it.
    pub fn answered(&mut self, now: Duration, batch: Batch<R>, answer: Answer<'_>) -> Settled {
        let lane = batch.lane;
        self.lanes[lane].answered(now, batch, answer)
    }

    /// The records of this batch have left the stream.
    pub fn expired(&mut self, batch: &Batch<R>) {
        self.lanes[batch.lane].expired(batch);
    }

    /// The destination has the record of what was given up.
    pub fn discarded(&mut self, discarded: &Discarded<R>) {
        self.lanes[discarded.lane].discarded(discarded);
    }

    /// The last record that is done or given up with all before it: where to read on after a restart.
    pub fn checkpoint(&mut self) -> Option<&str> {
        let oldest = self.lanes.iter().filter_map(Lane::oldest).min();
        let end = oldest.unwrap_or(self.base + self.positions.len() as u64);
        while self.base < end {
            self.checkpoint = self.positions.pop_front();
            self.base += 1;
        }
        self.checkpoint.as_deref()
    }

    /// Whether all records are through, and all windows over.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.lanes.iter().all(Lane::is_idle)
    }
}
