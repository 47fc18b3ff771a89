//! A queue in virtual time: visibility timeouts, receive counts, the dead-letter queue, message groups. The mapping says what is deleted.
//!
//! SQS Developer Guide, “FIFO delivery logic”.

use std::collections::HashSet;
use std::time::Duration;

use event_source_mapping::{Batch, Queue, QueueCommand};
use oorandom::Rand64;
use tokio::time::{Instant, sleep_until};

use super::delivery::{BatchResult, Invocable, PATIENCE, Poller};
use super::mapped::MappedRecord;
use super::plan::{below, own};
use crate::Error;
use crate::sync::lock;

/// The assumed duration of an invocation, and the visibility timeout.
const INVOCATION: Duration = Duration::from_millis(100);
const VISIBILITY: Duration = Duration::from_secs(30);

/// A standard queue may deliver any of its first few messages.
const NEARBY: usize = 4;

struct QueuedMessage {
    record: MappedRecord,
    visible: Duration,
    receives: u32,
    /// Failures that the simulation did not cause.
    unasked: u32,
    not_before: Option<Instant>,
}

struct VirtualQueue<'m, T> {
    mapping: &'m Poller<T>,
    engine: Queue<MappedRecord>,
    messages: Vec<QueuedMessage>,
    now: Duration,
    random: Rand64,
}

/// Delivers messages until the queue is empty.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, records: Vec<MappedRecord>) -> Result<(), Error> {
    let mut queue = VirtualQueue {
        mapping,
        engine: Queue::new(mapping.simulation.queue_settings()),
        messages: records.into_iter().map(QueuedMessage::new).collect(),
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
    fn new(record: MappedRecord) -> Self {
        Self {
            record,
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
                Some(most) if message.receives > most => book.discard(message.record.index),
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
                locked.insert(message.record.lane);
            } else if !locked.contains(&message.record.lane)
                && batch.len() < self.mapping.simulation.batch_size
            {
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
        for place in batch {
            self.engine
                .received(self.now, self.messages[*place].record.clone());
        }
        while let Some(command) = self.engine.next(self.now) {
            if let QueueCommand::Invoke(delivery) = command {
                self.invoke(batch, delivery).await?;
            }
        }
        Ok(())
    }

    async fn invoke(&mut self, batch: &[usize], delivery: Batch<MappedRecord>) -> Result<(), Error> {
        let records: Vec<usize> = delivery.records.iter().map(|record| record.index).collect();
        let verdict = self.mapping.deliver(&records).await?;
        self.engine.answered(delivery, verdict.answer());
        let deleted = match self.engine.next(self.now) {
            Some(QueueCommand::Delete(deleted)) => deleted,
            _ => Vec::new(),
        };
        let deleted = deleted.iter().map(|record| record.index).collect();
        self.settle(batch, &verdict, &deleted);
        Ok(())
    }

    /// Makes visible again what is not deleted, and what is delivered twice.
    fn settle(&mut self, batch: &[usize], verdict: &BatchResult, deleted: &HashSet<usize>) {
        let received = self.now;
        self.now += INVOCATION;
        let mut done = HashSet::new();
        for place in batch {
            let message = &mut self.messages[*place];
            message.receives += 1;
            message.visible = received + VISIBILITY;
            message.not_before = Some(verdict.not_before);
            let index = message.record.index;
            if !deleted.contains(&index) {
                message.unasked += u32::from(verdict.is_clean && !verdict.is_lost);
            } else if !self.mapping.comes_again(index) {
                done.insert(index);
            }
        }
        self.messages
            .retain(|message| !done.contains(&message.record.index));
    }
}
