//! Recognizes calls of Lambda's API, following the model that AWS's SDKs are generated from, as of November 2026.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

/// The path prefixes of operations: a date, and the resources below it.
const ROOTS: [(&str, &[&str]); 17] = [
    ("2014-11-13", &["event-source-mappings", "functions"]),
    ("2015-03-31", &["event-source-mappings", "functions"]),
    ("2016-08-19", &["account-settings"]),
    ("2017-03-31", &["tags"]),
    ("2017-10-31", &["functions"]),
    ("2018-10-31", &["layers"]),
    ("2019-09-25", &["functions"]),
    ("2019-09-30", &["functions"]),
    ("2020-04-22", &["code-signing-configs"]),
    ("2020-06-30", &["functions"]),
    ("2021-07-20", &["functions"]),
    ("2021-10-31", &["functions"]),
    ("2021-11-15", &["functions"]),
    ("2024-08-31", &["functions"]),
    ("2025-11-30", &["capacity-providers", "functions"]),
    (
        "2025-12-01",
        &["durable-execution-callbacks", "durable-executions", "functions"],
    ),
    ("2026-07-09", &["resource-policy"]),
];

/// An operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InvokeOperation<'p> {
    ListFunctions,
    /// Invokes the function with this name.
    Invoke(&'p str),
    /// The same with a response stream.
    InvokeWithResponseStream(&'p str),
    /// Any other operation of Lambda's.
    NotServed,
}

/// The operation that a request calls; `None` if the request is for the function.
pub(super) fn operation(request: &Parts) -> Option<InvokeOperation<'_>> {
    let mut segments = request
        .uri
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty());
    let (date, resource) = (segments.next()?, segments.next()?);
    let is_newer = || is_date(date) && is_signed(&request.headers);
    if !is_root(date, resource) && !is_newer() {
        return None;
    }
    let below: Vec<&str> = segments.collect();
    Some(match (date, resource, &below[..], request.method.as_str()) {
        ("2015-03-31", "functions", [], "GET") => InvokeOperation::ListFunctions,
        ("2015-03-31", "functions", [name, "invocations"], "POST") => InvokeOperation::Invoke(name),
        ("2021-11-15", "functions", [name, "response-streaming-invocations"], "POST") => {
            InvokeOperation::InvokeWithResponseStream(name)
        }
        _ => InvokeOperation::NotServed,
    })
}

fn is_root(date: &str, resource: &str) -> bool {
    let mut roots = ROOTS.iter();
    roots.any(|(root, resources)| *root == date && resources.contains(&resource))
}

/// Whether the path looks like that of a newer operation.
fn is_date(text: &str) -> bool {
    let is_like = |(byte, digit): (u8, u8)| match digit {
        b'0' => byte.is_ascii_digit(),
        dash => byte == dash,
    };
    text.len() == 10 && text.bytes().zip(*b"0000-00-00").all(is_like)
}

/// Whether the request is signed for Lambda, as SDKs sign it.
fn is_signed(headers: &HeaderMap) -> bool {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    authorization.is_some_and(|value| value.starts_with("AWS4-") && value.contains("/lambda/aws4_request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, path: &str) -> Parts {
        let request = http::Request::builder().method(method).uri(path);
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn three_operations_are_supported() {
        for path in ["/2015-03-31/functions", "/2015-03-31/functions/?MaxItems=5"] {
            assert_eq!(
                operation(&parts("GET", path)),
                Some(InvokeOperation::ListFunctions),
                "{path}"
            );
        }
        assert_eq!(
            operation(&parts(
                "POST",
                "/2015-03-31/functions/f%3Alive/invocations?Qualifier=live"
            )),
            Some(InvokeOperation::Invoke("f%3Alive"))
        );
        assert_eq!(
            operation(&parts(
                "POST",
                "/2021-11-15/functions/f/response-streaming-invocations"
            )),
            Some(InvokeOperation::InvokeWithResponseStream("f"))
        );
    }

    #[test]
    fn other_operations_do_not_reach_the_function() {
        for (method, path) in [
            ("POST", "/2014-11-13/functions/f/invoke-async/"),
            ("GET", "/2015-03-31/functions/f"),
            ("GET", "/2015-03-31/functions/f/invocations"),
            ("POST", "/2015-03-31/functions"),
            ("PATCH", "/2015-03-31/functions/f/what"),
            ("GET", "/2015-03-31/event-source-mappings/"),
            ("GET", "/2016-08-19/account-settings/"),
            ("GET", "/2017-03-31/tags/arn%3Aaws%3Alambda"),
            ("PUT", "/2017-10-31/functions/f/concurrency"),
            ("GET", "/2018-10-31/layers?find=LayerVersion"),
            ("GET", "/2020-06-30/functions/f/code-signing-config"),
            ("GET", "/2025-12-01/durable-executions/a/state"),
            ("POST", "/2025-12-01/durable-execution-callbacks/a/succeed"),
            ("GET", "/2026-07-09/resource-policy/a"),
        ] {
            assert_eq!(
                operation(&parts(method, path)),
                Some(InvokeOperation::NotServed),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn other_paths_reach_the_function() {
        for path in [
            "/",
            "/2015-03-31",
            "/2015-03-31/",
            "/2015-03-31-report",
            "/2015-03-31/notes",
            "/2015-03-31/functions-of-time",
            "/2015-04-01/functions/f",
            "/blog/2015-03-31/functions",
            "/2017-03-31/functions",
            "/functions/f/invocations",
        ] {
            assert_eq!(operation(&parts("GET", path)), None, "{path}");
        }
    }

    #[test]
    fn signed_requests_with_a_date_are_operations() {
        let signed = |service: &str, path: &str| {
            let credential = format!(
                "AWS4-HMAC-SHA256 Credential=AKID/20261130/eu-west-1/{service}/aws4_request, Signature=0"
            );
            let request = http::Request::get(path).header(AUTHORIZATION, credential);
            let parts = request.body(()).unwrap().into_parts().0;
            operation(&parts).is_some()
        };
        assert!(signed("lambda", "/2031-01-01/wonders/f"));
        assert!(!signed("execute-api", "/2031-01-01/wonders/f"));
        assert!(!signed("lambda", "/orders/7"));
    }
}
