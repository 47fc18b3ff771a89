//! `wire logs`: a subscription filter of a log group, and the permission that it requires.
//!
//! Follows CloudWatch Logs' document "Subscription filters with AWS Lambda".

use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::SubscriptionFilter;

use super::mark::mark;
use super::permission::{Grant, Permission};
use super::plan::{BoxFuture, Difference, Found, Resource, Wiring};
use super::wait::retry;
use super::{Function, Slot};
use crate::{Arn, Aws, CallContext as _, Failure, ok_if_gone};

/// The longest that CloudWatch Logs takes to see a new permission.
const PERMISSION_SPREADS: Duration = Duration::from_secs(20);

/// A log group has at most this many subscription filters.
const MOST_FILTERS: usize = 2;

/// Sends a log group's events to the function: those that match the filter pattern, or all if it is empty.
///
/// # Errors
/// If the function itself logs to the group: each invocation would cause the next one.
pub fn wiring(aws: &Aws, function: &Function, group: &str, pattern: &str) -> Result<Wiring, Failure> {
    let group = &group_name(function, group)?;
    if *group == function.log_group {
        return Err(Failure::new(format!(
            "function {} logs to {group}: each invocation would write logs that invoke it again",
            function.label()
        ))
        .advise("subscribe another function, or give this one a log group of its own with `aws lambda update-function-configuration --logging-config`"));
    }
    Ok(resources(aws, function, group, Some(pattern)))
}

/// The resources that this command created between the log group and the function.
///
/// # Errors
/// If the text is the ARN of something else.
pub fn unwiring(aws: &Aws, function: &Function, group: &str) -> Result<Wiring, Failure> {
    Ok(resources(aws, function, &group_name(function, group)?, None))
}

fn resources(aws: &Aws, function: &Function, group: &str, pattern: Option<&str>) -> Wiring {
    // The ARN of a group's events ends in `:*`. The account keeps a group of the same name in another account out.
    let arn = function
        .arn
        .sibling("logs", format!("log-group:{group}:*"))
        .to_string();
    let grant = Grant {
        source_account: Some(function.arn.account.clone()),
        ..Grant::service("logs.amazonaws.com", Slot::of("the log group's ARN", arn))
    };
    let sid = mark("logs", &[&function.target(), group]);
    Wiring::new(format!("log group {group} → function {}", function.label()))
        .with(Permission::new(aws, function, sid, grant))
        .with(LogSubscription {
            client: aws.cloudwatchlogs(),
            function: function.clone(),
            group: group.to_owned(),
            pattern: pattern.map(str::to_owned),
            found: None,
        })
}

/// The name of a log group that is given by its name or ARN.
///
/// # Errors
/// If the text is the ARN of something else, or of a group in another region or account.
fn group_name(function: &Function, text: &str) -> Result<String, Failure> {
    if !text.starts_with("arn:") {
        return Ok(text.to_owned());
    }
    let arn: Arn = text.parse().map_err(Failure::new)?;
    let group =
        group_of(&arn).ok_or_else(|| Failure::new(format!("{text} is not the ARN of a log group")))?;
    if (&arn.region, &arn.account) != (&function.arn.region, &function.arn.account) {
        return Err(Failure::new(format!(
            "log group {text} is in another region or account than function {}, and CloudWatch Logs sends it no events",
            function.label()
        )));
    }
    Ok(group.to_owned())
}

/// The name of the group in the ARN that a permission names, `…:log-group:NAME:*`.
pub(super) fn group_of(arn: &Arn) -> Option<&str> {
    let name = arn.resource.strip_prefix("log-group:")?;
    Some(name.strip_suffix(":*").unwrap_or(name))
}

/// The name of the filter that this command creates.
pub(super) fn filter_name(function: &Function) -> String {
    mark("logs", &[&function.target()])
}

/// Lists the subscription filters of a log group.
///
/// # Errors
/// If the group does not exist or its filters cannot be listed.
pub(super) async fn filters(client: &Client, group: &str) -> Result<Vec<SubscriptionFilter>, Failure> {
    let pages = client
        .describe_subscription_filters()
        .log_group_name(group)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    pages.call_context("logs:DescribeSubscriptionFilters", format!("log group {group}"))
}

/// A subscription filter with the function as its destination.
struct LogSubscription {
    client: Client,
    function: Function,
    group: String,
    /// `None` if the filter is only to be removed.
    pattern: Option<String>,
    found: Option<SubscriptionFilter>,
}

impl LogSubscription {
    async fn put(&self, pattern: &str, destination: &str) -> Result<(), Failure> {
        let attempt = async || {
            let call = self
                .client
                .put_subscription_filter()
                .log_group_name(&self.group)
                .filter_name(filter_name(&self.function))
                .filter_pattern(pattern)
                .destination_arn(destination);
            let done = call.send().await;
            done.call_context("logs:PutSubscriptionFilter", self.name())
                .map(drop)
        };
        retry(PERMISSION_SPREADS, cannot_invoke, attempt).await
    }

    /// # Errors
    /// If the group has no room for another filter.
    fn check(&self, all: &[SubscriptionFilter]) -> Result<(), Failure> {
        if self.pattern.is_none() || all.len() < MOST_FILTERS {
            return Ok(());
        }
        let others: Vec<String> = all
            .iter()
            .map(|one| {
                let name = one.filter_name().unwrap_or_default();
                format!("{name} to {}", one.destination_arn().unwrap_or_default())
            })
            .collect();
        Err(Failure::new(format!(
            "log group {} already has {MOST_FILTERS} subscription filters, and CloudWatch Logs allows no more: {}",
            self.group,
            others.join(", ")
        ))
        .advise("remove one with `aws logs delete-subscription-filter`, or let a Kinesis stream take the group's events and `wire kinesis`"))
    }
}

/// CloudWatch Logs does not see the new permission yet.
fn cannot_invoke(failure: &Failure) -> bool {
    failure.code() == Some("InvalidParameterException")
        && failure
            .message()
            .contains("Could not execute the lambda function")
}

impl Resource for LogSubscription {
    fn name(&self) -> String {
        format!(
            "subscription filter {} of log group {}",
            filter_name(&self.function),
            self.group
        )
    }

    fn wanted(&self) -> Vec<String> {
        let pattern = self.pattern.as_deref().unwrap_or_default();
        vec![format!("{} → {}", shown(pattern), self.function.target())]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let all =
                filters(&self.client, &self.group)
                    .await
                    .map_err(|failure| match failure.is_not_found() {
                        true => failure.advise(format!(
                            "create it first: aws logs create-log-group --log-group-name {}",
                            self.group
                        )),
                        false => failure,
                    })?;
            let name = filter_name(&self.function);
            self.found = all.iter().find(|one| one.filter_name() == Some(&name)).cloned();
            let Some(found) = &self.found else {
                self.check(&all)?;
                return Ok(Found::Absent);
            };
            let Some(wanted) = &self.pattern else {
                return Ok(Found::Ours(Vec::new()));
            };
            let pattern = found.filter_pattern().unwrap_or_default();
            let destination = found.destination_arn().unwrap_or_default();
            let differences = [
                Difference::between("filter pattern", pattern, wanted),
                Difference::between("invokes", destination, self.function.target()),
            ];
            Ok(Found::Ours(differences.into_iter().flatten().collect()))
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let pattern = self.pattern.as_deref().unwrap_or_default();
            self.put(pattern, &self.function.target()).await
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            let pattern = found.filter_pattern().unwrap_or_default();
            self.put(pattern, found.destination_arn().unwrap_or_default())
                .await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .delete_subscription_filter()
                .log_group_name(&self.group)
                .filter_name(filter_name(&self.function));
            let gone = call.send().await;
            ok_if_gone(gone.call_context("logs:DeleteSubscriptionFilter", self.name()))
        })
    }
}

/// A filter pattern for display.
pub(super) fn shown(pattern: &str) -> String {
    match pattern {
        "" => "every event".to_owned(),
        pattern => format!("filter pattern {pattern}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_by_its_name_or_its_arn() {
        let function = Function::example();
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop";
        let name = |text: &str| group_name(&function, text).unwrap();
        assert_eq!(name("/ecs/shop"), "/ecs/shop");
        assert_eq!(name(arn), "/ecs/shop");
        assert_eq!(name(&format!("{arn}:*")), "/ecs/shop");
        for text in ["arn:aws:s3:::bucket", &arn.replace("eu-west-1", "us-east-1")] {
            assert!(group_name(&function, text).is_err(), "{text}");
        }
    }
}
