//! What the environment says about the function.

use crate::error::Error;
use http::Uri;
use lambda_runtime::Config;
use std::env::{var, var_os};

/// The address of the Runtime API.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// What Lambda sets in every execution environment, and `lambda_runtime` requires.
const REQUIRED: &[&str] = &[
    RUNTIME_API,
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    MEMORY,
];

/// The function's configuration.
///
/// # Errors
/// The environment is not that of Lambda.
pub(super) fn config() -> Result<Config, Error> {
    for name in REQUIRED {
        if var_os(name).is_none() {
            let allowed = "set by AWS Lambda: this is a Lambda function; start it with `cargo switchboard run` or \
                           `cargo lambda watch`, or deploy it";
            return Err(Error::configuration(name, None, allowed));
        }
        // `lambda_runtime` panics on such values.
        if let Err(std::env::VarError::NotUnicode(value)) = var(name) {
            let value = value.to_string_lossy().into_owned();
            return Err(Error::configuration(name, Some(value), "UTF-8"));
        }
    }
    let memory = var(MEMORY).unwrap_or_default();
    if !memory.parse::<i32>().is_ok_and(|megabytes| megabytes > 0) {
        let allowed = "a whole number of megabytes from 1 on, as Lambda sets it";
        return Err(Error::configuration(MEMORY, Some(memory), allowed));
    }
    Ok(Config::from_env())
}

/// The address of the Runtime API.
///
/// # Errors
/// The variable is not set, or is not an address.
pub(super) fn endpoint() -> Result<Uri, Error> {
    let value = var_os(RUNTIME_API).map(|value| value.to_string_lossy().into_owned());
    let uri = value.as_deref().and_then(|value| value.parse::<Uri>().ok());
    match uri {
        Some(uri) if uri.authority().is_some() => Ok(uri),
        _ => {
            let allowed = "a host and a port, as Lambda sets it";
            Err(Error::configuration(RUNTIME_API, value, allowed))
        }
    }
}
