//! WebSocket APIs. API Gateway Developer Guide, “API Gateway WebSocket API mapping template reference” and “Integration requests”.

use super::super::event::{Compose, event, text};
use super::super::origin::{Number, REGION};
use super::parts::{CLIENT, multiple, single};
use super::rest_api::spelled;
use serde::Serialize;
use serde_json::{Value, json};

const API: &str = "z9y8x7w6v5";

/// What happens on a WebSocket connection. The events of one test are of one connection, unless
/// [`connection`](Self::connection) says otherwise.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::WebSocket;
///
/// let connect = WebSocket::connect();
/// let message = WebSocket::message(&json!({"action": "subscribe"})).route_key("subscribe");
/// # let _ = (connect, message);
/// ```
#[derive(Clone, Debug)]
pub struct WebSocket {
    event: Value,
}

impl WebSocket {
    /// A client connects: `$connect`.
    #[must_use]
    pub fn connect() -> Self {
        let number = Number::next();
        let headers: Vec<_> = [
            ("host", format!("{API}.execute-api.{REGION}.amazonaws.com")),
            (
                "sec-websocket-extensions",
                "permessage-deflate; client_max_window_bits".to_owned(),
            ),
            ("sec-websocket-key", format!("{}==", number.hex(22))),
            ("sec-websocket-version", "13".to_owned()),
            (
                "x-amzn-trace-id",
                format!("Root=1-{:08x}-{}", number.millis() / 1000, number.hex(24)),
            ),
            ("x-forwarded-for", CLIENT.to_owned()),
            ("x-forwarded-port", "443".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| spelled((name.to_owned(), value)))
        .collect();
        Self::new(
            number,
            "$connect",
            "CONNECT",
            json!({
                "headers": single(&headers),
                "multiValueHeaders": multiple(&headers),
            }),
        )
    }

    /// A client sends the JSON of `message`. Its route key is `$default`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn message<T: Serialize + ?Sized>(message: &T) -> Self {
        Self::text(text(message))
    }

    /// A client sends a text.
    #[must_use]
    pub fn text(message: impl Into<String>) -> Self {
        let number = Number::next();
        let event = Self::new(number, "$default", "MESSAGE", json!({"body": message.into()}));
        event.set("/requestContext/messageId", format!("{}=", number.hex(15)))
    }

    /// The connection has ended: `$disconnect`.
    #[must_use]
    pub fn disconnect() -> Self {
        let event = Self::new(
            Number::next(),
            "$disconnect",
            "DISCONNECT",
            json!({
                "headers": {"Host": format!("{API}.execute-api.{REGION}.amazonaws.com")},
                "multiValueHeaders": {"Host": [format!("{API}.execute-api.{REGION}.amazonaws.com")]},
            }),
        );
        let event = event.set("/requestContext/disconnectStatusCode", 1001);
        event.set("/requestContext/disconnectReason", "Going away")
    }

    /// The route that the message met.
    #[must_use]
    pub fn route_key(self, key: &str) -> Self {
        self.set("/requestContext/routeKey", key)
    }

    /// The connection's id.
    #[must_use]
    pub fn connection(self, id: &str) -> Self {
        self.set("/requestContext/connectionId", id)
    }

    fn new(number: Number, route_key: &str, event_type: &str, mut event: Value) -> Self {
        let id = format!("{}=", number.hex(15));
        event["isBase64Encoded"] = false.into();
        event["requestContext"] = json!({
            "routeKey": route_key,
            "eventType": event_type,
            "extendedRequestId": id,
            "requestTime": number.date().format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "messageDirection": "IN",
            "stage": "v1",
            "connectedAt": number.millis() - 5,
            "requestTimeEpoch": number.millis(),
            "identity": {"sourceIp": CLIENT, "userAgent": "curl/8.14.1"},
            "requestId": id,
            "domainName": format!("{API}.execute-api.{REGION}.amazonaws.com"),
            "connectionId": "T1bWqcPfFiACEwA=",
            "apiId": API,
        });
        Self { event }
    }
}

impl Compose for WebSocket {
    fn compose(&self) -> Value {
        self.event.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.event)
    }
}

event!(WebSocket);
