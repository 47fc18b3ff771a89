//! The shards of a stream: parents before their children.

use std::collections::HashSet;
use std::sync::Arc;

use switchboard_aws::poll::{ReadStart, StreamShard};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::super::output;
use super::super::signals::Stop;
use super::stream::{ShardDriver, ShardEnd, StreamPolling};
use super::tally::Tally;
use crate::Error;
use event_source_mapping::destination::StreamKind;

/// How often the shards are listed while none is open.
const LISTS: std::time::Duration = std::time::Duration::from_secs(1);

/// The shards of a stream that is polled.
struct Shards {
    polling: Arc<StreamPolling>,
    start: ReadStart,
    started: HashSet<String>,
    over: HashSet<String>,
    running: JoinSet<Result<ShardEnd, Error>>,
    stop: watch::Sender<bool>,
    tally: Tally,
    is_first: bool,
}

impl StreamPolling {
    /// Polls all shards until it is told to stop, or until nothing is left if that is wanted.
    ///
    /// # Errors
    /// If the stream cannot be read, the function not be invoked, or a checkpoint or a record of failures not be kept.
    pub(super) async fn poll(self, start: ReadStart, stop: &mut Stop) -> Result<Tally, Error> {
        let mut shards = Shards {
            polling: Arc::new(self),
            start,
            started: HashSet::new(),
            over: HashSet::new(),
            running: JoinSet::new(),
            stop: watch::Sender::new(false),
            tally: Tally::default(),
            is_first: true,
        };
        shards.run(stop).await?;
        Ok(shards.tally)
    }
}

impl Shards {
    async fn run(&mut self, stop: &mut Stop) -> Result<(), Error> {
        let mut broken = None;
        self.begin().await?;
        loop {
            let is_ending = *self.stop.borrow() || broken.is_some();
            if self.running.is_empty() && (is_ending || self.polling.exit_when_empty) {
                return broken.map_or(Ok(()), Err);
            }
            tokio::select! {
                Some(ended) = self.running.join_next() => {
                    let ended = ended.map_err(|e| Error::other(format!("a shard failed: {e}"))).and_then(|ended| ended);
                    let heard = match ended {
                        Ok(end) => self.hear(end, is_ending).await,
                        Err(error) => Err(error),
                    };
                    if let Err(error) = heard {
                        broken = broken.or(Some(error));
                        self.stop.send_replace(true);
                    }
                }
                () = tokio::time::sleep(LISTS), if self.running.is_empty() => {
                    if let Err(error) = self.begin().await {
                        broken = Some(error);
                    }
                }
                () = stop.asked() => {
                    if is_ending {
                        return Ok(());
                    }
                    output::note("ending after the invocations under way; Ctrl-C again ends at once");
                    self.stop.send_replace(true);
                }
            }
        }
    }

    async fn hear(&mut self, end: ShardEnd, is_ending: bool) -> Result<(), Error> {
        self.tally += end.tally;
        if end.is_over {
            self.over.insert(end.shard);
            if !is_ending {
                return self.begin().await;
            }
        }
        Ok(())
    }

    /// Begins to read the shards whose parents are through.
    async fn begin(&mut self) -> Result<(), Error> {
        let polling = Arc::clone(&self.polling);
        let shards = polling.stream.shards().await?;
        let has_times = polling.stream.kind() == StreamKind::Kinesis;
        let is_first = std::mem::take(&mut self.is_first);
        let mut begun = true;
        while std::mem::take(&mut begun) {
            for shard in &shards {
                if self.started.contains(&shard.id) || self.waits_for_parents(shard, &shards) {
                    continue;
                }
                begun = true;
                self.started.insert(shard.id.clone());
                // What is not there at the first look came after the start.
                let given = if is_first {
                    &self.start
                } else {
                    &ReadStart::TrimHorizon
                };
                match polling
                    .checkpoints
                    .start(&shard.id, given, shard.is_closed, has_times)
                {
                    None => {
                        self.over.insert(shard.id.clone());
                    }
                    Some(start) => {
                        let stop = self.stop.subscribe();
                        let driver =
                            ShardDriver::open(Arc::clone(&polling), shard.id.clone(), start, stop).await?;
                        self.running.spawn(driver.run());
                    }
                }
            }
        }
        Ok(())
    }

    fn waits_for_parents(&self, shard: &StreamShard, all: &[StreamShard]) -> bool {
        let is_there = |id: &String| all.iter().any(|other| other.id == *id);
        shard
            .parents
            .iter()
            .any(|parent| is_there(parent) && !self.over.contains(parent))
    }
}
