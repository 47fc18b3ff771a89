//! Answers for a function that is not there yet.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::guard::Guard;
use crate::runtime_api::collect;
use crate::{MAX_REQUEST, connection};

/// Answers every request with 503 and a text, where a [`Gateway`](crate::Gateway) is going to serve as soon as there is a
/// function. The guard decides as it does there.
pub struct Standby {
    guard: Guard,
    text: String,
}

impl Standby {
    /// Answers with this text.
    #[must_use]
    pub fn new(guard: Guard, text: impl Into<String>) -> Self {
        Self {
            guard,
            text: text.into(),
        }
    }

    /// Answers until the future is dropped. Connections that were not accepted by then wait for whoever accepts them next.
    pub async fn serve(self, listener: &TcpListener) -> Infallible {
        let standby = Arc::new(self);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                    let standby = Arc::clone(&standby);
                    connections.spawn(async move {
                        let answer = |request: http::Request<hyper::body::Incoming>, admitted: Result<(), _>| {
                            let (status, text) = match admitted {
                                Ok(()) => (StatusCode::SERVICE_UNAVAILABLE, standby.text.clone()),
                                Err(forbidden) => (StatusCode::FORBIDDEN, crate::guard::Forbidden::to_string(&forbidden)),
                            };
                            async move {
                                // Clients read an answer only after they have sent all.
                                let _ = collect(request.into_body(), MAX_REQUEST).await;
                                response(status, &text)
                            }
                        };
                        connection::serve(stream, &standby.guard, answer).await;
                    });
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn response(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({"message": text}).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // For clients of the Invoke API.
    let error = match status {
        StatusCode::FORBIDDEN => "AccessDeniedException",
        _ => "ServiceException",
    };
    headers.insert("x-amzn-errortype", HeaderValue::from_static(error));
    response
}
