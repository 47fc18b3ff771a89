//! A rule of a listener that forwards requests to the function's target group.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, HostHeaderConditionConfig, PathPatternConditionConfig, Rule as Described,
    RuleCondition, RulePriorityPair, Tag,
};

use super::super::mark::TAG;
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::{Function, Slot};
use super::look_up::{first_of_ours, forwards_to, rules};
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// The lowest priority that a rule can have. The listener's default rule comes after it.
const LOWEST_PRIORITY: i32 = 50_000;

/// Which requests to a listener the function gets. They must match one of the paths and one of the hosts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListenerRule {
    /// The listener's ARN.
    pub listener: String,
    /// Path patterns such as `/orders/*`. Empty is every path.
    pub paths: Vec<String>,
    /// Host patterns such as `shop.example.com`. Empty is every host.
    pub hosts: Vec<String>,
    /// The rule's priority [default: after the listener's other rules].
    pub priority: Option<i32>,
}

impl ListenerRule {
    /// The load balancer's name and the listener's id.
    pub(super) fn shown_listener(&self) -> String {
        let parts: Vec<&str> = self.listener.split('/').collect();
        match parts[..] {
            [_, _, name, _, id] => format!("{id} of load balancer {name}"),
            _ => self.listener.clone(),
        }
    }

    fn conditions(&self) -> Vec<RuleCondition> {
        let paths = match self.paths.is_empty() && self.hosts.is_empty() {
            // A rule has at least one condition.
            true => vec!["/*".to_owned()],
            false => self.paths.clone(),
        };
        let path = |paths| {
            let config = PathPatternConditionConfig::builder().set_values(Some(paths));
            RuleCondition::builder()
                .field("path-pattern")
                .path_pattern_config(config.build())
        };
        let host = |hosts| {
            let config = HostHeaderConditionConfig::builder().set_values(Some(hosts));
            RuleCondition::builder()
                .field("host-header")
                .host_header_config(config.build())
        };
        let paths = (!paths.is_empty()).then(|| path(paths).build());
        let hosts = (!self.hosts.is_empty()).then(|| host(self.hosts.clone()).build());
        paths.into_iter().chain(hosts).collect()
    }
}

/// A rule of a listener.
pub(super) struct OwnRule {
    client: Client,
    function: Function,
    wanted: ListenerRule,
    group: Slot<String>,
    found: Option<Described>,
}

impl OwnRule {
    pub(super) fn new(aws: &Aws, function: &Function, wanted: ListenerRule, group: Slot<String>) -> Self {
        Self {
            client: aws.elasticloadbalancing(),
            function: function.clone(),
            wanted,
            group,
            found: None,
        }
    }

    /// The listener's rules, and ours among them.
    async fn look(&self) -> Result<(Vec<Described>, Option<Described>), Failure> {
        let all = rules(&self.client, &self.wanted.listener).await?;
        // Nobody tags a listener's default rule.
        let own = all.iter().filter(|rule| rule.is_default() != Some(true));
        let arns: Vec<&str> = own.filter_map(|rule| rule.rule_arn()).collect();
        let ours = first_of_ours(&self.client, &self.function, &arns).await?;
        let found = all
            .iter()
            .find(|rule| ours.is_some() && rule.rule_arn() == ours.as_deref());
        let found = found.cloned();
        Ok((all, found))
    }

    fn action(&self, group: String) -> Action {
        let action = Action::builder().r#type(ActionTypeEnum::Forward);
        action.target_group_arn(group).build()
    }

    async fn modify(&self, conditions: Vec<RuleCondition>, actions: Vec<Action>) -> Result<(), Failure> {
        let call = self
            .client
            .modify_rule()
            .set_rule_arn(self.arn())
            .set_conditions(Some(conditions))
            .set_actions(Some(actions));
        let done = call.send().await;
        done.call_context("elasticloadbalancing:ModifyRule", self.name())
            .map(drop)
    }

    async fn prioritize(&self, priority: i32) -> Result<(), Failure> {
        let pair = RulePriorityPair::builder()
            .set_rule_arn(self.arn())
            .priority(priority);
        let done = self
            .client
            .set_rule_priorities()
            .rule_priorities(pair.build())
            .send()
            .await;
        let done = done.call_context("elasticloadbalancing:SetRulePriorities", self.name());
        done.map(drop).map_err(explained)
    }

    fn arn(&self) -> Option<String> {
        self.found.as_ref().and_then(|found| found.rule_arn.clone())
    }

    fn differences(&self, found: &Described) -> Vec<Difference> {
        let values = |conditions: &[RuleCondition], field| values(conditions, field).join(", ");
        let wanted = self.wanted.conditions();
        let group = self.group.get();
        let to = match forwards_to(found, group.as_deref()) {
            true => group.clone().unwrap_or_default(),
            false => "another action".to_owned(),
        };
        let priority = found.priority().unwrap_or_default();
        let kept = self.wanted.priority.map(|priority| priority.to_string());
        [
            (
                "paths",
                values(found.conditions(), "path-pattern"),
                values(&wanted, "path-pattern"),
            ),
            (
                "hosts",
                values(found.conditions(), "host-header"),
                values(&wanted, "host-header"),
            ),
            ("forwards to", to, group.unwrap_or_default()),
            (
                "priority",
                priority.to_owned(),
                kept.unwrap_or_else(|| priority.to_owned()),
            ),
        ]
        .into_iter()
        .filter_map(|(name, is, wanted)| Difference::between(name, is, wanted))
        .collect()
    }
}

/// The values of a condition, whichever member has them.
fn values(conditions: &[RuleCondition], field: &str) -> Vec<String> {
    let Some(condition) = conditions.iter().find(|one| one.field() == Some(field)) else {
        return Vec::new();
    };
    let paths = condition.path_pattern_config().map(|config| config.values());
    let hosts = condition.host_header_config().map(|config| config.values());
    let mut values = paths.or(hosts).unwrap_or_else(|| condition.values()).to_vec();
    values.sort();
    values
}

/// The priority after the listener's other rules.
fn next_priority(rules: &[Described]) -> i32 {
    let taken = rules
        .iter()
        .filter_map(|rule| rule.priority()?.parse::<i32>().ok());
    taken.max().map_or(1, |last| (last + 1).min(LOWEST_PRIORITY))
}

fn explained(failure: Failure) -> Failure {
    match failure.code() {
        Some("PriorityInUse") => {
            failure.advise("another rule of the listener has this priority: choose a --priority that is free")
        }
        _ => failure,
    }
}

impl Resource for OwnRule {
    fn name(&self) -> String {
        format!("rule of listener {}", self.wanted.shown_listener())
    }

    fn wanted(&self) -> Vec<String> {
        let conditions = self.wanted.conditions();
        let shown = |name, field| {
            let values = values(&conditions, field);
            (!values.is_empty()).then(|| format!("{name} {}", values.join(", ")))
        };
        let priority = self.wanted.priority;
        let priority = priority.map_or_else(
            || "priority after the other rules".to_owned(),
            |priority| format!("priority {priority}"),
        );
        [
            shown("paths", "path-pattern"),
            shown("hosts", "host-header"),
            Some(priority),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            (_, self.found) = self.look().await?;
            Ok(match &self.found {
                None => Found::Absent,
                Some(found) => Found::Ours(self.differences(found)),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (all, _) = self.look().await?;
            let tag = Tag::builder().key(TAG).value(self.function.target()).build();
            let call = self
                .client
                .create_rule()
                .listener_arn(&self.wanted.listener)
                .priority(self.wanted.priority.unwrap_or_else(|| next_priority(&all)))
                .set_conditions(Some(self.wanted.conditions()))
                .actions(self.action(self.group.need()?))
                .tags(tag);
            let made = call.send().await;
            let made = made.call_context("elasticloadbalancing:CreateRule", self.name());
            made.map(drop).map_err(explained)
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let actions = vec![self.action(self.group.need()?)];
            self.modify(self.wanted.conditions(), actions).await?;
            match self.wanted.priority {
                Some(priority) => self.prioritize(priority).await,
                None => Ok(()),
            }
        })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            self.modify(found.conditions().to_vec(), found.actions().to_vec())
                .await?;
            match found.priority().and_then(|priority| priority.parse().ok()) {
                Some(priority) => self.prioritize(priority).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (_, there) = self.look().await?;
            let Some(arn) = there.and_then(|rule| rule.rule_arn) else {
                return Ok(());
            };
            let gone = self.client.delete_rule().rule_arn(arn).send().await;
            ok_if_gone(gone.call_context("elasticloadbalancing:DeleteRule", self.name()))
        })
    }
}

#[cfg(test)]
mod tests;
