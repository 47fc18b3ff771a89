//! An async function in the place of a service.
//~ {hello}` is not a service for HTTP requests
//~ `tower::service_fn(handler)` makes one of an `async fn(lambda_http::Request)`

use switchboard::Router;

async fn hello() -> &'static str {
    "hello"
}

fn main() {
    let _ = Router::new(()).http(hello);
}
