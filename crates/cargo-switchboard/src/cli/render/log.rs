//! A JSON log line from any language and library.

use std::fmt::Write as _;

use super::clock::clock;
use super::dialect::{state, templated};
use super::field::fields;
use super::level::Level;
use super::object::{Object, is_among, string};
use super::span::{span, spans};
use super::text::{indented, with_breaks};
use crate::cli::output::DIM;

/// Keys of `tracing`, Powertools, Lambda's runtimes, pino, Serilog (`@t`, `@l`, `@m`) and log4j; of .NET with capitals.
const TIME: [&str; 7] = [
    "timestamp",
    "time",
    "@timestamp",
    "ts",
    "@t",
    "instant",
    "timeMillis",
];
const LEVEL: [&str; 6] = ["level", "severity", "levelname", "log.level", "logLevel", "@l"];
const MESSAGE: [&str; 6] = [
    "message",
    "msg",
    "@message",
    "@m",
    "renderedMessage",
    "errorMessage",
];

/// Keys that hold the fields of an event of `tracing-subscriber` or of Lambda's platform.
const OPENED: [&str; 2] = ["fields", "record"];
/// Keys that hold an error, whose stack trace is shown in separate lines.
const ERRORS: [&str; 4] = ["error", "err", "exception", "thrown"];

/// Formats `HH:MM:SS.mmm LEVEL message key=value …`, with multi-line fields below. `None` if the object is not a log line: it
/// has neither a message nor a level.
pub(super) fn log(object: Object<'_>) -> Option<String> {
    let mut object = opened(object, &OPENED);
    let platform = object.take(&["type"], platform);
    if platform.is_some() {
        object = opened(object, &["metrics"]);
    }
    let level = object.take(&LEVEL, Level::read);
    if object.get("MessageTemplate").is_some() {
        object = opened(object, &["Properties"]);
    }
    let template = templated(&mut object);
    // Serilog's compact format omits the most common level.
    let is_compact = object.get("@t").is_some() && (template.is_some() || object.get("@m").is_some());
    let level = level.or_else(|| is_compact.then(Level::info));
    let message = platform.or_else(|| object.take(&MESSAGE, |value| Some(text(value))));
    let message = message.or(template).or_else(|| record(&mut object));
    if level.is_none() && message.is_none() {
        return None;
    }
    let mut line = head(object.take(&TIME, clock), level);
    let spans = spans_of(&mut object);
    let message = message.unwrap_or_default();
    let shown = indented(with_breaks(&message).trim_end_matches('\n'));
    let (first, more) = shown.split_at(shown.find('\n').unwrap_or(shown.len()));
    let (beside, below) = fields(&object);
    line.extend([first, &beside, &spans, more, &below]);
    Some(line)
}

/// The time and the level, if they are known.
fn head(time: Option<String>, level: Option<Level>) -> String {
    let mut head = String::new();
    if let Some(time) = time {
        let _ = write!(head, "{DIM}{time}{DIM:#} ");
    }
    if let Some(Level { name, style }) = level {
        let _ = write!(head, "{style}{name:5}{style:#} ");
    }
    head
}

/// The spans of `tracing-subscriber`, or the current span if the list of spans is disabled.
fn spans_of(object: &mut Object<'_>) -> String {
    let listed = object.take(&["spans"], spans);
    let innermost = object.take(&["span"], |value| Some(span(&Object::read(value)?)));
    match listed.or(innermost).as_deref() {
        None | Some("") => String::new(),
        Some(spans) => format!("{DIM} in {spans}{DIM:#}"),
    }
}

/// Flattens the objects named by `keys` into their parent. Errors are flattened too, with their name as a prefix.
fn opened<'l>(object: Object<'l>, keys: &[&str]) -> Object<'l> {
    let mut entries = Vec::with_capacity(object.0.len());
    for (key, value) in object.0 {
        if let Some(state) = key.eq_ignore_ascii_case("state").then(|| state(value)).flatten() {
            entries.extend(state);
            continue;
        }
        let (opens, is_error) = (keys.contains(&&*key), is_among(&key, &ERRORS));
        let inner = (opens || is_error).then(|| Object::read(value)).flatten();
        match inner {
            None => entries.push((key, value)),
            Some(inner) if opens => entries.extend(inner.0),
            Some(inner) => {
                let named = inner.0.into_iter();
                entries.extend(named.map(|(name, value)| (format!("{key}.{name}"), value)));
            }
        }
    }
    Object(entries)
}

/// The output of a function or an extension as Lambda's Telemetry API forwards it: the record is the line.
fn record(object: &mut Object<'_>) -> Option<String> {
    let kind = object.get("type").and_then(string)?;
    let is_line = matches!(kind.as_str(), "function" | "extension");
    is_line.then(|| object.take(&["record"], string))?
}

/// An event of Lambda's platform: `platform.start`, `platform.report`, …
fn platform(kind: &str) -> Option<String> {
    string(kind).filter(|kind| kind.starts_with("platform."))
}

/// A message is a text, or any other JSON.
fn text(value: &str) -> String {
    string(value).unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(json: &str) -> String {
        let text = log(Object::read(json).unwrap()).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn lines_of_switchboard_and_powertools() {
        let json = r#"{"timestamp":"2026-11-24T12:34:56.789Z","level":"WARN","message":"record failed","service":"shop",
            "function_name":"shop","function_request_id":"5c0f","requestId":"5c0f","cold_start":true,"source":"sqs",
            "xray_trace_id":"1-2-3","correlation_id":"m-1","record":"m-1","attempt":2}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 WARN  record failed correlation_id=m-1 record=m-1 attempt=2 service=shop source=sqs xray_trace_id=1-2-3"
        );
        let json = r#"{"level":"INFO","location":"handler:7","message":{"paid":true},
            "timestamp":"2026-11-24 12:34:56,789+0000","service":"shop"}"#;
        assert_eq!(
            plain(json),
            r#"12:34:56.789 INFO  {"paid":true} location=handler:7 service=shop"#
        );
    }

    #[test]
    fn an_error_of_the_python_runtime() {
        let json = r#"{"timestamp":"2026-11-24T12:34:56Z","level":"ERROR","errorMessage":"boom","errorType":"ValueError",
            "requestId":"5c0f","stackTrace":["  File \"a.py\", line 3, in f\n    g()\n","  File \"a.py\", line 1, in g\n"]}"#;
        assert_eq!(
            plain(json),
            "12:34:56.000 ERROR boom errorType=ValueError\n    stackTrace:\n          File \"a.py\", line 3, in f\n            g()\n          \
             File \"a.py\", line 1, in g"
        );
    }

    #[test]
    fn lines_of_serilog_that_are_not_compact() {
        let json = r#"{"Timestamp":"2026-11-24T12:34:56.7890000+00:00","Level":"Error","MessageTemplate":"Order {Id} of {Who}",
            "Properties":{"Id":9,"Who":"Ada","SourceContext":"Shop"}}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 ERROR Order 9 of Ada Id=9 Who=Ada SourceContext=Shop"
        );
    }

    #[test]
    fn lines_of_tracing_subscriber() {
        let json = r#"{"timestamp":"2026-11-24T12:34:56.789012Z","level":"INFO","fields":{"message":"stored","key":"a b"},
            "target":"shop::s3","span":{"name":"inner"},"spans":[{"id":7,"name":"outer"},{"name":"inner"}]}"#;
        assert_eq!(
            plain(json),
            r#"12:34:56.789 INFO  stored key="a b" target=shop::s3 in outer{id=7}:inner"#
        );
        let json = r#"{"level":"DEBUG","message":"polled","span":{"requestId":"1","name":"Lambda runtime invoke"},
            "spans":[{"requestId":"1","name":"Lambda runtime invoke"}]}"#;
        assert_eq!(plain(json), "DEBUG polled");
        let json = r#"{"level":"INFO","message":"x","span":{"name":"only"}}"#;
        assert_eq!(plain(json), "INFO  x in only");
    }

    #[test]
    fn lines_of_lambdas_runtimes_and_of_pino() {
        let json = r#"{"timestamp":"2026-11-24T12:34:56.789Z","level":"ERROR","requestId":"5c0f","errorType":"TypeError",
            "errorMessage":"no such key","stackTrace":["TypeError: no such key","  at f (x.js:1:1)"]}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 ERROR no such key errorType=TypeError\n    stackTrace:\n        TypeError: no such key\n          at f (x.js:1:1)"
        );
        let json = r#"{"level":50,"time":1795523696789,"pid":9,"hostname":"h","msg":"no",
            "err":{"type":"Error","stack":"Error: no\n  at f"}}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 ERROR no err.type=Error pid=9 hostname=h\n    err.stack:\n        Error: no\n          at f"
        );
    }

    #[test]
    fn lines_of_dotnet_loggers_are_shown_with_their_exceptions() {
        let json = r#"{"ColdStart":true,"FunctionName":"shop","FunctionRequestId":"5c0f","Timestamp":"2026-11-24T12:34:56.7890000Z",
            "Level":"Warning","Service":"shop","Name":"Cart","Message":"slow",
            "Exception":{"Type":"E","Message":"no","StackTrace":"at A\n at B"}}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 WARN  slow Name=Cart Exception.Type=E Exception.Message=no Service=shop\n    Exception.StackTrace:\n        at A\n         at B"
        );
        let json = r#"{"Timestamp":"2026-11-24T12:34:56.789Z","EventId":0,"LogLevel":"Information","Category":"Shop",
            "Message":"order 7","State":{"Message":"order 7","Id":7,"{OriginalFormat}":"order {Id}"}}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 INFO  order 7 Id=7 EventId=0 Category=Shop"
        );
    }

    #[test]
    fn lines_of_serilog_are_shown_with_their_properties() {
        let json = r#"{"@t":"2026-11-24T12:34:56.7891234Z","@mt":"order {Id} of {Who}","Id":7,"Who":"Ada","@i":"a1b2"}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 INFO  order 7 of Ada Id=7 Who=Ada @i=a1b2"
        );
        let json =
            r#"{"@t":"2026-11-24T12:34:56Z","@m":"no","@mt":"no","@l":"Error","@x":"E: no\r\n   at A"}"#;
        assert_eq!(
            plain(json),
            "12:34:56.000 ERROR no\n    @x:\n        E: no\n           at A"
        );
        let json =
            r#"{"Timestamp":"2026-11-24T12:34:56Z","Level":"Information","MessageTemplate":"a {B}","B":1}"#;
        assert_eq!(plain(json), "12:34:56.000 INFO  a 1 B=1");
    }

    #[test]
    fn lines_of_log4j_are_shown_with_level_and_message() {
        let json = r#"{"instant":{"epochSecond":1795523696,"nanoOfSecond":789000000},"thread":"main","level":"ERROR",
            "loggerName":"a.B","message":"failed","thrown":{"commonElementCount":0,"message":"no","name":"E",
            "extendedStackTrace":[{"class":"a.B","method":"f","file":"B.java","line":7},{"class":"a.C","method":"g"}]},
            "endOfBatch":false,"loggerFqcn":"org.apache.X","threadId":1,"threadPriority":5}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 ERROR failed thrown.message=no thrown.name=E thread=main loggerName=a.B threadId=1\n    thrown.extendedStackTrace:\n        at a.B.f(B.java:7)\n        at a.C.g(Unknown Source)"
        );
    }

    #[test]
    fn lines_of_lambdas_platform() {
        let json = r#"{"time":"2026-11-24T12:34:56.789Z","type":"platform.report","record":{"requestId":"5c0f",
            "metrics":{"durationMs":1.25,"maxMemoryUsedMB":40},"status":"success"}}"#;
        assert_eq!(
            plain(json),
            "12:34:56.789 platform.report durationMs=1.25 maxMemoryUsedMB=40 status=success"
        );
        let json = r#"{"time":"2026-11-24T12:34:56.789Z","type":"function","record":"hello\n"}"#;
        assert_eq!(plain(json), "12:34:56.789 hello type=function");
    }

    #[test]
    fn messages_of_several_lines_are_indented() {
        let json = r#"{"level":"error","message":"panicked:\n\u0007index\n","n":1}"#;
        assert_eq!(plain(json), "ERROR panicked: n=1\n    \\u{7}index");
    }

    #[test]
    fn what_cannot_be_read_as_what_it_is_called_stays_a_field() {
        let json = r#"{"time":"noon","level":{"of":"water"},"msg":"high"}"#;
        assert_eq!(plain(json), r#"high time=noon level={"of":"water"}"#);
    }

    #[test]
    fn an_object_without_message_and_level_is_not_a_log_line() {
        assert!(log(Object::read(r#"{"timestamp":"2026-11-24T12:34:56Z","a":1}"#).unwrap()).is_none());
    }
}
