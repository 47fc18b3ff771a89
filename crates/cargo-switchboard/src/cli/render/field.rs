//! The fields of a log line: which are shown, and how.

use super::dialect::frames;
use super::object::{Object, array, is_among, string};
use super::text::{INDENT, harmless, indented, with_breaks, word};
use crate::cli::output::DIM;

/// Fields that are in the invocation's summary or are the same in every line of a function.
const SAID: [&str; 18] = [
    "function_request_id",
    "functionRequestId",
    "requestId",
    "awsRequestId",
    "function_name",
    "functionName",
    "function_arn",
    "functionArn",
    "function_version",
    "functionVersion",
    "function_memory_size",
    "functionMemorySize",
    "cold_start",
    "coldStart",
    // log4j's.
    "endOfBatch",
    "loggerFqcn",
    "threadPriority",
    "thrown.commonElementCount",
];

/// Fields that are often the same in all lines of an invocation.
const ASIDE: [&str; 27] = [
    "service",
    "source",
    "xray_trace_id",
    "xrayTraceId",
    "traceId",
    "sampling_rate",
    "request_id",
    "target",
    "logger",
    "loggerName",
    "logger_name",
    "log.logger",
    "category",
    "eventId",
    "thread",
    "threadId",
    "thread_name",
    "process.thread.name",
    "@i",
    "@tr",
    "@sp",
    "location",
    "filename",
    "line_number",
    "hostname",
    "pid",
    "span",
];

/// How a field is shown.
enum Written {
    /// In the line.
    Beside(String),
    /// In the line, at its end.
    Aside(String),
    /// In separate lines.
    Below(String),
}

/// The fields in order: those in the line, the distinctive ones first, and those with separate lines.
pub(super) fn fields(object: &Object<'_>) -> (String, String) {
    let (mut beside, mut aside, mut below) = (String::new(), String::new(), String::new());
    for (key, value) in object.0.iter().filter(|(key, _)| !is_among(key, &SAID)) {
        match written(key, value) {
            Written::Beside(text) => beside.extend([" ", &text]),
            Written::Aside(text) => aside.extend([" ", &text]),
            Written::Below(text) => below.push_str(&text),
        }
    }
    match aside.as_str() {
        "" => (beside, below),
        aside => (format!("{beside}{DIM}{aside}{DIM:#}"), below),
    }
}

fn written(key: &str, value: &str) -> Written {
    let key_shown = word(key);
    let text = match string(value) {
        Some(text) => text,
        None if holds_lines(key)
            && let Some(lines) = array::<String>(value) =>
        {
            // Python's lines include their line breaks.
            let lines: Vec<&str> = lines.iter().map(|line| line.trim_end_matches('\n')).collect();
            lines.join("\n")
        }
        None if holds_lines(key)
            && let Some(lines) = frames(value) =>
        {
            lines
        }
        None => return placed(key, format!("{key_shown}={}", harmless(value))),
    };
    match with_breaks(&text).trim_end_matches('\n') {
        text if text.contains('\n') => {
            let text = indented(&indented(&format!("\n{text}")));
            Written::Below(format!("{INDENT}{DIM}{key_shown}:{DIM:#}{text}"))
        }
        text => placed(key, format!("{key_shown}={}", word(text))),
    }
}

fn placed(key: &str, text: String) -> Written {
    match is_among(key, &ASIDE) {
        true => Written::Aside(text),
        false => Written::Beside(text),
    }
}

/// Whether an array of strings holds the lines of a text.
fn holds_lines(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("stack") || key.ends_with("trace") || key.ends_with("traceback")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(json: &str) -> String {
        let (beside, below) = fields(&Object::read(json).unwrap());
        anstream::adapter::strip_str(&(beside + &below)).to_string()
    }

    #[test]
    fn fields_keep_their_order_and_the_usual_ones_come_last() {
        let json =
            r#"{"service":"shop","n":1.50,"who":"a b","requestId":"7","deep":{"a": [1]},"target":"a::b"}"#;
        assert_eq!(
            plain(json),
            r#" n=1.50 who="a b" deep={"a": [1]} service=shop target=a::b"#
        );
    }

    #[test]
    fn text_of_several_lines_is_printed_below() {
        let json = r#"{"stackTrace":["at a","at b"],"n":1,"why":"one\r\ntwo\n","tags":["a","b"]}"#;
        assert_eq!(
            plain(json),
            " n=1 tags=[\"a\",\"b\"]\n    stackTrace:\n        at a\n        at b\n    why:\n        one\n        two"
        );
    }
}
