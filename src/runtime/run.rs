//! Starts polling.

use super::concurrency;
use super::deadline::Deadline;
use super::payload::Verbatim;
use super::polling::Polling;
#[cfg(feature = "graceful-shutdown")]
use super::shutdown::{Stop, Watch};
use super::{describe, snap_start};
use crate::error::Error;
use crate::router::Router;
use crate::telemetry::ScopeLayer;
use lambda_runtime::{BoxFuture, Runtime};

/// What Lambda sets in every execution environment, and `lambda_runtime` cannot do without.
const REQUIRED: &[&str] = &[
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// Takes events from the Lambda Runtime API and gives each to its handler, until Lambda ends the process.
///
/// With `SWITCHBOARD_DESCRIBE=1` in the environment it prints the routes as one line of JSON and returns.
///
#[doc = include_str!("../../docs/runtime.md")]
///
/// # Errors
///
/// At once, if two handlers are registered for one source, a hook fails, or the environment is not Lambda's (an error that
/// says how to start the function instead); later, if the Runtime API can no longer be reached. An event that fails
/// is answered, never an error here.
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
    let managed = super::init(async {
        router.check()?;
        check_environment()?;
        concurrency::managed()
    })
    .await?;
    #[cfg(feature = "graceful-shutdown")]
    let stop = super::init(Stop::prepare(&router)).await?;
    let resource = snap_start::resource(&router);
    let service = Deadline::new(router, managed);
    #[cfg(feature = "graceful-shutdown")]
    let invocations = stop.as_ref().map(|stop| stop.invocations.clone());
    #[cfg(feature = "graceful-shutdown")]
    let service = service.until_stopped(invocations.clone());
    // From the inside to the outside: the payload goes past the parser; the scope is around all that speaks of the
    // invocation, `lambda_runtime` included; and whoever waits for the end waits for the scope's end, too.
    let runtime = Runtime::new(service)
        .layer(Verbatim)
        .layer(ScopeLayer::new(managed));
    #[cfg(feature = "graceful-shutdown")]
    let runtime = runtime.layer(Watch(invocations));
    let runtime = match resource {
        Some(resource) => runtime.register_snapstart_resource(resource),
        None => runtime,
    };
    // `run_concurrent` serves both, at the price of a log line's making. In a box: else the application's `main`, and every
    // future around this one, would be as large as both, and start-up would pay for the stack's pages.
    let poll: BoxFuture<'static, _> = match managed {
        true => Box::pin(runtime.run_concurrent()),
        false => Box::pin(runtime.run()),
    };
    let poll = async { Polling::start(poll).await.map_err(Error::runtime) };
    #[cfg(feature = "graceful-shutdown")]
    if let Some(stop) = stop {
        return stop.after(poll).await;
    }
    poll.await
}

fn check_environment() -> Result<(), Error> {
    let missing = REQUIRED.iter().find(|name| std::env::var_os(name).is_none());
    missing.map_or(Ok(()), |name| {
        let allowed = "set by AWS Lambda: this is a Lambda function; start it with `cargo switchboard run` or \
                       `cargo lambda watch`, or deploy it";
        Err(Error::configuration(name, None, allowed))
    })
}
