//! A function: its settings, its role, who may invoke it, and its triggers.

use super::{Role, Setting, Trigger};
use crate::doctor::place::Place;

#[derive(Debug)]
pub(crate) struct Function {
    /// The name in reports: the logical id in a template, the function's name when it is deployed.
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    /// The name in ARNs.
    pub(crate) name: String,
    /// The binary that the template builds it from.
    pub(crate) binary: Option<String>,
    /// Seconds; 3 if absent.
    pub(crate) timeout: Setting<u64>,
    /// `None` if the role is not part of the deployment.
    pub(crate) role: Option<Role>,
    pub(crate) asynchronous: Async,
    pub(crate) logs: Logs,
    /// Who may invoke it, according to its resource-based policy.
    pub(crate) permissions: Vec<Permission>,
    pub(crate) triggers: Vec<Trigger>,
}

/// The destinations of failed asynchronous events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Async {
    pub(crate) at: Option<Place>,
    /// The ARN of the destination on failure.
    pub(crate) on_failure: Setting<String>,
    /// The ARN of the dead-letter queue or topic.
    pub(crate) dead_letters: Setting<String>,
}

/// The function's log group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs {
    pub(crate) at: Option<Place>,
    pub(crate) label: Option<String>,
    /// The retention in days; absent if log events never expire.
    pub(crate) retention: Setting<u64>,
}

/// A statement of the function's own policy.
#[derive(Clone, Debug)]
pub(crate) struct Permission {
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    /// A service, an account or `*`.
    pub(crate) principal: String,
    pub(crate) source_arn: Setting<String>,
    pub(crate) source_account: Setting<String>,
    /// Whether another condition restricts it, such as an organisation or an event source token.
    pub(crate) narrowed: bool,
    /// Whether it applies to function URLs only.
    pub(crate) url_only: bool,
}

impl Function {
    pub(crate) fn new(label: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            at: None,
            name: name.into(),
            binary: None,
            timeout: Setting::Absent,
            role: None,
            asynchronous: Async::default(),
            logs: Logs::default(),
            permissions: Vec::new(),
            triggers: Vec::new(),
        }
    }
}

/// The name of the function that `text` names: by name, by ARN with or without qualifier, or by the ARN with which
/// API Gateway invokes it.
pub(crate) fn named(text: &str) -> &str {
    let text = text.split("/invocations").next().unwrap_or(text);
    let name = text.rsplit(":function:").next().unwrap_or(text);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_many_ways() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        assert_eq!(named("orders"), "orders");
        assert_eq!(named("orders:live"), "orders");
        assert_eq!(named(arn), "orders");
        assert_eq!(named(&format!("{arn}:7")), "orders");
        let uri =
            format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}:live/invocations");
        assert_eq!(named(&uri), "orders");
    }
}
