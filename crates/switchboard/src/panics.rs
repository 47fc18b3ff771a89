//! Panics: caught, and noted so that each is logged once.
//!
//! A panic that fails a record or a request stands in the line that tells of that failure. Of any other, one that the
//! application catches or that ends a task of its own, the panic hook writes a line.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::pin::Pin;
use tracing::Span;

/// Who waits for a panic on this thread.
enum PanicWatch {
    Nobody,
    /// Somebody who tells of it.
    Waiting,
    /// There was one. It is not known yet who catches it.
    Noted(Box<Noted>),
}

thread_local! {
    static WATCH: Cell<PanicWatch> = const { Cell::new(PanicWatch::Nobody) };
}

/// Writes a line in what it belongs to: the scope of a record, say.
pub(crate) type InScope = Box<dyn FnOnce(&dyn Fn())>;

/// A panic as the hook sees it.
struct Noted {
    error: String,
    location: Option<String>,
    backtrace: Option<String>,
    span: Span,
    around: InScope,
}

impl Noted {
    fn of(panic: &PanicHookInfo<'_>, around: InScope) -> Self {
        Self {
            error: panic_message(panic.payload()).to_owned(),
            location: panic.location().map(ToString::to_string),
            backtrace: backtrace(),
            span: Span::current(),
            around,
        }
    }

    fn tell(self) {
        let Self {
            error,
            location,
            backtrace,
            span,
            around,
        } = self;
        let tell = || tracing::error!(location, backtrace, error, "panicked");
        around(&|| span.in_scope(tell));
    }
}

/// In the place of the standard library's words on standard error, which are several lines, say nothing of the invocation,
/// and get into other threads' lines. `around` is asked at the panic what its line belongs to.
pub(crate) fn log(around: fn() -> InScope) {
    set_hook(Box::new(move |panic| {
        if let Some(noted) = note(Box::new(Noted::of(panic, around()))) {
            noted.tell();
        }
    }));
}

/// What is to be told at once: what nobody waits for, or an earlier panic, which the application has caught.
fn note(noted: Box<Noted>) -> Option<Box<Noted>> {
    let mut noted = Some(noted);
    let earlier = WATCH.try_with(|watch| match watch.replace(PanicWatch::Nobody) {
        PanicWatch::Nobody => None,
        PanicWatch::Waiting => {
            watch.set(noted.take().map_or(PanicWatch::Waiting, PanicWatch::Noted));
            None
        }
        PanicWatch::Noted(earlier) => {
            watch.set(noted.take().map_or(PanicWatch::Waiting, PanicWatch::Noted));
            Some(earlier)
        }
    });
    earlier.ok().flatten().or(noted)
}

/// As `RUST_BACKTRACE` wants it.
fn backtrace() -> Option<String> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}

/// A panic that was caught: whoever has it tells of it.
pub(crate) struct Panic {
    message: String,
    location: Option<String>,
    backtrace: Option<String>,
    /// Where it happened: its fields belong to the line.
    span: Span,
}

impl Panic {
    /// The same, told in other words.
    pub(crate) fn saying(self, message: &str) -> Self {
        Self {
            message: message.to_owned(),
            ..self
        }
    }

    /// What it said.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Where it happened, if the hook of [`log`] is installed.
    pub(crate) fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// Goes on with it, to whoever catches it next.
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
    let noted = match WATCH.replace(around) {
        PanicWatch::Noted(noted) => Some(noted),
        PanicWatch::Nobody | PanicWatch::Waiting => None,
    };
    match (outcome, noted) {
        (Ok(value), None) => Ok(value),
        (Ok(value), Some(caught_inside)) => {
            caught_inside.tell();
            Ok(value)
        }
        (Err(panic), noted) => Err(match panic.downcast::<Panic>() {
            Ok(resumed) => *resumed,
            Err(panic) => caught(panic_message(&*panic), noted),
        }),
    }
}

#[cold]
fn caught(message: &str, noted: Option<Box<Noted>>) -> Panic {
    let message = message.to_owned();
    match noted {
        Some(noted) => Panic {
            message,
            location: noted.location,
            backtrace: noted.backtrace,
            span: noted.span,
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

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .or_else(|| panic.downcast_ref::<Panic>().map(Panic::message))
        .unwrap_or("no message")
}
