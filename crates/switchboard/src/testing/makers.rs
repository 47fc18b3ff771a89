//! How an event of each source is made.

use super::event::{Compose, put};
use super::origin::Number;
use super::request::{EventPart, EventRequest, GenerateError};
use super::samples::{body_place, has_sample, sample_json};
use super::{
    ActiveMq, AppSync, Cognito, Durable, DynamodbStream, EventBridge, Firehose, Http, Kafka, Kinesis, Logs,
    RabbitMq, S3, S3Batch, Ses, Sns, Sqs, WebSocket,
};
use crate::source::Source;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How events of a source are made: as `MAKERS` says, or by its sample.
pub(super) fn maker(source: Source) -> Option<&'static EventMaker> {
    const SAMPLE: &EventMaker = &EventMaker::Single(sample);
    let mut makers = MAKERS.iter();
    let own = makers.find(|(other, _)| *other == source);
    own.map(|(_, maker)| maker)
        .or(has_sample(source).then_some(SAMPLE))
}

/// How events of a source are made.
pub(super) enum EventMaker {
    /// With any number of records.
    Batch(MakeEvent),
    /// One at a time.
    Single(MakeEvent),
}

type MakeEvent = fn(&EventRequest<'_>) -> Result<Value, GenerateError>;

/// The sources whose events are not just a sample.
static MAKERS: &[(Source, EventMaker)] = &[
    (Source::S3, EventMaker::Batch(s3)),
    (Source::S3Test, EventMaker::Single(s3_test)),
    (Source::S3Batch, EventMaker::Batch(s3_batch)),
    (
        Source::ApiGatewayRest,
        EventMaker::Single(|request| Ok(http(request)?.rest().compose())),
    ),
    (
        Source::ApiGatewayHttp,
        EventMaker::Single(|request| Ok(http(request)?.compose())),
    ),
    (Source::ApiGatewayWebsocket, EventMaker::Single(websocket)),
    (
        Source::FunctionUrl,
        EventMaker::Single(|request| Ok(http(request)?.function_url().compose())),
    ),
    (
        Source::Alb,
        EventMaker::Single(|request| Ok(http(request)?.alb().compose())),
    ),
    (
        Source::VpcLatticeV1,
        EventMaker::Single(|request| Ok(http(request)?.lattice_v1().compose())),
    ),
    (
        Source::VpcLatticeV2,
        EventMaker::Single(|request| Ok(http(request)?.lattice().compose())),
    ),
    (
        Source::Dynamodb,
        EventMaker::Batch(|request| Ok(dynamodb(request)?.compose())),
    ),
    (
        Source::DynamodbWindow,
        EventMaker::Batch(|request| Ok(dynamodb(request)?.window(&json!({})).compose())),
    ),
    (
        Source::Kinesis,
        EventMaker::Batch(|request| Ok(kinesis(request).compose())),
    ),
    (
        Source::KinesisWindow,
        EventMaker::Batch(|request| Ok(kinesis(request).window(&json!({})).compose())),
    ),
    (Source::KinesisFirehose, EventMaker::Batch(firehose)),
    (Source::KinesisAnalytics, EventMaker::Batch(kinesis_analytics)),
    (Source::CloudwatchEvents, EventMaker::Single(cloudwatch_events)),
    (Source::CloudwatchLogs, EventMaker::Batch(cloudwatch_logs)),
    (Source::Sqs, EventMaker::Batch(sqs)),
    (
        Source::Sns,
        EventMaker::Single(|request| Ok(sns(request)?.compose())),
    ),
    (Source::Ses, EventMaker::Single(ses)),
    (Source::Kafka, EventMaker::Batch(kafka)),
    (Source::Activemq, EventMaker::Batch(activemq)),
    (Source::Rabbitmq, EventMaker::Batch(rabbitmq)),
    (Source::Documentdb, EventMaker::Batch(documentdb)),
    (Source::Cognito, EventMaker::Single(cognito)),
    (
        Source::Durable,
        EventMaker::Single(|request| Ok(Durable::execution(request.text()?).compose())),
    ),
    (Source::AppsyncResolver, EventMaker::Single(appsync_resolver)),
    (Source::AppsyncBatch, EventMaker::Batch(appsync_batch)),
];

fn s3(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(
        S3::batch(request.each(|at| S3::put(request.part(EventPart::Bucket, "uploads"), &key(request, at))))
            .compose(),
    )
}

fn s3_test(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(S3::test_event(request.part(EventPart::Bucket, "uploads")).compose())
}

fn s3_batch(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(S3Batch::batch(
        request.each(|at| S3Batch::task(request.part(EventPart::Bucket, "uploads"), &key(request, at))),
    )
    .compose())
}

/// An object's key.
fn key(request: &EventRequest<'_>, at: usize) -> String {
    let key = request.given(EventPart::Key).map(str::to_owned);
    key.unwrap_or_else(|| format!("invoices/inv-{:04}.pdf", at + 1))
}

/// With a body, an order is placed.
fn http(request: &EventRequest<'_>) -> Result<Http, GenerateError> {
    let usual = match request.body {
        None => "GET /orders?limit=5",
        Some(_) => "POST /orders",
    };
    let line = request.part(EventPart::Request, usual);
    let parts = line.split_once(' ').filter(|(_, path)| path.starts_with('/'));
    let (method, path) = parts.ok_or(GenerateError::Part(
        EventPart::Request,
        "a method and a path, such as POST /orders",
    ))?;
    let http = Http::request(method, path);
    let Some(body) = request.body else {
        return Ok(http);
    };
    Ok(match std::str::from_utf8(body) {
        Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            http.header("content-type", "application/json").body(text)
        }
        Ok(text) => http.header("content-type", "text/plain").body(text),
        Err(_) => http
            .header("content-type", "application/octet-stream")
            .bytes(body),
    })
}

fn websocket(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let message = WebSocket::text(request.text()?);
    let message = match request.given(EventPart::RouteKey) {
        Some(key) => message.route_key(key),
        None => message,
    };
    Ok(message.compose())
}

/// Inserts of the body. Its keys are `pk` and `sk` where it has them, or `id`, or its first member.
fn dynamodb(request: &EventRequest<'_>) -> Result<DynamodbStream, GenerateError> {
    let item = request.object()?;
    let given = |name: &&str| item.get(name).is_some();
    let mut keys: Vec<&str> = ["pk", "sk"].into_iter().filter(given).collect();
    if keys.is_empty() {
        let first = item.as_object().and_then(|item| item.keys().next());
        let id = Some("id").filter(given).or(first.map(String::as_str));
        keys.extend(id);
    }
    let keys: Value = keys
        .into_iter()
        .map(|name| (name.to_owned(), item[name].clone()))
        .collect();
    Ok(DynamodbStream::batch(request.each(|_| {
        DynamodbStream::insert(request.part(EventPart::Table, "orders"), &keys, &item)
    })))
}

fn kinesis(request: &EventRequest<'_>) -> Kinesis {
    let records = request.each(|at| {
        let key = request.given(EventPart::PartitionKey).map(str::to_owned);
        Kinesis::bytes(&key.unwrap_or_else(|| format!("key-{}", at + 1)), request.bytes())
    });
    let records = Kinesis::batch(records);
    match request.given(EventPart::Stream) {
        Some(stream) => records.stream(stream),
        None => records,
    }
}

fn firehose(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(Firehose::batch(request.each(|_| Firehose::bytes(request.bytes()))).compose())
}

fn kinesis_analytics(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(repeated(request, "/records", |record, number| {
        put(record, "/data", STANDARD.encode(request.bytes()).into());
        let id = number.sequence("49667338271490256608559", 56);
        put(record, "/recordId", id.clone().into());
        put(record, "/kinesisStreamRecordMetadata/sequenceNumber", id.into());
    }))
}

fn cloudwatch_events(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let source = request.part(EventPart::EventSource, "shop.orders");
    let detail_type = request.part(EventPart::DetailType, "Order Placed");
    Ok(EventBridge::event(source, detail_type, &request.json()?).compose())
}

fn cloudwatch_logs(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let (group, line) = (
        request.part(EventPart::LogGroup, "/aws/lambda/orders"),
        request.text()?,
    );
    Ok(Logs::lines(group, request.each(|_| line)).compose())
}

fn sqs(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let text = request.text()?;
    let queue = request.given(EventPart::Queue);
    let messages = Sqs::batch(request.each(|_| Sqs::text(text))).queue(queue.unwrap_or("orders"));
    let messages = match request.given(EventPart::Group) {
        // A group of a standard queue only shares out its throughput.
        Some(group) if queue.is_some_and(|queue| !queue.ends_with(".fifo")) => messages.group(group),
        Some(group) => messages.fifo(group),
        // Every message of a FIFO queue has a group.
        None if queue.is_some_and(|queue| queue.ends_with(".fifo")) => messages.fifo("group-1"),
        None => messages,
    };
    Ok(messages.compose())
}

fn sns(request: &EventRequest<'_>) -> Result<Sns, GenerateError> {
    let notification = Sns::text(request.text()?);
    Ok(match request.given(EventPart::Topic) {
        Some(topic) => notification.topic(topic),
        None => notification,
    })
}

fn ses(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    let mail = Ses::mail("jane@example.com", "returns@example.org");
    Ok(mail.subject("Return of order 1001").compose())
}

fn kafka(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let topic = request.part(EventPart::Topic, "orders");
    let record = |_| {
        let record = Kafka::bytes(topic, 0, request.bytes());
        match request.given(EventPart::Key) {
            Some(key) => record.key(key),
            None => record,
        }
    };
    Ok(Kafka::batch(request.each(record)).compose())
}

fn activemq(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let (queue, text) = (request.part(EventPart::Queue, "orders"), request.text()?);
    Ok(ActiveMq::batch(request.each(|_| ActiveMq::text(queue, text))).compose())
}

fn rabbitmq(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let queue = request.part(EventPart::Queue, "orders");
    Ok(RabbitMq::batch(request.each(|_| RabbitMq::bytes(queue, request.bytes()))).compose())
}

fn documentdb(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let document = request.body.map(|_| request.object()).transpose()?;
    Ok(repeated(request, "/events", |record, number| {
        put(record, "/event/_id/_data", number.hex(38).into());
        let id = json!({"$oid": number.hex(24)});
        put(record, "/event/documentKey/_id", id.clone());
        if let Some(document) = &document {
            put(record, "/event/fullDocument", document.clone());
        }
        put(record, "/event/fullDocument/_id", id);
    }))
}

fn cognito(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(Cognito::trigger(request.part(EventPart::Trigger, "PostConfirmation_ConfirmSignUp")).compose())
}

fn appsync_resolver(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let arguments = request
        .body
        .map_or_else(|| Ok(json!({"id": "1001"})), |_| request.object())?;
    let (parent, field) = field(request, "Query.order")?;
    Ok(AppSync::field(parent, field).arguments(&arguments).compose())
}

fn appsync_batch(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let source = request.json()?;
    let (parent, field) = field(request, "Order.parcels")?;
    let request_of_field = |_| AppSync::field(parent, field).source(&source);
    Ok(AppSync::batch(request.each(request_of_field)).compose())
}

/// A field of GraphQL and the type that has it.
fn field<'r>(request: &'r EventRequest<'_>, usual: &'r str) -> Result<(&'r str, &'r str), GenerateError> {
    let name = request.part(EventPart::Field, usual);
    let expected = "a type and its field, such as Query.order";
    name.split_once('.')
        .ok_or(GenerateError::Part(EventPart::Field, expected))
}

/// The sample, with its first record as often as requested.
fn repeated(request: &EventRequest<'_>, list: &str, renew: impl Fn(&mut Value, Number)) -> Value {
    let mut event = sample_json(request.source);
    let first = event.pointer(&format!("{list}/0")).cloned().unwrap_or_default();
    let record = |_| {
        let mut record = first.clone();
        renew(&mut record, Number::next());
        record
    };
    let records: Vec<_> = request.each(record).collect();
    put(&mut event, list, records.into());
    event
}

/// The sample, with the body in its place.
fn sample(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let mut sample = sample_json(request.source);
    if request.body.is_some() {
        let place = body_place(request.source).ok_or(GenerateError::NoBody(request.source))?;
        put(&mut sample, place, request.object()?);
    }
    Ok(sample)
}
