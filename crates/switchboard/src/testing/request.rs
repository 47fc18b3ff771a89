//! What an event of a source is to contain, and why there can be no such event.

use crate::source::Source;
use serde_json::Value;
use std::fmt;

/// What records hold unless something is given.
const BODY: &str = r#"{"id":"order-1001","status":"PLACED","cents":24900}"#;

/// What an event says besides its body, and what [`Generator::with`](super::Generator::with) sets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EventPart {
    /// The name of the queue of SQS, ActiveMQ or RabbitMQ.
    Queue,
    /// The name of the topic of SNS or Kafka.
    Topic,
    /// The name of the stream of Kinesis.
    Stream,
    /// The name of the table of DynamoDB.
    Table,
    /// The name of the bucket of S3.
    Bucket,
    /// The name of the log group of CloudWatch Logs.
    LogGroup,
    /// The `source` of an event of EventBridge.
    EventSource,
    /// The `detail-type` of an event of EventBridge.
    DetailType,
    /// The key of an object in S3, or of a record of Kafka.
    Key,
    /// The partition key of a record of Kinesis.
    PartitionKey,
    /// The message group of SQS. Unless a standard queue is named, the queue is a FIFO queue.
    Group,
    /// The method and the path of an HTTP request: `POST /orders?express=1`.
    Request,
    /// The route key of a WebSocket API.
    RouteKey,
    /// The trigger of Cognito: `PreSignUp_SignUp`.
    Trigger,
    /// The type and the field that AppSync resolves: `Query.order`.
    Field,
}

impl EventPart {
    /// Every part.
    pub const ALL: [Self; 15] = [
        Self::Queue,
        Self::Topic,
        Self::Stream,
        Self::Table,
        Self::Bucket,
        Self::LogGroup,
        Self::EventSource,
        Self::DetailType,
        Self::Key,
        Self::PartitionKey,
        Self::Group,
        Self::Request,
        Self::RouteKey,
        Self::Trigger,
        Self::Field,
    ];

    /// Its name, as the options of `cargo switchboard event` have it: `"log-group"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Topic => "topic",
            Self::Stream => "stream",
            Self::Table => "table",
            Self::Bucket => "bucket",
            Self::LogGroup => "log-group",
            Self::EventSource => "event-source",
            Self::DetailType => "detail-type",
            Self::Key => "key",
            Self::PartitionKey => "partition-key",
            Self::Group => "group",
            Self::Request => "request",
            Self::RouteKey => "route-key",
            Self::Trigger => "trigger",
            Self::Field => "field",
        }
    }

    /// The sources whose events have it.
    #[must_use]
    pub const fn sources(self) -> &'static [Source] {
        match self {
            Self::Queue => &[Source::Sqs, Source::Activemq, Source::Rabbitmq],
            Self::Topic => &[Source::Sns, Source::Kafka],
            Self::Stream | Self::PartitionKey => &[Source::Kinesis, Source::KinesisWindow],
            Self::Table => &[Source::Dynamodb, Source::DynamodbWindow],
            Self::Bucket => &[Source::S3, Source::S3Test, Source::S3Batch],
            Self::LogGroup => &[Source::CloudwatchLogs],
            Self::EventSource | Self::DetailType => &[Source::CloudwatchEvents],
            Self::Key => &[Source::S3, Source::S3Batch, Source::Kafka],
            Self::Group => &[Source::Sqs],
            Self::Request => &[
                Source::ApiGatewayHttp,
                Source::ApiGatewayRest,
                Source::FunctionUrl,
                Source::Alb,
                Source::VpcLatticeV1,
                Source::VpcLatticeV2,
            ],
            Self::RouteKey => &[Source::ApiGatewayWebsocket],
            Self::Trigger => &[Source::Cognito],
            Self::Field => &[Source::AppsyncResolver, Source::AppsyncBatch],
        }
    }
}

impl fmt::Display for EventPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an event cannot be made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum GenerateError {
    /// The source sends nothing: [`Source::Unknown`].
    NoEvents(Source),
    /// Events of this source have no place for a body.
    NoBody(Source),
    /// The body has to be JSON of this kind, and is not.
    Body(Source, &'static str),
    /// The body has to be text in UTF-8, and is not.
    NotText(Source),
    /// Events of this source have one record, or none.
    OneRecord(Source),
    /// An event has at least one record.
    NoRecords,
    /// Events of this source do not have this part.
    NoPart(Source, EventPart),
    /// The part has to be this, and is not.
    Part(EventPart, &'static str),
    /// The JSON pointer leads nowhere in this event.
    Pointer(String),
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvents(source) => write!(f, "{source} is not a source of events"),
            Self::NoBody(source) => write!(f, "an event of {source} has no place for a body"),
            Self::Body(source, expected) => {
                write!(f, "the body of an event of {source} has to be {expected}")
            }
            Self::NotText(source) => write!(
                f,
                "the body of an event of {source} has to be text in UTF-8: it cannot carry other bytes"
            ),
            Self::OneRecord(source) => {
                write!(f, "{source} sends one at a time: an event cannot have several")
            }
            Self::NoRecords => f.write_str("an event has at least one record"),
            Self::NoPart(source, part) => {
                let sources: Vec<&str> = part.sources().iter().map(|source| source.as_str()).collect();
                write!(
                    f,
                    "an event of {source} has no {part}; events of these have one: {}",
                    sources.join(", ")
                )
            }
            Self::Part(part, expected) => write!(f, "the {part} has to be {expected}"),
            Self::Pointer(pointer) => write!(
                f,
                "{pointer}: a JSON pointer begins with / and leads to a member of the event, as in /Records/0/awsRegion"
            ),
        }
    }
}

impl std::error::Error for GenerateError {}

/// What an event is to contain.
pub(super) struct EventRequest<'o> {
    pub(super) source: Source,
    pub(super) body: Option<&'o [u8]>,
    pub(super) count: usize,
    pub(super) parts: &'o [(EventPart, String)],
}

impl EventRequest<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        self.body.unwrap_or(BODY.as_bytes())
    }

    pub(super) fn text(&self) -> Result<&str, GenerateError> {
        std::str::from_utf8(self.bytes()).map_err(|_| GenerateError::NotText(self.source))
    }

    pub(super) fn json(&self) -> Result<Value, GenerateError> {
        serde_json::from_slice(self.bytes()).map_err(|_| GenerateError::Body(self.source, "JSON"))
    }

    pub(super) fn object(&self) -> Result<Value, GenerateError> {
        let json = self.json().ok().filter(Value::is_object);
        json.ok_or(GenerateError::Body(self.source, "a JSON object"))
    }

    pub(super) fn no_body(&self) -> Result<(), GenerateError> {
        match self.body {
            Some(_) => Err(GenerateError::NoBody(self.source)),
            None => Ok(()),
        }
    }

    /// What was given for a part; the last counts.
    pub(super) fn given(&self, part: EventPart) -> Option<&str> {
        let mut parts = self.parts.iter().rev();
        parts
            .find(|(other, _)| *other == part)
            .map(|(_, value)| value.as_str())
    }

    /// What was given for a part, or what it is otherwise.
    pub(super) fn part<'r>(&'r self, part: EventPart, usual: &'r str) -> &'r str {
        self.given(part).unwrap_or(usual)
    }

    /// As many of these as there are records.
    pub(super) fn each<E>(&self, one: impl FnMut(usize) -> E) -> impl Iterator<Item = E> {
        (0..self.count).map(one)
    }
}
