//! Reads and writes attributes of DynamoDB items, and interprets failed calls.

use super::StoreError;
use crate::telemetry::TracingHeader;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::error::Error as StdError;

/// An item: its attributes by name.
pub type Item = HashMap<String, AttributeValue>;

/// A client that sends the tracing header of the current invocation with each call.
pub fn client(config: &SdkConfig) -> Client {
    Client::from_conf(Builder::from(config).interceptor(TracingHeader).build())
}

/// Error codes with which DynamoDB refuses a call because there are too many requests.
const BUSY: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// A string attribute.
#[must_use]
pub fn string(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
#[must_use]
pub fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Returns the text of a string attribute; `None` if the attribute is missing or of another type.
pub fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Returns the value of a number attribute; `None` if the attribute is missing or of another type.
pub fn whole_number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Describes a failed call: which call, on which table, and DynamoDB's error.
pub fn failed<E>(call: &'static str, table: &str, error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code);
    let message = service.and_then(ProvideErrorMetadata::message);
    let what = format!("{call} on the table `{table}` failed");
    let error_of = |what: String| match code.is_some_and(|code| BUSY.contains(&code)) {
        true => StoreError::busy(what),
        false => StoreError::unavailable(what),
    };
    let context = match (code, message) {
        (Some(code), Some(message)) => error_of(format!("{what}: {code}: {message}")),
        (Some(code), None) => error_of(format!("{what}: {code}")),
        (None, _) => error_of(format!("{what}: {}", without_service(&error))),
    };
    context.caused_by(error)
}

/// Returns the existing item if a put failed on its condition and DynamoDB returned that item.
///
/// # Errors
/// If the call failed for another reason.
pub fn refused(table: &str, error: SdkError<PutItemError>) -> Result<Option<Item>, StoreError> {
    let condition = error
        .as_service_error()
        .is_some_and(PutItemError::is_conditional_check_failed_exception);
    match error {
        SdkError::ServiceError(error) if condition => match error.into_err() {
            PutItemError::ConditionalCheckFailedException(failed) => Ok(failed.item),
            _ => Ok(None),
        },
        error => Err(failed("PutItem", table, error)),
    }
}

/// Describes why DynamoDB did not answer a call.
fn without_service<E>(error: &SdkError<E>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "the request could not be made (region, credentials?)",
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_io() => "no connection",
        SdkError::DispatchFailure(_) => "the request could not be sent (credentials?)",
        SdkError::ResponseError(_) => "the answer could not be read",
        _ => "an error without a code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::in_trace;
    use aws_config::BehaviorVersion;
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
    use http::HeaderValue;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// The heads of so many requests, each answered as one that is done.
    async fn heads(listener: &TcpListener, count: usize) -> Vec<String> {
        let mut heads = Vec::new();
        while heads.len() < count {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                stream.read_buf(&mut request).await.unwrap();
            }
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).await.unwrap();
            heads.push(String::from_utf8(request).unwrap().to_lowercase());
        }
        heads
    }

    #[tokio::test]
    async fn calls_carry_the_tracing_header_of_their_invocation() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "id", "secret", None, None, "test",
            )))
            .region(Region::new("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .build();
        let client = client(&config);
        let call = || async {
            client
                .get_item()
                .table_name("t")
                .key("pk", string("k"))
                .send()
                .await
        };
        let header = HeaderValue::from_static("Root=1-2-3;Parent=4;Sampled=1");
        let calls = async {
            in_trace(Some(header), call()).await.unwrap();
            in_trace(None, call()).await.unwrap();
        };
        let (heads, ()) = tokio::join!(heads(&listener, 2), calls);
        let line = "\r\nx-amzn-trace-id: root=1-2-3;parent=4;sampled=1\r\n";
        assert!(heads[0].contains(line), "{}", heads[0]);
        assert!(!heads[1].contains("x-amzn-trace-id"), "{}", heads[1]);
    }
}
