//! An answer that its source would take for something else is not sent: the invocation fails instead.

use crate::support::instructions::{Log, answer};
use crate::support::logged::logged;
use serde_json::{Value, json};
use switchboard::event::{Delivery, Event};
use switchboard::source::Source;
use switchboard::{Context, Failure, Router};

/// Events of many sources, each handled as a whole by a handler that answers what the event says under `reply`.
struct EchoEvent;

#[derive(serde::Deserialize)]
struct EchoItem {
    reply: Value,
}

impl Event for EchoEvent {
    const SOURCES: &'static [Source] = &[
        Source::Sqs,
        Source::Kinesis,
        Source::Dynamodb,
        Source::KinesisWindow,
        Source::Kafka,
        Source::KinesisFirehose,
        Source::ApiGatewayRest,
        Source::CloudwatchEvents,
    ];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &["id"];
    type Item = EchoItem;
    type Reply = Value;
}

async fn echo(item: EchoItem, _cx: Context<Log>) -> Result<Value, Failure> {
    Ok(item.reply)
}

/// Why the reply to the event is not sent.
fn refused(event: &Value, reply: Value) -> Option<String> {
    let mut event = event.clone();
    event["reply"] = reply.clone();
    let router = Router::new(Log::default()).on::<EchoEvent>(echo);
    match answer(router, event.to_string()) {
        Ok(sent) => {
            assert_eq!(sent, reply);
            None
        }
        Err(error) => {
            assert_eq!(error.error_type(), "InvalidReply");
            Some(error.to_string())
        }
    }
}

fn failures(ids: &[Value]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}

#[test]
fn identifiers_are_those_of_the_batch() {
    let sqs = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "a\u{e9}\"", "body": "b"}]});
    let kinesis =
        json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": "a\u{e9}\""}}]});
    let dynamodb =
        json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "a\u{e9}\""}}]});
    for event in [sqs, kinesis, dynamodb] {
        for reply in [
            json!(null),
            json!({}),
            failures(&[]),
            failures(&[json!("a\u{e9}\"")]),
        ] {
            assert_eq!(refused(&event, reply), None);
        }
        for reply in [
            failures(&[json!("")]),
            failures(&[json!("b")]),
            failures(&[json!(null)]),
            failures(&[json!(7)]),
        ] {
            assert!(refused(&event, reply).unwrap().contains("itemIdentifier"));
        }
        for reply in [
            json!({"batchItemFailures": "a"}),
            json!({"batchItemFailures": [{"id": "a"}]}),
            json!([1]),
        ] {
            assert!(refused(&event, reply).unwrap().contains("batchItemFailures"));
        }
    }
}

#[test]
fn kafkas_identifiers_are_a_partition_and_an_offset_of_the_batch() {
    let event = json!({"eventSource": "aws:kafka", "bootstrapServers": "b:1",
        "records": {"t-0": [{"topic": "t", "partition": 0, "offset": 4}], "t-1": []}});
    let offset =
        |partition: &str, offset: i64| failures(&[json!({"partition": partition, "offset": offset})]);
    assert_eq!(refused(&event, offset("t-0", 4)), None);
    assert_eq!(refused(&event, failures(&[])), None);
    assert!(refused(&event, offset("t-0", 5)).unwrap().contains("offset 5"));
    assert!(refused(&event, offset("t-1", 4)).unwrap().contains("\"t-1\""));
    assert!(refused(&event, failures(&[json!("t-0")])).is_some());
}

#[test]
fn every_record_of_firehose_has_one_result() {
    let record = |id| json!({"recordId": id, "data": "YQ=="});
    let event = json!({"invocationId": "i", "deliveryStreamArn": "arn:aws:firehose:r:1:deliverystream/d",
        "records": [record("a"), record("b")]});
    let result = |id: &str, result: &str| json!({"recordId": id, "result": result, "data": "YQ=="});
    let reply = |results: &[Value]| json!({"records": results});
    assert_eq!(
        refused(&event, reply(&[result("b", "Dropped"), result("a", "Ok")])),
        None
    );
    let failed = json!({"recordId": "b", "result": "ProcessingFailed"});
    assert_eq!(refused(&event, reply(&[result("a", "Ok"), failed])), None);
    for (results, problem) in [
        (vec![result("a", "Ok")], "\"b\" has no result"),
        (vec![result("a", "Ok"), result("a", "Ok")], "has two results"),
        (vec![result("a", "Ok"), result("c", "Ok")], "not in the event"),
        (vec![result("a", "Fine"), result("b", "Ok")], "is not one of"),
        (
            vec![json!({"recordId": "a", "result": "Ok"}), result("b", "Ok")],
            "no `data`",
        ),
    ] {
        let refused = refused(&event, reply(&results)).unwrap();
        assert!(refused.contains(problem), "{refused}");
    }
    assert!(
        refused(&event, json!({"batchItemFailures": []}))
            .unwrap()
            .contains("records")
    );
}

#[test]
fn a_rest_api_takes_no_cookies() {
    let event = json!({"resource": "/", "path": "/", "httpMethod": "GET", "headers": {}, "multiValueHeaders": {},
        "requestContext": {"resourcePath": "/", "httpMethod": "GET", "stage": "s", "apiId": "a"}});
    assert_eq!(
        refused(&event, json!({"statusCode": 200, "body": "cookies"})),
        None
    );
    let reply = json!({"statusCode": 200, "cookies": ["a=b"], "body": ""});
    assert!(refused(&event, reply).unwrap().contains("`cookies`"));
}

#[test]
fn replies_larger_than_lambda_returns_are_refused_with_the_reason() {
    let event =
        json!({"id": "e", "source": "shop", "detail-type": "t", "detail": {}, "account": "1", "region": "r"});
    let reply = |size: usize| json!("x".repeat(size - 2));
    assert_eq!(refused(&event, reply(6 * 1024 * 1024)), None);
    let refused = refused(&event, reply(6 * 1024 * 1024 + 1)).unwrap();
    assert!(refused.contains("6291457 bytes"), "{refused}");
}

/// A load balancer takes the last cookie only, unless its target group has multi-value headers.
#[cfg(feature = "http")]
#[test]
fn cookies_that_a_load_balancer_drops_are_named_without_their_values() {
    use axum::response::AppendHeaders;
    use axum::routing::get;
    let cookies = |cookies: &'static [&'static str]| {
        move || async move { AppendHeaders(cookies.iter().map(|cookie| ("set-cookie", *cookie))) }
    };
    let api = axum::Router::new()
        .route("/one", get(cookies(&["a=secret"])))
        .route("/two", get(cookies(&["a=secret", "b=secret"])));
    let warnings = |path: &str, headers: &str, host: Value| {
        let mut event = json!({"requestContext": {"elb": {"targetGroupArn": "arn:t"}}, "httpMethod": "GET", "path": path,
            "body": "", "isBase64Encoded": false});
        event[headers] = host;
        logged(|| {
            answer(Router::new(Log::default()).http(api.clone()), event.to_string()).unwrap();
        })
    };
    assert_eq!(warnings("/one", "headers", json!({"host": "a.example"})), [""; 0]);
    assert_eq!(
        warnings("/two", "multiValueHeaders", json!({"host": ["a.example"]})),
        [""; 0]
    );
    let [lost] = &warnings("/two", "headers", json!({"host": "a.example"}))[..] else {
        panic!("one line");
    };
    assert!(
        lost.contains(r#"cookies=["a"]"#) && !lost.contains("secret"),
        "{lost}"
    );
}
