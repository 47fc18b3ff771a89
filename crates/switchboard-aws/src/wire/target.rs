//! The function as the target of a rule.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, Target as Described};

use super::Function;
use super::mark::mark;
use super::plan::{BoxFuture, Difference, Found, Resource};
use super::rule::RuleName;
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// The id of the function's target in a rule.
pub(super) fn target_id(function: &Function) -> String {
    mark("target", &[&function.target()])
}

/// How EventBridge retries failed deliveries, and where it sends them in the end.
#[derive(Clone, Debug)]
pub(super) struct FailedDelivery {
    pub maximum_retry_attempts: i32,
    /// The maximum age of an event, in seconds.
    pub maximum_event_age: i32,
    /// The ARN of the dead-letter queue.
    pub dead_letter_queue: Option<String>,
}

/// The function as the target of a rule.
pub(super) struct Target {
    client: Client,
    function: Function,
    rule: RuleName,
    retry: FailedDelivery,
    found: Option<Described>,
}

impl Target {
    pub(super) fn new(aws: &Aws, function: &Function, rule: RuleName, retry: FailedDelivery) -> Self {
        Self {
            client: aws.eventbridge(),
            function: function.clone(),
            rule,
            retry,
            found: None,
        }
    }

    fn described(&self) -> Result<Described, Failure> {
        let retry = RetryPolicy::builder()
            .maximum_retry_attempts(self.retry.maximum_retry_attempts)
            .maximum_event_age_in_seconds(self.retry.maximum_event_age);
        let queue = self.retry.dead_letter_queue.as_ref();
        let target = Described::builder()
            .id(target_id(&self.function))
            .arn(self.function.target())
            .retry_policy(retry.build())
            .set_dead_letter_config(queue.map(|arn| DeadLetterConfig::builder().arn(arn).build()));
        target.build().map_err(|error| Failure::new(error.to_string()))
    }

    async fn put(&self, target: Described) -> Result<(), Failure> {
        let call = self
            .client
            .put_targets()
            .rule(&self.rule.name)
            .set_event_bus_name(self.rule.bus.clone())
            .targets(target);
        let answer = call.send().await.call_context("events:PutTargets", self.name())?;
        match answer.failed_entries().first() {
            None => Ok(()),
            Some(entry) => Err(Failure::new(format!(
                "events:PutTargets on {}: {}: {}",
                self.name(),
                entry.error_code().unwrap_or_default(),
                entry.error_message().unwrap_or_default()
            ))),
        }
    }

    fn properties(target: &Described) -> [(&'static str, String); 4] {
        let retry = target.retry_policy();
        let queue = target.dead_letter_config().and_then(DeadLetterConfig::arn);
        let number = |number: Option<i32>, default: i32| number.unwrap_or(default).to_string();
        [
            ("invokes", target.arn().to_owned()),
            (
                "maximum retries",
                number(retry.and_then(RetryPolicy::maximum_retry_attempts), 185),
            ),
            (
                "maximum age in seconds",
                number(retry.and_then(RetryPolicy::maximum_event_age_in_seconds), 86400),
            ),
            ("dead-letter queue", queue.unwrap_or_default().to_owned()),
        ]
    }
}

impl Resource for Target {
    fn name(&self) -> String {
        format!("target {} of {}", target_id(&self.function), self.rule.shown())
    }

    fn wanted(&self) -> Vec<String> {
        let all = self.described().map(|target| Self::properties(&target));
        let shown = |(name, value): (&str, String)| (!value.is_empty()).then(|| format!("{name} {value}"));
        all.into_iter().flatten().filter_map(shown).collect()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            self.found = targets(&self.client, &self.rule)
                .await?
                .into_iter()
                .find(|one| one.id() == target_id(&self.function));
            let Some(found) = &self.found else {
                return Ok(Found::Absent);
            };
            let wanted = Self::properties(&self.described()?);
            let differences = Self::properties(found)
                .into_iter()
                .zip(wanted)
                .filter_map(|((what, is), (_, wanted))| Difference::between(what, is, wanted));
            Ok(Found::Ours(differences.collect()))
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.put(self.described()?).await })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match self.found.clone() {
                Some(found) => self.put(found).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .remove_targets()
                .rule(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone())
                .ids(target_id(&self.function));
            ok_if_gone(
                call.send()
                    .await
                    .call_context("events:RemoveTargets", self.name()),
            )
        })
    }
}

/// Lists a rule's targets; empty if the rule does not exist.
///
/// # Errors
/// If the targets cannot be listed.
pub(super) async fn targets(client: &Client, rule: &RuleName) -> Result<Vec<Described>, Failure> {
    let call = client
        .list_targets_by_rule()
        .rule(&rule.name)
        .set_event_bus_name(rule.bus.clone());
    match call
        .send()
        .await
        .call_context("events:ListTargetsByRule", rule.shown())
    {
        Err(failure) if failure.is_not_found() => Ok(Vec::new()),
        listed => Ok(listed?.targets.unwrap_or_default()),
    }
}
