//! A service whose requests have their effect once per key.

use super::key;
use super::layer::IdempotencyKeyLayer;
use super::replay::{StoredResponse, TooLarge, is_passing};
use crate::Failure;
use crate::event::api_gateway::{IntoResponse, finish, problem};
use crate::idempotency::hash::sha256;
use crate::idempotency::once::{EffectKey, EffectOutcome};
use crate::idempotency::{MissingKey, Store, StoreError};
use crate::source::{Spelling, normal};
use crate::telemetry;
use http::{Request, Response, StatusCode};
use lambda_http::{Body, RequestExt};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::SystemTime;
use tower::Service;

/// The service that [`IdempotencyKeyLayer`] creates.
#[derive(Debug)]
pub struct IdempotentService<Svc, St> {
    pub(super) service: Svc,
    pub(super) layer: IdempotencyKeyLayer<St>,
}

/// Clones share the store, which need not be `Clone`.
impl<Svc: Clone, St> Clone for IdempotentService<Svc, St> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            layer: self.layer.clone(),
        }
    }
}

type ResponseFuture<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<Svc, St> Service<Request<Body>> for IdempotentService<Svc, St>
where
    Svc: Service<Request<Body>, Response: IntoResponse + Send, Error: Send, Future: Send>,
    Svc: Clone + Send + 'static,
    St: Store + 'static,
{
    type Response = Response<Body>;
    type Error = Svc::Error;
    type Future = ResponseFuture<Svc::Error>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Svc::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The ready service is used; its clone must become ready first.
        let clone = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let request_id = request_id(&request);
            match layer.name(&request) {
                Ok(Some(name)) => {
                    layer
                        .once(name, &request_id, async { service.call(request).await })
                        .await
                }
                Ok(None) => Ok(whole(service.call(request).await?, &request_id)
                    .await
                    .unwrap_or_else(|broken| broken)),
                Err(detail) => Ok(problem(StatusCode::BAD_REQUEST, &detail, &request_id)),
            }
        })
    }
}

fn request_id(request: &Request<Body>) -> String {
    let lambda = request.lambda_context_ref();
    lambda.map(|lambda| lambda.request_id.clone()).unwrap_or_default()
}

/// The response with its complete body, or the answer if the body ends with an error.
fn whole<R: IntoResponse>(
    response: R,
    request_id: &str,
) -> impl Future<Output = Result<Response<Body>, Response<Body>>> + Send + use<'_, R> {
    let finished = finish(response, false, usize::MAX);
    async move {
        finished.await.map_err(|broken| {
            tracing::error!(error = %broken, "request failed");
            let detail = "the request could not be handled";
            problem(StatusCode::INTERNAL_SERVER_ERROR, detail, request_id)
        })
    }
}

/// A request's id in the store, the hash of its content, and when its invocation ends.
struct RequestKey {
    id: String,
    validation: Option<String>,
    deadline: SystemTime,
}

/// Why a response is not stored.
enum NotStored<E> {
    /// A retry may help.
    Passing(Response<Body>),
    Error(E),
    Unwritable(serde_json::Error),
}

impl<St> IdempotencyKeyLayer<St> {
    /// `None` if the request needs no key, or may omit it and does; the error says why it is refused.
    fn name(&self, request: &Request<Body>) -> Result<Option<RequestKey>, String> {
        if !self.methods.contains(request.method()) {
            return Ok(None);
        }
        let key =
            key::read(request.headers()).map_err(|why| format!("the Idempotency-Key is invalid: {why}"))?;
        let Some(key) = key else {
            return match self.idempotency.missing_key {
                MissingKey::Handle => Ok(None),
                MissingKey::Retry | MissingKey::Reject => {
                    let method = request.method();
                    Err(format!(
                        "the header field Idempotency-Key is missing, which {method} requests need"
                    ))
                }
            };
        };
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let validation = || sha256(&[query, b"\n", request.body()]);
        let lambda = request.lambda_context_ref();
        Ok(Some(RequestKey {
            id: self.id(request, &key),
            validation: self.idempotency.validation.then(validation),
            deadline: lambda.map_or(SystemTime::UNIX_EPOCH, |lambda| lambda.deadline()),
        }))
    }

    /// The id of this caller's key for this method and path. Other callers' ids cannot be guessed, and an id reveals
    /// none of this.
    pub(super) fn id(&self, request: &Request<Body>, key: &str) -> String {
        let lambda = request.lambda_context_ref();
        let mut parts = vec![
            json!(request.method().as_str()),
            json!(request.uri().path()),
            json!(self.scope.as_ref().and_then(|scope| scope(request))),
            json!(self.caller.marks(request)),
            json!(key),
        ];
        // Whatever the caller is, a tenant's answers are its own.
        parts.extend(
            lambda
                .and_then(|lambda| lambda.tenant_id.as_ref())
                .map(|id| json!({"tenant": id})),
        );
        let parts = Value::Array(parts);
        // Independent of the order of members in maps.
        let hash = sha256(&[&normal(parts.to_string().as_bytes(), Spelling::Python)]);
        match (
            &self.idempotency.prefix,
            lambda.map(|lambda| &lambda.env_config.function_name),
        ) {
            (Some(prefix), _) => format!("{prefix}#{hash}"),
            (None, Some(function)) if !function.is_empty() => format!("{function}.http#{hash}"),
            _ => format!("http#{hash}"),
        }
    }
}

impl<St: Store> IdempotencyKeyLayer<St> {
    async fn once<R, E>(
        &self,
        name: RequestKey,
        request_id: &str,
        served: impl Future<Output = Result<R, E>> + Send,
    ) -> Result<Response<Body>, E>
    where
        R: IntoResponse + Send,
        E: Send,
    {
        let subject = EffectKey {
            id: &name.id,
            validation: name.validation.as_deref(),
            deadline: name.deadline,
        };
        let effect = async {
            let response = served.await.map_err(NotStored::Error)?;
            let response = whole(response, request_id).await.map_err(NotStored::Passing)?;
            if is_passing(response.status()) {
                return Err(NotStored::Passing(response));
            }
            let kept = StoredResponse::json(&response, self.max_response).map_err(NotStored::Unwritable)?;
            Ok((response, kept))
        };
        match self.idempotency.once.run(subject, effect).await {
            Ok(EffectOutcome::Fresh(response) | EffectOutcome::Failed(NotStored::Passing(response))) => {
                Ok(response)
            }
            Ok(EffectOutcome::Failed(NotStored::Error(error))) => Err(error),
            Ok(EffectOutcome::Failed(NotStored::Unwritable(error))) => {
                Ok(unkept(&name.id, error, request_id))
            }
            Ok(EffectOutcome::Replayed(json)) => {
                telemetry::skipped(None);
                Ok(replay(&name.id, &json, request_id))
            }
            Ok(ended) => {
                let (status, detail) = refusal(&ended);
                Ok(problem(status, detail, request_id))
            }
            Err(error) => Ok(unkept(&name.id, error, request_id)),
        }
    }
}

/// The answers in the draft “Idempotency-Key HTTP Header Field”, section “Error Handling”.
fn refusal<T, E>(ended: &EffectOutcome<T, E>) -> (StatusCode, &'static str) {
    match ended {
        EffectOutcome::Mismatch => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "this Idempotency-Key was used before with another request",
        ),
        EffectOutcome::Lost => (
            StatusCode::CONFLICT,
            "the request took longer than its Idempotency-Key was reserved for, and was sent again meanwhile",
        ),
        _ => (
            StatusCode::CONFLICT,
            "a request with this Idempotency-Key is in progress: try again later",
        ),
    }
}

fn replay(id: &str, json: &str, request_id: &str) -> Response<Body> {
    tracing::debug!(key = id, "answered from the idempotency store");
    match StoredResponse::response(json) {
        Some(Ok(response)) => response,
        Some(Err(TooLarge)) => problem(
            StatusCode::CONFLICT,
            "the request was carried out before, but its response is too large to be replayed",
            request_id,
        ),
        None => {
            let damaged = StoreError::damaged("the stored value is not a response");
            unkept(id, damaged, request_id)
        }
    }
}

/// Logs the store's error.
fn unkept(id: &str, error: impl Into<Failure>, request_id: &str) -> Response<Body> {
    tracing::error!(key = id, error = %error.into(), "idempotency store failed");
    let detail = "the Idempotency-Key cannot be looked up or stored at the moment: try again later";
    problem(StatusCode::SERVICE_UNAVAILABLE, detail, request_id)
}
