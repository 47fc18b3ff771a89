//! The headers of a request.

use super::proxy::ProxyEvent;
use crate::event::Unreadable;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// The headers of an event.
pub(super) struct Headers {
    pub(super) map: HeaderMap,
    /// Whether the event has headers in the multi-value form.
    pub(super) multi_value: bool,
}

/// How many header names a log line shows, and how many characters of each.
const SHOWN: usize = 16;
const TOLD_OF_EACH: usize = 64;

impl Headers {
    /// Reads both forms: the multi-value form has more values, but the other one may have names of its own. A client
    /// may send headers that are invalid in HTTP; each of these is left out.
    pub(super) fn read(event: &ProxyEvent<'_>) -> Result<Self, Unreadable> {
        let (mut map, mut refused) = (HeaderMap::new(), Vec::new());
        event
            .multi_value_headers
            .each("multiValueHeaders", |name, value| {
                append(&mut map, &mut refused, name, &value);
            })?;
        let multi_value = !map.is_empty() || !refused.is_empty();
        event.headers.each("headers", |name, value| {
            if !(multi_value && map.contains_key(name)) {
                append(&mut map, &mut refused, name, &value);
            }
        })?;
        add_cookies(&mut map, &mut refused, &event.cookies.0);
        warn(&refused);
        Ok(Self { map, multi_value })
    }
}

/// Payload format 2.0 has a separate list of cookies.
fn add_cookies(map: &mut HeaderMap, refused: &mut Vec<String>, cookies: &[Cow<'_, str>]) {
    let cookies = cookies
        .iter()
        .map(AsRef::as_ref)
        .filter(|cookie: &&str| !cookie.is_empty());
    let cookies: Vec<&str> = cookies.collect();
    if !cookies.is_empty() {
        map.remove(COOKIE);
        append(map, refused, COOKIE.as_str(), &cookies.join("; "));
    }
}

fn append(map: &mut HeaderMap, refused: &mut Vec<String>, name: &str, value: &str) {
    let appended = match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        // Headers beyond the capacity of the map are refused as well.
        (Ok(name), Ok(value)) => map.try_append(name, value).is_ok(),
        _ => false,
    };
    if !appended && refused.len() < SHOWN && refused.iter().all(|told| told != name) {
        refused.push(name.to_owned());
    }
}

/// Logs names only, which clients may choose freely: values do not belong in logs.
fn warn(refused: &[String]) {
    if refused.is_empty() {
        return;
    }
    let short = |name: &String| name.chars().take(TOLD_OF_EACH).collect::<String>();
    let names: Vec<String> = refused.iter().map(short).collect();
    tracing::warn!(
        headers = ?names,
        "the request is served without headers that HTTP does not allow"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_refused_headers_are_reported_once_each_up_to_a_limit() {
        let (mut map, mut refused) = (HeaderMap::new(), Vec::new());
        append(&mut map, &mut refused, "x-good", "1");
        for _ in 0..2 {
            append(&mut map, &mut refused, "x bad", "1");
            append(&mut map, &mut refused, "x-value", "\n");
        }
        assert_eq!(
            (map.len(), &refused[..]),
            (1, &["x bad".to_owned(), "x-value".to_owned()][..])
        );
        for number in 0..100 {
            append(&mut map, &mut refused, &format!("x {number}"), "1");
        }
        assert_eq!(refused.len(), SHOWN);
    }
}
