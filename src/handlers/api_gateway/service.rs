//! The API as a named type, so that `Router::routes` lists it by name.

use super::router;
use crate::handlers::App;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use std::convert::Infallible;
use std::task::{Context, Poll};
use tower::Service;

/// The journal's HTTP API as a tower service.
#[derive(Clone, Debug)]
pub struct Api(Router);

impl Api {
    /// The API of a journal.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self(router(app))
    }
}

impl Service<Request<lambda_http::Body>> for Api {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <Router as Service<Request<lambda_http::Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        <Router as Service<Request<lambda_http::Body>>>::poll_ready(&mut self.0, cx)
    }

    fn call(&mut self, request: Request<lambda_http::Body>) -> Self::Future {
        self.0.call(request)
    }
}
