//! One connection of any server here: HTTP/1.1, and strangers are told from others before anything is done for them.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::guard::{Guard, Stranger};

/// Serves a connection to its end. `answer` is told of each request whether a stranger sends it.
pub(crate) async fn serve<F>(
    stream: TcpStream,
    guard: &Guard,
    answer: impl Fn(Request<Incoming>, Result<(), Stranger>) -> F,
) where
    F: Future<Output = Response<Full<Bytes>>>,
{
    // Without it an answer may wait for the acknowledgement of the one before; nothing breaks if it cannot be set.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let admitted = guard.admit(request.uri(), request.headers());
        let answer = answer(request, admitted);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // A connection that breaks is the client's doing, and noticed where its answer is waited for.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
