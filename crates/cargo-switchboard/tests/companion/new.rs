//! `new`: what it makes compiles, passes its tests, and loses nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::shell::{err, out, switchboard, text};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const SOURCES: [&str; 13] = [
    "api_gateway_http",
    "api_gateway_rest",
    "function_url",
    "s3",
    "sqs",
    "sns",
    "dynamodb",
    "kinesis",
    "cloudwatch_events",
    "cloudwatch_logs",
    "kinesis_firehose",
    "kafka",
    "ses",
];

fn new(directory: &Path, words: &[&str]) {
    let output = switchboard(&["new", "--path", REPOSITORY])
        .args(words)
        .current_dir(directory)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        out(&output).contains("cargo switchboard run --events events"),
        "{}",
        out(&output)
    );
}

/// Builds and tests the packages with the dependencies that this workspace has built already, and returns the target directory.
fn tested(directory: &Path) -> std::path::PathBuf {
    fs::write(
        directory.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n",
    )
    .unwrap();
    fs::copy(
        Path::new(REPOSITORY).join("Cargo.lock"),
        directory.join("Cargo.lock"),
    )
    .unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_cargo-switchboard"));
    let target = binary.parent().unwrap().parent().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--quiet"])
        .args(["--config", "profile.dev.package.\"*\".debug=false"])
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUST_BACKTRACE")
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}\n{}", out(&output), err(&output));
    assert!(!err(&output).contains("warning: unused"), "{}", err(&output));
    target.join("debug")
}

#[test]
fn packages_of_every_source_pass_their_tests_and_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    new(directory.path(), &["everything", "--sources", &SOURCES.join(",")]);
    new(directory.path(), &["orders"]);
    new(directory.path(), &["web", "--sources", "http"]);
    new(directory.path(), &["photos", "--sources", "s3"]);
    let built = tested(directory.path());
    for name in ["everything", "orders", "web", "photos"] {
        let (here, binary) = (directory.path().join(name), built.join(name));
        let output = switchboard(&["doctor", "--binary", text(&binary)])
            .current_dir(&here)
            .output()
            .unwrap();
        assert_eq!(out(&output), "1 function: nothing found\n", "{}", err(&output));
        let output = switchboard(&["run", "--events", "events", "--exit", "--binary", text(&binary)])
            .current_dir(&here)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}\n{}",
            out(&output),
            err(&output)
        );
        let count = if name == "everything" { SOURCES.len() } else { 1 };
        let all = format!("{count} samples: {count} handled, 0 refused as unrouted, 0 failed\n");
        assert!(out(&output).ends_with(&all), "{}", out(&output));
    }
}

#[test]
fn each_source_alone_is_formatted_and_sound() {
    let directory = tempfile::tempdir().unwrap();
    for source in SOURCES {
        new(directory.path(), &[source, "--sources", source]);
        let here = directory.path().join(source);
        let main = fs::read_to_string(here.join("src/main.rs")).unwrap();
        // The handler comes first.
        let handler = main.find("async fn ").unwrap();
        assert!(main[..handler].lines().count() < 25, "{main}");
        let formatted = Command::new("rustfmt")
            .args(["--check", "--edition", "2024", "src/main.rs", "tests/function.rs"])
            .current_dir(&here)
            .output()
            .unwrap();
        assert!(formatted.status.success(), "{}", out(&formatted));
        let output = switchboard(&["doctor", "--no-routes"])
            .current_dir(&here)
            .output()
            .unwrap();
        assert!(
            out(&output).ends_with("1 function: nothing found\n"),
            "{}",
            out(&output)
        );
        let output = switchboard(&["explain", "events", "--format", "json"])
            .current_dir(&here)
            .output()
            .unwrap();
        let explained: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(explained["source"], source);
    }
}

#[test]
fn published_crates_are_named_by_version() {
    let directory = tempfile::tempdir().unwrap();
    let output = switchboard(&["new", "services/orders"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let manifest = fs::read_to_string(directory.path().join("services/orders/Cargo.toml")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        manifest.contains(&format!(
            "package = \"lambda-switchboard\", version = \"{version}\""
        )),
        "{manifest}"
    );
    assert!(manifest.contains("panic = \"unwind\""), "{manifest}");
    assert!(!manifest.contains("path ="), "{manifest}");
}

#[test]
fn new_refuses_a_directory_that_exists() {
    let directory = switchboard_test_support::files(&[("orders/notes.txt", "mine")]);
    let output = switchboard(&["new", "orders"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("orders exists"), "{}", err(&output));
    let kept: Vec<_> = fs::read_dir(directory.path().join("orders"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(kept, ["notes.txt"]);
}

#[test]
fn a_source_without_a_handler_is_refused_with_those_that_have_one() {
    let output = switchboard(&["new", "orders", "--sources", "sqs,lex_v2"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    for source in SOURCES {
        assert!(err(&output).contains(source), "{}", err(&output));
    }
    let output = switchboard(&["new", "orders", "--path", "/"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("is not a clone of Switchboard"),
        "{}",
        err(&output)
    );
}
