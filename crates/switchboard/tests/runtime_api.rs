//! A function's process at the Runtime API: what callers may send beside an event, what an invocation leaves behind, and an
//! API that fails for a while.

use lambda_sandbox::{Builder, Function, InvokeEvent};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use switchboard_test_support::{batch, example, s3};

/// Fewer than the events that any test sends: none can have cost a worker unnoticed.
const WORKERS: u32 = 2;

fn in_each_mode() -> [Builder; 2] {
    let builder = || Function::builder(example("observed"));
    [builder(), builder().max_concurrency(WORKERS)]
}

#[tokio::test]
async fn whatever_a_caller_sends_beside_its_event_is_answered() {
    let odd = [
        r#"{"custom":{"ids":[1,2],"of":{"a":"b"}}}"#,
        r#"{"custom":null}"#,
        r#"{"custom":{"a":null,"n":1.5e400,"b":true}}"#,
        r#"{"client":{"installation_id":7}}"#,
        r#"{"client":{},"env":{"locale":"de"}}"#,
        r#"{"client":[],"custom":"text","environment":3}"#,
        r#"{"cognitoIdentityId":null}"#,
        r#"{"identity_id":{}}"#,
        "[]",
        "[{}]",
        "null",
        "17",
        "\"text\"",
        "{}",
        "{",
        "hello",
        "ümlaut",
        " ",
    ];
    for builder in in_each_mode() {
        let function = builder.start().await.unwrap();
        let pid = function.pid();
        let plain = InvokeEvent::from(batch([s3("photos/a")]));
        for odd in odd {
            for event in [
                plain.clone().client_context(odd),
                plain.clone().cognito_identity(odd),
            ] {
                let outcome = function.invoke(event).await.unwrap();
                assert_eq!(outcome.result.unwrap(), "null", "{odd}");
            }
        }
        assert!(function.invoke(plain).await.unwrap().result.is_ok());
        assert_eq!(function.pid(), pid);
    }
}

/// In kilobytes.
#[cfg(target_os = "linux")]
fn memory(function: &Function) -> u64 {
    let path = format!("/proc/{}/status", function.pid().unwrap());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_invocation_leaves_nothing_behind() {
    for builder in in_each_mode() {
        let function = builder.start().await.unwrap();
        // Long, so that few of them are enough to be seen: kept, they were 12 MB.
        let send = async |count| {
            for number in 0..count {
                let trace = format!("Root=1-{number:08x}-{};Parent=1;Sampled=0", "0".repeat(6_000));
                let event = InvokeEvent::from(batch([s3("photos/a")])).trace_id(trace);
                assert!(function.invoke(event).await.unwrap().result.is_ok());
            }
        };
        send(500).await;
        let before = memory(&function);
        send(2_000).await;
        let grown = memory(&function).saturating_sub(before);
        assert!(grown < 3_000, "{grown} KB");
    }
}

/// How often an API fails before it gives an event.
const FAILURES: usize = 4;

/// Takes requests, fails those for an event at first, and tells when that event was answered.
fn fails_at_first(status: Option<&'static str>, answered: Sender<()>) -> (String, &'static AtomicUsize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let polls: &AtomicUsize = Box::leak(Box::default());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answered = answered.clone();
            std::thread::spawn(move || serve(stream.unwrap(), status, polls, &answered));
        }
    });
    (address, polls)
}

fn serve(mut stream: TcpStream, status: Option<&str>, polls: &AtomicUsize, answered: &Sender<()>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        let (status, headers, body) = if first.starts_with("POST") {
            // The test may have seen enough.
            let _ = answered.send(());
            ("202 Accepted", "", String::new())
        } else {
            match (polls.fetch_add(1, Ordering::SeqCst), status) {
                (..FAILURES, None) => return,
                (..FAILURES, Some(status)) => (status, "", String::new()),
                (FAILURES, _) => (
                    "200 OK",
                    "lambda-runtime-aws-request-id: 1\r\nlambda-runtime-deadline-ms: 4102444800000\r\n",
                    batch([s3("photos/a")]),
                ),
                _ => loop {
                    std::thread::park();
                },
            }
        };
        let length = body.len();
        let reply = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        stream.write_all(reply.as_bytes()).unwrap();
    }
}

#[test]
fn an_api_that_fails_is_asked_again_ever_more_seldom() {
    for status in [
        Some("500 Internal Server Error"),
        Some("503 Service Unavailable"),
        None,
    ] {
        for at_once in [None, Some("1")] {
            let (sender, answered) = channel();
            let (address, polls) = fails_at_first(status, sender);
            let mut command = Command::new(example("observed"));
            command
                .env("AWS_LAMBDA_RUNTIME_API", &address)
                .env("AWS_LAMBDA_FUNCTION_NAME", "observed")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
                .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
                .env_remove("AWS_LAMBDA_MAX_CONCURRENCY")
                .envs(at_once.map(|at_once| ("AWS_LAMBDA_MAX_CONCURRENCY", at_once)));
            let begun = Instant::now();
            let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
            let came = answered.recv_timeout(Duration::from_secs(60));
            let took = begun.elapsed();
            process.kill().unwrap();
            let output = process.wait_with_output().unwrap();
            came.unwrap();
            // 100, 200, 400 and 800 ms.
            assert!(took >= Duration::from_millis(1_500), "{took:?}");
            assert!(polls.load(Ordering::SeqCst) <= FAILURES + 2);
            let output = String::from_utf8(output.stdout).unwrap();
            let lines = output
                .lines()
                .filter(|line| line.contains("no event could be fetched"));
            assert_eq!(lines.count(), FAILURES, "{output}");
            assert!(!output.contains("\"ERROR\""), "{output}");
        }
    }
}
