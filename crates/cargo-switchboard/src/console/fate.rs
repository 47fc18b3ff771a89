//! What a source does after an invocation, and why it delivered a record once more, in words.

use lambda_sandbox::FunctionError;
use switchboard::source::{Delivery, Source};

use super::batch::{BatchOutcome, Cause, RecordFate};
use super::recorder::RecordedInvocation;

/// How many identifiers are listed.
const LISTED: usize = 3;

/// What the source does with the answer.
pub(super) fn next(invocation: &RecordedInvocation) -> String {
    let source = invocation.judged().source;
    let batch = invocation.batch();
    match (&batch.cause, batch.delivery) {
        (_, Delivery::Whole) => single(source, invocation.result.as_ref().err()),
        (Cause::Nothing, _) => "Nothing more: every record is done.".to_owned(),
        (Cause::Whole(_), delivery) => {
            format!("The invocation failed as a whole. {}", whole(delivery, source))
        }
        (Cause::Unreadable, delivery) => format!(
            "The reply names a record that is not in the batch, or has another form. The source takes that as a failure of the \
             whole batch. {}",
            whole(delivery, source)
        ),
        (Cause::Named(_), delivery) => named(batch, delivery),
    }
}

/// What a source does with the records that a reply names.
fn named(batch: &BatchOutcome, delivery: Delivery) -> String {
    let again = batch.again();
    let (count, all) = (again.len(), batch.records.len());
    match delivery {
        Delivery::Stream => {
            let first = again.first().copied().unwrap_or_default();
            format!(
                "The stream delivers again from record {first} ({}) on: {count} of {all} records, until they are done, are bisected, \
                 or the mapping's limits of attempts and age are reached.",
                name(batch, first)
            )
        }
        Delivery::Transformation => {
            let failed = batch.indexes(|record| record.fate == RecordFate::Failed);
            format!(
                "Firehose writes {} of {all} records to its error output. Nothing is delivered again.",
                failed.len()
            )
        }
        Delivery::Partitions => format!(
            "Kafka's mapping delivers {count} of {all} records again: {}. The other partitions go on.",
            list(batch, &again)
        ),
        _ => format!(
            "{count} of {all} stay in the queue and come again after the visibility timeout: {}. The others are deleted. (That needs \
             ReportBatchItemFailures in the mapping; without it, all are deleted.)",
            list(batch, &again)
        ),
    }
}

/// What a source does with a batch that has failed.
fn whole(delivery: Delivery, source: Source) -> &'static str {
    match delivery {
        Delivery::Stream | Delivery::Partitions | Delivery::Ordered => {
            "All of it is delivered again, until it is done, or the mapping's limits of attempts and age are reached."
        }
        Delivery::Queue => "All messages come again after the visibility timeout.",
        Delivery::Transformation => {
            "Firehose invokes the function again, up to three times, and then writes the batch to its error output."
        }
        Delivery::Notification if is_asynchronous(source) => ASYNCHRONOUS,
        _ => "All of it is delivered again.",
    }
}

const ASYNCHRONOUS: &str = "Lambda invokes the function again after about one and two minutes. Then the event goes to the \
                            destination for failures, or it is lost.";

fn is_asynchronous(source: Source) -> bool {
    source.invoker().is_some_and(|invoker| invoker.asynchronous)
}

/// What happens after an event that is no batch.
fn single(source: Source, error: Option<&FunctionError>) -> String {
    match error {
        None if source.is_http() => "The client has this response.".to_owned(),
        None if is_asynchronous(source) => "Nothing more: Lambda throws the reply away.".to_owned(),
        None => "The caller has this reply.".to_owned(),
        Some(_) if source.is_http() => {
            "The client gets 502, or 500 from an HTTP API. Nothing is tried again.".to_owned()
        }
        Some(_) if is_asynchronous(source) => ASYNCHRONOUS.to_owned(),
        Some(error) => format!("The caller gets the error {}.", error.error_type),
    }
}

/// Why the source delivered the record at `index` again after this invocation.
pub(super) fn why(earlier: &RecordedInvocation, index: usize) -> String {
    let id = earlier.id;
    let batch = earlier.batch();
    let Some(record) = batch.records.get(index) else {
        return String::new();
    };
    match (record.fate, &batch.cause) {
        (RecordFate::Done | RecordFate::Rejected, _) => {
            format!(
                "It was done in #{id} and came all the same: somebody sent it again, or the source delivered it twice."
            )
        }
        (_, Cause::Whole(error)) => {
            format!("#{id} failed as a whole ({error}), so all of its records came again.")
        }
        (_, Cause::Unreadable) => {
            format!(
                "The reply of #{id} names a record that is not in its batch, so all of its records came again."
            )
        }
        (RecordFate::Failed, Cause::Named(_)) => {
            let error = record.error.as_deref().unwrap_or("no log line says why");
            format!("It failed in #{id}: {error}")
        }
        (_, Cause::Named(named)) => held(earlier, index, named.first().copied().unwrap_or(index)),
        (RecordFate::Failed | RecordFate::Again, Cause::Nothing) => {
            format!("#{id} logged it as failed, but the reply does not name it.")
        }
    }
}

/// Why a record came again that had not failed.
fn held(earlier: &RecordedInvocation, index: usize, first: usize) -> String {
    let (id, batch) = (earlier.id, earlier.batch());
    let error = |at: usize| {
        let error = batch.records[at].error.as_deref();
        error.map_or(String::new(), |error| format!(" ({error})"))
    };
    if batch.delivery == Delivery::Stream && first != index {
        return format!(
            "Record {first} of #{id} failed{}, and a stream delivers again from there. This record came after it and came again, \
             although nothing was wrong with it.",
            error(first)
        );
    }
    let failed = |at: &usize| batch.records[*at].fate == RecordFate::Failed;
    let lane = batch.records[index].lane.as_deref();
    let in_lane = |at: &usize| lane.is_some() && batch.records[*at].lane.as_deref() == lane;
    match (0..index).rev().filter(failed).find(in_lane) {
        Some(before) => format!(
            "Record {before} of #{id} failed{} before it in the same lane, so the function did not come to this one.",
            error(before)
        ),
        None => format!(
            "The reply of #{id} names it, and no log line says that it failed: the function did not come to it."
        ),
    }
}

fn list(batch: &BatchOutcome, indexes: &[usize]) -> String {
    let names: Vec<String> = indexes
        .iter()
        .take(LISTED)
        .map(|index| name(batch, *index))
        .collect();
    let more = indexes.len().saturating_sub(LISTED);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// How a record is called: its identifier, cut at the front where sequence numbers are alike.
fn name(batch: &BatchOutcome, index: usize) -> String {
    let id = batch.records.get(index).and_then(|record| record.id.as_deref());
    match id {
        None => format!("record {index}"),
        Some(id) => match id.char_indices().rev().nth(15) {
            Some((start, _)) if start > 0 && id.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("…{}", &id[start..])
            }
            _ => id.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use serde_json::json;

    fn kinesis() -> String {
        let record = |index: usize| {
            json!({"eventSource": "aws:kinesis", "kinesis":
            {"partitionKey": format!("k{}", index % 2), "sequenceNumber": format!("4900{index}")}})
        };
        json!({"Records": (0..4).map(record).collect::<Vec<_>>()}).to_string()
    }

    #[test]
    fn a_record_behind_the_failure_of_a_stream_learns_whose_it_was() {
        let recorder = Recorder::new(9);
        let line = r#"{"message":"record failed","record":"49001","index":1,"error":"no price"}"#;
        recorder.note(
            kinesis(),
            Ok(r#"{"batchItemFailures":[{"itemIdentifier":"49001"}]}"#),
            &[line],
        );
        let one = recorder.get(1).unwrap();
        let said = next(&one);
        assert!(
            said.starts_with("The stream delivers again from record 1 (49001) on: 3 of 4 records"),
            "{said}"
        );
        assert!(
            why(&one, 2).starts_with("Record 1 of #1 failed (no price), and a stream"),
            "{}",
            why(&one, 2)
        );
        assert_eq!(why(&one, 1), "It failed in #1: no price");
        assert!(why(&one, 0).starts_with("It was done in #1"));
    }

    #[test]
    fn a_failed_invocation_is_why_all_of_its_records_came_again() {
        let recorder = Recorder::new(9);
        recorder.note(kinesis(), Err(FunctionError::new("Mine", "boom")), &[]);
        let one = recorder.get(1).unwrap();
        assert_eq!(
            why(&one, 3),
            "#1 failed as a whole (Mine: boom), so all of its records came again."
        );
        assert!(next(&one).contains("All of it is delivered again"));
    }

    #[test]
    fn what_becomes_of_single_events() {
        let recorder = Recorder::new(9);
        recorder.note("{}", Ok("null"), &[]);
        assert_eq!(next(&recorder.get(1).unwrap()), "The caller has this reply.");
        recorder.note("{}", Err(FunctionError::new("Mine", "boom")), &[]);
        assert_eq!(next(&recorder.get(2).unwrap()), "The caller gets the error Mine.");
    }
}
