//! The framing of `InvokeWithResponseStream`: AWS's event stream, a message for each chunk and one for the end.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::FunctionError;

/// A chunk of the payload.
pub(super) fn chunk(data: Bytes) -> Bytes {
    message("PayloadChunk", "application/octet-stream", data)
}

/// The end of the stream: how the invocation ended, and the end of the log if the caller asked for it.
pub(super) fn complete(error: Option<&FunctionError>, log: Option<String>) -> Bytes {
    let mut end = Map::new();
    if let Some(error) = error {
        end.insert("ErrorCode".to_owned(), "Unhandled".into());
        end.insert(
            "ErrorDetails".to_owned(),
            String::from_utf8_lossy(&error.payload).into(),
        );
    }
    end.extend(log.map(|log| ("LogResult".to_owned(), log.into())));
    message(
        "InvokeComplete",
        "application/json",
        Value::Object(end).to_string().into(),
    )
}

fn message(event_type: &'static str, content_type: &'static str, payload: Bytes) -> Bytes {
    let text = |value: &'static str| HeaderValue::String(value.into());
    let message = Message::new(payload)
        .add_header(Header::new(":message-type", text("event")))
        .add_header(Header::new(":event-type", text(event_type)))
        .add_header(Header::new(":content-type", text(content_type)));
    let mut framed = Vec::new();
    match write_message_to(&message, &mut framed) {
        Ok(()) => framed.into(),
        // It is longer than a message may be, which no chunk of a function's is: hyper reads far less at once.
        Err(_) => Bytes::new(),
    }
}
