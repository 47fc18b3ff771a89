//! Several records at once: one per lane, inside a lane one after another.

use super::item::{Failed, Item, handle};
use super::run::{Ended, Progress, Turn};
use crate::event::Event;
use crate::handler::Handler;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

pub(super) async fn side_by_side<E, H, S>(batch: &mut Progress<'_, E, S, H::Reply>, handler: &H, limit: usize)
where
    E: Event,
    H: Handler<E::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    let mut lanes = Lanes::default();
    let (items, bound) = (batch.items, &AtomicUsize::new(usize::MAX));
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < limit {
            let Some((item, lane)) = upcoming(batch, &mut lanes).await else {
                break;
            };
            if !batch.may_start(&item, lane.as_deref()) {
                batch.put_off(item, lane.clone());
                lanes.free(lane);
                continue;
            }
            let turn = Turn::of(batch, &item, lane);
            running.push(async move {
                let start = Instant::now();
                // An earlier record may have failed between this one's turn and its first step.
                let ended = if item.index < bound.load(Ordering::Relaxed) {
                    match handle::<E, H, S>(items, item, handler).await {
                        Ok(reply) => Ended::Done(reply),
                        Err(failed) => Ended::Open(failed),
                    }
                } else {
                    Ended::Open(Failed::unstarted::<E, S>(items, item))
                };
                (turn, ended, start.elapsed())
            });
        }
        let Some((turn, ended, time)) = running.next().await else {
            break;
        };
        let lane = turn.lane.clone();
        batch.took(time);
        batch.ended(turn, ended);
        bound.store(batch.tally.bound(), Ordering::Relaxed);
        lanes.free(lane);
    }
}

/// The next record that may run beside those that do: the earliest whose lane is free.
async fn upcoming<E, S, R>(
    batch: &mut Progress<'_, E, S, R>,
    lanes: &mut Lanes<E::Item>,
) -> Option<(Item<E::Item>, Option<String>)>
where
    E: Event,
    S: Clone + Send + Sync + 'static,
{
    if let Some((_, item)) = lanes.ready.pop_first() {
        let lane = batch.lane(&item);
        return Some((item, lane));
    }
    loop {
        let item = batch.next().await?;
        let lane = batch.lane(&item);
        if let Some(item) = lanes.enter(item, lane.as_ref()) {
            return Some((item, lane));
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
