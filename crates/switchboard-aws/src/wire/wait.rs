//! Waits for changes that AWS completes after it has answered.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;

/// The first and the longest pause. Each pause is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Retries transient failures. Permissions and roles take a few seconds to reach every part of AWS, and a resource that is
/// being changed refuses another change.
///
/// # Errors
/// The last failure, if it is permanent or does not pass within `limit`.
pub(super) async fn retry<T>(
    limit: Duration,
    is_transient: impl Fn(&Failure) -> bool,
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt().await {
            Err(failure) if is_transient(&failure) && started.elapsed() < limit => sleep(pause).await,
            done => return done,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Polls until there is an answer.
///
/// # Errors
/// If polling fails, or if there is no answer within `limit`. The failure says what was expected.
pub(super) async fn poll<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(there) = ask().await? {
            return Ok(there);
        }
        if started.elapsed() >= limit {
            let seconds = limit.as_secs();
            return Err(Failure::new(format!("timed out after {seconds} s: {what}")));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
