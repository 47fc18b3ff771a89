//! The commands, as a shell runs them.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::shell::{Running, err, out, switchboard, text, with_echo};
use switchboard_test_support::client::{Mark, lives, send};
use switchboard_test_support::files;

const S3: &str = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1",
    "eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put",
    "s3":{"bucket":{"name":"b"},"object":{"key":"k","size":1}}}]}"#;

#[test]
fn explain_prints_one_object_a_line_in_the_order_of_its_input() {
    let directory = files(&[("s3/put.json", S3), ("odd.json", "[7]"), ("notes.txt", "")]);
    let (all, file) = (directory.path(), directory.path().join("s3/put.json"));
    let output = switchboard(&["explain", text(&file), text(all), "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let sources: Vec<_> = lines
        .iter()
        .map(|line| line["source"].as_str().unwrap())
        .collect();
    assert_eq!(sources, ["s3", "unknown", "s3"]);
    assert_eq!(lines[0]["file"], text(&file));
    assert!(lines.iter().all(|line| line["evidence"].is_array()));
}

#[test]
fn explain_goes_on_after_what_it_cannot_read() {
    let directory = files(&[("put.json", S3)]);
    let file = directory.path().join("put.json");
    let output = switchboard(&["explain", "/no/such.json", text(&file)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).starts_with("/no/such.json: cannot read: "),
        "{}",
        err(&output)
    );
    assert!(
        out(&output).starts_with(&format!("{}: s3", text(&file))),
        "{}",
        out(&output)
    );
}

#[test]
fn explain_reports_what_is_not_json_and_goes_on() {
    for odd in ["", "nonsense", "{\"a\":1", "{} {}", "\u{feff}", "{'a': 1}"] {
        let files = files(&[("1.json", odd), ("2.json", S3), ("3.json", "\u{feff}{}")]);
        let output = switchboard(&["explain", text(files.path())]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{odd}");
        let told = err(&output);
        assert!(told.contains("1.json: not JSON: "), "{told}");
        assert_eq!(
            (told.lines().count(), out(&output).lines().count()),
            (1, 3),
            "{told}"
        );
        // What cannot be read is graver, whichever comes first.
        let output = switchboard(&["explain", "/no/such.json", text(files.path())]).output();
        assert_eq!(output.unwrap().status.code(), Some(2));
    }
}

#[test]
fn explain_reads_the_standard_input() {
    let mut command = switchboard(&["explain", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(S3.as_bytes()).unwrap();
    assert!(out(&child.wait_with_output().unwrap()).starts_with("-: s3"));
}

#[test]
fn wrong_usage_is_exit_code_2_and_help_has_examples() {
    assert_eq!(switchboard(&["explain"]).output().unwrap().status.code(), Some(2));
    assert_eq!(
        with_echo(&["run", "--events", "/no/such/directory"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
    let help = switchboard(&["run", "--help"]).output().unwrap();
    assert!(out(&help).contains("Examples:"));
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_build_without_the_verbs_that_call_aws_says_how_to_get_them() {
    for verb in ["poll", "redrive", "wire", "unwire"] {
        let output = switchboard(&[verb, "s3", "--function", "f", "--help"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("--features aws"), "{}", err(&output));
    }
}

#[test]
fn invoke_prints_the_reply_alone_on_the_standard_output() {
    let directory = files(&[
        ("a.json", r#"{"a":1}"#),
        ("log.json", r#"{"do":"log","name":"x"}"#),
    ]);
    let words = ["invoke", text(directory.path())];
    let output = with_echo(&words).output().unwrap();
    assert_eq!(
        (output.status.code(), &*out(&output)),
        (Some(0), "{\"a\":1}\nnull\n")
    );
    assert!(err(&output).contains("line 0 of x"), "{}", err(&output));
    assert!(err(&output).contains("a.json   ok   "), "{}", err(&output));
}

#[test]
fn invoke_ends_with_1_if_a_function_failed_and_goes_on_before() {
    let files = files(&[
        ("1.json", r#"{"do":"error","type":"Mine","message":"no"}"#),
        ("2.json", "2"),
    ]);
    let output = with_echo(&["invoke", text(files.path())]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).ends_with("\n2\n"), "{}", out(&output));
    assert!(err(&output).contains("error Mine: no"), "{}", err(&output));
}

#[test]
fn invoke_ends_with_1_if_records_of_a_batch_failed_and_says_so_if_there_is_no_event() {
    // The function answers with its event.
    let event = r#"{"Records":[{"eventSource":"aws:sqs","messageId":"m1","receiptHandle":"r","body":"","attributes":{},
        "messageAttributes":{},"md5OfBody":"m","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders",
        "awsRegion":"eu-west-1"}],"batchItemFailures":[{"itemIdentifier":"m1"}]}"#;
    let files = files(&[("1.json", event)]);
    let output = with_echo(&["invoke", text(files.path())]).output().unwrap();
    assert!(err(&output).contains("1 failed"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(1));
    // As when the command before a pipe has failed.
    let output = with_echo(&["invoke", "-"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(
        err(&output).contains("-: cannot read: standard input is empty"),
        "{}",
        err(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_lambda_would_refuse_is_a_failure_of_its_own() {
    let large = format!("\"{}\"", "x".repeat(7 << 20));
    let files = files(&[("1.json", &large), ("2.json", "2")]);
    let output = with_echo(&["invoke", text(files.path())]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("error RequestTooLargeException: the payload has 7340034 bytes"),
        "{}",
        err(&output)
    );
    assert!(out(&output).ends_with("\n2\n"), "{}", out(&output));
    let output = with_echo(&["run", "--events", text(files.path()), "--exit"])
        .output()
        .unwrap();
    assert!(
        out(&output).ends_with("2 samples: 1 handled, 0 refused as unrouted, 1 failed\n"),
        "{}",
        out(&output)
    );
}

#[test]
fn a_function_that_cannot_start_is_exit_code_1_with_its_message() {
    let files = files(&[("1.json", "1")]);
    let words = ["invoke", text(files.path()), "--env", "ECHO_INIT=error"];
    let output = with_echo(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains("BadConfiguration: SWITCHBOARD_STORE is odd"),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains("  | starting"), "{}", err(&output));
}

#[test]
fn run_delivers_samples_in_a_table_and_succeeds() {
    let refused = r#"{"do":"error","type":"UnroutedEvent","message":"sqs"}"#;
    let files = files(&[("events/s3/put.json", S3), ("events/unrouted/sqs.json", refused)]);
    let mut command = with_echo(&["run", "--events", "events", "--exit"]);
    let output = command.current_dir(files.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let table = out(&output);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("events/s3/put.json         s3        s3::on_object   ok  "),
        "{table}"
    );
    assert!(
        lines[1].starts_with("events/unrouted/sqs.json   unknown   -               unrouted (as expected)"),
        "{table}"
    );
    assert_eq!(lines[0].len(), lines[1].len());
    assert_eq!(lines[3], "2 samples: 1 handled, 1 refused as unrouted, 0 failed");
}

#[test]
fn run_delivers_again_what_it_has_recorded() {
    let files = files(&[
        ("events/a.json", "{\n  \"do\": \"log\" }"),
        ("events/b.json", r#"{"do":"exit"}"#),
    ]);
    let run = |words: &[&str]| {
        let mut command = with_echo(&["run", "--exit", "--no-console"]);
        command.args(words).current_dir(files.path()).output().unwrap()
    };
    let output = run(&["--events", "events", "--record", "events.jsonl"]);
    let recorded = std::fs::read_to_string(files.path().join("events.jsonl")).unwrap();
    assert_eq!(recorded.lines().count(), 2, "{}{recorded}", err(&output));
    let first: Value = serde_json::from_str(recorded.lines().next().unwrap()).unwrap();
    assert_eq!(first["event"], "{\n  \"do\": \"log\" }");
    let output = run(&["--replay", "events.jsonl"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let table = out(&output);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].starts_with("events.jsonl:1 ") && lines[0].contains("   ok "),
        "{table}"
    );
    assert!(
        lines[1].starts_with("events.jsonl:2 ") && lines[1].contains("Runtime.ExitError"),
        "{table}"
    );
}

#[test]
fn run_ends_with_1_if_a_sample_failed_and_shows_its_log() {
    let batch = r#"{"do":"reply","reply":{"batchItemFailures":[{"itemIdentifier":"1"}]}}"#;
    let files = files(&[
        ("a.json", r#"{"do":"exit"}"#),
        ("b.json", batch),
        ("c.json", "1"),
        ("d.json", r#"{"do":"log","name":"quiet"}"#),
        ("unrouted/e.json", "1"),
    ]);
    let output = with_echo(&["run", "--events", text(files.path()), "--exit"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let table = out(&output);
    assert!(table.contains("error Runtime.ExitError: RequestId: "), "{table}");
    assert!(table.contains("1 failed"), "{table}");
    assert!(
        table.ends_with("5 samples: 2 handled, 0 refused as unrouted, 3 failed\n"),
        "{table}"
    );
    assert!(
        err(&output).contains("  | exiting") && !err(&output).contains("quiet"),
        "{}",
        err(&output)
    );
}

#[tokio::test]
async fn ctrl_c_ends_run_and_leaves_nothing() {
    let mut run = Running::start(&[]);
    let context = run.invoke(r#"{"do":"context"}"#).await;
    let environment = run.invoke(r#"{"do":"environment"}"#).await;
    let store = environment["SWITCHBOARD_STORE"]
        .as_str()
        .unwrap()
        .strip_prefix("sqlite:")
        .unwrap();
    let directory = Path::new(store).parent().unwrap();
    assert!(
        store.ends_with("/journal.sqlite") && directory.is_dir(),
        "{store}"
    );
    assert_eq!(run.interrupt(), Some(0));
    assert!(!lives(u32::try_from(context["pid"].as_u64().unwrap()).unwrap()));
    assert!(!directory.exists());
}

#[tokio::test]
async fn ctrl_c_ends_run_in_the_middle_of_an_invocation() {
    let mut run = Running::start(&["--store", "/tmp/kept.sqlite"]);
    assert_eq!(
        run.invoke(r#"{"do":"environment"}"#).await["SWITCHBOARD_STORE"],
        "sqlite:/tmp/kept.sqlite"
    );
    let pid = run.invoke(r#"{"do":"context"}"#).await["pid"].as_u64().unwrap();
    let mark = Mark::new().await;
    let line = "POST /2015-03-31/functions/f/invocations";
    let event = [("x-amz-invocation-type", "Event")];
    assert_eq!(
        send(run.address, line, &event, mark.hang().as_bytes())
            .await
            .status,
        202
    );
    mark.reached().await;
    assert_eq!(run.interrupt(), Some(0));
    assert!(!lives(u32::try_from(pid).unwrap()));
}

#[tokio::test]
async fn invoke_finds_the_function_at_an_endpoint() {
    let mut run = Running::start(&[]);
    let files = files(&[
        ("1.json", r#"{"do":"log","name":"x"}"#),
        ("2.json", r#"{"do":"context"}"#),
    ]);
    let endpoint = format!("http://{}", run.address);
    let words = ["invoke", "--endpoint", &*endpoint, text(files.path())];
    let output = tokio::task::spawn_blocking({
        let mut command = switchboard(&words);
        move || command.output().unwrap()
    });
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains(r#""count":2"#), "{}", out(&output));
    assert!(err(&output).contains("  | line 0 of x"), "{}", err(&output));
    run.interrupt();
    let output = switchboard(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("cannot reach"), "{}", err(&output));
}

/// A function with nothing but the standard library: cargo builds it in a moment.
pub(crate) const TINY: &str = r#"
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

fn call(request: &str) -> (String, Vec<u8>) {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = TcpStream::connect(api).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let (mut reader, mut id, mut length) = (BufReader::new(stream), String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() { break } else { continue }
        };
        if name == "lambda-runtime-aws-request-id" { id = value.to_owned() }
        if name == "content-length" { length = value.parse().unwrap() }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (id, body)
}

fn main() {
    loop {
        let (id, _) = call("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n");
        let reply = format!("\"{}\"", std::env::args().next().unwrap().rsplit('/').next().unwrap());
        call(&format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{reply}",
            reply.len(),
        ));
    }
}
"#;

#[test]
fn the_package_here_is_built_and_invoked() {
    let manifest = "[package]\nname = \"tiny\"\nversion = \"0.0.0\"\nedition = \"2021\"\ndefault-run = \"tiny\"\n[workspace]\n";
    let package = files(&[
        ("Cargo.toml", manifest),
        ("src/main.rs", TINY),
        ("src/bin/other.rs", TINY),
        ("e.json", "{}"),
    ]);
    let invoke = |words: &[&str]| {
        let mut command = switchboard(&["invoke", "e.json", "--memory", "256"]);
        command
            .args(words)
            .current_dir(package.path())
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap()
    };
    let output = invoke(&["--", "--offline"]);
    assert_eq!(
        (output.status.code(), &*out(&output)),
        (Some(0), "\"tiny\"\n"),
        "{}",
        err(&output)
    );
    assert_eq!(
        out(&invoke(&["--bin", "other", "--", "--offline"])),
        "\"other\"\n"
    );
    assert_eq!(out(&invoke(&["--", "--offline", "--bin=other"])), "\"other\"\n");
    let output = invoke(&["--bin", "neither"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("cargo build failed"), "{}", err(&output));
}

#[test]
fn fuller_words_than_cargo_gives_are_not_needed() {
    let version = switchboard(&["--version"]).output().unwrap();
    assert_eq!(version.status.code(), Some(0));
    assert_eq!(
        json!(out(&version).trim().rsplit(' ').next()),
        env!("CARGO_PKG_VERSION")
    );
}

#[test]
fn an_event_of_each_source_is_printed_and_explained_as_that() {
    let listed = switchboard(&["event"]).output().unwrap();
    assert_eq!(listed.status.code(), Some(0), "{}", err(&listed));
    assert_eq!(out(&listed).lines().count(), 57);
    for source in ["sqs", "cloudwatch_events", "lex_v2", "alb"] {
        assert!(out(&listed).lines().any(|line| line == source), "{source}");
        let event = switchboard(&["event", source]).output().unwrap();
        let directory = files(&[("event.json", &out(&event))]);
        let explained = switchboard(&["explain", text(&directory.path().join("event.json"))]);
        let explained = out(&{ explained }.output().unwrap());
        assert!(
            explained.contains(&format!("event.json: {source}  ")),
            "{explained}"
        );
    }
}

#[test]
fn an_event_has_the_body_and_the_count_that_it_is_given() {
    let directory = files(&[("body.json", r#"{"order":1001}"#)]);
    let body = format!("@{}", text(&directory.path().join("body.json")));
    let event = switchboard(&["event", "sqs", "--body", &body, "--count", "3"])
        .output()
        .unwrap();
    let event: Value = serde_json::from_str(&out(&event)).unwrap();
    let bodies: Vec<_> = event["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| &record["body"])
        .collect();
    assert_eq!(bodies, [r#"{"order":1001}"#; 3]);
    let bridged = switchboard(&["event", "eventbridge", "--body", r#"{"a":1}"#])
        .output()
        .unwrap();
    let bridged: Value = serde_json::from_str(&out(&bridged)).unwrap();
    assert_eq!(bridged["detail"], json!({"a": 1}));
}

#[test]
fn an_event_that_does_not_exist_is_an_error() {
    for (words, told) in [
        (&["event", "nonsense"][..], "no source has this name"),
        (&["event", "unknown"], "no source has this name"),
        (&["event", "sns", "--count", "2"], "one at a time"),
        (&["event", "config", "--body", "{}"], "no place for a body"),
        (&["event", "dynamodb", "--body", "7"], "a JSON object"),
        (&["event", "sqs", "--count", "0"], "a whole number from 1"),
        (&["event", "sqs", "--body", "@/no/such/file"], "/no/such/file"),
    ] {
        let output = switchboard(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(err(&output).contains(told), "{}", err(&output));
    }
}
