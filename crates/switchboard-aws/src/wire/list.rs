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
use super::{Function, api_gateway, cloudwatch_events, function_url, mapping};
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
                all.push(Trigger::new("s3", source, "may invoke the function", false).in_state(state));
                continue;
            }
        };
        let mut notifying = notifications(&configuration);
        notifying.retain(|one| one.to == function.target());
        if notifying.is_empty() {
            all.push(
                Trigger::new("s3", source, "may invoke the function", false).in_state("no notification"),
            );
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
        let arn = one.event_source_arn().unwrap_or("no ARN");
        let kind = arn
            .parse::<Arn>()
            .map_or_else(|_| "other".to_owned(), |arn| arn.service);
        let state = one.state().unwrap_or("Unknown");
        all.push(Trigger::new(&kind, arn, mapping_details(&one), ours).in_state(state));
    }
    Ok(all)
}

fn mapping_details(one: &EventSourceMappingConfiguration) -> String {
    let batch = one.batch_size().map(|size| format!("batches of {size}"));
    let response = one
        .function_response_types()
        .first()
        .map(|kind| kind.as_str().to_owned());
    let response = response.or_else(|| Some("without ReportBatchItemFailures".to_owned()));
    let last = one.last_processing_result().filter(|result| *result != "OK");
    let last = last.map(|result| format!("last result: {result}"));
    [batch, response, last]
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
    all.extend(
        idle.map(|arn| Trigger::new("events", arn, "may invoke the function", false).in_state("no target")),
    );
    Ok(all)
}

/// The bus of `rule/BUS/NAME`. ARNs of rules on the default bus do not name it.
fn bus_of(arn: &Arn) -> Option<String> {
    let (bus, _) = arn.name().split_once('/')?;
    Some(bus.to_owned())
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
    let missing = |id| Trigger::new("http", id, "may invoke the function", false).in_state("no such API");
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

/// Other principals in the policy: SNS, CloudWatch Logs, Cognito, other accounts …
fn others(statements: &[Statement]) -> impl Iterator<Item = Trigger> {
    const LISTED: [&str; 3] = [
        "s3.amazonaws.com",
        "events.amazonaws.com",
        "apigateway.amazonaws.com",
    ];
    let through_url = |one: &Statement| one.conditions.keys().any(|key| key.contains("url"));
    let other = move |one: &&Statement| !LISTED.contains(&&*one.principal) && !through_url(one);
    statements.iter().filter(other).map(|one| {
        let kind = one
            .principal
            .strip_suffix(".amazonaws.com")
            .unwrap_or(&one.principal);
        let source = one.condition("aws:sourcearn").unwrap_or("any");
        Trigger::new(kind, source, format!("statement {}", one.sid), false)
    })
}
