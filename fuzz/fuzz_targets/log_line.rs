//! Log lines: what is said is read back, whatever is in it, and a line stays one line.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use lambda_runtime::Context;
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use std::collections::HashMap;
use switchboard::fuzzing::written;

/// What an application says in a line, and what its invocation is.
#[derive(Arbitrary, Debug)]
struct Said {
    request_id: String,
    trace: Option<String>,
    message: String,
    text: String,
    shown: String,
    level: String,
    kind: String,
    number: i64,
    count: u64,
    wide: i128,
    share: f64,
    flag: bool,
    outer: String,
    inner: Option<u32>,
}

fuzz_target!(|data: &[u8]| {
    let Ok(said): Result<Said> = Unstructured::new(data).arbitrary() else {
        return;
    };
    let mut context = Context::default();
    context.request_id.clone_from(&said.request_id);
    context.xray_trace_id.clone_from(&said.trace);
    as_json(&said, &written(&context, true, || say(&said)));
    as_text(&written(&context, false, || say(&said)));
});

fn say(said: &Said) {
    let span = tracing::info_span!("span", outer = said.outer, text = "of the span");
    let _entered = span.enter();
    tracing::warn!(
        text = said.text,
        shown = %said.shown,
        level = said.level,
        r#type = ?said.kind,
        number = said.number,
        count = said.count,
        wide = said.wide,
        share = said.share,
        flag = said.flag,
        inner = said.inner,
        "{}",
        said.message
    );
}

fn as_json(said: &Said, lines: &[u8]) {
    // The invocation's metrics are a line as well.
    let [line, _metrics] = &lines_of(lines)[..] else {
        panic!("a line and the metrics")
    };
    let line: HashMap<String, Box<RawValue>> = serde_json::from_str(line).expect("JSON");
    let text =
        |name: &str| -> Option<String> { serde_json::from_str(line.get(name)?.get()).expect("a text") };
    let is = |name: &str, value: &str| assert_eq!(text(name).as_deref(), Some(value), "{name}");
    is("level", "WARN");
    is("message", &said.message);
    is("function_request_id", &said.request_id);
    is("text", &said.text);
    is("shown", &said.shown);
    is("type", &format!("{:?}", said.kind));
    is("outer", &said.outer);
    // A field never takes a key's place; one that says the same need not say it twice.
    match said.level == "WARN" {
        true => assert!(!line.contains_key("fields.level")),
        false => is("fields.level", &said.level),
    }
    let raw = |name: &str| line.get(name).map(|value| value.get().to_owned());
    assert_eq!(raw("number"), Some(said.number.to_string()));
    assert_eq!(raw("count"), Some(said.count.to_string()));
    assert_eq!(raw("wide"), Some(said.wide.to_string()));
    assert_eq!(raw("flag"), Some(said.flag.to_string()));
    assert_eq!(raw("inner"), said.inner.map(|inner| inner.to_string()));
    match said.share.is_finite() {
        true => assert_eq!(
            raw("share").and_then(|share| share.parse().ok()),
            Some(said.share)
        ),
        // JSON has no such numbers.
        false => is("share", &said.share.to_string()),
    }
}

/// CloudWatch takes every line for an entry of its own; terminals do what control characters say.
fn as_text(lines: &[u8]) {
    let [line, _metrics] = &lines_of(lines)[..] else {
        panic!("a line and the metrics")
    };
    assert!(!line.contains(char::is_control), "{line:?}");
}

fn lines_of(lines: &[u8]) -> Vec<&str> {
    let lines = std::str::from_utf8(lines).expect("lines are UTF-8");
    lines
        .strip_suffix('\n')
        .expect("the last line ends")
        .split('\n')
        .collect()
}
