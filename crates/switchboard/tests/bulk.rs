//! All records of a batch in one call: each is answered for by itself, and one that is not comes again.

use crate::support::instructions::{
    Action, Instruction, Log, Seen, answer, deliver, instruction, kinesis, reported, sink, sqs,
};
use crate::support::logged::logged;
use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use switchboard::event::Transformed;
use switchboard::{Batch, Context, Failure, Outcome, Router};

/// Does as told: `Panic` stands for a record that the handler forgets.
fn conclude(text: &str, outcome: Outcome, log: &Log) {
    let mut parts = text.split(':');
    let (what, index) = (parts.next().unwrap(), parts.next_back().unwrap());
    match what {
        "Ok" => {
            log.note(Seen::Finished(index.parse().unwrap()));
            outcome.done(());
        }
        "Reject" => outcome.failed(Failure::reject("told to reject")),
        "Fail" => outcome.failed(Failure::msg("told to fail")),
        _ => drop(outcome),
    }
}

async fn on_records(batch: Batch<KinesisEventRecord>, cx: Context<Log>) -> Result<(), Failure> {
    assert!(!batch.is_empty());
    for pending in batch {
        let text = std::str::from_utf8(&pending.item.kinesis.data)?;
        conclude(text, pending.outcome, cx.state());
    }
    Ok(())
}

async fn on_messages(batch: Batch<SqsMessage>, cx: Context<Log>) -> Result<(), Failure> {
    for pending in batch {
        conclude(pending.item.body.as_deref().unwrap(), pending.outcome, cx.state());
    }
    Ok(())
}

fn done(instruction: &Instruction) -> bool {
    matches!(instruction.what, Action::Ok | Action::Reject)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_stream_comes_again_from_the_lowest_record_that_is_not_done(
        batch in proptest::collection::vec(instruction(), 1..30),
    ) {
        let log = Log::default();
        let router = Router::new(log.clone()).on_batch::<KinesisEvent>(on_records).dead_letters(sink(&log));
        let lowest = batch.iter().position(|instruction| !done(instruction));
        let expected: Vec<String> = lowest.iter().map(ToString::to_string).collect();
        prop_assert_eq!(reported(&deliver(router, kinesis(&batch))), expected);
    }

    #[test]
    fn of_a_queue_just_what_is_not_done_comes_again_and_what_is_behind_it_in_its_group(
        batch in proptest::collection::vec(instruction(), 1..30), fifo: bool,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone()).on_batch::<SqsEvent>(on_messages).dead_letters(sink(&log));
        let reported: HashSet<String> = reported(&deliver(router, sqs(&batch, fifo))).into_iter().collect();
        let behind_any = |n: usize, what: fn(&Instruction) -> bool| {
            fifo && (0..n).any(|m| batch[m].lane == batch[n].lane && what(&batch[m]))
        };
        let behind = |n| behind_any(n, |instruction| !done(instruction));
        // Not handed over, so that the handler has no say.
        let held = |n| behind_any(n, |instruction| instruction.what == Action::Unreadable);
        let expected: HashSet<String> = (0..batch.len())
            // What is rejected is in nobody's way.
            .filter(|n| !done(&batch[*n]) || held(*n) || (batch[*n].what == Action::Ok && behind(*n)))
            .map(|n| format!("m{n}"))
            .collect();
        prop_assert_eq!(reported, expected);
    }
}

fn batch(count: u8) -> Vec<Instruction> {
    let instruction = |lane| Instruction {
        what: Action::Ok,
        yields: 0,
        lane,
    };
    (0..count).map(instruction).collect()
}

#[test]
fn an_error_or_a_panic_leaves_open_what_was_not_answered_for() {
    for panics in [false, true] {
        let half = move |batch: Batch<KinesisEventRecord>, _cx: Context<Log>| async move {
            for pending in batch.into_iter().take(2) {
                pending.outcome.done(());
            }
            assert!(!panics, "the table is gone");
            Err(Failure::msg("the table is gone"))
        };
        let router = Router::new(Log::default()).on_batch::<KinesisEvent>(half);
        assert_eq!(reported(&deliver(router, kinesis(&batch(4)))), ["2"]);
    }
}

/// A record behind a failure is not rejected with the rest: it would be lost, or overtake the one that failed.
#[test]
fn what_is_behind_a_failure_in_its_group_is_open_whatever_the_handler_says() {
    let first_fails = |batch: Batch<SqsMessage>, _cx: Context<Log>| async move {
        let mut pending = batch.into_iter();
        pending
            .next()
            .unwrap()
            .outcome
            .failed(Failure::msg("told to fail"));
        pending.next().unwrap().outcome.done(());
        Err(Failure::reject("told to reject"))
    };
    let batch = [0, 0, 0, 1].map(|lane| Instruction {
        what: Action::Ok,
        yields: 0,
        lane,
    });
    let log = Log::default();
    let lines = logged(|| {
        let router = Router::new(log.clone())
            .on_batch::<SqsEvent>(first_fails)
            .dead_letters(sink(&log));
        assert_eq!(reported(&deliver(router, sqs(&batch, true))), ["m0", "m1", "m2"]);
    });
    assert_eq!(log.all(), [Seen::Rejected(3)]);
    // The failure before them is the one to be looked into.
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[test]
fn an_error_names_the_records_of_a_source_that_takes_no_answer() {
    let none = |batch: Batch<S3EventRecord>, _cx: Context<Log>| async move {
        assert_eq!(batch.len(), 1);
        for pending in &batch {
            assert_eq!(pending.item.s3.object.key.as_deref(), Some("k"));
        }
        Ok(())
    };
    let record = json!({"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}});
    let event = json!({"Records": [record, {"eventSource": "aws:s3", "s3": 1}]}).to_string();
    let error = answer(Router::new(Log::default()).on_batch::<S3Event>(none), event)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("2 of 2") && error.contains("(b/k): the handler gave no outcome"),
        "{error}"
    );
}

#[test]
fn a_batch_done_as_a_whole_answers_nothing_and_one_of_unreadable_records_calls_no_handler() {
    let all = |batch: Batch<KinesisEventRecord>, _cx: Context<Log>| async move {
        assert!(!batch.is_empty());
        batch.done();
        Ok(())
    };
    let router = || Router::new(Log::default()).on_batch::<KinesisEvent>(all);
    assert_eq!(
        deliver(router(), kinesis(&batch(3))),
        json!({"batchItemFailures": []})
    );
    let mut unreadable = batch(1);
    unreadable[0].what = Action::Unreadable;
    assert_eq!(reported(&deliver(router(), kinesis(&unreadable))), ["0"]);
}

async fn transform(
    batch: Batch<KinesisFirehoseEventRecord, Transformed>,
    _cx: Context<Log>,
) -> Result<(), Failure> {
    let mut records = batch.into_iter();
    let (first, second) = (records.next().unwrap(), records.next().unwrap());
    first
        .outcome
        .done(Transformed::ok(first.item.data.to_ascii_uppercase()));
    second.outcome.failed(Failure::reject("never"));
    Ok(())
}

#[test]
fn firehose_gets_each_records_result() {
    let record = |id| json!({"recordId": id, "approximateArrivalTimestamp": 1, "data": "YQ=="});
    let event = json!({"invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:r:1:deliverystream/d", "region": "r",
        "records": [record("a"), record("b"), record("c")]});
    let log = Log::default();
    let router = Router::new(log.clone())
        .on_batch::<KinesisFirehoseEvent>(transform)
        .dead_letters(|_| std::future::ready(Ok::<_, std::io::Error>(())));
    let results: Vec<Value> = deliver(router, event.to_string())["records"]
        .as_array()
        .unwrap()
        .clone();
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result["result"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["Ok", "Dropped", "ProcessingFailed"]);
    assert_eq!(results[0]["data"], "QQ==");
}
