//! Shows what lies in a queue of failures.

use std::collections::BTreeMap;
use std::time::Duration;

use event_source_mapping::Record as _;
use serde_json::json;

use super::super::json;
use super::super::output::{self, DIM, OutputFormat};
use super::super::render::harmless;
use super::failure::StoredFailure;

/// Failures of one source with one error.
#[derive(Default)]
struct FailureGroup {
    count: usize,
    oldest: Option<Duration>,
    newest: Option<Duration>,
}

/// Prints a line for each source and error.
pub(super) fn show(failures: &[StoredFailure], now: Duration, format: OutputFormat) {
    let mut groups: BTreeMap<(&str, &str, &str), FailureGroup> = BTreeMap::new();
    for failure in failures {
        let key = (
            failure.source.as_str(),
            failure.error.as_str(),
            failure.condition.as_str(),
        );
        let group = groups.entry(key).or_default();
        let sent = failure.message.sent();
        group.count += 1;
        group.oldest = Some(group.oldest.map_or(sent, |oldest| oldest.min(sent)));
        group.newest = Some(group.newest.map_or(sent, |newest| newest.max(sent)));
    }
    if format == OutputFormat::Text && !groups.is_empty() {
        output::line(&format!(
            "{DIM}{:>6}  {:<20} {:>8}  ERROR{DIM:#}",
            "COUNT", "SOURCE", "OLDEST"
        ));
    }
    for ((source, error, condition), group) in groups {
        let age = |sent: Option<Duration>| sent.map_or(0, |sent| now.saturating_sub(sent).as_secs());
        let (oldest, newest) = (age(group.oldest), age(group.newest));
        match format {
            OutputFormat::Json => json::print(
                &json!({"type": "failures", "source": source, "error": error, "condition": condition,
                "count": group.count, "oldest_seconds": oldest, "newest_seconds": newest}),
            ),
            OutputFormat::Text => {
                output::line(&format!(
                    "{:>6}  {source:<20} {:>8}  {}",
                    group.count,
                    readable(oldest),
                    harmless(error)
                ));
            }
        }
    }
}

/// An age in its largest unit.
fn readable(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
