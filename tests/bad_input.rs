//! Input that is broken or hostile: a clear answer, nothing lost, nothing told to the logs, and the process goes on.

use crate::support::{SECRET, Sturdy, batch, dynamodb, event, http_api, kinesis, s3};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_not_an_event_is_refused_with_the_reason() {
    let sturdy = Sturdy::start().await;
    for (payload, reason) in [
        ("", "empty"),
        (" \n", "empty"),
        ("hello", "not JSON at byte 0"),
        ("<Event/>", "not JSON at byte 0"),
        ("{\"a\":1,}", "not JSON at byte 7"),
        ("{'a':1}", "not JSON at byte 1"),
        ("{} {}", "not JSON at byte 3"),
        ("\u{feff}", "empty"),
        ("\"hunter2-correct-horse\"", "string"),
        ("17", "number"),
        ("null", "null"),
        ("true", ""),
        ("[]", "empty"),
        ("{}", "empty"),
        ("{\"Records\":[]}", "Records"),
        ("{\"password\":\"hunter2-correct-horse\"}", ""),
    ] {
        sturdy
            .refuses(payload, "UnroutedEvent", &["no handler for unknown (", reason])
            .await;
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_not_part_of_the_event() {
    let sturdy = Sturdy::start().await;
    let marked = |payload: String| format!("\u{feff}{payload}");
    assert_eq!(sturdy.answer(marked(batch([s3("k")]))).await, Ok(Value::Null));
    assert_eq!(
        sturdy.answer(marked(event(&json!({})).to_string())).await,
        Ok(Value::Null)
    );
    let whole = json!({"batchItemFailures": []});
    assert_eq!(
        sturdy.answer(marked(batch([kinesis(1, b"x")]))).await,
        Ok(whole.clone())
    );
    assert_eq!(
        sturdy.answer(marked(batch([dynamodb(1, json!({}))]))).await,
        Ok(whole)
    );
    let reply = sturdy
        .answer(marked(http_api("GET", "/events").to_string()))
        .await
        .unwrap();
    assert_eq!(reply["statusCode"], 200);
    assert_eq!(sturdy.stock.count(), 4);
}

/// The text with `twice` before the first place of `key`.
fn before(text: &str, key: &str, twice: &str) -> String {
    assert!(text.contains(key), "no {key} in {text}");
    text.replacen(key, &format!("{twice}{key}"), 1)
}

#[tokio::test]
async fn of_a_duplicated_key_the_last_value_counts() {
    let sturdy = Sturdy::start().await;
    let payload = before(
        &batch([s3("k")]),
        "\"eventName\":",
        "\"eventName\":\"ObjectRemoved:Delete\",",
    );
    assert_eq!(sturdy.answer(payload).await, Ok(Value::Null));
    let payload = before(
        &batch([kinesis(1, b"x")]),
        "\"awsRegion\":",
        "\"awsRegion\":\"nowhere\",",
    );
    assert_eq!(sturdy.answer(payload).await, Ok(json!({"batchItemFailures": []})));
    let payload = before(
        &batch([dynamodb(1, json!({}))]),
        "\"eventName\":",
        "\"eventName\":\"REMOVE\",",
    );
    assert_eq!(sturdy.answer(payload).await, Ok(json!({"batchItemFailures": []})));
    let payload = before(
        &event(&json!({})).to_string(),
        "\"region\":",
        "\"region\":\"nowhere\",",
    );
    assert_eq!(sturdy.answer(payload).await, Ok(Value::Null));
    let payload = before(
        &http_api("GET", "/health").to_string(),
        "\"rawPath\":",
        "\"rawPath\":\"/nowhere\",",
    );
    assert_eq!(sturdy.answer(payload).await.unwrap()["statusCode"], 200);
    let entries = sturdy.stock.entries().await;
    let last = |text: &str| {
        entries
            .iter()
            .any(|entry| entry["type"].as_str().unwrap().ends_with(text))
    };
    assert!(last("ObjectCreated:Put") && last("INSERT"), "{entries:#?}");
    assert_eq!(entries.len(), 4);
    // Further inside as well.
    let payload = before(&batch([s3("k2")]), "\"key\":", "\"key\":\"k1\",");
    assert_eq!(sturdy.answer(payload).await, Ok(Value::Null));
    let entries = sturdy.stock.entries().await;
    let subject = |text: &str| entries.iter().any(|entry| entry.to_string().contains(text));
    assert!(subject("k2") && !subject("k1"), "{entries:#?}");
    sturdy.works().await;
}

/// Makes the record of a number.
type Make<'a> = &'a dyn Fn(usize) -> Value;

/// Records of wrong shapes, all of which hold the secret.
fn misshapen(good: &Value, body: &str, fields: &[&str]) -> Vec<Value> {
    let mut bad = vec![json!(SECRET), json!([SECRET]), json!({"note": SECRET})];
    bad.extend([json!(SECRET), json!([SECRET])].map(|value| {
        let mut record = good.clone();
        record[body] = value;
        record
    }));
    for field in fields {
        let mut record = good.clone();
        record[body][*field] = json!({"note": [SECRET]});
        bad.push(record);
    }
    bad
}

#[tokio::test]
async fn a_record_of_the_wrong_shape_is_one_bad_record() {
    let sturdy = Sturdy::start().await;
    let makes: [(&str, &[&str], Make<'_>); 3] = [
        (
            "kinesis",
            &["data", "partitionKey", "approximateArrivalTimestamp"],
            &|number| kinesis(number, b"x"),
        ),
        ("dynamodb", &["Keys", "NewImage", "StreamViewType"], &|number| {
            dynamodb(number, json!({}))
        }),
        ("s3", &["bucket", "object"], &|number| s3(&format!("{number}"))),
    ];
    let mut number = 0;
    for (body, fields, make) in makes {
        for bad in misshapen(&make(0), body, fields) {
            let before = sturdy.stock.count();
            number += 2;
            let good = make(number);
            let answer = sturdy
                .answer(batch([good.clone(), bad.clone(), make(number + 1)]))
                .await;
            // A stream stops at the bad record; of a notification all good ones are kept.
            let kept = if body == "s3" { 2 } else { 1 };
            assert_eq!(sturdy.stock.count(), before + kept, "{bad}");
            match answer {
                Ok(reply) => {
                    // By its own number, or by the one before it if it has none.
                    let id = reply["batchItemFailures"][0]["itemIdentifier"].as_str().unwrap();
                    let named = match bad
                        .pointer("/kinesis/sequenceNumber")
                        .or(bad.pointer("/dynamodb/SequenceNumber"))
                    {
                        Some(Value::String(_)) => &bad,
                        _ => &good,
                    };
                    assert!(named.to_string().contains(id), "{bad}: {reply}");
                }
                Err((error_type, message)) => {
                    assert_eq!(error_type, "HandlerFailed");
                    assert!(message.contains("record 1"), "{message}");
                }
            }
            sturdy.works().await;
        }
    }
}

#[tokio::test]
async fn what_is_cut_off_is_never_a_success_unless_all_of_it_was_kept() {
    let sturdy = Sturdy::start().await;
    let secret = format!("{{\"a\":\"{SECRET}\"}}");
    let image = json!({"a": {"S": SECRET}});
    let mut post = http_api("POST", "/events");
    post["headers"]["content-type"] = json!("application/cloudevents+json");
    let cloud_event = json!({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": SECRET});
    post["body"] = json!(cloud_event.to_string());
    let payloads = [
        (3, batch((0..3).map(|number| kinesis(number, secret.as_bytes())))),
        (3, batch((0..3).map(|number| dynamodb(number, image.clone())))),
        (3, batch(["a", "bb", "ccc"].map(s3))),
        (1, event(&json!({"a": SECRET})).to_string()),
        (1, post.to_string()),
    ];
    for (of, whole) in payloads {
        let before = sturdy.stock.count();
        // Every place near an end, and some of all others.
        let cuts = (0..whole.len()).filter(|cut| cut % 7 == 0 || cut + 16 > whole.len());
        for cut in cuts {
            let success = match sturdy.answer(&whole.as_bytes()[..cut]).await {
                Ok(Value::Null) => true,
                Ok(reply) => match reply["statusCode"].as_u64() {
                    Some(status) => status < 400,
                    None => reply == json!({"batchItemFailures": []}),
                },
                Err((error_type, _)) => {
                    assert!(
                        ["UnroutedEvent", "HandlerFailed"].contains(&&*error_type),
                        "{error_type}"
                    );
                    false
                }
            };
            assert!(
                !success || sturdy.stock.count() == before + of,
                "lost at {cut} of {whole}"
            );
        }
        assert!(sturdy.answer(whole).await.is_ok());
        assert_eq!(sturdy.stock.count(), before + of);
        sturdy.works().await;
    }
}

/// The payload with the text `FF` as a byte that no UTF-8 holds.
fn broken(payload: &str) -> Vec<u8> {
    let (start, end) = payload.split_once("FF").unwrap();
    [start.as_bytes(), &[0xFF], end.as_bytes()].concat()
}

#[tokio::test]
async fn what_is_not_utf_8_is_that_record_s_failure() {
    let sturdy = Sturdy::start().await;
    sturdy
        .refuses(
            broken(&batch([s3("a"), s3("FF")])),
            "HandlerFailed",
            &["s3: 1 of 2", "record 1"],
        )
        .await;
    let mut detail = event(&json!({SECRET: format!("{SECRET}FF")}));
    detail["id"] = json!("broken");
    sturdy
        .refuses(
            broken(&detail.to_string()),
            "HandlerFailed",
            &["cloudwatch_events: record 0"],
        )
        .await;
    let mut bad = kinesis(2, b"x");
    bad["kinesis"]["partitionKey"] = json!(format!("{SECRET}FF"));
    let number = bad["kinesis"]["sequenceNumber"].clone();
    let reply = sturdy
        .answer(broken(&batch([kinesis(1, b"x"), bad, kinesis(3, b"x")])))
        .await;
    assert_eq!(
        reply,
        Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]}))
    );
    let bad = dynamodb(2, json!({"a": {"S": format!("{SECRET}FF")}}));
    let number = bad["dynamodb"]["SequenceNumber"].clone();
    let reply = sturdy.answer(broken(&batch([dynamodb(1, json!({})), bad]))).await;
    assert_eq!(
        reply,
        Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]}))
    );
    let mut post = http_api("POST", "/events");
    post["body"] = json!(format!("{SECRET}FF"));
    let reply = sturdy.answer(broken(&post.to_string())).await.unwrap();
    assert_eq!(reply["statusCode"], 500);
    sturdy.works().await;
}

#[tokio::test]
async fn what_is_kept_is_not_logged() {
    let sturdy = Sturdy::start().await;
    let data = format!("{{\"password\":\"{SECRET}\"}}");
    let mut object = s3("k");
    object["s3"]["object"]["eTag"] = json!(SECRET);
    let mut post = http_api("POST", "/events");
    post["headers"]["authorization"] = json!(format!("Bearer {SECRET}"));
    post["headers"]["content-type"] = json!("application/cloudevents+json");
    post["body"] = json!(STANDARD.encode(
        json!({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": SECRET}).to_string()
    ));
    post["isBase64Encoded"] = json!(true);
    let mut wrong = post.clone();
    wrong["body"] = json!(format!("{{\"{SECRET}"));
    wrong["isBase64Encoded"] = json!(false);
    let payloads = [
        batch([kinesis(1, data.as_bytes())]),
        batch([dynamodb(1, json!({"password": {"S": SECRET}}))]),
        batch([object]),
        event(&json!({"password": SECRET})).to_string(),
        post.to_string(),
    ];
    for payload in payloads {
        sturdy.invoke(payload).await.result.unwrap();
    }
    assert_eq!(sturdy.stock.count(), 5);
    let reply = sturdy.answer(wrong.to_string()).await.unwrap();
    assert_eq!(reply["statusCode"], 400);
}
