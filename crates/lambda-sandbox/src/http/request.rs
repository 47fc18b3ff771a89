//! What all payload formats make of an HTTP request.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Version, header};
use percent_encoding::percent_decode_str;

use super::{PayloadFormat, rest, v2};

/// An HTTP request as it arrived.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Method, URI and headers.
    pub parts: Parts,
    /// The body.
    pub body: Bytes,
    /// Where it came from.
    pub source_ip: IpAddr,
    /// The id the gateway gives the request.
    pub request_id: String,
    /// When it arrived.
    pub time: SystemTime,
}

/// The event for a request, JSON.
///
/// ```
/// use lambda_sandbox::http::{Incoming, PayloadFormat, event};
///
/// let (parts, ()) = http::Request::get("http://localhost/events?limit=5").body(()).unwrap().into_parts();
/// let request = Incoming {
///     parts,
///     body: bytes::Bytes::new(),
///     source_ip: [127, 0, 0, 1].into(),
///     request_id: "1".to_owned(),
///     time: std::time::SystemTime::now(),
/// };
/// let event = event(&request, PayloadFormat::Http);
/// assert_eq!(event["rawQueryString"], "limit=5");
/// ```
#[must_use]
pub fn event(request: &Incoming, format: PayloadFormat) -> serde_json::Value {
    match format {
        PayloadFormat::Http | PayloadFormat::FunctionUrl => v2::event(request, format),
        PayloadFormat::Rest => rest::event(request),
    }
}

impl Incoming {
    /// The headers as API Gateway passes them on: with what it says of the client.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = self.parts.headers.clone();
        // These are about the connection to the companion, which ends here.
        for hop in [
            header::CONNECTION,
            header::TRANSFER_ENCODING,
            header::TE,
            header::UPGRADE,
        ] {
            headers.remove(hop);
        }
        let mut forwarded = joined(&headers, "x-forwarded-for", ", ").unwrap_or_default();
        if !forwarded.is_empty() {
            forwarded.push_str(", ");
        }
        forwarded.push_str(&self.source_ip.to_string());
        let port = self.authority().port_u16().unwrap_or(80).to_string();
        set(&mut headers, "x-forwarded-for", &forwarded);
        set(&mut headers, "x-forwarded-port", &port);
        set(&mut headers, "x-forwarded-proto", "http");
        headers
    }

    /// What the client asked for. A gateway of AWS has a domain of its own, whatever the client's `Host` says, so
    /// one that is none does not get through.
    fn authority(&self) -> Authority {
        let host = self.parts.headers.get(header::HOST);
        let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
        host.or_else(|| self.parts.uri.authority().cloned())
            .unwrap_or_else(|| Authority::from_static("localhost"))
    }

    /// The host the client asked for, without its port.
    pub(super) fn domain_name(&self) -> String {
        self.authority().host().to_owned()
    }

    pub(super) fn protocol(&self) -> &'static str {
        match self.parts.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2.0",
            _ => "HTTP/1.1",
        }
    }

    pub(super) fn user_agent(&self) -> String {
        joined(&self.parts.headers, "user-agent", ",").unwrap_or_default()
    }

    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The decoded query parameters in their order.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.query().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| (decode(name), decode(value))).collect()
    }

    /// The time as API Gateway writes it, and in milliseconds since 1970.
    pub(super) fn time(&self) -> (String, i64) {
        let time = DateTime::<Utc>::from(self.time);
        (
            time.format("%d/%b/%Y:%H:%M:%S %z").to_string(),
            time.timestamp_millis(),
        )
    }
}

/// The values of each name, in order.
pub(super) fn grouped(pairs: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        groups.entry(name).or_default().push(value);
    }
    groups
}

pub(super) fn header_pairs(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
}

/// All values of a header.
pub(super) fn joined(headers: &HeaderMap, name: &str, separator: &str) -> Option<String> {
    let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
    (!values.is_empty()).then(|| values.join(separator))
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Decodes a part of a query, `+` being a space.
fn decode(part: &str) -> String {
    percent_decode_str(&part.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    /// A request for tests.
    pub(in crate::http) fn request(uri: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Incoming {
        let mut builder = http::Request::post(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        Incoming {
            parts,
            body: Bytes::from_static(body),
            source_ip: [127, 0, 0, 1].into(),
            request_id: "id".to_owned(),
            time: SystemTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn parameters_are_decoded_once() {
        let request = request("/?a=1%2B1&b+c=%25+%C3%A4&flag&&a=2", &[], b"");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("a", "1+1"),
            pair("b c", "% ä"),
            pair("flag", ""),
            pair("a", "2"),
        ];
        assert_eq!(request.parameters(), expected);
    }

    proptest::proptest! {
        #[test]
        fn every_parameter_can_be_read_back(
            pairs in proptest::collection::vec((".{0,8}", ".{0,8}"), 0..6),
        ) {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            let request = request(&format!("/?{}", query.join("&")), &[], b"");
            proptest::prop_assert_eq!(request.parameters(), pairs);
        }
    }

    #[test]
    fn the_time_is_written_as_in_access_logs() {
        assert_eq!(
            request("/", &[], b"").time(),
            ("01/Jan/1970:00:00:00 +0000".to_owned(), 0)
        );
    }

    #[test]
    fn earlier_proxies_stay_named() {
        let headers = request(
            "/",
            &[("host", "localhost:9000"), ("x-forwarded-for", "10.0.0.1")],
            b"",
        )
        .headers();
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1, 127.0.0.1");
        assert_eq!(headers["x-forwarded-port"], "9000");
    }

    #[test]
    fn the_domain_is_a_host_whatever_the_client_sends() {
        for (host, domain) in [
            ("a.example:9000", "a.example"),
            ("[::1]", "[::1]"),
            ("a b", "localhost"),
            ("x/events?", "localhost"),
            ("", "localhost"),
        ] {
            let request = request("/", &[("host", host)], b"");
            assert_eq!(request.domain_name(), domain);
        }
    }
}
