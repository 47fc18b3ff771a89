//! Starts polling.

use super::answering::Answering;
use super::api::Api;
use super::deadline::Deadline;
use super::polling::Polling;
#[cfg(feature = "graceful-shutdown")]
use super::shutdown::{Shutdown, WatchLayer};
use super::worker::{Worker, several};
use super::{describe, environment, panics, snap_start};
use crate::error::Error;
use crate::mode::Mode;
use crate::router::Router;
use crate::telemetry::ScopeLayer;
use lambda_runtime::tower::Layer as _;
use lambda_runtime::{BoxFuture, Context};
use std::sync::Arc;

/// Receives events from the Lambda Runtime API and passes each to its handler, until Lambda ends the process.
///
/// With `SWITCHBOARD_DESCRIBE=1` in the environment, prints the routes as one line of JSON and returns.
///
#[doc = include_str!("../../docs/runtime.md")]
///
/// # Errors
///
/// At once if two handlers are registered for one source, if a hook fails, or if the environment is not Lambda's (the
/// error then says how to start the function instead). Later only if the Runtime API's address has been unreachable for
/// a minute. A failed event is answered; it is never an error here.
///
/// # Example
///
/// ```no_run
/// use aws_lambda_events::s3::S3EventRecord;
/// use switchboard::{Context, Failure, Router};
///
/// async fn on_object(record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(event = record.event_name, "an object changed");
///     Ok(())
/// }
///
/// fn main() -> Result<(), switchboard::Error> {
///     switchboard::block_on(switchboard::run(Router::new(()).s3(on_object)))
/// }
/// ```
pub async fn run<S>(router: Router<S>) -> Result<(), Error>
where
    S: Clone + Send + Sync + 'static,
{
    if describe::wanted() {
        return describe::print(&router);
    }
    panics::check();
    let (config, endpoint, mode) = super::init(async {
        router.check()?;
        Ok::<_, Error>((
            environment::config()?,
            environment::endpoint()?,
            Mode::from_env()?,
        ))
    })
    .await?;
    router.warn_sinkless();
    #[cfg(feature = "graceful-shutdown")]
    let stop = super::init(Shutdown::prepare(&router)).await?;
    #[cfg(feature = "graceful-shutdown")]
    let invocations = stop.as_ref().map(|stop| stop.invocations.clone());

    let snapshot = snap_start::wanted().then(|| router.lifecycle());
    let api = Arc::new(Api::new(endpoint, mode.at_once()));
    let service = Deadline::new(router, mode);
    #[cfg(feature = "graceful-shutdown")]
    let service = service.until_stopped(invocations.clone());
    // From the inside to the outside: the answer goes to the Runtime API; the scope surrounds everything that logs
    // about the invocation; and a shutdown waits for the scope's end, too.
    let service = Answering::new(service, Arc::clone(&api));
    let service = ScopeLayer::new(mode).layer(service);
    #[cfg(feature = "graceful-shutdown")]
    let service = WatchLayer(invocations).layer(service);

    let mut process = Context::default();
    process.env_config = Arc::new(config);
    let worker = Worker::new(service, Arc::clone(&api), process);
    // In a box: otherwise `main`'s future, and every future around this one, would be as large, and start-up would pay
    // for the stack's pages.
    let poll: BoxFuture<'static, _> = match (mode, snapshot) {
        (Mode::Classic, None) => Box::pin(worker.run()),
        (mode, snapshot) => Box::pin(async move {
            if let Some((state, hooks)) = snapshot {
                snap_start::restored(&api, &state, &hooks).await?;
            }
            match mode {
                Mode::ManagedInstances { at_once } => several(worker, at_once.get()).await,
                Mode::Classic => worker.run().await,
            }
        }),
    };
    let poll = async { Polling::start(poll).await };
    #[cfg(feature = "graceful-shutdown")]
    if let Some(stop) = stop {
        return stop.after(poll).await;
    }
    poll.await
}
