//! Events inside envelopes: those in the messages of queues and topics, and those that start durable executions.

use serde::Serialize;
use serde_json::Value;
use switchboard::event::durable::{self, Input};
use switchboard::source::{Embedded, Source, detect};

use crate::deliver::one_line;

/// How many nested envelopes are opened.
const DEEPEST: usize = 4;

/// An event inside a payload.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Content {
    /// Its JSON path, which continues inside embedded JSON texts.
    at: String,
    source: &'static str,
    evidence: Vec<String>,
}

impl Content {
    /// The event in one line of text.
    pub(super) fn line(&self) -> String {
        format!("{} is {} ({})", self.at, self.source, self.evidence.join(", "))
    }
}

/// Finds the first event of each source inside the payload, in the order of the records.
///
/// The `requestPayload` or `payload` in the record of a failure destination is not an event.
pub(super) fn contents(source: Source, payload: &[u8]) -> Vec<Content> {
    let mut found = Vec::new();
    if source.embedded() != Embedded::Nothing {
        open(source, payload, "", DEEPEST, &mut found);
    }
    found
}

fn open(source: Source, payload: &[u8], prefix: &str, depth: usize, found: &mut Vec<Content>) {
    let Ok(event) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    for (path, inner) in inside(source, &event) {
        let mut at = format!("{prefix}{path}");
        let inner = match notification(&inner) {
            Some(message) => {
                at.push_str(".Message");
                message
            }
            None => inner,
        };
        let detected = detect(inner.as_bytes());
        let name = detected.source.as_str();
        // An execution has one event, whichever it is. The records of a batch may be any text.
        let any = source.embedded() != Embedded::Input && detected.source == Source::Unknown;
        if !any && !found.iter().any(|content| content.source == name) {
            found.push(Content {
                at: at.clone(),
                source: name,
                evidence: detected.evidence().map(|line| one_line(&line)).collect(),
            });
        }
        if depth > 1 {
            open(
                detected.source,
                inner.as_bytes(),
                &format!("{at}."),
                depth - 1,
                found,
            );
        }
    }
}

/// The texts that may be events, with their paths.
fn inside(source: Source, event: &Value) -> Vec<(String, String)> {
    match source.embedded() {
        Embedded::Nothing => Vec::new(),
        Embedded::Text(path) => texts(event, path),
        Embedded::Detail(sender) if event["source"] == sender => {
            vec![("detail".to_owned(), event["detail"].to_string())]
        }
        Embedded::Detail(_) => Vec::new(),
        Embedded::Input => started(event).into_iter().collect(),
    }
}

/// The event that started a durable execution.
fn started(envelope: &Value) -> Option<(String, String)> {
    let Input::Event(event) = durable::open(&envelope.to_string().into()).ok()?.input else {
        return None;
    };
    let operations = envelope["InitialExecutionState"]["Operations"].as_array()?;
    let at = operations
        .iter()
        .position(|operation| operation["Type"] == "EXECUTION")?;
    let path = format!("InitialExecutionState.Operations[{at}].ExecutionDetails.InputPayload");
    Some((path, String::from_utf8_lossy(&event).into_owned()))
}

/// The texts at this path of each record, with their own paths.
fn texts(event: &Value, path: &str) -> Vec<(String, String)> {
    let pointer = format!("/{}", path.replace('.', "/"));
    let records = event["Records"].as_array().or(event.as_array());
    let prefix = if event.is_array() { "" } else { "Records" };
    let records = records.into_iter().flatten().enumerate();
    let texts = records.filter_map(|(index, record)| {
        let text = record.pointer(&pointer)?.as_str()?;
        Some((format!("{prefix}[{index}].{path}"), text.to_owned()))
    });
    texts.collect()
}

/// The message of a notification that SNS sent to a queue.
fn notification(text: &str) -> Option<String> {
    let notification: Value = serde_json::from_str(text).ok()?;
    let is = notification["Type"] == "Notification" && notification["TopicArn"].is_string();
    notification["Message"]
        .as_str()
        .filter(|_| is)
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(event: &Value) -> Vec<String> {
        let payload = event.to_string();
        let found = contents(detect(payload.as_bytes()).source, payload.as_bytes());
        found.iter().map(Content::line).collect()
    }

    fn sqs(bodies: &[&Value]) -> Value {
        let record =
            |body: &&Value| json!({"eventSource": "aws:sqs", "messageId": "m", "body": body.to_string()});
        json!({"Records": bodies.iter().map(record).collect::<Vec<_>>()})
    }

    #[test]
    fn records_of_failures_are_named_by_their_path() {
        let given_up = json!({"requestContext": {"condition": "RecordAgeExceeded", "functionArn": "f"},
            "KinesisBatchInfo": {"batchSize": 1}});
        let notification = json!({"Type": "Notification", "TopicArn": "t", "Message": given_up.to_string()});
        let evidence = r#"lambda_destination_kinesis (KinesisBatchInfo, requestContext.condition = "RecordAgeExceeded")"#;
        assert_eq!(
            lines(&sqs(&[&json!({"hello": 1}), &given_up, &given_up])),
            [format!("Records[1].body is {evidence}")]
        );
        assert_eq!(
            lines(&sqs(&[&notification])),
            [format!("Records[0].body.Message is {evidence}")]
        );
        let sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": given_up.to_string()}}]});
        assert_eq!(lines(&sns), [format!("Records[0].Sns.Message is {evidence}")]);
    }

    #[test]
    fn the_event_inside_a_failure_record_is_not_taken_for_an_event() {
        let failed = json!({"requestContext": {"condition": "RetriesExhausted", "functionArn": "f"},
            "requestPayload": {"Records": [{"eventSource": "aws:s3", "s3": {}}]}, "responseContext": {}});
        let bus = json!({"detail-type": "Lambda Function Invocation Result - Failure", "source": "lambda", "detail": failed});
        for (event, at) in [(sqs(&[&failed]), "Records[0].body"), (bus, "detail")] {
            let lines = lines(&event);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(
                lines[0].starts_with(&format!("{at} is lambda_destination (")),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn the_event_that_started_an_execution_is_told_whatever_it_is() {
        let envelope = |event: &str| {
            json!({"DurableExecutionArn": "a", "InitialExecutionState": {"Operations":
                [{"Type": "EXECUTION", "ExecutionDetails": {"InputPayload": event}}]}})
        };
        let at = "InitialExecutionState.Operations[0].ExecutionDetails.InputPayload";
        let s3 = json!({"Records": [{"eventSource": "aws:s3", "s3": {}}]});
        let lines_of = |event: &Value| lines(&envelope(&event.to_string()));
        assert_eq!(
            lines_of(&s3),
            [format!(r#"{at} is s3 (Records[0].eventSource = "aws:s3")"#)]
        );
        let inner = lines_of(&sqs(&[&s3]));
        assert!(inner[0].starts_with(&format!("{at} is sqs (")), "{inner:?}");
        assert!(
            inner[1].starts_with(&format!("{at}.Records[0].body is s3 (")),
            "{inner:?}"
        );
        let unknown = lines_of(&json!({"id": 17}));
        assert!(
            unknown[0].starts_with(&format!("{at} is unknown (")),
            "{unknown:?}"
        );
    }

    #[test]
    fn envelopes_in_envelopes_are_opened() {
        let s3 = json!({"Records": [{"eventSource": "aws:s3", "s3": {}}]});
        let lines = lines(&sqs(&[&sqs(&[&s3])]));
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[1].starts_with("Records[0].body.Records[0].body is s3 ("),
            "{lines:?}"
        );
    }
}
