//! Asks a function for its routes.
//!
//! A Switchboard function started with `SWITCHBOARD_DESCRIBE=1` prints its routes as one JSON object and exits. Other
//! functions do something else, and their routes stay unknown.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use switchboard::source::Source;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a function may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// A function's routes.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Description {
    routes: Vec<Route>,
}

#[derive(Clone, Debug, Deserialize)]
struct Route {
    source: String,
    handler: String,
    /// All of these have to hold.
    #[serde(default)]
    when: Vec<Condition>,
    /// Whether its responses are sent while they are produced, whatever the environment says.
    #[serde(default)]
    streams: bool,
}

/// A condition of a route.
#[derive(Clone, Debug, Deserialize)]
struct Condition {
    /// `queue`, `stream`, …
    what: String,
    /// The names that it takes, unless it takes prefixes or suffixes.
    #[serde(default)]
    is: Vec<String>,
}

/// A route that takes what comes from some queues, streams or the like only.
pub(crate) struct NamedRoute<'r> {
    pub(crate) handler: &'r str,
    /// `queue`, `stream`, …
    pub(crate) what: &'r str,
    /// Their names or ARNs.
    pub(crate) names: &'r [String],
}

impl Description {
    /// Starts `program` once to ask for its routes. They are empty if the function does not answer as described.
    pub(crate) async fn of(program: &Path, env: &[(OsString, OsString)]) -> Self {
        Self::told(program, env).await.unwrap_or_default()
    }

    /// Asks `program`; `None` if the function does not answer as described.
    pub(crate) async fn told(program: &Path, env: &[(OsString, OsString)]) -> Option<Self> {
        let mut command = Command::new(program);
        command.envs(env.iter().map(|(name, value)| (name, value)));
        command
            .env("SWITCHBOARD_DESCRIBE", "1")
            .env_remove("AWS_LAMBDA_RUNTIME_API");
        // Hide the errors of other functions, which fail without a Runtime API.
        command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        match timeout(LIMIT, command.output()).await {
            Ok(Ok(output)) if output.status.success() => Self::read(&output.stdout),
            _ => None,
        }
    }

    /// Reads the output of a function.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let mut description: Self = serde_json::from_slice(json).ok()?;
        for route in &mut description.routes {
            route.handler = short(&route.handler);
        }
        Some(description)
    }

    /// The name of the handler for `source`: its module and function.
    pub(crate) fn handler(&self, source: Source) -> Option<&str> {
        let route = self.routes.iter().find(|route| route.source == source.as_str());
        route.map(|route| &*route.handler)
    }

    /// The routes of `source`, each with what its events have to come from; `None` for a route that takes them from anywhere.
    /// `what` are the names that say where events come from.
    pub(crate) fn origins<'r>(
        &'r self,
        source: Source,
        what: &'r [&'r str],
    ) -> impl Iterator<Item = Option<NamedRoute<'r>>> {
        let of_source = move |route: &&Route| route.source == source.as_str();
        self.routes.iter().filter(of_source).map(move |route| {
            let mut conditions = route.when.iter();
            let named = |condition: &&Condition| what.contains(&&*condition.what) && !condition.is.is_empty();
            conditions.find(named).map(|condition| NamedRoute {
                handler: &route.handler,
                what: &condition.what,
                names: &condition.is,
            })
        })
    }

    /// Each handler and its sources, in the order of registration. A handler may be registered for several sources.
    pub(crate) fn handlers(&self) -> Vec<(&str, Vec<&str>)> {
        let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
        for route in &self.routes {
            let name = &*route.handler;
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sources)) => sources.push(&route.source),
                None => all.push((name, vec![&route.source])),
            }
        }
        all
    }

    /// Whether a handler opens envelopes, so that the events inside reach handlers without a trigger.
    pub(crate) fn opens_envelopes(&self) -> bool {
        self.routes
            .iter()
            .any(|route| route.handler == "Unwrap" || route.handler.starts_with("Unwrap, else "))
    }

    /// Whether the code itself says that responses to this source are sent while they are produced.
    pub(crate) fn streams(&self, source: Source) -> bool {
        let mut routes = self.routes.iter();
        routes.any(|route| route.streams && route.source == source.as_str())
    }

    /// Whether the function takes HTTP requests.
    pub(crate) fn has_http(&self) -> bool {
        self.handler(Source::ApiGatewayHttp).is_some()
    }
}

/// Shortens each path in a handler's name, such as the one at the end of `Unwrap, else shop::orders::on_order`.
fn short(name: &str) -> String {
    let between = |character: char| !character.is_alphanumeric() && !"_:".contains(character);
    name.split_inclusive(between).map(short_path).collect()
}

/// The path below the crate's `handlers` module, or the last two segments without one.
fn short_path(path: &str) -> &str {
    if let Some((_, name)) = path.split_once("::handlers::") {
        return name;
    }
    let separator = path.rmatch_indices("::").nth(1);
    separator.map_or(path, |(at, separator)| &path[at + separator.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_are_named_by_module_and_function() {
        assert_eq!(
            short("switchboard_function::handlers::s3::on_object"),
            "s3::on_object"
        );
        assert_eq!(
            short("switchboard_function::handlers::kinesis::record::on_records"),
            "kinesis::record::on_records"
        );
        assert_eq!(short("mine::objects::s3::on_object"), "s3::on_object");
        assert_eq!(short("s3::on_object"), "s3::on_object");
        assert_eq!(short("on_object"), "on_object");
        assert_eq!(short("axum::Router"), "axum::Router");
        assert_eq!(
            short("a closure in shop::orders::main"),
            "a closure in orders::main"
        );
        assert_eq!(short("ServiceFn<shop::web::answer>"), "ServiceFn<web::answer>");
        assert_eq!(short("shop::orders::on_event<Value>"), "orders::on_event<Value>");
    }

    #[test]
    fn a_handler_that_opens_envelopes_is_known_by_its_name() {
        let of = |name: &str| {
            let json = format!(r#"{{"routes":[{{"source":"sqs","handler":"{name}"}}]}}"#);
            Description::read(json.as_bytes()).unwrap()
        };
        let or = of("Unwrap, else shop::main::orders::on_order");
        assert_eq!(or.handler(Source::Sqs), Some("Unwrap, else orders::on_order"));
        assert!(or.opens_envelopes() && of("Unwrap").opens_envelopes());
        assert!(!of("shop::Unwrapped").opens_envelopes());
    }

    #[tokio::test]
    async fn a_program_that_knows_nothing_of_this_says_nothing() {
        let description = Description::of(Path::new("/bin/sh"), &[]).await;
        assert_eq!(description.handler(Source::S3), None);
    }
}
