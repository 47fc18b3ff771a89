//! The AWS SDK's client of Lambda starts executions, and is asked about them.

use super::{ExecutionClient, ExecutionStart, LargeResult, StartClient, StatePage};
use crate::telemetry::TracingHeader;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, OperationAction, OperationType, OperationUpdate};
use std::error::Error as StdError;

impl StartClient for Client {
    type Error = BoxError;

    async fn start(&self, start: ExecutionStart) -> Result<(), BoxError> {
        let invoke = self
            .invoke()
            .function_name(&*start.function)
            .invocation_type(InvocationType::Event)
            .durable_execution_name(start.name)
            .payload(Blob::new(start.payload));
        let started = invoke.customize().interceptor(TracingHeader).send().await;
        let exists = InvokeError::is_durable_execution_already_started_exception;
        match started {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(exists) => Ok(()),
            Err(error) => Err(described("Invoke", error)),
        }
    }
}

impl ExecutionClient for Client {
    type Error = BoxError;

    async fn input(&self, page: StatePage) -> Result<Option<String>, BoxError> {
        let state = self
            .get_durable_execution_state()
            .durable_execution_arn(page.execution_arn)
            .checkpoint_token(page.checkpoint_token)
            .marker(page.marker);
        let state = state.customize().interceptor(TracingHeader).send().await;
        let state = state.map_err(|error| described("GetDurableExecutionState", error))?;
        let mut operations = state.operations.into_iter();
        let execution = operations.find(|operation| operation.r#type == OperationType::Execution);
        let details = execution.and_then(|execution| execution.execution_details);
        Ok(details.and_then(|details| details.input_payload))
    }

    async fn succeed(&self, result: LargeResult) -> Result<(), BoxError> {
        let update = OperationUpdate::builder()
            .id(result.operation_id)
            .r#type(OperationType::Execution)
            .action(OperationAction::Succeed)
            .payload(result.payload)
            .build()?;
        let checkpoint = self
            .checkpoint_durable_execution()
            .durable_execution_arn(result.execution_arn)
            .checkpoint_token(result.checkpoint_token)
            .updates(update);
        let saved = checkpoint.customize().interceptor(TracingHeader).send().await;
        match saved {
            Ok(_) => Ok(()),
            Err(error) => Err(described("CheckpointDurableExecution", error)),
        }
    }
}

/// Which call failed, and what Lambda says of it: the SDK's own text is "service error".
fn described<E>(call: &str, error: SdkError<E>) -> BoxError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let service = error.as_service_error();
    match service.and_then(ProvideErrorMetadata::code) {
        Some(code) => {
            let message = service
                .and_then(ProvideErrorMetadata::message)
                .unwrap_or("no message");
            format!("{call}: {code}: {message}").into()
        }
        None => error.into(),
    }
}

// They need a client that speaks HTTP, which the other feature has.
#[cfg(all(test, feature = "dynamodb"))]
#[expect(clippy::unwrap_used, reason = "a broken test environment ends the test")]
mod tests {
    use super::*;
    use crate::telemetry::in_trace;
    use aws_sdk_lambda::config::retry::RetryConfig;
    use aws_sdk_lambda::config::{BehaviorVersion, Config, Credentials, Region};
    use http::HeaderValue;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers one request, and returns its head.
    async fn answer(listener: &TcpListener, status: &str, error: &str, body: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            stream.read_buf(&mut request).await.unwrap();
        }
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nx-amzn-errortype: {error}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap().to_lowercase()
    }

    async fn client() -> (Client, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .region(Region::new("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()));
        (Client::from_conf(config.build()), listener)
    }

    fn order() -> ExecutionStart {
        ExecutionStart {
            function: "checkout:live".into(),
            name: "sqs-17".to_owned(),
            payload: r#"{"id":17}"#.into(),
        }
    }

    #[tokio::test]
    async fn an_execution_is_started_by_its_name_and_not_waited_for() {
        let (client, listener) = client().await;
        let header = HeaderValue::from_static("Root=1-2-3;Parent=4;Sampled=1");
        let (request, started) = tokio::join!(
            answer(&listener, "202 Accepted", "", ""),
            in_trace(Some(header), client.start(order()))
        );
        started.unwrap();
        for line in [
            "post /2015-03-31/functions/checkout%3alive/invocations http/1.1\r\n",
            "\r\nx-amz-invocation-type: event\r\n",
            "\r\nx-amz-durable-execution-name: sqs-17\r\n",
            "\r\nx-amzn-trace-id: root=1-2-3;parent=4;sampled=1\r\n",
        ] {
            assert!(request.contains(line), "{request}");
        }
    }

    #[tokio::test]
    async fn an_execution_that_is_there_is_started_and_other_refusals_are_not() {
        for (status, code, done) in [
            ("409 Conflict", "DurableExecutionAlreadyStartedException", true),
            ("429 Too Many Requests", "TooManyRequestsException", false),
            ("403 Forbidden", "AccessDeniedException", false),
        ] {
            let (client, listener) = client().await;
            let body = r#"{"message":"it says why"}"#;
            let (_, started) = tokio::join!(answer(&listener, status, code, body), client.start(order()));
            match started {
                Ok(()) => assert!(done, "{code}"),
                Err(error) => {
                    assert!(!done, "{error}");
                    assert_eq!(error.to_string(), format!("Invoke: {code}: it says why"));
                }
            }
        }
    }

    #[tokio::test]
    async fn the_input_is_that_of_the_execution_operation() {
        let (client, listener) = client().await;
        let page = StatePage {
            execution_arn: "arn".to_owned(),
            checkpoint_token: "token".to_owned(),
            marker: "m".to_owned(),
        };
        let state = r#"{"Operations":[{"Id":"1","Type":"STEP","Status":"STARTED","StartTimestamp":1},
            {"Id":"2","Type":"EXECUTION","Status":"STARTED","StartTimestamp":1,"ExecutionDetails":{"InputPayload":"{}"}}]}"#;
        let answered = async {
            // A request without a body ends with its head.
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                state.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(state.as_bytes()).await.unwrap();
        };
        let (input, ()) = tokio::join!(client.input(page), answered);
        assert_eq!(input.unwrap().as_deref(), Some("{}"));
    }
}
