//! Sends an answer to an address that CloudFormation has signed. The address lets whoever knows it answer, so it is never logged.

use crate::event::cloudformation::ResourceAnswer;
use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring::default_provider;
use std::sync::Mutex;
use std::time::Duration;

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// How often it is tried, and how long after a failure.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// The client, made when it is first needed.
#[derive(Default)]
pub(super) struct Put {
    client: Mutex<Option<HttpClient>>,
}

impl Put {
    /// Sends the answer; again if the address cannot be reached or has an error of its own.
    ///
    /// # Errors
    /// It was not accepted.
    pub(super) async fn send(&self, address: &str, answer: &ResourceAnswer) -> Result<(), String> {
        let address: Uri = address.parse().map_err(|_| "it is not an address")?;
        let answer = Bytes::from(serde_json::to_vec(answer).map_err(|error| error.to_string())?);
        let client = self.client()?;
        let mut attempt = 1;
        loop {
            match attempt_to(&client, &address, &answer).await {
                Err((problem, true)) if attempt < ATTEMPTS => {
                    tracing::warn!(problem, "the answer to CloudFormation is sent again");
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                outcome => return outcome.map_err(|(problem, _)| problem),
            }
        }
    }

    fn client(&self) -> Result<HttpClient, String> {
        let mut client = self
            .client
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if client.is_none() {
            let connector = HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(default_provider())
                .map_err(|error| format!("there are no certificates to trust: {error}"))?
                .https_or_http()
                .enable_http1()
                .build();
            *client = Some(Client::builder(TokioExecutor::new()).build(connector));
        }
        client.clone().ok_or_else(|| "there is no client".to_owned())
    }
}

/// Sends it once. An error has whether another attempt may help.
async fn attempt_to(client: &HttpClient, address: &Uri, answer: &Bytes) -> Result<(), (String, bool)> {
    // Without a content type: the address is signed for a request that has none.
    let request = Request::builder().method(Method::PUT).uri(address.clone());
    let request = request
        .body(Full::new(answer.clone()))
        .map_err(|error| (error.to_string(), false))?;
    let response = client
        .request(request)
        .await
        .map_err(|error| (format!("{error}"), true))?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err((format!("it answers {status}"), status.is_server_error())),
    }
}
