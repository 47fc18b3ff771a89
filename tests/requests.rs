//! Requests as their sources compose them: REST and HTTP APIs, function URLs, load balancers, WebSocket APIs.

use crate::support::{Stock, batch, http_api, kinesis, s3};
use serde_json::{Value, json};

/// A REST API's request; the parameters decoded, as API Gateway hands them on.
fn rest(method: &str, path: &str, parameters: Value) -> Value {
    json!({"resource": "/{proxy+}", "path": path, "httpMethod": method, "body": null, "isBase64Encoded": false,
        "headers": {"Host": "api.example.com"}, "multiValueHeaders": {"Host": ["api.example.com"]},
        "queryStringParameters": null, "multiValueQueryStringParameters": parameters,
        "pathParameters": null, "stageVariables": null,
        "requestContext": {"path": format!("/prod{path}"), "stage": "prod", "httpMethod": method,
            "resourcePath": "/{proxy+}", "apiId": "a", "requestId": "r", "accountId": "123456789012",
            "identity": {"sourceIp": "192.0.2.1"}}})
}

/// A load balancer's request with one value a name; the parameters as they were sent.
fn alb(method: &str, path: &str, parameters: Value) -> Value {
    json!({"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1"}},
        "httpMethod": method, "path": path, "queryStringParameters": parameters,
        "headers": {"host": "lb.example.com"}, "body": "", "isBase64Encoded": false})
}

fn multi_value(mut alb: Value, parameters: Value) -> Value {
    let event = alb.as_object_mut().unwrap();
    event.remove("queryStringParameters");
    event.remove("headers");
    event.insert("multiValueQueryStringParameters".to_owned(), parameters);
    event.insert(
        "multiValueHeaders".to_owned(),
        json!({"host": ["lb.example.com"]}),
    );
    alb
}

fn body(reply: &Value) -> Value {
    serde_json::from_str(reply["body"].as_str().unwrap()).unwrap_or_else(|_| panic!("{reply}"))
}

/// Three Kinesis entries and an object whose name needs encoding.
async fn filled() -> Stock {
    let stock = Stock::start().await;
    stock
        .reply(batch((0..3).map(|number| kinesis(number, b"x"))))
        .await;
    stock.reply(batch([s3("a+b/%C3%BC%2Bc.txt")])).await;
    stock
}

const SUBJECT: &str = "a b/ü+c.txt";
const ENCODED: &str = "a%20b/%C3%BC%2Bc.txt";

#[tokio::test]
async fn parameters_mean_the_same_by_every_way() {
    let stock = filled().await;
    let mut url = http_api("GET", &format!("/events?subject={ENCODED}&limit=1"));
    url["requestContext"]["domainName"] = json!("abc.lambda-url.eu-west-1.on.aws");
    let load_balancer = alb("GET", "/events", json!({"subject": ENCODED, "limit": "1"}));
    let requests = [
        (
            "HTTP API",
            http_api("GET", &format!("/events?subject={ENCODED}&limit=1")),
        ),
        ("function URL", url),
        (
            "REST API",
            rest("GET", "/events", json!({"subject": [SUBJECT], "limit": ["1"]})),
        ),
        ("ALB", load_balancer.clone()),
        (
            "ALB, multi-value",
            multi_value(load_balancer, json!({"subject": [ENCODED], "limit": ["1"]})),
        ),
    ];
    for (source, request) in requests {
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 200, "{source}: {reply}");
        assert_eq!(body(&reply)[0]["subject"], SUBJECT, "{source}");
    }
}

#[tokio::test]
async fn parameters_and_headers_keep_all_their_values() {
    let stock = filled().await;
    let twice = json!({"type": ["a", "b"]});
    let requests = [
        http_api("GET", "/events?type=a&type=b"),
        rest("GET", "/events", twice.clone()),
        multi_value(alb("GET", "/events", json!({})), twice),
    ];
    for request in requests {
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(
            (&reply["statusCode"], &body(&reply)["parameter"]),
            (&json!(400), &json!("type")),
            "{request}"
        );
    }
    // In binary mode a header that is there twice would lose one of its values.
    let headers =
        json!({"ce-specversion": ["1.0"], "ce-id": ["1"], "ce-source": ["s"], "ce-type": ["t", "u"]});
    let mut post = rest("POST", "/events", json!(null));
    post["multiValueHeaders"] = headers.clone();
    post["headers"] = json!({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "u"});
    let mut balanced = multi_value(alb("POST", "/events", json!({})), json!({}));
    balanced["multiValueHeaders"] = headers;
    for request in [post, balanced] {
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(
            (&reply["statusCode"], &body(&reply)["attribute"]),
            (&json!(400), &json!("type")),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn bodies_arrive_as_they_were_sent() {
    let stock = Stock::start().await;
    let headers = |id: &str| json!({"ce-specversion": "1.0", "ce-id": id, "ce-source": "s", "ce-type": "t", "content-type": "image/png"});
    let requests = [
        http_api("POST", "/events"),
        rest("POST", "/events", json!(null)),
        alb("POST", "/events", json!({})),
    ];
    for (at, mut request) in requests.into_iter().enumerate() {
        let id = at.to_string();
        request["headers"] = headers(&id);
        request["multiValueHeaders"] = json!({});
        request["isBase64Encoded"] = json!(true);
        request["body"] = json!("iVBORwD/");
        // Neither cookies nor what API Gateway says of them matters to the API.
        request["cookies"] = json!(["a=1", "b=\"2; 3\""]);
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 201, "{reply}");
        assert_eq!(body(&reply)["data_base64"], "iVBORwD/");
        request["headers"]["ce-id"] = json!(format!("{id}-bad"));
        request["body"] = json!("no base64!");
        let outcome = stock.invoke(request.to_string()).await;
        let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        assert_eq!(reply["statusCode"], 500, "{reply}");
        let logs = outcome.logs.join("\n");
        assert!(
            logs.contains("unreadable at `body`: not base64") && !logs.contains("URL"),
            "{logs}"
        );
    }
    assert_eq!(stock.count(), 3);
}

/// The headers of a reply, whichever way its source takes them.
fn header<'r>(reply: &'r Value, name: &str) -> &'r str {
    let single = reply["headers"][name].as_str();
    single
        .or(reply["multiValueHeaders"][name][0].as_str())
        .unwrap_or_else(|| panic!("no {name}: {reply}"))
}

#[tokio::test]
async fn links_lead_back_through_the_stage() {
    let stock = filled().await;
    let mut staged = http_api("GET", "/live/events?limit=2");
    staged["requestContext"]["stage"] = json!("live");
    let rest = rest("GET", "/events", json!({"limit": ["2"]}));
    let requests = [
        (staged, "</live/events?limit=2&cursor="),
        (rest, "</prod/events?limit=2&cursor="),
        (http_api("GET", "/events?limit=2"), "</events?limit=2&cursor="),
        (
            alb("GET", "/events", json!({"limit": "2"})),
            "</events?limit=2&cursor=",
        ),
    ];
    for (request, start) in requests {
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 200, "{reply}");
        let link = header(&reply, "link");
        assert!(
            link.starts_with(start) && link.ends_with(">; rel=\"next\""),
            "{link}"
        );
        assert_eq!(body(&reply).as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn odd_names_are_found_in_decoded_and_in_encoded_paths() {
    let stock = filled().await;
    let (id, encoded) = ("R18.a/b+c=", "R18.a%2Fb%2Bc%3D");
    let found = async |path: String| {
        let requests = [
            http_api("GET", &path),
            rest("GET", &path, json!(null)),
            alb("GET", &path, json!({})),
        ];
        for request in requests {
            let reply = stock.reply(request.to_string()).await;
            assert_eq!(reply["statusCode"], 200, "{path}: {reply}");
            assert_eq!(header(&reply, "content-type").split_once("json").unwrap().1, "");
        }
    };
    for id in [id, encoded] {
        found(format!("/events/aws:s3.eu-west-1.photos/{id}")).await;
    }
    for key in [SUBJECT, ENCODED, "a b/ü%2Bc.txt"] {
        found(format!("/resources/arn:aws:s3:::photos/{key}")).await;
    }
}

#[tokio::test]
async fn a_websocket_s_routes_are_paths_and_the_stock_function_has_none() {
    let stock = Stock::start().await;
    for (route, kind) in [
        ("$connect", "CONNECT"),
        ("$default", "MESSAGE"),
        ("$disconnect", "DISCONNECT"),
    ] {
        let request = json!({"isBase64Encoded": false, "body": "hello", "requestContext": {"routeKey": route,
            "eventType": kind, "stage": "prod", "connectionId": "c=", "apiId": "a", "requestId": "r"}});
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 404, "{reply}");
        assert!(
            body(&reply)["detail"]
                .as_str()
                .unwrap()
                .contains(&format!("`/{route}`")),
            "{reply}"
        );
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_a_problem_and_no_function_error() {
    let stock = Stock::start().await;
    let pid = stock.function.pid();
    let bases = [
        (http_api("GET", "/health"), "headers"),
        (rest("GET", "/health", json!(null)), "multiValueHeaders"),
        (alb("GET", "/health", json!({})), "headers"),
        (
            multi_value(alb("GET", "/health", json!({})), json!({})),
            "multiValueHeaders",
        ),
    ];
    for (base, answers_by) in bases {
        for (field, value) in [
            ("headers", json!(5)),
            ("body", json!([1, 2])),
            ("isBase64Encoded", json!("no")),
        ] {
            let mut request = base.clone();
            request[field] = value;
            let reply = stock.reply(request.to_string()).await;
            assert_eq!(reply["statusCode"], 500, "{request}: {reply}");
            assert_eq!(header(&reply, "content-type"), "application/problem+json");
            assert_eq!(body(&reply)["status"], 500);
            assert!(reply[answers_by].is_object(), "{answers_by} in {reply}");
        }
        assert_eq!(stock.reply(base.to_string()).await["statusCode"], 200);
    }
    assert_eq!(stock.function.pid(), pid);
}

#[tokio::test]
async fn an_invalid_host_does_not_fail_a_request_or_change_its_path() {
    let stock = Stock::start().await;
    let bases = [
        http_api("GET", "/health"),
        rest("GET", "/health", json!(null)),
        alb("GET", "/health", json!({})),
    ];
    for base in bases {
        for host in [
            "a b",
            "[",
            "",
            "ü",
            "x/events?c#d",
            "a:b:c",
            "xn--a",
            "a\\b",
            "api.example.com:8443",
            "<url-id>.lambda-url.eu-west-1.on.aws",
            "user@api.example.com:80",
        ] {
            for scheme in ["https", "https,http", "javascript"] {
                let mut request = base.clone();
                request["headers"] = json!({"host": host, "x-forwarded-proto": scheme});
                request["multiValueHeaders"] = json!({});
                let outcome = stock.invoke(request.to_string()).await;
                let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
                assert_eq!(reply["statusCode"], 200, "{host}: {reply}");
                assert!(!outcome.logs.join("\n").contains("panic"), "{host}");
            }
        }
    }
}

#[tokio::test]
async fn what_an_outsider_sends_to_a_load_balancer_is_served_and_reported_without_its_values() {
    let stock = Stock::start().await;
    let mut request = alb("GET", "/health", json!({}));
    request["headers"] = json!({"host": "${HOST}", "x-kundennrümmer": "hush", "referer": "hush\u{1}",
        "x-\u{1b}[31m": "hush"});
    let outcome = stock.invoke(request.to_string()).await;
    let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
    assert_eq!(reply["statusCode"], 200, "{reply}");
    let logs = outcome.logs.join("\n");
    assert!(
        logs.contains("WARN") && logs.contains("x-kundennr") && logs.contains("referer"),
        "{logs}"
    );
    assert!(
        !logs.contains("hush") && !logs.contains('\u{1b}') && !logs.contains("ERROR"),
        "{logs}"
    );
    for (request, status) in [
        (alb("GET", &"/x".repeat(40_000), json!({})), 414),
        (alb("G T", "/health", json!({})), 400),
    ] {
        let outcome = stock.invoke(request.to_string()).await;
        let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        assert_eq!(
            (&reply["statusCode"], &body(&reply)["status"]),
            (&json!(status), &json!(status))
        );
        assert!(!outcome.logs.join("\n").contains("ERROR"));
    }
}

#[tokio::test]
async fn an_object_with_a_percent_sign_in_its_key_is_found_by_every_way() {
    let stock = Stock::start().await;
    stock.reply(batch([s3("reports/50%25ab+c.txt")])).await;
    let (sent, decoded) = ("reports/50%25ab%20c.txt", "reports/50%ab c.txt");
    let path = |key: &str| format!("/resources/arn:aws:s3:::photos/{key}");
    let mut url = http_api("GET", &path(sent));
    url["requestContext"]["domainName"] = json!("abc.lambda-url.eu-west-1.on.aws");
    let mut format_1 = rest("GET", &path(decoded), json!(null));
    format_1["version"] = json!("1.0");
    for request in [
        http_api("GET", &path(decoded)),
        format_1,
        url,
        rest("GET", &path(sent), json!(null)),
        alb("GET", &path(sent), json!({})),
    ] {
        let reply = stock.reply(request.to_string()).await;
        assert_eq!(reply["statusCode"], 200, "{request}: {reply}");
        assert_eq!(body(&reply)["urn"], "arn:aws:s3:::photos/reports/50%ab c.txt");
    }
}

#[tokio::test]
async fn odd_paths_are_unknown_paths() {
    let stock = Stock::start().await;
    for path in [
        "/", "//", "/100%", "/%zz", "/a b", "/ü", "/{x}", "/a\\b", "/a\"<b>", "/a?b", "/a#b", "/..", "/\u{1}",
    ] {
        let mut http = http_api("GET", "/");
        http["rawPath"] = json!(path);
        for request in [http, rest("GET", path, json!(null)), alb("GET", path, json!({}))] {
            let reply = stock.reply(request.to_string()).await;
            assert_eq!(reply["statusCode"], 404, "{path}: {reply}");
        }
    }
}
