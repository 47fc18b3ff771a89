//! The kit's events are those that AWS sends: each is detected as its source, and AWS's structs read it unchanged.

use super::*;
use crate::event::{Event, read};
use crate::source::{Source, detect, records};
use crate::{Context, DeadLetter, Failure, Payload, Router};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::cloudwatch_logs::LogsEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::firehose::KinesisFirehoseEvent;
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use aws_lambda_events::ses::SimpleEmailEvent;
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Reads every record of a batch, or the event as a whole. Nothing may have to be filled in.
fn read_all<E: Event>(event: &str) -> Vec<E::Item> {
    let raw = event.as_bytes();
    let records: Vec<&[u8]> = match E::DELIVERY {
        crate::event::Delivery::Whole => vec![raw],
        _ => records(raw).map(Result::unwrap).collect(),
    };
    let item = |raw: &[u8]| {
        let mended = read::<E>(raw, origin::received()).unwrap();
        assert!(mended.filled.is_empty(), "{:?} of {event}", mended.filled);
        *mended.item
    };
    records.into_iter().map(item).collect()
}

/// The event is its source's, and each of its records can be read.
fn is_read<E: Event>(event: &str, count: usize) -> Vec<E::Item> {
    let detected = detect(event.as_bytes()).source;
    let windows = [
        (Source::KinesisWindow, Source::Kinesis),
        (Source::DynamodbWindow, Source::Dynamodb),
    ];
    let plain = windows.iter().find(|(window, _)| *window == detected);
    let source = plain.map_or(detected, |(_, plain)| *plain);
    assert!(E::SOURCES.contains(&source), "{detected}: {event}");
    let items = read_all::<E>(event);
    assert_eq!(items.len(), count, "{event}");
    items
}

#[test]
fn there_is_an_event_of_every_source() {
    for source in sources() {
        let event = sample(source).to_json();
        assert_eq!(detect(event.as_bytes()).source, source, "{event}");
    }
    // All but `Unknown`, which sends nothing. The made-up source of the unit tests needs nothing but its sample.
    assert_eq!(sources().count() + 1, Source::ALL.len());
    assert_eq!(
        generate(Source::Unknown, None, 1).unwrap_err(),
        GenerateError::NoEvents(Source::Unknown)
    );
}

#[test]
fn no_two_events_are_the_same() {
    for source in sources() {
        let events: HashSet<_> = (0..20).map(|_| sample(source).to_json()).collect();
        assert_eq!(events.len(), 20, "{source}");
    }
}

#[test]
fn a_body_and_a_count_are_for_sources_that_have_them() {
    let body = r#"{"id":"a","total":"1.10"}"#;
    for source in sources() {
        let with_body = generate(source, Some(body), 1);
        match &with_body {
            Ok(event) => assert_eq!(detect(event.to_json().as_bytes()).source, source),
            Err(error) => assert_eq!(error, &GenerateError::NoBody(source)),
        }
        match generate(source, None, 3) {
            Ok(event) => {
                let event = event.to_json();
                let detected = detect(event.as_bytes());
                assert_eq!(detected.source, source);
                assert!(detected.batch.is_none_or(|batch| batch == 3), "{event}");
            }
            Err(error) => assert_eq!(error, GenerateError::OneRecord(source)),
        }
    }
    let error = generate(Source::Dynamodb, Some("[1]"), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the body of an event of dynamodb has to be a JSON object"
    );
    assert_eq!(
        generate(Source::Sqs, None, 0).unwrap_err(),
        GenerateError::NoRecords
    );
}

#[test]
fn what_a_source_has_is_set_in_its_events_and_in_no_others() {
    let value = |part| match part {
        EventPart::Request => "PUT /a/b?c=1",
        EventPart::Field => "Query.a",
        EventPart::Trigger => "PreSignUp_SignUp",
        _ => "given-name",
    };
    for (source, part) in sources().flat_map(|source| EventPart::ALL.map(|part| (source, part))) {
        let made = Generator::new(source).with(part, value(part)).event();
        if !part.sources().contains(&source) {
            assert_eq!(made.unwrap_err(), GenerateError::NoPart(source, part));
            continue;
        }
        let event = made.unwrap().to_json();
        assert_eq!(detect(event.as_bytes()).source, source, "{event}");
        let shown = match part {
            EventPart::Request => "/a/b",
            EventPart::Field => "\"fieldName\":\"a\"",
            _ => value(part),
        };
        let bytes = base64::engine::general_purpose::STANDARD.encode(shown);
        // Lines of a log are compressed, and keys of Kafka in base64.
        let compressed = part == EventPart::LogGroup;
        assert!(
            compressed || event.contains(shown) || event.contains(&bytes),
            "{source} {part}: {event}"
        );
    }
}

#[test]
fn a_queue_whose_name_ends_with_fifo_has_groups() {
    let event = |parts: &[(EventPart, &str)]| {
        let made = parts
            .iter()
            .fold(Generator::new(Source::Sqs), |made, (part, value)| {
                made.with(*part, *value)
            });
        serde_json::from_str::<Value>(&made.event().unwrap().to_json()).unwrap()["Records"][0].clone()
    };
    let message = event(&[(EventPart::Queue, "orders.fifo")]);
    assert_eq!(
        message["eventSourceARN"],
        "arn:aws:sqs:eu-central-1:123456789012:orders.fifo"
    );
    assert!(message["attributes"]["SequenceNumber"].is_string());
    let message = event(&[(EventPart::Group, "g")]);
    assert_eq!(
        message["eventSourceARN"],
        "arn:aws:sqs:eu-central-1:123456789012:orders.fifo"
    );
    assert_eq!(message["attributes"]["MessageGroupId"], "g");
    let message = event(&[(EventPart::Queue, "fair"), (EventPart::Group, "g")]);
    assert_eq!(
        message["eventSourceARN"],
        "arn:aws:sqs:eu-central-1:123456789012:fair"
    );
    assert_eq!(message["attributes"]["MessageGroupId"], "g");
    assert!(message["attributes"]["SequenceNumber"].is_null());
}

#[test]
fn bytes_go_where_a_source_carries_bytes() {
    let bytes = [0xff, 0x00, 0xfe];
    for source in sources() {
        let made = Generator::new(source).body(bytes).event();
        match made {
            Ok(event) => assert!(event.to_json().contains("/wD+"), "{source}"),
            Err(
                GenerateError::NotText(other) | GenerateError::NoBody(other) | GenerateError::Body(other, _),
            ) => {
                assert_eq!(other, source);
            }
            Err(error) => panic!("{source}: {error}"),
        }
    }
    for source in [
        Source::Kinesis,
        Source::KinesisFirehose,
        Source::Kafka,
        Source::Rabbitmq,
        Source::ApiGatewayHttp,
    ] {
        assert!(Generator::new(source).body(bytes).event().is_ok(), "{source}");
    }
}

#[test]
fn a_member_that_is_set_has_a_place_in_the_event() {
    let made = Generator::new(Source::S3)
        .set("/Records/0/awsRegion", "eu-west-1")
        .event();
    assert!(made.unwrap().to_json().contains(r#""awsRegion":"eu-west-1""#));
    for pointer in ["Records", "/Records/1/awsRegion", "/Record/0", "/Records/x", ""] {
        let error = Generator::new(Source::S3).set(pointer, 1).event().unwrap_err();
        assert_eq!(error, GenerateError::Pointer(pointer.to_owned()));
    }
}

#[test]
fn requests_are_read_whichever_front_end_they_come_through() {
    let request = Http::post("/a%20b/c?x=1&x=2&y=%C3%BC")
        .json(&json!({"order": 1}))
        .header("x-tenant", "north")
        .cookie("session", "s1")
        .jwt(&json!({"sub": "jane", "scope": "read write", "exp": 17}));
    let fronts: [(Source, Http); 6] = [
        (Source::ApiGatewayHttp, request.clone()),
        (Source::ApiGatewayRest, request.clone().rest()),
        (Source::FunctionUrl, request.clone().function_url()),
        (Source::Alb, request.clone().alb()),
        (Source::Alb, request.clone().alb_multi_value()),
        (
            Source::ApiGatewayHttp,
            request.clone().stage("prod").route("/{proxy+}"),
        ),
    ];
    for (source, event) in fronts {
        let event = event.to_json();
        assert_eq!(detect(event.as_bytes()).source, source, "{event}");
        let read = crate::event::api_gateway::read(source, event.as_bytes()).unwrap();
        let request = read.request;
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), "/a%20b/c", "{event}");
        assert_eq!(request.headers()["x-tenant"], "north");
        assert_eq!(request.headers()["cookie"], "session=s1", "{event}");
    }
    assert_eq!(
        detect(request.clone().lattice().to_json().as_bytes()).source,
        Source::VpcLatticeV2
    );
    assert_eq!(
        detect(request.lattice_v1().to_json().as_bytes()).source,
        Source::VpcLatticeV1
    );
    for event in [
        WebSocket::connect(),
        WebSocket::text("ping"),
        WebSocket::disconnect(),
    ] {
        assert_eq!(
            detect(event.to_json().as_bytes()).source,
            Source::ApiGatewayWebsocket
        );
    }
}

#[test]
fn every_trigger_of_cognito_is_known() {
    for trigger in [
        "PreSignUp_SignUp",
        "PostConfirmation_ConfirmSignUp",
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "CustomMessage_ForgotPassword",
        "TokenGeneration_Authentication",
        "UserMigration_Authentication",
        "DefineAuthChallenge_Authentication",
        "CreateAuthChallenge_Authentication",
        "VerifyAuthChallengeResponse_Authentication",
    ] {
        let event = Cognito::trigger(trigger).user("jane").to_json();
        assert_eq!(detect(event.as_bytes()).source, Source::Cognito, "{event}");
    }
}

#[test]
fn an_object_in_event_bridge_has_the_key_as_it_is() {
    let event = S3::put("photos", "a b+ü.jpg").size(7).in_event_bridge();
    let event: Value = event.into();
    assert_eq!(event["detail"]["object"]["key"], "a b+ü.jpg");
    assert_eq!(
        (&event["detail-type"], &event["detail"]["reason"]),
        (&json!("Object Created"), &json!("PutObject"))
    );
    let event: Value = S3::delete_marker("photos", "a").in_event_bridge().into();
    assert_eq!(event["detail"]["deletion-type"], "Delete Marker Created");
}

#[test]
fn numbers_of_items_keep_all_digits() {
    #[derive(Serialize)]
    struct Item {
        id: &'static str,
        large: u64,
        share: f64,
        tags: BTreeMap<&'static str, Option<bool>>,
    }
    let item = Item {
        id: "a",
        large: u64::MAX,
        share: 0.1,
        tags: [("new", Some(true)), ("none", None)].into(),
    };
    let event: Value = DynamodbStream::insert("orders", &json!({"id": "a"}), &item).into();
    let image = &event["Records"][0]["dynamodb"]["NewImage"];
    assert_eq!(image["large"], json!({"N": "18446744073709551615"}));
    assert_eq!(image["share"], json!({"N": "0.1"}));
    assert_eq!(
        image["tags"],
        json!({"M": {"new": {"BOOL": true}, "none": {"NULL": true}}})
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_are_read_as_they_are(bodies in prop::collection::vec("\\PC{0,40}", 1..4), fifo: bool, times in 1..9u32) {
        let message = |body: &String| {
            let message = Sqs::text(body.clone()).received(times).attribute("a", "b").binary_attribute("c", body);
            if fifo { message.fifo("g") } else { message }
        };
        let event = Sqs::batch(bodies.iter().map(message));
        let read = is_read::<SqsEvent>(&event.to_json(), bodies.len());
        let texts: Vec<_> = read.into_iter().map(|message| message.body.unwrap()).collect();
        prop_assert_eq!(&texts, &bodies);
        let piped = is_read::<SqsEvent>(&event.in_pipe().to_json(), bodies.len());
        let ids: HashSet<_> = piped.into_iter().map(|message| message.message_id).collect();
        prop_assert_eq!(ids.len(), bodies.len());
    }

    #[test]
    fn notifications_are_read_as_they_are(body in "\\PC{0,40}", subject in "\\PC{0,9}") {
        let event = Sns::text(body.clone()).subject(&subject).attribute("a", "b");
        let read = is_read::<SnsEvent>(&event.to_json(), 1);
        prop_assert_eq!(&read[0].sns.message, &body);
        is_read::<SqsEvent>(&event.in_sqs().to_json(), 1);
    }

    #[test]
    fn objects_are_read_as_they_are(key in "\\PC{1,40}", size: u32) {
        let event = S3::put("photos", &key).size(size.into()).version("v");
        let read = is_read::<S3Event>(&event.to_json(), 1);
        let encoded = read[0].s3.object.key.as_deref().unwrap();
        prop_assert_eq!(crate::event::s3::decode_key(encoded), key.clone());
        let others = [S3::delete("photos", &key), S3::delete_marker("photos", &key), S3::copy("photos", &key)];
        is_read::<S3Event>(&S3::batch(others).to_json(), 3);
        is_read::<CloudWatchEvent<Value>>(&S3::put("photos", &key).in_event_bridge().to_json(), 1);
        is_read::<SnsEvent>(&event.clone().in_sns().to_json(), 1);
        is_read::<SqsEvent>(&event.in_sns().in_sqs().to_json(), 1);
    }

    #[test]
    fn stream_records_are_read_as_they_are(data in prop::collection::vec(any::<Vec<u8>>(), 1..5), key in "\\PC{1,9}") {
        let record = |data: &Vec<u8>| Kinesis::bytes(&key, data);
        let event = Kinesis::batch(data.iter().map(record));
        let read = is_read::<KinesisEvent>(&event.to_json(), data.len());
        let bytes: Vec<_> = read.into_iter().map(|record| record.kinesis.data.0).collect();
        prop_assert_eq!(&bytes, &data);
        is_read::<KinesisEvent>(&event.clone().window(&json!({"sum": 1})).last_of_window().to_json(), data.len());
        prop_assert_eq!(detect(event.in_pipe().to_json().as_bytes()).source, Source::Kinesis);

        let packed = is_read::<KinesisEvent>(&Kinesis::aggregate(data.iter().map(record)).to_json(), 1);
        let mut aggregate = crate::event::kinesis_aggregate::Aggregate::of(&packed[0].kinesis.data.0).unwrap();
        for data in &data {
            let user = aggregate.next_record().unwrap();
            prop_assert_eq!((user.partition_key, user.data), (&*key, &**data));
        }
        prop_assert!(aggregate.next_record().is_none());
    }

    #[test]
    fn changes_are_read_as_they_are(name in "\\PC{1,9}", number: i64, flag: bool) {
        let (keys, old) = (json!({"id": name}), json!({"id": name, "n": number}));
        let new = json!({"id": name, "n": number, "list": [flag, null, {"deep": 1.5}]});
        let changes = [
            DynamodbStream::insert("t", &keys, &new),
            DynamodbStream::modify("t", &keys, &old, &new),
            DynamodbStream::remove("t", &keys, &old).by_ttl(),
            DynamodbStream::modify("t", &keys, &old, &new).keys_only(),
            DynamodbStream::modify("t", &keys, &old, &new).new_image_only(),
            DynamodbStream::modify("t", &keys, &old, &new).old_image_only(),
        ];
        let event = DynamodbStream::batch(changes);
        let read = is_read::<dynamodb::Event>(&event.to_json(), 6);
        let back: Value = serde_dynamo::from_item(read[1].change.new_image.clone()).unwrap();
        prop_assert_eq!(back, new);
        is_read::<dynamodb::Event>(&event.clone().window(&()).to_json(), 6);
        is_read::<dynamodb::Event>(&event.in_pipe().to_json(), 6);
    }

    #[test]
    fn the_others_are_read_as_they_are(text in "\\PC{0,40}", partition in 0..4i64) {
        let event = EventBridge::event("shop", "Order Placed", &json!({"text": text})).resource("arn").replay("r");
        is_read::<CloudWatchEvent<Value>>(&event.to_json(), 1);
        is_read::<CloudWatchEvent<Value>>(&Schedule::rule("nightly").to_json(), 1);
        let record = Kafka::record("orders", partition, &text).key("k").header("h", &text);
        let event = Kafka::batch([record.clone(), Kafka::tombstone("orders", 9), record]);
        is_read::<KafkaEvent>(&event.clone().self_managed().to_json(), 3);
        is_read::<KafkaEvent>(&event.to_json(), 3);
        let event = Firehose::batch([Firehose::record(&text), Firehose::bytes(&text)]);
        is_read::<KinesisFirehoseEvent>(&event.clone().through_kinesis("k").to_json(), 2);
        is_read::<KinesisFirehoseEvent>(&event.to_json(), 2);
        let lines = Logs::lines("/aws/lambda/f", [text.clone(), text.clone()]).stream("s");
        let read = is_read::<LogsEvent>(&lines.to_json(), 1);
        prop_assert_eq!(&read[0].log_events[1].message, &text);
        is_read::<LogsEvent>(&Logs::control().to_json(), 1);
        is_read::<KinesisEvent>(&lines.in_kinesis().to_json(), 1);
        is_read::<SimpleEmailEvent>(&Ses::mail("a@example.com", "b@example.com").subject(&text).spam().to_json(), 1);
        prop_assert_eq!(detect(ActiveMq::message("q", &text).to_json().as_bytes()).source, Source::Activemq);
        let messages = [RabbitMq::message("a", &text), RabbitMq::message("b", &text).redelivered()];
        prop_assert_eq!(detect(RabbitMq::batch(messages).to_json().as_bytes()).source, Source::Rabbitmq);
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(future)
}

async fn on_message(message: SqsMessage, cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(remaining = cx.remaining_time().as_secs() > 0, "a message");
    match message.body.as_deref() {
        Some("done") => Ok(()),
        Some("reject") => Err(Failure::reject("it says so")),
        Some("panic") => panic!("it says so"),
        Some("sleep") => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(())
        }
        _ => Err(Failure::msg("it says nothing")),
    }
}

fn router() -> Router<()> {
    let router = Router::new(()).on::<SqsEvent>(on_message);
    router.dead_letters(|letter: DeadLetter| async move {
        match letter.id.as_deref() {
            Some("not taken") => Err("no room"),
            _ => Ok(()),
        }
    })
}

fn outcomes(delivered: &Delivered) -> Vec<String> {
    let outcome = |record: &DeliveredRecord| match &record.outcome {
        RecordOutcome::Done => "done".to_owned(),
        RecordOutcome::Failed(why) => format!("failed: {why}"),
        RecordOutcome::Rejected(why) => format!("rejected: {why}"),
        RecordOutcome::NotStarted => "not started".to_owned(),
    };
    delivered.records().iter().map(outcome).collect()
}

#[test]
fn the_outcome_of_each_message_is_seen() {
    block_on(async {
        let texts = [
            ("a", "done"),
            ("b", "reject"),
            ("c", ""),
            ("d", "panic"),
            ("not taken", "reject"),
        ];
        let messages = texts.map(|(id, text)| Sqs::text(text).id(id));
        let delivered = router().deliver(Sqs::batch(messages)).await;
        let [done, rejected, failed, panicked, again] = &*outcomes(&delivered) else {
            panic!("{delivered}");
        };
        assert_eq!((&**done, &**rejected), ("done", "rejected: it says so"));
        assert_eq!(failed, "failed: it says nothing");
        assert!(
            panicked.starts_with("failed: ") && panicked.contains("it says so"),
            "{panicked}"
        );
        assert!(again.contains("no room"), "{again}");
        assert_eq!(delivered.dead_letters().len(), 1);
        assert_eq!(delivered.dead_letters()[0].reason, "it says so");
        assert_eq!(delivered.source(), Source::Sqs);
        let ids = ["c", "d", "not taken"].map(|id| json!({"itemIdentifier": id}));
        assert_eq!(delivered.reply(), &json!({"batchItemFailures": ids}));
        assert_eq!(delivered.metric("RecordsRejected"), Some(1.0));
        assert_eq!(delivered.metric("Records"), Some(5.0));
        let lines = delivered
            .logs()
            .iter()
            .filter(|line| line["message"] == "a message");
        assert_eq!(lines.count(), 5, "{:?}", delivered.logs());
        assert!(!delivered.is_done());
    });
}

#[test]
fn behind_a_failure_records_are_not_started() {
    block_on(async {
        async fn on_record(record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
            assert_eq!(cx.received().timestamp(), 1_800_000_000);
            match &record.kinesis.data[..] {
                b"good" => Ok(()),
                _ => Err(Failure::msg("bad")),
            }
        }
        let router = Router::new(()).kinesis(on_record);
        let records = ["good", "bad", "good"].map(|data| Kinesis::bytes("k", data));
        let event = Kinesis::batch(records);
        let delivered = router.deliver(event.clone()).await;
        assert_eq!(outcomes(&delivered), ["done", "failed: bad", "not started"]);
        let id = delivered.records()[1].id.clone().unwrap();
        assert_eq!(
            delivered.reply(),
            &json!({"batchItemFailures": [{"itemIdentifier": id}]})
        );
        let again = router.deliver(event.set("/kinesis/data", "Z29vZA==")).await;
        again.assert_done();
        assert!(again.to_string().contains("record 2"), "{again}");
    });
}

#[test]
fn time_that_runs_out_is_seen() {
    block_on(async {
        let messages = Sqs::batch(["sleep", "done"].map(Sqs::text));
        let cx = context().deadline(Duration::from_millis(300)).request_id("r-1");
        let delivered = cx.deliver(&router(), messages).await;
        let [slept, unstarted] = &*outcomes(&delivered) else {
            panic!("{delivered}");
        };
        assert!(slept.contains("time ran out"), "{slept}");
        assert_eq!(unstarted, "not started");
        assert!(
            delivered.logs().iter().all(|line| line["requestId"] == "r-1"),
            "{:?}",
            delivered.logs()
        );
    });
}

#[test]
fn an_event_without_a_handler_fails_the_invocation() {
    block_on(async {
        let delivered = router()
            .deliver(S3::batch(["a", "b"].map(|key| S3::put("photos", key))))
            .await;
        assert!(delivered.error().unwrap().is_unrouted());
        assert_eq!(outcomes(&delivered), ["not started", "not started"]);
        assert!(delivered.to_string().contains("UnroutedEvent"));
        assert!(
            delivered.logs().iter().any(|line| line["level"] == "ERROR"),
            "{:?}",
            delivered.logs()
        );
    });
}

#[test]
fn events_in_envelopes_count_as_the_records_around_them() {
    block_on(async {
        async fn on_object(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
            match record.s3.object.key.as_deref() {
                Some("good") => Ok(()),
                _ => Err(Failure::msg("bad")),
            }
        }
        let router = Router::new(()).s3(on_object).on::<SqsEvent>(crate::Unwrap);
        let enveloped = ["good", "bad"].map(|key| S3::put("photos", key).in_sns().in_sqs());
        let delivered = router.deliver(Sqs::batch(enveloped)).await;
        let [good, bad] = &*outcomes(&delivered) else {
            panic!("{delivered}");
        };
        assert!(good == "done" && bad.starts_with("failed: "), "{delivered}");
    });
}

#[test]
fn payloads_of_ones_own_and_their_callers_context_arrive() {
    block_on(async {
        async fn tool(payload: Payload, cx: Context<()>) -> Result<String, Failure> {
            let size = payload.into_bytes().len();
            let sent = String::from_utf8_lossy(cx.client_context().unwrap_or_default()).into_owned();
            Ok(format!("{size} {sent}"))
        }
        let router = Router::new(()).fallback(tool);
        let cx = context().client_context(&json!({"custom": {"a": "b"}}));
        let delivered = cx
            .deliver(&router, DirectPayload::of(&json!({"task": "charge"})))
            .await;
        assert_eq!(delivered.reply(), &json!(r#"17 {"custom":{"a":"b"}}"#));
        delivered.assert_done();
    });
}

#[test]
fn an_answer_to_a_request_is_seen() {
    block_on(async {
        let api =
            axum::Router::new().route("/orders", axum::routing::post(|body: String| async move { body }));
        let router = Router::new(()).http(api);
        for request in [
            Http::post("/orders").body("hello"),
            Http::post("/orders").body("hello").rest(),
        ] {
            let delivered = router.deliver(request).await;
            assert_eq!((delivered.status(), &*delivered.body()), (200, &b"hello"[..]));
        }
        assert_eq!(router.deliver(Http::get("/nowhere").alb()).await.status(), 404);
    });
}
