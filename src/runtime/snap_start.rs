//! SnapStart: the application's hooks, as `lambda_runtime` calls them.

use crate::router::{Hooks, Router};
use lambda_runtime::{BoxFuture, Error, SnapStartResource};
use std::sync::Arc;

/// The hooks of a router, with the state they are run on.
struct Resource<S> {
    state: S,
    hooks: Hooks<S>,
}

/// What `lambda_runtime` is to be given, if the router has such hooks.
pub(super) fn resource<S>(router: &Router<S>) -> Option<Arc<dyn SnapStartResource>>
where
    S: Clone + Send + Sync + 'static,
{
    let (state, hooks) = router.lifecycle();
    hooks
        .snap_start()
        .then(|| Arc::new(Resource { state, hooks }) as Arc<dyn SnapStartResource>)
}

impl<S> SnapStartResource for Resource<S>
where
    S: Clone + Send + Sync,
{
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { self.hooks.before_snapshot(&self.state).await.map_err(Error::from) })
    }

    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { self.hooks.after_restore(&self.state).await.map_err(Error::from) })
    }
}
