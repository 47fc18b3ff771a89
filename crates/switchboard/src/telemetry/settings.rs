//! The settings of telemetry in the environment.

use super::metrics::MetricsSettings;
use super::traces::Traces;
use crate::error::Error;
use std::env::VarError;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

/// The settings of the process, once [`init`](super::init) has read them.
static SETTINGS: OnceLock<Arc<Settings>> = OnceLock::new();

/// The largest buffer of an invocation's debug lines, in bytes.
const MAX_BUFFER: usize = 1024 * 1024;

/// Writes whole lines to where they are collected.
pub(super) type Output = Box<dyn Fn(&[u8]) + Send + Sync>;

/// What is the same for all invocations of a process.
pub(crate) struct Settings {
    pub(super) service: String,
    pub(super) function_name: String,
    /// The share of invocations whose debug lines are written.
    pub(super) sample_rate: f64,
    /// How many bytes of debug lines an invocation buffers in case it fails.
    pub(super) buffer: usize,
    /// Whether lines are written again when an execution is replayed.
    #[cfg(feature = "durable")]
    pub(super) replays: bool,
    pub(super) metrics: Option<MetricsSettings>,
    pub(super) traces: Traces,
    pub(super) output: Output,
}

impl Settings {
    /// # Errors
    /// A variable has an invalid value.
    pub(super) fn from_env() -> Result<Self, Error> {
        let rate = bounded("POWERTOOLS_LOGGER_SAMPLE_RATE", 0.0..=1.0, "a number from 0 to 1")?;
        let allowed = "a whole number of bytes up to 1048576";
        let buffer = bounded("SWITCHBOARD_LOG_BUFFER_MAX_BYTES", 0..=MAX_BUFFER, allowed)?;
        let function_name = variable("AWS_LAMBDA_FUNCTION_NAME")?.unwrap_or_default();
        let service = variable("POWERTOOLS_SERVICE_NAME")?.unwrap_or_else(|| function_name.clone());
        Ok(Self {
            traces: Traces::from_env(&service)?,
            service,
            function_name,
            sample_rate: rate.unwrap_or(0.0),
            buffer: buffer.unwrap_or(0),
            #[cfg(feature = "durable")]
            replays: bounded("SWITCHBOARD_LOG_REPLAYS", false..=true, "true or false")?.unwrap_or(false),
            metrics: MetricsSettings::from_env()?,
            output: Box::new(to_stdout),
        })
    }

    /// Makes them the settings of the process, unless it has some already.
    pub(super) fn install(self) -> Arc<Self> {
        Arc::clone(SETTINGS.get_or_init(|| Arc::new(self)))
    }

    /// The settings of the process; `None` without [`init`](super::init).
    pub(super) fn current() -> Option<Arc<Self>> {
        SETTINGS.get().map(Arc::clone)
    }

    /// Everything is off.
    #[cfg(all(test, feature = "otel"))]
    pub(super) fn off() -> Self {
        Self {
            service: String::new(),
            function_name: String::new(),
            sample_rate: 0.0,
            buffer: 0,
            #[cfg(feature = "durable")]
            replays: false,
            metrics: None,
            traces: Traces::OFF,
            output: Box::new(|_| {}),
        }
    }

    /// Whether some invocations write more than the level allows.
    pub(super) fn looks_deeper(&self) -> bool {
        self.sample_rate > 0.0 || self.buffer > 0
    }
}

/// Writes one line at a time, so that none is torn. A failure cannot be reported anywhere.
fn to_stdout(line: &[u8]) {
    use std::io::Write as _;
    let _ = std::io::stdout().lock().write_all(line);
}

fn bounded<T>(name: &'static str, range: RangeInclusive<T>, allowed: &str) -> Result<Option<T>, Error>
where
    T: FromStr + PartialOrd,
{
    let Some(text) = variable(name)? else {
        return Ok(None);
    };
    match text.parse().ok().filter(|value| range.contains(value)) {
        Some(value) => Ok(Some(value)),
        None => invalid(name, &text, allowed),
    }
}

/// An empty variable counts as not set.
pub(super) fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => invalid(name, &value.to_string_lossy(), "text in UTF-8"),
    }
}

pub(super) fn invalid<T>(variable: &'static str, value: &str, allowed: &str) -> Result<T, Error> {
    Err(Error::configuration(variable, Some(value.to_owned()), allowed))
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}
