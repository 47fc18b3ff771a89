//! A trigger of a function: its source, and the settings that decide what happens to failed events.

use std::borrow::Cow;

use switchboard::source::Source;

use super::Setting;
use crate::doctor::place::Place;

#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    /// The resource that defines the trigger.
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    /// The ARN of the source, as permissions name it; empty if it has none.
    pub(crate) arn: String,
    /// What permissions may name of a route of an API, such as `GET/orders/*` or `$connect`; empty if that is not known.
    pub(crate) operation: String,
    /// The version or alias that it invokes; empty for the function without one.
    pub(crate) qualifier: String,
    pub(crate) invoker: Invoker,
    pub(crate) kind: TriggerKind,
}

/// Who invokes the function.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Invoker {
    /// A service, which the function's policy must allow.
    Service(&'static str),
    /// A service with a role or the caller's rights, so that the function's policy need not allow it.
    Role(&'static str),
    /// Lambda itself, or something else that needs no permission.
    #[default]
    Other,
}

impl Invoker {
    /// `service`, with a role if `by_role`.
    pub(crate) fn by(service: &'static str, by_role: bool) -> Self {
        match by_role {
            true => Self::Role(service),
            false => Self::Service(service),
        }
    }

    /// The service, whatever its rights.
    pub(crate) fn service(self) -> Option<&'static str> {
        match self {
            Self::Service(service) | Self::Role(service) => Some(service),
            Self::Other => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum TriggerKind {
    /// Lambda reads a stream or a queue for the function.
    Mapping(Mapping),
    /// A bucket sends notifications about its objects.
    Bucket(Notification),
    /// A rule of EventBridge.
    Rule(Target),
    /// A schedule of EventBridge Scheduler, which invokes the function with its own role.
    Schedule(Target),
    /// A REST API. A proxy integration passes the request on. The timeout is in milliseconds; 29,000 if absent.
    Rest {
        timeout: Setting<u64>,
        proxy: bool,
        /// Whether it passes the answer on in parts, without a limit of its own.
        streamed: Setting<bool>,
        /// Whether it sends the id of a tenant.
        tenant: Setting<bool>,
    },
    /// An HTTP API. The timeout is in milliseconds; 30,000 if absent. The version is `1.0` or `2.0`.
    Http {
        timeout: Setting<u64>,
        version: Setting<String>,
    },
    /// A WebSocket API. The timeout is in milliseconds; 29,000 if absent.
    WebSocket { timeout: Setting<u64> },
    FunctionUrl {
        /// `NONE` or `AWS_IAM`.
        auth: Setting<String>,
        streamed: Setting<bool>,
    },
    /// Any other trigger, with the source of its events if that is known.
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
    /// Whether Lambda reads the function's partial answers.
    pub(crate) reports_failures: Setting<bool>,
    /// Unlimited if -1 or absent.
    pub(crate) retries: Setting<i64>,
    /// In seconds; unlimited if -1 or absent.
    pub(crate) age: Setting<i64>,
    pub(crate) on_failure: Setting<String>,
    /// The most environments that it uses at a time.
    pub(crate) concurrency: Setting<u64>,
    /// Whether it has pollers of its own (`ProvisionedPollerConfig`).
    pub(crate) provisioned: Setting<bool>,
    pub(crate) least_pollers: Setting<u64>,
    pub(crate) most_pollers: Setting<u64>,
    /// The broker's kind.
    pub(crate) engine: Option<Source>,
}

/// What a mapping reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Kinesis,
    Dynamodb,
    Sqs,
    Kafka,
    Mq,
    Documentdb,
}

/// A bucket's notification.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notification {
    /// Event types, such as `s3:ObjectCreated:*`.
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

/// Whether a target receives the event itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Payload {
    #[default]
    Event,
    /// Whatever the target's configuration composes.
    Composed,
}

/// The header that names the tenant of an invocation.
const TENANT_HEADER: &str = "X-Amz-Tenant-Id";

/// The versions of the payload format of HTTP APIs, and the source of what they send.
pub(crate) const PAYLOAD_FORMATS: [(&str, Source); 2] =
    [("1.0", Source::ApiGatewayRest), ("2.0", Source::ApiGatewayHttp)];

/// Whether this is where an integration sets the header that names the tenant.
pub(crate) fn is_tenant_parameter(name: &str) -> bool {
    name.eq_ignore_ascii_case(&format!("integration.request.header.{TENANT_HEADER}"))
}

/// Whether a mapping template sets that header.
pub(crate) fn is_tenant_template(text: &str) -> bool {
    text.to_ascii_lowercase()
        .contains(&TENANT_HEADER.to_ascii_lowercase())
}

impl Origin {
    /// By the service of an ARN.
    pub(crate) fn of(arn: &str) -> Option<Self> {
        match arn.split(':').nth(2)? {
            "kinesis" => Some(Self::Kinesis),
            "dynamodb" => Some(Self::Dynamodb),
            "sqs" => Some(Self::Sqs),
            "kafka" => Some(Self::Kafka),
            "mq" => Some(Self::Mq),
            "rds" => Some(Self::Documentdb),
            _ => None,
        }
    }
}

/// A route of an API as the ARNs of permissions end: `GET/orders/*`. Parameters of a path may be anything.
pub(crate) fn operation(method: &str, path: &str) -> String {
    if path.trim_start_matches('/') == "$default" {
        return "$default".to_owned();
    }
    let method = match method.to_ascii_lowercase().as_str() {
        "any" | "x-amazon-apigateway-any-method" => "*".to_owned(),
        _ => method.to_ascii_uppercase(),
    };
    let mut parts = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| match part.contains('{') {
            true => "*",
            false => part,
        });
    let first = parts.next().unwrap_or_default().to_owned();
    let path = parts
        .filter(|part| !part.is_empty())
        .fold(first, |path, part| path + "/" + part);
    format!("{method}/{path}")
}

/// The route with this key: `GET /orders/{id}` of an HTTP API; `$default` of any API, or the key of a WebSocket API, is its own.
pub(crate) fn operation_of_key(key: &str) -> String {
    let route = key.split_once(' ');
    route.map_or_else(|| key.to_owned(), |(method, path)| operation(method, path))
}

impl Trigger {
    /// The ARN with which the service invokes the function, for every stage of an API.
    pub(crate) fn source_arn(&self) -> Cow<'_, str> {
        match self.operation.is_empty() {
            true => Cow::Borrowed(&self.arn),
            false => Cow::Owned(format!("{}/{}", self.arn, self.operation)),
        }
    }

    /// The source of the events that the function receives, if it is known. REST APIs and HTTP APIs with version 1.0 send the same.
    pub(crate) fn source(&self) -> Option<Source> {
        match &self.kind {
            TriggerKind::Mapping(mapping) => mapping.source(),
            TriggerKind::Bucket(_) => Some(Source::S3),
            TriggerKind::Rule(target) if target.payload == Payload::Event => Some(Source::CloudwatchEvents),
            TriggerKind::Rule(_) | TriggerKind::Schedule(_) => None,
            TriggerKind::Rest { proxy, .. } => proxy.then_some(Source::ApiGatewayRest),
            // The default depends on how the API was created.
            TriggerKind::Http { version, .. } => {
                let mut formats = PAYLOAD_FORMATS.into_iter();
                let (_, source) =
                    formats.find(|(format, _)| version.known().is_some_and(|known| known == format))?;
                Some(source)
            }
            TriggerKind::WebSocket { .. } => Some(Source::ApiGatewayWebsocket),
            TriggerKind::FunctionUrl { .. } => Some(Source::FunctionUrl),
            TriggerKind::Other { source, .. } => *source,
        }
    }

    /// Whether Lambda queues the event and answers immediately, so that only Lambda learns of a failure.
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
            Origin::Mq => return self.engine,
            Origin::Documentdb => Source::Documentdb,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_named_as_permissions_name_them() {
        assert_eq!(operation("get", "/orders/{id}/items"), "GET/orders/*/items");
        assert_eq!(operation("ANY", "/{proxy+}"), "*/*");
        assert_eq!(
            operation("x-amazon-apigateway-any-method", "/orders/"),
            "*/orders"
        );
        assert_eq!(operation("post", "/"), "POST/");
        assert_eq!(operation("any", "/$default"), "$default");
        assert_eq!(operation_of_key("$default"), "$default");
        assert_eq!(operation_of_key("sendMessage"), "sendMessage");
        assert_eq!(operation_of_key("PUT /a"), "PUT/a");
    }
}
