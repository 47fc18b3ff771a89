//! An event source mapping as a resource.

use std::time::Duration;

use super::super::Function;
use super::super::mark;
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::wait::{poll, retry};
use super::calls;
use super::kafka::KafkaSettings;
use super::settings::{Settings, Start, properties_of};
use super::source::PolledSource;
use crate::{Aws, CallContext as _, Failure};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingFluentBuilder as Update;
use aws_sdk_lambda::types::EventSourceMappingConfiguration as Configuration;

/// The longest that Lambda takes to enable or disable a mapping, or to see a new permission of the role.
const SETTLES: Duration = Duration::from_secs(120);
/// The same for pollers in a network: Lambda creates network interfaces first.
const POLLERS_SETTLE: Duration = Duration::from_secs(600);
const RIGHTS_SPREAD: Duration = Duration::from_secs(10);

/// A mapping from one source to the function.
pub(crate) struct Mapping {
    client: Client,
    function: Function,
    /// The source for display, such as `stream clicks`.
    shown: String,
    source: PolledSource,
    settings: Settings,
    /// What to do if Lambda refuses because the role lacks permissions.
    advice: String,
    found: Option<Configuration>,
}

impl Mapping {
    pub(crate) fn new(
        aws: &Aws,
        function: &Function,
        shown: String,
        source: PolledSource,
        settings: Settings,
        advice: String,
    ) -> Self {
        Self {
            client: aws.lambda(),
            function: function.clone(),
            shown,
            source,
            settings,
            advice,
            found: None,
        }
    }

    async fn look(&self) -> Result<Option<Configuration>, Failure> {
        if self.source.is_unknown() {
            return Ok(None);
        }
        let arn = self.source.arn();
        let all = mappings(&self.client, &self.function, arn.as_deref()).await?;
        Ok(all.into_iter().find(|one| self.source.is_read_by(one)))
    }

    /// # Errors
    /// If the mapping has another consumer group than the wanted one. Lambda cannot change it.
    fn check(&self, found: &Configuration) -> Result<(), Failure> {
        let wanted = self
            .settings
            .kafka
            .as_ref()
            .and_then(|kafka| kafka.consumer_group.as_deref());
        let there = KafkaSettings::of(found).consumer_group.unwrap_or_default();
        match wanted.filter(|wanted| *wanted != there) {
            None => Ok(()),
            Some(wanted) => Err(Failure::new(format!(
                "{} has consumer group {there}, and Lambda cannot change it to {wanted}",
                self.name()
            ))
            .advise("leave out --consumer-group, or remove the mapping with `unwire` and wire it again")),
        }
    }

    async fn make(&self) -> Result<(), Failure> {
        let call = calls::create(&self.client, &self.function, &self.source, &self.settings)?;
        let made = call.send().await;
        made.call_context("lambda:CreateEventSourceMapping", self.name())
            .map(drop)
    }

    async fn send(&self, update: Update) -> Result<(), Failure> {
        let attempt = async || {
            let call = update.clone();

            let updated = call.send().await;
            updated
                .call_context("lambda:UpdateEventSourceMapping", self.name())
                .map(drop)
        };
        retry(self.limit(), is_changing, attempt).await?;
        self.settle(&["Enabled", "Disabled"]).await
    }

    fn limit(&self) -> Duration {
        match self.settings.kafka.is_some() || self.settings.pollers.is_some() {
            true => POLLERS_SETTLE,
            false => SETTLES,
        }
    }

    /// Waits until Lambda has finished the change that it accepted.
    async fn settle(&self, states: &[&str]) -> Result<(), Failure> {
        let what = format!("{} is {}", self.name(), states.join(" or "));
        let ask = async || {
            let state = self.look().await?.and_then(|found| found.state);
            let state = state.unwrap_or_else(|| "gone".to_owned());
            Ok(states.contains(&&*state).then_some(()))
        };
        poll(self.limit(), &what, ask).await
    }

    fn explain(&self, failure: Failure) -> Failure {
        match lacks_rights(&failure) {
            true => failure.advise(self.advice.clone()),
            false => failure,
        }
    }
}

fn is_changing(failure: &Failure) -> bool {
    failure.code() == Some("ResourceInUseException")
}

fn lacks_rights(failure: &Failure) -> bool {
    let message = failure.message();
    failure.code() == Some("InvalidParameterValueException")
        && ["execution role", "annot access stream", "cannot be assumed"]
            .iter()
            .any(|words| message.contains(words))
}

/// Lists the function's mappings, of one source or of all.
///
/// # Errors
/// If the mappings cannot be listed.
pub(crate) async fn mappings(
    client: &Client,
    function: &Function,
    source: Option<&str>,
) -> Result<Vec<Configuration>, Failure> {
    let pages = client
        .list_event_source_mappings()
        .function_name(function.target())
        .set_event_source_arn(source.map(str::to_owned))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    let all = pages.call_context(
        "lambda:ListEventSourceMappings",
        format!("function {}", function.label()),
    )?;
    let target = function.target();
    // Without an alias AWS also lists the mappings of every alias.
    Ok(all
        .into_iter()
        .filter(|one| one.function_arn() == Some(&target))
        .collect())
}

/// Whether this command created the mapping.
///
/// # Errors
/// If the mapping's tags cannot be read.
pub(crate) async fn is_ours(
    client: &Client,
    function: &Function,
    one: &Configuration,
) -> Result<bool, Failure> {
    let arn = one.event_source_mapping_arn().unwrap_or_default();
    let asked = client.list_tags().resource(arn).send().await;
    let tags = asked.call_context("lambda:ListTags", format!("event source mapping {arn}"))?;
    Ok(mark::is_ours(function, tags.tags().into_iter().flatten()))
}

impl Resource for Mapping {
    fn name(&self) -> String {
        format!(
            "event source mapping of {} to function {}",
            self.shown,
            self.function.label()
        )
    }

    fn wanted(&self) -> Vec<String> {
        let start = self.settings.stream.as_ref().map(|stream| match stream.start {
            Start::TrimHorizon => "starts with the oldest record".to_owned(),
            Start::Latest => "starts with new records".to_owned(),
            Start::At(seconds) => format!("starts at Unix time {seconds}"),
        });
        let set = self
            .settings
            .properties()
            .into_iter()
            .filter(|(_, value)| !value.is_empty());
        start
            .into_iter()
            .chain(set.map(|(name, value)| format!("{name} {value}")))
            .collect()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            if self
                .look()
                .await?
                .is_some_and(|found| found.state() == Some("Deleting"))
            {
                self.settle(&["gone"]).await?;
            }
            self.found = self.look().await?;
            let Some(found) = &self.found else {
                return Ok(Found::Absent);
            };
            self.check(found)?;
            let mut differences = Vec::new();
            let there = properties_of(found);
            for (name, wanted) in self.settings.properties() {
                differences.extend(Difference::between(name, &there[name], wanted));
            }
            Ok(match is_ours(&self.client, &self.function, found).await? {
                true => Found::Ours(differences),
                false => Found::Foreign(differences),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let attempt = async || self.make().await;
            retry(RIGHTS_SPREAD, lacks_rights, attempt)
                .await
                .map_err(|failure| self.explain(failure))?;
            self.settle(&["Enabled", "Disabled"]).await
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            if self.settings.pollers.is_none() && KafkaSettings::of(found).registry.is_some() {
                self.send(calls::without_registry(&self.client, found)).await?;
            }
            let changed = self
                .send(calls::update(&self.client, &self.settings, found))
                .await;
            changed.map_err(|failure| self.explain(failure))
        })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match &self.found {
                Some(found) => {
                    self.send(calls::put_back(&self.client, &self.settings, found))
                        .await
                }
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(there) = self.look().await? else {
                return Ok(());
            };
            let attempt = async || {
                let call = self
                    .client
                    .delete_event_source_mapping()
                    .uuid(there.uuid().unwrap_or_default());

                let deleted = call.send().await;
                deleted
                    .call_context("lambda:DeleteEventSourceMapping", self.name())
                    .map(drop)
            };
            match retry(self.limit(), is_changing, attempt).await {
                Err(failure) if !failure.is_not_found() => Err(failure),
                _ => self.settle(&["gone"]).await,
            }
        })
    }
}
