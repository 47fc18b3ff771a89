//! The function itself.

use switchboard_aws::sdk::aws_sdk_lambda::types::FunctionEventInvokeConfig;

use super::live_function::LiveFunction;
use crate::doctor::deployment::{Async, Function, Logs, Setting, Trigger, TriggerKind};
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
        arn,
    };
    let mut function = Function::new(&*live.name, &*live.name);
    function.timeout = told
        .timeout()
        .and_then(|seconds| u64::try_from(seconds).ok())
        .into();
    let dead_letters = told.dead_letter_config().and_then(|config| config.target_arn());
    function.asynchronous = Async {
        at: None,
        on_failure: on_failure(&live).await?,
        dead_letters: dead_letters.map(str::to_owned).into(),
    };
    let group = told.logging_config().and_then(|config| config.log_group());
    let group = group.map_or_else(|| format!("/aws/lambda/{}", live.name), str::to_owned);
    function.logs = logs(&live, &group).await?;
    function.triggers.extend(urls(&live).await?);
    Ok((live, told.role().unwrap_or_default().to_owned(), function))
}

async fn on_failure(live: &LiveFunction<'_>) -> Result<Setting<String>, Failure> {
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
    // Each alias has its own configuration.
    let (arn, latest) = (live.arn.to_string(), format!("{}:$LATEST", live.arn));
    let destination = |config: &FunctionEventInvokeConfig| {
        config
            .function_arn()
            .filter(|of| [&*arn, &*latest].contains(of))?;
        let on_failure = config.destination_config()?.on_failure()?;
        on_failure.destination().map(str::to_owned)
    };
    Ok(told
        .function_event_invoke_configs()
        .iter()
        .find_map(destination)
        .into())
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
    let trigger = |label: &str| live.trigger(label, String::new(), None, TriggerKind::FunctionUrl);
    Ok(told
        .function_url_configs()
        .iter()
        .filter(|url| url.function_arn() == arn)
        .map(|url| trigger(url.function_url()))
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
    pub(super) fn trigger(
        &self,
        label: &str,
        arn: String,
        invoker: Option<&'static str>,
        kind: TriggerKind,
    ) -> Trigger {
        Trigger {
            label: label.to_owned(),
            at: None,
            arn,
            invoker,
            kind,
        }
    }
}
