//! `wire list`: all triggers of a function, including those that others created.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde::Serialize;

use super::mark::is_mark;
use super::notification::notifications;
use super::permission::function_policy;
use super::policy::Statement;
use super::rule::RuleName;
use super::target::{target_id, targets};
use super::{Function, alb, api_gateway, cloudwatch_events, cloudwatch_logs, function_url, mapping, sns};
use crate::{Arn, Aws, Bucket, CallContext as _, Failure};

/// A trigger.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// `s3`, `dynamodb`, `kinesis`, `sqs`, `events`, `http`, `rest`, `url`, or the service that may invoke the function.
    pub kind: String,
    /// The source's ARN, name or URL.
    pub source: String,
    /// What triggers the function, and how.
    pub details: String,
    /// `Enabled`, or the reason why the trigger does not work.
    pub state: String,
    /// Whether `wire` created it.
    pub wired: bool,
}

impl Trigger {
    fn new(kind: &str, source: impl Into<String>, details: impl Into<String>, wired: bool) -> Self {
        Self {
            kind: kind.to_owned(),
            source: source.into(),
            details: details.into(),
            state: "Enabled".to_owned(),
            wired,
        }
    }

    /// A permission whose source does not invoke the function, for this reason.
    fn idle(kind: &str, source: impl Into<String>, state: impl Into<String>) -> Self {
        Self::new(kind, source, "may invoke the function", false).in_state(state)
    }

    fn in_state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }
}

/// Lists the triggers of a function or of its alias.
///
/// # Errors
/// If a trigger cannot be listed.
pub async fn list(aws: &Aws, function: &Function) -> Result<Vec<Trigger>, Failure> {
    let statements = function_policy(&aws.lambda(), function).await?;
    let mut triggers = buckets(aws, function, &statements).await?;
    triggers.extend(sources(aws, function).await?);
    triggers.extend(rules(aws, function, &statements).await?);
    triggers.extend(topics(aws, function, &statements).await?);
    triggers.extend(log_groups(aws, function, &statements).await?);
    triggers.extend(target_groups(aws, function, &statements).await?);
    triggers.extend(apis(aws, function, &statements).await?);
    triggers.extend(urls(aws, function).await?);
    triggers.extend(others(&statements));
    Ok(triggers)
}

/// The ARNs of one service in the statements, without duplicates.
fn arns<'a>(statements: &'a [Statement], principal: &'a str) -> BTreeSet<Arn> {
    let of = statements.iter().filter(move |one| one.principal == principal);
    of.filter_map(|one| one.condition("aws:sourcearn")?.parse().ok())
        .collect()
}

/// S3 cannot list the buckets that notify a function, so this reads the buckets that the function's policy names.
async fn buckets(aws: &Aws, function: &Function, statements: &[Statement]) -> Result<Vec<Trigger>, Failure> {
    let mut all = Vec::new();
    for arn in arns(statements, "s3.amazonaws.com") {
        let source = arn.to_string();
        let bucket = Bucket {
            name: arn.resource.clone(),
            owner: owner(statements, &source),
        };
        let configuration = match bucket.notifications(&aws.s3()).await {
            Ok(configuration) => configuration,
            Err(failure) => {
                let state = failure.code().unwrap_or("no answer").to_owned();
                all.push(Trigger::idle("s3", source, state));
                continue;
            }
        };
        let mut notifying = notifications(&configuration);
        notifying.retain(|one| one.to == function.target());
        if notifying.is_empty() {
            all.push(Trigger::idle("s3", source, "no notification"));
            continue;
        }
        let trigger = |one: &super::notification::Notification| {
            Trigger::new("s3", arn.to_string(), one.watched.shown(), is_mark("s3", &one.id))
        };
        all.extend(notifying.iter().map(trigger));
    }
    Ok(all)
}

/// The account that must own a bucket that invokes the function; `None` if a statement accepts any account.
fn owner(statements: &[Statement], bucket: &str) -> Option<String> {
    let of = statements
        .iter()
        .filter(|one| one.principal == "s3.amazonaws.com" && one.condition("aws:sourcearn") == Some(bucket));
    let accounts: Option<BTreeSet<&str>> = of.map(|one| one.condition("aws:sourceaccount")).collect();
    let accounts = accounts.filter(|accounts| accounts.len() == 1)?;
    accounts.first().map(|&account| account.to_owned())
}

async fn sources(aws: &Aws, function: &Function) -> Result<Vec<Trigger>, Failure> {
    let client = aws.lambda();
    let mut all = Vec::new();
    for one in mapping::mappings(&client, function, None).await? {
        let ours = mapping::is_ours(&client, function, &one).await?;
        let servers: Vec<&str> = mapping::bootstrap_servers(&one).collect();
        let servers = servers.join(",");
        let source = one.event_source_arn().unwrap_or(&servers);
        let kind = match source.parse::<Arn>() {
            Ok(arn) => arn.service,
            Err(_) if !servers.is_empty() => "kafka".to_owned(),
            Err(_) => "other".to_owned(),
        };
        let state = one.state().unwrap_or("Unknown");
        all.push(Trigger::new(&kind, source, mapping_details(&one), ours).in_state(state));
    }
    Ok(all)
}

fn mapping_details(one: &EventSourceMappingConfiguration) -> String {
    let topic = one.topics().first().map(|topic| format!("topic {topic}"));
    let batch = one.batch_size().map(|size| format!("batches of {size}"));
    let response = one
        .function_response_types()
        .first()
        .map(|kind| kind.as_str().to_owned());
    let response = response.or_else(|| Some("without ReportBatchItemFailures".to_owned()));
    let last = one.last_processing_result().filter(|result| *result != "OK");
    let last = last.map(|result| format!("last result: {result}"));
    [topic, batch, response, last]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Looks in the buses that the policy names, and in the default bus.
async fn rules(aws: &Aws, function: &Function, statements: &[Statement]) -> Result<Vec<Trigger>, Failure> {
    let client = aws.eventbridge();
    let permitted = arns(statements, "events.amazonaws.com");
    let mut buses: BTreeSet<Option<String>> = permitted.iter().map(bus_of).collect();
    buses.insert(None);
    let mut all = Vec::new();
    let mut listed = BTreeSet::new();
    for bus in buses {
        for name in cloudwatch_events::rules(&client, function, bus.as_deref()).await? {
            let asked = client
                .describe_rule()
                .name(&name)
                .set_event_bus_name(bus.clone())
                .send()
                .await;
            let rule = asked.call_context("events:DescribeRule", format!("rule {name}"))?;
            let when = rule.event_pattern().map(|pattern| format!("pattern {pattern}"));
            let when = when.or_else(|| Some(format!("schedule {}", rule.schedule_expression()?)));
            let state = match rule.state().map(|state| state.as_str()) {
                Some("DISABLED") => "Disabled",
                _ => "Enabled",
            };
            let arn = rule.arn().unwrap_or(&name).to_owned();
            listed.insert(arn.clone());
            let name = RuleName {
                name,
                bus: bus.clone(),
            };
            let targets = targets(&client, &name).await?;
            let ours = targets.iter().any(|one| one.id() == target_id(function));
            all.push(Trigger::new("events", arn, when.unwrap_or_default(), ours).in_state(state));
        }
    }
    let idle = permitted
        .iter()
        .map(Arn::to_string)
        .filter(|arn| !listed.contains(arn));
    all.extend(idle.map(|arn| Trigger::idle("events", arn, "no target")));
    Ok(all)
}

/// The bus of `rule/BUS/NAME`. ARNs of rules on the default bus do not name it.
fn bus_of(arn: &Arn) -> Option<String> {
    let (bus, _) = arn.name().split_once('/')?;
    Some(bus.to_owned())
}

async fn topics(aws: &Aws, function: &Function, statements: &[Statement]) -> Result<Vec<Trigger>, Failure> {
    let mut all = Vec::new();
    for topic in arns(statements, "sns.amazonaws.com") {
        let client = aws.sns(&topic.region);
        let source = topic.to_string();
        let state = match sns::subscription(&client, &topic, function).await {
            Ok(Some(subscription)) => {
                let details = sns::SubscriptionSettings::read(&client, &subscription)
                    .await?
                    .shown();
                let ours = sns::is_ours(aws, function, &topic).await?;
                all.push(Trigger::new("sns", source, details, ours));
                continue;
            }
            Ok(None) => "no subscription".to_owned(),
            Err(failure) => failure.code().unwrap_or("no answer").to_owned(),
        };
        all.push(Trigger::idle("sns", source, state));
    }
    Ok(all)
}

async fn log_groups(
    aws: &Aws,
    function: &Function,
    statements: &[Statement],
) -> Result<Vec<Trigger>, Failure> {
    // Older statements name the service of one region.
    let regional = format!("logs.{}.amazonaws.com", function.arn.region);
    let mut permitted = arns(statements, "logs.amazonaws.com");
    permitted.extend(arns(statements, &regional));
    let target = function.target();
    let mut all = Vec::new();
    for arn in permitted {
        let Some(group) = cloudwatch_logs::group_of(&arn) else {
            continue;
        };
        let state = match cloudwatch_logs::filters(&aws.cloudwatchlogs(), group).await {
            Ok(filters) => {
                let mut ours = filters
                    .iter()
                    .filter(|one| one.destination_arn() == Some(&target));
                let Some(filter) = ours.next() else {
                    all.push(Trigger::idle("logs", group, "no subscription filter"));
                    continue;
                };
                let details = cloudwatch_logs::shown(filter.filter_pattern().unwrap_or_default());
                let wired = filter.filter_name().is_some_and(|name| is_mark("logs", name));
                all.push(Trigger::new("logs", group, details, wired));
                continue;
            }
            Err(failure) => failure.code().unwrap_or("no answer").to_owned(),
        };
        all.push(Trigger::idle("logs", group, state));
    }
    Ok(all)
}

async fn target_groups(
    aws: &Aws,
    function: &Function,
    statements: &[Statement],
) -> Result<Vec<Trigger>, Failure> {
    let mut all = Vec::new();
    for arn in arns(statements, "elasticloadbalancing.amazonaws.com") {
        let source = arn.to_string();
        let found = alb::target_in(aws, function, &source).await;
        all.push(match found {
            Ok(Some(ours)) => Trigger::new("alb", source, "target group", ours),
            Ok(None) => Trigger::idle("alb", source, "no target"),
            Err(failure) => Trigger::idle("alb", source, failure.code().unwrap_or("no answer")),
        });
    }
    Ok(all)
}

async fn apis(aws: &Aws, function: &Function, statements: &[Statement]) -> Result<Vec<Trigger>, Failure> {
    let permitted = arns(statements, "apigateway.amazonaws.com");
    let id = |arn: &Arn| arn.resource.split('/').next().unwrap_or_default().to_owned();
    let mut ids: BTreeSet<String> = permitted.iter().map(id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for (id, kind, details, ours) in api_gateway::found_apis(aws, function).await? {
        if ids.remove(&id) {
            all.push(Trigger::new(kind, id, details, ours));
        }
    }
    let missing = |id| Trigger::idle("http", id, "no such API");
    all.extend(ids.into_iter().map(missing));
    Ok(all)
}

async fn urls(aws: &Aws, function: &Function) -> Result<Option<Trigger>, Failure> {
    let client = aws.lambda();
    if function.is_version() {
        return Ok(None);
    }
    let Some((url, auth)) = function_url::url(&client, function).await? else {
        return Ok(None);
    };
    let ours = function_url::is_ours(&client, function).await?;
    Ok(Some(Trigger::new(
        "url",
        url,
        format!("authorization {}", auth.as_str()),
        ours,
    )))
}

/// Other principals in the policy: Cognito, IoT, other accounts …
fn others(statements: &[Statement]) -> impl Iterator<Item = Trigger> {
    const LISTED: [&str; 6] = [
        "sns.amazonaws.com",
        "logs.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "s3.amazonaws.com",
        "events.amazonaws.com",
        "apigateway.amazonaws.com",
    ];
    let through_url = |one: &Statement| one.conditions.keys().any(|key| key.contains("url"));
    let logs =
        |one: &Statement| one.principal.starts_with("logs.") && one.condition("aws:sourcearn").is_some();
    let other = move |one: &&Statement| !LISTED.contains(&&*one.principal) && !through_url(one) && !logs(one);
    statements.iter().filter(other).map(|one| {
        let kind = one
            .principal
            .strip_suffix(".amazonaws.com")
            .unwrap_or(&one.principal);
        let source = one.condition("aws:sourcearn").unwrap_or("any");
        Trigger::new(kind, source, format!("statement {}", one.sid), false)
    })
}
