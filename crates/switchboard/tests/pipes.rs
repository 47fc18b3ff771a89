//! EventBridge Pipes: as a target the function names what has to come again, as an enrichment it says what the target gets,
//! and where it is neither said to be, its answer is right for both.

use crate::support::instructions::{
    Action, Instruction, Log, Seen, answer, deliver, follow, in_order, instruction, kinesis, reported, sink,
    sqs,
};
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::{Context, Failure, Handler, Router};

async fn on_message(message: SqsMessage, cx: Context<Log>) -> Result<(), Failure> {
    follow(&message.body.unwrap(), cx.state()).await
}

async fn on_record(record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    follow(std::str::from_utf8(&record.kinesis.data)?, cx.state()).await
}

/// The records as a pipe hands them over: a bare list, those of Kinesis flat.
fn piped(event: &str) -> String {
    let mut event: Value = serde_json::from_str(event).unwrap();
    let records = event["Records"].as_array_mut().unwrap();
    for (index, record) in records.iter_mut().enumerate() {
        let record = record.as_object_mut().unwrap();
        if let Some(Value::Object(inner)) = record.remove("kinesis") {
            record.extend(inner);
            record.insert(
                "eventID".to_owned(),
                json!(format!("shardId-000000000000:{index}")),
            );
        }
    }
    Value::from(records.clone()).to_string()
}

fn open(log: &[Seen], count: usize) -> Vec<usize> {
    let through = crate::support::instructions::through(log);
    (0..count).filter(|index| !through.contains(index)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_target_names_every_message_that_is_not_done(
        batch in proptest::collection::vec(instruction(), 1..20), fifo: bool, lanes in 1usize..4,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone())
            .on::<SqsEvent>(on_message.concurrency(lanes))
            .dead_letters(sink(&log))
            .pipe_target();
        let reply = deliver(router, piped(&sqs(&batch, fifo)));
        let log = log.all();
        let expected: Vec<String> = open(&log, batch.len()).iter().map(|index| format!("m{index}")).collect();
        prop_assert_eq!(reported(&reply), expected);
        prop_assert!(!fifo || in_order(&log, |n| batch[n].lane));
    }

    #[test]
    fn a_target_names_every_record_of_a_stream_that_is_not_done_by_its_event_id(
        batch in proptest::collection::vec(instruction(), 1..20), lanes in 1usize..4,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone())
            .kinesis(on_record.concurrency(lanes))
            .dead_letters(sink(&log))
            .pipe_target();
        let reply = deliver(router, piped(&kinesis(&batch)));
        let log = log.all();
        let expected: Vec<String> =
            open(&log, batch.len()).iter().map(|index| format!("shardId-000000000000:{index}")).collect();
        prop_assert_eq!(reported(&reply), expected);
        prop_assert!(in_order(&log, |n| batch[n].lane));
    }

    #[test]
    fn unsaid_a_batch_is_done_as_a_whole_or_comes_again_as_a_whole(
        batch in proptest::collection::vec(instruction(), 1..10),
    ) {
        let log = Log::default();
        let router =
            Router::new(log.clone()).on::<SqsEvent>(on_message).kinesis(on_record).dead_letters(sink(&log));
        let whole = batch.iter().all(|instruction| matches!(instruction.what, Action::Ok | Action::Reject));
        for event in [sqs(&batch, false), kinesis(&batch)] {
            match answer(router.clone(), piped(&event)) {
                // To a target all is done, and an enrichment's target is not called.
                Ok(reply) => prop_assert_eq!((whole, reply), (true, json!({}))),
                Err(error) => prop_assert!(!whole && error.error_type() == "HandlerFailed"),
            }
            // The sources' own mappings are answered as ever.
            let named = !reported(&deliver(router.clone(), event)).is_empty();
            prop_assert_eq!(named, !whole);
        }
    }

    #[test]
    fn an_enrichment_s_target_gets_what_the_handler_made_of_each_record(
        batch in proptest::collection::vec(instruction(), 1..12), lanes in 1usize..4,
    ) {
        let log = Log::default();
        let router = Router::new(log.clone())
            .enrichment::<SqsEvent, _>(enrich.concurrency(lanes))
            .dead_letters(sink(&log));
        let whole = batch.iter().all(|instruction| matches!(instruction.what, Action::Ok | Action::Reject));
        match answer(router, piped(&sqs(&batch, false))) {
            Ok(reply) => {
                let kept = batch.iter().enumerate().filter(|(index, instruction)| instruction.what == Action::Ok && index % 10 != 3);
                let values: Vec<Value> = kept.map(|(index, _)| json!({"messageId": format!("m{index}")})).collect();
                prop_assert!(whole);
                prop_assert_eq!(reply, json!(values));
            }
            Err(error) => prop_assert!(!whole && error.error_type() == "HandlerFailed"),
        }
    }
}

/// Nothing comes of every tenth message.
async fn enrich(message: SqsMessage, cx: Context<Log>) -> Result<Option<Value>, Failure> {
    let body = message.body.unwrap();
    follow(&body, cx.state()).await?;
    Ok((!body.ends_with('3')).then(|| json!({"messageId": message.message_id})))
}

const OK: Instruction = Instruction {
    what: Action::Ok,
    yields: 0,
    lane: 0,
};

const FAILS: Instruction = Instruction {
    what: Action::Fail,
    yields: 0,
    lane: 0,
};

#[test]
fn a_function_may_be_an_enrichment_and_serve_the_queue_as_well() {
    let log = Log::default();
    let router = Router::new(log.clone())
        .on::<SqsEvent>(on_message)
        .enrichment::<SqsEvent, _>(enrich);
    let event = sqs(&[OK, FAILS], false);
    assert_eq!(reported(&deliver(router.clone(), event.clone())), ["m1"]);
    assert!(answer(router.clone(), piped(&event)).is_err());
    let reply = deliver(router, piped(&sqs(&[OK], false)));
    assert_eq!(reply, json!([{"messageId": "m0"}]));
    // An enrichment alone serves no queue.
    let router = Router::new(log).enrichment::<SqsEvent, _>(enrich);
    assert!(answer(router, event).unwrap_err().is_unrouted());
}

async fn nothing(_message: SqsMessage, _cx: Context<Log>) -> Result<(), Failure> {
    Ok(())
}

#[test]
fn what_comes_to_nothing_calls_no_target() {
    let router = Router::new(Log::default()).enrichment::<SqsEvent, ()>(nothing);
    assert_eq!(deliver(router, piped(&sqs(&[OK, OK], false))), json!([]));
}

#[test]
fn what_cannot_be_named_to_a_pipe_fails_the_invocation() {
    let mut event: Value = serde_json::from_str(&piped(&kinesis(&[OK, FAILS]))).unwrap();
    event[1].as_object_mut().unwrap().remove("eventID");
    let router = || {
        Router::new(Log::default())
            .on::<KinesisEvent>(on_record)
            .on::<KafkaEvent>(fail)
            .pipe_target()
    };
    let error = answer(router(), event.to_string()).unwrap_err();
    assert_eq!(error.error_type(), "HandlerFailed");
    // A pipe takes no partial answer for Kafka.
    let event = json!([{"eventSource": "aws:kafka", "topic": "t", "partition": 0, "offset": 1, "timestamp": 1,
        "key": null, "value": "eA==", "headers": []}]);
    let error = answer(router(), event.to_string()).unwrap_err();
    assert_eq!(error.error_type(), "HandlerFailed");
}

async fn fail(_record: KafkaRecord, _cx: Context<Log>) -> Result<(), Failure> {
    Err(Failure::msg("told to fail"))
}

async fn on_change(record: EventRecord, _cx: Context<Log>) -> Result<(), Failure> {
    match record.event_name.as_str() {
        "REMOVE" => Err(Failure::msg("told to fail")),
        _ => Ok(()),
    }
}

#[test]
fn a_change_of_a_table_is_named_by_its_event_id() {
    let change = |id: &str, name: &str| {
        json!({"eventSource": "aws:dynamodb", "eventID": id, "eventName": name, "awsRegion": "r",
            "dynamodb": {"Keys": {"id": {"S": id}}, "SequenceNumber": "1", "SizeBytes": 1}})
    };
    let event = json!([
        change("a", "INSERT"),
        change("b", "REMOVE"),
        change("c", "INSERT")
    ]);
    let router = Router::new(Log::default()).dynamodb(on_change).pipe_target();
    assert_eq!(reported(&deliver(router, event.to_string())), ["b", "c"]);
}
