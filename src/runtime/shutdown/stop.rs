//! Stopping in order.

use super::Invocations;
use super::extension;
use super::signals::Signals;
use crate::error::Error;
use crate::router::{Hooks, Router};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// How long invocations that are under way may go on: of the 500 milliseconds that Lambda leaves, most; the rest is for
/// the hooks.
const GRACE: Duration = Duration::from_millis(300);

/// How long those that fail then may take to say so.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Who asks the process to stop, what is under way then, and what is to be done at last.
pub(in crate::runtime) struct Stop<S> {
    signals: Signals,
    pub(in crate::runtime) invocations: Invocations,
    state: S,
    hooks: Hooks<S>,
}

impl<S> Stop<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Prepares for it, if the router has a hook; else nothing is done.
    ///
    /// # Errors
    /// When signals cannot be heard.
    pub(in crate::runtime) async fn prepare(router: &Router<S>) -> Result<Option<Self>, Error> {
        let (state, hooks) = router.lifecycle();
        if !hooks.shutdown() {
            return Ok(None);
        }
        let signals = Signals::new()?;
        Box::pin(extension::register()).await;
        Ok(Some(Self {
            signals,
            invocations: Invocations::new(),
            state,
            hooks,
        }))
    }

    /// Polls until it is asked to stop; then ends what is under way and runs the hooks.
    ///
    /// # Errors
    /// Those of `poll`.
    pub(in crate::runtime) async fn after(
        mut self,
        poll: impl Future<Output = Result<(), Error>>,
    ) -> Result<(), Error> {
        let mut poll = pin!(poll);
        let signal = tokio::select! {
            ended = &mut poll => return ended,
            signal = self.signals.asked() => signal,
        };
        tracing::debug!(signal, "asked to stop");
        tokio::select! {
            ended = poll => return ended,
            () = end(&self.invocations) => {}
        }
        tokio::select! {
            () = self.hooks.on_shutdown(&self.state) => {}
            // Who asks twice does not want to wait.
            _ = self.signals.asked() => {}
        }
        Ok(())
    }
}

/// Waits for the invocations under way as long as there is time, and has the others fail.
async fn end(invocations: &Invocations) {
    invocations.drain();
    if timeout(GRACE, invocations.ended()).await.is_err() {
        invocations.cut();
        // A handler that blocks its thread says nothing any more.
        let _ = timeout(LAST_WORDS, invocations.ended()).await;
    }
}
