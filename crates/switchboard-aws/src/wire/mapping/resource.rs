//! An event source mapping as a resource.

use std::time::Duration;

use super::super::mark::{self, TAG};
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::wait::{poll, retry};
use super::super::{Function, Slot};
use super::settings::{Settings, Start, properties_of};
use crate::{Aws, CallContext as _, Failure};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingFluentBuilder as Update;
use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Configuration, EventSourcePosition, FilterCriteria,
    FunctionResponseType, OnFailure, ScalingConfig,
};

/// The longest that Lambda takes to enable or disable a mapping, or to see a new permission of the role.
const SETTLES: Duration = Duration::from_secs(120);
const RIGHTS_SPREAD: Duration = Duration::from_secs(10);

/// A mapping from one source to the function.
pub(crate) struct Mapping {
    client: Client,
    function: Function,
    /// The source for display, such as `stream clicks`.
    source: String,
    arn: Slot<String>,
    settings: Settings,
    /// What to do if Lambda refuses because the role lacks permissions.
    advice: String,
    found: Option<Configuration>,
}

impl Mapping {
    pub(crate) fn new(
        aws: &Aws,
        function: &Function,
        source: String,
        arn: Slot<String>,
        settings: Settings,
        advice: String,
    ) -> Self {
        Self {
            client: aws.lambda(),
            function: function.clone(),
            source,
            arn,
            settings,
            advice,
            found: None,
        }
    }

    async fn look(&self) -> Result<Option<Configuration>, Failure> {
        let Some(arn) = self.arn.get() else {
            return Ok(None);
        };
        Ok(mappings(&self.client, &self.function, Some(&arn))
            .await?
            .into_iter()
            .next())
    }

    async fn make(&self) -> Result<String, Failure> {
        let settings = &self.settings;
        // FIFO queues refuse any batching window, even one of 0 seconds.
        let window = Some(settings.batch_window).filter(|seconds| *seconds > 0);
        let mut call = self
            .client
            .create_event_source_mapping()
            .function_name(self.function.target())
            .event_source_arn(self.arn.need()?)
            .batch_size(settings.batch_size)
            .set_maximum_batching_window_in_seconds(window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .tags(TAG, self.function.target());
        if !settings.filters.is_empty() {
            call = call.filter_criteria(settings.filter_criteria());
        }
        if let Some(many) = settings.maximum_concurrency {
            call = call.scaling_config(ScalingConfig::builder().maximum_concurrency(many).build());
        }
        if let Some(stream) = &settings.stream {
            call = match stream.start {
                Start::TrimHorizon => call.starting_position(EventSourcePosition::TrimHorizon),
                Start::Latest => call.starting_position(EventSourcePosition::Latest),
                Start::At(seconds) => call
                    .starting_position(EventSourcePosition::AtTimestamp)
                    .starting_position_timestamp(DateTime::from_secs(seconds)),
            };
            call = call
                .parallelization_factor(stream.parallelization_factor)
                .bisect_batch_on_function_error(stream.bisect)
                .maximum_retry_attempts(stream.maximum_retry_attempts)
                .maximum_record_age_in_seconds(stream.maximum_record_age)
                .set_destination_config(stream.on_failure.as_deref().map(destination));
        }
        let made = call
            .send()
            .await
            .call_context("lambda:CreateEventSourceMapping", self.name())?;
        Ok(made.uuid().unwrap_or_default().to_owned())
    }

    fn update(&self, uuid: &str) -> Update {
        let settings = &self.settings;
        let earlier = self
            .found
            .as_ref()
            .and_then(Configuration::maximum_batching_window_in_seconds);
        let window = (settings.batch_window > 0 || earlier > Some(0)).then_some(settings.batch_window);
        let mut call = self
            .client
            .update_event_source_mapping()
            .uuid(uuid)
            .batch_size(settings.batch_size)
            .set_maximum_batching_window_in_seconds(window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .filter_criteria(settings.filter_criteria());
        match &settings.stream {
            // An empty configuration removes the limit or the destination.
            None => {
                let scaling = ScalingConfig::builder().set_maximum_concurrency(settings.maximum_concurrency);
                call = call.scaling_config(scaling.build());
            }
            Some(stream) => {
                call = call
                    .parallelization_factor(stream.parallelization_factor)
                    .bisect_batch_on_function_error(stream.bisect)
                    .maximum_retry_attempts(stream.maximum_retry_attempts)
                    .maximum_record_age_in_seconds(stream.maximum_record_age)
                    .destination_config(destination(stream.on_failure.as_deref().unwrap_or_default()));
            }
        }
        call
    }

    fn put_back(&self, found: &Configuration) -> Update {
        let none = FilterCriteria::builder().build();
        let call = self
            .client
            .update_event_source_mapping()
            .uuid(found.uuid().unwrap_or_default())
            .set_batch_size(found.batch_size())
            .set_maximum_batching_window_in_seconds(found.maximum_batching_window_in_seconds())
            .set_function_response_types(Some(found.function_response_types().to_vec()))
            .filter_criteria(found.filter_criteria().cloned().unwrap_or(none));
        match self.settings.stream {
            None => {
                let unlimited = ScalingConfig::builder().build();
                call.scaling_config(found.scaling_config().cloned().unwrap_or(unlimited))
            }
            Some(_) => call
                .set_parallelization_factor(found.parallelization_factor())
                .set_bisect_batch_on_function_error(found.bisect_batch_on_function_error())
                .set_maximum_retry_attempts(found.maximum_retry_attempts())
                .set_maximum_record_age_in_seconds(found.maximum_record_age_in_seconds())
                .destination_config(
                    found
                        .destination_config()
                        .cloned()
                        .unwrap_or_else(|| destination("")),
                ),
        }
    }

    async fn send(&self, update: Update) -> Result<(), Failure> {
        let attempt = async || {
            let call = update.clone();

            let updated = call.send().await;
            updated
                .call_context("lambda:UpdateEventSourceMapping", self.name())
                .map(drop)
        };
        retry(SETTLES, is_changing, attempt).await?;
        self.settle(&["Enabled", "Disabled"]).await
    }

    /// Waits until Lambda has finished the change that it accepted.
    async fn settle(&self, states: &[&str]) -> Result<(), Failure> {
        let what = format!("{} is {}", self.name(), states.join(" or "));
        let ask = async || {
            let state = self.look().await?.and_then(|found| found.state);
            let state = state.unwrap_or_else(|| "gone".to_owned());
            Ok(states.contains(&&*state).then_some(()))
        };
        poll(SETTLES, &what, ask).await
    }

    fn explain(&self, failure: Failure) -> Failure {
        match lacks_rights(&failure) {
            true => failure.advise(self.advice.clone()),
            false => failure,
        }
    }
}

fn destination(arn: &str) -> DestinationConfig {
    let on_failure = OnFailure::builder().set_destination((!arn.is_empty()).then(|| arn.to_owned()));
    DestinationConfig::builder()
        .on_failure(on_failure.build())
        .build()
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
            self.source,
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
            let uuid = self
                .found
                .as_ref()
                .and_then(Configuration::uuid)
                .unwrap_or_default();
            let changed = self.send(self.update(uuid)).await;
            changed.map_err(|failure| self.explain(failure))
        })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match &self.found {
                Some(found) => self.send(self.put_back(found)).await,
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
            match retry(SETTLES, is_changing, attempt).await {
                Err(failure) if !failure.is_not_found() => Err(failure),
                _ => self.settle(&["gone"]).await,
            }
        })
    }
}
