//! Collects records for one subscriber, and sends them in batches.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::destination::{Destination, Sender};
use super::subscription::Buffering;
use crate::sync::{AbortOnDrop, lock};

/// How many batches may wait while one is sent. What comes beyond that is dropped.
const BATCHES: usize = 16;
/// The pause after a listener has not taken a batch. It doubles each time.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The records that wait for one subscriber.
pub(super) struct RecordBuffer {
    shared: Arc<SharedBuffer>,
    _task: AbortOnDrop,
}

struct SharedBuffer {
    limits: Buffering,
    state: Mutex<BufferState>,
    changed: Notify,
    /// Whether everything has been sent.
    idle: watch::Sender<bool>,
    /// The record that says how many were dropped.
    note: Box<dyn Fn(Dropped) -> Option<String> + Send + Sync>,
}

#[derive(Default)]
struct BufferState {
    records: VecDeque<String>,
    bytes: usize,
    /// When the oldest record came.
    since: Option<Instant>,
    dropped: Dropped,
    /// Whether to send without waiting for more.
    is_urgent: bool,
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Dropped {
    pub(super) records: usize,
    pub(super) bytes: usize,
}

impl RecordBuffer {
    /// `note` makes the record that says how many were dropped.
    pub(super) fn new(
        limits: Buffering,
        destination: Destination,
        note: impl Fn(Dropped) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(SharedBuffer {
            limits,
            state: Mutex::default(),
            changed: Notify::new(),
            idle: watch::Sender::new(true),
            note: Box::new(note),
        });
        let sending = Arc::clone(&shared);
        let task = AbortOnDrop::spawn(async move { sending.send(Sender::new(destination)).await });
        Self { shared, _task: task }
    }

    pub(super) fn push(&self, record: String) {
        lock(&self.shared.state).push(record, self.shared.limits);
        self.shared.idle.send_replace(false);
        self.shared.changed.notify_one();
    }

    /// Sends what is there, and waits until the listener has taken it.
    pub(super) async fn flush(&self) {
        lock(&self.shared.state).is_urgent = true;
        self.shared.changed.notify_one();
        // Cannot fail: this holds the sender.
        let _ = self.shared.idle.subscribe().wait_for(|idle| *idle).await;
    }
}

impl SharedBuffer {
    async fn send(&self, mut sender: Sender) {
        loop {
            self.due().await;
            let batch = lock(&self.state).take(self.limits);
            let mut pause = PAUSE;
            while !sender.send(&batch).await {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            let mut state = lock(&self.state);
            let dropped = std::mem::take(&mut state.dropped);
            if let Some(note) = (dropped.records > 0).then(|| (self.note)(dropped)).flatten() {
                state.push(note, self.limits);
            }
        }
    }

    /// Waits until there is a batch to send.
    async fn due(&self) {
        loop {
            let wait = {
                let mut state = lock(&self.state);
                let wait = state.wait(self.limits);
                if state.records.is_empty() {
                    state.is_urgent = false;
                    self.idle.send_replace(true);
                }
                wait
            };
            match wait {
                Wait::No => return,
                Wait::Until(due) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = sleep_until(due) => return,
                },
                Wait::ForRecords => self.changed.notified().await,
            }
        }
    }
}

/// What to wait for before a batch is sent.
enum Wait {
    No,
    Until(Instant),
    ForRecords,
}

impl BufferState {
    fn push(&mut self, record: String, limits: Buffering) {
        let is_full = self.bytes + record.len() > BATCHES * limits.bytes
            || self.records.len() >= BATCHES * limits.items;
        if is_full && !self.records.is_empty() {
            self.dropped.records += 1;
            self.dropped.bytes += record.len();
            return;
        }
        self.bytes += record.len();
        self.since.get_or_insert_with(Instant::now);
        self.records.push_back(record);
    }

    fn wait(&self, limits: Buffering) -> Wait {
        match self.since {
            None => Wait::ForRecords,
            Some(_) if self.is_urgent => Wait::No,
            Some(_) if self.bytes >= limits.bytes || self.records.len() >= limits.items => Wait::No,
            Some(since) => Wait::Until(since + limits.timeout),
        }
    }

    /// The next batch, within the limits. A record over the limit is a batch of its own.
    fn take(&mut self, limits: Buffering) -> Vec<String> {
        let mut batch = Vec::new();
        let mut size = 0;
        while let Some(record) = self.records.front() {
            size += record.len();
            if !batch.is_empty() && (size > limits.bytes || batch.len() == limits.items) {
                break;
            }
            batch.extend(self.records.pop_front());
        }
        self.bytes = self.records.iter().map(String::len).sum();
        self.since = (!self.records.is_empty()).then(Instant::now);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Buffering = Buffering {
        items: 3,
        bytes: 10,
        timeout: Duration::from_millis(100),
    };

    #[tokio::test(start_paused = true)]
    async fn a_batch_is_sent_when_it_is_full_or_old_enough_or_wanted() {
        let mut state = BufferState::default();
        assert!(matches!(state.wait(LIMITS), Wait::ForRecords));
        state.push("1".to_owned(), LIMITS);
        let begun = Instant::now();
        assert!(matches!(state.wait(LIMITS), Wait::Until(due) if due == begun + LIMITS.timeout));
        state.is_urgent = true;
        assert!(matches!(state.wait(LIMITS), Wait::No));
        state.is_urgent = false;
        state.push("2".to_owned(), LIMITS);
        state.push("3".to_owned(), LIMITS);
        assert!(matches!(state.wait(LIMITS), Wait::No));
        assert_eq!(state.take(LIMITS), ["1", "2", "3"]);
        state.push("0123456789".to_owned(), LIMITS);
        assert!(matches!(state.wait(LIMITS), Wait::No));
    }

    #[test]
    fn a_batch_is_within_its_limits_and_the_rest_stays() {
        let mut state = BufferState::default();
        for record in [
            "large record, a batch of its own",
            "1",
            "2",
            "3",
            "4",
            "12345678",
            "12345678",
        ] {
            state.records.push_back(record.to_owned());
        }
        assert_eq!(state.take(LIMITS), ["large record, a batch of its own"]);
        assert_eq!(state.take(LIMITS), ["1", "2", "3"]);
        assert_eq!(state.take(LIMITS), ["4", "12345678"]);
        assert_eq!(state.take(LIMITS), ["12345678"]);
        assert!(state.take(LIMITS).is_empty() && state.since.is_none() && state.bytes == 0);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let mut state = BufferState::default();
        for _ in 0..60 {
            state.push("1".to_owned(), LIMITS);
        }
        assert_eq!(state.records.len(), BATCHES * LIMITS.items);
        let dropped = Dropped {
            records: 12,
            bytes: 12,
        };
        assert_eq!(state.dropped, dropped);
    }
}
