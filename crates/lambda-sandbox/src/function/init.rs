//! The initialisation of an execution environment: its extensions, then the function, until all have asked for their first event.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::time::{sleep_until, timeout};

use super::environment::{self, RuntimeApi};
use super::external::{self, External};
use super::logs::Logs;
use super::process::{Exit, Process};
use super::processes::{GRACE, Processes};
use super::sandbox::{Current, Sandbox};
use super::{Builder, FunctionError, StartedEnvironment};
use crate::Error;
use crate::runtime_api::{Event, Exchange, Facts, Init, MOST_EXTENSIONS, Server, ShutdownReason};
use crate::sync::{AbortOnDrop, lock};

/// Why a sandbox did not start.
pub(super) enum StartError {
    Io(Error),
    Init { error: FunctionError, logs: Vec<String> },
}

/// Why initialisation ended early.
enum Failure {
    Io(Error),
    Function(FunctionError),
}

impl From<FunctionError> for Failure {
    fn from(error: FunctionError) -> Self {
        Self::Function(error)
    }
}

/// What it takes to start the processes of a sandbox.
struct Start<'s> {
    config: &'s Builder,
    /// The sandbox's number among its function's.
    number: u32,
    address: SocketAddr,
    log_stream: String,
    deadline: Instant,
}

impl Start<'_> {
    /// Calls the `on_start` callback.
    fn tell(&self, init_duration: Duration) {
        if let Some(on_start) = &self.config.on_start {
            on_start(&StartedEnvironment {
                environment: self.number,
                log_stream: &self.log_stream,
                init_duration,
            });
        }
    }
}

impl Sandbox {
    /// Starts the processes, makes them known in `current` and waits until they are initialised. `number` is the sandbox's among its
    /// function's.
    pub(super) async fn start(config: &Builder, number: u32, current: &Current) -> Result<Self, StartError> {
        let begun = Instant::now();
        let log_stream = environment::log_stream(config);
        let prepared = Self::prepare(config, number, &log_stream).await;
        let (mut sandbox, address, command) = prepared.map_err(StartError::Io)?;
        *lock(current) = Some(Arc::clone(&sandbox.processes));
        let start = Start {
            config,
            number,
            address,
            log_stream,
            deadline: begun + config.init_timeout,
        };
        sandbox.exchange.begin();
        sandbox.exchange.telemetry.report(|| Event::InitStart);
        let initialised = sandbox.initialise(&start, command).await;
        sandbox.report_init(&initialised);
        let error = match initialised {
            Ok(duration) => {
                sandbox.init_duration = duration;
                start.tell(duration);
                return Ok(sandbox);
            }
            Err(Failure::Io(error)) => StartError::Io(error),
            Err(Failure::Function(error)) => StartError::Init {
                error,
                logs: Vec::new(),
            },
        };
        sandbox.processes.abandon(ShutdownReason::Failure).await;
        Err(error.with_logs(|| sandbox.logs.take()))
    }

    /// A sandbox without processes, and the command of the function's.
    async fn prepare(
        config: &Builder,
        number: u32,
        log_stream: &str,
    ) -> Result<(Self, SocketAddr, Command), Error> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.map_err(|e| Error::io("cannot open a port for the Runtime API", e))?;
        let address = listener
            .local_addr()
            .map_err(|e| Error::io("cannot determine the port", e))?;
        let exchange = Arc::new(Exchange::new(Facts {
            name: config.name.clone(),
            timeout: config.timeout,
            memory_mb: config.memory_mb,
            initialisation_type: config.mode.initialisation_type(),
            invoke_events: config.mode.has_invoke_events(),
            json_lines: environment::has_json_lines(config),
        }));
        let (command, logs) = command(config, number, address, log_stream, &exchange)
            .map_err(|e| Error::io("cannot read the logs", e))?;
        // The server must be up before the processes: their first requests must not fail.
        let server = Server::start(listener, Arc::clone(&exchange));
        let pump = Arc::clone(&logs);
        let sandbox = Self {
            mode: config.mode,
            processes: Arc::new(Processes::new(Arc::clone(&exchange), Arc::clone(&logs))),
            exchange,
            logs,
            server,
            _pump: AbortOnDrop::spawn(async move { pump.pump().await }),
            init_duration: Duration::ZERO,
            reports_init: AtomicBool::new(true),
        };
        Ok((sandbox, address, command))
    }

    /// Starts the extensions and the function, and waits for them. Returns how long that took.
    async fn initialise(&self, start: &Start<'_>, command: Command) -> Result<Duration, Failure> {
        let begun = Instant::now();
        self.start_extensions(start).await?;
        let process = Process::spawn(command);
        let what = || format!("cannot start {}", start.config.program.display());
        let process = Arc::new(process.map_err(|e| Failure::Io(Error::io(what(), e)))?);
        self.processes.set_runtime(Arc::clone(&process));
        let polled = self.polled(&process, start).await;
        self.exchange.telemetry.report(|| Event::InitRuntimeDone {
            failure: polled.as_ref().err().cloned(),
        });
        let duration = polled?;
        self.exchange.extensions.close();
        if !self.processes.have_extensions() {
            return Ok(duration);
        }
        let ready = self.exchange.extensions.all_ready();
        self.in_time(start, ready, "ask for an event").await?;
        Ok(begun.elapsed())
    }

    /// Tells subscribers of telemetry how the initialisation went. There will be no others.
    fn report_init(&self, initialised: &Result<Duration, Failure>) {
        let telemetry = &self.exchange.telemetry;
        for extension in self.exchange.extensions.described() {
            telemetry.report(|| extension);
        }
        if let Ok(duration) = initialised {
            telemetry.report(|| Event::InitReport { duration: *duration });
        }
        telemetry.close();
    }

    /// Starts the extensions, and waits until all have registered.
    async fn start_extensions(&self, start: &Start<'_>) -> Result<(), Failure> {
        let Some(folder) = &start.config.extensions else {
            return Ok(());
        };
        let programs = external::programs(folder).map_err(Failure::Io)?;
        if programs.len() > MOST_EXTENSIONS {
            let message = format!("Error: Lambda starts at most {MOST_EXTENSIONS} extensions");
            return Err(FunctionError::new("Extension.LaunchError", message).into());
        }
        let names = programs.iter().map(|program| external::name(program));
        self.exchange.extensions.expect(names.collect());
        let api = RuntimeApi {
            address: start.address,
            metadata_token: self.exchange.metadata_token(),
            log_stream: &start.log_stream,
        };
        for program in &programs {
            let sinks = start.config.sinks.of(start.number);
            let started = External::start(program, start.config, &api, &self.exchange, sinks, &self.logs);
            self.processes.add(started?);
        }
        let registered = self.exchange.extensions.all_registered();
        self.in_time(start, registered, "register").await
    }

    /// Waits for what extensions have to do while they are initialised.
    async fn in_time(
        &self,
        start: &Start<'_>,
        done: impl Future<Output = ()>,
        what: &str,
    ) -> Result<(), Failure> {
        tokio::select! {
            biased;
            () = done => Ok(()),
            error = self.exchange.extensions.failed() => Err(error.into()),
            () = self.processes.ending() => Err(ended().into()),
            exit = self.function_exited() => {
                let error = FunctionError::new("Runtime.ExitError", format!("Error: {exit}"));
                Err(error.into())
            }
            () = sleep_until(start.deadline.into()) => {
                let late = self.exchange.extensions.late().join(", ");
                let what = format!("extensions that did not {what} within");
                Err(timed_out(&format!("{what} {{}} after the start of the environment: {late}"), start.config).into())
            }
        }
    }

    /// Waits until the function exits, if it runs.
    async fn function_exited(&self) -> Exit {
        match self.processes.runtime() {
            Some(process) => process.exited().await,
            None => std::future::pending().await,
        }
    }

    /// The time from the start of the environment to the function's first poll, or why there was none.
    async fn polled(&self, process: &Process, start: &Start<'_>) -> Result<Duration, FunctionError> {
        let init = tokio::select! {
            // An error that the process reported takes precedence over its exit.
            biased;
            init = self.exchange.initialised() => init,
            error = self.exchange.extensions.failed() => Init::Failed(error),
            exit = process.exited() => self.init_after(exit).await,
            () = self.processes.ending() => Init::Failed(ended()),
            () = sleep_until(start.deadline.into()) => {
                let text = "the function did not poll for an event within {} after its start";
                Init::Failed(timed_out(text, start.config))
            }
        };
        match init {
            Init::Polled(duration) => Ok(duration),
            Init::Failed(error) => {
                // A runtime that reported an error is about to exit. What it still writes belongs to the report.
                let _ = timeout(GRACE, process.exited()).await;
                Err(error)
            }
        }
    }

    /// What an exited process reported about its initialisation before.
    async fn init_after(&self, exit: Exit) -> Init {
        self.settle().await;
        let message = format!("Error: {exit}");
        self.exchange
            .init()
            .unwrap_or_else(|| Init::Failed(FunctionError::new("Runtime.ExitError", message)))
    }
}

impl StartError {
    /// With the lines that the processes wrote.
    fn with_logs(self, lines: impl FnOnce() -> Vec<String>) -> Self {
        match self {
            Self::Init { error, .. } => Self::Init { error, logs: lines() },
            io @ Self::Io(_) => io,
        }
    }

    /// The error of a start that no invocation waits for.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Io(error) => error,
            Self::Init { error, logs } => Error::failed_init(error, logs),
        }
    }

    /// The outcome of an invocation for which the function could not be initialised.
    pub(super) fn of_invocation(self, request_id: &str) -> Result<(FunctionError, Vec<String>), Error> {
        match self {
            Self::Io(error) => Err(error),
            Self::Init { error, logs } => Ok((error.concerning(request_id), logs)),
        }
    }
}

/// The command of the function, with all output in one pipe to keep the order of lines, and the pipe's reader.
fn command(
    config: &Builder,
    number: u32,
    address: SocketAddr,
    log_stream: &str,
    exchange: &Arc<Exchange>,
) -> io::Result<(Command, Arc<Logs>)> {
    let (reader, writer) = io::pipe()?;
    let told = Arc::clone(exchange);
    let tap = move |line: &str| told.telemetry.report(|| Event::Line(line.to_owned()));
    let logs = Logs::new(reader, config.sinks.of(number).tapped(tap))?;
    let mut command = Command::new(&config.program);
    command.args(&config.args).stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    let api = RuntimeApi {
        address,
        metadata_token: exchange.metadata_token(),
        log_stream,
    };
    environment::apply(&mut command, config, &api);
    Ok((command, Arc::new(logs)))
}

/// `text` has the limit in place of `{}`.
fn timed_out(text: &str, config: &Builder) -> FunctionError {
    let limit = format!("{:.2} seconds", config.init_timeout.as_secs_f64());
    FunctionError::new("Sandbox.Timedout", text.replace("{}", &limit))
}

fn ended() -> FunctionError {
    FunctionError::new(
        "Sandbox.Failure",
        "the function was shut down while it was initialised",
    )
}
