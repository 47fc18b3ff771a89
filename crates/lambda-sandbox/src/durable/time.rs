//! Moments of the service's clock, and how they are written.

use serde::Serialize;
use serde_json::Number;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A moment, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Time(i64);

impl Time {
    pub(super) const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub(super) const fn micros(self) -> i64 {
        self.0
    }

    /// This many seconds later.
    pub(super) const fn after(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    pub(super) fn written(self, times: Times) -> Number {
        match times {
            Times::Milliseconds => Number::from(self.0 / 1000),
            // A moment is never infinite.
            Times::Seconds => Number::from_f64(self.0 as f64 / SECOND as f64)
                .unwrap_or_else(|| Number::from(self.0 / SECOND)),
        }
    }
}

/// How moments are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Times {
    /// Whole milliseconds, as in the event that a function gets.
    Milliseconds,
    /// Seconds with a fraction, as in the answers of the API.
    Seconds,
}

/// What is written as a moment.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Moment(Number);

impl Moment {
    pub(super) fn of(time: Time, times: Times) -> Self {
        Self(time.written(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_milliseconds_and_answers_fractions_of_seconds() {
        let time = Time::from_micros(1_796_003_510_434_300);
        assert_eq!(time.written(Times::Milliseconds).to_string(), "1796003510434");
        assert_eq!(time.written(Times::Seconds).to_string(), "1796003510.4343");
        assert_eq!(time.after(2).micros(), 1_796_003_512_434_300);
    }
}
