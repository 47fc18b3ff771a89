//! Who calls, as the request shows it and as whoever stands before the function vouches for it.

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

/// Says of a request who calls.
pub(super) type CallerFn = Arc<dyn Fn(&Request<Body>) -> Option<String> + Send + Sync>;

/// What makes a caller.
#[derive(Clone)]
pub(super) enum Caller {
    /// What the request shows.
    Shown,
    /// What the application makes of it.
    Told(CallerFn),
    /// All are one.
    Anyone,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shown => "Shown",
            Self::Told(_) => "Told",
            Self::Anyone => "Anyone",
        })
    }
}

/// One thing that tells callers apart: what it is, and its value. It is hashed with the key, and kept nowhere.
#[derive(Debug, Serialize)]
pub(super) struct CallerMark(&'static str, Value);

impl Caller {
    /// What tells this request's caller from others: nothing, if it is nobody.
    pub(super) fn marks(&self, request: &Request<Body>) -> Vec<CallerMark> {
        match self {
            Self::Shown => shown(request),
            Self::Told(says) => says(request)
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

/// What REST and WebSocket APIs say of whoever signed the request, or has the API key. Neither the access key nor how
/// somebody signed in is among it: sessions are renewed.
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

/// The request's context as JSON: as it came, or by its type if somebody else has composed the request.
fn context(request: &Request<Body>) -> Value {
    if let Some(WholeContext(json)) = request.extensions().get() {
        // What nests too deep to be read is told from others as it is.
        return serde_json::from_str(json).unwrap_or_else(|_| serde_json::json!({"authorizer": **json}));
    }
    let context = request
        .request_context_ref()
        .and_then(|context| serde_json::to_value(context).ok());
    context.unwrap_or_default()
}

/// A member that says something.
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

/// Whom the authorizer let in. What stands in no known form tells callers apart as it is.
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

/// The caller that verified claims name: by their subject, and who vouches for it.
fn claims(claims: &Value) -> Value {
    match filled(&claims["sub"]) {
        Some(_) => picked(claims, &["iss", "sub"]).unwrap_or_default(),
        None => lasting(claims),
    }
}

/// The members that say something and stay when a token is renewed.
fn lasting(object: &Value) -> Value {
    let Value::Object(members) = object else {
        return object.clone();
    };
    let stays =
        |(name, value): &(&String, &Value)| !PASSING.contains(&name.as_str()) && filled(value).is_some();
    let kept = members.iter().filter(stays);
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The name in the client's certificate, and who issued that: both stay when it is renewed.
fn certificate(context: &Value) -> Option<Value> {
    let places = ["/authentication/clientCert", "/identity/clientCert"];
    let certificate = places.into_iter().find_map(|place| context.pointer(place))?;
    let certificate = filled(certificate)?;
    picked(certificate, &["issuerDN", "subjectDN"]).or_else(|| Some(certificate.clone()))
}

/// Every value of a header field; each byte as the character of its number.
fn values(headers: &HeaderMap, name: &str) -> Option<Value> {
    let text = |value: &HeaderValue| value.as_bytes().iter().map(|&byte| char::from(byte)).collect();
    let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
    (!values.is_empty()).then(|| values.into())
}

/// `Authorization`, but for what is another each time though the gateway vouches for the same caller: a signature, and a
/// token that was renewed. Of a token that names the subject that the gateway verified, who issued it and that subject
/// count.
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

/// Whom a JSON Web Token names. Nobody has checked its signature here.
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
            // As Cognito's user pools take it.
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
