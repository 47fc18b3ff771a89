//! A DynamoDB table in the process that answers as the test says.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex};

type Answer = dyn FnMut(&str, &Value) -> (u16, Value) + Send;

/// A table that answers as the test says, and keeps the requests.
#[derive(Clone)]
pub struct StubTable {
    answer: Arc<Mutex<Answer>>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
    /// Calls under way, and the most there were at once.
    calls: Arc<Mutex<(usize, usize)>>,
}

impl fmt::Debug for StubTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StubTable").finish_non_exhaustive()
    }
}

impl HttpConnector for StubTable {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stub = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or("?");
            let operation = target.rsplit('.').next().unwrap_or("?").to_owned();
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let (status, answer) = (stub.answer.lock().unwrap())(&operation, &body);
            stub.requests.lock().unwrap().push((operation, body));
            stub.under_way(1);
            // Others have their turn before the answer comes, as on a network.
            tokio::task::yield_now().await;
            stub.under_way(-1);
            Ok(HttpResponse::new(
                status.try_into().unwrap(),
                answer.to_string().into(),
            ))
        })
    }
}

impl StubTable {
    /// A table that answers each call, by its operation and body, with a status and a body.
    pub fn new(answer: impl FnMut(&str, &Value) -> (u16, Value) + Send + 'static) -> Self {
        Self {
            answer: Arc::new(Mutex::new(answer)),
            requests: Arc::default(),
            calls: Arc::default(),
        }
    }

    fn under_way(&self, more: isize) {
        let mut calls = self.calls.lock().unwrap();
        calls.0 = calls.0.checked_add_signed(more).unwrap();
        calls.1 = calls.1.max(calls.0);
    }

    /// How many calls were under way at once, at most.
    pub fn at_once(&self) -> usize {
        self.calls.lock().unwrap().1
    }

    /// A table that gives these answers, in this order.
    pub fn answering(answers: impl Into<Vec<(u16, Value)>>) -> Self {
        let mut answers = answers.into().into_iter();
        Self::new(move |_, _| answers.next().unwrap())
    }

    /// A client whose calls it answers.
    #[must_use]
    pub fn client(&self) -> Client {
        client_of(self.clone())
    }

    /// The requests so far: operations and bodies.
    #[must_use]
    pub fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client whose calls this answers, each once.
pub(crate) fn client_of(connector: impl HttpConnector + Clone + 'static) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .region(Region::new("eu-west-1"))
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(connector.clone())
        }))
        .build();
    Client::from_conf(config)
}
