//! How much memory, and how much time, a function takes for events that it cannot read, and for those that unpack to much more
//! than they are. Each is given to a process of its own, whose peak is looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_sandbox::{Function, Outcome};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use switchboard_test_support::{bomb, dynamodb, faulty, gzip, kinesis, logs, s3};
use tempfile::TempDir;

/// What a batch may take, the batch itself among it.
const TIMES: f64 = 3.0;

/// A source's batch: what stands around its records, one of them that cannot be read, and the least that names one.
struct Shape {
    source: &'static str,
    head: &'static str,
    tail: &'static str,
    record: Value,
    least: &'static str,
}

/// In the place of this stands the record's number.
const NUMBER: &str = "@NUMBER@";

fn shapes() -> Vec<Shape> {
    let records = |source, record, least| Shape {
        source,
        head: "{\"Records\":[",
        tail: "]}",
        record,
        least,
    };
    let mut stream = kinesis(1, b"x");
    stream["kinesis"]["sequenceNumber"] = json!(format!("4959{NUMBER}"));
    stream["kinesis"]["data"] = json!(5);
    let mut change = dynamodb(1, json!(5));
    change["dynamodb"]["SequenceNumber"] = json!(format!("4959{NUMBER}"));
    let mut object = s3("k");
    object["s3"]["object"] = json!(5);
    let message = json!({"eventSource": "aws:sqs", "messageId": format!("{NUMBER}-4f0b-8a46-8ac2dbdb3b0d"), "body": 5,
        "attributes": {"ApproximateReceiveCount": "1"}, "md5OfBody": "x", "receiptHandle": "x".repeat(120),
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"});
    let notification = json!({"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn:aws:sns:s",
        "Sns": {"MessageId": NUMBER, "Message": 5, "TopicArn": "arn:aws:sns:t", "Type": "Notification"}});
    let mail = json!({"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": 5, "receipt": {}}});
    let kafka =
        json!({"topic": "t", "partition": 0, "offset": NUMBER, "timestampType": "CREATE_TIME", "value": {}});
    let firehose = json!({"recordId": format!("4959{NUMBER}"), "approximateArrivalTimestamp": 1_700_000_000_000_u64,
        "data": 5});
    vec![
        records("kinesis", stream, r#"{"eventSource":"aws:kinesis"}"#),
        records("dynamodb", change, r#"{"eventSource":"aws:dynamodb"}"#),
        records(
            "s3",
            object,
            r#"{"eventSource":"aws:s3","s3":{"bucket":{},"object":{}}}"#,
        ),
        records(
            "sqs",
            message,
            r#"{"eventSource":"aws:sqs","messageId":"@NUMBER@","body":5}"#,
        ),
        records("sns", notification, r#"{"EventSource":"aws:sns","Sns":5}"#),
        records("ses", mail, r#"{"eventSource":"aws:ses","ses":5}"#),
        Shape {
            source: "kafka",
            head: r#"{"eventSource":"aws:kafka","bootstrapServers":"b:1","records":{"t-0":["#,
            tail: "]}}",
            record: kafka,
            least: r#"{"topic":"t","offset":@NUMBER@,"value":{}}"#,
        },
        Shape {
            source: "firehose",
            head: r#"{"invocationId":"i","deliveryStreamArn":"a","region":"eu-west-1","records":["#,
            tail: "]}",
            record: firehose,
            least: r#"{"recordId":"@NUMBER@","kafkaRecordValue":5}"#,
        },
    ]
}

impl Shape {
    /// As many of these records as so many bytes hold.
    fn fill(&self, record: &str, size: usize) -> String {
        let mut payload = self.head.to_owned();
        for number in 10_000_000.. {
            payload.push_str(&record.replace(NUMBER, &number.to_string()));
            if payload.len() + record.len() + self.tail.len() > size {
                break;
            }
            payload.push(',');
        }
        payload + self.tail
    }

    /// A record as AWS writes it, but for one member.
    fn text(&self) -> String {
        // An offset is a number.
        let (text, number) = (format!("\"offset\":\"{NUMBER}\""), format!("\"offset\":{NUMBER}"));
        self.record.to_string().replace(&text, &number)
    }

    /// As many of those as so many bytes hold.
    fn real(&self, size: usize) -> String {
        self.fill(&self.text(), size)
    }
}

/// A function with a handler for every source, which has been at work before it is measured.
struct Measured {
    function: Function,
    _directory: TempDir,
}

impl Measured {
    async fn start(shape: &Shape) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = faulty().env("FAULTY_LEDGER", directory.path().join("ledger"));
        let function = builder.timeout(Duration::from_secs(300)).start().await.unwrap();
        let measured = Self {
            function,
            _directory: directory,
        };
        measured.invoke(shape.real(20_000)).await;
        measured
    }

    /// The outcome, how many bytes of memory came on top, and how much time of a processor it took.
    async fn invoke(&self, payload: String) -> (Outcome, u64, Duration) {
        let (before, time) = (self.function.peak_memory().unwrap(), self.time());
        let outcome = self.function.invoke(payload).await.unwrap();
        let grown = self.function.peak_memory().unwrap() - before;
        (outcome, grown, self.time() - time)
    }

    fn time(&self) -> Duration {
        let file = format!("/proc/{}/schedstat", self.function.pid().unwrap());
        let text = fs::read_to_string(file).unwrap();
        Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
    }
}

async fn takes_little(what: &str, shape: &Shape, payload: String) {
    let (function, size) = (Measured::start(shape).await, payload.len());
    let (outcome, grown, _) = function.invoke(payload).await;
    let times = grown as f64 / size as f64;
    eprintln!("{}, {what}: {times:.2} times its {size} bytes", shape.source);
    assert!(
        times <= TIMES,
        "{}, {what}: {times:.2} times its {size} bytes",
        shape.source
    );
    // Nothing of it counts as done.
    match outcome.result {
        Ok(reply) => assert!(reply.len() > 30, "{}, {what}: {reply:?}", shape.source),
        Err(error) => assert_eq!(error.error_type, "HandlerFailed", "{error}"),
    }
    assert!(function.function.pid().is_some());
}

#[tokio::test]
async fn records_that_cannot_be_read_take_three_times_their_batch_at_most() {
    for shape in shapes() {
        takes_little("as AWS writes them", &shape, shape.real(1_000_000)).await;
        takes_little("as small as can be", &shape, shape.fill(shape.least, 1_000_000)).await;
    }
}

#[tokio::test]
async fn an_item_that_is_not_a_record_is_open_as_well() {
    for shape in shapes() {
        let first = shape.real(0);
        let first = first
            .strip_prefix(shape.head)
            .unwrap()
            .strip_suffix(shape.tail)
            .unwrap();
        let payload = format!("{}{first}{}{}", shape.head, ",0".repeat(200_000), shape.tail);
        // So few bytes that what else comes and goes shows.
        let (outcome, grown, _) = Measured::start(&shape).await.invoke(payload).await;
        assert!(grown < 3 << 20, "{}: {grown} bytes", shape.source);
        let stream = ["kinesis", "dynamodb"].contains(&shape.source);
        assert_eq!(outcome.result.is_ok(), stream, "{}", shape.source);
    }
}

#[tokio::test]
async fn so_does_one_record_however_it_is_made() {
    let members: Vec<String> = (0..100_000).map(|number| format!("\"{number}\":1")).collect();
    for shape in shapes() {
        let open = shape.real(0);
        let (open, _) = open.strip_suffix(shape.tail).unwrap().rsplit_once('}').unwrap();
        let with = |more: &str| format!("{open},{more}}}{}", shape.tail);
        takes_little("of many members", &shape, with(&members.join(","))).await;
        let long = "7".repeat(2_000_000);
        takes_little("of a long key", &shape, with(&format!("\"{long}\":5"))).await;
        let record = shape.text();
        if record.contains(NUMBER) {
            takes_little(
                "of a long id",
                &shape,
                shape.fill(&record.replace(NUMBER, &long), 0),
            )
            .await;
        }
        let list = format!(":[{}1]", "1,".repeat(1_000_000));
        takes_little(
            "of a long list",
            &shape,
            shape.real(0).replacen(":5", &list, 1).replacen(":{}", &list, 1),
        )
        .await;
    }
}

#[tokio::test]
async fn twice_as_many_unreadable_records_take_twice_the_time() {
    for shape in shapes() {
        let function = Measured::start(&shape).await;
        let mut times = [Duration::MAX; 2];
        for _ in 0..2 {
            for (time, size) in times.iter_mut().zip([200_000, 400_000]) {
                *time = function.invoke(shape.real(size)).await.2.min(*time);
            }
        }
        assert!(times[1] < times[0].mul_f64(2.5), "{}: {times:?}", shape.source);
    }
}

fn subscription(message: &[u8]) -> String {
    json!({"awslogs": {"data": STANDARD.encode(message)}}).to_string()
}

#[tokio::test]
async fn what_unpacks_to_more_than_there_is_memory_for_fails_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let packed = bomb();
    assert!(packed.len() < 200_000);
    for (memory, lines, fits) in [
        (128, 15, true),
        (128, 134, false),
        (1024, 130, true),
        (1024, 140, false),
    ] {
        let builder = faulty()
            .env("FAULTY_LEDGER", directory.path().join("ledger"))
            .timeout(Duration::from_secs(300))
            .memory_mb(memory);
        let function = builder.start().await.unwrap();
        let message = logs(&json!({"do": "ok", "id": "x".repeat(1_000_000)}), lines);
        let outcome = function.invoke(subscription(&message)).await.unwrap();
        let peak = function.peak_memory().unwrap();
        assert!(peak < u64::from(memory) << 20, "{peak} bytes of {memory} MB");
        match outcome.result {
            Ok(_) => assert!(fits, "{lines} MB in {memory} MB"),
            Err(error) => {
                assert!(!fits, "{error}");
                let bound = format!(
                    "`awslogs.data`: its {} bytes are more than {} after decompression; the bound follows the function's memory",
                    message.len(),
                    (memory / 8) << 20
                );
                assert!(error.message.contains(&bound), "{error}");
            }
        }
        function.shutdown().await;
    }
}

#[tokio::test]
async fn many_small_log_lines_leave_a_small_function_alive() {
    let directory = tempfile::tempdir().unwrap();
    let builder = faulty().env("FAULTY_LEDGER", directory.path().join("ledger"));
    let function = builder.timeout(Duration::from_secs(300)).start().await.unwrap();
    let pid = function.pid();
    // The least that a line takes as text, up to what may be unpacked.
    let line = r#"{"id":"","timestamp":0,"message":""}"#;
    let lines = vec![line; (16 << 20) / (line.len() + 1) - 10].join(",");
    let message = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{lines}]}}"#
    );
    let outcome = function
        .invoke(subscription(&gzip(message.as_bytes())))
        .await
        .unwrap();
    // The first line is no task.
    assert_eq!(outcome.result.unwrap_err().error_type, "HandlerFailed");
    let peak = function.peak_memory().unwrap();
    assert!(peak < 128 << 20, "{peak} bytes");
    assert_eq!(function.pid(), pid);
}
