//! A proxy between the function and DynamoDB, which makes calls fail as networks and DynamoDB do.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// Nothing: it is answered.
    None,
    /// DynamoDB refuses it, as there are too many.
    Throttled,
    /// DynamoDB has an error of its own.
    Unavailable,
    /// It is answered, much later than anyone waits.
    Slow,
    /// The connection is closed before it is read.
    Refused,
    /// It is done, and its answer is lost.
    AnswerLost,
    /// Of a call for many items half is done; any other is answered.
    Half,
}

pub(crate) const FAULTS: [Fault; 6] = [
    Fault::Throttled,
    Fault::Unavailable,
    Fault::Slow,
    Fault::Refused,
    Fault::AnswerLost,
    Fault::Half,
];

/// Longer than the store waits for one try of a call.
const SLOW: Duration = Duration::from_secs(6);

type Decide = dyn FnMut(&str) -> Fault + Send;

/// Ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) endpoint: String,
    decide: Arc<Mutex<Box<Decide>>>,
}

impl Proxy {
    /// A proxy to DynamoDB at `upstream`, `http://HOST:PORT`, through which all goes well.
    pub(crate) async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let decide: Arc<Mutex<Box<Decide>>> = Arc::new(Mutex::new(Box::new(|_| Fault::None)));
        let upstream: Arc<str> = upstream
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .into();
        let decided = Arc::clone(&decide);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, decide) = (Arc::clone(&upstream), Arc::clone(&decided));
                tokio::spawn(async move {
                    let service = service_fn(|request| pass(request, &upstream, &decide));
                    // A connection that the service closes is what some faults are about.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { endpoint, decide }
    }

    /// From here on `decide` says, by the operation, what becomes of a call.
    pub(crate) fn faults(&self, decide: impl FnMut(&str) -> Fault + Send + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }
}

/// The connection is closed.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed by the test")
    }
}

impl std::error::Error for Closed {}

async fn pass(
    request: Request<Incoming>,
    upstream: &str,
    decide: &Mutex<Box<Decide>>,
) -> Result<Response<Full<Bytes>>, Closed> {
    let target = request.headers()["x-amz-target"].to_str().unwrap().to_owned();
    let operation = target.rsplit('.').next().unwrap();
    let fault = (decide.lock().unwrap())(operation);
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let refusal = |status: u16, error_type: &str| {
        let error = json!({ "__type": error_type, "message": "by the test" }).to_string();
        let answer = Response::builder()
            .status(status)
            .header("content-type", "application/x-amz-json-1.0");
        Ok(answer.body(Full::new(Bytes::from(error))).unwrap())
    };
    match fault {
        Fault::Throttled => refusal(
            400,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        ),
        Fault::Unavailable => refusal(500, "com.amazonaws.dynamodb.v20120810#InternalServerError"),
        Fault::Refused => Err(Closed),
        Fault::Slow => {
            tokio::time::sleep(SLOW).await;
            Ok(forward(&parts, body, upstream).await)
        }
        Fault::AnswerLost => {
            forward(&parts, body, upstream).await;
            Err(Closed)
        }
        Fault::Half => {
            let (half, rest) = halve(&body, operation);
            let answer = forward(&parts, half, upstream).await;
            Ok(with_unprocessed(answer, rest).await)
        }
        Fault::None => Ok(forward(&parts, body, upstream).await),
    }
}

async fn forward(parts: &http::request::Parts, body: Bytes, upstream: &str) -> Response<Full<Bytes>> {
    let stream = TcpStream::connect(upstream).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let mut request = Request::builder().method(parts.method.clone()).uri("/");
    for (name, value) in &parts.headers {
        // Half a body has another length.
        if name != "content-length" {
            request = request.header(name, value);
        }
    }
    let response = sender
        .send_request(request.body(Full::new(body)).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    connection.abort();
    let mut answer = Response::builder().status(parts.status);
    for name in ["content-type", "x-amzn-requestid"] {
        if let Some(value) = parts.headers.get(name) {
            answer = answer.header(name, value);
        }
    }
    answer.body(Full::new(body)).unwrap()
}

/// The call for the first half of its items, and what the other half is called in the answer. A single item has no half.
fn halve(body: &Bytes, operation: &str) -> (Bytes, Option<(&'static str, Value)>) {
    let mut call: Value = serde_json::from_slice(body).unwrap();
    let name = match operation {
        "BatchGetItem" => "UnprocessedKeys",
        "BatchExecuteStatement" => {
            let statements = call["Statements"].as_array_mut().unwrap();
            let half = statements.split_off(statements.len().div_ceil(2));
            let busy = json!({ "Error": { "Code": "ThrottlingError", "Message": "by the test" } });
            let rest = Value::Array(vec![busy; half.len()]);
            return (call.to_string().into(), Some(("Responses", rest)));
        }
        _ => return (body.clone(), None),
    };
    let mut rest = json!({});
    for (table, items) in call["RequestItems"].as_object_mut().unwrap() {
        let list = if items.is_array() {
            &mut *items
        } else {
            &mut items["Keys"]
        };
        let list = list.as_array_mut().unwrap();
        let half = list.split_off(list.len().div_ceil(2));
        if !half.is_empty() {
            let mut left = items.clone();
            match left.is_array() {
                true => left = Value::Array(half),
                false => left["Keys"] = Value::Array(half),
            }
            rest[table] = left;
        }
    }
    let rest = rest
        .as_object()
        .is_some_and(|rest| !rest.is_empty())
        .then_some(rest);
    (call.to_string().into(), rest.map(|rest| (name, rest)))
}

async fn with_unprocessed(
    answer: Response<Full<Bytes>>,
    rest: Option<(&'static str, Value)>,
) -> Response<Full<Bytes>> {
    let Some((name, rest)) = rest else { return answer };
    let (parts, body) = answer.into_parts();
    let body: Result<_, Infallible> = body.collect().await;
    let mut body: Value = serde_json::from_slice(&body.unwrap().to_bytes()).unwrap();
    match (body[name].as_array_mut(), rest) {
        (Some(answers), Value::Array(rest)) => answers.extend(rest),
        (_, rest) => body[name] = rest,
    }
    // The checksum is that of the whole answer.
    Response::from_parts(parts, Full::new(body.to_string().into()))
}
