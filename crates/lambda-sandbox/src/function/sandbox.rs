//! One execution environment: the processes, the Runtime API they poll and the logs they write. They end together, so that no
//! answer of an earlier process is mistaken for one of the next.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until, timeout};

use super::builder::Mode;
use super::logs::Logs;
use super::process::Exit;
use super::processes::Processes;
use super::telling::status;
use super::{FunctionError, InvokeEvent, StreamSink};
use crate::runtime_api::{Answer, Exchange, Server, ShutdownReason, Ticket};
use crate::sync::AbortOnDrop;

/// How long to wait for what an exited process has sent.
const IN_FLIGHT: Duration = Duration::from_secs(1);

/// How long a caller who waits for the answer alone may wait for the function to be ready for the next event. That takes most functions
/// less than a millisecond, and a caller who comes again at once then finds the environment free.
const NEXT_POLL: Duration = Duration::from_millis(100);

/// Where callers without the sandbox find the current processes.
pub(super) type Current = Mutex<Option<Arc<Processes>>>;

pub(super) struct Sandbox {
    pub(super) mode: Mode,
    pub(super) processes: Arc<Processes>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) logs: Arc<Logs>,
    pub(super) server: Server,
    pub(super) _pump: AbortOnDrop,
    pub(super) init_duration: Duration,
    /// Whether the next report of telemetry is the first one, which has the duration of the initialisation.
    pub(super) reports_init: AtomicBool,
}

/// What became of an event that was offered to a sandbox.
pub(super) enum Delivery {
    /// The function answered.
    Answered(Answer, Duration),
    /// The process exited before it took the event. Another process may get it.
    Untaken(Exit),
    /// The process exited during the invocation.
    Exited(Exit, Duration),
    /// An extension failed during the invocation.
    ExtensionFailed(FunctionError, Duration),
    /// The invocation timed out. Unless others run in them, the processes have been killed or are being shut down.
    TimedOut(Duration),
}

impl Sandbox {
    /// Waits until everything that an exited process sent has been read.
    pub(super) async fn settle(&self) {
        // Another process may keep the connections open, such as a child of the function.
        let _ = timeout(IN_FLIGHT, self.server.idle()).await;
    }

    /// Offers the event to the process and waits for its outcome.
    pub(super) async fn deliver(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        let Some(process) = self.processes.runtime() else {
            return Delivery::Untaken(Exit::Unknown);
        };
        tokio::select! {
            delivery = self.delivered(request_id, event, limit) => delivery,
            // The watch never completes first.
            () = process.memory().watch() => Delivery::Untaken(Exit::Unknown),
        }
    }

    async fn delivered(&self, request_id: &str, event: InvokeEvent, limit: Duration) -> Delivery {
        let sink = event.sink.clone();
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
            exit = self.exited() => match taken.try_recv() {
                Ok(at) => self.await_answer(at, &mut answer, limit).await,
                Err(_) => Delivery::Untaken(exit),
            },
            error = self.exchange.extensions.failed() => Delivery::ExtensionFailed(error, Duration::ZERO),
            () = sleep(limit) => Delivery::TimedOut(limit),
        };
        self.exchange.close(request_id, &invocation_id);
        let failure = match &delivery {
            Delivery::Answered(answer, duration) => {
                self.finish(request_id, answer, *duration, limit, sink).await
            }
            Delivery::TimedOut(_) if !self.mode.ends_at_timeout() => None,
            Delivery::TimedOut(_) => Some(ShutdownReason::Timeout),
            Delivery::Exited(..) | Delivery::Untaken(_) | Delivery::ExtensionFailed(..) => {
                self.has_extensions().then_some(ShutdownReason::Failure)
            }
        };
        self.report(request_id, &delivery, failure);
        if let Some(reason) = failure {
            self.fail(reason).await;
        }
        delivery
    }

    /// Ends the processes after a failed invocation, whose caller does not wait for extensions to end.
    async fn fail(&self, reason: ShutdownReason) {
        if !self.has_extensions() {
            return self.processes.kill().await;
        }
        let processes = Arc::clone(&self.processes);
        processes.begin_to_end(reason);
        tokio::spawn(async move { processes.end(reason).await });
    }

    /// Waits until the function's process exits.
    async fn exited(&self) -> Exit {
        match self.processes.runtime() {
            Some(process) => process.exited().await,
            None => Exit::Unknown,
        }
    }

    /// Waits until the function and its extensions have finished an invocation that has been answered. Until then their output
    /// belongs to that invocation, such as its metrics. A caller who does not wait for that gets the answer through `sink`.
    /// Returns why the environment cannot go on, if it cannot.
    async fn finish(
        &self,
        request_id: &str,
        answer: &Answer,
        taken: Duration,
        limit: Duration,
        sink: Option<StreamSink>,
    ) -> Option<ShutdownReason> {
        let done = async {
            let polled = timeout(NEXT_POLL, self.exchange.polled_after(answer)).await;
            if let Some(sink) = sink.filter(|_| polled.is_err() || self.exchange.extensions.are_busy()) {
                sink.answered(answer.result.clone(), answer.mode.clone());
            }
            self.exchange.polled_after(answer).await;
            self.report_runtime(request_id, &status(answer), answer.at - taken, answer.buffered());
            self.exchange.extensions.all_finished().await;
        };
        tokio::select! {
            biased;
            () = done => None,
            _ = self.exited() => self.has_extensions().then_some(ShutdownReason::Failure),
            _ = self.exchange.extensions.failed() => Some(ShutdownReason::Failure),
            // A function without extensions is ended when it does not take the next event in time.
            () = sleep(limit.saturating_sub(taken)) => self.has_extensions().then_some(ShutdownReason::Timeout),
        }
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
            exit = self.exited() => exit,
            error = self.exchange.extensions.failed() => {
                return Delivery::ExtensionFailed(error, at.elapsed());
            }
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

    /// Whether it can run no further invocation.
    pub(super) fn is_over(&self) -> bool {
        self.processes.are_over()
    }

    pub(super) fn has_extensions(&self) -> bool {
        self.processes.have_extensions()
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

    /// The output of all processes during the invocation.
    pub(super) fn take_logs(&self, request_id: &str) -> Vec<String> {
        match self.mode.max_concurrency() {
            1 => {
                self.processes.settle();
                self.logs.take()
            }
            _ => self.logs.take_of(request_id),
        }
    }

    /// The peak memory of the processes and their descendants so far, unless the function has exited.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        self.processes.peak_memory()
    }

    /// Asks the processes to exit, and waits until they have.
    pub(super) async fn end(&self, reason: ShutdownReason) {
        self.processes.end(reason).await;
    }
}
