//! Tests each difference between the gateways against the tables in `docs/local-http.md`.

use bytes::Bytes;
use serde_json::Value;

use super::request::tests::request;
use super::{PayloadFormat, event, response};
use crate::ResponseMode;
use crate::function::region;

const DOCUMENT: &str = include_str!("../../../../docs/local-http.md");
/// In the order of the table's columns.
const FORMATS: [PayloadFormat; 3] = [
    PayloadFormat::Http,
    PayloadFormat::Rest,
    PayloadFormat::FunctionUrl,
];

/// The values at `pointer` in the event of a request.
type RequestCase = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [u8],
    [&'static str; 3],
);

const V2_PATH: &str = "/requestContext/http/path";
const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

#[rustfmt::skip]
const REQUESTS: &[RequestCase] = &[
    ("Path of `/a%20b/50%25`", "/a%20b/50%25", &[], b"", ["/rawPath", "/path", "/rawPath"]),
    ("The path in `requestContext`", "/a%20b/50%25", &[], b"", [V2_PATH, "/requestContext/path", V2_PATH]),
    ("Path parameters of the catch-all route", "/a%20b", &[], b"", ["/pathParameters"; 3]),
    ("Headers `x-a: 1`, `x-a: 2`", "/", &[("x-a", "1"), ("x-a", "2")], b"", ["/headers/x-a"; 3]),
    ("All values of a header", "/", &[("x-a", "1"), ("x-a", "2")], b"", ["/multiValueHeaders/x-a"; 3]),
    ("Header `cookie: a=1; b=2`", "/", &[("cookie", "a=1; b=2")], b"", ["/headers/cookie"; 3]),
    ("List of cookies", "/", &[("cookie", "a=1; b=2")], b"", ["/cookies"; 3]),
    ("Query `?q=1&q=a%26b`", "/?q=1&q=a%26b", &[], b"", ["/queryStringParameters/q"; 3]),
    ("All values of a parameter", "/?q=1&q=a%26b", &[], b"", ["/multiValueQueryStringParameters/q"; 3]),
    ("The raw query string", "/?q=1&q=a%26b", &[], b"", ["/rawQueryString"; 3]),
    ("Query parameters of a request without a query", "/", &[], b"", ["/queryStringParameters"; 3]),
    ("Body of a request without a body", "/", &[], b"", ["/body"; 3]),
    ("Header `content-length` of a request without a body", "/", &[], b"", ["/headers/content-length"; 3]),
    ("Body `a=1` of a form", "/", FORM, b"a=1", ["/body"; 3]),
    ("Body `hi` without a content type", "/", &[], b"hi", ["/body"; 3]),
    ("Domain, with `Host: 127.0.0.1:9000`", "/", &[("host", "127.0.0.1:9000")], b"", ["/requestContext/domainName"; 3]),
    ("Account of the function", "/", &[], b"", ["/requestContext/accountId"; 3]),
];

/// Replies as the function writes them.
#[rustfmt::skip]
const REPLIES: &[(&str, &str)] = &[
    ("A text", r#""hi""#),
    ("An object without a status", r#"{"a":1}"#),
    ("An empty object", "{}"),
    ("An object with headers only", r#"{"headers":{"x-a":"1"}}"#),
    ("A list", "[1]"),
    ("Null", "null"),
    ("Not JSON", "hi"),
    ("No content type", r#"{"statusCode":200,"body":"hi"}"#),
    ("Status as text", r#"{"statusCode":"201"}"#),
    ("Status that is not an integer", r#"{"statusCode":200.5}"#),
    ("Headers `null`", r#"{"statusCode":204,"headers":null}"#),
    ("Cookies", r#"{"statusCode":204,"cookies":["a=1"]}"#),
    ("An unknown key", r#"{"statusCode":204,"more":1}"#),
    ("Several values", r#"{"statusCode":204,"multiValueHeaders":{"x-a":["1","2"]}}"#),
    ("Several values that are not a list", r#"{"statusCode":204,"multiValueHeaders":{"x-a":"1"}}"#),
    ("One header in both maps", r#"{"statusCode":204,"headers":{"x-a":"1"},"multiValueHeaders":{"x-a":["2"]}}"#),
];

/// The cells of a row, without the first.
fn row(title: &str) -> Vec<&'static str> {
    let begin = format!("| {title} |");
    let mut lines = DOCUMENT.lines().filter(|line| line.starts_with(&begin));
    let line = lines.next().unwrap_or_else(|| panic!("no row: {title}"));
    assert_eq!(lines.next(), None, "{title}");
    let cells = line[begin.len()..].trim_end_matches('|').split('|');
    cells.map(str::trim).collect()
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::String(text)) => format!("`{}`", text.replace(&region(), "REGION")),
        Some(other) => format!("`{other}`"),
    }
}

/// The status, the body and the relevant headers.
fn answer(reply: &str, format: PayloadFormat) -> String {
    let reply = Bytes::copy_from_slice(reply.as_bytes());
    let response = response(&reply, &ResponseMode::Buffered, format).unwrap_or_else(|_| format.failed());
    let mut shown = response.status().as_str().to_owned();
    let headers = response.headers();
    for name in ["content-type", "x-a", "set-cookie"] {
        // The content type of a response without a body is irrelevant.
        let matters = name != "content-type" || response.status() == 200;
        for value in headers.get_all(name).iter().filter(|_| matters) {
            shown.push_str(&format!(", `{name}: {}`", value.to_str().unwrap()));
        }
    }
    let body = std::str::from_utf8(response.body()).unwrap();
    match body {
        "" => shown,
        body => format!("{shown}, `{body}`"),
    }
}

#[test]
fn requests_are_composed_as_the_table_says() {
    for (title, uri, headers, body, pointers) in REQUESTS {
        let composed = FORMATS.iter().zip(pointers).map(|(format, pointer)| {
            let event = event(&request(uri, headers, body), *format);
            shown(event.pointer(pointer))
        });
        assert_eq!(row(title), composed.collect::<Vec<_>>(), "{title}");
    }
}

#[test]
fn replies_are_read_as_the_table_says() {
    for (title, reply) in REPLIES {
        let title = format!("{title}: `{reply}`");
        let answers: Vec<_> = FORMATS.iter().map(|format| answer(reply, *format)).collect();
        assert_eq!(row(&title), answers, "{title}");
    }
}

#[test]
fn the_table_says_what_clients_see_of_failures() {
    for (title, of) in [
        (
            "A function that fails",
            PayloadFormat::failed as fn(PayloadFormat) -> _,
        ),
        ("A request over 6 MB", PayloadFormat::too_large),
    ] {
        let seen = FORMATS.iter().map(|format| {
            let response = of(*format);
            let body = std::str::from_utf8(response.body()).unwrap().to_owned();
            format!("{}, `{body}`", response.status().as_str())
        });
        assert_eq!(row(title), seen.collect::<Vec<_>>());
    }
}

#[test]
fn the_table_has_no_row_that_is_not_tested() {
    let rows = DOCUMENT.lines().filter(|line| line.matches('|').count() == 5);
    // The heads and separators of the two tables.
    let tested = REQUESTS.len() + REPLIES.len() + 2 + 4;
    assert_eq!(rows.count(), tested);
}
