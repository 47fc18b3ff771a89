//! One execution environment: a process, the Runtime API it polls and the logs it writes. All three go together, so
//! that nothing a former process sends is taken for an answer of the next.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until, timeout};

use super::builder::{Builder, Mode};
use super::environment;
use super::logs::Logs;
use super::process::{Exit, Process, Signal};
use super::{FunctionError, InvokeEvent};
use crate::Error;
use crate::runtime_api::{Answer, Exchange, Init, Server, Ticket};
use crate::sync::{Owned, lock};

/// How long a process may take to end by itself, once it has reported that it cannot initialise or was asked to end.
const GRACE: Duration = Duration::from_secs(2);
/// How long what an ended process has sent may take to arrive.
const IN_FLIGHT: Duration = Duration::from_secs(1);

/// Where the current process can be found by those who do not hold the sandbox.
pub(super) type Current = Mutex<Option<Arc<Process>>>;

pub(super) struct Sandbox {
    mode: Mode,
    process: Arc<Process>,
    exchange: Arc<Exchange>,
    logs: Arc<Logs>,
    server: Server,
    _pump: Owned,
    init_duration: Duration,
}

/// What came of an event given to a sandbox.
pub(super) enum Delivery {
    /// The function answered.
    Answered(Answer, Duration),
    /// The process ended before it took the event: it may go to another.
    Untaken(Exit),
    /// The process ended over it.
    Exited(Exit, Duration),
    /// There was no answer in time. Unless others run in it, the process has been killed.
    TimedOut(Duration),
}

/// Why a sandbox did not come up.
pub(super) enum StartError {
    Io(Error),
    Init { error: FunctionError, logs: Vec<String> },
}

impl Sandbox {
    /// Starts a process, announces it in `current` and waits for its first poll.
    pub(super) async fn start(config: &Builder, current: &Current) -> Result<Self, StartError> {
        let mut sandbox = Self::spawn(config, current).await.map_err(StartError::Io)?;
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

    async fn spawn(config: &Builder, current: &Current) -> Result<Self, Error> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.map_err(|e| Error::io("cannot open a port for the Runtime API", e))?;
        let address = listener
            .local_addr()
            .map_err(|e| Error::io("cannot tell the port", e))?;
        let (command, logs) = prepare(config, address).map_err(|e| Error::io("cannot read the logs", e))?;
        // Up before the process is: its first poll must find somebody.
        let exchange = Arc::new(Exchange::new(&config.name, config.timeout));
        let server = Server::start(listener, Arc::clone(&exchange));
        exchange.begin();
        let process = Process::spawn(command);
        let what = || format!("cannot start {}", config.program.display());
        let process = Arc::new(process.map_err(|e| Error::io(what(), e))?);
        *lock(current) = Some(Arc::clone(&process));
        let pump = Arc::clone(&logs);
        let pump = Owned::spawn(async move { pump.pump().await });
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

    /// The time from the start of the process to its first poll, or why there is none.
    async fn initialise(&self, limit: Duration) -> Result<Duration, FunctionError> {
        let init = tokio::select! {
            // What the process said counts more than that it ended afterwards.
            biased;
            init = self.exchange.initialised() => init,
            exit = self.process.exited() => self.init_after(exit).await,
            () = sleep(limit) => Init::Failed(init_timed_out(limit)),
        };
        match init {
            Init::Polled(duration) => Ok(duration),
            Init::Failed(error) => {
                // A runtime that reported its error is about to end; what it still writes belongs to the report.
                let _ = timeout(GRACE, self.process.exited()).await;
                Err(error)
            }
        }
    }

    /// What a process that has ended said of its initialisation before.
    async fn init_after(&self, exit: Exit) -> Init {
        self.settle().await;
        let message = format!("Error: {exit}");
        self.exchange
            .init()
            .unwrap_or_else(|| Init::Failed(FunctionError::new("Runtime.ExitError", message)))
    }

    /// Waits until everything an ended process has sent is read.
    async fn settle(&self) {
        // Something else may hold the connections open, a process that the function has started for instance.
        let _ = timeout(IN_FLIGHT, self.server.idle()).await;
    }

    /// Gives the event to the process and waits for what comes of it.
    pub(super) async fn deliver(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        tokio::select! {
            delivery = self.delivered(request_id, event, limit) => delivery,
            // Never ends first.
            () = self.process.memory().watch() => Delivery::Untaken(Exit::Unknown),
        }
    }

    async fn delivered(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        let Ticket {
            mut taken,
            mut answer,
        } = self.exchange.submit(request_id, event);
        let delivery = tokio::select! {
            biased;
            at = &mut taken => match at {
                Ok(at) => self.await_answer(at, &mut answer, limit).await,
                Err(_) => Delivery::Untaken(Exit::Unknown),
            },
            // It may have taken the event and ended before this task got its turn.
            exit = self.process.exited() => match taken.try_recv() {
                Ok(at) => self.await_answer(at, &mut answer, limit).await,
                Err(_) => Delivery::Untaken(exit),
            },
            () = sleep(limit) => Delivery::TimedOut(limit),
        };
        self.exchange.close(request_id);
        if let Delivery::Answered(answer, duration) = &delivery {
            self.finish(answer, limit.saturating_sub(*duration)).await;
        }
        if matches!(delivery, Delivery::TimedOut(_)) && self.mode.ends_at_timeout() {
            self.process.kill().await;
        }
        delivery
    }

    /// Waits until the function is done with an invocation that it has answered: what it writes until then is of that
    /// invocation, its metrics for instance.
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
        // Its last words may still be on their way: an answer that was sent is an answer.
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

    /// Forgets what was written since the last invocation, if it can only be of none.
    pub(super) fn forget_logs(&self) {
        if self.mode.max_concurrency() == 1 {
            self.logs.take();
        }
    }

    /// What the process wrote during the invocation.
    pub(super) fn take_logs(&self, request_id: &str) -> Vec<String> {
        match self.mode.max_concurrency() {
            1 => self.logs.take(),
            _ => self.logs.take_of(request_id),
        }
    }

    /// Asks the process to end, kills it if it does not in time. Returns its exit code, if it has one.
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

/// The command, its output going to one pipe so that the order of lines stays, and the pipe's reader.
fn prepare(config: &Builder, address: SocketAddr) -> io::Result<(Command, Arc<Logs>)> {
    let (reader, writer) = io::pipe()?;
    let logs = Logs::new(reader, config.sinks.clone())?;
    let mut command = Command::new(&config.program);
    command.args(&config.args).stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    environment::apply(&mut command, config, address);
    Ok((command, Arc::new(logs)))
}

fn init_timed_out(limit: Duration) -> FunctionError {
    let seconds = limit.as_secs_f64();
    FunctionError::new(
        "Sandbox.Timedout",
        format!("the function did not poll for an event within {seconds:.2} seconds of its start"),
    )
}
