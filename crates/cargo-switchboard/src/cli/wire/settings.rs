//! From arguments to what is wanted.

use std::fs;

use chrono::DateTime;
use serde_json::Value;
use switchboard_aws::sdk::aws_sdk_s3::types::Event;

use super::args::{Auth, KindArgs, Sqs, Stream, WhenArgs};
use crate::Error;
use switchboard_aws::wire::{ApiKind, Queue, RuleMatch, Settings, Start, StreamSettings};
use switchboard_aws::{Aws, Failure};

/// An event of S3, with or without `s3:` before it.
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

/// An account of AWS, in twelve digits.
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

impl Auth {
    pub(super) fn is_anybody(self) -> bool {
        self == Self::None
    }
}

impl From<&KindArgs> for ApiKind {
    fn from(args: &KindArgs) -> Self {
        match args.rest {
            true => Self::Rest {
                stage: args.stage.clone(),
            },
            false => Self::Http,
        }
    }
}

impl WhenArgs {
    /// The pattern, read from its file, or the schedule.
    ///
    /// # Errors
    /// RuleMatch the file cannot be read, or holds no JSON object.
    pub(super) fn when(&self) -> Result<Option<RuleMatch>, Error> {
        if let Some(schedule) = &self.schedule {
            return Ok(Some(RuleMatch::Schedule(schedule.clone())));
        }
        let Some(path) = &self.pattern else {
            return Ok(None);
        };
        let text =
            fs::read_to_string(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
        let text =
            json(&text).map_err(|e| Error::other(format!("{} is no event pattern: {e}", path.display())))?;
        Ok(Some(RuleMatch::Pattern(text)))
    }
}

/// The settings of a stream's mapping.
///
/// # Errors
/// RuleMatch the queue for failures cannot be looked up.
pub(super) async fn of_stream(aws: &Aws, args: &Stream) -> Result<Settings, Failure> {
    let on_failure = match args.on_failure.as_deref() {
        Some(name) if !name.starts_with("arn:") => {
            Some(Queue::look_up(&aws.sqs(), name).await?.arn.to_string())
        }
        given => given.map(str::to_owned),
    };
    Ok(Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        stream: Some(StreamSettings {
            start: args.starting_position.clone(),
            parallelization_factor: args.parallelization_factor,
            bisect: !args.no_bisect,
            maximum_retry_attempts: args.max_retries.unwrap_or(-1),
            maximum_record_age: args.max_age.unwrap_or(-1),
            on_failure,
        }),
        maximum_concurrency: None,
    })
}

/// The settings of a queue's mapping.
pub(super) fn of_queue(args: &Sqs) -> Settings {
    Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        stream: None,
        maximum_concurrency: args.max_concurrency,
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
