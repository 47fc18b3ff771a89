//! The HTTP API, asked as API Gateway asks it.

use super::super::testing::app;
use super::router;
use crate::handlers::App;
use crate::journal::{Append, Entry, Identity, Order, Sqlite, StateChange};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const S3: (&str, &str) = ("aws:s3.eu-west-1.photos", "R1.a/b+c=");

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

async fn send(app: &App, request: Request<Body>) -> Answer {
    let (parts, body) = router(app.clone()).oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(app: &App, uri: &str) -> Answer {
    send(app, Request::get(uri).body(Body::empty()).unwrap()).await
}

async fn post(app: &App, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/events");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(body.into()).unwrap()).await
}

const STRUCTURED: &[(&str, &str)] = &[("content-type", "application/cloudevents+json; charset=utf-8")];
const BATCH: &[(&str, &str)] = &[("content-type", "application/cloudevents-batch+json")];

fn event(id: &str) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "/s", "type": "t", "time": format!("2026-01-01T00:00:0{id}Z") })
}

/// As an event that was posted is answered.
fn kept(mut posted: Value) -> Value {
    posted["writtenby"] = "client".into();
    posted
}

async fn filled() -> App {
    let app = app();
    let batch: Vec<Value> = (0..5).map(|id| event(&id.to_string())).collect();
    assert_eq!(
        post(&app, BATCH, json!(batch).to_string()).await.status,
        StatusCode::CREATED
    );
    let entry = Entry::builder(S3.1, S3.0, "com.amazonaws.s3.ObjectCreated:Put")
        .subject("a b")
        .build()
        .unwrap();
    let change = StateChange {
        urn: "arn:aws:s3:::photos/a b/100%25.txt".into(),
        resource_type: "s3.object",
        state: "created".into(),
        order: Order::sequencer("1").unwrap(),
        data: None,
    };
    let change = Some(change);
    app.store()
        .append(&[Append {
            change,
            ..Append::from(entry)
        }])
        .await
        .unwrap();
    app
}

#[tokio::test]
async fn pages_link_to_the_next() {
    let app = filled().await;
    let mut uri = "/events?source=%2Fs&limit=2&since=2026-01-01T00:00:01%2B00:00&type=t".to_owned();
    let mut ids = Vec::new();
    loop {
        let answer = get(&app, &uri).await;
        assert_eq!(
            answer.header("content-type"),
            "application/cloudevents-batch+json"
        );
        ids.extend(
            answer
                .json()
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        let Some(link) = answer.headers.get("link") else {
            break;
        };
        let link = link.to_str().unwrap();
        uri = link
            .strip_prefix('<')
            .unwrap()
            .strip_suffix(">; rel=\"next\"")
            .unwrap()
            .to_owned();
    }
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert_eq!(get(&app, "/events?subject=a+b").await.json()[0]["id"], S3.1);
    assert_eq!(
        get(&app, "/events?until=2026-01-01T01:00:02+01:00")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn links_hold_the_stage() {
    let app = filled().await;
    let mut context = ApiGatewayProxyRequestContext::default();
    context.path = Some("/prod/events".into());
    let mut request = Request::get("/events?limit=1").body(Body::empty()).unwrap();
    request
        .extensions_mut()
        .insert(RequestContext::ApiGatewayV1(context));
    let answer = send(&app, request).await;
    assert!(answer.header("link").starts_with("</prod/events?limit=1&cursor="));
}

#[tokio::test]
async fn one_entry_is_found_however_its_path_is_encoded() {
    let app = filled().await;
    for path in [
        "/events/aws:s3.eu-west-1.photos/R1.a/b+c=",
        "/events/aws%3As3.eu-west-1.photos/R1.a%2Fb%2Bc%3D",
        "/events/%2Fs/1",
        "/events//s/1",
    ] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "application/cloudevents+json");
    }
    assert_eq!(get(&app, "/events/s/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn resources_are_found_however_their_path_is_encoded() {
    let app = filled().await;
    for path in [
        "arn:aws:s3:::photos/a%20b/100%2525.txt",
        "arn%3Aaws%3As3%3A%3A%3Aphotos%2Fa%20b%2F100%2525.txt",
    ] {
        let answer = get(&app, &format!("/resources/{path}")).await;
        assert_eq!(answer.json()["state"], "created", "{path}");
    }
    let list = get(&app, "/resources?type=s3.object").await.json();
    assert_eq!(list[0]["type"], "s3.object");
    assert_eq!(
        (list[0]["source"].as_str(), list[0]["id"].as_str()),
        (Some(S3.0), Some(S3.1))
    );
    assert_eq!(get(&app, "/resources?type=none").await.json(), json!([]));
    assert_eq!(get(&app, "/resources/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_event_is_taken_once_in_every_mode() {
    let app = app();
    let structured = json!({ "specversion": "1.0", "id": "1/x", "source": "/s", "type": "t", "subject": "Grüße %",
        "datacontenttype": "text/plain", "data": "hi", "flag": "yes" });
    let first = post(&app, STRUCTURED, structured.to_string()).await;
    assert_eq!(
        (first.status, first.header("location")),
        (StatusCode::CREATED, "/events/%2Fs/1%2Fx")
    );
    let answered = kept(structured.clone());
    assert_eq!(get(&app, first.header("location")).await.json(), answered);
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1/x"),
        ("ce-source", "/s"),
        ("ce-type", "t"),
        ("ce-subject", "\"Gr%C3%BC%C3%9Fe %25\""),
        ("ce-flag", "yes"),
        ("content-type", "text/plain"),
    ];
    let second = post(&app, &binary, "hi").await;
    assert_eq!((second.status, second.json()), (StatusCode::OK, answered.clone()));
    let mut other = binary;
    other[1].1 = "2";
    let third = post(&app, &other, "hi").await;
    let mut expected = answered;
    expected["id"] = "2".into();
    assert_eq!((third.status, third.json()), (StatusCode::CREATED, expected));
    let batch = post(&app, BATCH, json!([structured, event("3")]).to_string()).await;
    assert_eq!(
        (batch.status, batch.json()),
        (StatusCode::CREATED, json!({ "appended": 1, "duplicates": 1 }))
    );
    assert_eq!(post(&app, BATCH, "[]").await.status, StatusCode::OK);
}

#[tokio::test]
async fn binary_data_is_what_its_media_type_says() {
    let app = app();
    let ce = [("ce-specversion", "1.0"), ("ce-source", "/s"), ("ce-type", "t")];
    let with = |id, media_type| [&ce[..], &[("ce-id", id), ("content-type", media_type)]].concat();
    let answer = post(
        &app,
        &with("1", "application/json"),
        "{\"n\": 1.0000000000000000000001}",
    )
    .await;
    assert!(
        answer
            .body
            .ends_with("\"data\":{\"n\": 1.0000000000000000000001}}")
    );
    let answer = post(&app, &with("2", "image/png"), vec![0xFF, 0xD8]).await;
    assert_eq!(answer.json()["data_base64"], "/9g=");
    let answer = post(&app, &with("3", "application/json"), "{").await;
    assert_eq!(
        (answer.status, answer.json()["attribute"].as_str()),
        (StatusCode::BAD_REQUEST, Some("data"))
    );
    let answer = post(&app, &with("4", "image/png"), "").await;
    assert!(answer.json().get("data_base64").is_none());
    let answer = post(&app, &with("5", "application/xml"), "<a>\u{fc}</a>").await;
    assert_eq!(answer.json()["data"], "<a>\u{fc}</a>");
    let answer = post(&app, &with("6", "application/soap+xml"), vec![b'<', 0xFF]).await;
    assert_eq!(answer.json()["data_base64"], "PP8=");
}

/// As the CloudEvents SDK for Python sends data for which it was given no `datacontenttype`.
#[tokio::test]
async fn binary_data_without_a_media_type_is_json() {
    let app = app();
    let ce = [("ce-specversion", "1.0"), ("ce-source", "/s"), ("ce-type", "t")];
    for (id, body, data) in [
        ("1", "{\"a\": 1.50}", json!({"a": 1.5})),
        ("2", "hello", json!("hello")),
        ("3", "\"hello\"", json!("hello")),
    ] {
        let answer = post(&app, &[&ce[..], &[("ce-id", id)]].concat(), body).await;
        let kept = answer.json();
        assert_eq!((answer.status, &kept["data"]), (StatusCode::CREATED, &data));
        assert_eq!(kept.get("datacontenttype"), None);
    }
    let answer = post(&app, &[&ce[..], &[("ce-id", "4")]].concat(), vec![0xFF, 0xD8]).await;
    assert_eq!(answer.json()["data_base64"], "/9g=");
}

/// Clients resolve dots before they send a request, encoded or not.
#[tokio::test]
async fn a_location_leads_to_its_entry_whatever_source_and_id_are() {
    let app = app();
    let names = [
        ".", "..", "%2E", "%2e%2E", ".%2e", "%252E", "...", "a/../b", "./a", "x.", "//", "\\", "?", "#",
    ];
    let base = url::Url::parse("http://journal.test/events").unwrap();
    let mut locations = std::collections::BTreeSet::new();
    for source in names.into_iter().filter(|source| !["\\"].contains(source)) {
        for id in names {
            let posted = json!({ "specversion": "1.0", "id": id, "source": source, "type": "t" });
            let answer = post(&app, STRUCTURED, posted.to_string()).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{source} {id}");
            locations.insert((answer.header("location").to_owned(), posted.to_string()));
        }
    }
    for (location, posted) in locations {
        let url = base.join(&location).unwrap();
        assert_eq!(url.path(), location);
        let posted: Value = serde_json::from_str(&posted).unwrap();
        assert_eq!(get(&app, url.path()).await.json(), kept(posted), "{location}");
    }
}

/// A client cannot make its entry look like one of AWS, by its source or by any attribute.
#[tokio::test]
async fn a_clients_entry_does_not_pass_for_one_of_aws() {
    let app = filled().await;
    for source in [
        "aws.ec2",
        "aws:s3.eu-west-1.photos",
        "arn:aws:kinesis:x",
        "ARN:aws-cn:x",
        "AWS:x",
    ] {
        let mut forged = event("1");
        forged["source"] = source.into();
        for (headers, body) in [(STRUCTURED, forged.clone()), (BATCH, json!([event("7"), forged]))] {
            let answer = post(&app, headers, body.to_string()).await;
            assert_eq!(
                (answer.status, &answer.json()["attribute"]),
                (StatusCode::BAD_REQUEST, &json!("source"))
            );
        }
    }
    for source in ["awsome", "/aws.ec2", "urn:aws:x"] {
        let mut own = event("1");
        (own["source"], own["writtenby"]) = (source.into(), "s3".into());
        let answer = post(&app, STRUCTURED, own.to_string()).await;
        assert_eq!(
            (answer.status, &answer.json()["writtenby"]),
            (StatusCode::CREATED, &json!("client"))
        );
        let binary = [
            ("ce-specversion", "1.0"),
            ("ce-id", "b"),
            ("ce-source", source),
            ("ce-type", "t"),
            ("ce-writtenby", "s3"),
        ];
        assert_eq!(post(&app, &binary, "").await.json()["writtenby"], "client");
    }
    for listed in get(&app, "/events").await.json().as_array().unwrap() {
        let posted = !listed["source"].as_str().unwrap().starts_with("aws:");
        assert_eq!(listed["writtenby"] == "client", posted, "{listed}");
    }
}

#[tokio::test]
async fn what_is_posted_is_bounded_and_the_answer_says_by_what() {
    let app = app();
    let with = |member: &str, value: Value| {
        let mut event = event("1");
        event[member] = value;
        event
    };
    let text = |bytes: usize| Value::from("a".repeat(bytes));
    for member in ["id", "source", "type", "subject", "note"] {
        let answer = post(&app, STRUCTURED, with(member, text(1025)).to_string()).await;
        assert_eq!(
            (answer.status, &answer.json()["attribute"]),
            (StatusCode::BAD_REQUEST, &json!(member))
        );
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("1025 bytes; at most 1024"), "{detail}");
        let answer = post(&app, STRUCTURED, with(member, text(1024)).to_string()).await;
        assert!(answer.status.is_success(), "{member}: {}", answer.body);
    }
    let answer = post(&app, STRUCTURED, with(&"n".repeat(65), text(1)).to_string()).await;
    assert!(answer.json()["detail"].as_str().unwrap().contains("at most 64"));
    let mut many = event("2");
    for number in 0..65 {
        many[format!("n{number}")] = 1.into();
    }
    let answer = post(&app, STRUCTURED, many.to_string()).await;
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("65 extension attributes")
    );
    let batch = |count: usize| -> String {
        let event =
            |id: usize| json!({"specversion": "1.0", "id": id.to_string(), "source": "/b", "type": "t"});
        Value::Array((0..count).map(event).collect()).to_string()
    };
    let answer = post(&app, BATCH, batch(1001)).await;
    assert_eq!(
        (answer.status, &answer.json()["limit"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!(1000))
    );
    let answer = post(&app, BATCH, batch(1000)).await;
    assert_eq!(answer.json()["appended"], 1000);
    // The answer quotes little of what is refused.
    let answer = post(&app, STRUCTURED, with(&"N".repeat(100_000), text(1)).to_string()).await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.body.len() < 2000);
}

#[tokio::test]
async fn a_time_that_is_far_ahead_is_refused() {
    let app = app();
    for (hours, status) in [
        (23, StatusCode::CREATED),
        (25, StatusCode::BAD_REQUEST),
        (24 * 365 * 50, StatusCode::BAD_REQUEST),
    ] {
        let time = chrono::Utc::now() + chrono::TimeDelta::hours(hours);
        let mut ahead = event("1");
        ahead["time"] = time.to_rfc3339().into();
        let answer = post(&app, STRUCTURED, ahead.to_string()).await;
        assert_eq!(answer.status, status, "{hours}: {}", answer.body);
        if status != StatusCode::CREATED {
            assert_eq!(answer.json()["attribute"], "time");
        }
    }
}

#[tokio::test]
async fn long_paths_and_parameters_are_refused_at_once() {
    let app = filled().await;
    for (path, status) in [
        (format!("/events{}", "/a".repeat(8000)), StatusCode::NOT_FOUND),
        (
            format!("/events{}", "/a".repeat(30_000)),
            StatusCode::URI_TOO_LONG,
        ),
        (
            format!("/events/{}", "%2F".repeat(20_000)),
            StatusCode::URI_TOO_LONG,
        ),
        (format!("/resources{}", "/a".repeat(8000)), StatusCode::NOT_FOUND),
        (
            format!("/resources{}", "/a".repeat(30_000)),
            StatusCode::URI_TOO_LONG,
        ),
        (format!("/nowhere{}", "/a".repeat(30_000)), StatusCode::NOT_FOUND),
        (
            format!("/events?source={}", "a".repeat(4097)),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/events?{}=a", "a".repeat(60_000)),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = get(&app, &path).await;
        assert_eq!(answer.status, status, "{}", &path[..20]);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.body.len() < 2000);
    }
    assert_eq!(
        get(&app, &format!("/events?source={}", "a".repeat(4096)))
            .await
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let app = app();
    let mut bad = event("1");
    bad["time"] = "noon".into();
    let answer = post(&app, STRUCTURED, bad.to_string()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(
        (&problem["attribute"], &problem["status"], &problem["title"]),
        (&json!("time"), &json!(400), &json!("Bad Request"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .starts_with("attribute `time`: ")
    );
    let batch = post(&app, BATCH, json!([event("1"), bad]).to_string())
        .await
        .json();
    assert_eq!(
        (&batch["attribute"], &batch["index"]),
        (&json!("time"), &json!(1))
    );
    let missing = post(
        &app,
        &[("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-type", "t")],
        "",
    )
    .await;
    assert_eq!(missing.json()["attribute"], "source");
    let twice = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-id", "2"),
        ("ce-type", "t"),
        ("ce-source", "/s"),
    ];
    assert_eq!(post(&app, &twice, "").await.json()["attribute"], "id");
    assert_eq!(
        post(&app, STRUCTURED, "{\"id\":1,").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(get(&app, "/events").await.json(), json!([]));
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("since=noon", "since"),
        ("cursor=x", "cursor"),
        ("sort=up", "sort"),
        ("type=a&type=b", "type"),
        ("source=", "source"),
        ("subject=%FF", "subject"),
    ] {
        let answer = get(&app, &format!("/events?{query}")).await;
        assert_eq!(
            (answer.status, answer.json()["parameter"].as_str()),
            (StatusCode::BAD_REQUEST, Some(parameter))
        );
    }
}

#[tokio::test]
async fn other_paths_methods_types_and_sizes_are_refused() {
    let app = app();
    for path in [
        "/",
        "/nothing",
        "/events/",
        "/events/x",
        "/resources/",
        "/health/x",
    ] {
        let answer = get(&app, path).await;
        assert_eq!(
            (answer.status, answer.json()["status"].as_u64()),
            (StatusCode::NOT_FOUND, Some(404)),
            "{path}"
        );
    }
    for (method, path, allow) in [
        ("DELETE", "/events", "GET,HEAD,POST"),
        ("POST", "/events/a/b", "GET,HEAD"),
        ("PUT", "/resources", "GET,HEAD"),
        ("POST", "/health", "GET,HEAD"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let answer = send(&app, request).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, allow)
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for headers in [
        &[][..],
        &[("content-type", "application/json")],
        &[("content-type", "application/cloudevents+avro"), ("ce-id", "1")],
    ] {
        assert_eq!(
            post(&app, headers, "{}").await.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
    let large = format!("{}{}", event("1"), " ".repeat(1024 * 1024));
    assert_eq!(
        post(&app, STRUCTURED, large).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = filled().await;
    let answer = send(
        &app,
        Request::head("/events?limit=1").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert!(answer.headers.contains_key("link"));
    assert_eq!(get(&app, "/health").await.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_failing_store_is_reported_without_its_location() {
    let app = App::new(Sqlite::file("/nowhere/at/all.sqlite"));
    for (path, status) in [("/events", 500), ("/resources/x", 500), ("/health", 503)] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(!answer.body.contains("nowhere"));
    }
    assert_eq!(
        post(&app, STRUCTURED, event("1").to_string())
            .await
            .status
            .as_u16(),
        500
    );
}

#[tokio::test]
async fn health_says_why_and_lists_name_what_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.sqlite");
    let app = App::new(Sqlite::file(&path));
    for id in ["1", "2", "3"] {
        post(&app, STRUCTURED, event(id).to_string()).await;
    }
    let damage = "UPDATE entry SET document = 'x' WHERE id = '2'";
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(damage, [])
        .unwrap();
    let answer = get(&app, "/events").await;
    assert_eq!(answer.header("switchboard-damaged"), "/events/%2Fs/2");
    assert_eq!(answer.json().as_array().unwrap().len(), 2);
    let answer = get(&app, "/events/%2Fs/2").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["reason"]),
        (500, &json!("damaged"))
    );

    std::fs::remove_file(&path).unwrap();
    let answer = get(&app, "/health").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let expected = json!({
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "reason": "moved",
        "detail": "the journal was deleted or replaced while it was open",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(
        post(&app, STRUCTURED, event("4").to_string()).await.json()["reason"],
        "moved"
    );
}

#[tokio::test]
async fn a_page_fits_a_lambda_reply() {
    let app = app();
    let text = "x".repeat(900_000);
    for id in ["1", "2", "3", "4"] {
        let mut event = event(id);
        event["data"] = text.as_str().into();
        assert_eq!(
            post(&app, STRUCTURED, event.to_string()).await.status,
            StatusCode::CREATED
        );
    }
    let answer = get(&app, "/events").await;
    assert_eq!(answer.json().as_array().unwrap().len(), 1);
    assert!(answer.headers.contains_key("link"));
}

#[tokio::test]
async fn a_post_under_a_taken_id_says_where_it_went() {
    let app = app();
    let other = Entry::builder("1", "/s", "t")
        .identity(Identity::new(["other"]))
        .build()
        .unwrap();
    app.append(other, None).await.unwrap();
    let answer = post(&app, STRUCTURED, event("1").to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(
        get(&app, answer.header("location")).await.json()["id"],
        answer.json()["id"]
    );
    assert_ne!(answer.json()["id"], "1");
}

/// The address in `Link`.
fn next(answer: &Answer) -> String {
    let link = answer.header("link").strip_prefix('<').unwrap();
    link.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
}

fn event_ids(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let events = list.as_array().unwrap().iter();
    events
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_journal_is_followed_by_arrival() {
    let app = app();
    // The later an event happened, the earlier it is posted.
    for id in ["5", "4", "3"] {
        post(&app, STRUCTURED, event(id).to_string()).await;
    }
    let first = get(&app, "/events?type=t&limit=2&after=0").await;
    assert_eq!(event_ids(&first), ["5", "4"]);
    assert!(!first.headers.contains_key("retry-after"));
    assert_eq!(first.header("cache-control"), "no-store");
    let second = get(&app, &next(&first)).await;
    assert_eq!(
        (event_ids(&second), second.header("retry-after")),
        (vec!["3".to_owned()], "2")
    );
    // New entries come after the cursor, whenever they happened.
    assert_eq!(event_ids(&get(&app, &next(&second)).await), Vec::<String>::new());
    post(&app, STRUCTURED, event("1").to_string()).await;
    assert_eq!(event_ids(&get(&app, &next(&second)).await), ["1"]);

    for (query, parameter) in [
        ("after=0&since=2026-01-01T00:00:00Z", "since"),
        ("after=0&cursor=x", "cursor"),
        ("after=zzz", "after"),
        ("after=", "after"),
    ] {
        let answer = get(&app, &format!("/events?{query}")).await;
        assert_eq!(
            (answer.status, &answer.json()["parameter"]),
            (StatusCode::BAD_REQUEST, &json!(parameter))
        );
    }
}

/// The events of a stream as a browser reads them: their ids and data; what was last, and the pause.
fn read_stream(body: &str) -> (Vec<(String, Value)>, String, u64) {
    let (mut events, mut last, mut pause) = (Vec::new(), String::new(), 0);
    for block in body.split_terminator("\n\n") {
        let mut data = String::new();
        for line in block.lines() {
            match line.split_once(": ").unwrap() {
                ("id", id) => last = id.to_owned(),
                ("data", line) => data.push_str(line),
                ("retry", millis) => pause = millis.parse().unwrap(),
                other => panic!("{other:?}"),
            }
        }
        if !data.is_empty() {
            events.push((last.clone(), serde_json::from_str(&data).unwrap()));
        }
    }
    (events, last, pause)
}

#[tokio::test]
async fn the_journal_is_followed_by_server_sent_events() {
    let app = app();
    // Kept as it is posted, with the line breaks between its parts.
    let lines = r#"{"specversion":"1.0","id":"9","source":"/s","type":"t","data":{"a":
        1,
        "b":2}}"#;
    post(&app, STRUCTURED, lines.replace("\n", "\r\n")).await;
    post(&app, STRUCTURED, event("2").to_string()).await;
    let stream = async |query: &str, last: Option<&str>| {
        let mut request = Request::get(format!("/events{query}")).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = send(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, "text/event-stream")
        );
        read_stream(&answer.body)
    };
    let (events, last, pause) = stream("?limit=1", None).await;
    assert_eq!(
        (events[0].1["id"].as_str(), &events[0].1["data"]),
        (Some("9"), &json!({"a": 1, "b": 2}))
    );
    assert_eq!((events.len(), &events[0].0, pause), (1, &last, 0));
    // A browser asks at the address that it began with.
    let (events, last, pause) = stream("?limit=1&after=0", Some(&last)).await;
    assert_eq!((events[0].1["id"].as_str(), pause), (Some("2"), 2000));
    assert_eq!(stream("", Some(&last)).await.0, []);
    post(&app, STRUCTURED, event("1").to_string()).await;
    assert_eq!(stream("?type=none", Some(&last)).await.0, []);
    assert_eq!(stream("?type=t", Some(&last)).await.0[0].1["id"], "1");
}
