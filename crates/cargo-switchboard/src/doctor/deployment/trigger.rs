//! A trigger: what wakes a function, by its source, with the settings that decide what becomes of failures.

use switchboard::source::Source;

use super::Setting;
use crate::doctor::place::Place;

#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    /// The resource that makes the connection.
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    /// The ARN of what wakes the function, as permissions name it; empty if it has none.
    pub(crate) arn: String,
    /// The service that the function's policy has to admit; nothing if the function is invoked by right of a role.
    pub(crate) invoker: Option<&'static str>,
    pub(crate) kind: TriggerKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TriggerKind {
    /// Lambda reads a stream or a queue for the function.
    Mapping(Mapping),
    /// A bucket tells of objects.
    Bucket(Notification),
    /// A rule of EventBridge.
    Rule(Target),
    /// A schedule of EventBridge Scheduler, which invokes by a role of its own.
    Schedule(Target),
    /// A REST API; as a proxy it sends the request as it is. Milliseconds; 29,000 if absent.
    Rest {
        timeout: Setting<u64>,
        proxy: bool,
    },
    /// An HTTP API. Milliseconds; 30,000 if absent. The version is `1.0` or `2.0`.
    Http {
        timeout: Setting<u64>,
        version: Setting<String>,
    },
    WebSocket,
    FunctionUrl,
    /// Anything else, of which it is known what it sends, or not.
    Other {
        source: Option<Source>,
        asynchronous: bool,
    },
}

/// An event source mapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mapping {
    pub(crate) origin: Option<Origin>,
    pub(crate) batch_size: Setting<u64>,
    /// Seconds.
    pub(crate) batching_window: Setting<u64>,
    pub(crate) tumbling: bool,
    /// Whether the function's partial answers count.
    pub(crate) reports_failures: Setting<bool>,
    /// -1 is for ever, as is absence.
    pub(crate) retries: Setting<i64>,
    /// Seconds; -1 is for ever, as is absence.
    pub(crate) age: Setting<i64>,
    pub(crate) on_failure: Setting<String>,
}

/// What a mapping reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Kinesis,
    Dynamodb,
    Sqs,
    Kafka,
    Documentdb,
}

/// What a bucket tells of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notification {
    /// For instance `s3:ObjectCreated:*`.
    pub(crate) events: Vec<String>,
    pub(crate) prefix: String,
    pub(crate) suffix: String,
    /// Whether all of this is known.
    pub(crate) known: bool,
}

/// The function as the target of a rule or a schedule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub(crate) dead_letters: Setting<String>,
    pub(crate) payload: Payload,
}

/// Whether a target gets the event.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Payload {
    #[default]
    Event,
    /// What the target's configuration makes of it, which may be anything.
    Composed,
}

impl Origin {
    /// By the service of an ARN.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        match arn.split(':').nth(2)? {
            "kinesis" => Some(Self::Kinesis),
            "dynamodb" => Some(Self::Dynamodb),
            "sqs" => Some(Self::Sqs),
            "kafka" => Some(Self::Kafka),
            "rds" => Some(Self::Documentdb),
            _ => None,
        }
    }

    /// Whether the source is a stream, whose failed batches hold up what comes behind them.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Kinesis | Self::Dynamodb)
    }
}

impl Trigger {
    /// What the function is sent, if that is known. A REST API and an HTTP API with version 1.0 send the same.
    pub(crate) fn source(&self) -> Option<Source> {
        match &self.kind {
            TriggerKind::Mapping(mapping) => mapping.source(),
            TriggerKind::Bucket(_) => Some(Source::S3),
            TriggerKind::Rule(target) if target.payload == Payload::Event => Some(Source::CloudwatchEvents),
            TriggerKind::Rule(_) | TriggerKind::Schedule(_) => None,
            TriggerKind::Rest { proxy, .. } => proxy.then_some(Source::ApiGatewayRest),
            // What the API itself does when nothing is said differs by how it was made.
            TriggerKind::Http { version, .. } => match version.known().map(String::as_str) {
                Some("1.0") => Some(Source::ApiGatewayRest),
                Some("2.0") => Some(Source::ApiGatewayHttp),
                _ => None,
            },
            TriggerKind::WebSocket => Some(Source::ApiGatewayWebsocket),
            TriggerKind::FunctionUrl => Some(Source::FunctionUrl),
            TriggerKind::Other { source, .. } => *source,
        }
    }

    /// Whether Lambda queues the event and answers at once, so that nobody but Lambda hears of a failure.
    pub(crate) fn is_asynchronous(&self) -> bool {
        match self.kind {
            TriggerKind::Bucket(_) | TriggerKind::Rule(_) | TriggerKind::Schedule(_) => true,
            TriggerKind::Other { asynchronous, .. } => asynchronous,
            _ => false,
        }
    }

    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            TriggerKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }
}

impl Mapping {
    fn source(&self) -> Option<Source> {
        Some(match self.origin? {
            Origin::Kinesis if self.tumbling => Source::KinesisWindow,
            Origin::Kinesis => Source::Kinesis,
            Origin::Dynamodb if self.tumbling => Source::DynamodbWindow,
            Origin::Dynamodb => Source::Dynamodb,
            Origin::Sqs => Source::Sqs,
            Origin::Kafka => Source::Kafka,
            Origin::Documentdb => Source::Documentdb,
        })
    }
}
