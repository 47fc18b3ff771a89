//! A small HTTP client for addresses on this machine: a connection for each request, no TLS.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Error;

/// Sends requests to one address.
#[derive(Clone)]
pub(crate) struct HttpClient {
    address: Uri,
    authority: String,
}

impl HttpClient {
    /// # Errors
    /// If it is not an `http://` address.
    pub(crate) fn new(address: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::other(format!(
                "`{address}` is not an endpoint: expected http://HOST:PORT"
            ))
        };
        let uri: Uri = address.parse().map_err(|_| wrong())?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong());
        }
        let host = uri.host().ok_or_else(wrong)?;
        let authority = format!("{host}:{}", uri.port_u16().unwrap_or(80));
        Ok(Self {
            address: uri,
            authority,
        })
    }

    pub(crate) fn address(&self) -> &Uri {
        &self.address
    }

    /// Posts JSON to the address, and returns the status of the answer.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn post_json(&self, json: String) -> Result<StatusCode, Error> {
        let path = self.address.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(json)))
            .map_err(|error| Error::other(error.to_string()))?;
        Ok(self.send(request).await?.status())
    }

    /// Sends a request whose URI has no host.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Error> {
        let unreachable =
            |error: &dyn std::fmt::Display| Error::other(format!("cannot reach {}: {error}", self.address));
        if let Ok(host) = self.authority.parse() {
            request.headers_mut().insert(http::header::HOST, host);
        }
        let stream = TcpStream::connect(&self.authority)
            .await
            .map_err(|e| unreachable(&e))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| unreachable(&e))?;
        let exchange = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>(Response::from_parts(head, body.collect().await?.to_bytes()))
        };
        // A set aborts its tasks when it is dropped. The exchange also notices a broken connection.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        exchange.await.map_err(|e| unreachable(&e))
    }
}
