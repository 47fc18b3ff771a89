//! The parts of an event that all payload formats share.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Version, header};
use percent_encoding::percent_decode_str;

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Method, URI and headers.
    pub parts: Parts,
    /// The body.
    pub body: Bytes,
    /// The client's address.
    pub source_ip: IpAddr,
    /// The request id that the gateway assigns.
    pub request_id: String,
    /// When the request arrived.
    pub time: SystemTime,
}

impl HttpRequest {
    /// The headers as API Gateway forwards them, with what it adds about the client.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = self.parts.headers.clone();
        // These headers concern the connection to this server only.
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

    /// The requested host. AWS's gateways have their own domain, whatever the client's `Host` header says, so an invalid
    /// one is not forwarded.
    fn authority(&self) -> Authority {
        let host = self.parts.headers.get(header::HOST);
        let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
        host.or_else(|| self.parts.uri.authority().cloned())
            .unwrap_or_else(|| Authority::from_static("localhost"))
    }

    /// The requested host without its port.
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

    /// The decoded query parameters in order.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.query().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| (decode(name), decode(value))).collect()
    }

    /// The time in API Gateway's format, and in milliseconds since the Unix epoch.
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

/// All values of a header, joined.
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

/// Decodes a part of a query, where `+` is a space.
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
    pub(in crate::http) fn request(uri: &str, headers: &[(&str, &str)], body: &'static [u8]) -> HttpRequest {
        let mut builder = http::Request::post(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        HttpRequest {
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
        fn every_parameter_survives_a_round_trip(
            pairs in proptest::collection::vec((".{0,8}", ".{0,8}"), 0..6),
        ) {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            let request = request(&format!("/?{}", query.join("&")), &[], b"");
            proptest::prop_assert_eq!(request.parameters(), pairs);
        }
    }

    #[test]
    fn the_time_has_the_format_of_access_logs() {
        assert_eq!(
            request("/", &[], b"").time(),
            ("01/Jan/1970:00:00:00 +0000".to_owned(), 0)
        );
    }

    #[test]
    fn earlier_proxies_are_kept() {
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
    fn the_domain_is_a_valid_host() {
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
