//! The settings of metrics in the environment.

use super::metric::is_name;
use crate::error::Error;
use crate::telemetry::settings::{invalid, variable};

/// Where metrics are sent.
#[derive(Debug)]
pub(in crate::telemetry) struct MetricsSettings {
    pub(in crate::telemetry) namespace: String,
    /// The level that documents state, if Lambda would otherwise drop them.
    pub(in crate::telemetry) level: Option<String>,
    /// Whether an invocation's tenant is a dimension.
    pub(in crate::telemetry) by_tenant: bool,
}

impl MetricsSettings {
    /// `None`: no metrics are collected.
    ///
    /// # Errors
    /// A variable has an invalid value.
    pub(in crate::telemetry) fn from_env() -> Result<Option<Self>, Error> {
        if flag("POWERTOOLS_METRICS_DISABLED")? {
            return Ok(None);
        }
        let Some(namespace) = variable("POWERTOOLS_METRICS_NAMESPACE")? else {
            return Ok(None);
        };
        if !is_namespace(&namespace) {
            let allowed = "up to 255 of the characters `A-Z a-z 0-9 . - _ / # :` and blanks; the first one no colon, \
                           not all of them blanks, and not `AWS/` in front";
            return invalid("POWERTOOLS_METRICS_NAMESPACE", &namespace, allowed);
        }
        let (level, by_tenant) = (level()?, flag("SWITCHBOARD_METRICS_BY_TENANT")?);
        Ok(Some(Self {
            namespace,
            level,
            by_tenant,
        }))
    }
}

/// CloudWatch API Reference, “PutMetricData”, Namespace.
fn is_namespace(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
    is_name(text.as_bytes()) && text.bytes().all(allowed) && !text.starts_with("AWS/")
}

/// Lambda treats a line without a level as INFO and drops it if its own level is higher (Lambda Developer Guide,
/// “Log-level filtering”). A document then states the level that it needs to pass.
fn level() -> Result<Option<String>, Error> {
    let level = variable("AWS_LAMBDA_LOG_LEVEL")?.map(|level| level.to_ascii_uppercase());
    Ok(level.filter(|level| ["WARN", "ERROR", "FATAL"].contains(&level.as_str())))
}

/// The words that Powertools accepts.
fn flag(name: &'static str) -> Result<bool, Error> {
    let Some(text) = variable(name)? else {
        return Ok(false);
    };
    match text.to_ascii_lowercase().as_str() {
        "1" | "y" | "yes" | "t" | "true" | "on" => Ok(true),
        "0" | "n" | "no" | "f" | "false" | "off" => Ok(false),
        _ => invalid(name, &text, "`true` or `false`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_one_that_cloudwatch_takes() {
        for text in [
            "Switchboard",
            "shop/orders",
            "A B",
            "x:1#y_z.w-v",
            &"x".repeat(255),
        ] {
            assert!(is_namespace(text), "{text}");
        }
        for text in ["", " ", ":x", "AWS/Lambda", "ü", "a*b", &"x".repeat(256)] {
            assert!(!is_namespace(text), "{text}");
        }
    }
}
