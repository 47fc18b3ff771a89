//! A router, invoked as Lambda would invoke it, without the Runtime API between.

use bytes::Bytes;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use std::future::Future;
use switchboard::{Error, Payload, Reply, Router};
use tokio::runtime::{Builder, Runtime};
use tower::Service as _;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a clock is all it needs");
}

/// Waits for what needs tokio's clock.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// What the router answers to a payload.
pub fn reply<S>(router: &Router<S>, payload: impl Into<Bytes>) -> Result<Reply, Error>
where
    S: Clone + Send + Sync + 'static,
{
    let mut context = Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
    let event = LambdaEvent::new(Payload::new(payload), context);
    block_on(router.clone().call(event))
}

/// The same, as the JSON that Lambda is answered with.
pub fn invoke<S>(router: &Router<S>, payload: impl Into<Bytes>) -> Result<Value, Error>
where
    S: Clone + Send + Sync + 'static,
{
    let reply = reply(router, payload)?;
    Ok(serde_json::to_value(&reply).expect("a reply is JSON"))
}
