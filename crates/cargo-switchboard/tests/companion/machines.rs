//! What programs read: `--format json`, completions, manual pages.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use switchboard_test_support::files;

use crate::shell::{Running, err, out, switchboard, text, with_echo};

fn objects(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn invoke_prints_an_object_for_each_event() {
    let files = files(&[
        ("1.json", r#"{"do":"log","name":"x"}"#),
        ("2.json", r#"{"do":"error","type":"Mine","message":"no"}"#),
    ]);
    let output = with_echo(&["invoke", "--format", "json", text(files.path())])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let [first, second] = &objects(&out(&output))[..] else {
        panic!("{}", out(&output));
    };
    assert_eq!(first["file"], text(&files.path().join("1.json")));
    assert_eq!(
        (&first["outcome"], &first["failed"], &first["reply"]),
        (&json!("ok"), &json!(false), &Value::Null)
    );
    assert_eq!(first["log"], json!(["line 0 of x"]));
    assert!(
        first["duration_ms"].is_f64() && first["init_ms"].is_f64(),
        "{first}"
    );
    assert_eq!(
        (&first["source"], &first["memory_mb"]),
        (&json!("unknown"), &json!(128))
    );
    assert_eq!(second["error"]["errorType"], "Mine");
    assert_eq!(
        (&second["failed"], &second["init_ms"], second.get("reply")),
        (&json!(true), &Value::Null, None)
    );
    assert!(!err(&output).contains("line 0 of x"), "{}", err(&output));
}

#[test]
fn run_prints_an_object_for_each_sample() {
    let files = files(&[("a.json", "1"), ("b.json", r#"{"do":"exit"}"#)]);
    let output = with_echo(&[
        "run",
        "--format",
        "json",
        "--exit",
        "--events",
        text(files.path()),
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let objects = objects(&out(&output));
    let types: Vec<_> = objects
        .iter()
        .map(|object| object["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["environment", "sample", "sample", "samples"]);
    assert_eq!(
        (&objects[1]["reply"], &objects[1]["handler"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(objects[2]["error"]["errorType"], "Runtime.ExitError");
    assert_eq!(objects[2]["log"], json!(["exiting"]));
    assert_eq!(
        objects[3],
        json!({"type": "samples", "total": 2, "handled": 1, "refused": 0, "failed": 1})
    );
}

#[tokio::test]
async fn run_prints_an_object_for_whatever_happens() {
    let mut run = Running::start(&["--format", "json"]);
    run.invoke(r#"{"do":"log","name":"x"}"#).await;
    let mut next = || -> Value { serde_json::from_str(&run.line()).unwrap() };
    assert_eq!(
        next(),
        json!({"type": "log", "environment": 1, "line": "line 0 of x"})
    );
    let invocation = next();
    assert_eq!(
        (
            &invocation["type"],
            &invocation["outcome"],
            &invocation["environment"]
        ),
        (&json!("invocation"), &json!("ok"), &json!(1))
    );
    let request = next();
    assert_eq!(
        (&request["type"], &request["method"], &request["status"]),
        (&json!("request"), &json!("POST"), &json!(200))
    );
    assert!(
        request["path"].as_str().unwrap().starts_with("/2015-03-31/"),
        "{request}"
    );
    assert!(request["duration_ms"].as_f64().unwrap() > 0.0, "{request}");
    assert_eq!(run.interrupt(), Some(0));
}

#[test]
fn bash_completes_the_command_and_leaves_cargos_own_completions_alone() {
    let script = switchboard(&["completions", "bash"]).output().unwrap();
    let completed = |words: &str, own: &str| {
        let program = format!(
            "{own}\n{}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
            _cargo_or_switchboard cargo \"${{COMP_WORDS[COMP_CWORD]}}\"\nprintf '%s ' \"${{COMPREPLY[@]}}\"",
            out(&script)
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &program])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", err(&output));
        out(&output).trim().to_owned()
    };
    assert_eq!(completed("cargo switchboard expl", ""), "explain");
    assert_eq!(
        completed("cargo switchboard run --max-e", ""),
        "--max-environments"
    );
    assert_eq!(completed("cargo switchboard run --payload r", ""), "rest");
    assert_eq!(
        completed("cargo-switchboard run --max-c", ""),
        "--max-concurrency"
    );
    let own = "_cargo() { COMPREPLY=(build); }";
    assert_eq!(completed("cargo bu", own), "build");
    assert_eq!(completed("cargo switchboard wir", own), "wire");
}

#[test]
fn every_shell_has_completions() {
    for (shell, text) in [
        ("bash", "complete -F _cargo_or_switchboard"),
        ("elvish", "edit:completion"),
        ("fish", "complete -c cargo"),
        ("powershell", "Register-ArgumentCompleter"),
        ("zsh", "#compdef cargo-switchboard"),
    ] {
        let output = switchboard(&["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(
            out(&output).contains(text) && out(&output).contains("max-environments"),
            "{shell}"
        );
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("man1");
    let output = switchboard(&["man", text(&pages)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let page = |name: &str| fs::read_to_string(pages.join(name)).unwrap();
    assert!(page("cargo-switchboard.1").contains("cargo\\-switchboard\\-explain(1)"));
    for name in [
        "new",
        "run",
        "invoke",
        "event",
        "explain",
        "simulate",
        "doctor",
        "poll",
        "redrive",
        "wire",
        "unwire",
        "completions",
        "man",
    ] {
        assert!(
            page(&format!("cargo-switchboard-{name}.1")).contains(".SH SYNOPSIS"),
            "{name}"
        );
    }
}

#[test]
fn the_command_is_also_called_by_its_own_name() {
    let files = files(&[("event.json", "{}")]);
    let file = files.path().join("event.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"));
    let output = command.args(["explain", text(&file)]).output().unwrap();
    assert!(out(&output).contains("event.json: unknown"), "{}", err(&output));
}
