//! Hooks of the application: before a snapshot, after a restore, at shutdown.

use super::Router;
use crate::error::Error;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type HookFuture = Pin<Box<dyn Future<Output = Result<(), Box<dyn StdError + Send + Sync>>> + Send>>;

/// A hook with its types erased.
type Hook<S> = Arc<dyn Fn(S) -> HookFuture + Send + Sync>;

/// The hooks of a router, each kind in the order of registration.
pub(crate) struct Hooks<S> {
    before_snapshot: Vec<Hook<S>>,
    after_restore: Vec<Hook<S>>,
    #[cfg(feature = "graceful-shutdown")]
    on_shutdown: Vec<Hook<S>>,
}

impl<S: Clone> Hooks<S> {
    /// Runs the hooks in reverse order, because what was created first may be used by what was created later.
    ///
    /// # Errors
    /// The error of the first hook that fails. The remaining hooks are not run.
    pub(crate) async fn before_snapshot(&self, state: &S) -> Result<(), Error> {
        for hook in self.before_snapshot.iter().rev() {
            let ran = hook(state.clone()).await;
            ran.map_err(|error| Error::hook("before_snapshot", error))?;
        }
        Ok(())
    }

    /// # Errors
    /// The error of the first hook that fails. The remaining hooks are not run.
    pub(crate) async fn after_restore(&self, state: &S) -> Result<(), Error> {
        for hook in &self.after_restore {
            let ran = hook(state.clone()).await;
            ran.map_err(|error| Error::hook("after_restore", error))?;
        }
        Ok(())
    }

    #[cfg(feature = "graceful-shutdown")]
    pub(crate) fn shutdown(&self) -> bool {
        !self.on_shutdown.is_empty()
    }

    /// Runs all hooks in reverse order. Failures are only logged, because there is no one to report them to.
    #[cfg(feature = "graceful-shutdown")]
    pub(crate) async fn on_shutdown(&self, state: &S) {
        for hook in self.on_shutdown.iter().rev() {
            if let Err(error) = hook(state.clone()).await {
                let error = Error::hook("on_shutdown", error);
                tracing::error!(%error, "a hook failed");
            }
        }
    }
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// With SnapStart, runs `hook` on the state when initialization is complete, before Lambda takes the snapshot from
    /// which every execution environment is restored. Use it for work that would otherwise cost each environment time,
    /// and to close what does not survive a snapshot, such as connections. Of several hooks, the last one registered
    /// runs first. Without SnapStart the hook never runs.
    ///
    /// If the hook fails, initialization fails and the error is reported to Lambda.
    ///
    /// AWS Lambda Developer Guide, “Improving startup performance with Lambda SnapStart”.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use switchboard::{Error, Router};
    ///
    /// #[derive(Clone, Default)]
    /// struct App {
    ///     token: Arc<Mutex<Option<String>>>,
    /// }
    ///
    /// impl App {
    ///     async fn forget(self) -> Result<(), Error> {
    ///         *self.token.lock().unwrap() = None;
    ///         Ok(())
    ///     }
    ///
    ///     async fn renew(self) -> Result<(), Error> {
    ///         *self.token.lock().unwrap() = Some("made for this environment alone".to_owned());
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let router = Router::new(App::default()).before_snapshot(App::forget).after_restore(App::renew);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn before_snapshot<F, Fut, E>(mut self, hook: F) -> Self
    where
        F: Fn(S) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks_mut().before_snapshot.push(erased(hook));
        self
    }

    /// With SnapStart, runs `hook` on the state when an execution environment has been restored from the snapshot,
    /// before its first event. Use it to reconnect, and to renew what must differ between environments, such as ids and
    /// random seeds, or what may be outdated. Of several hooks, the first one registered runs first. Without SnapStart
    /// the hook never runs.
    ///
    /// If the hook fails, the restore fails and the error is reported to Lambda. All hooks together have ten seconds.
    ///
    /// AWS Lambda Developer Guide, “Handling uniqueness with Lambda SnapStart”. [`Router::before_snapshot`] has an
    /// example.
    #[must_use]
    pub fn after_restore<F, Fut, E>(mut self, hook: F) -> Self
    where
        F: Fn(S) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks_mut().after_restore.push(erased(hook));
        self
    }

    /// Runs `hook` on the state when SIGTERM (or SIGINT) asks the process to stop, after the invocations that were
    /// running: to flush buffered data, for example. Of several hooks, the last one registered runs first. A hook that
    /// fails is logged.
    ///
    /// Each further signal ends the current wait. While invocations are running, a second signal makes them fail at
    /// once; the hooks still run. While the hooks run, a signal drops the running hook at its current `await` and skips
    /// the remaining ones. A line at WARN says so, and [`run`](crate::run) returns.
    ///
    /// Lambda sends SIGTERM only to functions with an extension, and kills the process 500 milliseconds later (300 if
    /// all extensions are internal). So [`run`](crate::run) registers an internal extension if there is such a hook,
    /// which costs two requests at start-up. Without a hook it registers none, and handles no signals.
    ///
    /// AWS Lambda Developer Guide, “Understanding the Lambda execution environment lifecycle”, Shutdown phase.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::Router;
    ///
    /// let router = Router::new(()).on_shutdown(|()| async {
    ///     tracing::info!("the last line");
    ///     Ok::<_, std::io::Error>(())
    /// });
    /// # let _ = router;
    /// ```
    #[cfg(feature = "graceful-shutdown")]
    #[must_use]
    pub fn on_shutdown<F, Fut, E>(mut self, hook: F) -> Self
    where
        F: Fn(S) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks_mut().on_shutdown.push(erased(hook));
        self
    }
}

fn erased<S, F, Fut, E>(hook: F) -> Hook<S>
where
    F: Fn(S) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    Arc::new(move |state| {
        let ran = hook(state);
        Box::pin(async move { ran.await.map_err(Into::into) })
    })
}

impl<S> Default for Hooks<S> {
    fn default() -> Self {
        Self {
            before_snapshot: Vec::new(),
            after_restore: Vec::new(),
            #[cfg(feature = "graceful-shutdown")]
            on_shutdown: Vec::new(),
        }
    }
}

impl<S> Clone for Hooks<S> {
    fn clone(&self) -> Self {
        Self {
            before_snapshot: self.before_snapshot.clone(),
            after_restore: self.after_restore.clone(),
            #[cfg(feature = "graceful-shutdown")]
            on_shutdown: self.on_shutdown.clone(),
        }
    }
}

impl<S> fmt::Debug for Hooks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct HookCalls(Arc<Mutex<Vec<&'static str>>>);

    /// A hook that records its name, and fails if that is `bad`.
    fn records(name: &'static str) -> impl Fn(HookCalls) -> HookFuture {
        move |calls| {
            calls.0.lock().unwrap().push(name);
            Box::pin(async move { (name != "bad").then_some(()).ok_or_else(|| "no".into()) })
        }
    }

    fn router() -> Router<HookCalls> {
        let router = Router::new(HookCalls::default());
        let router = router.before_snapshot(records("a")).before_snapshot(records("b"));
        router.after_restore(records("c")).after_restore(records("d"))
    }

    #[tokio::test]
    async fn what_was_made_last_is_taken_down_first_and_made_again_last() {
        let (state, hooks) = router().lifecycle();
        hooks.before_snapshot(&state).await.unwrap();
        hooks.after_restore(&state).await.unwrap();
        assert_eq!(*state.0.lock().unwrap(), ["b", "a", "c", "d"]);
    }

    #[tokio::test]
    async fn a_hook_that_fails_is_the_last_one_and_named() {
        let (state, hooks) = router()
            .after_restore(records("bad"))
            .after_restore(records("e"))
            .lifecycle();
        let error = hooks.after_restore(&state).await.unwrap_err();
        assert_eq!(error.to_string(), "the hook after_restore failed: no");
        assert_eq!(error.error_type(), "HookFailed");
        assert_eq!(*state.0.lock().unwrap(), ["c", "d", "bad"]);
    }

    #[cfg(feature = "graceful-shutdown")]
    #[tokio::test]
    async fn at_the_end_all_are_run() {
        let router = Router::new(HookCalls::default());
        let router = router.on_shutdown(records("a")).on_shutdown(records("bad"));
        let (state, hooks) = router.lifecycle();
        hooks.on_shutdown(&state).await;
        assert_eq!(*state.0.lock().unwrap(), ["bad", "a"]);
    }
}
