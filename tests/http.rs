//! The journal's HTTP API over real HTTP, by events of HTTP APIs, REST APIs and function URLs.

use crate::support::{Stock, batch, dynamodb, event, kinesis, next_page, s3};
use lambda_sandbox::{Gateway, http::PayloadFormat};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The function behind HTTP.
struct Served {
    stock: Stock,
    address: std::net::SocketAddr,
    server: JoinHandle<()>,
}

struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// It is a problem document of this status, whose `detail` holds a text.
    fn is_problem(&self, status: u16, detail: &str) {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!(
            (&problem["status"], &problem["type"]),
            (&json!(status), &json!("about:blank"))
        );
        assert!(problem["title"].is_string());
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    }
}

impl Served {
    async fn start(format: PayloadFormat) -> Self {
        let stock = Stock::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Gateway::new(Arc::clone(&stock.function), format);
        let server = tokio::spawn(gateway.serve(listener));
        Self {
            stock,
            address,
            server,
        }
    }

    async fn send(&self, request: &str, headers: &[&str], body: &[u8]) -> Response {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("{request} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|header| header.starts_with("host:")) {
            head.push_str("host: localhost\r\n");
        }
        head.extend(headers.iter().map(|header| format!("{header}\r\n")));
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        let head = String::from_utf8(answer).unwrap();
        Response {
            status: head[9..12].parse().unwrap(),
            head,
            body,
        }
    }

    async fn get(&self, url: &str) -> Response {
        self.send(&format!("GET {url}"), &[], b"").await
    }

    async fn post(&self, headers: &[&str], body: impl AsRef<[u8]>) -> Response {
        self.send("POST /events", headers, body.as_ref()).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

const FORMATS: [PayloadFormat; 3] = [
    PayloadFormat::Http,
    PayloadFormat::Rest,
    PayloadFormat::FunctionUrl,
];
const ONE: &str = "content-type: application/cloudevents+json";
const BATCH: &str = "content-type: application/cloudevents-batch+json; charset=utf-8";

fn cloud_event(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "urn:shop", "type": "order.placed", "data": {"n": 1.5}})
}

/// The same as it is answered.
fn kept(id: &str) -> Value {
    let mut event = cloud_event(id);
    event["writtenby"] = "client".into();
    event
}

#[tokio::test]
async fn what_goes_wrong_is_a_problem() {
    for format in FORMATS {
        let served = Served::start(format).await;
        served.get("/nowhere").await.is_problem(404, "`/nowhere`");
        served.get("/").await.is_problem(404, "`/`");
        served
            .get("/events/urn:shop/none")
            .await
            .is_problem(404, "urn:shop/none");
        served.get("/resources/none").await.is_problem(404, "`none`");
        for (request, allowed) in [
            ("DELETE /events", "GET,HEAD,POST"),
            ("POST /resources", "GET,HEAD"),
        ] {
            let response = served.send(request, &[], b"").await;
            response.is_problem(405, "does not take");
            assert_eq!(response.header("allow"), Some(allowed), "{request}");
        }
        served
            .post(&["content-type: text/plain"], "x")
            .await
            .is_problem(415, "ce-");
        served
            .post(&[], "x")
            .await
            .is_problem(415, "application/cloudevents+json");
        served
            .post(&[ONE], vec![b' '; 1024 * 1024 + 1])
            .await
            .is_problem(413, "1 MB");
        served.post(&[ONE], "{").await.is_problem(400, "");
        for (url, parameter) in [
            ("/events?limit=0", "limit"),
            ("/events?since=yesterday", "since"),
            ("/events?cursor=x", "cursor"),
            ("/events?kind=x", "kind"),
            ("/events?type=a&type=b", "type"),
            ("/resources?source=x", "source"),
        ] {
            let response = served.get(url).await;
            response.is_problem(400, parameter);
            assert_eq!(response.json()["parameter"], parameter, "{url}");
        }
        assert_eq!(served.stock.count(), 0);
    }
}

#[tokio::test]
async fn cloud_events_are_posted_in_three_modes() {
    for format in FORMATS {
        let served = Served::start(format).await;
        let structured = served.post(&[ONE], cloud_event("1/ü").to_string()).await;
        assert_eq!((structured.status, structured.json()), (201, kept("1/ü")));
        let place = structured.header("location").unwrap();
        assert_eq!(place, "/events/urn%3Ashop/1%2F%C3%BC");
        let again = served.post(&[ONE], cloud_event("1/ü").to_string()).await;
        assert_eq!(again.status, 200);
        let there = served.get(place).await;
        assert_eq!((there.status, there.json()), (200, kept("1/ü")));
        assert_eq!(there.header("content-type"), Some("application/cloudevents+json"));

        let headers = [
            "content-type: image/png",
            "ce-specversion: 1.0",
            "ce-id: 2",
            "ce-source: urn:shop",
            "ce-type: photo",
            "ce-subject: Caf%C3%A9%20Euro",
        ];
        let image = [0x89, b'P', b'N', b'G', 0, 0xFF];
        let binary = served.post(&headers, image).await;
        assert_eq!(binary.status, 201);
        let entry = served.get("/events/urn:shop/2").await.json();
        assert_eq!(
            (&entry["data_base64"], &entry["subject"]),
            (&json!("iVBORwD/"), &json!("Café Euro"))
        );
        assert_eq!(entry["datacontenttype"], "image/png");

        let events = json!([cloud_event("3"), cloud_event("4"), cloud_event("1/ü")]);
        let batch = served.post(&[BATCH], events.to_string()).await;
        assert_eq!(
            (batch.status, batch.json()),
            (201, json!({"appended": 2, "duplicates": 1}))
        );
        // All or none, and the field to blame.
        let events = json!([cloud_event("5"), {"specversion": "1.0", "id": "6", "source": "urn:shop"}]);
        let batch = served.post(&[BATCH], events.to_string()).await;
        batch.is_problem(400, "type");
        assert_eq!(
            (&batch.json()["attribute"], &batch.json()["index"]),
            (&json!("type"), &json!(1))
        );
        let missing = served
            .post(&["ce-specversion: 1.0", "ce-id: 7", "ce-type: t"], "")
            .await;
        missing.is_problem(400, "source");
        assert_eq!(missing.json()["attribute"], "source");
        assert_eq!(served.stock.count(), 4);
    }
}

#[tokio::test]
async fn what_a_client_posts_does_not_pass_for_what_aws_delivered() {
    let served = Served::start(PayloadFormat::Http).await;
    served.stock.reply(batch([s3("a.txt")])).await;
    served.stock.reply(batch([kinesis(1, b"x")])).await;
    served.stock.reply(batch([dynamodb(1, json!({}))])).await;
    served.stock.reply(event(&json!({})).to_string()).await;
    let delivered = served.get("/events").await.json();
    for entry in delivered.as_array().unwrap() {
        let mut forged = entry.clone();
        forged["id"] = "forged".into();
        let posted = served.post(&[ONE], forged.to_string()).await;
        // An application's own source on EventBridge is anybody's; who wrote the entry is not.
        match entry["writtenby"].as_str().unwrap() {
            "cloudwatch_events" => assert_eq!(
                (posted.status, &posted.json()["writtenby"]),
                (201, &json!("client"))
            ),
            "s3" | "kinesis" | "dynamodb" => {
                posted.is_problem(400, "of AWS's own events");
                assert_eq!(posted.json()["attribute"], "source");
            }
            other => panic!("{other}"),
        }
    }
    let writers = |entries: &Value| -> Vec<String> {
        let writers = entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["writtenby"].as_str().unwrap().to_owned());
        let mut writers: Vec<_> = writers.collect();
        writers.sort();
        writers
    };
    let all = writers(&served.get("/events").await.json());
    assert_eq!(all, ["client", "cloudwatch_events", "dynamodb", "kinesis", "s3"]);
}

#[tokio::test]
async fn what_is_asked_and_posted_is_bounded() {
    let served = Served::start(PayloadFormat::FunctionUrl).await;
    let mut long = cloud_event("1");
    long["subject"] = "s".repeat(1025).into();
    served
        .post(&[ONE], long.to_string())
        .await
        .is_problem(400, "at most 1024");
    let mut late = cloud_event("1");
    late["time"] = "9998-01-01T00:00:00Z".into();
    served
        .post(&[ONE], late.to_string())
        .await
        .is_problem(400, "24 hours ahead");
    let many: Vec<Value> = (0..1001).map(|id| cloud_event(&id.to_string())).collect();
    served
        .post(&[BATCH], Value::Array(many).to_string())
        .await
        .is_problem(413, "at most 1000");
    served
        .get(&format!("/events{}", "/a".repeat(7000)))
        .await
        .is_problem(404, "/a/a");
    served
        .get(&format!("/events{}", "/a".repeat(9000)))
        .await
        .is_problem(414, "18007 bytes");
    served
        .get(&format!("/events?source={}", "s".repeat(5000)))
        .await
        .is_problem(400, "at most 4096");
    assert_eq!(served.stock.count(), 0);
}

#[tokio::test]
async fn lists_lead_from_page_to_page_to_their_end() {
    for format in FORMATS {
        let served = Served::start(format).await;
        served
            .stock
            .reply(batch((0..7).map(|number| kinesis(number, b"x"))))
            .await;
        served
            .stock
            .reply(batch((0..5).map(|number| s3(&format!("k+{number}")))))
            .await;
        served.stock.reply(event(&json!({})).to_string()).await;
        let kinesis = "type=com.amazonaws.kinesis.record&since=2023-11-14T22:13:20Z";
        for (path, filter, limit, pages) in [
            ("/events", "", 5, vec![5, 5, 3]),
            ("/events", kinesis, 3, vec![3, 3, 1]),
            ("/events", "subject=k%203", 1, vec![1]),
            ("/events", "subject=k+3", 1, vec![1]),
            ("/resources", "type=s3.object", 2, vec![2, 2, 1]),
            ("/events", "until=2000-01-01T00:00:00%2B01:00", 2, vec![0]),
        ] {
            let mut next = Some(format!("{path}?{filter}&limit={limit}"));
            let (mut sizes, mut seen) = (Vec::new(), Vec::new());
            while let Some(url) = next {
                let page = served.get(&url).await;
                assert_eq!(page.status, 200, "{url}: {}", page.json());
                let items = page.json().as_array().unwrap().clone();
                sizes.push(items.len());
                seen.extend(items.iter().map(Value::to_string));
                next = page.header("link").map(|link| next_page(link).to_owned());
            }
            assert_eq!(sizes, pages, "{path}?{filter}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), pages.iter().sum::<usize>());
        }
    }
}

#[tokio::test]
async fn what_has_odd_names_is_found_by_them() {
    for format in FORMATS {
        let served = Served::start(format).await;
        served.stock.reply(batch([s3("a+b/%C3%BC%2Bc.txt")])).await;
        let listed = served.get("/events").await.json()[0].clone();
        let id = listed["id"].as_str().unwrap();
        assert_eq!(id, "R18.a/b+c=");
        for name in [id, "R18.a%2Fb%2Bc%3D", "R18.a/b%2Bc="] {
            for source in ["aws:s3.eu-west-1.photos", "aws%3As3.eu-west-1.photos"] {
                let one = served.get(&format!("/events/{source}/{name}")).await;
                assert_eq!((one.status, &one.json()), (200, &listed), "{source}/{name}");
            }
        }
        for urn in [
            "arn:aws:s3:::photos/a%20b/%C3%BC+c.txt",
            "arn%3Aaws%3As3%3A%3A%3Aphotos%2Fa%20b%2F%C3%BC%2Bc.txt",
        ] {
            let resource = served.get(&format!("/resources/{urn}")).await;
            assert_eq!(resource.status, 200, "{urn}: {}", resource.json());
            assert_eq!(resource.json()["urn"], "arn:aws:s3:::photos/a b/ü+c.txt");
            assert_eq!(resource.json()["state"], "created");
        }
    }
}

#[tokio::test]
async fn what_has_escapes_in_its_name_is_found_behind_each_gateway() {
    let keys = [
        "50%ab.txt",
        "50%25ab",
        "a%2Fb",
        "a/b?c#d",
        "100%",
        "%3Cx%3E ü",
        "a//b/../c",
    ];
    for format in FORMATS {
        let served = Served::start(format).await;
        for key in keys {
            let encoded = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
            served.stock.reply(batch([s3(&encoded)])).await;
            let urn = format!("arn:aws:s3:::photos/{key}");
            let path = utf8_percent_encode(&urn, NON_ALPHANUMERIC);
            let resource = served.get(&format!("/resources/{path}")).await;
            assert_eq!(resource.status, 200, "{format:?} {key}");
            assert_eq!(resource.json()["urn"], *urn, "{format:?}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for format in FORMATS {
        let served = Served::start(format).await;
        served.post(&[ONE], cloud_event("1").to_string()).await;
        for url in ["/events", "/events/urn:shop/1", "/resources", "/health"] {
            let response = served.send(&format!("HEAD {url}"), &[], b"").await;
            assert_eq!((response.status, response.body.len()), (200, 0), "{url}");
            assert_eq!(
                response.header("content-type"),
                served.get(url).await.header("content-type"),
                "{url}"
            );
        }
        let missing = served.send("HEAD /nowhere", &[], b"").await;
        assert_eq!((missing.status, missing.body.len()), (404, 0));
    }
}

#[tokio::test]
async fn an_invalid_host_does_not_reach_the_function() {
    let served = Served::start(PayloadFormat::Http).await;
    for host in ["host: a b", "host: [", "host: a/b?c#d", "host: ü", "host:"] {
        let response = served.send("GET /health", &[host], b"").await;
        assert_eq!(response.status, 403, "{host}");
    }
    assert_eq!(served.get("/health").await.status, 200);
}
