//! From a proxy event to an `http::Request`, with the extensions of `lambda_http`.

use super::context::{self, Required};
use super::headers::Headers;
use super::proxy::{LazyObject, LooseText, ProxyEvent, replaced};
use super::uri::{Form, Target};
use crate::event::{Object, Unreadable, base64};
use crate::source::{RequestForm, Source};
use aws_lambda_events::apigw::{
    ApiGatewayProxyRequestContext, ApiGatewayV2httpRequestContext, ApiGatewayWebsocketProxyRequestContext,
};
use aws_lambda_events::query_map::QueryMap;
use http::header::HOST;
use http::uri::Scheme;
use http::{Method, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use serde_json::json;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
#[cfg(feature = "idempotency")]
use std::sync::Arc;

/// With this header field a client says that it may repeat a request (IETF draft “The Idempotency-Key HTTP Header
/// Field”).
#[cfg(feature = "idempotency")]
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The JSON of the request's context, an extension of requests that have an [`IDEMPOTENCY_KEY`]. The types of
/// `aws_lambda_events` lack some of what identifies the caller.
#[cfg(feature = "idempotency")]
#[derive(Clone, Debug)]
pub(crate) struct WholeContext(pub(crate) Arc<str>);

/// The sources that forward HTTP requests to Lambda, in a form that is known.
pub(crate) const SOURCES: &[Source] = {
    const COUNT: usize = {
        let (mut count, mut sources) = (0, Source::ALL);
        while let [source, behind @ ..] = sources {
            sources = behind;
            count += source.proxy().is_some() as usize;
        }
        count
    };
    const SERVED: [Source; COUNT] = {
        let (mut served, mut count, mut sources) = ([Source::Unknown; COUNT], 0, Source::ALL);
        while let [source, behind @ ..] = sources {
            sources = behind;
            if source.proxy().is_some() {
                served[count] = *source;
                count += 1;
            }
        }
        served
    };
    &SERVED
};

/// A request, and what its reply needs.
#[derive(Debug)]
pub(crate) struct HttpRequest {
    pub(crate) request: http::Request<Body>,
    /// For ALB: whether the target group has multi-value headers enabled, and needs them in the reply.
    pub(crate) multi_value: bool,
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum InvalidRequest {
    /// The event does not have its source's form.
    Unreadable(Unreadable),
    /// The method is invalid.
    Method,
    /// The path and the query are too long for a URI.
    Target,
}

impl InvalidRequest {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Method => StatusCode::BAD_REQUEST,
            Self::Target => StatusCode::URI_TOO_LONG,
        }
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(unreadable) => unreadable.fmt(f),
            Self::Method => f.write_str("the request's method is not a valid HTTP method"),
            Self::Target => f.write_str("the request's path and query are longer than 65,534 bytes"),
        }
    }
}

impl From<Unreadable> for InvalidRequest {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Reads the event of one of [`SOURCES`]. The path is that of the application, without the stage. For a WebSocket API
/// it is the route key (`/$connect`).
pub(crate) fn read(source: Source, payload: &[u8]) -> Result<HttpRequest, InvalidRequest> {
    let refused = match std::str::from_utf8(payload) {
        Ok(text) => match read_text(source, text) {
            Err(InvalidRequest::Unreadable(unreadable)) => unreadable,
            read => return read,
        },
        Err(error) => Unreadable::because(".", format!("not UTF-8 at byte {}", error.valid_up_to())),
    };
    let text = replaced(payload, char::REPLACEMENT_CHARACTER);
    // A body must not change; and if nothing was replaced, nothing is gained.
    if text.as_bytes() == payload || body_of(&text) != body_of(&replaced(payload, '?')) {
        return Err(refused.into());
    }
    let read = read_text(source, &text)?;
    tracing::warn!("the request is served with U+FFFD instead of invalid Unicode");
    Ok(read)
}

fn body_of(text: &str) -> Option<String> {
    let event: ProxyEvent<'_> = serde_json::from_str(text).ok()?;
    event.body.0.map(Cow::into_owned)
}

fn read_text(source: Source, text: &str) -> Result<HttpRequest, InvalidRequest> {
    let event: ProxyEvent<'_> =
        serde_json::from_str(text).map_err(|error| Unreadable::inside(text, &error))?;
    match source.proxy().map(|proxy| proxy.form) {
        Some(RequestForm::Rest) => rest(event),
        Some(RequestForm::Websocket) => websocket(event),
        Some(RequestForm::LoadBalancer) => alb(event),
        // A function URL passes on the path as it was sent.
        Some(RequestForm::FunctionUrl) => http_api(event, Form::Sent),
        Some(RequestForm::HttpApi) | None => http_api(event, Form::Decoded),
    }
}

fn rest(event: ProxyEvent<'_>) -> Result<HttpRequest, InvalidRequest> {
    let required = || vec![("/httpMethod", json!(event.http_method.filled().unwrap_or("GET")))];
    let read = context::read::<ApiGatewayProxyRequestContext>(event.request_context.0, required);
    let context = read.context;
    // Payload format 1.0 of HTTP APIs is this format with a version; the path is decoded and begins with the stage.
    let form = match event.version.filled() {
        Some("1.0") => Form::Decoded,
        _ => Form::Sent,
    };
    let called = context.path.as_deref();
    let called = called.map(|path| without_stage(path, context.stage.as_deref()));
    let path = event.path.filled().map(|path| match form {
        Form::Decoded => without_stage(path, context.stage.as_deref()),
        Form::Sent => path,
    });
    let mut target = Target::of(path.or(called).unwrap_or("/"), form);
    parameters(&mut target, &event, Form::Decoded)?;
    let about = RequestParts {
        method: method(&event.http_method)?.unwrap_or_else(|| context.http_method.clone()),
        target,
        domain: context.domain_name.clone(),
        context: RequestContext::ApiGatewayV1(context),
    };
    about.compose(event)
}

fn http_api(event: ProxyEvent<'_>, form: Form) -> Result<HttpRequest, InvalidRequest> {
    let read = context::read::<ApiGatewayV2httpRequestContext>(event.request_context.0, || {
        required_by_http_api(&event)
    });
    if read.left_out.iter().any(|member| member == "/http/method") {
        return Err(InvalidRequest::Method);
    }
    let context = read.context;
    let paths = [
        event.raw_path.filled(),
        event.path.filled(),
        context.http.path.as_deref(),
    ];
    let path = paths.into_iter().flatten().next().unwrap_or("/");
    let mut target = Target::of(without_stage(path, context.stage.as_deref()), form);
    match event.raw_query_string.filled() {
        Some(query) => target.query(query),
        None => parameters(&mut target, &event, Form::Decoded)?,
    }
    let about = RequestParts {
        method: context.http.method.clone(),
        target,
        domain: context.domain_name.clone(),
        context: RequestContext::ApiGatewayV2(context),
    };
    about.compose(event)
}

/// The method is in the context. Events without it have it where format 1.0 does, or in their route.
fn required_by_http_api(event: &ProxyEvent<'_>) -> Vec<Required> {
    let route = event.route_key.filled().and_then(|route| route.split_once(' '));
    let route = route.map(|(method, _)| method).filter(|method| *method != "ANY");
    let method = event.http_method.filled().or(route).unwrap_or("GET");
    vec![
        ("/http", json!({"method": method})),
        ("/http/method", json!(method)),
        ("/authentication/clientCert/validity", json!({})),
        ("/authorizer/iam/cognitoIdentity/amr", json!([])),
    ]
}

fn websocket(event: ProxyEvent<'_>) -> Result<HttpRequest, InvalidRequest> {
    let required = || vec![("/connectedAt", json!(0)), ("/requestTimeEpoch", json!(0))];
    let read = context::read::<ApiGatewayWebsocketProxyRequestContext>(event.request_context.0, required);
    let context = read.context;
    let mut target = Target::of(context.route_key.as_deref().unwrap_or_default(), Form::Decoded);
    parameters(&mut target, &event, Form::Decoded)?;
    let own = method(&event.http_method)?.or_else(|| context.http_method.clone());
    let about = RequestParts {
        method: own.unwrap_or_default(),
        target,
        domain: context.domain_name.clone(),
        context: RequestContext::WebSocket(context),
    };
    about.compose(event)
}

fn alb(event: ProxyEvent<'_>) -> Result<HttpRequest, InvalidRequest> {
    let read = context::read(event.request_context.0, || vec![("/elb", json!({}))]);
    let mut target = Target::of(event.path.filled().unwrap_or("/"), Form::Sent);
    parameters(&mut target, &event, Form::Sent)?;
    let about = RequestParts {
        method: method(&event.http_method)?.unwrap_or_default(),
        target,
        domain: None,
        context: RequestContext::Alb(read.context),
    };
    about.compose(event)
}

/// A missing method counts as `GET`, which changes nothing.
fn method(text: &LooseText<'_>) -> Result<Option<Method>, InvalidRequest> {
    let method = text.filled().map(|text| Method::from_bytes(text.as_bytes()));
    method.transpose().map_err(|_| InvalidRequest::Method)
}

/// Adds the parameters of the query in the event's order. The multi-value form has more values, but the other one may
/// have names of its own.
fn parameters(target: &mut Target, event: &ProxyEvent<'_>, form: Form) -> Result<(), Unreadable> {
    let mut names = HashSet::new();
    let several = event.multi_value_query_string_parameters;
    several.each("multiValueQueryStringParameters", |name, value| {
        target.parameter(name, &value, form);
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
    })?;
    let one = event.query_string_parameters;
    one.each("queryStringParameters", |name, value| {
        if !names.contains(name) {
            target.parameter(name, &value, form);
        }
    })
}

/// API Gateway HTTP APIs put the stage before the path, unless it is `$default`.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let Some(stage) = stage.filter(|stage| *stage != "$default") else {
        return path;
    };
    match path.strip_prefix('/').and_then(|path| path.strip_prefix(stage)) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// The parts of a request whose place depends on the source.
struct RequestParts {
    method: Method,
    target: Target,
    /// The host, if no header has it.
    domain: Option<String>,
    context: RequestContext,
}

impl RequestParts {
    /// Adds the parts that are the same in all events.
    fn compose(self, event: ProxyEvent<'_>) -> Result<HttpRequest, InvalidRequest> {
        let Headers { map, multi_value } = Headers::read(&event)?;
        let header = |name: http::HeaderName| map.get(name)?.to_str().ok();
        let host = header(HOST).or(self.domain.as_deref());
        let scheme = match header(http::HeaderName::from_static("x-forwarded-proto")) {
            Some("http") => Scheme::HTTP,
            _ => Scheme::HTTPS,
        };
        let uri = self.target.at(scheme, host).ok_or(InvalidRequest::Target)?;
        let mut request = http::Request::new(body(event.body, event.is_base64_encoded.0)?)
            .with_raw_http_path(uri.path())
            .with_request_context(self.context);
        if let Some(Ok(parameters)) = uri.query().map(str::parse::<QueryMap>) {
            request = request.with_query_string_parameters(parameters);
        }
        if let Some(parameters) = variables(event.path_parameters, "pathParameters")? {
            request = request.with_path_parameters(parameters);
        }
        if let Some(variables) = variables(event.stage_variables, "stageVariables")? {
            request = request.with_stage_variables(variables);
        }
        #[cfg(feature = "idempotency")]
        if let (true, Some(context)) = (map.contains_key(IDEMPOTENCY_KEY), event.request_context.0) {
            request
                .extensions_mut()
                .insert(WholeContext(context.get().into()));
        }
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = map;
        Ok(HttpRequest { request, multi_value })
    }
}

fn variables(map: LazyObject<'_>, key: &str) -> Result<Option<QueryMap>, Unreadable> {
    let mut variables: HashMap<String, Vec<String>> = HashMap::new();
    map.each(key, |name, value| match variables.get_mut(name) {
        Some(values) => values.push(value.into_owned()),
        None => {
            variables.insert(name.to_owned(), vec![value.into_owned()]);
        }
    })?;
    Ok((!variables.is_empty()).then(|| variables.into()))
}

fn body(body: LooseText<'_>, is_base64_encoded: bool) -> Result<Body, Unreadable> {
    match (body.0, is_base64_encoded) {
        (None, _) => Ok(Body::Empty),
        (Some(text), false) => Ok(Body::Text(text.into_owned())),
        (Some(text), true) => match base64::decode(&text) {
            Some(bytes) => Ok(Body::Binary(bytes)),
            None => Err(Unreadable::because(
                "body",
                "not base64, although `isBase64Encoded` is true",
            )),
        },
    }
}

/// Whether the reply to an unreadable request needs multi-value headers.
pub(crate) fn wants_multi_value(payload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(payload);
    let headers = Object::parse(text.as_bytes()).and_then(|object| object.get("multiValueHeaders"));
    headers.is_some_and(|headers| !["null", "{}"].contains(&headers.get()))
}
