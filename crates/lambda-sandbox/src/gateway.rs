//! A function behind HTTP: requests become API Gateway events, and Lambda's Invoke API is served beside them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::connection;
use crate::durable;
use crate::guard::{Forbidden, Guard};
use crate::http::{
    Authorizer, Denial, HttpRequest, LambdaAuthorizer, PRELUDE, PayloadFormat, begin, event, response,
    without_prelude_end,
};
use crate::invoke_api::{AsyncInvocations, InvokeApi};
use crate::reply_body::{Aftermath, Framing, ReplyBody};
use crate::report::{AnsweredRequest, Fault, GatewayEvent, OnEvent};
use crate::runtime_api::{collect, new_trace_id};
use crate::{Chunks, Durable, Error, Function, InvokeEvent, MAX_REQUEST, Reply};

/// The default `Server` header.
const SERVER: &str = concat!("lambda-sandbox/", env!("CARGO_PKG_VERSION"));

const TRACE: &str = "x-amzn-trace-id";

/// A function behind HTTP.
///
/// Every request becomes an event, and the function's reply becomes the response. Function errors and invalid replies are
/// answered with 502 (HTTP APIs: 500), requests over 6 MB with 413. Requests to
/// `POST /2015-03-31/functions/{name}/invocations` invoke the function with their body. With a [`Durable`] service its API is
/// served too. Other operations of Lambda's API are refused and never reach the function.
///
/// Web pages of other sites cannot reach the function: a request for a host name that is not this machine's, or from a page of
/// another origin, gets 403, unless [`allow_host`](Self::allow_host) or [`allow_origin`](Self::allow_origin) allows it.
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
    caller: Caller,
    tenant_header: Option<HeaderName>,
    durable: Option<Arc<Durable>>,
    guard: Guard,
    server: HeaderValue,
    report: OnEvent,
}

/// What is known about who calls.
enum Caller {
    Anybody,
    /// An authorizer has said this.
    Known(Authorizer),
    /// An authorizer says it.
    Asked(LambdaAuthorizer),
}

impl Gateway {
    /// Serves `function` over HTTP.
    #[must_use]
    pub fn new(function: Arc<Function>, format: PayloadFormat) -> Self {
        let report: OnEvent = Arc::new(|_| ());
        Self {
            invoke_api: InvokeApi::new(Arc::clone(&function), Arc::clone(&report)),
            function,
            format,
            caller: Caller::Anybody,
            tenant_header: None,
            durable: None,
            guard: Guard::default(),
            server: HeaderValue::from_static(SERVER),
            report,
        }
    }

    /// Also accepts requests for this host, and from web pages on it. Its port is ignored.
    ///
    /// # Errors
    /// If it is not a host.
    pub fn allow_host(mut self, host: &str) -> Result<Self, Error> {
        self.guard.allow_host(host.parse().map_err(Error::other)?);
        Ok(self)
    }

    /// Also accepts requests from web pages of this origin, such as `https://app.example`.
    ///
    /// # Errors
    /// If it is not an origin.
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, Error> {
        self.guard.allow_origin(origin.parse().map_err(Error::other)?);
        Ok(self)
    }

    /// Makes every request come from a caller whom an authorizer has let through.
    #[must_use]
    pub fn authorized_by(self, authorizer: Authorizer) -> Self {
        Self {
            caller: Caller::Known(authorizer),
            ..self
        }
    }

    /// Asks this authorizer about every request.
    #[must_use]
    pub fn authorized_by_function(self, authorizer: LambdaAuthorizer) -> Self {
        Self {
            caller: Caller::Asked(authorizer),
            ..self
        }
    }

    /// Sets the `Server` header of responses, by which clients can recognize the server.
    #[must_use]
    pub fn server(self, name: &'static str) -> Self {
        let server = HeaderValue::from_static(name);
        Self { server, ..self }
    }

    /// Accepts the requests that `guard` accepts.
    #[must_use]
    pub fn guarded_by(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }

    /// Calls `report` with a line for each answered request, after a line for each of its errors. The line comes when the invocation
    /// has ended, which may be some time after the response; that of a streamed response when it begins.
    #[must_use]
    pub fn on_request(self, report: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_report(move |reported| report(&reported.to_string()))
    }

    /// Calls `report` with each event of the gateway.
    #[must_use]
    pub fn on_report(mut self, report: impl Fn(&GatewayEvent<'_>) + Send + Sync + 'static) -> Self {
        let report: OnEvent = Arc::new(report);
        self.invoke_api.report_to(Arc::clone(&report));
        Self { report, ..self }
    }

    /// Sets what happens to events that the function is invoked with asynchronously.
    #[must_use]
    pub fn asynchronous(mut self, settings: AsyncInvocations) -> Self {
        self.invoke_api.queue_with(settings);
        self
    }

    /// Serves the API of this service too, and starts an execution for everything that the function is invoked with.
    #[must_use]
    pub fn durable(mut self, service: Arc<Durable>) -> Self {
        self.invoke_api.durable(Arc::clone(&service));
        Self {
            durable: Some(service),
            ..self
        }
    }

    /// Takes the tenant id of HTTP requests from this header, as a REST API does that maps it to `X-Amz-Tenant-Id`. Requests
    /// without it have no tenant.
    ///
    /// # Errors
    /// If it is not the name of a header.
    pub fn tenant_header(self, name: &str) -> Result<Self, Error> {
        let name = HeaderName::try_from(name).map_err(|e| Error::other(format!("`{name}`: {e}")))?;
        Ok(Self {
            tenant_header: Some(name),
            ..self
        })
    }

    /// Serves `listener` until the future is dropped. Running invocations continue.
    pub async fn serve(self, listener: TcpListener) {
        let gateway = Arc::new(self);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                // If a client disconnects before it is accepted, serving goes on.
                accepted = listener.accept() => if let Ok((stream, peer)) = accepted {
                    connections.spawn(connection(Arc::clone(&gateway), stream, peer.ip()));
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn handle(
        &self,
        request: Request<Incoming>,
        admitted: Result<(), Forbidden>,
        source_ip: IpAddr,
    ) -> Response<ReplyBody> {
        let begun = Instant::now();
        let (parts, body) = request.into_parts();
        let durable = self.durable.as_ref().filter(|_| durable::is_call(&parts));
        let limit = durable.map_or(MAX_REQUEST, |_| durable::body_limit(&parts));
        let Ok(body) = collect(body, limit).await else {
            return message(StatusCode::BAD_REQUEST, "Bad Request").map(ReplyBody::from);
        };
        // Without the query, which may hold secrets.
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let mut response = match (admitted, durable, InvokeApi::is_call(&parts), body.data) {
            (Err(forbidden), ..) => self.refuse(&forbidden).map(ReplyBody::from),
            (Ok(()), Some(durable), _, body) => durable.respond(&parts, body).await.map(ReplyBody::from),
            (Ok(()), None, true, body) => self.invoke_api.answer(&parts, body).await,
            (Ok(()), None, false, Some(body)) => self.proxy(parts, body, source_ip).await,
            (Ok(()), None, false, None) => self.format.too_large().map(ReplyBody::from),
        };
        response.headers_mut().insert(header::SERVER, self.server.clone());
        let answered = AnsweredRequest {
            method,
            path,
            status: response.status(),
            duration: begun.elapsed(),
        };
        let Some(aftermath) = response.body_mut().aftermath() else {
            (self.report)(&GatewayEvent::Request(&answered));
            return response;
        };
        // The response does not wait for the end of the invocation, but the line does: it comes after those of the function.
        let report = Arc::clone(&self.report);
        let has_ended = aftermath.remainder.ended().is_some();
        let over = async move {
            aftermath.over(&report).await;
            report(&GatewayEvent::Request(&answered));
        };
        match has_ended {
            true => over.await,
            false => drop(tokio::spawn(over)),
        }
        response
    }

    async fn proxy(&self, mut parts: Parts, body: Bytes, source_ip: IpAddr) -> Response<ReplyBody> {
        let trace_id = trace(&mut parts.headers);
        let tenant = self.tenant_of(&parts.headers);
        let request = HttpRequest {
            parts,
            body,
            source_ip,
            request_id: Uuid::new_v4().to_string(),
            time: SystemTime::now(),
        };
        let mut response = match self.event(&request, &trace_id).await {
            Ok(event) => {
                let mut invocation = InvokeEvent::from(event.to_string()).trace_id(trace_id);
                invocation.tenant_id = tenant;
                self.invoke(invocation).await
            }
            Err(denial) => {
                (self.report)(&GatewayEvent::Error(&denial));
                denial.response(self.format).map(ReplyBody::from)
            }
        };
        let request_id = HeaderValue::try_from(request.request_id).ok();
        let name = HeaderName::from_static(self.format.request_id());
        response.headers_mut().extend(request_id.map(|id| (name, id)));
        response
    }

    fn tenant_of(&self, headers: &HeaderMap) -> Option<String> {
        let value = headers.get(self.tenant_header.as_ref()?)?;
        value.to_str().ok().map(str::to_owned)
    }

    /// The event of a request, unless an authorizer refuses it.
    async fn event(&self, request: &HttpRequest, trace_id: &str) -> Result<Value, Denial> {
        let authorizer = match &self.caller {
            Caller::Anybody => return Ok(event(request, self.format)),
            Caller::Known(authorizer) => authorizer,
            Caller::Asked(authorizer) => &authorizer.ask(request, trace_id).await?,
        };
        let mut event = event(request, self.format);
        authorizer.add_to(&mut event);
        Ok(event)
    }

    /// Invokes the function, and converts its reply into a response.
    async fn invoke(&self, invocation: InvokeEvent) -> Response<ReplyBody> {
        let reply = match &self.durable {
            Some(durable) => {
                let outcome = durable.invoke(invocation).await;
                outcome.map(|outcome| Reply::Buffered(outcome.into()))
            }
            None => Arc::clone(&self.function).invoke_streaming(invocation).await,
        };
        let reply = match reply {
            Ok(Reply::Buffered(reply)) => reply,
            Ok(Reply::Streamed { content_type, chunks }) => {
                return self.streamed(&content_type, chunks).await;
            }
            Err(error) if error.is_payload_too_large() => {
                return self.format.too_large().map(ReplyBody::from);
            }
            Err(error) => return self.failed(&GatewayEvent::Error(&error)),
        };
        let response = match &reply.result {
            Ok(body) => response(body, &reply.mode, self.format).map_err(|e| Fault::Invalid(Box::new(e))),
            Err(error) => Err(Fault::Function(error.clone())),
        };
        let (response, fault) = match response {
            Ok(response) => (response, None),
            Err(fault) => (self.format.failed(), Some(fault)),
        };
        let remainder = reply.remainder;
        response.map(|body| ReplyBody::from(body).and_then(Aftermath { remainder, fault }))
    }

    /// The response to a streamed reply, as soon as its head is complete.
    async fn streamed(&self, content_type: &str, mut chunks: Chunks) -> Response<ReplyBody> {
        let mut beginning = Bytes::new();
        loop {
            match begin(&beginning, content_type, self.format) {
                Ok(None) if beginning.len() <= PRELUDE => {}
                Ok(None) => return self.failed(&GatewayEvent::Error(&without_prelude_end())),
                Ok(Some(response)) => {
                    let report = Arc::clone(&self.report);
                    return response.map(|first| ReplyBody::streamed(first, chunks, Framing::Plain, report));
                }
                Err(error) => return self.failed(&GatewayEvent::Error(&error)),
            }
            match chunks.next().await {
                Some(Ok(chunk)) if beginning.is_empty() => beginning = chunk,
                Some(Ok(chunk)) => beginning = [beginning, chunk].concat().into(),
                Some(Err(error)) => return self.failed(&GatewayEvent::FunctionError(&error)),
                None => return self.failed(&GatewayEvent::Error(&without_prelude_end())),
            }
        }
    }

    fn refuse(&self, forbidden: &Forbidden) -> Response<Bytes> {
        (self.report)(&GatewayEvent::Error(forbidden));
        let mut response = message(StatusCode::FORBIDDEN, &forbidden.to_string());
        let error_type = HeaderValue::from_static("AccessDeniedException");
        response.headers_mut().insert("x-amzn-errortype", error_type);
        response
    }

    fn failed(&self, error: &GatewayEvent<'_>) -> Response<ReplyBody> {
        (self.report)(error);
        self.format.failed().map(ReplyBody::from)
    }
}

async fn connection(gateway: Arc<Gateway>, stream: TcpStream, source_ip: IpAddr) {
    let answer = |request, admitted| {
        // A separate task, because Lambda finishes an invocation whose client has disconnected.
        let answering = Arc::clone(&gateway);
        let handling = tokio::spawn(async move { answering.handle(request, admitted, source_ip).await });
        async move {
            let failed = |_| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
            handling
                .await
                .unwrap_or_else(|error| failed(error).map(ReplyBody::from))
        }
    };
    connection::serve(stream, &gateway.guard, answer).await;
}

/// The request's X-Ray trace header. Without one a new trace starts.
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

/// A response of the gateway itself.
fn message(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(serde_json::json!({"message": text}).to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
