//! Lambda authorizers of API Gateway: REST, HTTP and WebSocket APIs.
//!
//! API Gateway Developer Guide, “Input to an API Gateway Lambda authorizer”, “Output from an API Gateway Lambda authorizer” and
//! “Control access to HTTP APIs with AWS Lambda authorizers”.

use super::answered::{Contract, written};
use super::text_at;
use crate::source::Source;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The error that a REST or WebSocket API answers with 401. The API compares the message as it is written.
pub(crate) const UNAUTHORIZED: &str = "Unauthorized";

/// What an authorizer is asked about: the same fields whatever kind of API asks, and in whatever format.
///
/// For fields that it leaves out, take a type of your own, or one of `aws_lambda_events::apigw`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthorizerRequest {
    /// The ARN of the method or route that is to be called.
    #[serde(default, alias = "routeArn", rename = "methodArn")]
    pub arn: String,
    /// What a `TOKEN` authorizer gets: the value of the header that is its token source.
    pub authorization_token: Option<String>,
    /// The values of the identity sources of an HTTP API.
    #[serde(default, deserialize_with = "identity_source")]
    pub identity_source: Vec<String>,
    /// The headers, each with one value. Names are as the client sent them, or in lowercase: use [`header`](Self::header).
    #[serde(default, deserialize_with = "or_default")]
    pub headers: HashMap<String, String>,
    /// The query parameters, each with one value.
    #[serde(default, deserialize_with = "or_default")]
    pub query_string_parameters: HashMap<String, String>,
    /// The variables of the path.
    #[serde(default, deserialize_with = "or_default")]
    pub path_parameters: HashMap<String, String>,
    /// The variables of the stage.
    #[serde(default, deserialize_with = "or_default")]
    pub stage_variables: HashMap<String, String>,
}

impl AuthorizerRequest {
    /// A header, whatever case its name is in.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// What the caller shows to be let in: the token, the first identity source, or the header `Authorization`.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        let named = self.authorization_token.as_deref();
        let named = named.or_else(|| self.identity_source.first().map(String::as_str));
        named.or_else(|| self.header("authorization"))
    }

    /// The token behind `Bearer `.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.token()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// `null` is nothing.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A list in format 2.0, one text with commas in 1.0.
fn identity_source<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let source: Option<Value> = Option::deserialize(from)?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    Ok(match source {
        Some(Value::Array(sources)) => sources.into_iter().filter_map(text).collect(),
        Some(Value::String(sources)) => sources
            .split(',')
            .map(|source| source.trim().to_owned())
            .collect(),
        _ => Vec::new(),
    })
}

/// The answer of an authorizer to any kind of API, as an IAM policy: whether the caller may call what it asks for.
///
/// By default the decision is about the one method or route that was called. API Gateway caches decisions by the identity source
/// (300 seconds for REST APIs, unless it is told otherwise): a cached decision is also used for other methods, and what it does not
/// mention is denied. Say [`everywhere`](Self::everywhere) if the caller may call all of the stage, or name
/// [`routes`](Self::routes).
///
/// # Example
///
/// ```
/// use switchboard::event::{Authorization, AuthorizerRequest};
/// use switchboard::{Context, Failure, Router};
///
/// async fn authorize(request: AuthorizerRequest, _cx: Context<()>) -> Result<Authorization, Failure> {
///     match request.bearer() {
///         Some("let me in") => Ok(Authorization::allow("jane").everywhere().context("tenant", "north")),
///         Some(_) => Ok(Authorization::deny("unknown")),
///         None => Err(Failure::unauthorized()),
///     }
/// }
///
/// let router = Router::new(()).authorizer(authorize);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[must_use = "a decision is made by returning it"]
pub struct Authorization {
    allowed: bool,
    principal: String,
    scope: AuthorizedScope,
    context: BTreeMap<String, ContextValue>,
    usage_key: Option<String>,
}

/// What the decision is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum AuthorizedScope {
    /// The method or route that was called.
    Called,
    /// These methods and paths of the stage.
    Routes(Vec<String>),
}

impl Authorization {
    /// The caller, who is named by `principal`, may call the method.
    pub fn allow(principal: impl Into<String>) -> Self {
        Self::new(true, principal.into())
    }

    /// The caller may not: 403.
    pub fn deny(principal: impl Into<String>) -> Self {
        Self::new(false, principal.into())
    }

    /// The decision is about all methods and routes of the stage.
    pub fn everywhere(self) -> Self {
        self.routes(["*"])
    }

    /// The decision is about these methods and paths of the stage, such as `GET/orders/*`. `*` stands for anything.
    pub fn routes<T: Into<String>>(self, routes: impl IntoIterator<Item = T>) -> Self {
        let scope = AuthorizedScope::Routes(routes.into_iter().map(Into::into).collect());
        Self { scope, ..self }
    }

    /// Passes a text, a number or a flag to the integration, in the request context. Of a REST API it arrives as text.
    pub fn context(mut self, key: impl Into<String>, value: impl Into<ContextValue>) -> Self {
        self.context.insert(key.into(), value.into());
        self
    }

    /// The API key of the caller's usage plan, if the REST API takes it from its authorizer.
    pub fn usage_key(mut self, key: impl Into<String>) -> Self {
        self.usage_key = Some(key.into());
        self
    }

    fn new(allowed: bool, principal: String) -> Self {
        Self {
            allowed,
            principal,
            scope: AuthorizedScope::Called,
            context: BTreeMap::new(),
            usage_key: None,
        }
    }

    fn policy(&self, arn: &str) -> Result<Value, String> {
        let resources = match &self.scope {
            AuthorizedScope::Called => vec![arn.to_owned()],
            AuthorizedScope::Routes(routes) => {
                let stage = stage(arn).ok_or("the event's ARN does not name a stage of an API")?;
                routes.iter().map(|route| format!("{stage}/{route}")).collect()
            }
        };
        if resources.is_empty() {
            return Err("it names no route: a policy needs one".to_owned());
        }
        let effect = if self.allowed { "Allow" } else { "Deny" };
        Ok(json!({
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resources}],
        }))
    }
}

/// The ARN up to the stage.
fn stage(arn: &str) -> Option<&str> {
    let mut slashes = arn.match_indices('/').map(|(at, _)| at);
    let api = slashes.next()?;
    let end = slashes.next().unwrap_or(arn.len());
    (end > api + 1).then(|| &arn[..end])
}

/// A value in the context that an authorizer passes on: no lists, no objects.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ContextValue(Value);

macro_rules! context_value {
    ($($from:ty),*) => {$(
        impl From<$from> for ContextValue {
            fn from(value: $from) -> Self {
                Self(value.into())
            }
        }
    )*};
}

context_value!(&str, String, bool, i32, i64, u32, u64, f64);

/// The decisions of [`Authorization`].
pub(crate) struct Authorizers;

impl Contract for Authorizers {
    const SOURCES: &'static [Source] = &[
        Source::ApiGatewayAuthorizerToken,
        Source::ApiGatewayAuthorizerRequest,
        Source::ApiGatewayAuthorizerHttp,
        Source::ApiGatewayAuthorizerWebsocket,
    ];
    type Reply = Authorization;

    fn answer(reply: Authorization, event: &[u8]) -> Result<Box<RawValue>, String> {
        let arn = text_at(event, "routeArn").or_else(|| text_at(event, "methodArn"));
        let arn = arn.ok_or("the event has neither `methodArn` nor `routeArn`, which a policy names")?;
        let mut answer = Map::new();
        answer.insert("policyDocument".to_owned(), reply.policy(&arn)?);
        answer.insert("principalId".to_owned(), reply.principal.into());
        if !reply.context.is_empty() {
            answer.insert("context".to_owned(), json!(reply.context));
        }
        if let Some(key) = reply.usage_key {
            answer.insert("usageIdentifierKey".to_owned(), key.into());
        }
        written(&answer)
    }

    fn refusal(name: &str, event: &[u8]) -> Option<Box<RawValue>> {
        let denied = || Self::answer(Authorization::deny("unauthorized"), event).ok();
        (name == UNAUTHORIZED && is_http_api(event))
            .then(denied)
            .flatten()
    }
}

/// Only the events of HTTP APIs say which format they have.
fn is_http_api(event: &[u8]) -> bool {
    text_at(event, "version").is_some()
}

/// The answer of an authorizer to an HTTP API with `EnableSimpleResponses`, payload format 2.0: whether the caller may pass.
///
/// # Example
///
/// ```
/// use switchboard::event::{AuthorizerRequest, SimpleAuthorization};
/// use switchboard::{Context, Failure, Router};
///
/// async fn authorize(request: AuthorizerRequest, _cx: Context<()>) -> Result<SimpleAuthorization, Failure> {
///     Ok(match request.bearer() {
///         Some("let me in") => SimpleAuthorization::allow().context("tenant", "north"),
///         _ => SimpleAuthorization::deny(),
///     })
/// }
///
/// let router = Router::new(()).simple_authorizer(authorize);
/// # let _ = router;
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a decision is made by returning it"]
pub struct SimpleAuthorization {
    is_authorized: bool,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    context: Map<String, Value>,
}

impl SimpleAuthorization {
    /// The caller may call the route.
    pub fn allow() -> Self {
        Self::new(true)
    }

    /// The caller may not: 403.
    pub fn deny() -> Self {
        Self::new(false)
    }

    /// Passes a value to the integration, in the request context: also lists and objects.
    pub fn context(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context.insert(key.into(), value.into());
        self
    }

    fn new(is_authorized: bool) -> Self {
        let context = Map::new();
        Self {
            is_authorized,
            context,
        }
    }
}

/// The decisions of [`SimpleAuthorization`].
pub(crate) struct SimpleAuthorizers;

impl Contract for SimpleAuthorizers {
    const SOURCES: &'static [Source] = &[Source::ApiGatewayAuthorizerHttp];
    type Reply = SimpleAuthorization;

    fn answer(reply: SimpleAuthorization, event: &[u8]) -> Result<Box<RawValue>, String> {
        match text_at(event, "version").as_deref() {
            Some("2.0") => written(&reply),
            _ => Err(
                "the API uses payload format 1.0, which takes IAM policies only: set \
                      `AuthorizerPayloadFormatVersion` to 2.0, or return an `Authorization`"
                    .to_owned(),
            ),
        }
    }

    fn refusal(name: &str, event: &[u8]) -> Option<Box<RawValue>> {
        let denied = || Self::answer(SimpleAuthorization::deny(), event).ok();
        (name == UNAUTHORIZED).then(denied).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1/v1/GET/orders/7";

    fn answer(reply: Authorization, event: &Value) -> Result<Value, String> {
        let answer = Authorizers::answer(reply, event.to_string().as_bytes())?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }

    #[test]
    fn a_policy_is_about_what_was_called_unless_it_says_more() {
        let event = json!({"type": "TOKEN", "methodArn": ARN, "authorizationToken": "t"});
        let resources = |reply| answer(reply, &event).unwrap()["policyDocument"]["Statement"][0].take();
        let called = resources(Authorization::allow("jane"));
        assert_eq!(
            called,
            json!({"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": [ARN]})
        );
        let all = resources(Authorization::deny("jane").everywhere());
        let stage = "arn:aws:execute-api:eu-west-1:123456789012:a1/v1";
        assert_eq!(
            all,
            json!({"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": [format!("{stage}/*")]})
        );
        let some = resources(Authorization::allow("jane").routes(["GET/orders/*", "POST/orders"]));
        assert_eq!(
            some["Resource"],
            json!([format!("{stage}/GET/orders/*"), format!("{stage}/POST/orders")])
        );
    }

    #[test]
    fn context_and_usage_key_are_there_if_they_are_set() {
        let event = json!({"methodArn": ARN});
        let plain = answer(Authorization::allow("jane"), &event).unwrap();
        assert_eq!(plain["principalId"], "jane");
        assert!(plain.get("context").is_none() && plain.get("usageIdentifierKey").is_none());
        let more = Authorization::allow("jane")
            .context("tenant", "north")
            .context("level", 3)
            .context("beta", true)
            .usage_key("k");
        let more = answer(more, &event).unwrap();
        assert_eq!(
            more["context"],
            json!({"tenant": "north", "level": 3, "beta": true})
        );
        assert_eq!(more["usageIdentifierKey"], "k");
    }

    #[test]
    fn a_policy_that_names_nothing_is_refused() {
        let event = json!({"methodArn": ARN});
        let none = Authorization::allow("jane").routes(Vec::<String>::new());
        assert!(answer(none, &event).unwrap_err().contains("no route"));
        assert!(answer(Authorization::allow("jane"), &json!({})).is_err());
        let odd = json!({"methodArn": "arn:aws:execute-api:eu-west-1:1:a1"});
        assert!(answer(Authorization::allow("jane").everywhere(), &odd).is_err());
    }

    #[test]
    fn a_request_is_read_in_every_format() {
        let read = |event: Value| serde_json::from_value::<AuthorizerRequest>(event).unwrap();
        let token = read(json!({"type": "TOKEN", "methodArn": ARN, "authorizationToken": "bearer t "}));
        assert_eq!((token.arn.as_str(), token.bearer()), (ARN, Some("t")));
        let rest =
            read(json!({"methodArn": ARN, "headers": {"Authorization": "Bearer t"}, "pathParameters": null}));
        assert_eq!(
            (rest.bearer(), rest.header("AUTHORIZATION")),
            (Some("t"), Some("Bearer t"))
        );
        let http =
            read(json!({"version": "2.0", "routeArn": ARN, "identitySource": ["a", "b"], "headers": null}));
        assert_eq!((http.arn.as_str(), http.token()), (ARN, Some("a")));
        let old = read(json!({"version": "1.0", "methodArn": ARN, "identitySource": "a, b"}));
        assert_eq!(old.identity_source, ["a", "b"]);
        assert_eq!(read(json!({"routeArn": ARN})).bearer(), None);
    }
}
