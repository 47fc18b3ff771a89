//! A queue: receives, delivers, deletes what is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_source_mapping::filter::Filters;
use event_source_mapping::{Batch, Queue, QueueCommand, QueueSettings};
use serde_json::{Value, json};
use switchboard_aws::Failure;
use switchboard_aws::poll::{MessageQueue, QueueMessage};
use tokio::task::JoinSet;

use super::super::output::{self, OutputFormat};
use super::super::signals::Stop;
use super::tally::Tally;
use super::target::{LocalAnswer, LocalTarget};
use crate::Error;

/// How long a call waits for the first message, and so the longest time until Ctrl-C ends the command while the queue is empty.
const WAIT: Duration = Duration::from_secs(2);

/// What Lambda adds to the batching window and the function's timeout, if the queue's visibility timeout is shorter than these.
const MARGIN: Duration = Duration::from_secs(30);

/// With `--exit-when-empty`, how many calls in a row find nothing.
const EMPTY_CALLS: u32 = 2;

/// A queue that is polled.
pub(super) struct QueuePolling {
    pub(super) queue: MessageQueue,
    pub(super) filters: Filters,
    pub(super) target: Arc<LocalTarget>,
    pub(super) format: OutputFormat,
    pub(super) exit_when_empty: bool,
}

/// What a task has done.
enum QueueNews {
    Received(Result<Vec<QueueMessage>, Failure>),
    Answered(Batch<QueueMessage>, Result<LocalAnswer, Error>),
}

/// The state of the polling.
struct QueueDriver {
    polling: QueuePolling,
    engine: Queue<QueueMessage>,
    visibility: Duration,
    started: Instant,
    tasks: JoinSet<QueueNews>,
    is_receiving: bool,
    is_ending: bool,
    empty_calls: u32,
    tally: Tally,
    broken: Option<Error>,
}

impl QueuePolling {
    /// Polls until it is told to stop, or until the queue is empty if that is wanted.
    ///
    /// # Errors
    /// If the queue cannot be read, or the function cannot be invoked.
    pub(super) async fn poll(self, settings: QueueSettings, stop: &mut Stop) -> Result<Tally, Error> {
        let needed = settings.maximum_batching_window + self.target.timeout();
        let visibility = match self.queue.visibility() {
            visibility if visibility < needed => needed + MARGIN,
            visibility => visibility,
        };
        let mut driver = QueueDriver {
            polling: self,
            engine: Queue::new(settings),
            visibility,
            started: Instant::now(),
            tasks: JoinSet::new(),
            is_receiving: false,
            is_ending: false,
            empty_calls: 0,
            tally: Tally::default(),
            broken: None,
        };
        driver.run(stop).await?;
        driver.broken.map_or(Ok(driver.tally), Err)
    }
}

impl QueueDriver {
    async fn run(&mut self, stop: &mut Stop) -> Result<(), Error> {
        loop {
            self.carry_out().await;
            self.receive();
            if self.tasks.is_empty() && self.is_ending {
                return Ok(());
            }
            let now = self.started.elapsed();
            let wake = self.engine.wake_at().filter(|wake| *wake > now);
            tokio::select! {
                Some(news) = self.tasks.join_next() => match news {
                    Ok(news) => self.hear(news),
                    Err(error) => self.end(Some(Error::other(format!("a task failed: {error}")))),
                },
                () = tokio::time::sleep(wake.unwrap_or_default().saturating_sub(now)), if wake.is_some() => {}
                () = stop.asked() => match self.is_ending {
                    true => return Ok(()),
                    false => {
                        output::note("ending after the invocations under way; Ctrl-C again ends at once");
                        self.end(None);
                    }
                },
            }
        }
    }

    /// No batch begins any more.
    fn end(&mut self, broken: Option<Error>) {
        self.broken = self.broken.take().or(broken);
        self.is_ending = true;
        self.engine.close();
    }

    /// Carries out what the engine wants. What cannot be deleted or released comes again by itself.
    async fn carry_out(&mut self) {
        while let Some(command) = self.engine.next(self.started.elapsed()) {
            let queue = &self.polling.queue;
            let done = match command {
                QueueCommand::Invoke(batch) => {
                    let target = Arc::clone(&self.polling.target);
                    self.tasks.spawn(async move {
                        let answer = target.invoke(&event(&batch.records)).await;
                        QueueNews::Answered(batch, answer)
                    });
                    continue;
                }
                QueueCommand::Delete(messages) => queue.delete(&messages).await,
                QueueCommand::Release(messages) => queue.release(&messages, Duration::ZERO).await,
            };
            if let Err(failure) = done {
                self.end(Some(failure.into()));
            }
        }
    }

    fn receive(&mut self) {
        let wanted = self.engine.wants();
        if self.is_receiving || self.is_ending || wanted == 0 {
            return;
        }
        self.is_receiving = true;
        let (queue, visibility) = (self.polling.queue.clone(), self.visibility);
        self.tasks
            .spawn(async move { QueueNews::Received(queue.receive(wanted, WAIT, visibility).await) });
    }

    fn hear(&mut self, news: QueueNews) {
        match news {
            QueueNews::Received(Ok(messages)) => self.take(messages),
            QueueNews::Received(Err(failure)) => self.end(Some(failure.into())),
            QueueNews::Answered(batch, Ok(answer)) => {
                let settled = self.engine.answered(batch, answer.answer());
                let again = format!("within {} s", self.visibility.as_secs());
                let source = format!("queue {}", self.polling.queue.name());
                self.tally.batch(self.polling.format, &source, settled, &again);
            }
            QueueNews::Answered(batch, Err(error)) => {
                self.engine.answered(batch, event_source_mapping::Answer::Lost);
                self.end(Some(error));
            }
        }
    }

    fn take(&mut self, messages: Vec<QueueMessage>) {
        self.is_receiving = false;
        self.empty_calls = if messages.is_empty() {
            self.empty_calls + 1
        } else {
            0
        };
        let now = self.started.elapsed();
        for message in messages {
            let body = Some(("body", message.body().as_bytes()));
            let passes =
                self.polling.filters.is_empty() || self.polling.filters.pass(message.record.clone(), body);
            match passes {
                true => self.engine.received(now, message),
                false => {
                    self.tally.filtered += 1;
                    self.engine.passed_over(message);
                }
            }
        }
        if self.is_ending {
            // They came after the end was asked for.
            self.engine.close();
        }
        let is_empty = self.empty_calls >= EMPTY_CALLS && self.engine.is_idle();
        if self.polling.exit_when_empty && is_empty {
            self.end(None);
        }
    }
}

/// The event of these messages.
pub(super) fn event(messages: &[QueueMessage]) -> Value {
    let records: Vec<&Value> = messages.iter().map(|message| &message.record).collect();
    json!({"Records": records})
}
