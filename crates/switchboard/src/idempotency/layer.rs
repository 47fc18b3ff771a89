//! The settings of the layer.

use super::once::Once;
use super::turns::Turns;
use super::{SourceIdentity, Store};
use crate::Context;
use std::fmt;
use std::time::Duration;

/// A century: longer times would only overflow.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// What happens to a record without an idempotency key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MissingKey {
    /// It fails, and is delivered again.
    #[default]
    Retry,
    /// It is rejected: it goes to the dead-letter sink, then counts as done.
    Reject,
    /// It is handled without protection.
    Handle,
}

/// How to make a handler idempotent, for [`Handler::idempotent`](crate::Handler::idempotent). [The
/// module](crate::idempotency) says what it promises.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::KinesisEventRecord;
/// use std::time::Duration;
/// use switchboard::idempotency::{Idempotency, Memory};
/// use switchboard::{Context, Failure, Handler, Router};
///
/// async fn charge(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     Ok(())
/// }
///
/// let idempotency = Idempotency::new(Memory::new())
///     .prefix("billing")
///     .expires_after(Duration::from_secs(24 * 60 * 60))
///     .key(|record: &KinesisEventRecord, _cx: &Context<()>| Some(record.kinesis.partition_key.clone()));
/// let router = Router::new(()).kinesis(charge.idempotent(idempotency));
/// # let _ = router;
/// ```
#[must_use]
pub struct Idempotency<St, K = SourceIdentity> {
    pub(super) once: Once<St>,
    pub(super) turns: Turns,
    pub(super) key: K,
    pub(super) prefix: Option<String>,
    pub(super) missing_key: MissingKey,
    pub(super) validation: bool,
}

impl<St: Store> Idempotency<St> {
    /// Keeps keys in `store`. To share a store, wrap it in an [`Arc`](std::sync::Arc).
    pub fn new(store: St) -> Self {
        Self {
            once: Once::new(store),
            turns: Turns::default(),
            key: SourceIdentity,
            prefix: None,
            missing_key: MissingKey::default(),
            validation: true,
        }
    }
}

impl<St, K> Idempotency<St, K> {
    /// Makes keys by a function of the record instead of the source's identity of the record. The returned text is
    /// appended to the prefix unchanged. `None` or an empty text means that the record has no key.
    ///
    /// The closure must name the record's type, as in the example above.
    pub fn key<I, S, F>(self, key: F) -> Idempotency<St, F>
    where
        F: Fn(&I, &Context<S>) -> Option<String> + Send + Sync + 'static,
    {
        Idempotency {
            once: self.once,
            turns: self.turns,
            key,
            prefix: self.prefix,
            missing_key: self.missing_key,
            validation: self.validation,
        }
    }

    /// The text before the `#` of every id in the store; the default is `<function name>.<source>`. Functions and
    /// handlers that share a store must have the same prefix if they should know each other's keys, and different
    /// prefixes if not.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// How long a result is kept, and so how long a redelivered record gets it. An hour by default. Stores count whole
    /// seconds, and keep results up to a second longer.
    ///
    /// Choose a longer time than the source may take to deliver again: up to 6 hours for asynchronous invocations, the
    /// retention period for queues and streams.
    pub fn expires_after(mut self, time: Duration) -> Self {
        self.once.expires_after = time.min(LONGEST);
        self
    }

    /// How long a key is in progress if the invocation has no deadline, as outside Lambda: 15 minutes by default.
    /// Otherwise the lease ends at the deadline.
    pub fn lease(mut self, time: Duration) -> Self {
        self.once.lease = time.min(LONGEST);
        self
    }

    /// What happens to a record without a key. By default it fails, and is delivered again.
    pub fn missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Whether a different payload under the same key is an error, which is the default. The event defines what counts
    /// as its payload ([`Event::CONTENT`](crate::event::Event::CONTENT)).
    pub fn validation(mut self, validation: bool) -> Self {
        self.validation = validation;
        self
    }
}

impl<St: fmt::Debug, K> fmt::Debug for Idempotency<St, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency")
            .field("once", &self.once)
            .field("prefix", &self.prefix)
            .field("missing_key", &self.missing_key)
            .field("validation", &self.validation)
            .finish_non_exhaustive()
    }
}
