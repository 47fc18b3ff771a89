//! The calls that create and change a mapping.
//!
//! What a call leaves out stays as it is, so an update that removes a setting sends it empty.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder as Create;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingFluentBuilder as Update;
use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types::{
    AmazonManagedKafkaEventSourceConfig, DestinationConfig, EventSourceMappingConfiguration as Configuration,
    EventSourcePosition, FilterCriteria, KafkaSchemaRegistryConfig, OnFailure, ProvisionedPollerConfig,
    ScalingConfig, SelfManagedKafkaEventSourceConfig,
};

use super::super::Function;
use super::super::mark::TAG;
use super::kafka::{KafkaSettings, SchemaRegistry};
use super::settings::{Pollers, Settings, Start, StreamSettings, pollers_of};
use super::source::PolledSource;
use crate::Failure;

/// The call that creates a mapping with these settings.
///
/// # Errors
/// If the source is not known yet.
pub(super) fn create(
    client: &Client,
    function: &Function,
    source: &PolledSource,
    settings: &Settings,
) -> Result<Create, Failure> {
    // FIFO queues refuse any batching window, even one of 0 seconds.
    let window = Some(settings.batch_window).filter(|seconds| *seconds > 0);
    let types = settings.response_types();
    let mut call = client
        .create_event_source_mapping()
        .function_name(function.target())
        .batch_size(settings.batch_size)
        .set_maximum_batching_window_in_seconds(window)
        .set_function_response_types((!types.is_empty()).then_some(types))
        .set_provisioned_poller_config(settings.pollers.as_ref().map(Pollers::configuration))
        .tags(TAG, function.target());
    call = source.named_in(call)?;
    if !settings.filters.is_empty() {
        call = call.filter_criteria(settings.filter_criteria());
    }
    if let Some(many) = settings.maximum_concurrency {
        call = call.scaling_config(ScalingConfig::builder().maximum_concurrency(many).build());
    }
    if let Some(stream) = &settings.stream {
        call = create_stream(call, settings, stream);
    }
    if let Some(kafka) = &settings.kafka {
        let access = kafka.access_configurations();
        call = call.set_source_access_configurations((!access.is_empty()).then_some(access));
        call = match source {
            PolledSource::SelfManaged { .. } => {
                call.set_self_managed_kafka_event_source_config(kafka.self_managed())
            }
            _ => call.set_amazon_managed_kafka_event_source_config(kafka.msk()),
        };
    }
    Ok(call)
}

fn create_stream(call: Create, settings: &Settings, stream: &StreamSettings) -> Create {
    let call = match stream.start {
        Start::TrimHorizon => call.starting_position(EventSourcePosition::TrimHorizon),
        Start::Latest => call.starting_position(EventSourcePosition::Latest),
        Start::At(seconds) => call
            .starting_position(EventSourcePosition::AtTimestamp)
            .starting_position_timestamp(DateTime::from_secs(seconds)),
    };
    let call = call
        .set_parallelization_factor(stream.parallelization_factor)
        .set_destination_config(stream.on_failure.as_deref().map(destination));
    match settings.has_retry_controls() {
        false => call,
        true => call
            .bisect_batch_on_function_error(stream.bisect)
            .maximum_retry_attempts(stream.maximum_retry_attempts)
            .maximum_record_age_in_seconds(stream.maximum_record_age),
    }
}

/// The call that gives the mapping these settings instead of the current ones.
pub(super) fn update(client: &Client, settings: &Settings, found: &Configuration) -> Update {
    let earlier = found.maximum_batching_window_in_seconds();
    let window = (settings.batch_window > 0 || earlier > Some(0)).then_some(settings.batch_window);
    let provisioned = pollers_of(found).is_some();
    let mut call = client
        .update_event_source_mapping()
        .uuid(found.uuid().unwrap_or_default())
        .batch_size(settings.batch_size)
        .set_maximum_batching_window_in_seconds(window)
        .set_function_response_types(Some(settings.response_types()))
        .set_provisioned_poller_config(pollers(settings.pollers.as_ref(), provisioned))
        .filter_criteria(settings.filter_criteria());
    match &settings.stream {
        // Refused beside pollers, even if it is empty.
        None if settings.pollers.is_some() && found.scaling_config().is_none() => {}
        None => {
            let scaling = ScalingConfig::builder().set_maximum_concurrency(settings.maximum_concurrency);
            call = call.scaling_config(scaling.build());
        }
        Some(stream) => {
            call = call
                .set_parallelization_factor(stream.parallelization_factor)
                .destination_config(destination(stream.on_failure.as_deref().unwrap_or_default()));
            // Without provisioned mode none of them may be left from before.
            let unset = StreamSettings {
                bisect: false,
                maximum_retry_attempts: -1,
                maximum_record_age: -1,
                ..StreamSettings::default()
            };
            if settings.has_retry_controls() {
                call = retries(call, stream);
            } else if provisioned {
                call = retries(call, &unset);
            }
        }
    }
    match &settings.kafka {
        Some(kafka) => {
            let earlier = KafkaSettings::of(found).registry.is_some();
            registry(call, kafka.registry.as_ref(), earlier, found)
                .set_source_access_configurations(Some(kafka.access_configurations()))
        }
        None => call,
    }
}

/// The call that removes the schema registry. Lambda keeps provisioned mode as long as there is one.
pub(super) fn without_registry(client: &Client, found: &Configuration) -> Update {
    let call = client
        .update_event_source_mapping()
        .uuid(found.uuid().unwrap_or_default());
    registry(call, None, true, found)
}

/// The call that gives the mapping the settings it had, after an [`update`] to `given`.
pub(super) fn put_back(client: &Client, given: &Settings, found: &Configuration) -> Update {
    let none = FilterCriteria::builder().build();
    let earlier = pollers_of(found);
    let mut call = client
        .update_event_source_mapping()
        .uuid(found.uuid().unwrap_or_default())
        .set_batch_size(found.batch_size())
        .set_maximum_batching_window_in_seconds(found.maximum_batching_window_in_seconds())
        .set_function_response_types(Some(found.function_response_types().to_vec()))
        .set_provisioned_poller_config(pollers(earlier.as_ref(), given.pollers.is_some()))
        .filter_criteria(found.filter_criteria().cloned().unwrap_or(none));
    match &given.stream {
        None if earlier.is_some() && given.maximum_concurrency.is_none() => {}
        None => {
            let unlimited = ScalingConfig::builder().build();
            call = call.scaling_config(found.scaling_config().cloned().unwrap_or(unlimited));
        }
        Some(_) => {
            let to = found.destination_config().cloned();
            call = call
                .set_parallelization_factor(found.parallelization_factor())
                .destination_config(to.unwrap_or_else(|| destination("")));
            if given.has_retry_controls() || earlier.is_some() {
                let bisect = found.bisect_batch_on_function_error();
                call = call
                    .bisect_batch_on_function_error(bisect.unwrap_or(false))
                    .maximum_retry_attempts(found.maximum_retry_attempts().unwrap_or(-1))
                    .maximum_record_age_in_seconds(found.maximum_record_age_in_seconds().unwrap_or(-1));
            }
        }
    }
    if let Some(kafka) = &given.kafka {
        let had = KafkaSettings::of(found);
        call = registry(call, had.registry.as_ref(), kafka.registry.is_some(), found)
            .set_source_access_configurations(Some(had.access_configurations()));
    }
    call
}

fn retries(call: Update, stream: &StreamSettings) -> Update {
    call.bisect_batch_on_function_error(stream.bisect)
        .maximum_retry_attempts(stream.maximum_retry_attempts)
        .maximum_record_age_in_seconds(stream.maximum_record_age)
}

/// An empty configuration ends provisioned mode.
fn pollers(wanted: Option<&Pollers>, earlier: bool) -> Option<ProvisionedPollerConfig> {
    let none = || earlier.then(|| ProvisionedPollerConfig::builder().build());
    wanted.map(Pollers::configuration).or_else(none)
}

/// Sets the registry beside the consumer group, which cannot change. An empty registry removes an earlier one.
fn registry(call: Update, wanted: Option<&SchemaRegistry>, earlier: bool, found: &Configuration) -> Update {
    let none = || earlier.then(|| KafkaSchemaRegistryConfig::builder().build());
    let Some(registry) = wanted.map(SchemaRegistry::configuration).or_else(none) else {
        return call;
    };
    let group = KafkaSettings::of(found).consumer_group;
    if found.self_managed_event_source().is_some() {
        let config = SelfManagedKafkaEventSourceConfig::builder().set_consumer_group_id(group);
        return call.self_managed_kafka_event_source_config(config.schema_registry_config(registry).build());
    }
    let config = AmazonManagedKafkaEventSourceConfig::builder().set_consumer_group_id(group);
    call.amazon_managed_kafka_event_source_config(config.schema_registry_config(registry).build())
}

fn destination(arn: &str) -> DestinationConfig {
    let on_failure = OnFailure::builder().set_destination((!arn.is_empty()).then(|| arn.to_owned()));
    DestinationConfig::builder()
        .on_failure(on_failure.build())
        .build()
}
