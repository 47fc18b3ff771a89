//! A service whose error cannot be shown.
//~ `Broken` doesn't implement `std::fmt::Display`
//~ HttpService<Response: IntoResponse, Error: fmt::Display>

use switchboard::Router;

#[derive(Debug)]
struct Broken;

fn main() {
    let service = tower::service_fn(|_request: http::Request<lambda_http::Body>| async { Err::<String, Broken>(Broken) });
    let _ = Router::new(()).http(service);
}
