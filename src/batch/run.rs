//! Runs the records of a batch: one after another, or several lanes at once.

use super::clock::Clock;
use super::item::{Failed, Item, Items, handle};
use super::tally::{Stop, Tally};
use super::walk::Walk;
use crate::event::Event;
use crate::router::Handler;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Hands each record to the handler, as far as order, failures and time allow, and says which are not done.
pub(super) async fn run<E, H, S>(items: &Items<S>, payload: &Bytes, stop: Stop, handler: &H) -> Tally
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let options = handler.options();
    let clock = Clock::new(items.invocation.lambda.deadline(), options.margin);
    let mut batch = Batch {
        items,
        walk: Walk::new(payload),
        tally: Tally::new(stop),
        clock,
    };
    match options.concurrency {
        0 | 1 => one_by_one::<E, H, S>(&mut batch, handler).await,
        lanes => side_by_side::<E, H, S>(&mut batch, handler, lanes).await,
    }
    batch.tally.count = batch.walk.count;
    batch.tally
}

/// A batch on its way.
struct Batch<'b, S> {
    items: &'b Items<S>,
    walk: Walk<'b>,
    tally: Tally,
    clock: Clock,
}

impl<S> Batch<'_, S> {
    /// The next record that was read; those that cannot be are settled on the way.
    async fn next<E: Event>(&mut self) -> Option<Item<E::Item>> {
        loop {
            match self.walk.next::<E, S>(self.items)? {
                Ok(item) => return Some(item),
                Err(failed) => self.fail(failed, None).await,
            }
        }
    }

    async fn fail(&mut self, failed: Failed, lane: Option<String>) {
        if let Err(failed) = self.items.settle(failed).await {
            self.tally.failed(failed, lane);
        }
    }

    async fn ended(&mut self, ended: Ended, lane: Option<String>, time: Duration) {
        self.clock.took(time);
        match ended {
            Ended::Handled(Ok(())) => {}
            Ended::Handled(Err(failed)) => self.fail(failed, lane).await,
            Ended::Unstarted(failed) => self.tally.failed(failed, lane),
        }
    }

    fn lane<E: Event>(&self, item: &Item<E::Item>) -> Option<String> {
        match self.tally.stop() {
            Stop::Nothing => None,
            _ => E::lane(&item.mended.item),
        }
    }
}

async fn one_by_one<E, H, S>(batch: &mut Batch<'_, S>, handler: &H)
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    while let Some(item) = batch.next::<E>().await {
        // Where a failure ends the batch, lanes make no difference to records that run one by one.
        let lane = if batch.tally.stop() == Stop::Lane {
            E::lane(&item.mended.item)
        } else {
            None
        };
        if !batch.tally.may_start(item.index, lane.as_deref()) || !batch.clock.may_start() {
            batch
                .tally
                .failed(Failed::unstarted::<E, S>(batch.items, item), lane);
            continue;
        }
        let start = Instant::now();
        let outcome = handle::<E, H, S>(batch.items, item, &batch.clock, handler).await;
        batch.clock.took(start.elapsed());
        if let Err(failed) = outcome {
            batch.fail(failed, lane).await;
        }
    }
}

/// Records that wait for their lane, and lanes that wait for a record.
struct Lanes<T> {
    busy: HashSet<String>,
    waiting: HashMap<String, VecDeque<Item<T>>>,
    /// Records whose lane has become free, by their place in the batch.
    ready: BTreeMap<usize, Item<T>>,
}

impl<T> Lanes<T> {
    /// Gives the lane to its next record, if one waits.
    fn free(&mut self, lane: Option<String>) {
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
    fn enter(&mut self, item: Item<T>, lane: Option<&String>) -> Option<Item<T>> {
        match lane {
            Some(lane) if !self.busy.insert(lane.clone()) => {
                self.waiting.entry(lane.clone()).or_default().push_back(item);
                None
            }
            _ => Some(item),
        }
    }
}

/// How a record that was given its turn has ended.
enum Ended {
    Handled(Result<(), Failed>),
    /// An earlier record failed between this one's turn and its first step.
    Unstarted(Failed),
}

async fn side_by_side<E, H, S>(batch: &mut Batch<'_, S>, handler: &H, limit: usize)
where
    E: Event,
    H: Handler<E::Item, S, Reply = E::Reply>,
    S: Clone + Send + Sync + 'static,
{
    let mut lanes = Lanes {
        busy: HashSet::new(),
        waiting: HashMap::new(),
        ready: BTreeMap::new(),
    };
    let (items, hard, bound) = (batch.items, batch.clock.fixed(), AtomicUsize::new(usize::MAX));
    let (hard, bound) = (&hard, &bound);
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < limit {
            let Some((item, lane)) = upcoming::<E, S>(batch, &mut lanes).await else {
                break;
            };
            if !batch.tally.may_start(item.index, lane.as_deref()) || !batch.clock.may_start() {
                batch
                    .tally
                    .failed(Failed::unstarted::<E, S>(items, item), lane.clone());
                lanes.free(lane);
                continue;
            }
            running.push(async move {
                let start = Instant::now();
                let ended = match item.index < bound.load(Ordering::Relaxed) {
                    true => Ended::Handled(handle::<E, H, S>(items, item, hard, handler).await.map(drop)),
                    false => Ended::Unstarted(Failed::unstarted::<E, S>(items, item)),
                };
                (ended, lane, start.elapsed())
            });
        }
        let Some((ended, lane, time)) = running.next().await else {
            break;
        };
        batch.ended(ended, lane.clone(), time).await;
        bound.store(batch.tally.bound(), Ordering::Relaxed);
        lanes.free(lane);
    }
}

/// The next record that may run beside those that do: the earliest whose lane is free.
async fn upcoming<E: Event, S>(
    batch: &mut Batch<'_, S>,
    lanes: &mut Lanes<E::Item>,
) -> Option<(Item<E::Item>, Option<String>)> {
    if let Some((_, item)) = lanes.ready.pop_first() {
        let lane = batch.lane::<E>(&item);
        return Some((item, lane));
    }
    loop {
        let item = batch.next::<E>().await?;
        let lane = batch.lane::<E>(&item);
        if let Some(item) = lanes.enter(item, lane.as_ref()) {
            return Some((item, lane));
        }
    }
}
