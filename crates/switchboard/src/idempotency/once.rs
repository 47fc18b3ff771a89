//! An effect at most once per key: claim, effect, finish or release.

use super::clock::WallClock;
use super::{Claim, Claimed, Done, Lease, Store, StoreError};
use crate::panics;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime};

/// As long as Powertools for AWS Lambda keeps results.
const EXPIRES_AFTER: Duration = Duration::from_secs(60 * 60);

/// The longest an invocation can take.
const LEASE: Duration = Duration::from_secs(15 * 60);

#[derive(Debug)]
pub(super) struct Once<St> {
    pub(super) store: St,
    pub(super) clock: WallClock,
    pub(super) expires_after: Duration,
    pub(super) lease: Duration,
}

/// What the effect is known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct EffectKey<'k> {
    pub(super) id: &'k str,
    pub(super) validation: Option<&'k str>,
    /// When the invocation ends; the epoch means never: an invocation outside Lambda.
    pub(super) deadline: SystemTime,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum EffectOutcome<T, E> {
    /// The effect took place, and its result is kept.
    Fresh(T),
    /// The effect failed; the key is free again.
    Failed(E),
    /// It took place before, with this result.
    Replayed(String),
    /// Somebody else is at it, for so long at most.
    InProgress(Duration),
    /// The key stands for another payload.
    Mismatch,
    /// It took place, but the lease had passed and another owner has the key, or had.
    Lost,
}

impl<St: Store> Once<St> {
    pub(super) fn new(store: St) -> Self {
        Self {
            store,
            clock: WallClock::default(),
            expires_after: EXPIRES_AFTER,
            lease: LEASE,
        }
    }

    /// Runs `effect`, which gives its result and the JSON to keep of it, unless that is to be had from the store.
    ///
    /// A panic frees the key and goes on. If this future is dropped meanwhile, the lease runs out by itself.
    ///
    /// # Errors
    /// The store's. Where it failed to keep the result, the effect took place; the key is in progress until the lease
    /// has passed.
    pub(super) async fn run<T, E>(
        &self,
        subject: EffectKey<'_>,
        effect: impl Future<Output = Result<(T, String), E>>,
    ) -> Result<EffectOutcome<T, E>, StoreError> {
        let now = self.clock.now();
        let lease = match self.store.claim(&self.claim(subject, now)).await? {
            Claimed::Owned(lease) => lease,
            Claimed::Done(data) => return Ok(EffectOutcome::Replayed(data)),
            Claimed::InProgress(until) => {
                let left = until.duration_since(now).unwrap_or_default();
                return Ok(EffectOutcome::InProgress(left.max(Duration::from_millis(1))));
            }
            Claimed::Mismatch => return Ok(EffectOutcome::Mismatch),
        };
        match panics::catching(pin!(effect)).await {
            Ok(Ok((result, data))) => self.finish(lease, data, result).await,
            Ok(Err(failure)) => {
                self.release(lease).await;
                Ok(EffectOutcome::Failed(failure))
            }
            Err(panic) => {
                self.release(lease).await;
                panic.resume()
            }
        }
    }

    fn claim<'k>(&self, subject: EffectKey<'k>, now: SystemTime) -> Claim<'k> {
        let lease_until = match subject.deadline {
            SystemTime::UNIX_EPOCH => now + self.lease,
            deadline => deadline,
        };
        Claim {
            id: subject.id,
            validation: subject.validation,
            now,
            lease_until,
            expiration: now + self.expires_after,
        }
    }

    async fn finish<T, E>(
        &self,
        lease: Lease,
        data: String,
        result: T,
    ) -> Result<EffectOutcome<T, E>, StoreError> {
        let done = Done {
            data,
            expiration: self.clock.now() + self.expires_after,
        };
        Ok(match self.store.finish(&lease, &done).await? {
            true => EffectOutcome::Fresh(result),
            false => EffectOutcome::Lost,
        })
    }

    /// What failed is more worth knowing than that its key stays in progress until the lease has passed.
    async fn release(&self, lease: Lease) {
        if let Err(error) = self.store.release(&lease).await {
            tracing::warn!(key = lease.id(), error = %crate::Failure::from(error), "idempotency key not released");
        }
    }
}
