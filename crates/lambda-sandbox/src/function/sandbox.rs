//! One execution environment: a process, the Runtime API it polls and the logs it writes. They end together, so that no
//! answer of an earlier process is mistaken for one of the next.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until, timeout};

use super::builder::{Builder, Mode};
use super::environment::{self, RuntimeApi};
use super::logs::Logs;
use super::process::{Exit, Process, Signal};
use super::{FunctionError, InvokeEvent};
use crate::Error;
use crate::runtime_api::{Answer, Exchange, Init, Server, Ticket};
use crate::sync::{AbortOnDrop, lock};

/// How long a process may take to exit after an initialisation error or after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait for what an exited process has sent.
const IN_FLIGHT: Duration = Duration::from_secs(1);

/// Where callers without the sandbox find the current process.
pub(super) type Current = Mutex<Option<Arc<Process>>>;

pub(super) struct Sandbox {
    mode: Mode,
    process: Arc<Process>,
    exchange: Arc<Exchange>,
    logs: Arc<Logs>,
    server: Server,
    _pump: AbortOnDrop,
    init_duration: Duration,
}

/// What became of an event that was offered to a sandbox.
pub(super) enum Delivery {
    /// The function answered.
    Answered(Answer, Duration),
    /// The process exited before it took the event. Another process may get it.
    Untaken(Exit),
    /// The process exited during the invocation.
    Exited(Exit, Duration),
    /// The invocation timed out. Unless others run in it, the process has been killed.
    TimedOut(Duration),
}

/// Why a sandbox did not start.
pub(super) enum StartError {
    Io(Error),
    Init { error: FunctionError, logs: Vec<String> },
}

impl Sandbox {
    /// Starts a process, stores it in `current` and waits for its first poll. `number` is the sandbox's among its function's.
    pub(super) async fn start(config: &Builder, number: u32, current: &Current) -> Result<Self, StartError> {
        let mut sandbox = Self::spawn(config, number, current)
            .await
            .map_err(StartError::Io)?;
        match sandbox.initialise(config.init_timeout).await {
            Ok(duration) => {
                sandbox.init_duration = duration;
                Ok(sandbox)
            }
            Err(error) => {
                sandbox.process.kill().await;
                let logs = sandbox.logs.take();
                Err(StartError::Init { error, logs })
            }
        }
    }

    async fn spawn(config: &Builder, number: u32, current: &Current) -> Result<Self, Error> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.map_err(|e| Error::io("cannot open a port for the Runtime API", e))?;
        let address = listener
            .local_addr()
            .map_err(|e| Error::io("cannot determine the port", e))?;
        let exchange = Exchange::new(&config.name, config.timeout, config.mode.has_invoke_events());
        let api = RuntimeApi {
            address,
            metadata_token: exchange.metadata_token(),
        };
        let (command, logs) =
            prepare(config, number, &api).map_err(|e| Error::io("cannot read the logs", e))?;
        // The server must be up before the process: its first poll must not fail.
        let exchange = Arc::new(exchange);
        let server = Server::start(listener, Arc::clone(&exchange));
        exchange.begin();
        let process = Process::spawn(command);
        let what = || format!("cannot start {}", config.program.display());
        let process = Arc::new(process.map_err(|e| Error::io(what(), e))?);
        *lock(current) = Some(Arc::clone(&process));
        let pump = Arc::clone(&logs);
        let pump = AbortOnDrop::spawn(async move { pump.pump().await });
        Ok(Self {
            mode: config.mode,
            process,
            exchange,
            logs,
            server,
            _pump: pump,
            init_duration: Duration::ZERO,
        })
    }

    /// The time from the start of the process to its first poll, or why there was none.
    async fn initialise(&self, limit: Duration) -> Result<Duration, FunctionError> {
        let init = tokio::select! {
            // An error that the process reported takes precedence over its exit.
            biased;
            init = self.exchange.initialised() => init,
            exit = self.process.exited() => self.init_after(exit).await,
            () = sleep(limit) => Init::Failed(init_timed_out(limit)),
        };
        match init {
            Init::Polled(duration) => Ok(duration),
            Init::Failed(error) => {
                // A runtime that reported an error is about to exit. What it still writes belongs to the report.
                let _ = timeout(GRACE, self.process.exited()).await;
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

    /// Waits until everything that an exited process sent has been read.
    async fn settle(&self) {
        // Another process may keep the connections open, such as a child of the function.
        let _ = timeout(IN_FLIGHT, self.server.idle()).await;
    }

    /// Offers the event to the process and waits for its outcome.
    pub(super) async fn deliver(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        tokio::select! {
            delivery = self.delivered(request_id, event, limit) => delivery,
            // The watch never completes first.
            () = self.process.memory().watch() => Delivery::Untaken(Exit::Unknown),
        }
    }

    async fn delivered(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        let Ticket {
            invocation_id,
            mut taken,
            mut answer,
        } = self.exchange.submit(request_id, event);
        let delivery = tokio::select! {
            biased;
            at = &mut taken => match at {
                Ok(at) => self.await_answer(at, &mut answer, limit).await,
                Err(_) => Delivery::Untaken(Exit::Unknown),
            },
            // The process may have taken the event and exited before this task got its turn.
            exit = self.process.exited() => match taken.try_recv() {
                Ok(at) => self.await_answer(at, &mut answer, limit).await,
                Err(_) => Delivery::Untaken(exit),
            },
            () = sleep(limit) => Delivery::TimedOut(limit),
        };
        self.exchange.close(request_id, &invocation_id);
        if let Delivery::Answered(answer, duration) = &delivery {
            self.finish(answer, limit.saturating_sub(*duration)).await;
        }
        if matches!(delivery, Delivery::TimedOut(_)) && self.mode.ends_at_timeout() {
            self.process.kill().await;
        }
        delivery
    }

    /// Waits until the function has finished an invocation that it has answered. Until then its output belongs to that
    /// invocation, such as its metrics.
    async fn finish(&self, answer: &Answer, left: Duration) {
        let done = async {
            tokio::select! {
                () = self.exchange.polled_after(answer) => {}
                _ = self.process.exited() => {}
            }
        };
        let _ = timeout(left, done).await;
    }

    async fn await_answer(
        &self,
        at: Instant,
        answer: &mut oneshot::Receiver<Answer>,
        limit: Duration,
    ) -> Delivery {
        let exit = tokio::select! {
            biased;
            Ok(answer) = &mut *answer => {
                let duration = answer.at - at;
                return Delivery::Answered(answer, duration);
            }
            exit = self.process.exited() => exit,
            () = sleep_until((at + limit).into()) => return Delivery::TimedOut(limit),
        };
        // An answer may still be on its way, and an answer that was sent counts.
        let ended = at.elapsed();
        self.settle().await;
        match answer.try_recv() {
            Ok(answer) => {
                let duration = answer.at - at;
                Delivery::Answered(answer, duration)
            }
            Err(_) => Delivery::Exited(exit, ended),
        }
    }

    pub(super) fn has_exited(&self) -> bool {
        self.process.has_exited()
    }

    pub(super) fn init_duration(&self) -> Duration {
        self.init_duration
    }

    /// Discards output since the last invocation, if it can belong to none.
    pub(super) fn forget_logs(&self) {
        if self.mode.max_concurrency() == 1 {
            self.logs.take();
        }
    }

    /// The process's output during the invocation.
    pub(super) fn take_logs(&self, request_id: &str) -> Vec<String> {
        match self.mode.max_concurrency() {
            1 => self.logs.take(),
            _ => self.logs.take_of(request_id),
        }
    }

    /// The peak memory of the process and its descendants so far, unless it has exited.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        (!self.process.has_exited()).then(|| self.process.memory().peak())?
    }

    /// Asks the process to exit, and waits until it has.
    pub(super) async fn end(&self) {
        Self::stop(&self.process).await;
    }

    /// Asks the process to exit, and kills it if it does not in time. Returns its exit code, if it has one.
    pub(super) async fn stop(process: &Process) -> Option<i32> {
        process.signal(Signal::TERM);
        match timeout(GRACE, process.exited()).await {
            Ok(Exit::Code(code)) => return Some(code),
            Ok(_) => {}
            Err(_) => process.kill().await,
        }
        None
    }
}

/// The command, with all output in one pipe to keep the order of lines, and the pipe's reader.
fn prepare(config: &Builder, number: u32, api: &RuntimeApi<'_>) -> io::Result<(Command, Arc<Logs>)> {
    let (reader, writer) = io::pipe()?;
    let logs = Logs::new(reader, config.sinks.of(number))?;
    let mut command = Command::new(&config.program);
    command.args(&config.args).stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    environment::apply(&mut command, config, api);
    Ok((command, Arc::new(logs)))
}

fn init_timed_out(limit: Duration) -> FunctionError {
    let seconds = limit.as_secs_f64();
    FunctionError::new(
        "Sandbox.Timedout",
        format!("the function did not poll for an event within {seconds:.2} seconds after its start"),
    )
}
