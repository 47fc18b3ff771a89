//! What lies in a queue of failures: what it is about, and the event to deliver again.

use event_source_mapping::Record as _;
use serde_json::{Value, json};
use switchboard::source::detect;
use switchboard_aws::Arn;
use switchboard_aws::poll::QueueMessage;

/// A failure that lies in a queue.
pub(super) struct StoredFailure {
    pub(super) message: QueueMessage,
    /// The source of the event that failed.
    pub(super) source: String,
    /// The type of the error, or why it was given up.
    pub(super) error: String,
    /// Why it was given up, in Lambda's words; empty for messages.
    pub(super) condition: String,
    pub(super) held: HeldEvent,
}

/// How the failure holds its event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum HeldEvent {
    /// Whole.
    Whole(Value),
    /// The records are to be read again.
    Positions(Positions),
}

/// Records of a shard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Positions {
    pub(super) stream_arn: String,
    pub(super) shard: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) count: u64,
}

impl StoredFailure {
    pub(super) fn read(message: QueueMessage) -> Self {
        let body = unwrapped(serde_json::from_str(message.body()).unwrap_or_default());
        let condition = text(&body["requestContext"]["condition"]);
        let (held, error) = match held(&body, &message.record) {
            Some(held) if condition.is_empty() => {
                let attributes = &message.record["messageAttributes"];
                (held, text(&attributes["ErrorMessage"]["stringValue"]))
            }
            Some(held) => {
                let error = text(&body["responsePayload"]["errorType"]);
                (
                    held,
                    if error.is_empty() {
                        condition.clone()
                    } else {
                        error
                    },
                )
            }
            None => (
                HeldEvent::Whole(of_queue(&message.record)),
                "received too often".to_owned(),
            ),
        };
        let source = match &held {
            HeldEvent::Whole(event) => detect(event.to_string().as_bytes()).source.as_str().to_owned(),
            HeldEvent::Positions(positions) => text_of_service(&positions.stream_arn),
        };
        Self {
            message,
            source,
            error,
            condition,
            held,
        }
    }

    /// Whether all of these hold.
    pub(super) fn is_wanted(&self, conditions: &[(String, String)]) -> bool {
        conditions.iter().all(|(key, value)| {
            let own = match key.as_str() {
                "source" => &self.source,
                "error" => &self.error,
                _ => &self.condition,
            };
            own == value
        })
    }

    /// The message's id.
    pub(super) fn id(&self) -> &str {
        self.message.identifier()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn text_of_service(arn: &str) -> String {
    arn.parse::<Arn>().map(|arn| arn.service).unwrap_or_default()
}

/// The record of a destination without the notification or the event around it.
fn unwrapped(mut body: Value) -> Value {
    let is_record = |value: &Value| value["requestContext"]["condition"].is_string();
    if body["Type"] == "Notification" {
        let inner = body["Message"]
            .as_str()
            .and_then(|message| serde_json::from_str(message).ok());
        return inner.filter(is_record).unwrap_or(body);
    }
    if is_record(&body["detail"]) {
        return body["detail"].take();
    }
    body
}

/// The event of a destination's record, or of a function's dead-letter queue.
fn held(body: &Value, message: &Value) -> Option<HeldEvent> {
    if body["requestContext"]["condition"].is_string() {
        for name in ["payload", "requestPayload"] {
            match &body[name] {
                Value::Null => {}
                // Written as a text, too.
                Value::String(text) if name == "payload" => {
                    return serde_json::from_str(text).ok().map(HeldEvent::Whole);
                }
                event => return Some(HeldEvent::Whole(event.clone())),
            }
        }
        let info = [&body["KinesisBatchInfo"], &body["DDBStreamBatchInfo"]];
        let info = info.into_iter().find(|info| info.is_object())?;
        return Some(HeldEvent::Positions(Positions {
            stream_arn: text(&info["streamArn"]),
            shard: text(&info["shardId"]),
            first: text(&info["startSequenceNumber"]),
            last: text(&info["endSequenceNumber"]),
            count: info["batchSize"].as_u64().unwrap_or(1),
        }));
    }
    let attributes = &message["messageAttributes"];
    let of_function = ["RequestID", "ErrorCode"]
        .iter()
        .all(|name| attributes[name].is_object());
    (of_function && !body.is_null()).then(|| HeldEvent::Whole(body.clone()))
}

/// The message in the event of the queue that it comes from.
fn of_queue(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(arn) = record["attributes"]["DeadLetterQueueSourceArn"]
        .as_str()
        .map(str::to_owned)
    {
        record["eventSourceARN"] = arn.into();
    }
    json!({"Records": [record]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(body: &Value) -> Option<HeldEvent> {
        held(body, &Value::Null)
    }

    #[test]
    fn a_mappings_record_has_positions_unless_it_has_the_event() {
        let mut body = json!({"requestContext": {"condition": "RetryAttemptsExhausted"},
            "KinesisBatchInfo": {"shardId": "s", "startSequenceNumber": "1", "endSequenceNumber": "2", "batchSize": 2,
                "streamArn": "arn:aws:kinesis:eu-west-1:1:stream/clicks"}});
        let Some(HeldEvent::Positions(found)) = positions(&body) else {
            panic!("it has positions");
        };
        assert_eq!(
            (found.first.as_str(), found.last.as_str(), found.count),
            ("1", "2", 2)
        );
        body["payload"] = json!({"Records": []});
        assert_eq!(positions(&body), Some(HeldEvent::Whole(json!({"Records": []}))));
        body["payload"] = json!(r#"{"Records":[1]}"#);
        assert_eq!(positions(&body), Some(HeldEvent::Whole(json!({"Records": [1]}))));
    }

    #[test]
    fn an_asynchronous_event_is_found_in_whatever_brought_it() {
        let record = json!({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {"a": 1}});
        for brought in [
            record.clone(),
            json!({"Type": "Notification", "Message": record.to_string()}),
            json!({"detail-type": "Lambda Function Invocation Result - Failure", "detail": record}),
        ] {
            assert_eq!(
                positions(&unwrapped(brought)),
                Some(HeldEvent::Whole(json!({"a": 1})))
            );
        }
        // A notification that was a queue's message all along.
        let other = json!({"Type": "Notification", "Message": "text"});
        assert_eq!(unwrapped(other.clone()), other);
        assert_eq!(positions(&other), None);
    }

    #[test]
    fn a_functions_dead_letter_queue_has_the_bare_event() {
        let message = json!({"messageAttributes": {"RequestID": {}, "ErrorCode": {}}});
        assert_eq!(
            held(&json!({"a": 1}), &message),
            Some(HeldEvent::Whole(json!({"a": 1})))
        );
        assert_eq!(held(&json!({"a": 1}), &json!({"messageAttributes": {}})), None);
    }

    #[test]
    fn a_message_is_delivered_as_from_its_own_queue() {
        let record = json!({"messageId": "1", "attributes": {"DeadLetterQueueSourceArn": "arn:orders"}, "eventSourceARN": "arn:dead"});
        assert_eq!(of_queue(&record)["Records"][0]["eventSourceARN"], "arn:orders");
    }
}
