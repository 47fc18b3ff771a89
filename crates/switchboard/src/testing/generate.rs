//! An event of any source, with a given body and a given number of records: what `cargo switchboard event` prints.

use super::event::{Compose, TestEvent, put};
use super::origin::Number;
use super::samples::{body_place, has_sample, sample_json};
use super::{
    ActiveMq, AppSync, Cognito, Durable, DynamodbStream, EventBridge, Firehose, Http, Kafka, Kinesis, Logs,
    RabbitMq, S3, S3Batch, Ses, Sns, Sqs, WebSocket,
};
use crate::source::Source;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt;

/// What records hold unless something is given.
const BODY: &str = r#"{"id":"order-1001","status":"PLACED","cents":24900}"#;

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
    /// Events of this source have one record, or none.
    OneRecord(Source),
    /// An event has at least one record.
    NoRecords,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvents(source) => write!(f, "{source} is not a source of events"),
            Self::NoBody(source) => write!(f, "an event of {source} has no place for a body"),
            Self::Body(source, expected) => {
                write!(f, "the body of an event of {source} has to be {expected}")
            }
            Self::OneRecord(source) => {
                write!(f, "{source} sends one at a time: an event cannot have several")
            }
            Self::NoRecords => f.write_str("an event has at least one record"),
        }
    }
}

impl std::error::Error for GenerateError {}

/// An event of a source, complete as AWS sends it, with `count` records that contain this body.
///
/// Where the source carries text or bytes, the body is any text. Where it carries JSON (the detail of EventBridge, an
/// item of DynamoDB, the arguments of AppSync), it has to be that.
///
/// # Errors
///
/// The source has no place for a body, the body does not fit into it, or the source does not send several records.
///
/// # Example
///
/// ```
/// use switchboard::aws_lambda_events::event::sqs::SqsEvent;
/// use switchboard::source::Source;
/// use switchboard::testing;
///
/// let event = testing::generate(Source::Sqs, Some("hello"), 3)?;
/// let batch: SqsEvent = serde_json::from_str(&event.to_json())?;
/// assert_eq!(batch.records.len(), 3);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn generate(source: Source, body: Option<&str>, count: usize) -> Result<TestEvent, GenerateError> {
    let maker = maker(source).ok_or(GenerateError::NoEvents(source))?;
    let request = EventRequest { source, body, count };
    let json = match maker {
        _ if count == 0 => return Err(GenerateError::NoRecords),
        EventMaker::Batch(make) => make(&request)?,
        EventMaker::Single(_) if count > 1 => return Err(GenerateError::OneRecord(source)),
        EventMaker::Single(make) => make(&request)?,
    };
    Ok(TestEvent::of(&json))
}

/// Every source that [`generate`] makes events of.
pub fn sources() -> impl Iterator<Item = Source> {
    let all = Source::ALL.iter().copied();
    all.filter(|source| maker(*source).is_some())
}

/// How events of a source are made: as `MAKERS` says, or by its sample.
fn maker(source: Source) -> Option<&'static EventMaker> {
    const SAMPLE: &EventMaker = &EventMaker::Single(sample);
    let mut makers = MAKERS.iter();
    let own = makers.find(|(other, _)| *other == source);
    own.map(|(_, maker)| maker)
        .or(has_sample(source).then_some(SAMPLE))
}

/// How events of a source are made.
enum EventMaker {
    /// With any number of records.
    Batch(MakeEvent),
    /// One at a time.
    Single(MakeEvent),
}

type MakeEvent = fn(&EventRequest<'_>) -> Result<Value, GenerateError>;

/// What an event is to contain.
struct EventRequest<'o> {
    source: Source,
    body: Option<&'o str>,
    count: usize,
}

impl EventRequest<'_> {
    fn text(&self) -> &str {
        self.body.unwrap_or(BODY)
    }

    fn json(&self) -> Result<Value, GenerateError> {
        serde_json::from_str(self.text()).map_err(|_| GenerateError::Body(self.source, "JSON"))
    }

    fn object(&self) -> Result<Value, GenerateError> {
        let json = self.json().ok().filter(Value::is_object);
        json.ok_or(GenerateError::Body(self.source, "a JSON object"))
    }

    fn no_body(&self) -> Result<(), GenerateError> {
        match self.body {
            Some(_) => Err(GenerateError::NoBody(self.source)),
            None => Ok(()),
        }
    }

    /// As many of these as there are records.
    fn each<E>(&self, one: impl FnMut(usize) -> E) -> impl Iterator<Item = E> {
        (0..self.count).map(one)
    }
}

/// The sources whose events are not just a sample.
static MAKERS: &[(Source, EventMaker)] = &[
    (Source::S3, EventMaker::Batch(s3)),
    (Source::S3Test, EventMaker::Single(s3_test)),
    (Source::S3Batch, EventMaker::Batch(s3_batch)),
    (
        Source::ApiGatewayRest,
        EventMaker::Single(|request| Ok(http(request).rest().compose())),
    ),
    (
        Source::ApiGatewayHttp,
        EventMaker::Single(|request| Ok(http(request).compose())),
    ),
    (
        Source::ApiGatewayWebsocket,
        EventMaker::Single(|request| Ok(WebSocket::text(request.text()).compose())),
    ),
    (
        Source::FunctionUrl,
        EventMaker::Single(|request| Ok(http(request).function_url().compose())),
    ),
    (
        Source::Alb,
        EventMaker::Single(|request| Ok(http(request).alb().compose())),
    ),
    (
        Source::VpcLatticeV1,
        EventMaker::Single(|request| Ok(http(request).lattice_v1().compose())),
    ),
    (
        Source::VpcLatticeV2,
        EventMaker::Single(|request| Ok(http(request).lattice().compose())),
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
        EventMaker::Single(|request| Ok(Sns::text(request.text()).compose())),
    ),
    (Source::Ses, EventMaker::Single(ses)),
    (Source::Kafka, EventMaker::Batch(kafka)),
    (Source::Activemq, EventMaker::Batch(activemq)),
    (Source::Rabbitmq, EventMaker::Batch(rabbitmq)),
    (Source::Documentdb, EventMaker::Batch(documentdb)),
    (Source::Cognito, EventMaker::Single(cognito)),
    (
        Source::Durable,
        EventMaker::Single(|request| Ok(Durable::execution(request.text()).compose())),
    ),
    (Source::AppsyncResolver, EventMaker::Single(appsync_resolver)),
    (Source::AppsyncBatch, EventMaker::Batch(appsync_batch)),
];

fn s3(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(S3::batch(request.each(|at| S3::put("uploads", &key(at)))).compose())
}

fn s3_test(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(S3::test_event("uploads").compose())
}

fn s3_batch(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    Ok(S3Batch::batch(request.each(|at| S3Batch::task("uploads", &key(at)))).compose())
}

/// An object's key.
fn key(at: usize) -> String {
    format!("invoices/inv-{:04}.pdf", at + 1)
}

/// With a body, an order is placed.
fn http(request: &EventRequest<'_>) -> Http {
    match request.body {
        None => Http::get("/orders?limit=5"),
        Some(body) if serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok() => Http::post("/orders")
            .header("content-type", "application/json")
            .body(body),
        Some(body) => Http::post("/orders")
            .header("content-type", "text/plain")
            .body(body),
    }
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
    Ok(DynamodbStream::batch(
        request.each(|_| DynamodbStream::insert("orders", &keys, &item)),
    ))
}

fn kinesis(request: &EventRequest<'_>) -> Kinesis {
    Kinesis::batch(request.each(|at| Kinesis::bytes(&format!("key-{}", at + 1), request.text())))
}

fn firehose(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(Firehose::batch(request.each(|_| Firehose::bytes(request.text()))).compose())
}

fn kinesis_analytics(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(repeated(request, "/records", |record, number| {
        put(record, "/data", STANDARD.encode(request.text()).into());
        let id = number.sequence("49667338271490256608559", 56);
        put(record, "/recordId", id.clone().into());
        put(record, "/kinesisStreamRecordMetadata/sequenceNumber", id.into());
    }))
}

fn cloudwatch_events(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(EventBridge::event("shop.orders", "Order Placed", &request.json()?).compose())
}

fn cloudwatch_logs(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(Logs::lines("/aws/lambda/orders", request.each(|_| request.text())).compose())
}

fn sqs(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(Sqs::batch(request.each(|_| Sqs::text(request.text()))).compose())
}

fn ses(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    request.no_body()?;
    let mail = Ses::mail("jane@example.com", "returns@example.org");
    Ok(mail.subject("Return of order 1001").compose())
}

fn kafka(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(Kafka::batch(request.each(|_| Kafka::bytes("orders", 0, request.text()))).compose())
}

fn activemq(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(ActiveMq::batch(request.each(|_| ActiveMq::text("orders", request.text()))).compose())
}

fn rabbitmq(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    Ok(RabbitMq::batch(request.each(|_| RabbitMq::bytes("orders", request.text()))).compose())
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
    Ok(Cognito::trigger("PostConfirmation_ConfirmSignUp").compose())
}

fn appsync_resolver(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let arguments = request
        .body
        .map_or_else(|| Ok(json!({"id": "1001"})), |_| request.object())?;
    Ok(AppSync::field("Query", "order").arguments(&arguments).compose())
}

fn appsync_batch(request: &EventRequest<'_>) -> Result<Value, GenerateError> {
    let source = request.json()?;
    let field = |_| AppSync::field("Order", "parcels").source(&source);
    Ok(AppSync::batch(request.each(field)).compose())
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
