//! Keeps the latest invocations.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use lambda_sandbox::{Finished, FunctionError};
use switchboard::source::{Source, detect};
use tokio::sync::watch;

use super::batch::BatchOutcome;
use super::deliveries::Deliveries;
use crate::deliver::{Verdict, judge_reply, one_line};
use crate::recording::EventRecording;
use crate::sync::lock;

/// The most bytes of payloads, replies and log lines that are kept, however many invocations those are.
const MOST_BYTES: usize = 256 << 20;

/// A finished invocation.
pub(super) struct RecordedInvocation {
    /// Its number in this run, from 1 on.
    pub(super) id: u64,
    /// When it ended.
    pub(super) ended: SystemTime,
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    pub(super) result: Result<Bytes, FunctionError>,
    pub(super) duration: Duration,
    pub(super) init: Option<Duration>,
    pub(super) environment: u32,
    pub(super) peak_memory: Option<u64>,
    pub(super) lines: Vec<String>,
    judged: OnceLock<JudgedInvocation>,
}

/// What its event, its reply and its log lines say.
pub(super) struct JudgedInvocation {
    pub(super) source: Source,
    pub(super) verdict: Verdict,
    batch: BatchOutcome,
}

impl RecordedInvocation {
    /// What it is and how it went, looked at once.
    pub(super) fn judged(&self) -> &JudgedInvocation {
        self.judged.get_or_init(|| {
            let source = detect(&self.payload).source;
            let batch = BatchOutcome::of(source, &self.payload, &self.result, &self.lines);
            let records = Some(batch.records.len()).filter(|count| *count > 0);
            let verdict = match &self.result {
                Ok(reply) => judge_reply(source, records, reply),
                Err(error) => Verdict::Failed(format!("error {}", one_line(&error.to_string()))),
            };
            JudgedInvocation {
                source,
                verdict,
                batch,
            }
        })
    }

    /// What became of its records.
    pub(super) fn batch(&self) -> &BatchOutcome {
        &self.judged().batch
    }

    fn bytes(&self) -> usize {
        let reply = self
            .result
            .as_ref()
            .map_or_else(|error| error.payload.len(), Bytes::len);
        let lines: usize = self.lines.iter().map(String::len).sum();
        self.payload.len() + reply + lines
    }
}

/// Keeps the latest invocations of a function, and says when there is a new one.
pub(crate) struct Recorder {
    keep: usize,
    kept: Mutex<KeptInvocations>,
    /// The number of the latest invocation.
    newest: watch::Sender<u64>,
    is_paused: AtomicBool,
    recording: Option<EventRecording>,
    /// By which a page notices that it looks at another run.
    pub(super) run: String,
    pub(super) deliveries: Mutex<Deliveries>,
}

#[derive(Default)]
struct KeptInvocations {
    invocations: VecDeque<Arc<RecordedInvocation>>,
    bytes: usize,
    newest: u64,
}

impl Recorder {
    /// Keeps this many.
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            keep,
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
            is_paused: AtomicBool::new(false),
            recording: None,
            run: uuid::Uuid::new_v4().simple().to_string(),
            deliveries: Mutex::default(),
        }
    }

    pub(super) fn keep(&self) -> usize {
        self.keep
    }

    /// Also writes each event to a file.
    pub(crate) fn recording(mut self, recording: Option<EventRecording>) -> Self {
        self.recording = recording;
        self
    }

    /// Leaves out invocations that nobody asked for.
    pub(crate) fn pause(&self, is_paused: bool) {
        self.is_paused.store(is_paused, Ordering::Relaxed);
    }

    /// Keeps an invocation, and forgets the oldest ones beyond the limits.
    /// Returns whether writing events to a file has just failed.
    pub(crate) fn record(&self, finished: &Finished<'_>) -> bool {
        if self.is_paused.load(Ordering::Relaxed) {
            return false;
        }
        let outcome = finished.outcome;
        let recording = self.recording.as_ref();
        let has_failed = recording.is_some_and(|file| file.add(&outcome.request_id, finished.payload));
        if self.keep == 0 {
            return has_failed;
        }
        let mut kept = lock(&self.kept);
        kept.newest += 1;
        let invocation = RecordedInvocation {
            id: kept.newest,
            ended: SystemTime::now(),
            request_id: outcome.request_id.clone(),
            payload: finished.payload.clone(),
            result: outcome.result.clone(),
            duration: outcome.duration,
            init: finished.init_duration,
            environment: finished.environment,
            peak_memory: finished.peak_memory,
            lines: outcome.logs.clone(),
            judged: OnceLock::new(),
        };
        let id = invocation.id;
        kept.push(invocation, self.keep);
        drop(kept);
        self.newest.send_replace(id);
        has_failed
    }

    /// Learns of new invocations.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// An invocation that is still kept.
    pub(super) fn get(&self, id: u64) -> Option<Arc<RecordedInvocation>> {
        let kept = lock(&self.kept);
        let first = kept.invocations.front()?.id;
        let index = usize::try_from(id.checked_sub(first)?).ok()?;
        kept.invocations.get(index).cloned()
    }

    /// The kept invocations with higher numbers than this, the oldest first, at most this many.
    pub(super) fn after(&self, id: u64, limit: usize) -> Vec<Arc<RecordedInvocation>> {
        let kept = lock(&self.kept);
        let first = kept.invocations.front().map_or(0, |first| first.id);
        let skipped = usize::try_from((id + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        kept.invocations
            .iter()
            .skip(skipped)
            .take(limit)
            .cloned()
            .collect()
    }

    /// All that are kept, the oldest first.
    pub(super) fn all(&self) -> Vec<Arc<RecordedInvocation>> {
        self.after(0, usize::MAX)
    }
}

impl KeptInvocations {
    fn push(&mut self, invocation: RecordedInvocation, keep: usize) {
        self.bytes += invocation.bytes();
        self.invocations.push_back(Arc::new(invocation));
        while self.invocations.len() > keep || (self.bytes > MOST_BYTES && self.invocations.len() > 1) {
            let Some(oldest) = self.invocations.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    impl Recorder {
        /// Records an invocation that ended like this.
        pub(in super::super) fn note(
            &self,
            payload: impl Into<Bytes>,
            result: Result<&str, FunctionError>,
            lines: &[&str],
        ) -> u64 {
            let mut kept = lock(&self.kept);
            kept.newest += 1;
            let id = kept.newest;
            let invocation = RecordedInvocation {
                id,
                ended: SystemTime::UNIX_EPOCH + Duration::from_secs(id),
                request_id: format!("request-{id}"),
                payload: payload.into(),
                result: result.map(|reply| Bytes::from(reply.to_owned())),
                duration: Duration::from_millis(id),
                init: (id == 1).then_some(Duration::from_millis(20)),
                environment: 1,
                peak_memory: Some(10 << 20),
                lines: lines.iter().map(|line| (*line).to_owned()).collect(),
                judged: OnceLock::new(),
            };
            kept.push(invocation, self.keep);
            self.newest.send_replace(id);
            id
        }
    }

    fn ids(invocations: &[Arc<RecordedInvocation>]) -> Vec<u64> {
        invocations.iter().map(|invocation| invocation.id).collect()
    }

    #[test]
    fn only_the_latest_are_kept() {
        let recorder = Recorder::new(3);
        for _ in 0..5 {
            recorder.note("{}", Ok("null"), &[]);
        }
        assert_eq!(ids(&recorder.all()), [3, 4, 5]);
        assert!(recorder.get(2).is_none() && recorder.get(6).is_none());
        assert_eq!(recorder.get(4).unwrap().request_id, "request-4");
        assert_eq!(ids(&recorder.after(3, 10)), [4, 5]);
        assert_eq!(ids(&recorder.after(1, 2)), [3, 4]);
        assert!(recorder.after(5, 10).is_empty());
    }

    #[test]
    fn large_invocations_are_bounded_by_their_bytes() {
        let recorder = Recorder::new(1000);
        let large = Bytes::from(vec![b' '; MOST_BYTES / 3 - 100]);
        for _ in 0..4 {
            recorder.note(large.clone(), Ok("null"), &[]);
        }
        assert_eq!(ids(&recorder.all()), [2, 3, 4]);
        recorder.note(vec![b' '; MOST_BYTES + 1], Ok("null"), &[]);
        assert_eq!(ids(&recorder.all()), [5]);
    }
}
