//! Configures how to run a function: the builder of [`Function`](crate::Function).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::logs::{Sink, Sinks};
use super::{Finished, StartedEnvironment};

/// Configures and starts a function. Created by [`Function::builder`](crate::Function::builder).
///
/// The defaults are Lambda's: a timeout of 3 s, 128 MB of memory, 10 s for initialisation. The name is the binary's.
#[derive(Clone)]
pub struct Builder {
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) name: String,
    pub(super) timeout: Duration,
    pub(super) init_timeout: Duration,
    pub(super) memory_mb: u32,
    pub(super) mode: Mode,
    pub(super) sinks: Sinks,
    pub(super) environments: u32,
    pub(super) tenant_isolation: bool,
    pub(super) extensions: Option<PathBuf>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) on_idle: Option<OnIdle>,
    pub(super) on_start: Option<OnStart>,
    pub(super) on_end: Option<OnEnd>,
    pub(super) on_wait: Option<OnWait>,
}

/// How Lambda runs the function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    OnDemand,
    SnapStart,
    ManagedInstances { max_concurrency: u32 },
}

impl Mode {
    /// The value of `AWS_LAMBDA_INITIALIZATION_TYPE`.
    pub(super) fn initialisation_type(self) -> &'static str {
        match self {
            Mode::OnDemand => "on-demand",
            Mode::SnapStart => "snap-start",
            Mode::ManagedInstances { .. } => "lambda-managed-instances",
        }
    }

    /// How many invocations a process may run at once.
    pub(super) fn max_concurrency(self) -> u32 {
        match self {
            Mode::OnDemand | Mode::SnapStart => 1,
            Mode::ManagedInstances { max_concurrency } => max_concurrency,
        }
    }

    /// Whether extensions may receive the event of each invocation.
    pub(super) fn has_invoke_events(self) -> bool {
        !matches!(self, Mode::ManagedInstances { .. })
    }

    /// Whether a timeout ends the process.
    pub(super) fn ends_at_timeout(self) -> bool {
        !matches!(self, Mode::ManagedInstances { .. })
    }
}

/// Called with each environment that has been initialised.
type OnStart = Arc<dyn Fn(&StartedEnvironment<'_>) + Send + Sync>;
/// Called with each finished invocation.
type OnEnd = Arc<dyn Fn(&Finished<'_>) + Send + Sync>;
/// Called when an invocation has to wait.
type OnWait = Arc<dyn Fn() + Send + Sync>;
/// Called with the number of an environment that has been ended.
type OnIdle = Arc<dyn Fn(u32) + Send + Sync>;

impl Builder {
    pub(super) fn new(program: &Path) -> Self {
        let stem = program.file_stem().unwrap_or(program.as_os_str());
        Self {
            program: program.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            name: stem.to_string_lossy().into_owned(),
            timeout: Duration::from_secs(3),
            init_timeout: Duration::from_secs(10),
            memory_mb: 128,
            mode: Mode::OnDemand,
            sinks: Sinks::default(),
            environments: 1,
            tenant_isolation: false,
            extensions: None,
            idle_timeout: None,
            on_idle: None,
            on_start: None,
            on_end: None,
            on_wait: None,
        }
    }

    /// Adds a command-line argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable. It overrides inherited variables and those that Lambda sets.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable that overrides inherited ones, but not one set by [`env`](Builder::env).
    #[must_use]
    pub fn env_unless_set(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .insert(0, (name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets the function's name, as `AWS_LAMBDA_FUNCTION_NAME`, the ARN and the log group show it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how long an invocation may take. The time starts when the process takes the event.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long the process may take until its first poll.
    #[must_use]
    pub fn init_timeout(mut self, timeout: Duration) -> Self {
        self.init_timeout = timeout;
        self
    }

    /// Sets the memory size that the function sees, in MB. The sandbox does not enforce it.
    #[must_use]
    pub fn memory_mb(mut self, memory: u32) -> Self {
        self.memory_mb = memory;
        self
    }

    /// Runs the function as Lambda Managed Instances do: the process may run up to `invocations` at once (at least 1), a
    /// timeout does not end it, and `AWS_LAMBDA_MAX_CONCURRENCY` is set.
    ///
    /// The lines that the process writes are then assigned to invocations by the request id in them. Lines without one are
    /// in no [`Outcome`](crate::Outcome).
    #[must_use]
    pub fn max_concurrency(mut self, invocations: u32) -> Self {
        self.mode = Mode::ManagedInstances {
            max_concurrency: invocations.max(1),
        };
        self
    }

    /// Starts further execution environments for invocations that come while all are busy, up to this many (at least 1, which
    /// is the default). Each is a process of its own, and stays for later invocations. Beyond that, invocations wait.
    ///
    /// A function that invokes itself and waits for the answer needs as many environments as it is deep.
    #[must_use]
    pub fn max_environments(mut self, environments: u32) -> Self {
        self.environments = environments.max(1);
        self
    }

    /// Ends execution environments that have had no invocation for this long, as Lambda does after some minutes. The next invocation
    /// starts one again. Without it, they stay.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Isolates tenants: each invocation needs a [tenant id](crate::InvokeEvent::tenant_id), and an execution environment serves
    /// the tenant of its first invocation only. If all [environments](Builder::max_environments) serve other tenants, an idle one
    /// is ended and started again.
    ///
    /// Lambda has no tenant isolation with SnapStart or Managed Instances, so the function does not start with either.
    #[must_use]
    pub fn tenant_isolation(mut self) -> Self {
        self.tenant_isolation = true;
        self
    }

    /// Starts every file in `folder` as an external extension before the function, in each execution environment, as Lambda does
    /// with `/opt/extensions`. The name of an extension is that of its file.
    ///
    /// Extensions take part in the whole life of the environment: it is initialised when the function and all extensions have asked
    /// for their first event; an invocation ends when the function and all extensions with `INVOKE` events have asked for the next
    /// one; and before the environment ends, the extensions get a `SHUTDOWN` event and have two seconds, of which the function has
    /// 300 ms. An extension that exits fails the invocation with `Extension.Crash`.
    ///
    /// Execution environments share this machine's ports. With extensions that listen on a fixed port, leave it at one
    /// [environment](Builder::max_environments).
    #[must_use]
    pub fn extensions(mut self, folder: impl Into<PathBuf>) -> Self {
        self.extensions = Some(folder.into());
        self
    }

    /// Runs the function as with SnapStart: initialisation ends when the function waits to be restored from its snapshot,
    /// and the first invocation restores it. The process itself takes the place of the snapshot and of its copy.
    #[must_use]
    pub fn snap_start(mut self) -> Self {
        self.mode = Mode::SnapStart;
        self
    }

    /// Calls `sink` with every line that the function writes, immediately, even if no invocation is running. A lock is held
    /// during the call, so `sink` must not invoke the function.
    #[must_use]
    pub fn on_log(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sinks.line = Some(Arc::new(move |_, line: &str| sink(line)));
        self
    }

    /// As [`on_log`](Builder::on_log), with the number of the execution environment, from 1 on, before the line.
    #[must_use]
    pub fn on_environment_log(mut self, sink: impl Fn(u32, &str) + Send + Sync + 'static) -> Self {
        self.sinks.line = Some(Arc::new(sink));
        self
    }

    /// Calls `sink` with the raw bytes that the function writes, in pieces that need not end at line breaks. As with
    /// [`on_log`](Builder::on_log) a lock is held.
    #[must_use]
    pub fn on_output(mut self, sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.sinks.piece = Some(Arc::new(sink) as Sink<[u8]>);
        self
    }

    /// Calls `sink` with each execution environment that has been initialised, before its first invocation. `sink` must not invoke the
    /// function.
    #[must_use]
    pub fn on_start(mut self, sink: impl Fn(&StartedEnvironment<'_>) + Send + Sync + 'static) -> Self {
        self.on_start = Some(Arc::new(sink));
        self
    }

    /// Calls `sink` with each finished invocation, after the last line it wrote. Unless invocations run concurrently, the
    /// next one starts after the call, so `sink` must not invoke the function. Invocations whose caller has given up are left out.
    #[must_use]
    pub fn on_end(mut self, sink: impl Fn(&Finished<'_>) + Send + Sync + 'static) -> Self {
        self.on_end = Some(Arc::new(sink));
        self
    }

    /// Calls `sink` with the number of each execution environment that was ended because it was [idle](Builder::idle_timeout).
    #[must_use]
    pub fn on_idle(mut self, sink: impl Fn(u32) + Send + Sync + 'static) -> Self {
        self.on_idle = Some(Arc::new(sink));
        self
    }

    /// Calls `sink` when an invocation has to wait because every execution environment is busy and no more may be started.
    #[must_use]
    pub fn on_wait(mut self, sink: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_wait = Some(Arc::new(sink));
        self
    }
}
