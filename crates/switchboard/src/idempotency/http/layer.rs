//! The layer's settings.

use super::caller::{Caller, CallerFn};
use super::service::IdempotentService;
use crate::idempotency::Idempotency;
use http::{Method, Request};
use lambda_http::Body;
use std::fmt;
use std::sync::Arc;
use tower::Layer;

/// With its metadata, about the limit of a DynamoDB item.
const MAX_RESPONSE: usize = 384 * 1024;

/// A layer for services of [`Router::http`](crate::Router::http): a request that is repeated with the same
/// `Idempotency-Key` has its effect once, and gets the first response again. See [the module](crate::idempotency).
///
/// No caller gets another caller's response: keys of different callers are independent. The caller is identified by the
/// request, by all of the following together: the header field `Authorization`; the identity that the authorizer
/// accepted (the context of a Lambda authorizer, a token's `iss` and `sub`, the signing identity, including Cognito's);
/// the API key; the client's certificate; and what a load balancer that signs users in says about them. A renewed token
/// or another signature is the same caller if the gateway verifies it. Anything else, such as a session in a cookie, is
/// [yours to name](Self::caller).
///
/// # Example
///
/// ```
/// use axum::routing::post;
/// use switchboard::Router;
/// use switchboard::idempotency::{Idempotency, IdempotencyKeyLayer, Memory};
/// use tower::Layer;
///
/// let api = axum::Router::new().route("/orders", post(|| async { "placed" }));
/// let layer = IdempotencyKeyLayer::new(Idempotency::new(Memory::new()));
/// let router = Router::new(()).http(layer.layer(api));
/// # let _ = router;
/// ```
pub struct IdempotencyKeyLayer<St> {
    pub(super) idempotency: Arc<Idempotency<St>>,
    pub(super) methods: Arc<[Method]>,
    pub(super) caller: Caller,
    pub(super) scope: Option<CallerFn>,
    pub(super) max_response: usize,
}

impl<St> IdempotencyKeyLayer<St> {
    /// Stores responses as `idempotency` says. The default prefix is `<function name>.http`. A missing key is answered
    /// with status 400 unless [`MissingKey::Handle`](crate::idempotency::MissingKey) is set.
    #[must_use]
    pub fn new(idempotency: Idempotency<St>) -> Self {
        Self {
            idempotency: Arc::new(idempotency),
            methods: Arc::new([Method::POST, Method::PATCH]),
            caller: Caller::Shown,
            scope: None,
            max_response: MAX_RESPONSE,
        }
    }

    /// Which methods need a key: POST and PATCH by default, because the others are idempotent by themselves. Requests
    /// with other methods pass through.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// Identifies the caller by a function instead of the request: by the id of a session or a user, for example.
    /// `None` means anonymous, and all anonymous callers are the same. The returned text is hashed; it is neither
    /// stored nor logged.
    ///
    /// Return the identity that the service behind this layer uses. If the service reads it from a cookie or from a
    /// header of your own, clients that send the same key and the same request would otherwise get each other's
    /// responses.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::idempotency::{Idempotency, IdempotencyKeyLayer, Memory};
    ///
    /// let layer = IdempotencyKeyLayer::new(Idempotency::new(Memory::new())).caller(|request| {
    ///     let user = request.headers().get("x-auth-user")?;
    ///     Some(user.to_str().ok()?.to_owned())
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn caller<F>(mut self, caller: F) -> Self
    where
        F: Fn(&Request<Body>) -> Option<String> + Send + Sync + 'static,
    {
        self.caller = Caller::Custom(Arc::new(caller));
        self
    }

    /// Treats all callers as one: a client that sends the key and the request of another one gets that client's
    /// response. For APIs whose responses are public, or whose clients have other credentials each time.
    #[must_use]
    pub fn without_caller(mut self) -> Self {
        self.caller = Caller::Anyone;
        self
    }

    /// Adds a scope to keys, besides method, path and caller: a tenant, for example. Keys of different scopes are
    /// independent.
    #[must_use]
    pub fn scope<F>(mut self, scope: F) -> Self
    where
        F: Fn(&Request<Body>) -> Option<String> + Send + Sync + 'static,
    {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// How many bytes of JSON a stored response may have, 384 KiB by default. A larger one is sent once; a repetition
    /// of the request is answered with status 409.
    #[must_use]
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes;
        self
    }
}

impl<St, Svc> Layer<Svc> for IdempotencyKeyLayer<St> {
    type Service = IdempotentService<Svc, St>;

    fn layer(&self, service: Svc) -> Self::Service {
        IdempotentService {
            service,
            layer: self.clone(),
        }
    }
}

impl<St> Clone for IdempotencyKeyLayer<St> {
    fn clone(&self) -> Self {
        Self {
            idempotency: Arc::clone(&self.idempotency),
            methods: Arc::clone(&self.methods),
            caller: self.caller.clone(),
            scope: self.scope.clone(),
            max_response: self.max_response,
        }
    }
}

impl<St: fmt::Debug> fmt::Debug for IdempotencyKeyLayer<St> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyKeyLayer")
            .field("idempotency", &self.idempotency)
            .field("methods", &self.methods)
            .field("caller", &self.caller)
            .field("max_response", &self.max_response)
            .finish_non_exhaustive()
    }
}
