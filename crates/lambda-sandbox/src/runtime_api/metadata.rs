//! The metadata endpoint: in which Availability Zone the execution environment is.
//!
//! See “Using the Lambda metadata endpoint” in the AWS Lambda Developer Guide.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use super::invocation::json_response;
use crate::function::region;

pub(super) const PATH: &str = "/2026-01-15/metadata/execution-environment";

/// How clients may cache the answer: an execution environment does not move.
const CACHING: HeaderValue = HeaderValue::from_static("private, max-age=43200, immutable");

/// Answers a request for the metadata.
pub(super) fn answer<B>(token: &str, request: &Request<B>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return refuse(StatusCode::METHOD_NOT_ALLOWED);
    }
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if given != Some(token.as_bytes()) {
        return refuse(StatusCode::UNAUTHORIZED);
    }
    let zone = zone_id(&region());
    let mut response = json_response(StatusCode::OK, json!({"AvailabilityZoneID": zone}).to_string());
    response.headers_mut().insert(header::CACHE_CONTROL, CACHING);
    response
}

/// A refusal as the endpoint words it: the status as text.
fn refuse(status: StatusCode) -> Response<Full<Bytes>> {
    let text = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}

/// The id of the first Availability Zone of a region, such as `use1-az1` in `us-east-1`.
fn zone_id(region: &str) -> String {
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or_default();
    let middle: String = parts
        .clone()
        .filter(|part| !is_number(part))
        .map(direction)
        .collect();
    let number = parts.find(|part| is_number(part)).unwrap_or_default();
    format!("{area}{middle}{number}-az1")
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// A direction as zone ids abbreviate it: the first letter of each point of the compass.
fn direction(part: &str) -> &str {
    match part {
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        other => other.get(..1).unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: Method, authorization: Option<&str>) -> u16 {
        let mut request = Request::builder().method(method);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        answer("secret", &request.body(()).unwrap()).status().as_u16()
    }

    #[test]
    fn the_token_is_required() {
        assert_eq!(status(Method::GET, Some("Bearer secret")), 200);
        assert_eq!(status(Method::GET, Some("Bearer other")), 401);
        assert_eq!(status(Method::GET, Some("secret")), 401);
        assert_eq!(status(Method::GET, None), 401);
        assert_eq!(status(Method::POST, Some("Bearer secret")), 405);
    }

    #[test]
    fn zone_ids_abbreviate_the_region() {
        for (region, zone) in [
            ("us-east-1", "use1-az1"),
            ("eu-central-1", "euc1-az1"),
            ("ap-southeast-2", "apse2-az1"),
            ("ap-northeast-1", "apne1-az1"),
            ("us-gov-west-1", "usgw1-az1"),
        ] {
            assert_eq!(zone_id(region), zone);
        }
    }
}
