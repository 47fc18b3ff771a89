//! HTTP on a port of its own. Nobody but the page that is served here, and programs on this machine, gets an answer.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use lambda_sandbox::guard::Guard;
use lambda_sandbox::{Durable, Function};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::live::ConsoleBody;
use super::recorder::Recorder;
use super::{page, routes};
use crate::Error;

/// What every answer has: nothing may be loaded from elsewhere, and no other page may show this one.
const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The console of a function.
pub(crate) struct Console {
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) function: Arc<Function>,
    /// The service of durable executions, if the function is durable.
    pub(crate) durable: Option<Arc<Durable>>,
    pub(crate) memory_mb: u32,
    /// Where the function itself is served.
    pub(crate) served: SocketAddr,
}

impl Console {
    /// # Errors
    /// If the port is in use.
    pub(crate) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let bound = TcpListener::bind(address).await;
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|e| {
            let what =
                format!("cannot serve the console on {address} (choose another port with --console-port)");
            Error::io(what, e)
        })?;
        Ok((listener, address))
    }

    /// Serves until the future is dropped.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let console = Arc::new(self);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(Arc::clone(&console), stream));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn handle(self: Arc<Self>, request: Request<Incoming>) -> Response<ConsoleBody> {
        let mut response = match admit(request.uri(), request.headers()) {
            Err(refusal) => routes::refusal(StatusCode::FORBIDDEN, &refusal).map(ConsoleBody::from),
            Ok(()) => match page::file(request.uri().path()) {
                Some(file) => file.map(ConsoleBody::from),
                None => routes::answer(self, request).await,
            },
        };
        let own =
            HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        response.headers_mut().extend(own);
        response
    }
}

async fn connection(console: Arc<Console>, stream: TcpStream) {
    let service = service_fn(|request| {
        let answer = Arc::clone(&console).handle(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // Otherwise small answers wait for acknowledgements. Failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    // The reader broke the connection: there is nobody to tell.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Whether a request may be answered: as at the function's own port, and pages of other ports of this machine are refused as well.
///
/// # Errors
/// Why not.
fn admit(uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
    let admitted = Guard::default().admit(uri, headers);
    admitted.map_err(|forbidden| forbidden.to_string())?;
    let host = headers.get(HOST).map_or(&b""[..], HeaderValue::as_bytes);
    let own = [b"http://", host].concat();
    let is_own = headers
        .get_all(ORIGIN)
        .iter()
        .all(|origin| origin.as_bytes() == own);
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match is_own && matches!(site, None | Some(b"same-origin" | b"none")) {
        true => Ok(()),
        false => Err(
            "refused a request from a page of another origin: only the console's own page may use it"
                .to_owned(),
        ),
    }
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(headers: &[(&'static str, &'static str)]) -> bool {
        let all = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        admit(&Uri::from_static("/api/health"), &all.collect()).is_ok()
    }

    #[test]
    fn only_programs_and_the_own_page_are_admitted() {
        let host = ("host", "127.0.0.1:4000");
        assert!(admitted(&[host]));
        assert!(admitted(&[
            host,
            ("origin", "http://127.0.0.1:4000"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(admitted(&[
            ("host", "localhost:4000"),
            ("origin", "http://localhost:4000")
        ]));
        assert!(admitted(&[host, ("sec-fetch-site", "none")]));
        for refused in [
            &[host, ("origin", "http://127.0.0.1:3000")][..],
            &[host, ("origin", "http://localhost:4000")],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://127.0.0.1:4000")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[("host", "evil.example"), ("origin", "http://evil.example")],
        ] {
            assert!(!admitted(refused), "{refused:?}");
        }
    }
}
