//! The layer's settings.

use super::service::IdempotentService;
use crate::idempotency::Idempotency;
use http::{Method, Request};
use lambda_http::Body;
use std::fmt;
use std::sync::Arc;
use tower::Layer;

/// With what it takes to keep it, this is about what an item in DynamoDB may have.
const MAX_RESPONSE: usize = 384 * 1024;

/// Says of a request who is asking.
type Scope = Arc<dyn Fn(&Request<Body>) -> Option<String> + Send + Sync>;

/// A layer for services of [`Router::http`](crate::Router::http): a request that comes again with the same
/// `Idempotency-Key` has its effect once, and gets the first one's response. See [the module](crate::idempotency).
///
/// # Example
///
/// ```
/// # #[cfg(feature = "function")] {
/// use axum::routing::post;
/// use switchboard::Router;
/// use switchboard::idempotency::{Idempotency, IdempotencyKeyLayer, Memory};
/// use tower::Layer;
///
/// let api = axum::Router::new().route("/orders", post(|| async { "placed" }));
/// let layer = IdempotencyKeyLayer::new(Idempotency::new(Memory::new()));
/// let router = Router::new(()).http(layer.layer(api));
/// # let _ = router;
/// # }
/// ```
pub struct IdempotencyKeyLayer<St> {
    pub(super) idempotency: Arc<Idempotency<St>>,
    pub(super) methods: Arc<[Method]>,
    pub(super) scope: Option<Scope>,
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

    /// Says who is asking, by a tenant's or a user's id, say: keys of one scope mean nothing in another. Without it,
    /// whoever sends the key and the request of another client gets that one's response; so set it where clients
    /// are not to see each other's.
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
            .field("max_response", &self.max_response)
            .finish_non_exhaustive()
    }
}
