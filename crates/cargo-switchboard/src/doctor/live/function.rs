//! The function itself.

use switchboard_aws::sdk::aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use switchboard_aws::sdk::aws_sdk_lambda::types::FunctionEventInvokeConfig;

use super::live_function::LiveFunction;
use crate::doctor::deployment::{
    Async, Function, Invoker, Logs, Modes, STREAM_VARIABLE, Setting, Trigger, TriggerKind, named,
};
use switchboard_aws::{Aws, CallContext as _, Failure};

/// The function, its location, and the ARN of its role.
pub(super) async fn read<'a>(
    aws: &'a Aws,
    name: &str,
) -> Result<(LiveFunction<'a>, String, Function), Failure> {
    let lambda = aws.lambda();
    let on = || format!("function {name}");
    let told = lambda
        .get_function_configuration()
        .function_name(name)
        .send()
        .await;
    let told = told.call_context("lambda:GetFunctionConfiguration", on())?;
    let arn = told
        .function_arn()
        .unwrap_or_default()
        .parse()
        .map_err(Failure::new)?;
    let live = LiveFunction {
        aws,
        name: told.function_name().unwrap_or(name).to_owned(),
        qualifier: named(told.function_arn().unwrap_or_default())
            .qualifier
            .to_owned(),
        arn,
    };
    let mut function = Function::new(&*live.name, &*live.name);
    function.timeout = told
        .timeout()
        .and_then(|seconds| u64::try_from(seconds).ok())
        .into();
    let dead_letters = told.dead_letter_config().and_then(|config| config.target_arn());
    function.dead_letters = dead_letters.map(str::to_owned).into();
    function.asynchronous = configs(&live).await?;
    function.modes = modes(&live, &told).await?;
    let group = told.logging_config().and_then(|config| config.log_group());
    let group = group.map_or_else(|| format!("/aws/lambda/{}", live.name), str::to_owned);
    function.logs = logs(&live, &group).await?;
    function.triggers.extend(urls(&live).await?);
    Ok((live, told.role().unwrap_or_default().to_owned(), function))
}

/// The settings that decide how Lambda runs it.
async fn modes(live: &LiveFunction<'_>, told: &GetFunctionConfigurationOutput) -> Result<Modes, Failure> {
    let lambda = live.aws.lambda();
    let reserved = lambda
        .get_function_concurrency()
        .function_name(&live.name)
        .send()
        .await;
    let reserved =
        reserved.call_context("lambda:GetFunctionConcurrency", format!("function {}", live.name))?;
    let reserved = reserved
        .reserved_concurrent_executions()
        .and_then(|number| u64::try_from(number).ok());
    let provisioned = provisioned(live).await?;
    let zip = told.package_type().is_none_or(|kind| kind.as_str() == "Zip");
    let runtime = told
        .runtime()
        .filter(|_| zip)
        .map(|runtime| runtime.as_str().to_owned());
    let apply_on = told.snap_start().and_then(|snap_start| snap_start.apply_on());
    Ok(Modes {
        runtime: runtime.into(),
        snap_start: apply_on.map(|on| on.as_str().to_owned()).into(),
        reserved: reserved.into(),
        durable: told.durable_config().map(|_| true).into(),
        execution: told
            .durable_config()
            .and_then(|config| u64::try_from(config.execution_timeout()?).ok())
            .into(),
        vpc: told
            .vpc_config()
            .and_then(|config| config.vpc_id())
            .filter(|id| !id.is_empty())
            .map(|_| true)
            .into(),
        tenants: told
            .tenancy_config()
            .map(|config| config.tenant_isolation_mode().as_str() == "PER_TENANT")
            .into(),
        instances: told.capacity_provider_config().map(|_| true).into(),
        streams_to: told
            .environment()
            .and_then(|environment| environment.variables()?.get(STREAM_VARIABLE).cloned())
            .into(),
        provisioned,
    })
}

/// The versions and aliases with provisioned concurrency.
async fn provisioned(live: &LiveFunction<'_>) -> Result<Vec<String>, Failure> {
    let configs = live
        .aws
        .lambda()
        .list_provisioned_concurrency_configs()
        .function_name(&live.name);
    let told = configs.send().await;
    let on = format!("function {}", live.name);
    let told = match told.call_context("lambda:ListProvisionedConcurrencyConfigs", on) {
        Ok(told) => told,
        Err(failure) if failure.is_not_found() => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let configs = told.provisioned_concurrency_configs().iter();
    Ok(configs
        .filter_map(|config| config.function_arn().map(str::to_owned))
        .collect())
}

/// The destinations of asynchronous events: each version and alias has its own.
async fn configs(live: &LiveFunction<'_>) -> Result<Vec<Async>, Failure> {
    let configs = live
        .aws
        .lambda()
        .list_function_event_invoke_configs()
        .function_name(&live.name);
    let told = configs.send().await;
    let told = told.call_context(
        "lambda:ListFunctionEventInvokeConfigs",
        format!("function {}", live.name),
    )?;
    let config = |config: &FunctionEventInvokeConfig| {
        let destinations = config.destination_config();
        let on_failure = destinations.and_then(|all| all.on_failure()?.destination().map(str::to_owned));
        let on_success = destinations.and_then(|all| all.on_success()?.destination().map(str::to_owned));
        Async {
            label: live.name.clone(),
            at: None,
            qualifier: Setting::Known(
                named(config.function_arn().unwrap_or_default())
                    .qualifier
                    .to_owned(),
            ),
            on_failure: on_failure.into(),
            on_success: on_success.into(),
        }
    };
    // Rules look at what was asked for.
    let of_it = |config: &Async| {
        let latest = |text: &str| text.is_empty() || text == "$LATEST";
        config
            .qualifier
            .known()
            .is_some_and(|of| *of == live.qualifier || latest(of) && latest(&live.qualifier))
    };
    Ok(told
        .function_event_invoke_configs()
        .iter()
        .map(config)
        .filter(of_it)
        .collect())
}

async fn urls(live: &LiveFunction<'_>) -> Result<Vec<Trigger>, Failure> {
    let urls = live
        .aws
        .lambda()
        .list_function_url_configs()
        .function_name(&live.name);
    let told = urls.send().await;
    let told = told.call_context("lambda:ListFunctionUrlConfigs", format!("function {}", live.name))?;
    let arn = live.arn.to_string();
    Ok(told
        .function_url_configs()
        .iter()
        .filter(|url| url.function_arn() == arn)
        .map(|url| {
            let kind = TriggerKind::FunctionUrl {
                auth: Setting::Known(url.auth_type().as_str().to_owned()),
                streamed: url
                    .invoke_mode()
                    .map(|mode| mode.as_str() == "RESPONSE_STREAM")
                    .into(),
            };
            live.trigger(url.function_url(), String::new(), Invoker::Other, kind)
        })
        .collect())
}

/// A log group that Lambda has not created yet will never expire its log events.
async fn logs(live: &LiveFunction<'_>, name: &str) -> Result<Logs, Failure> {
    let groups = live
        .aws
        .cloudwatchlogs()
        .describe_log_groups()
        .log_group_name_prefix(name);
    let told = groups
        .send()
        .await
        .call_context("logs:DescribeLogGroups", format!("log group {name}"))?;
    let group = told
        .log_groups()
        .iter()
        .find(|group| group.log_group_name() == Some(name));
    let days = group.and_then(|group| group.retention_in_days());
    Ok(Logs {
        at: None,
        label: Some(name.to_owned()),
        retention: days.and_then(|days| u64::try_from(days).ok()).into(),
    })
}

impl LiveFunction<'_> {
    /// A trigger of this function.
    pub(super) fn trigger(&self, label: &str, arn: String, invoker: Invoker, kind: TriggerKind) -> Trigger {
        Trigger {
            label: label.to_owned(),
            at: None,
            arn,
            operation: String::new(),
            qualifier: self.qualifier.clone(),
            invoker,
            kind,
        }
    }
}
