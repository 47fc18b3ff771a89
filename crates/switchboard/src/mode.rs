//! How Lambda runs the process: one invocation at a time, or several at once on Managed Instances.

use crate::error::Error;
use std::num::NonZeroU32;

/// Set on Managed Instances. AWS Lambda Developer Guide, “Using the Lambda runtime API for custom runtimes”.
const VARIABLE: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// How Lambda runs the process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// One invocation at a time. Lambda ends the process when an invocation runs out of time.
    Classic,
    /// Several invocations at once. Lambda abandons an invocation that runs out of time, and the process continues. AWS
    /// Lambda Developer Guide, “Understanding the Lambda Managed Instances execution environment”, Invoke phase.
    ManagedInstances {
        /// The maximum number of concurrent invocations.
        at_once: NonZeroU32,
    },
}

impl Mode {
    /// The mode that the environment asks for.
    ///
    /// # Errors
    /// The variable is not such a number.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let Some(value) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else {
            return Ok(Self::Classic);
        };
        let value = value.to_string_lossy();
        match value.parse() {
            Ok(at_once) => Ok(Self::ManagedInstances { at_once }),
            Err(_) => {
                let allowed = "a whole number from 1 on, as Lambda sets it, or unset";
                Err(Error::configuration(VARIABLE, Some(value.into_owned()), allowed))
            }
        }
    }

    /// The maximum number of concurrent invocations.
    pub(crate) fn at_once(self) -> u32 {
        match self {
            Self::Classic => 1,
            Self::ManagedInstances { at_once } => at_once.get(),
        }
    }

    /// Whether Lambda ends the process when an invocation runs out of time.
    pub(crate) fn ends_with_invocation(self) -> bool {
        self == Self::Classic
    }
}
