//! Where a caller's identity is in a request.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::Error;

/// Where the identity of a caller is: what API Gateway calls an identity source. Without it an authorizer is not called.
///
/// ```
/// use lambda_sandbox::http::IdentitySource;
///
/// // As an HTTP API spells it, and as a REST API does.
/// for text in ["$request.header.Authorization", "method.request.header.Authorization"] {
///     assert!(text.parse::<IdentitySource>().is_ok());
/// }
/// assert!("Authorization".parse::<IdentitySource>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdentitySource(RequestPart);

#[derive(Clone, Debug, Eq, PartialEq)]
enum RequestPart {
    Header(String),
    Query(String),
    Context(String),
}

impl IdentitySource {
    /// This header.
    #[must_use]
    pub fn header(name: &str) -> Self {
        Self(RequestPart::Header(name.to_ascii_lowercase()))
    }

    pub(super) fn is_header(&self) -> bool {
        matches!(self.0, RequestPart::Header(_))
    }

    /// Its value in an event; `None` if it is missing or empty.
    pub(super) fn find(&self, event: &Value) -> Option<String> {
        let text = match &self.0 {
            RequestPart::Header(name) => text(&event["headers"][name]),
            RequestPart::Query(name) => text(&event["queryStringParameters"][name]),
            RequestPart::Context(path) => path
                .split('.')
                .try_fold(&event["requestContext"], |value, member| value.get(member))
                .and_then(text),
        };
        text.filter(|text| !text.is_empty())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl FromStr for IdentitySource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let request = text
            .strip_prefix("$request.")
            .or_else(|| text.strip_prefix("method.request."));
        let context = text
            .strip_prefix("$context.")
            .or_else(|| text.strip_prefix("context."));
        let place = match (request.and_then(|request| request.split_once('.')), context) {
            (Some(("header", name)), _) => RequestPart::Header(name.to_ascii_lowercase()),
            (Some(("querystring", name)), _) => RequestPart::Query(name.to_owned()),
            (_, Some(path)) => RequestPart::Context(path.to_owned()),
            _ => {
                return Err(Error::other(
                    "expected $request.header.NAME, $request.querystring.NAME or $context.NAME, or with `method.` instead of `$` as \
                     in a REST API; there are no stage variables here",
                ));
            }
        };
        match &place {
            RequestPart::Header(name) | RequestPart::Query(name) | RequestPart::Context(name)
                if name.is_empty() =>
            {
                Err(Error::other("the name is missing"))
            }
            _ => Ok(Self(place)),
        }
    }
}

impl fmt::Display for IdentitySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            RequestPart::Header(name) => write!(f, "the header {name}"),
            RequestPart::Query(name) => write!(f, "the query parameter {name}"),
            RequestPart::Context(path) => write!(f, "requestContext.{path}"),
        }
    }
}
