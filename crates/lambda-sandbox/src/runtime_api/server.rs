//! The Runtime API over HTTP, on its own port.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::exchange::Exchange;
use super::telemetry::Api;
use super::{extensions, invocation, metadata, telemetry};
use crate::connection;
use crate::guard::{Forbidden, Guard};
use crate::sync::AbortOnDrop;

const PREFIX: &str = "/2018-06-01/runtime/";
const EXTENSIONS: &str = "/2020-01-01/extension/";

/// A Runtime API that is served until it is dropped.
pub(crate) struct Server {
    open: watch::Receiver<usize>,
    _accept: AbortOnDrop,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, exchange: Arc<Exchange>) -> Self {
        let (open, connections) = watch::channel(0);
        let accept = AbortOnDrop::spawn(accept(listener, exchange, open));
        Self {
            open: connections,
            _accept: accept,
        }
    }

    /// Waits until no connection is open.
    pub(crate) async fn idle(&self) {
        // An error means that the server has ended, and its connections with it.
        let _ = self.open.clone().wait_for(|open| *open == 0).await;
    }
}

async fn accept(listener: TcpListener, exchange: Arc<Exchange>, open: watch::Sender<usize>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // Connections first: those of an exited process must be counted before they can be waited for.
            biased;
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(stream, Arc::clone(&exchange)));
            },
            Some(_) = connections.join_next() => {}
        }
        open.send_replace(connections.len());
    }
}

async fn connection(stream: TcpStream, exchange: Arc<Exchange>) {
    let answer = |request, admitted| answer(&exchange, request, admitted);
    connection::serve(stream, &Guard::for_programs(), answer).await;
}

async fn answer(
    exchange: &Exchange,
    request: Request<Incoming>,
    admitted: Result<(), Forbidden>,
) -> Response<Full<Bytes>> {
    match admitted {
        Ok(()) => route(exchange, request).await,
        Err(forbidden) => invocation::refuse(StatusCode::FORBIDDEN, "Forbidden", &forbidden.to_string()),
    }
}

async fn route(exchange: &Exchange, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    if let Some(path) = path.strip_prefix(EXTENSIONS) {
        return extensions::route(exchange, path, request).await;
    }
    if path == telemetry::TELEMETRY {
        return telemetry::route(exchange, Api::Telemetry, request).await;
    }
    if path == telemetry::LOGS {
        return telemetry::route(exchange, Api::Logs, request).await;
    }
    if path == metadata::PATH {
        return metadata::answer(exchange.metadata_token(), &request);
    }
    let Some(path) = path.strip_prefix(PREFIX) else {
        return not_found();
    };
    let get = request.method() == Method::GET;
    let post = request.method() == Method::POST;
    match path.split('/').collect::<Vec<_>>()[..] {
        ["invocation", "next"] if get => next(exchange).await,
        ["invocation", id, "response"] if post => invocation::response(exchange, id, request).await,
        ["invocation", id, "error"] if post => invocation::error(exchange, id, request).await,
        ["init", "error"] if post => invocation::init_error(exchange, request).await,
        ["restore", "next"] if get => restored(exchange).await,
        ["restore", "error"] if post => invocation::restore_error(exchange, request).await,
        ["invocation" | "restore", "next"]
        | ["invocation", _, "response" | "error"]
        | ["init" | "restore", "error"] => not_allowed(),
        _ => not_found(),
    }
}

async fn next(exchange: &Exchange) -> Response<Full<Bytes>> {
    exchange.polled();
    let (head, payload) = exchange.next().await;
    head.body(Full::new(payload)).unwrap_or_else(|error| {
        let message = format!("cannot send the event's headers: {error}");
        invocation::refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &message)
    })
}

/// The restore request before the first poll with SnapStart. The response means that the process was restored.
async fn restored(exchange: &Exchange) -> Response<Full<Bytes>> {
    exchange.restored().await;
    Response::new(Full::default())
}

fn not_found() -> Response<Full<Bytes>> {
    invocation::refuse(
        StatusCode::NOT_FOUND,
        "NotFound",
        "the Runtime API has no such path",
    )
}

fn not_allowed() -> Response<Full<Bytes>> {
    invocation::refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        "the Runtime API does not support this method here",
    )
}
