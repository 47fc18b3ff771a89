//! What `run` and `invoke` show of what a function writes.

use std::net::SocketAddr;
use std::process::Output;

use serde_json::{Value, json};

use crate::shell::{Running, err, out, switchboard, text, with_echo};
use switchboard_test_support::client::{Mark, send};
use switchboard_test_support::files;

/// A function that writes these lines, and `bytes` behind them.
fn writes(lines: &[Value], bytes: &[u8]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    json!({"do": "write", "text": text, "bytes": bytes}).to_string()
}

fn log_line() -> Value {
    json!({
        "timestamp": "2026-11-24T12:34:56.789Z", "level": "WARN", "message": "one\ntwo", "function_name": "echo",
        "function_request_id": "5c0f", "requestId": "5c0f", "xray_trace_id": "1-2-3", "cold_start": true,
        "service": "shop", "source": "sqs", "correlation_id": "m-1", "attempt": 2,
    })
}

fn metrics() -> Value {
    json!({
        "_aws": {"Timestamp": 1_795_523_696_789_u64, "CloudWatchMetrics": [{
            "Namespace": "Switchboard", "Dimensions": [["service"]],
            "Metrics": [{"Name": "Invocations", "Unit": "Count"}, {"Name": "Duration", "Unit": "Milliseconds"}],
        }]},
        "service": "shop", "Invocations": 1, "Duration": 1.25,
    })
}

fn invoke(payload: &str, words: &[&str], variables: &[(&str, &str)]) -> Output {
    let files = files(&[("e.json", payload)]);
    let mut command = with_echo(&["invoke", "e.json"]);
    command
        .args(words)
        .current_dir(files.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn lines_are_readable_and_a_summary_follows() {
    let payload = writes(&[log_line(), metrics(), json!({"a": 1})], b"plain \x07\x1b[2J\n");
    let output = invoke(&payload, &[], &[]);
    let shown = err(&output);
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    assert_eq!(
        &lines[..6],
        [
            "  | starting",
            "  | 12:34:56.789 WARN  one attempt=2 correlation_id=m-1 service=shop source=sqs xray_trace_id=1-2-3",
            "  |     two",
            "  | 12:34:56.789 METRIC Switchboard service=shop: Invocations = 1, Duration = 1.25 ms",
            "  | {\"a\":1}",
            "  | plain \\u{7}\\u{1b}[2J",
        ],
        "{shown}"
    );
    let facts: Vec<&str> = lines[6].split("   ").collect();
    assert_eq!(facts[..3], ["e.json", "ok", "unknown"], "{shown}");
    assert!(
        facts[3].ends_with(" ms") && facts[4].starts_with("init "),
        "{shown}"
    );
    let memory = facts
        .iter()
        .any(|fact| fact.starts_with("memory ") && fact.ends_with(" of 128 MB"));
    assert_eq!(memory, cfg!(target_os = "linux"), "{shown}");
    assert!(facts.last().unwrap().starts_with("request "), "{shown}");
    assert_eq!((lines.len(), &*out(&output)), (7, "null\n"), "{shown}");
}

#[test]
fn only_the_first_invocation_of_a_process_waited_for_its_start() {
    let files = files(&[("1.json", "1"), ("2.json", r#"{"do":"exit"}"#), ("3.json", "3")]);
    let output = with_echo(&["invoke", text(files.path())]).output().unwrap();
    let shown = err(&output);
    let summaries: Vec<&str> = shown.lines().filter(|line| line.contains(".json   ")).collect();
    let waited: Vec<bool> = summaries.iter().map(|line| line.contains("   init ")).collect();
    assert_eq!(waited, [true, false, true], "{shown}");
    assert!(
        summaries[1].contains("   error Runtime.ExitError: RequestId: "),
        "{shown}"
    );
    // What it held is not known of a process that has ended.
    assert!(!summaries[1].contains("memory "), "{shown}");
}

#[test]
fn colours_are_shown_where_they_are_wanted() {
    let payload = writes(&[log_line()], b"");
    assert!(!err(&invoke(&payload, &[], &[])).contains('\x1b'));
    let forced = err(&invoke(&payload, &[], &[("CLICOLOR_FORCE", "1")]));
    assert!(forced.contains("\x1b[33mWARN "), "{forced:?}");
    let wanted = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!err(&invoke(&payload, &[], &wanted)).contains('\x1b'));
}

#[test]
fn raw_output_is_the_functions_byte_for_byte() {
    let payload = writes(&[log_line()], b"\xff\r\n\x1b[2J\tno end");
    let output = invoke(&payload, &["--raw"], &[]);
    let expected = [
        b"starting\n",
        log_line().to_string().as_bytes(),
        b"\n\xff\r\n\x1b[2J\tno end",
    ]
    .concat();
    assert_eq!(
        output.stderr,
        expected,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(out(&output), "null\n");
}

#[test]
fn what_a_function_wrote_that_cannot_start_is_shown_once() {
    for words in [&[][..], &["--raw"]] {
        let output = invoke("1", &[words, &["--env", "ECHO_INIT=error"]].concat(), &[]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(err(&output).matches("starting").count(), 1, "{}", err(&output));
        assert!(err(&output).contains("BadConfiguration"), "{}", err(&output));
    }
}

#[test]
fn run_with_raw_leaves_the_standard_output_to_the_function() {
    let payload = writes(&[log_line()], b"\xff\n");
    let files = files(&[("e.json", &payload)]);
    let output = with_echo(&["run", "--raw", "--exit", "--events", text(files.path())])
        .output()
        .unwrap();
    let expected = [b"starting\n", log_line().to_string().as_bytes(), b"\n\xff\n"].concat();
    assert_eq!(
        output.stdout,
        expected,
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let told = err(&output);
    assert!(
        told.ends_with("1 samples: 1 handled, 0 refused as unrouted, 0 failed\n"),
        "{told}"
    );
    assert!(!told.contains("request "), "{told}");
}

#[test]
fn run_with_logs_summarises_each_sample() {
    let files = files(&[("a.json", &*writes(&[log_line()], b"")), ("b.json", "2")]);
    let output = with_echo(&["run", "--logs", "--exit", "--events", text(files.path())])
        .output()
        .unwrap();
    let shown = err(&output);
    assert_begin(
        &shown,
        &[
            "  | starting",
            "  | 12:34:56.789 WARN  one",
            "  |     two",
            "ok   ",
            "ok   ",
        ],
    );
}

/// Whether each line begins as it should.
fn assert_begin(shown: &str, expected: &[&str]) {
    let mut pairs = shown.lines().zip(expected);
    assert!(pairs.all(|(line, begin)| line.starts_with(begin)), "{shown}");
    assert_eq!(shown.lines().count(), expected.len(), "{shown}");
}

async fn call(address: SocketAddr, payload: &str) {
    let line = "POST /2015-03-31/functions/f/invocations";
    send(address, line, &[], payload.as_bytes()).await;
}

#[tokio::test]
async fn a_served_function_has_its_lines_summaries_and_requests_in_order() {
    let mut run = Running::start(&[]);
    call(run.address, &writes(&[log_line()], b"")).await;
    call(run.address, r#"{"do":"error","type":"Mine","message":"no"}"#).await;
    run.interrupt();
    let shown = run.notes();
    assert_begin(
        &shown,
        &[
            "  | 12:34:56.789 WARN  one",
            "  |     two",
            "ok   unknown   ",
            "POST /2015-03-31/functions/f/invocations  200",
            // Once, and nowhere else.
            "error Mine: no   unknown   ",
            "POST /2015-03-31/functions/f/invocations  200",
        ],
    );
}

/// Makes two invocations at once, and returns the log stream of the second environment.
async fn two_at_once(run: &Running) -> String {
    let mark = Mark::new().await;
    let (address, payload) = (run.address, mark.meet());
    let first = tokio::spawn(async move { call(address, &payload).await });
    let met = mark.met().await;
    let variables = run.invoke(r#"{"do":"environment"}"#).await;
    drop(met);
    first.await.unwrap();
    let stream = variables["AWS_LAMBDA_LOG_STREAM_NAME"].as_str();
    stream.unwrap().to_owned()
}

#[tokio::test]
async fn environments_are_told_apart_by_their_log_streams_once_there_are_several() {
    let mut run = Running::start(&[]);
    let second = two_at_once(&run).await;
    run.interrupt();
    let shown = run.notes();
    let said: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains(", log stream "))
        .collect();
    assert_eq!(said.len(), 2, "{shown}");
    assert!(
        said[0].starts_with("environment 1 was initialised in "),
        "{shown}"
    );
    assert!(
        said[1].starts_with("environment 2 was initialised in "),
        "{shown}"
    );
    assert!(
        said[1].ends_with(&second) && !said[0].ends_with(&second),
        "{shown}"
    );
}

#[tokio::test]
async fn an_environment_is_an_object_with_its_log_stream() {
    let mut run = Running::start(&["--format", "json"]);
    let second = two_at_once(&run).await;
    let said = loop {
        let said: Value = serde_json::from_str(&run.line()).unwrap();
        if said["type"] == "environment" {
            break said;
        }
    };
    assert_eq!(
        (&said["environment"], &said["log_stream"]),
        (&json!(2), &json!(second))
    );
    assert!(said["init_ms"].is_number(), "{said}");
    run.interrupt();
}

#[tokio::test]
async fn a_function_served_elsewhere_is_summarised_too() {
    let mut run = Running::start(&[]);
    let endpoint = format!("http://{}", run.address);
    let files = files(&[("e.json", &*writes(&[log_line()], b"\xff\n"))]);
    let invoke = async |words: &[&str]| {
        let mut command = switchboard(&["invoke", "--endpoint", &endpoint, text(files.path())]);
        command.args(words);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    };
    let shown = err(&invoke(&[]).await);
    assert!(shown.contains("  | 12:34:56.789 WARN  one attempt=2 "), "{shown}");
    let summary = shown.lines().last().unwrap();
    assert!(summary.contains("e.json   ok   unknown   "), "{shown}");
    assert_eq!(
        summary.contains(" of 128 MB   "),
        cfg!(target_os = "linux"),
        "{shown}"
    );
    assert!(summary.contains("   request "), "{shown}");
    let raw = err(&invoke(&["--raw"]).await);
    assert_eq!(raw, format!("{}\n\u{fffd}\n", log_line()));
    run.interrupt();
}

#[test]
fn help_of_run_and_invoke_names_the_raw_option() {
    for command in ["run", "invoke"] {
        let help = out(&switchboard(&[command, "--help"]).output().unwrap());
        assert!(
            help.contains("--raw") && help.contains("readable") | help.contains("EMF"),
            "{help}"
        );
    }
}
