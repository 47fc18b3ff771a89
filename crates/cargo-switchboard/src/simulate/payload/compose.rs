//! An event of several records, or of one.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, START};
use super::{dynamodb, eventbridge, kinesis, s3, sns, sqs};
use crate::simulate::plan::{Record, Task};
use crate::simulate::source::Source;

/// A record in one delivery.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct Item {
    /// Its place among all records.
    pub(in crate::simulate) index: usize,
    pub(in crate::simulate) record: Record,
    pub(in crate::simulate) task: Task,
    /// How often it has been delivered, this time included.
    pub(in crate::simulate) receives: usize,
}

impl Item {
    /// The payload: what to do, as JSON.
    pub(super) fn json(&self) -> String {
        self.task.json(&self.record.id)
    }

    /// When it was sent, in milliseconds since 1970.
    pub(super) fn sent(&self) -> i64 {
        START + 100 * i64::try_from(self.index).unwrap_or_default()
    }

    /// The same, as text.
    pub(super) fn sent_text(&self) -> String {
        DateTime::from_timestamp_millis(self.sent())
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// The event's JSON.
pub(in crate::simulate) fn compose(source: Source, items: &[Item]) -> String {
    let record: fn(&Item) -> Value = match source {
        Source::Kinesis => kinesis::record,
        Source::Dynamodb => dynamodb::record,
        Source::Sqs => sqs::standard,
        Source::SqsFifo => sqs::fifo,
        Source::Sns => sns::record,
        Source::S3 => s3::record,
        Source::Eventbridge => eventbridge::event,
    };
    match (source, items) {
        (Source::Eventbridge, [item]) => record(item).to_string(),
        _ => json!({"Records": items.iter().map(record).collect::<Vec<_>>()}).to_string(),
    }
}

/// The ARN of something in `service`.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::plan::plan;
    use crate::simulate::simulation::Simulation;
    use switchboard::source::{Source as Detected, detect};

    fn items(source: Source, records: usize) -> Vec<Item> {
        let plan = plan(&Simulation::new(source).records(records));
        let item = |(index, record): (usize, Record)| Item {
            index,
            task: record.task(0),
            record,
            receives: 1,
        };
        plan.into_iter().enumerate().map(item).collect()
    }

    #[test]
    fn every_event_is_known_as_its_sources() {
        let expected = |source| match source {
            Source::Kinesis => Detected::Kinesis,
            Source::Dynamodb => Detected::Dynamodb,
            Source::Sqs | Source::SqsFifo => Detected::Sqs,
            Source::Sns => Detected::Sns,
            Source::S3 => Detected::S3,
            Source::Eventbridge => Detected::CloudwatchEvents,
        };
        for source in Source::ALL {
            for records in 1..=source.largest_batch_size().min(3) {
                let payload = compose(source, &items(source, records));
                let detected = detect(payload.as_bytes());
                assert_eq!(detected.source, expected(source), "{payload}");
            }
        }
    }

    #[test]
    fn every_record_holds_what_it_is_told_to_do() {
        for source in Source::ALL {
            let payload = compose(source, &items(source, 1));
            let text = payload.replace("\\\"", "\"");
            // In Kinesis it is in base64.
            assert!(source == Source::Kinesis || text.contains("r-0"), "{payload}");
        }
    }
}
