//! What AWS and others leave out or spell otherwise, member by member, for every source.

use super::{Event, read};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::cloudwatch_logs::LogsEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::firehose::KinesisFirehoseEvent;
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::ses::SimpleEmailEvent;
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::SqsEvent;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Write as _;

/// When the events came in.
fn received() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-30T12:00:00.25Z")
        .unwrap()
        .to_utc()
}

fn s3() -> Value {
    json!({"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
        "eventTime": "2026-11-30T00:00:00.511Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:A"}, "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "R", "x-amz-id-2": "I"},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "7",
            "bucket": {"name": "b", "ownerIdentity": {"principalId": "A"}, "arn": "arn:aws:s3:::b"},
            "object": {"key": "k", "size": 1024, "eTag": "e", "versionId": "1", "sequencer": "0A"}}})
}

fn kinesis() -> Value {
    json!({"eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": "shardId-0:1", "awsRegion": "eu-west-1",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/r",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
        "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "17", "data": "eA==", "encryptionType": "KMS",
            "sequenceNumber": "49", "approximateArrivalTimestamp": 1795996800.511}})
}

fn dynamodb() -> Value {
    json!({"eventID": "1", "eventName": "REMOVE", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/l",
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "dynamodb": {"ApproximateCreationDateTime": 1795996800, "SequenceNumber": "100", "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {"id": {"N": "101"}},
            "OldImage": {"id": {"N": "101"}, "flag": {"BOOL": true}, "nil": {"NULL": true}, "set": {"SS": ["x"]}}}})
}

fn sqs() -> Value {
    json!({"messageId": "m", "receiptHandle": "h", "body": "hello", "md5OfBody": "5d", "eventSource": "aws:sqs",
        "md5OfMessageAttributes": "6e", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795996800511", "SenderId": "A"},
        "messageAttributes": {
            "n": {"stringValue": "100", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
            "b": {"binaryValue": "eA==", "stringListValues": ["x"], "binaryListValues": ["eA=="],
                "dataType": "Binary"}}})
}

fn sns() -> Value {
    json!({"EventSource": "aws:sns", "EventVersion": "1.0",
        "EventSubscriptionArn": "arn:aws:sns:eu-west-1:123456789012:t:s",
        "Sns": {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
            "Subject": "s", "Message": "hello", "Timestamp": "2026-11-30T00:00:00.511Z", "SignatureVersion": "1",
            "Signature": "s", "SigningCertUrl": "https://c", "UnsubscribeUrl": "https://u",
            "MessageAttributes": {"n": {"Type": "Number", "Value": "7"}}}})
}

fn ses() -> Value {
    let verdict = json!({"status": "PASS"});
    json!({"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {
        "mail": {"commonHeaders": {"date": "Mon, 30 Nov 2026 00:00:00 +0000", "from": ["a@example.com"],
                "messageId": "<1>", "returnPath": "a@example.com", "subject": "s", "to": ["b@example.com"]},
            "destination": ["b@example.com"], "headers": [{"name": "From", "value": "a@example.com"}],
            "headersTruncated": false, "messageId": "m", "source": "a@example.com",
            "timestamp": "2026-11-30T00:00:00.511Z"},
        "receipt": {"action": {"functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
                "invocationType": "Event", "type": "Lambda"},
            "processingTimeMillis": 574, "recipients": ["b@example.com"], "timestamp": "2026-11-30T00:00:00.511Z",
            "dmarcPolicy": "reject", "dkimVerdict": verdict, "dmarcVerdict": verdict, "spamVerdict": verdict,
            "spfVerdict": verdict, "virusVerdict": verdict}}})
}

fn kafka() -> Value {
    json!({"topic": "t", "partition": 0, "offset": 15, "timestamp": 1795996800511u64, "timestampType": "CREATE_TIME",
        "key": "az==", "value": "eA==", "headers": [{"h": [104, -61, -68]}, {"i": [105]}]})
}

fn firehose() -> Value {
    json!({"recordId": "r", "approximateArrivalTimestamp": 1795996800511u64, "data": "eA==",
        "kinesisRecordMetadata": {"shardId": "shardId-0", "partitionKey": "17", "sequenceNumber": "49",
            "subsequenceNumber": 3, "approximateArrivalTimestamp": 1795996800512u64}})
}

fn eventbridge() -> Value {
    json!({"version": "0", "id": "i", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2026-11-30T00:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/r"], "detail": {}})
}

fn logs() -> Value {
    json!({"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "g", "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [{"id": "35", "timestamp": 1795996800511u64, "message": "hello"}]})
}

/// The members of a record, as JSON pointers and as paths in the words of [`Event::MENDS`].
fn members(value: &Value, at: (&str, &str), all: &mut Vec<(String, String)>) {
    let mut inside = |step: &str, value: &Value| {
        let word = if value_is_known(at.1, step) { step } else { "*" };
        let dot = if at.1.is_empty() { "" } else { "." };
        let inner = (format!("{}/{step}", at.0), format!("{}{dot}{word}", at.1));
        members(value, (&inner.0, &inner.1), all);
        all.push(inner);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| inside(key, value)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| inside(&index.to_string(), value)),
        _ => {}
    }
}

/// Whether it is a member of a struct, and not an element, or an entry under a key of the sender's.
fn value_is_known(parent: &str, key: &str) -> bool {
    let own = [
        "attributes",
        "messageAttributes",
        "responseElements",
        "Sns.MessageAttributes",
        "headers.*",
    ];
    !own.contains(&parent) && key.parse::<usize>().is_err()
}

fn without(record: &Value, pointer: &str) -> Value {
    let mut record = record.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match record.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.remove(key)),
        Value::Array(list) => drop(list.remove(key.parse().unwrap())),
        _ => {}
    }
    record
}

fn with(record: &Value, pointer: &str, value: Value) -> Value {
    let mut record = record.clone();
    *record.pointer_mut(pointer).unwrap() = value;
    record
}

/// Other ways to write a value.
fn spellings(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let number = text
                .parse::<i64>()
                .ok()
                .filter(|number| number.to_string() == *text);
            let listed = json!([text]);
            [Some(listed), number.map(Value::from)]
                .into_iter()
                .flatten()
                .collect()
        }
        Value::Number(number) => vec![json!(number.to_string()), json!([number])],
        Value::Bool(flag) => vec![
            json!(flag.to_string()),
            json!([flag]),
            json!(if *flag { "True" } else { "False" }),
        ],
        Value::Array(list) => match &list[..] {
            [only] if !only.is_array() && !only.is_number() => vec![only.clone()],
            _ => Vec::new(),
        },
        Value::Object(object) if object.is_empty() => vec![json!([])],
        Value::Object(_) | Value::Null => Vec::new(),
    }
}

/// The members without which each source's record cannot be read.
struct Requirements {
    /// Without it there is nothing to read.
    missing: &'static [&'static str],
    /// The same if it is there, but `null`.
    null: &'static [&'static str],
    /// What is other data if it is written otherwise.
    literal: &'static [&'static str],
}

/// Reads the record with each of its members left out, `null`, and spelled otherwise. What comes of it that should not?
fn check<E: Event>(record: &Value, needs: &Requirements) -> Vec<String>
where
    E::Item: Serialize,
{
    let read = |record: &Value| read_wrapped::<E>(record);
    let (plain, filled) = read(record).unwrap();
    assert_eq!(filled, [""; 0]);
    let mut all = Vec::new();
    members(record, ("", ""), &mut all);
    assert!(all.len() >= 8);
    let mut faults = Vec::new();
    for (pointer, path) in &all {
        let needed = |needs: &[&str]| needs.contains(&path.as_str());
        for (case, changed, destroyed) in [
            ("missing", without(record, pointer), needed(needs.missing)),
            (
                "null",
                with(record, pointer, Value::Null),
                needed(needs.missing) || needed(needs.null),
            ),
        ] {
            let right = match read(&changed) {
                Err(ref error) => destroyed && error.starts_with("unreadable at `"),
                Ok((ref item, ref filled)) => {
                    let told = filled.is_empty() || filled == &[path];
                    !destroyed && told && is_untouched(&plain, item, pointer)
                }
            };
            if !right {
                faults.push(format!("{path} {case}: {:?}", read(&changed)));
            }
        }
        for spelled in spellings(record.pointer(pointer).unwrap()) {
            let read = read(&with(record, pointer, spelled.clone()));
            let right = match &read {
                Ok((item, filled)) => *item == plain && filled.is_empty(),
                Err(_) => false,
            };
            if !right && !needed(needs.literal) {
                faults.push(format!("{path} as {spelled}: {read:?}"));
            }
        }
    }
    faults
}

/// Whether everything outside of these places is the same.
fn is_untouched(before: &Value, after: &Value, pointer: &str) -> bool {
    let top = pointer.split('/').nth(1).unwrap();
    let before = before.as_object().unwrap();
    before
        .iter()
        .all(|(key, value)| after.get(key) == Some(value) || key == top)
}

/// As its source wraps it.
fn read_wrapped<E: Event>(record: &Value) -> Result<(Value, Vec<&'static str>), String>
where
    E::Item: Serialize,
{
    let raw = match E::SOURCES {
        [crate::source::Source::CloudwatchLogs] => wrapped(record).to_string(),
        _ => record.to_string(),
    };
    let read = read::<E>(raw.as_bytes(), received()).map_err(|error| error.to_string())?;
    Ok((serde_json::to_value(&*read.item).unwrap(), read.filled))
}

fn wrapped(record: &Value) -> Value {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(record.to_string().as_bytes()).unwrap();
    json!({"awslogs": {"data": STANDARD.encode(gzip.finish().unwrap())}})
}

#[test]
fn every_member_may_be_missing_null_or_spelled_otherwise() {
    let needs = |missing, null, literal| Requirements {
        missing,
        null,
        literal,
    };
    let faults = [
        check::<S3Event>(&s3(), &needs(&["s3", "s3.bucket", "s3.object"], &[], &[])),
        check::<KinesisEvent>(
            &kinesis(),
            &needs(&["kinesis", "kinesis.data"], &[], &["kinesis.data"]),
        ),
        check::<dynamodb::Event>(
            &dynamodb(),
            &needs(
                &[
                    "dynamodb",
                    "dynamodb.Keys.id.N",
                    "dynamodb.OldImage.id.N",
                    "dynamodb.OldImage.flag.BOOL",
                    "dynamodb.OldImage.nil.NULL",
                    "dynamodb.OldImage.set.SS",
                ],
                &[
                    "dynamodb.Keys.id",
                    "dynamodb.OldImage.id",
                    "dynamodb.OldImage.flag",
                    "dynamodb.OldImage.nil",
                    "dynamodb.OldImage.set",
                    "dynamodb.OldImage.set.SS.*",
                ],
                &[],
            ),
        ),
        check::<SqsEvent>(
            &sqs(),
            &needs(
                &[],
                &[],
                &[
                    "body",
                    "messageAttributes.*.binaryValue",
                    "messageAttributes.*.binaryListValues.*",
                ],
            ),
        ),
        check::<SnsEvent>(
            &sns(),
            &needs(&["Sns", "Sns.MessageId", "Sns.Message"], &[], &["Sns.Message"]),
        ),
        check::<SimpleEmailEvent>(
            &ses(),
            &needs(
                &["ses", "ses.mail"],
                &[
                    "ses.receipt.recipients.*",
                    "ses.mail.destination.*",
                    "ses.mail.commonHeaders.from.*",
                    "ses.mail.commonHeaders.to.*",
                ],
                &[],
            ),
        ),
        check::<KafkaEvent>(
            &kafka(),
            &needs(
                &["partition", "offset"],
                &["headers.*.*.*"],
                &["headers", "key", "value"],
            ),
        ),
        check::<KinesisFirehoseEvent>(&firehose(), &needs(&["data"], &[], &["data"])),
        check::<CloudWatchEvent>(&eventbridge(), &needs(&[], &[], &["detail"])),
        check::<LogsEvent>(
            &logs(),
            &needs(
                &["logEvents", "logEvents.*.message"],
                &["logEvents.*"],
                &["logEvents.*.message"],
            ),
        ),
    ];
    assert_eq!(faults.concat(), [""; 0]);
}

fn problem<E: Event>(raw: &[u8]) -> String {
    let read = read::<E>(raw, received());
    read.map(|read| read.filled).unwrap_err().to_string()
}

fn item<E: Event>(record: &Value) -> (Box<E::Item>, Vec<&'static str>) {
    let read = read::<E>(record.to_string().as_bytes(), received()).unwrap();
    (read.item, read.filled)
}

#[test]
fn missing_members_get_neutral_values_and_are_reported() {
    let bare = json!({"ses": {"mail": {"messageId": "m"}}});
    let (mail, filled) = item::<SimpleEmailEvent>(&bare);
    assert_eq!(mail.ses.receipt.timestamp, received());
    assert_eq!(mail.ses.receipt.dmarc_verdict.status, None);
    assert_eq!(mail.ses.mail.common_headers.from, [""; 0]);
    // The content of an inserted value is part of it.
    let told = [
        "ses.mail.timestamp",
        "ses.mail.destination",
        "ses.mail.headers",
        "ses.mail.headersTruncated",
        "ses.mail.commonHeaders",
        "ses.receipt",
    ];
    assert_eq!(filled, told);

    let (record, filled) = item::<KafkaEvent>(&json!({"topic": "t", "partition": "3", "offset": "15"}));
    assert_eq!(
        (record.partition, record.offset, record.timestamp.0),
        (3, 15, received())
    );
    assert_eq!(filled, ["timestamp", "headers"]);
}

/// Something else in the record is spelled otherwise, so that it is read leniently.
#[test]
fn an_empty_text_is_a_value_where_a_text_or_any_value_is_wanted() {
    let mut record = with(&dynamodb(), "/awsRegion", json!(""));
    record["dynamodb"]["SizeBytes"] = json!("26");
    let (item, filled) = item::<dynamodb::Event>(&record);
    assert_eq!((&*item.aws_region, item.change.size_bytes), ("", 26));
    assert_eq!(filled, [""; 0]);

    #[derive(serde::Deserialize)]
    struct AnyValue {
        any: Value,
    }
    for (text, value, told) in [
        (r#"{"any":""}"#, json!(""), &[][..]),
        (r#"{"any":null}"#, Value::Null, &["any"]),
    ] {
        let read =
            super::lenient::read::<AnyValue>(text, &[("any", super::Mend::Empty)], received()).unwrap();
        assert_eq!((read.item.any, &read.filled[..]), (value, told));
    }
}

/// Otherwise an unreadable record would not be waited for by what is behind it in its lane.
#[test]
fn a_record_has_the_same_lane_whether_it_can_be_read_or_not() {
    fn check<E: Event>(record: &Value) {
        let raw = record.to_string();
        let expected = super::read::lane::<E>(&item::<E>(record).0);
        assert_eq!(super::lane_of::<E>(raw.as_bytes()), expected, "{record}");
        let mut unreadable = record.clone();
        unreadable["eventSource"] = json!([]);
        assert_eq!(
            super::lane_of::<E>(unreadable.to_string().as_bytes()),
            expected,
            "{record}"
        );
    }
    check::<KinesisEvent>(&kinesis());
    check::<S3Event>(&s3());
    check::<KafkaEvent>(&kafka());
    let mut message = sqs();
    check::<SqsEvent>(&message);
    message["attributes"]["MessageGroupId"] = "g".into();
    message["eventSourceARN"] = "arn:aws:sqs:eu-west-1:123456789012:q.fifo".into();
    check::<SqsEvent>(&message);
    for keys in [
        json!({"id": {"N": "101"}}),
        json!({"id": {"S": "ü\"\n"}, "at": {"N": "1.50"}}),
        json!({"id": {"B": "eA=="}, "Id": {"S": ""}}),
    ] {
        check::<dynamodb::Event>(&with(&dynamodb(), "/dynamodb/Keys", keys));
    }
}

/// What is longer than any name would be kept in memory, and written to the log, for each record.
#[test]
fn what_is_too_long_is_not_a_name() {
    let name = |digits: usize| {
        let number = "1".repeat(digits);
        let record = with(&kinesis(), "/kinesis/sequenceNumber", number.into());
        super::identify::<KinesisEvent>(record.to_string().as_bytes(), received())
    };
    let longest = super::read::LONGEST_ID - "\"\"".len();
    assert_eq!(name(longest).map(|name| name.len()), Some(longest));
    assert_eq!(name(longest + 1), None);
}

#[test]
fn headers_of_kafka_are_bytes_however_they_are_written() {
    let headers =
        json!([{"signed": [-61, -68]}, {"unsigned": [195, 188]}, {"text": "ü"}, {"null": null}, null]);
    let (record, filled) = item::<KafkaEvent>(&with(&kafka(), "/headers", headers));
    let values: Vec<_> = record.headers.iter().flat_map(|header| header.values()).collect();
    assert_eq!(
        values,
        [&vec![-61, -68], &vec![-61, -68], &vec![-61, -68], &Vec::new()]
    );
    assert_eq!(filled, ["headers.*", "headers.*.*"]);
    let single = with(&kafka(), "/headers", json!({"one": [104]}));
    assert_eq!(item::<KafkaEvent>(&single).0.headers[0]["one"], [104]);
}

#[test]
fn the_times_of_a_stream_behind_firehose_are_read_as_they_are_written() {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    for (written, read) in [
        (json!("2026-11-30T00:00:00.511Z"), at("2026-11-30T00:00:00.511Z")),
        (json!(1795996800511.5), at("2026-11-30T00:00:00.5115Z")),
        (json!("1795996800987"), at("2026-11-30T00:00:00.987Z")),
        (json!(1795996800001u64), at("2026-11-30T00:00:00.001Z")),
    ] {
        let pointer = "/kinesisRecordMetadata/approximateArrivalTimestamp";
        let (record, filled) = item::<KinesisFirehoseEvent>(&with(&firehose(), pointer, written.clone()));
        let metadata = record.kinesis_firehose_record_metadata.as_ref().unwrap();
        assert_eq!(metadata.approximate_arrival_timestamp.0, read, "{written}");
        assert_eq!(
            record.approximate_arrival_timestamp.0,
            at("2026-11-30T00:00:00.511Z")
        );
        assert_eq!(filled, [""; 0]);
    }
    let pointer = "/kinesisRecordMetadata/subsequenceNumber";
    let (record, filled) = item::<KinesisFirehoseEvent>(&with(&firehose(), pointer, json!("")));
    let metadata = record.kinesis_firehose_record_metadata.as_ref().unwrap();
    assert_eq!(metadata.subsequence_number, 0);
    assert_eq!(filled, ["kinesisRecordMetadata.subsequenceNumber"]);
}

#[test]
fn values_unknown_to_an_enumeration_are_left_out_and_reported() {
    let view = with(&dynamodb(), "/dynamodb/StreamViewType", json!("NEW_SHAPES"));
    let (record, filled) = item::<dynamodb::Event>(&view);
    assert_eq!(record.change.stream_view_type, None);
    assert_eq!(filled, ["dynamodb.StreamViewType"]);
    let encryption = with(&kinesis(), "/kinesis/encryptionType", json!("SSE"));
    assert_eq!(item::<KinesisEvent>(&encryption).1, ["kinesis.encryptionType"]);
    let action = with(&ses(), "/ses/receipt/action/type", json!("Bounce"));
    assert_eq!(item::<SimpleEmailEvent>(&action).1, [""; 0]);
}

#[test]
fn base64_is_read_whatever_its_padding_and_alphabet() {
    for (written, bytes) in [
        ("eA", &b"x"[..]),
        ("eA=", b"x"),
        ("eHk==", b"xy"),
        ("eHl6==", b"xyz"),
        ("_-8", b"\xff\xef"),
        ("eHl6\neHl6\n", b"xyzxyz"),
        ("", b""),
    ] {
        let data = json!(written);
        let (record, filled) = item::<KinesisEvent>(&with(&kinesis(), "/kinesis/data", data.clone()));
        assert_eq!(
            (&*record.kinesis.data.0, filled),
            (bytes, Vec::new()),
            "{written}"
        );
        let (record, filled) = item::<KinesisFirehoseEvent>(&with(&firehose(), "/data", data.clone()));
        assert_eq!((&*record.data.0, filled), (bytes, Vec::new()), "{written}");
        let msk = json!({"recordId": "r", "approximateArrivalTimestamp": 1, "kafkaRecordValue": data.clone(),
            "mskRecordMetadata": {"offset": "0", "partitionId": "1", "approximateArrivalTimestamp": 1}});
        let (record, filled) = item::<KinesisFirehoseEvent>(&msk);
        assert_eq!((&*record.data.0, filled), (bytes, Vec::new()), "{written}");
        let attribute = with(&sqs(), "/messageAttributes/b/binaryValue", data.clone());
        let list = with(&attribute, "/messageAttributes/b/binaryListValues", json!([data]));
        let (message, filled) = item::<SqsEvent>(&list);
        let attribute = &message.message_attributes["b"];
        let value = attribute.binary_value.as_ref().map(|value| &*value.0);
        assert_eq!((value, filled), (Some(bytes), Vec::new()), "{written}");
        assert_eq!(attribute.binary_list_values[0].0, bytes);
    }
    let mut event = wrapped(&logs());
    let data = event["awslogs"]["data"]
        .as_str()
        .unwrap()
        .trim_end_matches('=')
        .replace('+', "-");
    event["awslogs"]["data"] = json!(data + "===");
    assert!(read::<LogsEvent>(event.to_string().as_bytes(), received()).is_ok());
    for broken in ["e", "eHl6e", "ü", "eA==eA==", "=eA="] {
        let error = problem::<KinesisEvent>(
            with(&kinesis(), "/kinesis/data", json!(broken))
                .to_string()
                .as_bytes(),
        );
        assert!(error.starts_with("unreadable at `kinesis.data`: "), "{error}");
    }
}

#[test]
fn base64_in_an_item_is_read_whatever_its_spelling() {
    use serde_dynamo::AttributeValue;

    let deep = json!({"L": [{"M": {"B": {"B": "eHk"}, "BS": {"BS": ["eA", "_-8="]}, "n": {"N": 5}}}]});
    let event = with(
        &dynamodb(),
        "/dynamodb/OldImage",
        json!({"B": {"B": "eA"}, "deep": deep}),
    );
    let (record, filled) = item::<dynamodb::Event>(&event);
    let image = record.change.old_image.inner();
    assert_eq!(image["B"], AttributeValue::B(b"x".to_vec()));
    let AttributeValue::L(list) = &image["deep"] else {
        panic!("{image:?}")
    };
    let AttributeValue::M(map) = &list[0] else {
        panic!("{list:?}")
    };
    assert_eq!(map["B"], AttributeValue::B(b"xy".to_vec()));
    assert_eq!(
        map["BS"],
        AttributeValue::Bs(vec![b"x".to_vec(), b"\xff\xef".to_vec()])
    );
    assert_eq!(map["n"], AttributeValue::N("5".to_owned()));
    assert_eq!(filled, [""; 0]);
    let keys = with(&dynamodb(), "/dynamodb/Keys", json!({"id": {"B": "eA"}}));
    let (record, _) = item::<dynamodb::Event>(&keys);
    assert_eq!(record.change.keys.inner()["id"], AttributeValue::B(b"x".to_vec()));
    let broken = with(&dynamodb(), "/dynamodb/Keys", json!({"id": {"B": "eHl6e"}})).to_string();
    let error = problem::<dynamodb::Event>(broken.as_bytes());
    assert!(error.starts_with("unreadable at `dynamodb.Keys.id"), "{error}");
}

#[test]
fn an_object_in_place_of_a_message_is_its_json() {
    let object = json!({"b": [1, {"ü": "\""}], "a": null});
    let text = object.to_string();
    let (message, filled) = item::<SqsEvent>(&with(&sqs(), "/body", object.clone()));
    assert_eq!((message.body.as_ref(), filled), (Some(&text), Vec::new()));
    let (record, filled) = item::<SnsEvent>(&with(&sns(), "/Sns/Message", object.clone()));
    assert_eq!((&record.sns.message, filled), (&text, Vec::new()));
    let event = wrapped(&with(&logs(), "/logEvents/0/message", object));
    let (data, filled) = item::<LogsEvent>(&event);
    assert_eq!((&data.log_events[0].message, filled), (&text, Vec::new()));
    for other in [json!(5), json!(["hello"]), json!(true)] {
        let raw = with(&sqs(), "/body", other).to_string();
        assert!(problem::<SqsEvent>(raw.as_bytes()).starts_with("unreadable at `body`: "));
    }
}

#[test]
fn an_attribute_that_is_not_base64_is_left_out_alone() {
    let broken = with(&sqs(), "/messageAttributes/b/binaryValue", json!("no base64"));
    let (message, filled) = item::<SqsEvent>(&broken);
    assert_eq!(message.message_attributes["b"].binary_value, None);
    assert_eq!(
        message.message_attributes["n"].string_value.as_deref(),
        Some("100")
    );
    assert_eq!(filled, ["messageAttributes.*.binaryValue"]);
}

#[test]
fn numbers_keep_their_digits() {
    let digits = "12345678901234567890123456789012345678";
    let raw = dynamodb().to_string().replace(r#""101""#, digits);
    let record = read::<dynamodb::Event>(raw.as_bytes(), received()).unwrap().item;
    assert_eq!(
        record.change.keys["id"],
        serde_dynamo::AttributeValue::N(digits.to_owned())
    );
}

#[test]
fn times_may_be_numbers_and_spellings_other() {
    for time in [
        json!(1795996800),
        json!(1795996800000u64),
        json!("1795996800"),
        json!("2026-11-30T00:00:00"),
        json!("2026-11-30T01:00:00.000+0100"),
        json!(["2026-11-30T00:00:00Z"]),
    ] {
        let (record, filled) = item::<S3Event>(&with(&s3(), "/eventTime", time));
        assert_eq!(record.event_time.to_rfc3339(), "2026-11-30T00:00:00+00:00");
        assert_eq!(filled, [""; 0]);
    }
    let pointer = "/dynamodb/ApproximateCreationDateTime";
    for time in [
        json!(1795996800000u64),
        json!("1795996800"),
        json!("2026-11-30T00:00:00Z"),
    ] {
        let (record, filled) = item::<dynamodb::Event>(&with(&dynamodb(), pointer, time));
        let time = record.change.approximate_creation_date_time;
        assert_eq!(
            (time.to_rfc3339().as_str(), filled),
            ("2026-11-30T00:00:00+00:00", Vec::new())
        );
    }
    let (record, filled) = item::<dynamodb::Event>(&with(&dynamodb(), pointer, json!("")));
    assert_eq!(
        (record.change.approximate_creation_date_time, filled),
        (received(), vec!["dynamodb.ApproximateCreationDateTime"])
    );
    let raw = eventbridge().to_string().replace("detail-type", "detailType");
    let raw = raw.replace(r#""version":"0""#, r#""version":0"#);
    let event = read::<CloudWatchEvent>(raw.as_bytes(), received()).unwrap();
    assert_eq!(event.item.detail_type.as_deref(), Some("Scheduled Event"));
    assert_eq!(event.item.version.as_deref(), Some("0"));
    let raw = sns().to_string().replace("SigningCertUrl", "SigningCertURL");
    let raw = raw.replace(r#""Signature":"s","#, "");
    let message = read::<SnsEvent>(raw.as_bytes(), received()).unwrap();
    assert_eq!(message.item.sns.signing_cert_url, "https://c");
    assert_eq!(message.filled, ["Sns.Signature"]);
}

#[test]
fn nothing_is_mended_in_a_type_of_the_application() {
    #[derive(Debug, serde::Deserialize, Serialize)]
    struct Detail {
        count: u64,
    }
    let event = |detail: Value| {
        let event = with(&eventbridge(), "/detail", detail);
        let event = without(&event, "/resources");
        let read = read::<CloudWatchEvent<Detail>>(event.to_string().as_bytes(), received());
        read.map(|read| read.item.detail.unwrap().count)
            .map_err(|error| error.to_string())
    };
    assert_eq!(event(json!({"count": 7})), Ok(7));
    let error = event(json!({"count": "hunter2"})).unwrap_err();
    assert!(
        error.starts_with("unreadable at `detail`: invalid type: string, expected u64"),
        "{error}"
    );
}

#[test]
fn of_a_duplicate_key_the_last_value_counts() {
    let raw = s3()
        .to_string()
        .replace(r#""key":"k""#, r#""key":"other","key":"k""#);
    let record = read::<S3Event>(raw.as_bytes(), received()).unwrap();
    assert_eq!(record.item.s3.object.key.as_deref(), Some("k"));
    assert_eq!(record.filled, [""; 0]);
}

#[test]
fn what_cannot_be_read_is_named_and_not_quoted() {
    for (pointer, value, why) in [
        (
            "/kinesis/partitionKey",
            json!({"note": "hunter2"}),
            "invalid type: map, expected a string",
        ),
        ("/kinesis/data", json!("hunter2!"), ""),
        (
            "/kinesis/approximateArrivalTimestamp",
            json!("hunter2"),
            "not a Unix timestamp",
        ),
    ] {
        let raw = with(&kinesis(), pointer, value).to_string();
        let error = problem::<KinesisEvent>(raw.as_bytes());
        let path = pointer[1..].replace('/', ".");
        assert!(
            error.starts_with(&format!("unreadable at `{path}`: {why}")),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
    let header = with(&kafka(), "/headers/1/i", json!([105, 300]));
    let error = problem::<KafkaEvent>(header.to_string().as_bytes());
    assert!(error.starts_with("unreadable at `headers[1].i[1]`: "), "{error}");
}

/// A record that costs much to read costs it once for each of its bytes.
#[test]
fn deep_and_wide_records_are_gone_over_once() {
    let deep = [
        r#"{"L":["#.repeat(2_000),
        r#"{"N":1}"#.to_owned(),
        "]}".repeat(2_000),
    ]
    .concat();
    let raw = dynamodb().to_string().replace(r#"{"N":"101"}"#, &deep);
    let error = problem::<dynamodb::Event>(raw.as_bytes());
    assert!(error.ends_with("recursion limit exceeded"), "{error}");
}
