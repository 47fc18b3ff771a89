//! The tumbling window around a batch. Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing in Lambda”.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use event_source_mapping::WindowFrame;
use serde_json::{Value, json};

/// When the first window begins, in seconds since the Unix epoch.
const START: i64 = 1_799_996_400;

/// Puts the records of an event into the window. The last event of a window has no records.
pub(in crate::simulate) fn in_window(window: &WindowFrame, mut event: Value) -> Value {
    event["eventSourceARN"] = event["Records"][0]["eventSourceARN"].clone();
    if window.is_final {
        event["Records"] = json!([]);
    }
    event["window"] = json!({"start": time(window.start), "end": time(window.end)});
    event["state"] = window.state.clone();
    event["shardId"] = "shardId-000000000000".into();
    event["isFinalInvokeForWindow"] = window.is_final.into();
    event["isWindowTerminatedEarly"] = false.into();
    event
}

fn time(since_start: Duration) -> String {
    let seconds = i64::try_from(since_start.as_secs()).unwrap_or(i64::MAX);
    let time = DateTime::from_timestamp(START.saturating_add(seconds), 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
