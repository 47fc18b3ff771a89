//! Runs the records of a batch, as far as order, failures and time allow.

use super::clock::Pace;
use super::item::{FailedItem, ItemReader, ReadItem, handle};
use super::lanes::Lanes;
use super::outcomes::BatchOutcomes;
use super::pass::{Pass, RecordTurn};
use crate::event::Asked;
use crate::handler::Handler;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Passes each record to the handler, and notes which are not done.
pub(super) async fn run<A, H, S>(
    items: &ItemReader<'_, S>,
    payload: &Bytes,
    outcomes: &mut BatchOutcomes<H::Reply>,
    handler: &H,
) where
    A: Asked,
    H: Handler<A::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    let lanes = items.options.concurrency;
    let pace = match lanes {
        0 | 1 => Pace::OneByOne,
        _ => Pace::SideBySide,
    };
    let mut pass = Pass::<A, S, H::Reply>::new(items, payload, outcomes, pace);
    match pace {
        Pace::SideBySide => side_by_side(&mut pass, handler, lanes).await,
        _ => one_by_one(&mut pass, handler).await,
    }
    pass.finish();
}

async fn one_by_one<A, H, S>(pass: &mut Pass<'_, A, S, H::Reply>, handler: &H)
where
    A: Asked,
    H: Handler<A::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    while let Some((item, turn)) = pass.turn().await {
        let ended = handle::<A::Event, _, _, H, S>(pass.items, item, |item| *item, handler).await;
        pass.ended(&turn, ended);
    }
}

/// Several records at once: one per lane, and one after another within a lane.
async fn side_by_side<A, H, S>(pass: &mut Pass<'_, A, S, H::Reply>, handler: &H, limit: usize)
where
    A: Asked,
    H: Handler<A::Item, S, Reply: Send>,
    S: Clone + Send + Sync + 'static,
{
    let mut lanes = Lanes::default();
    let (items, bound) = (pass.items, &AtomicUsize::new(usize::MAX));
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < limit {
            let Some((item, lane)) = upcoming(pass, &mut lanes).await else {
                break;
            };
            if !pass.starts(&item, lane.as_deref()) {
                lanes.free(lane);
                continue;
            }
            let index = item.index;
            let turn = RecordTurn { index, lane };
            running.push(async move {
                let start = Instant::now();
                // An earlier record may have failed between this one's turn and its first poll.
                let ended = match index < bound.load(Ordering::Relaxed) {
                    true => handle::<A::Event, _, _, H, S>(items, item, |item| *item, handler).await,
                    false => Err(FailedItem::unstarted::<A::Event, S>(items, item.raw, index)),
                };
                (turn, ended, start.elapsed())
            });
        }
        let Some((turn, ended, time)) = running.next().await else {
            break;
        };
        pass.took(time);
        pass.ended(&turn, ended);
        bound.store(pass.bound(), Ordering::Relaxed);
        lanes.free(turn.lane);
    }
}

/// The next record that may run beside the current ones: the earliest one whose lane is free.
async fn upcoming<A, S, R>(
    pass: &mut Pass<'_, A, S, R>,
    lanes: &mut Lanes<A::Item>,
) -> Option<(ReadItem<A::Item>, Option<String>)>
where
    A: Asked,
    S: Clone + Send + Sync + 'static,
{
    if let Some(item) = lanes.ready() {
        let lane = pass.lane(&item);
        return Some((item, lane));
    }
    loop {
        let item = pass.next().await?;
        let lane = pass.lane(&item);
        if let Some(item) = lanes.enter(item, lane.as_ref()) {
            return Some((item, lane));
        }
    }
}
