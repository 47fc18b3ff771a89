//! The local function that gets the events.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use event_source_mapping::Answer;
use serde_json::Value;

use super::super::output::{self, OutputFormat, Show};
use super::super::run::built;
use super::super::setup::Setup;
use crate::Error;
use lambda_sandbox::Function;

/// A function on this machine.
pub(in crate::cli) struct LocalTarget {
    function: Function,
}

/// How an invocation ended.
pub(in crate::cli) struct LocalAnswer {
    /// The reply; `None` if the function failed.
    pub(in crate::cli) reply: Option<Bytes>,
    pub(in crate::cli) request_id: String,
}

impl LocalAnswer {
    /// What the mapping is told.
    pub(in crate::cli) fn answer(&self) -> Answer<'_> {
        self.reply.as_deref().map_or(Answer::FunctionError, Answer::Reply)
    }
}

impl LocalTarget {
    /// Starts the function, whose lines and invocations are shown as `run` shows them.
    ///
    /// # Errors
    /// If the function does not start.
    pub(in crate::cli) async fn start(
        setup: &Setup,
        format: OutputFormat,
        environments: u32,
    ) -> Result<Arc<Self>, Error> {
        let live = Arc::new(AtomicBool::new(true));
        let builder = built(
            setup.builder(),
            setup.memory_mb,
            Show::of(false, format),
            &live,
            None,
        );
        let starting = builder.max_environments(environments).start();
        let function = output::waiting("waiting for the function to initialise", starting).await;
        let function = function.map_err(lambda_sandbox::Error::without_logs)?;
        Ok(Arc::new(Self { function }))
    }

    /// # Errors
    /// If the function cannot be invoked. An event that Lambda refuses is a failed invocation.
    pub(in crate::cli) async fn invoke(&self, event: &Value) -> Result<LocalAnswer, Error> {
        match self.function.invoke(event.to_string()).await {
            Ok(outcome) => Ok(LocalAnswer {
                reply: outcome.result.ok(),
                request_id: outcome.request_id,
            }),
            Err(error) => match error.refusal() {
                Some(refusal) => {
                    output::note(&format!("the event was not delivered: {refusal}"));
                    Ok(LocalAnswer {
                        reply: None,
                        request_id: String::new(),
                    })
                }
                None => Err(error.into()),
            },
        }
    }

    /// The timeout of an invocation.
    pub(in crate::cli) fn timeout(&self) -> Duration {
        self.function.timeout()
    }

    /// The function's ARN.
    pub(in crate::cli) fn arn(&self) -> String {
        self.function.arn()
    }

    /// Ends the function.
    pub(in crate::cli) async fn end(&self) {
        output::waiting("waiting for the function to end", self.function.shutdown()).await;
    }
}
