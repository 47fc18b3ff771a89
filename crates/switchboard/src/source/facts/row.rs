//! The facts of a source: one [`Facts`] for each, and no field may be left out.
//!
//! This is plain data, interpreted by the modules that read it: `event`, `telemetry`, `router`.

use super::rule::Rule;

/// All that is known of a source.
///
/// There is intentionally no default and no value for "the rest": a new field must be set for every source, and a new
/// source must set every field, or nothing compiles.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Facts {
    /// The stable identifier: [`Source::as_str`](super::super::Source::as_str).
    pub(in crate::source) name: &'static str,
    /// Another common name.
    pub(in crate::source) alias: Option<&'static str>,
    /// What identifies a payload of this source: each rule suffices.
    pub(in crate::source) rules: &'static [Rule],
    /// How it is delivered, and what it accepts as an answer.
    pub(in crate::source) delivery: Delivery,
    /// JSON paths in a record, or in an event that is delivered whole, whose values joined by `/` name it. For
    /// [`Delivery::Stream`] and [`Delivery::Queue`] there is one, by which failures are reported.
    pub(in crate::source) identifier: &'static [&'static str],
    /// The JSON path of the identifier by which EventBridge Pipes expects reports of failures, if it is another one.
    pub(in crate::source) pipe_identifier: Option<&'static str>,
    /// The paths in a payload of the id that correlates the invocation, in the order in which they are tried. None in a
    /// batch, whose records have ids of their own. The same paths as Powertools' `correlation_paths`.
    pub(in crate::source) correlation: [Option<&'static str>; 2],
    /// What caused the invocation in the terms of OpenTelemetry's conventions, and the data for its spans.
    pub(in crate::source) trigger: Trigger,
    /// Where an event of another source may be inside.
    pub(in crate::source) embedded: Embedded,
    /// Whether what invokes the function waits for its answer, and is told the message of an error: a state machine, a user pool,
    /// an API. The message then says only what went wrong.
    pub(in crate::source) waits: bool,
    /// What a record, or an event that is delivered whole, is known by in the words of conditions, and where.
    pub(in crate::source) names: &'static [NamedPlace],
    /// The service that invokes the function, if a permission for it is enough to say that events of this source
    /// arrive.
    pub(in crate::source) invoker: Option<Invoker>,
}

/// A name that a record or an event has, in the words of conditions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NameKind {
    Queue,
    Stream,
    Table,
    Topic,
    Bucket,
    Key,
    EventName,
    DetailType,
    Rule,
    LogGroup,
    Trigger,
    UserPool,
    Type,
    Field,
    Intent,
}

impl NameKind {
    /// How it is described to tools.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Stream => "stream",
            Self::Table => "table",
            Self::Topic => "topic",
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::EventName => "event_name",
            Self::DetailType => "detail_type",
            Self::Rule => "rule",
            Self::LogGroup => "log_group",
            Self::Trigger => "trigger",
            Self::UserPool => "user_pool",
            Self::Type => "type",
            Self::Field => "field",
            Self::Intent => "intent",
        }
    }

    /// The functions of the module `when` that ask for it.
    pub(crate) const fn conditions(self) -> &'static [&'static str] {
        match self {
            Self::Queue => &["queue"],
            Self::Stream => &["stream"],
            Self::Table => &["table"],
            Self::Topic => &["topic"],
            Self::Bucket => &["bucket"],
            Self::Key => &["key_prefix", "key_suffix"],
            Self::EventName => &["event_name"],
            Self::DetailType => &["detail_type"],
            Self::Rule => &["rule"],
            Self::LogGroup => &["log_group"],
            Self::Trigger => &["trigger"],
            Self::UserPool => &["user_pool"],
            // One condition on both.
            Self::Type | Self::Field => &["resolver"],
            Self::Intent => &["intent"],
        }
    }
}

/// Where a source has a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedPlace {
    pub(crate) what: NameKind,
    /// The JSON path from the record's, or the event's, root, once that is unpacked.
    pub(crate) path: &'static str,
    pub(crate) form: TextForm,
    /// All names that there are, if the source's document lists them and there are no others.
    pub(crate) names: &'static [&'static str],
}

impl NamedPlace {
    pub(super) const fn new(what: NameKind, path: &'static str, form: TextForm) -> Self {
        Self {
            what,
            path,
            form,
            names: &[],
        }
    }

    /// The same with the only names that there are.
    pub(super) const fn one_of(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }
}

/// How a text is written at its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TextForm {
    /// As it is.
    Plain,
    /// In an ARN, as the name of the resource, after this kind: `table/` in `…:table/orders/stream/2026-…`.
    Arn(&'static str),
    /// Percent-encoded, with `+` for a space.
    UrlEncoded,
    /// Perhaps with `s3:` in front.
    EventName,
}

/// How a source delivers, and what it accepts as an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// Ordered records of a shard. The first failure ends the batch and is reported in `batchItemFailures`. The source
    /// delivers again from that record on.
    ///
    /// Lambda Developer Guide, “Configuring partial batch response with Kinesis Data Streams and Lambda”.
    Stream,
    /// Messages of a queue. Each message that is not done is reported in `batchItemFailures` by its id; the others are
    /// deleted. Within a lane (a message group) nothing is handled after a failure.
    ///
    /// Lambda Developer Guide, “Implementing partial batch responses” of “Using Lambda with Amazon SQS”.
    Queue,
    /// Ordered records of a topic's partitions, with a list for each partition. The first failure ends its partition.
    /// `batchItemFailures` names every record that is not done by partition and offset: the failed record and all
    /// behind it.
    ///
    /// Lambda Developer Guide, “Configuring error handling controls for Kafka event sources”, which says that only the
    /// records named as failed are delivered again.
    Partitions,
    /// Records to transform, each answered by its `recordId`: `Ok` with the handler's reply (which must serialize to
    /// the result's object without `recordId`), `Dropped` if it was rejected, `ProcessingFailed` otherwise. Nothing is
    /// delivered again: the source stores failed records separately.
    ///
    /// Amazon Data Firehose Developer Guide, “Required parameters for data transformation”.
    Transformation,
    /// Unordered records without partial answers: asynchronous invocations, and Amazon MQ. All of them are handled. If any
    /// failed, the invocation fails and names them, so that all are delivered again.
    ///
    /// Lambda Developer Guide, “How Lambda handles errors and retries with asynchronous invocation”.
    Notification,
    /// Ordered records without partial answers. The first failure ends the batch and fails the invocation, and the source
    /// delivers the whole batch again.
    ///
    /// Lambda Developer Guide, “Using Lambda with Amazon DocumentDB”.
    Ordered,
    /// The payload is one event. The handler's reply is the answer; a failure fails the invocation.
    Whole,
}

/// What caused an invocation, after `faas.trigger` of OpenTelemetry's conventions, with the data for its spans.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "otel"),
    expect(dead_code, reason = "only traces read what is inside")
)]
pub(crate) enum Trigger {
    /// A request, whose sender waits for the response.
    Http(HttpPaths),
    /// Messages, through the system of this name.
    Pubsub {
        system: &'static str,
        messages: Messages,
    },
    /// Changes of data, with the paths in a record, if there are records.
    Datasource(Option<RecordPaths>),
    /// Anything else.
    Other,
}

impl Trigger {
    pub(in crate::source) const fn is_http(self) -> bool {
        matches!(self, Self::Http(_))
    }

    pub(in crate::source) const fn proxy(self) -> Option<Proxy> {
        match self {
            Self::Http(http) => http.proxy,
            Self::Pubsub { .. } | Self::Datasource(_) | Self::Other => None,
        }
    }
}

/// A source of HTTP requests.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "otel"),
    expect(dead_code, reason = "only traces read the request's paths")
)]
pub(crate) struct HttpPaths {
    /// How requests are read and answered; `None` if the router does not serve them.
    pub(crate) proxy: Option<Proxy>,
    /// Where a request's attributes are.
    pub(crate) request: RequestPaths,
}

/// JSON paths of a request's attributes. A header field may be in two places, and both are listed.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "only traces read it"))]
pub(crate) struct RequestPaths {
    pub(crate) method: Option<&'static str>,
    pub(crate) path: Option<&'static str>,
    /// The template that the path matched.
    pub(crate) route: Option<&'static str>,
    pub(crate) host: Option<&'static str>,
    /// `traceparent` as one value, and in a list of values.
    pub(crate) traceparent: [Option<&'static str>; 2],
}

/// How a request is read and answered.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "http"),
    expect(dead_code, reason = "only `Router::http` reads requests")
)]
pub(crate) struct Proxy {
    pub(crate) form: RequestForm,
    pub(crate) reply: ReplyForm,
    /// The largest reply that reaches the client, in bytes.
    pub(crate) max_reply: usize,
    /// How it is declared to pass on replies as they are written, if it can.
    pub(crate) streams_as: Option<&'static str>,
}

/// The shape of a proxy event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RequestForm {
    /// Payload format 1.0: of REST APIs, and of HTTP APIs that are set to it.
    Rest,
    /// Payload format 2.0, with a decoded path.
    HttpApi,
    /// Payload format 2.0, with the path as it was sent.
    FunctionUrl,
    /// A message, or the beginning or the end of a connection.
    Websocket,
    /// The format of a load balancer.
    LoadBalancer,
}

/// The shape of the reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ReplyForm {
    /// Each header with a list of values.
    MultiValue,
    /// Headers in the form of the request, with one value or with several, and a description of the status.
    LoadBalancer,
    /// Each header with one value, and a list of cookies.
    Cookies,
}

/// The largest reply that Lambda returns, in bytes.
pub(crate) const MAX_REPLY: usize = 6 * 1024 * 1024;

/// How messages are delivered.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "only traces read it"))]
pub(crate) enum Messages {
    /// Several messages, in records.
    Records(RecordPaths),
    /// One message, which is the payload.
    Event {
        /// The JSON path of its id.
        id: &'static str,
        /// Paths and values that identify the events of a schedule.
        schedule: &'static [(&'static str, &'static str)],
    },
}

/// JSON paths in a record of the data for its span.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "only traces read it"))]
pub(crate) struct RecordPaths {
    /// The queue, topic, stream, table or bucket: its name, or its ARN.
    pub(crate) destination: Option<&'static str>,
    /// Trace contexts from the sender.
    pub(crate) contexts: [Option<&'static str>; 2],
    /// What was done to the document.
    pub(crate) operation: Option<&'static str>,
    pub(crate) document: Option<&'static str>,
}

/// Where a payload of one source may contain an event of another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Embedded {
    /// Nowhere that is known.
    Nothing,
    /// In a record's text at this JSON path.
    Text(&'static str),
    /// In the event's `detail`, if its `source` is this one.
    Detail(&'static str),
    /// In the text that a durable execution was started with: [`event::durable`](crate::event::durable) finds it.
    Input,
}

/// A service that invokes functions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Invoker {
    /// The principal of permissions, such as `s3.amazonaws.com`.
    pub principal: &'static str,
    /// Whether Lambda queues the event and answers at once, so that only Lambda learns of a failure.
    pub asynchronous: bool,
}

impl Invoker {
    pub(super) const fn asynchronous(principal: &'static str) -> Option<Self> {
        Some(Self {
            principal,
            asynchronous: true,
        })
    }

    pub(super) const fn synchronous(principal: &'static str) -> Option<Self> {
        Some(Self {
            principal,
            asynchronous: false,
        })
    }
}
