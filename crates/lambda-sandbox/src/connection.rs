//! Serves one HTTP/1.1 connection, and checks each request against the guard before anything else.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::guard::{Forbidden, Guard};

/// Serves a connection until it ends. `answer` learns for each request whether the guard refused it.
pub(crate) async fn serve<F>(
    stream: TcpStream,
    guard: &Guard,
    answer: impl Fn(Request<Incoming>, Result<(), Forbidden>) -> F,
) where
    F: Future<Output = Response<Full<Bytes>>>,
{
    // Otherwise a response may wait for the acknowledgement of the previous one. Failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let admitted = guard.admit(request.uri(), request.headers());
        let answer = answer(request, admitted);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // The client broke the connection. Whoever waits for its answer notices.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
