//! One pass over the records of a batch: finds the next one, skips and settles what no handler gets, and says whether it may
//! be started.

use super::clock::{Clock, Pace};
use super::item::{Ended, Failed, Item, Items};
use super::tally::{Stop, Tally};
use super::walk::Walk;
use crate::event::{Event, lane, lane_of};
use crate::telemetry;
use bytes::Bytes;
use std::marker::PhantomData;
use std::time::Duration;

/// A batch on its way.
///
/// All that walk over a batch do it with this; they differ only in the order in which they start records, and in what
/// their handler gets.
pub(super) struct Pass<'b, E: Event, S, R = <E as Event>::Reply> {
    pub(super) items: &'b Items<'b, S>,
    walk: Walk<'b>,
    tally: &'b mut Tally<R>,
    clock: Clock,
    event: PhantomData<fn() -> E>,
}

/// What is kept of a record while its handler has it.
pub(super) struct Turn {
    pub(super) index: usize,
    pub(super) lane: Option<String>,
}

impl<'b, E, S, R> Pass<'b, E, S, R>
where
    E: Event,
    S: Clone + Send + Sync + 'static,
{
    pub(super) fn new(
        items: &'b Items<'b, S>,
        payload: &'b Bytes,
        tally: &'b mut Tally<R>,
        pace: Pace,
    ) -> Self {
        Self {
            items,
            walk: Walk::new(payload),
            tally,
            clock: Clock::new(items.invocation.ends, items.options.margin, pace),
            event: PhantomData,
        }
    }

    /// All records have come up.
    pub(super) fn finish(self) {
        self.tally.count = self.walk.end::<E, S>(self.items);
    }

    /// The next record that is started now. Those that may not be are put off on the way.
    pub(super) async fn turn(&mut self) -> Option<(Item<E::Item>, Turn)> {
        loop {
            let item = self.next().await?;
            let lane = self.lane(&item);
            if self.starts(&item, lane.as_deref()) {
                let index = item.index;
                return Some((item, Turn { index, lane }));
            }
        }
    }

    /// The next record that was read and is not through; those that cannot be read are settled on the way.
    pub(super) async fn next(&mut self) -> Option<Item<E::Item>> {
        loop {
            if self.walk.count > self.tally.bound() {
                self.pass_over_rest();
                return None;
            }
            let failed = match self.walk.next::<E, S>(self.items)? {
                Ok(item) if self.tally.knows::<E>(&item.raw) => {
                    telemetry::skipped(Some(self.items.source()));
                    self.tally.done(item.index, item.raw, None);
                    continue;
                }
                Ok(item) => return Some(item),
                Err(failed) => failed,
            };
            let (index, lane) = (failed.index, self.lane_of_unreadable(&failed));
            let settled = self.items.settle(failed).await;
            self.tally
                .ended(index, lane.as_deref(), settled.map(|raw| (raw, None)));
        }
    }

    /// All that is left is delivered again, behind the record that failed: it is counted, and nothing of it is read.
    fn pass_over_rest(&mut self) {
        let first = self.walk.count;
        self.walk.pass_over_rest();
        self.tally.unread(first..self.walk.count);
    }

    /// Whether the record may be started. If not, it is put off: it is open.
    pub(super) fn starts(&mut self, item: &Item<E::Item>, lane: Option<&str>) -> bool {
        let starts = self.tally.may_start(item.index, lane) && self.clock.may_start();
        if !starts {
            let failed = Failed::unstarted::<E, S>(self.items, item.raw.clone(), item.index);
            self.tally.failed(&failed, lane);
        }
        starts
    }

    /// From which record on nothing is started.
    pub(super) fn bound(&self) -> usize {
        self.tally.bound()
    }

    /// A record that ran beside others has taken this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.clock.took(time);
    }

    /// A record that had its turn has ended.
    pub(super) fn ended(&mut self, turn: &Turn, ended: Ended<R>) {
        self.tally.ended(turn.index, turn.lane.as_deref(), ended);
    }

    /// The record's lane, where it makes a difference: to what a failure keeps from being started, and to what may run side
    /// by side.
    pub(super) fn lane(&self, item: &Item<E::Item>) -> Option<String> {
        match (self.tally.stop(), self.clock.pace(), &item.group) {
            (Stop::Nothing, ..) | (Stop::Batch, Pace::OneByOne | Pace::AtOnce, _) => None,
            (.., Some(group)) => Some(group.to_string()),
            (.., None) => lane::<E>(&item.mended.item),
        }
    }

    fn lane_of_unreadable(&self, failed: &Failed) -> Option<String> {
        match (self.tally.stop(), &failed.group) {
            (Stop::Lane, Some(group)) => Some(group.to_string()),
            (Stop::Lane, None) => lane_of::<E>(&failed.raw),
            _ => None,
        }
    }
}
