//! Parses values of arguments.

use chrono::DateTime;
use serde_json::Value;
use switchboard_aws::sdk::aws_sdk_s3::types::Event;
use switchboard_aws::wire::Start;

/// An S3 event type, with or without the prefix `s3:`.
pub(super) fn s3_event(text: &str) -> Result<String, String> {
    let event = match text.strip_prefix("s3:") {
        Some(_) => text.to_owned(),
        None => format!("s3:{text}"),
    };
    let known = Event::values();
    match known.contains(&event.as_str()) {
        true => Ok(event),
        false => Err(format!("expected one of {}", known.join(", "))),
    }
}

/// An AWS account id of twelve digits.
pub(super) fn account(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("expected the twelve digits of an account, such as 123456789012".to_owned()),
    }
}

pub(super) fn position(text: &str) -> Result<Start, String> {
    match text {
        "trim-horizon" => Ok(Start::TrimHorizon),
        "latest" => Ok(Start::Latest),
        time => DateTime::parse_from_rfc3339(time)
            .map(|time| Start::At(time.timestamp()))
            .map_err(|_| "expected trim-horizon, latest, or a time such as 2026-11-24T12:00:00Z".to_owned()),
    }
}

pub(super) fn json(text: &str) -> Result<String, String> {
    let parsed: Result<Value, _> = serde_json::from_str(text);
    match parsed {
        Ok(Value::Object(_)) => Ok(text.to_owned()),
        Ok(_) => Err("expected a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_positions_are_read_as_aws_spells_them() {
        assert_eq!(s3_event("ObjectCreated:*").as_deref(), Ok("s3:ObjectCreated:*"));
        assert_eq!(
            s3_event("s3:ObjectRemoved:Delete").as_deref(),
            Ok("s3:ObjectRemoved:Delete")
        );
        assert!(s3_event("ObjectMade").is_err());
        assert_eq!(position("1970-01-01T01:00:01+01:00"), Ok(Start::At(1)));
        assert!(position("oldest").is_err());
        assert!(json("[]").is_err() && json("{").is_err());
        assert_eq!(account("123456789012").as_deref(), Ok("123456789012"));
        assert!(account("12345678901").is_err() && account("orders-owner").is_err());
    }
}
