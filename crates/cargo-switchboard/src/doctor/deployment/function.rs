//! A function: its settings, its role, who may invoke it, and its triggers.

use super::{Role, Setting, Trigger};
use crate::doctor::place::Place;
use crate::doctor::text::{Certainty, has_made_up, is_known, same};

/// The qualifier that an invocation without one has.
const LATEST: &str = "$LATEST";

/// Where a function of this library is told which front ends pass on its answers in parts.
pub(crate) const STREAM_VARIABLE: &str = "SWITCHBOARD_RESPONSE_STREAM";

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
    pub(crate) modes: Modes,
    /// `None` if the role is not part of the deployment.
    pub(crate) role: Option<Role>,
    /// The ARN of the dead-letter queue or topic.
    pub(crate) dead_letters: Setting<String>,
    /// The destinations of each version and alias.
    pub(crate) asynchronous: Vec<Async>,
    pub(crate) logs: Logs,
    /// Its versions and aliases: what each is called in ARNs, and the resource that it is.
    pub(crate) aliases: Vec<(String, String)>,
    /// Who may invoke it, according to its resource-based policies.
    pub(crate) permissions: Vec<Permission>,
    pub(crate) triggers: Vec<Trigger>,
}

/// Settings that decide how Lambda runs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modes {
    /// The runtime of a ZIP file; absent for a container image.
    pub(crate) runtime: Setting<String>,
    /// `ApplyOn` of SnapStart.
    pub(crate) snap_start: Setting<String>,
    pub(crate) reserved: Setting<u64>,
    /// Whether it is a durable function.
    pub(crate) durable: Setting<bool>,
    /// How long a durable execution may take, in seconds.
    pub(crate) execution: Setting<u64>,
    /// Whether it is in a network of the account's.
    pub(crate) vpc: Setting<bool>,
    /// Whether each tenant has execution environments of its own.
    pub(crate) tenants: Setting<bool>,
    /// Whether it runs on Managed Instances.
    pub(crate) instances: Setting<bool>,
    /// The variable `SWITCHBOARD_RESPONSE_STREAM`: the front ends to which it streams its responses.
    pub(crate) streams_to: Setting<String>,
    /// Versions and aliases with provisioned concurrency.
    pub(crate) provisioned: Vec<String>,
}

/// The destinations of asynchronous events of one version or alias.
#[derive(Clone, Debug, Default)]
pub(crate) struct Async {
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    pub(crate) qualifier: Setting<String>,
    /// The ARN of the destination on failure.
    pub(crate) on_failure: Setting<String>,
    /// The ARN of the destination on success.
    pub(crate) on_success: Setting<String>,
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Permission {
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    /// The version or alias that it is for; empty for the function without one.
    pub(crate) qualifier: String,
    /// A service, an account or `*`.
    pub(crate) principal: String,
    pub(crate) source_arn: Setting<String>,
    pub(crate) source_account: Setting<String>,
    /// Whether another condition restricts it, such as an organisation or an event source token.
    pub(crate) narrowed: bool,
    pub(crate) url: Option<UrlPart>,
}

/// What a statement allows of a function URL. Callers need both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UrlPart {
    /// `lambda:InvokeFunctionUrl`.
    Url,
    /// `lambda:InvokeFunction` through a URL.
    Function,
}

impl Function {
    pub(crate) fn new(label: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            at: None,
            name: name.into(),
            binary: None,
            timeout: Setting::Absent,
            modes: Modes::default(),
            role: None,
            dead_letters: Setting::Absent,
            asynchronous: Vec::new(),
            logs: Logs::default(),
            aliases: Vec::new(),
            permissions: Vec::new(),
            triggers: Vec::new(),
        }
    }

    /// The resource of this version or alias, if the deployment has it.
    pub(crate) fn alias(&self, qualifier: &str) -> Option<&str> {
        // SAM's alias has a logical id and a name to refer to it, which comes last.
        let mut aliases = self.aliases.iter().rev();
        let (_, label) = aliases.find(|(name, _)| name == qualifier)?;
        Some(label)
    }

    /// Where failed asynchronous events of this version or alias go: absent only if that is certain.
    pub(crate) fn failures_of(&self, qualifier: &str) -> Setting<&Async> {
        let mut known = Setting::Absent;
        for config in &self.asynchronous {
            let of = config.qualifier.known();
            match of.map_or(Certainty::Open, |of| same_for_events(of, qualifier)) {
                Certainty::Yes => return Setting::Known(config),
                Certainty::Open => known = Setting::Unknown,
                Certainty::No => {}
            }
        }
        known
    }
}

/// Whether both name the same version or alias for an asynchronous invocation, which has the latest one by default.
fn same_for_events(a: &str, b: &str) -> Certainty {
    let full = |text: &str| match text {
        "" => LATEST.to_owned(),
        text => text.to_owned(),
    };
    same_qualifier(&full(a), &full(b))
}

/// Whether both name the same version or alias. No qualifier is another one than any, and the number that Lambda makes up
/// for a version is not the name of an alias.
pub(crate) fn same_qualifier(a: &str, b: &str) -> Certainty {
    let is_name = |text: &str| is_known(text) && !text.bytes().all(|byte| byte.is_ascii_digit());
    let apart = has_made_up(a) && is_name(b) || has_made_up(b) && is_name(a);
    match a == b || !(a.is_empty() || b.is_empty() || apart) {
        true => same(a, b),
        false => Certainty::No,
    }
}

/// A function, and the version or alias that is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Named<'t> {
    pub(crate) name: &'t str,
    /// Empty if there is none.
    pub(crate) qualifier: &'t str,
}

/// The function that `text` names: by name, by ARN with or without qualifier, or by the ARN with which API Gateway
/// invokes it.
pub(crate) fn named(text: &str) -> Named<'_> {
    let path = text.split_once("/functions/");
    let text = path.map_or(text, |(_, path)| path.split('/').next().unwrap_or(path));
    let text = text.rsplit_once(":function:").map_or(text, |(_, name)| name);
    let (name, qualifier) = text.split_once(':').unwrap_or((text, ""));
    Named { name, qualifier }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_many_ways() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        let of = |text: &str| {
            let named = named(text);
            (named.name.to_owned(), named.qualifier.to_owned())
        };
        let is = |qualifier: &str| ("orders".to_owned(), qualifier.to_owned());
        assert_eq!(of("orders"), is(""));
        assert_eq!(of("orders:live"), is("live"));
        assert_eq!(of("123456789012:function:orders"), is(""));
        assert_eq!(of(arn), is(""));
        assert_eq!(of(&format!("{arn}:7")), is("7"));
        for (version, action) in [
            ("2015-03-31", "invocations"),
            ("2021-11-15", "response-streaming-invocations"),
        ] {
            let uri =
                format!("arn:aws:apigateway:eu-west-1:lambda:path/{version}/functions/{arn}:live/{action}");
            assert_eq!(of(&uri), is("live"));
        }
    }

    #[test]
    fn the_destination_of_one_qualifier_is_not_for_another() {
        let mut function = Function::new("F", "f");
        assert!(function.failures_of("").is_absent());
        function.asynchronous.push(Async {
            qualifier: Setting::Known(LATEST.to_owned()),
            ..Async::default()
        });
        assert!(function.failures_of("").known().is_some());
        assert!(function.failures_of("live").is_absent());
        function.asynchronous[0].qualifier = Setting::Unknown;
        assert_eq!(function.failures_of("live").map_known(|_| ()), Setting::Unknown);
    }
}
