//! Batches with any outcomes, on any number of lanes: nothing lost, nothing out of order, and answers that say so.

use crate::support::instructions::*;
use crate::support::logged::logged;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, Service};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};
use switchboard::{Context, DeadLetter, Failure, Handler, OnFault, Payload, Router};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_streams_checkpoint_is_the_lowest_record_that_is_not_through(
        batch in proptest::collection::vec(instruction(), 1..30), lanes in 1usize..6,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone()).kinesis(on_record.concurrency(lanes)).dead_letters(sink(&log));
        let reported = reported(&deliver(router, kinesis(&batch)));
        let (log, through) = (log.all(), through(&log.all()));
        let lowest = (0..batch.len()).find(|index| !through.contains(index));
        prop_assert_eq!(reported, lowest.map(|n| n.to_string()).into_iter().collect::<Vec<_>>());
        prop_assert!(in_order(&log, |n| batch[n].lane));
        // Once a failure is known, nothing later is started.
        let mut bound = usize::MAX;
        for seen in &log {
            match *seen {
                Seen::NotDone(n) => bound = bound.min(n),
                Seen::Started(n) => prop_assert!(n < bound, "{n} was started after {bound} had failed"),
                _ => {}
            }
        }
    }

    #[test]
    fn a_stream_that_is_delivered_again_loses_nothing_and_repeats_only_what_it_must(
        batch in proptest::collection::vec(instruction(), 1..20), lanes in 1usize..4,
    ) {
        let (mut from, mut finished, mut rounds) = (0, Vec::new(), 0);
        let mut batch = batch;
        while from < batch.len() {
            let log = Log::default();
            let router = Router::new(log.clone()).kinesis(on_record.concurrency(lanes)).dead_letters(sink(&log));
            let whole: Value = serde_json::from_str(&kinesis(&batch)).unwrap();
            let rest = json!({"Records": whole["Records"].as_array().unwrap()[from..]}).to_string();
            let reported = reported(&deliver(router, rest));
            finished.extend(log.all().into_iter().filter_map(|seen| match seen {
                Seen::Finished(n) | Seen::Rejected(n) => Some(n),
                _ => None,
            }));
            from = reported.first().map_or(batch.len(), |id| id.parse().unwrap());
            if let Some(failed) = batch.get_mut(from) {
                failed.what = Action::Ok;
            }
            rounds += 1;
            prop_assert!(rounds <= batch.len() + 1);
        }
        let done: HashSet<usize> = finished.iter().copied().collect();
        prop_assert_eq!(done.len(), batch.len());
    }

    #[test]
    fn a_queue_reports_exactly_what_is_not_through(
        batch in proptest::collection::vec(instruction(), 1..30), lanes in 1usize..6, fifo: bool,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone()).on::<SqsEvent>(on_message.concurrency(lanes)).dead_letters(sink(&log));
        let reported: HashSet<String> = reported(&deliver(router, sqs(&batch, fifo))).into_iter().collect();
        let (log, through) = (log.all(), through(&log.all()));
        let open: HashSet<String> =
            (0..batch.len()).filter(|index| !through.contains(index)).map(|n| format!("m{n}")).collect();
        prop_assert_eq!(reported, open);
        if fifo {
            prop_assert!(in_order(&log, |n| batch[n].lane));
            for (index, instruction) in batch.iter().enumerate().filter(|(_, instruction)| matches!(instruction.what, Action::Fail | Action::Panic | Action::Unreadable)) {
                let later = through.iter().any(|n| *n > index && batch[*n].lane == instruction.lane);
                prop_assert!(!later, "something behind {index} was handled");
            }
        } else {
            let good = batch.iter().filter(|instruction| matches!(instruction.what, Action::Ok | Action::Reject)).count();
            prop_assert_eq!(through.len(), good);
        }
    }
}

#[tokio::test]
async fn a_rejection_without_a_sink_or_with_a_broken_one_is_delivered_again() {
    let reject = |record: KinesisEventRecord, cx: Context<Log>| async move { on_record(record, cx).await };
    let batch = kinesis(&[Instruction {
        what: Action::Reject,
        yields: 0,
        lane: 0,
    }]);
    let broken = |_letter: DeadLetter| std::future::ready(Err(std::io::Error::other("the queue is gone")));
    for router in [
        Router::new(Log::default()).kinesis(reject),
        Router::new(Log::default()).kinesis(reject).dead_letters(broken),
    ] {
        let mut router = router;
        let event = LambdaEvent::new(Payload::new(batch.clone()), lambda_runtime::Context::default());
        let reply = serde_json::to_value(router.call(event).await.unwrap()).unwrap();
        assert_eq!(reported(&reply), ["0"]);
    }
}

/// Numbers are compared as numbers: 9 comes before 10.
#[test]
fn a_stream_out_of_order_is_delivered_again_from_the_lowest_number() {
    for (numbers, lowest) in [([10, 9, 11], "9"), ([9, 10, 2], "2"), ([9, 10, 11], "9")] {
        let batch = [Action::Fail, Action::Ok, Action::Ok].map(|what| Instruction {
            what,
            yields: 0,
            lane: 0,
        });
        let mut event: Value = serde_json::from_str(&kinesis(&batch)).unwrap();
        for (record, number) in event["Records"].as_array_mut().unwrap().iter_mut().zip(numbers) {
            record["kinesis"]["sequenceNumber"] = number.to_string().into();
        }
        let router = Router::new(Log::default()).kinesis(on_record);
        assert_eq!(
            reported(&deliver(router, event.to_string())),
            [lowest],
            "{numbers:?}"
        );
    }
}

#[test]
fn an_error_shows_the_first_ten_failures_in_the_order_of_the_records() {
    // The records end in their order, or in the opposite one.
    for opposite in [false, true] {
        let fail = move |record: S3EventRecord, _cx: Context<Log>| async move {
            let index: usize = record.s3.object.key.unwrap().parse()?;
            for _ in index..if opposite { 12 } else { index } {
                tokio::task::yield_now().await;
            }
            Err::<(), _>(Failure::msg("told to fail"))
        };
        let record = |index: usize| json!({"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": index.to_string()}}});
        let event = json!({"Records": (0..12).map(record).collect::<Vec<_>>()}).to_string();
        let router = Router::new(Log::default()).s3(fail.concurrency(12));
        let error = answer(router, event).unwrap_err().to_string();
        let failures = error.split("(b/").skip(1);
        let shown: Vec<&str> = failures
            .map(|failure| failure.split(')').next().unwrap())
            .collect();
        let first = (0..10).map(|index| index.to_string()).collect::<Vec<_>>();
        assert_eq!(shown, first, "{error}");
    }
}

#[test]
fn each_failed_record_has_a_line_in_the_log() {
    let batch = [Action::Fail, Action::Ok, Action::Unreadable, Action::Reject].map(|what| Instruction {
        what,
        yields: 0,
        lane: 0,
    });
    let lines = logged(|| {
        let log = Log::default();
        let router = Router::new(log.clone())
            .on::<SqsEvent>(on_message)
            .dead_letters(sink(&log));
        assert_eq!(reported(&deliver(router, sqs(&batch, false))), ["m0", "m2"]);
    });
    let of = |index: usize| {
        lines
            .iter()
            .filter(|line| line.contains(&format!(" record=\"m{index}\" ")))
            .count()
    };
    assert_eq!((0..4).map(of).collect::<Vec<_>>(), [1, 0, 1, 1], "{lines:#?}");
}

#[tokio::test]
async fn unreadable_records_can_be_rejected() {
    let log = Log::default();
    let mut router = Router::new(log.clone())
        .kinesis(on_record.on_unreadable(OnFault::Reject))
        .dead_letters(sink(&log));
    let batch = [Action::Ok, Action::Unreadable, Action::Ok].map(|what| Instruction {
        what,
        yields: 0,
        lane: 0,
    });
    let event = LambdaEvent::new(Payload::new(kinesis(&batch)), lambda_runtime::Context::default());
    let reply = serde_json::to_value(router.call(event).await.unwrap()).unwrap();
    assert_eq!(reply, json!({"batchItemFailures": []}));
    assert_eq!(through(&log.all()), HashSet::from([0, 1, 2]));
}

fn with_deadline(ms: u64) -> lambda_runtime::Context {
    let mut context = lambda_runtime::Context::default();
    let deadline = SystemTime::now() + Duration::from_millis(ms);
    context.deadline = deadline
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    context
}

async fn slow(record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    let index = record.kinesis.sequence_number.parse()?;
    cx.state().note(Seen::Started(index));
    tokio::time::sleep(Duration::from_millis(60)).await;
    cx.state().note(Seen::Finished(index));
    Ok(())
}

#[tokio::test]
async fn a_slow_batch_makes_progress_instead_of_timing_out() {
    for lanes in [1, 3] {
        let log = Log::default();
        let mut router = Router::new(log.clone()).kinesis(slow.concurrency(lanes));
        let batch: Vec<Instruction> = (0..60)
            .map(|n| Instruction {
                what: Action::Ok,
                yields: 0,
                lane: n % 8,
            })
            .collect();
        let start = Instant::now();
        let event = LambdaEvent::new(Payload::new(kinesis(&batch)), with_deadline(600));
        let reply = serde_json::to_value(router.call(event).await.unwrap()).unwrap();
        assert!(
            start.elapsed() < Duration::from_millis(600),
            "{:?}",
            start.elapsed()
        );
        let through = through(&log.all());
        let lowest = (0..60).find(|n| !through.contains(n)).unwrap();
        assert!(lowest > 0);
        assert_eq!(reported(&reply), [lowest.to_string()]);
    }
}

#[tokio::test]
async fn a_handler_that_outlasts_the_deadline_is_dropped_and_its_record_reported() {
    let log = Log::default();
    let hang = |record: S3EventRecord, cx: Context<Log>| async move {
        cx.state().note(Seen::Started(0));
        drop(record);
        std::future::pending::<()>().await;
        Ok(())
    };
    let mut router = Router::new(log.clone()).s3(hang);
    let record = json!({"eventSource": "aws:s3", "eventTime": "2026-01-01T00:00:00Z", "userIdentity": {},
        "requestParameters": {}, "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}});
    let event = LambdaEvent::new(
        Payload::new(json!({"Records": [record, record]}).to_string()),
        with_deadline(300),
    );
    let error = router.call(event).await.unwrap_err().to_string();
    assert!(
        error.contains("2 of 2") && error.contains("time ran out") && error.contains("not started"),
        "{error}"
    );
    assert_eq!(log.all(), [Seen::Started(0)]);
}

#[tokio::test]
async fn a_deadline_that_had_passed_before_the_event_came_is_ignored() {
    let log = Log::default();
    let mut router = Router::new(log.clone()).kinesis(slow);
    let ok = || Instruction {
        what: Action::Ok,
        yields: 0,
        lane: 0,
    };
    let mut context = lambda_runtime::Context::default();
    // What `cargo lambda watch` sends with every event.
    context.deadline = 600_000;
    let event = LambdaEvent::new(Payload::new(kinesis(&[ok(), ok(), ok()])), context);
    let reply = serde_json::to_value(router.call(event).await.unwrap()).unwrap();
    assert_eq!(reply, json!({"batchItemFailures": []}));
    assert_eq!(through(&log.all()), HashSet::from([0, 1, 2]));
}

/// Emulators number the records of each batch alike.
#[cfg(feature = "idempotency")]
#[tokio::test]
async fn a_memo_takes_no_record_for_another_of_its_number() {
    let memo = std::sync::Arc::new(switchboard::idempotency::Memory::new());
    let instruction = |what, yields, lane| Instruction { what, yields, lane };
    let batches = [
        [instruction(Action::Fail, 0, 0), instruction(Action::Ok, 0, 1)],
        [instruction(Action::Ok, 1, 0), instruction(Action::Ok, 1, 1)],
    ];
    for (batch, finished) in batches.iter().zip([HashSet::from([1]), HashSet::from([0, 1])]) {
        let log = Log::default();
        let handler = on_record.concurrency(2).memo(std::sync::Arc::clone(&memo));
        let mut router = Router::new(log.clone()).kinesis(handler);
        let event = LambdaEvent::new(Payload::new(kinesis(batch)), lambda_runtime::Context::default());
        router.call(event).await.unwrap();
        assert_eq!(through(&log.all()), finished);
    }
}

/// Sequence numbers are only unique within a stream, and some senders start every stream at the same one.
#[cfg(feature = "idempotency")]
#[test]
fn the_memo_of_one_stream_is_not_that_of_another() {
    let memo = std::sync::Arc::new(switchboard::idempotency::Memory::new());
    let batch = [(Action::Fail, 0), (Action::Ok, 1)].map(|(what, lane)| Instruction {
        what,
        yields: 0,
        lane,
    });
    for (stream, finished) in [("a", vec![1]), ("b", vec![1]), ("a", vec![])] {
        let mut event: Value = serde_json::from_str(&kinesis(&batch)).unwrap();
        for record in event["Records"].as_array_mut().unwrap() {
            record["eventSourceARN"] =
                format!("arn:aws:kinesis:eu-west-1:123456789012:stream/{stream}").into();
        }
        let log = Log::default();
        let handler = on_record.concurrency(2).memo(std::sync::Arc::clone(&memo));
        deliver(Router::new(log.clone()).kinesis(handler), event.to_string());
        assert_eq!(through(&log.all()), HashSet::from_iter(finished), "{stream}");
    }
}

#[cfg(feature = "idempotency")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Failures are of the first delivery only: whatever is done in any delivery is done once, in its lane's order.
    #[test]
    fn with_a_memo_other_lanes_go_on_and_nothing_is_done_twice(
        batch in proptest::collection::vec(instruction(), 1..20), lanes in 1usize..4,
    ) {
        let memo = std::sync::Arc::new(switchboard::idempotency::Memory::new());
        let (mut from, mut finished, mut batch) = (0, Vec::new(), batch);
        for _ in 0..=batch.len() {
            let log = Log::default();
            let handler = on_record.concurrency(lanes).memo(std::sync::Arc::clone(&memo));
            let router = Router::new(log.clone()).kinesis(handler).dead_letters(sink(&log));
            let whole: Value = serde_json::from_str(&kinesis(&batch)).unwrap();
            let rest = json!({"Records": whole["Records"].as_array().unwrap()[from..]}).to_string();
            let reported = reported(&deliver(router, rest));
            let log = log.all();
            prop_assert!(in_order(&log, |n| batch[n].lane));
            finished.extend(log.iter().filter_map(|seen| match seen {
                Seen::Finished(n) | Seen::Rejected(n) => Some(*n),
                _ => None,
            }));
            let open = |n: &usize| !finished.contains(n);
            let lowest = (0..batch.len()).find(open);
            prop_assert_eq!(&reported, &lowest.map(|n| n.to_string()).into_iter().collect::<Vec<_>>());
            let Some(lowest) = lowest else { break };
            // Every lane is done up to its own failure.
            for n in 0..batch.len() {
                let behind = (0..n).any(|m| batch[m].lane == batch[n].lane && open(&m));
                let fails = matches!(batch[n].what, Action::Fail | Action::Panic | Action::Unreadable);
                prop_assert!(behind || fails || !open(&n), "{n} was not done");
            }
            from = lowest;
            batch[lowest].what = Action::Ok;
        }
        let mut once = finished.clone();
        once.sort_unstable();
        prop_assert_eq!(once, (0..batch.len()).collect::<Vec<_>>());
    }
}
