//! An effect at most once per key: claim the key, run the effect, finish or release.

use super::clock::WallClock;
use super::{Claim, Claimed, Done, Lease, Store, StoreError};
use crate::panics;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime};

/// The default of Powertools for AWS Lambda.
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

/// The effect's key in the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct EffectKey<'k> {
    pub(super) id: &'k str,
    pub(super) validation: Option<&'k str>,
    /// When the invocation ends; the epoch means never, for an invocation outside Lambda.
    pub(super) deadline: SystemTime,
}

/// The outcome of an effect.
#[derive(Debug)]
pub(super) enum EffectOutcome<T, E> {
    /// The effect happened, and its result is stored.
    Fresh(T),
    /// The effect failed, and the key is free again.
    Failed(E),
    /// The effect happened before, with this result.
    Replayed(String),
    /// Another owner is running the effect, for this long at most.
    InProgress(Duration),
    /// The key belongs to another payload.
    Mismatch,
    /// The effect happened, but the lease had expired and another owner has or had the key.
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

    /// Runs `effect`, which returns its result and the JSON to store of it, unless the result is in the store already.
    ///
    /// A panic frees the key and is resumed. If this future is dropped, the lease expires by itself.
    ///
    /// # Errors
    /// Those of the store. If it could not store the result, the effect did happen, and the key stays in progress until
    /// the lease expires.
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

    /// Releases the key. A failure is only logged: the effect's error matters more, and the lease expires by itself.
    async fn release(&self, lease: Lease) {
        if let Err(error) = self.store.release(&lease).await {
            tracing::warn!(key = lease.id(), error = %crate::Failure::from(error), "idempotency key not released");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::Memory;

    #[test]
    fn a_claim_is_kept_for_as_long_as_a_result_and_leased_until_the_deadline() {
        let once = Once::new(Memory::new());
        let now = SystemTime::now();
        let claim = |deadline| {
            let subject = EffectKey {
                id: "k",
                validation: None,
                deadline,
            };
            let claim = once.claim(subject, now);
            (claim.now, claim.lease_until, claim.expiration)
        };
        let (deadline, kept) = (now + Duration::from_secs(9), now + once.expires_after);
        assert_eq!(claim(deadline), (now, deadline, kept));
        assert_eq!(claim(SystemTime::UNIX_EPOCH), (now, now + once.lease, kept));
    }
}
