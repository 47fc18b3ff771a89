//! A shard: reads, delivers, keeps how far it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};
use event_source_mapping::destination::Mapped;
use event_source_mapping::filter::Filters;
use event_source_mapping::{
    Batch, Discarded, Record as _, Shard, StreamCommand, StreamSettings, WindowFrame,
};
use serde_json::{Value, json};
use switchboard_aws::Failure;
use switchboard_aws::poll::{ReadStart, ReadableStream, StreamPage, StreamRecord};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::output::{self, OutputFormat};
use super::checkpoints::Checkpoints;
use super::sink::FailureSink;
use super::tally::Tally;
use super::target::{LocalAnswer, LocalTarget};
use crate::Error;

/// How often an idle shard is read, as Lambda does it, and one that has more.
const IDLE: Duration = Duration::from_secs(1);
const BUSY: Duration = Duration::from_millis(200);

/// What all shards of a stream share.
pub(super) struct StreamPolling {
    pub(super) stream: ReadableStream,
    pub(super) settings: StreamSettings,
    pub(super) filters: Filters,
    pub(super) target: Arc<LocalTarget>,
    pub(super) checkpoints: Checkpoints,
    pub(super) sink: FailureSink,
    pub(super) format: OutputFormat,
    pub(super) exit_when_empty: bool,
}

/// How the polling of a shard ended.
pub(super) struct ShardEnd {
    pub(super) shard: String,
    /// Whether the shard is closed, and all its records are through.
    pub(super) is_over: bool,
    pub(super) tally: Tally,
}

/// What a task has done.
enum ShardNews {
    Read(Result<StreamPage, Failure>),
    Answered(Batch<StreamRecord>, Result<LocalAnswer, Error>),
}

/// The state of the polling of a shard.
pub(super) struct ShardDriver {
    polling: Arc<StreamPolling>,
    shard: String,
    start: ReadStart,
    engine: Shard<StreamRecord>,
    /// Where to read on; `None` at the end of the shard.
    iterator: Option<String>,
    /// The last record that was read.
    last_read: Option<String>,
    saved: Option<String>,
    next_read: Instant,
    is_reading: bool,
    is_newest: bool,
    tasks: JoinSet<ShardNews>,
    /// The last request of each lane.
    requests: HashMap<usize, String>,
    stop: watch::Receiver<bool>,
    tally: Tally,
}

impl ShardDriver {
    /// Begins to read a shard.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn open(
        polling: Arc<StreamPolling>,
        shard: String,
        start: ReadStart,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, Error> {
        let mut driver = Self {
            engine: Shard::new(polling.settings.clone()),
            polling,
            shard,
            start,
            iterator: None,
            last_read: None,
            saved: None,
            next_read: Instant::now(),
            is_reading: false,
            is_newest: false,
            tasks: JoinSet::new(),
            requests: HashMap::new(),
            stop,
            tally: Tally::default(),
        };
        driver.position().await?;
        driver.polling.checkpoints.note(&driver.shard, None)?;
        Ok(driver)
    }

    /// Asks for the position after the last record that was read, or for the start.
    async fn position(&mut self) -> Result<(), Error> {
        let start = match &self.last_read {
            Some(number) => ReadStart::After(number.clone()),
            None => self.start.clone(),
        };
        let asked = self.polling.stream.iterator(&self.shard, &start).await;
        let iterator = match asked {
            Err(failure) if is_trimmed(&failure) => {
                let shard = &self.shard;
                output::note(&format!(
                    "shard {shard}: records expired before they were read; going on with the oldest one"
                ));
                self.polling
                    .stream
                    .iterator(shard, &ReadStart::TrimHorizon)
                    .await?
            }
            asked => asked?,
        };
        self.iterator = Some(iterator);
        Ok(())
    }

    /// Polls until it is told to stop, the shard is over, or nothing is left if that is wanted.
    ///
    /// # Errors
    /// If the shard cannot be read, the function not be invoked, or a checkpoint or a record of failures not be kept.
    pub(super) async fn run(mut self) -> Result<ShardEnd, Error> {
        let mut broken = None;
        loop {
            let is_ending = *self.stop.borrow() || broken.is_some();
            if !is_ending && let Err(error) = self.carry_out().await {
                broken = Some(error);
                continue;
            }
            if let Err(error) = self.save() {
                broken = broken.or(Some(error));
            }
            if self.tasks.is_empty() && (is_ending || self.has_nothing_left()) {
                break;
            }
            if !is_ending {
                self.read();
            }
            if let Err(error) = self.wait(is_ending).await {
                broken = broken.or(Some(error));
            }
        }
        match broken {
            Some(error) => Err(error),
            None => Ok(ShardEnd {
                is_over: self.iterator.is_none() && self.engine.is_idle(),
                shard: self.shard,
                tally: self.tally,
            }),
        }
    }

    fn has_nothing_left(&self) -> bool {
        let is_at_end = self.iterator.is_none() || (self.polling.exit_when_empty && self.is_newest);
        is_at_end && self.engine.is_idle()
    }

    async fn wait(&mut self, is_ending: bool) -> Result<(), Error> {
        let wake = self
            .engine
            .wake_at()
            .map(|wake| Instant::now() + wake.saturating_sub(now()));
        let may_read = !self.is_reading && self.iterator.is_some() && self.engine.wants() > 0;
        let read = may_read.then_some(self.next_read);
        let next = wake.into_iter().chain(read).min().filter(|_| !is_ending);
        tokio::select! {
            Some(news) = self.tasks.join_next() => match news {
                Ok(news) => self.hear(news).await,
                Err(error) => Err(Error::other(format!("a task failed: {error}"))),
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => Ok(()),
            _ = self.stop.changed(), if !is_ending => Ok(()),
        }
    }

    /// Carries out what the engine wants.
    async fn carry_out(&mut self) -> Result<(), Error> {
        while let Some(command) = self.engine.next(now()) {
            match command {
                StreamCommand::Invoke(batch) => {
                    let event = self.event(&batch.records, batch.window.as_ref());
                    let target = Arc::clone(&self.polling.target);
                    self.tasks.spawn(async move {
                        let answer = target.invoke(&event).await;
                        ShardNews::Answered(batch, answer)
                    });
                }
                StreamCommand::Discard(discarded) => {
                    self.give_up(&discarded).await?;
                    self.engine.discarded(&discarded);
                }
            }
        }
        Ok(())
    }

    async fn give_up(&mut self, discarded: &Discarded<StreamRecord>) -> Result<(), Error> {
        let polling = &self.polling;
        let mapped = Mapped {
            kind: polling.stream.kind(),
            stream_arn: &polling.stream.arn.to_string(),
            shard: &self.shard,
            function_arn: &polling.target.arn(),
            request_id: self.requests.get(&discarded.lane()).map_or("", String::as_str),
        };
        let payload = polling
            .sink
            .takes_payload()
            .then(|| self.event(&discarded.records, None));
        let record = discarded.record(&mapped, now(), payload);
        polling.sink.send(&record).await?;
        if discarded.ending.is_none() {
            // These were not part of a batch that is counted.
            self.tally.discarded += discarded.records.len();
            output::note(&format!(
                "shard {}: {} records are too old",
                self.shard,
                discarded.records.len()
            ));
        }
        Ok(())
    }

    /// Starts to read, if there is time and room.
    fn read(&mut self) {
        let wanted = self.engine.wants();
        let Some(iterator) = self.iterator.clone().filter(|_| !self.is_reading && wanted > 0) else {
            return;
        };
        if self.next_read > Instant::now() {
            return;
        }
        self.is_reading = true;
        let (polling, shard) = (Arc::clone(&self.polling), self.shard.clone());
        self.tasks
            .spawn(async move { ShardNews::Read(polling.stream.read(&shard, &iterator, wanted).await) });
    }

    async fn hear(&mut self, news: ShardNews) -> Result<(), Error> {
        match news {
            ShardNews::Read(Ok(page)) => {
                self.is_reading = false;
                self.take(page);
                Ok(())
            }
            ShardNews::Read(Err(failure)) => {
                self.is_reading = false;
                self.next_read = Instant::now() + IDLE;
                match failure.code() {
                    // Somebody else reads, too.
                    Some("ProvisionedThroughputExceededException" | "LimitExceededException") => Ok(()),
                    Some("ExpiredIteratorException") => self.position().await,
                    _ if is_trimmed(&failure) => self.position().await,
                    _ => Err(failure.into()),
                }
            }
            ShardNews::Answered(batch, Ok(answer)) => {
                self.requests.insert(batch.lane(), answer.request_id.clone());
                let settled = self.engine.answered(now(), batch, answer.answer());
                let source = format!("{} {}", self.polling.stream.name, self.shard);
                let wait = self
                    .engine
                    .wake_at()
                    .map_or(0, |wake| wake.saturating_sub(now()).as_secs());
                let again = if wait == 0 {
                    "now".to_owned()
                } else {
                    format!("in {wait} s")
                };
                self.tally.batch(self.polling.format, &source, settled, &again);
                Ok(())
            }
            ShardNews::Answered(batch, Err(error)) => {
                self.engine
                    .answered(now(), batch, event_source_mapping::Answer::Lost);
                Err(error)
            }
        }
    }

    fn take(&mut self, page: StreamPage) {
        let pause = if page.records.is_empty() { IDLE } else { BUSY };
        self.next_read = Instant::now() + pause;
        self.is_newest = page.is_newest;
        self.iterator = page.next;
        for record in page.records {
            self.last_read = Some(record.identifier().to_owned());
            let passes = self.polling.filters.is_empty() || {
                let (shown, content) = record.filtered();
                self.polling.filters.pass(shown, content)
            };
            match passes {
                true => self.engine.received(now(), record),
                false => {
                    self.tally.filtered += 1;
                    self.engine.passed_over(record.identifier());
                }
            }
        }
        if self.iterator.is_none() {
            self.engine.close();
        }
    }

    fn save(&mut self) -> Result<(), Error> {
        let checkpoint = self.engine.checkpoint();
        if checkpoint != self.saved.as_deref() {
            self.polling.checkpoints.note(&self.shard, checkpoint)?;
            self.saved = checkpoint.map(str::to_owned);
        }
        Ok(())
    }

    /// The event of these records.
    fn event(&self, records: &[StreamRecord], window: Option<&WindowFrame>) -> Value {
        let records: Vec<&Value> = records.iter().map(|record| &record.record).collect();
        let mut event = json!({"Records": records});
        if let Some(window) = window {
            event["window"] = json!({"start": time(window.start), "end": time(window.end)});
            event["state"] = window.state.clone();
            event["shardId"] = self.shard.as_str().into();
            event["eventSourceARN"] = self.polling.stream.arn.to_string().into();
            event["isFinalInvokeForWindow"] = window.is_final.into();
            event["isWindowTerminatedEarly"] = false.into();
        }
        event
    }
}

/// Whether the position is before the oldest record.
fn is_trimmed(failure: &Failure) -> bool {
    failure.code() == Some("TrimmedDataAccessException")
}

/// The time since the Unix epoch.
pub(in crate::cli) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn time(since_epoch: Duration) -> String {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
