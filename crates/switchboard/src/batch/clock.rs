//! How much time the invocation has left, and whether that is enough for one more record.

use chrono::{DateTime, Utc};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::task::coop::unconstrained;
use tokio::time::sleep_until;

/// No further record is started with less than this left, unless a margin was set.
const LEAST_MARGIN: Duration = Duration::from_millis(200);

/// Handlers still running are dropped when only this is left: enough to send the answer.
const HARD_MARGIN: Duration = Duration::from_millis(50);

/// The invocation's deadline, on the clock that does not jump.
pub(super) struct Clock {
    deadline: Option<Instant>,
    margin: Option<Duration>,
    slowest: Duration,
    pace: Pace,
    last_start: Option<Instant>,
}

/// How records follow each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pace {
    /// A record has taken as long as until the next one's start: one look at the clock for both.
    OneByOne,
    /// How long a record [took](Clock::took) is told.
    SideBySide,
}

impl Clock {
    /// The clock of an invocation that has just come.
    pub(super) fn new(deadline: Option<Instant>, margin: Option<Duration>, pace: Pace) -> Self {
        Self {
            deadline,
            margin,
            slowest: Duration::ZERO,
            pace,
            last_start: None,
        }
    }

    /// Whether there is time to start one more record. The first is always started: an invocation that starts none
    /// would be delivered again for ever.
    pub(super) fn may_start(&mut self) -> bool {
        let now = Instant::now();
        let Some(last) = self.last_start.replace(now) else {
            return true;
        };
        if self.pace == Pace::OneByOne {
            self.took(now - last);
        }
        let margin = self.margin.unwrap_or_else(|| self.slowest.max(LEAST_MARGIN));
        let left = |deadline: Instant| deadline.saturating_duration_since(now);
        self.deadline.is_none_or(|deadline| left(deadline) >= margin)
    }

    /// A record has taken this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.slowest = self.slowest.max(time);
    }
}

/// When handlers that are still running are dropped.
pub(crate) fn hard_deadline(deadline: Instant) -> Instant {
    deadline.checked_sub(HARD_MARGIN).unwrap_or(deadline)
}

/// Waits for `work` until then; `None` if it takes longer. Work that is done at once, as much of it is, never sees a timer.
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

/// The deadline on the clock that does not jump, of an invocation that has just come. One that passed before means none:
/// Lambda leaves every invocation some time, but `cargo lambda watch` sends a deadline of 1970.
pub(crate) fn instant(deadline: u64, received: DateTime<Utc>) -> Option<Instant> {
    let received = u64::try_from(received.timestamp_millis()).ok()?;
    let left = deadline.checked_sub(received)?;
    Instant::now().checked_add(Duration::from_millis(left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    fn in_ms(ms: u64) -> Option<Instant> {
        Some(Instant::now() + Duration::from_millis(ms))
    }

    #[test]
    fn the_first_record_is_always_started_and_later_ones_only_in_time() {
        let mut short = Clock::new(in_ms(100), None, Pace::SideBySide);
        assert!(short.may_start());
        assert!(!short.may_start());
        let mut long = Clock::new(in_ms(60_000), None, Pace::SideBySide);
        assert!(long.may_start() && long.may_start());
        long.took(Duration::from_secs(61));
        assert!(!long.may_start());
        let mut own = Clock::new(in_ms(60_000), Some(Duration::from_secs(61)), Pace::SideBySide);
        assert!(own.may_start() && !own.may_start());
        let mut none = Clock::new(None, None, Pace::SideBySide);
        none.took(Duration::from_secs(9));
        assert!(none.may_start() && none.may_start());
    }

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

    #[test]
    fn one_by_one_a_record_takes_as_long_as_until_the_next_ones_start() {
        for (pace, enough) in [(Pace::OneByOne, false), (Pace::SideBySide, true)] {
            let mut clock = Clock::new(in_ms(550), None, pace);
            assert!(clock.may_start());
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(clock.may_start(), enough, "{pace:?}");
        }
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
