//! How much time the invocation has left, and whether that is enough for one more record.

use std::time::{Duration, Instant, SystemTime};

/// No further record is started with less than this left, unless a margin was set.
const LEAST_MARGIN: Duration = Duration::from_millis(200);

/// Handlers still running are dropped when only this is left: enough to send the answer.
const HARD_MARGIN: Duration = Duration::from_millis(50);

/// The invocation's deadline, on the clock that does not jump.
pub(super) struct Clock {
    deadline: Option<Instant>,
    margin: Option<Duration>,
    slowest: Duration,
    started_any: bool,
}

impl Clock {
    /// The clock of an invocation that has just come.
    pub(super) fn new(deadline: Option<Instant>, margin: Option<Duration>) -> Self {
        Self {
            deadline,
            margin,
            slowest: Duration::ZERO,
            started_any: false,
        }
    }

    /// Whether there is time to start one more record. The first is always started: an invocation that starts none
    /// would be delivered again for ever.
    pub(super) fn may_start(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.started_any, true);
        let margin = self.margin.unwrap_or_else(|| self.slowest.max(LEAST_MARGIN));
        first
            || self
                .deadline
                .is_none_or(|deadline| deadline.saturating_duration_since(Instant::now()) >= margin)
    }

    /// A record has taken this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.slowest = self.slowest.max(time);
    }
}

/// When handlers that are still running are dropped.
pub(super) fn hard_deadline(deadline: Instant) -> Instant {
    deadline.checked_sub(HARD_MARGIN).unwrap_or(deadline)
}

/// The deadline on the clock that does not jump. One that passed before the invocation came means none: Lambda leaves
/// every invocation some time, but `cargo lambda watch` sends a deadline of 1970.
pub(super) fn instant(deadline: SystemTime) -> Option<Instant> {
    let left = deadline.duration_since(SystemTime::now()).ok()?;
    Some(Instant::now() + left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_ms(ms: u64) -> Option<Instant> {
        instant(SystemTime::now() + Duration::from_millis(ms))
    }

    #[test]
    fn the_first_record_is_always_started_and_later_ones_only_in_time() {
        let mut short = Clock::new(in_ms(100), None);
        assert!(short.may_start());
        assert!(!short.may_start());
        let mut long = Clock::new(in_ms(60_000), None);
        assert!(long.may_start() && long.may_start());
        long.took(Duration::from_secs(61));
        assert!(!long.may_start());
        let mut own = Clock::new(in_ms(60_000), Some(Duration::from_secs(61)));
        assert!(own.may_start() && !own.may_start());
        for passed in [
            SystemTime::UNIX_EPOCH,
            SystemTime::UNIX_EPOCH + Duration::from_secs(600),
        ] {
            let mut none = Clock::new(instant(passed), None);
            none.took(Duration::from_secs(9));
            assert!(none.may_start() && none.may_start());
            assert!(instant(passed).is_none());
        }
    }
}
