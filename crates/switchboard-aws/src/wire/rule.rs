//! An EventBridge rule.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{RuleState, Tag};
use serde_json::Value;

use super::Function;
use super::mark::{TAG, is_ours};
use super::plan::{BoxFuture, Difference, Found, Resource};
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// What a rule matches.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleMatch {
    /// An event pattern in JSON.
    Pattern(String),
    /// A schedule: `rate(5 minutes)`, `cron(0 12 * * ? *)`.
    Schedule(String),
}

impl RuleMatch {
    /// A text that is the same for equivalent patterns.
    pub fn canonical(&self) -> String {
        match self {
            Self::Pattern(pattern) => compact(pattern),
            Self::Schedule(expression) => expression.clone(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Pattern(pattern) => format!("pattern {}", compact(pattern)),
            Self::Schedule(expression) => format!("schedule {expression}"),
        }
    }
}

fn compact(pattern: &str) -> String {
    let value = serde_json::from_str::<Value>(pattern);
    value.map_or_else(|_| pattern.to_owned(), |value| value.to_string())
}

/// A rule's name and its bus.
#[derive(Clone, Debug)]
pub(super) struct RuleName {
    pub name: String,
    /// The bus; `None` is the default bus.
    pub bus: Option<String>,
}

impl RuleName {
    pub(super) fn shown(&self) -> String {
        match &self.bus {
            Some(bus) => format!("rule {} of bus {bus}", self.name),
            None => format!("rule {}", self.name),
        }
    }

    /// The rule's ARN. It names the bus unless that is the default one.
    pub(super) fn arn(&self, function: &Function) -> String {
        let bus = self
            .bus
            .as_deref()
            .map(|bus| bus.rsplit('/').next().unwrap_or(bus));
        let path = match bus.filter(|bus| *bus != "default") {
            Some(bus) => format!("rule/{bus}/{}", self.name),
            None => format!("rule/{}", self.name),
        };
        function.arn.sibling("events", path).to_string()
    }
}

/// A rule.
pub(super) struct Rule {
    client: Client,
    function: Function,
    rule: RuleName,
    /// `None` if the rule is only to be removed.
    when: Option<RuleMatch>,
    found: Option<DescribeRuleOutput>,
    stays: Option<String>,
}

impl Rule {
    pub(super) fn new(aws: &Aws, function: &Function, rule: RuleName, when: Option<RuleMatch>) -> Self {
        Self {
            client: aws.eventbridge(),
            function: function.clone(),
            rule,
            when,
            found: None,
            stays: None,
        }
    }

    /// The same rule, which `unwire` keeps for this reason.
    #[must_use]
    pub(super) fn staying(mut self, reason: Option<String>) -> Self {
        self.stays = reason;
        self
    }

    async fn put(&self, pattern: Option<&str>, schedule: Option<&str>, tag: bool) -> Result<(), Failure> {
        // This call cannot change the tags of an existing rule and refuses them.
        let tags = || Tag::builder().key(TAG).value(self.function.target()).build();
        let tags = tag
            .then(tags)
            .transpose()
            .map_err(|error| Failure::new(error.to_string()))?;
        let call = self
            .client
            .put_rule()
            .name(&self.rule.name)
            .set_event_bus_name(self.rule.bus.clone())
            .set_event_pattern(pattern.map(str::to_owned))
            .set_schedule_expression(schedule.map(str::to_owned))
            .state(RuleState::Enabled)
            .description(format!(
                "Invokes the function {}; created by cargo switchboard wire",
                self.function.label()
            ))
            .set_tags(tags.map(|tag| vec![tag]));
        call.send()
            .await
            .call_context("events:PutRule", self.name())
            .map(drop)
    }

    async fn put_wanted(&self, tag: bool) -> Result<(), Failure> {
        match &self.when {
            Some(RuleMatch::Pattern(pattern)) => self.put(Some(pattern), None, tag).await,
            Some(RuleMatch::Schedule(expression)) => self.put(None, Some(expression), tag).await,
            None => Ok(()),
        }
    }

    fn differences(&self, found: &DescribeRuleOutput) -> Vec<Difference> {
        let Some(when) = &self.when else { return Vec::new() };
        let is = match (found.event_pattern(), found.schedule_expression()) {
            (Some(pattern), _) => RuleMatch::Pattern(pattern.to_owned()).shown(),
            (None, schedule) => RuleMatch::Schedule(schedule.unwrap_or_default().to_owned()).shown(),
        };
        let state = found.state().map_or("", RuleState::as_str);
        [
            Difference::between("matches", is, when.shown()),
            Difference::between("state", state, "ENABLED"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Resource for Rule {
    fn name(&self) -> String {
        self.rule.shown()
    }

    fn wanted(&self) -> Vec<String> {
        self.when.iter().map(RuleMatch::shown).collect()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let call = self
                .client
                .describe_rule()
                .name(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone());
            let found = match call.send().await.call_context("events:DescribeRule", self.name()) {
                Err(failure) if failure.is_not_found() => return Ok(Found::Absent),
                found => found?,
            };
            let arn = found.arn().unwrap_or_default();
            let tags = self
                .client
                .list_tags_for_resource()
                .resource_arn(arn)
                .send()
                .await;
            let tags = tags.call_context("events:ListTagsForResource", self.name())?;
            let tags: Vec<_> = tags
                .tags()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect();
            let ours = is_ours(&self.function, tags.iter().map(|(key, value)| (key, value)));
            let differences = self.differences(&found);
            self.found = Some(found);
            Ok(if ours {
                Found::Ours(differences)
            } else {
                Found::Foreign(differences)
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.put_wanted(true))
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.put_wanted(false))
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            self.put(found.event_pattern(), found.schedule_expression(), false)
                .await?;
            if found.state() != Some(&RuleState::Disabled) {
                return Ok(());
            }
            let call = self
                .client
                .disable_rule()
                .name(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone());
            call.send()
                .await
                .call_context("events:DisableRule", self.name())
                .map(drop)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .delete_rule()
                .name(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone());
            ok_if_gone(call.send().await.call_context("events:DeleteRule", self.name()))
        })
    }

    fn stays(&self) -> Option<String> {
        self.stays.clone()
    }
}
