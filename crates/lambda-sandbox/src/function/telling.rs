//! What subscribers of telemetry learn of an invocation.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::ResponseMode;
use super::sandbox::{Delivery, Sandbox};
use crate::runtime_api::{Answer, Event, ShutdownReason, Status};

/// How the function answered.
pub(super) fn status(answer: &Answer) -> Status {
    match &answer.result {
        Ok(_) => Status::Success,
        Err(error) => Status::Error(error.error_type.clone()),
    }
}

impl Sandbox {
    /// Reports that the function has finished an invocation that it took at `begun`. `reply` is the reply, unless it was streamed
    /// or is an error.
    pub(super) fn report_runtime(
        &self,
        request_id: &str,
        status: &Status,
        begun: Instant,
        reply: Option<&Bytes>,
    ) {
        self.told_lines();
        self.exchange.telemetry.report(|| Event::RuntimeDone {
            request_id: request_id.to_owned(),
            status: status.clone(),
            duration: begun.elapsed(),
            produced: reply.map(Bytes::len),
        });
    }

    /// Reports the end of an invocation, and what the function has not come to.
    pub(super) fn report(&self, request_id: &str, delivery: &Delivery, failure: Option<ShutdownReason>) {
        let (status, duration, is_done) = match delivery {
            Delivery::Answered(answer, taken) => {
                let duration = (answer.at - *taken).elapsed();
                match failure {
                    Some(ShutdownReason::Timeout) => (Status::Timeout, duration, true),
                    _ => (status(answer), duration, true),
                }
            }
            Delivery::TimedOut(limit) => (Status::Timeout, *limit, false),
            Delivery::Exited(exit, duration) => {
                self.fault(request_id, &format!("Error: {exit}\nRuntime.ExitError"));
                (Status::Failure("Runtime.ExitError".to_owned()), *duration, false)
            }
            Delivery::ExtensionFailed(error, duration) => {
                self.fault(request_id, &format!("{}\n{}", error.message, error.error_type));
                (Status::Failure(error.error_type.clone()), *duration, false)
            }
            // It has not begun.
            Delivery::Untaken(_) => return,
        };
        self.told_lines();
        if !is_done {
            self.exchange.telemetry.report(|| Event::RuntimeDone {
                request_id: request_id.to_owned(),
                status: status.clone(),
                duration,
                produced: None,
            });
        }
        self.ended(request_id, status, duration);
    }

    /// Reports the lines first that have been written so far.
    fn told_lines(&self) {
        if self.exchange.telemetry.is_wanted() && self.mode.max_concurrency() == 1 {
            self.processes.settle();
        }
    }

    fn fault(&self, request_id: &str, text: &str) {
        let fault = || Event::Fault(format!("RequestId: {request_id} {text}"));
        self.exchange.telemetry.report(fault);
    }

    fn ended(&self, request_id: &str, status: Status, duration: Duration) {
        let telemetry = &self.exchange.telemetry;
        let is_first = self.reports_init.swap(false, Ordering::Relaxed);
        telemetry.report(|| Event::End {
            request_id: request_id.to_owned(),
        });
        telemetry.report(|| Event::Report {
            request_id: request_id.to_owned(),
            status,
            duration,
            init: is_first.then_some(self.init_duration),
            peak_memory: self.peak_memory(),
        });
    }
}

impl Answer {
    /// The reply, if it came in one piece.
    pub(super) fn buffered(&self) -> Option<&Bytes> {
        let is_buffered = self.mode == ResponseMode::Buffered;
        self.result.as_ref().ok().filter(|_| is_buffered)
    }
}
