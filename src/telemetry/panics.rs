//! Panics as log lines of the invocation and the record they happen in.

use crate::error::panic_message;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::set_hook;

/// In the place of the standard library's words on standard error, which are several lines, say nothing of the invocation,
/// and get into other threads' lines.
pub(super) fn log() {
    set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        let backtrace = backtrace();
        let error = panic_message(panic.payload());
        tracing::error!(location, backtrace, error, "panicked");
    }));
}

/// As `RUST_BACKTRACE` wants it.
fn backtrace() -> Option<String> {
    let backtrace = Backtrace::capture();
    (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string())
}
