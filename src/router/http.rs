//! The route of HTTP requests: any tower service over `http::Request`.

use super::name::service_name;
use super::route::{Answer, Call};
use super::{Reply, Route, Router};
use crate::error::{Error, panic_message};
use crate::event::api_gateway::{self, HttpReply, HttpRequest, problem};
use crate::source::Source;
use crate::telemetry;
use futures_util::FutureExt;
use http::{Response, StatusCode};
use lambda_http::{Body, IntoResponse, RequestExt};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use tower::{Service, ServiceExt};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Hands HTTP requests to a tower service: an axum router, say. REST and HTTP APIs, function URLs, ALB and
    /// WebSocket APIs all reach it as `http::Request`s by `lambda_http`'s conversions, whose extensions are there
    /// ([`lambda_http::RequestExt`]). The path comes without the stage; a WebSocket route is the path of its
    /// route key, such as `/$connect`.
    ///
    /// What fails or panics is answered with status 500 and a problem document (RFC 9457), never with a function
    /// error, of which the caller would see a bare 502.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "function")] {
    /// use axum::routing::get;
    /// use switchboard::Router;
    ///
    /// let api = axum::Router::new().route("/health", get(|| async { "well" }));
    /// let router = Router::new(()).http(api);
    /// # let _ = router;
    /// # }
    /// ```
    #[must_use]
    pub fn http<Svc>(self, service: Svc) -> Self
    where
        Svc: Service<http::Request<Body>, Response: IntoResponse, Error: fmt::Display, Future: Send>,
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
}

fn answer<S, Svc>(call: Call<S>, service: Svc) -> Answer
where
    S: Clone + Send + Sync + 'static,
    Svc: Service<http::Request<Body>, Response: IntoResponse, Error: fmt::Display, Future: Send>,
    Svc: Send + 'static,
{
    Box::pin(async move {
        let source = call.invocation.source;
        telemetry::delivered(source, 1, false, || None);
        let read = read(&call);
        // Nobody else holds the invocation: its context moves into the request.
        let lambda = match Arc::try_unwrap(call.invocation) {
            Ok(invocation) => invocation.lambda,
            Err(shared) => shared.lambda.clone(),
        };
        let request_id = lambda.request_id.clone();
        let (multi_value, outcome) = match read {
            Ok(HttpRequest { request, multi_value }) => {
                let request = request.with_lambda_context(lambda);
                let serving = pin!(serve(service, request));
                let outcome = AssertUnwindSafe(serving)
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|panic| {
                        Err(format!("the HTTP service panicked: {}", panic_message(&*panic)))
                    });
                (multi_value, outcome)
            }
            Err(unreadable) => (api_gateway::wants_multi_value(&call.payload), Err(unreadable)),
        };
        let response = outcome
            .unwrap_or_else(|error| failed(&error, "the request could not be handled", source, &request_id));
        let http = HttpReply {
            source,
            multi_value,
            response,
        };
        compose(http, &request_id)
    })
}

/// What is too large to get through becomes a problem, too: as a function error nobody could tell what it was.
fn compose(mut http: HttpReply, request_id: &str) -> Result<Reply, Error> {
    let limit = api_gateway::max_reply(http.source);
    if !http.is_surely_below(limit) {
        let size = serde_json::to_vec(&http).map_err(Error::reply)?.len();
        if size > limit {
            let error = format!("the reply has {size} bytes, at most {limit} can be returned");
            let detail = "the response is too large to be returned: ask for less";
            http.response = failed(&error, detail, http.source, request_id);
        }
    }
    Ok(Reply::http(http))
}

fn failed(error: &str, detail: &str, source: Source, request_id: &str) -> Response<Body> {
    telemetry::record_failed(source, false);
    tracing::error!(%source, error, "request failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, detail, request_id)
}

/// `lambda_http` panics where host and path form no valid URL, and where a body is not the base64 it is said to be.
fn read<S>(call: &Call<S>) -> Result<HttpRequest, String> {
    let read = || api_gateway::read(call.invocation.source, &call.payload);
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|unreadable| unreadable.to_string()),
        Err(panic) => Err(format!(
            "`lambda_http` cannot make a request of the event: {}",
            panic_message(&*panic)
        )),
    }
}

async fn serve<Svc>(service: Svc, request: http::Request<Body>) -> Result<Response<Body>, String>
where
    Svc: Service<http::Request<Body>, Response: IntoResponse, Error: fmt::Display>,
{
    let response = service
        .oneshot(request)
        .await
        .map_err(|error| error.to_string())?;
    Ok(response.into_response().await)
}
