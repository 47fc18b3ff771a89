//! A DynamoDB table in the process that answers what it is told.

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

/// A table that answers what it is told, and keeps what it was asked.
#[derive(Clone)]
pub struct Told {
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    /// Calls under way, and the most there were at once.
    calls: Arc<Mutex<(usize, usize)>>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").finish_non_exhaustive()
    }
}

impl HttpConnector for Told {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let told = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or("?");
            let operation = target.rsplit('.').next().unwrap_or("?").to_owned();
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let (status, answer) = (told.answer.lock().unwrap())(&operation, &body);
            told.asked.lock().unwrap().push((operation, body));
            told.under_way(1);
            // Others have their turn before the answer comes, as on a network.
            tokio::task::yield_now().await;
            told.under_way(-1);
            Ok(HttpResponse::new(
                status.try_into().unwrap(),
                answer.to_string().into(),
            ))
        })
    }
}

impl Told {
    /// A table that answers each call, by its operation and body, with a status and a body.
    pub fn by(answer: impl FnMut(&str, &Value) -> (u16, Value) + Send + 'static) -> Self {
        Self {
            answer: Arc::new(Mutex::new(answer)),
            asked: Arc::default(),
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

    /// A table that gives these answers, one after the other.
    pub fn answers(answers: impl Into<Vec<(u16, Value)>>) -> Self {
        let mut answers = answers.into().into_iter();
        Self::by(move |_, _| answers.next().unwrap())
    }

    /// A client whose calls it answers.
    #[must_use]
    pub fn client(&self) -> Client {
        client_of(self.clone())
    }

    /// What it was asked: operations and bodies.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
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
