//! The loop, at a Runtime API that does as it is told: each header odd, answers refused, connections dropped.

use super::answering::Answering;
use super::api::Api;
use super::worker::{Worker, several};
use crate::error::Error;
use crate::handler::Payload;
use crate::handler::Reply;
use crate::router::{ReplyFuture, Router};
use crate::telemetry::tracing_header;
use crate::{Context, Failure};
use aws_lambda_events::kinesis::KinesisEventRecord;
use lambda_runtime::{LambdaEvent, Service};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::task::{self, Poll};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// What a poll gets.
#[derive(Clone)]
enum Next {
    Event(Vec<u8>, &'static str),
    /// The event's end is missing.
    Cut(Vec<u8>),
    Status(u16),
    Gone,
}

/// An answer as the API gets it.
#[derive(Debug)]
struct ReceivedAnswer {
    path: String,
    headers: String,
    body: Value,
}

#[derive(Default)]
struct Script {
    polls: VecDeque<Next>,
    /// How answers are answered: with a status, or not at all. Once these are used up, every answer is accepted.
    answers: VecDeque<Option<u16>>,
}

/// The API; it ends with the test.
struct Served {
    heard: UnboundedReceiver<ReceivedAnswer>,
    tasks: JoinSet<()>,
}

impl Served {
    /// Starts a function with this service and this concurrency, and an API that follows the script.
    async fn start<S>(service: S, at_once: Option<u32>, script: Script) -> Self
    where
        S: Service<LambdaEvent<Payload>, Response = Reply, Error = Error, Future = ReplyFuture>,
        S: Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = listener.local_addr().unwrap().to_string().parse().unwrap();
        let (says, heard) = unbounded_channel();
        let script = Arc::new(Mutex::new(script));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let (stream, _) = accepted.unwrap();
                        connections.spawn(serve(stream, Arc::clone(&script), says.clone()));
                    }
                    Some(ended) = connections.join_next() => ended.unwrap(),
                }
            }
        });
        let api = Arc::new(Api::new(endpoint, at_once.unwrap_or(1)));
        let service = Answering::new(service, Arc::clone(&api));
        let worker = Worker::new(service, api, lambda_runtime::Context::default());
        tasks.spawn(async move {
            let ended = match at_once {
                Some(at_once) => several(worker, at_once).await,
                None => worker.run().await,
            };
            panic!("the loop ended: {ended:?}");
        });
        Self { heard, tasks }
    }

    async fn hears(&mut self) -> ReceivedAnswer {
        tokio::select! {
            heard = self.heard.recv() => heard.unwrap(),
            ended = self.tasks.join_next() => panic!("{ended:?}"),
        }
    }
}

async fn serve(stream: TcpStream, script: Arc<Mutex<Script>>, says: UnboundedSender<ReceivedAnswer>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let head = String::from_utf8_lossy(&head);
        let (first, headers) = head.split_once("\r\n").unwrap();
        let headers = headers.to_owned();
        let length = headers
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        let path = first.split(' ').nth(1).unwrap().to_owned();
        let reply = if first.starts_with("POST") {
            let answer = script.lock().unwrap().answers.pop_front().unwrap_or(Some(202));
            let body = serde_json::from_slice(&body).unwrap();
            says.send(ReceivedAnswer { path, headers, body }).unwrap();
            let Some(status) = answer else { return };
            empty(status)
        } else {
            let next = script.lock().unwrap().polls.pop_front();
            match next {
                None => pending().await,
                Some(Next::Gone) => return,
                Some(Next::Status(status)) => empty(status),
                Some(Next::Event(headers, body)) => event(&headers, body, body.len()),
                Some(Next::Cut(headers)) => {
                    stream.write_all(&event(&headers, "{", 100)).await.unwrap();
                    return;
                }
            }
        };
        stream.write_all(&reply).await.unwrap();
    }
}

fn empty(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} .\r\ncontent-length: 0\r\n\r\n").into()
}

fn event(headers: &[u8], body: &str, length: usize) -> Vec<u8> {
    let mut reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n").into_bytes();
    reply.extend([headers, b"\r\n", body.as_bytes()].concat());
    reply
}

const KINESIS: &str = r#"{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"49590338271490256608559692538361571095921575989136588898","data":"eA==","approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"e","eventName":"aws:kinesis:record","invokeIdentityArn":"arn","awsRegion":"eu-west-1","eventSourceARN":"arn:aws:kinesis:eu-west-1:1:stream/s"}]}"#;

const ID: &str = "lambda-runtime-aws-request-id: plain\r\n";
const DEADLINE: &str = "lambda-runtime-deadline-ms: 4102444800000\r\n";

fn plain() -> Next {
    Next::Event([ID, DEADLINE].concat().into(), KINESIS)
}

/// What a handler has seen of an invocation.
type Seen = UnboundedSender<(lambda_runtime::Context, Option<Vec<u8>>, Option<String>)>;

async fn on_record(_: KinesisEventRecord, cx: Context<Seen>) -> Result<(), Failure> {
    let raw = cx.client_context().map(<[u8]>::to_vec);
    let _ = cx.state().send((cx.lambda().clone(), raw, tracing_header()));
    Ok(())
}

/// Several, so that none of them can have cost a worker unnoticed.
const WORKERS: u32 = 2;

#[tokio::test]
async fn no_header_costs_more_than_itself() {
    let odd: &[&[u8]] = &[
        b"lambda-runtime-client-context: {\"custom\":{\"a\":{\"b\":[1]}}}\r\n",
        b"lambda-runtime-client-context: {\"custom\":null}\r\n",
        b"lambda-runtime-client-context: [1,2]\r\n",
        b"lambda-runtime-client-context: 17\r\n",
        b"lambda-runtime-client-context: hello\r\n",
        b"lambda-runtime-client-context: \xc3\xa9\r\n",
        b"lambda-runtime-client-context: \xff\r\n",
        b"lambda-runtime-cognito-identity: {}\r\n",
        b"lambda-runtime-cognito-identity: {\"cognitoIdentityId\":7}\r\n",
        b"lambda-runtime-cognito-identity: \"me\"\r\n",
        b"lambda-runtime-invoked-function-arn: \xff\r\n",
        b"lambda-runtime-trace-id: \xff\r\n",
        b"lambda-runtime-aws-tenant-id: \xff\r\n",
        b"lambda-runtime-invocation-id: \xff\r\n",
        b"lambda-runtime-deadline-ms: \r\n",
        b"lambda-runtime-deadline-ms: soon\r\n",
        b"lambda-runtime-deadline-ms: -1\r\n",
        b"lambda-runtime-deadline-ms: \xff\r\n",
        b"lambda-runtime-deadline-ms: 18446744073709551615\r\n",
        b"lambda-runtime-deadline-ms: 18446744073709551616\r\n",
        b"",
    ];
    for at_once in [None, Some(WORKERS)] {
        let (seen, mut sees) = unbounded_channel();
        let polls = odd
            .iter()
            .map(|odd| Next::Event([ID.as_bytes(), odd].concat(), KINESIS));
        let polls = polls.chain([plain()]).collect();
        let script = Script {
            polls,
            ..Script::default()
        };
        let mut served = Served::start(Router::new(seen).kinesis(on_record), at_once, script).await;
        for _ in 0..=odd.len() {
            let heard = served.hears().await;
            assert_eq!(heard.path, "/2018-06-01/runtime/invocation/plain/response");
            assert_eq!(heard.body, json!({"batchItemFailures": []}));
        }
        let first = sees.recv().await.unwrap();
        assert_eq!(first.1.unwrap(), b"{\"custom\":{\"a\":{\"b\":[1]}}}");
        assert_eq!(first.0.client_context.unwrap().custom["a"], "{\"b\":[1]}");
    }
}

#[tokio::test]
async fn the_trace_is_at_hand_and_not_in_the_environment() {
    let (seen, mut sees) = unbounded_channel();
    let trace = |n| format!("{ID}{DEADLINE}lambda-runtime-trace-id: Root=1-2-{n}\r\n");
    let polls = [1, 2]
        .map(|n| Next::Event(trace(n).into(), KINESIS))
        .into_iter()
        .chain([plain()]);
    let script = Script {
        polls: polls.collect(),
        ..Script::default()
    };
    let _served = Served::start(Router::new(seen).kinesis(on_record), None, script).await;
    for expected in [Some("Root=1-2-1"), Some("Root=1-2-2"), None] {
        let (lambda, _, current) = sees.recv().await.unwrap();
        assert_eq!(lambda.xray_trace_id.as_deref(), expected);
        assert_eq!(current.as_deref(), expected);
        assert_eq!(std::env::var_os("_X_AMZN_TRACE_ID"), None);
    }
}

#[tokio::test]
async fn an_answer_names_its_invocation_as_lambda_did() {
    let head = b"lambda-runtime-aws-request-id: a b/c\xff\r\nlambda-runtime-invocation-id: i-1\r\n";
    let polls = [KINESIS, "?"].map(|body| Next::Event(head.to_vec(), body)).into();
    let router = Router::new(()).kinesis(async |_: KinesisEventRecord, _: Context<()>| Ok(()));
    let mut served = Served::start(
        router,
        None,
        Script {
            polls,
            ..Script::default()
        },
    )
    .await;
    let [response, error] = [served.hears().await, served.hears().await];
    for (heard, kind) in [(&response, "response"), (&error, "error")] {
        assert_eq!(
            heard.path,
            format!("/2018-06-01/runtime/invocation/a%20b%2Fc%FF/{kind}")
        );
        assert!(
            heard.headers.contains("lambda-runtime-invocation-id: i-1\r\n"),
            "{heard:?}"
        );
        assert!(
            heard.headers.contains("user-agent: aws-lambda-rust/"),
            "{heard:?}"
        );
    }
    assert!(
        error
            .headers
            .contains("lambda-runtime-function-error-type: unhandled\r\n"),
        "{error:?}"
    );
    assert!(!response.headers.contains("error-type"), "{response:?}");
    assert_eq!(error.body["errorType"], "UnroutedEvent");
    assert!(
        error.body["errorMessage"]
            .as_str()
            .unwrap()
            .starts_with("no handler for")
    );
}

/// Panics if its payload says so, otherwise answers.
#[derive(Clone)]
struct Panics;

impl Service<LambdaEvent<Payload>> for Panics {
    type Response = Reply;
    type Error = Error;
    type Future = ReplyFuture;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, event: LambdaEvent<Payload>) -> ReplyFuture {
        match &event.payload.into_bytes()[..] {
            b"call" => panic!("in the call"),
            b"later" => Box::pin(async { panic!("in the future") }),
            _ => Box::pin(ready(Ok(Reply::nothing()))),
        }
    }
}

/// Whatever goes wrong with an event, the next one is answered, in both modes.
async fn goes_on(polls: impl Fn() -> Vec<Next>, answers: &[Option<u16>], expected: &[&str]) {
    for at_once in [None, Some(1)] {
        let script = Script {
            polls: polls()
                .into_iter()
                .chain([Next::Event(ID.into(), "last")])
                .collect(),
            answers: answers.iter().copied().collect(),
        };
        let mut served = Served::start(Panics, at_once, script).await;
        for expected in expected.iter().chain(&["response null"]) {
            let heard = served.hears().await;
            let kind = heard.path.rsplit('/').next().unwrap();
            let what = match heard.body["errorType"].as_str() {
                Some(error) => format!("{error}: {}", heard.body["errorMessage"].as_str().unwrap()),
                None => heard.body.to_string(),
            };
            assert!(
                format!("{kind} {what}").starts_with(expected),
                "{heard:?}, not {expected}"
            );
        }
    }
}

fn of(body: &'static str) -> Vec<Next> {
    vec![Next::Event(ID.into(), body)]
}

#[tokio::test]
async fn a_panic_is_its_invocation_s() {
    goes_on(
        || of("call"),
        &[],
        &["error Panicked: the invocation panicked: in the call"],
    )
    .await;
    goes_on(
        || of("later"),
        &[],
        &["error Panicked: the invocation panicked: in the future"],
    )
    .await;
}

#[tokio::test]
async fn a_refused_answer_affects_only_its_own_invocation() {
    for refused in [Some(400), Some(403), Some(410), Some(500), Some(503), None] {
        goes_on(|| of("x"), &[refused], &["response null"]).await;
        goes_on(|| of("call"), &[refused], &["error Panicked"]).await;
    }
    // Lambda may have ended the invocation when it refused the reply, or not.
    for error in [Some(202), Some(400), Some(410), None] {
        let expected = [
            "response null",
            "error ReplyTooLarge: the reply has 4 bytes, which is more than Lambda returns: return less, stream it, or store it in S3",
        ];
        goes_on(|| of("x"), &[Some(413), error], &expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_brings_no_event_is_tried_again() {
    for failed in [
        Next::Status(500),
        Next::Status(403),
        Next::Status(204),
        Next::Gone,
    ] {
        goes_on(|| vec![failed.clone(); 20], &[], &[]).await;
    }
    let nameless = || {
        vec![
            Next::Event(DEADLINE.into(), "x"),
            Next::Event(b"lambda-runtime-aws-request-id: \r\n".to_vec(), "x"),
        ]
    };
    goes_on(nameless, &[], &[]).await;
    goes_on(
        || vec![Next::Cut(ID.into())],
        &[],
        &["error RuntimeFailed: the connection broke in the middle of an event"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_function_without_a_runtime_api_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint: http::Uri = listener.local_addr().unwrap().to_string().parse().unwrap();
    drop(listener);
    for at_once in [None, Some(WORKERS)] {
        let api = Arc::new(Api::new(endpoint.clone(), 1));
        let service = Answering::new(Panics, Arc::clone(&api));
        let worker = Worker::new(service, api, lambda_runtime::Context::default());
        let ended = match at_once {
            Some(at_once) => several(worker, at_once).await,
            None => worker.run().await,
        };
        let error = ended.unwrap_err();
        assert_eq!(error.error_type(), "RuntimeFailed");
        assert!(error.to_string().contains("cannot be reached"), "{error}");
    }
}
