//! The settings of a simulation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::source::{Source, SourceKind};
use crate::Error;

/// The most environments that AWS allows for a shard.
const MOST_ENVIRONMENTS: usize = 10;

/// So many retries are made, and may be made at most.
pub(super) const MOST_RETRIES: u32 = 2;

type Progress = Arc<dyn Fn(usize) + Send + Sync>;

/// Deliveries to be played against a function.
///
/// A rate is the share, between 0 and 1, of records whose first delivery is told to fail that way; their second one is
/// again, with the same share. No rate is set at first.
#[derive(Clone)]
pub struct Simulation {
    pub(super) source: Source,
    pub(super) seed: u64,
    pub(super) records: usize,
    pub(super) batch_size: usize,
    pub(super) fail_rate: f64,
    pub(super) crash_rate: f64,
    pub(super) timeout_rate: f64,
    pub(super) reject_rate: f64,
    pub(super) duplicate_rate: f64,
    pub(super) max_retries: Option<u32>,
    pub(super) max_age: Option<Duration>,
    pub(super) bisect: bool,
    pub(super) parallelization_factor: usize,
    pub(super) timeout: Duration,
    pub(super) progress: Option<Progress>,
}

impl Simulation {
    /// A simulation of 100 records without faults, with seed 1 and a function timeout of 500 ms. A batch has 10 records,
    /// an asynchronous event one.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            source,
            seed: 1,
            records: 100,
            batch_size: source.usual_batch_size(),
            fail_rate: 0.0,
            crash_rate: 0.0,
            timeout_rate: 0.0,
            reject_rate: 0.0,
            duplicate_rate: 0.0,
            max_retries: None,
            max_age: None,
            bisect: false,
            parallelization_factor: 1,
            timeout: Duration::from_millis(500),
            progress: None,
        }
    }

    /// What everything random comes from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many records are sent, at least one.
    #[must_use]
    pub fn records(mut self, records: usize) -> Self {
        self.records = records;
        self
    }

    /// How many records come at once, at most.
    #[must_use]
    pub fn batch_size(mut self, size: usize) -> Self {
        self.batch_size = size;
        self
    }

    /// The share of deliveries told to fail: by an error, by a panic or by asking to come later. Where retries have an
    /// end, one in eight of these records never succeeds.
    #[must_use]
    pub fn fail_rate(mut self, rate: f64) -> Self {
        self.fail_rate = rate;
        self
    }

    /// The share of deliveries told to end the process.
    #[must_use]
    pub fn crash_rate(mut self, rate: f64) -> Self {
        self.crash_rate = rate;
        self
    }

    /// The share of deliveries told to take longer than the function may.
    #[must_use]
    pub fn timeout_rate(mut self, rate: f64) -> Self {
        self.timeout_rate = rate;
        self
    }

    /// The share of records told to be rejected, for ever.
    #[must_use]
    pub fn reject_rate(mut self, rate: f64) -> Self {
        self.reject_rate = rate;
        self
    }

    /// The share of records that come once more although they are done.
    #[must_use]
    pub fn duplicate_rate(mut self, rate: f64) -> Self {
        self.duplicate_rate = rate;
        self
    }

    /// How often something is delivered again before it goes to its destination. Without it, streams and queues do so
    /// for ever, asynchronous sources twice. For a queue it is `maxReceiveCount` less one.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// The age after which a stream's record, or an asynchronous event, is not delivered any more but goes to its
    /// destination, in virtual time: records are sent 100 ms apart, a stream waits 1 s before a retry and twice as long
    /// before each further one, up to 60 s.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Whether a stream halves a batch that failed.
    #[must_use]
    pub fn bisect(mut self, bisect: bool) -> Self {
        self.bisect = bisect;
        self
    }

    /// How many batches of the shard are delivered at once, each to an execution environment of its own.
    #[must_use]
    pub fn parallelization_factor(mut self, factor: usize) -> Self {
        self.parallelization_factor = factor;
        self
    }

    /// How long an invocation may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls `progress` after every invocation with the number of records that are done.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Says what cannot be played, and why.
    ///
    /// # Errors
    /// When an option is not one of the source, or out of its bounds.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let source = self.source;
        let is_stream = source.kind() == SourceKind::Stream;
        let rates = [
            self.fail_rate + self.crash_rate + self.timeout_rate,
            self.reject_rate,
            self.duplicate_rate,
        ];
        let problem = if self.records == 0 {
            "there must be at least one record".to_owned()
        } else if !(1..=source.largest_batch_size()).contains(&self.batch_size) {
            format!(
                "{source} delivers 1 to {} records at once",
                source.largest_batch_size()
            )
        } else if rates.iter().any(|rate| !(0.0..=1.0).contains(rate)) {
            "rates are between 0 and 1, those of failures, crashes and timeouts together at most 1".to_owned()
        } else if !(1..=MOST_ENVIRONMENTS).contains(&self.parallelization_factor) {
            format!("a parallelization factor is between 1 and {MOST_ENVIRONMENTS}")
        } else if !is_stream && (self.bisect || self.parallelization_factor > 1) {
            format!("only streams bisect batches or have a parallelization factor, {source} is none")
        } else if source.kind() == SourceKind::Queue && self.max_age.is_some() {
            format!("{source} has no maximum age: limit its retries")
        } else if source.kind() == SourceKind::Asynchronous
            && self.max_retries.is_some_and(|most| most > MOST_RETRIES)
        {
            format!("{source} is invoked asynchronously, with at most {MOST_RETRIES} retries")
        } else {
            return Ok(());
        };
        Err(Error::other(problem))
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("source", &self.source)
            .field("seed", &self.seed)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}
