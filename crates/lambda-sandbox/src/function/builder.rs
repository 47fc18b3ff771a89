//! How a function is to be run: the builder of [`Function`].

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::logs::{Sink, Sinks};
use super::{Finished, Function};
use crate::Error;

/// What a function runs with. Made by [`Function::builder`].
///
/// Defaults are Lambda's: 3 s timeout, 128 MB, 10 s to initialise; the name is the binary's.
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
    pub(super) on_end: Option<OnEnd>,
}

/// How Lambda runs the function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    OnDemand,
    SnapStart,
    ManagedInstances { max_concurrency: u32 },
}

impl Mode {
    /// What `AWS_LAMBDA_INITIALIZATION_TYPE` says.
    pub(super) fn initialization_type(self) -> &'static str {
        match self {
            Mode::OnDemand => "on-demand",
            Mode::SnapStart => "snap-start",
            Mode::ManagedInstances { .. } => "lambda-managed-instances",
        }
    }

    /// How many invocations a process may have at once.
    pub(super) fn max_concurrency(self) -> u32 {
        match self {
            Mode::OnDemand | Mode::SnapStart => 1,
            Mode::ManagedInstances { max_concurrency } => max_concurrency,
        }
    }

    /// Whether an invocation that runs out of time takes the process with it.
    pub(super) fn ends_at_timeout(self) -> bool {
        !matches!(self, Mode::ManagedInstances { .. })
    }
}

/// Called with each invocation that has ended.
type OnEnd = Arc<dyn Fn(&Finished<'_>) + Send + Sync>;

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
            on_end: None,
        }
    }

    /// Adds an argument to the command line; none stands there by default.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets a variable of the function's environment, over the inherited one and over what Lambda sets.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets a variable under those that are set by [`env`](Builder::env), over the inherited one.
    #[must_use]
    pub fn env_unless_set(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .insert(0, (name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The function's name, as `AWS_LAMBDA_FUNCTION_NAME`, the ARN and the log group show it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How long one invocation may take, from the moment the process has taken the event.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long the process may take to its first poll.
    #[must_use]
    pub fn init_timeout(mut self, timeout: Duration) -> Self {
        self.init_timeout = timeout;
        self
    }

    /// The memory the function is told it has, in MB. It is not enforced.
    #[must_use]
    pub fn memory_mb(mut self, memory: u32) -> Self {
        self.memory_mb = memory;
        self
    }

    /// Runs the function as Lambda Managed Instances do: the process may have up to `invocations` at once (at least 1), an
    /// invocation that runs out of time leaves it running, and `AWS_LAMBDA_MAX_CONCURRENCY` is set.
    ///
    /// The lines that the process writes are then told apart by the request id that stands in them; a line without one is
    /// in no [`Outcome`](crate::Outcome).
    #[must_use]
    pub fn max_concurrency(mut self, invocations: u32) -> Self {
        self.mode = Mode::ManagedInstances {
            max_concurrency: invocations.max(1),
        };
        self
    }

    /// Runs the function as with SnapStart: it is initialised as soon as it waits to be restored from its snapshot, and
    /// is restored for the first invocation. The process itself stands in for the snapshot and for what is restored.
    #[must_use]
    pub fn snap_start(mut self) -> Self {
        self.mode = Mode::SnapStart;
        self
    }

    /// Calls `sink` with every line the function writes, as soon as it is written and whether or not an invocation
    /// runs. It is called with a lock held: it should not invoke the function.
    #[must_use]
    pub fn on_log(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sinks.line = Some(Arc::new(sink) as Sink<str>);
        self
    }

    /// Calls `sink` with what the function writes, byte by byte as it is, in pieces that need not end where lines do.
    /// As with [`on_log`](Builder::on_log) a lock is held.
    #[must_use]
    pub fn on_output(mut self, sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.sinks.piece = Some(Arc::new(sink) as Sink<[u8]>);
        self
    }

    /// Calls `sink` with each invocation that has ended, after the last line it wrote and, where invocations come one at a
    /// time, before the next one begins: it should not invoke the function. An invocation whose caller has given it up is not among them.
    #[must_use]
    pub fn on_end(mut self, sink: impl Fn(&Finished<'_>) + Send + Sync + 'static) -> Self {
        self.on_end = Some(Arc::new(sink));
        self
    }

    /// Starts the process and waits for its first poll.
    ///
    /// # Errors
    /// When the process cannot be started, and when it fails to initialise ([`Error::init`]): it reported an
    /// initialisation error, ended, or did not poll in time. No process is left in either case.
    pub async fn start(self) -> Result<Function, Error> {
        Function::start(self).await
    }
}
