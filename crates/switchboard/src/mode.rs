//! How Lambda runs the process: one invocation after another, or several at once on Managed Instances.

use crate::error::Error;
use std::num::NonZeroU32;

/// Set on Managed Instances. AWS Lambda Developer Guide, “Using the Lambda runtime API for custom runtimes”.
const VARIABLE: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// How Lambda runs the process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// One invocation after another. Lambda ends the process when an invocation's time is over.
    Classic,
    /// Up to so many at once. Lambda gives up an invocation whose time is over; the process goes on. AWS Lambda Developer
    /// Guide, “Understanding the Lambda Managed Instances execution environment”, Invoke phase.
    ManagedInstances {
        /// How many invocations there are at once at most.
        at_once: NonZeroU32,
    },
}

impl Mode {
    /// The mode that the environment says.
    ///
    /// # Errors
    /// The variable holds no such number.
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

    /// How many invocations there are at once at most.
    pub(crate) fn at_once(self) -> u32 {
        match self {
            Self::Classic => 1,
            Self::ManagedInstances { at_once } => at_once.get(),
        }
    }

    /// Whether Lambda ends the process when an invocation's time is over.
    pub(crate) fn ends_with_invocation(self) -> bool {
        self == Self::Classic
    }
}
