//! What handlers can ask for, read from records as AWS writes them.

use super::*;
use crate::event::Event;
use crate::event::read::lane_of_valid;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::firehose::KinesisFirehoseEvent;
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use bytes::Bytes;
use chrono::DateTime;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Order {
    id: u64,
    #[serde(default)]
    items: Vec<Line>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Line {
    sku: String,
}

fn order(id: u64) -> Json<Order> {
    Json(Order {
        id,
        items: Vec::new(),
    })
}

/// Both ways in which a record is read say the same, whatever follows it.
fn read<E: Event, T: FromRecord<E>>(record: &str) -> Result<T, String> {
    let behind = format!("{record},{{}}]");
    let first = T::read_first(&behind, DateTime::UNIX_EPOCH, &mut RecordBefore::default());
    let read = T::read(record.as_bytes(), DateTime::UNIX_EPOCH);
    if let Some((_, length)) = &first {
        assert!(read.is_ok(), "read at first but not by itself: {record}");
        assert_eq!(*length, record.len(), "{record}");
    }
    match first {
        Some((first, _)) => Ok(*first.item),
        None => read.map(|read| *read.item).map_err(|error| error.to_string()),
    }
}

fn kinesis(data: &str) -> String {
    json!({"eventID": "s:1", "kinesis": {"partitionKey": "p\"1", "sequenceNumber": "1", "data": data}})
        .to_string()
}

fn sqs(body: &str) -> String {
    json!({"messageId": "m", "body": body, "messageAttributes": {"a.b": {"stringValue": "x\ny", "dataType": "String"}}})
        .to_string()
}

#[test]
fn the_body_of_every_source_is_read() {
    let base64 = "eyJpZCI6MX0=";
    assert_eq!(read::<KinesisEvent, _>(&kinesis(base64)), Ok(order(1)));
    assert_eq!(read::<SqsEvent, _>(&sqs(r#"{"id":1}"#)), Ok(order(1)));
    let sns = json!({"EventSource": "aws:sns", "Sns": {"MessageId": "m", "Message": r#"{"id":1}"#}});
    assert_eq!(read::<SnsEvent, _>(&sns.to_string()), Ok(order(1)));
    let kafka = json!({"topic": "t", "partition": 0, "offset": 1, "key": "a2V5", "value": base64});
    assert_eq!(read::<KafkaEvent, _>(&kafka.to_string()), Ok(order(1)));
    let firehose = json!({"recordId": "1", "data": base64});
    assert_eq!(
        read::<KinesisFirehoseEvent, _>(&firehose.to_string()),
        Ok(order(1))
    );
    let event = json!({"id": "e", "detail-type": "d", "detail": {"id": 1}});
    assert_eq!(
        read::<CloudWatchEvent<Box<RawValue>>, _>(&event.to_string()),
        Ok(order(1))
    );
}

#[test]
fn a_body_is_found_where_others_put_it() {
    let pipes = r#"{"eventID":"s:1","partitionKey":"p","data":"eyJpZCI6MX0="}"#;
    assert_eq!(read::<KinesisEvent, _>(pipes), Ok(order(1)));
    assert_eq!(read::<KinesisEvent, _>(pipes), Ok(RecordKey("p".to_owned())));
    let msk = r#"{"recordId":"1","mskRecordMetadata":{"offset":"0"},"kafkaRecordValue":"eyJpZCI6MX0="}"#;
    assert_eq!(read::<KinesisFirehoseEvent, _>(msk), Ok(order(1)));
    assert_eq!(
        read::<SqsEvent, _>(r#"{"messageId":"m","body":{"id":1}}"#),
        Ok(order(1))
    );
    assert_eq!(read::<KinesisEvent, _>(&kinesis("eyJpZCI6MX0")), Ok(order(1)));
}

#[test]
fn text_and_bytes_are_the_body_as_it_is() {
    assert_eq!(read::<SqsEvent, _>(&sqs("a\"é")), Ok("a\"é".to_owned()));
    assert_eq!(read::<SqsEvent, _>(&sqs("a\"é")), Ok("a\"é".as_bytes().to_vec()));
    assert_eq!(
        read::<KinesisEvent, _>(&kinesis("/w==")),
        Ok(Bytes::from_static(b"\xff"))
    );
    assert_eq!(
        read::<KinesisEvent, String>(&kinesis("YWL/")),
        Err("unreadable at body: not UTF-8 at byte 2".to_owned())
    );
}

#[test]
fn what_does_not_fit_is_named_by_its_path_in_the_body_and_not_quoted() {
    let secret = r#"{"id":1,"items":[{"sku":"a"},{"sku":4111}]}"#;
    assert_eq!(
        read::<SqsEvent, Json<Order>>(&sqs(secret)),
        Err(
            "unreadable at body `items[1].sku`: invalid type: integer, expected a string at line 1 column 40"
                .to_owned()
        )
    );
    let text = read::<SqsEvent, Json<Order>>(&sqs(r#"{"id":"hunter2"}"#)).unwrap_err();
    assert!(
        text.starts_with("unreadable at body `id`: invalid type: string, expected u64"),
        "{text}"
    );
    assert_eq!(
        read::<SqsEvent, Json<Order>>(&sqs("")),
        Err("unreadable at body: EOF while parsing a value at line 1 column 0".to_owned())
    );
    assert_eq!(
        read::<KinesisEvent, Json<Order>>(&kinesis("?")),
        Err("unreadable at body: not base64".to_owned())
    );
    assert_eq!(
        read::<KinesisEvent, Json<Order>>(r#"{"kinesis":{}}"#),
        Err("unreadable at body: there is none".to_owned())
    );
}

#[test]
fn the_record_around_a_body_is_checked_as_well() {
    for (broken, path) in [
        (r#"{"body":"{\"id\":1}","messageId":nope}"#, "messageId"),
        (r#"{"body":"{\"id\":1}","md5OfBody":"\x"}"#, "md5OfBody"),
        (r#"{"messageId":01,"body":"{\"id\":1}"}"#, "messageId"),
    ] {
        let error = read::<SqsEvent, Json<Order>>(broken).unwrap_err();
        assert!(error.starts_with(&format!("unreadable at `{path}`")), "{error}");
    }
}

#[test]
fn a_duplicate_key_counts_once() {
    assert_eq!(read::<SqsEvent, _>(&sqs(r#"{"id":1,"id":2}"#)), Ok(order(2)));
    assert_eq!(
        read::<SqsEvent, _>(r#"{"body":"{\"id\":1}","body":"{\"id\":2}"}"#),
        Ok(order(2))
    );
}

#[test]
fn a_tombstone_has_no_body() {
    let tombstone = r#"{"topic":"t","partition":0,"offset":1,"key":"a2V5","value":null}"#;
    assert_eq!(read::<KafkaEvent, _>(tombstone), Ok(None::<Json<Order>>));
    assert_eq!(
        read::<KafkaEvent, _>(tombstone),
        Ok((RecordKey("key".to_owned()), None::<Vec<u8>>))
    );
    let none = "unreadable at body: there is none".to_owned();
    assert_eq!(read::<KafkaEvent, Json<Order>>(tombstone), Err(none));
    let keyless = r#"{"topic":"t","partition":0,"offset":1,"key":null,"value":"eA=="}"#;
    assert_eq!(
        read::<KafkaEvent, _>(keyless),
        Ok((None::<RecordKey>, Some("x".to_owned())))
    );
    assert_eq!(
        read::<KafkaEvent, RecordKey>(keyless),
        Err("unreadable at key: there is none".to_owned())
    );
}

#[test]
fn several_views_of_one_record() {
    let (Json(order), message) = read::<SqsEvent, (Json<Order>, SqsMessage)>(&sqs(r#"{"id":7}"#)).unwrap();
    assert_eq!((order.id, message.message_id.as_deref()), (7, Some("m")));
    let (RecordKey(key), Json(order), record) =
        read::<KinesisEvent, (RecordKey, Json<Order>, KinesisEventRecord)>(&kinesis("eyJpZCI6MX0=")).unwrap();
    assert_eq!(
        (&*key, order.id, &*record.kinesis.partition_key),
        ("p\"1", 1, "p\"1")
    );
}

#[test]
fn attributes_are_read_by_their_names() {
    let attributes = read::<SqsEvent, Attributes>(&sqs("")).unwrap();
    assert_eq!(attributes.get("a.b").as_deref(), Some("x\ny"));
    assert_eq!(attributes.get("a"), None);
    assert_eq!(
        read::<SqsEvent, Attributes>(r#"{"body":""}"#).unwrap().get("a.b"),
        None
    );
    let sns = r#"{"Sns":{"MessageAttributes":{"kind":{"Type":"String","Value":"paid"}}}}"#;
    assert_eq!(
        read::<SnsEvent, Attributes>(sns).unwrap().get("kind").as_deref(),
        Some("paid")
    );
}

#[test]
fn a_record_tells_texts_numbers_and_its_body() {
    struct Seen(Option<String>, Option<String>, Option<String>, Vec<u8>);

    impl FromRecord<SqsEvent> for Seen {
        fn from_record(record: Record<'_, SqsEvent>) -> Result<Self, crate::event::Unreadable> {
            let text = |path: &str| record.text(path).map(std::borrow::Cow::into_owned);
            let body = record.body()?.ok_or_else(|| record.unreadable("no body"))?;
            Ok(Self(
                text("attributes.a"),
                text("attributes.b"),
                text("attributes"),
                body.into_owned(),
            ))
        }
    }

    let Seen(text, number, object, body) =
        read::<SqsEvent, Seen>(r#"{"attributes":{"a":"\"x\"","b":17},"body":"a\\b"}"#).unwrap();
    assert_eq!(
        (text.as_deref(), number.as_deref(), object),
        (Some("\"x\""), Some("17"), None)
    );
    assert_eq!(body, b"a\\b");
    let error = read::<SqsEvent, Seen>(r#"{"body":null}"#).err();
    assert_eq!(error.as_deref(), Some("unreadable at `.`: no body"));
}

/// What a handler asks for does not change which records are handled in order, however the record is written.
#[test]
fn a_record_has_one_lane_whatever_is_read_from_it() {
    fn same<E: Event>(record: serde_json::Value, lane: Option<&str>)
    where
        E::Item: FromRecord<E>,
    {
        let raw = record.to_string();
        let item = <E::Item as FromRecord<E>>::read(raw.as_bytes(), DateTime::UNIX_EPOCH);
        let item = item.unwrap_or_else(|error| panic!("{error}: {raw}")).item;
        assert_eq!(item.lane(raw.as_bytes()).as_deref(), lane, "{raw}");
        assert_eq!(lane_of_valid::<E>(raw.as_bytes()).as_deref(), lane, "{raw}");
    }
    let time = json!(1_700_000_000);
    let stream =
        json!({"partitionKey": "p", "sequenceNumber": "1", "data": "", "approximateArrivalTimestamp": time});
    let mut piped = stream.clone();
    piped["eventID"] = json!("shard:1");
    same::<KinesisEvent>(piped, Some("p"));
    same::<KinesisEvent>(json!({"eventID": "s:1", "kinesis": stream}), Some("p"));
    let number =
        json!({"partitionKey": 7, "sequenceNumber": "1", "data": "", "approximateArrivalTimestamp": time});
    same::<KinesisEvent>(json!({"eventID": "s:1", "kinesis": number}), Some("7"));
    let group = |arn: &str| json!({"messageId": "m", "body": "b", "eventSourceARN": arn, "attributes": {"MessageGroupId": "g"}});
    same::<SqsEvent>(group("arn:aws:sqs:r:1:q.fifo"), Some("g"));
    same::<SqsEvent>(group("arn:aws:sqs:r:1:q"), None);
}
