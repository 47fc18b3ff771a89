//! The spans of a log line of `tracing-subscriber`.

use super::object::{Object, array, string};
use super::text::{harmless, word};

/// Fields of spans that the summary shows for all lines.
const SAID: [&str; 3] = ["requestId", "xrayTraceId", "xray_trace_id"];

/// Formats the array of spans as `outer{id=7}:inner`, outermost first; empty if no span is shown. `None` if it is not an array of spans.
pub(super) fn spans(value: &str) -> Option<String> {
    let spans: Vec<Object<'_>> = array(value)?;
    let spans: Vec<String> = spans.iter().map(span).filter(|span| !span.is_empty()).collect();
    Some(spans.join(":"))
}

/// A span's name and fields; empty for the span that `lambda_runtime` creates for every invocation.
pub(super) fn span(span: &Object<'_>) -> String {
    let name = span.get("name").and_then(string).unwrap_or_default();
    let fields = span.0.iter();
    let fields = fields.filter(|(key, _)| key != "name" && !SAID.contains(&key.as_str()));
    let fields: Vec<String> = fields.map(|(key, value)| field(key, value)).collect();
    match (harmless(&name).replace('\n', " "), fields.is_empty()) {
        (name, true) if name == "Lambda runtime invoke" => String::new(),
        (name, true) => name,
        (name, false) => format!("{name}{{{}}}", fields.join(" ")),
    }
}

fn field(key: &str, value: &str) -> String {
    let text = string(value);
    let value = text.as_deref().map_or_else(|| harmless(value), word);
    format!("{}={value}", word(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_tracing_writes_them() {
        let value = r#"[{"requestId":"7","xrayTraceId":"Root=1","name":"Lambda runtime invoke"},
            {"id":7,"who":"a b","name":"outer"},{"name":"inner"}]"#;
        assert_eq!(spans(value).as_deref(), Some("outer{id=7 who=\"a b\"}:inner"));
        assert_eq!(
            spans(r#"[{"requestId":"7","name":"Lambda runtime invoke"}]"#).as_deref(),
            Some("")
        );
        assert_eq!(spans("7"), None);
        assert_eq!(spans("[7]"), None);
    }
}
