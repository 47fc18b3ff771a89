//! The order of a shutdown.

use super::Invocations;
use super::extension;
use super::signals::Signals;
use crate::error::Error;
use crate::router::{Hooks, Router};
use futures_util::FutureExt as _;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// How long running invocations may continue: most of the 500 milliseconds that Lambda leaves. The rest is for the
/// hooks.
const GRACE: Duration = Duration::from_millis(300);

/// How long invocations that then fail may take to answer.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Waits for a signal, then for the running invocations, then runs the hooks.
pub(in crate::runtime) struct Shutdown<S> {
    signals: Signals,
    pub(in crate::runtime) invocations: Invocations,
    state: S,
    hooks: Hooks<S>,
}

impl<S> Shutdown<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Prepares the shutdown, if the router has a hook; does nothing otherwise.
    ///
    /// # Errors
    /// Signals cannot be handled.
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

    /// Polls until a signal arrives; then ends the running invocations and runs the hooks.
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
        let asked_again = self.signals.asked().map(|_| ());
        tokio::select! {
            ended = poll => return ended,
            () = end(&self.invocations, asked_again) => {}
        }
        // Two signals before this point did not mean to skip the hooks: they save what must not be lost.
        self.signals.forget();
        tokio::select! {
            biased;
            () = self.hooks.on_shutdown(&self.state) => {}
            signal = self.signals.asked() => {
                tracing::warn!(signal, "asked to stop again: the remaining hooks are skipped");
            }
        }
        Ok(())
    }
}

/// Waits for the running invocations until the time is over or another signal arrives, and makes the others fail.
async fn end(invocations: &Invocations, asked_again: impl Future<Output = ()>) {
    invocations.drain();
    let ended = tokio::select! {
        biased;
        ended = timeout(GRACE, invocations.ended()) => ended.is_ok(),
        // A second signal means: do not wait.
        () = asked_again => false,
    };
    if !ended {
        invocations.cut();
        // A handler that blocks its thread cannot answer any more.
        let _ = timeout(LAST_WORDS, invocations.ended()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn who_asks_twice_does_not_wait_for_what_is_under_way() {
        for (again, waits) in [(false, GRACE + LAST_WORDS), (true, LAST_WORDS)] {
            let invocations = Invocations::new();
            let _one = invocations.begin();
            let begun = Instant::now();
            match again {
                true => end(&invocations, ready(())).await,
                false => end(&invocations, pending()).await,
            }
            let cut = invocations.unless_cut(Box::pin(pending())).await;
            assert_eq!(cut.unwrap_err().error_type(), "Stopped");
            assert!((waits..waits + Duration::from_millis(2)).contains(&begun.elapsed()));
        }
        let begun = Instant::now();
        end(&Invocations::new(), pending()).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
