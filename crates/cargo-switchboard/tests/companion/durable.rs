//! `run --durable`, `invoke --durable`, and `durable`, which looks at what they do.

use std::process::Output;

use serde_json::{Value, json};
use switchboard_test_support::{example, files};

use crate::shell::{Running, err, out, switchboard, text};

/// The options of a `run` or an `invoke` of the workflow.
fn workflow(words: &[&str]) -> std::process::Command {
    let mut command = switchboard(words);
    command.arg("--durable").arg("--binary").arg(example("workflow"));
    command
}

fn durable(run: &Running, words: &[&str]) -> Output {
    let endpoint = format!("http://{}", run.address);
    let mut command = switchboard(&["durable"]);
    command
        .args(words)
        .args(["--endpoint", &endpoint])
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    out(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Shows an execution until it stands like this.
fn shown(run: &Running, name: &str, reached: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2000 {
        let shown = lines(&durable(run, &["show", name, "--format", "json"])).remove(0);
        if reached(&shown) {
            return shown;
        }
    }
    panic!("{:?}", out(&durable(run, &["show", name])));
}

#[test]
fn an_execution_is_started_watched_and_completed() {
    let mut run = Running::serving(workflow(&["run", "--port", "0"]));
    let input = json!({"do": ["step", "wait", "callback"], "wait": 86_400});
    let directory = files(&[("order.json", &input.to_string())]);
    let file = directory.path().join("order.json");
    let start = ["start", text(&file), "--name", "order-7"];
    let (first, again) = (durable(&run, &start), durable(&run, &start));
    assert_eq!(out(&first), out(&again));
    assert!(
        out(&first).contains("/durable-execution/order-7/"),
        "{}",
        err(&first)
    );

    let waits = |shown: &Value| shown["Operations"][1]["Type"] == "WAIT";
    shown(&run, "order-7", waits);
    let skipped = durable(&run, &["next-timer"]);
    assert!(
        out(&skipped).contains("skipped 23 h") || out(&skipped).contains("skipped 1 d"),
        "{}",
        out(&skipped)
    );

    let has_callback = |shown: &Value| shown["Operations"][2]["CallbackId"].is_string();
    let running = shown(&run, "order-7", has_callback);
    let id = running["Operations"][2]["CallbackId"].as_str().unwrap();
    let tree = out(&durable(&run, &["show", "order-7"]));
    assert!(tree.starts_with("order-7  RUNNING, invocations: "), "{tree}");
    assert!(
        tree.contains("├─ STEP step 0 ") && tree.contains("└─ CALLBACK callback 2 "),
        "{tree}"
    );
    assert!(tree.contains(&format!("callback id {id}")), "{tree}");

    for words in [
        ["callback", "heartbeat", id].as_slice(),
        &["callback", "succeed", id, "\"paid\""],
    ] {
        assert_eq!(out(&durable(&run, words)), "done\n");
    }
    let again = durable(&run, &["callback", "fail", id, "--type", "Declined"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("has ended"), "{}", err(&again));

    let ended = shown(&run, "order-7", |shown| shown["Status"] == "SUCCEEDED");
    assert_eq!(ended["Operations"][2]["Result"], "\"paid\"");
    let history = lines(&durable(&run, &["history", "--format", "json"]));
    assert_eq!(history.last().unwrap()["EventType"], "ExecutionSucceeded");
    assert!(out(&durable(&run, &["history"])).contains("CallbackSucceeded       callback 2"));

    let listed = lines(&durable(
        &run,
        &["list", "--status", "succeeded", "--format", "json"],
    ));
    assert_eq!(listed[0]["DurableExecutionName"], "order-7");
    assert_eq!(
        out(&durable(&run, &["list", "--status", "failed"])),
        "no executions\n"
    );
    assert_eq!(run.interrupt(), Some(0));
}

#[test]
fn an_execution_is_stopped() {
    let mut run = Running::serving(workflow(&["run", "--port", "0"]));
    let directory = files(&[("wait.json", r#"{"do": ["wait"]}"#)]);
    let file = directory.path().join("wait.json");
    durable(&run, &["start", text(&file), "--name", "w"]);
    assert_eq!(
        out(&durable(&run, &["stop", "w", "--message", "enough"])),
        "stopped\n"
    );
    let tree = out(&durable(&run, &["show", "w"]));
    assert!(tree.contains("STOPPED") && tree.contains("enough"), "{tree}");
    let none = durable(&run, &["show", "nobody"]);
    assert!(
        err(&none).contains("there is no execution `nobody`"),
        "{}",
        err(&none)
    );
    assert_eq!(run.interrupt(), Some(0));
}

#[test]
fn invoke_runs_an_execution_to_its_end() {
    let directory = files(&[(
        "order.json",
        r#"{"do": ["step", "wait", "other", "plain"], "wait": 3600}"#,
    )]);
    let file = directory.path().join("order.json");
    let workflow_path = example("workflow");
    let (other, plain) = (
        format!("other={}", workflow_path.display()),
        format!("plain={}", workflow_path.display()),
    );
    let mut command = workflow(&[
        "invoke",
        text(&file),
        "--time-scale",
        "100000",
        "--format",
        "json",
    ]);
    command.args(["--durable-function", &other, "--plain-function", &plain]);
    let output = command.output().unwrap();
    let reply = &lines(&output)[0]["reply"];
    assert_eq!(reply[1]["Status"], "SUCCEEDED");
    assert!(
        reply[2]["ChainedInvokeDetails"]["Result"]
            .as_str()
            .unwrap()
            .contains("StepDetails")
    );
    assert_eq!(
        reply[3]["ChainedInvokeDetails"]["Result"],
        r#"{"plain":{"do":["step"]}}"#
    );
}

#[test]
fn a_failed_execution_is_a_failed_invocation() {
    let directory = files(&[("exit.json", r#"{"do": ["wait"], "exit": 0}"#)]);
    let file = directory.path().join("exit.json");
    let output = workflow(&["invoke", text(&file), "--time-scale", "100000"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).contains("Runtime.ExitError"), "{}", out(&output));
}

#[test]
fn samples_are_executions_too() {
    let directory = files(&[("own.json", r#"{"do": ["step"]}"#)]);
    let mut command = workflow(&["run", "--port", "0", "--exit", "--events", text(directory.path())]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("1 handled"), "{}", out(&output));
}

#[test]
fn options_of_the_service_need_a_durable_function() {
    for words in [
        ["run", "--time-scale", "2"],
        ["invoke", "--time-scale", "2"],
        ["run", "--execution-timeout", "9"],
    ] {
        let output = switchboard(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("--durable"), "{}", err(&output));
    }
}
