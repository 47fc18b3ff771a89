//! What became of each record of a batch: the reply says which of them the source delivers again, the log lines say why.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use bytes::Bytes;
use event_source_mapping::answer::{AnswerForm, Failed, failures};
use lambda_sandbox::FunctionError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard::source::{Delivery, Source};
use switchboard::testing::outline;

use crate::deliver::one_line;

/// How a record ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RecordFate {
    /// The source takes it as done.
    Done,
    /// It failed, and a log line says so.
    Failed,
    /// The function has refused it for good; the source takes it as done.
    Rejected,
    /// It comes again although it did not fail: the function did not get to it, or what failed before it holds it back.
    Again,
}

/// A record of a batch.
#[derive(Debug)]
pub(super) struct BatchRecord {
    /// Where it is in the payload.
    pub(super) range: Range<usize>,
    /// The key of its list, where it is in the payload, if there are several lists.
    pub(super) list: Option<Range<usize>>,
    pub(super) id: Option<String>,
    pub(super) lane: Option<String>,
    correlation_id: Option<String>,
    pub(super) fate: RecordFate,
    /// Whether the source delivers it again.
    pub(super) again: bool,
    pub(super) error: Option<String>,
}

impl BatchRecord {
    /// How an answer names it. No answer can name a record that has no identifier.
    fn identifier(&self, form: AnswerForm) -> String {
        const NONE: &str = "\0";
        let id = self.id.as_deref().unwrap_or(NONE);
        match form {
            AnswerForm::Texts => id.to_owned(),
            // The lane is the topic and the partition.
            AnswerForm::Positions => {
                let offset = id.rsplit('/').next().unwrap_or(NONE);
                format!("{}/{offset}", self.lane.as_deref().unwrap_or(NONE))
            }
        }
    }
}

/// Why records come again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    /// None does.
    Nothing,
    /// The reply names these.
    Named(BTreeSet<usize>),
    /// The invocation has failed.
    Whole(String),
    /// The reply names something that is not in the batch, or has another form: the source takes the whole batch as failed.
    Unreadable,
}

/// A batch after its invocation.
#[derive(Debug)]
pub(super) struct BatchOutcome {
    pub(super) delivery: Delivery,
    pub(super) records: Vec<BatchRecord>,
    pub(super) cause: Cause,
    by_name: HashMap<String, usize>,
}

impl BatchOutcome {
    pub(super) fn of(
        source: Source,
        payload: &Bytes,
        result: &Result<Bytes, FunctionError>,
        lines: &[String],
    ) -> Self {
        let records = records(payload);
        let delivery = match (source.delivery(), payload.trim_ascii_start().first()) {
            // Pipes deliver again what an answer names, and nothing else.
            (Delivery::Stream, Some(b'[')) => Delivery::Queue,
            (delivery, _) => delivery,
        };
        let names = records.iter().enumerate();
        let by_name = names.flat_map(|(index, record)| {
            let names = [&record.id, &record.correlation_id].into_iter().flatten();
            names.map(move |name| (name.clone(), index))
        });
        let mut batch = Self {
            delivery,
            by_name: by_name.collect(),
            cause: Cause::Nothing,
            records,
        };
        batch.cause = match result {
            Err(error) => Cause::Whole(one_line(&error.to_string())),
            Ok(reply) => batch.cause_of(reply),
        };
        batch.settle();
        batch.read_lines(lines);
        batch
    }

    /// The indexes of the records that the source delivers again.
    pub(super) fn again(&self) -> Vec<usize> {
        self.indexes(|record| record.again)
    }

    /// The indexes of the records that are like this.
    pub(super) fn indexes(&self, which: impl Fn(&BatchRecord) -> bool) -> Vec<usize> {
        let all = self.records.iter().enumerate();
        all.filter(|(_, record)| which(record))
            .map(|(index, _)| index)
            .collect()
    }

    /// From where a stream delivers again.
    pub(super) fn checkpoint(&self) -> Option<usize> {
        match (&self.cause, self.delivery) {
            (Cause::Named(named), Delivery::Stream) => named.first().copied(),
            _ => None,
        }
    }

    /// The record that a log line is about.
    pub(super) fn record_of(&self, line: &RecordLine) -> Option<usize> {
        let by_index = line.index.filter(|index| *index < self.records.len());
        let named = || [&line.record, &line.correlation_id].into_iter().flatten();
        by_index
            .filter(|_| line.record.is_some())
            .or_else(|| named().find_map(|name| self.by_name.get(name.as_str()).copied()))
    }

    /// What the source makes of a reply.
    fn cause_of(&self, reply: &[u8]) -> Cause {
        let named = match self.delivery {
            Delivery::Stream | Delivery::Queue | Delivery::Partitions => self.named(reply),
            Delivery::Transformation => self.transformed(reply),
            _ => Some(BTreeSet::new()),
        };
        match named {
            None => Cause::Unreadable,
            Some(named) if named.is_empty() => Cause::Nothing,
            Some(named) => Cause::Named(named),
        }
    }

    /// Those that `batchItemFailures` names; `None` if it names something else.
    fn named(&self, reply: &[u8]) -> Option<BTreeSet<usize>> {
        let form = match self.delivery {
            Delivery::Partitions => AnswerForm::Positions,
            _ => AnswerForm::Texts,
        };
        let identifiers: Vec<String> = self
            .records
            .iter()
            .map(|record| record.identifier(form))
            .collect();
        match failures(form, reply, identifiers.iter().map(String::as_str)) {
            Failed::Some(indexes) => Some(indexes),
            Failed::All => None,
        }
    }

    /// Those without the result `Ok` or `Dropped`.
    fn transformed(&self, reply: &[u8]) -> Option<BTreeSet<usize>> {
        let reply: Value = serde_json::from_slice(reply).ok()?;
        let mut open: BTreeSet<usize> = (0..self.records.len()).collect();
        for record in reply["records"].as_array()? {
            let index = *self.by_name.get(record["recordId"].as_str()?)?;
            if matches!(record["result"].as_str()?, "Ok" | "Dropped") {
                open.remove(&index);
            }
        }
        Some(open)
    }

    /// Sets what the cause makes of each record.
    fn settle(&mut self) {
        let from = self.checkpoint();
        // A transformation is answered record by record; only if it fails as a whole it is tried again.
        let is_transformed = self.delivery == Delivery::Transformation;
        for (index, record) in self.records.iter_mut().enumerate() {
            let is_open = match &self.cause {
                Cause::Nothing => false,
                Cause::Whole(_) | Cause::Unreadable => true,
                Cause::Named(named) => from.map_or_else(|| named.contains(&index), |from| index >= from),
            };
            record.again = is_open && !(is_transformed && matches!(self.cause, Cause::Named(_)));
            record.fate = match is_open {
                true if is_transformed && !record.again => RecordFate::Failed,
                true => RecordFate::Again,
                false => RecordFate::Done,
            };
        }
    }

    /// Adds what log lines say of failed records.
    fn read_lines(&mut self, lines: &[String]) {
        for line in lines.iter().filter(|line| line.contains("record failed")) {
            let Some(line) = RecordLine::read(line).filter(RecordLine::is_of_a_failure) else {
                continue;
            };
            let Some(index) = self.record_of(&line) else {
                continue;
            };
            let record = &mut self.records[index];
            record.fate = match line.rejected {
                // Behind the first failure of a stream it comes again all the same.
                true if record.again => RecordFate::Again,
                true => RecordFate::Rejected,
                false => RecordFate::Failed,
            };
            record.error = line.error;
        }
    }
}

/// The records of an event, each as if it were done.
fn records(payload: &Bytes) -> Vec<BatchRecord> {
    let start = payload.as_ptr() as usize;
    let range = |part: &[u8]| {
        let at = part.as_ptr() as usize - start;
        at..at + part.len()
    };
    let outlines = outline(payload).into_iter();
    outlines
        .map(|record| BatchRecord {
            range: range(record.raw),
            list: record.list.map(range),
            id: record.id,
            lane: record.lane,
            correlation_id: record.correlation_id,
            fate: RecordFate::Done,
            again: false,
            error: None,
        })
        .collect()
}

/// What a log line in JSON says of a record.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RecordLine {
    message: Option<Value>,
    record: Option<String>,
    index: Option<usize>,
    rejected: bool,
    error: Option<String>,
    correlation_id: Option<String>,
}

impl RecordLine {
    pub(super) fn read(line: &str) -> Option<Self> {
        line.starts_with('{').then(|| serde_json::from_str(line).ok())?
    }

    fn is_of_a_failure(&self) -> bool {
        self.message
            .as_ref()
            .is_some_and(|message| message == "record failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RecordFate::{Again, Done, Failed, Rejected};
    use serde_json::json;
    use switchboard::testing::generate;

    /// The identifiers of three records, and what became of them after this reply and these lines.
    fn fates(source: Source, reply: impl Fn(&[String]) -> Value, failed: &[usize]) -> BatchOutcome {
        let payload: Bytes = generate(source, Some("{}"), 3).unwrap().to_json().into();
        let ids: Vec<String> = records(&payload)
            .into_iter()
            .map(|record| record.id.unwrap())
            .collect();
        let lines: Vec<String> = failed
            .iter()
            .map(|index| {
                json!({"level": "ERROR", "message": "record failed", "record": ids[*index], "index": index,
                    "error": "no price"})
                .to_string()
            })
            .collect();
        let reply = reply(&ids).to_string().into();
        BatchOutcome::of(source, &payload, &Ok(reply), &lines)
    }

    fn of(batch: &BatchOutcome) -> Vec<RecordFate> {
        batch.records.iter().map(|record| record.fate).collect()
    }

    fn naming(indexes: &'static [usize]) -> impl Fn(&[String]) -> Value {
        move |ids| {
            let items = indexes.iter().map(|index| json!({"itemIdentifier": ids[*index]}));
            json!({"batchItemFailures": items.collect::<Vec<_>>()})
        }
    }

    #[test]
    fn a_queue_delivers_again_what_the_reply_names() {
        let batch = fates(Source::Sqs, naming(&[1, 2]), &[1]);
        assert_eq!(of(&batch), [Done, Failed, Again]);
        assert_eq!(batch.again(), [1, 2]);
        assert_eq!(batch.records[1].error.as_deref(), Some("no price"));
    }

    #[test]
    fn a_stream_delivers_again_from_the_first_that_the_reply_names() {
        let batch = fates(Source::Kinesis, naming(&[1]), &[1]);
        assert_eq!(of(&batch), [Done, Failed, Again]);
        assert_eq!((batch.checkpoint(), batch.again()), (Some(1), vec![1, 2]));
    }

    #[test]
    fn kafka_names_records_by_partition_and_offset() {
        let reply = |ids: &[String]| {
            let parts: Vec<&str> = ids[1].split('/').collect();
            let offset: u64 = parts[2].parse().unwrap();
            let partition = format!("{}-{}", parts[0], parts[1]);
            json!({"batchItemFailures": [{"itemIdentifier": {"partition": partition, "offset": offset}}]})
        };
        let batch = fates(Source::Kafka, reply, &[]);
        assert_eq!(of(&batch), [Done, Again, Done]);
    }

    #[test]
    fn firehose_gets_a_result_for_each_record_and_delivers_nothing_again() {
        let reply = |ids: &[String]| {
            json!({"records": [{"recordId": ids[0], "result": "Ok"}, {"recordId": ids[1], "result": "ProcessingFailed"},
                {"recordId": ids[2], "result": "Dropped"}]})
        };
        let batch = fates(Source::KinesisFirehose, reply, &[1]);
        assert_eq!(of(&batch), [Done, Failed, Done]);
        assert!(batch.again().is_empty());
    }

    #[test]
    fn a_reply_that_names_something_else_fails_the_whole_batch() {
        let batch = fates(
            Source::Sqs,
            |_| json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            &[],
        );
        assert_eq!(batch.cause, Cause::Unreadable);
        assert_eq!(of(&batch), [Again; 3]);
    }

    #[test]
    fn an_invocation_that_fails_brings_the_whole_batch_again() {
        let payload = generate(Source::Dynamodb, Some("{}"), 2)
            .unwrap()
            .to_json()
            .into();
        let error = FunctionError::new("Mine", "no");
        let batch = BatchOutcome::of(Source::Dynamodb, &payload, &Err(error), &[]);
        assert_eq!(of(&batch), [Again, Again]);
        assert_eq!(batch.cause, Cause::Whole("Mine: no".to_owned()));
    }

    #[test]
    fn a_record_that_was_rejected_does_not_come_again() {
        let payload: Bytes = generate(Source::Sqs, Some("{}"), 1).unwrap().to_json().into();
        let line =
            json!({"message": "record failed", "index": 0, "record": "x", "rejected": true, "error": "no"});
        let batch = BatchOutcome::of(Source::Sqs, &payload, &Ok("null".into()), &[line.to_string()]);
        assert_eq!(of(&batch), [Rejected]);
        assert!(batch.again().is_empty());
    }

    #[test]
    fn lines_belong_to_records_by_their_correlation_id() {
        let payload: Bytes = generate(Source::Kinesis, Some("{}"), 2).unwrap().to_json().into();
        let batch = BatchOutcome::of(Source::Kinesis, &payload, &Ok("null".into()), &[]);
        let id = batch.records[1].correlation_id.clone().unwrap();
        let line = RecordLine::read(&json!({"message": "stored", "correlation_id": id}).to_string()).unwrap();
        assert_eq!(batch.record_of(&line), Some(1));
        assert_eq!(
            batch.record_of(&RecordLine::read(r#"{"message":"x"}"#).unwrap()),
            None
        );
        assert!(RecordLine::read("plain").is_none());
    }
}
