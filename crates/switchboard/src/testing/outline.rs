//! The records of an event as they are written, with the names that its source, its order and its log lines know them by.

use crate::event::aws_lambda_events as aws;
use crate::event::{Event, LogFields, identify, lane_of, text_at};
use crate::source::{Delivery, Source, detect, is_bare, records};
use chrono::DateTime;

/// A record of a batch: [`outline`] finds it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RecordOutline<'p> {
    /// The record as it is written in the payload: a part of it.
    pub raw: &'p [u8],
    /// The key of the list that it is in, if the event has several: a partition of Kafka.
    pub list: Option<&'p [u8]>,
    /// The name by which its source wants to be told of a failure; in an event of EventBridge Pipes, by which the pipe does.
    pub id: Option<String>,
    /// The lane: what the source keeps in order.
    pub lane: Option<String>,
    /// The `correlation_id` of its log lines.
    pub correlation_id: Option<String>,
}

/// The records of a payload, up to where it is cut off; none if its source delivers one event at a time.
///
/// Identifiers and lanes are those of the library's own events: without the feature of a source its records have no lane.
///
/// # Example
/// ```
/// let event = br#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{"partitionKey":"a","sequenceNumber":"42"}}]}"#;
/// let records = switchboard::testing::outline(event);
/// assert_eq!(records[0].id.as_deref(), Some("42"));
/// assert_eq!(records[0].lane.as_deref(), Some("a"));
/// ```
#[must_use]
pub fn outline(payload: &[u8]) -> Vec<RecordOutline<'_>> {
    let source = detect(payload).source;
    if source.delivery() == Delivery::Whole {
        return Vec::new();
    }
    let pipe = source.pipe_identifier().filter(|_| is_bare(payload));
    let read = reader(source);
    let mut outlines = Vec::new();
    let mut all = records(payload);
    while let Some(Ok(_)) = all.upcoming() {
        let list = all.group();
        let Ok(raw) = all.pass_over() else { break };
        let (own, lane, correlation_id) = match read {
            Some(read) => read(raw),
            None => (plain(source, raw), None, None),
        };
        let id = match pipe {
            Some(path) => text_at(raw, path),
            None => own,
        };
        outlines.push(RecordOutline {
            raw,
            list,
            id,
            lane,
            correlation_id,
        });
    }
    outlines
}

/// The name of a record, its lane, and the id of its log lines.
type RecordNames = (Option<String>, Option<String>, Option<String>);

fn names_of<E: Event>(raw: &[u8]) -> RecordNames {
    let lane = E::may_have_lane(raw).then(|| lane_of::<E>(raw)).flatten();
    (
        // No identifier of a source is a time.
        identify::<E>(raw, DateTime::UNIX_EPOCH),
        lane,
        LogFields::of::<E>().correlation_id(raw),
    )
}

type NameReader = fn(&[u8]) -> RecordNames;

/// How records are read, for the sources whose events are among the features.
const READERS: &[(Source, NameReader)] = &[
    (Source::Kinesis, names_of::<aws::kinesis::KinesisEvent>),
    (Source::Dynamodb, names_of::<aws::dynamodb::Event>),
    (Source::S3, names_of::<aws::s3::S3Event>),
    #[cfg(feature = "kafka")]
    (Source::Kafka, names_of::<aws::kafka::KafkaEvent>),
    #[cfg(feature = "firehose")]
    (
        Source::KinesisFirehose,
        names_of::<aws::firehose::KinesisFirehoseEvent>,
    ),
    #[cfg(feature = "ses")]
    (Source::Ses, names_of::<aws::ses::SimpleEmailEvent>),
    #[cfg(feature = "sns")]
    (Source::Sns, names_of::<aws::sns::SnsEvent>),
    #[cfg(feature = "sqs")]
    (Source::Sqs, names_of::<aws::sqs::SqsEvent>),
];

fn reader(source: Source) -> Option<NameReader> {
    let mut readers = READERS.iter();
    let (_, reader) = readers.find(|(other, _)| *other == source)?;
    Some(*reader)
}

/// The values at the paths of the source's identifier.
fn plain(source: Source, raw: &[u8]) -> Option<String> {
    let parts = source.identifier().iter().map(|path| text_at(raw, path));
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(all(test, feature = "kafka", feature = "sqs"))]
mod tests {
    use super::*;
    use crate::testing::{Kinesis, Sqs, generate};
    use serde_json::json;

    fn names(payload: &str) -> Vec<(String, Option<String>)> {
        let outlines = outline(payload.as_bytes()).into_iter();
        outlines
            .map(|record| (record.id.unwrap_or_default(), record.lane))
            .collect()
    }

    #[test]
    fn records_have_the_names_by_which_failures_are_reported() {
        let body = json!({"order": 1});
        let sqs = Sqs::batch([Sqs::message(&body).id("a"), Sqs::message(&body).id("b")]).to_json();
        assert_eq!(names(&sqs), [("a".to_owned(), None), ("b".to_owned(), None)]);
        let kinesis = generate(Source::Kinesis, Some("{}"), 2).unwrap().to_json();
        let numbers: serde_json::Value = serde_json::from_str(&kinesis).unwrap();
        let numbers = [0, 1].map(|index| numbers["Records"][index]["kinesis"]["sequenceNumber"].clone());
        let found = outline(kinesis.as_bytes());
        assert_eq!(found.len(), 2);
        for (record, number) in found.iter().zip(&numbers) {
            assert_eq!(record.id.as_deref(), number.as_str());
            let correlation = record.correlation_id.as_deref().unwrap();
            assert!(correlation.ends_with(number.as_str().unwrap()), "{correlation}");
            assert!(record.lane.is_some());
        }
    }

    #[test]
    fn a_pipe_is_told_by_another_name() {
        let event = Kinesis::record("a", &json!({"a": 1})).in_pipe().to_json();
        let record = &outline(event.as_bytes())[0];
        assert_eq!(record.id.as_deref(), text_at(record.raw, "eventID").as_deref());
        assert!(record.id.as_deref().unwrap().contains(':'));
    }

    #[test]
    fn records_of_kafka_are_in_the_lists_of_their_partitions() {
        let event = generate(Source::Kafka, Some("{}"), 2).unwrap().to_json();
        let found = outline(event.as_bytes());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|record| record.list.is_some()));
        let (id, lane) = (found[0].id.as_deref().unwrap(), found[0].lane.as_deref().unwrap());
        assert_eq!(id.matches('/').count(), 2, "{id}");
        assert_eq!(id.rsplit_once('/').unwrap().0.replace('/', "-"), lane);
    }

    #[test]
    fn a_single_event_has_no_records_and_a_cut_batch_those_before_the_cut() {
        assert!(outline(b"{}").is_empty());
        let sqs = generate(Source::Sqs, Some("{}"), 3).unwrap().to_json();
        let second = sqs.match_indices("\"messageId\"").nth(1).unwrap().0;
        assert!(outline(&sqs.as_bytes()[..second]).len() <= 1);
        assert_eq!(outline(sqs.as_bytes()).len(), 3);
    }

    #[test]
    fn a_record_is_a_part_of_the_payload() {
        let sqs = generate(Source::Sqs, Some("{}"), 2).unwrap().to_json();
        for record in outline(sqs.as_bytes()) {
            let text = std::str::from_utf8(record.raw).unwrap();
            assert!(sqs.contains(text) && text.starts_with('{') && text.ends_with('}'));
        }
    }
}
