//! A service that answers with a type of its own.
//~ `Page` is not a response that `Router::http` accepts

use std::convert::Infallible;
use switchboard::Router;

struct Page;

fn main() {
    let service = tower::service_fn(|_request: http::Request<lambda_http::Body>| async { Ok::<_, Infallible>(Page) });
    let _ = Router::new(()).http(service);
}
