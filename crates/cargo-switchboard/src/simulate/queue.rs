//! A queue: visibility timeouts, receive counts, the dead-letter queue, message groups.
//!
//! Lambda Developer Guide, “Using Lambda with Amazon SQS”; SQS Developer Guide, “FIFO delivery logic”.

use std::collections::HashSet;
use std::time::Duration;

use oorandom::Rand64;
use tokio::time::{Instant, sleep_until};

use super::delivery::{BatchResult, Invocable, PATIENCE, Poller};
use super::plan::{below, own};
use crate::Error;
use crate::sync::lock;

/// The assumed duration of an invocation, and the visibility timeout.
const INVOCATION: Duration = Duration::from_millis(100);
const VISIBILITY: Duration = Duration::from_secs(30);

/// A standard queue may deliver any of its first few messages.
const NEARBY: usize = 4;

struct QueuedMessage {
    record: usize,
    lane: usize,
    visible: Duration,
    receives: u32,
    /// Failures that the simulation did not cause.
    unasked: u32,
    not_before: Option<Instant>,
}

struct VirtualQueue<'m, T> {
    mapping: &'m Poller<T>,
    messages: Vec<QueuedMessage>,
    now: Duration,
    random: Rand64,
}

/// Delivers messages until the queue is empty. `lanes` has the group of each.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, lanes: &[usize]) -> Result<(), Error> {
    let messages = lanes
        .iter()
        .zip(0..)
        .map(|(lane, record)| QueuedMessage::new(record, *lane));
    let mut queue = VirtualQueue {
        mapping,
        messages: messages.collect(),
        now: Duration::ZERO,
        random: Rand64::new(own(&mapping.simulation, 1)),
    };
    while !queue.messages.is_empty() {
        queue.remove_dead();
        let batch = queue.receive();
        if batch.is_empty() {
            queue.wait();
        } else {
            queue.deliver(&batch).await?;
        }
    }
    Ok(())
}

impl QueuedMessage {
    fn new(record: usize, lane: usize) -> Self {
        Self {
            record,
            lane,
            visible: Duration::ZERO,
            receives: 0,
            unasked: 0,
            not_before: None,
        }
    }
}

impl<T: Invocable> VirtualQueue<'_, T> {
    /// Messages that exceed their receive count go to the dead-letter queue. Without one they expire eventually.
    fn remove_dead(&mut self) {
        let (now, mut book) = (self.now, lock(&self.mapping.book));
        let most = self.mapping.simulation.max_retries;
        self.messages.retain(|message| {
            if message.visible > now {
                return true;
            }
            match most {
                Some(most) if message.receives > most => book.discard(message.record),
                None if message.unasked >= PATIENCE => {}
                _ => return true,
            }
            false
        });
    }

    /// The indexes of the next batch's messages, in order.
    fn receive(&mut self) -> Vec<usize> {
        match self.mapping.simulation.source.is_ordered() {
            true => self.receive_in_order(),
            false => self.receive_any(),
        }
    }

    /// Skips messages of a group after an invisible one.
    fn receive_in_order(&self) -> Vec<usize> {
        let mut locked = HashSet::new();
        let mut batch = Vec::new();
        for (place, message) in self.messages.iter().enumerate() {
            if message.visible > self.now {
                locked.insert(message.lane);
            } else if !locked.contains(&message.lane) && batch.len() < self.mapping.simulation.batch_size {
                batch.push(place);
            }
        }
        batch
    }

    /// Approximately in order.
    fn receive_any(&mut self) -> Vec<usize> {
        let visible = self
            .messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.visible <= self.now);
        let mut visible: Vec<usize> = visible.map(|(place, _)| place).collect();
        let mut batch = Vec::new();
        while !visible.is_empty() && batch.len() < self.mapping.simulation.batch_size {
            let near = below(&mut self.random, visible.len().min(NEARBY));
            batch.push(visible.remove(near));
        }
        batch
    }

    /// Waits until the next message becomes visible. Visible messages may be waiting for an invisible one of their group.
    fn wait(&mut self) {
        let times = self.messages.iter().map(|message| message.visible);
        self.now = times.filter(|time| *time > self.now).min().unwrap_or(self.now);
    }

    async fn deliver(&mut self, batch: &[usize]) -> Result<(), Error> {
        let members = || batch.iter().map(|place| &self.messages[*place]);
        let earliest = members().filter_map(|message| message.not_before).max();
        let unasked = members().map(|message| message.unasked).max();
        if let Some(earliest) = earliest {
            sleep_until(earliest).await;
        }
        self.mapping.back_off(unasked.unwrap_or(0)).await;
        let records: Vec<usize> = members().map(|message| message.record).collect();
        let verdict = self.mapping.deliver(&records).await?;
        self.settle(batch, &verdict);
        Ok(())
    }

    /// Deletes finished messages and makes the others visible again.
    fn settle(&mut self, batch: &[usize], verdict: &BatchResult) {
        let received = self.now;
        self.now += INVOCATION;
        let mut done = HashSet::new();
        for (position, place) in batch.iter().enumerate() {
            let message = &mut self.messages[*place];
            message.receives += 1;
            message.visible = received + VISIBILITY;
            message.not_before = Some(verdict.not_before);
            if verdict.failed.contains(position) {
                message.unasked += u32::from(verdict.is_clean && !verdict.is_lost);
            } else if !self.mapping.comes_again(message.record) {
                done.insert(message.record);
            }
        }
        self.messages.retain(|message| !done.contains(&message.record));
    }
}
