//! Executions as a person reads them.

use serde_json::Value;

use super::super::output::{BAD, DIM, GOOD, line};
use super::super::render::harmless;
use super::span::readable;
use super::tree::{OperationNode, invocations, operations};

/// How much of a payload is shown.
const PAYLOAD: usize = 100;
/// The widest name that still moves the other columns.
const NAME: usize = 40;

/// A line for each execution.
pub(super) fn list(executions: &[Value]) {
    let names = executions
        .iter()
        .map(|execution| text(&execution["DurableExecutionName"]).chars().count());
    let width = names.max().unwrap_or(0);
    for execution in executions {
        let function = text(&execution["FunctionArn"]);
        let function = function.split(":function:").nth(1).unwrap_or_default();
        line(&format!(
            "{}  {:width$}  {:24}  {:>10}  {DIM}{}{DIM:#}",
            status(&text(&execution["Status"])),
            text(&execution["DurableExecutionName"]),
            date(execution["StartTimestamp"].as_f64()),
            lasted(execution).map(readable).unwrap_or_default(),
            harmless(function.trim_end_matches(":$LATEST")),
        ));
    }
    if executions.is_empty() {
        line("no executions");
    }
}

/// An execution with its operations.
pub(super) fn execution(execution: &Value, events: &[Value]) {
    let name = text(&execution["DurableExecutionName"]);
    let after = lasted(execution).map_or(String::new(), |seconds| format!(" after {}", readable(seconds)));
    let runs = invocations(events);
    let failed = match runs.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    let status = styled(&text(&execution["Status"]));
    line(&format!(
        "{name}  {status}{after}, invocations: {}{failed}",
        runs.total
    ));
    line(&format!(
        "{DIM}{}{DIM:#}",
        text(&execution["DurableExecutionArn"])
    ));
    fact("input", execution["InputPayload"].as_str());
    let nodes = operations(events);
    let widest = nodes
        .iter()
        .map(|node| node.widest(0))
        .max()
        .unwrap_or(0)
        .min(NAME);
    branches(&nodes, "", widest);
    fact("result", execution["Result"].as_str());
    if execution["Error"].is_object() {
        line(&format!("{BAD}error{BAD:#}   {}", error(&execution["Error"])));
    }
}

fn fact(name: &str, payload: Option<&str>) {
    if let Some(payload) = payload {
        line(&format!("{name:7} {}", short(payload)));
    }
}

fn branches(nodes: &[OperationNode], indent: &str, width: usize) {
    for (index, node) in nodes.iter().enumerate() {
        let last = index + 1 == nodes.len();
        let (branch, below) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let room = width.saturating_sub(indent.chars().count());
        line(&format!("{DIM}{indent}{branch}{DIM:#}{}", node.line(room)));
        branches(&node.children, &format!("{indent}{below}"), width);
    }
}

impl OperationNode {
    /// How wide the names of this operation and those below it are, with their indents.
    fn widest(&self, indent: usize) -> usize {
        let own = indent + self.title().chars().count();
        let below = self.children.iter().map(|child| child.widest(indent + 3));
        below.max().unwrap_or(0).max(own)
    }

    fn title(&self) -> String {
        let kind = match self.sub_type.as_deref() {
            Some(sub_type) if self.kind == "CONTEXT" => sub_type,
            _ => self.kind,
        };
        let name = self
            .name
            .as_deref()
            .unwrap_or(self.id.get(..8).unwrap_or(&self.id));
        harmless(&format!("{kind} {name}")).into_owned()
    }

    fn line(&self, width: usize) -> String {
        let lasted = self
            .ended
            .map(|ended| readable(ended - self.started))
            .unwrap_or_default();
        let mut line = format!("{:width$}  {}  {lasted:>10}", self.title(), status(&self.status));
        if self.attempts > 1 || (self.status == "PENDING" && self.attempts > 0) {
            line.push_str(&format!("  {} attempts", self.attempts));
        }
        if let Some(due) = self.due {
            line.push_str(&format!("  due {}", date(Some(due))));
        }
        if let Some(function) = &self.function {
            line.push_str(&format!("  → {}", harmless(function)));
        }
        if let Some(id) = self.callback_id.as_ref().filter(|_| self.ended.is_none()) {
            line.push_str(&format!("  {DIM}callback id{DIM:#} {}", harmless(id)));
        }
        if let Some(error) = &self.error {
            line.push_str(&format!("  {}", self::error(error)));
        } else if let Some(result) = &self.result {
            line.push_str(&format!("  {DIM}{}{DIM:#}", short(result)));
        }
        line
    }
}

/// The events of an execution, a line for each.
pub(super) fn history(events: &[Value]) {
    let began = events.first().and_then(|event| event["EventTimestamp"].as_f64());
    for event in events {
        let event_type = text(&event["EventType"]);
        let details = &event[format!("{event_type}Details")];
        let at = event["EventTimestamp"]
            .as_f64()
            .zip(began)
            .map(|(at, began)| at - began);
        let mut line_of_event = format!(
            "{:>12}  {event_type:22}",
            at.map(|at| format!("+{}", readable(at))).unwrap_or_default()
        );
        if let Some(name) = event["Name"].as_str().or(event["Id"].as_str()) {
            line_of_event.push_str(&format!("  {}", harmless(name)));
        }
        if let Some(seconds) = details["RetryDetails"]["NextAttemptDelaySeconds"].as_f64() {
            line_of_event.push_str(&format!("  again in {}", readable(seconds)));
        }
        let failed = &details["Error"]["Payload"];
        let payload = details["Result"]["Payload"]
            .as_str()
            .or(details["Input"]["Payload"].as_str());
        match payload {
            _ if failed.is_object() => line_of_event.push_str(&format!("  {}", error(failed))),
            Some(payload) => line_of_event.push_str(&format!("  {DIM}{}{DIM:#}", short(payload))),
            None => {}
        }
        line(&line_of_event);
    }
}

/// How long an execution took, if it has ended.
fn lasted(execution: &Value) -> Option<f64> {
    Some(execution["EndTimestamp"].as_f64()? - execution["StartTimestamp"].as_f64()?)
}

fn status(status: &str) -> String {
    styled(&format!("{status:9}"))
}

/// A status with the spaces behind it, if any.
fn styled(text: &str) -> String {
    let style = match text.trim_end() {
        "SUCCEEDED" => GOOD,
        "FAILED" | "TIMED_OUT" | "STOPPED" => BAD,
        _ => DIM,
    };
    format!("{style}{text}{style:#}")
}

fn date(seconds: Option<f64>) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "values out of range saturate and are not dates"
    )]
    let time = seconds.and_then(|seconds| chrono::DateTime::from_timestamp_millis((seconds * 1000.0) as i64));
    time.map(|time| time.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

fn error(error: &Value) -> String {
    let (error_type, message) = (text(&error["ErrorType"]), text(&error["ErrorMessage"]));
    let joined = match (error_type.is_empty(), message.is_empty()) {
        (false, false) => format!("{error_type}: {message}"),
        _ => format!("{error_type}{message}"),
    };
    short(&joined)
}

/// A payload in one line, cut off.
fn short(payload: &str) -> String {
    let one_line = crate::deliver::one_line(payload.get(..payload.len().min(4 * PAYLOAD)).unwrap_or(payload));
    let mut shown: String = one_line.chars().take(PAYLOAD).collect();
    if shown.len() < one_line.len() || payload.len() > 4 * PAYLOAD {
        shown.push_str(&format!("… ({} bytes)", payload.len()));
    }
    harmless(&shown).into_owned()
}

fn text(value: &Value) -> String {
    harmless(value.as_str().unwrap_or_default()).into_owned()
}
