//! What `run` shows of a function and its execution environments.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_sandbox::{Builder, Finished, StartedEnvironment};
use serde_json::json;

use super::super::json;
use super::super::output::{self, BAD, DIM, Show};
use super::super::render::{Summary, harmless};
use crate::console::Recorder;
use crate::deliver::milliseconds;
use crate::sync::lock;

/// Says that an execution environment was ended after this much time.
pub(super) fn idle(show: Show, timeout: Duration) -> impl Fn(u32) + Send + Sync + 'static {
    let seconds = timeout.as_secs();
    move |environment| match show {
        Show::Json => json::print(&json!({"type": "idle", "environment": environment, "seconds": seconds})),
        Show::Text => output::note(&format!(
            "{DIM}environment {environment} was ended after {seconds} s without an invocation (see --idle-timeout){DIM:#}"
        )),
        Show::Raw => {}
    }
}

/// Says that an execution environment runs, how long its initialisation took, and which log stream is its: from the second one on, and
/// then of the first too.
pub(super) fn started(show: Show) -> impl Fn(&StartedEnvironment<'_>) + Send + Sync + 'static {
    let unsaid = Mutex::new(Some(Vec::new()));
    move |started| match show {
        Show::Json => json::print(&json!({
            "type": "environment",
            "environment": started.environment,
            "log_stream": started.log_stream,
            "init_ms": milliseconds(started.init_duration),
        })),
        Show::Text => {
            let mut unsaid = lock(&unsaid);
            let said = environment_line(started);
            match &mut *unsaid {
                Some(first) if started.environment == 1 => *first = vec![said],
                _ => {
                    let first = unsaid.take().unwrap_or_default();
                    first.iter().chain([&said]).for_each(|line| output::note(line));
                }
            }
        }
        Show::Raw => {}
    }
}

fn environment_line(started: &StartedEnvironment<'_>) -> String {
    let (number, stream) = (started.environment, harmless(started.log_stream));
    let init = output::readable(started.init_duration);
    format!("{DIM}environment {number} was initialised in {init}, log stream {stream}{DIM:#}")
}

/// A function whose output is shown like this, and whose invocations are kept by `recorder`.
pub(in crate::cli) fn built(
    builder: Builder,
    memory_mb: u32,
    show: Show,
    live: &Arc<AtomicBool>,
    recorder: Option<Arc<Recorder>>,
) -> Builder {
    let (builder, show_end) = match show {
        Show::Raw => (builder.on_output(output::raw_line), None),
        Show::Text => shown(builder, memory_mb, live),
        Show::Json => as_json(builder, memory_mb, live),
    };
    if show_end.is_none() && recorder.is_none() {
        return builder;
    }
    builder.on_end(move |finished| {
        let has_failed = recorder.as_ref().is_some_and(|recorder| recorder.record(finished));
        if has_failed {
            output::note(&format!(
                "{BAD}error{BAD:#}: an event could not be written to the file of --record; no more are written"
            ));
        }
        if let Some(show) = &show_end {
            show(finished);
        }
    })
}

/// Shows a finished invocation.
type ShowEnd = Option<Box<dyn Fn(&Finished<'_>) + Send + Sync>>;

/// A function whose lines and summaries are shown while `live` is set. They name the execution environment as soon as there is a
/// second one.
fn shown(builder: Builder, memory: u32, live: &Arc<AtomicBool>) -> (Builder, ShowEnd) {
    let (lines, ends) = (Arc::clone(live), Arc::clone(live));
    let several = Arc::new(AtomicBool::new(false));
    let (of_lines, of_ends) = (Arc::clone(&several), several);
    let builder = builder.on_environment_log(move |number, line| {
        let number = named(number, &of_lines).map(|number| number.to_string());
        if lines.load(Ordering::Relaxed) {
            output::log_of(number.as_deref().unwrap_or_default(), line);
        }
    });
    let end = move |finished: &Finished<'_>| {
        let environment = named(finished.environment, &of_ends);
        if ends.load(Ordering::Relaxed) {
            let summary = Summary {
                environment,
                ..Summary::of(finished, memory)
            };
            output::note(&summary.text());
        }
    };
    (builder, Some(Box::new(end)))
}

/// A function whose lines and invocations are printed as objects while `live` is set.
fn as_json(builder: Builder, memory: u32, live: &Arc<AtomicBool>) -> (Builder, ShowEnd) {
    let (lines, ends) = (Arc::clone(live), Arc::clone(live));
    let builder = builder.on_environment_log(move |environment, line| {
        if lines.load(Ordering::Relaxed) {
            json::print(&json!({"type": "log", "environment": environment, "line": line}));
        }
    });
    let end = move |finished: &Finished<'_>| {
        if ends.load(Ordering::Relaxed) {
            let mut object = json::summary(&Summary::of(finished, memory));
            object["type"] = "invocation".into();
            object["environment"] = finished.environment.into();
            json::print(&object);
        }
    };
    (builder, Some(Box::new(end)))
}

/// The number of an execution environment, if there are several.
fn named(number: u32, several: &AtomicBool) -> Option<u32> {
    if number > 1 {
        several.store(true, Ordering::Relaxed);
    }
    several.load(Ordering::Relaxed).then_some(number)
}
