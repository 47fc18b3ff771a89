//! A DynamoDB table in the process whose calls wait for their turns.

use super::stub_table::client_of;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::Value;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// What does the calls.
pub trait Table: Send + 'static {
    /// Does a call; `None` if the answer is lost.
    fn call(&mut self, operation: &str, body: &Value) -> Option<(u16, Value)>;

    /// The answer reaches the caller.
    fn is_told(&mut self, operation: &str, body: &Value);
}

/// Calls of a table: each waits for its turn before it is done, and again before it is answered. A turn is a poll, so that the test, which polls
/// the callers, decides what happens in between and where a caller stops.
pub struct Turns<T>(Arc<Mutex<T>>);

impl<T> Clone for Turns<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Turns<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

impl<T: Table> Turns<T> {
    pub fn of(table: &Arc<Mutex<T>>) -> Self {
        Self(Arc::clone(table))
    }

    #[must_use]
    pub fn client(&self) -> Client {
        client_of(self.clone())
    }
}

impl<T: Table> HttpConnector for Turns<T> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let table = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or("?");
            let operation = target.rsplit('.').next().unwrap_or("?").to_owned();
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            turn().await;
            let answer = table.lock().unwrap().call(&operation, &body);
            turn().await;
            table.lock().unwrap().is_told(&operation, &body);
            let (status, answer) = answer.ok_or_else(|| ConnectorError::io("the answer is lost".into()))?;
            Ok(HttpResponse::new(
                status.try_into().unwrap(),
                answer.to_string().into(),
            ))
        })
    }
}

/// Waits until it is polled again.
async fn turn() {
    let mut asked = false;
    poll_fn(|context| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
