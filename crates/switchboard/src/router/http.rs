//! The route of HTTP requests: any tower service over `http::Request`.

use super::Router;
use super::StreamingFronts;
use super::route::{ReplyFuture, Route};
use crate::deadlines::{hard_deadline, within};
use crate::error::Error;
use crate::event::api_gateway::{
    self, HttpReply, HttpRequest, IntoResponse, InvalidRequest, InvalidResponse, problem,
};
use crate::event::durable::Execution;
use crate::handler::{Call, Reply, service_name};
use crate::panics::{self, Panic};
use crate::source::Source;
use crate::telemetry;
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use lambda_http::{Body, RequestExt};
use std::fmt;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;
use tower::{Service, ServiceExt};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Routes HTTP requests to a tower service, such as an axum router. Requests of REST and HTTP APIs, function URLs,
    /// ALB and WebSocket APIs all reach it as `http::Request`s with the body and the extensions of `lambda_http`
    /// ([`lambda_http::RequestExt`]). It may answer with any [`IntoResponse`].
    ///
    /// # The request
    ///
    /// The service sees what the client asked for. The path does not include the stage, and neither `..` nor `//` in it
    /// is resolved. REST APIs, function URLs and ALB pass the path on as it was sent. HTTP APIs decode it, so each `%`
    /// that is left is escaped again: `/50%25` is `/50%25` with every front end. Characters that a URI cannot have,
    /// such as a space or `"`, are escaped, in the query too. Parameters of REST APIs and ALB keep their order. The
    /// path of a WebSocket request is its route key, such as `/$connect`. The URI has the requested host if that is a
    /// name or an address; any other `Host` is in the headers only.
    ///
    /// A header that HTTP does not allow is left out, and the log names it. If another part of the event is missing or
    /// malformed, its request context for example, the request is read without that part.
    ///
    /// # The reply
    ///
    /// Every byte of the body reaches the client. The body is sent as text if it is UTF-8, its `Content-Type` is
    /// textual or missing and names no other charset, and it has no `Content-Encoding`; otherwise in base64. A header
    /// that is not UTF-8 is sent as ISO-8859-1, and the log names it. An ALB without multi-value headers accepts only
    /// one `Set-Cookie`: the last one is sent, and the log names the others. As with any HTTP server, responses to HEAD
    /// and responses with status 204 or 304 have no body, even if the service gave them one; their headers stay.
    ///
    /// If the service fails or panics, or its body ends with an error, the client gets status 500 and a problem
    /// document (RFC 9457). A function error would show the client a bare 502 instead. A service that is still running
    /// 50 ms before the invocation's end is dropped, and the client gets status 504.
    ///
    /// # Example
    ///
    /// ```
    /// use axum::routing::get;
    /// use switchboard::Router;
    ///
    /// let api = axum::Router::new().route("/health", get(|| async { "well" }));
    /// let router = Router::new(()).http(api);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn http<Svc>(self, service: Svc) -> Self
    where
        Svc: HttpService<Response: IntoResponse, Error: fmt::Display>,
        Svc: Clone + Send + Sync + 'static,
    {
        let route = Route::new(
            api_gateway::SOURCES,
            service_name(std::any::type_name::<Svc>()),
            true,
            move |call| answer(call, service.clone()),
        );
        self.route(route)
    }

    /// Routes HTTP requests to a tower service, like [`Router::http`], and sends its responses while their bodies are still
    /// produced, where the function's front end passes them on that way: server-sent events, files of up to 200 MB, the
    /// tokens of a model. Memory stays that of a small response. Everywhere else responses are sent whole.
    ///
    /// An event does not tell how its front end is configured, so `fronts` does. It must be what the template says: a function
    /// URL has `InvokeMode: RESPONSE_STREAM`, an integration of a REST API has `ResponseTransferMode: STREAM`. Otherwise clients
    /// get status, headers and body as one text.
    ///
    /// The status and the headers are sent when the service has answered. What goes wrong later cannot change them: if the body
    /// ends with an error, panics, or has not ended 50 ms before the invocation's end, the response is broken off for the
    /// client, the invocation fails with `StreamFailed`, and the log has one line with the reason.
    ///
    /// AWS Lambda Developer Guide, “Response streaming for Lambda functions”.
    ///
    /// # Example
    ///
    /// ```
    /// use axum::body::Body;
    /// use axum::routing::get;
    /// use futures_util::stream;
    /// use std::convert::Infallible;
    /// use switchboard::{Router, StreamingFronts};
    ///
    /// async fn ticks() -> Body {
    ///     Body::from_stream(stream::iter((1..=3).map(|tick| Ok::<_, Infallible>(format!("data: {tick}\n\n")))))
    /// }
    ///
    /// let api = axum::Router::new().route("/ticks", get(ticks));
    /// let router = Router::new(()).http_stream(api, StreamingFronts::FUNCTION_URL);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn http_stream<Svc>(self, service: Svc, fronts: StreamingFronts) -> Self
    where
        Svc: HttpService<Response: IntoResponse<Body: 'static>, Error: fmt::Display>,
        Svc: Clone + Send + Sync + 'static,
    {
        let route = Route::new(
            api_gateway::SOURCES,
            service_name(std::any::type_name::<Svc>()),
            true,
            move |call| match (fronts.include(call.invocation.source), &call.invocation.execution) {
                (true, None) => stream::answer(call, service.clone()),
                (true, Some(_)) => Box::pin(ready(Err(not_durable::<Svc>(call.invocation.source)))),
                (false, _) => answer(call, service.clone()),
            },
        );
        self.route(route.streaming(|source| fronts.include(source)))
    }
}

/// A tower service over `http::Request<lambda_http::Body>` whose future is `Send`: what [`Router::http`] takes. All such services
/// implement it; there is no need to implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service for HTTP requests",
    label = "not a `tower::Service<http::Request<lambda_http::Body>>`",
    note = "an axum `Router` is such a service; `tower::service_fn(handler)` makes one of an `async fn(lambda_http::Request)` that \
            returns a `Result` and whose future is `Send`"
)]
pub trait HttpService {
    /// What it answers with.
    type Response;

    /// Why it does not answer.
    type Error;

    /// Answers one request, as soon as the service is ready for it.
    fn answer(
        self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;
}

#[diagnostic::do_not_recommend]
impl<Svc> HttpService for Svc
where
    Svc: Service<http::Request<Body>, Future: Send> + Send,
{
    type Response = Svc::Response;
    type Error = Svc::Error;

    fn answer(
        self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<Svc::Response, Svc::Error>> + Send {
        self.oneshot(request)
    }
}

mod stream;

/// The answer of a durable execution is one text.
fn not_durable<Svc>(source: Source) -> Error {
    let service = service_name(std::any::type_name::<Svc>());
    Error::invalid_route(
        source,
        &service,
        "streams its responses, which a durable execution cannot: register it with `Router::http`, or deploy it as a function \
         without `DurableConfig`",
    )
}

/// A request, and what its invocation says of it.
struct Begun {
    source: Source,
    payload: Bytes,
    /// When the service is dropped.
    ends: Option<Instant>,
    lambda: lambda_runtime::Context,
    read: Result<HttpRequest, InvalidRequest>,
}

impl Begun {
    fn of<S>(call: Call<S>) -> Self {
        let source = call.invocation.source;
        telemetry::delivered(source, 1, false, || None);
        let mut read = api_gateway::read(source, &call.payload);
        if let (Ok(HttpRequest { request, .. }), Some(execution)) = (&mut read, &call.invocation.execution) {
            request.extensions_mut().insert(Execution::clone(execution));
        }
        let ends = call.invocation.ends.map(hard_deadline);
        // This is the only reference to the invocation, so its context moves into the request.
        let lambda = match Arc::try_unwrap(call.invocation) {
            Ok(invocation) => invocation.lambda,
            Err(shared) => shared.lambda.clone(),
        };
        Self {
            source,
            payload: call.payload,
            ends,
            lambda,
            read,
        }
    }
}

fn answer<S, Svc>(call: Call<S>, service: Svc) -> ReplyFuture
where
    S: Clone + Send + Sync + 'static,
    Svc: HttpService<Response: IntoResponse, Error: fmt::Display> + Send + 'static,
{
    Box::pin(async move {
        let Begun {
            source,
            payload,
            ends,
            lambda,
            read,
        } = Begun::of(call);
        let request_id = lambda.request_id.clone();
        let (multi_value, outcome) = match read {
            Ok(HttpRequest { request, multi_value }) => {
                let serving = serve(service, request.with_lambda_context(lambda), source);
                // A panic or a timeout fails this request only, not the process.
                let outcome = within(ends, panics::catching(pin!(serving))).await;
                (multi_value, settle(outcome))
            }
            Err(refused) => (
                api_gateway::wants_multi_value(&payload),
                Err(RequestFault::InvalidRequest(refused)),
            ),
        };
        let response = outcome.unwrap_or_else(|fault| fault.respond(source, &request_id));
        compose(HttpReply::new(source, multi_value, response), &request_id)
    })
}

async fn serve<Svc>(
    service: Svc,
    request: http::Request<Body>,
    source: Source,
) -> Result<Response<Body>, RequestFault>
where
    Svc: HttpService<Response: IntoResponse, Error: fmt::Display>,
{
    let (response, head) = served(service, request).await?;
    let finished = api_gateway::finish(response, head, api_gateway::max_reply(source)).await;
    finished.map_err(RequestFault::InvalidResponse)
}

/// The service's response, and whether it answers a HEAD request.
async fn served<Svc>(
    service: Svc,
    request: http::Request<Body>,
) -> Result<(Svc::Response, bool), RequestFault>
where
    Svc: HttpService<Error: fmt::Display>,
{
    let head = request.method() == Method::HEAD;
    match service.answer(request).await {
        Ok(response) => Ok((response, head)),
        Err(error) => Err(RequestFault::Failed(error.to_string())),
    }
}

fn settle<B>(
    outcome: Option<Result<Result<Response<B>, RequestFault>, Panic>>,
) -> Result<Response<B>, RequestFault> {
    match outcome {
        Some(Ok(outcome)) => outcome,
        Some(Err(panic)) => Err(RequestFault::Panicked(panic)),
        None => Err(RequestFault::OutOfTime),
    }
}

/// Why there is no response from the service.
enum RequestFault {
    InvalidRequest(InvalidRequest),
    Failed(String),
    Panicked(Panic),
    InvalidResponse(InvalidResponse),
    OutOfTime,
    TooLarge { size: usize, limit: usize },
}

const TOO_LARGE: &str = "the response is too large to be returned: request less data";

impl RequestFault {
    /// What the client gets. The cause is logged: at ERROR, unless the client caused it.
    fn respond(&self, source: Source, request_id: &str) -> Response<Body> {
        let (status, detail) = self.problem();
        if status.is_client_error() {
            tracing::warn!(%source, reason = %self, "request refused");
        } else {
            telemetry::record_failed(source, false);
            self.log(source);
        }
        problem(status, detail, request_id)
    }

    /// Logs one line, which includes the service's panic.
    fn log(&self, source: Source) {
        let Self::Panicked(panic) = self else {
            return tracing::error!(%source, error = %self, "request failed");
        };
        let (location, backtrace) = (panic.location(), panic.backtrace());
        panic
            .span()
            .in_scope(|| tracing::error!(%source, location, backtrace, error = %self, "request failed"));
    }

    fn problem(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidRequest(refused @ InvalidRequest::Unreadable(_)) => {
                (refused.status(), "the request could not be handled")
            }
            Self::InvalidRequest(refused @ InvalidRequest::Method) => {
                (refused.status(), "the method is not a valid HTTP method")
            }
            Self::InvalidRequest(refused @ InvalidRequest::Target) => {
                (refused.status(), "the path and the query are too long")
            }
            Self::OutOfTime => (
                StatusCode::GATEWAY_TIMEOUT,
                "the request could not be handled in time",
            ),
            Self::InvalidResponse(InvalidResponse::TooLarge(_)) | Self::TooLarge { .. } => {
                (StatusCode::INTERNAL_SERVER_ERROR, TOO_LARGE)
            }
            Self::Failed(_) | Self::Panicked(_) | Self::InvalidResponse(InvalidResponse::Off(_)) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "the request could not be handled",
            ),
        }
    }
}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(refused) => refused.fmt(f),
            Self::Failed(error) => f.write_str(error),
            Self::Panicked(panic) => write!(f, "the HTTP service panicked: {}", panic.message()),
            Self::InvalidResponse(broken) => broken.fmt(f),
            Self::OutOfTime => {
                f.write_str("the HTTP service was dropped, because the invocation's time ran out")
            }
            Self::TooLarge { size, limit } => {
                write!(
                    f,
                    "the reply has {size} bytes, at most {limit} can be returned: stream it (`Router::http_stream`), or put it \
                 into S3 and return a presigned URL"
                )
            }
        }
    }
}

/// A response that is too large becomes a problem document, too. A function error would not tell the client why.
fn compose(mut http: HttpReply, request_id: &str) -> Result<Reply, Error> {
    let limit = api_gateway::max_reply(http.source);
    if !http.is_surely_below(limit) {
        let size = serde_json::to_vec(&http).map_err(Error::reply)?.len();
        if size > limit {
            http.response = RequestFault::TooLarge { size, limit }.respond(http.source, request_id);
        }
    }
    Ok(Reply::http(http))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use lambda_runtime::LambdaEvent;
    use serde_json::{Value, json};
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};
    use tokio::time::sleep;
    use tower::service_fn;

    /// The answer to a request whose invocation has so much time left.
    async fn answer(router: &mut Router<()>, left: Duration, mut event: Value) -> Value {
        let method = event.get("httpMethod").cloned().unwrap_or(json!("GET"));
        event["requestContext"]["http"] = json!({"method": method});
        let mut context = lambda_runtime::Context::default();
        let ends = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + left;
        context.deadline = u64::try_from(ends.as_millis()).unwrap();
        context.request_id = "r-7".to_owned();
        let reply = router
            .call(LambdaEvent::new(Payload::new(event.to_string()), context))
            .await;
        serde_json::to_value(reply.unwrap()).unwrap()
    }

    fn request(path: &str) -> Value {
        json!({"version": "2.0", "rawPath": path, "headers": {"host": "a.example"}, "requestContext": {"stage": "$default"}})
    }

    fn is_problem(reply: &Value, status: u16) {
        assert_eq!(reply["statusCode"], status, "{reply}");
        assert_eq!(reply["headers"]["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&problem["status"], &problem["requestId"]),
            (&json!(status), &json!("r-7"))
        );
    }

    /// Notes that it was dropped.
    struct Dropped(Arc<AtomicBool>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_takes_too_long_is_dropped_and_its_caller_gets_an_answer() {
        let dropped = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&dropped);
        let mut router = Router::new(()).http(service_fn(move |request: http::Request<Body>| {
            let (path, dropped) = (request.uri().path().to_owned(), Dropped(Arc::clone(&noted)));
            async move {
                let _dropped = dropped;
                if path == "/slow" {
                    sleep(Duration::from_secs(3)).await;
                }
                Ok::<_, Infallible>(path)
            }
        }));
        let started = tokio::time::Instant::now();
        let reply = answer(&mut router, Duration::from_secs(1), request("/slow")).await;
        is_problem(&reply, 504);
        let took = started.elapsed();
        // The deadline is one of the real clock, which went on while the paused one stood still.
        let real = started.into_std().elapsed();
        assert!(
            (Duration::from_millis(900)..=Duration::from_millis(951) + real).contains(&took),
            "{took:?}, {real:?}"
        );
        assert!(dropped.load(Ordering::SeqCst));
        let reply = answer(&mut router, Duration::from_secs(9), request("/slow")).await;
        assert_eq!(
            (&reply["statusCode"], &reply["body"]),
            (&json!(200), &json!("/slow"))
        );
        let reply = answer(&mut router, Duration::ZERO, request("/quick")).await;
        assert_eq!(reply["body"], "/quick");
    }

    type Piece = Result<Frame<Bytes>, &'static str>;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_off_or_has_no_end_is_never_half_an_answer() {
        let mut router = Router::new(()).http(service_fn(|request: http::Request<Body>| async move {
            let piece = |data: &'static [u8]| -> Piece { Ok(Frame::data(Bytes::from_static(data))) };
            let pieces: stream::BoxStream<'static, Piece> = match request.uri().path() {
                "/whole" => Box::pin(stream::iter([piece(b"data: 1\n\n"), piece(b"data: 2\n\n")])),
                "/broken" => Box::pin(stream::iter([piece(b"first"), Err("gone")])),
                "/endless" => Box::pin(stream::repeat_with(move || piece(&[b'x'; 4096]))),
                _ => Box::pin(stream::pending()),
            };
            Ok::<_, Infallible>(Response::new(StreamBody::new(pieces)))
        }));
        let left = Duration::from_secs(1);
        let whole = answer(&mut router, left, request("/whole")).await;
        assert_eq!(whole["body"], "data: 1\n\ndata: 2\n\n");
        for (path, status) in [("/broken", 500), ("/endless", 500), ("/silent", 504)] {
            is_problem(&answer(&mut router, left, request(path)).await, status);
            // Nobody asked for it.
            let mut head = request(path);
            head["httpMethod"] = json!("HEAD");
            let reply = answer(&mut router, left, head).await;
            assert_eq!((&reply["statusCode"], &reply["body"]), (&json!(200), &json!("")));
        }
    }

    #[tokio::test]
    async fn a_clients_mistake_is_not_a_failure_of_the_service() {
        let mut router = Router::new(()).http(service_fn(|_: http::Request<Body>| async {
            Ok::<_, Infallible>("")
        }));
        let left = Duration::from_secs(1);
        is_problem(
            &answer(&mut router, left, request(&"/".repeat(70_000))).await,
            414,
        );
        let mut unreadable = request("/");
        unreadable["headers"] = json!(5);
        is_problem(&answer(&mut router, left, unreadable).await, 500);
    }
}
