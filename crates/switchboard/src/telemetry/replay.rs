//! Whether a durable execution only repeats what an earlier invocation has done: then its lines and metrics are there already.

use std::future::Future;
use std::sync::Arc;

/// Whether what happens is a repetition.
pub(crate) type IsReplaying = Arc<dyn Fn() -> bool + Send + Sync>;

tokio::task_local! {
    static REPLAYING: IsReplaying;
}

/// Runs the future, asking this of each of its lines and metrics.
pub(crate) fn replaying<F: Future>(is: IsReplaying, future: F) -> impl Future<Output = F::Output> {
    REPLAYING.scope(is, future)
}

/// Whether what is said now was said in an earlier invocation.
pub(super) fn is_replaying() -> bool {
    REPLAYING.try_with(|is| is()).unwrap_or_default()
}
