//! Requests to Lambda authorizers of API Gateway. API Gateway Developer Guide, “Input to an API Gateway Lambda authorizer” and
//! “Control access to HTTP APIs with AWS Lambda authorizers”.

use super::event::{Compose, event};
use super::samples::sample_json;
use crate::source::Source;
use serde_json::Value;

/// A request to an authorizer.
///
/// # Example
///
/// ```
/// use switchboard::testing::Authorizer;
///
/// let event = Authorizer::token("Bearer abc").method_arn("arn:aws:execute-api:eu-central-1:123456789012:a1/v1/GET/orders");
/// # assert!(event.to_json().contains("Bearer abc"));
/// ```
#[derive(Clone, Debug)]
pub struct Authorizer {
    event: Value,
}

impl Authorizer {
    /// `TOKEN` authorizer of a REST API.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self::new(Source::ApiGatewayAuthorizerToken).set("/authorizationToken", token)
    }

    /// `REQUEST` authorizer of a REST API.
    #[must_use]
    pub fn request() -> Self {
        Self::new(Source::ApiGatewayAuthorizerRequest)
    }

    /// Authorizer of an HTTP API, payload format 2.0.
    #[must_use]
    pub fn http() -> Self {
        Self::new(Source::ApiGatewayAuthorizerHttp)
    }

    /// Authorizer of a WebSocket API.
    #[must_use]
    pub fn websocket() -> Self {
        Self::new(Source::ApiGatewayAuthorizerWebsocket)
    }

    /// The method to call, of a REST or WebSocket API.
    #[must_use]
    pub fn method_arn(self, arn: &str) -> Self {
        self.set("/methodArn", arn)
    }

    /// A header of the request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = value.into();
        if self.event["multiValueHeaders"].is_object() {
            self.event["multiValueHeaders"][name] = Value::Array(vec![value.into()]);
        }
        self
    }

    fn new(source: Source) -> Self {
        Self {
            event: sample_json(source),
        }
    }
}

impl Compose for Authorizer {
    fn compose(&self) -> Value {
        self.event.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.event)
    }
}

event!(Authorizer);
