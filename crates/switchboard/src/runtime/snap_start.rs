//! SnapStart: what happens before the first event if the process becomes a snapshot.

use super::api::Api;
use super::init::init_by;
use crate::error::Error;
use crate::router::Hooks;

/// Whether the process becomes a snapshot.
pub(super) fn wanted() -> bool {
    std::env::var_os("AWS_LAMBDA_INITIALIZATION_TYPE").is_some_and(|kind| kind == "snap-start")
}

/// Runs the hooks before the snapshot, waits for the restore, and runs the hooks after it.
///
/// # Errors
/// A hook failed, which has been reported to Lambda.
pub(super) async fn restored<S>(api: &Api, state: &S, hooks: &Hooks<S>) -> Result<(), Error>
where
    S: Clone + Send + Sync,
{
    let snapshot = async {
        hooks.before_snapshot(state).await?;
        api.restored().await.map_err(Error::runtime)
    };
    init_by(api, snapshot).await?;
    let restored = hooks.after_restore(state).await;
    if let Err(error) = &restored
        && let Err(failed) = api.restore_failed(error).await
    {
        tracing::warn!(error = %failed, "the restore error could not be reported to the Runtime API");
    }
    restored
}
