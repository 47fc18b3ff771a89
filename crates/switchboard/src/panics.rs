//! Catches panics, and logs each once.
//!
//! A panic that fails a record or a request is part of that failure's log line. For any other panic (one that the
//! application catches, or that ends a task of its own), the panic hook writes a line.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::pin::Pin;
use tracing::Span;

/// What a panic on this thread will be reported by.
enum PanicWatch {
    Unwatched,
    /// A caller that logs it.
    Waiting,
    /// There was a panic, but it is not known yet where it is caught.
    Reported(Box<PanicReport>),
}

thread_local! {
    static WATCH: Cell<PanicWatch> = const { Cell::new(PanicWatch::Unwatched) };
}

/// Writes a line in the scope that it belongs to, such as that of a record.
pub(crate) type InScope = Box<dyn FnOnce(&dyn Fn())>;

/// A panic as the hook sees it.
struct PanicReport {
    error: String,
    location: Option<String>,
    backtrace: Option<String>,
    span: Span,
    around: InScope,
}

impl PanicReport {
    fn of(panic: &PanicHookInfo<'_>, around: InScope) -> Self {
        Self {
            error: panic_message(panic.payload()).to_owned(),
            location: panic.location().map(ToString::to_string),
            backtrace: backtrace(),
            span: Span::current(),
            around,
        }
    }

    fn write_line(self) {
        let Self {
            error,
            location,
            backtrace,
            span,
            around,
        } = self;
        let write = || tracing::error!(location, backtrace, error, "panicked");
        around(&|| span.in_scope(write));
    }
}

/// Replaces the standard library's output on standard error, which has several lines, does not name the invocation, and
/// mixes with the lines of other threads. `around` is called at the panic and returns the scope of its line.
pub(crate) fn log(around: fn() -> InScope) {
    set_hook(Box::new(move |panic| {
        if let Some(report) = note(Box::new(PanicReport::of(panic, around()))) {
            report.write_line();
        }
    }));
}

/// The panic to log at once: one that no caller waits for, or an earlier one, which the application has caught.
fn note(report: Box<PanicReport>) -> Option<Box<PanicReport>> {
    let mut report = Some(report);
    let earlier = WATCH.try_with(|watch| match watch.replace(PanicWatch::Unwatched) {
        PanicWatch::Unwatched => None,
        PanicWatch::Waiting => {
            watch.set(report.take().map_or(PanicWatch::Waiting, PanicWatch::Reported));
            None
        }
        PanicWatch::Reported(earlier) => {
            watch.set(report.take().map_or(PanicWatch::Waiting, PanicWatch::Reported));
            Some(earlier)
        }
    });
    earlier.ok().flatten().or(report)
}

/// If `RUST_BACKTRACE` asks for it.
fn backtrace() -> Option<String> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}

/// A panic that was caught. The code that has it must log it.
pub(crate) struct Panic {
    message: String,
    location: Option<String>,
    backtrace: Option<String>,
    /// The span in which it happened, whose fields belong to the line.
    span: Span,
}

impl Panic {
    /// The same panic with another message.
    pub(crate) fn saying(self, message: &str) -> Self {
        Self {
            message: message.to_owned(),
            ..self
        }
    }

    /// The panic's message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Where it happened, if the hook of [`log`] is installed.
    pub(crate) fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// Resumes the panic.
    #[cfg(feature = "idempotency")]
    pub(crate) fn resume(self) -> ! {
        std::panic::resume_unwind(Box::new(self))
    }

    pub(crate) fn backtrace(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic")
            .field("message", &self.message)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// Calls `call`.
///
/// # Errors
/// It panicked.
pub(crate) fn catch<R>(call: impl FnOnce() -> R) -> Result<R, Panic> {
    let around = WATCH.replace(PanicWatch::Waiting);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    let report = match WATCH.replace(around) {
        PanicWatch::Reported(report) => Some(report),
        PanicWatch::Unwatched | PanicWatch::Waiting => None,
    };
    match (outcome, report) {
        (Ok(value), None) => Ok(value),
        (Ok(value), Some(caught_inside)) => {
            caught_inside.write_line();
            Ok(value)
        }
        (Err(panic), report) => Err(match panic.downcast::<Panic>() {
            Ok(resumed) => *resumed,
            Err(panic) => caught(panic_message(&*panic), report),
        }),
    }
}

#[cold]
fn caught(message: &str, report: Option<Box<PanicReport>>) -> Panic {
    let message = message.to_owned();
    match report {
        Some(report) => Panic {
            message,
            location: report.location,
            backtrace: report.backtrace,
            span: report.span,
        },
        None => Panic {
            message,
            location: None,
            backtrace: None,
            span: Span::none(),
        },
    }
}

/// Waits for `work`.
///
/// # Errors
/// It panicked.
pub(crate) async fn catching<F: Future>(mut work: Pin<&mut F>) -> Result<F::Output, Panic> {
    poll_fn(|cx| match catch(|| work.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}

/// A panic's message.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .or_else(|| panic.downcast_ref::<Panic>().map(Panic::message))
        .unwrap_or("no message")
}
