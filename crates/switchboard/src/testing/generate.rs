//! An event of any source, with a given body and a given number of records: what `cargo switchboard event` prints.

use super::event::{Compose, TestEvent, put};
use super::origin::Number;
use super::samples::{body_place, sample_json};
use super::{
    ActiveMq, AppSync, Cognito, DynamodbStream, EventBridge, Firehose, Http, Kafka, Kinesis, Logs, RabbitMq,
    S3, S3Batch, Ses, Sns, Sqs, WebSocket,
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

/// An event of a source, complete as AWS sends it, with this body in each of so many records.
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
    let mut rows = ROWS.iter();
    let (_, kind) = rows
        .find(|(other, _)| *other == source)
        .ok_or(GenerateError::NoEvents(source))?;
    let wanted = Wanted { source, body, count };
    let json = match kind {
        _ if count == 0 => return Err(GenerateError::NoRecords),
        Kind::Several(make) => make(&wanted)?,
        Kind::One(_) if count > 1 => return Err(GenerateError::OneRecord(source)),
        Kind::One(make) => make(&wanted)?,
    };
    Ok(TestEvent::of(&json))
}

/// Every source that [`generate`] makes events of.
pub fn sources() -> impl Iterator<Item = Source> {
    ROWS.iter().map(|(source, _)| *source)
}

/// How events of a source are made.
enum Kind {
    /// With any number of records.
    Several(Make),
    /// One at a time.
    One(Make),
}

type Make = fn(&Wanted<'_>) -> Result<Value, GenerateError>;

/// What is asked for.
struct Wanted<'o> {
    source: Source,
    body: Option<&'o str>,
    count: usize,
}

impl Wanted<'_> {
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

    fn nothing(&self) -> Result<(), GenerateError> {
        match self.body {
            Some(_) => Err(GenerateError::NoBody(self.source)),
            None => Ok(()),
        }
    }

    /// So many of these.
    fn each<E>(&self, one: impl FnMut(usize) -> E) -> impl Iterator<Item = E> {
        (0..self.count).map(one)
    }
}

/// Each source, and how its events are made.
static ROWS: &[(Source, Kind)] = &[
    (Source::S3, Kind::Several(s3)),
    (Source::S3Test, Kind::One(s3_test)),
    (Source::S3Batch, Kind::Several(s3_batch)),
    (Source::S3ObjectLambda, Kind::One(sample)),
    (
        Source::ApiGatewayRest,
        Kind::One(|wanted| Ok(request(wanted).rest().compose())),
    ),
    (
        Source::ApiGatewayHttp,
        Kind::One(|wanted| Ok(request(wanted).compose())),
    ),
    (
        Source::ApiGatewayWebsocket,
        Kind::One(|wanted| Ok(WebSocket::text(wanted.text()).compose())),
    ),
    (Source::ApiGatewayAuthorizerToken, Kind::One(sample)),
    (Source::ApiGatewayAuthorizerRequest, Kind::One(sample)),
    (Source::ApiGatewayAuthorizerHttp, Kind::One(sample)),
    (Source::ApiGatewayAuthorizerWebsocket, Kind::One(sample)),
    (
        Source::FunctionUrl,
        Kind::One(|wanted| Ok(request(wanted).function_url().compose())),
    ),
    (
        Source::Alb,
        Kind::One(|wanted| Ok(request(wanted).alb().compose())),
    ),
    (
        Source::VpcLatticeV1,
        Kind::One(|wanted| Ok(request(wanted).lattice_v1().compose())),
    ),
    (
        Source::VpcLatticeV2,
        Kind::One(|wanted| Ok(request(wanted).lattice().compose())),
    ),
    (
        Source::Dynamodb,
        Kind::Several(|wanted| Ok(dynamodb(wanted)?.compose())),
    ),
    (
        Source::DynamodbWindow,
        Kind::Several(|wanted| Ok(dynamodb(wanted)?.window(&json!({})).compose())),
    ),
    (
        Source::Kinesis,
        Kind::Several(|wanted| Ok(kinesis(wanted).compose())),
    ),
    (
        Source::KinesisWindow,
        Kind::Several(|wanted| Ok(kinesis(wanted).window(&json!({})).compose())),
    ),
    (Source::KinesisFirehose, Kind::Several(firehose)),
    (Source::KinesisAnalytics, Kind::Several(kinesis_analytics)),
    (Source::CloudwatchEvents, Kind::One(cloudwatch_events)),
    (Source::CloudwatchLogs, Kind::Several(cloudwatch_logs)),
    (Source::CloudwatchAlarm, Kind::One(sample)),
    (Source::Sqs, Kind::Several(sqs)),
    (
        Source::Sns,
        Kind::One(|wanted| Ok(Sns::text(wanted.text()).compose())),
    ),
    (Source::Ses, Kind::One(ses)),
    (Source::Kafka, Kind::Several(kafka)),
    (Source::Activemq, Kind::Several(activemq)),
    (Source::Rabbitmq, Kind::Several(rabbitmq)),
    (Source::Documentdb, Kind::Several(documentdb)),
    (Source::Cognito, Kind::One(cognito)),
    (Source::CognitoSync, Kind::One(sample)),
    (Source::Cloudfront, Kind::One(sample)),
    (Source::Cloudformation, Kind::One(sample)),
    (Source::Codecommit, Kind::One(sample)),
    (Source::Codepipeline, Kind::One(sample)),
    (Source::Codedeploy, Kind::One(sample)),
    (Source::Config, Kind::One(sample)),
    (Source::LexV1, Kind::One(sample)),
    (Source::LexV2, Kind::One(sample)),
    (Source::Connect, Kind::One(sample)),
    (Source::IotButton, Kind::One(sample)),
    (Source::IotCustomAuth, Kind::One(sample)),
    (Source::AppsyncResolver, Kind::One(appsync_resolver)),
    (Source::AppsyncBatch, Kind::Several(appsync_batch)),
    (Source::AppsyncAuthorizer, Kind::One(sample)),
    (Source::AppsyncEvents, Kind::One(sample)),
    (Source::BedrockAgent, Kind::One(sample)),
    (Source::Alexa, Kind::One(sample)),
    (Source::SecretsmanagerRotation, Kind::One(sample)),
    (Source::TransferFamily, Kind::One(sample)),
    (Source::LambdaDestination, Kind::One(sample)),
    (Source::LambdaDestinationKinesis, Kind::One(sample)),
    (Source::LambdaDestinationDynamodb, Kind::One(sample)),
    (Source::LambdaDestinationKafka, Kind::One(sample)),
];

type Made = Result<Value, GenerateError>;

fn s3(wanted: &Wanted<'_>) -> Made {
    wanted.nothing()?;
    Ok(S3::batch(wanted.each(|at| S3::put("uploads", &key(at)))).compose())
}

fn s3_test(wanted: &Wanted<'_>) -> Made {
    wanted.nothing()?;
    Ok(S3::test_event("uploads").compose())
}

fn s3_batch(wanted: &Wanted<'_>) -> Made {
    wanted.nothing()?;
    Ok(S3Batch::batch(wanted.each(|at| S3Batch::task("uploads", &key(at)))).compose())
}

/// An object's key.
fn key(at: usize) -> String {
    format!("invoices/inv-{:04}.pdf", at + 1)
}

/// With a body, an order is placed.
fn request(wanted: &Wanted<'_>) -> Http {
    match wanted.body {
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
fn dynamodb(wanted: &Wanted<'_>) -> Result<DynamodbStream, GenerateError> {
    let item = wanted.object()?;
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
        wanted.each(|_| DynamodbStream::insert("orders", &keys, &item)),
    ))
}

fn kinesis(wanted: &Wanted<'_>) -> Kinesis {
    Kinesis::batch(wanted.each(|at| Kinesis::bytes(&format!("key-{}", at + 1), wanted.text())))
}

fn firehose(wanted: &Wanted<'_>) -> Made {
    Ok(Firehose::batch(wanted.each(|_| Firehose::bytes(wanted.text()))).compose())
}

fn kinesis_analytics(wanted: &Wanted<'_>) -> Made {
    Ok(repeated(wanted, "/records", |record, number| {
        put(record, "/data", STANDARD.encode(wanted.text()).into());
        let id = number.sequence("49667338271490256608559", 56);
        put(record, "/recordId", id.clone().into());
        put(record, "/kinesisStreamRecordMetadata/sequenceNumber", id.into());
    }))
}

fn cloudwatch_events(wanted: &Wanted<'_>) -> Made {
    Ok(EventBridge::event("shop.orders", "Order Placed", &wanted.json()?).compose())
}

fn cloudwatch_logs(wanted: &Wanted<'_>) -> Made {
    Ok(Logs::lines("/aws/lambda/orders", wanted.each(|_| wanted.text())).compose())
}

fn sqs(wanted: &Wanted<'_>) -> Made {
    Ok(Sqs::batch(wanted.each(|_| Sqs::text(wanted.text()))).compose())
}

fn ses(wanted: &Wanted<'_>) -> Made {
    wanted.nothing()?;
    let mail = Ses::mail("jane@example.com", "returns@example.org");
    Ok(mail.subject("Return of order 1001").compose())
}

fn kafka(wanted: &Wanted<'_>) -> Made {
    Ok(Kafka::batch(wanted.each(|_| Kafka::bytes("orders", 0, wanted.text()))).compose())
}

fn activemq(wanted: &Wanted<'_>) -> Made {
    Ok(ActiveMq::batch(wanted.each(|_| ActiveMq::text("orders", wanted.text()))).compose())
}

fn rabbitmq(wanted: &Wanted<'_>) -> Made {
    Ok(RabbitMq::batch(wanted.each(|_| RabbitMq::bytes("orders", wanted.text()))).compose())
}

fn documentdb(wanted: &Wanted<'_>) -> Made {
    let document = wanted.body.map(|_| wanted.object()).transpose()?;
    Ok(repeated(wanted, "/events", |record, number| {
        put(record, "/event/_id/_data", number.hex(38).into());
        let id = json!({"$oid": number.hex(24)});
        put(record, "/event/documentKey/_id", id.clone());
        if let Some(document) = &document {
            put(record, "/event/fullDocument", document.clone());
        }
        put(record, "/event/fullDocument/_id", id);
    }))
}

fn cognito(wanted: &Wanted<'_>) -> Made {
    wanted.nothing()?;
    Ok(Cognito::trigger("PostConfirmation_ConfirmSignUp").compose())
}

fn appsync_resolver(wanted: &Wanted<'_>) -> Made {
    let arguments = wanted
        .body
        .map_or_else(|| Ok(json!({"id": "1001"})), |_| wanted.object())?;
    Ok(AppSync::field("Query", "order").arguments(&arguments).compose())
}

fn appsync_batch(wanted: &Wanted<'_>) -> Made {
    let source = wanted.json()?;
    let field = |_| AppSync::field("Order", "parcels").source(&source);
    Ok(AppSync::batch(wanted.each(field)).compose())
}

/// The sample, with its first record as often as wanted.
fn repeated(wanted: &Wanted<'_>, list: &str, renew: impl Fn(&mut Value, Number)) -> Value {
    let mut event = sample_json(wanted.source);
    let first = event.pointer(&format!("{list}/0")).cloned().unwrap_or_default();
    let record = |_| {
        let mut record = first.clone();
        renew(&mut record, Number::next());
        record
    };
    let records: Vec<_> = wanted.each(record).collect();
    put(&mut event, list, records.into());
    event
}

/// The sources without a builder.
fn sample(wanted: &Wanted<'_>) -> Made {
    let mut sample = sample_json(wanted.source);
    if wanted.body.is_some() {
        let place = body_place(wanted.source).ok_or(GenerateError::NoBody(wanted.source))?;
        put(&mut sample, place, wanted.object()?);
    }
    Ok(sample)
}
