//! Several handlers for the records of one source: which record goes to which, and that delivery keeps its contract.

use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{LambdaEvent, Service};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard::event::{Delivery, Event, LexReply, Resolve, Transformed};
use switchboard::source::Source;
use switchboard::testing::AppSync;
use switchboard::when::{
    When, bucket, detail_type, event_name, field, intent, key_prefix, key_suffix, log_group, queue, resolver,
    rule, stream, table, tool, topic, trigger, user_pool,
};
use switchboard::{
    Batch, Context, DeadLetter, Error, Failure, Handler, Json, OnFault, Payload, Router, Unwrap, block_on,
    run,
};

/// What the handlers saw, in order.
#[derive(Clone, Default)]
struct Seen {
    log: Arc<Mutex<Vec<String>>>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Seen {
    fn note(&self, what: String) -> Result<(), Failure> {
        let fails = what.contains("fail");
        self.log.lock().unwrap().push(what);
        match fails {
            true => Err(Failure::msg("told to fail")),
            false => Ok(()),
        }
    }

    fn all(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

async fn answer(mut router: Router<Seen>, payload: &Value) -> Result<Value, Error> {
    let event = LambdaEvent::new(
        Payload::new(payload.to_string()),
        lambda_runtime::Context::default(),
    );
    let reply = router.call(event).await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

fn failed(ids: &[&str]) -> Value {
    let ids: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": ids})
}

fn message(queue: &str, id: &str, body: &str) -> Value {
    let fifo = queue.ends_with(".fifo");
    let mut message = json!({
        "messageId": id, "receiptHandle": "r", "body": body, "messageAttributes": {}, "md5OfBody": "m",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183", "SenderId": "S",
            "ApproximateFirstReceiveTimestamp": "1545082649185"},
        "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
        "eventSourceARN": format!("arn:aws:sqs:eu-west-1:123456789012:{queue}"),
    });
    if fifo {
        message["attributes"]["MessageGroupId"] = json!("g");
    }
    message
}

fn records(records: &[Value]) -> Value {
    json!({ "Records": records })
}

#[derive(Deserialize)]
struct Order {
    id: String,
}

async fn on_order(Json(order): Json<Order>, cx: Context<Seen>) -> Result<(), Failure> {
    cx.state().note(format!("order {}", order.id))
}

async fn on_message(message: SqsMessage, cx: Context<Seen>) -> Result<(), Failure> {
    cx.state()
        .note(format!("message {}", message.body.unwrap_or_default()))
}

fn queues(seen: &Seen) -> Router<Seen> {
    Router::new(seen.clone())
        .sqs(on_order.when(queue("orders")))
        .sqs(on_message.when(queue("arn:aws:sqs:eu-west-1:123456789012:mail")))
}

#[tokio::test]
async fn each_queue_has_its_handler() {
    let seen = Seen::default();
    let orders = records(&[
        message("orders", "1", r#"{"id":"a"}"#),
        message("orders", "2", "{}"),
    ]);
    assert_eq!(answer(queues(&seen), &orders).await.unwrap(), failed(&["2"]));
    let mail = records(&[message("mail", "1", "hello"), message("mail", "2", "fail")]);
    assert_eq!(answer(queues(&seen), &mail).await.unwrap(), failed(&["2"]));
    assert_eq!(seen.all(), ["order a", "message hello", "message fail"]);
}

#[tokio::test]
async fn records_of_one_batch_go_to_the_handlers_whose_conditions_they_meet() {
    let seen = Seen::default();
    let mixed = records(&[
        message("orders", "1", r#"{"id":"a"}"#),
        message("mail", "2", "fail"),
        message("other", "3", "nobody's"),
        message("orders", "4", r#"{"id":7}"#),
        message("orders", "5", r#"{"id":"b"}"#),
    ]);
    assert_eq!(
        answer(queues(&seen), &mixed).await.unwrap(),
        failed(&["2", "3", "4"])
    );
    assert_eq!(seen.all(), ["order a", "message fail", "order b"]);
    let seen = Seen::default();
    let with_rest = queues(&seen).sqs(on_message);
    assert_eq!(answer(with_rest, &mixed).await.unwrap(), failed(&["2", "4"]));
    assert_eq!(
        seen.all(),
        ["order a", "message fail", "message nobody's", "order b"]
    );
}

#[tokio::test]
async fn a_record_of_no_handler_is_its_own_failure_and_named() {
    let seen = Seen::default();
    let event = json!({"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "s",
        "Sns": {"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:other",
            "Message": "hi", "Timestamp": "2026-01-01T00:00:00Z", "SignatureVersion": "1", "Signature": "s",
            "SigningCertUrl": "u", "UnsubscribeUrl": "u", "MessageAttributes": {}}}]});
    async fn on_note(_: String, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note("note".to_owned())
    }
    let router = |name: &'static str| Router::new(seen.clone()).sns(on_note.when(topic(name)));
    let error = answer(router("alarms"), &event).await.unwrap_err();
    assert!(error.to_string().contains("(m-1)"), "{error}");
    assert!(
        error.to_string().contains("none of the 1 handlers of sns"),
        "{error}"
    );
    answer(router("other"), &event).await.unwrap();
    assert_eq!(seen.all(), ["note"]);
}

#[tokio::test]
async fn a_groups_order_holds_whatever_handlers_its_messages_go_to() {
    let seen = Seen::default();
    let router = || {
        Router::new(seen.clone())
            .sqs(on_order.when(field("attributes.kind").is("order")).concurrency(4))
            .sqs(on_message)
    };
    let of = |id: &str, kind: &str, body: &str| {
        let mut message = message("all.fifo", id, body);
        message["attributes"]["kind"] = json!(kind);
        message
    };
    let batch = records(&[
        of("1", "order", r#"{"id":"a"}"#),
        of("2", "mail", "fail"),
        of("3", "order", r#"{"id":"b"}"#),
    ]);
    // Nothing of the group is started behind its failure.
    assert_eq!(answer(router(), &batch).await.unwrap(), failed(&["2", "3"]));
    assert_eq!(seen.all(), ["order a", "message fail"]);
}

fn change(sequence: &str, name: &str) -> Value {
    json!({"eventID": sequence, "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"Keys": {"id": {"S": "k"}}, "SequenceNumber": sequence, "SizeBytes": 3, "StreamViewType": "KEYS_ONLY",
            "ApproximateCreationDateTime": 1_545_082_649}})
}

#[tokio::test]
async fn a_stream_ends_at_its_first_failure_whichever_handler_fails() {
    async fn on_insert(record: EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note(format!("insert {}", record.event_id))
    }
    async fn on_remove(record: EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note(format!("fail {}", record.event_id))
    }
    let seen = Seen::default();
    let router = Router::new(seen.clone())
        .dynamodb(on_insert.when(table("orders").and(event_name("INSERT"))))
        .dynamodb(on_remove.when(event_name("REMOVE")));
    let batch = records(&[
        change("1", "INSERT"),
        change("2", "REMOVE"),
        change("3", "INSERT"),
    ]);
    assert_eq!(answer(router, &batch).await.unwrap(), failed(&["2"]));
    assert_eq!(seen.all(), ["insert 1", "fail 2"]);
}

#[tokio::test]
async fn topics_of_one_batch_have_their_handlers() {
    async fn on_click(click: String, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note(format!("click {click}"))
    }
    async fn on_view(view: String, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note(format!("view {view}"))
    }
    let record = |topic: &str, offset: i64, value: &str| {
        json!({"topic": topic, "partition": 0, "offset": offset, "timestamp": 1_545_082_649_183_i64, "timestampType":
            "CREATE_TIME", "value": STANDARD.encode(value), "headers": []})
    };
    let seen = Seen::default();
    let batch = json!({"eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:e:1:cluster/c/1", "bootstrapServers": "b:9092",
        "records": {
            "clicks-0": [record("clicks", 1, "a"), record("clicks", 2, "fail"), record("clicks", 3, "c")],
            "views-0": [record("views", 7, "x")]}});
    let router = Router::new(seen.clone())
        .on_record::<KafkaEvent, _>(on_click.when(topic("clicks")))
        .on_record::<KafkaEvent, _>(on_view.when(topic("views")));
    let reply = answer(router, &batch).await.unwrap();
    let open = |offset| json!({"itemIdentifier": {"partition": "clicks-0", "offset": offset}});
    assert_eq!(reply, json!({"batchItemFailures": [open(2), open(3)]}));
    assert_eq!(seen.all(), ["click a", "click fail", "view x"]);
}

#[tokio::test]
async fn objects_are_distinguished_by_bucket_key_and_event() {
    let object = |bucket: &str, name: &str, key: &str| {
        json!({"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventTime": "2026-01-01T00:00:00.000Z",
            "eventName": name, "userIdentity": {"principalId": "p"}, "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {}, "s3": {"s3SchemaVersion": "1.0", "configurationId": "c",
                "bucket": {"name": bucket, "ownerIdentity": {"principalId": "p"}, "arn": "a"},
                "object": {"key": key, "size": 1, "eTag": "e", "sequencer": "1"}}})
    };
    async fn on_photo(record: S3EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state()
            .note(format!("photo {}", record.s3.object.key.unwrap_or_default()))
    }
    async fn on_other(record: S3EventRecord, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state()
            .note(format!("other {}", record.s3.object.key.unwrap_or_default()))
    }
    let seen = Seen::default();
    let photos = bucket("uploads")
        .and(key_prefix("my photos/"))
        .and(key_suffix(".jpg"))
        .and(event_name("s3:ObjectCreated:*"));
    let router = Router::new(seen.clone()).s3(on_photo.when(photos)).s3(on_other);
    let batch = records(&[
        object("uploads", "ObjectCreated:Put", "my+photos/a.jpg"),
        object("uploads", "s3:ObjectCreated:Copy", "my%20photos/b.jpg"),
        object("uploads", "ObjectRemoved:Delete", "my+photos/a.jpg"),
        object("other", "ObjectCreated:Put", "my+photos/a.jpg"),
        object("uploads", "ObjectCreated:Put", "my+photos/a.png"),
    ]);
    assert_eq!(answer(router, &batch).await.unwrap(), Value::Null);
    assert_eq!(
        seen.all(),
        [
            "photo my+photos/a.jpg",
            "photo my%20photos/b.jpg",
            "other my+photos/a.jpg",
            "other my+photos/a.jpg",
            "other my+photos/a.png"
        ]
    );
}

#[tokio::test]
async fn each_handlers_own_options_hold() {
    async fn wide(_: SqsMessage, cx: Context<Seen>) -> Result<(), Failure> {
        let Seen { running, most, .. } = cx.state();
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        running.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
    async fn panics(_: String, _: Context<Seen>) -> Result<(), Failure> {
        panic!("told to panic")
    }
    let seen = Seen::default();
    let dead = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&dead);
    let router = Router::new(seen.clone())
        .sqs(wide.when(queue("wide")).concurrency(3))
        .sqs(on_order.when(queue("orders")).on_unreadable(OnFault::Reject))
        .sqs(panics.when(queue("panics")).on_panic(OnFault::Reject))
        .sqs(on_message.concurrency(50))
        .dead_letters(move |letter: DeadLetter| {
            sink.lock().unwrap().push(letter.id.unwrap_or_default());
            async { Ok::<_, std::io::Error>(()) }
        });
    let mut all: Vec<Value> = (0..20).map(|n| message("wide", &format!("w{n}"), "w")).collect();
    all.push(message("orders", "unreadable", "{}"));
    all.push(message("panics", "panic", "p"));
    all.push(message("mail", "mail", "hello"));
    assert_eq!(answer(router, &records(&all)).await.unwrap(), failed(&[]));
    assert_eq!(seen.most.load(Ordering::SeqCst), 3);
    let mut dead = dead.lock().unwrap().clone();
    dead.sort();
    assert_eq!(dead, ["panic", "unreadable"]);
}

#[tokio::test]
async fn what_is_in_an_envelope_takes_the_same_routes() {
    let seen = Seen::default();
    let router = Router::new(seen.clone())
        .kinesis(Unwrap.when(stream("envelopes")))
        .kinesis(on_bytes.when(stream("clicks")))
        .sqs(on_order.when(queue("orders")))
        .sqs(on_message);
    async fn on_bytes(data: Vec<u8>, cx: Context<Seen>) -> Result<(), Failure> {
        cx.state().note(format!("{} bytes", data.len()))
    }
    let record = |stream: &str, sequence: &str, data: &[u8]| {
        json!({"eventSource": "aws:kinesis", "eventID": sequence, "eventName": "aws:kinesis:record", "eventVersion": "1.0",
            "eventSourceARN": format!("arn:aws:kinesis:eu-west-1:123456789012:stream/{stream}"), "awsRegion": "eu-west-1",
            "invokeIdentityArn": "i", "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "p", "sequenceNumber": sequence,
                "data": STANDARD.encode(data), "approximateArrivalTimestamp": 1.5}})
    };
    let inner = records(&[
        message("orders", "1", r#"{"id":"a"}"#),
        message("mail", "2", "hello"),
    ]);
    let batch = records(&[
        record("envelopes", "1", inner.to_string().as_bytes()),
        record("clicks", "2", b"abc"),
    ]);
    assert_eq!(answer(router, &batch).await.unwrap(), failed(&[]));
    assert_eq!(seen.all(), ["order a", "message hello", "3 bytes"]);
}

/// Why a function does not start.
fn refused(router: Router<Seen>) -> Error {
    block_on(run(router)).unwrap_err()
}

#[test]
fn handlers_that_cannot_be_distinguished_are_an_error_at_start() {
    async fn on_batch(_: Batch<KinesisEventRecord>, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn on_record(_: KinesisEventRecord, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    struct WholeBatch;
    impl Event for WholeBatch {
        const SOURCES: &'static [Source] = &[Source::Sqs];
        const DELIVERY: Delivery = Delivery::Whole;
        const ID: &'static [&'static str] = &[];
        type Item = Value;
        type Reply = ();
    }
    async fn on_whole(_: Value, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    let new = || Router::new(Seen::default());
    for (router, says) in [
        (
            new().sqs(on_message).sqs(on_order.when(queue("orders"))),
            "never gets an event",
        ),
        (
            new()
                .sqs(on_order.when(queue("orders")))
                .sqs(on_message.when(queue("orders").and(field("body").is("x")))),
            "never gets an event",
        ),
        (
            new()
                .kinesis(on_record.when(stream("clicks")))
                .on_batch::<KinesisEvent>(on_batch),
            "gets all records of a batch at once",
        ),
        (
            new().on_batch::<KinesisEvent>(on_batch.when(stream("clicks"))),
            "gets all records of a batch at once",
        ),
        (
            new()
                .on::<WholeBatch>(on_whole)
                .sqs(on_order.when(queue("orders"))),
            "gets the whole event",
        ),
        (
            new()
                .sqs(on_order.when(queue("orders")))
                .on::<WholeBatch>(on_whole),
            "gets the whole event",
        ),
    ] {
        let error = refused(router);
        assert_eq!(error.error_type(), "InvalidRoute", "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let error = refused(new().on::<SqsEvent>(on_message).sqs(on_order));
    assert_eq!(error.error_type(), "DuplicateRoute", "{error}");
}

/// Every condition, with the sources that it is for.
fn conditions() -> Vec<(&'static str, When, &'static [&'static str])> {
    vec![
        ("queue", queue("x"), &["sqs"]),
        ("stream", stream("x"), &["kinesis"]),
        ("table", table("x"), &["dynamodb"]),
        ("topic", topic("x"), &["sns", "kafka"]),
        ("bucket", bucket("x"), &["s3", "cloudwatch_events"]),
        ("key_prefix", key_prefix("x"), &["s3", "cloudwatch_events"]),
        ("key_suffix", key_suffix("x"), &["s3", "cloudwatch_events"]),
        ("event_name", event_name("ObjectCreated:*"), &["s3"]),
        ("event_name", event_name("INSERT"), &["s3", "dynamodb"]),
        ("detail_type", detail_type("x"), &["cloudwatch_events"]),
        ("rule", rule("x"), &["cloudwatch_events"]),
        ("log_group", log_group("x"), &["cloudwatch_logs"]),
        ("trigger", trigger("x"), &[]),
        ("user_pool", user_pool("x"), &[]),
        ("resolver", resolver("x", "y"), &["appsync_resolver"]),
        ("intent", intent("x"), &["lex_v2"]),
        ("tool", tool("x"), &["unknown"]),
    ]
}

/// A router with a handler of each source, with this condition.
fn routers(when: &When) -> Vec<(&'static str, Router<Seen>)> {
    async fn text(_: String, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn image(_: EventRecord, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn object(_: S3EventRecord, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn logs(_: LogData, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn transform(_: String, _: Context<Seen>) -> Result<Transformed, Failure> {
        Ok(Transformed::dropped())
    }
    async fn field(_: Resolve<Value>, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn turn(_: Value, _: Context<Seen>) -> Result<LexReply, Failure> {
        Err(Failure::msg("no reply"))
    }
    async fn task(_: Value, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    let new = || Router::new(Seen::default());
    let when = || when.clone();
    vec![
        ("sqs", new().sqs(text.when(when()))),
        ("sqs", new().sqs(Unwrap.when(when()))),
        ("sqs", new().sqs(Unwrap.or(text.when(when())))),
        ("sns", new().sns(text.when(when()))),
        ("kinesis", new().kinesis(text.when(when()))),
        ("dynamodb", new().dynamodb(image.when(when()))),
        ("s3", new().s3(object.when(when()))),
        ("kafka", new().kafka(text.when(when()))),
        ("cloudwatch_events", new().cloudwatch_events(text.when(when()))),
        ("cloudwatch_logs", new().on::<LogsEvent>(logs.when(when()))),
        ("kinesis_firehose", new().firehose(transform.when(when()))),
        ("activemq", new().activemq(text.when(when()))),
        ("rabbitmq", new().rabbitmq(text.when(when()))),
        ("documentdb", new().documentdb(text.when(when()))),
        ("appsync_resolver", new().appsync(field.when(when()))),
        ("lex_v2", new().lex(turn.when(when()))),
        ("unknown", new().direct::<Value>(task.when(when()))),
    ]
}

#[test]
fn a_condition_that_can_never_hold_for_its_source_is_an_error_at_start() {
    for (name, when, sources) in conditions() {
        for (source, router) in routers(&when) {
            if sources.contains(&source) {
                // It starts, and only the environment of Lambda is missing.
                assert_eq!(
                    refused(router).error_type(),
                    "InvalidConfiguration",
                    "{name}, {source}"
                );
                continue;
            }
            let error = refused(router);
            assert_eq!(error.error_type(), "InvalidRoute", "{name}, {source}: {error}");
            let text = error.to_string();
            let says = [
                format!("of {source} has the condition `{name}`"),
                "`field`".to_owned(),
            ];
            let known = text.contains("it is one of");
            assert!(
                text.contains(&says[0]) && (known || text.contains(&says[1])),
                "{text}"
            );
        }
    }
}

#[test]
fn of_conditions_on_one_record_each_has_to_fit() {
    let (new, text) = (|| Router::new(Seen::default()), on_message);
    let mixed = new().sqs(text.when(queue("a").and(field("body").is("x"))).when(bucket("b")));
    assert!(refused(mixed).to_string().contains("the condition `bucket`"));
    let fits = new().sqs(text.when(queue("a").and(field("s3.bucket.name").is("x"))));
    assert_eq!(refused(fits).error_type(), "InvalidConfiguration");
}

#[tokio::test]
async fn the_rest_goes_to_the_handler_that_is_said_to_take_it() {
    let seen = Seen::default();
    let router = Router::new(seen.clone())
        .sqs(on_order.when(queue("orders")))
        .sqs(on_message.otherwise().concurrency(2))
        .kinesis(Unwrap.otherwise());
    let mixed = records(&[
        message("orders", "1", r#"{"id":"a"}"#),
        message("mail", "2", "hello"),
        message("other", "3", "fail"),
    ]);
    assert_eq!(answer(router, &mixed).await.unwrap(), failed(&["3"]));
    let mut all = seen.all();
    all.sort();
    assert_eq!(all, ["message fail", "message hello", "order a"]);
}

#[tokio::test]
async fn callers_that_wait_have_a_handler_of_the_rest_too() {
    async fn order(_: Resolve<Value>, _: Context<Seen>) -> Result<&'static str, Failure> {
        Ok("order")
    }
    async fn other(_: Resolve<Value>, _: Context<Seen>) -> Result<&'static str, Failure> {
        Ok("other")
    }
    async fn task(task: Value, _: Context<Seen>) -> Result<Value, Failure> {
        Ok(task)
    }
    async fn rest(_: Payload, _: Context<Seen>) -> Result<&'static str, Failure> {
        Ok("rest")
    }
    let router = || {
        Router::new(Seen::default())
            .appsync(order.when(resolver("Query", "order")))
            .appsync(other.otherwise())
            .direct::<Value>(task.when(field("task").is("echo")))
            .fallback(rest.otherwise())
    };
    for (event, reply) in [
        (AppSync::field("Query", "order").to_json(), json!("order")),
        (AppSync::field("Query", "parcels").to_json(), json!("other")),
        (json!({"task": "echo"}).to_string(), json!({"task": "echo"})),
        (json!({"task": "none"}).to_string(), json!("rest")),
    ] {
        let event = serde_json::from_str(&event).unwrap();
        assert_eq!(answer(router(), &event).await.unwrap(), reply, "{event}");
    }
}

#[test]
fn nothing_follows_the_handler_of_the_rest() {
    async fn task(_: Value, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    async fn rest(_: Payload, _: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    let new = || Router::new(Seen::default());
    for (router, says) in [
        (
            new()
                .sqs(on_message.otherwise())
                .sqs(on_order.when(queue("orders"))),
            "on_message takes the rest (`otherwise`), so register that one last",
        ),
        (
            new().sqs(on_message.otherwise()).sqs(on_order),
            "on_message takes the rest (`otherwise`), so register that one last",
        ),
        (
            new().sqs(on_message.otherwise()).sqs(on_order.otherwise()),
            "on_message takes the rest (`otherwise`), so register that one last",
        ),
        (
            new().direct::<Value>(task.otherwise()).fallback(rest),
            "task takes the rest (`otherwise`)",
        ),
        (
            new().sqs(on_message).sqs(on_order.otherwise()),
            "never gets an event",
        ),
        (
            new().sqs(on_message.when(queue("a")).otherwise()),
            "takes the rest (`otherwise`) and has a condition (`when`)",
        ),
        (
            new().sqs(on_message.otherwise().when(queue("a"))),
            "takes the rest (`otherwise`) and has a condition (`when`)",
        ),
    ] {
        let error = refused(router);
        assert_eq!(error.error_type(), "InvalidRoute", "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let alone = new().sqs(on_message.otherwise()).kinesis(Unwrap.otherwise());
    assert_eq!(refused(alone).error_type(), "InvalidConfiguration");
}
