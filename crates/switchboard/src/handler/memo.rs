//! The memo of a stream's handler: which records are done beyond the checkpoint. The stores that keep it are in other
//! modules.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The future of a store's answer.
pub(crate) type Remembered<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// A store that can keep a memo.
pub(crate) trait Remember: Send + Sync {
    /// The text under a key, unless it has expired.
    fn recall<'a>(&'a self, key: &'a str) -> Remembered<'a, Option<String>>;

    /// Stores a text under a key until the given time.
    fn remember<'a>(&'a self, key: &'a str, text: &'a str, until: SystemTime) -> Remembered<'a, ()>;
}

/// Remembers which records of a stream are done beyond its checkpoint; see [`Handler::memo`](crate::Handler::memo).
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::KinesisEventRecord;
/// use std::time::Duration;
/// use switchboard::idempotency::Memory;
/// use switchboard::{Context, Failure, Handler, Memo, Router};
///
/// async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     Ok(())
/// }
///
/// let week = Duration::from_secs(7 * 24 * 60 * 60);
/// let router = Router::new(()).kinesis(on_record.memo(Memo::new(Memory::new()).kept(week)));
/// # let _ = router;
/// ```
#[derive(Clone)]
pub struct Memo {
    pub(crate) store: Arc<dyn Remember>,
    pub(crate) kept: Duration,
}

impl Memo {
    /// How long to remember. Choose the time for which the stream keeps its records.
    #[must_use]
    pub fn kept(mut self, time: Duration) -> Self {
        self.kept = time;
        self
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo")
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}
