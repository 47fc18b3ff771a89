//! Who sent a request, from the request itself and from what the gateway or load balancer in front of the function
//! verified.

use crate::event::api_gateway::WholeContext;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Request};
use lambda_http::{Body, RequestExt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// Returns the caller of a request.
pub(super) type CallerFn = Arc<dyn Fn(&Request<Body>) -> Option<String> + Send + Sync>;

/// How callers are identified.
#[derive(Clone)]
pub(super) enum Caller {
    /// By the request.
    Shown,
    /// By a function of the application.
    Custom(CallerFn),
    /// Not at all: all callers are the same.
    Anyone,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shown => "Shown",
            Self::Custom(_) => "Custom",
            Self::Anyone => "Anyone",
        })
    }
}

/// One fact that distinguishes callers: its kind and its value. It is hashed with the key, and not stored.
#[derive(Debug, Serialize)]
pub(super) struct CallerMark(&'static str, Value);

impl Caller {
    /// What distinguishes this request's caller; empty for an anonymous one.
    pub(super) fn marks(&self, request: &Request<Body>) -> Vec<CallerMark> {
        match self {
            Self::Shown => shown(request),
            Self::Custom(says) => says(request)
                .map(|caller| CallerMark("caller", caller.into()))
                .into_iter()
                .collect(),
            Self::Anyone => Vec::new(),
        }
    }
}

/// API keys, and what a load balancer has verified; it sets these header fields itself.
const HEADERS: [&str; 5] = [
    "x-api-key",
    "x-amzn-oidc-identity",
    "x-amzn-mtls-clientcert-issuer",
    "x-amzn-mtls-clientcert-subject",
    "x-amzn-mtls-clientcert",
];

/// What REST and WebSocket APIs say about who signed the request or owns the API key. The access key and the way of
/// signing in are left out, because sessions are renewed.
const IDENTITY: [&str; 9] = [
    "accountId",
    "apiKey",
    "apiKeyId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "user",
    "userArn",
];

/// The same of HTTP APIs and function URLs.
const IAM: [&str; 5] = ["accountId", "callerId", "cognitoIdentity", "userArn", "userId"];

/// What differs in each token of one caller, or in each request.
const PASSING: [&str; 8] = [
    "auth_time",
    "event_id",
    "exp",
    "iat",
    "integrationLatency",
    "jti",
    "nbf",
    "origin_jti",
];

fn shown(request: &Request<Body>) -> Vec<CallerMark> {
    let context = context(request);
    let authorizer = filled(&context["authorizer"]);
    let marks = [
        authorization(request.headers(), &context).map(|value| CallerMark("authorization", value)),
        authorizer.map(|authorizer| CallerMark("authorizer", principal(authorizer))),
        picked(&context["identity"], &IDENTITY).map(|identity| CallerMark("identity", identity)),
        certificate(&context).map(|name| CallerMark("certificate", name)),
    ];
    let headers = HEADERS
        .into_iter()
        .filter_map(|name| Some(CallerMark(name, values(request.headers(), name)?)));
    marks.into_iter().flatten().chain(headers).collect()
}

/// The request's context as JSON: as it was sent, or from its type if the request was composed elsewhere.
fn context(request: &Request<Body>) -> Value {
    if let Some(WholeContext(json)) = request.extensions().get() {
        // A context that is too deep to be parsed distinguishes callers as a text.
        return serde_json::from_str(json).unwrap_or_else(|_| serde_json::json!({"authorizer": **json}));
    }
    let context = request
        .request_context_ref()
        .and_then(|context| serde_json::to_value(context).ok());
    context.unwrap_or_default()
}

/// The member, if it is not empty.
fn filled(value: &Value) -> Option<&Value> {
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    (!empty).then_some(value)
}

fn picked(object: &Value, names: &[&str]) -> Option<Value> {
    let of = |name: &&str| Some(((*name).to_owned(), filled(&object[*name])?.clone()));
    let picked: Map<_, _> = names.iter().filter_map(of).collect();
    (!picked.is_empty()).then_some(Value::Object(picked))
}

/// The principal that the authorizer accepted. A value of an unknown form is used unchanged.
fn principal(authorizer: &Value) -> Value {
    let Value::Object(members) = authorizer else {
        return authorizer.clone();
    };
    let member = |(name, value): (&String, &Value)| {
        let value = match (name.as_str(), value) {
            ("jwt", Value::Object(jwt)) => claims(jwt.get("claims").unwrap_or(&Value::Null)),
            ("claims", Value::Object(_)) => claims(value),
            ("iam", Value::Object(_)) => picked(value, &IAM).unwrap_or_else(|| value.clone()),
            ("lambda", Value::Object(_)) => lasting(value),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    lasting(&Value::Object(members.iter().map(member).collect()))
}

/// The caller in verified claims: the subject and its issuer.
fn claims(claims: &Value) -> Value {
    match filled(&claims["sub"]) {
        Some(_) => picked(claims, &["iss", "sub"]).unwrap_or_default(),
        None => lasting(claims),
    }
}

/// The non-empty members that stay the same when a token is renewed.
fn lasting(object: &Value) -> Value {
    let Value::Object(members) = object else {
        return object.clone();
    };
    let stays =
        |(name, value): &(&String, &Value)| !PASSING.contains(&name.as_str()) && filled(value).is_some();
    let kept = members.iter().filter(stays);
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The subject of the client's certificate, and its issuer: both stay the same when it is renewed.
fn certificate(context: &Value) -> Option<Value> {
    let places = ["/authentication/clientCert", "/identity/clientCert"];
    let certificate = places.into_iter().find_map(|place| context.pointer(place))?;
    let certificate = filled(certificate)?;
    picked(certificate, &["issuerDN", "subjectDN"]).or_else(|| Some(certificate.clone()))
}

/// Every value of a header field, with each byte as the character of its number.
fn values(headers: &HeaderMap, name: &str) -> Option<Value> {
    let text = |value: &HeaderValue| value.as_bytes().iter().map(|&byte| char::from(byte)).collect();
    let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
    (!values.is_empty()).then(|| values.into())
}

/// `Authorization`, without what changes although the gateway verified the same caller: a signature, or a renewed
/// token. If a token names the subject that the gateway verified, only its issuer and subject count.
fn authorization(headers: &HeaderMap, context: &Value) -> Option<Value> {
    let whole = values(headers, AUTHORIZATION.as_str())?;
    let mut each = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (each.next(), each.next()) else {
        return Some(whole);
    };
    let Ok(value) = value.to_str() else {
        return Some(whole);
    };
    if value.starts_with("AWS4-") && is_signed(context) {
        return None;
    }
    match Token::read(value) {
        Some(token) if token.is_vouched_for(&context["authorizer"]) => serde_json::to_value(token).ok(),
        _ => Some(whole),
    }
}

/// Whether the gateway says who signed the request.
fn is_signed(context: &Value) -> bool {
    let who = ["/authorizer/iam/userArn", "/identity/userArn", "/identity/caller"];
    who.into_iter()
        .any(|who| context.pointer(who).and_then(filled).is_some())
}

/// The identity in a JSON Web Token, whose signature is not verified here.
#[derive(Deserialize, Serialize)]
struct Token {
    iss: Option<String>,
    sub: String,
}

impl Token {
    fn read(authorization: &str) -> Option<Self> {
        let token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            Some(_) => return None,
            // The form that Cognito's user pools accept.
            None => authorization,
        };
        let mut parts = token.split('.');
        let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    fn is_vouched_for(&self, authorizer: &Value) -> bool {
        let verified = [
            "/jwt/claims/sub",
            "/claims/sub",
            "/lambda/sub",
            "/sub",
            "/principalId",
        ];
        let names = |place| authorizer.pointer(place).and_then(Value::as_str);
        !self.sub.is_empty() && verified.into_iter().any(|place| names(place) == Some(&self.sub))
    }
}
