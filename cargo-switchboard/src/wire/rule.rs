//! A rule of EventBridge, and the function as its target.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, RuleState, Tag, Target as Described};
use serde_json::Value;

use super::Function;
use super::mark::{TAG, is_ours, mark};
use super::plan::{Asked, Difference, Found, Resource};
use crate::aws::{Aws, Failure, Told as _};

/// The function's id among a rule's targets.
pub(crate) fn target_id(function: &Function) -> String {
    mark("target", &[&function.target()])
}

/// What a rule waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum When {
    /// Events that match, in JSON.
    Pattern(String),
    /// `rate(5 minutes)`, `cron(0 12 * * ? *)`.
    Schedule(String),
}

impl When {
    /// One text for patterns that say the same.
    pub(crate) fn canonical(&self) -> String {
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
pub(crate) struct RuleName {
    pub(crate) name: String,
    /// `None` is the default bus.
    pub(crate) bus: Option<String>,
}

impl RuleName {
    fn shown(&self) -> String {
        match &self.bus {
            Some(bus) => format!("rule {} of bus {bus}", self.name),
            None => format!("rule {}", self.name),
        }
    }

    /// The rule's ARN, which names the bus unless it is the default one.
    pub(crate) fn arn(&self, function: &Function) -> String {
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
pub(crate) struct Rule {
    client: Client,
    function: Function,
    rule: RuleName,
    /// `None` when it is only to be removed.
    when: Option<When>,
    found: Option<DescribeRuleOutput>,
}

impl Rule {
    pub(crate) fn new(aws: &Aws, function: &Function, rule: RuleName, when: Option<When>) -> Self {
        Self {
            client: aws.eventbridge(),
            function: function.clone(),
            rule,
            when,
            found: None,
        }
    }

    async fn put(&self, pattern: Option<&str>, schedule: Option<&str>, tag: bool) -> Result<(), Failure> {
        // The tags of a rule that is there are not changed by this call, and giving them is refused.
        let tags = || Tag::builder().key(TAG).value(self.function.target()).build();
        let tags = tag
            .then(tags)
            .transpose()
            .map_err(|error| Failure::own(error.to_string()))?;
        let call = self
            .client
            .put_rule()
            .name(&self.rule.name)
            .set_event_bus_name(self.rule.bus.clone())
            .set_event_pattern(pattern.map(str::to_owned))
            .set_schedule_expression(schedule.map(str::to_owned))
            .state(RuleState::Enabled)
            .description(format!(
                "Invokes the function {}; made by cargo switchboard wire",
                self.function.label()
            ))
            .set_tags(tags.map(|tag| vec![tag]));
        call.send().await.told("events:PutRule", self.name()).map(drop)
    }

    async fn put_wanted(&self, tag: bool) -> Result<(), Failure> {
        match &self.when {
            Some(When::Pattern(pattern)) => self.put(Some(pattern), None, tag).await,
            Some(When::Schedule(expression)) => self.put(None, Some(expression), tag).await,
            None => Ok(()),
        }
    }

    fn differences(&self, found: &DescribeRuleOutput) -> Vec<Difference> {
        let Some(when) = &self.when else { return Vec::new() };
        let is = match (found.event_pattern(), found.schedule_expression()) {
            (Some(pattern), _) => When::Pattern(pattern.to_owned()).shown(),
            (None, schedule) => When::Schedule(schedule.unwrap_or_default().to_owned()).shown(),
        };
        let state = found.state().map_or("", RuleState::as_str);
        [
            Difference::between("waits for", is, when.shown()),
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
        self.when.iter().map(When::shown).collect()
    }

    fn find(&mut self) -> Asked<'_, Found> {
        Box::pin(async move {
            let call = self
                .client
                .describe_rule()
                .name(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone());
            let found = match call.send().await.told("events:DescribeRule", self.name()) {
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
            let tags = tags.told("events:ListTagsForResource", self.name())?;
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

    fn create(&mut self) -> Asked<'_, ()> {
        Box::pin(self.put_wanted(true))
    }

    fn change(&mut self) -> Asked<'_, ()> {
        Box::pin(self.put_wanted(false))
    }

    fn restore(&mut self) -> Asked<'_, ()> {
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
                .told("events:DisableRule", self.name())
                .map(drop)
        })
    }

    fn remove(&mut self) -> Asked<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .delete_rule()
                .name(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone());
            match call.send().await.told("events:DeleteRule", self.name()) {
                Err(failure) if failure.is_not_found() => Ok(()),
                done => done.map(drop),
            }
        })
    }
}

/// How often, for how long, and what then.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    pub(crate) maximum_retry_attempts: i32,
    /// Seconds.
    pub(crate) maximum_event_age: i32,
    /// ARN of a queue.
    pub(crate) dead_letter_queue: Option<String>,
}

/// The function as a rule's target.
pub(crate) struct Target {
    client: Client,
    function: Function,
    rule: RuleName,
    retry: Retry,
    found: Option<Described>,
}

impl Target {
    pub(crate) fn new(aws: &Aws, function: &Function, rule: RuleName, retry: Retry) -> Self {
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
        target.build().map_err(|error| Failure::own(error.to_string()))
    }

    async fn put(&self, target: Described) -> Result<(), Failure> {
        let call = self
            .client
            .put_targets()
            .rule(&self.rule.name)
            .set_event_bus_name(self.rule.bus.clone())
            .targets(target);
        let answer = call.send().await.told("events:PutTargets", self.name())?;
        match answer.failed_entries().first() {
            None => Ok(()),
            Some(entry) => Err(Failure::own(format!(
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

    fn find(&mut self) -> Asked<'_, Found> {
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

    fn create(&mut self) -> Asked<'_, ()> {
        Box::pin(async move { self.put(self.described()?).await })
    }

    fn change(&mut self) -> Asked<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> Asked<'_, ()> {
        Box::pin(async move {
            match self.found.clone() {
                Some(found) => self.put(found).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> Asked<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .remove_targets()
                .rule(&self.rule.name)
                .set_event_bus_name(self.rule.bus.clone())
                .ids(target_id(&self.function));
            match call.send().await.told("events:RemoveTargets", self.name()) {
                Err(failure) if failure.is_not_found() => Ok(()),
                done => done.map(drop),
            }
        })
    }
}

/// A rule's targets; none if there is no such rule.
///
/// # Errors
/// When they cannot be listed.
pub(crate) async fn targets(client: &Client, rule: &RuleName) -> Result<Vec<Described>, Failure> {
    let call = client
        .list_targets_by_rule()
        .rule(&rule.name)
        .set_event_bus_name(rule.bus.clone());
    match call.send().await.told("events:ListTargetsByRule", rule.shown()) {
        Err(failure) if failure.is_not_found() => Ok(Vec::new()),
        listed => Ok(listed?.targets.unwrap_or_default()),
    }
}
