//! The differences between a REST API, an HTTP API and a function URL. `docs/local-http.md` lists them too, and says which
//! are tested.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;

use crate::function::region;

/// The service in front of the function. It determines the shape of events and of replies.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PayloadFormat {
    /// API Gateway HTTP API, payload format 2.0.
    #[default]
    Http,
    /// API Gateway REST API, payload format 1.0.
    Rest,
    /// Function URL, payload format 2.0.
    FunctionUrl,
}

impl PayloadFormat {
    /// The path in events: HTTP APIs decode it, the others keep it as the client sent it. JSON cannot hold bytes that are not
    /// UTF-8.
    pub(super) fn path(self, path: &str) -> Cow<'_, str> {
        match self {
            PayloadFormat::Http => percent_decode_str(path).decode_utf8_lossy(),
            PayloadFormat::Rest | PayloadFormat::FunctionUrl => Cow::Borrowed(path),
        }
    }

    /// The gateway's domain name. This alone distinguishes the events of a function URL from those of an HTTP API.
    pub(super) fn domain_name(self, host: String) -> String {
        match self {
            PayloadFormat::FunctionUrl => format!("local.lambda-url.{}.on.aws", region()),
            PayloadFormat::Http | PayloadFormat::Rest => host,
        }
    }

    /// A public function URL does not know the caller's account, and does not reveal its own.
    pub(super) fn account_id(self) -> &'static str {
        match self {
            PayloadFormat::FunctionUrl => "anonymous",
            PayloadFormat::Http | PayloadFormat::Rest => "000000000000",
        }
    }

    /// Whether the event of a request without a body has `content-length: 0`.
    pub(super) fn counts_no_body(self) -> bool {
        self == PayloadFormat::Http
    }

    /// Whether a body of this media type is sent as text if possible.
    pub(super) fn is_text(self, media_type: Option<&str>) -> bool {
        match (self, media_type) {
            // Unless it has binary media types, which only its owner knows.
            (PayloadFormat::Rest, _) | (PayloadFormat::Http, None) => true,
            (PayloadFormat::FunctionUrl, None) => false,
            (_, Some(media_type)) => {
                media_type.starts_with("text/")
                    || media_type.ends_with("+json")
                    || media_type.ends_with("+xml")
                    || matches!(
                        media_type,
                        "application/json" | "application/javascript" | "application/xml"
                    )
            }
        }
    }

    /// The content type of a response whose reply has none.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            PayloadFormat::Http => "text/plain; charset=utf-8",
            PayloadFormat::Rest | PayloadFormat::FunctionUrl => "application/json",
        })
    }

    /// The header that carries the request id.
    pub(crate) fn request_id(self) -> &'static str {
        match self {
            PayloadFormat::Http => "apigw-requestid",
            PayloadFormat::Rest | PayloadFormat::FunctionUrl => "x-amzn-requestid",
        }
    }

    /// The response if the function failed or its reply is invalid.
    pub(crate) fn failed(self) -> Response<Bytes> {
        match self {
            PayloadFormat::Http => message(
                StatusCode::INTERNAL_SERVER_ERROR,
                r#"{"message":"Internal Server Error"}"#,
            ),
            PayloadFormat::Rest => {
                let mut response =
                    message(StatusCode::BAD_GATEWAY, r#"{"message": "Internal server error"}"#);
                let error_type = HeaderValue::from_static("InternalServerErrorException");
                response.headers_mut().insert("x-amzn-errortype", error_type);
                response
            }
            PayloadFormat::FunctionUrl => message(StatusCode::BAD_GATEWAY, "Internal Server Error"),
        }
    }

    /// The response if a request is too large for an event.
    pub(crate) fn too_large(self) -> Response<Bytes> {
        let text = match self {
            PayloadFormat::Http => r#"{"message":"Request Entity Too Large"}"#,
            PayloadFormat::Rest => r#"{"message": "Request Too Long"}"#,
            PayloadFormat::FunctionUrl => r#"{"Message":"Request Entity Too Large"}"#,
        };
        message(StatusCode::PAYLOAD_TOO_LARGE, text)
    }
}

/// A response of the gateway itself. All of them claim to be JSON, though one is not.
fn message(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
