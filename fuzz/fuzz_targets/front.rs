//! The companion's front: no web page of another site passes, whatever a browser sends of it; and of any reply comes what a gateway
//! makes of it, or an error.

#![no_main]

use bytes::Bytes;
use http::{HeaderMap, Uri};
use lambda_sandbox::ResponseMode;
use lambda_sandbox::guard::Guard;
use lambda_sandbox::http::{PayloadFormat, response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::net::IpAddr;
use switchboard_fuzz::Message;

const HOST: &str = "app.example";
const ORIGIN: &str = "https://shop.example:8443";

fuzz_target!(|data: &[u8]| {
    let Some(Message { line, headers, body }) = Message::read(data) else {
        return;
    };
    if let Ok(uri) = line.parse() {
        guard(&uri, &headers);
    }
    infer(line, &Bytes::copy_from_slice(body));
});

/// Who passes is of this machine, or was allowed.
fn guard(uri: &Uri, headers: &HeaderMap) {
    let mut guard = Guard::default();
    guard.allow_host(HOST.parse().expect("it is a host"));
    guard.allow_origin(ORIGIN.parse().expect("it is an origin"));
    let Err(refused) = guard.admit(uri, headers) else {
        let hosts = headers
            .get_all("host")
            .iter()
            .map(|value| value.to_str().expect("a host is ASCII"));
        for host in hosts.chain(uri.authority().map(http::uri::Authority::as_str)) {
            assert!(is_ours(host), "{host:?} passes");
        }
        for origin in headers.get_all("origin") {
            let origin = origin.to_str().expect("an origin is ASCII").to_ascii_lowercase();
            let host = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
            assert!(origin == ORIGIN || host.is_some_and(is_ours), "{origin:?} passes");
        }
        if let (Some(site), None) = (headers.get("sec-fetch-site"), headers.get("origin")) {
            assert!(site != "cross-site", "another site passes");
        }
        return;
    };
    // Shown in a terminal, and never more of it than is of use.
    assert!(refused.to_string().chars().count() < 400);
}

/// A name of this machine, or the one that was allowed, with any port.
fn is_ours(authority: &str) -> bool {
    let authority = authority.to_ascii_lowercase();
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.is_empty() || port.parse::<u16>().is_ok() => name,
        _ => &authority,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let address = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    let is_loopback = address.is_ok_and(|address| address.to_canonical().is_loopback());
    is_loopback || name == "localhost" || name.ends_with(".localhost") || name == HOST
}

fn infer(content_type: &str, reply: &Bytes) {
    for format in [
        PayloadFormat::Http,
        PayloadFormat::Rest,
        PayloadFormat::FunctionUrl,
    ] {
        let Ok(seen) = response(reply, &ResponseMode::Buffered, format) else {
            continue;
        };
        assert!((200..600).contains(&seen.status().as_u16()));
        let value: Option<Value> = serde_json::from_slice(reply).ok();
        let structured = value
            .as_ref()
            .is_some_and(|value| value.get("statusCode").is_some());
        if format != PayloadFormat::Rest && !structured {
            // What is no such reply is the body, and a text is its text.
            let text = value.as_ref().and_then(Value::as_str);
            assert_eq!(&seen.body()[..], text.map_or(&reply[..], str::as_bytes));
        }
    }
    for content_type in [
        content_type,
        "application/vnd.awslambda.http-integration-response",
    ] {
        let mode = ResponseMode::Streaming {
            content_type: content_type.to_owned(),
        };
        if let Ok(seen) = response(reply, &mode, PayloadFormat::FunctionUrl) {
            assert!(reply.ends_with(seen.body()));
        }
    }
}
