//! Decides who may talk to the servers: programs on this machine, and web pages on this machine or of allowed
//! origins.
//!
//! The servers listen on 127.0.0.1, which keeps out other machines but not web pages: any page can make its visitor's browser
//! send requests there, and a page whose host name resolves to 127.0.0.1 (DNS rebinding) can read the responses. Browsers say
//! which host a request is for and where it comes from, in headers that pages cannot set.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

const FETCH_SITE: &str = "sec-fetch-site";
/// How much of a refused header is quoted, in characters.
const SHOWN: usize = 100;

/// Accepts requests, or says why it refuses them.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: Vec<Host>,
    origins: Vec<Origin>,
    takes_bare_names: bool,
}

/// A host name or an address, without a port, in lowercase.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host(String);

/// The origin of a web page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    scheme: String,
    host: Host,
    port: Option<u16>,
}

/// Why a request is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Forbidden {
    /// It is for another host.
    Host(String),
    /// It comes from a page of another origin.
    Origin(String),
    /// It comes from a page of another site, whose origin is unknown.
    Site(String),
}

impl Guard {
    /// For servers that only programs call. Hand-written clients send any word as the host, and Lambda accepts it. Only a
    /// name with a dot can belong to a web page: other names do not exist on the internet.
    #[must_use]
    pub fn for_programs() -> Self {
        Self {
            takes_bare_names: true,
            ..Self::default()
        }
    }

    /// Accepts requests for this host, and from web pages on it.
    pub fn allow_host(&mut self, host: Host) {
        self.hosts.push(host);
    }

    /// Accepts requests from web pages of this origin.
    pub fn allow_origin(&mut self, origin: Origin) {
        self.origins.push(origin);
    }

    /// Whether a request is accepted.
    ///
    /// # Errors
    /// If the request may come from a web page that is not allowed.
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Forbidden> {
        let is_local = self.check_hosts(uri, headers)?;
        let mut origins = headers.get_all(ORIGIN).iter().peekable();
        if origins.peek().is_none() {
            return check_site(headers, is_local);
        }
        for value in origins {
            let origin = value.to_str().ok().and_then(|text| text.parse().ok());
            if !origin.is_some_and(|origin| self.knows(&origin)) {
                return Err(Forbidden::Origin(shown(value)));
            }
        }
        Ok(())
    }

    /// Whether the request names this machine by one of its own names, rather than by an allowed one. Requests without a
    /// host do not come from browsers.
    fn check_hosts(&self, uri: &Uri, headers: &HeaderMap) -> Result<bool, Forbidden> {
        let mut is_local = true;
        let mut check = |text: &str| {
            let host: Option<Host> = text.parse().ok();
            match host {
                Some(host) if host.is_loopback() => true,
                Some(host) => {
                    is_local = false;
                    self.hosts.contains(&host) || (self.takes_bare_names && host.is_bare())
                }
                None => false,
            }
        };
        for value in headers.get_all(HOST) {
            if !value.to_str().is_ok_and(&mut check) {
                return Err(Forbidden::Host(shown(value)));
            }
        }
        match uri.authority() {
            Some(authority) if !check(authority.as_str()) => {
                Err(Forbidden::Host(shortened(authority.as_str())))
            }
            _ => Ok(is_local),
        }
    }

    fn knows(&self, origin: &Origin) -> bool {
        let is_web = matches!(&*origin.scheme, "http" | "https");
        let is_known = origin.host.is_loopback() || self.hosts.contains(&origin.host);
        (is_web && is_known) || self.origins.contains(origin)
    }
}

/// Checks `Sec-Fetch-Site`, which browsers send even without an origin: for links, images and so on. No foreign page is
/// on the same site as `localhost`, but one may be on the same site as an allowed host.
fn check_site(headers: &HeaderMap, is_local: bool) -> Result<(), Forbidden> {
    let site = headers.get(FETCH_SITE);
    match site.map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(b"same-site") if is_local => Ok(()),
        Some(other) => Err(Forbidden::Site(shortened(&String::from_utf8_lossy(other)))),
    }
}

fn shown(value: &HeaderValue) -> String {
    shortened(&String::from_utf8_lossy(value.as_bytes()))
}

fn shortened(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

impl Host {
    /// `localhost` and its subdomains, which resolve to this machine only, and loopback addresses.
    fn is_loopback(&self) -> bool {
        let address = self.0.trim_start_matches('[').trim_end_matches(']');
        match address.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.0 == "localhost" || self.0.ends_with(".localhost"),
        }
    }

    fn is_bare(&self) -> bool {
        !self.0.contains(['.', ':'])
    }

    fn of(authority: &Authority) -> Result<Self, String> {
        let host = authority.host();
        let host = host.strip_suffix('.').unwrap_or(host);
        // `Authority` accepts any text as a port. A user before the host is meant to be mistaken for the host.
        let behind = authority.as_str().strip_prefix(authority.host());
        let is_port = |port: &str| port.is_empty() || port.parse::<u16>().is_ok();
        let is_plain =
            behind.is_some_and(|behind| behind.is_empty() || behind.strip_prefix(':').is_some_and(is_port));
        if host.is_empty() || !is_plain {
            return Err("expected a host, such as app.example".to_owned());
        }
        Ok(Self(host.to_ascii_lowercase()))
    }
}

impl FromStr for Host {
    type Err = String;

    /// Ignores the port.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let authority = text.parse().map_err(|_| "expected a host, such as app.example")?;
        Self::of(&authority)
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "expected an origin, such as https://app.example or http://10.0.0.7:5173".to_owned();
        let (scheme, authority) = text.split_once("://").ok_or_else(wrong)?;
        let authority: Authority = authority.parse().map_err(|_| wrong())?;
        let scheme = scheme.to_ascii_lowercase();
        let usual = match &*scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Ok(Self {
            scheme,
            host: Host::of(&authority).map_err(|_| wrong())?,
            port: authority.port_u16().or(usual),
        })
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Forbidden::Host(host) => write!(
                f,
                "refused a request for the host `{host}`: it is not a name of this machine, and a web page may have \
                 sent it. Use 127.0.0.1 or localhost, or allow it with --allow-host"
            ),
            Forbidden::Origin(origin) => write!(
                f,
                "refused a request from a web page of the origin `{origin}`: pages of other sites must not reach the \
                 function. Allow it with --allow-origin"
            ),
            Forbidden::Site(site) => write!(
                f,
                "refused a request from a web page of another site (Sec-Fetch-Site: {site}): such pages must not reach \
                 the function. Open the address directly, or use the same host name for the page and this server"
            ),
        }
    }
}

impl std::error::Error for Forbidden {}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(guard: &Guard, headers: &[(&str, &str)]) -> Result<(), Forbidden> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        guard.admit(&Uri::from_static("/"), &map)
    }

    fn allowing(hosts: &[&str], origins: &[&str]) -> Guard {
        Guard {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            origins: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
            takes_bare_names: false,
        }
    }

    #[test]
    fn names_of_this_machine() {
        let guard = Guard::default();
        for host in [
            "127.0.0.1:9000",
            "127.8.9.10",
            "localhost",
            "LocalHost.:9000",
            "api.localhost:9000",
            "[::1]:9000",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(admit(&guard, &[("host", host)]), Ok(()), "{host}");
        }
        assert_eq!(admit(&guard, &[]), Ok(()));
    }

    #[test]
    fn other_hosts_are_refused() {
        for host in [
            "evil.example",
            "evil.example:9000",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "0.0.0.0:9000",
            "192.168.0.7",
            "[::]",
            "[2001:db8::1]",
            "localhost@evil.example",
            "evil.example@localhost",
            "a b",
            "x/events?",
            "",
            ":9000",
            "localhost:~5087",
            "localhost:65536",
            "localhost:8il.exa[1,2]",
            "[::1]80",
            "l\u{f6}calhost",
        ] {
            let refused = admit(&Guard::default(), &[("host", host)]);
            assert_eq!(refused, Err(Forbidden::Host(host.to_owned())), "{host}");
        }
        let two = [("host", "localhost"), ("host", "evil.example")];
        assert!(admit(&Guard::default(), &two).is_err());
        let absolute = Guard::default().admit(&Uri::from_static("http://evil.example/"), &HeaderMap::new());
        assert!(absolute.is_err());
    }

    #[test]
    fn programs_may_send_any_word_as_the_host() {
        let guard = Guard::for_programs();
        for host in ["x", "lambda:9001", "127.0.0.1:9000"] {
            assert_eq!(admit(&guard, &[("host", host)]), Ok(()), "{host}");
        }
        for host in ["evil.example", "0.0.0.0", "[2001:db8::1]", ""] {
            assert!(admit(&guard, &[("host", host)]).is_err(), "{host}");
        }
        let page = [("host", "x"), ("origin", "https://evil.example")];
        assert!(admit(&guard, &page).is_err());
        assert!(admit(&guard, &[("host", "x"), (FETCH_SITE, "same-site")]).is_err());
    }

    #[test]
    fn pages_on_this_machine_are_accepted() {
        for origin in [
            "http://localhost:5173",
            "http://127.0.0.1:9000",
            "https://app.localhost",
            "http://[::1]:3000",
        ] {
            let headers = [
                ("host", "127.0.0.1:9000"),
                ("origin", origin),
                (FETCH_SITE, "cross-site"),
            ];
            assert_eq!(admit(&Guard::default(), &headers), Ok(()), "{origin}");
        }
    }

    #[test]
    fn other_pages_are_refused() {
        for origin in [
            "https://evil.example",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://evil.example@localhost",
            "http://evil.example#http://localhost",
            "http://localhost/../evil",
            "chrome-extension://localhost",
            "null",
            "",
            "localhost",
        ] {
            for site in ["cross-site", "same-site", "same-origin", "none"] {
                let headers = [("host", "localhost"), ("origin", origin), (FETCH_SITE, site)];
                let refused = admit(&Guard::default(), &headers);
                assert_eq!(refused, Err(Forbidden::Origin(origin.to_owned())));
            }
        }
        let both = [("origin", "http://localhost"), ("origin", "http://evil.example")];
        assert!(admit(&Guard::default(), &both).is_err());
    }

    #[test]
    fn without_an_origin_the_site_decides() {
        let of = |guard: &Guard, host, site| admit(guard, &[("host", host), (FETCH_SITE, site)]);
        let guard = allowing(&["app.example"], &[]);
        for site in ["none", "same-origin", "same-site"] {
            assert_eq!(of(&guard, "localhost", site), Ok(()));
        }
        for site in ["cross-site", "", "what"] {
            assert_eq!(
                of(&guard, "localhost", site),
                Err(Forbidden::Site(site.to_owned()))
            );
        }
        // evil.app.example is on the same site.
        assert_eq!(of(&guard, "app.example:9000", "same-origin"), Ok(()));
        assert!(of(&guard, "app.example:9000", "same-site").is_err());
    }

    #[test]
    fn only_what_is_allowed_is_accepted() {
        let guard = allowing(
            &["App.Example:9000"],
            &["https://front.example", "http://10.0.0.7:5173"],
        );
        let of = |host, origin| admit(&guard, &[("host", host), ("origin", origin)]);
        assert_eq!(admit(&guard, &[("host", "app.example")]), Ok(()));
        for origin in [
            "http://app.example:9000",
            "https://front.example",
            "https://FRONT.example:443",
            "http://10.0.0.7:5173",
        ] {
            assert_eq!(of("app.example:9000", origin), Ok(()), "{origin}");
        }
        for origin in [
            "http://front.example",
            "https://front.example:8443",
            "https://front.example.evil.example",
            "http://10.0.0.7",
        ] {
            assert!(of("app.example", origin).is_err(), "{origin}");
        }
        assert!(admit(&guard, &[("host", "front.example")]).is_err());
    }

    #[test]
    fn a_refusal_says_what_to_do_and_quotes_little() {
        let long = "x".repeat(10_000);
        let refused = admit(&Guard::default(), &[("host", &long)])
            .unwrap_err()
            .to_string();
        assert!(refused.len() < 400, "{refused}");
        assert!(refused.contains("--allow-host"), "{refused}");
    }

    proptest::proptest! {
        #[test]
        fn no_public_name_is_this_machine(name in "[a-z0-9.:@\\[\\]-]{0,20}", tld in "com|example|dev") {
            let refused = admit(&Guard::default(), &[("host", &format!("{name}.{tld}"))]);
            proptest::prop_assert!(refused.is_err());
        }
    }
}
