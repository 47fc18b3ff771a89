//! Tumbling windows of streams. Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing in Lambda”.

use super::event::tree;
use super::origin::Number;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// What an invocation of a tumbling window has besides its records.
#[derive(Clone, Debug)]
pub(super) struct TestWindow {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    state: Value,
    last: bool,
    early: bool,
}

impl TestWindow {
    /// Two minutes around the newest event.
    pub(super) fn around(number: Number) -> Self {
        let seconds = number.millis() / 1000 / 120 * 120;
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        Self {
            start: at(seconds),
            end: at(seconds + 120),
            state: json!({}),
            last: false,
            early: false,
        }
    }

    pub(super) fn with_state<T: Serialize + ?Sized>(mut self, state: &T) -> Self {
        self.state = tree(state);
        self
    }

    pub(super) fn last(mut self) -> Self {
        self.last = true;
        self
    }

    pub(super) fn early(mut self) -> Self {
        self.early = true;
        self
    }

    /// The invocation with its records.
    pub(super) fn around_records(&self, records: &[Value], shard: &str) -> Value {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "Records": records,
            "window": {"start": time(self.start), "end": time(self.end)},
            "state": self.state,
            "shardId": shard,
            "eventSourceARN": records.first().map(|record| &record["eventSourceARN"]),
            "isFinalInvokeForWindow": self.last,
            "isWindowTerminatedEarly": self.early,
        })
    }
}

/// The methods of streams that windows are cut from.
macro_rules! windowed {
    ($builder:ident) => {
        impl $builder {
            /// The records are part of a tumbling window, with the state that the invocation before it returned.
            ///
            /// # Panics
            /// If the state cannot be written as JSON.
            #[must_use]
            pub fn window<T: serde::Serialize + ?Sized>(mut self, state: &T) -> Self {
                self.window = Some(self.frame().with_state(state));
                self
            }

            /// It is the last invocation of its window.
            #[must_use]
            pub fn last_of_window(mut self) -> Self {
                self.window = Some(self.frame().last());
                self
            }

            /// The window ended early, because its state has grown too large.
            #[must_use]
            pub fn window_ended_early(mut self) -> Self {
                self.window = Some(self.frame().early());
                self
            }

            fn frame(&mut self) -> crate::testing::window::TestWindow {
                let new =
                    || crate::testing::window::TestWindow::around(crate::testing::origin::Number::next());
                self.window.take().unwrap_or_else(new)
            }
        }
    };
}

pub(super) use windowed;
