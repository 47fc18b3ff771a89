//! What log lines have about an item besides its id.

use super::read::LONGEST_ID;
use super::{Event, StableFields, text_at};
use crate::source::first_part;
use chrono::DateTime;

/// [`Event::CORRELATION`] and [`Event::ATTEMPT`] with the event's type erased.
pub(crate) struct LogFields {
    correlate: fn(&[u8]) -> Option<String>,
    attempt: Option<&'static str>,
}

impl LogFields {
    /// For events without such ids.
    pub(crate) const NONE: Self = Self {
        correlate: |_| None,
        attempt: None,
    };

    pub(crate) const fn of<E: Event>() -> Self {
        Self {
            correlate: correlate::<E>,
            attempt: E::ATTEMPT,
        }
    }

    /// The id that correlates the item's log lines.
    pub(crate) fn correlation_id(&self, raw: &[u8]) -> Option<String> {
        (self.correlate)(raw)
    }

    /// How many times the item has been delivered, if its source says so.
    pub(crate) fn attempt(&self, raw: &[u8]) -> Option<u64> {
        text_at(raw, self.attempt?)?.parse().ok()
    }
}

fn correlate<E: Event>(raw: &[u8]) -> Option<String> {
    // A missing time is not part of an identity, so the time of receipt makes no difference.
    let identity = || const { &StableFields::of::<E>() }.short_identity(raw, DateTime::UNIX_EPOCH);
    match (E::CORRELATION, E::IDENTITY) {
        (Some(path), _) => first_text(raw, path),
        (None, [path]) => first_text(raw, path).or_else(identity),
        (None, _) => identity(),
    }
}

fn first_text(raw: &[u8], path: &str) -> Option<String> {
    let text = first_part(raw, path).filter(|text| text.len() <= LONGEST_ID)?;
    let text: String = serde_json::from_slice(text).ok()?;
    (!text.is_empty()).then_some(text)
}

#[cfg(all(test, feature = "sqs"))]
mod tests {
    use super::*;
    use aws_lambda_events::kinesis::KinesisEvent;
    use aws_lambda_events::s3::S3Event;
    use aws_lambda_events::sqs::SqsEvent;

    #[test]
    fn an_item_is_correlated_by_what_its_source_or_its_sender_named_it() {
        let correlate = |labels: LogFields, raw: &str| labels.correlation_id(raw.as_bytes());
        let of = |id: &str| Some(id.to_owned());
        assert_eq!(
            correlate(LogFields::of::<SqsEvent>(), r#"{"messageId":"m"}"#),
            of("m")
        );
        assert_eq!(
            correlate(LogFields::of::<KinesisEvent>(), r#"{"eventID":"s:1"}"#),
            of("s:1")
        );
        let s3 = r#"{"responseElements":{"x-amz-request-id":"R"},"s3":{"object":{"key":"k"}}}"#;
        assert_eq!(correlate(LogFields::of::<S3Event>(), s3), of("R"));
        assert_eq!(correlate(LogFields::of::<SqsEvent>(), "{}"), None);
        assert_eq!(correlate(LogFields::NONE, r#"{"messageId":"m"}"#), None);
    }

    #[test]
    fn a_source_that_counts_its_deliveries_says_which_one_it_is() {
        let attempt = |count: &str| {
            let raw = format!("{{\"attributes\":{{\"ApproximateReceiveCount\":{count}}}}}");
            LogFields::of::<SqsEvent>().attempt(raw.as_bytes())
        };
        assert_eq!(attempt("\"3\""), Some(3));
        assert_eq!(attempt("\"many\""), None);
        assert_eq!(LogFields::of::<KinesisEvent>().attempt(b"{}"), None);
    }
}
