//! Log lines on standard output, where Lambda collects them.

use super::line::Format;
use super::scope::{in_record, record};
use super::settings::{Settings, invalid, variable};
use super::subscriber::{Filter, LogSubscriber};
use crate::error::Error;
use crate::panics;
use std::io::IsTerminal;
use std::sync::Arc;
use tracing_subscriber::filter::LevelFilter;

/// Sends `tracing` events to standard output, as the environment says; [`telemetry`](crate::telemetry) lists the
/// variables.
///
/// # Errors
///
/// A variable has an invalid value: the error has its name, its value and what is allowed. A subscriber that is already
/// installed is kept, which is not an error.
pub fn init() -> Result<(), Error> {
    let filter = filter()?;
    let format = match variable("AWS_LAMBDA_LOG_FORMAT")?.as_deref() {
        Some("JSON") => Format::Json,
        None | Some("Text") => Format::Text {
            colour: std::io::stdout().is_terminal(),
        },
        Some(other) => return invalid("AWS_LAMBDA_LOG_FORMAT", other, "`JSON` or `Text`"),
    };
    let settings = Settings::from_env()?.install();
    settings.traces.make_global();
    // Fails only if the application has installed its own subscriber, which is then kept.
    let logs = LogSubscriber::new(Arc::clone(&settings), filter, format);
    if tracing::subscriber::set_global_default(logs).is_ok() {
        panics::log(|| {
            let record = record();
            Box::new(move |tell| in_record(record, tell))
        });
    }
    Ok(())
}

fn filter() -> Result<Filter, Error> {
    let Some(value) = variable("AWS_LAMBDA_LOG_LEVEL")? else {
        return directives();
    };
    let level = match value.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        // Lambda has a level above ERROR; `tracing` does not.
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => {
            let allowed = "one of `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`";
            return invalid("AWS_LAMBDA_LOG_LEVEL", &value, allowed);
        }
    };
    Ok(Filter::Level(level))
}

fn directives() -> Result<Filter, Error> {
    match variable("RUST_LOG")? {
        None => Ok(Filter::Level(LevelFilter::INFO)),
        Some(text) => text
            .parse()
            .map(|targets| Filter::Targets(Box::new(targets)))
            .or_else(|_| {
                invalid(
                    "RUST_LOG",
                    &text,
                    "directives such as `info` or `info,my_function=debug`",
                )
            }),
    }
}
