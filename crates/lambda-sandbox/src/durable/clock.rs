//! The service's clock: it may run faster than time does, and jump.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::time::Time;

/// The longest sleep. A timer in a year is looked at again until then.
const NAP: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(super) struct Clock {
    began: Time,
    origin: Instant,
    /// Seconds of this clock in a second.
    scale: f64,
    /// How far it has jumped, in microseconds.
    jumped: i64,
}

impl Clock {
    /// A clock that begins now, and runs `scale` times as fast as time does.
    pub(super) fn new(scale: f64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            began: Time::from_micros(micros(now.as_secs_f64())),
            origin: Instant::now(),
            scale,
            jumped: 0,
        }
    }

    pub(super) fn now(&self) -> Time {
        let passed = micros(self.origin.elapsed().as_secs_f64() * self.scale);
        Time::from_micros(
            self.began
                .micros()
                .saturating_add(passed)
                .saturating_add(self.jumped),
        )
    }

    /// Jumps to this moment, if it is in the future, and returns how many seconds that were.
    pub(super) fn jump_to(&mut self, time: Time) -> f64 {
        let ahead = (time.micros() - self.now().micros()).max(0);
        self.jumped = self.jumped.saturating_add(ahead);
        ahead as f64 / 1e6
    }

    /// This much time passes at once.
    pub(super) fn pass(&mut self, time: Duration) {
        self.jumped = self.jumped.saturating_add(micros(time.as_secs_f64()));
    }

    /// How long to sleep until this moment, or at least until it is time to look again.
    pub(super) fn until(&self, time: Time) -> Duration {
        let ahead = (time.micros() - self.now().micros()).max(0) as f64 / 1e6 / self.scale;
        Duration::try_from_secs_f64(ahead).unwrap_or(NAP).min(NAP)
    }
}

fn micros(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_jumps_forwards_only() {
        let mut clock = Clock::new(1.0);
        let now = clock.now();
        assert_eq!(clock.jump_to(Time::from_micros(now.micros() - 1)), 0.0);
        let day = now.after(86_400);
        assert!(clock.jump_to(day) > 86_000.0);
        assert!(clock.now() >= day);
    }

    #[test]
    fn a_faster_clock_sleeps_less() {
        let clock = Clock::new(1000.0);
        let due = clock.now().after(1000);
        assert!(clock.until(due) <= Duration::from_secs(1));
        assert_eq!(Clock::new(0.001).until(due), NAP);
    }
}
