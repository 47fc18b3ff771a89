//! Which front ends pass responses on while they are produced.

use crate::error::Error;
use crate::source::Source;
use std::env::{VarError, var};

/// The variable of [`StreamingFronts::from_env`].
const VARIABLE: &str = "SWITCHBOARD_RESPONSE_STREAM";

/// Which of the function's front ends pass responses on while they are produced, for
/// [`Router::http_stream`](crate::Router::http_stream).
///
/// # Example
///
/// ```
/// use switchboard::StreamingFronts;
///
/// let both = StreamingFronts::FUNCTION_URL.and(StreamingFronts::REST_API);
/// assert_eq!("function_url, rest_api".parse(), Ok(both));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StreamingFronts {
    function_url: bool,
    rest_api: bool,
}

/// The text names something else than a front end that can stream.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UnknownFront;

impl std::fmt::Display for UnknownFront {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(ALLOWED)
    }
}

impl std::error::Error for UnknownFront {}

const ALLOWED: &str = "a list of `function_url` and `rest_api`, separated by commas";

impl StreamingFronts {
    /// None: each response is sent whole.
    pub const NONE: Self = Self {
        function_url: false,
        rest_api: false,
    };

    /// A function URL with `InvokeMode: RESPONSE_STREAM`.
    pub const FUNCTION_URL: Self = Self {
        function_url: true,
        rest_api: false,
    };

    /// A REST API whose integrations have `ResponseTransferMode: STREAM`. An HTTP API with payload format 1.0 sends the same
    /// events, and cannot stream: the function must not have both.
    pub const REST_API: Self = Self {
        function_url: false,
        rest_api: true,
    };

    /// These, and others.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self {
            function_url: self.function_url || others.function_url,
            rest_api: self.rest_api || others.rest_api,
        }
    }

    /// What the variable `SWITCHBOARD_RESPONSE_STREAM` says, so that one place of the template decides: `function_url`,
    /// `rest_api`, or both, separated by a comma. Unset or empty means none.
    ///
    /// # Errors
    /// It says something else.
    pub fn from_env() -> Result<Self, Error> {
        match var(VARIABLE) {
            Ok(text) => text
                .parse()
                .map_err(|UnknownFront| Error::configuration(VARIABLE, Some(text.clone()), ALLOWED)),
            Err(VarError::NotPresent) => Ok(Self::NONE),
            Err(VarError::NotUnicode(text)) => {
                let text = text.to_string_lossy().into_owned();
                Err(Error::configuration(VARIABLE, Some(text), ALLOWED))
            }
        }
    }

    pub(super) fn include(self, source: Source) -> bool {
        let name = source.proxy().and_then(|proxy| proxy.streams_as);
        name.and_then(Self::named)
            .is_some_and(|front| self.and(front) == self)
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "function_url" => Some(Self::FUNCTION_URL),
            "rest_api" => Some(Self::REST_API),
            _ => None,
        }
    }
}

impl std::str::FromStr for StreamingFronts {
    type Err = UnknownFront;

    fn from_str(text: &str) -> Result<Self, UnknownFront> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names
            .map(|name| Self::named(name).ok_or(UnknownFront))
            .try_fold(Self::NONE, |all, front| Ok(all.and(front?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_declared_fronts_that_can_stream_are_streamed() {
        let streamed = |fronts: StreamingFronts| {
            let all = Source::ALL.iter().copied();
            all.filter(|source| fronts.include(*source))
                .map(Source::as_str)
                .collect::<Vec<_>>()
        };
        assert_eq!(streamed(StreamingFronts::NONE), [""; 0]);
        assert_eq!(streamed(StreamingFronts::FUNCTION_URL), ["function_url"]);
        assert_eq!(streamed(StreamingFronts::REST_API), ["api_gateway_rest"]);
        let both = StreamingFronts::FUNCTION_URL.and(StreamingFronts::REST_API);
        assert_eq!(streamed(both).len(), 2);
    }

    #[test]
    fn a_router_says_where_it_streams() {
        let service = tower::service_fn(|_: http::Request<lambda_http::Body>| async {
            Ok::<_, std::convert::Infallible>(http::Response::new(lambda_http::Body::Empty))
        });
        let router = |fronts| crate::Router::new(()).http_stream(service, fronts);
        let streams = |fronts, source| {
            router(fronts)
                .described()
                .any(|routed| routed.source == source && routed.streams)
        };
        assert!(streams(StreamingFronts::FUNCTION_URL, Source::FunctionUrl));
        assert!(!streams(StreamingFronts::FUNCTION_URL, Source::ApiGatewayRest));
        assert!(streams(StreamingFronts::REST_API, Source::ApiGatewayRest));
        assert!(!streams(StreamingFronts::NONE, Source::FunctionUrl));
    }

    #[test]
    fn a_list_of_names_is_read_and_anything_else_refused() {
        for (text, fronts) in [
            ("", StreamingFronts::NONE),
            (" rest_api ", StreamingFronts::REST_API),
            ("function_url,function_url", StreamingFronts::FUNCTION_URL),
        ] {
            assert_eq!(text.parse(), Ok(fronts), "{text:?}");
        }
        for text in ["true", "rest_api;function_url", "alb"] {
            assert_eq!(text.parse::<StreamingFronts>(), Err(UnknownFront), "{text}");
        }
    }
}
