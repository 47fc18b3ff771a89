//! Serves one HTTP/1.1 connection, and checks each request against the guard before anything else.

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::guard::{Forbidden, Guard};

/// Serves a connection until it ends. `answer` learns for each request whether the guard refused it.
pub(crate) async fn serve<F, B>(
    stream: TcpStream,
    guard: &Guard,
    answer: impl Fn(Request<Incoming>, Result<(), Forbidden>) -> F,
) where
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
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
