//! The URI of a request: what the client asked for, as far as the event shows it.

use http::Uri;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that may be neither in a path nor in a query. Everything else stays, even what a stricter reading of RFC
/// 3986 would escape: the service should see what it would see behind a server of its own.
const NEVER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#');

/// The same in a path, which a `?` would end.
const PATH: &AsciiSet = &NEVER.add(b'?').add(b'`').add(b'{').add(b'}');

/// The `%` of a decoded path is escaped again, otherwise the service would decode it twice.
const DECODED_PATH: &AsciiSet = &PATH.add(b'%');

/// A name or a value of a query as it was sent; it cannot have the separator of parameters.
const SENT_PARAMETER: &AsciiSet = &NEVER.add(b'&');

/// A name or a value of a decoded query: everything but RFC 3986's unreserved characters.
const DECODED_PARAMETER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Whether the event has a part of the URI as the client sent it, or decoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Sent,
    Decoded,
}

/// The path and the query of a request, under construction.
pub(super) struct Target {
    text: String,
    queried: bool,
}

impl Target {
    /// Segments are not resolved, neither `..` nor `//`: the service sees the path that was authorized.
    pub(super) fn of(path: &str, form: Form) -> Self {
        let set = match form {
            Form::Sent => PATH,
            Form::Decoded => DECODED_PATH,
        };
        let mut text = String::with_capacity(path.len() + 1);
        if !path.starts_with('/') {
            text.push('/');
        }
        text.extend(utf8_percent_encode(path, set));
        Self { text, queried: false }
    }

    /// Adds a query as it was sent.
    pub(super) fn query(&mut self, query: &str) {
        if !query.is_empty() {
            self.text.push('?');
            self.text.extend(utf8_percent_encode(query, NEVER));
            self.queried = true;
        }
    }

    /// Adds one parameter to the query.
    pub(super) fn parameter(&mut self, name: &str, value: &str, form: Form) {
        let set = match form {
            Form::Sent => SENT_PARAMETER,
            Form::Decoded => DECODED_PARAMETER,
        };
        self.text.push(if self.queried { '&' } else { '?' });
        self.queried = true;
        self.text.extend(utf8_percent_encode(name, set));
        self.text.push('=');
        self.text.extend(utf8_percent_encode(value, set));
    }

    /// The URI, with the scheme and the requested host if that is valid. `None` if it is longer than a [`Uri`] can be,
    /// which is the only remaining reason to refuse it.
    pub(super) fn at(self, scheme: Scheme, host: Option<&str>) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.path_and_query = PathAndQuery::from_maybe_shared(bytes::Bytes::from(self.text)).ok();
        parts.path_and_query.as_ref()?;
        parts.authority = host.and_then(authority);
        parts.scheme = parts.authority.as_ref().map(|_| scheme);
        Uri::from_parts(parts).ok()
    }
}

/// A host name or address, and a port. Clients may send any `Host`; an invalid one stays in the headers only.
fn authority(host: &str) -> Option<Authority> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_name = !name.is_empty() && name.bytes().all(is_unreserved);
    let fits = port.is_none_or(|port| port.parse::<u16>().is_ok()) && (is_name || is_ipv6(name));
    fits.then(|| host.parse().ok()).flatten()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_ipv6(name: &str) -> bool {
    let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    inside.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    fn uri(path: &str, form: Form, query: &str) -> Uri {
        let mut target = Target::of(path, form);
        target.query(query);
        target.at(Scheme::HTTPS, Some("a.example")).unwrap()
    }

    #[test]
    fn a_path_that_was_sent_stays_as_it_is_unless_no_uri_can_hold_it() {
        for path in [
            "/",
            "//",
            "//b.example/c",
            "/a//b",
            "/..",
            "/a/../b",
            "/%2e%2E/a%2Fb",
            "/a\\b",
            "/50%",
            "/%zz",
            "/a%00",
            "/a|b^c[d]",
            "/~!$&'()*+,;=:@",
        ] {
            let uri = uri(path, Form::Sent, "");
            assert_eq!((uri.path(), uri.host()), (path, Some("a.example")));
        }
        for (path, escaped) in [
            ("/a b", "/a%20b"),
            ("/\"<`{ü}`>\"", "/%22%3C%60%7B%C3%BC%7D%60%3E%22"),
            ("/a?b#c", "/a%3Fb%23c"),
            ("/\u{1}\u{7f}", "/%01%7F"),
            ("*", "/*"),
            ("", "/"),
            ("https://b.example/c", "/https://b.example/c"),
        ] {
            assert_eq!(uri(path, Form::Sent, "").path(), escaped);
        }
    }

    #[test]
    fn a_query_that_was_sent_stays_as_it_is_unless_no_uri_can_hold_it() {
        for query in ["a=1&a=2", "a+b=%20&&=", "?{}|\\^`[]'/", "%zz"] {
            assert_eq!(uri("/", Form::Sent, query).query(), Some(query));
        }
        assert_eq!(uri("/", Form::Sent, "").query(), None);
        let escaped = uri("/", Form::Sent, "x=\"<y z>\"#ü\u{0}")
            .query()
            .map(str::to_owned);
        assert_eq!(escaped.as_deref(), Some("x=%22%3Cy%20z%3E%22%23%C3%BC%00"));
    }

    #[test]
    fn an_invalid_host_stays_in_the_header_only() {
        for (host, is_one) in [
            ("a.example", true),
            ("A.Example:8443", true),
            ("my_service", true),
            ("127.0.0.1:0", true),
            ("[::1]:80", true),
            ("[::1]", true),
            ("xn--a", true),
            ("", false),
            (":80", false),
            ("a:", false),
            ("a:b", false),
            ("a:1:2", false),
            ("a:99999", false),
            ("a b", false),
            ("[", false),
            ("[]", false),
            ("[::1", false),
            ("user@a.example", false),
            ("user@a.example:80", false),
            ("a/b", false),
            ("a?b", false),
            ("a#b", false),
            ("a\\b", false),
            ("<url-id>.lambda-url.eu-west-1.on.aws", false),
            ("${Host}", false),
            ("ü", false),
            ("%61", false),
        ] {
            let uri = Target::of("//x", Form::Sent)
                .at(Scheme::HTTPS, Some(host))
                .unwrap();
            assert_eq!(
                uri.authority().map(Authority::as_str),
                is_one.then_some(host),
                "{host}"
            );
            assert_eq!(uri.path(), "//x", "{host}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_uri_is_refused() {
        let long = Target::of(&"/a".repeat(40_000), Form::Sent);
        assert_eq!(long.at(Scheme::HTTPS, None), None);
    }

    proptest! {
        #[test]
        fn any_target_makes_a_uri(path in any::<String>(), query in any::<String>(), host in any::<String>()) {
            for form in [Form::Sent, Form::Decoded] {
                let mut target = Target::of(&path, form);
                target.query(&query);
                prop_assert!(target.at(Scheme::HTTPS, Some(&host)).is_some());
            }
        }

        /// The client asks for a path, the source decodes it, the service decodes what it sees.
        #[test]
        fn a_decoded_path_decodes_to_itself(path in any::<String>()) {
            let path = format!("/{path}");
            let seen = uri(&path, Form::Decoded, "");
            prop_assert_eq!(&*percent_decode_str(seen.path()).decode_utf8().unwrap(), &path);
        }

        #[test]
        fn a_valid_path_and_query_are_not_touched(
            path in "/([-A-Za-z0-9._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2}){0,24}",
            query in "([-A-Za-z0-9._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2}){1,24}",
        ) {
            let seen = uri(&path, Form::Sent, &query);
            prop_assert_eq!((seen.path(), seen.query()), (&*path, Some(&*query)));
        }

        #[test]
        fn decoded_parameters_come_out_in_their_order(parameters in prop::collection::vec(any::<(String, String)>(), 1..6)) {
            let mut target = Target::of("/", Form::Decoded);
            for (name, value) in &parameters {
                target.parameter(name, value, Form::Decoded);
            }
            let uri = target.at(Scheme::HTTPS, None).unwrap();
            let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
            let seen: Vec<_> = uri.query().unwrap().split('&').map(|pair| pair.split_once('=').unwrap())
                .map(|(name, value)| (decode(name), decode(value))).collect();
            prop_assert_eq!(seen, parameters);
        }
    }
}
