//! The response of a service, byte for byte.

use bytes::Buf;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt as _;
use lambda_http::Body;
use std::fmt;
use std::future::Future;
use std::pin::pin;

/// What a service of [`Router::http`](crate::Router::http) may answer with: an `http::Response` with any body, as in
/// axum, tower-http and hyper, or anything that `lambda_http` accepts as a response: texts, bytes and JSON, with or
/// without a status.
///
/// It replaces `lambda_http::IntoResponse`, which exposes a body as decoded text only, so that bytes that are not
/// UTF-8, and the byte order mark, would be lost. A handler that returns `impl IntoResponse` must name this trait.
///
/// # Example
///
/// ```
/// use lambda_http::{Request, RequestExt as _, http::StatusCode};
/// use switchboard::{IntoResponse, Router};
/// use tower::service_fn;
///
/// async fn greet(request: Request) -> Result<impl IntoResponse, std::convert::Infallible> {
///     Ok((StatusCode::OK, format!("you asked for {}", request.raw_http_path())))
/// }
///
/// let router = Router::new(()).http(service_fn(greet));
/// # let _ = router;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a response that `Router::http` accepts",
    note = "a handler that returns `impl lambda_http::IntoResponse` must return `impl switchboard::IntoResponse`"
)]
pub trait IntoResponse {
    /// The body, which is read to its end before the answer is sent.
    type Body: http_body::Body<Data: Send, Error: fmt::Debug> + Send;

    /// The response.
    fn into_response(self) -> Response<Self::Body>;
}

impl<B> IntoResponse for Response<B>
where
    B: http_body::Body<Data: Send, Error: fmt::Debug> + Send,
{
    type Body = B;

    fn into_response(self) -> Self {
        self
    }
}

impl IntoResponse for serde_json::Value {
    type Body = Body;

    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::Text(self.to_string()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

macro_rules! bodies {
    ($($plain:ty),*) => {$(
        impl IntoResponse for $plain {
            type Body = Body;

            fn into_response(self) -> Response<Body> {
                Response::new(Body::from(self))
            }
        }
    )*};
}

bodies!(String, &str, Vec<u8>, &[u8]);

macro_rules! with_status {
    ($($plain:ty),*) => {$(
        impl IntoResponse for (StatusCode, $plain) {
            type Body = Body;

            fn into_response(self) -> Response<Body> {
                let mut response = self.1.into_response();
                *response.status_mut() = self.0;
                response
            }
        }
    )*};
}

with_status!(String, &str, Vec<u8>, &[u8], serde_json::Value);

/// Why there is no response to send.
#[derive(Debug)]
pub(crate) enum InvalidResponse {
    /// The body ended with an error. What came before it would look complete.
    Off(String),
    /// The body has more bytes than can be returned.
    TooLarge(usize),
}

impl fmt::Display for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off(error) => write!(f, "the response's body ended with an error: {error}"),
            Self::TooLarge(limit) => write!(
                f,
                "the response's body has more than {limit} bytes, the most that can be returned: stream it \
                 (`Router::http_stream`), or put it into S3 and return a presigned URL"
            ),
        }
    }
}

/// Reads a response's body to its end. `head` says that it answers a HEAD request. Whether it is text or binary depends
/// on its bytes and headers, not on its Rust type.
pub(crate) fn finish<R: IntoResponse>(
    response: R,
    head: bool,
    limit: usize,
) -> impl Future<Output = Result<Response<Body>, InvalidResponse>> + Send + use<R> {
    // Before the first await: the response itself need not be `Send`.
    let (parts, body) = response.into_response().into_parts();
    async move {
        let bytes = match has_no_body(head, parts.status) {
            // Dropped unread, as by any HTTP server.
            true => Vec::new(),
            false => collect(body, limit).await?,
        };
        let body = match is_text(&parts.headers, &bytes) {
            true => {
                String::from_utf8(bytes).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text)
            }
            false => Body::Binary(bytes),
        };
        Ok(Response::from_parts(parts, body))
    }
}

/// Whether a response has no body in HTTP, whatever the service gave it.
pub(super) fn has_no_body(head: bool, status: StatusCode) -> bool {
    head || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status)
}

async fn collect<B>(body: B, limit: usize) -> Result<Vec<u8>, InvalidResponse>
where
    B: http_body::Body<Error: fmt::Debug>,
{
    let (mut body, mut bytes) = (pin!(body), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| InvalidResponse::Off(format!("{error:?}")))?;
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        let length = data.remaining();
        if bytes.len() + length > limit {
            return Err(InvalidResponse::TooLarge(limit));
        }
        let data = data.copy_to_bytes(length);
        match bytes.is_empty() {
            // There is usually only one piece, which is not copied.
            true => bytes = data.into(),
            false => bytes.extend_from_slice(&data),
        }
    }
    Ok(bytes)
}

/// The media types that are text, the same as in `lambda_http`: a reply has the same form with either.
const TEXTS: [&str; 5] = [
    "text",
    "application/json",
    "application/javascript",
    "application/xml",
    "application/yaml",
];
const TEXT_SUFFIXES: [&str; 3] = ["+xml", "+yaml", "+json"];

/// With this header of `lambda_http` a service can declare another type to be text.
const X_LAMBDA_HTTP_CONTENT_ENCODING: HeaderName = HeaderName::from_static("x-lambda-http-content-encoding");

/// Whether a body may be sent as text if it is UTF-8, according to its headers. Base64 preserves every byte; text does
/// not if it is in another charset, or compressed.
fn is_text(headers: &HeaderMap, bytes: &[u8]) -> bool {
    if bytes.is_empty() {
        return true;
    }
    if headers.contains_key(CONTENT_ENCODING) {
        return false;
    }
    let Some(content_type) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let content_type = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let (media_type, parameters) = content_type.split_once(';').unwrap_or((&content_type, ""));
    let media_type = media_type.trim();
    let is_text = TEXTS.iter().any(|text| media_type.starts_with(text))
        || TEXT_SUFFIXES.iter().any(|suffix| media_type.ends_with(suffix))
        || headers
            .get(X_LAMBDA_HTTP_CONTENT_ENCODING)
            .is_some_and(|value| value == "text");
    is_text && is_unicode(parameters)
}

fn is_unicode(parameters: &str) -> bool {
    parameters
        .split(';')
        .all(|parameter| match parameter.trim().split_once('=') {
            Some((name, charset)) if name.trim() == "charset" => {
                ["utf-8", "utf8", "us-ascii", "ascii"].contains(&charset.trim().trim_matches('"'))
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use futures_util::{FutureExt as _, stream};
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};
    use proptest::prelude::*;

    fn body(headers: &[(&str, &str)], bytes: &[u8]) -> Body {
        let mut response = Response::new(Full::new(Bytes::copy_from_slice(bytes)));
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            response.headers_mut().append(name, value.parse().unwrap());
        }
        let finished = finish(response, false, 1024).now_or_never().unwrap();
        finished.unwrap().into_body()
    }

    #[test]
    fn what_has_no_body_in_http_has_none() {
        for (status, head, kept) in [
            (200, false, "x"),
            (200, true, ""),
            (404, true, ""),
            (204, false, ""),
            (304, false, ""),
            (205, false, "x"),
        ] {
            let response = Response::builder()
                .status(status)
                .header("content-length", "1")
                .body(Full::new(Bytes::from_static(b"x")));
            let finished = finish(response.unwrap(), head, 1024)
                .now_or_never()
                .unwrap()
                .unwrap();
            assert_eq!(finished.body(), &Body::Text(kept.to_owned()), "{status} {head}");
            assert_eq!(finished.headers()["content-length"], "1");
        }
    }

    fn typed(content_type: &str, bytes: &[u8]) -> Body {
        body(&[("content-type", content_type)], bytes)
    }

    #[test]
    fn text_is_utf8_without_another_charset_or_encoding() {
        let text = Body::Text("ü".to_owned());
        for content_type in [
            "text/plain",
            "text/html; charset=utf-8",
            "TEXT/HTML;Charset=\"UTF-8\"",
            "application/json",
            "application/problem+json",
            "image/svg+xml",
            "application/yaml; x=charset; charset=us-ascii",
        ] {
            assert_eq!(typed(content_type, "ü".as_bytes()), text, "{content_type}");
        }
        assert_eq!(body(&[], "ü".as_bytes()), text);
        let told = [
            ("content-type", "application/x-ours"),
            ("x-lambda-http-content-encoding", "text"),
        ];
        assert_eq!(body(&told, "ü".as_bytes()), text);

        let binary = Body::Binary("ü".as_bytes().to_vec());
        for content_type in [
            "image/png",
            "application/octet-stream",
            "text/html; charset=iso-8859-1",
            "text/html; x=y; charset = \"utf-16\"",
            "\u{fc}",
        ] {
            assert_eq!(typed(content_type, "ü".as_bytes()), binary, "{content_type}");
        }
        let encoded = [("content-type", "text/plain"), ("content-encoding", "gzip")];
        assert_eq!(body(&encoded, "ü".as_bytes()), binary);
        for bytes in [&b"caf\xe9"[..], b"\x89PNG", b"\xff\xfea\0"] {
            assert_eq!(body(&[], bytes), Body::Binary(bytes.to_vec()));
            assert_eq!(typed("text/plain", bytes), Body::Binary(bytes.to_vec()));
        }
        assert_eq!(typed("image/png", b""), Body::Text(String::new()));
    }

    proptest! {
        #[test]
        fn no_byte_is_changed(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            mark in any::<bool>(),
            content_type in prop::option::of("(text/plain|image/png|application/json)(; charset=(utf-8|utf-16|latin1))?"),
        ) {
            let bytes = [if mark { &b"\xef\xbb\xbf"[..] } else { b"" }, &bytes].concat();
            let headers: Vec<_> = content_type.iter().map(|value| ("content-type", &**value)).collect();
            prop_assert_eq!(&*body(&headers, &bytes), &*bytes);
        }
    }

    #[test]
    fn a_body_is_read_to_its_end_or_refused() {
        let pieces = |pieces: Vec<Result<&'static [u8], &'static str>>| {
            let frames = pieces
                .into_iter()
                .map(|piece| piece.map(|data| Frame::data(Bytes::from_static(data))));
            let response = Response::new(StreamBody::new(stream::iter(frames)));
            finish(response, false, 4)
                .now_or_never()
                .unwrap()
                .map(Response::into_body)
        };
        let whole = pieces(vec![Ok(b""), Ok(b"\xc3"), Ok(b"\xbcab")]).unwrap();
        assert_eq!(whole, Body::Text("üab".to_owned()));
        let broken = pieces(vec![Ok(b"ab"), Err("gone")]).unwrap_err().to_string();
        assert!(
            broken.contains("body ended with an error") && broken.contains("gone"),
            "{broken}"
        );
        assert!(matches!(
            pieces(vec![Ok(b"abc"), Ok(b"de")]),
            Err(InvalidResponse::TooLarge(4))
        ));
    }

    #[test]
    fn plain_values_are_responses_as_they_are_for_lambda_http() {
        fn finished(response: impl IntoResponse) -> Response<Body> {
            finish(response, false, 64).now_or_never().unwrap().unwrap()
        }
        let json = finished((StatusCode::CREATED, serde_json::json!({"a": 1})));
        assert_eq!(
            (json.status(), &json.headers()["content-type"]),
            (StatusCode::CREATED, &"application/json".parse().unwrap())
        );
        assert_eq!(json.body(), &Body::Text(r#"{"a":1}"#.to_owned()));
        assert_eq!(finished("a").body(), &Body::Text("a".to_owned()));
        assert_eq!(
            finished((StatusCode::OK, vec![0xff])).body(),
            &Body::Binary(vec![0xff])
        );
    }
}
