//! Addresses as the client sees them: with the stage or base path that API Gateway removed.

use super::parameters::Parameters;
use super::reference::is_dots;
use crate::journal::{Cursor, Damaged};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use lambda_http::request::RequestContext;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The addresses of entries that a list left out because they are unreadable.
const DAMAGED: HeaderName = HeaderName::from_static("switchboard-damaged");

/// How many bytes an address in [`DAMAGED`] may have: API Gateway passes on 10,240 bytes of headers.
const ADDRESS_BYTES: usize = 512;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Adds the header `Link` with the next page of a list, by the parameter with this name.
pub(super) fn next_page(
    headers: &mut HeaderMap,
    parts: &Parts,
    parameters: &Parameters,
    name: &str,
    cursor: &Cursor,
) {
    let mut url = format!("{}?", public_path(parts));
    for (other, value) in parameters.without(name) {
        url.push_str(&format!("{other}={}&", encode(value)));
    }
    let link = format!("<{url}{name}={}>; rel=\"next\"", encode(cursor.as_str()));
    headers.extend(HeaderValue::try_from(link).ok().map(|link| (header::LINK, link)));
}

/// Adds the header `Switchboard-Damaged` with the addresses of unreadable entries on a page. A page has few of them. A
/// very long address is cut; the log has all of it.
pub(super) fn damaged(headers: &mut HeaderMap, parts: &Parts, damaged: &[Damaged]) {
    let list = public_path(parts);
    let address = |damaged: &Damaged| {
        let mut address = match damaged {
            Damaged::Entry { source, id } => format!("{list}/{}/{}", segment(source), segment(id)),
            Damaged::Resource { urn } => format!("{list}/{}", segment(urn)),
        };
        // Encoded text is ASCII.
        address.truncate(ADDRESS_BYTES);
        address
    };
    let addresses: Vec<String> = damaged.iter().map(address).collect();
    // One line, because some front ends do not pass on several headers with one name.
    let value = (!addresses.is_empty()).then(|| HeaderValue::try_from(addresses.join(", ")));
    headers.extend(value.and_then(Result::ok).map(|value| (DAMAGED, value)));
}

/// The header `Location` of an entry posted to this path.
pub(super) fn entry(parts: &Parts, source: &str, id: &str) -> String {
    format!("{}/{}/{}", public_path(parts), segment(source), segment(id))
}

/// A name as one path segment. Clients resolve `.` and `..`, even encoded ones, so these are encoded twice, and
/// anything that could be confused with that once more.
fn segment(name: &str) -> String {
    match is_dots(name) {
        true => encode(&name.replace('%', "%25").replace('.', "%2E")),
        false => encode(name),
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The request's path, with the stage or the base path of a custom domain before it.
fn public_path(parts: &Parts) -> String {
    let path = parts.uri.path();
    // The context has the original path; the URI has the path for this function.
    let called = match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV1(context)) => context.path.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.path.as_deref(),
        _ => None,
    };
    called
        .filter(|called| called.ends_with(path))
        .unwrap_or(path)
        .to_owned()
}
