//! Converts arguments to settings.

use std::fs;

use super::args::{
    Alb, ApiArgs, Auth, FilterScope, Kafka, KafkaTopic, Polling, RecordFormat, RecordPart, RegistryArgs,
    RuleArgs, Sns, Sqs, Stream,
};
use super::parse::json;
use crate::Error;
use switchboard_aws::wire::{
    AlbOptions, ApiKind, KafkaCluster, KafkaSettings, ListenerRule, Pollers, Queue, RuleMatch,
    SchemaRegistry, Settings, SourceAccess, StreamSettings, SubscriptionOptions,
};
use switchboard_aws::{Aws, Failure};

impl Auth {
    pub(super) fn is_anybody(self) -> bool {
        self == Self::None
    }
}

impl From<&ApiArgs> for ApiKind {
    fn from(args: &ApiArgs) -> Self {
        match args.rest {
            true => Self::Rest {
                stage: args.stage.clone(),
            },
            false => Self::Http,
        }
    }
}

impl RuleArgs {
    /// The pattern, read from its file, or the schedule.
    ///
    /// # Errors
    /// If the file cannot be read or is not a JSON object.
    pub(super) fn when(&self) -> Result<Option<RuleMatch>, Error> {
        if let Some(schedule) = &self.schedule {
            return Ok(Some(RuleMatch::Schedule(schedule.clone())));
        }
        let Some(path) = &self.pattern else {
            return Ok(None);
        };
        let text =
            fs::read_to_string(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
        let text = json(&text)
            .map_err(|e| Error::other(format!("{} is not an event pattern: {e}", path.display())))?;
        Ok(Some(RuleMatch::Pattern(text)))
    }
}

/// The settings of a stream's mapping.
///
/// # Errors
/// If the failure destination cannot be found.
pub(super) async fn of_stream(aws: &Aws, args: &Stream) -> Result<Settings, Failure> {
    of_polling(aws, &args.polling, Some(args.parallelization_factor)).await
}

async fn of_polling(aws: &Aws, args: &Polling, factor: Option<i32>) -> Result<Settings, Failure> {
    let on_failure = match args.on_failure.as_deref() {
        Some(name) if !name.starts_with("arn:") && !name.starts_with("kafka://") => {
            Some(Queue::look_up(&aws.sqs(), name).await?.arn.to_string())
        }
        given => given.map(str::to_owned),
    };
    Ok(Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        stream: Some(StreamSettings {
            start: args.starting_position.clone(),
            parallelization_factor: factor,
            bisect: !args.no_bisect,
            maximum_retry_attempts: args.max_retries.unwrap_or(-1),
            maximum_record_age: args.max_age.unwrap_or(-1),
            on_failure,
        }),
        ..Settings::default()
    })
}

/// The settings of a queue's mapping.
///
/// # Errors
/// If there may be fewer pollers than there must be.
pub(super) fn of_queue(args: &Sqs) -> Result<Settings, Failure> {
    Ok(Settings {
        batch_size: args.batch_size,
        batch_window: args.batch_window,
        filters: args.filters.clone(),
        maximum_concurrency: args.max_concurrency,
        pollers: pollers(args.min_pollers, args.max_pollers, None)?,
        ..Settings::default()
    })
}

impl From<&KafkaTopic> for KafkaCluster {
    fn from(args: &KafkaTopic) -> Self {
        match &args.cluster {
            Some(arn) => Self::Msk(arn.clone()),
            None => Self::SelfManaged(args.bootstrap_servers.clone()),
        }
    }
}

/// The settings of a Kafka topic's mapping.
///
/// # Errors
/// If an option requires provisioned mode, or if the failure destination cannot be found.
pub(super) async fn of_kafka(aws: &Aws, args: &Kafka) -> Result<Settings, Failure> {
    let pollers = pollers(args.min_pollers, args.max_pollers, args.poller_group.clone())?;
    if pollers.is_none()
        && let Some(option) = needs_pollers(args)
    {
        return Err(
            Failure::new(format!("{option} requires provisioned mode")).advise(
                "pass --min-pollers or --max-pollers as well; pollers cost as long as the mapping exists",
            ),
        );
    }
    let network = |kind: &str, prefix: &str, ids: &[String]| {
        let one = |id: &String| SourceAccess {
            kind: kind.to_owned(),
            uri: format!("{prefix}:{id}"),
        };
        ids.iter().map(one).collect::<Vec<_>>()
    };
    let mut access = args.access.clone();
    access.extend(network("VPC_SUBNET", "subnet", &args.subnet));
    access.extend(network(
        "VPC_SECURITY_GROUP",
        "security_group",
        &args.security_group,
    ));
    Ok(Settings {
        kafka: Some(KafkaSettings {
            consumer_group: args.consumer_group.clone(),
            access,
            registry: registry(&args.registry),
        }),
        pollers,
        ..of_polling(aws, &args.polling, None).await?
    })
}

fn registry(args: &RegistryArgs) -> Option<SchemaRegistry> {
    let validated = |part: &RecordPart| match part {
        RecordPart::Key => "KEY".to_owned(),
        RecordPart::Value => "VALUE".to_owned(),
    };
    Some(SchemaRegistry {
        uri: args.schema_registry.clone()?,
        format: match args.schema_format {
            RecordFormat::Json => "JSON".to_owned(),
            RecordFormat::Source => "SOURCE".to_owned(),
        },
        validated: args.schema_validate.iter().map(validated).collect(),
        access: args.schema_access.clone(),
    })
}

/// The first option that Lambda takes in provisioned mode only.
fn needs_pollers(args: &Kafka) -> Option<&'static str> {
    let polling = &args.polling;
    [
        (polling.no_bisect, "--no-bisect"),
        (polling.max_retries.is_some(), "--max-retries"),
        (polling.max_age.is_some(), "--max-age"),
        (args.poller_group.is_some(), "--poller-group"),
        (args.registry.schema_registry.is_some(), "--schema-registry"),
    ]
    .into_iter()
    .find_map(|(given, option)| given.then_some(option))
}

/// Provisioned mode, if a number of pollers is given.
///
/// # Errors
/// If there may be fewer pollers than there must be.
fn pollers(
    minimum: Option<i32>,
    maximum: Option<i32>,
    group: Option<String>,
) -> Result<Option<Pollers>, Failure> {
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        return Err(Failure::new(format!(
            "--min-pollers {minimum} is more than --max-pollers {maximum}"
        )));
    }
    let given = minimum.is_some() || maximum.is_some();
    Ok(given.then_some(Pollers {
        minimum,
        maximum,
        group,
    }))
}

impl From<&Sns> for SubscriptionOptions {
    fn from(args: &Sns) -> Self {
        Self {
            filter_policy: args.filter_policy.clone(),
            filter_scope: match args.filter_scope {
                FilterScope::MessageAttributes => "MessageAttributes".to_owned(),
                FilterScope::MessageBody => "MessageBody".to_owned(),
            },
            dead_letter_queue: args.dead_letter_queue.clone(),
        }
    }
}

impl From<&Alb> for AlbOptions {
    fn from(args: &Alb) -> Self {
        let rule = args.listener.clone().map(|listener| ListenerRule {
            listener,
            paths: args.path.clone(),
            hosts: args.host.clone(),
            priority: args.priority,
        });
        Self {
            multi_value_headers: !args.no_multi_value_headers,
            rule,
        }
    }
}
