//! The layer that gives every invocation its scope.

use super::scope::Scope;
use super::settings::Settings;
use super::traces::follow;
use super::watchdog::Watchdog;
use crate::deadlines::{METRICS_ARE_WRITTEN, left};
use crate::mode::Mode;
use lambda_runtime::tower::Layer;
use lambda_runtime::{LambdaInvocation, Service};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task;
use std::time::{Duration, Instant};

/// Gives every invocation a scope. It surrounds what handles and answers the event, so that their lines are in the
/// scope as well.
#[derive(Clone)]
pub(crate) struct ScopeLayer {
    /// `None`: there is no telemetry, and no scopes.
    settings: Option<Arc<Settings>>,
    warm: Arc<AtomicBool>,
    watchdog: Arc<Watchdog>,
    mode: Mode,
}

impl ScopeLayer {
    /// With the settings of the process.
    pub(crate) fn new(mode: Mode) -> Self {
        Self::maybe(Settings::current(), mode)
    }

    #[cfg(test)]
    pub(super) fn with(settings: Arc<Settings>, mode: Mode) -> Self {
        Self::maybe(Some(settings), mode)
    }

    /// With other settings, for one invocation of a test. All of them share a watchdog, which has a thread of its own.
    #[cfg(feature = "testing")]
    pub(super) fn captured(settings: Arc<Settings>, mode: Mode) -> Self {
        static WATCHDOG: std::sync::LazyLock<Arc<Watchdog>> = std::sync::LazyLock::new(Arc::default);
        Self {
            watchdog: Arc::clone(&WATCHDOG),
            ..Self::maybe(Some(settings), mode)
        }
    }

    fn maybe(settings: Option<Arc<Settings>>, mode: Mode) -> Self {
        // With provisioned concurrency and on Managed Instances, initialization ends long before the first event.
        let provisioned = std::env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE")
            .is_some_and(|kind| kind == "provisioned-concurrency" || kind == "lambda-managed-instances");
        Self {
            settings,
            warm: Arc::new(AtomicBool::new(provisioned)),
            watchdog: Arc::default(),
            mode,
        }
    }
}

impl<S> Layer<S> for ScopeLayer {
    type Service = ScopeService<S>;

    fn layer(&self, inner: S) -> ScopeService<S> {
        ScopeService {
            inner,
            layer: self.clone(),
        }
    }
}

#[derive(Clone)]
pub(crate) struct ScopeService<S> {
    inner: S,
    layer: ScopeLayer,
}

impl<S> Service<LambdaInvocation> for ScopeService<S>
where
    S: Service<LambdaInvocation, Response: Send, Error: Send>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let ScopeLayer {
            settings,
            warm,
            watchdog,
            mode,
        } = &self.layer;
        let Some(settings) = settings else {
            return Box::pin(self.inner.call(invocation));
        };
        let context = &invocation.context;
        let cold_start = !warm.swap(true, Ordering::Relaxed);
        let scope = Scope::new(Arc::clone(settings), context, cold_start);
        let says_more = settings.buffer > 0 || settings.metrics.is_some();
        let ends = context.deadline();
        let process_ends = mode.ends_with_invocation().then_some(ends);
        // The source is detected in the call, not in its future.
        let answer = scope.enter(|| self.inner.call(invocation));
        if !says_more {
            let answer = follow(&scope, answer, process_ends);
            return Box::pin(scope.around(answer));
        }
        let end = InvocationEnd::new(&scope, watchdog, left(ends));
        let answer = async move {
            let answer = answer.await;
            drop(end);
            answer
        };
        let answer = follow(&scope, answer, process_ends);
        Box::pin(scope.around(answer))
    }
}

/// Writes the metrics however the invocation ends, even if its future is dropped.
struct InvocationEnd {
    scope: Arc<Scope>,
    /// Only if Lambda ends the process when time runs out, because nothing can be written after that.
    watchdog: Option<Arc<Watchdog>>,
}

impl InvocationEnd {
    fn new(scope: &Arc<Scope>, watchdog: &Arc<Watchdog>, left: Option<Duration>) -> Self {
        if let Some(left) = left {
            watchdog.watch(scope, Instant::now() + left.saturating_sub(METRICS_ARE_WRITTEN));
        }
        Self {
            scope: Arc::clone(scope),
            watchdog: left.map(|_| Arc::clone(watchdog)),
        }
    }
}

impl Drop for InvocationEnd {
    fn drop(&mut self) {
        if let Some(watchdog) = &self.watchdog {
            watchdog.dismiss(&self.scope);
        }
        self.scope.conclude();
    }
}
