//! Parts that the front ends write in their own ways.

use super::http::Http;
use serde_json::{Map, Value, json};

/// The address of every client.
pub(super) const CLIENT: &str = "203.0.113.45";

/// The pairs of a query, decoded.
pub(super) fn query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (
            decoded(&name.replace('+', " ")),
            decoded(&value.replace('+', " ")),
        )
    };
    pairs.map(pair).collect()
}

/// Without `%XX`. What is not UTF-8 then is replaced.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// With `%XX` for all but unreserved characters.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl Http {
    /// The headers with those that a front end adds. `host` is the front end's name.
    pub(super) fn all_headers(&self, host: &str) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        let trace = format!(
            "Root=1-{:08x}-{}",
            self.number.millis() / 1000,
            self.number.hex(24)
        );
        let length = self.body.as_ref().map(|body| body.length.to_string());
        let added = [
            ("host", Some(host.to_owned())),
            ("content-length", length),
            ("x-amzn-trace-id", Some(trace)),
            ("x-forwarded-for", Some(CLIENT.to_owned())),
            ("x-forwarded-port", Some("443".to_owned())),
            ("x-forwarded-proto", Some("https".to_owned())),
        ];
        for (name, value) in added {
            let given = headers.iter().any(|(other, _)| other == name);
            if let (Some(value), false) = (value, given) {
                headers.push((name.to_owned(), value));
            }
        }
        headers
    }

    /// The same with the cookies in a header of their own.
    pub(super) fn headers_and_cookies(&self, host: &str) -> Vec<(String, String)> {
        let mut headers = self.all_headers(host);
        if !self.cookies.is_empty() {
            headers.push(("cookie".to_owned(), self.cookies.join("; ")));
        }
        headers
    }

    /// The query as a client sends it.
    pub(super) fn raw_query(&self) -> String {
        let pairs = self.query.iter();
        let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The query with its escapes, as load balancers pass it on.
    pub(super) fn encoded_query(&self) -> Vec<(String, String)> {
        let pairs = self.query.iter();
        pairs
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect()
    }

    pub(super) fn body_text(&self) -> Option<&str> {
        self.body.as_ref().map(|body| &*body.text)
    }

    pub(super) fn is_base64(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.is_base64)
    }

    pub(super) fn user_agent(&self) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(name, _)| name == "user-agent")
            .map(|(_, value)| &**value)
    }

    /// When it came, as API Gateway writes it.
    pub(super) fn time(&self) -> String {
        self.number.date().format("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }
}

/// The last value of each name.
pub(super) fn single(pairs: &[(String, String)]) -> Value {
    let pairs = pairs.iter();
    Value::Object(
        pairs
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect(),
    )
}

/// The values of each name, joined by commas.
pub(super) fn joined(pairs: &[(String, String)]) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let joined = match members.get(name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value.clone(),
        };
        members.insert(name.clone(), joined.into());
    }
    Value::Object(members)
}

/// The list of values of each name.
pub(super) fn multiple(pairs: &[(String, String)]) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        if let Value::Array(values) = members.entry(name.clone()).or_insert_with(|| json!([])) {
            values.push(value.clone().into());
        }
    }
    Value::Object(members)
}

/// `null` instead of nothing.
pub(super) fn or_null(value: Value) -> Value {
    match value.as_object().is_some_and(Map::is_empty) {
        true => Value::Null,
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_encoded_again() {
        let pairs = query("a=1&b=x%20y+z&c&a=%C3%BC");
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "x y z"), ("c", ""), ("a", "ü")]);
        assert_eq!(encoded("x y/ü"), "x%20y%2F%C3%BC");
        assert_eq!(decoded("100%"), "100%");
    }
}
