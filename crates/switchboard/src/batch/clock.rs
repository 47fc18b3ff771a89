//! How much time the invocation has left, and whether it is enough for one more record.

use crate::deadlines::NO_FURTHER_RECORD;
use std::time::{Duration, Instant};

/// The invocation's deadline, on the monotonic clock.
pub(super) struct RecordClock {
    deadline: Option<Instant>,
    margin: Option<Duration>,
    slowest: Duration,
    pace: Pace,
    last_start: Option<Instant>,
}

/// How records follow each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pace {
    /// A record takes until the next one's start, so one look at the clock is enough for both.
    OneByOne,
    /// The caller reports how long a record [took](RecordClock::took).
    SideBySide,
    /// All are started with one call: no record waits for another, and none is late.
    AtOnce,
}

impl RecordClock {
    /// The clock of an invocation that has just arrived.
    pub(super) fn new(deadline: Option<Instant>, margin: Option<Duration>, pace: Pace) -> Self {
        Self {
            deadline,
            margin,
            slowest: Duration::ZERO,
            pace,
            last_start: None,
        }
    }

    /// Whether there is time to start one more record. The first record is always started: an invocation that starts
    /// none would be delivered again forever.
    pub(super) fn may_start(&mut self) -> bool {
        if self.pace == Pace::AtOnce {
            return true;
        }
        let now = Instant::now();
        let Some(last) = self.last_start.replace(now) else {
            return true;
        };
        if self.pace == Pace::OneByOne {
            self.took(now - last);
        }
        let margin = self.margin.unwrap_or_else(|| self.slowest.max(NO_FURTHER_RECORD));
        let left = |deadline: Instant| deadline.saturating_duration_since(now);
        self.deadline.is_none_or(|deadline| left(deadline) >= margin)
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// A record took this long.
    pub(super) fn took(&mut self, time: Duration) {
        self.slowest = self.slowest.max(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_ms(ms: u64) -> Option<Instant> {
        Some(Instant::now() + Duration::from_millis(ms))
    }

    #[test]
    fn the_first_record_is_always_started_and_later_ones_only_in_time() {
        let mut short = RecordClock::new(in_ms(100), None, Pace::SideBySide);
        assert!(short.may_start());
        assert!(!short.may_start());
        let mut long = RecordClock::new(in_ms(60_000), None, Pace::SideBySide);
        assert!(long.may_start() && long.may_start());
        long.took(Duration::from_secs(61));
        assert!(!long.may_start());
        let mut own = RecordClock::new(in_ms(60_000), Some(Duration::from_secs(61)), Pace::SideBySide);
        assert!(own.may_start() && !own.may_start());
        let mut none = RecordClock::new(None, None, Pace::SideBySide);
        none.took(Duration::from_secs(9));
        assert!(none.may_start() && none.may_start());
    }

    #[test]
    fn at_once_no_record_is_late() {
        let mut clock = RecordClock::new(in_ms(0), None, Pace::AtOnce);
        assert!((0..3).all(|_| clock.may_start()));
    }

    #[test]
    fn one_by_one_a_record_takes_as_long_as_until_the_next_ones_start() {
        for (pace, enough) in [(Pace::OneByOne, false), (Pace::SideBySide, true)] {
            let mut clock = RecordClock::new(in_ms(550), None, pace);
            assert!(clock.may_start());
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(clock.may_start(), enough, "{pace:?}");
        }
    }
}
