//! Calls an authorizer for a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::answer::{Denial, read};
use super::event::{arn, authorizer_event};
use super::identity::IdentitySource;
use crate::http::{Authorizer, HttpRequest, PayloadFormat, event};
use crate::{Error, Function, InvokeEvent};

/// How long an HTTP API waits for its authorizer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A Lambda authorizer in front of a function. It is called for every request that has its identity sources.
#[derive(Clone)]
pub struct LambdaAuthorizer {
    function: Arc<Function>,
    settings: AuthorizerSettings,
}

/// How an authorizer is called.
#[derive(Clone, Debug)]
pub struct AuthorizerSettings {
    format: PayloadFormat,
    payload: AuthorizerPayload,
    sources: Vec<IdentitySource>,
}

/// What an authorizer is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthorizerPayload {
    /// The request in format 2.0, of an HTTP API. The answer is simple or a policy.
    Version2,
    /// The request in format 1.0, of an HTTP API. The answer is a policy.
    Version1,
    /// The request, of a REST API. The answer is a policy.
    Request,
    /// The value of one header, of a REST API. The answer is a policy.
    Token,
}

impl AuthorizerSettings {
    /// The usual ones behind a gateway of this format: it gets the request, and the caller is identified by the header
    /// `Authorization`.
    ///
    /// # Errors
    /// If the gateway has no Lambda authorizers.
    pub fn new(format: PayloadFormat) -> Result<Self, Error> {
        let payload = match format {
            PayloadFormat::Http => AuthorizerPayload::Version2,
            PayloadFormat::Rest => AuthorizerPayload::Request,
            PayloadFormat::FunctionUrl => {
                return Err(Error::other("a function URL has no Lambda authorizer"));
            }
        };
        Ok(Self {
            format,
            payload,
            sources: vec![IdentitySource::header("authorization")],
        })
    }

    /// Asks in this format.
    ///
    /// # Errors
    /// If the gateway does not ask in this format.
    pub fn payload(mut self, payload: AuthorizerPayload) -> Result<Self, Error> {
        use AuthorizerPayload::{Request, Token, Version1, Version2};
        match (self.format, payload) {
            (PayloadFormat::Http, Version1 | Version2) | (PayloadFormat::Rest, Request | Token) => {}
            (PayloadFormat::Rest, _) => {
                return Err(Error::other(
                    "a REST API asks an authorizer for `request` or `token`",
                ));
            }
            _ => {
                return Err(Error::other(
                    "an HTTP API asks an authorizer in format `2.0` or `1.0`",
                ));
            }
        }
        self.payload = payload;
        self.checked()
    }

    /// Finds the caller's identity there. All of them are required.
    ///
    /// # Errors
    /// If the identity is not in one header, which is all that an authorizer of tokens gets.
    pub fn identity_sources(mut self, sources: Vec<IdentitySource>) -> Result<Self, Error> {
        self.sources = sources;
        self.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let is_header = matches!(&self.sources[..], [source] if source.is_header());
        match self.payload == AuthorizerPayload::Token && !is_header {
            true => Err(Error::other(
                "an authorizer of tokens has exactly one identity source, a header",
            )),
            false => Ok(self),
        }
    }

    /// What identifies the caller.
    fn identity(&self, request: &HttpRequest) -> Result<Vec<String>, Denial> {
        if self.sources.is_empty() {
            return Ok(Vec::new());
        }
        let event = event(request, self.format);
        let found = self.sources.iter().map(|source| {
            let value = source.find(&event);
            value.ok_or_else(|| Denial::NoIdentity(source.clone()))
        });
        found.collect()
    }
}

impl LambdaAuthorizer {
    /// Asks this function.
    #[must_use]
    pub fn new(function: Arc<Function>, settings: AuthorizerSettings) -> Self {
        Self { function, settings }
    }

    /// Asks whether the request may pass, and what the function is told about its caller.
    pub(crate) async fn ask(&self, request: &HttpRequest, trace_id: &str) -> Result<Authorizer, Denial> {
        let settings = &self.settings;
        let identity = settings.identity(request)?;
        let arn = arn(request);
        let question = authorizer_event(request, settings.payload, &identity, &arn).to_string();
        let function = Arc::clone(&self.function);
        let invocation = InvokeEvent::from(question).trace_id(trace_id);
        // A separate task, because Lambda finishes an invocation that nobody waits for.
        let asking = tokio::spawn(async move { function.invoke_for_reply(invocation).await });
        let asked = match settings.format {
            PayloadFormat::Http => timeout(PATIENCE, asking)
                .await
                .map_err(|_| Denial::Failed("it has not answered within 10 seconds".to_owned()))?,
            PayloadFormat::Rest | PayloadFormat::FunctionUrl => asking.await,
        };
        let answer = asked
            .map_err(|error| Denial::Failed(error.to_string()))?
            .map_err(|error| Denial::Failed(error.to_string()))?;
        let reply = answer
            .result
            .map_err(|error| Denial::of_error(&error, settings.format))?;
        read(&reply, settings.payload, settings.format, &arn)
    }
}
