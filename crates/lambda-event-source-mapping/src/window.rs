//! Tumbling windows: which one a record belongs to, and what the function has made of it so far.
//!
//! Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing in Lambda”.

use std::time::Duration;

use serde_json::{Value, json};

/// How long after its end a window stays open for records that are still on their way, if no later record shows that it is over.
const LATENESS: Duration = Duration::from_secs(1);

/// A tumbling window, and what the function has made of its records so far.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WindowFrame {
    /// When it begins.
    pub start: Duration,
    /// When it ends.
    pub end: Duration,
    /// What the last answer said; `{}` at first.
    pub state: Value,
    /// Whether its records are done, and the function is told so.
    pub is_final: bool,
}

impl WindowFrame {
    /// The window of this length that a moment belongs to.
    #[must_use]
    pub fn around(moment: Duration, length: Duration) -> Self {
        let seconds = length.as_secs().max(1);
        let start = moment.as_secs() / seconds * seconds;
        Self {
            start: Duration::from_secs(start),
            end: Duration::from_secs(start + seconds),
            state: json!({}),
            is_final: false,
        }
    }

    /// Whether a record that was sent at this moment belongs to a later window.
    pub(crate) fn is_before(&self, sent: Duration) -> bool {
        sent >= self.end
    }

    /// When it is over, even if no later record comes.
    pub(crate) fn over_at(&self) -> Duration {
        self.end + LATENESS
    }
}
