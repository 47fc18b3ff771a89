//! Invocations of durable executions: the event inside takes the way that it would take by itself, and its answer goes
//! into an envelope, too.
//!
//! A handler's failure ends the execution as failed, in an invocation that succeeds: Lambda would repeat a failed
//! invocation, and the source would wait for it. So the source learns of the failure at once, and does what it does with
//! any failure. What still fails the invocation is what a repetition may mend: the process was stopped, or hung, or Lambda
//! could not be asked.

use super::Router;
use super::route::ReplyFuture;
use super::service::DeliveredEvent;
use crate::error::Error;
use crate::event::durable::{Execution, ExecutionEnvelope, Input, event_of, open};
use crate::handler::{AnyExecutionClient, LargeResult, MAX_REPLY, Payload, Reply, StatePage};
use crate::source::{Embedded, source_of};
use crate::telemetry;
use bytes::Bytes;
use serde::Serialize;
use std::future::ready;
use std::sync::Arc;

/// How much of an error's message is kept, in bytes: an error may have 32 KiB as JSON, where a byte may take six.
const LONGEST_MESSAGE: usize = 5 * 1024;

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Handles the event inside the envelope of a durable execution.
    pub(super) fn open_envelope(&self, outer: DeliveredEvent) -> ReplyFuture {
        let opened = open(&outer.payload).map_err(|problem| Error::envelope(problem.to_string()));
        let (input, asked) = match opened {
            Ok(ExecutionEnvelope {
                execution,
                input,
                token,
                ..
            }) => (
                Ok(input),
                AskedExecution::new(&self.table.executions, execution, token),
            ),
            Err(error) => (Err(error), AskedExecution::default()),
        };
        let execution = Arc::clone(&asked.execution);
        let answer = match input {
            Ok(Input::Event(event)) => self.started_by(outer, event, &execution),
            Ok(Input::Elsewhere { marker }) => {
                let router = self.clone();
                return Box::pin(async move {
                    let answer = match asked.input(marker).await? {
                        Some(event) => router.started_by(outer, event, &execution),
                        None => refused(&outer, &execution, Error::displaced_input()),
                    };
                    asked.end(answer.await).await
                });
            }
            Err(error) => refused(&outer, &execution, error),
        };
        Box::pin(async move { asked.end(answer.await).await })
    }

    /// Passes the event on that started an execution.
    fn started_by(&self, outer: DeliveredEvent, event: Bytes, execution: &Arc<Execution>) -> ReplyFuture {
        let event = Payload::new(event).into_bytes();
        let source = source_of(&event);
        if source.embedded() == Embedded::Input {
            let problem = "the event that started the durable execution is the envelope of another one: start it with the \
                           event itself";
            return refused(&outer, execution, Error::envelope(problem.to_owned()));
        }
        let answer = self.pass_on(DeliveredEvent {
            source,
            payload: event,
            #[cfg(feature = "durable")]
            envelope: Some(outer.payload),
            execution: Some(Arc::clone(execution)),
            ..outer
        });
        telemetry::executing(execution);
        // The invocation succeeds, but its span says what became of the event.
        telemetry::answering(answer, Reply::status)
    }
}

/// No event is handled.
fn refused(outer: &DeliveredEvent, execution: &Arc<Execution>, error: Error) -> ReplyFuture {
    telemetry::detected(outer.source, &outer.payload);
    telemetry::executing(execution);
    telemetry::answering(Box::pin(ready(Err(error))), Reply::status)
}

/// An execution, and who can be asked about it.
#[derive(Default)]
struct AskedExecution {
    execution: Arc<Execution>,
    client: Option<Arc<dyn AnyExecutionClient>>,
    token: Option<String>,
}

impl AskedExecution {
    fn new(
        client: &Option<Arc<dyn AnyExecutionClient>>,
        execution: Execution,
        token: Option<String>,
    ) -> Self {
        Self {
            execution: Arc::new(execution),
            client: client.clone(),
            token,
        }
    }

    /// The client, and by what it names the execution.
    fn named(&self) -> Option<(&dyn AnyExecutionClient, String, String)> {
        let arn = self.execution.arn()?.to_owned();
        Some((self.client.as_deref()?, arn, self.token.clone()?))
    }

    /// The event on a page of the execution's state; `None` if it is not there, or nobody can be asked.
    ///
    /// # Errors
    /// The client has failed.
    async fn input(&self, marker: String) -> Result<Option<Bytes>, Error> {
        let Some((client, execution_arn, checkpoint_token)) = self.named() else {
            return Ok(None);
        };
        let page = StatePage {
            execution_arn,
            checkpoint_token,
            marker,
        };
        let input = client.input(page).await;
        let input = input.map_err(|error| Error::execution_client("GetDurableExecutionState", &*error))?;
        Ok(input.map(|input| event_of(input.into())))
    }

    /// The execution has ended with this answer.
    ///
    /// # Errors
    /// The client has failed.
    async fn end(&self, answer: Result<Reply, Error>) -> Result<Reply, Error> {
        let result = match answer {
            Ok(reply) if reply.is_enveloped() => return Ok(reply),
            Err(error) if error.is_interruption() => return Err(error),
            Ok(reply) => reply.collected().await,
            Err(error) => Err(error),
        };
        let result = match result {
            Ok(result) => result,
            Err(error) => return failed(&error),
        };
        let result = String::from_utf8_lossy(&result);
        let answer = succeeded(&result)?;
        let size = answer.text_len().unwrap_or_default();
        if size <= MAX_REPLY {
            return Ok(answer);
        }
        // Its text may be in a checkpoint what it cannot be in an answer, where its quotes are escaped.
        match self.named() {
            Some((client, execution_arn, checkpoint_token)) if result.len() <= MAX_REPLY => {
                let result = LargeResult {
                    execution_arn,
                    checkpoint_token,
                    operation_id: "execution-result",
                    payload: result.into_owned(),
                };
                let saved = client.succeed(result).await;
                saved.map_err(|error| Error::execution_client("CheckpointDurableExecution", &*error))?;
                succeeded("")
            }
            _ => failed(&Error::result_too_large(size)),
        }
    }
}

/// The envelope of an answer.
#[derive(Serialize)]
#[serde(tag = "Status", rename_all = "SCREAMING_SNAKE_CASE")]
enum ExecutionEnd<'r> {
    #[serde(rename_all = "PascalCase")]
    Succeeded { result: &'r str },
    #[serde(rename_all = "PascalCase")]
    Failed { error: ExecutionError<'r> },
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExecutionError<'r> {
    error_type: &'static str,
    error_message: &'r str,
}

fn succeeded(result: &str) -> Result<Reply, Error> {
    Reply::json(&ExecutionEnd::Succeeded { result }).map_err(Error::reply)
}

/// As much of a message as is kept.
fn beginning(message: &str) -> &str {
    let end = (0..=message.len().min(LONGEST_MESSAGE)).rev();
    let mut end = end.skip_while(|end| !message.is_char_boundary(*end));
    &message[..end.next().unwrap_or_default()]
}

/// The execution has failed.
fn failed(error: &Error) -> Result<Reply, Error> {
    if !error.is_logged() {
        tracing::error!("{error}");
    }
    let message = error.to_string();
    let error = ExecutionError {
        error_type: error.error_type(),
        error_message: beginning(&message),
    };
    Reply::json(&ExecutionEnd::Failed { error }).map_err(Error::reply)
}
