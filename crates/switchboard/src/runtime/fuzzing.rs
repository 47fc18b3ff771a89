//! What the Runtime API answers to a poll, for fuzz targets.

use super::{answering, received};
use crate::handler::Payload;
use bytes::Bytes;
use http::{HeaderMap, Response};
use lambda_runtime::{Context, LambdaEvent};

/// What a handler gets of an answer with these headers and this body, and the segment of a path by which it is answered; `None`
/// if there is nobody to answer.
pub fn polled(headers: HeaderMap, body: Bytes) -> (Option<String>, LambdaEvent<Payload>) {
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.headers = headers;
    let invocation = received::invocation(parts, body, &Context::default());
    let (to, event) = answering::event(invocation);
    (to.map(|to| to.request_id), event)
}
