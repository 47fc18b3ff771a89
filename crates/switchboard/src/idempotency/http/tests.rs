//! Services behind the layer, as `Router::http` calls them.

use super::IdempotencyKeyLayer;
use crate::idempotency::{Claim, Claimed, Idempotency, Memory, MissingKey, Store};
use crate::{Payload, Router};
use http::{Request, Response, StatusCode};
use lambda_http::Body;
use lambda_runtime::{LambdaEvent, Service as _};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tower::{Layer, service_fn};

/// Answers with what it got and how often it ran; `/fails` and `/busy` fail the first time.
#[derive(Clone, Default)]
struct Api {
    calls: Arc<AtomicUsize>,
    store: Arc<Memory>,
}

impl Api {
    fn layer(&self) -> IdempotencyKeyLayer<Arc<Memory>> {
        IdempotencyKeyLayer::new(Idempotency::new(Arc::clone(&self.store)).prefix("p"))
    }

    async fn send(&self, layer: &IdempotencyKeyLayer<Arc<Memory>>, request: Value) -> Value {
        let calls = Arc::clone(&self.calls);
        let service = service_fn(move |request: Request<Body>| {
            let call = calls.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Infallible>(respond(&request, call)) }
        });
        reply_of(Router::new(()).http(layer.layer(service)), &request).await
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn reply_of(mut router: Router<()>, request: &Value) -> Value {
    let payload = Payload::new(request.to_string());
    let mut context = lambda_runtime::Context::default();
    context.tenant_id = request["tenant"].as_str().map(str::to_owned);
    let event = LambdaEvent::new(payload, context);
    serde_json::to_value(router.call(event).await.unwrap()).unwrap()
}

fn respond(request: &Request<Body>, call: usize) -> Response<Body> {
    let status = match (request.uri().path(), call) {
        ("/fails", 0) => StatusCode::INTERNAL_SERVER_ERROR,
        ("/busy", 0) => StatusCode::TOO_MANY_REQUESTS,
        ("/unknown", 0) => StatusCode::UNAUTHORIZED,
        ("/forbidden", 0) => StatusCode::FORBIDDEN,
        ("/slow", 0) => StatusCode::REQUEST_TIMEOUT,
        ("/early", 0) => StatusCode::TOO_EARLY,
        ("/gone", _) => StatusCode::GONE,
        ("/panics", 0) => panic!("told to panic"),
        _ => StatusCode::CREATED,
    };
    let body = match request.uri().path() {
        "/binary" => Body::Binary(vec![0, 0xff, 7]),
        "/large" => Body::Text("x".repeat(400 * 1024)),
        _ => Body::Text(format!("ü {call}")),
    };
    Response::builder()
        .status(status)
        .header("x-call", call)
        .header("set-cookie", "a=1")
        .header("set-cookie", "b=2")
        .body(body)
        .unwrap()
}

fn post(path: &str, key: Option<&str>, body: &str) -> Value {
    let mut event = json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "a.example"}, "isBase64Encoded": false, "body": body,
        "requestContext": {"stage": "$default", "domainName": "a.example",
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}}});
    if let Some(key) = key {
        event["headers"]["idempotency-key"] = key.into();
    }
    event
}

fn is_problem(reply: &Value, status: u16, part: &str) -> bool {
    let body = reply["body"].as_str().unwrap_or_default();
    reply["statusCode"] == status
        && reply["headers"]["content-type"] == "application/problem+json"
        && body.contains(part)
}

#[tokio::test]
async fn a_request_that_comes_again_gets_the_response_of_the_first() {
    for path in ["/orders", "/binary", "/gone"] {
        let api = Api::default();
        let layer = api.layer();
        let first = api.send(&layer, post(path, Some("\"k-1\""), "{}")).await;
        assert_eq!(first["headers"].get("idempotent-replayed"), None);
        let mut again = api.send(&layer, post(path, Some("k-1"), "{}")).await;
        let marker = again["headers"]
            .as_object_mut()
            .unwrap()
            .remove("idempotent-replayed");
        assert_eq!(marker, Some("true".into()));
        assert_eq!((again, api.calls()), (first, 1));
        let other = api.send(&layer, post(path, Some("k-2"), "{}")).await;
        assert_eq!((&other["headers"]["x-call"], api.calls()), (&"1".into(), 2));
    }
}

#[tokio::test]
async fn a_tenant_gets_no_answer_of_another() {
    let api = Api::default();
    let layer = api.layer();
    let send = async |tenant: Value| {
        let mut request = post("/orders", Some("\"k\""), "{}");
        request["tenant"] = tenant;
        api.send(&layer, request).await["headers"]["x-call"].clone()
    };
    for tenant in [Value::Null, json!("north"), json!("south")] {
        let first = send(tenant.clone()).await;
        assert_eq!(send(tenant).await, first);
    }
    assert_eq!(api.calls(), 3);
}

#[tokio::test]
async fn a_key_that_is_missing_or_malformed_is_the_clients_error() {
    let api = Api::default();
    let missing = api.send(&api.layer(), post("/orders", None, "{}")).await;
    assert!(
        is_problem(&missing, 400, "Idempotency-Key is missing"),
        "{missing}"
    );
    let malformed = api.send(&api.layer(), post("/orders", Some("\"k"), "{}")).await;
    assert!(is_problem(&malformed, 400, "closing quote"), "{malformed}");
    assert_eq!(api.calls(), 0);
    let lenient = Idempotency::new(Arc::clone(&api.store)).missing_key(MissingKey::Handle);
    let reply = api
        .send(&IdempotencyKeyLayer::new(lenient), post("/orders", None, "{}"))
        .await;
    assert_eq!((&reply["statusCode"], api.calls()), (&201.into(), 1));
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused_and_another_path_or_scope_is_another_key() {
    let api = Api::default();
    let layer = api.layer();
    api.send(&layer, post("/orders", Some("k"), "{}")).await;
    let other = api.send(&layer, post("/orders", Some("k"), "[]")).await;
    assert!(is_problem(&other, 422, "used before"), "{other}");
    assert_eq!(api.calls(), 1);
    api.send(&layer, post("/refunds", Some("k"), "[]")).await;
    assert_eq!(api.calls(), 2);
    let scoped = layer.scope(|request| {
        request
            .headers()
            .get("host")?
            .to_str()
            .ok()
            .map(ToOwned::to_owned)
    });
    api.send(&scoped, post("/orders", Some("k"), "[]")).await;
    assert_eq!(api.calls(), 3);
}

#[tokio::test]
async fn nobody_gets_the_response_of_another_caller() {
    let api = Api::default();
    let layer = api.layer();
    let by = |token: &str| {
        let mut event = post("/orders", Some("k"), "{}");
        event["headers"]["authorization"] = token.into();
        event
    };
    let calls = [("Bearer a", 0), ("Bearer b", 1), ("Bearer a", 0)];
    for (token, call) in calls {
        let reply = api.send(&layer, by(token)).await;
        assert_eq!(reply["headers"]["x-call"], call.to_string());
    }
    // Another body is refused to the caller whose key it is, and tells others nothing.
    let mut other = by("Bearer c");
    other["body"] = "[]".into();
    assert_eq!(api.send(&layer, other).await["statusCode"], 201);
}

#[tokio::test]
async fn answers_that_may_pass_are_not_kept_and_a_panic_frees_the_key() {
    for path in [
        "/fails",
        "/busy",
        "/unknown",
        "/forbidden",
        "/slow",
        "/early",
        "/panics",
    ] {
        let api = Api::default();
        let layer = api.layer();
        let first = api.send(&layer, post(path, Some("k"), "{}")).await;
        assert_ne!(first["statusCode"], 201);
        let again = api.send(&layer, post(path, Some("k"), "{}")).await;
        assert_eq!((&again["statusCode"], api.calls()), (&201.into(), 2), "{path}");
    }
}

#[tokio::test]
async fn a_request_in_progress_elsewhere_is_a_conflict() {
    let api = Api::default();
    let event = post("/orders", Some("k"), "{}");
    claim_elsewhere(&api.store, &id_of(&api, &event), SystemTime::now()).await;
    let reply = api.send(&api.layer(), event).await;
    assert!(is_problem(&reply, 409, "in progress"), "{reply}");
    assert_eq!(api.calls(), 0);
}

#[tokio::test]
async fn a_request_that_outlasts_its_lease_is_a_conflict_if_it_was_sent_again_meanwhile() {
    let api = Api::default();
    let event = post("/orders", Some("k"), "{}");
    let (store, id) = (Arc::clone(&api.store), id_of(&api, &event));
    let service = service_fn(move |request: Request<Body>| {
        let (store, id) = (Arc::clone(&store), id.clone());
        async move {
            let later = SystemTime::now() + Duration::from_secs(60 * 60);
            claim_elsewhere(&store, &id, later).await;
            Ok::<_, Infallible>(respond(&request, 0))
        }
    });
    let reply = reply_of(Router::new(()).http(api.layer().layer(service)), &event).await;
    assert!(is_problem(&reply, 409, "took longer"), "{reply}");
}

/// The id of the event's key `k`.
fn id_of(api: &Api, event: &Value) -> String {
    let event = event.to_string();
    let read = crate::event::api_gateway::read(crate::source::Source::ApiGatewayHttp, event.as_bytes());
    api.layer().id(&read.unwrap().request, "k")
}

/// Another execution environment gets the key.
async fn claim_elsewhere(store: &Memory, id: &str, now: SystemTime) {
    let claim = Claim {
        id,
        validation: None,
        now,
        lease_until: now + Duration::from_secs(60),
        expiration: now + Duration::from_secs(60),
    };
    assert!(matches!(store.claim(&claim).await, Ok(Claimed::Owned(_))));
}

#[tokio::test]
async fn a_response_too_large_to_keep_is_given_once_and_its_effect_taken_once() {
    let api = Api::default();
    let first = api.send(&api.layer(), post("/large", Some("k"), "{}")).await;
    assert_eq!(first["statusCode"], 201);
    let again = api.send(&api.layer(), post("/large", Some("k"), "{}")).await;
    assert!(is_problem(&again, 409, "too large to be replayed"), "{again}");
    assert_eq!(api.calls(), 1);
    let roomy = api.layer().max_response(1024 * 1024);
    api.send(&roomy, post("/large", Some("k-2"), "{}")).await;
    let again = api.send(&roomy, post("/large", Some("k-2"), "{}")).await;
    assert_eq!((&again["statusCode"], api.calls()), (&201.into(), 2));
}

#[tokio::test]
async fn other_methods_pass_through() {
    let api = Api::default();
    let mut get = post("/orders", None, "");
    get["requestContext"]["http"]["method"] = "GET".into();
    for _ in 0..2 {
        assert_eq!(api.send(&api.layer(), get.clone()).await["statusCode"], 201);
    }
    assert_eq!(api.calls(), 2);
    let strict = api.layer().methods([http::Method::GET]);
    assert_eq!(api.send(&strict, get).await["statusCode"], 400);
}
