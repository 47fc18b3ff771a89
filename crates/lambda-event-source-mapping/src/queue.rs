//! A queue: what is done is deleted, all else becomes visible again.
//!
//! Lambda Developer Guide, “Using Lambda with Amazon SQS”; SQS Developer Guide, “FIFO delivery logic”.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use super::answer::failures;
use super::{Answer, AnswerForm, Batch, Failed, LARGEST_PAYLOAD, Record, Settled};

/// The settings of a mapping of a queue, named as Lambda names them. The default is Lambda's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QueueSettings {
    /// The most messages of a batch.
    pub batch_size: usize,
    /// How long to wait for more messages.
    pub maximum_batching_window: Duration,
    /// How many batches may be under way.
    pub maximum_concurrency: usize,
    /// Whether answers are read (`ReportBatchItemFailures`).
    pub report_batch_item_failures: bool,
    /// Whether messages of a group stay in order.
    pub is_fifo: bool,
    /// How answers name messages.
    pub answers: AnswerForm,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            batch_size: 10,
            maximum_batching_window: Duration::ZERO,
            maximum_concurrency: 1,
            report_batch_item_failures: true,
            is_fifo: false,
            answers: AnswerForm::Texts,
        }
    }
}

/// What the caller of a [`Queue`] has to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum QueueCommand<M> {
    /// Invoke the function with this batch, and hand it back with the answer.
    Invoke(Batch<M>),
    /// Delete these messages from the queue.
    Delete(Vec<M>),
    /// Make these messages visible again, now.
    Release(Vec<M>),
}

/// The mapping of a queue.
pub struct Queue<M> {
    settings: QueueSettings,
    buffer: VecDeque<M>,
    /// When the first of the buffered messages came.
    since: Duration,
    /// The groups of the batches under way, and how many these are.
    groups: HashSet<String>,
    under_way: usize,
    delete: Vec<M>,
    release: Vec<M>,
    batches: u64,
    is_closed: bool,
}

impl<M: Record> Queue<M> {
    /// A queue of which nothing is read.
    #[must_use]
    pub fn new(settings: QueueSettings) -> Self {
        Self {
            settings,
            buffer: VecDeque::new(),
            since: Duration::ZERO,
            groups: HashSet::new(),
            under_way: 0,
            delete: Vec::new(),
            release: Vec::new(),
            batches: 0,
            is_closed: false,
        }
    }

    /// How many more messages may be received now. None while all invocations are under way: their visibility timeout would run.
    #[must_use]
    pub fn wants(&self) -> usize {
        match self.is_closed || self.under_way >= self.settings.maximum_concurrency {
            true => 0,
            false => self.settings.batch_size.saturating_sub(self.buffer.len()),
        }
    }

    /// Takes the next message.
    pub fn received(&mut self, now: Duration, message: M) {
        if self.buffer.is_empty() {
            self.since = now;
        }
        self.buffer.push_back(message);
    }

    /// A filter passes over this message: it is deleted.
    pub fn passed_over(&mut self, message: M) {
        self.delete.push(message);
    }

    /// No batch begins any more: what was received and not delivered is released.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.release.extend(self.buffer.drain(..));
    }

    /// What to do now. Ask again until there is nothing.
    pub fn next(&mut self, now: Duration) -> Option<QueueCommand<M>> {
        if !self.delete.is_empty() {
            return Some(QueueCommand::Delete(std::mem::take(&mut self.delete)));
        }
        if !self.release.is_empty() {
            return Some(QueueCommand::Release(std::mem::take(&mut self.release)));
        }
        if self.under_way >= self.settings.maximum_concurrency || !self.is_due(now) {
            return None;
        }
        let messages = self.take();
        if messages.is_empty() {
            return None;
        }
        self.since = now;
        self.under_way += 1;
        let mut batch = Batch::new(messages, Vec::new());
        batch.number = self.batches;
        self.batches += 1;
        Some(QueueCommand::Invoke(batch))
    }

    /// When [`next`](Queue::next) may have something to do that it does not have now.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        let is_free = self.under_way < self.settings.maximum_concurrency;
        (is_free && !self.buffer.is_empty()).then(|| self.since + self.settings.maximum_batching_window)
    }

    /// Whether there is neither a message nor a batch under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let nothing_to_do = self.delete.is_empty() && self.release.is_empty();
        self.buffer.is_empty() && self.under_way == 0 && nothing_to_do
    }

    /// Takes a batch back with the answer to it. What is done is deleted by the next command.
    pub fn answered(&mut self, batch: Batch<M>, answer: Answer<'_>) -> Settled {
        self.under_way -= 1;
        let failed = match answer {
            Answer::Reply(reply) if self.settings.report_batch_item_failures => {
                let identifiers = batch.records.iter().map(Record::identifier);
                failures(self.settings.answers, reply, identifiers)
            }
            Answer::Reply(_) => Failed::none(),
            Answer::FunctionError | Answer::Lost => Failed::All,
        };
        let mut settled = Settled::default();
        for (place, message) in batch.records.into_iter().enumerate() {
            let group = message.order_key().filter(|_| self.settings.is_fifo);
            if let Some(group) = group {
                self.groups.remove(group);
            }
            if failed.contains(place) {
                settled.again += 1;
                if let Some(group) = group {
                    self.give_way(group);
                }
            } else {
                settled.done += 1;
                self.delete.push(message);
            }
        }
        settled
    }

    /// The buffered messages of this group must not overtake the one that failed.
    fn give_way(&mut self, group: &str) {
        let (behind, rest): (Vec<M>, Vec<M>) =
            (self.buffer.drain(..)).partition(|message| message.order_key() == Some(group));
        self.buffer = rest.into();
        self.release.extend(behind);
    }

    fn is_due(&self, now: Duration) -> bool {
        let is_full = self.buffer.len() >= self.settings.batch_size;
        is_full || now >= self.since + self.settings.maximum_batching_window
    }

    /// The messages of the next batch. Those of a group wait while one of the group is under way.
    fn take(&mut self) -> Vec<M> {
        let (mut messages, mut bytes) = (Vec::new(), 0);
        let mut left = VecDeque::new();
        let mut groups = HashSet::new();
        while let Some(message) = self.buffer.pop_front() {
            let group = message.order_key().filter(|_| self.settings.is_fifo);
            let is_locked = group.is_some_and(|group| self.groups.contains(group));
            let fits = messages.is_empty() || bytes + message.size() <= LARGEST_PAYLOAD;
            if messages.len() == self.settings.batch_size || !fits {
                left.push_back(message);
                break;
            }
            if is_locked {
                left.push_back(message);
                continue;
            }
            groups.extend(group.map(str::to_owned));
            bytes += message.size();
            messages.push(message);
        }
        left.append(&mut self.buffer);
        self.buffer = left;
        self.groups.extend(groups);
        messages
    }
}

#[cfg(test)]
mod tests;
