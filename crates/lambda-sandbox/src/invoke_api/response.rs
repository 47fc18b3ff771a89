//! Responses of the Invoke API.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use uuid::Uuid;

/// An empty response with this request id.
pub(super) fn head(status: StatusCode, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let id = HeaderValue::try_from(request_id).ok();
    response
        .headers_mut()
        .extend(id.map(|id| (http::HeaderName::from_static("x-amzn-requestid"), id)));
    response
}

/// A response with a request id of its own and a JSON body.
pub(crate) fn json_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = head(status, &Uuid::new_v4().to_string());
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    *response.body_mut() = body.into();
    response
}
