//! Invocations of durable functions: each starts an execution.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::call::{Call, InvocationType};
use super::refusal::Refusal;
use super::response::head;
use super::{CallResult, InvokeApi, dry_run};
use crate::reply_body::ReplyBody;
use crate::{Durable, Function};

/// Who is invoked.
pub(super) enum Callee<'a> {
    /// A durable function, by its name.
    Durable(&'a Durable, String),
    Function(&'a Arc<Function>),
}

impl InvokeApi {
    /// The callee of this name, as it stands in a path.
    pub(super) fn callee(&self, name: &str) -> Callee<'_> {
        let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
        match &self.durable {
            None => Callee::Function(&self.function),
            Some(durable) => match durable.plain(&name) {
                Some(function) => Callee::Function(function),
                None => Callee::Durable(durable, name),
            },
        }
    }

    /// Starts an execution, and waits for its end if the caller does.
    pub(super) async fn execute(&self, durable: &Durable, name: &str, call: Call) -> CallResult {
        self.function.admits(&call.event).map_err(Refusal::from)?;
        if call.kind == InvocationType::DryRun {
            return Ok(dry_run());
        }
        let execution = durable.start(name, call.event, call.execution.as_deref())?;
        let mut response = match call.kind {
            InvocationType::Event => {
                head(StatusCode::ACCEPTED, &Uuid::new_v4().to_string()).map(ReplyBody::from)
            }
            _ => {
                let outcome = durable.outcome(&execution).await;
                let request_id = outcome.request_id.clone();
                self.respond(&request_id, outcome.into(), call.with_log)
            }
        };
        name_execution(&mut response, &execution);
        Ok(response)
    }
}

fn name_execution<B>(response: &mut Response<B>, execution: &str) {
    let name = HeaderName::from_static("x-amz-durable-execution-arn");
    let value = HeaderValue::try_from(execution).ok();
    response.headers_mut().extend(value.map(|value| (name, value)));
}
