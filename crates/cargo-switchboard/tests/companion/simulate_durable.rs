//! `simulate --durable`, against a function that does its work once, and against one of each fault.

use std::process::Command;

use serde_json::Value;

use crate::shell::{err, out, switchboard, text};
use switchboard_test_support::{example, files};

const ORDER: &str = r#"{"order": "{{id}}"}"#;
const MESSAGE: &str = r#"{"Records": [{"messageId": "{{id}}", "receiptHandle": "h", "body": "{\"order\":\"{{id}}\"}",
    "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:orders", "awsRegion": "eu-west-1"}]}"#;

/// The reports, and the exit code.
fn reports(event: &str, words: &[&str], fault: &str) -> (Vec<Value>, Option<i32>) {
    let folder = files(&[("event.json", event)]);
    let mut command: Command = switchboard(&["simulate", "--durable", "--format", "json", "--event"]);
    let command = command.arg(folder.path().join("event.json")).args(words);
    let output = command
        .arg("--")
        .arg(example("rash"))
        .arg(fault)
        .output()
        .unwrap();
    let lines = out(&output);
    let reports: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!reports.is_empty(), "{}", err(&output));
    (reports, output.status.code())
}

/// The report of one schedule.
fn report(schedule: &str, fault: &str) -> (Value, Option<i32>) {
    let (mut reports, code) = reports(ORDER, &["--schedule", schedule, "--timeout", "2"], fault);
    (reports.remove(0), code)
}

fn kinds(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn what_is_done_in_steps_is_done_once_whatever_happens() {
    for event in [ORDER, MESSAGE] {
        let (reports, code) = reports(event, &["--seeds", "12", "--mishaps", "4"], "none");
        assert_eq!(code, Some(0), "{reports:?}");
        assert_eq!(reports.len(), 12);
        assert!(reports.iter().all(|report| report["effects"] == 4), "{reports:?}");
        assert!(
            reports
                .iter()
                .any(|report| report["invocations"].as_u64() > Some(4)),
            "{reports:?}"
        );
    }
}

#[test]
fn a_seed_is_the_same_whatever_runs_before_it() {
    let seed = |seeds: &[&str]| reports(ORDER, seeds, "none").0.pop().unwrap()["schedule"].clone();
    assert_eq!(seed(&["--seed", "3", "--seeds", "2"]), seed(&["--seed", "4"]));
}

#[test]
fn an_effect_that_happens_twice_is_found() {
    // Each replay does it.
    let (outside, code) = report("", "outside");
    assert_eq!((kinds(&outside), code), (vec!["repeated"], Some(1)), "{outside}");
    let (twice, code) = report("crash-before:8", "twice");
    assert_eq!((kinds(&twice), code), (vec!["repeated"], Some(1)), "{twice}");
    assert_eq!(
        twice["what_happens"][0],
        "the process dies before checkpoint 8 (STEP ship: SUCCEED) arrives"
    );
    assert_eq!(report("crash-after:8", "twice").1, Some(0));
}

#[test]
fn a_step_that_is_lost_is_found() {
    let (lost, code) = report("crash-after:8", "loses");
    assert_eq!((kinds(&lost), code), (vec!["lost"], Some(1)), "{lost}");
    assert!(lost["findings"][0]["what"].as_str().unwrap().starts_with("ship "));
}

#[test]
fn an_execution_that_never_ends_is_found() {
    for fault in ["stuck", "hangs"] {
        let (stuck, code) = report("crash-before:8", fault);
        assert_eq!((kinds(&stuck), code), (vec!["stuck"], Some(1)), "{stuck}");
    }
}

#[test]
fn another_order_and_another_name_on_replay_are_found() {
    for fault in ["swaps", "renames"] {
        let (reports, code) = reports(ORDER, &["--seeds", "12"], fault);
        assert_eq!(code, Some(1), "{reports:?}");
        assert!(
            reports
                .iter()
                .any(|report| kinds(report).contains(&"non-deterministic")),
            "{reports:?}"
        );
    }
}

#[test]
fn a_start_that_starts_twice_is_found() {
    for (fault, expected) in [("none", Some(0)), ("starts", Some(1))] {
        let (found, code) = reports(MESSAGE, &["--schedule", "redeliver:1"], fault);
        assert_eq!(code, expected, "{found:?}");
        assert_eq!(kinds(&found[0]).contains(&"repeated"), fault == "starts");
    }
}

#[test]
fn the_shortest_schedule_has_what_it_takes() {
    let schedule = "double:1,crash-before:8,callback-at-once:1";
    let (found, _) = report(schedule, "twice");
    assert_eq!(found["schedule"], schedule);
    assert_eq!(found["shortest_schedule"], "crash-before:8", "{found}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = files(&[("event.json", ORDER)]);
    let event = folder.path().join("event.json");
    for words in [
        &["--durable"][..],
        &["--event", text(&event)],
        &["--durable", "--event", text(&event), "--source", "sqs"],
        &["--durable", "--event", text(&event), "--fail-rate", "0.2"],
        &["--durable", "--event", text(&event), "--schedule", "crash:1"],
    ] {
        let output = switchboard(&["simulate"])
            .args(words)
            .arg("--")
            .arg(example("rash"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", err(&output));
    }
}
