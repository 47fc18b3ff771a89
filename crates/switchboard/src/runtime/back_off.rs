//! When to poll again after the Runtime API returned no event.

use super::api::PollFailure;
use crate::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The first pause; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(5);

/// How long the API's address may be unreachable. Without a Runtime API the environment is gone, and nothing else would
/// end the process.
const UNREACHED: Duration = Duration::from_secs(60);

/// The pauses of all workers of the process. They share them, so that only one worker at a time finds out, and logs it
/// once.
#[derive(Default)]
pub(super) struct BackOff {
    failing: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
    unreached_since: Option<Instant>,
}

impl BackOff {
    /// An event has arrived.
    pub(super) fn succeeded(&self) {
        if self.failing.load(Ordering::Relaxed) {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            *state = State::default();
            self.failing.store(false, Ordering::Relaxed);
        }
    }

    /// When to poll again.
    ///
    /// # Errors
    /// Never: the Runtime API has been unreachable for a minute.
    pub(super) fn failed(&self, failed: &PollFailure) -> Result<Instant, Error> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.failing.store(true, Ordering::Relaxed);
        if let Some(until) = state.until.filter(|until| now < *until) {
            return Ok(until);
        }
        state.unreached_since = match failed {
            PollFailure::Unreached(_) => state.unreached_since.or(Some(now)),
            _ => None,
        };
        if state
            .unreached_since
            .is_some_and(|since| now - since >= UNREACHED)
        {
            return Err(Error::runtime(failed.to_string().into()));
        }
        let pause = (FIRST * 2_u32.saturating_pow(state.failures.min(16))).min(LONGEST);
        state.failures = state.failures.saturating_add(1);
        let until = now + pause;
        state.until = Some(until);
        drop(state);
        let retry_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(error = %failed, retry_ms, "no event could be fetched: retrying");
        Ok(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use tokio::time::sleep_until;

    const REFUSED: PollFailure = PollFailure::Refused(StatusCode::INTERNAL_SERVER_ERROR);

    /// The pauses, in milliseconds, until there are no more, or as many as were asked for.
    async fn pauses(back_off: &BackOff, failed: impl Fn() -> PollFailure, most: usize) -> Vec<u128> {
        let mut pauses = Vec::new();
        for _ in 0..most {
            let Ok(until) = back_off.failed(&failed()) else {
                break;
            };
            pauses.push((until - Instant::now()).as_millis());
            sleep_until(until).await;
        }
        pauses
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_begin_anew_after_an_event() {
        let back_off = BackOff::default();
        let growing = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
        assert_eq!(pauses(&back_off, || REFUSED, 8).await, growing);
        back_off.succeeded();
        assert_eq!(pauses(&back_off, || REFUSED, 2).await, [100, 200]);
        // An API that is there is never given up.
        assert_eq!(pauses(&back_off, || REFUSED, 1000).await.len(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn workers_that_fail_together_pause_together() {
        let back_off = BackOff::default();
        let first = back_off.failed(&REFUSED).unwrap();
        assert_eq!(back_off.failed(&REFUSED).unwrap(), first);
        sleep_until(first).await;
        let second = back_off.failed(&REFUSED).unwrap();
        assert_eq!((second - first).as_millis(), 200);
        assert_eq!(back_off.failed(&REFUSED).unwrap(), second);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_listener_for_a_minute_polling_ends() {
        let begun = Instant::now();
        let back_off = BackOff::default();
        let nobody = || PollFailure::Unreached("refused".into());
        let pauses = pauses(&back_off, nobody, 1000).await;
        let after = begun.elapsed();
        assert!(
            pauses.len() < 1000 && after >= UNREACHED && after < UNREACHED + LONGEST,
            "{after:?}"
        );
        let error = back_off.failed(&nobody()).unwrap_err();
        assert_eq!(error.error_type(), "RuntimeFailed");
    }
}
