//! The environment variables Lambda sets for a function.

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::Builder;
use super::builder::Mode;

/// The region if none is configured.
const REGION: &str = "us-east-1";

/// The variable with the name of the environment's log stream.
const LOG_STREAM: &str = "AWS_LAMBDA_LOG_STREAM_NAME";

/// Variables of this process's own environment that must not reach the function.
const FOREIGN: [&str; 4] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "SWITCHBOARD_DESCRIBE",
    "_X_AMZN_TRACE_ID",
];

/// Variables of the runtime that an external extension does not have.
const OF_THE_RUNTIME: [&str; 10] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    LOG_STREAM,
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
];

/// Where a process finds the services of its execution environment.
pub(super) struct RuntimeApi<'e> {
    pub(super) address: SocketAddr,
    pub(super) metadata_token: &'e str,
    pub(super) log_stream: &'e str,
}

/// Sets the environment of `command`: inherited variables, overridden by Lambda's, overridden by the user's.
pub(super) fn apply(command: &mut Command, config: &Builder, api: &RuntimeApi<'_>) {
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(lambda(config));
    command.env(LOG_STREAM, api.log_stream);
    command.envs(config.env.iter().map(|(name, value)| (name, value)));
    command.env("AWS_LAMBDA_RUNTIME_API", api.address.to_string());
    command.env("AWS_LAMBDA_METADATA_API", api.address.to_string());
    command.env("AWS_LAMBDA_METADATA_TOKEN", api.metadata_token);
}

/// Sets the environment of an external extension.
pub(super) fn apply_to_extension(command: &mut Command, config: &Builder, api: &RuntimeApi<'_>) {
    apply(command, config, api);
    for name in OF_THE_RUNTIME {
        command.env_remove(name);
    }
}

/// Whether the function writes lines of JSON: by its own variable, or by an inherited one.
pub(super) fn has_json_lines(config: &Builder) -> bool {
    const NAME: &str = "AWS_LAMBDA_LOG_FORMAT";
    let is_managed = matches!(config.mode, Mode::ManagedInstances { .. });
    let own = config.env.iter().rfind(|(name, _)| name == NAME);
    let format = own.map(|(_, value)| value.clone()).or_else(|| env::var_os(NAME));
    is_managed || format.is_some_and(|format| format.eq_ignore_ascii_case("JSON"))
}

fn lambda(config: &Builder) -> Vec<(&'static str, OsString)> {
    let region = region();
    let task_root = config
        .program
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let task_root = task_root.unwrap_or(Path::new("."));
    let mut variables: Vec<(&'static str, OsString)> = vec![
        ("AWS_LAMBDA_FUNCTION_NAME", config.name.clone().into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            config.memory_mb.to_string().into(),
        ),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", config.name).into(),
        ),
        (
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            config.mode.initialisation_type().into(),
        ),
        ("AWS_REGION", region.clone().into()),
        ("AWS_DEFAULT_REGION", region.into()),
        ("LAMBDA_TASK_ROOT", task_root.into()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".into()),
        ("TZ", ":UTC".into()),
        ("_HANDLER", "bootstrap".into()),
    ];
    if let Mode::ManagedInstances { max_concurrency } = config.mode {
        variables.push(("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency.to_string().into()));
        // Managed Instances support no other format.
        variables.push(("AWS_LAMBDA_LOG_FORMAT", "JSON".into()));
    }
    variables
}

/// The user's region, as the AWS SDKs look it up in the environment.
pub(crate) fn region() -> String {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    set("AWS_REGION")
        .or_else(|| set("AWS_DEFAULT_REGION"))
        .unwrap_or_else(|| REGION.to_owned())
}

/// The name of a new environment's log stream: the user's own, or one of Lambda's kind.
pub(super) fn log_stream(config: &Builder) -> String {
    let own = config.env.iter().rfind(|(name, _)| name == LOG_STREAM);
    own.map_or_else(new_log_stream, |(_, name)| name.to_string_lossy().into_owned())
}

fn new_log_stream() -> String {
    let day = chrono::Utc::now().format("%Y/%m/%d");
    format!("{day}/[$LATEST]{}", uuid::Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn environment(config: &Builder) -> HashMap<String, Option<String>> {
        let mut command = Command::new("unused");
        let api = RuntimeApi {
            address: SocketAddr::from(([127, 0, 0, 1], 4)),
            metadata_token: "secret",
            log_stream: "2026/12/01/[$LATEST]0",
        };
        apply(&mut command, config, &api);
        let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
        command
            .get_envs()
            .map(|(name, value)| (text(name), value.map(text)))
            .collect()
    }

    #[test]
    fn the_users_variables_override_all_but_the_runtime_api() {
        let config = Builder::new(Path::new("/opt/app/hello"))
            .env("TZ", "Europe/Berlin")
            .env("AWS_LAMBDA_RUNTIME_API", "elsewhere");
        let env = environment(&config);
        assert_eq!(env["TZ"].as_deref(), Some("Europe/Berlin"));
        assert_eq!(env["AWS_LAMBDA_RUNTIME_API"].as_deref(), Some("127.0.0.1:4"));
        assert_eq!(env["AWS_LAMBDA_METADATA_API"].as_deref(), Some("127.0.0.1:4"));
        assert_eq!(env["AWS_LAMBDA_METADATA_TOKEN"].as_deref(), Some("secret"));
        assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"].as_deref(), Some("hello"));
        assert_eq!(env["LAMBDA_TASK_ROOT"].as_deref(), Some("/opt/app"));
        assert_eq!(env["AWS_EXECUTION_ENV"], None);
    }

    #[test]
    fn an_extension_has_the_functions_variables_but_not_the_runtimes() {
        let config = Builder::new(Path::new("/opt/app/hello")).env("MINE", "1");
        let mut command = Command::new("unused");
        let api = RuntimeApi {
            address: SocketAddr::from(([127, 0, 0, 1], 4)),
            metadata_token: "secret",
            log_stream: "2026/12/01/[$LATEST]0",
        };
        apply_to_extension(&mut command, &config, &api);
        let value = |wanted: &str| {
            let mut envs = command.get_envs();
            envs.find(|(name, _)| *name == wanted)
                .and_then(|(_, value)| value.map(|value| value.to_string_lossy().into_owned()))
        };
        assert_eq!(value("MINE").as_deref(), Some("1"));
        assert_eq!(value("AWS_LAMBDA_RUNTIME_API").as_deref(), Some("127.0.0.1:4"));
        assert_eq!(value("AWS_LAMBDA_FUNCTION_NAME").as_deref(), Some("hello"));
        assert_eq!((value("_HANDLER"), value("LAMBDA_TASK_ROOT")), (None, None));
    }

    #[test]
    fn a_log_stream_of_ones_own_is_the_environments() {
        let config = || Builder::new(Path::new("hello"));
        let new = log_stream(&config());
        assert!(
            new.contains("/[$LATEST]") && new != log_stream(&config()),
            "{new}"
        );
        let own = config().env("AWS_LAMBDA_LOG_STREAM_NAME", "mine");
        assert_eq!(log_stream(&own), "mine");
    }

    #[test]
    fn the_last_log_format_counts() {
        let config = || Builder::new(Path::new("hello")).env("AWS_LAMBDA_LOG_FORMAT", "Text");
        assert!(!has_json_lines(&config()));
        assert!(has_json_lines(&config().env("AWS_LAMBDA_LOG_FORMAT", "JSON")));
        assert!(has_json_lines(&config().max_concurrency(2)));
    }

    #[test]
    fn variables_depend_on_the_mode() {
        let config = || Builder::new(Path::new("hello"));
        let kind = |config: &Builder| environment(config)["AWS_LAMBDA_INITIALIZATION_TYPE"].clone();
        assert_eq!(kind(&config()).as_deref(), Some("on-demand"));
        assert_eq!(kind(&config().snap_start()).as_deref(), Some("snap-start"));
        let managed = config().max_concurrency(8);
        assert_eq!(kind(&managed).as_deref(), Some("lambda-managed-instances"));
        let env = environment(&managed);
        assert_eq!(env["AWS_LAMBDA_MAX_CONCURRENCY"].as_deref(), Some("8"));
        assert_eq!(env["AWS_LAMBDA_LOG_FORMAT"].as_deref(), Some("JSON"));
        assert_eq!(environment(&config())["AWS_LAMBDA_MAX_CONCURRENCY"], None);
    }
}
