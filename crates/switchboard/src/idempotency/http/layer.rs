//! The layer's settings.

use super::caller::{Caller, CallerFn};
use super::service::IdempotentService;
use crate::idempotency::Idempotency;
use http::{Method, Request};
use lambda_http::Body;
use std::fmt;
use std::sync::Arc;
use tower::Layer;

/// With what it takes to keep it, this is about what an item in DynamoDB may have.
const MAX_RESPONSE: usize = 384 * 1024;

/// A layer for services of [`Router::http`](crate::Router::http): a request that comes again with the same
/// `Idempotency-Key` has its effect once, and gets the first one's response. See [the module](crate::idempotency).
///
/// Nobody gets the response of another caller: keys of one mean nothing to another. Who calls is what the request shows,
/// all of it together: the header field `Authorization`; whom the authorizer let in (the context of a Lambda authorizer, a
/// token's `iss` and `sub`, the identity that signed, with that of Cognito); the API key; the client's certificate; what a
/// load balancer that signs users in says of them. A token that was renewed and another signature are the same caller where
/// the gateway vouches for it. Anything else, such as a session in a cookie, is [yours to name](Self::caller).
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
    /// Keeps responses as `idempotency` says. Its prefix is `<function name>.http` if it has none; a missing key is
    /// answered with status 400 unless [`MissingKey::Handle`](crate::idempotency::MissingKey) is set.
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

    /// Which methods need a key: POST and PATCH by default, as the others are idempotent by themselves. Requests of
    /// other methods pass through.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// Says who calls, in place of what the request shows: by a session's or a user's id, say. `None` is nobody, and all
    /// who are nobody are one. What it gives is hashed, and neither kept nor logged.
    ///
    /// Name whoever the service behind it takes the request to be from. Where that is told by a cookie, or by a header field
    /// of your own, clients get each other's responses otherwise, if they send the same key and the same request.
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
        self.caller = Caller::Told(Arc::new(caller));
        self
    }

    /// All callers are one: whoever sends the key and the request of another gets that one's response. For APIs whose
    /// responses are for everybody, or whose clients have other credentials each time.
    #[must_use]
    pub fn without_caller(mut self) -> Self {
        self.caller = Caller::Anyone;
        self
    }

    /// Says what else a key is for, beside its method, path and caller: a tenant, say. Keys of one scope mean nothing in
    /// another.
    #[must_use]
    pub fn scope<F>(mut self, scope: F) -> Self
    where
        F: Fn(&Request<Body>) -> Option<String> + Send + Sync + 'static,
    {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// How many bytes of JSON a response may take to be kept, 384 KiB by default. A larger one is given once; when the
    /// request comes again, it is answered with status 409.
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
