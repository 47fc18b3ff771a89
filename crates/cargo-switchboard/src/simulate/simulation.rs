//! The settings of a simulation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::payload::Bodies;
use super::source::{Source, SourceKind};
use crate::Error;

/// The most environments that AWS allows for a shard.
const MOST_ENVIRONMENTS: usize = 10;

/// The default and maximum number of retries of asynchronous events.
pub(super) const MOST_RETRIES: u32 = 2;

/// What says that a record is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// The file in which the function notes what it has finished.
    Ledger,
    /// The function's answers, which its source believes, too.
    Answers,
}

type Progress = Arc<dyn Fn(usize) + Send + Sync>;

/// A simulation of an event source that delivers to a function.
///
/// A rate is the share, between 0 and 1, of records whose first delivery fails that way. The second delivery of these fails
/// with the same rate. All rates are 0 by default.
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
    pub(super) partial_answers: bool,
    pub(super) bodies: Option<Arc<Bodies>>,
    pub(super) proof: Option<Proof>,
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
            partial_answers: true,
            bodies: None,
            proof: None,
            progress: None,
        }
    }

    /// Sets the seed of the random numbers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the number of records, at least one.
    #[must_use]
    pub fn records(mut self, records: usize) -> Self {
        self.records = records;
        self
    }

    /// Sets the maximum batch size.
    #[must_use]
    pub fn batch_size(mut self, size: usize) -> Self {
        self.batch_size = size;
        self
    }

    /// Sets the share of deliveries that fail: with an error, a panic or a request to retry later. With limited retries, one
    /// in eight of these records never succeeds.
    #[must_use]
    pub fn fail_rate(mut self, rate: f64) -> Self {
        self.fail_rate = rate;
        self
    }

    /// Sets the share of deliveries that end the process.
    #[must_use]
    pub fn crash_rate(mut self, rate: f64) -> Self {
        self.crash_rate = rate;
        self
    }

    /// Sets the share of deliveries that exceed the function's timeout.
    #[must_use]
    pub fn timeout_rate(mut self, rate: f64) -> Self {
        self.timeout_rate = rate;
        self
    }

    /// Sets the share of records that the function rejects permanently.
    #[must_use]
    pub fn reject_rate(mut self, rate: f64) -> Self {
        self.reject_rate = rate;
        self
    }

    /// Sets the share of records that are delivered again after they are done.
    #[must_use]
    pub fn duplicate_rate(mut self, rate: f64) -> Self {
        self.duplicate_rate = rate;
        self
    }

    /// Sets the number of retries before a record goes to its destination. By default, streams and queues retry forever and
    /// asynchronous sources twice. For a queue this is `maxReceiveCount` minus one.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sets the age at which a stream's record or an asynchronous event goes to its destination instead of being delivered.
    /// The age is in virtual time: records are sent 100 ms apart, and a stream waits 1 s before the first retry and twice as
    /// long before each further one, up to 60 s.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sets whether a stream splits failed batches in two.
    #[must_use]
    pub fn bisect(mut self, bisect: bool) -> Self {
        self.bisect = bisect;
        self
    }

    /// Sets the number of concurrent batches of the shard, each in its own execution environment.
    #[must_use]
    pub fn parallelization_factor(mut self, factor: usize) -> Self {
        self.parallelization_factor = factor;
        self
    }

    /// Sets the function's timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets whether the event source mapping reads which records of a batch have failed (`ReportBatchItemFailures`). Without it, an answer that
    /// names records is taken for success, and only an error brings a batch back.
    #[must_use]
    pub fn partial_answers(mut self, partial_answers: bool) -> Self {
        self.partial_answers = partial_answers;
        self
    }

    /// Sets what the records hold. Unless the bodies have the placeholder `{{do}}`, the function is not told to fail: crashes and timeouts are
    /// then answers that get lost, after the function has done its work.
    #[must_use]
    pub fn bodies(mut self, bodies: Bodies) -> Self {
        self.bodies = Some(Arc::new(bodies));
        self
    }

    /// Sets what says that a record is done. By default it is the ledger, if the function makes that file, else its answers.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = Some(proof);
        self
    }

    /// Whether records say what the function is to do.
    pub(super) fn tells(&self) -> bool {
        self.bodies.as_ref().is_none_or(|bodies| bodies.tell())
    }

    /// Calls `progress` after every invocation with the number of finished records.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// If an option is invalid for the source or out of bounds.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let source = self.source;
        let facts = source.facts();
        if let (Some(what), Some(bodies)) = (facts.object, &self.bodies) {
            bodies.check_objects(what)?;
        }
        let is_stream = matches!(facts.kind, SourceKind::Stream | SourceKind::Windowed);
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
            "rates must be between 0 and 1, and those of failures, crashes and timeouts at most 1 in total"
                .to_owned()
        } else if !(1..=MOST_ENVIRONMENTS).contains(&self.parallelization_factor) {
            format!("the parallelization factor must be between 1 and {MOST_ENVIRONMENTS}")
        } else if !is_stream && (self.bisect || self.parallelization_factor > 1) {
            format!("only streams bisect batches or have a parallelization factor; {source} is not a stream")
        } else if facts.kind == SourceKind::Windowed && self.parallelization_factor > 1 {
            "a stream in tumbling windows has no parallelization factor".to_owned()
        } else if !self.partial_answers && !facts.has_partial_answers {
            format!("{source} has no event source mapping whose partial answers could be turned off")
        } else if matches!(facts.kind, SourceKind::Queue | SourceKind::Buffer) && self.max_age.is_some() {
            format!("{source} is not simulated with a maximum age; limit its retries instead")
        } else if facts.kind == SourceKind::Asynchronous
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
