//! What happens when an invocation runs out of time: the sequence of deadlines, and the clocks they are read on.
//!
//! | before the end | what happens |
//! |---|---|
//! | [`NO_FURTHER_RECORD`], 200 ms, or as long as the slowest record took, or the handler's margin | no further record is started |
//! | [`HANDLERS_ARE_DROPPED`], 50 ms | handlers that are still running are dropped, and the answer is composed |
//! | [`SPAN_ENDS`], 40 ms | the invocation's span is ended, so that it can still be sent (feature `otel`) |
//! | [`METRICS_ARE_WRITTEN`], 30 ms | metrics and buffered lines are written |
//! | [`NOTHING_IS_SENT`], 10 ms | spans that are not sent yet are given up (feature `otel`) |
//! | 0 | Lambda ends the process; on Managed Instances the invocation's future is dropped |

use chrono::{DateTime, Utc};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};
use tokio::task::coop::unconstrained;
use tokio::time::sleep_until;

/// No further record is started when less time than this is left, unless the handler has a margin.
pub(crate) const NO_FURTHER_RECORD: Duration = Duration::from_millis(200);

/// Handlers that are still running are dropped when this much time is left: enough to send the answer.
pub(crate) const HANDLERS_ARE_DROPPED: Duration = Duration::from_millis(50);

/// How long before the invocation's end its span ends: by then, dropped handlers have been answered for.
#[cfg(feature = "otel")]
pub(crate) const SPAN_ENDS: Duration = Duration::from_millis(40);

/// How long before the invocation's end its time counts as over: enough is left to write what was buffered.
pub(crate) const METRICS_ARE_WRITTEN: Duration = Duration::from_millis(30);

/// How long before the end nothing is sent any more.
#[cfg(feature = "otel")]
pub(crate) const NOTHING_IS_SENT: Duration = Duration::from_millis(10);

/// When to drop handlers that are still running.
pub(crate) fn hard_deadline(deadline: Instant) -> Instant {
    deadline.checked_sub(HANDLERS_ARE_DROPPED).unwrap_or(deadline)
}

/// Waits for `work` until the deadline; `None` if it takes longer. Work that completes at once, which is common, never
/// creates a timer.
pub(crate) async fn within<F: Future>(deadline: Option<Instant>, work: F) -> Option<F::Output> {
    let (mut work, mut timer) = (pin!(work), None);
    poll_fn(|cx| {
        if let Poll::Ready(output) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        // Unconstrained: work that has used up its task's budget must not outlast the deadline by that.
        let sleep = || Box::pin(unconstrained(sleep_until(deadline.into())));
        let timer = timer.get_or_insert_with(sleep);
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// The deadline of an invocation that has just arrived, on the monotonic clock. A deadline in the past means none:
/// Lambda leaves every invocation some time, but `cargo lambda watch` sends a deadline of 1970.
pub(crate) fn instant(deadline: u64, received: DateTime<Utc>) -> Option<Instant> {
    let received = u64::try_from(received.timestamp_millis()).ok()?;
    let left = deadline.checked_sub(received)?;
    Instant::now().checked_add(Duration::from_millis(left))
}

/// The time until the invocation's end; `None` if that has passed, as with `cargo lambda watch`.
pub(crate) fn left(ends: SystemTime) -> Option<Duration> {
    ends.duration_since(SystemTime::now()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    #[test]
    fn a_deadline_is_as_far_ahead_as_lambda_says_and_one_that_has_passed_is_none() {
        let received = Utc::now();
        let now = u64::try_from(received.timestamp_millis()).unwrap();
        for left in [0, 900_000] {
            let (earliest, found) = (Instant::now(), instant(now + left, received).unwrap());
            let left = Duration::from_millis(left);
            assert!(earliest + left <= found && found <= Instant::now() + left);
        }
        for passed in [0, 600_000, now - 1] {
            assert_eq!(instant(passed, received), None);
        }
        assert!(instant(u64::MAX, received).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_longer_is_given_up() {
        let at = |ms| Some((tokio::time::Instant::now() + Duration::from_millis(ms)).into_std());
        let work = |ms| async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            ms
        };
        assert_eq!(within(at(0), ready(0)).await, Some(0));
        assert_eq!(within(at(10), work(9)).await, Some(9));
        assert_eq!(within(at(10), work(11)).await, None);
        assert_eq!(within(None, work(1_000_000)).await, Some(1_000_000));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_uses_up_its_budget_is_given_up_as_well() {
        let greedy = async {
            loop {
                tokio::task::consume_budget().await;
                tokio::time::advance(Duration::from_millis(1)).await;
            }
        };
        let deadline = (tokio::time::Instant::now() + Duration::from_secs(1)).into_std();
        assert_eq!(within(Some(deadline), greedy).await, None::<()>);
    }
}
