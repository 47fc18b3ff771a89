//! Records of telemetry, in the schema that a subscriber has chosen.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::subscription::{Api, Schema};
use crate::function::FunctionError;
use crate::runtime_api::facts::Facts;

/// What happens in an execution environment.
pub(crate) enum Event {
    InitStart,
    InitRuntimeDone {
        failure: Option<FunctionError>,
    },
    InitReport {
        duration: Duration,
    },
    Start {
        request_id: String,
    },
    RuntimeDone {
        request_id: String,
        status: Status,
        duration: Duration,
        /// The size of a buffered reply, in bytes.
        produced: Option<usize>,
    },
    /// The runtime has crashed.
    Fault(String),
    /// The invocation has ended, before its report.
    End {
        request_id: String,
    },
    Report {
        request_id: String,
        status: Status,
        duration: Duration,
        init: Option<Duration>,
        peak_memory: Option<u64>,
    },
    /// An extension, after initialisation.
    Extension {
        name: String,
        state: &'static str,
        events: Vec<&'static str>,
        error_type: Option<String>,
    },
    Subscription {
        api: Api,
        name: String,
        types: Vec<&'static str>,
    },
    Dropped {
        records: usize,
        bytes: usize,
    },
    /// A line of the function.
    Line(String),
    /// A line of an extension.
    ExtensionLine(String),
}

/// How an invocation ended.
#[derive(Clone, Debug)]
pub(crate) enum Status {
    Success,
    /// The function answered with an error of this type.
    Error(String),
    /// A process exited; this is the type of the error.
    Failure(String),
    Timeout,
}

/// What a subscriber may subscribe to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Category {
    Platform,
    Function,
    Extension,
}

/// What is known of an invocation while it runs.
#[derive(Clone, Debug, Default)]
pub(super) struct ReportedInvocation {
    pub(super) trace_id: String,
    pub(super) tenant_id: Option<String>,
}

/// What records say beside their event.
pub(super) struct Around<'a> {
    pub(super) facts: &'a Facts,
    pub(super) schema: Schema,
    /// The invocation that the event belongs to.
    pub(super) invocation: Option<&'a ReportedInvocation>,
}

impl Category {
    pub(super) const ALL: [Self; 3] = [Self::Platform, Self::Function, Self::Extension];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }
}

impl Event {
    pub(super) fn category(&self) -> Category {
        match self {
            Self::Line(_) => Category::Function,
            Self::ExtensionLine(_) => Category::Extension,
            _ => Category::Platform,
        }
    }

    /// The request id of the invocation that it belongs to.
    pub(super) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Start { request_id }
            | Self::RuntimeDone { request_id, .. }
            | Self::End { request_id }
            | Self::Report { request_id, .. } => Some(request_id),
            _ => None,
        }
    }

    /// The record, or `None` if the schema has none for this event.
    pub(super) fn record(&self, time: &str, around: &Around<'_>) -> Option<String> {
        let (kind, record) = match around.schema.api() {
            Api::Telemetry => self.telemetry(around)?,
            Api::Logs => self.log(around)?,
        };
        Some(json!({"time": time, "type": kind, "record": record}).to_string())
    }

    fn telemetry(&self, around: &Around<'_>) -> Option<(&'static str, Value)> {
        let init = |mut record: Value| {
            record["initializationType"] = around.facts.initialisation_type.into();
            record["phase"] = "init".into();
            record
        };
        Some(match self {
            Self::InitStart => ("platform.initStart", init(around.facts.instance())),
            Self::InitRuntimeDone { failure } => {
                let status = failure.as_ref().map_or(Status::Success, Status::of_init);
                ("platform.initRuntimeDone", init(status.within(json!({}))))
            }
            Self::InitReport { duration } => {
                let metrics = json!({"durationMs": milliseconds(*duration)});
                ("platform.initReport", init(json!({"metrics": metrics})))
            }
            Self::Start { .. } => {
                let record = json!({"version": "$LATEST"});
                ("platform.start", self.of_invocation(record, around))
            }
            Self::RuntimeDone { status, .. } => {
                let record = status.within(json!({"metrics": self.metrics(around)}));
                ("platform.runtimeDone", self.of_invocation(record, around))
            }
            Self::Report { status, .. } => {
                let record = status.within(json!({"metrics": self.metrics(around)}));
                ("platform.report", self.of_invocation(record, around))
            }
            Self::Subscription { api: Api::Logs, .. } | Self::Fault(_) | Self::End { .. } => return None,
            Self::Subscription { .. } => ("platform.telemetrySubscription", self.plain(around)),
            Self::Extension { .. } => ("platform.extension", self.plain(around)),
            Self::Dropped { .. } => ("platform.logsDropped", self.plain(around)),
            Self::Line(_) => ("function", self.plain(around)),
            Self::ExtensionLine(_) => ("extension", self.plain(around)),
        })
    }

    fn log(&self, around: &Around<'_>) -> Option<(&'static str, Value)> {
        Some(match self {
            Self::InitStart | Self::InitRuntimeDone { .. } | Self::InitReport { .. } => return None,
            Self::Start { request_id } => {
                let record = json!({"requestId": request_id, "version": "$LATEST"});
                ("platform.start", record)
            }
            Self::RuntimeDone {
                request_id, status, ..
            } => {
                let record = json!({"requestId": request_id, "status": status.of_logs()});
                around
                    .schema
                    .has_runtime_done()
                    .then_some(("platform.runtimeDone", record))?
            }
            Self::Fault(text) => ("platform.fault", text.clone().into()),
            Self::End { request_id } => ("platform.end", json!({"requestId": request_id})),
            Self::Report { request_id, .. } => {
                let record = json!({"requestId": request_id, "metrics": self.metrics(around)});
                ("platform.report", record)
            }
            Self::Subscription {
                api: Api::Telemetry, ..
            } => return None,
            Self::Subscription { .. } => ("platform.logsSubscription", self.plain(around)),
            Self::Extension { .. } => ("platform.extension", self.plain(around)),
            Self::Dropped { .. } => ("platform.logsDropped", self.plain(around)),
            Self::Line(_) => ("function", self.plain(around)),
            Self::ExtensionLine(_) => ("extension", self.plain(around)),
        })
    }

    /// A record that is the same in all schemas.
    fn plain(&self, around: &Around<'_>) -> Value {
        match self {
            Self::Extension {
                name,
                state,
                events,
                error_type,
            } => {
                let record = json!({"name": name, "state": state, "events": events});
                with(record, "errorType", error_type.clone())
            }
            Self::Subscription { name, types, .. } => {
                json!({"name": name, "state": "Subscribed", "types": types})
            }
            Self::Dropped { records, bytes } => json!({
                "droppedRecords": records,
                "droppedBytes": bytes,
                "reason": "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.",
            }),
            // Older schemas have text, whatever the log format.
            Self::Line(line) | Self::ExtensionLine(line)
                if around.schema.has_objects() && around.facts.json_lines =>
            {
                let object = serde_json::from_str::<Map<String, Value>>(line);
                object.map_or_else(|_| line.clone().into(), Value::Object)
            }
            Self::Line(line) | Self::ExtensionLine(line) => line.clone().into(),
            _ => Value::Null,
        }
    }

    fn metrics(&self, around: &Around<'_>) -> Value {
        match self {
            Self::RuntimeDone {
                duration, produced, ..
            } => {
                let metrics = json!({"durationMs": milliseconds(*duration)});
                with(metrics, "producedBytes", *produced)
            }
            Self::Report {
                duration,
                init,
                peak_memory,
                ..
            } => {
                let metrics = json!({
                    "durationMs": milliseconds(*duration),
                    "billedDurationMs": billed(*duration + init.unwrap_or_default()),
                    "memorySizeMB": around.facts.memory_mb,
                    "maxMemoryUsedMB": peak_memory.unwrap_or_default().div_ceil(1 << 20),
                });
                with(metrics, "initDurationMs", init.map(milliseconds))
            }
            _ => Value::Null,
        }
    }

    fn of_invocation(&self, mut record: Value, around: &Around<'_>) -> Value {
        record["requestId"] = self.request_id().into();
        let Some(invocation) = around.invocation else {
            return record;
        };
        record["tracing"] = json!({"type": "X-Amzn-Trace-Id", "value": invocation.trace_id});
        with(record, "tenantId", invocation.tenant_id.clone())
    }
}

impl Status {
    fn of_init(error: &FunctionError) -> Self {
        match error.error_type.as_str() {
            "Sandbox.Timedout" => Self::Timeout,
            kind => Self::Error(kind.to_owned()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error(_) => "error",
            Self::Failure(_) => "failure",
            Self::Timeout => "timeout",
        }
    }

    /// The Logs API knows no errors of functions.
    fn of_logs(&self) -> &'static str {
        match self {
            Self::Error(_) => "failure",
            other => other.name(),
        }
    }

    fn within(&self, mut record: Value) -> Value {
        record["status"] = self.name().into();
        let error_type = match self {
            Self::Success => None,
            Self::Error(kind) | Self::Failure(kind) => Some(known(kind)),
            Self::Timeout => Some("Sandbox.Timedout".to_owned()),
        };
        with(record, "errorType", error_type)
    }
}

/// The type of an error as Lambda passes it on. A function's own types, which may say anything, become `Function.Unknown` or
/// `Runtime.Unknown`.
fn known(kind: &str) -> String {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let fallback = match kind.split_once('.') {
        Some(("Runtime" | "Function" | "Extension" | "Sandbox", word)) if is_word(word) => kind,
        Some(("Function", _)) => "Function.Unknown",
        _ => "Runtime.Unknown",
    };
    fallback.to_owned()
}

fn with(mut record: Value, name: &str, value: Option<impl Into<Value>>) -> Value {
    if let Some(value) = value {
        record[name] = value.into();
    }
    record
}

/// Rounded as Lambda does.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

fn billed(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(json_lines: bool) -> Facts {
        Facts {
            json_lines,
            ..Facts::of_tests()
        }
    }

    fn record(event: &Event, version: &str, json_lines: bool) -> Option<Value> {
        let schema = Schema::named(version).unwrap();
        let invocation = ReportedInvocation {
            trace_id: "Root=1".to_owned(),
            tenant_id: Some("north".to_owned()),
        };
        let around = Around {
            facts: &facts(json_lines),
            schema,
            invocation: event.request_id().map(|_| &invocation),
        };
        let record = event.record("2026-01-01T00:00:00.000Z", &around)?;
        Some(serde_json::from_str(&record).unwrap())
    }

    fn report(status: Status) -> Event {
        Event::Report {
            request_id: "a".to_owned(),
            status,
            duration: Duration::from_micros(1_234),
            init: Some(Duration::from_millis(20)),
            peak_memory: Some((84 << 20) - 5),
        }
    }

    #[test]
    fn a_report_has_metrics_and_the_trace() {
        let telemetry = record(&report(Status::Success), "2022-12-13", false).unwrap();
        assert_eq!(
            telemetry,
            json!({"time": "2026-01-01T00:00:00.000Z", "type": "platform.report", "record": {
                "requestId": "a",
                "status": "success",
                "tenantId": "north",
                "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1"},
                "metrics": {"durationMs": 1.23, "billedDurationMs": 22, "memorySizeMB": 128, "maxMemoryUsedMB": 84, "initDurationMs": 20.0},
            }})
        );
        let log = record(&report(Status::Success), "2020-08-15", false).unwrap();
        assert_eq!(log["record"]["requestId"], "a");
        assert_eq!(log["record"]["status"], Value::Null);
        assert_eq!(log["record"]["metrics"], telemetry["record"]["metrics"]);
    }

    #[test]
    fn errors_have_a_status_and_a_type_that_lambda_knows() {
        for (status, name, kind, of_logs) in [
            (
                Status::Error("Mine".to_owned()),
                "error",
                "Runtime.Unknown",
                "failure",
            ),
            (
                Status::Error("Function.no".to_owned()),
                "error",
                "Function.Unknown",
                "failure",
            ),
            (
                Status::Failure("Runtime.ExitError".to_owned()),
                "failure",
                "Runtime.ExitError",
                "failure",
            ),
            (Status::Timeout, "timeout", "Sandbox.Timedout", "timeout"),
        ] {
            let done = Event::RuntimeDone {
                request_id: "a".to_owned(),
                status,
                duration: Duration::ZERO,
                produced: None,
            };
            let telemetry = record(&done, "2025-01-29", false).unwrap();
            assert_eq!(
                (&telemetry["record"]["status"], &telemetry["record"]["errorType"]),
                (&json!(name), &json!(kind))
            );
            let log = record(&done, "2021-03-18", false).unwrap();
            assert_eq!(log["record"], json!({"requestId": "a", "status": of_logs}));
            assert_eq!(record(&done, "2020-08-15", false), None);
        }
    }

    #[test]
    fn json_lines_are_objects_from_the_second_schema_on() {
        let line = Event::Line(r#"{"level":"INFO"}"#.to_owned());
        let of = |event: &Event, version, json_lines| {
            record(event, version, json_lines).unwrap()["record"].clone()
        };
        assert_eq!(of(&line, "2022-12-13", true), json!({"level": "INFO"}));
        assert_eq!(of(&line, "2022-12-13", false), r#"{"level":"INFO"}"#);
        assert_eq!(of(&line, "2022-07-01", true), r#"{"level":"INFO"}"#);
        assert_eq!(of(&Event::Line("[1]".to_owned()), "2025-01-29", true), "[1]");
    }

    #[test]
    fn the_apis_have_records_of_their_own() {
        let end = || Event::End {
            request_id: "a".to_owned(),
        };
        assert_eq!(record(&Event::InitStart, "2021-03-18", false), None);
        assert_eq!(record(&end(), "2022-07-01", false), None);
        assert_eq!(
            record(&end(), "2020-08-15", false).unwrap()["type"],
            "platform.end"
        );
        let start = record(&Event::InitStart, "2022-07-01", false).unwrap();
        assert_eq!(start["record"]["initializationType"], "on-demand");
        assert_eq!(start["record"]["phase"], "init");
    }
}
