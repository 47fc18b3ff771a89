//! What a caller gets before the invocation has ended: the answer, while extensions still work on the invocation.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Builder, Function, Gateway, Reply as Begun};
use serde_json::json;
use switchboard_test_support::client::{Mark, Reply, builder, reply, send};
use switchboard_test_support::example;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::extensions::Extended;

const INVOCATIONS: &str = "POST /2015-03-31/functions/any/invocations";
const STREAMING: &str = "POST /2021-11-15/functions/any/response-streaming-invocations";
const STREAM: &[u8] = br#"{"do":"stream"}"#;

/// A function behind HTTP, and what it reports.
struct Served {
    address: SocketAddr,
    ended: UnboundedReceiver<String>,
    waited: UnboundedReceiver<()>,
    lines: UnboundedReceiver<String>,
}

impl Served {
    async fn new(builder: Builder) -> Self {
        let (ends, ended) = unbounded_channel();
        let (waits, waited) = unbounded_channel();
        let (heard, lines) = unbounded_channel();
        let function = builder
            .on_end(move |finished| ends.send(finished.outcome.logs.join("\n")).unwrap())
            .on_wait(move || waits.send(()).unwrap());
        let function = Arc::new(function.start().await.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Gateway::new(function, PayloadFormat::FunctionUrl);
        let gateway = gateway.on_request(move |line| heard.send(line.to_owned()).unwrap());
        tokio::spawn(gateway.serve(listener));
        Self {
            address,
            ended,
            waited,
            lines,
        }
    }

    /// Sends a request and gets its response while an extension still works, then another one, which has to wait until the extension
    /// is done. `said` is what the extension writes at the end.
    async fn answers_before_the_end(
        &mut self,
        mark: &Mark,
        line: &'static str,
        body: &'static [u8],
        said: &str,
    ) {
        let first = send(self.address, line, &[], body).await;
        assert_eq!(first.status / 100, 2, "{first:?}");
        let held = mark.met().await;
        assert!(self.ended.is_empty(), "the invocation has not ended");
        let is_streamed = body == STREAM;
        assert!(is_streamed || self.lines.is_empty(), "its line comes at the end");
        let address = self.address;
        let second = tokio::spawn(async move { send(address, line, &[], body).await });
        self.waited.recv().await.unwrap();
        drop(held);
        let logs = self.ended.recv().await.unwrap();
        assert!(logs.contains(said), "{logs}");
        assert!(self.lines.recv().await.unwrap().starts_with("POST /"));
        assert_eq!(second.await.unwrap().status, first.status);
        drop(mark.met().await);
        self.ended.recv().await.unwrap();
        assert!(self.lines.recv().await.unwrap().starts_with("POST /"));
    }
}

fn slow(mark: &Mark) -> Extended {
    Extended::new(&json!({"slow": {"invoke": mark.address()}}))
}

#[tokio::test]
async fn callers_do_not_wait_for_a_slow_extension_but_the_next_invocation_does() {
    let mark = Mark::new().await;
    let extended = slow(&mark);
    let mut served = Served::new(extended.builder.clone()).await;
    for (line, body) in [
        (INVOCATIONS, &b"{}"[..]),
        (INVOCATIONS, STREAM),
        (STREAMING, b"{}"),
        (STREAMING, STREAM),
        ("POST /", b""),
    ] {
        let said = "slow: has met: true";
        served.answers_before_the_end(&mark, line, body, said).await;
    }
}

#[tokio::test]
async fn callers_do_not_wait_for_a_slow_extension_inside_the_process() {
    let mark = Mark::new().await;
    let function = Function::builder(example("flushing")).env("FLUSHING_AT", mark.address());
    let mut served = Served::new(function).await;
    for line in [INVOCATIONS, STREAMING, "POST /"] {
        served
            .answers_before_the_end(&mark, line, b"{}", "flushed ")
            .await;
    }
}

#[tokio::test]
async fn callers_do_not_wait_for_what_the_function_does_after_its_answer() {
    let mark = Mark::new().await;
    let mut served = Served::new(builder()).await;
    let path = "/2018-06-01/runtime/invocation/{id}/response";
    let told = json!({"do": "post", "path": path, "body": "1", "connect": mark.address()}).to_string();
    let answered = send(served.address, INVOCATIONS, &[], told.as_bytes()).await;
    assert_eq!((answered.status, answered.json()), (200, json!(1)));
    let held = mark.met().await;
    assert!(served.ended.is_empty());
    drop(held);
    served.ended.recv().await.unwrap();
}

#[tokio::test]
async fn who_comes_again_at_once_finds_the_environment_free() {
    let served = Served::new(builder().max_environments(2)).await;
    for count in 1..=20 {
        let answered = send(served.address, INVOCATIONS, &[], br#"{"do":"context"}"#).await;
        assert_eq!(answered.json()["count"], count);
    }
}

#[tokio::test]
async fn an_answer_with_the_log_comes_at_the_end_because_the_log_does() {
    let mark = Mark::new().await;
    let extended = slow(&mark);
    let served = Served::new(extended.builder.clone()).await;
    let address = served.address;
    let tail = [("x-amz-log-type", "Tail")];
    let waiting = tokio::spawn(async move { send(address, INVOCATIONS, &tail, b"{}").await });
    drop(mark.met().await);
    let answered: Reply = waiting.await.unwrap();
    let log = STANDARD.decode(answered.header("x-amz-log-result").unwrap());
    let log = String::from_utf8(log.unwrap()).unwrap();
    assert!(
        log.contains("slow: has met: true") && log.contains("\nREPORT "),
        "{log}"
    );
    let waiting = tokio::spawn(async move { send(address, STREAMING, &tail, STREAM).await });
    drop(mark.met().await);
    let last = waiting.await.unwrap().body;
    let last = String::from_utf8_lossy(&last);
    assert!(
        last.contains("LogResult") && last.contains("InvokeComplete"),
        "{last}"
    );
}

#[tokio::test]
async fn a_reply_comes_before_its_outcome() {
    let mark = Mark::new().await;
    let extended = slow(&mark);
    let function = Arc::new(extended.start().await.unwrap());
    let early = Arc::clone(&function)
        .invoke_for_reply(r#"{"a":1}"#)
        .await
        .unwrap();
    assert_eq!(early.result.as_ref().unwrap(), r#"{"a":1}"#);
    drop(mark.met().await);
    let outcome = early.outcome().await.unwrap();
    assert!(outcome.logs.iter().any(|line| line == "slow: has met: true"));
    let Begun::Buffered(early) = function.invoke_streaming(r#"{"do":"error"}"#).await.unwrap() else {
        panic!("it does not stream");
    };
    assert!(early.result.is_err());
    drop(mark.met().await);
    assert!(early.outcome().await.unwrap().result.is_err());
}

#[tokio::test]
async fn what_ends_without_an_answer_is_answered_at_the_end() {
    let function = Arc::new(builder().start().await.unwrap());
    let crashed = Arc::clone(&function)
        .invoke_for_reply(r#"{"do":"exit"}"#)
        .await
        .unwrap();
    assert_eq!(
        crashed.result.as_ref().unwrap_err().error_type,
        "Runtime.ExitError"
    );
    assert_eq!(crashed.outcome().await.unwrap().logs, ["exiting"]);
    let streamed = Arc::clone(&function)
        .invoke_for_reply(r#"{"do":"stream"}"#)
        .await
        .unwrap();
    assert!(streamed.result.unwrap().ends_with(b"one,two"));
    let outcome = function.invoke(r#"{"do":"context"}"#).await.unwrap();
    assert_eq!(reply(&outcome)["count"], 2);
    assert!(
        function
            .invoke_for_reply(vec![b' '; 7 << 20])
            .await
            .unwrap_err()
            .is_payload_too_large()
    );
}
