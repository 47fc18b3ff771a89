//! Waiting for what AWS does after it has answered.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Failure;

/// The first pause, and the longest: twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Tries again while a failure is of those that pass by themselves: permissions and roles take a few seconds until every part of
/// AWS knows them, and something that is being changed cannot be changed again.
///
/// # Errors
/// The last failure, when it does not pass, or not in time.
pub(super) async fn until_done<T>(
    limit: Duration,
    passes: impl Fn(&Failure) -> bool,
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt().await {
            Err(failure) if passes(&failure) && started.elapsed() < limit => sleep(pause).await,
            done => return done,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Asks until there is an answer.
///
/// # Errors
/// When asking fails, or there is none in time: then the failure says what was waited for.
pub(super) async fn until_there<T>(
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
            return Err(Failure::own(format!("{what}: not so after {seconds} s")));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
