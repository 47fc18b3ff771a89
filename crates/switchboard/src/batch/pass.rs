//! One pass over the records of a batch: finds the next record, skips and settles records that no handler gets, and
//! decides whether a record may be started.

use super::clock::{Pace, RecordClock};
use super::cursor::RecordCursor;
use super::item::{FailedItem, ItemOutcome, ItemReader, ReadItem};
use super::outcomes::{BatchOutcomes, Blocks};
use crate::event::{Asked, Event};
use crate::telemetry;
use bytes::Bytes;
use std::marker::PhantomData;
use std::time::Duration;

/// A batch that is being handled.
///
/// Every way of handling a batch uses this. They differ only in the order in which they start records, and in what
/// their handler gets.
pub(super) struct Pass<'b, A: Asked, S, R = <<A as Asked>::Event as Event>::Reply> {
    pub(super) items: &'b ItemReader<'b, S>,
    cursor: RecordCursor<'b>,
    outcomes: &'b mut BatchOutcomes<R>,
    clock: RecordClock,
    asked: PhantomData<fn() -> A>,
}

/// What is kept of a record while its handler has it.
pub(super) struct RecordTurn {
    pub(super) index: usize,
    pub(super) lane: Option<String>,
}

impl<'b, A, S, R> Pass<'b, A, S, R>
where
    A: Asked,
    S: Clone + Send + Sync + 'static,
{
    pub(super) fn new(
        items: &'b ItemReader<'b, S>,
        payload: &'b Bytes,
        outcomes: &'b mut BatchOutcomes<R>,
        pace: Pace,
    ) -> Self {
        Self {
            items,
            cursor: RecordCursor::new(payload),
            outcomes,
            clock: RecordClock::new(items.invocation.ends, items.options.margin, pace),
            asked: PhantomData,
        }
    }

    /// All records have been found.
    pub(super) fn finish(self) {
        self.outcomes.count = self.cursor.end::<A::Event, S>(self.items);
    }

    /// The next record to start. Records that must not be started are marked as open on the way.
    pub(super) async fn turn(&mut self) -> Option<(ReadItem<A::Item>, RecordTurn)> {
        loop {
            let item = self.next().await?;
            let lane = self.lane(&item);
            if self.starts(&item, lane.as_deref()) {
                let index = item.index;
                return Some((item, RecordTurn { index, lane }));
            }
        }
    }

    /// The next record that could be read and is not done. Unreadable records are settled on the way.
    pub(super) async fn next(&mut self) -> Option<ReadItem<A::Item>> {
        loop {
            if self.cursor.count > self.outcomes.bound() {
                self.pass_over_rest();
                return None;
            }
            let failed = match self.cursor.next::<A, S>(self.items)? {
                Ok(item) if self.outcomes.knows::<A::Event>(&item.raw) => {
                    telemetry::skipped(Some(self.items.source()));
                    self.outcomes.done(item.index, item.raw, None);
                    continue;
                }
                Ok(item) => return Some(item),
                Err(failed) => failed,
            };
            let (index, lane) = (failed.index, self.lane_of_unreadable(&failed));
            let settled = self.items.settle(failed).await;
            self.outcomes
                .ended(index, lane.as_deref(), settled.map(|raw| (raw, None)));
        }
    }

    /// Everything that is left is delivered again after the failed record, so it is counted but not read.
    fn pass_over_rest(&mut self) {
        let first = self.cursor.count;
        self.cursor.pass_over_rest();
        self.outcomes.unread(first..self.cursor.count);
    }

    /// Whether the record may be started. If not, it is marked as open.
    pub(super) fn starts(&mut self, item: &ReadItem<A::Item>, lane: Option<&str>) -> bool {
        let starts = self.outcomes.may_start(item.index, lane) && self.clock.may_start();
        if !starts {
            let failed = FailedItem::unstarted::<A::Event, S>(self.items, item.raw.clone(), item.index);
            self.outcomes.failed(&failed, lane);
        }
        starts
    }

    /// The index from which on nothing is started.
    pub(super) fn bound(&self) -> usize {
        self.outcomes.bound()
    }

    /// A record that ran beside others took this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.clock.took(time);
    }

    /// A record that was started has ended.
    pub(super) fn ended(&mut self, turn: &RecordTurn, ended: ItemOutcome<R>) {
        self.outcomes.ended(turn.index, turn.lane.as_deref(), ended);
    }

    /// The record's lane, if it matters: for what a failure blocks, or for what may run at the same time.
    pub(super) fn lane(&self, item: &ReadItem<A::Item>) -> Option<String> {
        match (self.outcomes.stop(), self.clock.pace()) {
            (Blocks::Nothing, _) | (Blocks::Batch, Pace::OneByOne | Pace::AtOnce) => None,
            _ => item.lane::<A>(),
        }
    }

    fn lane_of_unreadable(&self, failed: &FailedItem) -> Option<String> {
        match self.outcomes.stop() {
            Blocks::Lane => failed.lane::<A::Event>(),
            Blocks::Nothing | Blocks::Batch => None,
        }
    }
}
