//! What is registered: async functions of an item, the SDK's context and Switchboard's.

use crate::engine::SdkEngine;
use aws_durable_execution_sdk::{DurableContext, Options as SdkOptions};
use std::any::type_name;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, LazyLock};
use switchboard::{Context, DurableEngine, Failure, Handler, Options};

/// Calls Lambda with the settings in the environment. All handlers share its client, which is created with the first execution.
static AMBIENT: LazyLock<Arc<SdkEngine>> = LazyLock::new(|| Arc::new(SdkEngine::new(SdkOptions::default())));

/// A durable handler: an `async fn(item, d: DurableContext, cx: Context<S>) -> Result<_, Failure>`, whose steps are recorded.
///
/// It takes whatever other handlers take: records of batches one by one, events that are delivered whole, payloads of your own.
/// A record's `d` is a child context of the execution, an event's is the execution itself.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::{Context, Failure, Router};
/// use switchboard_durable::{DurableContext, durable};
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: String,
/// }
///
/// async fn on_order(order: Order, d: DurableContext, _cx: Context<()>) -> Result<String, Failure> {
///     Ok(d.step(move |_| async move { Ok(format!("charged {}", order.id)) }).name("charge").await?)
/// }
///
/// let router = Router::new(()).direct(durable(on_order));
/// # let _ = router;
/// ```
#[must_use]
pub fn durable<F>(handler: F) -> DurableHandler<F> {
    DurableHandler {
        handler,
        engine: Arc::clone(&AMBIENT) as Arc<dyn DurableEngine>,
    }
}

/// A durable handler; created by [`durable`].
#[derive(Clone)]
pub struct DurableHandler<F> {
    handler: F,
    engine: Arc<dyn DurableEngine>,
}

impl<F> DurableHandler<F> {
    /// Uses the SDK with options: a client of your own, say, or checkpoints that are sent together.
    #[must_use]
    pub fn options(mut self, options: SdkOptions) -> Self {
        self.engine = Arc::new(SdkEngine::new(options));
        self
    }
}

impl<F, Fut, I, S, R> Handler<I, S> for DurableHandler<F>
where
    F: Fn(I, DurableContext, Context<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Failure>> + Send,
    I: Send,
    S: Send + Sync + 'static,
{
    type Reply = R;

    async fn call(&self, item: I, cx: Context<S>) -> Result<R, Failure> {
        let Some(d) = cx.durable::<DurableContext>().cloned() else {
            return Err(Failure::msg(
                "a durable handler was called outside a durable execution",
            ));
        };
        (self.handler)(item, d, cx).await
    }

    fn name(&self) -> Cow<'static, str> {
        type_name::<F>().into()
    }

    fn options(&self) -> Options {
        Options::durable(Arc::clone(&self.engine))
    }
}

impl<F> fmt::Debug for DurableHandler<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableHandler")
            .field("handler", &type_name::<F>())
            .finish_non_exhaustive()
    }
}
