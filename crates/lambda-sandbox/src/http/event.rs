//! Converts requests to events.

use super::{HttpRequest, PayloadFormat, rest, v2};

/// Converts a request to its event, in JSON.
///
/// ```
/// use lambda_sandbox::http::{HttpRequest, PayloadFormat, event};
///
/// let (parts, ()) = http::Request::get("http://localhost/events?limit=5").body(()).unwrap().into_parts();
/// let request = HttpRequest {
///     parts,
///     body: bytes::Bytes::new(),
///     source_ip: [127, 0, 0, 1].into(),
///     request_id: "1".to_owned(),
///     time: std::time::SystemTime::now(),
/// };
/// let event = event(&request, PayloadFormat::Http);
/// assert_eq!(event["rawQueryString"], "limit=5");
/// ```
#[must_use]
pub fn event(request: &HttpRequest, format: PayloadFormat) -> serde_json::Value {
    match format {
        PayloadFormat::Http | PayloadFormat::FunctionUrl => v2::event(request, format),
        PayloadFormat::Rest => rest::event(request),
    }
}
