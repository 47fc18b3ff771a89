//! A lane: records in order, one batch at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{StreamCommand, StreamSettings};
use crate::answer::{failures, state};
use crate::destination::Ending;
use crate::{Answer, Batch, Condition, Discarded, Failed, LARGEST_PAYLOAD, Record, Settled, WindowFrame};

struct Entry<R> {
    ordinal: u64,
    record: R,
}

/// The records of a shard, or of a part of it, in order. One batch is under way at a time.
pub struct Lane<R> {
    settings: Arc<StreamSettings>,
    number: usize,
    buffer: VecDeque<Entry<R>>,
    /// The bytes of the buffered records.
    buffered: usize,
    /// When the first of the buffered records came.
    since: Duration,
    /// Batches that come before the buffer, in order.
    waiting: VecDeque<Batch<R>>,
    /// The first ordinal of what the caller has.
    under_way: Option<u64>,
    batches: u64,
    window: Option<WindowFrame>,
    is_closed: bool,
}

impl<R: Record> Lane<R> {
    /// An empty lane.
    #[must_use]
    pub fn new(settings: StreamSettings) -> Self {
        Self::numbered(Arc::new(settings), 0)
    }

    pub(super) fn numbered(settings: Arc<StreamSettings>, number: usize) -> Self {
        Self {
            settings,
            number,
            buffer: VecDeque::new(),
            buffered: 0,
            since: Duration::ZERO,
            waiting: VecDeque::new(),
            under_way: None,
            batches: 0,
            window: None,
            is_closed: false,
        }
    }

    /// Takes the next record. `ordinal` grows with each.
    pub fn received(&mut self, now: Duration, ordinal: u64, record: R) {
        if self.buffer.is_empty() {
            self.since = now;
        }
        self.buffered += record.size();
        self.buffer.push_back(Entry { ordinal, record });
    }

    /// No more records will come: batches need not wait for them.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// What to do now.
    pub fn next(&mut self, now: Duration) -> Option<StreamCommand<R>> {
        if self.under_way.is_some() {
            return None;
        }
        if self.waiting.is_empty() {
            let batch = self.compose(now)?;
            self.waiting.push_back(batch);
        }
        if self.waiting.front()?.not_before > now {
            return None;
        }
        let mut batch = self.waiting.pop_front()?;
        // The end of a window has no records.
        self.under_way = Some(batch.ordinals.first().copied().unwrap_or(u64::MAX));
        match self.too_old(&mut batch, now) {
            Some(old) => {
                if !batch.records.is_empty() {
                    self.waiting.push_front(batch);
                }
                Some(StreamCommand::Discard(old))
            }
            None => {
                let is_final = batch.records.is_empty();
                let frame = |window: &WindowFrame| WindowFrame {
                    is_final,
                    ..window.clone()
                };
                batch.window = self.window.as_ref().map(frame);
                Some(StreamCommand::Invoke(batch))
            }
        }
    }

    /// When [`next`](Lane::next) may have something to do that it does not have now. Records and answers may be earlier.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        if self.under_way.is_some() {
            return None;
        }
        if let Some(batch) = self.waiting.front() {
            return Some(batch.not_before);
        }
        match self.buffer.is_empty() {
            false => Some(self.since + self.settings.maximum_batching_window),
            true => self.window.as_ref().map(WindowFrame::over_at),
        }
    }

    /// How many records wait to be delivered for the first time.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Whether the lane has neither records nor an open window.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.oldest().is_none() && self.window.is_none()
    }

    /// The ordinal of the first record that is neither done nor given up.
    pub(super) fn oldest(&self) -> Option<u64> {
        let waiting = self.waiting.front().and_then(|batch| batch.ordinals.first());
        let buffered = self.buffer.front().map(|entry| &entry.ordinal);
        let all = self.under_way.iter().chain(waiting).chain(buffered);
        all.min().copied().filter(|ordinal| *ordinal != u64::MAX)
    }

    /// Takes a batch back with the answer to it.
    pub fn answered(&mut self, now: Duration, mut batch: Batch<R>, answer: Answer<'_>) -> Settled {
        self.under_way = None;
        let (failed, ending) = self.read(&batch, answer);
        let count = batch.records.len();
        let done = failed.checkpoint(count);
        if answer == Answer::Lost {
            batch.not_before = now + StreamSettings::back_off(batch.failures);
            self.waiting.push_front(batch);
            return Settled {
                again: count,
                ..Settled::default()
            };
        }
        if count == 0 && failed != Failed::All {
            self.window = None;
            return Settled::default();
        }
        if count > 0 && done == count {
            return Settled {
                done,
                ..Settled::default()
            };
        }
        if done > 0 {
            let rest = batch.split_off(done);
            let rest = self.give_number(rest);
            self.waiting.push_front(rest);
            return Settled {
                done,
                again: count - done,
                ..Settled::default()
            };
        }
        batch.failures += 1;
        self.retry(now, batch, ending)
    }

    /// The records of this batch have left the stream: they do not come again.
    pub fn expired(&mut self, batch: &Batch<R>) {
        self.under_way = None;
        if batch.records.is_empty() {
            self.window = None;
        }
    }

    /// The destination has the record of what was given up.
    pub fn discarded(&mut self, _: &Discarded<R>) {
        self.under_way = None;
    }

    /// What has failed, and how. Takes the state of a window.
    fn read(&mut self, batch: &Batch<R>, answer: Answer<'_>) -> (Failed, Ending) {
        let reply = match answer {
            Answer::Reply(reply) => reply,
            Answer::FunctionError | Answer::Lost => return (Failed::All, Ending::FunctionError),
        };
        let state = self.window.is_some().then(|| state(reply));
        if state == Some(None) {
            return (Failed::All, Ending::Answered);
        }
        let failed = match self.settings.report_batch_item_failures {
            true => {
                let identifiers = batch.records.iter().map(Record::identifier);
                failures(self.settings.answers, reply, identifiers)
            }
            false => Failed::none(),
        };
        if let (Some(window), Some(Some(state)), Failed::Some(_)) = (&mut self.window, state, &failed) {
            window.state = state;
        }
        (failed, Ending::Answered)
    }

    fn retry(&mut self, now: Duration, mut batch: Batch<R>, ending: Ending) -> Settled {
        let count = batch.records.len();
        let half = count / 2;
        let again = Settled {
            again: count,
            ..Settled::default()
        };
        if self.settings.bisect_batch_on_function_error && half > 0 {
            let second = batch.split_off(half);
            let mut first = batch;
            first.failures = 0;
            let (first, second) = (self.give_number(first), self.give_number(second));
            self.waiting.push_front(second);
            self.waiting.push_front(first);
            return Settled {
                bisected: true,
                ..again
            };
        }
        let most = self.settings.maximum_retry_attempts;
        if most.is_none_or(|most| batch.failures <= most) {
            batch.not_before = now + StreamSettings::back_off(batch.failures);
            self.waiting.push_front(batch);
            return again;
        }
        if count == 0 {
            // Nobody takes the end of a window.
            self.window = None;
            return Settled::default();
        }
        batch.given_up = Some(ending);
        self.waiting.push_front(batch);
        Settled {
            discarded: count,
            ..Settled::default()
        }
    }

    fn give_number(&mut self, mut batch: Batch<R>) -> Batch<R> {
        batch.number = self.batches;
        batch.lane = self.number;
        self.batches += 1;
        batch
    }

    /// Takes what is not to be delivered out of the batch.
    fn too_old(&self, batch: &mut Batch<R>, now: Duration) -> Option<Discarded<R>> {
        if let Some(ending) = batch.given_up {
            return Some(Discarded {
                condition: Condition::RetryAttemptsExhausted,
                attempts: batch.failures,
                ending: Some(ending),
                ..Discarded::of(batch.lane, std::mem::take(&mut batch.records))
            });
        }
        let most = self.settings.maximum_record_age?;
        // Records are not delivered before they are sent, whatever the clock says.
        let now = batch.records.iter().map(Record::sent).fold(now, Duration::max);
        let is_old = |record: &R| now.saturating_sub(record.sent()) > most;
        if !batch.records.iter().any(is_old) {
            return None;
        }
        let (mut old, mut young, mut ordinals) = (Vec::new(), Vec::new(), Vec::new());
        for (record, ordinal) in batch.records.drain(..).zip(batch.ordinals.drain(..)) {
            if is_old(&record) {
                old.push(record);
            } else {
                young.push(record);
                ordinals.push(ordinal);
            }
        }
        (batch.records, batch.ordinals) = (young, ordinals);
        Some(Discarded {
            // The attempt counts that found them too old.
            attempts: batch.failures + 1,
            ..Discarded::of(batch.lane, old)
        })
    }

    /// The next batch, or the end of a window, if there is one now.
    fn compose(&mut self, now: Duration) -> Option<Batch<R>> {
        if self.is_window_over(now) {
            let end = Batch::new(Vec::new(), Vec::new());
            return Some(self.give_number(end));
        }
        let (count, is_full) = self.next_count();
        let is_due = is_full || self.is_closed || now >= self.since + self.settings.maximum_batching_window;
        if count == 0 || !is_due {
            return None;
        }
        let first = self.buffer.front()?.record.sent();
        if let (None, Some(length)) = (&self.window, self.settings.tumbling_window) {
            self.window = Some(WindowFrame::around(first, length));
        }
        let entries: Vec<Entry<R>> = self.buffer.drain(..count).collect();
        self.buffered -= entries.iter().map(|entry| entry.record.size()).sum::<usize>();
        self.since = now;
        let ordinals = entries.iter().map(|entry| entry.ordinal).collect();
        let records = entries.into_iter().map(|entry| entry.record).collect();
        Some(self.give_number(Batch::new(records, ordinals)))
    }

    fn is_window_over(&self, now: Duration) -> bool {
        let Some(window) = &self.window else {
            return false;
        };
        match self.buffer.front() {
            Some(entry) => window.is_before(entry.record.sent()),
            None => self.is_closed || now >= window.over_at(),
        }
    }

    /// How many of the buffered records are in the next batch, and whether no other can join them.
    fn next_count(&self) -> (usize, bool) {
        let settings = &*self.settings;
        let Some(first) = self.buffer.front() else {
            return (0, false);
        };
        if settings.tumbling_window.is_none() && self.buffered <= LARGEST_PAYLOAD {
            let count = self.buffer.len().min(settings.batch_size);
            return (count, count == settings.batch_size);
        }
        let around = |length| WindowFrame::around(first.record.sent(), length);
        let window = self.window.clone().or(settings.tumbling_window.map(around));
        let mut bytes = 0;
        let joins = |entry: &&Entry<R>| {
            bytes += entry.record.size();
            bytes <= LARGEST_PAYLOAD
                && window
                    .as_ref()
                    .is_none_or(|window| !window.is_before(entry.record.sent()))
        };
        let most = self.buffer.len().min(settings.batch_size);
        // A record that is too large for an event goes alone, and fails.
        let count = self.buffer.iter().take(most).take_while(joins).count().max(1);
        (count, count == settings.batch_size || count < self.buffer.len())
    }
}
