//! The current time.

use std::fmt;
use std::time::SystemTime;

/// The system's clock, or a manual one in tests.
#[derive(Clone, Default)]
pub(super) enum WallClock {
    #[default]
    System,
    #[cfg(test)]
    Of(std::sync::Arc<dyn Fn() -> SystemTime + Send + Sync>),
}

impl WallClock {
    pub(super) fn now(&self) -> SystemTime {
        match self {
            Self::System => SystemTime::now(),
            #[cfg(test)]
            Self::Of(now) => now(),
        }
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
