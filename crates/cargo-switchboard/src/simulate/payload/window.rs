//! The tumbling window around a batch. Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing in Lambda”.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

/// When the first window begins, in seconds since the Unix epoch.
const START: i64 = 1_799_996_400;

/// A tumbling window, and what the function has made of its records so far.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct WindowFrame {
    /// Its number among all, and how long each is in seconds.
    pub(in crate::simulate) number: i64,
    pub(in crate::simulate) seconds: i64,
    pub(in crate::simulate) state: Value,
    /// Whether its records are done, and the function is told so.
    pub(in crate::simulate) is_final: bool,
}

impl WindowFrame {
    /// Puts the records of an event into the window. The last event of a window has no records.
    pub(in crate::simulate) fn around(&self, event: &Value) -> Value {
        let time = |number: i64| {
            let time = DateTime::from_timestamp(START + number * self.seconds, 0).unwrap_or_default();
            time.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        let mut event = event.clone();
        event["eventSourceARN"] = event["Records"][0]["eventSourceARN"].clone();
        if self.is_final {
            event["Records"] = json!([]);
        }
        event["window"] = json!({"start": time(self.number), "end": time(self.number + 1)});
        event["state"] = self.state.clone();
        event["shardId"] = "shardId-000000000000".into();
        event["isFinalInvokeForWindow"] = self.is_final.into();
        event["isWindowTerminatedEarly"] = false.into();
        event
    }
}
