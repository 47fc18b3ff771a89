//! What the environment may say, and what the function says of what it may not.

use crate::support::{Stock, batch, builder, http_api, kinesis, s3};
use serde_json::Value;
use std::ffi::OsStr;
use std::process::{Command, Output};

/// The variables of Lambda and of the function, none of which a plain process has.
const VARIABLES: &[&str] = &[
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_LEVEL",
    "RUST_LOG",
    "SWITCHBOARD_DESCRIBE",
    "SWITCHBOARD_STORE",
];

/// Runs the function without Lambda around it.
fn run(variables: &[(&str, impl AsRef<OsStr>)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap()
}

/// Value, and what the message says is allowed.
const BAD: &[(&str, &str, &[&str])] = &[
    (
        "SWITCHBOARD_STORE",
        "postgres://db",
        &["sqlite:PATH", "sqlite::memory:"],
    ),
    ("SWITCHBOARD_STORE", "sqlite:", &["sqlite:PATH"]),
    (
        "SWITCHBOARD_STORE",
        "sqlite:/no/such/directory/j.sqlite",
        &["directory that exists"],
    ),
    ("SWITCHBOARD_STORE", "", &["sqlite:PATH"]),
    ("AWS_LAMBDA_LOG_FORMAT", "yaml", &["JSON", "Text"]),
    ("AWS_LAMBDA_LOG_FORMAT", "json ", &["JSON", "Text"]),
    (
        "AWS_LAMBDA_LOG_LEVEL",
        "loud",
        &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
    ),
    ("RUST_LOG", "switchboard=loud", &["info,my_function=debug"]),
    ("RUST_LOG", "=====", &["info,my_function=debug"]),
];

fn says(message: &str, variable: &str, value: &str, allowed: &[&str]) {
    let start = format!("{variable} is {value:?}, but must be ");
    assert!(message.starts_with(&start), "{message}");
    for word in allowed {
        assert!(message.contains(word), "{word} in {message}");
    }
}

#[tokio::test]
async fn a_bad_value_is_an_initialisation_error() {
    for (variable, value, allowed) in BAD {
        let error = builder().env(variable, value).start().await.unwrap_err();
        let init = error
            .init()
            .unwrap_or_else(|| panic!("{variable}={value}: {error}"));
        assert_eq!(init.error_type, "InvalidConfiguration", "{init}");
        says(&init.message, variable, value, allowed);
        let said = error
            .logs()
            .iter()
            .filter(|line| line.contains(*variable))
            .count();
        assert_eq!(said, 1, "{:#?}", error.logs());
    }
}

#[test]
fn what_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    for variable in [
        "SWITCHBOARD_STORE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_LEVEL",
        "RUST_LOG",
    ] {
        let value = OsStr::from_bytes(b"sqlite:/tmp/\xff");
        let output = run(&[(variable, value)]);
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        says(
            text.strip_prefix("Error: ").unwrap_or(&text),
            variable,
            "sqlite:/tmp/\u{fffd}",
            &[],
        );
    }
}

#[test]
fn a_bad_value_ends_the_process_with_one_message() {
    for (variable, value, allowed) in BAD {
        let output = run(&[(variable, value)]);
        assert!(!output.status.success());
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1, "{text}");
        says(
            lines[0].strip_prefix("Error: ").unwrap_or(&text),
            variable,
            value,
            allowed,
        );
    }
}

#[test]
fn outside_of_lambda_the_function_says_how_to_start_it() {
    let output = run(&[("SWITCHBOARD_STORE", "sqlite::memory:")]);
    assert!(!output.status.success());
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in [
        "AWS_LAMBDA_RUNTIME_API",
        "cargo switchboard run",
        "cargo lambda watch",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn the_routes_are_described_in_one_line_of_json() {
    let output = run(&[
        ("SWITCHBOARD_DESCRIBE", "1"),
        ("SWITCHBOARD_STORE", "sqlite::memory:"),
    ]);
    assert!(output.status.success());
    let description: Value = serde_json::from_slice(&output.stdout).unwrap();
    let routes = description["routes"].as_array().unwrap();
    let handler = |source: &str| {
        let route = routes.iter().find(|route| route["source"] == source);
        let handler = route.and_then(|route| route["handler"].as_str());
        handler
            .unwrap_or_else(|| panic!("no route for {source}"))
            .to_owned()
    };
    for (source, module) in [
        ("s3", "s3"),
        ("s3_test", "s3"),
        ("dynamodb", "dynamodb"),
        ("kinesis", "kinesis"),
        ("cloudwatch_events", "cloudwatch_events"),
        ("api_gateway_rest", "api_gateway"),
        ("api_gateway_http", "api_gateway"),
        ("api_gateway_websocket", "api_gateway"),
        ("function_url", "api_gateway"),
        ("alb", "api_gateway"),
    ] {
        let name = handler(source);
        assert!(name.contains(&format!("handlers::{module}")), "{source}: {name}");
    }
    assert_eq!(routes.len(), 10);
}

/// An event that is logged: a record that cannot be read.
fn bad() -> String {
    let mut record = kinesis(1, b"x");
    record["kinesis"]["data"] = 5.into();
    batch([record])
}

#[tokio::test]
async fn log_lines_are_json_if_lambda_says_so() {
    let stock = Stock::start_with(|builder| builder.env("AWS_LAMBDA_LOG_FORMAT", "JSON")).await;
    let logs = stock.invoke(bad()).await.logs;
    let lines: Vec<Value> = logs
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = lines
        .iter()
        .find(|line| line["message"] == "record failed")
        .unwrap();
    assert_eq!(
        (&line["level"], &line["source"]),
        (&"ERROR".into(), &"kinesis".into())
    );
    assert!(line["timestamp"].is_string());

    let stock = Stock::start().await;
    let logs = stock.invoke(bad()).await.logs;
    assert!(
        logs.iter()
            .any(|line| line.contains("ERROR") && line.contains("record failed")),
        "{logs:?}"
    );
    assert!(logs.iter().all(|line| !line.contains('\u{1b}')), "{logs:?}");
}

#[tokio::test]
async fn the_level_decides_which_lines_there_are() {
    let requests = [batch([s3("k")]), http_api("GET", "/events").to_string()];
    for (level, variable) in [
        ("FATAL", "AWS_LAMBDA_LOG_LEVEL"),
        ("error", "RUST_LOG"),
        ("off", "RUST_LOG"),
    ] {
        let stock = Stock::start_with(|builder| builder.env(variable, level)).await;
        for payload in &requests {
            assert_eq!(stock.invoke(payload.clone()).await.logs, [""; 0], "{level}");
        }
    }
    let stock = Stock::start_with(|builder| builder.env("AWS_LAMBDA_LOG_LEVEL", "trace")).await;
    assert!(!stock.invoke(requests[0].clone()).await.logs.is_empty());
}

#[tokio::test]
async fn a_file_that_is_not_a_journal_is_reported() {
    let foreign = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(foreign.path(), "no database, but text of some length".repeat(100)).unwrap();
    let store = format!("sqlite:{}", foreign.path().display());
    let function = builder().env("SWITCHBOARD_STORE", &store).start().await.unwrap();
    let invoke = async |payload: String| function.invoke(payload).await.unwrap();
    let error = invoke(batch([s3("k")])).await.result.unwrap_err();
    let path = foreign.path().to_str().unwrap();
    assert!(
        error.message.contains(path) && error.message.contains("no SQLite database"),
        "{error}"
    );
    let reply = invoke(batch([kinesis(1, b"x")])).await.result.unwrap();
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(reply["batchItemFailures"].as_array().map(Vec::len), Some(1));
    let reply = invoke(http_api("GET", "/health").to_string())
        .await
        .result
        .unwrap();
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(reply["statusCode"], 503);
    // Where the journal is concerns those who run it, not those who ask.
    assert!(!reply.to_string().contains(path));
}
