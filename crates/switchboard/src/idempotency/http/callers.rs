//! Callers of every kind: the same one again, and two that are not to share a key.

use super::caller::Caller;
use crate::event::api_gateway::read;
use crate::idempotency::{Idempotency, IdempotencyKeyLayer, Memory};
use crate::source::Source;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Request;
use lambda_http::{Body, RequestExt as _};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// What distinguishes callers. Names are numbers, and few, so that many callers share them.
#[derive(Clone, Debug, Eq, PartialEq)]
struct CallerModel {
    credential: Credential,
    api_key: Option<u8>,
    certificate: Option<(u8, u8)>,
    load_balancer: Option<u8>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Credential {
    None,
    /// The function looks at it itself.
    Opaque(u8),
    /// A JWT authorizer of an HTTP API, or a user pool's of a REST API, by `iss` and `sub`.
    Token(u8, u8),
    /// A Lambda authorizer: the principal, and a member of its context.
    Lambda(u8, u8),
    /// A signature: the ARN, and the identity in an identity pool.
    Signed(u8, Option<u8>),
}

fn who() -> impl Strategy<Value = CallerModel> {
    let credential = prop_oneof![
        Just(Credential::None),
        (0..3u8).prop_map(Credential::Opaque),
        (0..3u8, 0..3u8).prop_map(|(iss, sub)| Credential::Token(iss, sub)),
        (0..3u8, 0..3u8).prop_map(|(principal, user)| Credential::Lambda(principal, user)),
        (0..3u8, option::of(0..3u8)).prop_map(|(arn, identity)| Credential::Signed(arn, identity)),
    ];
    let rest = (
        option::of(0..2u8),
        option::of((0..2u8, 0..2u8)),
        option::of(0..2u8),
    );
    (credential, rest).prop_map(
        |(credential, (api_key, certificate, load_balancer))| CallerModel {
            credential,
            api_key,
            certificate,
            load_balancer,
        },
    )
}

fn token(claims: &Value) -> String {
    let encode = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    format!(
        "Bearer {}.{}.sig",
        encode(&json!({"alg": "RS256"})),
        encode(claims)
    )
}

/// The request of a caller; `time` is what differs whenever it comes again.
fn event(source: Source, who: &CallerModel, time: u32) -> Value {
    let rest = source == Source::ApiGatewayRest;
    let mut headers = json!({"idempotency-key": "k", "user-agent": format!("probe/{time}")});
    let mut identity =
        json!({"sourceIp": format!("192.0.2.{}", time % 250), "userArn": null, "apiKey": null});
    let mut context = json!({"requestId": format!("r-{time}"), "stage": "$default", "authorizer": null});
    match &who.credential {
        Credential::None => {}
        Credential::Opaque(secret) => headers["authorization"] = format!("Bearer secret-{secret}").into(),
        Credential::Token(iss, sub) => {
            let claims = json!({"iss": format!("i{iss}"), "sub": format!("s{sub}"), "exp": time.to_string()});
            headers["authorization"] = token(&claims).into();
            context["authorizer"] = match rest {
                true => json!({"claims": claims}),
                false => json!({"jwt": {"claims": claims, "scopes": null}}),
            };
        }
        Credential::Lambda(principal, user) => {
            let members = json!({"principalId": format!("p{principal}"), "user": user, "exp": time,
                "integrationLatency": time});
            context["authorizer"] = match rest {
                true => members,
                false => json!({"lambda": members}),
            };
        }
        Credential::Signed(arn, cognito) => {
            headers["authorization"] = format!("AWS4-HMAC-SHA256 Signature={time}").into();
            let (arn, cognito) = (
                format!("arn{arn}"),
                cognito.map(|identity| format!("c{identity}")),
            );
            identity["userArn"] = arn.clone().into();
            identity["accessKey"] = time.to_string().into();
            identity["cognitoIdentityId"] = cognito.clone().into();
            if !rest {
                let cognito = cognito.map(|id| json!({"identityId": id}));
                context["authorizer"] = json!({"iam": {"userArn": arn, "accessKey": time.to_string(),
                    "cognitoIdentity": cognito}});
            }
        }
    }
    if let Some(key) = who.api_key {
        headers["x-api-key"] = format!("key-{key}").into();
        identity["apiKey"] = format!("key-{key}").into();
    }
    if let Some(subject) = who.load_balancer {
        headers["x-amzn-oidc-identity"] = format!("user-{subject}").into();
        headers["x-amzn-oidc-data"] = time.to_string().into();
    }
    if let Some((issuer, subject)) = who.certificate {
        let certificate = json!({"issuerDN": format!("CN={issuer}"), "subjectDN": format!("CN={subject}"),
            "serialNumber": time.to_string(), "validity": {"notBefore": "", "notAfter": time.to_string()}});
        match rest {
            true => identity["clientCert"] = certificate,
            false => context["authentication"] = json!({"clientCert": certificate}),
        }
    }
    match rest {
        true => {
            context["identity"] = identity;
            context["httpMethod"] = "POST".into();
            json!({"resource": "/orders", "path": "/orders", "httpMethod": "POST", "headers": headers,
                "requestContext": context, "body": "{}"})
        }
        false => {
            context["http"] = json!({"method": "POST", "path": "/orders"});
            json!({"version": "2.0", "rawPath": "/orders", "rawQueryString": "", "headers": headers,
                "requestContext": context, "body": "{}"})
        }
    }
}

const NOBODY: CallerModel = CallerModel {
    credential: Credential::None,
    api_key: None,
    certificate: None,
    load_balancer: None,
};

fn request(source: Source, event: &Value) -> Request<Body> {
    read(source, event.to_string().as_bytes()).unwrap().request
}

fn layer() -> IdempotencyKeyLayer<Memory> {
    IdempotencyKeyLayer::new(Idempotency::new(Memory::new()))
}

const SOURCES: [Source; 2] = [Source::ApiGatewayRest, Source::ApiGatewayHttp];

proptest! {
    #[test]
    fn a_caller_has_its_own_keys_and_has_them_again(a in who(), b in who(), times: (u32, u32)) {
        for source in SOURCES {
            let id = |who, time| layer().id(&request(source, &event(source, who, time)), "k");
            prop_assert_eq!(id(&a, times.0), id(&a, times.1));
            prop_assert_eq!(id(&a, times.0) == id(&b, times.1), a == b, "{}", source);
        }
    }

    /// What is odd may keep a caller's own requests apart; two callers never share.
    #[test]
    fn whatever_the_authorizer_says_two_principals_are_two(
        a in "[ -~ü]{1,12}", b in "[ -~ü]{1,12}", shape in 0..6usize, known: bool,
    ) {
        prop_assume!(a != b);
        let authorizer = |who: &str| match shape {
            0 => json!({"principalId": who}),
            1 => json!([who]),
            2 => json!(who),
            3 => json!({"claims": who}),
            4 => json!({"jwt": {"claims": {"client_id": who, "exp": 1}}, "lambda": {}}),
            _ => json!({"lambda": {"nested": {"of": [who]}}}),
        };
        for source in SOURCES {
            let id = |who| {
                let mut event = event(source, &NOBODY, 0);
                event["requestContext"]["authorizer"] = authorizer(who);
                if known {
                    event["headers"]["authorization"] = "Basic YTpi".into();
                }
                layer().id(&request(source, &event), "k")
            };
            prop_assert_ne!(id(&a), id(&b));
        }
    }

    #[test]
    fn unverified_tokens_count_as_they_are(a in 0..3u32, b in 0..3u32) {
        let id = |time: u32| {
            let event = json!({"rawPath": "/orders", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
                "headers": {"idempotency-key": "k", "authorization": token(&json!({"sub": "s", "exp": time}))}});
            layer().id(&request(Source::FunctionUrl, &event), "k")
        };
        prop_assert_eq!(id(a) == id(b), a == b);
    }
}

#[test]
fn each_fact_alone_tells_callers_apart() {
    let credentials = [
        Credential::None,
        Credential::Opaque(0),
        Credential::Opaque(1),
        Credential::Token(0, 0),
        Credential::Token(0, 1),
        Credential::Token(1, 0),
        Credential::Lambda(0, 0),
        Credential::Lambda(0, 1),
        Credential::Lambda(1, 0),
        Credential::Signed(0, None),
        Credential::Signed(0, Some(0)),
        Credential::Signed(0, Some(1)),
        Credential::Signed(1, None),
    ];
    let mut callers: Vec<CallerModel> = credentials
        .into_iter()
        .map(|credential| CallerModel { credential, ..NOBODY })
        .collect();
    callers.extend([0, 1].map(|key| CallerModel {
        api_key: Some(key),
        ..NOBODY
    }));
    callers.extend([0, 1].map(|user| CallerModel {
        load_balancer: Some(user),
        ..NOBODY
    }));
    callers.extend([(0, 0), (0, 1), (1, 0)].map(|names| CallerModel {
        certificate: Some(names),
        ..NOBODY
    }));
    for source in SOURCES {
        let id = |caller| layer().id(&request(source, &event(source, caller, 0)), "k");
        let ids: HashSet<String> = callers.iter().map(id).collect();
        assert_eq!(ids.len(), callers.len(), "{source}");
    }
}

/// A credential that the gateway did not verify counts as it is.
#[test]
fn unverified_credentials_distinguish_callers() {
    let id = |authorization: &str, authorizer: &Value| {
        let event = json!({"httpMethod": "POST", "path": "/orders",
            "headers": {"idempotency-key": "k", "authorization": authorization},
            "requestContext": {"httpMethod": "POST", "authorizer": authorizer}});
        layer().id(&request(Source::ApiGatewayRest, &event), "k")
    };
    let signed = |signature: u8| id(&format!("AWS4-HMAC-SHA256 Signature={signature}"), &Value::Null);
    assert_ne!(signed(0), signed(1));
    let with_scheme = |scheme: &str, time: u8| {
        let token = token(&json!({"sub": "s", "exp": time}));
        id(&token.replace("Bearer", scheme), &json!({"principalId": "s"}))
    };
    assert_eq!(with_scheme("bearer", 0), with_scheme("Bearer", 1));
    assert_ne!(with_scheme("Token", 0), with_scheme("Token", 1));
}

#[test]
fn without_a_prefix_an_id_begins_with_the_functions_name() {
    let event = json!({"rawPath": "/orders", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
        "headers": {"idempotency-key": "k"}});
    let id = |function: &str| {
        let mut lambda = lambda_runtime::Context::default();
        lambda.env_config = Arc::new(lambda_runtime::Config {
            function_name: function.to_owned(),
            ..Default::default()
        });
        layer().id(
            &request(Source::ApiGatewayHttp, &event).with_lambda_context(lambda),
            "k",
        )
    };
    assert!(id("orders").starts_with("orders.http#"), "{}", id("orders"));
    assert!(id("").starts_with("http#"), "{}", id(""));
}

#[test]
fn two_tokens_of_one_subject_but_of_two_issuers_are_two_callers() {
    let id = |issuer: &str| {
        let event = json!({"httpMethod": "POST", "path": "/orders",
            "headers": {"idempotency-key": "k", "authorization": token(&json!({"iss": issuer, "sub": "s"}))},
            "requestContext": {"httpMethod": "POST", "authorizer": {"principalId": "s"}}});
        layer().id(&request(Source::ApiGatewayRest, &event), "k")
    };
    assert_ne!(id("https://a.example"), id("https://b.example"));
}

#[test]
fn the_caller_can_be_given_or_left_out() {
    let event = |cookie: &str, secret: &str| {
        json!({"rawPath": "/orders", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
            "cookies": [cookie], "headers": {"idempotency-key": "k", "authorization": secret}})
    };
    let id = |layer: &IdempotencyKeyLayer<Memory>, cookie: &str, secret: &str| {
        layer.id(&request(Source::ApiGatewayHttp, &event(cookie, secret)), "k")
    };
    let shown = layer();
    assert_eq!(id(&shown, "s=1", "a"), id(&shown, "s=2", "a"));
    assert_ne!(id(&shown, "s=1", "a"), id(&shown, "s=1", "b"));
    let told = layer().caller(|request| Some(request.headers().get("cookie")?.to_str().ok()?.to_owned()));
    assert_ne!(id(&told, "s=1", "a"), id(&told, "s=2", "a"));
    assert_eq!(id(&told, "s=1", "a"), id(&told, "s=1", "b"));
    let anyone = layer().without_caller();
    assert_eq!(id(&anyone, "s=1", "a"), id(&anyone, "s=2", "b"));
    let nobody = Caller::Custom(Arc::new(|_| None));
    assert!(
        nobody
            .marks(&request(Source::ApiGatewayHttp, &event("s=1", "a")))
            .is_empty()
    );
}

/// The store and the log contain neither the caller nor the key.
#[test]
fn an_id_is_a_hash() {
    let event = json!({"rawPath": "/orders", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
        "headers": {"idempotency-key": "k", "authorization": "Bearer secret", "x-api-key": "secret"}});
    let layer = IdempotencyKeyLayer::new(Idempotency::new(Memory::new()).prefix("p"));
    let id = layer.id(&request(Source::ApiGatewayHttp, &event), "k");
    let digits = id.strip_prefix("p#").unwrap();
    assert!(
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{id}"
    );
    assert!(!format!("{layer:?}").contains("secret"));
}
