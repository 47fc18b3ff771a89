//! A function behind HTTP: every request an API Gateway event, Lambda's Invoke API beside it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming as Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::connection;
use crate::guard::{Guard, Stranger};
use crate::http::{Incoming, PayloadFormat, event, response};
use crate::invoke_api::InvokeApi;
use crate::runtime_api::{collect, new_trace_id};
use crate::{Error, Function, FunctionError, InvokeEvent, MAX_REQUEST};

/// What stands in `Server` unless the gateway is told otherwise.
const SERVER: &str = concat!("lambda-sandbox/", env!("CARGO_PKG_VERSION"));

const TRACE: &str = "x-amzn-trace-id";

/// Called with what has happened.
pub(crate) type Report = Arc<dyn Fn(&Reported<'_>) + Send + Sync>;

/// What a gateway reports, a line of text each.
pub enum Reported<'r> {
    /// A request has been answered.
    Request(&'r str),
    /// The function failed.
    FunctionError(&'r FunctionError),
    /// The function could not be invoked, or its reply is of no use.
    Error(&'r dyn std::error::Error),
}

impl fmt::Display for Reported<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reported::Request(line) => f.write_str(line),
            Reported::FunctionError(error) => write!(f, "error: {error}"),
            Reported::Error(error) => write!(f, "error: {error}"),
        }
    }
}

/// A function behind HTTP.
///
/// Every request becomes an event and the function's reply the response; what the gateway cannot turn into a response
/// and every function error is a 502 (of an HTTP API, a 500), a request over 6 MB a 413. Requests to
/// `POST /2015-03-31/functions/{name}/invocations` invoke the function with their body; other operations of Lambda's API are
/// refused, and never reach it.
///
/// Web pages of other sites do not reach it either: a request for a host that is not a name of this machine, or of a page of a
/// foreign origin, is a 403, unless [`allow_host`](Self::allow_host) or [`allow_origin`](Self::allow_origin) lets it pass.
///
/// # Example
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use lambda_sandbox::{Function, Gateway, http::PayloadFormat};
///
/// let function = Function::builder("target/debug/switchboard").start().await?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
/// Gateway::new(function.into(), PayloadFormat::Http).serve(listener).await;
/// # Ok(())
/// # }
/// ```
pub struct Gateway {
    function: Arc<Function>,
    format: PayloadFormat,
    invoke_api: InvokeApi,
    guard: Guard,
    server: HeaderValue,
    report: Report,
}

impl Gateway {
    /// Puts HTTP before `function`.
    #[must_use]
    pub fn new(function: Arc<Function>, format: PayloadFormat) -> Self {
        let report: Report = Arc::new(|_| ());
        Self {
            invoke_api: InvokeApi::new(Arc::clone(&function), Arc::clone(&report)),
            function,
            format,
            guard: Guard::default(),
            server: HeaderValue::from_static(SERVER),
            report,
        }
    }

    /// Takes requests for this host, too, and those of web pages of it. Its port does not matter.
    ///
    /// # Errors
    /// When it is no host.
    pub fn allow_host(mut self, host: &str) -> Result<Self, Error> {
        self.guard.allow_host(host.parse().map_err(Error::other)?);
        Ok(self)
    }

    /// Takes requests of web pages of this origin, too: `https://app.example`.
    ///
    /// # Errors
    /// When it is no origin.
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, Error> {
        self.guard.allow_origin(origin.parse().map_err(Error::other)?);
        Ok(self)
    }

    /// What responses have in `Server`, by which clients may tell who serves.
    #[must_use]
    pub fn server(self, name: &'static str) -> Self {
        let server = HeaderValue::from_static(name);
        Self { server, ..self }
    }

    /// Lets requests pass that `guard` lets pass.
    #[must_use]
    pub fn guarded_by(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }

    /// Calls `report` with a line for each request answered, and before it with one for each error behind it.
    #[must_use]
    pub fn on_request(self, report: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_report(move |reported| report(&reported.to_string()))
    }

    /// Calls `report` with what there is to tell.
    #[must_use]
    pub fn on_report(self, report: impl Fn(&Reported<'_>) + Send + Sync + 'static) -> Self {
        let report: Report = Arc::new(report);
        Self {
            invoke_api: InvokeApi::new(Arc::clone(&self.function), Arc::clone(&report)),
            report,
            ..self
        }
    }

    /// Serves `listener` until the future is dropped. Invocations that run then go on.
    pub async fn serve(self, listener: TcpListener) {
        let gateway = Arc::new(self);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                // A client that went before it was accepted is no reason to stop.
                accepted = listener.accept() => if let Ok((stream, peer)) = accepted {
                    connections.spawn(connection(Arc::clone(&gateway), stream, peer.ip()));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn handle(
        &self,
        request: Request<Body>,
        admitted: Result<(), Stranger>,
        source_ip: IpAddr,
    ) -> Response<Bytes> {
        let begun = Instant::now();
        let (parts, body) = request.into_parts();
        let Ok(body) = collect(body, MAX_REQUEST).await else {
            return message(StatusCode::BAD_REQUEST, "Bad Request");
        };
        let line = format!("{} {}", parts.method, parts.uri.path());
        let mut response = match (admitted, InvokeApi::is_call(&parts), body.data) {
            (Err(stranger), _, _) => self.turn_away(&stranger),
            (Ok(()), true, body) => self.invoke_api.answer(&parts, body).await,
            (Ok(()), false, Some(body)) => self.proxy(parts, body, source_ip).await,
            (Ok(()), false, None) => self.format.too_large(),
        };
        response.headers_mut().insert(header::SERVER, self.server.clone());
        // No query: it may hold what does not belong in a log.
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        let line = format!("{line}  {}  {milliseconds:.1} ms", response.status().as_u16());
        (self.report)(&Reported::Request(&line));
        response
    }

    async fn proxy(&self, mut parts: Parts, body: Bytes, source_ip: IpAddr) -> Response<Bytes> {
        let trace_id = trace(&mut parts.headers);
        let request = Incoming {
            parts,
            body,
            source_ip,
            request_id: Uuid::new_v4().to_string(),
            time: SystemTime::now(),
        };
        let payload = event(&request, self.format).to_string();
        let mut response = self.through(InvokeEvent::from(payload).trace_id(trace_id)).await;
        let request_id = HeaderValue::try_from(request.request_id).ok();
        let name = HeaderName::from_static(self.format.request_id());
        response.headers_mut().extend(request_id.map(|id| (name, id)));
        response
    }

    /// What the function makes of an event, as a response.
    async fn through(&self, invocation: InvokeEvent) -> Response<Bytes> {
        let outcome = match self.function.invoke(invocation).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_payload_too_large() => {
                return self.format.too_large();
            }
            Err(error) => return self.failed(&Reported::Error(&error)),
        };
        let reply = match outcome.result {
            Ok(reply) => reply,
            Err(error) => return self.failed(&Reported::FunctionError(&error)),
        };
        response(&reply, &outcome.mode, self.format)
            .unwrap_or_else(|error| self.failed(&Reported::Error(&error)))
    }

    fn turn_away(&self, stranger: &Stranger) -> Response<Bytes> {
        (self.report)(&Reported::Error(stranger));
        let mut response = message(StatusCode::FORBIDDEN, &stranger.to_string());
        let error_type = HeaderValue::from_static("AccessDeniedException");
        response.headers_mut().insert("x-amzn-errortype", error_type);
        response
    }

    fn failed(&self, error: &Reported<'_>) -> Response<Bytes> {
        (self.report)(error);
        self.format.failed()
    }
}

async fn connection(gateway: Arc<Gateway>, stream: TcpStream, source_ip: IpAddr) {
    let answer = |request, admitted| {
        // A task of its own: Lambda finishes an invocation whose client has gone.
        let answering = Arc::clone(&gateway);
        let handling = tokio::spawn(async move { answering.handle(request, admitted, source_ip).await });
        async move {
            let failed = |_| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
            handling.await.unwrap_or_else(failed).map(Full::new)
        }
    };
    connection::serve(stream, &gateway.guard, answer).await;
}

/// The request's X-Ray trace; a request without one gets a new one.
fn trace(headers: &mut HeaderMap) -> String {
    let own = headers
        .get(TRACE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    own.unwrap_or_else(|| {
        let new = new_trace_id();
        headers.extend(HeaderValue::from_str(&new).map(|value| (HeaderName::from_static(TRACE), value)));
        new
    })
}

/// An answer of the gateway itself.
fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(serde_json::json!({"message": text}).to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
