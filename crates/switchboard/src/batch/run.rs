//! Runs the records of a batch, as far as order, failures and time allow.

use super::clock::{Clock, Pace};

use super::item::{Failed, Item, Items, handle};
use super::lanes::side_by_side;
use super::tally::{Stop, Tally};
use super::walk::Walk;
use crate::event::{Event, lane, lane_of};
use crate::handler::Handler;
use crate::telemetry;
use bytes::Bytes;
use std::marker::PhantomData;
use std::time::Duration;

/// Hands each record to the handler, and notes which are not done.
pub(super) async fn run<E, H, S>(
    items: &Items<'_, S>,
    payload: &Bytes,
    tally: &mut Tally<H::Reply>,
    handler: &H,
) where
    E: Event,
    H: Handler<E::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    let lanes = items.options.concurrency;
    let pace = match lanes {
        0 | 1 => Pace::OneByOne,
        _ => Pace::SideBySide,
    };
    let mut batch = Progress::<E, S, H::Reply>::new(items, payload, tally, pace);
    match pace {
        Pace::OneByOne => one_by_one(&mut batch, handler).await,
        Pace::SideBySide => side_by_side(&mut batch, handler, lanes).await,
    }
    batch.finish();
}

/// A batch on its way.
pub(super) struct Progress<'b, E: Event, S, R = <E as Event>::Reply> {
    pub(super) items: &'b Items<'b, S>,
    walk: Walk<'b>,
    pub(super) tally: &'b mut Tally<R>,
    clock: Clock,
    event: PhantomData<fn() -> E>,
}

/// How a record that was given its turn has ended.
pub(super) enum Ended<R> {
    /// It is through; `None` if it was rejected.
    Done(Option<R>),
    /// It has to come again.
    Open(Box<Failed>),
}

impl<'b, E, S, R> Progress<'b, E, S, R>
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
    pub(super) fn finish(&mut self) {
        self.tally.count = self.walk.end::<E, S>(self.items);
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
            let lane = self.lane_of_unreadable(&failed);
            let (index, raw) = (failed.index, failed.raw.clone());
            match self.items.settle(failed).await {
                Ok(()) => self.tally.done(index, raw, None),
                Err(failed) => self.tally.failed(&failed, lane.as_deref()),
            }
        }
    }

    /// All that is left is delivered again, behind the record that failed: it is counted, and nothing of it is read.
    fn pass_over_rest(&mut self) {
        let first = self.walk.count;
        self.walk.pass_over_rest();
        self.tally.unread(first..self.walk.count);
    }

    /// Whether the record may be started; if not, it is to be [put off](Self::put_off).
    pub(super) fn may_start(&mut self, item: &Item<E::Item>, lane: Option<&str>) -> bool {
        self.tally.may_start(item.index, lane) && self.clock.may_start()
    }

    /// The record is not started: it is open.
    pub(super) fn put_off(&mut self, item: Item<E::Item>, lane: Option<String>) {
        let failed = Failed::unstarted::<E, S>(self.items, item);
        self.tally.failed(&failed, lane.as_deref());
    }

    /// A record that ran beside others has taken this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.clock.took(time);
    }

    pub(super) fn ended(&mut self, turn: Turn, ended: Ended<R>) {
        match ended {
            Ended::Done(reply) => self.tally.done(turn.index, turn.raw, reply),
            Ended::Open(failed) => self.tally.failed(&failed, turn.lane.as_deref()),
        }
    }

    pub(super) fn lane(&self, item: &Item<E::Item>) -> Option<String> {
        match (self.tally.stop(), &item.group) {
            (Stop::Nothing, _) => None,
            (_, Some(group)) => Some(group.to_string()),
            (_, None) => lane::<E>(&item.mended.item),
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

/// What is left of a record that has its turn.
pub(super) struct Turn {
    pub(super) index: usize,
    /// Empty unless the tally keeps what is through.
    raw: Bytes,
    pub(super) lane: Option<String>,
}

impl Turn {
    pub(super) fn of<E, S, R>(
        batch: &Progress<'_, E, S, R>,
        item: &Item<E::Item>,
        lane: Option<String>,
    ) -> Self
    where
        E: Event,
    {
        let raw = match batch.tally.keeps() {
            true => item.raw.clone(),
            false => Bytes::new(),
        };
        Self {
            index: item.index,
            raw,
            lane,
        }
    }
}

async fn one_by_one<E, H, S>(batch: &mut Progress<'_, E, S, H::Reply>, handler: &H)
where
    E: Event,
    H: Handler<E::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    while let Some(item) = batch.next().await {
        // Where a failure ends the batch, lanes make no difference to records that run one by one.
        let lane = match batch.tally.stop() {
            Stop::Lane => batch.lane(&item),
            _ => None,
        };
        if !batch.may_start(&item, lane.as_deref()) {
            batch.put_off(item, lane);
            continue;
        }
        let turn = Turn::of(batch, &item, lane);
        let ended = match handle::<E, H, S>(batch.items, item, handler).await {
            Ok(reply) => Ended::Done(reply),
            Err(failed) => Ended::Open(failed),
        };
        batch.ended(turn, ended);
    }
}
