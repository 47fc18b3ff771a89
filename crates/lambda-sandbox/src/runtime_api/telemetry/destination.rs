//! Where records go: to a listener of an extension, on this machine.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::sync::AbortOnDrop;

/// A listener of an extension. Whatever name an extension knows this machine by, the records go to 127.0.0.1.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Destination {
    Http {
        /// As the extension called it.
        host: String,
        port: u16,
        path: String,
        is_put: bool,
    },
    Tcp {
        port: u16,
    },
}

/// A connection to a listener.
pub(super) struct Sender {
    destination: Destination,
    /// The connection of a TCP listener.
    stream: Option<TcpStream>,
}

impl Sender {
    pub(super) fn new(destination: Destination) -> Self {
        Self {
            destination,
            stream: None,
        }
    }

    /// Sends records. Returns whether the listener has taken them.
    pub(super) async fn send(&mut self, records: &[String]) -> bool {
        match &self.destination {
            Destination::Http {
                host,
                port,
                path,
                is_put,
            } => {
                let body = format!("[{}]", records.join(","));
                let method = if *is_put { Method::PUT } else { Method::POST };
                let request = Request::builder()
                    .method(method)
                    .uri(path.as_str())
                    .header("host", host.as_str())
                    .header("content-type", "application/json")
                    .body(Full::new(Bytes::from(body)));
                match request {
                    Ok(request) => posted(*port, request).await.unwrap_or(false),
                    // No request can be made of it, today or later.
                    Err(_) => true,
                }
            }
            Destination::Tcp { port } => {
                let sent = written(&mut self.stream, *port, records).await;
                if sent.is_err() {
                    self.stream = None;
                }
                sent.is_ok()
            }
        }
    }
}

/// Sends a request. Returns whether it was answered with success.
async fn posted(port: u16, request: Request<Full<Bytes>>) -> Option<bool> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let _connection = AbortOnDrop::spawn(async move {
        // The response says whether it went well.
        let _ = connection.await;
    });
    let response = sender.send_request(request).await.ok()?;
    Some(response.status().is_success())
}

/// Writes records, each on a line.
async fn written(stream: &mut Option<TcpStream>, port: u16, records: &[String]) -> std::io::Result<()> {
    let stream = match stream {
        Some(stream) => stream,
        None => stream.insert(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?),
    };
    let lines = format!("{}\n", records.join("\n"));
    stream.write_all(lines.as_bytes()).await
}
