//! Partial answers: what is reported, what is kept, and what is left for the next delivery.

use crate::support::{Stock, batch, dynamodb, http_api, kinesis, s3};
use futures_util::future::join_all;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

/// Makes the record of a number.
type Make<'a> = &'a dyn Fn(usize) -> Value;

/// Ways of a record to be unreadable; its sequence number still stands in it.
fn spoilt(record: &Value, body: &str) -> Vec<Value> {
    let field = if body == "kinesis" { "data" } else { "NewImage" };
    [
        json!(17),
        json!("not base64 nor an image!"),
        json!(["a"]),
        json!(null),
    ]
    .into_iter()
    // An image may well be missing.
    .filter(|value| body == "kinesis" || !value.is_null())
    .map(|value| {
        let mut record = record.clone();
        record[body][field] = value;
        record
    })
    .collect()
}

#[tokio::test]
async fn an_unreadable_record_of_a_stream_is_reported_and_nothing_after_it_is_kept() {
    let of_kinesis = |number| kinesis(number, b"x");
    let of_dynamodb = |number| dynamodb(number, json!({"a": {"S": "x"}}));
    let makes: [(&str, &str, Make<'_>); 2] = [
        ("kinesis", "sequenceNumber", &of_kinesis),
        ("dynamodb", "SequenceNumber", &of_dynamodb),
    ];
    for (body, number, make) in makes {
        for bad in spoilt(&make(2), body) {
            let stock = Stock::start().await;
            let payload = batch([make(0), make(1), bad.clone(), make(3), make(4)]);
            let expected = json!({"batchItemFailures": [{"itemIdentifier": bad[body][number]}]});
            assert_eq!(stock.reply(payload).await, expected, "{bad}");
            assert_eq!(
                ids(&stock).await,
                [make(0)["eventID"].clone(), make(1)["eventID"].clone()],
                "{bad}"
            );
            // What comes again from there on, mended, completes the journal.
            let rest = batch([make(2), make(3), make(4)]);
            assert_eq!(stock.reply(rest).await, json!({"batchItemFailures": []}));
            assert_eq!(stock.count(), 5);
        }
    }
}

async fn ids(stock: &Stock) -> Vec<Value> {
    let mut entries = stock.entries().await;
    entries.iter_mut().map(|entry| entry["id"].take()).collect()
}

#[tokio::test]
async fn an_unreadable_first_or_last_record_is_reported_too() {
    for at in [0, 2] {
        let stock = Stock::start().await;
        let mut records = [kinesis(0, b"x"), kinesis(1, b"x"), kinesis(2, b"x")];
        records[at]["kinesis"]["data"] = json!(0);
        let number = records[at]["kinesis"]["sequenceNumber"].clone();
        let expected = json!({"batchItemFailures": [{"itemIdentifier": number}]});
        assert_eq!(stock.reply(batch(records)).await, expected);
        assert_eq!(stock.count(), at);
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_reported_is_covered_by_the_one_before_it_or_by_the_invocation() {
    let stock = Stock::start().await;
    for number in [json!(""), json!(null), json!(7)] {
        let mut nameless = kinesis(1, b"x");
        nameless["kinesis"]["sequenceNumber"] = number;
        nameless["kinesis"]["data"] = json!(17);
        let error = stock.error(batch([nameless.clone(), kinesis(2, b"x")])).await;
        assert_eq!(error.error_type, "HandlerFailed");
        assert!(
            error.message.starts_with("kinesis: ") && error.message.contains("record 0: "),
            "{error}"
        );
        // The one before it can be, and both come again.
        let first = kinesis(0, b"x");
        let reply = stock.reply(batch([first.clone(), nameless])).await;
        let number = &first["kinesis"]["sequenceNumber"];
        assert_eq!(reply["batchItemFailures"], json!([{"itemIdentifier": number}]));
    }
}

#[tokio::test]
async fn a_bad_object_record_fails_the_invocation_and_the_good_ones_are_kept() {
    let stock = Stock::start().await;
    let mut bad = s3("bad.txt");
    bad["s3"]["object"]["size"] = json!("large");
    let mut nameless = s3("x");
    nameless["s3"]["object"].as_object_mut().unwrap().remove("key");
    let error = stock
        .error(batch([s3("a"), bad, s3("bb"), nameless, s3("ccc")]))
        .await;
    assert_eq!(error.error_type, "HandlerFailed");
    for part in [
        "s3: 2 of 5",
        "record 1 (photos/bad.txt)",
        "s3.object.size",
        "record 3: ",
        "no `s3.object.key`",
    ] {
        assert!(error.message.contains(part), "{part} in {error}");
    }
    let subjects: Vec<_> = stock
        .entries()
        .await
        .into_iter()
        .map(|mut entry| entry["subject"].take())
        .collect();
    assert_eq!(subjects, ["a", "bb", "ccc"]);
}

/// A field of a protocol buffer that holds bytes; all lengths here are below 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

/// What the Kinesis Producer Library makes of a few user records with one partition key.
fn aggregate(users: &[&[u8]]) -> Vec<u8> {
    let mut body = field(1, b"customer 7");
    for user in users {
        // Its partition key is the first one of the table.
        body.extend(field(3, &[&[1 << 3, 0], &*field(3, user)].concat()));
    }
    let digest = Md5::digest(&body);
    [&[0xF3, 0x89, 0x9A, 0xC2], &*body, &*digest].concat()
}

#[tokio::test]
async fn an_aggregate_is_kept_record_by_record_and_reported_by_its_parent() {
    let stock = Stock::start().await;
    let mut bad = kinesis(2, b"x");
    bad["kinesis"]["data"] = json!({});
    let whole = kinesis(1, &aggregate(&[b"{\"a\":1}", b"text", &[0, 1, 2]]));
    let reply = stock.reply(batch([whole.clone(), bad.clone()])).await;
    assert_eq!(
        reply["batchItemFailures"][0]["itemIdentifier"],
        bad["kinesis"]["sequenceNumber"]
    );
    let reply = stock.reply(batch([whole.clone(), kinesis(2, b"x")])).await;
    assert_eq!(reply, json!({"batchItemFailures": []}));
    let entries = stock.entries().await;
    assert_eq!(entries.len(), 4);
    for (index, entry) in entries[..3].iter().enumerate() {
        assert_eq!(entry["subject"], "customer 7");
        assert_eq!(entry["subsequence"], index);
        assert_eq!(entry["sequence"], whole["kinesis"]["sequenceNumber"]);
        assert_eq!(
            entry["id"],
            format!("{}.{index}", whole["eventID"].as_str().unwrap())
        );
    }
    assert_eq!(entries[0]["data"], json!({"a": 1}));
    assert_eq!(
        (&entries[1]["data"], &entries[2]["data_base64"]),
        (&json!("text"), &json!("AAEC"))
    );
}

#[tokio::test]
async fn ten_thousand_records_are_kept_in_order() {
    const RECORDS: usize = 10_000;
    let stock = Stock::start().await;
    let payload = batch((0..RECORDS).map(|number| kinesis(number, format!("{{\"n\":{number}}}").as_bytes())));
    assert_eq!(stock.reply(payload).await, json!({"batchItemFailures": []}));
    let entries = stock.entries().await;
    assert_eq!(entries.len(), RECORDS);
    for (number, entry) in entries.iter().enumerate() {
        assert_eq!(entry["data"]["n"], number);
    }
}

#[tokio::test]
async fn sequence_numbers_decide_over_arrival() {
    let stock = Stock::start().await;
    // One item, its changes out of order; the numbers differ far beyond 64 bits.
    let change = |number: &str, name: &str| {
        let mut record = dynamodb(1, json!({}));
        record["eventID"] = json!(number);
        record["eventName"] = json!(name);
        record["dynamodb"]["SequenceNumber"] = json!(number);
        record
    };
    let changes = [
        change("99", "INSERT"),
        change("44215845000000000174508000000002", "REMOVE"),
        change("44215845000000000174508000000001", "MODIFY"),
    ];
    stock.reply(batch(changes)).await;
    let resources = stock.list("/resources").await;
    assert_eq!(resources.len(), 1);
    assert_eq!(resources[0]["state"], "removed");
    assert_eq!(
        resources[0]["urn"],
        "arn:aws:dynamodb:eu-west-1:123456789012:table/T/item/id=1"
    );
}

#[tokio::test]
async fn the_stock_function_journals_what_comes_at_once() {
    let stock = Stock::start_with(|builder| builder.max_concurrency(16)).await;
    let objects = (0..64).map(|number| {
        let mut record = s3(&format!("object-{number}"));
        record["responseElements"]["x-amz-request-id"] = format!("R{number}").into();
        stock.function.invoke(batch([record]))
    });
    for outcome in join_all(objects).await {
        let outcome = outcome.unwrap();
        assert!(outcome.result.is_ok(), "{outcome:?}");
    }
    let page = stock
        .function
        .invoke(http_api("GET", "/events?limit=100").to_string())
        .await
        .unwrap();
    let reply: Value = serde_json::from_slice(&page.result.unwrap()).unwrap();
    let entries: Vec<Value> = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    assert_eq!(entries.len(), 64);
}
