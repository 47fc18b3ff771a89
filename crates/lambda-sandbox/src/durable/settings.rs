//! How a durable execution service runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::faults::DurableFaults;
use crate::{Builder, Function};

/// Settings of a [`Durable`](crate::Durable) service.
///
/// ```
/// use lambda_sandbox::DurableSettings;
/// use std::time::Duration;
///
/// let fast = DurableSettings::new().time_scale(60.0).execution_timeout(Duration::from_secs(900));
/// # let _ = fast;
/// ```
pub struct DurableSettings {
    pub(super) time_scale: f64,
    pub(super) execution_timeout: Option<Duration>,
    pub(super) others: Vec<Other>,
    pub(super) seed: Option<u64>,
    pub(super) faults: Option<Arc<dyn DurableFaults>>,
}

/// Another function, for chained invokes.
pub(super) struct Other {
    pub(super) function: Arc<Function>,
    pub(super) is_durable: bool,
}

impl Default for DurableSettings {
    fn default() -> Self {
        Self {
            time_scale: 1.0,
            execution_timeout: None,
            others: Vec::new(),
            seed: None,
            faults: None,
        }
    }
}

impl DurableSettings {
    /// The defaults: time runs as it does, and executions have no timeout.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets time run this many times as fast, for waits, retries and timeouts of executions and callbacks. Timeouts of
    /// invocations stay as they are. What is not a positive number counts as 1.
    #[must_use]
    pub fn time_scale(mut self, scale: f64) -> Self {
        self.time_scale = Some(scale)
            .filter(|scale| scale.is_finite() && *scale > 0.0)
            .unwrap_or(1.0);
        self
    }

    /// Sets after how long an execution times out: `ExecutionTimeout` of a function's `DurableConfig`.
    #[must_use]
    pub fn execution_timeout(mut self, timeout: Duration) -> Self {
        self.execution_timeout = Some(timeout);
        self
    }

    /// Makes the ids of executions and callbacks from this seed: the same calls then get the same ids.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Lets go wrong what `faults` decides.
    #[must_use]
    pub fn faults(mut self, faults: Arc<dyn DurableFaults>) -> Self {
        self.faults = Some(faults);
        self
    }

    /// Adds another durable function. Chained invokes and calls of the Invoke API find it by its name; those with any other name
    /// invoke the service's own function.
    #[must_use]
    pub fn durable_function(mut self, function: Arc<Function>) -> Self {
        self.others.push(Other {
            function,
            is_durable: true,
        });
        self
    }

    /// Adds another function that is not durable.
    #[must_use]
    pub fn plain_function(mut self, function: Arc<Function>) -> Self {
        self.others.push(Other {
            function,
            is_durable: false,
        });
        self
    }

    /// The other function of this name or ARN, with or without a version.
    pub(super) fn other(&self, function: &str) -> Option<&Other> {
        let name = function.rsplit("function:").next().unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default();
        self.others.iter().find(|other| other.function.name() == name)
    }
}

/// Variables and files by which the SDKs of AWS find credentials.
const CREDENTIALS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

impl Builder {
    /// Makes the function a durable one, whose calls of Lambda go to this address: that of a [`Gateway`](crate::Gateway) with a
    /// [`Durable`](crate::Durable) service.
    ///
    /// `AWS_ENDPOINT_URL_LAMBDA` is set, and credentials that are good for nothing else if there are none: SDKs sign whatever
    /// they send. What [`env`](Builder::env) sets stays.
    #[must_use]
    pub fn durable_at(self, address: SocketAddr) -> Self {
        let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let known = CREDENTIALS.iter().any(set) || has_files();
        let builder = self
            .env_unless_set("AWS_ENDPOINT_URL_LAMBDA", format!("http://{address}"))
            .env_unless_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
        match known {
            true => builder,
            false => builder
                .env_unless_set("AWS_ACCESS_KEY_ID", "local")
                .env_unless_set("AWS_SECRET_ACCESS_KEY", "local"),
        }
    }
}

/// Whether there are files with credentials.
fn has_files() -> bool {
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    home.is_some_and(|home| {
        [".aws/credentials", ".aws/config"]
            .iter()
            .any(|file| home.join(file).exists())
    })
}
