//! Invocations as JSON, for programs: `--format json` of `run` and `invoke`.

use bytes::Bytes;
use lambda_sandbox::FunctionError;
use serde_json::{Value, json};

use super::output;
use super::render::Summary;
use crate::deliver::milliseconds;

/// Prints an object on one line of stdout.
pub(super) fn print(object: &Value) {
    output::line(&object.to_string());
}

/// What is known about an invocation, apart from its reply.
pub(super) fn summary(summary: &Summary) -> Value {
    json!({
        "source": summary.source,
        "outcome": summary.verdict.text(),
        "failed": summary.verdict.is_failed(),
        "duration_ms": milliseconds(summary.duration),
        "init_ms": summary.init.map(milliseconds),
        "peak_memory_mb": summary.peak_mb,
        "memory_mb": summary.memory_mb,
        "environment": summary.environment,
        "request_id": summary.request_id,
    })
}

/// Adds the reply, or the error in its place.
pub(super) fn with_result(mut object: Value, result: &Result<Bytes, FunctionError>) -> Value {
    match result {
        Ok(reply) => object["reply"] = value(reply),
        Err(error) => object["error"] = value(&error.payload),
    }
    object
}

/// The bytes as JSON, or as text if they are not.
fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn replies_are_values_and_what_is_not_json_is_text() {
        let of = |reply: &'static str| with_result(json!({}), &Ok(reply.into()))["reply"].clone();
        assert_eq!(of(r#"{"a":1}"#), json!({"a": 1}));
        assert_eq!(of("<p>"), json!("<p>"));
        let error = with_result(json!({}), &Err(FunctionError::new("Mine", "no")));
        assert_eq!(
            error,
            json!({"error": {"errorType": "Mine", "errorMessage": "no"}})
        );
    }

    #[test]
    fn what_is_unknown_is_null() {
        let summary = Summary::new(b"{}", &Ok(Bytes::from_static(b"{}")), Duration::from_micros(1234));
        let object = self::summary(&summary);
        assert_eq!(
            (&object["duration_ms"], &object["init_ms"], &object["failed"]),
            (&json!(1.234), &Value::Null, &json!(false))
        );
    }
}
