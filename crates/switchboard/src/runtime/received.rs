//! An invocation, read from the Runtime API's answer to a poll.
//!
//! `lambda_runtime::Context::new` does not tolerate unexpected headers: it panics without a deadline, and fails if the
//! client context does not have the expected shape. Here only a missing request id prevents an invocation.

use super::answer_to::REQUEST_ID;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName};
use lambda_runtime::{Context, LambdaInvocation};

const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TENANT_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-tenant-id");
pub(super) const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");

/// The invocation, in the context of the process.
pub(super) fn invocation(parts: Parts, body: Bytes, process: &Context) -> LambdaInvocation {
    let headers = &parts.headers;
    let mut context = process.clone();
    context.request_id = text(headers, &REQUEST_ID).unwrap_or_default();
    context.deadline = deadline(headers);
    context.invoked_function_arn = text(headers, &FUNCTION_ARN).unwrap_or_default();
    context.xray_trace_id = text(headers, &TRACE_ID);
    context.tenant_id = text(headers, &TENANT_ID);
    LambdaInvocation { parts, body, context }
}

/// In milliseconds since 1970. If there is none, 0, which has passed and so counts as no deadline.
fn deadline(headers: &HeaderMap) -> u64 {
    let value = headers.get(DEADLINE_MS).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// Invalid UTF-8 is replaced.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Response};
    use proptest::prelude::*;

    fn received(headers: &[(&HeaderName, &[u8])]) -> Context {
        let (mut parts, ()) = Response::new(()).into_parts();
        for (name, value) in headers {
            parts
                .headers
                .insert(*name, HeaderValue::from_bytes(value).unwrap());
        }
        invocation(parts, Bytes::new(), &Context::default()).context
    }

    #[test]
    fn each_header_is_read() {
        let context = received(&[
            (&REQUEST_ID, b"r"),
            (&DEADLINE_MS, b"1542409706888"),
            (&FUNCTION_ARN, b"arn:aws:lambda:eu-west-1:123456789012:function:f"),
            (&TRACE_ID, b"Root=1-2-3"),
            (&TENANT_ID, b"t"),
        ]);
        let read = (
            &*context.request_id,
            context.deadline,
            context.invoked_function_arn.len(),
        );
        assert_eq!(read, ("r", 1_542_409_706_888, 48));
        let optional = (context.xray_trace_id.as_deref(), context.tenant_id.as_deref());
        assert_eq!(optional, (Some("Root=1-2-3"), Some("t")));
    }

    #[test]
    fn what_is_missing_is_empty() {
        let context = received(&[(&REQUEST_ID, b"r")]);
        let mut expected = Context::default();
        expected.request_id = "r".to_owned();
        assert_eq!(context, expected);
    }

    proptest! {
        #[test]
        fn any_value_is_read_somehow(value in proptest::collection::vec(prop_oneof![0x20..0x7Fu8, 0x80..=0xFFu8], 0..20)) {
            let names = [&REQUEST_ID, &DEADLINE_MS, &FUNCTION_ARN, &TRACE_ID, &TENANT_ID];
            let context = received(&names.map(|name| (name, &*value)));
            let text = String::from_utf8_lossy(&value);
            prop_assert_eq!(&context.invoked_function_arn, &text);
            prop_assert_eq!(context.tenant_id.as_deref(), Some(&*text));
            // The moment of any deadline can be reckoned.
            let _ = context.deadline();
        }
    }
}
