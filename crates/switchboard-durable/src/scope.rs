//! The SDK's contexts, as Switchboard's batches use them.

use aws_durable_execution_sdk::builders::map_parallel::{BatchItemStatus, CompletionConfig};
use aws_durable_execution_sdk::{BoxError, DurableContext, OperationError};
use serde_json::value::RawValue;
use std::any::Any;
use std::sync::Arc;
use switchboard::{DurableScope, DurableWork, EngineFuture, StepWork, WorkFailure};

/// A context of the SDK.
pub(crate) struct SdkScope(pub(crate) DurableContext);

impl DurableScope for SdkScope {
    fn context(&self) -> &(dyn Any + Send + Sync) {
        &self.0
    }

    fn is_replaying(&self) -> bool {
        self.0.is_replaying()
    }

    fn child(&self, name: String, work: DurableWork) -> EngineFuture<Result<String, WorkFailure>> {
        let child = self.0.run_in_child_context(move |child| run(child, work));
        let child = child.name(name).future();
        Box::pin(async move { child.await.map(text).map_err(|error| failure(&error)) })
    }

    fn side_by_side(
        &self,
        works: Vec<(String, DurableWork)>,
        limit: Option<usize>,
    ) -> EngineFuture<Result<Vec<Result<String, WorkFailure>>, WorkFailure>> {
        let (names, works): (Vec<String>, Vec<DurableWork>) = works.into_iter().unzip();
        // The default ends the map at the first failure.
        let all = CompletionConfig::with_tolerated_failure_percentage(100);
        let map = self.0.map(works, |child, work, _| run(child, work));
        let map = map.name("records").completion(all);
        let map = map.item_namer(move |index| names.get(index).cloned().unwrap_or_default());
        let map = match limit {
            Some(limit) => map.max_concurrency(limit),
            None => map,
        };
        Box::pin(async move {
            let ended = map.await_batch().await.map_err(|error| failure(&error))?;
            let mut items = ended.items;
            items.sort_by_key(|item| item.index);
            let outcome = |item: aws_durable_execution_sdk::builders::map_parallel::BatchItem<
                Box<RawValue>,
            >| {
                match (item.status, item.result) {
                    (BatchItemStatus::Succeeded, Some(result)) => Ok(text(result)),
                    (status, _) => {
                        let message = item.error_message.unwrap_or_else(|| format!("{status:?}"));
                        Err(WorkFailure::new(message))
                    }
                }
            };
            Ok(items.into_iter().map(outcome).collect())
        })
    }

    fn step(&self, name: &'static str, work: StepWork) -> EngineFuture<Result<(), WorkFailure>> {
        let step = self
            .0
            .step(move |_| async move { work().await.map_err(BoxError::from) });
        let step = step.name(name).future();
        Box::pin(async move { step.await.map_err(|error| failure(&error)) })
    }
}

/// Does a piece of work in a child context.
async fn run(child: DurableContext, work: DurableWork) -> Result<Box<RawValue>, BoxError> {
    raw(work(Arc::new(SdkScope(child))).await)
}

/// What a piece of work ends with, as the SDK records it.
pub(crate) fn raw(ended: Result<String, WorkFailure>) -> Result<Box<RawValue>, BoxError> {
    Ok(RawValue::from_string(ended?)?)
}

fn text(json: Box<RawValue>) -> String {
    Box::<str>::from(json).into_string()
}

/// The recorded message, which is the same on replay.
fn failure(error: &OperationError) -> WorkFailure {
    let recorded = error.wire().and_then(|wire| wire.error_message());
    WorkFailure::new(recorded.map_or_else(|| format!("{error:#}"), str::to_owned))
}
