//! An invocation of an execution: the envelope goes to the SDK, and what the SDK says comes back.

use crate::scope::{SdkScope, raw};
use aws_durable_execution_sdk::{DurableContext, InvocationPayload, InvocationResponse, Options, wrap};
use bytes::Bytes;
use lambda_runtime::{Error, LambdaEvent};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use switchboard::event::durable::{Input, open};
use switchboard::{DurableEngine, DurableWork, EngineFuture, ExecutionAnswer, ExecutionInvocation};

tokio::task_local! {
    /// What the SDK's handler has to do, in the task that it is called in.
    static WORK: InvocationWork;
}

/// The work of one invocation.
#[derive(Clone)]
struct InvocationWork {
    work: Arc<Mutex<Option<DurableWork>>>,
    /// Whether the work itself has ended, and not the SDK before it.
    ended: Arc<AtomicBool>,
}

type Invoked = Pin<Box<dyn Future<Output = Result<InvocationResponse, Error>> + Send>>;

/// The SDK, with its options.
pub(crate) struct SdkEngine {
    service: Box<dyn Fn(LambdaEvent<InvocationPayload>) -> Invoked + Send + Sync>,
}

impl SdkEngine {
    pub(crate) fn new(options: Options) -> Self {
        let handler = |_: IgnoredAny, d: DurableContext| async move {
            let InvocationWork { work, ended } = WORK.with(InvocationWork::clone);
            let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
            let work = work.ok_or("the SDK calls its handler once for an invocation")?;
            let answer = raw(work(Arc::new(SdkScope(d))).await);
            ended.store(true, Ordering::Relaxed);
            answer
        };
        Self {
            service: Box::new(wrap(handler, options)),
        }
    }
}

impl DurableEngine for SdkEngine {
    fn invoke(
        &self,
        invocation: ExecutionInvocation,
        work: DurableWork,
    ) -> EngineFuture<Result<ExecutionAnswer, Error>> {
        let ended = Arc::new(AtomicBool::new(false));
        let work = InvocationWork {
            work: Arc::new(Mutex::new(Some(work))),
            ended: Arc::clone(&ended),
        };
        let payload = match payload(&invocation.envelope) {
            Ok(payload) => payload,
            Err(error) => return Box::pin(async move { Err(error.into()) }),
        };
        let invoked = (self.service)(LambdaEvent::new(payload, invocation.lambda));
        Box::pin(WORK.scope(work, async move {
            let answer = serde_json::to_value(invoked.await?)?;
            Ok(match ended.load(Ordering::Relaxed) && is_of_work(&answer) {
                true => ExecutionAnswer::Ended,
                false => ExecutionAnswer::Sdk(answer.to_string()),
            })
        }))
    }
}

/// Whether the execution ends with what the work has ended with. It may end with an error of the SDK instead.
fn is_of_work(answer: &Value) -> bool {
    match answer["Status"].as_str() {
        Some("SUCCEEDED") => true,
        Some("FAILED") => answer["Error"]["ErrorType"] == "HandlerError",
        _ => false,
    }
}

/// The envelope, as the SDK takes it: with an input that is JSON, in its first operation. The handler gets its event from
/// Switchboard.
fn payload(envelope: &Bytes) -> serde_json::Result<InvocationPayload> {
    let is_json = |event: &Bytes| serde_json::from_slice::<IgnoredAny>(event).is_ok();
    match open(envelope).map(|envelope| envelope.input) {
        Ok(Input::Event(event)) if is_json(&event) => serde_json::from_slice(envelope),
        _ => serde_json::from_value(with_input(serde_json::from_slice(envelope)?)),
    }
}

/// The envelope with an empty input.
fn with_input(mut envelope: Value) -> Value {
    let operations = envelope["InitialExecutionState"]["Operations"].take();
    let mut operations = match operations {
        Value::Array(operations) => operations,
        _ => Vec::new(),
    };
    operations.retain(|operation| operation["Type"] != "EXECUTION");
    let execution = json!({
        "Id": "execution",
        "Type": "EXECUTION",
        "Status": "STARTED",
        "ExecutionDetails": {"InputPayload": "null"},
    });
    operations.insert(0, execution);
    envelope["InitialExecutionState"]["Operations"] = operations.into();
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_elsewhere_or_no_json_is_replaced() {
        let step = json!({"Id": "1", "Type": "STEP"});
        let execution = json!({"Type": "EXECUTION", "ExecutionDetails": {"InputPayload": "no JSON"}});
        for operations in [json!(null), json!([step]), json!([execution, step])] {
            let steps = usize::from(operations.to_string().contains("STEP"));
            let state = json!({"Operations": operations, "NextMarker": "m"});
            let changed = with_input(json!({"CheckpointToken": "t", "InitialExecutionState": state}));
            let state = &changed["InitialExecutionState"];
            let operations = state["Operations"].as_array().unwrap_or(&Vec::new()).clone();
            assert_eq!(operations.len(), 1 + steps);
            assert_eq!(operations[0]["ExecutionDetails"]["InputPayload"], "null");
            assert_eq!(
                (&changed["CheckpointToken"], &state["NextMarker"]),
                (&json!("t"), &json!("m"))
            );
        }
    }
}
