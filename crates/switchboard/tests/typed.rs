//! Handlers that ask for types of the application, through the router: what each source delivers, and what becomes of a record
//! that is not what its handler asks for.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{LambdaEvent, Service};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::event::{FromRecord, Record, RecordKey, Transformed, Unreadable, WithBody};
use switchboard::idempotency::{Idempotency, Memory};
use switchboard::{
    Batch, Change, ChangeKind, Context, DeadLetter, Error, Failure, Handler, Json, OnFault, Payload, Router,
    Unwrap, Windowed,
};

type Seen = Arc<Mutex<Vec<String>>>;

#[derive(Debug, Deserialize)]
struct Order {
    id: u64,
}

fn see(cx: &Context<Seen>, what: impl Into<String>) {
    cx.state().lock().unwrap().push(what.into());
}

async fn on_order(Json(order): Json<Order>, cx: Context<Seen>) -> Result<(), Failure> {
    see(&cx, format!("{} {}", cx.source(), order.id));
    match order.id {
        13 => Err(Failure::msg("an unlucky order")),
        _ => Ok(()),
    }
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn sqs(bodies: &[&str]) -> Value {
    let message = |(n, body): (usize, &&str)| {
        json!({"messageId": n.to_string(), "body": body, "eventSource": "aws:sqs", "attributes": {"MessageGroupId": "g"},
               "eventSourceARN": "arn:aws:sqs:eu-central-1:1:orders.fifo"})
    };
    json!({"Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>()})
}

fn kinesis(bodies: &[&str]) -> Value {
    let record = |(n, body): (usize, &&str)| {
        json!({"eventSource": "aws:kinesis", "eventID": format!("shardId-000000000000:{n}"), "awsRegion": "eu-central-1",
               "eventSourceARN": "arn:aws:kinesis:eu-central-1:1:stream/s",
               "kinesis": {"partitionKey": format!("p{}", n % 2), "sequenceNumber": n.to_string(), "data": base64(body),
                           "approximateArrivalTimestamp": 1_800_000_000.5}})
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

async fn answer(router: &Router<Seen>, event: &Value) -> Result<Value, Error> {
    let event = LambdaEvent::new(
        Payload::new(event.to_string()),
        lambda_runtime::Context::default(),
    );
    let reply = router.clone().call(event).await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

fn router() -> (Router<Seen>, Seen) {
    let seen = Seen::default();
    (Router::new(Arc::clone(&seen)), seen)
}

fn taken(seen: &Seen) -> Vec<String> {
    std::mem::take(&mut *seen.lock().unwrap())
}

#[tokio::test]
async fn one_handler_serves_every_source_that_carries_a_body() {
    let (router, seen) = router();
    let router = router
        .sqs(on_order)
        .sns(on_order)
        .kinesis(on_order)
        .kafka(on_order)
        .cloudwatch_events(on_order)
        .activemq(on_order)
        .rabbitmq(on_order)
        .documentdb(on_order);
    let data = base64(r#"{"id":1}"#);
    for (source, event) in [
        ("sqs", sqs(&[r#"{"id":1}"#])),
        ("kinesis", kinesis(&[r#"{"id":1}"#])),
        (
            "sns",
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "m", "Message": r#"{"id":1}"#}}]}),
        ),
        (
            "kafka",
            json!({"eventSource": "aws:kafka", "records": {"t-0": [{"topic": "t", "partition": 0, "offset": 1, "value": data}]}}),
        ),
        (
            "cloudwatch_events",
            json!({"version": "0", "id": "e", "detail-type": "d", "source": "s", "account": "1", "time": "2027-01-01T00:00:00Z",
                   "region": "eu-central-1", "resources": [], "detail": {"id": 1}}),
        ),
        (
            "activemq",
            json!({"eventSource": "aws:mq", "eventSourceArn": "arn:aws:mq:x", "messages": [{"messageID": "m", "data": data}]}),
        ),
        (
            "rabbitmq",
            json!({"eventSource": "aws:rmq", "eventSourceArn": "arn:aws:mq:x",
                   "rmqMessagesByQueue": {"q::/": [{"basicProperties": {}, "data": data}]}}),
        ),
        (
            "documentdb",
            json!({"eventSourceArn": "arn:aws:rds:x", "events": [{"event": {"id": 1}}], "eventSource": "aws:docdb"}),
        ),
    ] {
        answer(&router, &event).await.unwrap();
        assert_eq!(taken(&seen), [format!("{source} 1")]);
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_its_records_failure() {
    let (router, seen) = router();
    let router = router.sqs(on_order.concurrency(4)).kinesis(on_order);
    let bodies = [r#"{"id":1}"#, r#"{"id":"x"}"#, r#"{"id":3}"#];
    let reply = answer(&router, &sqs(&bodies)).await.unwrap();
    assert_eq!(
        reply,
        json!({"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]})
    );
    assert_eq!(taken(&seen), ["sqs 1"]);
    let reply = answer(&router, &kinesis(&bodies)).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    assert_eq!(taken(&seen), ["kinesis 1"]);
}

#[tokio::test]
async fn a_body_that_does_not_fit_may_be_rejected() {
    let letters = Arc::new(Mutex::new(Vec::new()));
    let (router, seen) = router();
    let sink = Arc::clone(&letters);
    let router = router
        .kinesis(on_order.on_unreadable(OnFault::Reject))
        .dead_letters(move |letter: DeadLetter| {
            sink.lock().unwrap().push((letter.id, letter.reason));
            std::future::ready(Ok::<_, std::io::Error>(()))
        });
    let reply = answer(&router, &kinesis(&[r#"{"id":1}"#, r#"{"id":{}}"#, r#"{"id":3}"#]))
        .await
        .unwrap();
    assert_eq!(reply, json!({"batchItemFailures": []}));
    assert_eq!(taken(&seen), ["kinesis 1", "kinesis 3"]);
    let letters = letters.lock().unwrap();
    let [(id, reason)] = &letters[..] else {
        panic!("one record was rejected: {letters:?}");
    };
    assert_eq!(id.as_deref(), Some("1"));
    assert!(
        reason.starts_with("unreadable at body `id`: invalid type: map, expected u64"),
        "{reason}"
    );
}

#[tokio::test]
async fn failures_are_answered_as_those_of_other_handlers_are() {
    let (router, seen) = router();
    let router = router.sqs(on_order).documentdb(on_order).activemq(on_order);
    let reply = answer(&router, &sqs(&[r#"{"id":13}"#, r#"{"id":2}"#]))
        .await
        .unwrap();
    // One message group.
    assert_eq!(
        reply,
        json!({"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]})
    );
    taken(&seen);
    let changes = [1, 13, 2].map(|id| json!({"event": {"id": id}}));
    let event = json!({"eventSourceArn": "arn:aws:rds:x", "events": changes, "eventSource": "aws:docdb"});
    answer(&router, &event).await.unwrap_err();
    assert_eq!(
        taken(&seen),
        ["documentdb 1", "documentdb 13"],
        "in order: nothing behind a failure"
    );
    let messages =
        [13, 2].map(|id| json!({"messageID": id.to_string(), "data": base64(&format!(r#"{{"id":{id}}}"#))}));
    let event = json!({"eventSource": "aws:mq", "eventSourceArn": "arn:aws:mq:x", "messages": messages});
    let error = answer(&router, &event).await.unwrap_err();
    assert_eq!(taken(&seen), ["activemq 13", "activemq 2"]);
    assert!(
        error.to_string().contains("record 0 (13): an unlucky order"),
        "{error}"
    );
}

#[tokio::test]
async fn changes_of_items_are_typed() {
    #[derive(Deserialize)]
    struct Item {
        total: i64,
    }

    async fn on_change(change: Change<Item>, cx: Context<Seen>) -> Result<(), Failure> {
        let totals = [change.old, change.new].map(|image| image.map(|item| item.total));
        see(
            &cx,
            format!(
                "{:?} {} {totals:?}",
                change.kind,
                change.keys.get::<String>("id")?
            ),
        );
        assert_eq!(change.kind == ChangeKind::Remove, totals[1].is_none());
        Ok(())
    }

    let (router, seen) = router();
    let router = router.dynamodb(on_change.concurrency(8));
    let record = |n: usize, dynamodb: Value, name: &str| {
        let mut record = json!({"eventID": n.to_string(), "eventName": name, "eventSource": "aws:dynamodb", "awsRegion": "r",
            "dynamodb": {"Keys": {"id": {"S": "o1"}}, "SequenceNumber": n.to_string(), "SizeBytes": 1}});
        record["dynamodb"]
            .as_object_mut()
            .unwrap()
            .extend(dynamodb.as_object().unwrap().clone());
        record
    };
    let image = |total: &str| json!({"id": {"S": "o1"}, "total": {"N": total}});
    let batch = [
        record(1, json!({"NewImage": image("1")}), "INSERT"),
        record(
            2,
            json!({"NewImage": image("2"), "OldImage": image("1")}),
            "MODIFY",
        ),
        record(3, json!({"OldImage": image("2")}), "REMOVE"),
        record(4, json!({"NewImage": image("1.5")}), "INSERT"),
        record(5, json!({"NewImage": image("1")}), "INSERT"),
    ];
    let reply = answer(&router, &json!({ "Records": batch })).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "4"}]}));
    assert_eq!(
        taken(&seen),
        [
            "Insert o1 [None, Some(1)]",
            "Modify o1 [Some(1), Some(2)]",
            "Remove o1 [Some(2), None]"
        ]
    );
}

#[tokio::test]
async fn records_of_one_lane_keep_their_order_beside_others() {
    async fn on_click(
        (RecordKey(key), Json(order), record): (RecordKey, Json<Order>, KinesisEventRecord),
        cx: Context<Seen>,
    ) -> Result<(), Failure> {
        assert_eq!(key, record.kinesis.partition_key);
        tokio::task::yield_now().await;
        see(&cx, format!("{key} {}", order.id));
        Ok(())
    }

    let (router, seen) = router();
    let router = router.kinesis(on_click.concurrency(4));
    let bodies: Vec<String> = (0..20).map(|n| format!(r#"{{"id":{n}}}"#)).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    answer(&router, &kinesis(&bodies)).await.unwrap();
    let seen = taken(&seen);
    for lane in ["p0", "p1"] {
        let of_lane: Vec<u64> = seen
            .iter()
            .filter_map(|seen| seen.strip_prefix(lane)?.trim().parse().ok())
            .collect();
        assert!(of_lane.is_sorted() && of_lane.len() == 10, "{seen:?}");
    }
}

#[tokio::test]
async fn a_record_is_handled_once_by_its_own_identity() {
    let (router, seen) = router();
    let router = router.sqs(on_order.idempotent(Idempotency::new(Memory::new())));
    for _ in 0..2 {
        answer(&router, &sqs(&[r#"{"id":1}"#, r#"{"id":1}"#]))
            .await
            .unwrap();
    }
    assert_eq!(taken(&seen), ["sqs 1", "sqs 1"], "two messages, each once");
}

#[tokio::test]
async fn a_memo_skips_what_is_done() {
    let (router, seen) = router();
    let router = router.kinesis(on_order.memo(Memory::new()));
    let event = kinesis(&[r#"{"id":13}"#, r#"{"id":2}"#, r#"{"id":3}"#]);
    let reply = answer(&router, &event).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "0"}]}));
    assert_eq!(
        taken(&seen),
        ["kinesis 13", "kinesis 2"],
        "the third record is in the failed one's lane"
    );
    answer(&router, &event).await.unwrap();
    assert_eq!(taken(&seen), ["kinesis 13"]);
}

#[tokio::test]
async fn a_batch_and_a_window_of_types() {
    async fn on_batch(batch: Batch<Json<Order>>, cx: Context<Seen>) -> Result<(), Failure> {
        for pending in batch {
            see(&cx, format!("of a batch: {}", pending.item.id));
            pending.outcome.done(());
        }
        Ok(())
    }

    async fn fold(step: Windowed<Json<Order>, u64>, _cx: Context<Seen>) -> Result<u64, Failure> {
        Ok(match step {
            Windowed::Record { record, state, .. } => state + record.id,
            Windowed::End { state, .. } => state,
        })
    }

    let (router, seen) = router();
    let router = router
        .on_record_batch::<KinesisEvent, _>(on_batch)
        .kinesis_window(fold);
    let mut event = kinesis(&[r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":true}"#]);
    let reply = answer(&router, &event).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    assert_eq!(taken(&seen), ["of a batch: 1", "of a batch: 2"]);
    event["window"] = json!({"start": "2026-03-01T17:00:00Z", "end": "2026-03-01T17:05:00Z"});
    for (key, value) in [
        ("state", json!({})),
        ("shardId", json!("s")),
        ("isFinalInvokeForWindow", json!(false)),
        ("isWindowTerminatedEarly", json!(false)),
        ("eventSourceARN", json!("arn:aws:kinesis:eu-central-1:1:stream/s")),
    ] {
        event[key] = value;
    }
    let reply = answer(&router, &event).await.unwrap();
    assert_eq!(reply["state"], json!({"switchboardState": 3}));
    assert_eq!(reply["batchItemFailures"], json!([{"itemIdentifier": "2"}]));
}

#[tokio::test]
async fn a_firehose_handler_of_a_type_fails_only_records_that_it_cannot_read() {
    async fn transform(Json(order): Json<Order>, _cx: Context<Seen>) -> Result<Transformed, Failure> {
        Ok(Transformed::ok(format!("order {}", order.id)))
    }

    let (router, _) = router();
    let router = router.firehose(transform);
    let records = [r#"{"id":1}"#, "?"]
        .map(|body| json!({"recordId": body, "data": base64(body), "approximateArrivalTimestamp": 1}));
    let event = json!({"invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:r:1:deliverystream/d", "region": "r", "records": records});
    let reply = answer(&router, &event).await.unwrap();
    assert_eq!(reply["records"][0]["data"], json!(base64("order 1")));
    assert_eq!(reply["records"][1]["result"], json!("ProcessingFailed"));
}

#[tokio::test]
async fn structs_of_aws_and_envelopes_register_as_before() {
    #[derive(Deserialize, serde::Serialize)]
    struct Detail {
        id: u64,
    }

    async fn on_message(message: SqsMessage, cx: Context<Seen>) -> Result<(), Failure> {
        see(&cx, message.message_id.unwrap_or_default());
        Ok(())
    }

    async fn on_event(event: CloudWatchEvent<Detail>, cx: Context<Seen>) -> Result<(), Failure> {
        see(
            &cx,
            format!("detail {}", event.detail.map_or(0, |detail| detail.id)),
        );
        Ok(())
    }

    /// A handler whose type nobody can name.
    fn opaque<I>(handler: impl Handler<I, Seen, Reply = ()>) -> impl Handler<I, Seen, Reply = ()> {
        handler
    }

    let (router, seen) = router();
    let router = router
        .on::<SqsEvent>(Unwrap.or(on_message))
        .kinesis(Unwrap.concurrency(2))
        .sns(Unwrap)
        .cloudwatch_events(opaque(on_event));
    answer(&router, &sqs(&["hello"])).await.unwrap();
    let event = json!({"version": "0", "id": "e", "detail-type": "d", "source": "s", "account": "1",
        "time": "2027-01-01T00:00:00Z", "region": "eu-central-1", "resources": [], "detail": {"id": 7}});
    answer(&router, &kinesis(&[&event.to_string()])).await.unwrap();
    assert_eq!(taken(&seen), ["0", "detail 7"]);
}

#[tokio::test]
async fn an_application_type_is_read_from_every_event_with_a_body() {
    struct Row(Vec<String>);

    impl<E: WithBody> FromRecord<E> for Row {
        fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
            let line = String::from_record(record)?;
            match line.split(',').map(str::to_owned).collect::<Vec<_>>() {
                row if row.len() == 2 => Ok(Row(row)),
                row => Err(record.unreadable(format!("{} columns", row.len()))),
            }
        }
    }

    async fn on_row(Row(row): Row, cx: Context<Seen>) -> Result<(), Failure> {
        see(&cx, row.join(";"));
        Ok(())
    }

    let (router, seen) = router();
    let router = router.kinesis(on_row).on_record::<SqsEvent, _>(on_row);
    let reply = answer(&router, &kinesis(&["a,b", "a"])).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    answer(&router, &sqs(&["c,d"])).await.unwrap();
    assert_eq!(taken(&seen), ["a;b", "c;d"]);
}

/// What is behind `Unwrap.or` asks for what it likes: a record is read as that only when it is known to be no event.
#[tokio::test]
async fn a_typed_handler_gets_what_is_in_no_envelope() {
    async fn on_detail(event: CloudWatchEvent, cx: Context<Seen>) -> Result<(), Failure> {
        see(&cx, event.detail_type.unwrap_or_default());
        Ok(())
    }

    /// Takes any JSON, events too.
    async fn on_any((Json(value), text): (Json<Value>, String), cx: Context<Seen>) -> Result<(), Failure> {
        assert_eq!(value.to_string(), text);
        see(&cx, format!("any {text}"));
        Ok(())
    }

    let event = json!({"version": "0", "id": "e", "detail-type": "placed", "source": "s", "account": "1",
        "time": "2027-01-01T00:00:00Z", "region": "eu-central-1", "resources": [], "detail": {"id": 7}});
    let bodies = [r#"{"id":1}"#, &event.to_string(), r#"{"id":"x"}"#];
    let (base, seen) = router();
    let base = base.cloudwatch_events(on_detail);
    let queue = base.clone().sqs(Unwrap.or(on_order.concurrency(1)));
    let reply = answer(&queue, &sqs(&bodies)).await.unwrap();
    assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
    assert_eq!(taken(&seen), ["sqs 1", "placed"]);
    let stream = base.clone().kinesis(Unwrap.or(on_any).concurrency(2));
    answer(&stream, &kinesis(&bodies)).await.unwrap();
    assert_eq!(taken(&seen), [r#"any {"id":1}"#, "placed", r#"any {"id":"x"}"#]);

    // What it cannot read is unreadable, wherever the option stands.
    let unreadable = [
        base.clone()
            .sqs(Unwrap.or(on_order.on_unreadable(OnFault::Reject))),
        base.clone()
            .sqs(Unwrap.or(on_order).on_unreadable(OnFault::Reject)),
    ];
    for router in unreadable {
        let seen = Arc::clone(&seen);
        let router = router.dead_letters(move |letter: DeadLetter| {
            seen.lock().unwrap().push(letter.reason);
            async { Ok::<_, std::io::Error>(()) }
        });
        let reply = answer(&router, &sqs(&bodies)).await.unwrap();
        assert_eq!(reply, json!({"batchItemFailures": []}));
    }
    let reason = "unreadable at body `id`: invalid type: string, expected u64 at line 1 column 9";
    assert_eq!(
        taken(&seen),
        ["sqs 1", "placed", reason, "sqs 1", "placed", reason]
    );
}

#[tokio::test]
async fn a_typed_handler_gets_the_records_of_an_aggregate() {
    use switchboard::testing::Kinesis;

    async fn on_click(
        (RecordKey(key), Json(order)): (RecordKey, Json<Order>),
        cx: Context<Seen>,
    ) -> Result<(), Failure> {
        see(&cx, format!("{key} {} {:?}", order.id, cx.place()));
        Ok(())
    }

    let (router, seen) = router();
    let router = router.kinesis(Unwrap.or(on_click));
    let clicks = [("a", 1), ("b", 2)].map(|(key, id)| Kinesis::bytes(key, format!("{{\"id\":{id}}}")));
    router.deliver(Kinesis::aggregate(clicks)).await.assert_done();
    assert_eq!(taken(&seen), ["a 1 Some(0)", "b 2 Some(1)"]);
}
