//! Log lines on standard output, where Lambda collects them.

use super::lazy::{Lazy, Writer};
use crate::error::Error;
use std::env::VarError;
use std::io::IsTerminal;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

/// Sends `tracing` events to standard output, as the environment says:
///
/// | variable | values | default |
/// |---|---|---|
/// | `AWS_LAMBDA_LOG_FORMAT` | `JSON`, `Text` | `Text` |
/// | `AWS_LAMBDA_LOG_LEVEL` | `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL` | `RUST_LOG` |
/// | `RUST_LOG` | directives such as `info,my_function=debug` | `info` |
///
/// The first two are Lambda's advanced logging controls (Lambda Developer Guide, “Configuring advanced logging
/// controls for Lambda functions”).
///
/// # Errors
///
/// A variable that holds anything else: the error names it, its value and what is allowed. A subscriber that is
/// already installed is kept, and is no error.
pub fn init() -> Result<(), Error> {
    let filter = filter()?;
    let lines: fn() -> Writer = match variable("AWS_LAMBDA_LOG_FORMAT")?.as_deref() {
        Some("JSON") => json_lines,
        None | Some("Text") => text_lines,
        Some(other) => return invalid("AWS_LAMBDA_LOG_FORMAT", other, "`JSON` or `Text`"),
    };
    // Fails only where the application has installed a subscriber of its own, which then is the one to keep.
    let _ = Lazy::new(filter, lines).try_init();
    Ok(())
}

fn json_lines() -> Writer {
    let layer = fmt::layer().json().flatten_event(true).with_current_span(false);
    Box::new(registry().with(layer))
}

fn text_lines() -> Writer {
    let layer = fmt::layer().without_time();
    Box::new(registry().with(layer.with_ansi(std::io::stdout().is_terminal())))
}

fn filter() -> Result<Targets, Error> {
    let Some(value) = variable("AWS_LAMBDA_LOG_LEVEL")? else {
        return directives();
    };
    let level = match value.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        // Lambda has a level above ERROR, `tracing` has none.
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => {
            let allowed = "one of `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`";
            return invalid("AWS_LAMBDA_LOG_LEVEL", &value, allowed);
        }
    };
    Ok(Targets::new().with_default(level))
}

fn directives() -> Result<Targets, Error> {
    match variable("RUST_LOG")? {
        None => Ok(Targets::new().with_default(LevelFilter::INFO)),
        Some(text) => text.parse().or_else(|_| {
            invalid(
                "RUST_LOG",
                &text,
                "directives such as `info` or `info,my_function=debug`",
            )
        }),
    }
}

/// An empty variable is as good as none.
fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => invalid(name, &value.to_string_lossy(), "text in UTF-8"),
    }
}

fn invalid<T>(variable: &'static str, value: &str, allowed: &str) -> Result<T, Error> {
    Err(Error::configuration(variable, Some(value.to_owned()), allowed))
}
