//! Invocations of durable executions: the event inside takes the way that it would take by itself, and its answer goes
//! into an envelope, too.
//!
//! A handler's failure ends the execution as failed, in an invocation that succeeds: Lambda would repeat a failed
//! invocation, and the source would wait for it. So the source learns of the failure at once, and does what it does with
//! any failure. What still fails the invocation is what a repetition may mend: the process was stopped, or hung.

use super::Router;
use super::route::ReplyFuture;
use super::service::DeliveredEvent;
use crate::error::Error;
use crate::event::durable::{ExecutionEnvelope, Input, open};
use crate::handler::{MAX_REPLY, Payload, Reply};
use crate::source::{Embedded, Source, source_of};
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
        let (execution, inside) = match open(&outer.payload) {
            Ok(ExecutionEnvelope { execution, input, .. }) => (Arc::new(execution), inside(input)),
            Err(problem) => (Arc::default(), Err(Error::envelope(problem.to_string()))),
        };
        let answer = match inside {
            Ok((source, payload)) => self.pass_on(DeliveredEvent {
                source,
                payload,
                execution: Some(Arc::clone(&execution)),
                ..outer
            }),
            Err(error) => {
                telemetry::detected(outer.source, &outer.payload);
                Box::pin(ready(Err(error)))
            }
        };
        telemetry::executing(&execution);
        // The invocation succeeds, but its span says what became of the event.
        let answer = telemetry::answering(answer, Reply::status);
        Box::pin(async move {
            let outcome = match answer.await {
                Ok(reply) => succeeded(reply).await,
                Err(error) => Err(error),
            };
            outcome.or_else(failed)
        })
    }
}

/// The event and its source.
fn inside(input: Input) -> Result<(Source, Bytes), Error> {
    let Input::Event(event) = input else {
        return Err(Error::displaced_input());
    };
    let event = Payload::new(event).into_bytes();
    let source = source_of(&event);
    match source.embedded() {
        Embedded::Input => Err(Error::envelope(
            "the event that started the durable execution is the envelope of another one: start it with the event itself"
                .to_owned(),
        )),
        Embedded::Nothing | Embedded::Text(_) | Embedded::Detail(_) => Ok((source, event)),
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

/// The execution has ended with this answer.
async fn succeeded(reply: Reply) -> Result<Reply, Error> {
    let result = reply.collected().await?;
    let result = String::from_utf8_lossy(&result);
    let answer = Reply::json(&ExecutionEnd::Succeeded { result: &result }).map_err(Error::reply)?;
    match answer.text_len() {
        Some(size) if size > MAX_REPLY => Err(Error::result_too_large(size)),
        _ => Ok(answer),
    }
}

/// As much of a message as is kept.
fn beginning(message: &str) -> &str {
    let end = (0..=message.len().min(LONGEST_MESSAGE)).rev();
    let mut end = end.skip_while(|end| !message.is_char_boundary(*end));
    &message[..end.next().unwrap_or_default()]
}

/// The execution has failed.
fn failed(error: Error) -> Result<Reply, Error> {
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
