//! What detection must keep to whatever way a payload is written.

#![expect(clippy::unwrap_used, reason = "a test")]

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use std::path::Path;
use std::sync::LazyLock;
use switchboard::source::{Source, detect};

/// A payload of each kind of envelope: lists, nested and bare, requests, single keys.
const PAYLOADS: &[(Source, &str)] = &[
    (
        Source::S3,
        r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{"bucket":{"name":"b"},"object":{"key":"a+b%21.txt"}}},{"eventSource":"aws:sqs"}]}"#,
    ),
    (
        Source::Sqs,
        r#"{"Records":[{"messageId":"m","receiptHandle":"r","body":"{\"Records\":[{\"eventSource\":\"aws:s3\"}]}","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:1:q"}]}"#,
    ),
    (
        Source::Sns,
        r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:x","Sns":{"Type":"Notification","Message":"\\\"\n"}}]}"#,
    ),
    (
        Source::Kinesis,
        r#"{"Records":[{"kinesis":{"data":"SGVsbG8sIHdvcmxkLg==","sequenceNumber":"495903382714"},"eventSource":"aws:kinesis","eventSourceARN":"arn:aws:kinesis:us-east-1:1:stream/s"},{"kinesis":{"data":""}}]}"#,
    ),
    (
        Source::KinesisWindow,
        r#"{"Records":[{"kinesis":{"data":"SGk="},"eventSource":"aws:kinesis"}],"window":{"start":"2020-12-09T07:04:00Z","end":"2020-12-09T07:06:00Z"},"state":{"a":1},"shardId":"s","isFinalInvokeForWindow":false,"isWindowTerminatedEarly":false}"#,
    ),
    (
        Source::DynamodbWindow,
        r#"{"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"Id":{"N":"101"}},"NewImage":{"Records":{"S":"x"}}}}],"window":{"start":"s","end":"e"},"state":{"Records":"\"Records\""},"isFinalInvokeForWindow":true}"#,
    ),
    (
        Source::Cloudfront,
        r#"{"Records":[{"cf":{"config":{"distributionId":"E"},"request":{"uri":"/","headers":{"host":[{"key":"Host","value":"d"}]}}}}]}"#,
    ),
    (
        Source::CloudwatchEvents,
        r#"{"version":"0","id":"i","detail-type":"Object Created","source":"aws.s3","resources":["arn"],"detail":{"bucket":{"name":"b"},"Records":[{"eventSource":"aws:kinesis"}],"requestContext":{"elb":{},"http":{}}}}"#,
    ),
    (
        Source::CloudwatchAlarm,
        r#"{"source":"aws.cloudwatch","alarmArn":"arn:aws:cloudwatch:x","alarmData":{"alarmName":"a","state":{"value":"ALARM"}}}"#,
    ),
    (
        Source::CloudwatchLogs,
        r#"{"awslogs":{"data":"H4sIAAAAAAAAAHWPwQqCQBCGX0Xm7EFtK+smZBEUgXoLCdMhFtKV3akI8d0bLYmibvPPN3wz00CJxmQnTO41whwWQRIctmEcB6sQbFC3CjW3XW8kxpOpP+OC22d1Wml1qZkQGtoMsScxaczKN3plG8zlaHIta5KqWsozoTYw3/djzwhpLwivWFGHGpAFe7DL68JlBUk+l7KSN7tCOEJ4M3/qOI49vMHj+zCKdlFqLaU2ZHV2a4Ct/an0/ivdX8oYc1UVX860fQDQiMdxRQEAAA=="}}"#,
    ),
    (
        Source::ApiGatewayRest,
        r#"{"resource":"/{proxy+}","path":"/a","httpMethod":"POST","headers":{"Host":"h","type":"TOKEN"},"queryStringParameters":null,"pathParameters":{"proxy":"a"},"requestContext":{"resourceId":"r","stage":"p","httpMethod":"POST","connectionId":"c","authorizer":{"routeKey":"x"}},"body":"{\"methodArn\":1}","isBase64Encoded":false}"#,
    ),
    (
        Source::ApiGatewayHttp,
        r#"{"version":"2.0","routeKey":"GET /a","rawPath":"/a","headers":{},"requestContext":{"domainName":"id.execute-api.us-east-1.amazonaws.com","http":{"method":"GET","path":"/a"},"routeKey":"GET /a"},"isBase64Encoded":false}"#,
    ),
    (
        Source::FunctionUrl,
        r#"{"version":"2.0","routeKey":"$default","rawPath":"/","requestContext":{"domainName":"a.lambda-url.us-east-1.on.aws","http":{"method":"POST"}},"body":"x","isBase64Encoded":false}"#,
    ),
    (
        Source::ApiGatewayWebsocket,
        r#"{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":"c"},"body":"hi","isBase64Encoded":false}"#,
    ),
    (
        Source::ApiGatewayAuthorizerHttp,
        r#"{"version":"2.0","type":"REQUEST","routeArn":"arn","identitySource":["u"],"rawPath":"/","headers":{},"requestContext":{"http":{"method":"GET"},"routeKey":"$default"}}"#,
    ),
    (
        Source::ApiGatewayAuthorizerRequest,
        r#"{"type":"REQUEST","methodArn":"arn","resource":"/a","path":"/a","httpMethod":"GET","headers":{},"requestContext":{"stage":"p","httpMethod":"GET"}}"#,
    ),
    (
        Source::Alb,
        r#"{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/","headers":{},"body":"","isBase64Encoded":false}"#,
    ),
    (
        Source::VpcLatticeV2,
        r#"{"version":"2.0","path":"/","method":"GET","headers":{},"body":"x","requestContext":{"serviceNetworkArn":"a","serviceArn":"b","targetGroupArn":"c"}}"#,
    ),
    (
        Source::KinesisFirehose,
        r#"{"invocationId":"i","deliveryStreamArn":"arn","region":"r","records":[{"recordId":"1","approximateArrivalTimestamp":1,"data":"SGk="}]}"#,
    ),
    (
        Source::KinesisAnalytics,
        r#"{"invocationId":"i","applicationArn":"arn","streamArn":"arn","records":[{"recordId":"1","data":"SGk="}]}"#,
    ),
    (
        Source::Kafka,
        r#"{"eventSource":"aws:kafka","eventSourceArn":"arn","bootstrapServers":"b","records":{"t-0":[{"topic":"t","partition":0,"offset":15,"value":"SGk="}]}}"#,
    ),
    (
        Source::Rabbitmq,
        r#"{"eventSource":"aws:rmq","eventSourceArn":"arn","rmqMessagesByQueue":{"q::/":[{"basicProperties":{},"data":"SGk="}]}}"#,
    ),
    (
        Source::Dynamodb,
        r#"[{"eventID":"1","eventName":"MODIFY","eventSource":"aws:dynamodb","dynamodb":{"Keys":{"Id":{"N":"1"}}}},{}]"#,
    ),
    (
        Source::AppsyncBatch,
        r#"[{"arguments":{},"source":{"id":1},"info":{"fieldName":"f","parentTypeName":"P"}}]"#,
    ),
    (
        Source::AppsyncEvents,
        r#"{"info":{"channel":{"path":"/d"},"channelNamespace":{"name":"d"},"operation":"PUBLISH"},"events":[{"id":"1","payload":{}}],"identity":null}"#,
    ),
    (
        Source::LambdaDestination,
        r#"{"version":"1.0","requestContext":{"requestId":"r","functionArn":"f","condition":"RetriesExhausted"},"requestPayload":{"Records":[{"eventSource":"aws:s3"}]},"responseContext":{"statusCode":200},"responsePayload":null}"#,
    ),
    (
        Source::LambdaDestinationKinesis,
        r#"{"KinesisBatchInfo":{"shardId":"s","batchSize":1},"payload":{"Records":[{"kinesis":{"data":"eA=="},"eventSource":"aws:kinesis"}]},"requestContext":{"functionArn":"f","condition":"RetryAttemptsExhausted"},"responseContext":{"statusCode":200},"version":"1.0"}"#,
    ),
    (
        Source::Cognito,
        r#"{"version":"1","triggerSource":"PreSignUp_SignUp","userPoolId":"p","callerContext":{},"request":{"userAttributes":{"type":"x"}},"response":{}}"#,
    ),
    (
        Source::Alexa,
        r#"{"version":"1.0","session":{"new":true},"context":{"System":{}},"request":{"type":"IntentRequest","intent":{"name":"n"}}}"#,
    ),
    (
        Source::Cloudformation,
        r#"{"RequestType":"Update","ResponseURL":"u","StackId":"s","ResourceProperties":{"Records":[]},"OldResourceProperties":{}}"#,
    ),
    (
        Source::ApiGatewayRest,
        r#"{"httpMethod":"GET","path":"/a","requestContext":{"connectionId":"c","domainName":"d","stage":"s"},"body":"b"}"#,
    ),
    (
        Source::ApiGatewayWebsocket,
        r#"{"requestContext":{"connectionId":"c","domainName":"d","stage":"s"},"body":"b"}"#,
    ),
    (
        Source::Sqs,
        r#"{"Records":[{"body":"b","messageId":"m","attributes":{"SenderId":"s"}}]}"#,
    ),
    (
        Source::Unknown,
        r#"{"Records":[{"eventSource":"s3.amazonaws.com","eventName":"PutObject"}]}"#,
    ),
    (
        Source::Unknown,
        r#"{"hello":["world",1,true,null,{"deep":{"er":[]}}]}"#,
    ),
];

/// The payloads above and every sample the repository has.
static CORPUS: LazyLock<Vec<(Source, String)>> = LazyLock::new(|| {
    let inline = PAYLOADS
        .iter()
        .map(|(source, text)| (*source, (*text).to_owned()));
    let mut files = Vec::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events"),
        &mut files,
    );
    let samples = files
        .into_iter()
        .map(|text| (detect(text.as_bytes()).source, text));
    inline.chain(samples).collect()
});

fn read(path: &Path, files: &mut Vec<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "json") {
        files.push(std::fs::read_to_string(path).unwrap());
    }
}

/// Numbers to choose by, as many as asked for.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n\t", "\r\n  "][self.below(5)]
    }
}

/// Keys no source has, and their value.
const EXTRA: [&str; 3] = ["x-note", "zz", "a\"\\b"];
const MEANINGLESS: &str = r#"{"Records":[[{"}":"]\\\""}],{"eventSource":"aws:s3"}],"s":"{["}"#;

/// Writes a value with its keys in any order, white space anywhere, and keys of no meaning among the others.
fn rewrite(value: &Value, choices: &mut Choices, out: &mut String) {
    out.push_str(choices.space());
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members.clone().into_iter().collect();
            for extra in EXTRA {
                if choices.below(4) == 0 {
                    members.push((extra.to_owned(), Value::Null));
                }
            }
            list(out, choices, ('{', '}'), members.len(), |out, choices, _| {
                let (key, value) = members.swap_remove(choices.below(members.len()));
                out.push_str(&serde_json::to_string(&key).unwrap());
                out.push_str(choices.space());
                out.push(':');
                if EXTRA.contains(&key.as_str()) {
                    out.push_str(MEANINGLESS);
                } else {
                    rewrite(&value, choices, out);
                }
            });
        }
        Value::Array(elements) => list(out, choices, ('[', ']'), elements.len(), |out, choices, index| {
            rewrite(&elements[index], choices, out);
        }),
        scalar => out.push_str(&scalar.to_string()),
    }
    out.push_str(choices.space());
}

fn list(
    out: &mut String,
    choices: &mut Choices,
    brackets: (char, char),
    length: usize,
    mut write: impl FnMut(&mut String, &mut Choices, usize),
) {
    out.push(brackets.0);
    for index in 0..length {
        out.push_str(if index == 0 { "" } else { "," });
        out.push_str(choices.space());
        write(out, choices, index);
    }
    out.push_str(choices.space());
    out.push(brackets.1);
}

#[test]
fn each_sample_payload_is_detected_as_its_source() {
    for (source, text) in PAYLOADS {
        assert_eq!(detect(text.as_bytes()).source, *source, "{text}");
    }
}

#[test]
fn a_cut_payload_is_unknown_or_what_it_was() {
    for (source, text) in &*CORPUS {
        for end in (0..text.len()).step_by(1 + text.len() / 2000) {
            let found = detect(&text.as_bytes()[..end]);
            assert!(
                found.source == *source || found.source == Source::Unknown,
                "{found} in {}",
                &text[..end]
            );
        }
    }
}

#[test]
fn a_payload_inside_another_has_no_say() {
    for (_, text) in &*CORPUS {
        for inside in [format!(r#"{{"x":{text}}}"#), format!(r#"[[{text}]]"#)] {
            let found = detect(inside.as_bytes());
            assert_eq!(found.source, Source::Unknown, "{found} in {inside}");
        }
    }
}

#[test]
fn nesting_has_no_limit() {
    let deep = format!("{}[]{}", "[{\"a\":".repeat(100_000), "}]".repeat(100_000));
    for (source, text) in PAYLOADS.iter().filter(|(_, text)| text.starts_with('{')) {
        let nested = format!(r#"{{"x-note":{deep},{}"#, &text[1..]);
        assert_eq!(detect(nested.as_bytes()).source, *source, "{text}");
    }
}

proptest! {
    #[test]
    fn the_way_a_payload_is_written_does_not_matter(seed in 1u64.., which: Index) {
        let (source, text) = which.get(&CORPUS);
        let Ok(value) = serde_json::from_str::<Value>(text) else { return Ok(()) };
        let mut written = String::new();
        rewrite(&value, &mut Choices(seed), &mut written);
        let found = detect(written.as_bytes());
        prop_assert_eq!(found.source, *source, "{} in {}", found, written);
    }

    #[test]
    fn no_mutation_panics(which: Index, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut bytes = which.get(&CORPUS).1.clone().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let found = detect(&bytes);
        prop_assert!(found.evidence().count() > 0);
        prop_assert!(!found.to_string().is_empty());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(detect(&bytes).evidence().count() > 0);
    }

    #[test]
    fn no_brackets_and_quotes_panic(text in r#"[\[\]{}",:\\a0 ]{0,200}"#) {
        let found = detect(text.as_bytes());
        let strict = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(found.to_string().contains("not JSON"), !strict && !text.trim().is_empty());
    }
}
